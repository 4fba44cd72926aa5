//! Cases, and what is said of them.

mod ways;

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::chain::{Candidate, Chain, Giver, Sdk, Verdict};
use super::diagnosis::{Diagnosis, Processes, Severity};
use super::errors::{ALL, Scanner, Seen};
use super::{ClockKeeping, Evidence, Holder, Repairable, judge};
use crate::findings::Finding;
use crate::lifetimes::KnownBy;
use crate::names::{ProfileName, SessionId};
use crate::status::{SessionStatus, Status, VERSION};

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn now() -> Timestamp {
    at("2026-01-02T12:00:00Z")
}

fn session(name: &str, kind: &str, minutes: i64) -> SessionStatus {
    SessionStatus {
        id: SessionId::new(format!("{kind}:{name}")),
        kind: kind.to_owned(),
        profile: Some(ProfileName::new(name)),
        name: name.to_owned(),
        account: None,
        role: None,
        state: "valid".to_owned(),
        ends_at: Some(now() + SignedDuration::from_mins(minutes)),
        end_known_by: Some(KnownBy::Issuer),
        accepted_at: None,
        renews_until: None,
        renews_until_known_by: None,
        first_seen_at: None,
        needs: "nothing".to_owned(),
        instruction: None,
        shortened: None,
        where_used: Vec::new(),
        last_error: None,
    }
}

fn status(sessions: Vec<SessionStatus>) -> Status {
    Status {
        version: VERSION,
        told_at: now(),
        sessions,
        findings: Vec::new(),
    }
}

/// Nothing is known but the sessions.
fn nothing(status: &Status) -> Evidence<'_> {
    static NO_VARIABLES: BTreeMap<String, String> = BTreeMap::new();
    Evidence {
        profile: None,
        errors: &[],
        chains: &[],
        variables: &NO_VARIABLES,
        asked_from: None,
        status,
        holders: &[],
        processes: Processes::Seen,
        repairs: &[],
        lifetimes: &[],
        machine: &[],
        skew: None,
        clock_keeping: None,
    }
}

fn seen(text: &str) -> Vec<Seen> {
    let mut scanner = Scanner::default();
    scanner.feed(text.as_bytes());
    scanner.finish()
}

fn of_text(text: &str, profile: Option<&str>, status: &Status) -> Diagnosis {
    judge(Evidence {
        profile,
        errors: &seen(text),
        ..nothing(status)
    })
}

fn commands(diagnosis: &Diagnosis) -> Vec<&str> {
    let remedies = diagnosis
        .findings
        .iter()
        .flat_map(|finding| &finding.remedies);
    remedies
        .filter_map(|remedy| remedy.command.as_deref())
        .collect()
}

#[test]
fn a_healthy_machine_has_nothing_to_be_told() {
    let status = status(vec![session("dev", "role", 40)]);
    assert!(of_text("", Some("dev"), &status).findings.is_empty());
    assert!(of_text("all is well", None, &status).findings.is_empty());
}

#[test]
fn every_error_has_something_to_do_about_it_in_the_words_of_the_profile() {
    let status = status(vec![session("dev", "role", 40)]);
    for error in ALL.iter().copied().flatten() {
        let text = error.texts.first().or(error.codes.first()).unwrap();
        let diagnosis = of_text(text, Some("dev"), &status);
        let [finding] = diagnosis.findings.as_slice() else {
            panic!("{text}: {diagnosis:?}")
        };
        assert_eq!(finding.code, error.code);
        assert!(!finding.remedies.is_empty(), "{}", error.code);
        for remedy in &finding.remedies {
            let all = format!("{} {:?}", remedy.sentence, remedy.command);
            assert!(!all.contains("PROFILE "), "{}: {all}", error.code);
            assert!(!remedy.sentence.ends_with('.'), "{}: {all}", error.code);
        }
    }
}

#[test]
fn a_session_that_is_over_is_renewed_by_what_it_needs() {
    let mut foreign = session("saml", "foreign", -5);
    foreign.instruction = Some("run saml2aws again".to_owned());
    let mut console = session("web", "console_login", -5);
    console.needs = "browser".to_owned();
    for (session, text, expected) in [
        (
            session("dev", "role", -5),
            "ExpiredToken",
            "sandglass renew dev",
        ),
        (console, "TOKEN_EXPIRED", "aws login"),
        (
            session("corp", "sso_sign_in", -5),
            "The SSO session associated with this profile has expired",
            "sandglass login corp",
        ),
    ] {
        // Nobody named it: it is the only one that is over.
        let diagnosis = of_text(
            text,
            None,
            &status(vec![session, self::session("other", "role", 40)]),
        );
        assert_eq!(
            commands(&diagnosis).first(),
            Some(&expected),
            "{diagnosis:?}"
        );
    }
    let diagnosis = of_text("ExpiredToken", Some("saml"), &status(vec![foreign]));
    assert_eq!(
        diagnosis.findings[0].remedies[0].sentence,
        "run saml2aws again"
    );
}

#[test]
fn where_no_session_is_over_the_program_has_keys_from_before() {
    let status = status(vec![session("dev", "role", 40)]);
    for (profile, why) in [
        (Some("dev"), "`dev` itself holds for another 40 min"),
        (None, "Every session here that it can be about still holds"),
    ] {
        let diagnosis = of_text("ExpiredToken", profile, &status);
        assert!(diagnosis.findings[0].why.contains(why), "{diagnosis:?}");
        assert!(
            commands(&diagnosis)[0].starts_with("sandglass exec "),
            "{diagnosis:?}"
        );
    }
}

#[test]
fn an_error_of_temporary_credentials_cannot_be_about_keys_that_never_end() {
    let mut keys = session("base", "long_lived_keys", 0);
    keys.ends_at = None;
    let diagnosis = of_text("ExpiredToken", Some("base"), &status(vec![keys]));
    assert_eq!(
        commands(&diagnosis)[..2],
        ["sandglass doctor base --sdk boto3", "sandglass renew base"]
    );
}

#[test]
fn the_session_that_is_asked_about_is_told_to_be_over_with_why() {
    let mut dev = session("dev", "role", -90);
    dev.last_error = Some(crate::error::RenewalError::new(
        crate::error::ErrorCode::AccessDenied,
        "AWS said no",
        "ask",
    ));
    let diagnosis = of_text("", Some("dev"), &status(vec![dev]));
    let [over] = diagnosis.findings.as_slice() else {
        panic!("{diagnosis:?}")
    };
    assert_eq!(
        (over.code.as_str(), over.severity),
        ("session-over", Severity::Error)
    );
    assert!(over.why.contains("AWS said no"), "{}", over.why);
    assert!(
        over.prevention
            .as_ref()
            .is_some_and(|text| text.contains("sandglass connect dev"))
    );
}

#[test]
fn the_times_in_a_text_tell_how_wrong_the_clock_is() {
    let text = "SignatureDoesNotMatch: Signature expired: 20260102T115000Z is now earlier than 20260102T121500Z (20260102T122000Z - 5 min.)";
    let diagnosis = of_text(text, None, &status(Vec::new()));
    let finding = &diagnosis.findings[0];
    assert!(
        finding.why.ends_with("the clock is 30 min slow"),
        "{}",
        finding.why
    );
    assert!(
        finding.remedies[0].sentence.contains("30 min slow"),
        "{finding:?}"
    );
}

#[test]
fn an_old_request_is_the_clock_where_the_clock_is_wrong_and_the_session_elsewhere() {
    let status = status(vec![session("dev", "role", 40)]);
    let with = |skew| {
        judge(Evidence {
            profile: Some("dev"),
            errors: &seen("RequestExpired: Request has expired."),
            skew,
            clock_keeping: Some(ClockKeeping::Off),
            ..nothing(&status)
        })
    };
    assert_eq!(commands(&with(None))[0], "sandglass renew dev");
    let wrong = with(Some(SignedDuration::from_mins(-20)));
    assert!(
        wrong.findings[0].remedies[0]
            .sentence
            .starts_with("set the clock"),
        "{wrong:?}"
    );
    let codes: Vec<&str> = wrong
        .findings
        .iter()
        .map(|finding| finding.code.as_str())
        .collect();
    assert_eq!(codes, ["request-expired", "clock-wrong"]);
    let why = &wrong.findings[1].why;
    assert!(
        why.ends_with("the system does not keep its clock by NTP"),
        "{why}"
    );
}

fn candidate(giver: Giver, place: &str, verdict: Verdict) -> Candidate {
    Candidate {
        giver,
        place: place.to_owned(),
        key: matches!(giver, Giver::Keys | Giver::EnvironmentKeys).then(|| "WXYZ".to_owned()),
        verdict,
        cure: None,
    }
}

fn chain(sdk: Sdk, candidates: Vec<Candidate>) -> Chain {
    Chain {
        sdk,
        profile: "dev".to_owned(),
        chosen_by: None,
        candidates,
    }
}

#[test]
fn keys_that_go_before_what_renews_itself_are_told_with_the_way_out() {
    let later = |why: &str| Verdict::Loses(why.to_owned());
    for (giver, loser, code, command) in [
        (
            Giver::EnvironmentKeys,
            Giver::Instance,
            "environment-goes-first",
            "unset AWS_ACCESS_KEY_ID",
        ),
        (
            Giver::EnvironmentKeys,
            Giver::IdentityCenter,
            "environment-goes-first",
            "unset AWS_ACCESS_KEY_ID",
        ),
        (
            Giver::Keys,
            Giver::Process,
            "keys-go-first",
            "sandglass connect dev",
        ),
        (
            Giver::Keys,
            Giver::IdentityCenter,
            "keys-go-first",
            "sandglass connect dev",
        ),
    ] {
        let chains = [chain(
            Sdk::Boto3,
            vec![
                candidate(giver, "there", Verdict::Wins),
                candidate(loser, "here", later("boto3 looks at there first")),
            ],
        )];
        let status = status(Vec::new());
        let diagnosis = judge(Evidence {
            chains: &chains,
            ..nothing(&status)
        });
        assert_eq!(diagnosis.findings[0].code, code);
        assert_eq!(
            diagnosis.findings[0].what,
            "what nobody renews goes first: boto3 takes there, the key that ends in WXYZ, and not here"
        );
        assert!(commands(&diagnosis)[0].starts_with(command));
        assert_eq!(diagnosis.chains, chains);
    }
    // Keys in the environment before keys in a file are what somebody wanted.
    let chains = [chain(
        Sdk::Rust,
        vec![
            candidate(Giver::EnvironmentKeys, "there", Verdict::Wins),
            candidate(Giver::Keys, "here", later("first")),
        ],
    )];
    let status = status(Vec::new());
    let evidence = Evidence {
        chains: &chains,
        ..nothing(&status)
    };
    assert!(judge(evidence).findings.is_empty());
}

#[test]
fn a_program_that_holds_ending_keys_is_named_with_the_time_that_is_left() {
    let holder = |minutes| Holder {
        pid: 4242,
        name: "terraform".to_owned(),
        since: now() - SignedDuration::from_mins(52),
        key: "WXYZ".to_owned(),
        ends_at: Some(now() + SignedDuration::from_mins(minutes)),
        session: Some(SessionId::new("role:dev")),
    };
    let holders = [holder(8), holder(-3)];
    let status = status(vec![session("dev", "role", 40)]);
    let diagnosis = judge(Evidence {
        holders: &holders,
        ..nothing(&status)
    });
    let said: Vec<&str> = diagnosis
        .findings
        .iter()
        .map(|finding| finding.what.as_str())
        .collect();
    assert_eq!(
        said,
        [
            "`terraform` (pid 4242) holds keys of `dev` that ended 3 min ago, and will not notice a renewal",
            "`terraform` (pid 4242) holds keys of `dev` that end in 8 min, and will not notice a renewal",
        ]
    );
    assert!(diagnosis.findings[0].why.ends_with("52 min ago"));
}

#[test]
fn what_is_wrong_with_the_files_comes_after_what_stands_still() {
    let mut status = status(vec![session("dev", "role", -1)]);
    status.findings.push(Finding {
        place: "~/.aws/config:3".to_owned(),
        message: "a key stands twice".to_owned(),
        remedy: "remove one of the two".to_owned(),
    });
    let stopped = candidate(
        Giver::Keys,
        "the files",
        Verdict::Stops("a key stands twice".to_owned()),
    );
    let chains = [chain(Sdk::Cli2, vec![stopped])];
    let diagnosis = judge(Evidence {
        profile: Some("dev"),
        chains: &chains,
        ..nothing(&status)
    });
    let codes: Vec<&str> = diagnosis
        .findings
        .iter()
        .map(|finding| finding.code.as_str())
        .collect();
    assert_eq!(codes, ["session-over", "chain-stopped", "file"]);
}

#[test]
fn what_a_repair_puts_right_is_told_once_and_names_the_repair() {
    let mut status = status(Vec::new());
    status.findings.push(Finding {
        place: "~/.aws/sso/cache/abc.json".to_owned(),
        message: "the file is not complete".to_owned(),
        remedy: "sign in again".to_owned(),
    });
    let repair = |code: &str, place: &str| Repairable {
        id: format!("{code}-0123abcd"),
        code: code.to_owned(),
        covers: vec![place.to_owned()],
        what: "a".to_owned(),
        why: "b".to_owned(),
        does: "c".to_owned(),
        prevention: None,
    };
    let repairs = [
        repair("sso-legacy", "~/.aws/config:https://a"),
        repair("cache-torn", "~/.aws/sso/cache/abc.json"),
    ];
    let diagnosis = judge(Evidence {
        repairs: &repairs,
        ..nothing(&status)
    });
    let found: Vec<(&str, Severity, Option<&str>)> = diagnosis
        .findings
        .iter()
        .map(|finding| {
            (
                finding.code.as_str(),
                finding.severity,
                finding.repair.as_deref(),
            )
        })
        .collect();
    assert_eq!(
        found,
        [
            ("cache-torn", Severity::Warning, Some("cache-torn-0123abcd")),
            ("sso-legacy", Severity::Note, Some("sso-legacy-0123abcd")),
        ]
    );
    for finding in &diagnosis.findings {
        let command = finding.remedies[0].command.as_deref();
        assert_eq!(command, Some("sandglass doctor --repair"));
    }
}
