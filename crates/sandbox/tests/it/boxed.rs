//! A running box, and the calls that tests make of it.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::thread;
use std::time::Duration;

use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::http::{Answer, Request, form, percent};
use crate::signer::{Keys, Signer, now};

pub(crate) const DEV_DEVICE: &str = "arn:aws:iam::123456789012:mfa/dev";
pub(crate) const OPS_DEVICE: &str = "arn:aws:iam::123456789012:mfa/ops";
pub(crate) const START_URL: &str = "https://sandglass.awsapps.com/start";
pub(crate) const DEVICE_CODE: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// The binary under test.
pub(crate) const BINARY: &str = env!("CARGO_BIN_EXE_sandglass-sandbox");

/// A box in a process of its own, which ends with the test.
pub(crate) struct Boxed {
    child: Child,
    // Held so that the child never writes into a closed pipe.
    _stdout: BufReader<ChildStdout>,
    /// `127.0.0.1:PORT`.
    pub(crate) address: String,
}

/// A registered client.
pub(crate) struct Client {
    pub(crate) id: String,
    pub(crate) secret: String,
}

impl Boxed {
    pub(crate) fn start() -> Self {
        Self::spawn(&mut Command::new(BINARY))
    }

    /// A box with another world than the built-in one.
    pub(crate) fn start_in(world: &Value) -> Self {
        let file = tempfile::NamedTempFile::new().expect("a file");
        fs::write(file.path(), world.to_string()).expect("the file can be written");
        Self::spawn(Command::new(BINARY).arg("--world").arg(file.path()))
    }

    fn spawn(command: &mut Command) -> Self {
        let mut child = command
            .stdout(Stdio::piped())
            .spawn()
            .expect("the box starts");
        let mut stdout = BufReader::new(child.stdout.take().expect("its output is piped"));
        let mut line = String::new();
        stdout
            .read_line(&mut line)
            .expect("the box says where it is");
        let ready: Value = serde_json::from_str(&line).expect("the first line is JSON");
        let endpoint = ready["endpoint"].as_str().expect("it names an endpoint");
        Self {
            child,
            _stdout: stdout,
            address: endpoint.trim_start_matches("http://").to_owned(),
        }
    }

    pub(crate) fn start_with(settings: &Value) -> Self {
        let boxed = Self::start();
        boxed.put("settings", settings);
        boxed
    }

    pub(crate) fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    #[cfg(unix)]
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    #[cfg(unix)]
    pub(crate) fn wait(mut self) -> std::process::ExitStatus {
        self.child.wait().expect("the box ends")
    }

    // The control API.

    pub(crate) fn get(&self, path: &str) -> Value {
        self.control("GET", path, None)
    }

    pub(crate) fn put(&self, path: &str, body: &Value) -> Value {
        self.control("PUT", path, Some(body))
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> Value {
        self.control("POST", path, Some(body))
    }

    pub(crate) fn delete(&self, path: &str) -> Value {
        self.control("DELETE", path, None)
    }

    /// A code that a device's owner could type now: what it shows, or what it shows next where that is used up.
    pub(crate) fn code(&self, serial: &str) -> String {
        let display = self.get(&format!("totp/{}", percent(serial)));
        let which = if display["used"] == true {
            "next_code"
        } else {
            "code"
        };
        display[which].as_str().expect("a code").to_owned()
    }

    fn control(&self, method: &str, path: &str, body: Option<&Value>) -> Value {
        let target = format!("/_sandbox/{path}");
        let body = body.map(Value::to_string).unwrap_or_default();
        let answer = self.send(&Request::new(method, &target).body(body));
        assert_eq!(answer.status, 200, "{method} {path}: {}", answer.body);
        answer.json()
    }

    // AWS's APIs.

    pub(crate) fn send(&self, request: &Request) -> Answer {
        request.send(&self.address).expect("the box answers")
    }

    /// A signed request to `/`.
    pub(crate) fn signed<'r>(
        &self,
        keys: &Keys,
        service: &str,
        request: Request<'r>,
    ) -> Request<'r> {
        let signer = Signer {
            keys,
            service,
            skew: SignedDuration::ZERO,
        };
        signer.sign(&self.address, request)
    }

    pub(crate) fn sts(&self, keys: &Keys, action: &str, parameters: &[(&str, &str)]) -> Answer {
        self.send(&self.signed(keys, "sts", sts_request(action, parameters)))
    }

    pub(crate) fn iam(&self, keys: &Keys, action: &str, parameters: &[(&str, &str)]) -> Answer {
        let request = query_request("2010-05-08", action, parameters);
        self.send(&self.signed(keys, "iam", request))
    }

    pub(crate) fn assume_role(&self, keys: &Keys, role: &str, more: &[(&str, &str)]) -> Answer {
        let arn = role_arn(role);
        let mut parameters = vec![("RoleArn", arn.as_str()), ("RoleSessionName", "me")];
        parameters.extend_from_slice(more);
        self.sts(keys, "AssumeRole", &parameters)
    }

    /// An unsigned call of the web identity that a token speaks of.
    pub(crate) fn assume_with_token(
        &self,
        token: &str,
        role: &str,
        more: &[(&str, &str)],
    ) -> Answer {
        let arn = role_arn(role);
        let mut parameters = vec![
            ("RoleArn", arn.as_str()),
            ("RoleSessionName", "me"),
            ("WebIdentityToken", token),
        ];
        parameters.extend_from_slice(more);
        self.send(&sts_request("AssumeRoleWithWebIdentity", &parameters))
    }

    /// A token of the world's identity provider; `order` says what is unusual about it.
    pub(crate) fn web_identity(&self, order: &Value) -> String {
        let mut whole =
            json!({ "provider": "oidc.sandglass.example", "subject": "repo:sandglass/app" });
        for (name, value) in order.as_object().into_iter().flatten() {
            whole[name] = value.clone();
        }
        let answer = self.post("web-identity", &whole);
        answer["token"].as_str().expect("a token").to_owned()
    }

    pub(crate) fn list_buckets(&self, keys: &Keys) -> Answer {
        self.send(&self.signed(keys, "s3", Request::new("GET", "/")))
    }

    pub(crate) fn oidc(&self, path: &str, body: &Value) -> Answer {
        let request = Request::new("POST", path).header("content-type", "application/json");
        self.send(&request.body(body.to_string()))
    }

    pub(crate) fn portal(&self, method: &str, target: &str, token: &str) -> Answer {
        self.send(&Request::new(method, target).header("x-amz-sso_bearer_token", token))
    }

    pub(crate) fn register(&self, scopes: &[&str]) -> Client {
        let answer = self.oidc(
            "/client/register",
            &json!({ "clientName": "tests", "clientType": "public", "scopes": scopes }),
        );
        assert_eq!(answer.status, 200, "{}", answer.body);
        let text = |name: &str| answer.json()[name].as_str().expect("text").to_owned();
        Client {
            id: text("clientId"),
            secret: text("clientSecret"),
        }
    }

    /// The device and user code of a new device authorization.
    pub(crate) fn authorize_device(&self, client: &Client) -> (String, String) {
        let answer = self.oidc(
            "/device_authorization",
            &client.with(&[("startUrl", START_URL)]),
        );
        assert_eq!(answer.status, 200, "{}", answer.body);
        let text = |name: &str| answer.json()[name].as_str().expect("text").to_owned();
        (text("deviceCode"), text("userCode"))
    }

    pub(crate) fn redeem(&self, client: &Client, device_code: &str) -> Answer {
        let grant = [("grantType", DEVICE_CODE), ("deviceCode", device_code)];
        self.oidc("/token", &client.with(&grant))
    }

    pub(crate) fn refresh(&self, client: &Client, refresh_token: &str) -> Answer {
        let grant = [
            ("grantType", "refresh_token"),
            ("refreshToken", refresh_token),
        ];
        self.oidc("/token", &client.with(&grant))
    }

    /// A whole sign-in, approved by the portal's first user or by the one named.
    pub(crate) fn sign_in(&self, client: &Client, user: Option<&str>) -> Value {
        let (device_code, user_code) = self.authorize_device(client);
        self.post(
            "device/approve",
            &json!({ "user_code": user_code, "user": user }),
        );
        let answer = self.redeem(client, &device_code);
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.json()
    }

    /// An access token of a new sign-in.
    pub(crate) fn access_token(&self, user: Option<&str>) -> String {
        let tokens = self.sign_in(&self.register(&["sso:account:access"]), user);
        tokens["accessToken"].as_str().expect("a token").to_owned()
    }
}

impl Drop for Boxed {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Client {
    /// A body with the client's id and secret and more.
    pub(crate) fn with(&self, more: &[(&str, &str)]) -> Value {
        let mut body = json!({ "clientId": self.id, "clientSecret": self.secret });
        for (name, value) in more {
            body[*name] = json!(value);
        }
        body
    }
}

pub(crate) fn sts_request(action: &str, parameters: &[(&str, &str)]) -> Request<'static> {
    query_request("2011-06-15", action, parameters)
}

/// A call in the query protocol; the version says of which service.
pub(crate) fn query_request(
    version: &str,
    action: &str,
    parameters: &[(&str, &str)],
) -> Request<'static> {
    let mut pairs = vec![("Action", action), ("Version", version)];
    pairs.extend_from_slice(parameters);
    Request::new("POST", "/")
        .header(
            "content-type",
            "application/x-www-form-urlencoded; charset=utf-8",
        )
        .body(form(&pairs))
}

pub(crate) fn role_arn(role: &str) -> String {
    format!("arn:aws:iam::123456789012:role/{role}")
}

/// The temporary keys in an answer of STS.
pub(crate) fn keys_of(answer: &Answer) -> Keys {
    assert_eq!(answer.status, 200, "{}", answer.body);
    let keys = Keys::new(&answer.tag("AccessKeyId"), &answer.tag("SecretAccessKey"));
    keys.with_token(Some(&answer.tag("SessionToken")))
}

/// Whole seconds from now to the `Expiration` in an answer of STS, give or take what the call took.
pub(crate) fn lifetime_of(answer: &Answer) -> i64 {
    assert_eq!(answer.status, 200, "{}", answer.body);
    let ends: jiff::Timestamp = answer.tag("Expiration").parse().expect("a time");
    ends.duration_since(now()).as_secs()
}

/// Asserts a lifetime, allowing for what a slow machine takes to answer.
pub(crate) fn assert_about(actual: i64, expected: i64) {
    assert!(
        (expected - 20..=expected + 1).contains(&actual),
        "{actual} is not about {expected}"
    );
}

/// Waits for a condition, at most 15 seconds.
pub(crate) fn until(what: &str, mut holds: impl FnMut() -> bool) {
    const PAUSE: Duration = Duration::from_millis(50);
    for _ in 0..300 {
        if holds() {
            return;
        }
        thread::sleep(PAUSE);
    }
    panic!("waited in vain for {what}");
}
