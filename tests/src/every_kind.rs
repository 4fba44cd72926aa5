//! A machine that has a session of each kind: what its files and its environment say, and what a person defines.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use anyhow::{Context as _, Result};
use serde_json::Value;

use crate::clock;
use crate::cloud::{BROKER_ACCESS_KEY_ID, BROKER_SECRET_ACCESS_KEY, DEVICE, USER};
use crate::home::{Environment, Home};
use crate::machine::{CONFIG, Machine, credentials};

/// The console sign-in of [`USER`].
pub const CONSOLE_LOGIN: &str = "console-login:123456789012-user-dev";
/// The sign-in that a legacy profile names by the portal's address.
pub const LEGACY_SIGN_IN: &str = "sso-sign-in:sandglass.awsapps.com-start";

/// A profile of the demo in which some program leaves keys.
pub const FOREIGN: &str = "terraform";

/// The file of the console sign-in in the cache of `aws login`: SHA-256 of the ARN.
const CONSOLE_FILE: &str =
    "login/cache/893f13863f68a08133e541260597f1d60f5bf9b326625782990032cbad201e26.json";

/// Seconds after which the keys of `saml2aws` end.
const FOREIGN_SECONDS: i64 = 2400;

impl Machine {
    /// A machine with a session of each kind. Those that only Sandglass knows of are not defined yet.
    pub fn with_every_kind(home: &Home, surroundings: &Environment) -> Result<Self> {
        let mut machine = Self::new(home, surroundings)?;
        let endpoint = machine.cloud.endpoint().to_owned();
        machine.set_environment(|environment| {
            environment
                .without("AWS_EC2_METADATA_DISABLED")
                // The AWS CLI of Debian needs the slash.
                .with("AWS_EC2_METADATA_SERVICE_ENDPOINT", format!("{endpoint}/"))
                .with(
                    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
                    format!("{endpoint}/v2/credentials/sandglass-task"),
                )
                .with("AWS_CONTAINER_AUTHORIZATION_TOKEN", "Bearer make-believe")
        });
        machine.renew_web_identity_token(home)?;
        write_vendor_program(home)?;
        home.write_aws("config", &config(home))?;
        home.write_aws("credentials", &every_credentials())?;
        Ok(machine)
    }

    /// Defines the sessions that no file of AWS describes, as a person does: the MFA session takes a keychain.
    pub fn define_every_kind(&self) -> Result<()> {
        self.define_mfa_session()?;
        self.define_role()?;
        self.define_federation_token()
    }

    /// Defines role `support`, whose keys go to the profile of that name.
    pub fn define_role(&self) -> Result<()> {
        self.sandglass_does(&[
            "role",
            "add",
            "support",
            "--role-arn",
            "arn:aws:iam::123456789012:role/Support",
            "--source",
            "long-lived",
        ])
        .map(drop)
    }

    /// Defines federation token `visitor`, whose keys go to the profile of that name.
    pub fn define_federation_token(&self) -> Result<()> {
        self.sandglass_does(&[
            "federation",
            "add",
            "visitor",
            "--source",
            "broker",
            "--policy-arn",
            "arn:aws:iam::aws:policy/ReadOnlyAccess",
            "--target",
            "visitor",
        ])
        .map(drop)
    }

    /// Signs in to the console with `aws login`, as far as its cache shows; gives what lies there.
    pub fn log_in_to_console(&self, home: &Home) -> Result<Value> {
        let login = self.cloud.console_login()?;
        home.write_aws(CONSOLE_FILE, &login.to_string())?;
        Ok(login)
    }

    /// Assumes a role with the AWS CLI and writes its keys into a profile, as scripts do: nothing says when they end.
    pub fn leave_keys_behind(&self, home: &Home, profile: &str) -> Result<()> {
        let said = self.aws_cli(&[
            "sts",
            "assume-role",
            "--profile",
            "long-lived",
            "--role-arn",
            "arn:aws:iam::123456789012:role/Deploy",
            "--role-session-name",
            profile,
        ])?;
        let reply: Value = serde_json::from_str(&said.out)
            .with_context(|| format!("the AWS CLI could not assume the role: {said:?}"))?;
        let text = |key: &str| reply["Credentials"][key].as_str().unwrap_or_default();
        let (id, secret, token) = (
            text("AccessKeyId"),
            text("SecretAccessKey"),
            text("SessionToken"),
        );
        let before = home.read_aws("credentials")?;
        let section = format!(
            "\n[{profile}]\naws_access_key_id = {id}\naws_secret_access_key = {secret}\naws_session_token = {token}\n"
        );
        home.write_aws("credentials", &(before + &section))?;
        Ok(())
    }

    /// Puts a web identity token in place, as the system that runs a pipeline does.
    pub fn renew_web_identity_token(&self, home: &Home) -> Result<()> {
        let token = self.cloud.web_identity_token(3600)?;
        fs::write(home.path().join("token"), token).context("failed to write the token")
    }
}

impl Home {
    /// What lies in the cache of `aws login`.
    pub fn console_login(&self) -> Result<Value> {
        Ok(serde_json::from_str(&self.read_aws(CONSOLE_FILE)?)?)
    }

    /// How often the program of profile `vendor` was run.
    pub fn vendor_runs(&self) -> usize {
        let runs = fs::read_to_string(self.path().join("vendor-runs"));
        runs.unwrap_or_default().lines().count()
    }
}

fn config(home: &Home) -> String {
    let folder = home.path().display();
    format!(
        "\
{CONFIG}
[profile prod-billing]
role_arn = arn:aws:iam::123456789012:role/Admin
role_session_name = billing
source_profile = long-lived
mfa_serial = {DEVICE}
region = us-east-1

[profile pipeline]
role_arn = arn:aws:iam::123456789012:role/Pipeline
web_identity_token_file = {folder}/token
role_session_name = sandglass
region = us-east-1

[profile classic]
sso_start_url = https://sandglass.awsapps.com/start
sso_region = us-east-1
sso_account_id = 210987654321
sso_role_name = ReadOnly
region = us-east-1

[profile console]
login_session = {USER}
region = us-east-1

[profile vendor]
credential_process = {folder}/vendor
region = us-east-1

[profile on-instance]
role_arn = arn:aws:iam::123456789012:role/Deploy
credential_source = Ec2InstanceMetadata
role_session_name = on-instance
region = us-east-1
"
    )
}

fn every_credentials() -> String {
    let ends = clock::in_seconds(FOREIGN_SECONDS);
    format!(
        "\
{}
[broker]
aws_access_key_id = {BROKER_ACCESS_KEY_ID}
aws_secret_access_key = {BROKER_SECRET_ACCESS_KEY}

[saml]
aws_access_key_id = ASIASAMLSAMLSAMLSAML
aws_secret_access_key = not/ours
aws_session_token = not-ours-either
x_principal_arn = arn:aws:sts::210987654321:assumed-role/Reader/ann
x_security_token_expires = {ends}
",
        credentials()
    )
}

/// A program of somebody else's that gives out credentials and keeps count of its runs.
fn write_vendor_program(home: &Home) -> Result<()> {
    let folder = home.path().display();
    let program = home.path().join("vendor");
    let script = format!(
        r#"#!/bin/sh
echo run >>'{folder}/vendor-runs'
cat <<END
{{"Version": 1, "AccessKeyId": "{BROKER_ACCESS_KEY_ID}", "SecretAccessKey": "{BROKER_SECRET_ACCESS_KEY}",
 "Expiration": "$(date --utc --date '+1 hour' +%Y-%m-%dT%H:%M:%SZ)"}}
END
"#
    );
    fs::write(&program, script).context("failed to write the vendor's program")?;
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755))?;
    Ok(())
}
