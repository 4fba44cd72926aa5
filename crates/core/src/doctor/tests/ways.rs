//! SDKs that go different ways, and variables of old.

use super::*;
use crate::doctor::chain::variables;
use crate::doctor::diagnosis::Finding;

#[test]
fn sdks_that_take_different_credentials_are_told_together() {
    let wins = |sdk, place: &str| chain(sdk, vec![candidate(Giver::Keys, place, Verdict::Wins)]);
    let (config, other) = ("~/.aws/credentials:2", "~/.aws/credentials:6");
    let chains = [
        wins(Sdk::Cli1, config),
        wins(Sdk::Boto3, config),
        wins(Sdk::Rust, other),
    ];
    let all = diagnosed(&chains, &BTreeMap::new());
    assert_eq!(all.len(), 1);
    assert_eq!(all[0].code, "sdks-disagree");
    assert_eq!(
        all[0].what,
        "SDKs take different credentials here: AWS CLI v1, boto3 from ~/.aws/credentials:2; AWS SDK for Rust from \
         ~/.aws/credentials:6"
    );
    assert!(diagnosed(&chains[..2], &BTreeMap::new()).is_empty());
}

#[test]
fn a_token_of_old_is_told_where_it_goes_with_the_keys() {
    let keys = |sdk| {
        chain(
            sdk,
            vec![candidate(
                Giver::EnvironmentKeys,
                "AWS_ACCESS_KEY_ID",
                Verdict::Wins,
            )],
        )
    };
    let set = |other: &str| {
        variables(|name| match name {
            "AWS_ACCESS_KEY_ID" => Some("ASIAEXAMPLE".to_owned()),
            "AWS_SESSION_TOKEN" => Some("token".to_owned()),
            "AWS_SECURITY_TOKEN" => Some(other.to_owned()),
            _ => None,
        })
    };
    let chains = [keys(Sdk::Boto3), keys(Sdk::Rust)];
    let all = diagnosed(&chains, &set("another"));
    assert_eq!(all.len(), 1);
    assert_eq!(all[0].code, "security-token-goes-first");
    assert!(all[0].what.ends_with(": boto3 takes it"), "{}", all[0].what);
    assert!(
        diagnosed(&chains, &set("token")).is_empty(),
        "it is the same"
    );
    assert!(
        diagnosed(&chains[1..], &set("another")).is_empty(),
        "Rust does not know it"
    );
    assert!(!format!("{:?}", set("another")).contains("another"));
}

fn diagnosed(chains: &[Chain], variables: &BTreeMap<String, String>) -> Vec<Finding> {
    judge(Evidence {
        chains,
        variables,
        ..nothing(&status(Vec::new()))
    })
    .findings
}
