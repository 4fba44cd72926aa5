//! The table of `status`.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use sandglass_core::lifetimes::{End, KnownBy};
use sandglass_core::session::DurationLimit;
use sandglass_core::status::{SessionStatus, Shortened, Status};
use sandglass_core::views::words;

use super::table::table;

/// The sessions, and below them what should be known of some.
pub(super) fn list(status: &Status, zone: &TimeZone) -> String {
    // The agent's clock is AWS's: this machine's own may be wrong.
    let now = status.told_at;
    if status.sessions.is_empty() {
        return "No AWS session is defined on this machine. Define one with `sandglass mfa add`, or in ~/.aws/config.\n"
            .to_owned();
    }
    let rows = status.sessions.iter().map(|session| {
        [
            session.name.clone(),
            kind(session),
            state(session).to_owned(),
            ends(session, now, zone),
            needs(session).to_owned(),
        ]
    });
    let mut text = table(["SESSION", "KIND", "STATE", "ENDS", "NEEDS"], rows);
    let remarks: String = status
        .sessions
        .iter()
        .flat_map(|session| remarks(session, now, zone))
        .collect();
    if !remarks.is_empty() {
        text.push('\n');
        text.push_str(&remarks);
    }
    text
}

/// Short enough for five columns on a terminal of 80; a word that is not known here is shown as it is.
fn kind(session: &SessionStatus) -> String {
    match session.kind.as_str() {
        "federation_token" => "federation".to_owned(),
        "sso_sign_in" => "SSO sign-in".to_owned(),
        "sso_role" => "SSO role".to_owned(),
        "credential_process" => "process".to_owned(),
        "long_lived_keys" => "access keys".to_owned(),
        "foreign" => "other tool's".to_owned(),
        word => word.replace('_', " "),
    }
}

fn state(session: &SessionStatus) -> &str {
    match session.state.as_str() {
        "waiting_for_you" => "asks you",
        "waiting_for_network" => "waiting",
        word => word,
    }
}

/// `12 min (14:32)`, `about 3 h (17:32)`, `ended 3 min ago`, `no end, in use 265 days`.
fn ends(session: &SessionStatus, now: Timestamp, zone: &TimeZone) -> String {
    match (end(session), session.first_seen_at) {
        (Some(end), _) if end.is_past(now) => words::left_of(end, now),
        (Some(end), _) => {
            let clock = words::clock(end.at, now, zone);
            format!("{} ({clock})", words::left_of(end, now))
        }
        (None, Some(since)) => format!("no end, in use {}", words::age(since, now)),
        (None, None) => "-".to_owned(),
    }
}

fn end(session: &SessionStatus) -> Option<End> {
    known(session.ends_at, session.end_known_by)
}

fn known(at: Option<Timestamp>, known_by: Option<KnownBy>) -> Option<End> {
    Some(End {
        at: at?,
        known_by: known_by.unwrap_or(KnownBy::Estimate),
        // The words tell what is left, whatever the whole was.
        life: SignedDuration::ZERO,
    })
}

fn needs(session: &SessionStatus) -> &'static str {
    match (session.state.as_str(), session.needs.as_str()) {
        // Nobody waits for a renewal of what never ends.
        ("lasting", _) => "-",
        (_, "code") => "an MFA code",
        (_, "browser") => "a sign-in",
        (_, "elsewhere") => "another tool",
        _ => "nothing",
    }
}

/// What should be known of a session besides: a line each, and what to do about an error in a second one.
fn remarks(session: &SessionStatus, now: Timestamp, zone: &TimeZone) -> Vec<String> {
    let whole = known(session.renews_until, session.renews_until_known_by);
    let sentences = [
        whole
            .filter(|whole| !whole.is_past(now))
            .map(|whole| renews_until(whole, now, zone)),
        session.shortened.as_ref().map(shortened),
        instruction(session),
        session
            .last_error
            .as_ref()
            .map(|error| format!("{}\n  {}", error.message, words::sentence(&error.remedy))),
    ];
    sentences
        .into_iter()
        .flatten()
        .map(|sentence| format!("{}: {sentence}\n", session.name))
        .collect()
}

fn renews_until(whole: End, now: Timestamp, zone: &TimeZone) -> String {
    let about = match whole.known_by {
        KnownBy::Issuer | KnownBy::Probe => "",
        KnownBy::Estimate => "about ",
    };
    let clock = words::clock(whole.at, now, zone);
    format!("renews itself until {about}{clock}, then it needs a sign-in")
}

fn shortened(shortened: &Shortened) -> String {
    let span = |seconds| words::span(SignedDuration::from_secs(seconds));
    let limit = match shortened.limit {
        DurationLimit::RoleMaximum => "the maximum of the role",
        DurationLimit::RoleChaining => "the limit for a role assumed from a role",
    };
    format!(
        "asks for {}, and AWS gives {}: {limit}",
        span(shortened.asked_seconds),
        span(shortened.granted_seconds),
    )
}

/// What to do elsewhere, once there is something to do and no error says it already.
fn instruction(session: &SessionStatus) -> Option<String> {
    let is_wanted = matches!(session.state.as_str(), "unknown" | "due" | "expired");
    session
        .instruction
        .clone()
        .filter(|_| is_wanted && session.last_error.is_none())
}

#[cfg(test)]
mod tests {
    use sandglass_core::error::{ErrorCode, RenewalError};
    use sandglass_core::names::{ProfileName, SessionId};

    use super::*;

    fn session(name: &str, kind: &str, state: &str, needs: &str) -> SessionStatus {
        SessionStatus {
            id: SessionId::new(format!("{kind}:{name}")),
            kind: kind.to_owned(),
            profile: Some(ProfileName::new(name)),
            name: name.to_owned(),
            account: None,
            role: None,
            state: state.to_owned(),
            ends_at: None,
            end_known_by: None,
            accepted_at: None,
            renews_until: None,
            renews_until_known_by: None,
            first_seen_at: None,
            needs: needs.to_owned(),
            instruction: None,
            shortened: None,
            where_used: Vec::new(),
            last_error: None,
        }
    }

    fn ending(at: &str, known_by: KnownBy, session: SessionStatus) -> SessionStatus {
        SessionStatus {
            ends_at: Some(time(at)),
            end_known_by: Some(known_by),
            ..session
        }
    }

    fn time(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn printed(sessions: Vec<SessionStatus>) -> String {
        let status = Status {
            version: 1,
            told_at: time("2026-01-01T12:00:00Z"),
            sessions,
            findings: Vec::new(),
        };
        list(&status, &TimeZone::UTC)
    }

    #[test]
    fn every_kind_and_state_fits_a_terminal_of_eighty_columns() {
        let table = printed(vec![
            ending(
                "2026-01-01T11:57:00Z",
                KnownBy::Estimate,
                session("okta", "foreign", "expired", "elsewhere"),
            ),
            ending(
                "2026-01-01T12:12:00Z",
                KnownBy::Issuer,
                session("prod-admin", "session_token", "due", "code"),
            ),
            ending(
                "2026-01-01T13:05:00Z",
                KnownBy::Issuer,
                session("corp", "sso_sign_in", "waiting_for_you", "browser"),
            ),
            ending(
                "2026-01-01T15:05:00Z",
                KnownBy::Estimate,
                session("saml", "foreign", "valid", "elsewhere"),
            ),
            ending(
                "2026-01-01T18:00:00Z",
                KnownBy::Probe,
                session("ec2", "instance_role", "valid", "nothing"),
            ),
            ending(
                "2026-01-02T09:10:00Z",
                KnownBy::Issuer,
                session("ci", "federation_token", "waiting_for_network", "nothing"),
            ),
            session("dev", "sso_role", "unknown", "browser"),
            session("eks", "web_identity", "renewing", "nothing"),
            session("console", "console_login", "broken", "elsewhere"),
            session("ecs", "container_role", "unknown", "nothing"),
            session("vault", "credential_process", "unknown", "nothing"),
            SessionStatus {
                first_seen_at: Some(time("2025-04-11T00:00:00Z")),
                ..session("long-lived", "long_lived_keys", "lasting", "elsewhere")
            },
        ]);
        for line in table.lines() {
            assert!(line.chars().count() <= 80, "{line}");
        }
        insta::assert_snapshot!(table, @r"
        SESSION     KIND            STATE     ENDS                          NEEDS
        okta        other tool's    expired   probably ended 3 min ago      another tool
        prod-admin  session token   due       12 min (12:12)                an MFA code
        corp        SSO sign-in     asks you  1 h 5 min (13:05)             a sign-in
        saml        other tool's    valid     about 3 h 5 min (15:05)       another tool
        ec2         instance role   valid     6 h (18:00)                   nothing
        ci          federation      waiting   21 h 10 min (tomorrow 09:10)  nothing
        dev         SSO role        unknown   -                             a sign-in
        eks         web identity    renewing  -                             nothing
        console     console login   broken    -                             another tool
        ecs         container role  unknown   -                             nothing
        vault       process         unknown   -                             nothing
        long-lived  access keys     lasting   no end, in use 265 days       -
        ");
    }

    #[test]
    fn below_the_table_stands_what_should_be_known() {
        let text = printed(vec![
            SessionStatus {
                renews_until: Some(time("2026-01-01T17:12:00Z")),
                renews_until_known_by: Some(KnownBy::Estimate),
                ..ending(
                    "2026-01-01T13:00:00Z",
                    KnownBy::Issuer,
                    session("corp", "sso_sign_in", "valid", "nothing"),
                )
            },
            SessionStatus {
                shortened: Some(Shortened {
                    asked_seconds: 28_800,
                    granted_seconds: 3600,
                    limit: DurationLimit::RoleChaining,
                }),
                ..ending(
                    "2026-01-01T12:40:00Z",
                    KnownBy::Issuer,
                    session("audit", "role", "valid", "nothing"),
                )
            },
            SessionStatus {
                instruction: Some("run `aws login --profile console`".to_owned()),
                ..session("console", "console_login", "unknown", "elsewhere")
            },
            SessionStatus {
                last_error: Some(RenewalError::new(
                    ErrorCode::AccessDenied,
                    "No access",
                    "ask your administrator for the role `Admin`",
                )),
                ..session("dev", "sso_role", "broken", "nothing")
            },
        ]);
        let (_, remarks) = text.split_once("\n\n").unwrap();
        insta::assert_snapshot!(remarks, @r"
        corp: renews itself until about 17:12, then it needs a sign-in
        audit: asks for 8 h, and AWS gives 1 h: the limit for a role assumed from a role
        console: run `aws login --profile console`
        dev: No access
          Ask your administrator for the role `Admin`.
        ");
    }

    #[test]
    fn what_is_to_be_done_elsewhere_is_told_when_it_is_time_and_not_twice() {
        let foreign = |state| SessionStatus {
            instruction: Some("run saml2aws again, which made them".to_owned()),
            ..session("saml", "foreign", state, "elsewhere")
        };
        assert!(instruction(&foreign("expired")).is_some());
        for state in ["valid", "lasting", "renewing"] {
            assert_eq!(instruction(&foreign(state)), None, "{state}");
        }
        let failed = SessionStatus {
            last_error: Some(RenewalError::new(ErrorCode::OutOfReach, "no", "run it")),
            ..foreign("expired")
        };
        assert_eq!(instruction(&failed), None);
    }

    #[test]
    fn a_portal_session_that_is_over_promises_nothing() {
        let over = SessionStatus {
            renews_until: Some(time("2026-01-01T11:59:00Z")),
            renews_until_known_by: Some(KnownBy::Issuer),
            ..session("corp", "sso_sign_in", "expired", "browser")
        };
        assert!(!printed(vec![over]).contains("renews itself"));
    }

    #[test]
    fn a_machine_without_sessions_is_told_how_to_get_one() {
        assert!(printed(Vec::new()).contains("sandglass mfa add"));
    }
}
