//! What the files say against what the engine believes.

use sandglass_core::effect::Effect;
use sandglass_core::error::ErrorCode;
use sandglass_core::event::{Event, Intent, Reach};
use sandglass_core::findings::Finding;
use sandglass_core::session::{Found, State};

use crate::world::*;

#[test]
fn credentials_that_were_deleted_from_the_file_are_gone() {
    let mut world = World::new([(mfa_session(), ends("11:00"))]);
    world.write([(mfa_session(), Found::Nothing)]);
    assert_eq!(world.state("session-token:mfa"), State::Unknown);
    assert_eq!(world.engine.poll_timeout(), None);
}

#[test]
fn credentials_that_were_deleted_while_somebody_is_asked_are_gone_too() {
    let mut world = World::new([(mfa_session(), ends("10:10"))]);
    world.click("session-token:mfa");
    world.write([(mfa_session(), Found::Nothing)]);
    assert_eq!(world.state("session-token:mfa").end(), None);
    world.intend(Intent::CancelPrompt(world.prompt().id));
    assert_eq!(world.state("session-token:mfa"), State::Unknown);
}

#[test]
fn credentials_that_another_tool_wrote_are_seen() {
    let mut world = World::new([(mfa_session(), ends("10:10"))]);
    assert_eq!(world.notices().len(), 1);
    world.write([(mfa_session(), ends("11:00"))]);
    assert_eq!(world.state("session-token:mfa"), State::Valid(end("11:00")));
    assert_eq!(world.notices(), []);
    world.write([(mfa_session(), ends("10:30"))]);
    assert_eq!(world.state("session-token:mfa"), State::Valid(end("10:30")));
}

#[test]
fn our_own_write_that_is_seen_before_the_result_counts_once() {
    let mut world = World::new([(role("deploy"), ends("10:10"))]);
    let (asker, _) = world.ask("role:deploy", Reach::Tray);
    let attempt = world.attempt("role:deploy");
    let effects = world.write([(role("deploy"), ends("11:00"))]);
    assert_eq!(answers(&effects), [(asker, Ok(end("11:00")))]);
    assert!(effects.contains(&Effect::GiveUp(attempt)));
    let result = Err(error(ErrorCode::Internal));
    assert_eq!(world.feed(Event::RenewalEnded { attempt, result }), []);
    assert_eq!(world.state("role:deploy"), State::Valid(end("11:00")));
}

#[test]
fn a_session_whose_definition_is_removed_while_it_is_renewed_is_given_up() {
    let mut world = World::new([(role("deploy"), ends("10:10"))]);
    let (asker, _) = world.ask("role:deploy", Reach::Tray);
    let attempt = world.attempt("role:deploy");
    let effects = world.remove("role:deploy");
    assert_eq!(effects[0], Effect::GiveUp(attempt));
    assert_eq!(answers(&effects), [(asker, Err(ErrorCode::UnknownProfile))]);
    assert_eq!(world.engine.sessions().count(), 0);
}

#[test]
fn a_session_that_is_removed_while_it_is_asked_for_leaves_the_prompt_to_the_others() {
    let mut world = World::new([
        (mfa_role("a", "alice"), ends("10:10")),
        (mfa_role("b", "alice"), ends("10:10")),
    ]);
    world.intend(Intent::RenewEach(vec![id("role:a"), id("role:b")]));
    world.enter_code();
    world.remove("role:a");
    assert_eq!(world.prompt_view().name, "b");
    assert_eq!(the_start(&world.enter_code()).session, id("role:b"));
    world.remove("role:b");
    assert_eq!(world.engine.prompts().count(), 0);
}

#[test]
fn a_source_that_is_removed_fails_what_waits_for_it() {
    let mut world = World::new([
        (sign_in("acme"), Found::Nothing),
        (sso_role("dev", "acme"), Found::Nothing),
    ]);
    let (asker, _) = world.ask("sso-role:dev", Reach::Tray);
    let effects = world.remove("sso-sign-in:acme");
    assert_eq!(answers(&effects), [(asker, Err(ErrorCode::UnknownProfile))]);
    assert_eq!(world.engine.prompts().count(), 0);
    assert!(matches!(world.state("sso-role:dev"), State::Broken { .. }));
}

#[test]
fn a_definition_that_changes_under_way_is_started_anew() {
    let mut world = World::new([(role("deploy"), ends("10:10"))]);
    let (asker, _) = world.ask("role:deploy", Reach::Tray);
    let attempt = world.attempt("role:deploy");
    let mut changed = role("deploy");
    changed.renewal = mfa_role("deploy", "alice").renewal;
    let effects = world.write([(changed, ends("10:10"))]);
    assert_eq!(effects, [Effect::GiveUp(attempt)]);
    assert_eq!(world.prompt_view().name, "deploy");
    world.enter_code();
    let effects = world.renewed("role:deploy", ends("11:00"));
    assert_eq!(answers(&effects), [(asker, Ok(end("11:00")))]);
}

#[test]
fn findings_are_kept_as_they_were_read_last() {
    let mut world = World::empty();
    let finding = Finding {
        place: "~/.aws/config:12".to_owned(),
        message: "a line that is no setting".to_owned(),
        remedy: "write it as `name = value`".to_owned(),
    };
    world.feed(Event::FilesRead {
        sightings: Vec::new(),
        findings: vec![finding.clone()],
    });
    assert_eq!(world.views().panel.findings, [finding]);
    world.read_files();
    assert_eq!(world.views().panel.findings, []);
}
