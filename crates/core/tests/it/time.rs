//! When people are told: lead times, quiet hours, locked screens, sleep, and clocks that are wrong.

use jiff::civil::Time;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use sandglass_core::error::ErrorCode;
use sandglass_core::event::{Event, Intent};
use sandglass_core::lifetimes::End;
use sandglass_core::session::{Definition, Found, State};
use sandglass_core::settings::{Leads, QuietHours, Settings};
use sandglass_core::status::status;
use sandglass_core::views;
use sandglass_core::views::notice::{Notice, Stage};

use crate::world::*;

/// Credentials that live a day and end at this time.
fn day_long(time: &str) -> Found {
    let at = at(time);
    Found::Credentials(End::issued(at - SignedDuration::from_hours(24), at))
}

fn leads(first: i64, last: i64) -> Leads {
    Leads {
        first: SignedDuration::from_mins(first),
        last: SignedDuration::from_mins(last),
    }
}

fn quiet(from: i8, until: i8) -> Settings {
    Settings {
        quiet_hours: Some(QuietHours {
            from: Time::constant(from, 30, 0, 0),
            until: Time::constant(until, 30, 0, 0),
        }),
        ..Settings::default()
    }
}

/// The stages that are shown from now until this time of day, and since when each is.
fn stages(world: &mut World, until: &str, zone: &TimeZone) -> Vec<(String, Vec<Stage>)> {
    let mut stages: Vec<(String, Vec<Stage>)> = Vec::new();
    while world.now <= at(until) {
        let now: Vec<Stage> = notices(world, zone)
            .iter()
            .map(|notice| notice.stage)
            .collect();
        if stages.last().is_none_or(|(_, last)| *last != now) {
            stages.push((world.now.strftime("%H:%M").to_string(), now));
        }
        let next = views::next_change(&world.engine, world.now, zone)
            .into_iter()
            .chain(world.engine.poll_timeout())
            .min()
            .expect("midnight comes");
        world.jump(next);
    }
    stages
}

fn notices(world: &World, zone: &TimeZone) -> Vec<Notice> {
    views::views(&world.engine, world.now, zone).notices
}

fn since(stages: &[(&str, &[Stage])]) -> Vec<(String, Vec<Stage>)> {
    stages
        .iter()
        .map(|(time, stages)| ((*time).to_owned(), stages.to_vec()))
        .collect()
}

#[test]
fn lead_times_are_as_they_were_set() {
    let mut world = World::new([(mfa_session(), day_long("14:00"))]);
    world.feed(Event::SettingsRead(Settings {
        leads: leads(60, 10),
        ..Settings::default()
    }));
    assert_eq!(
        stages(&mut world, "14:01", &TimeZone::UTC),
        since(&[
            ("10:00", &[]),
            ("13:00", &[Stage::First]),
            ("13:50", &[Stage::Last]),
            ("14:00", &[Stage::Ended])
        ])
    );
}

#[test]
fn a_session_may_have_lead_times_of_its_own() {
    let mut world = World::new([
        (mfa_role("calm", "alice"), day_long("14:00")),
        (mfa_role("hasty", "alice"), day_long("14:00")),
    ]);
    world.feed(Event::SettingsRead(Settings {
        of_sessions: [(id("role:hasty"), leads(120, 30))].into(),
        ..Settings::default()
    }));
    world.until("12:00");
    assert_eq!(world.notices()[0].sessions, [id("role:hasty")]);
    world.until("13:45");
    let told: Vec<_> = world
        .notices()
        .into_iter()
        .map(|notice| (notice.sessions, notice.stage))
        .collect();
    assert_eq!(
        told,
        [
            (vec![id("role:calm")], Stage::First),
            (vec![id("role:hasty")], Stage::Last)
        ]
    );
}

#[test]
fn however_long_a_lead_is_a_short_life_is_told_in_its_last_quarter() {
    let mut world = World::new([(mfa_session(), ends("11:00"))]);
    world.feed(Event::SettingsRead(Settings {
        leads: leads(600, 300),
        ..Settings::default()
    }));
    assert_eq!(
        stages(&mut world, "11:00", &TimeZone::UTC),
        since(&[
            ("10:00", &[]),
            ("10:45", &[Stage::First]),
            ("10:55", &[Stage::Last]),
            ("11:00", &[Stage::Ended])
        ])
    );
}

#[test]
fn settings_that_change_move_what_is_told() {
    let mut world = World::new([(mfa_session(), day_long("11:00"))]);
    assert_eq!(world.notices(), []);
    world.feed(Event::SettingsRead(Settings {
        leads: leads(60, 5),
        ..Settings::default()
    }));
    assert_eq!(world.notices()[0].stage, Stage::First);
    world.feed(Event::SettingsRead(Settings::default()));
    assert_eq!(world.notices(), []);
}

#[test]
fn quiet_hours_past_midnight_hold_back_what_is_told_and_sum_it_up_when_they_end() {
    let zone = TimeZone::fixed(jiff::tz::offset(9));
    // 19:00 in this zone, and quiet from 20:30 to 05:30.
    let mut world = World::new([
        (mfa_role("a", "alice"), day_long("11:35")),
        (mfa_role("b", "alice"), day_long("13:00")),
        (mfa_role("c", "alice"), day_long("20:32")),
    ]);
    world.feed(Event::SettingsRead(quiet(20, 5)));
    assert_eq!(
        stages(&mut world, "20:40", &zone),
        since(&[
            ("10:00", &[]),
            ("11:20", &[Stage::First]),
            ("11:30", &[]),
            ("20:30", &[Stage::Ended, Stage::Last]),
            ("20:32", &[Stage::Ended])
        ])
    );
    assert_eq!(notices(&world, &zone)[0].title, "3 sessions ended");
}

#[test]
fn quiet_hours_within_a_day_are_quiet_for_words_of_success_too() {
    let mut world = World::new([(role("deploy"), ends("10:10"))]);
    world.feed(Event::SettingsRead(quiet(9, 16)));
    world.click("role:deploy");
    world.renewed("role:deploy", ends("16:00"));
    assert_eq!(world.notices(), []);
    world.jump(at("16:29:59"));
    assert_eq!(world.notices(), []);
}

#[test]
fn quiet_hours_end_by_the_clock_on_the_wall_when_that_is_set_for_summer() {
    let zone = TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").unwrap();
    let summer_begins: Timestamp = "2026-03-29T01:00:00Z".parse().unwrap();
    let mut world = World::empty();
    // From 23:30 to 02:30, a time that this night does not have.
    world.feed(Event::SettingsRead(quiet(23, 2)));
    world.now = summer_begins - SignedDuration::from_mins(10);
    let end = summer_begins + SignedDuration::from_mins(5);
    let found = Found::Credentials(End::issued(end - SignedDuration::from_hours(1), end));
    world.write([(mfa_session(), found)]);
    assert_eq!(notices(&world, &zone), []);
    let mut changes = 0;
    while notices(&world, &zone).is_empty() {
        let next = views::next_change(&world.engine, world.now, &zone).unwrap();
        world.jump(next);
        changes += 1;
        assert!(changes < 100, "it stays quiet until {}", world.now);
    }
    assert_eq!(world.now, summer_begins);
}

#[test]
fn a_locked_screen_shows_no_notice_and_the_present_one_once_it_is_unlocked() {
    let mut world = World::new([(mfa_session(), ends("11:00"))]);
    world.until("10:45");
    assert_eq!(world.notices()[0].stage, Stage::First);
    world.feed(Event::ScreenLocked);
    assert_eq!(world.notices(), []);
    world.until("11:10");
    assert_eq!(world.notices(), []);
    world.feed(Event::ScreenUnlocked);
    let told: Vec<_> = world
        .notices()
        .into_iter()
        .map(|notice| (notice.stage, notice.title))
        .collect();
    assert_eq!(told, [(Stage::Ended, "mfa has ended".to_owned())]);
}

#[test]
fn what_was_renewed_while_the_screen_was_locked_is_not_told() {
    let mut world = World::new([(mfa_session(), ends("10:10"))]);
    world.feed(Event::ScreenLocked);
    world.write([(mfa_session(), ends("18:00"))]);
    world.feed(Event::ScreenUnlocked);
    assert_eq!(world.notices(), []);
}

/// Forty sessions: half need a code, some a sign-in, the others nobody.
fn forty() -> Vec<(Definition, Found)> {
    let with_code = (0..20).map(|number| mfa_role(&format!("code{number:02}"), "alice"));
    let of_sign_in = (0..9).map(|number| sso_role(&format!("sso{number}"), "acme"));
    let silent = (0..10).map(|number| role(&format!("silent{number}")));
    with_code
        .chain(of_sign_in)
        .chain([sign_in("acme")])
        .chain(silent)
        .map(|definition| (definition, ends("11:00")))
        .collect()
}

#[test]
fn after_nine_hours_of_sleep_forty_sessions_make_one_notice_and_silent_renewals_go_out_once() {
    let mut world = World::new(forty());
    world.agree_to_all();
    world.now = at("19:00");
    let effects = world.feed(Event::Woke);
    let silent: Vec<_> = (0..10)
        .map(|number| id(&format!("role:silent{number}")))
        .collect();
    let sessions: Vec<_> = started(&effects)
        .into_iter()
        .map(|start| start.session)
        .collect();
    assert_eq!(sessions, silent);
    assert_eq!(
        world.engine.prompts().count(),
        0,
        "nobody is asked, no browser opens"
    );
    let notice = &world.notices()[..];
    assert_eq!(notice.len(), 1);
    assert_eq!(notice[0].title, "30 sessions ended");
    insta::assert_snapshot!(notice[0].body, @r"
    acme ended 8 h ago (11:00)
    code00 ended 8 h ago (11:00)
    code01 ended 8 h ago (11:00)
    code02 ended 8 h ago (11:00)
    and 26 more
    ");

    // The network is not there yet.
    for session in &silent {
        let effects = world.answer(session.as_str(), Err(ErrorCode::Unreachable));
        assert_eq!(effects, []);
        let state = world.state(session.as_str());
        assert!(
            matches!(state, State::WaitingForNetwork { .. }),
            "{state:?}"
        );
    }
    assert_eq!(world.notices().len(), 1);
    let effects = world.feed(Event::Woke);
    assert_eq!(
        started(&effects).len(),
        10,
        "what waits for the network is tried at once"
    );
    assert_eq!(world.feed(Event::Woke), [], "and not twice");
    for session in &silent {
        world.renewed(session.as_str(), ends("20:00"));
    }
    assert_eq!(world.wait_until(at("19:40")), []);
    assert_eq!(world.notices().len(), 1, "it is still the same one");
}

#[test]
fn a_clock_put_forward_takes_along_what_sandglass_waits_for_and_no_end() {
    let mut world = World::new([
        (mfa_role("due", "bob"), day_long("14:00")),
        (role("deploy"), day_long("18:00")),
    ]);
    world.until("10:10");
    world.click("role:deploy");
    world.answer("role:deploy", Err(ErrorCode::Unreachable));
    world.intend(Intent::SnoozeAll);
    let State::WaitingForNetwork { retry_at, .. } = world.state("role:deploy") else {
        panic!("it does not wait");
    };
    let waits = retry_at.duration_since(world.now);
    let three_hours = SignedDuration::from_hours(3);
    world.now += three_hours + SignedDuration::from_mins(40);
    world.feed(Event::ClockStepped(
        three_hours + SignedDuration::from_mins(40),
    ));
    let State::WaitingForNetwork { retry_at, .. } = world.state("role:deploy") else {
        panic!("it does not wait");
    };
    assert_eq!(retry_at.duration_since(world.now), waits);
    // The end is AWS's word: it is ten minutes away now.
    assert!(matches!(world.state("role:due"), State::Due(_)));
    assert_eq!(world.notices(), [], "it is as quiet as it was");
    world.until("14:05");
    assert_eq!(world.notices()[0].stage, Stage::Ended);
}

#[test]
fn a_clock_put_back_by_hours_takes_back_what_was_told() {
    let mut world = World::new([(mfa_session(), day_long("14:00"))]);
    world.until("14:10");
    assert_eq!(world.notices()[0].stage, Stage::Ended);
    let two_hours = SignedDuration::from_hours(2);
    world.now -= two_hours;
    world.feed(Event::ClockStepped(-two_hours));
    assert_eq!(world.notices(), []);
    assert!(matches!(world.state("session-token:mfa"), State::Valid(_)));
    world.until("13:46");
    assert_eq!(world.notices()[0].stage, Stage::First);
}

#[test]
fn a_skew_over_a_minute_is_told_in_the_panel_and_in_the_status() {
    let mut world = World::new([(mfa_session(), ends("11:00"))]);
    let mut said = |skew: i64| {
        world.feed(Event::SkewMeasured(SignedDuration::from_secs(skew)));
        let findings = world.views().panel.findings;
        assert_eq!(status(&world.engine, world.now).findings, findings);
        let said = findings
            .into_iter()
            .map(|finding| format!("{}: {}", finding.place, finding.message));
        said.collect::<Vec<_>>()
    };
    assert_eq!(said(0), [""; 0]);
    assert_eq!(said(60), [""; 0]);
    assert_eq!(said(-60), [""; 0]);
    assert_eq!(
        said(185),
        ["clock: this machine's clock is 3 min behind AWS's"]
    );
    assert_eq!(
        said(-3660),
        ["clock: this machine's clock is 1 h 1 min ahead of AWS's"]
    );
    assert_eq!(said(2), [""; 0]);
}
