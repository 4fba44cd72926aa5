//! Sleep, and clocks that are set.

use jiff::SignedDuration;
use sandglass_core::error::ErrorCode;
use sandglass_core::event::{Intent, Reach};
use sandglass_core::session::State;
use sandglass_core::views::notice::Stage;

use crate::world::*;

#[test]
fn nine_hours_of_sleep_make_one_summary_and_no_storm() {
    let mut world = World::new([
        (mfa_session(), ends("11:00")),
        (mfa_role("prod", "bob"), ends("12:30")),
        (sign_in("acme"), ends("15:00")),
        (sso_role("dev", "acme"), ends("11:00")),
        (role("deploy"), ends("11:00")),
    ]);
    world.agree_to_all();
    let effects = world.jump(at("19:00"));
    // What needs nobody is renewed once; what needs somebody waits for a click.
    assert_eq!(the_start(&effects).session, id("role:deploy"));
    assert_eq!(world.engine.prompts().count(), 0);
    let notices = world.notices();
    assert_eq!(notices.len(), 1);
    assert_eq!(notices[0].stage, Stage::Ended);
    assert_eq!(notices[0].title, "4 sessions ended");
    world.renewed("role:deploy", ends("20:00"));
    assert_eq!(world.notices(), notices);
}

#[test]
fn a_clock_put_back_an_hour_stretches_nothing_that_sandglass_waits_for() {
    let mut world = World::new([
        (mfa_session(), ends("11:00")),
        (role("deploy"), ends("11:00")),
    ]);
    world.until("10:50");
    world.click("role:deploy");
    world.answer("role:deploy", Err(ErrorCode::Unreachable));
    world.intend(Intent::SnoozeAll);
    world.ask("session-token:mfa", Reach::Tray);
    world.intend(Intent::PostponePrompt(world.prompt().id));
    world.jump(at("09:50"));
    let State::WaitingForNetwork { retry_at, .. } = world.state("role:deploy") else {
        panic!("it does not wait");
    };
    assert!(retry_at <= at("09:50:07"), "{retry_at}");
    // What AWS said of the end stands, and so does what follows from it.
    assert_eq!(world.state("session-token:mfa"), State::Valid(end("11:00")));
    world.jump(at("10:05"));
    assert_eq!(world.engine.next_noise(world.now), None);
    let (_, effects) = world.ask("session-token:mfa", Reach::Tray);
    assert_eq!(effects, []);
    world.until("10:46");
    assert_eq!(world.engine.prompts().count(), 1);
}

#[test]
fn a_clock_put_back_does_not_bring_back_what_aws_refused() {
    let mut world = World::new([
        (sign_in("acme"), ends("18:00")),
        (sso_role("dev", "acme"), ends("10:10")),
    ]);
    world.agree_to_all();
    world.answer("sso-role:dev", Err(ErrorCode::SignInOver));
    world.jump(at("09:00"));
    world.read_files();
    assert!(matches!(world.state("sso-sign-in:acme"), State::Expired(_)));
}

#[test]
fn a_clock_put_forward_and_back_again_leaves_all_as_it_was() {
    let mut world = World::new([(mfa_session(), ends("11:00"))]);
    world.jump(at("13:00"));
    assert_eq!(
        world.state("session-token:mfa"),
        State::Expired(end("11:00"))
    );
    assert_eq!(world.notices()[0].stage, Stage::Ended);
    world.jump(at("10:00"));
    assert_eq!(world.state("session-token:mfa"), State::Valid(end("11:00")));
    assert_eq!(world.notices(), []);
}

#[test]
fn a_prompt_survives_sleep() {
    let mut world = World::new([(mfa_session(), ends("10:10"))]);
    world.click("session-token:mfa");
    world.jump(world.now + SignedDuration::from_hours(9));
    the_start(&world.enter_code());
    world.renewed("session-token:mfa", ends("20:00"));
    assert_eq!(world.state("session-token:mfa"), State::Valid(end("20:00")));
}
