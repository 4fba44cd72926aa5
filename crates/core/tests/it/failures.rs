//! Renewals that fail: for a while, or for good.

use sandglass_core::error::ErrorCode;
use sandglass_core::event::{Event, Reach, Renewed};
use sandglass_core::names::AttemptId;
use sandglass_core::session::{Found, State};
use sandglass_core::views::notice::Stage;

use crate::world::*;

#[test]
fn without_network_a_renewal_waits_longer_each_time_and_then_goes_on() {
    let mut world = World::new([(role("deploy"), ends("11:00"))]);
    world.agree_to_all();
    world.until("10:45");
    let mut waits = Vec::new();
    for expected in 1..=8 {
        world.answer("role:deploy", Err(ErrorCode::Unreachable));
        let State::WaitingForNetwork {
            retry_at,
            tries,
            error,
            last,
        } = world.state("role:deploy")
        else {
            panic!("it does not wait for the network");
        };
        assert_eq!(
            (tries, error.code, last),
            (expected, ErrorCode::Unreachable, Some(end("11:00")))
        );
        waits.push(retry_at.duration_since(world.now).as_secs());
        assert_eq!(world.engine.poll_timeout(), Some(retry_at));
        assert_eq!(started(&world.jump(retry_at)).len(), 1);
    }
    assert!(waits.is_sorted(), "{waits:?}");
    assert!(waits[0] >= 5 && waits[7] <= 360, "{waits:?}");
    world.renewed("role:deploy", ends("12:00"));
    assert_eq!(world.state("role:deploy"), State::Valid(end("12:00")));
}

#[test]
fn a_click_does_not_wait_for_the_back_off() {
    let mut world = World::new([(role("deploy"), ends("10:10"))]);
    world.click("role:deploy");
    world.answer("role:deploy", Err(ErrorCode::Throttled));
    assert_eq!(started(&world.click("role:deploy")).len(), 1);
    world.answer("role:deploy", Err(ErrorCode::ServiceTrouble));
    assert!(matches!(
        world.state("role:deploy"),
        State::WaitingForNetwork { tries: 1, .. }
    ));
}

#[test]
fn what_waits_for_its_source_waits_for_the_network_with_it() {
    let mut world = World::new([
        (role("source"), Found::Nothing),
        (chained("deep", "role:source"), Found::Nothing),
    ]);
    world.click("role:deep");
    let (asker, _) = world.ask("role:deep", Reach::Tray);
    let effects = world.answer("role:source", Err(ErrorCode::Unreachable));
    assert_eq!(answers(&effects), [(asker, Err(ErrorCode::Unreachable))]);
    let State::WaitingForNetwork { retry_at, .. } = world.state("role:deep") else {
        panic!("the click is forgotten");
    };
    assert_eq!(the_start(&world.jump(retry_at)).session, id("role:source"));
    let effects = world.renewed("role:source", ends("11:00"));
    assert_eq!(the_start(&effects).session, id("role:deep"));
    world.renewed("role:deep", ends("11:00"));
}

#[test]
fn what_cannot_work_is_broken_keeps_its_end_and_is_not_tried_again() {
    let mut world = World::new([(role("deploy"), ends("11:00"))]);
    world.agree_to_all();
    world.until("10:45");
    world.answer("role:deploy", Err(ErrorCode::AccessDenied));
    assert_eq!(
        world.state("role:deploy"),
        State::Broken {
            error: error(ErrorCode::AccessDenied),
            last: Some(end("11:00"))
        }
    );
    let notices = world.notices();
    assert_eq!(notices[0].stage, Stage::First);
    assert_eq!(
        notices[0].body,
        "deploy-role in 123456789012, at 11:00. It cannot be renewed: AWS said AccessDenied. \
         Do what the documentation says."
    );
    assert_eq!(world.until("13:00"), []);
    assert_eq!(world.notices()[0].stage, Stage::Ended);
    // A click tries it all the same.
    assert_eq!(started(&world.click("role:deploy")).len(), 1);
    world.renewed("role:deploy", ends("14:00"));
    assert_eq!(world.state("role:deploy"), State::Valid(end("14:00")));
}

#[test]
fn a_definition_that_was_put_right_is_tried_again() {
    let mut world = World::new([(role("deploy"), ends("10:10"))]);
    world.agree_to_all();
    world.answer("role:deploy", Err(ErrorCode::InvalidDefinition));
    assert_eq!(world.read_files(), [], "it is as it was");
    let mut corrected = role("deploy");
    corrected.renewal = role("deploy2").renewal;
    let effects = world.write([(corrected, ends("10:10"))]);
    assert_eq!(the_start(&effects).session, id("role:deploy"));
}

#[test]
fn a_source_that_is_not_defined_is_broken_on_sight_and_heals() {
    let mut world = World::new([(chained("deep", "role:nowhere"), ends("10:10"))]);
    let State::Broken { error, last } = world.state("role:deep") else {
        panic!("nobody is told");
    };
    assert_eq!(
        error.message,
        "`role:nowhere`, which this session is made from, is not defined"
    );
    assert_eq!(last, Some(end("10:10")));
    assert_eq!(world.notices()[0].sessions, [id("role:deep")]);
    let (asker, effects) = world.ask("role:deep", Reach::Tray);
    assert_eq!(
        answers(&effects),
        [(asker, Err(ErrorCode::InvalidDefinition))]
    );
    world.write([(role("nowhere"), ends("11:00"))]);
    assert_eq!(world.state("role:deep"), State::Due(end("10:10")));
}

#[test]
fn definitions_that_go_round_in_a_circle_are_told_and_do_not_hang() {
    let mut world = World::new([
        (chained("a", "role:b"), Found::Nothing),
        (chained("b", "role:c"), Found::Nothing),
        (chained("c", "role:a"), Found::Nothing),
        (chained("self", "role:self"), Found::Nothing),
    ]);
    for session in ["role:a", "role:b", "role:c", "role:self"] {
        let (asker, effects) = world.ask(session, Reach::Tray);
        assert_eq!(
            answers(&effects),
            [(asker, Err(ErrorCode::InvalidDefinition))]
        );
        assert!(matches!(world.state(session), State::Broken { .. }));
    }
    assert_eq!(started(&world.click("role:a")).len(), 0);
}

#[test]
fn a_device_that_the_keychain_does_not_tell_is_broken_until_it_does() {
    let locked = error(ErrorCode::KeychainUnavailable);
    let mut world = World::new([(mfa_session_with(Err(locked)), ends("10:10"))]);
    assert!(matches!(
        world.state("session-token:mfa"),
        State::Broken { .. }
    ));
    assert_eq!(world.notices().len(), 1);
    world.write([(mfa_session(), ends("10:10"))]);
    assert_eq!(world.state("session-token:mfa"), State::Due(end("10:10")));
    world.click("session-token:mfa");
    assert_eq!(world.engine.prompts().count(), 1);
}

#[test]
fn keys_that_ended_are_told_and_not_tried_in_a_loop() {
    let mut world = World::new([(role("deploy"), ends("10:10"))]);
    world.agree_to_all();
    world.answer("role:deploy", Err(ErrorCode::SourceExpired));
    assert_eq!(started(&world.until("10:30")).len(), 0);
    let notice = &world.notices()[0];
    assert!(
        notice
            .body
            .contains("The last renewal failed: AWS said SourceExpired."),
        "{notice:?}"
    );
}

#[test]
fn results_of_renewals_that_were_given_up_are_ignored() {
    let mut world = World::new([(mfa_session(), ends("10:10"))]);
    world.click("session-token:mfa");
    world.enter_code();
    let attempt = world.attempt("session-token:mfa");
    world.intend(sandglass_core::event::Intent::CancelPrompt(
        world.prompt().id,
    ));
    for attempt in [attempt, AttemptId(99)] {
        let result = Ok(Renewed {
            found: ends("12:00"),
            allowed: None,
        });
        assert_eq!(world.feed(Event::RenewalEnded { attempt, result }), []);
    }
    assert_eq!(world.state("session-token:mfa"), State::Due(end("10:10")));
}

#[test]
fn a_renewal_without_credentials_is_a_defect_that_is_told() {
    let mut world = World::new([(role("deploy"), ends("10:10"))]);
    let (asker, _) = world.ask("role:deploy", Reach::Tray);
    let effects = world.answer("role:deploy", Ok(Found::Nothing));
    assert_eq!(answers(&effects), [(asker, Err(ErrorCode::Internal))]);
    assert!(matches!(world.state("role:deploy"), State::Broken { .. }));
}

#[test]
fn a_live_source_that_fails_to_renew_disturbs_nobody_who_uses_it() {
    let mut world = World::new([
        (role("source"), ends("10:10")),
        (chained_mfa("deep", "role:source", "alice"), ends("10:20")),
    ]);
    world.agree_to_all();
    world.click("role:deep");
    assert_eq!(world.engine.prompts().count(), 1);
    world.answer("role:source", Err(ErrorCode::AccessDenied));
    assert_eq!(world.engine.prompts().count(), 1);
    the_start(&world.enter_code());
}

#[test]
fn credentials_that_have_ended_already_are_no_success_and_no_reason_to_hurry() {
    let mut world = World::new([(role("deploy"), ends("10:20"))]);
    world.agree_to_all();
    world.until("10:06");
    world.answer("role:deploy", Ok(ends("10:05")));
    let mut pauses = Vec::new();
    for _ in 0..6 {
        let State::WaitingForNetwork { retry_at, last, .. } = world.state("role:deploy") else {
            panic!("{:?}", world.state("role:deploy"));
        };
        assert_eq!(last, Some(end("10:20")), "what stands is kept");
        pauses.push(retry_at.duration_since(world.now).as_secs());
        world.wait_until(retry_at);
        world.answer("role:deploy", Ok(ends("10:05")));
    }
    assert!(pauses.is_sorted() && pauses[5] >= 160, "{pauses:?}");
}

#[test]
fn a_program_does_not_wait_for_the_back_off_of_what_its_session_is_made_from() {
    let mut world = World::new([
        (sign_in("acme"), refreshable("10:00")),
        (sso_role("dev", "acme"), ends("10:00")),
    ]);
    world.agree_to_all();
    world.answer("sso-sign-in:acme", Err(ErrorCode::Unreachable));
    assert!(matches!(
        world.state("sso-sign-in:acme"),
        State::WaitingForNetwork { .. }
    ));
    let (asker, effects) = world.ask("sso-role:dev", Reach::Tray);
    assert_eq!(the_start(&effects).session.as_str(), "sso-sign-in:acme");
    let effects = world.answer("sso-sign-in:acme", Err(ErrorCode::Unreachable));
    assert_eq!(answers(&effects), [(asker, Err(ErrorCode::Unreachable))]);
}
