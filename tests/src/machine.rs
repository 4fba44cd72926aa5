//! A person's machine: a home with a profile of every kind, an AWS to talk to, and our programs installed.

use std::process::{Command, Output, Stdio};

use anyhow::{Context as _, Result, bail};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::cloud::{ACCESS_KEY_ID, Cloud, DEVICE, SECRET_ACCESS_KEY};
use crate::home::{Environment, Home};
use crate::programs;
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
        home.write_aws("config", CONFIG)?;
        home.write_aws("credentials", &credentials())?;
        let cloud = Cloud::start(&home.logs())?;
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
        machine.teach_aws_cli(home)?;
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

    /// One session of `sandglass status --json`.
    pub fn session(&self, id: &str) -> Result<Value> {
        let status: Value = serde_json::from_str(&self.sandglass_does(&["status", "--json"])?)?;
        let sessions = status["sessions"].as_array().context("no sessions")?;
        let session = sessions.iter().find(|session| session["id"] == id);
        session
            .cloned()
            .with_context(|| format!("`{id}` is not among the sessions: {status}"))
    }

    /// Waits until a session is in this state.
    pub fn wait_for_state(&self, id: &str, state: &str) -> Result<Value> {
        wait::try_until(&format!("`{id}` to be {state}"), PATIENCE, || {
            let session = self.session(id)?;
            Ok((session["state"] == state).then_some(session))
        })
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

    /// What the real AWS CLI says with this profile: the ARN that it is, or its error.
    pub fn aws_cli_identity(&self, profile: &str) -> Result<String> {
        let said = self.aws_cli(&["sts", "get-caller-identity", "--profile", profile])?;
        if said.code != Some(0) {
            bail!("the AWS CLI failed with profile `{profile}`: {}", said.err);
        }
        let identity: Value = serde_json::from_str(&said.out)?;
        let arn = identity["Arn"].as_str().context("it told no ARN")?;
        Ok(arn.to_owned())
    }

    /// Runs the real AWS CLI v2 without a terminal.
    pub fn aws_cli(&self, arguments: &[&str]) -> Result<Said> {
        let program =
            std::env::var_os("SANDGLASS_AWS_CLI").unwrap_or_else(|| "/usr/bin/aws".into());
        let output = self
            .environment
            .command(&program)
            .args([
                "--endpoint-url",
                self.cloud.endpoint(),
                "--region",
                "us-east-1",
            ])
            .args(arguments)
            .stdin(Stdio::null())
            .output()
            .with_context(|| {
                format!(
                    "failed to run `{}`: `./dev test` installs it",
                    program.display()
                )
            })?;
        Ok(Said::from(output))
    }

    /// The Debian package of the AWS CLI is older than `AWS_ENDPOINT_URL`: Identity Center's endpoints are told to it
    /// through its own endpoint rules.
    fn teach_aws_cli(&self, home: &Home) -> Result<()> {
        let rules = serde_json::json!({
            "version": "1.0",
            "parameters": {
                "Region": { "builtIn": "AWS::Region", "required": false, "type": "String" },
                "UseDualStack": { "builtIn": "AWS::UseDualStack", "required": true, "default": false, "type": "Boolean" },
                "UseFIPS": { "builtIn": "AWS::UseFIPS", "required": true, "default": false, "type": "Boolean" },
                "Endpoint": { "builtIn": "SDK::Endpoint", "required": false, "type": "String" },
            },
            "rules": [{
                "type": "endpoint",
                "conditions": [],
                "endpoint": { "url": self.cloud.endpoint(), "properties": {}, "headers": {} },
            }],
        });
        for service in ["sso", "sso-oidc"] {
            let folder = home.aws().join("models").join(service).join("2019-06-10");
            std::fs::create_dir_all(&folder)?;
            std::fs::write(folder.join("endpoint-rule-set-1.json"), rules.to_string())?;
        }
        Ok(())
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
    let mut expected = before.to_owned();
    for key in [
        "aws_access_key_id",
        "aws_secret_access_key",
        "aws_session_token",
    ] {
        let old = value_in(before, "mfa", key).context("the old file has no such key")?;
        let new = value_in(after, "mfa", key).context("the new file has no such key")?;
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
