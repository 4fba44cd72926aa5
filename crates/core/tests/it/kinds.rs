//! What each kind of session needs, and what Sandglass does about it by itself.

use jiff::SignedDuration;
use sandglass_core::effect::{Effect, Haste, Using};
use sandglass_core::error::ErrorCode;
use sandglass_core::event::{Event, Reach, Renewed};
use sandglass_core::names::ProfileName;
use sandglass_core::session::{
    Allowed, Definition, DurationLimit, Found, Needs, Renewal, SessionTokenRenewal, State,
};

use crate::world::*;

fn plain_session_token() -> Definition {
    defined(
        "session-token",
        "plain",
        Renewal::SessionToken(SessionTokenRenewal {
            source: ProfileName::new("keys"),
            device: None,
            target: ProfileName::new("plain"),
            duration: SignedDuration::from_hours(12),
        }),
    )
}

fn needs(world: &World, session: &str) -> Needs {
    world.engine.needs(world.session(session), world.now)
}

#[test]
fn what_needs_nobody_is_renewed_by_itself_once_that_was_agreed_to() {
    let kinds = [
        (web_identity("ci"), ends("10:20")),
        (federation_token("visitor"), ends("10:20")),
        (plain_session_token(), ends("10:20")),
        (console_login("me"), refreshable("10:20")),
    ];
    for (definition, found) in kinds {
        let id = definition.id.to_string();
        let mut world = World::new([(definition, found)]);
        assert_eq!(
            started(&world.until("10:19")).len(),
            0,
            "{id}: nobody agreed"
        );
        assert_eq!(needs(&world, &id), Needs::Nothing, "{id}");
        let start = the_start(&world.agree_to_all());
        assert_eq!(
            (start.session.as_str(), start.using),
            (id.as_str(), Using::WhatIsThere)
        );
    }
}

#[test]
fn a_credential_process_is_run_when_a_person_asks_and_never_by_itself() {
    let mut world = World::new([(process("tool"), ends("10:20"))]);
    world.agree_to_all();
    assert_eq!(started(&world.until("11:00")).len(), 0);
    let start = the_start(&world.click("credential-process:tool"));
    assert_eq!(start.session.as_str(), "credential-process:tool");
    world.renewed("credential-process:tool", ends("12:00"));
    assert_eq!(started(&world.until("12:30")).len(), 0);
}

#[test]
fn a_role_that_starts_from_a_process_is_not_kept_by_running_it() {
    let mut world = World::new([
        (process("tool"), ends("10:10")),
        (chained("app", "credential-process:tool"), ends("10:40")),
    ]);
    world.agree_to_all();
    assert_eq!(started(&world.until("10:41")).len(), 0);
    let start = the_start(&world.click("role:app"));
    assert_eq!(
        start.session.as_str(),
        "credential-process:tool",
        "the person asked"
    );
}

#[test]
fn the_command_of_a_credential_process_is_not_in_any_debug_output() {
    assert!(!format!("{:?}", process("tool")).contains("hunter2"));
}

#[test]
fn the_role_of_the_machine_is_watched_and_not_renewed() {
    let mut world = World::new([(instance_role("machine"), ends("10:20"))]);
    world.agree_to_all();
    assert_eq!(started(&world.until("10:19")).len(), 0);
    world.write([(instance_role("machine"), ends("16:00"))]);
    assert_eq!(
        world.state("instance-role:machine"),
        State::Valid(end("16:00"))
    );
}

#[test]
fn what_another_program_made_says_who_can_make_it_anew() {
    let mut world = World::new([(foreign("theirs", Some("saml2aws")), ends("10:10"))]);
    assert_eq!(
        needs(&world, "foreign:theirs"),
        Needs::Elsewhere("run saml2aws again, which made it".to_owned())
    );
    assert_eq!(
        world.click("foreign:theirs").len(),
        1,
        "the agreement alone"
    );
    let trouble = world.session("foreign:theirs").trouble.clone();
    assert_eq!(
        trouble.map(|trouble| trouble.code),
        Some(ErrorCode::OutOfReach)
    );
    let (asker, effects) = world.ask("foreign:theirs", Reach::Tray);
    assert_eq!(answers(&effects), [(asker, Err(ErrorCode::OutOfReach))]);
    assert_eq!(world.state("foreign:theirs"), State::Due(end("10:10")));
    assert_eq!(world.engine.prompts().count(), 0);
}

#[test]
fn keys_without_an_end_are_neither_due_nor_asked_for() {
    let since = at("09:00");
    let mut world = World::new([(long_lived_keys("old"), Found::Lasting { since })]);
    world.agree_to_all();
    world.until("20:00");
    assert_eq!(world.state("keys:old"), State::Lasting { since });
    assert_eq!(world.notices(), []);
}

#[test]
fn a_role_from_the_environment_of_others_says_where_to_run() {
    let world = World::new([(environment_role("borrowed"), Found::Nothing)]);
    assert!(matches!(
        needs(&world, "role:borrowed"),
        Needs::Elsewhere(_)
    ));
}

#[test]
fn a_console_sign_in_that_is_over_names_the_command_and_takes_the_next_one_as_the_answer() {
    let mut world = World::new([(console_login("me"), refreshable("10:03"))]);
    world.agree_to_all();
    world.until("10:02");
    world.answer("console-login:me", Err(ErrorCode::SignInOver));
    assert_eq!(
        needs(&world, "console-login:me"),
        Needs::Elsewhere("run `aws login --profile me`".to_owned())
    );
    world.until("10:10");
    assert_eq!(
        world.under_way.len(),
        0,
        "what AWS refused is not tried again"
    );
    assert_eq!(world.notices().len(), 1);
    world.write([(console_login("me"), refreshable("10:25"))]);
    assert_eq!(needs(&world, "console-login:me"), Needs::Nothing);
    assert_eq!(world.notices(), []);
}

#[test]
fn a_duration_that_aws_does_not_give_keeps_the_prompt_open_for_the_next_code() {
    let mut definition = mfa_role("prod", "alice");
    if let Renewal::Role(role) = &mut definition.renewal {
        role.duration = Some(SignedDuration::from_hours(12));
    }
    let mut world = World::new([(definition, Found::Nothing)]);
    world.click("role:prod");
    world.enter_code();
    world.answer("role:prod", Err(ErrorCode::DurationTooLong));
    let (said, next_code_at) = world.code_question();
    assert_eq!(said, Some("AWS said DurationTooLong".to_owned()));
    assert!(next_code_at.is_some(), "the code is used up");
    world.enter_code();
    let attempt = world.attempt("role:prod");
    let allowed = Allowed {
        asked: SignedDuration::from_hours(12),
        granted: SignedDuration::from_hours(4),
        limit: DurationLimit::RoleMaximum,
    };
    let result = Ok(Renewed {
        found: ends("14:00"),
        allowed: Some(allowed),
    });
    world.feed(Event::RenewalEnded { attempt, result });
    let Renewal::Role(role) = &world.session("role:prod").definition.renewal else {
        panic!("no role");
    };
    assert_eq!(role.allowed, Some(allowed));
    assert_eq!(role.asked(), Some(SignedDuration::from_hours(4)));
}

#[test]
fn at_a_terminal_too_the_next_code_may_do_where_the_duration_was_too_long() {
    let mut world = World::without_tray([(mfa_role("prod", "alice"), Found::Nothing)]);
    let (asker, _) = world.ask("role:prod", Reach::TrayOrTerminal);
    world.enter_code();
    let effects = world.answer("role:prod", Err(ErrorCode::DurationTooLong));
    assert_eq!(answers(&effects), []);
    assert_eq!(questions(&effects).len(), 1);
    world.enter_code();
    let effects = world.renewed("role:prod", ends("11:00"));
    assert_eq!(answers(&effects), [(asker, Ok(end("11:00")))]);
}

#[test]
fn what_somebody_waits_for_is_told_from_what_only_the_policy_wants() {
    let hastes = |effects: &[Effect]| -> Vec<Haste> {
        let renewals = effects.iter().filter_map(|effect| match effect {
            Effect::Renew { haste, .. } => Some(*haste),
            Effect::Check { .. }
            | Effect::GiveUp(_)
            | Effect::Answer { .. }
            | Effect::AskInTerminal { .. }
            | Effect::SaveAgreement(_) => None,
        });
        renewals.collect()
    };
    let mut world = World::new([
        (role("silent"), ends("10:10")),
        (role("source"), ends("09:00")),
        (chained("app", "role:source"), ends("09:00")),
    ]);
    let (_, effects) = world.ask("role:app", Reach::Tray);
    assert_eq!(
        hastes(&effects),
        [Haste::Awaited],
        "the source of what is waited for"
    );
    assert_eq!(hastes(&world.agree_to_all()), [Haste::Background]);
}

#[test]
fn a_web_identity_whose_token_has_ended_is_tried_again_until_the_file_holds_another() {
    let mut world = World::new([(web_identity("ci"), ends("10:20"))]);
    world.agree_to_all();
    world.until("10:06");
    world.answer("web-identity:ci", Err(ErrorCode::SourceExpired));
    assert_eq!(
        world.notices().len(),
        1,
        "it ends soon, and somebody may look"
    );
    let mut tries = 0;
    while world.now < at("11:00") {
        let next = world.now + SignedDuration::from_secs(5);
        tries += started(&world.wait_until(next)).len();
        if world.under_way.is_empty() {
            continue;
        }
        world.answer("web-identity:ci", Err(ErrorCode::SourceExpired));
    }
    assert!((5..=20).contains(&tries), "{tries} tries in an hour");
    let next = world.now + SignedDuration::from_mins(10);
    world.wait_until(next);
    world.renewed("web-identity:ci", ends("12:10"));
    assert_eq!(world.state("web-identity:ci"), State::Valid(end("12:10")));
    assert_eq!(world.notices(), []);
}
