//! Real clients, each in a home and an environment of its own.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::LazyLock;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::boxed::Boxed;
use crate::signer::Keys;

/// The AWS CLI v2, or a failure that says how to get it.
pub(crate) fn aws_cli() -> &'static Path {
    static PROGRAM: LazyLock<Program> = LazyLock::new(|| {
        let program = Program::named("SANDGLASS_AWS_CLI", Path::new("/usr/bin/aws"));
        program.if_it(&["--version"], |stdout| stdout.starts_with(b"aws-cli/2."))
    });
    PROGRAM.path("the AWS CLI v2", "which installs it")
}

/// A Python that has boto3 and what it needs for `aws login`, or a failure that says how to get it.
pub(crate) fn python() -> &'static Path {
    static PROGRAM: LazyLock<Program> = LazyLock::new(|| {
        let default = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.dev/python/bin/python");
        let program = Program::named("SANDGLASS_PYTHON", &default);
        program.if_it(&["-c", "import boto3, awscrt"], |_| true)
    });
    PROGRAM.path("a Python with boto3 and awscrt", "which makes one")
}

/// A program and whether it is what its tests need.
struct Program {
    variable: &'static str,
    path: PathBuf,
    fits: bool,
}

impl Program {
    fn named(variable: &'static str, default: &Path) -> Self {
        Self {
            variable,
            path: env::var_os(variable).map_or_else(|| default.to_owned(), PathBuf::from),
            fits: false,
        }
    }

    fn if_it(self, arguments: &[&str], says: fn(&[u8]) -> bool) -> Self {
        let output = Command::new(&self.path).args(arguments).output();
        let fits = output.is_ok_and(|output| output.status.success() && says(&output.stdout));
        Self { fits, ..self }
    }

    fn path(&self, what: &str, remedy: &str) -> &Path {
        assert!(
            self.fits,
            "`{}` is not {what}: run `./dev test`, {remedy}, or name it in {}",
            self.path.display(),
            self.variable
        );
        &self.path
    }
}

/// A home folder for clients of one box.
pub(crate) struct Home {
    folder: TempDir,
}

impl Home {
    /// A home whose `~/.aws` leads to the box: profiles of several kinds, and for the CLI, which knew no
    /// `AWS_ENDPOINT_URL` before 2.13, endpoint rules.
    pub(crate) fn of(boxed: &Boxed) -> Self {
        let home = Self {
            folder: tempfile::tempdir().expect("a folder"),
        };
        for model in ["sso/2019-06-10", "sso-oidc/2019-06-10", "sts/2011-06-15"] {
            let name = format!(".aws/models/{model}/endpoint-rule-set-1.json");
            home.write(&name, &endpoint_rules(&boxed.endpoint()).to_string());
        }
        home.write(
            ".aws/config",
            "\
[default]
region = us-east-1
cli_pager =

[profile deploy]
role_arn = arn:aws:iam::123456789012:role/Deploy
source_profile = default

[profile audit]
role_arn = arn:aws:iam::123456789012:role/Audit
source_profile = deploy

[sso-session sandglass]
sso_start_url = https://sandglass.awsapps.com/start
sso_region = us-east-1
sso_registration_scopes = sso:account:access

[profile sso]
sso_session = sandglass
sso_account_id = 123456789012
sso_role_name = Admin

[profile login]
login_session = arn:aws:iam::123456789012:user/dev

[profile legacy]
sso_start_url = https://sandglass.awsapps.com/start
sso_region = us-east-1
sso_account_id = 210987654321
sso_role_name = ReadOnly
",
        );
        home.write_keys(&Keys::dev());
        home
    }

    /// Puts keys into the default profile.
    pub(crate) fn write_keys(&self, keys: &Keys) {
        let token = keys.token.as_deref().map_or_else(String::new, |token| {
            format!("aws_session_token = {token}\n")
        });
        let text = format!(
            "[default]\naws_access_key_id = {}\naws_secret_access_key = {}\n{token}",
            keys.id, keys.secret
        );
        self.write(".aws/credentials", &text);
    }

    /// A program that sees this home and nothing of the environment that the tests run in.
    pub(crate) fn command(&self, program: &Path) -> Command {
        let path: OsString = env::var_os("PATH").unwrap_or_default();
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("HOME", self.folder.path())
            .env("PATH", path)
            .env("LC_ALL", "C.UTF-8")
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env("AWS_REGION", "us-east-1")
            .env("AWS_DEFAULT_REGION", "us-east-1")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.folder.path().join(name);
        fs::create_dir_all(path.parent().expect("it lies in a folder")).expect("folders");
        fs::write(path, text).expect("a file");
    }
}

/// What a program wrote to its standard output, if it ended well.
pub(crate) fn success(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(
        output.status.success(),
        "{}\n{}",
        text(&output.stdout),
        text(&output.stderr)
    );
    text(&output.stdout)
}

/// What a program wrote to its standard error, if it failed.
pub(crate) fn failure(output: &Output) -> String {
    assert!(!output.status.success(), "it should have failed");
    String::from_utf8_lossy(&output.stderr).trim().to_owned()
}

pub(crate) fn finish(child: Child) -> Output {
    child.wait_with_output().expect("it ends")
}

/// Rules of botocore's endpoint language that always lead to one place.
fn endpoint_rules(endpoint: &str) -> Value {
    let parameter = |kind: &str, built_in: &str| json!({ "builtIn": built_in, "required": false, "type": kind, "documentation": "." });
    let mut parameters = json!({
        "Region": parameter("String", "AWS::Region"),
        "Endpoint": parameter("String", "SDK::Endpoint"),
        "UseDualStack": parameter("Boolean", "AWS::UseDualStack"),
        "UseFIPS": parameter("Boolean", "AWS::UseFIPS"),
        "UseGlobalEndpoint": parameter("Boolean", "AWS::STS::UseGlobalEndpoint"),
    });
    for name in ["UseDualStack", "UseFIPS", "UseGlobalEndpoint"] {
        parameters[name]["required"] = json!(true);
        parameters[name]["default"] = json!(false);
    }
    json!({
        "version": "1.0",
        "parameters": parameters,
        "rules": [{
            "conditions": [],
            "endpoint": { "url": endpoint, "properties": {}, "headers": {} },
            "type": "endpoint",
        }],
    })
}
