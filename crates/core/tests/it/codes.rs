//! MFA codes: typed, wrong, used up, shared.

use jiff::SignedDuration;
use sandglass_core::error::ErrorCode;
use sandglass_core::event::{Event, Intent};
use sandglass_core::prompt::Phase;
use sandglass_core::session::{Found, State};
use sandglass_core::views::prompt::PromptQuestion;

use crate::world::*;

#[test]
fn a_click_asks_for_a_code_and_the_right_code_renews() {
    let mut world = World::new([(mfa_session(), ends("10:10"))]);
    assert_eq!(started(&world.click("session-token:mfa")).len(), 0);
    let prompt = world.prompt().id;
    assert_eq!(
        world.state("session-token:mfa"),
        State::WaitingForYou {
            prompt,
            last: Some(end("10:10"))
        }
    );
    let view = world.prompt_view();
    assert_eq!((view.name.as_str(), view.asked_by), ("mfa", None));
    let effects = world.enter_code();
    assert_eq!(the_start(&effects).using, code_of(prompt));
    assert!(matches!(
        world.prompt_view().question,
        PromptQuestion::Code { checking: true, .. }
    ));
    world.renewed("session-token:mfa", ends("11:00"));
    assert_eq!(world.state("session-token:mfa"), State::Valid(end("11:00")));
    assert_eq!(world.engine.prompts().count(), 0);
}

#[test]
fn a_wrong_code_keeps_the_prompt_open_with_the_words_of_aws() {
    let mut world = World::new([(mfa_session(), ends("10:10"))]);
    world.click("session-token:mfa");
    let prompt = world.prompt().id;
    world.enter_code();
    assert_eq!(
        world.answer("session-token:mfa", Err(ErrorCode::WrongCode)),
        []
    );
    assert_eq!(world.prompt().id, prompt);
    assert_eq!(
        world.code_question(),
        (Some("AWS said WrongCode".to_owned()), None)
    );
    let effects = world.enter_code();
    assert_eq!(the_start(&effects).using, code_of(prompt));
    assert_eq!(world.code_question(), (None, None));
    world.renewed("session-token:mfa", ends("11:00"));
    assert_eq!(world.engine.prompts().count(), 0);
}

#[test]
fn a_second_code_while_one_is_being_checked_is_ignored() {
    let mut world = World::new([(mfa_session(), ends("10:10"))]);
    world.click("session-token:mfa");
    world.enter_code();
    assert_eq!(world.enter_code(), []);
}

#[test]
fn a_code_for_a_prompt_that_is_gone_is_ignored() {
    let mut world = World::new([(mfa_session(), ends("10:10"))]);
    world.click("session-token:mfa");
    let prompt = world.prompt().id;
    world.intend(Intent::CancelPrompt(prompt));
    assert_eq!(world.feed(Event::CodeEntered { prompt }), []);
    assert_eq!(world.intend(Intent::CancelPrompt(prompt)), []);
    assert_eq!(world.intend(Intent::RestartSignIn(prompt)), []);
}

#[test]
fn sessions_behind_one_device_share_a_prompt_and_take_one_code_each() {
    let mut world = World::new([
        (mfa_role("a", "alice"), ends("10:10")),
        (mfa_role("b", "alice"), ends("10:10")),
        (mfa_role("c", "bob"), ends("10:10")),
    ]);
    world.click("role:b");
    world.click("role:a");
    let prompt = world.prompt().id;
    assert_eq!(world.prompt_view().name, "b");
    assert_eq!(world.prompt_view().also, ["a"]);
    world.until("10:00:10");
    assert_eq!(the_start(&world.enter_code()).session, id("role:b"));
    assert_eq!(started(&world.renewed("role:b", ends("11:00"))).len(), 0);
    // One code serves one call: the prompt stays and asks for the next one.
    assert_eq!(world.prompt().id, prompt);
    assert_eq!(world.prompt_view().name, "a");
    assert_eq!(world.prompt_view().also, [""; 0]);
    assert_eq!(world.code_question(), (None, Some(at("10:00:30"))));
    world.until("10:00:31");
    assert_eq!(the_start(&world.enter_code()).session, id("role:a"));
    world.renewed("role:a", ends("11:00"));
    assert_eq!(world.engine.prompts().count(), 0);
}

#[test]
fn a_used_code_is_forgotten_once_the_device_shows_another() {
    let mut world = World::new([(mfa_session(), ends("10:10"))]);
    world.click("session-token:mfa");
    world.until("10:00:20");
    world.enter_code();
    world.renewed("session-token:mfa", ends("11:00"));
    assert_eq!(
        world.engine.code_used(&device("alice")),
        Some(at("10:00:20"))
    );
    world.until("10:01");
    world.click("session-token:mfa");
    assert_eq!(world.code_question(), (None, None));
}

#[test]
fn two_devices_are_asked_one_after_the_other() {
    let mut world = World::new([
        (mfa_role("a", "alice"), ends("10:10")),
        (mfa_role("b", "bob"), ends("10:10")),
    ]);
    world.intend(Intent::RenewEach(vec![id("role:a"), id("role:b")]));
    assert_eq!(world.engine.prompts().count(), 2);
    assert_eq!(world.prompt_view().name, "a");
    let first = world.prompt_view().id;
    world.intend(Intent::CancelPrompt(first));
    assert_eq!(world.prompt_view().name, "b");
}

#[test]
fn a_chain_behind_one_device_stays_in_one_prompt() {
    let mut world = World::new([
        (mfa_role("source", "alice"), Found::Nothing),
        (chained_mfa("deep", "role:source", "alice"), Found::Nothing),
    ]);
    world.click("role:deep");
    let prompt = world.prompt().id;
    assert_eq!(the_start(&world.enter_code()).session, id("role:source"));
    world.renewed("role:source", ends("11:00"));
    assert_eq!(world.prompt().id, prompt);
    assert_eq!(world.code_question().1, Some(at("10:00:30")));
    assert_eq!(the_start(&world.enter_code()).session, id("role:deep"));
    world.renewed("role:deep", ends("11:00"));
    assert_eq!(world.engine.prompts().count(), 0);
}

#[test]
fn one_of_several_that_is_renewed_elsewhere_leaves_the_check_of_another_alone() {
    let mut world = World::new([
        (mfa_role("a", "alice"), ends("10:10")),
        (mfa_role("b", "alice"), ends("10:10")),
    ]);
    world.intend(Intent::RenewEach(vec![id("role:a"), id("role:b")]));
    world.enter_code();
    assert_eq!(world.write([(mfa_role("b", "alice"), ends("11:00"))]), []);
    assert_eq!(world.prompt().phase, Phase::CheckingCode);
    assert_eq!(world.enter_code(), []);
    world.renewed("role:a", ends("11:00"));
    assert_eq!(world.engine.prompts().count(), 0);
}

#[test]
fn what_can_never_work_is_told_in_the_prompt_and_stays_known_when_it_is_left() {
    let mut world = World::new([(mfa_role("a", "alice"), ends("10:10"))]);
    world.click("role:a");
    world.enter_code();
    world.answer("role:a", Err(ErrorCode::AccessDenied));
    assert_eq!(
        world.code_question().0,
        Some("AWS said AccessDenied".to_owned())
    );
    world.intend(Intent::CancelPrompt(world.prompt().id));
    assert!(matches!(world.state("role:a"), State::Broken { .. }));
}

#[test]
fn a_source_that_ended_meanwhile_is_renewed_and_the_code_asked_for_again() {
    let mut world = World::new([
        (role("source"), ends("11:00")),
        (chained_mfa("deep", "role:source", "alice"), ends("10:10")),
    ]);
    world.click("role:deep");
    world.enter_code();
    let effects = world.answer("role:deep", Err(ErrorCode::SourceExpired));
    assert_eq!(the_start(&effects).session, id("role:source"));
    world.renewed("role:source", ends("11:30"));
    assert_eq!(world.prompt_view().name, "deep");
    the_start(&world.enter_code());
    world.renewed("role:deep", ends("11:00"));
    assert_eq!(world.state("role:deep"), State::Valid(end("11:00")));
}

#[test]
fn a_cancelled_prompt_lets_the_session_rest_and_snoozes_it() {
    let mut world = World::new([(mfa_session(), ends("10:10"))]);
    assert_eq!(world.notices().len(), 1);
    world.click("session-token:mfa");
    assert_eq!(world.notices(), []);
    world.enter_code();
    let attempt = world.attempt("session-token:mfa");
    let effects = world.intend(Intent::CancelPrompt(world.prompt().id));
    assert_eq!(effects, [sandglass_core::effect::Effect::GiveUp(attempt)]);
    assert_eq!(world.state("session-token:mfa"), State::Due(end("10:10")));
    assert_eq!(world.session("session-token:mfa").trouble, None);
    assert_eq!(world.notices(), []);
    world.jump(world.now + SignedDuration::from_mins(5));
    assert_eq!(world.notices().len(), 1);
}
