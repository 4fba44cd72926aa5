//! Programs that wait: who is asked for them, and what they are told.

use std::collections::BTreeSet;

use sandglass_core::effect::{CodeGiven, CodeSpent, Effect, Question, Using};
use sandglass_core::engine::Route;
use sandglass_core::error::ErrorCode;
use sandglass_core::event::{Event, Intent, Reach};
use sandglass_core::names::AskerId;
use sandglass_core::session::{Definition, Found, State};

use crate::world::*;

fn six_roles() -> Vec<(Definition, Found)> {
    (1..=6)
        .map(|number| (mfa_role(&format!("r{number}"), "alice"), Found::Nothing))
        .collect()
}

#[test]
fn a_hundred_programs_behind_one_device_make_one_prompt_and_its_codes_serve_them_all() {
    let mut world = World::new(six_roles());
    let mut askers = BTreeSet::new();
    for number in 0..100 {
        let (asker, effects) = world.ask(&format!("role:r{}", number % 6 + 1), Reach::Tray);
        assert_eq!(started(&effects).len(), 0);
        askers.insert(asker);
    }
    let prompt = world.prompt().id;
    assert_eq!(
        world.prompt_view().asked_by.as_deref(),
        Some("terraform, pid 4242")
    );
    assert_eq!(world.prompt_view().also, ["r2", "r3", "r4", "r5", "r6"]);
    let mut answered = BTreeSet::new();
    for number in 1..=6 {
        assert_eq!(world.prompt().id, prompt);
        let session = format!("role:r{number}");
        assert_eq!(the_start(&world.enter_code()).session.as_str(), session);
        for (asker, result) in answers(&world.renewed(&session, ends("11:00"))) {
            assert_eq!(result, Ok(end("11:00")));
            answered.insert(asker);
        }
    }
    assert_eq!(answered, askers);
    assert_eq!(world.engine.prompts().count(), 0);
}

#[test]
fn cancel_answers_all_and_a_cool_down_keeps_the_prompt_away_until_a_click() {
    let mut world = World::new(six_roles());
    for number in 1..=6 {
        world.ask(&format!("role:r{number}"), Reach::Tray);
    }
    let effects = world.intend(Intent::CancelPrompt(world.prompt().id));
    let told = answers(&effects);
    assert_eq!(told.len(), 6);
    assert!(
        told.iter()
            .all(|(_, result)| *result == Err(ErrorCode::Cancelled))
    );
    let (_, effects) = world.ask("role:r1", Reach::Tray);
    assert_eq!(answers(&effects)[0].1, Err(ErrorCode::CoolingDown));
    world.until("10:00:30");
    world.ask("role:r1", Reach::Tray);
    world.intend(Intent::PostponePrompt(world.prompt().id));
    world.until("10:15");
    let (_, effects) = world.ask("role:r1", Reach::TrayOrTerminal);
    assert_eq!(answers(&effects)[0].1, Err(ErrorCode::CoolingDown));
    world.click("role:r2");
    assert_eq!(world.prompt_view().name, "r2");
    let (_, effects) = world.ask("role:r1", Reach::Tray);
    assert_eq!(effects, []);
}

#[test]
fn a_cool_down_stops_nobody_who_brings_what_is_needed() {
    let mut world = World::new(six_roles());
    world.click("role:r1");
    world.intend(Intent::PostponePrompt(world.prompt().id));
    let (asker, effects) = world.ask("role:r1", Reach::CodeInHand);
    assert_eq!(the_start(&effects).using, code_in_hand(asker));
}

#[test]
fn without_a_tray_the_terminal_of_the_program_is_asked() {
    let mut world = World::without_tray([(mfa_session(), Found::Nothing)]);
    let (asker, effects) = world.ask("session-token:mfa", Reach::TrayOrTerminal);
    let asked = |error: Option<ErrorCode>| {
        let question = Question::Code {
            device: "alice".to_owned(),
            sessions: vec![id("session-token:mfa")],
            error: error.map(crate::world::error),
        };
        vec![(asker, question)]
    };
    assert_eq!(questions(&effects), asked(None));
    the_start(&world.enter_code());
    let effects = world.answer("session-token:mfa", Err(ErrorCode::WrongCode));
    assert_eq!(questions(&effects), asked(Some(ErrorCode::WrongCode)));
    the_start(&world.enter_code());
    // The same answer once more is told once more.
    let effects = world.answer("session-token:mfa", Err(ErrorCode::WrongCode));
    assert_eq!(questions(&effects), asked(Some(ErrorCode::WrongCode)));
    the_start(&world.enter_code());
    let effects = world.renewed("session-token:mfa", ends("11:00"));
    assert_eq!(answers(&effects), [(asker, Ok(end("11:00")))]);
}

#[test]
fn with_a_tray_the_terminal_is_left_alone() {
    let mut world = World::new([(mfa_session(), Found::Nothing)]);
    let (_, effects) = world.ask("session-token:mfa", Reach::TrayOrTerminal);
    assert_eq!(questions(&effects), []);
    assert_eq!(world.prompt().route, Route::Tray);
}

#[test]
fn what_no_code_can_cure_ends_the_question_in_the_terminal() {
    let mut world = World::without_tray([(mfa_session(), Found::Nothing)]);
    for code in [ErrorCode::AccessDenied, ErrorCode::Unreachable] {
        let (asker, _) = world.ask("session-token:mfa", Reach::TrayOrTerminal);
        world.enter_code();
        let effects = world.answer("session-token:mfa", Err(code));
        assert_eq!(answers(&effects), [(asker, Err(code))]);
        assert_eq!(world.engine.prompts().count(), 0);
    }
}

#[test]
fn with_neither_tray_nor_terminal_the_program_is_told_at_once() {
    let mut world = World::without_tray([
        (mfa_session(), Found::Nothing),
        (sign_in("acme"), Found::Nothing),
        (sso_role("dev", "acme"), Found::Nothing),
    ]);
    for session in ["session-token:mfa", "sso-sign-in:acme", "sso-role:dev"] {
        let (asker, effects) = world.ask(session, Reach::Tray);
        assert_eq!(answers(&effects), [(asker, Err(ErrorCode::NobodyToAsk))]);
        assert_eq!(
            world.session(session).trouble,
            None,
            "that says nothing of the session"
        );
    }
    let (asker, effects) = world.ask("sso-role:dev", Reach::CodeInHand);
    assert_eq!(answers(&effects), [(asker, Err(ErrorCode::NobodyToAsk))]);
}

#[test]
fn a_program_that_names_no_session_is_told_at_once() {
    let mut world = World::new([(mfa_session(), Found::Nothing)]);
    let (asker, effects) = world.ask("role:nowhere", Reach::TrayOrTerminal);
    assert_eq!(answers(&effects), [(asker, Err(ErrorCode::UnknownProfile))]);
}

#[test]
fn a_code_in_hand_is_used_without_a_question() {
    let mut world = World::new([(mfa_session(), Found::Nothing)]);
    let (asker, effects) = world.ask("session-token:mfa", Reach::CodeInHand);
    assert_eq!(the_start(&effects).using, code_in_hand(asker));
    assert_eq!(world.views().prompt, None);
    let effects = world.answer("session-token:mfa", Err(ErrorCode::WrongCode));
    assert_eq!(answers(&effects), [(asker, Err(ErrorCode::WrongCode))]);
    assert_eq!(world.engine.prompts().count(), 0);
    let (asker, _) = world.ask("session-token:mfa", Reach::CodeInHand);
    let effects = world.renewed("session-token:mfa", ends("11:00"));
    assert_eq!(answers(&effects), [(asker, Ok(end("11:00")))]);
}

#[test]
fn a_code_in_hand_serves_its_own_session_in_a_prompt_that_is_open_for_others() {
    let mut world = World::new(six_roles());
    world.click("role:r1");
    let (asker, effects) = world.ask("role:r2", Reach::CodeInHand);
    let start = the_start(&effects);
    let using = Using::Code {
        given: CodeGiven::Asker(asker),
        spent: CodeSpent::OnSharedSession,
    };
    assert_eq!((start.session, start.using), (id("role:r2"), using));
    let effects = world.renewed("role:r2", ends("11:00"));
    assert_eq!(answers(&effects), [(asker, Ok(end("11:00")))]);
    assert_eq!(world.prompt_view().name, "r1");
    assert_eq!(world.code_question(), (None, Some(at("10:00:30"))));
}

#[test]
fn a_wrong_code_in_hand_is_told_to_its_program_and_the_prompt_stays_as_it_was() {
    let mut world = World::new(six_roles());
    world.click("role:r1");
    let prompt = world.prompt().id;
    let (asker, effects) = world.ask("role:r1", Reach::CodeInHand);
    assert_eq!(the_start(&effects).using, code_in_hand(asker));
    let (second, effects) = world.ask("role:r1", Reach::CodeInHand);
    assert_eq!(effects, [], "one code is checked at a time");
    let effects = world.answer("role:r1", Err(ErrorCode::WrongCode));
    assert_eq!(answers(&effects), [(asker, Err(ErrorCode::WrongCode))]);
    assert_eq!(the_start(&effects).using, code_in_hand(second));
    world.answer("role:r1", Err(ErrorCode::WrongCode));
    assert_eq!(world.prompt().id, prompt);
    assert_eq!(world.code_question(), (None, None));
}

#[test]
fn a_wrong_code_in_hand_leaves_the_question_to_others_who_wait() {
    let mut world = World::without_tray(six_roles());
    let (with_code, _) = world.ask("role:r1", Reach::CodeInHand);
    let (at_terminal, _) = world.ask("role:r1", Reach::TrayOrTerminal);
    let effects = world.answer("role:r1", Err(ErrorCode::WrongCode));
    assert_eq!(answers(&effects), [(with_code, Err(ErrorCode::WrongCode))]);
    assert_eq!(questions(&effects).len(), 1);
    assert_eq!(world.prompt().route, Route::Terminal(at_terminal));
}

#[test]
fn one_code_in_hand_does_not_serve_two_calls() {
    let mut world = World::without_tray([
        (mfa_role("source", "alice"), Found::Nothing),
        (chained_mfa("deep", "role:source", "alice"), Found::Nothing),
    ]);
    let (asker, effects) = world.ask("role:deep", Reach::CodeInHand);
    assert_eq!(the_start(&effects).session, id("role:source"));
    let effects = world.renewed("role:source", ends("11:00"));
    assert_eq!(started(&effects).len(), 0);
    assert_eq!(answers(&effects), [(asker, Err(ErrorCode::NobodyToAsk))]);
}

#[test]
fn a_program_that_leaves_takes_its_question_with_it() {
    let mut world = World::without_tray([(mfa_session(), Found::Nothing)]);
    let (asker, _) = world.ask("session-token:mfa", Reach::TrayOrTerminal);
    world.enter_code();
    let attempt = world.attempt("session-token:mfa");
    let effects = world.feed(Event::AskerLeft(asker));
    assert_eq!(effects, [Effect::GiveUp(attempt)]);
    assert_eq!(world.engine.prompts().count(), 0);
    assert_eq!(world.state("session-token:mfa"), State::Unknown);
    assert_eq!(world.feed(Event::AskerLeft(asker)), []);
}

#[test]
fn a_prompt_in_the_tray_closes_when_the_last_program_that_wanted_it_leaves() {
    let mut world = World::new([
        (sign_in("acme"), Found::Nothing),
        (sso_role("dev", "acme"), Found::Nothing),
        (sso_role("ops", "acme"), Found::Nothing),
    ]);
    let (dev, _) = world.ask("sso-role:dev", Reach::Tray);
    let (ops, _) = world.ask("sso-role:ops", Reach::Tray);
    let attempt = world.attempt("sso-sign-in:acme");
    assert_eq!(world.feed(Event::AskerLeft(dev)), []);
    assert_eq!(world.state("sso-role:dev"), State::Unknown);
    assert_eq!(world.prompt_view().name, "ops");
    assert_eq!(
        world.prompt_view().asked_by.as_deref(),
        Some("terraform, pid 4243")
    );
    assert_eq!(world.feed(Event::AskerLeft(ops)), [Effect::GiveUp(attempt)]);
    assert_eq!(world.engine.prompts().count(), 0);
}

#[test]
fn a_click_keeps_the_prompt_of_a_program_that_leaves() {
    let mut world = World::new(six_roles());
    let (asker, _) = world.ask("role:r1", Reach::Tray);
    world.click("role:r1");
    assert_eq!(world.prompt_view().asked_by, None);
    world.feed(Event::AskerLeft(asker));
    assert_eq!(world.prompt_view().name, "r1");
}

#[test]
fn another_terminal_takes_over_the_question_of_one_that_left() {
    let mut world = World::without_tray([(mfa_session(), Found::Nothing)]);
    let (first, _) = world.ask("session-token:mfa", Reach::TrayOrTerminal);
    let (second, effects) = world.ask("session-token:mfa", Reach::TrayOrTerminal);
    assert_eq!(questions(&effects), [], "one prompt, one terminal");
    let effects = world.feed(Event::AskerLeft(first));
    assert_eq!(questions(&effects)[0].0, second);
    // Nobody at a terminal: the last one is told.
    let (third, _) = world.ask("session-token:mfa", Reach::Tray);
    let effects = world.feed(Event::AskerLeft(second));
    assert_eq!(answers(&effects), [(third, Err(ErrorCode::NobodyToAsk))]);
}

#[test]
fn a_tray_that_leaves_hands_its_question_to_a_terminal_or_tells_who_waits() {
    let mut world = World::new(six_roles());
    let (tray_only, _) = world.ask("role:r1", Reach::Tray);
    let (terminal, _) = world.ask("role:r2", Reach::TrayOrTerminal);
    let effects = world.feed(Event::TrayLeft);
    assert_eq!(questions(&effects)[0].0, terminal);
    assert_eq!(world.prompt().route, Route::Terminal(terminal));
    let effects = world.feed(Event::AskerLeft(terminal));
    assert_eq!(
        answers(&effects),
        [(tray_only, Err(ErrorCode::NobodyToAsk))]
    );

    let mut world = World::new(six_roles());
    world.click("role:r1");
    world.feed(Event::TrayLeft);
    assert_eq!(world.engine.prompts().count(), 0);
    assert_eq!(world.state("role:r1"), State::Unknown);
}

#[test]
fn a_check_under_way_survives_the_tray_that_leaves() {
    let mut world = World::new(six_roles());
    let (terminal, _) = world.ask("role:r1", Reach::TrayOrTerminal);
    world.enter_code();
    assert_eq!(world.feed(Event::TrayLeft), []);
    let effects = world.renewed("role:r1", ends("11:00"));
    assert_eq!(answers(&effects), [(terminal, Ok(end("11:00")))]);
}

#[test]
fn whoever_runs_login_sees_the_device_code_wherever_else_it_is_shown() {
    let mut world = World::new([(sign_in("acme"), Found::Nothing)]);
    world.click("sso-sign-in:acme");
    world.issue_device_code("sso-sign-in:acme");
    let (asker, effects) = world.ask("sso-sign-in:acme", Reach::Terminal);
    assert_eq!(
        questions(&effects),
        [(asker, Question::Approve(device_code()))]
    );
    assert_eq!(world.prompt().route, Route::Tray);
    let effects = world.answer("sso-sign-in:acme", Err(ErrorCode::SignInRefused));
    assert_eq!(answers(&effects), [(asker, Err(ErrorCode::SignInRefused))]);
    assert_eq!(
        world.engine.prompts().count(),
        1,
        "the person at the tray sees it too"
    );
}

#[test]
fn login_in_a_terminal_is_asked_there_and_told_what_became_of_it() {
    let mut world = World::new([(sign_in("acme"), Found::Nothing)]);
    let (asker, effects) = world.ask("sso-sign-in:acme", Reach::Terminal);
    assert_eq!(the_start(&effects).using, BROWSER);
    assert_eq!(world.views().prompt, None);
    let effects = world.issue_device_code("sso-sign-in:acme");
    assert_eq!(
        questions(&effects),
        [(asker, Question::Approve(device_code()))]
    );
    let effects = world.answer("sso-sign-in:acme", Err(ErrorCode::SignInTimedOut));
    assert_eq!(answers(&effects), [(asker, Err(ErrorCode::SignInTimedOut))]);
    assert_eq!(world.engine.prompts().count(), 0);
}

#[test]
fn programs_that_wait_for_a_silent_renewal_are_answered_by_it() {
    let mut world = World::new([(role("deploy"), ends("10:10"))]);
    world.agree_to_all();
    let (asker, effects) = world.ask("role:deploy", Reach::Tray);
    assert_eq!(started(&effects).len(), 0, "it is under way");
    let effects = world.renewed("role:deploy", ends("11:00"));
    assert_eq!(answers(&effects), [(asker, Ok(end("11:00")))]);
    assert_eq!(world.notices(), []);
}

#[test]
fn a_program_agrees_for_the_session_that_it_asks_for() {
    let mut world = World::new([(role("deploy"), ends("11:00"))]);
    world.ask("role:deploy", Reach::Tray);
    assert!(world.engine.agreement().covers(&id("role:deploy")));
}

#[test]
fn what_can_never_work_is_told_to_programs_while_the_person_sees_it_in_the_prompt() {
    let mut world = World::new(six_roles());
    world.click("role:r1");
    let (asker, _) = world.ask("role:r1", Reach::Tray);
    world.enter_code();
    let effects = world.answer("role:r1", Err(ErrorCode::WrongDevice));
    assert_eq!(answers(&effects), [(asker, Err(ErrorCode::WrongDevice))]);
    assert_eq!(world.engine.prompts().count(), 1);
    // Without a person there is nobody left to show it to.
    let mut world = World::new(six_roles());
    world.ask("role:r1", Reach::Tray);
    world.enter_code();
    world.answer("role:r1", Err(ErrorCode::WrongDevice));
    assert_eq!(world.engine.prompts().count(), 0);
    assert!(matches!(world.state("role:r1"), State::Broken { .. }));
}

#[test]
fn answers_to_nobody_are_not_given() {
    let mut world = World::new([(role("deploy"), ends("10:10"))]);
    let (asker, _) = world.ask("role:deploy", Reach::Tray);
    world.feed(Event::AskerLeft(asker));
    let effects = world.renewed("role:deploy", ends("11:00"));
    assert_eq!(effects, []);
    assert_eq!(world.feed(Event::AskerLeft(AskerId(99))), []);
}
