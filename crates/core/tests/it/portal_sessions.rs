//! The portal session behind a sign-in: its end is inherited, unless one signs out first.

use sandglass_core::effect::{Effect, SignInStart, Using};
use sandglass_core::event::{Event, Intent, Reach};
use sandglass_core::prompt::Phase;

use crate::world::*;

const ID: &str = "sso-sign-in:corp";

fn browser(effects: &[Effect]) -> SignInStart {
    match the_start(effects).using {
        Using::Browser(start) => start,
        other @ (Using::WhatIsThere | Using::Code { .. } | Using::SharedSession) => {
            panic!("no browser: {other:?}")
        }
    }
}

#[test]
fn a_click_while_the_portal_session_lasts_is_a_silent_refresh() {
    let mut world = World::new([(sign_in("corp"), refreshable_until("10:30", "17:00"))]);
    assert_eq!(the_start(&world.click(ID)).using, Using::WhatIsThere);
}

#[test]
fn a_click_shortly_before_its_end_lets_the_person_choose_before_anything_is_asked() {
    let mut world = World::new([(sign_in("corp"), refreshable_until("10:10", "10:10"))]);
    assert_eq!(started(&world.click(ID)).len(), 0);
    let prompt = world.prompt();
    assert_eq!(prompt.phase, Phase::ChoosingSignIn);
    let id = prompt.id;
    assert_eq!(
        browser(&world.intend(Intent::StartAfresh(id))),
        SignInStart::Afresh
    );
    world.issue_device_code(ID);
    world.renewed(ID, refreshable_until("11:00", "18:00"));
    assert_eq!(world.engine.prompts().count(), 0);
    let whole = world.session(ID).whole.map(|whole| whole.at);
    assert_eq!(whole, Some(at("18:00")));
}

#[test]
fn who_signs_in_anyway_keeps_the_portal_session() {
    let mut world = World::new([(sign_in("corp"), refreshable_until("10:10", "10:10"))]);
    world.click(ID);
    let prompt = world.prompt().id;
    let effects = world.intend(Intent::SignInAnyway(prompt));
    assert_eq!(browser(&effects), SignInStart::AsItIs);
    assert_eq!(
        world.intend(Intent::StartAfresh(prompt)),
        [],
        "it is under way"
    );
}

#[test]
fn a_fresh_session_can_be_asked_for_at_any_time_and_is_not_asked_twice() {
    let mut world = World::new([(sign_in("corp"), refreshable_until("10:30", "17:00"))]);
    let effects = world.intend(Intent::SignInAfresh(id(ID)));
    assert_eq!(browser(&effects), SignInStart::Afresh);
    assert_eq!(world.prompt().phase, Phase::StartingSignIn);
}

#[test]
fn a_fresh_session_is_not_mistaken_for_a_refresh_that_is_under_way() {
    let mut world = World::new([(sign_in("corp"), refreshable_until("10:30", "17:00"))]);
    world.click(ID);
    let refresh = world.attempt(ID);
    let effects = world.intend(Intent::SignInAfresh(id(ID)));
    assert!(effects.contains(&Effect::GiveUp(refresh)));
    assert_eq!(browser(&effects), SignInStart::Afresh);
}

#[test]
fn once_the_sign_in_is_over_there_is_nothing_to_choose() {
    let mut world = World::new([(sign_in("corp"), ends("09:50"))]);
    assert_eq!(browser(&world.click(ID)), SignInStart::AsItIs);
}

#[test]
fn a_choice_that_nobody_can_make_any_more_is_made_for_them() {
    let mut world = World::new([(sign_in("corp"), ends("10:10"))]);
    world.click(ID);
    assert_eq!(world.prompt().phase, Phase::ChoosingSignIn);
    world.ask(ID, Reach::TrayOrTerminal);
    let effects = world.feed(sandglass_core::event::Event::TrayLeft);
    assert_eq!(browser(&effects), SignInStart::AsItIs);
}

#[test]
fn cancelling_a_fresh_session_leaves_the_old_one_as_it_was() {
    let mut world = World::new([(sign_in("corp"), refreshable_until("10:30", "17:00"))]);
    world.intend(Intent::SignInAfresh(id(ID)));
    let prompt = world.prompt().id;
    world.intend(Intent::CancelPrompt(prompt));
    assert_eq!(world.state(ID).end(), Some(end("10:30")));
    assert_eq!(
        the_start(&world.click(ID)).using,
        Using::WhatIsThere,
        "the wish for a browser is gone with the prompt"
    );
}

#[test]
fn a_fresh_session_that_a_terminal_asks_for_is_approved_there_though_a_tray_is_open() {
    let mut world = World::new([(sign_in("corp"), refreshable_until("10:30", "17:00"))]);
    let (asker, effects) = world.ask_with(ID, Reach::Terminal, SignInStart::Afresh);
    assert_eq!(browser(&effects), SignInStart::Afresh);
    assert!(world.views().prompt.is_none(), "the tray shows nothing");
    let effects = world.issue_device_code(ID);
    assert_eq!(questions(&effects).len(), 1);
    let effects = world.renewed(ID, refreshable_until("11:00", "18:00"));
    assert_eq!(answers(&effects), [(asker, Ok(end("11:00")))]);
}

#[test]
fn only_a_sign_in_can_begin_afresh() {
    let mut world = World::new([(role("deploy"), ends("11:00"))]);
    world.click("role:deploy");
    assert_eq!(world.intend(Intent::SignInAfresh(id("role:deploy"))), []);
}

#[test]
fn what_a_prompt_stood_in_the_way_of_goes_on_as_soon_as_it_is_closed() {
    let over = refreshable_until("10:00", "10:00");
    let mut world = World::new([
        (sign_in("corp"), over),
        (sso_role("dev", "corp"), ends("09:50")),
    ]);
    world.click(ID);
    world.agree_to_all();
    let effects = world.feed(Event::TrayLeft);
    assert!(
        started(&effects)
            .iter()
            .any(|start| start.using == Using::WhatIsThere)
    );
}
