//! What is wrong with the ways of SDKs to their credentials.

use std::collections::BTreeMap;

use super::chain::{Chain, Giver, Verdict, has_other_token};
use super::diagnosis::{Finding, Remedy, Severity};

/// What happens to these SDKs, with these variables ([`super::chain::variables`]).
pub(super) fn judge(chains: &[Chain], variables: &BTreeMap<String, String>) -> Vec<Finding> {
    let mut findings = together(chains, stopped);
    findings.extend(together(chains, shadowed));
    if findings.is_empty() {
        // Otherwise it is told already where they part.
        findings.extend(disagreement(chains));
    }
    findings.extend(legacy_token(chains, variables));
    findings
}

/// What is wrong with the way of some SDKs, apart from which ones these are.
struct Way {
    code: &'static str,
    severity: Severity,
    /// What they do, behind their names.
    does: String,
    why: String,
    remedy: Remedy,
}

/// One finding for all SDKs to which the same happens.
fn together(chains: &[Chain], look: fn(&Chain) -> Option<Way>) -> Vec<Finding> {
    let mut ways: Vec<(Way, Vec<&str>)> = Vec::new();
    for chain in chains {
        let Some(way) = look(chain) else {
            continue;
        };
        let same = ways.iter_mut().find(|(known, _)| {
            (known.code, &known.does, &known.why) == (way.code, &way.does, &way.why)
        });
        match same {
            Some((_, names)) => names.push(chain.sdk.name()),
            None => ways.push((way, vec![chain.sdk.name()])),
        }
    }
    let finding = |(way, names): (Way, Vec<&str>)| Finding {
        code: way.code.to_owned(),
        severity: way.severity,
        what: format!("{}: {}", names.join(", "), way.does),
        why: way.why,
        remedies: vec![way.remedy],
        prevention: None,
        repair: None,
    };
    ways.into_iter().map(finding).collect()
}

/// SDKs that take credentials from different places.
fn disagreement(chains: &[Chain]) -> Option<Finding> {
    let mut winners: Vec<(&str, Vec<&str>)> = Vec::new();
    for chain in chains {
        let Some(winner) = chain.winner() else {
            continue;
        };
        match winners.iter_mut().find(|(place, _)| *place == winner.place) {
            Some((_, names)) => names.push(chain.sdk.name()),
            None => winners.push((&winner.place, vec![chain.sdk.name()])),
        }
    }
    if winners.len() < 2 {
        return None;
    }
    let ways: Vec<String> = winners
        .iter()
        .map(|(place, names)| format!("{} from {place}", names.join(", ")))
        .collect();
    Some(Finding {
        code: "sdks-disagree".to_owned(),
        severity: Severity::Warning,
        what: format!("SDKs take different credentials here: {}", ways.join("; ")),
        why: "each has an order of its own, and variables of its own that name the profile"
            .to_owned(),
        remedies: vec![
            Remedy::command(
                "see where each looks",
                format!(
                    "sandglass doctor{} --sdk boto3",
                    chains
                        .first()
                        .filter(|chain| chain.chosen_by.as_deref() == Some("the program"))
                        .map_or_else(String::new, |chain| format!(" {}", chain.profile))
                ),
            ),
            Remedy::by_hand("leave one of them, or name the profile in the call itself"),
        ],
        prevention: None,
        repair: None,
    })
}

/// A token of old in the environment, which some take for that of the keys.
fn legacy_token(chains: &[Chain], variables: &BTreeMap<String, String>) -> Option<Finding> {
    let names: Vec<&str> = chains
        .iter()
        .filter(|chain| chain.sdk.stands_on_botocore())
        .filter(|chain| {
            chain
                .winner()
                .is_some_and(|winner| winner.giver == Giver::EnvironmentKeys)
        })
        .map(|chain| chain.sdk.name())
        .collect();
    (has_other_token(variables) && !names.is_empty()).then(|| Finding {
        code: "security-token-goes-first".to_owned(),
        severity: Severity::Warning,
        what: format!("{}: takes the token in AWS_SECURITY_TOKEN", names.join(", ")),
        why: "that name of old goes before AWS_SESSION_TOKEN there, and other SDKs do not know it, so that one of the two goes \
              with keys that it does not belong to"
            .to_owned(),
        remedies: vec![Remedy::command(
            "take it out of the environment in which the program is started",
            "unset AWS_SECURITY_TOKEN",
        )],
        prevention: None,
        repair: None,
    })
}

/// An SDK ends with an error before it has credentials.
fn stopped(chain: &Chain) -> Option<Way> {
    Some(Way {
        code: "chain-stopped",
        severity: Severity::Error,
        does: "ends with an error before it has credentials".to_owned(),
        why: chain.stop()?.to_owned(),
        remedy: Remedy::by_hand("correct what it stumbles over"),
    })
}

/// Keys that nobody renews go before what would be.
fn shadowed(chain: &Chain) -> Option<Way> {
    let winner = chain.winner()?;
    let loser = chain.candidates.iter().find(|candidate| {
        matches!(candidate.verdict, Verdict::Loses(_)) && renews_itself(candidate.giver)
    })?;
    let (code, remedy) = match winner.giver {
        Giver::EnvironmentKeys => (
            "environment-goes-first",
            Remedy::command(
                "take the keys out of the environment in which the program is started",
                "unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_SECURITY_TOKEN",
            ),
        ),
        Giver::Keys => (
            "keys-go-first",
            Remedy::command(
                "move what goes first out of the files",
                format!("sandglass connect {}", chain.profile),
            ),
        ),
        Giver::EnvironmentWebIdentity
        | Giver::Role
        | Giver::WebIdentity
        | Giver::IdentityCenter
        | Giver::ConsoleLogin
        | Giver::Process
        | Giver::Container
        | Giver::Instance => return None,
    };
    let key = winner
        .key
        .as_deref()
        .map_or_else(String::new, |key| format!(", the key that ends in {key}"));
    Some(Way {
        code,
        severity: Severity::Warning,
        does: format!("takes {}{key}, and not {}", winner.place, loser.place),
        why: "keys that nobody renews go before what would be renewed".to_owned(),
        remedy,
    })
}

fn renews_itself(giver: Giver) -> bool {
    match giver {
        Giver::EnvironmentKeys | Giver::Keys => false,
        Giver::EnvironmentWebIdentity
        | Giver::Role
        | Giver::WebIdentity
        | Giver::IdentityCenter
        | Giver::ConsoleLogin
        | Giver::Process
        | Giver::Container
        | Giver::Instance => true,
    }
}
