//! The panel's rows and its first run.

use jiff::SignedDuration;
use jiff::tz::TimeZone;
use sandglass_core::error::ErrorCode;
use sandglass_core::event::Intent;
use sandglass_core::lifetimes::KnownBy;
use sandglass_core::session::{Allowed, DurationLimit, Found, Place, Renewal};
use sandglass_core::views;
use sandglass_core::views::panel::{Look, MoreAction, Row, RowAction};
use sandglass_core::views::tray::Icon;

use crate::world::*;

fn texts(world: &World) -> String {
    let line = |row: Row| {
        let Row {
            name,
            detail,
            kind,
            look,
            time,
            sentence,
            known_by,
            left_permille,
            action,
            trouble,
            notes,
            used_in: _,
            held_by: _,
            more,
            id: _,
        } = row;
        let trouble = trouble.map_or(String::new(), |trouble| {
            format!(" | {} / {}", trouble.message, trouble.remedy)
        });
        let more = more.into_iter().map(|more| format!(" + {more:?}"));
        let more = more.collect::<Vec<_>>().concat();
        let notes = notes.into_iter().map(|note| format!("\n  - {note}"));
        let notes = notes.collect::<Vec<_>>().concat();
        format!(
            "{name} | {detail} | {kind} | {look:?} | {time} | {sentence} | {known_by:?} | {left_permille:?} | \
             {action:?}{more}{trouble}{notes}"
        )
    };
    let rows: Vec<String> = world.views().panel.rows.into_iter().map(line).collect();
    rows.join("\n")
}

#[test]
fn rows_tell_each_kind_soonest_first_and_what_has_no_end_last() {
    let world = World::new([
        (mfa_session(), estimated("10:30")),
        (sign_in("acme"), refreshable("10:20")),
        (sign_in("other"), Found::Nothing),
        (sso_role("dev", "acme"), ends("10:10")),
        (sso_role("never", "other"), Found::Nothing),
        (mfa_role("prod-admin", "bob"), ends("09:00")),
    ]);
    insta::assert_snapshot!(texts(&world), @r"
    prod-admin | prod-admin-role in 123456789012 | Role | Empty | ended 1 h ago | ended 1 h ago (09:00), told by AWS | Some(Issuer) | Some(0) | Renew + Check
    dev | Admin in 210987654321 | Identity Center role | Low | 10 min | ends in 10 min (10:10), told by AWS | Some(Issuer) | Some(166) | Renew + Check
    acme | https://acme.awsapps.com/start | Identity Center sign-in | Full | 20 min | ends in 20 min (10:20), told by AWS | Some(Issuer) | Some(333) | Renew + SignInAfresh
    mfa | Account 123456789012 | MFA session | Full | about 30 min | ends in about 30 min (10:30), estimated: no end is written anywhere | Some(Estimate) | Some(500) | Renew + Check
    never | Admin in 210987654321 | Identity Center role | Absent | not issued yet | not issued yet | None | None | SignIn
    other | https://other.awsapps.com/start | Identity Center sign-in | Absent | not signed in | not signed in | None | None | SignIn
    ");
}

#[test]
fn rows_tell_what_goes_on() {
    let mut world = World::new([
        (role("renewing"), ends("10:10")),
        (role("waiting"), ends("10:20")),
        (role("broken"), ends("10:30")),
        (mfa_role("asking", "alice"), ends("10:40")),
    ]);
    for session in ["renewing", "waiting", "broken", "asking"] {
        world.click(&format!("role:{session}"));
    }
    world.answer("role:waiting", Err(ErrorCode::Unreachable));
    world.answer("role:broken", Err(ErrorCode::AccessDenied));
    insta::assert_snapshot!(texts(&world), @r"
    renewing | renewing-role in 123456789012 | Role | Turning | renewing… | renewing…; the present one ends in 10 min (10:10), told by AWS | Some(Issuer) | Some(166) | Busy
    waiting | waiting-role in 123456789012 | Role | Waiting | tries again in 5 s | tries again in 5 s; the present one ends in 20 min (10:20), told by AWS | Some(Issuer) | Some(333) | Renew + Check | AWS said Unreachable / do what the documentation says
    broken | broken-role in 123456789012 | Role | Broken | 30 min | ends in 30 min (10:30), told by AWS | Some(Issuer) | Some(500) | Renew + Check | AWS said AccessDenied / do what the documentation says
    asking | asking-role in 123456789012 | Role | Asking | waiting for you | waiting for you; the present one ends in 40 min (10:40), told by AWS | Some(Issuer) | Some(666) | Busy
    ");
}

#[test]
fn rows_tell_every_kind_and_what_can_be_done_about_it() {
    let (credentials, lasting) = (ends("11:30"), lasting("2026-03-03"));
    let world = World::new(one_of_each().into_iter().map(|definition| {
        let found = match definition.renewal {
            Renewal::SsoSignIn(_) => refreshable_until("11:00", "17:12"),
            Renewal::ConsoleLogin(_) => refreshable_until("11:10", "21:00"),
            Renewal::LongLivedKeys(_) => lasting,
            Renewal::Role(_)
            | Renewal::WebIdentity(_)
            | Renewal::SessionToken(_)
            | Renewal::FederationToken(_)
            | Renewal::SsoRole(_)
            | Renewal::Metadata(_)
            | Renewal::Process(_)
            | Renewal::Foreign(_) => credentials,
        };
        (definition, found)
    }));
    insta::assert_snapshot!(texts(&world), @r"
    acme | https://acme.awsapps.com/start | Identity Center sign-in | Full | 1 h | ends in 1 h (11:00), told by AWS | Some(Issuer) | Some(1000) | Renew + SignInAfresh
      - The portal session ends at about 17:12; a sign-in before then ends with it.
    console | Account 123456789012 | Console sign-in | Full | 1 h 10 min | ends in 1 h 10 min (11:10), told by AWS | Some(Issuer) | Some(1000) | Renew + Check
      - Its renewals come to their end at about 21:00; `aws login` begins new ones.
    container |  | Container role | Full | 1 h 30 min | ends in 1 h 30 min (11:30), told by AWS | Some(Issuer) | Some(1000) | ReadAgain + Check
      - AWS renews it; Sandglass only looks.
    dev | Admin in 210987654321 | Identity Center role | Full | 1 h 30 min | ends in 1 h 30 min (11:30), told by AWS | Some(Issuer) | Some(1000) | Renew + Check
    federated | Federated user build | Federation token | Full | 1 h 30 min | ends in 1 h 30 min (11:30), told by AWS | Some(Issuer) | Some(1000) | Renew + Check
    guest | Made by saml2aws | Made by another program | Full | 1 h 30 min | ends in 1 h 30 min (11:30), as its program wrote it down | Some(Issuer) | Some(1000) | Check
      - To renew it, run saml2aws again, which made it.
    instance |  | Instance role | Full | 1 h 30 min | ends in 1 h 30 min (11:30), told by AWS | Some(Issuer) | Some(1000) | ReadAgain + Check
      - AWS renews it; Sandglass only looks.
    mfa | Account 123456789012 | MFA session | Full | 1 h 30 min | ends in 1 h 30 min (11:30), told by AWS | Some(Issuer) | Some(1000) | Renew + Check
    process |  | Credential process | Full | 1 h 30 min | ends in 1 h 30 min (11:30), told by AWS | Some(Issuer) | Some(1000) | Run + Check
      - Run only when you ask.
    role | role-role in 123456789012 | Role | Full | 1 h 30 min | ends in 1 h 30 min (11:30), told by AWS | Some(Issuer) | Some(1000) | Renew + Check
    web | web-role in 123456789012 | Web identity role | Full | 1 h 30 min | ends in 1 h 30 min (11:30), told by AWS | Some(Issuer) | Some(1000) | Renew + Check
    old |  | Long-lived keys | Full | no end | no end | None | None | Check
      - In use since at least 3 Mar (265 days).
      - Replace the keys of `old` in the IAM console, if they are old.
    ");
    assert!(
        !format!("{:?}", world.views()).contains("hunter2"),
        "a command line is shown"
    );
}

#[test]
fn rows_tell_of_every_kind_that_nothing_is_there_yet() {
    let nothing = one_of_each()
        .into_iter()
        .map(|definition| (definition, Found::Nothing));
    let world = World::new(nothing.chain([(environment_role("environment"), Found::Nothing)]));
    insta::assert_snapshot!(texts(&world), @r"
    acme | https://acme.awsapps.com/start | Identity Center sign-in | Absent | not signed in | not signed in | None | None | SignIn
    console | Account 123456789012 | Console sign-in | Absent | not signed in | not signed in | None | None | Elsewhere
      - To renew it, run `aws login --profile console`.
    container |  | Container role | Absent | not read yet | not read yet | None | None | ReadAgain
      - AWS renews it; Sandglass only looks.
    dev | Admin in 210987654321 | Identity Center role | Absent | not issued yet | not issued yet | None | None | SignIn
    environment | environment-role in 123456789012 | Role | Absent | not issued yet | not issued yet | None | None | Elsewhere
      - To renew it, run the program where the environment holds the keys: `credential_source = Environment` takes them from there.
    federated | Federated user build | Federation token | Absent | not issued yet | not issued yet | None | None | Renew
    guest | Made by saml2aws | Made by another program | Absent | no keys | no keys | None | None | Elsewhere
      - To renew it, run saml2aws again, which made it.
    instance |  | Instance role | Absent | not read yet | not read yet | None | None | ReadAgain
      - AWS renews it; Sandglass only looks.
    mfa | Account 123456789012 | MFA session | Absent | not issued yet | not issued yet | None | None | Renew
    process |  | Credential process | Absent | not run yet | not run yet | None | None | Run
      - Run only when you ask.
    role | role-role in 123456789012 | Role | Absent | not issued yet | not issued yet | None | None | Renew
    web | web-role in 123456789012 | Web identity role | Absent | not issued yet | not issued yet | None | None | Renew
    old |  | Long-lived keys | Absent | no keys | no keys | None | None | Elsewhere
      - Replace the keys of `old` in the IAM console, if they are old.
    ");
}

#[test]
fn a_shortened_duration_is_told_with_whose_limit_it_is() {
    let allowed = |limit, hours| Allowed {
        asked: SignedDuration::from_hours(12),
        granted: SignedDuration::from_hours(hours),
        limit,
    };
    let world = World::new([
        (
            long_role("a", 12, Some(allowed(DurationLimit::RoleMaximum, 4))),
            ends("10:50"),
        ),
        (
            long_role("b", 12, Some(allowed(DurationLimit::RoleChaining, 1))),
            ends("10:55"),
        ),
        (long_role("c", 12, None), ends("11:00")),
    ]);
    let notes: Vec<_> = world
        .views()
        .panel
        .rows
        .into_iter()
        .flat_map(|row| row.notes)
        .collect();
    assert_eq!(
        notes,
        [
            "12 h were asked; AWS allows 4 h (the role's maximum).",
            "12 h were asked; AWS allows 1 h (for a role assumed from a role)."
        ]
    );
}

#[test]
fn what_aws_accepted_ends_by_reckoning_and_what_it_refused_is_over_as_a_fact() {
    let mut world = World::new([(foreign("guest", None), estimated("10:30"))]);
    world.intend(Intent::Check(id("foreign:guest")));
    assert_eq!(world.views().panel.rows[0].action, RowAction::Busy);
    world.checked("foreign:guest", Ok(()));
    let row = world.views().panel.rows.remove(0);
    assert_eq!(row.time, "about 30 min");
    assert_eq!(row.notes[0], "AWS accepted it at 10:00.");
    assert_eq!(row.action, RowAction::Check);
    world.until("10:20");
    assert_eq!(world.notices()[0].title, "guest ends in about 10 min");
    world.until("10:40");
    let row = world.views().panel.rows.remove(0);
    assert_eq!(row.time, "probably ended 10 min ago");
    assert_eq!(world.notices()[0].title, "guest has probably ended");
    world.intend(Intent::Check(id("foreign:guest")));
    world.checked("foreign:guest", Ok(()));
    assert!(world.views().panel.rows[0].time.starts_with("about "));
    world.intend(Intent::Check(id("foreign:guest")));
    world.checked("foreign:guest", Err(ErrorCode::SourceExpired));
    let row = world.views().panel.rows.remove(0);
    assert_eq!(row.time, "ended 0 s ago");
    assert_eq!(row.known_by, Some(KnownBy::Probe));
    assert_eq!(world.notices()[0].title, "guest has ended");
}

#[test]
fn a_sign_in_whose_portal_session_ends_soon_offers_another_one() {
    let mut world = World::new([(sign_in("acme"), refreshable_until("11:00", "10:40"))]);
    let row = |world: &World| world.views().panel.rows.remove(0);
    assert_eq!(
        (row(&world).look, row(&world).action),
        (Look::Full, RowAction::Renew)
    );
    world.until("10:28");
    let low = row(&world);
    assert_eq!((low.look, low.action), (Look::Low, RowAction::SignIn));
    assert_eq!(low.more, [MoreAction::SignInAfresh]);
    assert_eq!(
        low.sentence,
        "the portal session ends in about 12 min (10:40), estimated: AWS does not tell when"
    );
    assert_eq!(world.views().tray.icon, Icon::Low);
    assert_eq!(
        world.views().tray.tooltip,
        "acme ends in about 12 min (10:40)"
    );
}

#[test]
fn keys_stay_as_old_as_they_are_known_to_be() {
    let mut world = World::new([(long_lived_keys("old"), lasting("2026-11-23"))]);
    let age = |world: &World| world.views().panel.rows[0].notes[0].clone();
    assert_eq!(
        age(&world),
        "In use since at least 23 Nov (less than a day)."
    );
    let mut ages = Vec::new();
    for _ in 0..4 {
        let next = views::next_change(&world.engine, world.now, &TimeZone::UTC);
        world.jump(next.unwrap());
        ages.push(age(&world));
    }
    assert_eq!(ages[0], "In use since at least 23 Nov (1 day).");
    assert_eq!(ages[3], "In use since at least 23 Nov (4 days).");
    world.write([(long_lived_keys("old"), lasting("2024-03-03"))]);
    assert_eq!(age(&world), "In use since at least 3 Mar 2024 (999 days).");
}

#[test]
fn rows_tell_where_credentials_lie() {
    let mut world = World::new([(role("deploy"), ends("11:00"))]);
    let places = [
        Place::File("~/.aws/cli/cache/0dd8.json".to_owned()),
        Place::SealedStore,
    ];
    world.used_in("role:deploy", places.clone());
    assert_eq!(world.views().panel.rows[0].used_in, places);
}

#[test]
fn a_bar_drains_from_full_to_nothing() {
    let mut world = World::new([(mfa_session(), ends("11:00"))]);
    let bar = |world: &World| world.views().panel.rows[0].left_permille;
    assert_eq!(bar(&world), Some(1000));
    world.until("10:15");
    assert_eq!(bar(&world), Some(750));
    world.until("11:30");
    assert_eq!(bar(&world), Some(0));
    assert_eq!(world.views().panel.rows[0].look, Look::Empty);
}

#[test]
fn the_first_run_is_told_until_somebody_agrees_to_all() {
    let mut world = World::empty();
    assert_eq!(world.views().panel.first_run, None, "nothing was found");
    world.write([
        (mfa_session(), Found::Nothing),
        (sign_in("acme"), Found::Nothing),
        (sso_role("dev", "acme"), Found::Nothing),
        (mfa_role("prod-admin", "alice"), Found::Nothing),
    ]);
    let first_run = world.views().panel.first_run.unwrap();
    assert_eq!(first_run.found, "Found 3 profiles, 1 portal, 1 MFA device");
    assert_eq!(first_run.writes.len(), 3);
    world.click("role:prod-admin");
    assert!(
        world.views().panel.first_run.is_some(),
        "that was for one session"
    );
    world.agree_to_all();
    assert_eq!(world.views().panel.first_run, None);
}

#[test]
fn the_first_run_names_only_what_would_be_written() {
    let world = World::new([(role("deploy"), Found::Nothing)]);
    let first_run = world.views().panel.first_run.unwrap();
    assert_eq!(first_run.found, "Found 1 profile");
    assert_eq!(
        first_run.writes,
        ["Role credentials in ~/.aws/cli/cache, as the AWS CLI writes them"]
    );
}
