//! The AWS that a journey talks to: our sandbox, as a program of its own, and what a test asks of it beside AWS's calls.

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};
use ureq::Agent;

use crate::programs::{self, Program};
use crate::wait::{self, PATIENCE};

/// The long-lived keys of the sandbox's user `dev`.
pub const ACCESS_KEY_ID: &str = "AKIASANDGLASSUSERDEV";
/// The secret of [`ACCESS_KEY_ID`].
pub const SECRET_ACCESS_KEY: &str = "make+believe/secret/of/the/user/dev+0001";
/// The MFA device of the same user.
pub const DEVICE: &str = "arn:aws:iam::123456789012:mfa/dev";

/// A running sandbox.
#[derive(Debug)]
pub struct Cloud {
    program: Program,
    endpoint: String,
    agent: Agent,
}

/// A request that the sandbox answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// `AssumeRole`.
    pub operation: String,
    /// `ok`, or AWS's error code.
    pub outcome: String,
}

impl Cloud {
    /// Starts one on a free port.
    pub fn start(logs: &Path) -> Result<Self> {
        let mut command = Command::new(programs::path("sandglass-sandbox")?);
        let program = Program::start("sandbox", &mut command, logs)?;
        let endpoint = wait::try_until("the sandbox", PATIENCE, || {
            let said = program.said();
            let Some(line) = said.lines().find(|line| line.contains("\"endpoint\"")) else {
                return Ok(None);
            };
            let ready: Value = serde_json::from_str(line)?;
            Ok(ready["endpoint"].as_str().map(str::to_owned))
        })?;
        Ok(Self {
            program,
            endpoint,
            agent: Agent::new_with_defaults(),
        })
    }

    /// The address of all its services.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Its process.
    pub fn program(&self) -> &Program {
        &self.program
    }

    /// How long what it issues lives, in seconds: `{"session_token": 40}`. What is left out is as long as AWS's.
    pub fn set_lifetimes(&self, settings: &Value) -> Result<()> {
        let url = self.control("settings");
        self.agent
            .put(&url)
            .send_json(settings)
            .with_context(|| format!("failed to call `{url}`"))?;
        Ok(())
    }

    /// A code of the device that AWS accepts now, and did not see before.
    pub fn code(&self) -> Result<String> {
        let totp = self.get(&format!(
            "totp/{}",
            DEVICE.replace(':', "%3A").replace('/', "%2F")
        ))?;
        let key = match totp["used"].as_bool() {
            Some(true) => "next_code",
            Some(false) | None => "code",
        };
        text(&totp, key)
    }

    /// Does what a person does in the browser: approves the sign-in with this code.
    pub fn approve(&self, user_code: &str) -> Result<()> {
        self.post("device/approve", &json!({ "user_code": user_code }))
    }

    /// Refuses the sign-in with this code.
    pub fn deny(&self, user_code: &str) -> Result<()> {
        self.post("device/deny", &json!({ "user_code": user_code }))
    }

    /// The user code of the last sign-in that waits for approval.
    pub fn waiting_user_code(&self) -> Result<Option<String>> {
        let devices = self.get("devices")?;
        let waiting = devices
            .as_array()
            .into_iter()
            .flatten()
            .rfind(|device| device["decision"] == "pending");
        waiting.map(|device| text(device, "user_code")).transpose()
    }

    /// Lets the sandbox fail: `{"operation": "AssumeRole", "effect": {"kind": "throttle"}}`.
    pub fn add_fault(&self, fault: &Value) -> Result<()> {
        self.post("faults", fault)
    }

    /// Every request so far, oldest first.
    pub fn journal(&self) -> Result<Vec<Answered>> {
        let journal = self.get("journal")?;
        let rows = journal.as_array().context("the journal is no list")?;
        let row = |row: &Value| {
            Some(Answered {
                operation: row["operation"].as_str()?.to_owned(),
                outcome: row["outcome"].as_str()?.to_owned(),
            })
        };
        Ok(rows.iter().filter_map(row).collect())
    }

    /// How many requests of this operation had this outcome.
    pub fn count(&self, operation: &str, outcome: &str) -> Result<usize> {
        let journal = self.journal()?;
        let is_such = |row: &&Answered| row.operation == operation && row.outcome == outcome;
        Ok(journal.iter().filter(is_such).count())
    }

    fn control(&self, path: &str) -> String {
        format!("{}/_sandbox/{path}", self.endpoint)
    }

    fn get(&self, path: &str) -> Result<Value> {
        let url = self.control(path);
        let mut answer = self
            .agent
            .get(&url)
            .call()
            .with_context(|| format!("failed to call `{url}`"))?;
        answer
            .body_mut()
            .read_json()
            .with_context(|| format!("`{url}` did not answer with JSON"))
    }

    fn post(&self, path: &str, body: &Value) -> Result<()> {
        let url = self.control(path);
        self.agent
            .post(&url)
            .send_json(body)
            .with_context(|| format!("failed to call `{url}`"))?;
        Ok(())
    }
}

fn text(object: &Value, key: &str) -> Result<String> {
    match object[key].as_str() {
        Some(text) => Ok(text.to_owned()),
        None => bail!("the sandbox told no `{key}`: {object}"),
    }
}
