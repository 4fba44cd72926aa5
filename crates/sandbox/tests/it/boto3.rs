//! The real boto3: scripts in `tests/clients`, each of which asserts by itself.

use std::path::Path;

use crate::boxed::Boxed;
use crate::client::{Home, python, success};

#[test]
fn it_calls_sts_and_s3_and_reads_their_errors() {
    run("sts_and_s3.py");
}

#[test]
fn it_signs_in_and_reads_the_errors_of_identity_center() {
    run("identity_center.py");
}

#[test]
fn its_sso_profile_refreshes_the_token_by_itself() {
    run("sso_profile.py");
}

#[test]
fn a_long_running_program_goes_on_over_the_end_of_its_role() {
    run("role_profile.py");
}

#[test]
fn it_retries_what_is_worth_a_retry() {
    run("retries.py");
}

#[test]
fn a_web_identity_is_read_from_its_file_each_time() {
    run("web_identity.py");
}

#[test]
fn a_federated_user_does_what_the_session_policy_allows() {
    run("federation_token.py");
}

#[test]
fn its_login_profile_refreshes_with_the_key_that_the_login_has() {
    run("login_profile.py");
}

#[test]
fn an_instance_and_a_task_get_their_roles() {
    run("machines.py");
}

fn run(script: &str) {
    let boxed = Boxed::start();
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/clients")
        .join(script);
    let output = Home::of(&boxed)
        .command(python())
        .arg(path)
        .env("AWS_ENDPOINT_URL", boxed.endpoint())
        .output()
        .expect("Python runs");
    success(&output);
}
