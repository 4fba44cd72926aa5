//! One code for many roles: the MFA session that they share.

use jiff::SignedDuration;
use sandglass_core::effect::{CodeGiven, CodeSpent, Effect, Using};
use sandglass_core::error::ErrorCode;
use sandglass_core::event::{Event, Reach, SharedSession};
use sandglass_core::lifetimes::End;
use sandglass_core::names::ProfileName;
use sandglass_core::session::{Definition, Found, Needs, Renewal, State};

use crate::world::*;

const NAMES: [&str; 6] = ["a", "b", "c", "d", "e", "f"];

fn opened(until: &str) -> Event {
    Event::SharedSessionOpened(SharedSession {
        source: ProfileName::new("keys"),
        device: device("alice"),
        end: End::issued(at("10:00"), at(until)),
    })
}

fn six_roles() -> World {
    World::new(NAMES.map(|name| (mfa_role(name, "alice"), Found::Nothing)))
}

fn of_hours(name: &str, hours: i64) -> Definition {
    let mut definition = mfa_role(name, "alice");
    if let Renewal::Role(role) = &mut definition.renewal {
        role.duration = Some(SignedDuration::from_hours(hours));
    }
    definition
}

fn needs(world: &World, session: &str) -> Needs {
    world.engine.needs(world.session(session), world.now)
}

#[test]
fn a_hundred_programs_over_six_roles_behind_one_device_make_one_prompt_and_take_one_code() {
    let mut world = six_roles();
    for number in 0..100 {
        let (_, effects) = world.ask(&format!("role:{}", NAMES[number % 6]), Reach::Tray);
        assert_eq!(started(&effects).len(), 0);
    }
    let prompt = world.prompt().id;
    assert_eq!(world.prompt_view().also.len(), 5);

    let first = the_start(&world.enter_code());
    let given = CodeGiven::Prompt(prompt);
    let spent = CodeSpent::OnSharedSession;
    assert_eq!(first.using, Using::Code { given, spent });

    let others = started(&world.feed(opened("22:00")));
    assert_eq!(others.len(), 5, "they do not wait for the first");
    assert!(
        others
            .iter()
            .all(|other| other.using == Using::SharedSession)
    );

    let mut told = 0;
    for name in NAMES {
        told += answers(&world.renewed(&format!("role:{name}"), ends("11:00"))).len();
    }
    assert_eq!(told, 100);
    assert_eq!(world.engine.prompts().count(), 0);
}

#[test]
fn a_role_that_waits_alone_takes_the_code_into_its_own_call() {
    let mut world = six_roles();
    world.click("role:a");
    let start = the_start(&world.enter_code());
    assert!(matches!(
        start.using,
        Using::Code {
            spent: CodeSpent::OnTheCall,
            ..
        }
    ));
}

#[test]
fn roles_that_ask_for_more_than_an_hour_take_a_code_each_since_aws_gives_them_no_more_from_a_session()
 {
    let mut world = World::new([
        (of_hours("a", 4), Found::Nothing),
        (of_hours("b", 4), Found::Nothing),
    ]);
    world.click("role:a");
    world.click("role:b");
    for session in ["role:a", "role:b"] {
        let start = the_start(&world.enter_code());
        assert_eq!(start.session.as_str(), session);
        assert!(matches!(
            start.using,
            Using::Code {
                spent: CodeSpent::OnTheCall,
                ..
            }
        ));
        world.renewed(session, ends("14:00"));
    }
    assert_eq!(world.engine.prompts().count(), 0);
}

#[test]
fn a_wrong_code_opens_no_session_and_is_told_in_the_prompt() {
    let mut world = six_roles();
    world.click("role:a");
    world.click("role:b");
    world.enter_code();
    world.answer("role:a", Err(ErrorCode::WrongCode));
    assert_eq!(
        world.code_question().0,
        Some("AWS said WrongCode".to_owned())
    );
    assert!(matches!(needs(&world, "role:a"), Needs::Code(_)));
}

#[test]
fn who_may_not_open_a_session_is_told_so_in_the_prompt() {
    let mut world = six_roles();
    world.click("role:a");
    world.click("role:b");
    world.enter_code();
    world.answer("role:a", Err(ErrorCode::AccessDenied));
    assert_eq!(
        world.code_question().0,
        Some("AWS said AccessDenied".to_owned())
    );
}

#[test]
fn a_role_that_does_not_take_the_shared_session_asks_for_a_code_of_its_own() {
    let mut world = six_roles();
    world.feed(opened("22:00"));
    let start = the_start(&world.click("role:a"));
    assert_eq!(start.using, Using::SharedSession);
    world.answer("role:a", Err(ErrorCode::AccessDenied));
    assert_eq!(world.prompt().opened_for.as_str(), "role:a");
    let start = the_start(&world.enter_code());
    assert!(matches!(
        start.using,
        Using::Code {
            spent: CodeSpent::OnTheCall,
            ..
        }
    ));
    world.renewed("role:a", ends("11:00"));
    assert_eq!(
        needs(&world, "role:b"),
        Needs::Nothing,
        "the others still take it"
    );
    assert_eq!(needs(&world, "role:a"), Needs::Code(device("alice")));
}

#[test]
fn the_first_role_of_several_that_does_not_take_the_session_keeps_its_prompt() {
    let mut world = six_roles();
    world.click("role:a");
    world.click("role:b");
    world.enter_code();
    world.feed(opened("22:00"));
    world.answer("role:a", Err(ErrorCode::AccessDenied));
    world.renewed("role:b", ends("11:00"));
    assert_eq!(world.prompt().opened_for.as_str(), "role:a");
    let used = world.engine.code_used(&device("alice"));
    assert_eq!(
        used,
        Some(world.now),
        "the device must show another code first"
    );
}

#[test]
fn a_shared_session_that_aws_no_longer_accepts_is_forgotten() {
    let mut world = six_roles();
    world.feed(opened("22:00"));
    world.click("role:a");
    world.answer("role:a", Err(ErrorCode::SourceExpired));
    assert_eq!(world.prompt().opened_for.as_str(), "role:a");
    assert_eq!(needs(&world, "role:b"), Needs::Code(device("alice")));
}

#[test]
fn while_it_stands_the_roles_are_kept_silently_and_afterwards_a_code_is_asked() {
    let mut world = World::new([(mfa_role("a", "alice"), ends("10:20"))]);
    world.agree_to_all();
    world.feed(opened("10:30"));
    let effects = world.until("10:06");
    assert_eq!(the_start(&effects).using, Using::SharedSession);
    world.renewed("role:a", ends("11:00"));
    let effects = world.until("10:46");
    assert_eq!(started(&effects).len(), 0, "the shared session has ended");
    assert_eq!(world.state("role:a"), State::Due(end("11:00")));
    assert_eq!(world.notices().len(), 1);
}

#[test]
fn a_silent_renewal_that_the_shared_session_does_not_serve_asks_nobody() {
    let mut world = World::new([(mfa_role("a", "alice"), ends("10:20"))]);
    world.agree_to_all();
    world.feed(opened("22:00"));
    world.until("10:06");
    let effects = world.answer("role:a", Err(ErrorCode::AccessDenied));
    assert_eq!(started(&effects).len(), 0);
    assert_eq!(world.engine.prompts().count(), 0);
    assert_eq!(world.state("role:a"), State::Due(end("10:20")));
}

#[test]
fn cancelling_fails_all_who_wait_with_one_error() {
    let mut world = six_roles();
    for number in 0..12 {
        world.ask(&format!("role:{}", NAMES[number % 6]), Reach::Tray);
    }
    let prompt = world.prompt().id;
    let effects = world.intend(sandglass_core::event::Intent::CancelPrompt(prompt));
    let told = answers(&effects);
    assert_eq!(told.len(), 12);
    assert!(
        told.iter()
            .all(|(_, told)| *told == Err(ErrorCode::Cancelled))
    );
    assert!(
        !effects
            .iter()
            .any(|effect| matches!(effect, Effect::Renew { .. }))
    );
}

#[test]
fn a_renewal_under_way_outlives_the_shared_session_that_it_was_made_with() {
    let mut world = World::new([
        (mfa_role("a", "alice"), Found::Nothing),
        (chained("deep", "role:a"), Found::Nothing),
    ]);
    world.feed(opened("10:01"));
    let (_, effects) = world.ask("role:deep", Reach::CodeInHand);
    assert_eq!(the_start(&effects).session, id("role:a"));
    assert_eq!(
        world.until("10:02"),
        [],
        "a code is not asked for meanwhile"
    );
    let effects = world.renewed("role:a", ends("11:00"));
    assert_eq!(the_start(&effects).session, id("role:deep"));
}

#[test]
fn a_new_session_that_aws_does_not_accept_costs_one_code_and_no_more() {
    let mut world = six_roles();
    world.click("role:a");
    world.click("role:b");
    world.enter_code();
    world.feed(opened("22:00"));
    world.answer("role:a", Err(ErrorCode::SourceInvalid));
    world.answer("role:b", Err(ErrorCode::SourceInvalid));
    assert_eq!(world.engine.waiting_with(world.prompt().id).count(), 2);
    let start = the_start(&world.enter_code());
    assert_eq!(start.session.as_str(), "role:a");
    assert!(matches!(
        start.using,
        Using::Code {
            spent: CodeSpent::OnTheCall,
            ..
        }
    ));
}

#[test]
fn a_role_that_is_defined_anew_may_take_the_shared_session_again() {
    let mut world = six_roles();
    world.feed(opened("22:00"));
    world.click("role:a");
    world.answer("role:a", Err(ErrorCode::AccessDenied));
    assert_eq!(needs(&world, "role:a"), Needs::Code(device("alice")));
    world.redefine(of_hours("a", 1));
    assert_eq!(needs(&world, "role:a"), Needs::Nothing);
}
