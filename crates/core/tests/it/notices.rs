//! Notifications as they should stand.

use jiff::SignedDuration;
use sandglass_core::event::Intent;
use sandglass_core::session::Found;
use sandglass_core::views::Views;
use sandglass_core::views::notice::{Notice, Stage};

use crate::world::*;

fn the_notice(world: &World) -> Notice {
    let notices = world.notices();
    assert_eq!(notices.len(), 1, "{notices:?}");
    notices[0].clone()
}

#[test]
fn a_session_is_told_of_twice_before_its_end_and_once_after_in_one_place() {
    let mut world = World::new([(mfa_role("prod-admin", "alice"), ends("11:00"))]);
    assert_eq!(world.notices(), []);
    let mut told = Vec::new();
    for time in ["10:45", "10:55", "11:00", "11:10"] {
        world.until(time);
        let notice = the_notice(&world);
        assert_eq!(notice.id.0, "role:prod-admin");
        assert_eq!(notice.sessions, [id("role:prod-admin")]);
        told.push(format!(
            "{time} {:?}: {}: {}",
            notice.stage, notice.title, notice.body
        ));
    }
    insta::assert_snapshot!(told.join("\n"), @r#"
    10:45 First: prod-admin ends in 15 min: prod-admin-role in 123456789012, at 11:00. Needs a code from your MFA device alice.
    10:55 Last: prod-admin ends in 5 min: prod-admin-role in 123456789012, at 11:00. Needs a code from your MFA device alice.
    11:00 Ended: prod-admin has ended: prod-admin-role in 123456789012, at 11:00. Needs a code from your MFA device alice.
    11:10 Ended: prod-admin has ended: prod-admin-role in 123456789012, at 11:00. Needs a code from your MFA device alice.
    "#);
}

#[test]
fn what_changes_by_time_alone_is_known_beforehand() {
    let mut world = World::new([(mfa_role("prod-admin", "alice"), ends("11:00"))]);
    let mut stages = Vec::new();
    while world.now < at("11:01") {
        let next = sandglass_core::views::next_change(&world.engine, world.now)
            .into_iter()
            .chain(world.engine.poll_timeout())
            .min()
            .unwrap();
        let before = without_bars(&world);
        world.jump(world.now.max(next - SignedDuration::from_millis(2)));
        assert_eq!(without_bars(&world), before, "it changed before {next}");
        world.jump(next);
        stages.extend(world.notices().iter().map(|notice| notice.stage));
        stages.dedup();
    }
    assert_eq!(stages, [Stage::First, Stage::Last, Stage::Ended]);
}

fn without_bars(world: &World) -> Views {
    let mut views = world.views();
    for row in &mut views.panel.rows {
        row.left_permille = None;
    }
    views
}

#[test]
fn sessions_that_end_together_share_a_notice() {
    let mut world = World::new([
        (mfa_role("a", "alice"), ends("11:00")),
        (mfa_role("b", "alice"), ends("11:01")),
        (mfa_session(), ends("11:30")),
    ]);
    world.until("10:50");
    let notice = the_notice(&world);
    assert_eq!(notice.sessions, [id("role:a"), id("role:b")]);
    assert_eq!(notice.title, "2 sessions end soon");
    assert_eq!(
        notice.body,
        "a ends in 10 min (11:00)\nb ends in 11 min (11:01)"
    );
    world.until("11:20");
    let notices = world.notices();
    assert_eq!(
        notices.len(),
        2,
        "what has ended is told apart from what ends soon"
    );
    assert_eq!(notices[0].title, "2 sessions ended");
}

#[test]
fn what_needs_nobody_is_not_told() {
    let mut world = World::new([
        (role("deploy"), ends("11:00")),
        (sign_in("acme"), refreshable("11:00")),
        (sso_role("dev", "acme"), ends("11:00")),
    ]);
    world.until("12:00");
    assert_eq!(world.notices(), []);
}

#[test]
fn what_was_over_before_sandglass_saw_it_alive_is_not_told() {
    let mut world = World::new([(mfa_session(), ends("09:00"))]);
    assert_eq!(world.notices(), []);
    world.write([(mfa_session(), ends("10:10"))]);
    world.until("10:20");
    assert_eq!(the_notice(&world).stage, Stage::Ended);
}

#[test]
fn a_renewal_withdraws_the_notice_and_says_so_for_eight_seconds() {
    let mut world = World::new([(mfa_session(), ends("10:10"))]);
    the_notice(&world);
    world.click("session-token:mfa");
    assert_eq!(world.notices(), []);
    world.enter_code();
    world.renewed("session-token:mfa", ends("11:00"));
    let done = the_notice(&world);
    assert_eq!(
        (done.stage, done.title.as_str()),
        (Stage::Done, "mfa renewed until 11:00")
    );
    assert_eq!(
        (done.id.0.as_str(), done.sessions),
        ("session-token:mfa", Vec::new())
    );
    world.until("10:00:08");
    assert_eq!(world.notices(), []);
}

#[test]
fn several_clicked_renewals_are_one_word_of_success() {
    let mut world = World::new([(role("a"), ends("10:10")), (role("b"), ends("10:10"))]);
    world.intend(Intent::RenewDue);
    world.renewed("role:a", ends("11:00"));
    world.renewed("role:b", ends("11:00"));
    assert_eq!(the_notice(&world).title, "2 sessions renewed");
}

#[test]
fn a_silent_renewal_says_nothing() {
    let mut world = World::new([(role("deploy"), ends("10:10"))]);
    world.agree_to_all();
    world.renewed("role:deploy", ends("11:00"));
    assert_eq!(world.notices(), []);
}

#[test]
fn a_snoozed_notice_comes_back() {
    let mut world = World::new([(mfa_session(), ends("11:00"))]);
    world.until("10:45");
    let sessions = the_notice(&world).sessions;
    world.intend(Intent::Snooze(sessions));
    assert_eq!(world.notices(), []);
    world.until("10:49:59");
    assert_eq!(world.notices(), []);
    world.until("10:50");
    assert_eq!(the_notice(&world).stage, Stage::First);
    world.intend(Intent::SnoozeAll);
    world.until("11:04");
    assert_eq!(world.notices(), []);
    world.until("11:05");
    assert_eq!(the_notice(&world).stage, Stage::Ended);
}

#[test]
fn a_postponed_prompt_holds_back_all_that_it_would_ask_for() {
    let mut world = World::new([
        (mfa_role("a", "alice"), ends("10:10")),
        (mfa_role("b", "alice"), ends("10:10")),
        (mfa_role("c", "bob"), ends("10:10")),
    ]);
    world.click("role:a");
    world.intend(Intent::PostponePrompt(world.prompt().id));
    assert_eq!(the_notice(&world).sessions, [id("role:c")]);
    world.until("10:15");
    assert_eq!(the_notice(&world).sessions.len(), 3);
}

#[test]
fn a_snooze_ends_with_the_renewal() {
    let mut world = World::new([(mfa_session(), ends("10:10"))]);
    world.intend(Intent::Snooze(vec![id("session-token:mfa")]));
    world.write([(mfa_session(), Found::Nothing)]);
    world.click("session-token:mfa");
    world.enter_code();
    world.renewed("session-token:mfa", ends("10:12"));
    world.until("10:00:08");
    assert_eq!(the_notice(&world).stage, Stage::First);
}

#[test]
fn a_guess_is_told_as_a_guess() {
    let mut world = World::new([(mfa_session(), estimated("10:10"))]);
    assert_eq!(the_notice(&world).title, "mfa ends in about 10 min");
    world.until("10:12");
    assert_eq!(the_notice(&world).title, "mfa has probably ended");
}
