//! The programs that credentials are for: the real AWS CLIs and the real boto3, without a terminal.

use std::ffi::OsString;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};

use crate::home::Home;
use crate::machine::{Machine, Said};
use crate::programs::Program;
use crate::wait::{self, PATIENCE};

/// Prints who a profile is, with boto3.
const WHO: &str = "\
import boto3, sys
session = boto3.Session(profile_name=sys.argv[1])
print(session.client('sts', region_name='us-east-1').get_caller_identity()['Arn'])
";

impl Machine {
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
        let mut command = self.aws_cli_command();
        let output = command
            .args([
                "--endpoint-url",
                self.cloud.endpoint(),
                "--region",
                "us-east-1",
            ])
            .args(arguments)
            .output()
            .with_context(|| {
                let program = command.get_program().display().to_string();
                format!("failed to run `{program}`: `./dev test` installs it")
            })?;
        Ok(Said::from(output))
    }

    /// Signs in to the portal of a profile with the AWS CLI, and does in the browser what it takes.
    pub fn aws_cli_signs_in(&self, home: &Home, profile: &str) -> Result<()> {
        let mut command = self.aws_cli_command();
        command.args(["sso", "login", "--no-browser", "--profile", profile]);
        let before = self.cloud.waiting_user_codes()?;
        let mut login = Program::start("aws-sso-login", &mut command, &home.logs())?;
        let code = wait::try_until("a user code", PATIENCE, || {
            self.cloud.user_code_besides(&before)
        })?;
        self.cloud.approve(&code)?;
        if !login.wait(PATIENCE)?.success() {
            bail!("the AWS CLI failed to sign in: {}", login.said());
        }
        Ok(())
    }

    /// What the real boto3 says with this profile: the ARN that it is, or its error.
    pub fn boto3_identity(&self, profile: &str) -> Result<String> {
        let output = self
            .environment()
            .command(python())
            .args(["-c", WHO, profile])
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .stdin(Stdio::null())
            .output()
            .context("failed to run Python: `./dev test` installs boto3")?;
        let said = Said::from(output);
        if said.code != Some(0) {
            bail!("boto3 failed with profile `{profile}`: {}", said.err);
        }
        Ok(said.out.trim().to_owned())
    }

    /// The real AWS CLI v2, ready to be told what to do.
    pub fn aws_cli_command(&self) -> Command {
        let program =
            std::env::var_os("SANDGLASS_AWS_CLI").unwrap_or_else(|| "/usr/bin/aws".into());
        let mut command = self.environment().command(program);
        command.stdin(Stdio::null());
        command
    }
}

/// A Python that has boto3, what that needs for `aws login`, and a client that reads only the credentials file.
pub fn python() -> OsString {
    made_by_dev("SANDGLASS_PYTHON", "python/bin/python")
}

/// The AWS CLI v1.
pub fn aws_cli_1() -> OsString {
    made_by_dev("SANDGLASS_AWS_CLI_1", "aws-cli-1/bin/aws")
}

/// What `./dev test` installed and says so in a variable.
fn made_by_dev(variable: &str, path: &str) -> OsString {
    let default = || {
        let tools = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.dev");
        tools.join(path).into_os_string()
    };
    std::env::var_os(variable).unwrap_or_else(default)
}

/// The Debian package of the AWS CLI is older than `AWS_ENDPOINT_URL`: Identity Center's endpoints are told to it
/// through its own endpoint rules. STS's are not: what the CLI has no credentials for in its caches, it cannot get.
pub(crate) fn teach_aws_cli(home: &Home, endpoint: &str) -> Result<()> {
    teach(
        home,
        endpoint,
        &[("sso", "2019-06-10"), ("sso-oidc", "2019-06-10")],
    )
}

/// The same with STS's, so that the CLI gets credentials there itself.
pub fn teach_aws_cli_all(home: &Home, endpoint: &str) -> Result<()> {
    teach_aws_cli(home, endpoint)?;
    teach(home, endpoint, &[("sts", "2011-06-15")])
}

fn teach(home: &Home, endpoint: &str, services: &[(&str, &str)]) -> Result<()> {
    let rules = json!({
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
            "endpoint": { "url": endpoint, "properties": {}, "headers": {} },
        }],
    });
    for (service, version) in services {
        let folder = home.aws().join("models").join(service).join(version);
        std::fs::create_dir_all(&folder)?;
        std::fs::write(folder.join("endpoint-rule-set-1.json"), rules.to_string())?;
    }
    Ok(())
}
