//! Who says how long a session lives.

use super::*;
use crate::names::{AccountId, MfaSerial, ProfileName, SessionId};
use crate::session::{ConsoleLogin, Portal, PortalStyle, SessionTokenRenewal, SsoRoleRenewal};

fn session(renewal: Renewal) -> Definition {
    Definition {
        id: SessionId::new("session:dev"),
        name: "dev".to_owned(),
        profile: Some(ProfileName::new("dev")),
        storage: renewal.storage(),
        renewal,
    }
}

fn role(source: Source, hours: Option<i64>) -> Definition {
    session(Renewal::Role(RoleRenewal {
        role_arn: "arn:aws:iam::123456789012:role/Dev".to_owned(),
        source,
        mfa_serial: Some(MfaSerial::new("arn:aws:iam::123456789012:mfa/me")),
        external_id: None,
        session_name: None,
        duration: hours.map(SignedDuration::from_hours),
        allowed: None,
        target: None,
    }))
}

fn from_keys(hours: Option<i64>) -> Definition {
    role(Source::Keys(ProfileName::new("base")), hours)
}

fn from_session(hours: Option<i64>) -> Definition {
    let source = Source::Session {
        id: SessionId::new("session:base"),
        profile: ProfileName::new("base"),
    };
    role(source, hours)
}

fn portal() -> Portal {
    Portal {
        start_url: "https://a".to_owned(),
        region: "eu-west-1".to_owned(),
        style: PortalStyle::Legacy,
    }
}

fn sso_role() -> Definition {
    session(Renewal::SsoRole(SsoRoleRenewal {
        sign_in: SessionId::new("sso-sign-in:a"),
        portal: portal(),
        account: AccountId::new("123456789012"),
        role_name: "Dev".to_owned(),
    }))
}

fn login(arn: &str) -> Definition {
    session(Renewal::ConsoleLogin(ConsoleLogin {
        login_session: arn.to_owned(),
        region: None,
    }))
}

fn mfa_session() -> Definition {
    session(Renewal::SessionToken(SessionTokenRenewal {
        source: ProfileName::new("base"),
        device: None,
        target: ProfileName::new("dev"),
        duration: SignedDuration::from_hours(12),
    }))
}

fn hours(seconds: Option<i64>) -> Option<i64> {
    seconds.map(|seconds| seconds / 3600)
}

#[test]
fn a_chained_role_is_capped_at_an_hour_with_the_way_round_it() {
    let user = "arn:aws:iam::123456789012:user/me";
    let assumed = "arn:aws:sts::123456789012:assumed-role/Admin/me";
    for source in [from_keys(None), sso_role(), login(assumed)] {
        let told = lifetime(
            &from_session(Some(8)),
            Some(&source),
            &RoleMaximum::NotAsked,
        )
        .unwrap();
        assert_eq!(hours(told.maximum_seconds), Some(1));
        assert_eq!(hours(told.asked_seconds), Some(8));
        assert!(told.ways[0].sentence.contains("`mfa_serial`"), "{told:?}");
    }
    for source in [mfa_session(), login(user)] {
        let told = lifetime(
            &from_session(Some(8)),
            Some(&source),
            &RoleMaximum::NotAsked,
        )
        .unwrap();
        assert_eq!(told.maximum_seconds, None, "that is no chain");
    }
    let told = lifetime(
        &from_session(Some(8)),
        Some(&mfa_session()),
        &RoleMaximum::NotAsked,
    )
    .unwrap();
    assert!(told.set_by.ends_with("reported to get an hour at most"));
    assert!(
        told.ways
            .iter()
            .any(|way| way.sentence.contains("`mfa_serial`"))
    );
}

#[test]
fn a_role_may_live_as_long_as_iam_says() {
    let maximum = &RoleMaximum::Told(SignedDuration::from_hours(4));
    let told = lifetime(&from_keys(None), None, maximum).unwrap();
    assert_eq!((told.asked_seconds, told.default_seconds), (None, 3600));
    assert_eq!(hours(told.maximum_seconds), Some(4));
    let commands: Vec<_> = told
        .ways
        .iter()
        .filter_map(|way| way.command.as_deref())
        .collect();
    assert_eq!(
        commands,
        [
            "sandglass doctor dev --duration 4h",
            "sandglass doctor dev --role-maximum 12h"
        ]
    );
    let session = SessionId::new("session:dev");
    assert_eq!(
        told.ways[0].deed,
        Some(Deed::Change {
            change: Change::Duration {
                session: session.clone(),
                seconds: 14_400
            }
        })
    );
    assert_eq!(
        told.ways[1].deed,
        Some(Deed::Change {
            change: Change::RoleMaximum {
                session,
                seconds: 43_200
            }
        })
    );
    let too_long = lifetime(&from_keys(Some(8)), None, maximum).unwrap();
    assert!(
        too_long.ways[0].sentence.contains("allows no more"),
        "{too_long:?}"
    );
    let longest = lifetime(
        &from_keys(Some(12)),
        None,
        &RoleMaximum::Told(SignedDuration::from_hours(12)),
    );
    assert!(longest.unwrap().ways.is_empty(), "nothing is longer");
}

#[test]
fn what_iam_does_not_tell_is_said_to_be_unknown_and_why() {
    let unreachable = RoleMaximum::Unknown("IAM cannot be reached".to_owned());
    for (maximum, end) in [
        (
            RoleMaximum::Refused,
            "which these credentials may not look up",
        ),
        (
            unreachable,
            "which could not be looked up: IAM cannot be reached",
        ),
        (
            RoleMaximum::NotAsked,
            "`MaxSessionDuration`, from 1 h to 12 h",
        ),
    ] {
        let told = lifetime(&from_keys(Some(2)), None, &maximum).unwrap();
        assert_eq!(told.maximum_seconds, None);
        assert!(told.set_by.ends_with(end), "{}", told.set_by);
    }
}

#[test]
fn limits_of_identity_center_are_the_administrators() {
    for definition in [sso_role(), session(Renewal::SsoSignIn(portal()))] {
        let told = lifetime(&definition, None, &RoleMaximum::NotAsked).unwrap();
        assert!(told.set_by.starts_with("your administrator"), "{told:?}");
        assert_eq!((told.asked_seconds, told.maximum_seconds), (None, None));
    }
}

#[test]
fn tokens_and_console_logins_have_limits_of_aws() {
    let token = lifetime(&mfa_session(), None, &RoleMaximum::NotAsked).unwrap();
    assert_eq!(
        (hours(token.asked_seconds), hours(token.maximum_seconds)),
        (Some(12), Some(36))
    );
    let login = lifetime(
        &login("arn:aws:iam::1:user/me"),
        None,
        &RoleMaximum::NotAsked,
    )
    .unwrap();
    assert_eq!(login.maximum_seconds, Some(900));
    assert!(login.ways.is_empty());
    let keys = session(Renewal::LongLivedKeys(ProfileName::new("dev")));
    assert_eq!(lifetime(&keys, None, &RoleMaximum::NotAsked), None);
}
