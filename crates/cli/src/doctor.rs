//! `sandglass doctor`: why credentials fail, and what to do.

use std::collections::BTreeSet;
use std::io;

use sandglass_core::doctor::chain::{Sdk, variables};
use sandglass_core::doctor::diagnosis::{Change, Diagnosis};
use sandglass_core::doctor::errors::{Scanner, Symptom};
use sandglass_core::error::{ErrorCode, RenewalError};
use sandglass_core::names::{ProfileName, SessionId};
use sandglass_core::status::SessionStatus;
use sandglass_protocol::client::Client;
use sandglass_protocol::environment::without_exec;
use sandglass_protocol::message::{Question, Reply, Request};

use crate::asker;
use crate::connect::{self, Answer, Consent};
use crate::conversation::{self, Failure};
use crate::output::{self, Format};
use crate::pages;

/// What is asked.
pub(crate) struct Order {
    pub(crate) profile: Option<ProfileName>,
    pub(crate) sdk: Option<Sdk>,
    /// A text with errors; `-` for standard input.
    pub(crate) error: Option<String>,
}

/// Tells what is wrong; an error where something is.
pub(crate) fn run(client: &Client, order: Order, format: Format) -> Result<(), Failure> {
    let with_chains = order.sdk.is_some();
    let diagnosis = ask(client, order)?;
    output::diagnosis(&diagnosis, with_chains, format);
    if diagnosis.findings.is_empty() {
        Ok(())
    } else {
        Err(Failure::Findings)
    }
}

/// What is done about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Work {
    /// Everything in the files that can be put right is, each after it was shown and agreed to.
    Repair,
    /// The repair that was made last is undone.
    Undo,
    /// Sessions of this profile are asked for with this length, in seconds.
    Duration(ProfileName, u32),
    /// The role of this profile permits sessions of this length, in seconds.
    RoleMaximum(ProfileName, u32),
}

/// Shows what changes, and changes it when that is agreed to.
pub(crate) fn work(client: &Client, work: Work, consent: Consent) -> Result<(), Failure> {
    match work {
        Work::Repair => repair_all(client, consent),
        Work::Undo => make(client, &Change::UndoRepair, consent),
        Work::Duration(profile, seconds) => {
            let session = with_length(client, &profile)?;
            make(client, &Change::Duration { session, seconds }, consent)
        }
        Work::RoleMaximum(profile, seconds) => {
            let session = with_length(client, &profile)?;
            make(client, &Change::RoleMaximum { session, seconds }, consent)
        }
    }
}

fn make(client: &Client, change: &Change, consent: Consent) -> Result<(), Failure> {
    let request = |step| Request::Change {
        change: change.clone(),
        step,
    };
    match connect::agreed(client, request, consent)? {
        Answer::Done => Ok(()),
        Answer::Declined => Err(connect::declined().into()),
    }
}

/// The session of this profile whose length can be set; another one of the profile where there is none, so that it is
/// said why not.
fn with_length(client: &Client, profile: &ProfileName) -> Result<SessionId, Failure> {
    let sessions = conversation::status(client)?.sessions;
    let is_named = |session: &&SessionStatus| {
        session.name == profile.as_str() || session.profile.as_ref() == Some(profile)
    };
    let has_length = |session: &&SessionStatus| {
        matches!(
            session.kind.as_str(),
            "role" | "session_token" | "federation_token"
        )
    };
    let mut named = sessions.iter().filter(is_named);
    let first = named.clone().next();
    let session = named.find(has_length).or(first).ok_or_else(|| {
        RenewalError::new(
            ErrorCode::UnknownProfile,
            format!("there is no session of a profile `{profile}`"),
            "see `sandglass status` for those that there are",
        )
    })?;
    Ok(session.id.clone())
}

/// Shows the page of a finding.
pub(crate) fn explain(code: &str) -> Result<(), Failure> {
    let page = pages::page(code).ok_or_else(|| {
        RenewalError::new(
            ErrorCode::InvalidDefinition,
            format!("no finding has the code `{code}`"),
            "`sandglass doctor` names the code of each that it has, after `--explain`",
        )
    })?;
    output::bytes(page.as_bytes());
    Ok(())
}

/// Each repair is planned on what the last one left.
fn repair_all(client: &Client, consent: Consent) -> Result<(), Failure> {
    let mut seen = BTreeSet::new();
    loop {
        let order = Order {
            profile: None,
            sdk: None,
            error: None,
        };
        let findings = ask(client, order)?.findings;
        let next = findings
            .into_iter()
            .find_map(|finding| finding.repair.filter(|repair| !seen.contains(repair)));
        let Some(repair) = next else {
            if seen.is_empty() {
                output::nothing_to_repair();
            }
            return Ok(());
        };
        let request = |step| Request::Change {
            change: Change::Repair {
                repair: repair.clone(),
            },
            step,
        };
        // What is not wanted is passed over.
        connect::agreed(client, request, consent)?;
        seen.insert(repair);
    }
}

/// Reads the text, and asks the agent.
fn ask(client: &Client, order: Order) -> Result<Diagnosis, Failure> {
    let symptoms = match order.error.as_deref() {
        None => Vec::new(),
        Some("-") => symptoms(io::stdin().lock()).map_err(|error| unreadable(&error))?,
        Some(text) => symptoms(text.as_bytes()).map_err(|error| unreadable(&error))?,
    };
    client.send(&Request::Diagnose(Question {
        profile: order.profile,
        sdk: order.sdk,
        variables: variables(own_variable),
        asked_from: asker::parent()
            .map(|parent| format!("this command from {} (pid {})", parent.program, parent.pid)),
        symptoms,
    }))?;
    let reply = client.receive()?;
    if let Reply::Diagnosis(diagnosis) = reply {
        return Ok(*diagnosis);
    }
    Err(conversation::refused(reply))
}

/// A variable as the person has it, also inside of `sandglass exec`.
fn own_variable(name: &str) -> Option<String> {
    let undone = without_exec(|name| std::env::var(name).ok());
    match undone.into_iter().find(|(undone, _)| *undone == name) {
        Some((_, own)) => own,
        None => std::env::var(name).ok(),
    }
}

/// What a text of any length holds, a piece at a time.
fn symptoms(mut text: impl io::Read) -> io::Result<Vec<Symptom>> {
    let mut scanner = Scanner::default();
    let mut piece = vec![0; 256 * 1024];
    loop {
        match text.read(&mut piece) {
            Ok(0) => break,
            Ok(length) => scanner.feed(&piece[..length]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(scanner.finish().into_iter().map(Symptom::from).collect())
}

fn unreadable(error: &io::Error) -> Failure {
    RenewalError::new(
        ErrorCode::FileTrouble,
        format!("the text could not be read: {error}"),
        "give it as `--error TEXT`, or on standard input with `--error -`",
    )
    .into()
}
