//! The icon, its tooltip and the menu.

use sandglass_core::error::ErrorCode;
use sandglass_core::session::Found;
use sandglass_core::views::tray::Icon;

use crate::world::*;

fn shown(world: &World) -> (Icon, String, Vec<String>) {
    let tray = world.views().tray;
    let labels = tray.sessions.into_iter().map(|session| session.label);
    (tray.icon, tray.tooltip, labels.collect())
}

fn one(icon: Icon, tooltip: &str, label: &str) -> (Icon, String, Vec<String>) {
    (icon, tooltip.to_owned(), vec![label.to_owned()])
}

#[test]
fn without_a_session_there_is_nothing_to_tell() {
    let world = World::new([(mfa_session(), Found::Nothing)]);
    assert_eq!(
        shown(&world),
        (Icon::Full, "No AWS session yet".to_owned(), vec![])
    );
}

#[test]
fn each_state_has_its_icon_and_words() {
    let mut world = World::new([(mfa_session(), ends("11:00"))]);
    assert_eq!(
        shown(&world),
        one(Icon::Full, "mfa ends in 1 h (11:00)", "mfa · 1 h")
    );
    world.until("10:48");
    assert_eq!(
        shown(&world),
        one(Icon::Low, "mfa ends in 12 min (11:00)", "mfa · 12 min")
    );
    world.until("11:03");
    let over = one(
        Icon::Empty,
        "mfa ended 3 min ago (11:00)",
        "mfa · ended 3 min ago",
    );
    assert_eq!(shown(&world), over);
    world.click("session-token:mfa");
    let asking = one(Icon::Turning, "mfa waits for you", "mfa · waits for you");
    assert_eq!(shown(&world), asking);
}

#[test]
fn a_renewal_turns_the_icon_and_one_that_waits_for_the_network_lowers_it() {
    let mut world = World::new([(role("deploy"), ends("10:10"))]);
    assert_eq!(shown(&world).0, Icon::Full, "what needs nobody is no news");
    world.click("role:deploy");
    let turning = one(Icon::Turning, "Renewing deploy", "deploy · renewing…");
    assert_eq!(shown(&world), turning);
    world.answer("role:deploy", Err(ErrorCode::Unreachable));
    let low = one(
        Icon::Low,
        "deploy ends in 10 min (10:10)",
        "deploy · 10 min",
    );
    assert_eq!(shown(&world), low);
    world.jump(at("10:11"));
    world.answer("role:deploy", Err(ErrorCode::Unreachable));
    assert_eq!(shown(&world).0, Icon::Empty);
}

#[test]
fn what_cannot_be_renewed_empties_the_icon() {
    let mut world = World::new([(role("deploy"), Found::Nothing)]);
    world.click("role:deploy");
    world.answer("role:deploy", Err(ErrorCode::AccessDenied));
    let never_seen = one(
        Icon::Full,
        "deploy cannot be renewed",
        "deploy · cannot be renewed",
    );
    assert_eq!(shown(&world), never_seen);
    world.write([(role("live"), ends("12:00"))]);
    world.click("role:live");
    world.answer("role:live", Err(ErrorCode::AccessDenied));
    assert_eq!(shown(&world).0, Icon::Empty);
}

#[test]
fn what_was_over_before_sandglass_saw_it_is_not_in_the_tray() {
    let world = World::new([
        (mfa_session(), ends("09:00")),
        (role("deploy"), ends("12:00")),
    ]);
    assert_eq!(
        shown(&world),
        one(Icon::Full, "deploy ends in 2 h (12:00)", "deploy · 2 h")
    );
}

#[test]
fn the_worst_session_names_the_tooltip_and_the_soonest_stands_first() {
    let world = World::new([
        (role("soonest"), ends("10:05")),
        (mfa_session(), ends("10:10")),
        (role("well"), ends("12:00")),
    ]);
    let (icon, tooltip, labels) = shown(&world);
    assert_eq!(
        (icon, tooltip.as_str()),
        (Icon::Low, "mfa ends in 10 min (10:10)")
    );
    assert_eq!(labels, ["soonest · 5 min", "mfa · 10 min", "well · 2 h"]);
}

#[test]
fn the_menu_holds_at_most_eight_sessions() {
    let sessions =
        (10..30).map(|minute| (role(&format!("r{minute}")), ends(&format!("11:{minute}"))));
    let tray = World::new(sessions).views().tray;
    assert_eq!(tray.sessions.len(), 8);
    assert_eq!(tray.sessions[0].id, id("role:r10"));
}

#[test]
fn a_guess_is_shown_as_a_guess() {
    let world = World::new([(mfa_session(), estimated("10:40"))]);
    let guess = one(
        Icon::Full,
        "mfa ends in about 40 min (10:40)",
        "mfa · about 40 min",
    );
    assert_eq!(shown(&world), guess);
}
