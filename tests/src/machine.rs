//! A person's machine: a home with a profile of every kind, an AWS to talk to, and our programs installed.

use std::process::{Command, Output, Stdio};

use anyhow::{Context as _, Result, bail};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use crate::clients;
use crate::cloud::{ACCESS_KEY_ID, Cloud, DEVICE, SECRET_ACCESS_KEY};
use crate::home::{Environment, Home};
use crate::programs::{self, Program};
use crate::wait::{self, PATIENCE};

/// `~/.aws/config` with a profile of each kind that Sandglass knows.
pub const CONFIG: &str = "\
# of the team, do not sort
[default]
region = us-east-1

[profile deploy]
role_arn = arn:aws:iam::123456789012:role/Deploy
source_profile = long-lived
region = us-east-1

[profile prod-admin]
role_arn = arn:aws:iam::123456789012:role/Admin
source_profile = long-lived
mfa_serial = arn:aws:iam::123456789012:mfa/dev
region = us-east-1

[profile audit]
role_arn = arn:aws:iam::123456789012:role/Audit
source_profile = deploy
region = us-east-1

[sso-session corp]
sso_start_url = https://sandglass.awsapps.com/start
sso_region = us-east-1
sso_registration_scopes = sso:account:access

[profile dev]
sso_session = corp
sso_account_id = 123456789012
sso_role_name = ReadOnly
region = us-east-1
";

/// Seconds that a role lives whose silent renewal tells that time has passed.
const YARDSTICK: u32 = 12;

/// A home, a sandbox, and the environment in which programs find each other.
#[derive(Debug)]
pub struct Machine {
    /// The AWS.
    pub cloud: Cloud,
    environment: Environment,
}

/// What a command said and how it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// Its exit code.
    pub code: Option<i32>,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

/// `~/.aws/credentials` as a person may keep it, with comments, nested keys and old keys in profile `mfa`.
pub fn credentials() -> String {
    format!(
        "\
; handle with care
[long-lived]
aws_access_key_id     = {ACCESS_KEY_ID}
aws_secret_access_key = {SECRET_ACCESS_KEY}

[mfa]
# keys of the day
aws_access_key_id=ASIAOLDOLDOLDOLD
aws_secret_access_key=old-secret
aws_session_token=old-token
s3 =
  max_concurrent_requests = 20

[customer]
aws_access_key_id = AKIACUSTOMERCUSTOMER
aws_secret_access_key = not/ours
"
    )
}

impl Machine {
    /// A machine with [`CONFIG`] and [`credentials`], on which `surroundings` is what else programs see.
    pub fn new(home: &Home, surroundings: &Environment) -> Result<Self> {
        Self::of(home, surroundings, Cloud::start(&home.logs())?)
    }

    /// The same, where user `dev` may ask IAM and change roles, and role `Deploy` may be had for an hour at most.
    pub fn with_iam(home: &Home, surroundings: &Environment) -> Result<Self> {
        const WORLD: &str = include_str!("../../crates/sandbox/src/default-world.json");
        let mut world: Value = serde_json::from_str(WORLD)?;
        for (pointer, name, key, value) in [
            (
                "/accounts/0/users",
                "dev",
                "may",
                json!(["iam:GetRole", "iam:UpdateRole"]),
            ),
            (
                "/accounts/0/roles",
                "Deploy",
                "max_session_duration",
                json!(3600),
            ),
        ] {
            let all = world.pointer_mut(pointer).and_then(Value::as_array_mut);
            let mut all = all.into_iter().flatten();
            let one = all.find(|one| one["name"] == name);
            one.with_context(|| format!("there is no {name}"))?[key] = value;
        }
        Self::of(home, surroundings, Cloud::start_in(&world, &home.logs())?)
    }

    fn of(home: &Home, surroundings: &Environment, cloud: Cloud) -> Result<Self> {
        home.write_aws("config", CONFIG)?;
        home.write_aws("credentials", &credentials())?;
        let mut environment = surroundings
            .clone()
            .with("AWS_ENDPOINT_URL", cloud.endpoint())
            .with("AWS_EC2_METADATA_DISABLED", "true");
        // A person's PATH leads to our programs.
        let mut path = programs::folder()?.into_os_string();
        path.push(":");
        path.push(std::env::var_os("PATH").unwrap_or_default());
        environment = environment.with("PATH", path);
        let machine = Self { cloud, environment };
        clients::teach_aws_cli(home, machine.cloud.endpoint())?;
        Ok(machine)
    }

    /// What programs see on this machine.
    pub fn environment(&self) -> &Environment {
        &self.environment
    }

    /// The same machine, with something set or unset.
    pub fn set_environment(&mut self, change: impl FnOnce(Environment) -> Environment) {
        self.environment = change(std::mem::take(&mut self.environment));
    }

    /// One of our programs, ready to be started.
    pub fn program(&self, name: &str) -> Result<Command> {
        Ok(self.environment.command(programs::path(name)?))
    }

    /// Runs `sandglass` without a terminal, until it ends.
    pub fn sandglass(&self, arguments: &[&str]) -> Result<Said> {
        let mut command = self.program("sandglass")?;
        let output = command
            .args(arguments)
            .stdin(Stdio::null())
            .output()
            .context("failed to run `sandglass`")?;
        Ok(Said::from(output))
    }

    /// Runs `sandglass` and expects it to succeed; gives what it printed.
    pub fn sandglass_does(&self, arguments: &[&str]) -> Result<String> {
        let said = self.sandglass(arguments)?;
        if said.code != Some(0) {
            bail!("`sandglass {}` failed: {said:?}", arguments.join(" "));
        }
        Ok(said.out)
    }

    /// Renews sessions one after the other, each of which succeeds.
    pub fn renew(&self, names: &[&str]) -> Result<()> {
        names
            .iter()
            .try_for_each(|name| self.sandglass_does(&["renew", name]).map(drop))
    }

    /// What `sandglass status --json` prints.
    pub fn status(&self) -> Result<Value> {
        Ok(serde_json::from_str(
            &self.sandglass_does(&["status", "--json"])?,
        )?)
    }

    /// All sessions of `sandglass status --json`.
    pub fn sessions(&self) -> Result<Vec<Value>> {
        let status = self.status()?;
        Ok(status["sessions"]
            .as_array()
            .context("no sessions")?
            .clone())
    }

    /// One session of `sandglass status --json`.
    pub fn session(&self, id: &str) -> Result<Value> {
        let sessions = self.sessions()?;
        let session = sessions.iter().find(|session| session["id"] == id);
        session
            .cloned()
            .with_context(|| format!("`{id}` is not among the sessions: {sessions:?}"))
    }

    /// The findings of `sandglass status --json`, as `place: message`, a line each.
    pub fn findings(&self) -> Result<String> {
        let status = self.status()?;
        let findings = status["findings"].as_array().context("no findings")?;
        let line = |finding: &Value| format!("{}: {}\n", finding["place"], finding["message"]);
        Ok(findings.iter().map(line).collect())
    }

    /// Waits until a session is in this state.
    pub fn wait_for_state(&self, id: &str, state: &str) -> Result<Value> {
        self.wait_for_session(id, &format!("be {state}"), |session| {
            session["state"] == state
        })
    }

    /// Waits until a session is as it should be, which `what` says: `be renewed`.
    pub fn wait_for_session(
        &self,
        id: &str,
        what: &str,
        is_so: impl Fn(&Value) -> bool,
    ) -> Result<Value> {
        wait::try_until(&format!("`{id}` to {what}"), PATIENCE, || {
            let session = self.session(id)?;
            if is_so(&session) {
                return Ok(Some(session));
            }
            bail!("it is {session}")
        })
    }

    /// Lets some seconds pass in which the agent does what it does by itself: until it has silently renewed role `deploy`.
    /// From then on what AWS issues lives as long as AWS's.
    pub fn let_time_pass(&self) -> Result<()> {
        self.cloud.set(&json!({ "assumed_role": YARDSTICK }))?;
        self.sandglass_does(&["renew", "deploy"])?;
        self.cloud.set(&json!({}))?;
        let first = self.session("role:deploy")?["ends_at"].clone();
        self.wait_for_session("role:deploy", "be renewed", |session| {
            session["ends_at"].as_str() > first.as_str()
        })?;
        Ok(())
    }

    /// Starts `sandglass login` without a terminal, and waits until AWS has given it a user code.
    pub fn begin_sign_in(&self, home: &Home, arguments: &[&str]) -> Result<(Program, String)> {
        let mut command = self.program("sandglass")?;
        let command = command.arg("login").args(arguments).stdin(Stdio::null());
        let before = self.cloud.waiting_user_codes()?;
        let mut login = Program::start("login", command, &home.logs())?;
        let code = wait::try_until("a user code", PATIENCE, || {
            let code = self.cloud.user_code_besides(&before)?;
            if code.is_none() && login.ended()?.is_some() {
                bail!("the sign-in ended without: {}", login.said());
            }
            Ok(code)
        })?;
        Ok((login, code))
    }

    /// Signs in with `sandglass login`, and does in the browser what it takes; gives what it said.
    pub fn sign_in(&self, home: &Home, arguments: &[&str]) -> Result<String> {
        let (mut login, code) = self.begin_sign_in(home, arguments)?;
        self.cloud.approve(&code)?;
        if !login.wait(PATIENCE)?.success() {
            bail!("the sign-in failed: {}", login.said());
        }
        Ok(login.said())
    }

    /// Defines the MFA session of profile `mfa`.
    pub fn define_mfa_session(&self) -> Result<String> {
        self.define_mfa_session_of("mfa")
    }

    /// Defines an MFA session whose keys go to this profile.
    pub fn define_mfa_session_of(&self, target: &str) -> Result<String> {
        self.sandglass_does(&[
            "mfa",
            "add",
            "--source",
            "long-lived",
            "--device",
            DEVICE,
            "--target",
            target,
        ])
    }

    /// The agent's process id, while one runs.
    pub fn agent_pid(&self, home: &Home) -> Option<i32> {
        let lock = std::fs::metadata(home.runtime().join("sandglass/agent.lock")).ok()?;
        let inode = std::os::unix::fs::MetadataExt::ino(&lock);
        let locks = std::fs::read_to_string("/proc/locks").ok()?;
        locks
            .lines()
            .find(|line| {
                line.split_whitespace()
                    .any(|word| word.ends_with(&format!(":{inode}")))
            })
            .and_then(|line| line.split_whitespace().nth(4)?.parse().ok())
    }

    /// Ends the agent as a crash does.
    pub fn kill_agent(&self, home: &Home) -> Result<()> {
        self.signal_agent(home, Signal::KILL)
    }

    /// Sends a signal to the agent.
    pub fn signal_agent(&self, home: &Home, signal: Signal) -> Result<()> {
        let pid = self.agent_pid(home).context("no agent runs")?;
        let pid = Pid::from_raw(pid).context("no process has this id")?;
        kill_process(pid, signal).context("failed to signal the agent")
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        // The agent outlives whoever started it, but not the machine.
        let _ = self.sandglass(&["quit"]);
    }
}

impl From<Output> for Said {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

/// The value of a key in a section of an INI file, as a person would find it.
pub fn value_in<'f>(file: &'f str, section: &str, key: &str) -> Option<&'f str> {
    file.lines()
        .skip_while(|line| line.trim() != format!("[{section}]"))
        .skip(1)
        .take_while(|line| !line.starts_with('['))
        .find_map(|line| {
            let (name, value) = line.split_once('=')?;
            (name.trim() == key).then(|| value.trim())
        })
}

/// Asserts that a file differs from what it was in nothing but the values of the three keys in `[mfa]`.
pub fn only_the_keys_changed(before: &str, after: &str) -> Result<()> {
    only_the_keys_changed_in("mfa", before, after)
}

/// The same for another section.
pub fn only_the_keys_changed_in(section: &str, before: &str, after: &str) -> Result<()> {
    let mut expected = before.to_owned();
    for key in [
        "aws_access_key_id",
        "aws_secret_access_key",
        "aws_session_token",
    ] {
        let old = value_in(before, section, key).context("the old file has no such key")?;
        let new = value_in(after, section, key).context("the new file has no such key")?;
        if old == new {
            bail!("`{key}` is still the old one");
        }
        expected = expected.replacen(&format!("{key}={old}"), &format!("{key}={new}"), 1);
    }
    if expected != after {
        bail!("more than the keys changed:\n{after}");
    }
    Ok(())
}
