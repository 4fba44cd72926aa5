//! `sandglass doctor`: why credentials fail, and what to do.

use std::collections::BTreeSet;
use std::io;

use sandglass_core::doctor::chain::{Sdk, variables};
use sandglass_core::doctor::diagnosis::Diagnosis;
use sandglass_core::doctor::errors::{Scanner, Symptom};
use sandglass_core::error::{ErrorCode, RenewalError};
use sandglass_core::names::ProfileName;
use sandglass_protocol::client::Client;
use sandglass_protocol::environment::without_exec;
use sandglass_protocol::message::{Question, Reply, Request};

use crate::connect::{self, Consent};
use crate::conversation::{self, Failure};
use crate::output::{self, Format};

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

/// What is done about the files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Work {
    /// Everything that can be put right is, each after it was shown and agreed to.
    Repair,
    /// The repair that was made last is undone.
    Undo,
}

/// Puts right what can be, or takes the last repair back.
pub(crate) fn work(client: &Client, work: Work, consent: Consent) -> Result<(), Failure> {
    match work {
        Work::Undo => {
            connect::agreed(client, |step| Request::UndoRepair { step }, consent).map(drop)
        }
        Work::Repair => repair_all(client, consent),
    }
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
        let request = |step| Request::Repair {
            repair: repair.clone(),
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
