//! Notifications as they should stand.

use jiff::SignedDuration;
use jiff::tz::TimeZone;
use sandglass_core::error::ErrorCode;
use sandglass_core::event::Intent;
use sandglass_core::lifetimes::End;
use sandglass_core::session::{Found, State};
use sandglass_core::views::Views;
use sandglass_core::views::notice::{Notice, Stage};
use sandglass_core::views::prompt::{PromptQuestion, SignInProgress};
use sandglass_core::views::tray::Icon;

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
        let next = sandglass_core::views::next_change(&world.engine, world.now, &TimeZone::UTC)
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

#[test]
fn a_portal_session_is_told_of_before_its_end_though_the_sign_in_renews_itself() {
    let mut world = World::new([
        (sign_in("my-sso"), refreshable_until("11:00", "10:40")),
        (sso_role("dev", "my-sso"), ends("11:00")),
    ]);
    world.agree_to_all();
    world.until("10:24:59");
    assert_eq!(world.notices(), []);
    world.until("10:28");
    let notice = the_notice(&world);
    assert_eq!(notice.stage, Stage::First);
    assert_eq!(notice.title, "my-sso ends in about 12 min");
    assert_eq!(
        notice.body,
        "The portal session ends at about 10:40; a sign-in starts a new one. Needs a sign-in at my-sso."
    );
    assert_eq!(notice.renewable, [id("sso-sign-in:my-sso")]);
    world.until("10:36");
    assert_eq!(the_notice(&world).stage, Stage::Last);
    world.intend(Intent::RenewEach(the_notice(&world).renewable));
    assert_eq!(world.notices(), [], "the prompt is there instead");
    let question = world.prompt_view().question;
    let PromptQuestion::SignIn { progress, .. } = question else {
        panic!("a code is asked");
    };
    let SignInProgress::Choosing { sentence, warning } = progress else {
        panic!("no choice: {progress:?}");
    };
    assert_eq!(
        sentence,
        "The portal session that is there ends at about 10:40, and a sign-in within it ends with it."
    );
    assert_eq!(
        warning,
        "Signing out first ends what other tools are signed in with at this portal, too. Role credentials that were \
         issued already live on."
    );
    world.intend(Intent::StartAfresh(world.prompt().id));
    world.issue_device_code("sso-sign-in:my-sso");
    world.renewed("sso-sign-in:my-sso", refreshable_until("11:36", "18:36"));
    assert_eq!(the_notice(&world).title, "my-sso renewed until 11:36");
    world.until("10:41");
    assert_eq!(world.notices(), []);
}

#[test]
fn a_choice_without_a_known_end_says_that_nobody_knows_it() {
    let mut world = World::new([(sign_in("my-sso"), ends("10:10"))]);
    world.click("sso-sign-in:my-sso");
    let PromptQuestion::SignIn {
        progress: SignInProgress::Choosing { sentence, .. },
        ..
    } = world.prompt_view().question
    else {
        panic!("no choice");
    };
    assert_eq!(
        sentence,
        "A portal session is there. AWS does not tell when it ends, and a sign-in within it ends with it."
    );
}

#[test]
fn a_portal_session_that_outlived_its_guess_is_no_news() {
    let mut world = World::new([(sign_in("my-sso"), refreshable_until("12:00", "10:40"))]);
    world.until("10:39");
    the_notice(&world);
    world.until("10:40");
    assert_eq!(world.notices(), []);
}

#[test]
fn a_silent_renewal_does_not_make_the_word_on_the_portal_session_flicker() {
    let mut world = World::new([(sign_in("my-sso"), refreshable_until("10:40", "10:40"))]);
    world.agree_to_all();
    world.until("10:26");
    let told = the_notice(&world);
    assert!(matches!(
        world.state("sso-sign-in:my-sso"),
        State::Renewing { .. }
    ));
    world.answer("sso-sign-in:my-sso", Err(ErrorCode::Unreachable));
    assert_eq!(the_notice(&world), told);
    world.until("10:26:30");
    world.answer("sso-sign-in:my-sso", Err(ErrorCode::SignInOver));
    let told = the_notice(&world);
    assert_eq!(
        told.title, "my-sso ends in 13 min",
        "now it is the token that ends"
    );
}

#[test]
fn a_chain_of_aws_login_is_told_of_before_its_end_with_what_begins_another() {
    let mut world = World::new([(console_login("admin"), refreshable_until("10:15", "10:10"))]);
    world.agree_to_all();
    let notice = the_notice(&world);
    assert_eq!(notice.title, "admin ends in about 10 min");
    assert_eq!(
        notice.body,
        "Its renewals come to their end at about 10:10. Run `aws login --profile admin`."
    );
    assert_eq!(notice.sessions, [id("console-login:admin")]);
    assert_eq!(notice.renewable, []);
}

#[test]
fn what_another_program_made_is_told_of_in_time_with_what_makes_it_anew() {
    let mut world = World::new([(foreign("guest", Some("saml2aws")), ends("11:00"))]);
    world.agree_to_all();
    world.until("10:45");
    let notice = the_notice(&world);
    assert_eq!(
        (notice.stage, notice.title.as_str()),
        (Stage::First, "guest ends in 15 min")
    );
    assert_eq!(
        notice.body,
        "Made by saml2aws, at 11:00. Run saml2aws again, which made it."
    );
    assert_eq!((notice.sessions.len(), notice.renewable), (1, Vec::new()));
    assert_eq!(world.views().tray.due, 0, "it is not Sandglass's to renew");
    world.until("11:00");
    assert_eq!(the_notice(&world).stage, Stage::Ended);
}

#[test]
fn the_role_of_a_machine_is_told_of_only_where_aws_did_not_renew_it() {
    let mut world = World::new([(instance_role("instance"), ends("11:00"))]);
    world.until("10:59");
    assert_eq!(world.notices(), []);
    world.write([(instance_role("instance"), ends("11:30"))]);
    world.until("11:30");
    let notice = the_notice(&world);
    assert_eq!((notice.stage, notice.renewable), (Stage::Ended, Vec::new()));
    assert_eq!(
        notice.body,
        "At 11:30. AWS has not renewed it: look whether the role is still attached."
    );
}

#[test]
fn keys_that_never_end_and_programs_that_programs_run_are_never_told_of() {
    let mut world = World::new([
        (long_lived_keys("old"), lasting("2020-01-01")),
        (process("vendor"), ends("10:30")),
    ]);
    world.agree_to_all();
    assert_eq!(started(&world.until("12:00")).len(), 0);
    assert_eq!(world.notices(), []);
    let tray = world.views().tray;
    assert_eq!(
        (tray.icon, tray.due, tray.sessions.len()),
        (Icon::Full, 0, 0)
    );
    world.intend(Intent::Check(id("keys:old")));
    world.checked("keys:old", Err(ErrorCode::SourceInvalid));
    assert_eq!(world.notices(), []);
}

#[test]
fn a_summary_with_a_guess_in_it_says_so() {
    let mut world = World::new([
        (mfa_role("a", "alice"), ends("11:00")),
        (mfa_session(), estimated("11:00")),
    ]);
    world.jump(at("12:00"));
    let notice = the_notice(&world);
    assert_eq!(notice.title, "2 sessions ended, as far as is known");
    assert_eq!(
        notice.body,
        "a ended 1 h ago (11:00)\nmfa probably ended 1 h ago (11:00)"
    );
}

#[test]
fn an_end_after_midnight_is_told_with_its_day_and_without_it_once_that_day_has_come() {
    let mut world = World::new([(mfa_session(), ends("23:59"))]);
    let next_day = Found::Credentials(End::issued(
        at("23:04"),
        at("23:04") + SignedDuration::from_hours(1),
    ));
    world.until("23:55");
    world.write([(mfa_session(), next_day)]);
    assert_eq!(
        the_notice(&world).body,
        "Account 123456789012, tomorrow at 00:04. Needs a code from your MFA device alice."
    );
    let midnight = at("23:59") + SignedDuration::from_mins(1);
    while world.now < midnight {
        let next = sandglass_core::views::next_change(&world.engine, world.now, &TimeZone::UTC);
        world.jump(next.unwrap());
    }
    assert_eq!(world.now, midnight);
    assert_eq!(
        the_notice(&world).body,
        "Account 123456789012, at 00:04. Needs a code from your MFA device alice."
    );
}
