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
/// The same user, who may also use `aws login`.
pub const USER: &str = "arn:aws:iam::123456789012:user/dev";
/// The long-lived keys of the sandbox's user `broker`, who has no device.
pub const BROKER_ACCESS_KEY_ID: &str = "AKIASANDGLASSBROKER0";
/// The secret of [`BROKER_ACCESS_KEY_ID`].
pub const BROKER_SECRET_ACCESS_KEY: &str = "make+believe/secret/of/the/broker/+00003";
/// The Identity Center portal of the sandbox.
pub const START_URL: &str = "https://sandglass.awsapps.com/start";

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
    /// The last four characters of the access key id that signed it.
    pub key: Option<String>,
    /// What it asked for: `{"RoleArn": …, "DurationSeconds": …}`.
    pub parameters: Value,
}

impl Cloud {
    /// Starts one on a free port.
    pub fn start(logs: &Path) -> Result<Self> {
        Self::run(Command::new(programs::path("sandglass-sandbox")?), logs)
    }

    /// The same, with another world than the built-in one.
    pub fn start_in(world: &Value, logs: &Path) -> Result<Self> {
        let file = logs.join("world.json");
        std::fs::create_dir_all(logs)?;
        std::fs::write(&file, world.to_string())?;
        let mut command = Command::new(programs::path("sandglass-sandbox")?);
        command.arg("--world").arg(file);
        Self::run(command, logs)
    }

    fn run(mut command: Command, logs: &Path) -> Result<Self> {
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

    /// How long what it issues lives, in seconds, and how far its clock is ahead: `{"session_token": 40, "skew": 600}`.
    /// What is left out is as with AWS.
    pub fn set(&self, settings: &Value) -> Result<()> {
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

    /// The user codes of all sign-ins that wait for approval.
    pub fn waiting_user_codes(&self) -> Result<Vec<String>> {
        let devices = self.get("devices")?;
        let devices = devices.as_array().into_iter().flatten();
        devices
            .filter(|device| device["decision"] == "pending")
            .map(|device| text(device, "user_code"))
            .collect()
    }

    /// The user code of a sign-in that waits for approval.
    pub fn waiting_user_code(&self) -> Result<Option<String>> {
        self.user_code_besides(&[])
    }

    /// The user code of a sign-in that waits for approval and is none of these.
    pub fn user_code_besides(&self, known: &[String]) -> Result<Option<String>> {
        let waiting = self.waiting_user_codes()?;
        Ok(waiting.into_iter().find(|code| !known.contains(code)))
    }

    /// Lets the sandbox fail: `{"operation": "AssumeRole", "effect": {"kind": "throttle"}}`.
    pub fn add_fault(&self, fault: &Value) -> Result<()> {
        self.post("faults", fault)
    }

    /// The sandbox fails no more.
    pub fn clear_faults(&self) -> Result<()> {
        let url = self.control("faults");
        self.agent
            .delete(&url)
            .call()
            .with_context(|| format!("failed to call `{url}`"))?;
        Ok(())
    }

    /// Ends something before its time: `{"kind": "access_tokens", "start_url": …}`.
    pub fn revoke(&self, what: &Value) -> Result<()> {
        let revoked = self.ask("revoke", what)?;
        if revoked["revoked"] == 0 {
            bail!("there was nothing to revoke for {what}");
        }
        Ok(())
    }

    /// A web identity token of the pipeline that role `Pipeline` trusts, good for so many seconds.
    pub fn web_identity_token(&self, seconds: i64) -> Result<String> {
        let order = json!({
            "provider": "oidc.sandglass.example",
            "subject": "repo:sandglass/app",
            "seconds": seconds,
        });
        text(&self.ask("web-identity", &order)?, "token")
    }

    /// Opens a page as a browser does, and tells where it sends on to.
    pub fn follow(&self, page: &str) -> Result<String> {
        let agent: Agent = Agent::config_builder()
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(None)
            .build()
            .into();
        let answer = agent
            .get(page)
            .call()
            .with_context(|| format!("failed to open `{page}`"))?;
        let location = answer.headers().get("location");
        let location = location.with_context(|| format!("`{page}` sends nowhere: {answer:?}"))?;
        Ok(location.to_str()?.to_owned())
    }

    /// What `aws login` leaves in its cache when [`USER`] signs in to the console.
    pub fn console_login(&self) -> Result<Value> {
        self.ask("console-login", &json!({ "user": "dev" }))
    }

    /// Every request so far, oldest first.
    pub fn journal(&self) -> Result<Vec<Answered>> {
        let journal = self.get("journal")?;
        let rows = journal.as_array().context("the journal is no list")?;
        let row = |row: &Value| {
            Some(Answered {
                operation: row["operation"].as_str()?.to_owned(),
                outcome: row["outcome"].as_str()?.to_owned(),
                key: row["key"].as_str().map(str::to_owned),
                parameters: row["parameters"].clone(),
            })
        };
        Ok(rows.iter().filter_map(row).collect())
    }

    /// Every request of this operation so far, oldest first.
    pub fn answered(&self, operation: &str) -> Result<Vec<Answered>> {
        let mut journal = self.journal()?;
        journal.retain(|row| row.operation == operation);
        Ok(journal)
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
        self.ask(path, body).map(drop)
    }

    fn ask(&self, path: &str, body: &Value) -> Result<Value> {
        let url = self.control(path);
        let mut answer = self
            .agent
            .post(&url)
            .send_json(body)
            .with_context(|| format!("failed to call `{url}`"))?;
        answer
            .body_mut()
            .read_json()
            .with_context(|| format!("`{url}` did not answer with JSON"))
    }
}

fn text(object: &Value, key: &str) -> Result<String> {
    match object[key].as_str() {
        Some(text) => Ok(text.to_owned()),
        None => bail!("the sandbox told no `{key}`: {object}"),
    }
}
