//! Sentences that only the agent says.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use sandglass_core::engine::Engine;
use sandglass_core::error::{ErrorCode, RenewalError};
use sandglass_core::lifetimes::End;
use sandglass_core::names::ProfileName;
use sandglass_core::views::words;

/// More names than this help nobody.
const MOST_NAMES: usize = 12;

pub(crate) fn renewed(name: &str, end: End, now: Timestamp, zone: &TimeZone) -> String {
    format!("{name} renewed until {}", words::clock(end.at, now, zone))
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

pub(crate) fn no_tray() -> RenewalError {
    RenewalError::new(
        ErrorCode::NobodyToAsk,
        "no tray is running",
        "start `sandglass-tray`",
    )
}
