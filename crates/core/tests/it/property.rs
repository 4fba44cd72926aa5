//! Whatever happens, in whatever order: `World` checks after every event what must hold.

use jiff::SignedDuration;
use jiff::civil::Time;
use proptest::prelude::*;
use sandglass_core::effect::Effect;
use sandglass_core::error::ErrorCode;
use sandglass_core::event::{Event, Intent, Reach, Renewed, SharedSession, Wants};
use sandglass_core::lifetimes::{End, KnownBy};
use sandglass_core::names::{AskerId, AttemptId, ProfileName, PromptId, SessionId};
use sandglass_core::session::{Definition, Found};
use sandglass_core::settings::{Leads, QuietHours, Settings};

use crate::world::*;

/// Something that may happen. Numbers pick one of what is there, whatever that is by then.
#[derive(Clone, Copy, Debug)]
enum Step {
    Wait(SignedDuration),
    Jump(SignedDuration),
    Wake,
    Write(usize, Find),
    Redefine(usize, usize),
    Remove(usize),
    Click(usize),
    Ask(usize, Reach),
    Want(usize, Wants),
    AskNothing,
    Leave(usize),
    Answer(usize, Result<Find, ErrorCode>),
    LateAnswer(u64),
    DeviceCode(usize),
    Code(u32),
    Cancel(u32),
    Postpone(u32),
    Restart(u32),
    RenewDue,
    Snooze(usize),
    SnoozeAll,
    AgreeToAll,
    Tray,
    NoTray,
    Check(usize),
    Checked(usize, Result<(), ErrorCode>),
    SharedSession(i64),
    Settings(i8),
    Lock,
    Unlock,
    Woke,
    ClockStepped(SignedDuration),
    Skew(i64),
    SignInAfresh(usize),
    StartAfresh(u32),
    SignInAnyway(u32),
}

/// What a file or AWS gives: an end this far from now.
#[derive(Clone, Copy, Debug)]
enum Find {
    Nothing,
    Known(i64),
    Guessed(i64),
    Refreshable(i64),
    RefreshableUntil(i64, i64),
    Lasting,
}

fn definitions() -> Vec<Definition> {
    vec![
        mfa_session(),
        mfa_role("prod", "alice"),
        chained("from-prod", "role:prod"),
        chained_mfa("deep", "role:from-prod", "alice"),
        mfa_role("bob", "bob"),
        sign_in("acme"),
        sso_role("dev", "acme"),
        chained("from-dev", "sso-role:dev"),
        sign_in("other"),
        sso_role("ops", "other"),
        role("plain"),
        mfa_role("other-prod", "alice"),
        web_identity("web"),
        federation_token("federated"),
        console_login("console"),
        instance_role("instance"),
        process("process"),
        long_lived_keys("old"),
        foreign("guest", None),
        environment_role("environment"),
        chained("from-console", "console-login:console"),
    ]
}

/// Other definitions for the same sessions: other devices, circles, sources that are not there.
fn variants() -> Vec<Definition> {
    let mut variants = vec![
        mfa_session_with(Err(error(ErrorCode::KeychainUnavailable))),
        mfa_role("prod", "bob"),
        chained("prod", "role:from-prod"),
        chained("from-prod", "role:nowhere"),
        mfa_role("plain", "bob"),
        chained("plain", "sso-role:ops"),
        long_role("other-prod", 12, None),
        environment_role("plain"),
        mfa_role("environment", "alice"),
    ];
    variants.extend(definitions());
    variants
}

fn end_in(minutes: i64, known_by: KnownBy, world: &World) -> End {
    End {
        known_by,
        ..End::issued(
            world.now + SignedDuration::from_mins(minutes.min(0) - 30),
            world.now + SignedDuration::from_mins(minutes),
        )
    }
}

/// Quiet hours, long and short leads, and none of it.
fn settings(number: i8) -> Settings {
    let hour = |number| Time::constant(number, 0, 0, 0);
    let minutes = |number| SignedDuration::from_mins(i64::from(number));
    let leads = Leads {
        first: minutes(number),
        last: minutes(number / 3),
    };
    match number % 3 {
        0 => Settings::default(),
        1 => Settings {
            leads,
            of_sessions: [(id("role:prod"), Leads::default())].into(),
            ..Settings::default()
        },
        _ => Settings {
            quiet_hours: Some(QuietHours {
                from: hour(number),
                until: hour(number / 2),
            }),
            ..Settings::default()
        },
    }
}

fn found(find: Find, world: &World) -> Found {
    let end = |minutes, known_by| end_in(minutes, known_by, world);
    match find {
        Find::Nothing => Found::Nothing,
        Find::Known(minutes) => Found::Credentials(end(minutes, KnownBy::Issuer)),
        Find::Guessed(minutes) => Found::Credentials(end(minutes, KnownBy::Estimate)),
        Find::Refreshable(minutes) => Found::Refreshable {
            access: end(minutes, KnownBy::Issuer),
            whole: None,
        },
        Find::RefreshableUntil(minutes, whole) => Found::Refreshable {
            access: end(minutes, KnownBy::Issuer),
            whole: Some(end(whole, KnownBy::Estimate)),
        },
        Find::Lasting => Found::Lasting {
            since: world.now - SignedDuration::from_hours(1000),
        },
    }
}

fn find() -> impl Strategy<Value = Find> {
    let minutes = || prop_oneof![-60_i64..60, Just(0), 60_i64..2000];
    prop_oneof![
        1 => Just(Find::Nothing),
        4 => minutes().prop_map(Find::Known),
        1 => minutes().prop_map(Find::Guessed),
        3 => minutes().prop_map(Find::Refreshable),
        3 => (minutes(), minutes()).prop_map(|(access, whole)| Find::RefreshableUntil(access, whole)),
        1 => Just(Find::Lasting),
    ]
}

fn code() -> impl Strategy<Value = ErrorCode> {
    prop::sample::select(vec![
        ErrorCode::WrongCode,
        ErrorCode::WrongDevice,
        ErrorCode::SourceExpired,
        ErrorCode::SourceInvalid,
        ErrorCode::SignInOver,
        ErrorCode::SignInRefused,
        ErrorCode::SignInTimedOut,
        ErrorCode::AccessDenied,
        ErrorCode::Unreachable,
        ErrorCode::Throttled,
        ErrorCode::Internal,
        ErrorCode::DurationTooLong,
        ErrorCode::OutOfReach,
        ErrorCode::ClockSkew,
    ])
}

fn reach() -> impl Strategy<Value = Reach> {
    prop::sample::select(vec![
        Reach::Tray,
        Reach::TrayOrTerminal,
        Reach::Terminal,
        Reach::CodeInHand,
    ])
}

fn wants() -> impl Strategy<Value = Wants> {
    prop_oneof![
        3 => Just(Wants::Credentials),
        1 => (0..40_i64).prop_map(|hours| Wants::CredentialsFor(SignedDuration::from_hours(hours))),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let any = 0..100_usize;
    let prompt = 0..4_u32;
    prop_oneof![
        6 => (1..3600_i64).prop_map(|seconds| Step::Wait(SignedDuration::from_secs(seconds))),
        3 => (-4000..4000_i64).prop_map(|minutes| Step::Jump(SignedDuration::from_mins(minutes))),
        2 => Just(Step::Wake),
        8 => (any.clone(), find()).prop_map(|(session, find)| Step::Write(session, find)),
        2 => (any.clone(), any.clone()).prop_map(|(session, variant)| Step::Redefine(session, variant)),
        1 => any.clone().prop_map(Step::Remove),
        8 => any.clone().prop_map(Step::Click),
        8 => (any.clone(), reach()).prop_map(|(session, reach)| Step::Ask(session, reach)),
        8 => (any.clone(), wants()).prop_map(|(session, wants)| Step::Want(session, wants)),
        1 => Just(Step::AskNothing),
        4 => any.clone().prop_map(Step::Leave),
        8 => (any.clone(), find()).prop_map(|(attempt, find)| Step::Answer(attempt, Ok(find))),
        8 => (any.clone(), code()).prop_map(|(attempt, code)| Step::Answer(attempt, Err(code))),
        1 => (0..60_u64).prop_map(Step::LateAnswer),
        4 => any.clone().prop_map(Step::DeviceCode),
        8 => prompt.clone().prop_map(Step::Code),
        2 => prompt.clone().prop_map(Step::Cancel),
        1 => prompt.clone().prop_map(Step::Postpone),
        2 => prompt.clone().prop_map(Step::Restart),
        2 => prompt.clone().prop_map(Step::StartAfresh),
        2 => prompt.prop_map(Step::SignInAnyway),
        2 => any.clone().prop_map(Step::SignInAfresh),
        3 => any.clone().prop_map(Step::Check),
        3 => (any.clone(), prop::option::of(code())).prop_map(|(check, error)| Step::Checked(check, error.map_or(Ok(()), Err))),
        2 => (-60_i64..2000).prop_map(Step::SharedSession),
        1 => (0..24_i8).prop_map(Step::Settings),
        1 => Just(Step::Lock),
        2 => Just(Step::Unlock),
        1 => Just(Step::Woke),
        1 => (-4000..4000_i64).prop_map(|minutes| Step::ClockStepped(SignedDuration::from_mins(minutes))),
        1 => (-600..600_i64).prop_map(Step::Skew),
        1 => Just(Step::RenewDue),
        1 => any.prop_map(Step::Snooze),
        1 => Just(Step::SnoozeAll),
        1 => Just(Step::AgreeToAll),
        2 => Just(Step::Tray),
        2 => Just(Step::NoTray),
    ]
}

fn picked<T: Clone>(things: impl IntoIterator<Item = T>, number: usize) -> Option<T> {
    let things: Vec<T> = things.into_iter().collect();
    (!things.is_empty()).then(|| things[number % things.len()].clone())
}

fn session(number: usize) -> SessionId {
    let definitions = definitions();
    definitions[number % definitions.len()].id.clone()
}

/// A prompt that is open, or one that was or will be.
fn prompt(world: &World, number: u32) -> PromptId {
    let open = world.engine.prompts().map(|prompt| prompt.id);
    picked(open, number as usize).unwrap_or(PromptId(number))
}

fn take(world: &mut World, step: Step) -> Vec<Effect> {
    match step {
        Step::Wait(span) => world.wait_until(world.now + span),
        Step::Jump(span) => world.jump(world.now + span),
        Step::Wake => world.jump(world.now),
        Step::Write(number, find) => {
            let definition = world.definition(&session(number));
            let definition =
                definition.unwrap_or_else(|| definitions()[number % definitions().len()].clone());
            let found = found(find, world);
            world.write([(definition, found)])
        }
        Step::Redefine(number, variant) => {
            let id = session(number);
            let same = variants().into_iter().filter(|variant| variant.id == id);
            let definition = picked(same, variant).expect("each session has a definition");
            world.redefine(definition)
        }
        Step::Remove(number) => world.remove(session(number).as_str()),
        Step::Click(number) => world.click(session(number).as_str()),
        Step::Ask(number, reach) => world.ask(session(number).as_str(), reach).1,
        Step::Want(number, wants) => world.want(session(number).as_str(), wants).1,
        Step::AskNothing => world.ask("role:nowhere", Reach::TrayOrTerminal).1,
        Step::Leave(number) => {
            let asker = picked(world.waiting.keys().copied(), number);
            world.feed(Event::AskerLeft(asker.unwrap_or(AskerId(number as u64))))
        }
        Step::Answer(number, result) => {
            let Some(attempt) = picked(world.under_way.keys().copied(), number) else {
                return Vec::new();
            };
            let result = result
                .map(|find| Renewed {
                    found: found(find, world),
                    allowed: None,
                })
                .map_err(error);
            world.feed(Event::RenewalEnded { attempt, result })
        }
        Step::LateAnswer(number) => {
            let attempt = AttemptId(number);
            if world.under_way.contains_key(&attempt) || world.checks.contains_key(&attempt) {
                return Vec::new();
            }
            let result = Err(error(ErrorCode::Internal));
            let before = world.views();
            let effects = world.feed(Event::RenewalEnded { attempt, result });
            let result = Err(error(ErrorCode::SourceExpired));
            world.feed(Event::Checked { attempt, result });
            assert_eq!(world.views(), before, "a late answer changed something");
            effects
        }
        Step::DeviceCode(number) => {
            let attempt = picked(world.under_way.keys().copied(), number);
            world.feed(Event::DeviceCodeIssued {
                attempt: attempt.unwrap_or(AttemptId(number as u64)),
                code: device_code(),
            })
        }
        Step::Code(number) => {
            let prompt = prompt(world, number);
            world.feed(Event::CodeEntered { prompt })
        }
        Step::Cancel(number) => world.intend(Intent::CancelPrompt(prompt(world, number))),
        Step::Postpone(number) => world.intend(Intent::PostponePrompt(prompt(world, number))),
        Step::Restart(number) => world.intend(Intent::RestartSignIn(prompt(world, number))),
        Step::RenewDue => world.intend(Intent::RenewDue),
        Step::Snooze(number) => world.intend(Intent::Snooze(vec![session(number)])),
        Step::SnoozeAll => world.intend(Intent::SnoozeAll),
        Step::AgreeToAll => world.agree_to_all(),
        Step::Tray => world.feed(Event::TrayConnected),
        Step::NoTray => world.feed(Event::TrayLeft),
        Step::Check(number) => world.intend(Intent::Check(session(number))),
        Step::Checked(number, result) => {
            let attempt = picked(world.checks.keys().copied(), number);
            let attempt = attempt.unwrap_or(AttemptId(u64::MAX));
            let result = result.map_err(error);
            world.feed(Event::Checked { attempt, result })
        }
        Step::SharedSession(minutes) => world.feed(Event::SharedSessionOpened(SharedSession {
            source: ProfileName::new("keys"),
            device: device("alice"),
            end: end_in(minutes, KnownBy::Issuer, world),
        })),
        Step::Settings(number) => world.feed(Event::SettingsRead(settings(number))),
        Step::Lock => world.feed(Event::ScreenLocked),
        Step::Unlock => world.feed(Event::ScreenUnlocked),
        Step::Woke => world.feed(Event::Woke),
        Step::ClockStepped(by) => {
            world.now += by;
            world.feed(Event::ClockStepped(by))
        }
        Step::Skew(seconds) => world.feed(Event::SkewMeasured(SignedDuration::from_secs(seconds))),
        Step::SignInAfresh(number) => world.intend(Intent::SignInAfresh(session(number))),
        Step::StartAfresh(number) => world.intend(Intent::StartAfresh(prompt(world, number))),
        Step::SignInAnyway(number) => world.intend(Intent::SignInAnyway(prompt(world, number))),
    }
}

/// When every call is answered and every prompt is left, nobody waits any more.
fn let_it_end(world: &mut World) {
    for _ in 0..200 {
        let check = world.checks.keys().next().copied();
        let attempt = world.under_way.keys().next().copied();
        let prompt = world.engine.prompts().map(|prompt| prompt.id).next();
        match (check, attempt, prompt) {
            (Some(attempt), _, _) => {
                let result = Ok(());
                world.feed(Event::Checked { attempt, result });
            }
            (None, Some(attempt), _) => {
                let result = Err(error(ErrorCode::AccessDenied));
                world.feed(Event::RenewalEnded { attempt, result });
            }
            (None, None, Some(prompt)) => {
                world.intend(Intent::CancelPrompt(prompt));
            }
            (None, None, None) => break,
        }
    }
    assert!(world.under_way.is_empty(), "{:?}", world.under_way);
    assert!(world.waiting.is_empty(), "{:?}", world.waiting);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_what_must_hold_holds(
        finds in prop::collection::vec(find(), definitions().len()),
        steps in prop::collection::vec(step(), 1..80),
    ) {
        let mut world = World::empty();
        let sightings: Vec<_> = definitions()
            .into_iter()
            .zip(finds)
            .map(|(definition, find)| (definition, found(find, &world)))
            .collect();
        world.write(sightings);
        for step in steps {
            let sessions = definitions().len();
            let waiting = world.waiting.len() + 1;
            let effects = take(&mut world, step);
            // A wait is many steps; anything else starts, gives up and answers each thing once.
            if !matches!(step, Step::Wait(_)) {
                prop_assert!(effects.len() <= 3 * sessions + 3 * waiting, "{} effects", effects.len());
            }
        }
        let_it_end(&mut world);
    }
}
