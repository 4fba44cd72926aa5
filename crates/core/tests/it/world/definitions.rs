//! Sessions, ends and answers, in few words.

use jiff::{SignedDuration, Timestamp};
use sandglass_core::engine::Tracked;
use sandglass_core::error::{ErrorCode, RenewalError};
use sandglass_core::lifetimes::{End, KnownBy};
use sandglass_core::names::{AccountId, MfaSerial, ProfileName, SessionId};
use sandglass_core::prompt::DeviceCode;
use sandglass_core::session::{
    Definition, Found, Portal, PortalStyle, Renewal, RoleRenewal, SessionTokenRenewal, Source,
    SsoRoleRenewal,
};

/// Monday, 23 November 2026, at this time of day (UTC).
pub(crate) fn at(time: &str) -> Timestamp {
    let seconds = if time.len() == 5 { ":00" } else { "" };
    format!("2026-11-23T{time}{seconds}Z")
        .parse()
        .expect("a time of day")
}

pub(crate) fn id(id: &str) -> SessionId {
    SessionId::new(id)
}

/// An end that the issuer told, of a session that lives an hour.
pub(crate) fn ends(time: &str) -> Found {
    Found::Credentials(end(time))
}

pub(crate) fn end(time: &str) -> End {
    lives(time, SignedDuration::from_hours(1))
}

fn lives(time: &str, life: SignedDuration) -> End {
    End::issued(at(time) - life, at(time))
}

pub(crate) fn refreshable(time: &str) -> Found {
    Found::Refreshable(end(time))
}

pub(crate) fn estimated(time: &str) -> Found {
    Found::Credentials(End {
        known_by: KnownBy::Estimate,
        ..end(time)
    })
}

pub(crate) fn device(name: &str) -> MfaSerial {
    MfaSerial::new(format!("arn:aws:iam::123456789012:mfa/{name}"))
}

pub(crate) fn portal(name: &str) -> Portal {
    Portal {
        start_url: format!("https://{name}.awsapps.com/start"),
        region: "eu-central-1".to_owned(),
        style: PortalStyle::Session {
            name: name.to_owned(),
            scopes: vec!["sso:account:access".to_owned()],
        },
    }
}

pub(crate) fn defined(kind: &str, name: &str, renewal: Renewal) -> Definition {
    let profile = match renewal {
        Renewal::SsoSignIn(_) => None,
        Renewal::Role(_) | Renewal::SessionToken(_) | Renewal::SsoRole(_) => {
            Some(ProfileName::new(name))
        }
    };
    Definition {
        id: id(&format!("{kind}:{name}")),
        name: name.to_owned(),
        profile,
        renewal,
    }
}

/// A role that is assumed with long-lived keys.
pub(crate) fn role(name: &str) -> Definition {
    let source = Source::Keys(ProfileName::new("keys"));
    defined("role", name, Renewal::Role(role_from(name, source, None)))
}

/// A role behind the device of this name.
pub(crate) fn mfa_role(name: &str, mfa: &str) -> Definition {
    let source = Source::Keys(ProfileName::new("keys"));
    let renewal = role_from(name, source, Some(device(mfa)));
    defined("role", name, Renewal::Role(renewal))
}

/// A role that is assumed with the credentials of another session.
pub(crate) fn chained(name: &str, source: &str) -> Definition {
    defined(
        "role",
        name,
        Renewal::Role(role_from(name, of(source), None)),
    )
}

/// The same, behind a device.
pub(crate) fn chained_mfa(name: &str, source: &str, mfa: &str) -> Definition {
    let renewal = role_from(name, of(source), Some(device(mfa)));
    defined("role", name, Renewal::Role(renewal))
}

fn of(source: &str) -> Source {
    Source::Session {
        id: id(source),
        profile: ProfileName::new(source.split_once(':').map_or(source, |(_, name)| name)),
    }
}

fn role_from(name: &str, source: Source, mfa_serial: Option<MfaSerial>) -> RoleRenewal {
    RoleRenewal {
        role_arn: format!("arn:aws:iam::123456789012:role/team/{name}-role"),
        source,
        mfa_serial,
        external_id: None,
        session_name: None,
        duration: None,
    }
}

/// The MFA session `mfa` behind the device `alice`.
pub(crate) fn mfa_session() -> Definition {
    mfa_session_with(Ok(device("alice")))
}

pub(crate) fn mfa_session_with(device: Result<MfaSerial, RenewalError>) -> Definition {
    let renewal = SessionTokenRenewal {
        source: ProfileName::new("keys"),
        device,
        target: ProfileName::new("mfa"),
        duration: SignedDuration::from_hours(12),
    };
    defined("session-token", "mfa", Renewal::SessionToken(renewal))
}

pub(crate) fn sign_in(name: &str) -> Definition {
    defined("sso-sign-in", name, Renewal::SsoSignIn(portal(name)))
}

pub(crate) fn sso_role(name: &str, of: &str) -> Definition {
    let renewal = SsoRoleRenewal {
        sign_in: id(&format!("sso-sign-in:{of}")),
        portal: portal(of),
        account: AccountId::new("210987654321"),
        role_name: "Admin".to_owned(),
    };
    defined("sso-role", name, Renewal::SsoRole(renewal))
}

pub(crate) fn error(code: ErrorCode) -> RenewalError {
    RenewalError::new(
        code,
        format!("AWS said {code:?}"),
        "do what the documentation says",
    )
}

pub(crate) fn device_code() -> DeviceCode {
    DeviceCode {
        user_code: "ABCD-EFGH".to_owned(),
        verification_uri: "https://device.example/".to_owned(),
        verification_uri_complete: "https://device.example/?user_code=ABCD-EFGH".to_owned(),
        expires_at: at("10:55"),
    }
}

pub(crate) fn id_of(session: &Tracked) -> SessionId {
    session.definition.id.clone()
}
