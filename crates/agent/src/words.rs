//! Sentences that only the agent says.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use sandglass_core::engine::Engine;
use sandglass_core::error::{ErrorCode, RenewalError};
use sandglass_core::lifetimes::{End, KnownBy};
use sandglass_core::names::ProfileName;
use sandglass_core::session::{Allowed, DurationLimit, Renewal};
use sandglass_core::views::words;

/// More names than this help nobody.
const MOST_NAMES: usize = 12;

pub(crate) fn renewed(
    name: &str,
    end: End,
    allowed: Option<Allowed>,
    now: Timestamp,
    zone: &TimeZone,
) -> String {
    let until = until(end, now, zone);
    let Some(Allowed {
        asked,
        granted,
        limit,
    }) = allowed
    else {
        return format!("{name} renewed {until}");
    };
    let because = match limit {
        DurationLimit::RoleMaximum => "which is this role's maximum",
        DurationLimit::RoleChaining => "the most for a role that is assumed from a role",
    };
    format!(
        "{name} renewed {until}: for {} instead of {}, {because}",
        words::span(granted),
        words::span(asked)
    )
}

/// Follows [`renewed`] for a sign-in that lies within a portal session.
pub(crate) fn within(name: &str, whole: End, now: Timestamp, zone: &TimeZone) -> String {
    format!(
        "; the portal session ends {}, and `sandglass login {name} --fresh` starts another",
        words::moment(whole, now, zone)
    )
}

pub(crate) fn accepted(name: &str, end: Option<End>, now: Timestamp, zone: &TimeZone) -> String {
    match end.filter(|end| end.known_by == KnownBy::Issuer) {
        Some(end) => {
            let until = until(end, now, zone);
            format!("AWS accepts the credentials of {name}, which hold {until}")
        }
        None => format!("AWS accepts the credentials of {name}"),
    }
}

/// `until 14:32`, `until tomorrow 09:10`.
fn until(end: End, now: Timestamp, zone: &TimeZone) -> String {
    format!("until {}", words::clock(end.at, now, zone))
}

pub(crate) fn over(name: &str) -> RenewalError {
    RenewalError::new(
        ErrorCode::SourceExpired,
        format!("the credentials of `{name}` have ended"),
        format!("run `sandglass renew {name}` first"),
    )
}

pub(crate) fn no_longer_defined(name: &str) -> RenewalError {
    RenewalError::new(
        ErrorCode::UnknownProfile,
        format!("`{name}` is no longer defined"),
        "`sandglass status` lists the sessions of this machine",
    )
}

pub(crate) fn no_page(error: &std::io::Error) -> RenewalError {
    RenewalError::new(
        ErrorCode::Internal,
        format!("the page that opens the console could not be served: {error}"),
        "see that programs may listen on 127.0.0.1, then try again",
    )
}

pub(crate) fn unknown_profile(profile: &ProfileName, engine: &Engine) -> RenewalError {
    let names: Vec<&str> = engine
        .sessions()
        .map(|session| session.definition.name.as_str())
        .take(MOST_NAMES)
        .collect();
    let remedy = if names.is_empty() {
        "no session is defined: look at ~/.aws/config, or define one with `sandglass mfa add`"
            .to_owned()
    } else {
        format!("sessions are known for: {}", names.join(", "))
    };
    RenewalError::new(
        ErrorCode::UnknownProfile,
        format!("no session is known for profile `{profile}`"),
        remedy,
    )
}

pub(crate) fn no_sign_in(profile: &ProfileName) -> RenewalError {
    RenewalError::new(
        ErrorCode::UnknownProfile,
        format!(
            "profile `{profile}` does not use Identity Center, so that there is nothing to sign in to"
        ),
        format!("renew it with `sandglass renew {profile}`"),
    )
}

/// Somebody asked for the credentials of a sign-in: only the roles behind it have some.
pub(crate) fn no_credentials_of_sign_in(name: &str, engine: &Engine) -> RenewalError {
    let roles: Vec<&str> = engine
        .sessions()
        .filter(|session| match &session.definition.renewal {
            Renewal::SsoRole(role) => role.portal.name() == name,
            Renewal::Role(_)
            | Renewal::WebIdentity(_)
            | Renewal::SessionToken(_)
            | Renewal::FederationToken(_)
            | Renewal::SsoSignIn(_)
            | Renewal::ConsoleLogin(_)
            | Renewal::Metadata(_)
            | Renewal::Process(_)
            | Renewal::LongLivedKeys(_)
            | Renewal::Foreign(_) => false,
        })
        .map(|session| session.definition.name.as_str())
        .take(MOST_NAMES)
        .collect();
    let remedy = if roles.is_empty() {
        "add a profile with `sso_account_id` and `sso_role_name` to ~/.aws/config".to_owned()
    } else {
        format!("name one of its profiles: {}", roles.join(", "))
    };
    RenewalError::new(
        ErrorCode::OutOfReach,
        format!("`{name}` is a sign-in, which has no credentials of its own"),
        remedy,
    )
}

/// A program waits for what somebody must give, and cannot wait for a person.
pub(crate) fn waits_for_you(name: &str) -> RenewalError {
    RenewalError::new(
        ErrorCode::NobodyToAsk,
        format!("`{name}` has no credentials that hold, and its renewal needs you"),
        "answer the prompt that Sandglass shows, then try again",
    )
}

/// The container credential provider of the SDKs wants an end.
pub(crate) fn no_endpoint_for_lasting_keys(name: &str) -> RenewalError {
    RenewalError::new(
        ErrorCode::OutOfReach,
        format!("the keys of `{name}` never end, and an endpoint is for those that do"),
        format!("run `sandglass exec --env {name} -- …`"),
    )
}

pub(crate) fn no_tray() -> RenewalError {
    RenewalError::new(
        ErrorCode::NobodyToAsk,
        "no tray is running",
        "start `sandglass-tray`",
    )
}
