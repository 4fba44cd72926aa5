//! The real AWS CLI v2.

use std::process::Output;

use serde_json::{Value, json};

use crate::boxed::{Boxed, DEV_DEVICE, START_URL, keys_of, until};
use crate::client::{Home, aws_cli, failure, finish, success};
use crate::signer::Keys;

#[test]
fn it_asks_who_it_is() {
    let boxed = Boxed::start();
    let identity = json_of(&aws(&boxed, &Home::of(&boxed), "sts get-caller-identity"));
    assert_eq!(identity["Arn"], "arn:aws:iam::123456789012:user/dev");
    assert_eq!(identity["Account"], "123456789012");
}

#[test]
fn it_assumes_a_role_with_a_code_and_lists_buckets_with_it() {
    let boxed = Boxed::start();
    let home = Home::of(&boxed);
    let code = boxed.code(DEV_DEVICE);
    let reply = json_of(&aws(&boxed, &home, &assume_admin(&code)));
    let arn = "arn:aws:sts::123456789012:assumed-role/Admin/me";
    assert_eq!(reply["AssumedRoleUser"]["Arn"], arn);
    home.write_keys(&keys(&reply));
    assert_eq!(
        json_of(&aws(&boxed, &home, "sts get-caller-identity"))["Arn"],
        arn
    );
    assert!(success(&aws(&boxed, &home, "s3 ls")).contains("sandglass-artifacts"));
    let error = failure(&aws(&boxed, &home, &assume_admin(&code)));
    assert!(error.ends_with("MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is valid and associated with this user."), "{error}");
    home.write_keys(&Keys::dev());
    let error = failure(&aws(&boxed, &home, &assume_admin(&code)));
    assert_eq!(
        error,
        "An error occurred (AccessDenied) when calling the AssumeRole operation: MultiFactorAuthentication failed with invalid MFA one time pass code."
    );
}

#[test]
fn it_gets_a_session_token_which_ends() {
    let boxed = Boxed::start();
    let home = Home::of(&boxed);
    let call = format!(
        "sts get-session-token --serial-number {DEV_DEVICE} --token-code {}",
        boxed.code(DEV_DEVICE)
    );
    home.write_keys(&keys(&json_of(&aws(&boxed, &home, &call))));
    let identity = json_of(&aws(&boxed, &home, "sts get-caller-identity"));
    assert_eq!(identity["Arn"], "arn:aws:iam::123456789012:user/dev");
    let error = failure(&aws(&boxed, &home, "sts get-session-token"));
    assert_eq!(
        error,
        "An error occurred (AccessDenied) when calling the GetSessionToken operation: Cannot call GetSessionToken with session credentials"
    );

    boxed.put("settings", &json!({ "session_token": 0 }));
    home.write_keys(&keys_of(&boxed.sts(&Keys::dev(), "GetSessionToken", &[])));
    let error = failure(&aws(&boxed, &home, "sts get-caller-identity"));
    assert_eq!(
        error,
        "An error occurred (ExpiredToken) when calling the GetCallerIdentity operation: The security token included in the request is expired"
    );
    let error = failure(&aws(&boxed, &home, "s3 ls"));
    assert_eq!(
        error,
        "An error occurred (ExpiredToken) when calling the ListBuckets operation: The provided token has expired."
    );
}

#[test]
fn it_tells_what_is_wrong_with_keys() {
    let boxed = Boxed::start();
    let home = Home::of(&boxed);
    home.write_keys(&Keys::new("AKIANOBODYKNOWSTHIS0", "x"));
    let error = failure(&aws(&boxed, &home, "sts get-caller-identity"));
    assert_eq!(
        error,
        "An error occurred (InvalidClientTokenId) when calling the GetCallerIdentity operation: The security token included in the request is invalid."
    );
    let error = failure(&aws(&boxed, &home, "s3 ls"));
    assert_eq!(
        error,
        "An error occurred (InvalidAccessKeyId) when calling the ListBuckets operation: The AWS Access Key Id you provided does not exist in our records."
    );
    home.write_keys(&Keys::new(&Keys::dev().id, "wrong"));
    let error = failure(&aws(&boxed, &home, "sts get-caller-identity"));
    assert!(error.starts_with("An error occurred (SignatureDoesNotMatch) when calling the GetCallerIdentity operation: The request signature we calculated does not match"), "{error}");
}

#[test]
fn its_role_profiles_work_and_chain() {
    let boxed = Boxed::start();
    let home = Home::of(&boxed);
    for (profile, role) in [("deploy", "Deploy"), ("audit", "Audit")] {
        let identity = json_of(&aws(
            &boxed,
            &home,
            &format!("sts get-caller-identity --profile {profile}"),
        ));
        let start = format!("arn:aws:sts::123456789012:assumed-role/{role}/botocore-session-");
        let arn = identity["Arn"].as_str().unwrap();
        assert!(arn.starts_with(&start), "{arn}");
    }
}

#[test]
fn it_signs_in_by_device_code_and_out_again() {
    let boxed = Boxed::start();
    let home = Home::of(&boxed);
    sign_in(&boxed, &home, "sso", "approve", &success);
    let identity = json_of(&aws(&boxed, &home, "sts get-caller-identity --profile sso"));
    let arn = identity["Arn"].as_str().unwrap();
    assert!(
        arn.starts_with("arn:aws:sts::123456789012:assumed-role/AWSReservedSSO_Admin_"),
        "{arn}"
    );
    assert!(success(&aws(&boxed, &home, "s3 ls --profile sso")).contains("sandglass-logs"));
    success(&plain(&home, "sso logout"));
    let outcomes = outcomes(&boxed, "Logout");
    assert_eq!(outcomes, ["ok"]);
    let error = failure(&aws(&boxed, &home, "sts get-caller-identity --profile sso"));
    assert!(error.contains("Error loading SSO Token"), "{error}");
}

#[test]
fn it_signs_in_to_a_legacy_profile() {
    let boxed = Boxed::start();
    let home = Home::of(&boxed);
    sign_in(&boxed, &home, "legacy", "approve", &success);
    let identity = json_of(&aws(
        &boxed,
        &home,
        "sts get-caller-identity --profile legacy",
    ));
    assert_eq!(identity["Account"], "210987654321");
}

#[test]
fn it_says_that_a_sign_in_was_denied() {
    let boxed = Boxed::start();
    let home = Home::of(&boxed);
    let error = sign_in(&boxed, &home, "sso", "deny", &failure);
    assert!(
        error.contains("(AccessDeniedException) when calling the CreateToken operation"),
        "{error}"
    );
}

#[test]
fn it_says_that_a_token_was_revoked() {
    let boxed = Boxed::start();
    let home = Home::of(&boxed);
    sign_in(&boxed, &home, "sso", "approve", &success);
    boxed.post(
        "revoke",
        &json!({ "kind": "portal_sessions", "start_url": START_URL }),
    );
    let error = failure(&aws(&boxed, &home, "sts get-caller-identity --profile sso"));
    assert!(
        error.contains(
            "The SSO session associated with this profile has expired or is otherwise invalid"
        ),
        "{error}"
    );
}

fn aws(boxed: &Boxed, home: &Home, call: &str) -> Output {
    plain(home, &format!("{call} --endpoint-url {}", boxed.endpoint()))
}

fn plain(home: &Home, call: &str) -> Output {
    let mut command = home.command(aws_cli());
    command
        .args(call.split(' '))
        .output()
        .expect("the AWS CLI runs")
}

/// Signs in and answers the user code through the control API.
fn sign_in(
    boxed: &Boxed,
    home: &Home,
    profile: &str,
    answer: &str,
    outcome: &dyn Fn(&Output) -> String,
) -> String {
    let child = home
        .command(aws_cli())
        .args(["sso", "login", "--no-browser", "--profile", profile])
        .spawn()
        .expect("the AWS CLI runs");
    until("a user code", || boxed.get("devices") != json!([]));
    let user_code = boxed.get("devices")[0]["user_code"].clone();
    boxed.post(
        &format!("device/{answer}"),
        &json!({ "user_code": user_code }),
    );
    outcome(&finish(child))
}

fn assume_admin(code: &str) -> String {
    format!(
        "sts assume-role --role-arn arn:aws:iam::123456789012:role/Admin --role-session-name me --serial-number {DEV_DEVICE} --token-code {code}"
    )
}

fn json_of(output: &Output) -> Value {
    serde_json::from_str(&success(output)).expect("the output is JSON")
}

fn keys(reply: &Value) -> Keys {
    let text = |name: &str| {
        reply["Credentials"][name]
            .as_str()
            .expect("a text")
            .to_owned()
    };
    Keys::new(&text("AccessKeyId"), &text("SecretAccessKey"))
        .with_token(Some(&text("SessionToken")))
}

fn outcomes(boxed: &Boxed, operation: &str) -> Vec<String> {
    let journal = boxed.get("journal");
    let entries = journal.as_array().expect("a list");
    entries
        .iter()
        .filter(|entry| entry["operation"] == operation)
        .map(|entry| entry["outcome"].as_str().expect("a text").to_owned())
        .collect()
}
