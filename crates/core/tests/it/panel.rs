//! The panel's rows and its first run.

use sandglass_core::error::ErrorCode;
use sandglass_core::session::Found;
use sandglass_core::views::panel::{Look, Row};

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
            id: _,
        } = row;
        let trouble = trouble.map_or(String::new(), |trouble| {
            format!(" | {} / {}", trouble.message, trouble.remedy)
        });
        format!(
            "{name} | {detail} | {kind} | {look:?} | {time} | {sentence} | {known_by:?} | {left_permille:?} | {action:?}{trouble}"
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
    insta::assert_snapshot!(texts(&world), @r#"
    prod-admin | prod-admin-role in 123456789012 | Role | Empty | ended 1 h ago | ended 1 h ago (09:00), told by AWS | Some(Issuer) | Some(0) | Renew
    dev | Admin in 210987654321 | Identity Center role | Low | 10 min | ends in 10 min (10:10), told by AWS | Some(Issuer) | Some(166) | Renew
    acme | https://acme.awsapps.com/start | Identity Center sign-in | Full | 20 min | ends in 20 min (10:20), told by AWS | Some(Issuer) | Some(333) | Renew
    mfa | Account 123456789012 | MFA session | Full | about 30 min | ends in about 30 min (10:30), estimated: no end is written anywhere | Some(Estimate) | Some(500) | Renew
    never | Admin in 210987654321 | Identity Center role | Absent | not issued yet | not issued yet | None | None | SignIn
    other | https://other.awsapps.com/start | Identity Center sign-in | Absent | not signed in | not signed in | None | None | SignIn
    "#);
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
    insta::assert_snapshot!(texts(&world), @r#"
    renewing | renewing-role in 123456789012 | Role | Turning | renewing… | renewing…; the present one ends in 10 min (10:10), told by AWS | Some(Issuer) | Some(166) | Busy
    waiting | waiting-role in 123456789012 | Role | Waiting | tries again in 5 s | tries again in 5 s; the present one ends in 20 min (10:20), told by AWS | Some(Issuer) | Some(333) | Renew | AWS said Unreachable / do what the documentation says
    broken | broken-role in 123456789012 | Role | Broken | 30 min | ends in 30 min (10:30), told by AWS | Some(Issuer) | Some(500) | Renew | AWS said AccessDenied / do what the documentation says
    asking | asking-role in 123456789012 | Role | Asking | waiting for you | waiting for you; the present one ends in 40 min (10:40), told by AWS | Some(Issuer) | Some(666) | Busy
    "#);
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
