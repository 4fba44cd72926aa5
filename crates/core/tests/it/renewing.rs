//! From the lead to new credentials: what the policy does by itself, and what a click does.

use jiff::SignedDuration;
use sandglass_core::effect::{Effect, Using};
use sandglass_core::error::ErrorCode;
use sandglass_core::event::{Agreement, Event, Intent, Scope};
use sandglass_core::lifetimes::End;
use sandglass_core::session::{Found, State};

use crate::world::*;

#[test]
fn a_session_that_needs_somebody_is_due_at_its_lead_and_over_at_its_end() {
    let mut world = World::new([(mfa_session(), ends("11:00"))]);
    assert_eq!(world.state("session-token:mfa"), State::Valid(end("11:00")));
    assert_eq!(world.engine.poll_timeout(), Some(at("10:45")));
    assert_eq!(world.until("10:44:59"), []);
    assert_eq!(world.state("session-token:mfa"), State::Valid(end("11:00")));
    assert_eq!(world.until("10:45"), []);
    assert_eq!(world.state("session-token:mfa"), State::Due(end("11:00")));
    assert_eq!(world.engine.poll_timeout(), Some(at("11:00")));
    assert_eq!(world.until("11:00"), []);
    assert_eq!(
        world.state("session-token:mfa"),
        State::Expired(end("11:00"))
    );
    assert_eq!(world.engine.poll_timeout(), None);
}

#[test]
fn a_click_renews_what_needs_nobody() {
    let mut world = World::new([(role("deploy"), ends("11:00"))]);
    world.until("10:50");
    let effects = world.click("role:deploy");
    assert_eq!(the_start(&effects).using, Using::WhatIsThere);
    assert_eq!(
        world.state("role:deploy"),
        State::Renewing {
            tries: 0,
            last: Some(end("11:00"))
        }
    );
    world.renewed("role:deploy", ends("11:50"));
    assert_eq!(world.state("role:deploy"), State::Valid(end("11:50")));
    assert_eq!(world.session("role:deploy").trouble, None);
}

#[test]
fn a_click_renews_early_and_from_nothing_as_well() {
    let mut world = World::new([
        (role("early"), ends("11:00")),
        (role("first"), Found::Nothing),
    ]);
    assert_eq!(started(&world.click("role:early")).len(), 1);
    assert_eq!(started(&world.click("role:first")).len(), 1);
    world.renewed("role:first", ends("11:00"));
    assert_eq!(world.state("role:first"), State::Valid(end("11:00")));
}

#[test]
fn nothing_is_renewed_silently_before_somebody_agreed() {
    let mut world = World::new([(role("deploy"), ends("11:00"))]);
    assert_eq!(world.until("12:00"), []);
    assert_eq!(world.state("role:deploy"), State::Expired(end("11:00")));
}

#[test]
fn what_was_agreed_to_and_needs_nobody_is_renewed_before_the_lead() {
    let mut world = World::new([(role("deploy"), ends("11:00"))]);
    world.agree_to_all();
    let start = world.engine.poll_timeout().unwrap();
    assert!(start <= at("10:45") && at("10:44") < start, "{start}");
    let effects = world.until("10:45");
    assert_eq!(the_start(&effects).using, Using::WhatIsThere);
    world.renewed("role:deploy", ends("11:45"));
    assert_eq!(world.state("role:deploy"), State::Valid(end("11:45")));
    assert_eq!(world.notices(), []);
}

#[test]
fn an_agreement_of_an_earlier_run_is_acted_upon() {
    let mut world = World::new([(role("deploy"), ends("10:10"))]);
    let agreement = Agreement {
        sessions: [id("role:deploy")].into(),
        scope: Scope::Named,
    };
    let effects = world.feed(Event::AgreementRead(agreement));
    assert_eq!(the_start(&effects).session, id("role:deploy"));
}

#[test]
fn a_click_agrees_to_the_session_and_to_all_that_it_is_made_from() {
    let mut world = World::new([
        (sign_in("acme"), refreshable("11:00")),
        (sso_role("dev", "acme"), ends("11:00")),
        (chained("deep", "sso-role:dev"), ends("11:00")),
    ]);
    let saved = |effects: &[Effect]| {
        effects.iter().find_map(|effect| match effect {
            Effect::SaveAgreement(agreement) => Some(agreement.clone()),
            Effect::Renew { .. }
            | Effect::Check { .. }
            | Effect::GiveUp(_)
            | Effect::Answer { .. }
            | Effect::AskInTerminal { .. } => None,
        })
    };
    let agreement = saved(&world.click("role:deep")).unwrap();
    let named = ["role:deep", "sso-role:dev", "sso-sign-in:acme"].map(id);
    assert_eq!(agreement.sessions, named.into());
    assert_eq!(agreement.scope, Scope::Named);
    assert_eq!(
        saved(&world.click("sso-role:dev")),
        None,
        "nothing new to save"
    );
    let agreement = saved(&world.agree_to_all()).unwrap();
    assert_eq!(agreement.scope, Scope::All);
}

#[test]
fn the_policy_never_asks_a_person() {
    let mut world = World::new([
        (mfa_session(), ends("11:00")),
        (sign_in("acme"), ends("11:00")),
        (sso_role("dev", "acme"), ends("11:30")),
        (mfa_role("prod", "alice"), ends("11:30")),
        (chained("from-prod", "role:prod"), ends("11:40")),
    ]);
    world.agree_to_all();
    // The roles are kept as long as what they are made from lives, and then no longer.
    for (time, session) in [("11:15", None), ("11:29", Some("role:from-prod"))] {
        let effects = world.until(time);
        assert_eq!(
            started(&effects).first().map(|start| start.session.clone()),
            session.map(id)
        );
    }
    world.renewed("role:from-prod", ends("12:29"));
    assert_eq!(started(&world.until("13:00")).len(), 0);
    assert_eq!(world.engine.prompts().count(), 0);
}

#[test]
fn a_chain_is_renewed_from_its_bottom() {
    let mut world = World::new([
        (mfa_role("bottom", "alice"), Found::Nothing),
        (chained("middle", "role:bottom"), Found::Nothing),
        (chained("top", "role:middle"), Found::Nothing),
    ]);
    assert_eq!(started(&world.click("role:top")).len(), 0);
    assert_eq!(world.prompt_view().name, "top");
    assert_eq!(world.prompt_view().also, ["bottom"]);
    let effects = world.enter_code();
    assert_eq!(the_start(&effects).session, id("role:bottom"));
    let effects = world.renewed("role:bottom", ends("11:00"));
    assert_eq!(the_start(&effects).session, id("role:middle"));
    assert_eq!(world.engine.prompts().count(), 0);
    let effects = world.renewed("role:middle", ends("11:00"));
    assert_eq!(the_start(&effects).session, id("role:top"));
    world.renewed("role:top", ends("11:00"));
    assert_eq!(world.state("role:top"), State::Valid(end("11:00")));
    let notices = world.notices();
    assert_eq!(notices.len(), 1);
    assert_eq!(notices[0].title, "top renewed until 11:00");
}

#[test]
fn a_chain_whose_bottom_fails_fails_once_and_rests() {
    let mut world = World::new([
        (role("bottom"), Found::Nothing),
        (chained("middle", "role:bottom"), Found::Nothing),
        (chained("top", "role:middle"), Found::Nothing),
    ]);
    world.click("role:top");
    let effects = world.answer("role:bottom", Err(ErrorCode::AccessDenied));
    assert_eq!(started(&effects).len(), 0);
    for session in ["role:bottom", "role:middle", "role:top"] {
        assert!(
            matches!(world.state(session), State::Broken { .. }),
            "{session}"
        );
    }
    // One click later it may be right again, for all of them.
    world.click("role:top");
    world.renewed("role:bottom", ends("11:00"));
    world.renewed("role:middle", ends("11:00"));
    world.renewed("role:top", ends("11:00"));
    assert_eq!(world.state("role:top"), State::Valid(end("11:00")));
}

#[test]
fn renew_what_is_due_leaves_alone_what_is_well_or_was_never_alive() {
    let mut world = World::new([
        (role("due"), ends("10:10")),
        (role("well"), ends("12:00")),
        (role("long-gone"), ends("09:00")),
    ]);
    assert_eq!(world.views().tray.due, 1);
    assert_eq!(
        the_start(&world.intend(Intent::RenewDue)).session,
        id("role:due")
    );
    let mut world = World::new([(role("due"), ends("10:10")), (role("over"), ends("10:05"))]);
    world.until("10:06");
    assert_eq!(started(&world.intend(Intent::RenewDue)).len(), 2);
}

#[test]
fn an_end_that_is_due_at_once_does_not_loop() {
    let mut world = World::new([(role("deploy"), ends("10:00:30"))]);
    let mut effects = world.agree_to_all();
    let mut renewals = 0;
    while world.now < at("10:10") {
        for start in started(&effects) {
            renewals += 1;
            let soon = Found::Credentials(End::issued(
                world.now - SignedDuration::from_hours(1),
                world.now + SignedDuration::from_mins(10),
            ));
            world.renewed(start.session.as_str(), soon);
        }
        effects = world.until(&time_after(&world, 10));
    }
    assert!(
        (15..=21).contains(&renewals),
        "{renewals} renewals in ten minutes"
    );
}

fn time_after(world: &World, seconds: i64) -> String {
    let later = world.now + SignedDuration::from_secs(seconds);
    later.strftime("%H:%M:%S").to_string()
}

#[test]
fn what_is_made_from_an_ended_session_waits_for_its_silent_renewal() {
    let mut world = World::new([
        (sign_in("acme"), refreshable("10:01")),
        (sso_role("dev", "acme"), ends("10:02")),
    ]);
    world.until("10:03");
    let effects = world.click("sso-role:dev");
    assert_eq!(the_start(&effects).session, id("sso-sign-in:acme"));
    assert!(matches!(
        world.state("sso-role:dev"),
        State::Renewing { .. }
    ));
    let effects = world.renewed("sso-sign-in:acme", refreshable("11:03"));
    assert_eq!(the_start(&effects).session, id("sso-role:dev"));
}

#[test]
fn a_click_on_what_is_under_way_starts_nothing_twice() {
    let mut world = World::new([(role("deploy"), ends("11:00"))]);
    world.click("role:deploy");
    assert_eq!(world.click("role:deploy"), []);
    assert_eq!(world.click("role:nowhere"), []);
}

#[test]
fn sessions_are_found_by_the_names_that_people_use() {
    let world = World::new([
        (sign_in("acme"), refreshable("11:00")),
        (sso_role("dev", "acme"), ends("11:00")),
        (chained("deep", "sso-role:dev"), ends("11:00")),
        (chained("a", "role:b"), Found::Nothing),
        (chained("b", "role:a"), Found::Nothing),
    ]);
    let named = |name: &str| world.engine.session_named(name).map(id_of);
    assert_eq!(named("dev"), Some(id("sso-role:dev")));
    assert_eq!(named("acme"), Some(id("sso-sign-in:acme")));
    assert_eq!(named("nobody"), None);
    let sign_in = |name: &str| world.engine.sign_in_named(name).map(id_of);
    assert_eq!(sign_in("deep"), Some(id("sso-sign-in:acme")));
    assert_eq!(sign_in("acme"), Some(id("sso-sign-in:acme")));
    assert_eq!(sign_in("a"), None, "a loop of definitions has no sign-in");
}
