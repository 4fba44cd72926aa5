//! IAM's `GetRole` and `UpdateRole`: who may, what they say, and what a change changes.

use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use crate::boxed::{
    Boxed, DEV_DEVICE, assert_about, keys_of, lifetime_of, query_request, sts_request,
};
use crate::client::{Home, aws_cli, failure, success};
use crate::http::Answer;
use crate::signer::Keys;

const INVALID_TOKEN: &str = "The security token included in the request is invalid";

#[test]
fn a_role_is_told_as_it_is() {
    let boxed = permissive();
    let answer = get(&boxed, &Keys::dev(), "Partner");
    assert_eq!(answer.status, 200, "{}", answer.body);
    let start = "<GetRoleResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><GetRoleResult><Role>";
    assert!(answer.body.starts_with(start), "{}", answer.body);
    for (name, expected) in [
        ("Path", "/"),
        ("RoleName", "Partner"),
        ("Arn", "arn:aws:iam::123456789012:role/Partner"),
        ("MaxSessionDuration", "3600"),
        ("Description", ""),
    ] {
        assert_eq!(answer.tag(name), expected);
    }
    let created: jiff::Timestamp = answer.tag("CreateDate").parse().unwrap();
    assert_eq!(answer.tag("CreateDate"), created.to_string());
    let parameters = [("ExternalId", "sandglass-partner")];
    let session = keys_of(&boxed.assume_role(&Keys::dev(), "Partner", &parameters));
    let who = boxed.sts(&session, "GetCallerIdentity", &[]).tag("UserId");
    assert_eq!(who, format!("{}:me", answer.tag("RoleId")));
    assert_eq!(answer.header("x-amzn-requestid"), answer.tag("RequestId"));
}

#[test]
fn a_trust_policy_says_whom_the_role_lets_in() {
    let boxed = permissive();
    let statement = |principal: Value, action: &str| json!({ "Effect": "Allow", "Principal": principal, "Action": action });
    let root = json!({ "AWS": ["arn:aws:iam::123456789012:root"] });
    let dev = json!({ "AWS": ["arn:aws:iam::123456789012:user/dev"] });
    let both = json!({ "AWS": ["arn:aws:iam::123456789012:user/dev", "arn:aws:iam::123456789012:user/ops"] });
    let service = json!({ "Service": ["ec2.amazonaws.com"] });
    let provider =
        json!({ "Federated": "arn:aws:iam::123456789012:oidc-provider/oidc.sandglass.example" });
    for (role, mut statement, condition) in [
        ("Deploy", statement(root, "sts:AssumeRole"), Value::Null),
        (
            "Admin",
            statement(both, "sts:AssumeRole"),
            json!({ "Bool": { "aws:MultiFactorAuthPresent": "true" } }),
        ),
        (
            "Partner",
            statement(dev, "sts:AssumeRole"),
            json!({ "StringEquals": { "sts:ExternalId": "sandglass-partner" } }),
        ),
        (
            "Instance",
            statement(service, "sts:AssumeRole"),
            Value::Null,
        ),
        (
            "Pipeline",
            statement(provider, "sts:AssumeRoleWithWebIdentity"),
            json!({
                "StringEquals": { "oidc.sandglass.example:aud": "sts.amazonaws.com" },
                "StringLike": { "oidc.sandglass.example:sub": ["repo:sandglass/*"] },
            }),
        ),
    ] {
        if condition != Value::Null {
            statement["Condition"] = condition;
        }
        let document = get(&boxed, &Keys::dev(), role).tag("AssumeRolePolicyDocument");
        assert!(document.starts_with("%7B%22"), "{document}");
        let document = percent_decode_str(&document).decode_utf8().unwrap();
        let document: Value = serde_json::from_str(&document).unwrap();
        let expected = json!({ "Version": "2012-10-17", "Statement": [statement] });
        assert_eq!(document, expected, "{role}");
    }
}

#[test]
fn a_new_maximum_counts_from_the_next_session_on() {
    let boxed = permissive();
    let long = [("DurationSeconds", "7200")];
    let refused = boxed.assume_role(&Keys::dev(), "Support", &long);
    assert_eq!(refused.tag("Code"), "ValidationError");
    let answer = update(&boxed, "Support", &[("MaxSessionDuration", "7200")]);
    let expected = "<UpdateRoleResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><UpdateRoleResult></UpdateRoleResult>";
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert!(answer.body.starts_with(expected), "{}", answer.body);
    let answer = boxed.assume_role(&Keys::dev(), "Support", &long);
    assert_about(lifetime_of(&answer), 7_200);
    assert_eq!(support(&boxed)["max_session_duration"], 7_200);
    let told = get(&boxed, &Keys::dev(), "Support").tag("MaxSessionDuration");
    assert_eq!(told, "7200");
    update(&boxed, "Support", &[("MaxSessionDuration", "3600")]);
    let refused = boxed.assume_role(&Keys::dev(), "Support", &long);
    assert_eq!(refused.tag("Code"), "ValidationError");
}

#[test]
fn a_change_leaves_alone_what_it_does_not_name() {
    let boxed = permissive();
    update(&boxed, "Support", &[("MaxSessionDuration", "43200")]);
    update(&boxed, "Support", &[("Description", "R&D <late>")]);
    let answer = get(&boxed, &Keys::dev(), "Support");
    assert_eq!(
        (answer.tag("MaxSessionDuration"), answer.tag("Description")),
        ("43200".to_owned(), "R&D <late>".to_owned())
    );
    update(&boxed, "Support", &[("MaxSessionDuration", "3600")]);
    assert_eq!(update(&boxed, "Support", &[]).status, 200);
    let expected = (&json!(3_600), &json!("R&D <late>"));
    let role = support(&boxed);
    assert_eq!(
        (&role["max_session_duration"], &role["description"]),
        expected
    );
}

#[test]
fn nobody_may_who_is_not_permitted() {
    let boxed = permissive();
    let ops = "arn:aws:iam::123456789012:user/ops";
    assert_denied(&get(&boxed, &Keys::ops(), "Deploy"), ops, "GetRole");
    let deploy = keys_of(&boxed.assume_role(&Keys::dev(), "Deploy", &[]));
    assert_eq!(get(&boxed, &deploy, "Deploy").status, 200);
    let parameters = [("RoleName", "Deploy"), ("MaxSessionDuration", "3600")];
    let answer = boxed.iam(&deploy, "UpdateRole", &parameters);
    let session = "arn:aws:sts::123456789012:assumed-role/Deploy/me";
    assert_denied(&answer, session, "UpdateRole");
    assert_eq!(
        get(&boxed, &deploy, "Deploy").tag("MaxSessionDuration"),
        "43200"
    );
    let boxed = Boxed::start();
    let dev = "arn:aws:iam::123456789012:user/dev";
    assert_denied(&get(&boxed, &Keys::dev(), "Deploy"), dev, "GetRole");
}

#[test]
fn who_may_not_look_does_not_learn_whether_a_role_exists() {
    let boxed = Boxed::start();
    let (_, code, message) = get(&boxed, &Keys::dev(), "Nowhere").xml_error();
    assert_eq!(code, "AccessDenied");
    assert!(
        message.contains(" on resource: role Nowhere because "),
        "{message}"
    );
}

#[test]
fn a_revoked_role_session_is_denied_what_its_role_may() {
    let boxed = permissive();
    let session = keys_of(&boxed.assume_role(&Keys::dev(), "Deploy", &[]));
    let role =
        json!({ "kind": "role_sessions", "role_arn": "arn:aws:iam::123456789012:role/Deploy" });
    boxed.post("revoke", &role);
    let expected = "User: arn:aws:sts::123456789012:assumed-role/Deploy/me is not authorized to perform: iam:GetRole on resource: role Deploy with an explicit deny in an identity-based policy";
    assert_refused(
        &get(&boxed, &session, "Deploy"),
        403,
        "AccessDenied",
        expected,
    );
}

#[test]
fn only_roles_of_the_callers_own_account_are_found() {
    let boxed = permissive();
    for (name, answer) in [
        ("Nowhere", get(&boxed, &Keys::dev(), "Nowhere")),
        ("CrossAccount", get(&boxed, &Keys::dev(), "CrossAccount")),
        ("CrossAccount", update(&boxed, "CrossAccount", &[])),
    ] {
        let expected = format!("The role with name {name} cannot be found.");
        assert_refused(&answer, 404, "NoSuchEntity", &expected);
    }
}

#[test]
fn a_users_session_may_call_iam_with_mfa_only() {
    let boxed = permissive();
    let session = keys_of(&boxed.sts(&Keys::dev(), "GetSessionToken", &[]));
    assert_eq!(boxed.list_buckets(&session).status, 200);
    let answer = get(&boxed, &session, "Deploy");
    assert_refused(&answer, 403, "InvalidClientTokenId", INVALID_TOKEN);
    let code = boxed.code(DEV_DEVICE);
    let mfa = [("SerialNumber", DEV_DEVICE), ("TokenCode", code.as_str())];
    let session = keys_of(&boxed.sts(&Keys::dev(), "GetSessionToken", &mfa));
    assert_eq!(get(&boxed, &session, "Deploy").status, 200);
}

#[test]
fn a_login_has_the_permissions_of_its_user() {
    let boxed = permissive();
    let login = boxed.post("console-login", &json!({ "user": "dev" }));
    let text = |name: &str| login["accessToken"][name].as_str().unwrap().to_owned();
    let keys = Keys::new(&text("accessKeyId"), &text("secretAccessKey"))
        .with_token(Some(&text("sessionToken")));
    assert_eq!(get(&boxed, &keys, "Deploy").status, 200);
}

#[test]
fn a_federated_user_may_never_call_iam() {
    let boxed = permissive();
    let policy = "arn:aws:iam::aws:policy/AdministratorAccess";
    let parameters = [("Name", "robin"), ("PolicyArns.member.1.arn", policy)];
    let federated = keys_of(&boxed.sts(&Keys::dev(), "GetFederationToken", &parameters));
    let answer = get(&boxed, &federated, "Deploy");
    assert_refused(&answer, 403, "InvalidClientTokenId", INVALID_TOKEN);
}

#[test]
fn a_session_that_ended_is_told_apart_from_one_that_never_was() {
    let boxed = permissive();
    boxed.put("settings", &json!({ "assumed_role": 0 }));
    let ended = keys_of(&boxed.assume_role(&Keys::dev(), "Deploy", &[]));
    let expected = "The security token included in the request is expired";
    assert_refused(
        &get(&boxed, &ended, "Deploy"),
        403,
        "ExpiredToken",
        expected,
    );
    let answer = get(&boxed, &ended.with_token(Some("made up")), "Deploy");
    assert_eq!(answer.tag("Code"), "InvalidClientTokenId");
    assert!(
        answer.body.starts_with("<ErrorResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><Error><Type>Sender</Type>"),
        "{}",
        answer.body
    );
}

#[test]
fn input_that_breaks_the_model_is_refused_before_permissions_count() {
    let boxed = Boxed::start();
    let long = "x".repeat(65);
    for (role, seconds, constraint) in [
        ("Deploy", "3599", "Value '3599' at 'maxSessionDuration' failed to satisfy constraint: Member must have value greater than or equal to 3600".to_owned()),
        ("Deploy", "43201", "Value '43201' at 'maxSessionDuration' failed to satisfy constraint: Member must have value less than or equal to 43200".to_owned()),
        ("team/Deploy", "3600", r"Value 'team/Deploy' at 'roleName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\w+=,.@-]+".to_owned()),
        (&long, "3600", format!("Value '{long}' at 'roleName' failed to satisfy constraint: Member must have length less than or equal to 64")),
    ] {
        let answer = update(&boxed, role, &[("MaxSessionDuration", seconds)]);
        let expected = format!("1 validation error detected: {constraint}");
        assert_refused(&answer, 400, "ValidationError", &expected);
    }
    let answer = update(&boxed, "Deploy", &[("Description", "\u{7f}")]);
    assert_eq!(answer.tag("Code"), "ValidationError");
    let answer = update(&boxed, "Deploy", &[("MaxSessionDuration", "1h")]);
    assert_eq!(answer.tag("Code"), "MalformedInput");
    let expected = "1 validation error detected: Value null at 'roleName' failed to satisfy constraint: Member must not be null";
    let answer = boxed.iam(&Keys::dev(), "GetRole", &[]);
    assert_refused(&answer, 400, "ValidationError", expected);
}

#[test]
fn a_call_belongs_to_the_service_of_its_version() {
    let boxed = permissive();
    let request = query_request("2010-05-08", "GetRole", &[("RoleName", "Deploy")]);
    let answer = boxed.send(&boxed.signed(&Keys::dev(), "sts", request));
    let expected = "Credential should be scoped to correct service: 'iam'. ";
    assert_refused(&answer, 403, "SignatureDoesNotMatch", expected);
    let answer = boxed.iam(&Keys::dev(), "ListRoles", &[]);
    let expected = "Could not find operation ListRoles for version 2010-05-08";
    assert_refused(&answer, 400, "InvalidAction", expected);
    let request = sts_request("GetRole", &[("RoleName", "Deploy")]);
    let answer = boxed.send(&boxed.signed(&Keys::dev(), "iam", request));
    let expected = "Could not find operation GetRole for version 2011-06-15";
    assert_refused(&answer, 400, "InvalidAction", expected);
}

#[test]
fn its_troubles_are_in_its_own_words() {
    let boxed = permissive();
    for (kind, status, code) in [
        ("throttle", 400, "Throttling"),
        ("server_error", 500, "ServiceFailure"),
    ] {
        let fault = json!({ "operation": "GetRole", "effect": { "kind": kind } });
        boxed.post("faults", &fault);
        let answer = get(&boxed, &Keys::dev(), "Deploy");
        assert_eq!((answer.status, answer.tag("Code").as_str()), (status, code));
    }
    assert_eq!(get(&boxed, &Keys::dev(), "Deploy").status, 200);
}

#[test]
fn the_journal_tells_what_was_changed_and_by_whom() {
    let boxed = permissive();
    update(&boxed, "Support", &[("MaxSessionDuration", "7200")]);
    let mut entry = boxed.get("journal")[0].take();
    entry["time"] = Value::Null;
    let expected = json!({
        "seq": 1,
        "time": null,
        "service": "iam",
        "operation": "UpdateRole",
        "outcome": "ok",
        "status": 200,
        "key": "RDEV",
        "who": "arn:aws:iam::123456789012:user/dev",
        "parameters": { "RoleName": "Support", "MaxSessionDuration": "7200" },
    });
    assert_eq!(entry, expected);
}

#[test]
fn the_aws_cli_sees_and_changes_a_role() {
    let boxed = permissive();
    let home = Home::of(&boxed);
    let iam = |call: &str| {
        let line = format!("iam {call} --endpoint-url {}", boxed.endpoint());
        let mut command = home.command(aws_cli());
        command
            .args(line.split(' '))
            .output()
            .expect("the AWS CLI runs")
    };
    let role = || -> Value {
        let text = success(&iam("get-role --role-name Support --output json"));
        serde_json::from_str(&text).expect("the output is JSON")
    };
    let before = role()["Role"].take();
    assert_eq!(before["MaxSessionDuration"], 3_600);
    assert_eq!(before["AssumeRolePolicyDocument"]["Version"], "2012-10-17");
    let change = "update-role --role-name Support --max-session-duration 7200 --description late";
    assert_eq!(success(&iam(change)), "");
    let after = role()["Role"].take();
    assert_eq!(
        (&after["MaxSessionDuration"], &after["Description"]),
        (&json!(7_200), &json!("late"))
    );
    let error = failure(&iam("get-role --role-name Nowhere"));
    assert_eq!(
        error,
        "An error occurred (NoSuchEntity) when calling the GetRole operation: The role with name Nowhere cannot be found."
    );
    home.write_keys(&Keys::ops());
    let error = failure(&iam(change));
    assert_eq!(
        error,
        "An error occurred (AccessDenied) when calling the UpdateRole operation: User: arn:aws:iam::123456789012:user/ops is not authorized to perform: iam:UpdateRole on resource: role Support because no identity-based policy allows the iam:UpdateRole action"
    );
}

/// The built-in world, where the user `dev` may see and change roles, and the role `Deploy` may see them.
fn permissive() -> Boxed {
    let world = include_str!("../../src/default-world.json");
    let mut world: Value = serde_json::from_str(world).expect("the world is JSON");
    let account = &mut world["accounts"][0];
    account["users"][0]["may"] = json!(["iam:GetRole", "iam:UpdateRole"]);
    account["roles"][0]["may"] = json!(["iam:GetRole"]);
    Boxed::start_in(&world)
}

fn get(boxed: &Boxed, keys: &Keys, role: &str) -> Answer {
    boxed.iam(keys, "GetRole", &[("RoleName", role)])
}

fn update(boxed: &Boxed, role: &str, more: &[(&str, &str)]) -> Answer {
    let mut parameters = vec![("RoleName", role)];
    parameters.extend_from_slice(more);
    boxed.iam(&Keys::dev(), "UpdateRole", &parameters)
}

/// The role `Support` as the control API shows it.
fn support(boxed: &Boxed) -> Value {
    let mut world = boxed.get("world");
    let roles = world["accounts"][0]["roles"].as_array_mut().expect("roles");
    let mut roles = roles.iter_mut();
    let role = roles.find(|role| role["name"] == "Support");
    role.expect("the role").take()
}

fn assert_refused(answer: &Answer, status: u16, code: &str, message: &str) {
    assert_eq!(
        answer.xml_error(),
        (status, code.to_owned(), message.to_owned())
    );
}

fn assert_denied(answer: &Answer, who: &str, action: &str) {
    let message = format!(
        "User: {who} is not authorized to perform: iam:{action} on resource: role Deploy because no identity-based policy allows the iam:{action} action"
    );
    assert_refused(answer, 403, "AccessDenied", &message);
}
