//! Sessions, ends and answers, in few words.

use jiff::{SignedDuration, Timestamp};
use sandglass_core::engine::Tracked;
use sandglass_core::error::{ErrorCode, RenewalError};
use sandglass_core::lifetimes::{End, KnownBy};
use sandglass_core::names::{AccountId, MfaSerial, ProfileName, SessionId};
use sandglass_core::prompt::DeviceCode;
use sandglass_core::session::{
    Allowed, ConsoleLogin, CredentialProcess, Definition, FederationTokenRenewal, Foreign, Found,
    MetadataSource, Portal, PortalStyle, Renewal, RoleRenewal, SessionTokenRenewal, Source,
    SsoRoleRenewal, Storage, WebIdentityRenewal,
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

/// A sign-in that renews itself, nobody knows until when.
pub(crate) fn refreshable(time: &str) -> Found {
    Found::Refreshable {
        access: end(time),
        whole: None,
    }
}

/// A sign-in that renews itself in a portal session of eight hours, which ends at about `whole`.
pub(crate) fn refreshable_until(time: &str, whole: &str) -> Found {
    Found::Refreshable {
        access: end(time),
        whole: Some(End {
            known_by: KnownBy::Estimate,
            ..lives(whole, SignedDuration::from_hours(8))
        }),
    }
}

/// Keys that never end, seen first at midnight of this day.
pub(crate) fn lasting(since: &str) -> Found {
    Found::Lasting {
        since: format!("{since}T00:00:00Z").parse().expect("a date"),
    }
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
        Renewal::Role(_)
        | Renewal::WebIdentity(_)
        | Renewal::SessionToken(_)
        | Renewal::FederationToken(_)
        | Renewal::SsoRole(_)
        | Renewal::ConsoleLogin(_)
        | Renewal::Metadata(_)
        | Renewal::Process(_)
        | Renewal::LongLivedKeys(_)
        | Renewal::Foreign(_) => Some(ProfileName::new(name)),
    };
    Definition {
        id: id(&format!("{kind}:{name}")),
        name: name.to_owned(),
        profile,
        renewal,
        storage: Storage::AwsFiles,
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
        allowed: None,
        target: None,
    }
}

/// A role that asks for this many hours, and what AWS gave instead.
pub(crate) fn long_role(name: &str, hours: i64, allowed: Option<Allowed>) -> Definition {
    let renewal = RoleRenewal {
        duration: Some(SignedDuration::from_hours(hours)),
        allowed,
        ..role_from(name, Source::Keys(ProfileName::new("keys")), None)
    };
    defined("role", name, Renewal::Role(renewal))
}

/// A role whose keys only the environment of a program holds.
pub(crate) fn environment_role(name: &str) -> Definition {
    let renewal = role_from(name, Source::Environment, None);
    defined("role", name, Renewal::Role(renewal))
}

pub(crate) fn web_identity(name: &str) -> Definition {
    let renewal = WebIdentityRenewal {
        role_arn: format!("arn:aws:iam::123456789012:role/{name}-role"),
        token_file: "/var/run/secrets/token".into(),
        session_name: None,
    };
    defined("web-identity", name, Renewal::WebIdentity(renewal))
}

pub(crate) fn federation_token(name: &str) -> Definition {
    let renewal = FederationTokenRenewal {
        source: ProfileName::new("keys"),
        user: "build".to_owned(),
        policy: None,
        policy_arns: vec!["arn:aws:iam::aws:policy/ReadOnlyAccess".to_owned()],
        target: None,
        duration: SignedDuration::from_hours(12),
    };
    defined("federation-token", name, Renewal::FederationToken(renewal))
}

pub(crate) fn console_login(name: &str) -> Definition {
    let renewal = ConsoleLogin {
        login_session: format!("arn:aws:iam::123456789012:user/{name}"),
        region: None,
    };
    defined("console-login", name, Renewal::ConsoleLogin(renewal))
}

pub(crate) fn instance_role(name: &str) -> Definition {
    let renewal = Renewal::Metadata(MetadataSource::Instance);
    defined("instance-role", name, renewal)
}

pub(crate) fn container_role(name: &str) -> Definition {
    let renewal = Renewal::Metadata(MetadataSource::Container);
    defined("container-role", name, renewal)
}

pub(crate) fn process(name: &str) -> Definition {
    let renewal = CredentialProcess {
        command: "credentials --token hunter2".to_owned(),
    };
    defined("credential-process", name, Renewal::Process(renewal))
}

pub(crate) fn long_lived_keys(name: &str) -> Definition {
    let renewal = Renewal::LongLivedKeys(ProfileName::new(name));
    defined("keys", name, renewal)
}

/// Credentials that `maker` left.
pub(crate) fn foreign(name: &str, maker: Option<&str>) -> Definition {
    let renewal = Foreign {
        maker: maker.map(str::to_owned),
        account: None,
        role_name: None,
    };
    defined("foreign", name, Renewal::Foreign(renewal))
}

/// The MFA session `mfa` behind the device `alice`.
pub(crate) fn mfa_session() -> Definition {
    mfa_session_with(Ok(device("alice")))
}

pub(crate) fn mfa_session_with(device: Result<MfaSerial, RenewalError>) -> Definition {
    let renewal = SessionTokenRenewal {
        source: ProfileName::new("keys"),
        device: Some(device),
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

/// A session of each kind.
pub(crate) fn one_of_each() -> Vec<Definition> {
    vec![
        role("role"),
        web_identity("web"),
        mfa_session(),
        federation_token("federated"),
        sign_in("acme"),
        sso_role("dev", "acme"),
        console_login("console"),
        instance_role("instance"),
        container_role("container"),
        process("process"),
        long_lived_keys("old"),
        foreign("guest", Some("saml2aws")),
    ]
}
