//! The role of a container is named by the environment, and so is asked for in a process of its own.

use sandglass_core::error::ErrorCode;
use tokio::process::Command;

use crate::cloud::Cloud;

const TEST: &str = "container::asks_for_the_container_role";

#[tokio::test]
#[ignore = "run by the other test, in an environment of its own"]
async fn asks_for_the_container_role() {
    let cloud = Cloud::start().await;
    match cloud.aws().container_role().await {
        Ok(machine) => println!("told: until {}", machine.credentials.expires_at.unwrap()),
        Err(error) => println!("told: {:?}: {error}", error.code),
    }
}

async fn told(environment: &[(&str, &str)]) -> String {
    let output = Command::new(std::env::current_exe().unwrap())
        .args([TEST, "--exact", "--ignored", "--nocapture"])
        .envs(environment.iter().copied())
        .output()
        .await
        .unwrap();
    String::from_utf8(output.stdout).unwrap()
}

#[tokio::test]
async fn a_container_gives_its_role_for_its_token_only() {
    let cloud = Cloud::start().await;
    let url = format!("{}/v2/credentials/sandglass-task", cloud.endpoint());
    let url = ("AWS_CONTAINER_CREDENTIALS_FULL_URI", url.as_str());
    let token = ("AWS_CONTAINER_AUTHORIZATION_TOKEN", "Bearer make-believe");
    let said = told(&[url, token]).await;
    assert!(said.contains("told: until 20"), "{said}");
    let said = told(&[url]).await;
    let refused = format!("told: {:?}: ", ErrorCode::ServiceTrouble);
    assert!(said.contains(&refused) && said.contains("401"), "{said}");
}
