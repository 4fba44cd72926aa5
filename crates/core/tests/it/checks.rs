//! Checks: what AWS says of credentials, against what is reckoned.

use jiff::SignedDuration;
use sandglass_core::effect::Effect;
use sandglass_core::error::ErrorCode;
use sandglass_core::event::{Event, Intent};
use sandglass_core::lifetimes::{End, KnownBy};
use sandglass_core::names::AttemptId;
use sandglass_core::session::{Definition, Found, State};

use crate::world::*;

const ID: &str = "foreign:theirs";

fn theirs() -> Definition {
    foreign("theirs", None)
}

fn check(world: &mut World, session: &str) -> AttemptId {
    let effects = world.intend(Intent::Check(id(session)));
    match effects.as_slice() {
        [Effect::Check { attempt, .. }] => *attempt,
        other => panic!("no check: {other:?}"),
    }
}

fn known_end(world: &World, session: &str) -> End {
    world.state(session).end().expect("an end")
}

#[test]
fn an_estimate_that_aws_accepts_is_probed_and_still_no_fact() {
    let mut world = World::new([(theirs(), estimated("10:40"))]);
    check(&mut world, ID);
    world.checked(ID, Ok(()));
    let end = known_end(&world, ID);
    assert_eq!((end.at, end.known_by), (at("10:40"), KnownBy::Probe));
    assert_eq!(world.session(ID).accepted_at, Some(at("10:00")));
    world.read_files();
    assert_eq!(known_end(&world, ID).known_by, KnownBy::Probe);
}

#[test]
fn a_refusal_is_a_fact_whatever_the_file_says() {
    let mut world = World::new([(theirs(), ends("10:40"))]);
    check(&mut world, ID);
    world.checked(ID, Err(ErrorCode::SourceExpired));
    let end = known_end(&world, ID);
    assert_eq!((end.at, end.known_by), (at("10:00"), KnownBy::Probe));
    assert!(matches!(world.state(ID), State::Expired(_)));
    world.read_files();
    assert!(matches!(world.state(ID), State::Expired(_)));
    world.write([(theirs(), ends("12:00"))]);
    assert!(
        matches!(world.state(ID), State::Valid(_)),
        "other keys lie there now"
    );
}

#[test]
fn a_reckoning_that_is_past_and_wrong_moves_to_the_longest_that_such_a_session_lives() {
    let mut world = World::new([(theirs(), estimated("09:30"))]);
    assert!(matches!(world.state(ID), State::Expired(_)));
    check(&mut world, ID);
    world.checked(ID, Ok(()));
    let end = known_end(&world, ID);
    let begun = at("08:30");
    assert_eq!(end.at, begun + SignedDuration::from_hours(36));
    assert_eq!(end.known_by, KnownBy::Probe);
    world.read_files();
    assert_eq!(
        known_end(&world, ID),
        end,
        "the file only has the old reckoning"
    );
}

#[test]
fn an_end_that_the_issuer_told_stands_when_aws_accepts_the_credentials() {
    let mut world = World::new([(theirs(), ends("10:40"))]);
    check(&mut world, ID);
    world.checked(ID, Ok(()));
    assert_eq!(known_end(&world, ID), end("10:40"));
    assert_eq!(world.session(ID).accepted_at, Some(at("10:00")));
}

#[test]
fn a_check_that_does_not_reach_aws_changes_no_end_and_says_so() {
    let mut world = World::new([(theirs(), estimated("10:40"))]);
    check(&mut world, ID);
    world.checked(ID, Err(ErrorCode::Unreachable));
    assert_eq!(known_end(&world, ID).known_by, KnownBy::Estimate);
    let trouble = world.session(ID).trouble.as_ref();
    assert_eq!(
        trouble.map(|trouble| trouble.code),
        Some(ErrorCode::Unreachable)
    );
    check(&mut world, ID);
    world.checked(ID, Ok(()));
    assert_eq!(world.session(ID).trouble, None);
}

#[test]
fn keys_without_an_end_can_be_checked_and_a_refusal_is_told() {
    let since = at("09:00");
    let mut world = World::new([(long_lived_keys("long-lived"), Found::Lasting { since })]);
    check(&mut world, "keys:long-lived");
    world.checked("keys:long-lived", Ok(()));
    assert_eq!(world.state("keys:long-lived"), State::Lasting { since });
    check(&mut world, "keys:long-lived");
    world.checked("keys:long-lived", Err(ErrorCode::SourceInvalid));
    let trouble = world.session("keys:long-lived").trouble.as_ref();
    assert_eq!(
        trouble.map(|trouble| trouble.code),
        Some(ErrorCode::SourceInvalid)
    );
}

#[test]
fn one_check_at_a_time_and_none_for_what_is_gone() {
    let mut world = World::new([(theirs(), estimated("10:40"))]);
    assert_eq!(world.intend(Intent::Check(id("foreign:nobody"))), []);
    let attempt = check(&mut world, ID);
    assert_eq!(world.intend(Intent::Check(id(ID))), []);
    assert_eq!(world.remove(ID), [Effect::GiveUp(attempt)]);
    world.feed(Event::Checked {
        attempt,
        result: Ok(()),
    });
    assert_eq!(world.engine.sessions().count(), 0);
}

#[test]
fn a_sign_in_that_the_portal_refuses_is_over_and_refreshes_itself() {
    const SIGN_IN: &str = "sso-sign-in:corp";
    let mut world = World::new([(sign_in("corp"), refreshable("10:40"))]);
    world.agree_to_all();
    check(&mut world, SIGN_IN);
    let effects = world.checked(SIGN_IN, Err(ErrorCode::SignInOver));
    let end = known_end(&world, SIGN_IN);
    assert_eq!((end.at, end.known_by), (at("10:00"), KnownBy::Probe));
    assert_eq!(the_start(&effects).session.as_str(), SIGN_IN);
}

#[test]
fn a_session_without_credentials_is_not_broken_by_a_check_that_finds_none() {
    let mut world = World::new([(role("deploy"), Found::Nothing)]);
    check(&mut world, "role:deploy");
    world.checked("role:deploy", Err(ErrorCode::SourceInvalid));
    assert_eq!(world.state("role:deploy"), State::Unknown);
    assert_eq!(world.session("role:deploy").trouble, None);
}
