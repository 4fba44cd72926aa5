//! Credentials for programs: what is served at once, what is renewed first, and what is served all the same.

use jiff::SignedDuration;
use sandglass_core::effect::{CodeSpent, Effect, Using};
use sandglass_core::error::ErrorCode;
use sandglass_core::event::{Event, Wants};
use sandglass_core::lifetimes::End;
use sandglass_core::names::{ProfileName, SessionId};
use sandglass_core::session::{Found, Place, State};

use crate::world::*;

fn hours(hours: i64) -> SignedDuration {
    SignedDuration::from_hours(hours)
}

/// Credentials that live for so long and end then.
fn living(life: SignedDuration, ends: &str) -> Found {
    Found::Credentials(End::issued(at(ends) - life, at(ends)))
}

#[test]
fn credentials_that_hold_are_served_at_once_and_renew_nothing() {
    let mut world = World::new([(role("plain"), ends("10:30"))]);
    let (asker, effects) = world.want("role:plain", Wants::Credentials);
    assert_eq!(answers(&effects), [(asker, Ok(end("10:30")))]);
    assert!(started(&effects).is_empty());
}

#[test]
fn what_is_served_as_it_is_can_be_known_without_asking_for_it() {
    let mut world = World::new([
        (role("plain"), ends("10:30")),
        (role("short"), ends("10:14")),
        (long_lived_keys("old"), lasting("2026-01-01")),
    ]);
    let serves = |world: &World, id: &str| {
        let id = SessionId::new(id);
        world.engine.serves(&id, Wants::Credentials, world.now)
    };
    // Nobody has agreed yet, and whoever asks does.
    assert_eq!(serves(&world, "role:plain"), None);
    for id in ["role:plain", "role:short", "keys:old"] {
        world.want(id, Wants::Credentials);
    }
    assert_eq!(serves(&world, "role:plain"), Some(Some(end("10:30"))));
    assert_eq!(serves(&world, "role:short"), None);
    assert_eq!(serves(&world, "keys:old"), Some(None));
    assert_eq!(serves(&world, "role:unknown"), None);
}

#[test]
fn what_has_less_than_a_quarter_of_an_hour_left_is_renewed_first_where_nobody_is_needed() {
    let mut world = World::new([(role("plain"), ends("10:14"))]);
    let (asker, effects) = world.want("role:plain", Wants::Credentials);
    assert_eq!(answers(&effects), []);
    assert_eq!(the_start(&effects).using, Using::WhatIsThere);
    let effects = world.renewed("role:plain", ends("11:00"));
    assert_eq!(answers(&effects), [(asker, Ok(end("11:00")))]);
}

#[test]
fn a_short_life_is_served_until_its_last_quarter() {
    let life = SignedDuration::from_secs(40);
    let mut world = World::new([(role("plain"), living(life, "10:00:10"))]);
    let (_, effects) = world.want("role:plain", Wants::Credentials);
    assert_eq!(answers(&effects).len(), 1);
    let mut world = World::new([(role("plain"), living(life, "10:00:09"))]);
    let (_, effects) = world.want("role:plain", Wants::Credentials);
    assert_eq!(started(&effects).len(), 1);
}

#[test]
fn what_still_holds_is_served_without_a_prompt_where_somebody_would_be_needed() {
    let mut world = World::new([(mfa_role("prod", "alice"), ends("10:01"))]);
    let (asker, effects) = world.want("role:prod", Wants::Credentials);
    assert_eq!(answers(&effects), [(asker, Ok(end("10:01")))]);
    assert_eq!(world.engine.prompts().count(), 0);
}

#[test]
fn a_renewal_that_fails_does_not_take_away_what_still_holds() {
    let mut world = World::new([(role("plain"), ends("10:05"))]);
    for code in [ErrorCode::Unreachable, ErrorCode::AccessDenied] {
        let (asker, _) = world.want("role:plain", Wants::Credentials);
        let effects = world.answer("role:plain", Err(code));
        assert_eq!(answers(&effects), [(asker, Ok(end("10:05")))], "{code:?}");
    }
}

#[test]
fn what_is_over_is_never_served() {
    let mut world = World::new([(role("plain"), ends("10:00"))]);
    let (asker, effects) = world.want("role:plain", Wants::Credentials);
    assert_eq!(answers(&effects), []);
    let effects = world.answer("role:plain", Err(ErrorCode::Unreachable));
    assert_eq!(answers(&effects), [(asker, Err(ErrorCode::Unreachable))]);
}

#[test]
fn keys_that_never_end_are_served_without_an_end() {
    let mut world = World::new([(long_lived_keys("old"), lasting("2026-01-01"))]);
    let (asker, effects) = world.want("keys:old", Wants::Credentials);
    let served: Vec<&Effect> = effects
        .iter()
        .filter(|effect| matches!(effect, Effect::Answer { .. }))
        .collect();
    assert_eq!(
        served,
        [&Effect::Answer {
            asker,
            result: Ok(None)
        }]
    );
}

#[test]
fn two_hundred_programs_on_an_expired_role_make_one_call() {
    let mut world = World::new([(role("plain"), ends("09:00"))]);
    let mut calls = 0;
    for _ in 0..200 {
        let (_, effects) = world.want("role:plain", Wants::Credentials);
        calls += started(&effects).len();
    }
    assert_eq!(calls, 1);
    let effects = world.renewed("role:plain", ends("11:00"));
    let served = answers(&effects);
    assert_eq!(served.len(), 200);
    assert!(served.iter().all(|(_, result)| *result == Ok(end("11:00"))));
}

#[test]
fn a_prompt_that_a_program_raised_outlives_its_patience_for_five_minutes() {
    let mut world = World::new([(mfa_role("prod", "alice"), Found::Nothing)]);
    let (asker, _) = world.want("role:prod", Wants::Credentials);
    let prompt = world.prompt().id;
    world.until("10:00:55");
    world.feed(Event::AskerLeft(asker));
    world.until("10:04");
    assert_eq!(world.prompt().id, prompt);
    // It comes back, and waits with the same prompt.
    let (asker, effects) = world.want("role:prod", Wants::Credentials);
    assert_eq!(effects, []);
    assert_eq!(world.prompt().id, prompt);
    world.until("10:04:55");
    world.feed(Event::AskerLeft(asker));
    world.until("10:09:54");
    assert_eq!(world.prompt().id, prompt);
    world.until("10:09:55");
    assert_eq!(world.engine.prompts().count(), 0);
    assert_eq!(world.state("role:prod"), State::Unknown);
}

#[test]
fn an_answer_that_comes_after_the_program_gave_up_serves_its_next_try() {
    let mut world = World::new([(mfa_role("prod", "alice"), Found::Nothing)]);
    let (asker, _) = world.want("role:prod", Wants::Credentials);
    world.feed(Event::AskerLeft(asker));
    let effects = world.enter_code();
    assert!(matches!(
        the_start(&effects).using,
        Using::Code {
            spent: CodeSpent::OnTheCall,
            ..
        }
    ));
    world.renewed("role:prod", ends("11:00"));
    let (asker, effects) = world.want("role:prod", Wants::Credentials);
    assert_eq!(answers(&effects), [(asker, Ok(end("11:00")))]);
}

#[test]
fn a_sign_in_goes_on_while_the_program_that_raised_it_is_gone() {
    let mut world = World::new([
        (sign_in("acme"), Found::Nothing),
        (sso_role("dev", "acme"), Found::Nothing),
    ]);
    let (asker, _) = world.want("sso-role:dev", Wants::Credentials);
    world.issue_device_code("sso-sign-in:acme");
    world.feed(Event::AskerLeft(asker));
    world.until("10:03");
    let effects = world.renewed("sso-sign-in:acme", refreshable("11:00"));
    assert_eq!(
        the_start(&effects).session.as_str(),
        "sso-role:dev",
        "the role follows, for the program that comes back"
    );
}

#[test]
fn somebody_who_leaves_the_terminal_leaves_no_prompt_behind() {
    let mut world = World::new([(mfa_role("prod", "alice"), Found::Nothing)]);
    let (asker, _) = world.want("role:prod", Wants::CredentialsFor(hours(2)));
    world.feed(Event::AskerLeft(asker));
    assert_eq!(world.engine.prompts().count(), 0);
}

#[test]
fn a_minimum_that_is_not_met_is_a_renewal_and_may_ask_somebody() {
    let mut world = World::new([(mfa_role("prod", "alice"), living(hours(4), "11:00"))]);
    let (asker, effects) = world.want("role:prod", Wants::CredentialsFor(hours(2)));
    assert_eq!(answers(&effects), []);
    world.enter_code();
    let effects = world.renewed("role:prod", living(hours(4), "14:00"));
    let found = End::issued(at("10:00"), at("14:00"));
    assert_eq!(answers(&effects), [(asker, Ok(found))]);
}

#[test]
fn a_minimum_that_no_renewal_can_meet_does_not_renew_what_is_as_good_as_new() {
    let mut world = World::new([(role("plain"), ends("10:55"))]);
    let (_, effects) = world.want("role:plain", Wants::CredentialsFor(hours(2)));
    assert_eq!(answers(&effects).len(), 1);
    assert!(started(&effects).is_empty());
}

#[test]
fn a_minimum_that_cannot_be_had_is_told_and_nothing_shorter_is_served_instead() {
    let mut world = World::new([(role("plain"), ends("10:30"))]);
    let (asker, _) = world.want("role:plain", Wants::CredentialsFor(hours(1)));
    let effects = world.answer("role:plain", Err(ErrorCode::AccessDenied));
    assert_eq!(answers(&effects), [(asker, Err(ErrorCode::AccessDenied))]);
}

#[test]
fn until_when_a_session_is_kept_fresh_is_told_by_what_it_is_made_from() {
    let world = World::new([
        (role("plain"), ends("11:00")),
        (mfa_role("prod", "alice"), ends("11:00")),
        (chained("from-prod", "role:prod"), ends("10:50")),
        (sign_in("acme"), refreshable_until("11:00", "15:00")),
        (sso_role("dev", "acme"), ends("11:00")),
        (sign_in("other"), refreshable("11:00")),
        (sso_role("ops", "other"), ends("11:00")),
        (long_lived_keys("old"), lasting("2026-01-01")),
    ]);
    let kept = |session: &str| world.engine.keeps_until(world.session(session));
    assert_eq!(kept("role:plain"), None, "for ever");
    assert_eq!(
        kept("role:prod"),
        Some(at("11:00")),
        "then a code is needed"
    );
    assert_eq!(kept("role:from-prod"), Some(at("11:00")));
    assert_eq!(kept("sso-role:dev"), Some(at("15:00")), "then a sign-in is");
    assert_eq!(kept("sso-role:ops"), None, "nobody knows an end");
}

#[test]
fn a_profile_with_a_role_and_left_over_keys_means_the_role() {
    let world = World::new([
        (
            defined("foreign", "dev", foreign("dev", None).renewal),
            ends("11:00"),
        ),
        (role("dev"), ends("11:00")),
    ]);
    let meant = world.engine.session_named("dev").map(id_of);
    assert_eq!(meant, Some(id("role:dev")));
}

#[test]
fn a_profile_that_stands_for_another_ones_session_means_that_session() {
    let mut world = World::new([(role("dev"), ends("11:00"))]);
    world.used_in(
        "role:dev",
        vec![Place::Profile(ProfileName::new("dev-fresh"))],
    );
    let meant = world.engine.session_named("dev-fresh").map(id_of);
    assert_eq!(meant, Some(id("role:dev")));
    assert!(world.engine.session_named("another").is_none());
}
