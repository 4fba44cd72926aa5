//! Identity Center: device codes, refresh tokens, and portals that end a session early.

use sandglass_core::effect::Using;
use sandglass_core::error::ErrorCode;
use sandglass_core::event::{Event, Intent};
use sandglass_core::lifetimes::{End, KnownBy};
use sandglass_core::prompt::Phase;
use sandglass_core::session::{Found, Needs, State};
use sandglass_core::views::notice::Stage;
use sandglass_core::views::prompt::{PromptQuestion, SignInProgress};

use crate::world::*;

fn progress(world: &World) -> SignInProgress {
    match world.prompt_view().question {
        PromptQuestion::SignIn { progress, .. } => progress,
        PromptQuestion::Code { .. } => panic!("a code is asked"),
    }
}

#[test]
fn a_sign_in_goes_from_starting_to_approval_and_the_role_that_waited_goes_on() {
    let mut world = World::new([
        (sign_in("acme"), Found::Nothing),
        (sso_role("dev", "acme"), Found::Nothing),
    ]);
    let effects = world.click("sso-role:dev");
    let start = the_start(&effects);
    assert_eq!(
        (start.session, start.using),
        (id("sso-sign-in:acme"), BROWSER)
    );
    assert_eq!(progress(&world), SignInProgress::Starting);
    assert_eq!(world.prompt_view().name, "dev");
    assert!(
        world.prompt_view().also.is_empty(),
        "the title names the sign-in"
    );
    world.issue_device_code("sso-sign-in:acme");
    let SignInProgress::Waiting { user_code, .. } = progress(&world) else {
        panic!("the code is not shown");
    };
    assert_eq!(user_code, "ABCD-EFGH");
    assert!(matches!(
        world.state("sso-role:dev"),
        State::WaitingForYou { .. }
    ));
    let effects = world.renewed("sso-sign-in:acme", refreshable("11:00"));
    let start = the_start(&effects);
    assert_eq!(
        (start.session, start.using),
        (id("sso-role:dev"), Using::WhatIsThere)
    );
    assert_eq!(world.engine.prompts().count(), 0);
    world.renewed("sso-role:dev", ends("11:00"));
    assert_eq!(world.state("sso-role:dev"), State::Valid(end("11:00")));
}

#[test]
fn a_sign_in_that_was_refused_or_ran_out_can_be_started_again() {
    for code in [
        ErrorCode::SignInRefused,
        ErrorCode::SignInTimedOut,
        ErrorCode::Unreachable,
    ] {
        let mut world = World::new([(sign_in("acme"), Found::Nothing)]);
        world.click("sso-sign-in:acme");
        world.issue_device_code("sso-sign-in:acme");
        let prompt = world.prompt().id;
        assert_eq!(world.answer("sso-sign-in:acme", Err(code)), []);
        assert!(matches!(progress(&world), SignInProgress::Failed { .. }));
        let effects = world.intend(Intent::RestartSignIn(prompt));
        assert_eq!(the_start(&effects).using, BROWSER);
        assert_eq!(world.prompt().id, prompt);
        assert_eq!(
            world.intend(Intent::RestartSignIn(prompt)),
            [],
            "it is under way"
        );
        world.issue_device_code("sso-sign-in:acme");
        world.renewed("sso-sign-in:acme", refreshable("11:00"));
        assert_eq!(world.state("sso-sign-in:acme"), State::Valid(end("11:00")));
    }
}

#[test]
fn a_device_code_of_an_attempt_that_was_given_up_is_ignored() {
    let mut world = World::new([(sign_in("acme"), Found::Nothing)]);
    world.click("sso-sign-in:acme");
    let attempt = world.attempt("sso-sign-in:acme");
    world.intend(Intent::CancelPrompt(world.prompt().id));
    let code = device_code();
    assert_eq!(world.feed(Event::DeviceCodeIssued { attempt, code }), []);
    assert_eq!(world.engine.prompts().count(), 0);
}

#[test]
fn a_second_portal_gets_its_device_code_when_its_turn_comes() {
    let mut world = World::new([
        (sign_in("acme"), Found::Nothing),
        (sign_in("other"), Found::Nothing),
    ]);
    let both = vec![id("sso-sign-in:acme"), id("sso-sign-in:other")];
    assert_eq!(
        the_start(&world.intend(Intent::RenewEach(both))).session,
        id("sso-sign-in:acme")
    );
    let effects = world.renewed("sso-sign-in:acme", refreshable("11:00"));
    assert_eq!(the_start(&effects).session, id("sso-sign-in:other"));
}

#[test]
fn a_refused_refresh_token_needs_a_browser_and_opens_none() {
    let mut world = World::new([(sign_in("acme"), refreshable("11:00"))]);
    world.agree_to_all();
    assert_eq!(
        world
            .engine
            .needs(world.session("sso-sign-in:acme"), world.now),
        Needs::Nothing
    );
    assert_eq!(the_start(&world.until("10:45")).using, Using::WhatIsThere);
    assert_eq!(
        world.answer("sso-sign-in:acme", Err(ErrorCode::SignInOver)),
        []
    );
    assert_eq!(world.engine.prompts().count(), 0);
    assert_eq!(world.state("sso-sign-in:acme"), State::Due(end("11:00")));
    assert_eq!(
        world
            .engine
            .needs(world.session("sso-sign-in:acme"), world.now),
        Needs::Browser(portal("acme"))
    );
    let notices = world.notices();
    assert_eq!(notices[0].stage, Stage::First);
    assert!(
        notices[0].body.ends_with("Needs a sign-in at acme."),
        "{}",
        notices[0].body
    );
    // Reading the same file again does not make the token good, nor does time.
    world.read_files();
    assert_eq!(started(&world.until("12:00")).len(), 0);
    world.click("sso-sign-in:acme");
    assert!(matches!(progress(&world), SignInProgress::Starting));
    world.intend(Intent::CancelPrompt(world.prompt().id));
    world.read_files();
    assert_eq!(started(&world.until("12:30")).len(), 0);
}

#[test]
fn a_refresh_token_that_is_refused_after_a_click_leads_to_the_browser() {
    let mut world = World::new([(sign_in("acme"), refreshable("10:10"))]);
    world.click("sso-sign-in:acme");
    let effects = world.answer("sso-sign-in:acme", Err(ErrorCode::SignInOver));
    assert_eq!(the_start(&effects).using, BROWSER);
    assert_eq!(progress(&world), SignInProgress::Starting);
}

#[test]
fn a_portal_that_ends_a_session_early_is_believed_and_the_file_is_not() {
    let mut world = World::new([
        (sign_in("acme"), refreshable("18:00")),
        (sso_role("dev", "acme"), ends("10:10")),
    ]);
    world.click("sso-role:dev");
    let effects = world.answer("sso-role:dev", Err(ErrorCode::SignInOver));
    // The refresh token is tried without anybody being asked.
    let start = the_start(&effects);
    assert_eq!(
        (start.session, start.using),
        (id("sso-sign-in:acme"), Using::WhatIsThere)
    );
    let over = End {
        at: at("10:00"),
        known_by: KnownBy::Probe,
        life: end("18:00").life,
    };
    assert_eq!(world.state("sso-sign-in:acme").end(), Some(over));
    world.read_files();
    assert_eq!(world.state("sso-sign-in:acme").end(), Some(over));
    let effects = world.renewed("sso-sign-in:acme", refreshable("19:00"));
    assert_eq!(the_start(&effects).session, id("sso-role:dev"));
    world.renewed("sso-role:dev", ends("11:00"));
    assert_eq!(world.state("sso-sign-in:acme"), State::Valid(end("19:00")));
}

#[test]
fn a_portal_that_ends_a_session_early_without_refresh_asks_after_a_click_only() {
    let sessions = || {
        [
            (sign_in("acme"), ends("18:00")),
            (sso_role("dev", "acme"), ends("10:10")),
        ]
    };
    let mut world = World::new(sessions());
    world.click("sso-role:dev");
    let effects = world.answer("sso-role:dev", Err(ErrorCode::SignInOver));
    assert_eq!(the_start(&effects).using, BROWSER);

    let mut world = World::new(sessions());
    let effects = world.agree_to_all();
    assert_eq!(the_start(&effects).session, id("sso-role:dev"));
    assert_eq!(world.answer("sso-role:dev", Err(ErrorCode::SignInOver)), []);
    assert_eq!(world.engine.prompts().count(), 0);
    assert!(matches!(world.state("sso-sign-in:acme"), State::Expired(_)));
    world.read_files();
    assert!(matches!(world.state("sso-sign-in:acme"), State::Expired(_)));
    assert_eq!(
        started(&world.until("10:30")).len(),
        0,
        "a fact, not a loop"
    );
    // Signed in again, the role goes on by itself.
    let effects = world.write([(sign_in("acme"), ends("19:00"))]);
    assert_eq!(the_start(&effects).session, id("sso-role:dev"));
}

#[test]
fn a_portal_that_refuses_each_new_token_is_given_up() {
    let mut world = World::new([
        (sign_in("acme"), refreshable("18:00")),
        (sso_role("dev", "acme"), ends("10:10")),
    ]);
    world.agree_to_all();
    let mut calls = 0;
    while let Some(session) = world.under_way.values().next().cloned() {
        calls += 1;
        let result = match session.as_str() {
            "sso-role:dev" => Err(ErrorCode::SignInOver),
            _ => Ok(refreshable(&format!("19:0{calls}"))),
        };
        world.answer(session.as_str(), result);
        assert!(calls < 10, "a loop of refusals");
    }
    // The sign-in renews itself once more; the role is left alone.
    assert_eq!(
        the_start(&world.until("11:30")).session,
        id("sso-sign-in:acme")
    );
    world.renewed("sso-sign-in:acme", refreshable("19:30"));
    assert_eq!(world.under_way.len(), 0);
    let notices = world.notices();
    assert!(
        notices[0]
            .body
            .contains("The last renewal failed: AWS said SignInOver."),
        "{notices:?}"
    );
    // A click tries again.
    assert_eq!(started(&world.click("sso-role:dev")).len(), 1);
}

#[test]
fn the_login_of_another_tool_is_the_answer_that_was_waited_for() {
    let mut world = World::new([
        (sign_in("acme"), Found::Nothing),
        (sso_role("dev", "acme"), Found::Nothing),
    ]);
    world.click("sso-role:dev");
    world.issue_device_code("sso-sign-in:acme");
    let attempt = world.attempt("sso-sign-in:acme");
    let effects = world.write([(sign_in("acme"), refreshable("11:00"))]);
    assert!(effects.contains(&sandglass_core::effect::Effect::GiveUp(attempt)));
    assert_eq!(the_start(&effects).session, id("sso-role:dev"));
    assert_eq!(world.engine.prompts().count(), 0);
}

#[test]
fn a_portal_that_cannot_work_is_told_in_place_and_stays_broken() {
    let mut world = World::new([(sign_in("acme"), Found::Nothing)]);
    world.click("sso-sign-in:acme");
    world.issue_device_code("sso-sign-in:acme");
    assert_eq!(world.prompt().phase, Phase::Approving(device_code()));
    world.answer("sso-sign-in:acme", Err(ErrorCode::InvalidDefinition));
    assert!(matches!(progress(&world), SignInProgress::Failed { .. }));
    world.intend(Intent::CancelPrompt(world.prompt().id));
    assert!(matches!(
        world.state("sso-sign-in:acme"),
        State::Broken { .. }
    ));
}
