//! What is wrong with the ways of SDKs to their credentials.

use std::collections::BTreeMap;

use super::chain::{Candidate, Chain, Giver, THE_FILES, Verdict, has_other_token};
use super::diagnosis::{Finding, Remedy, Severity};

/// What happens to these SDKs, with these variables ([`super::chain::variables`]).
pub(super) fn judge(
    chains: &[Chain],
    variables: &BTreeMap<String, String>,
    asked_from: Option<&str>,
) -> Vec<Finding> {
    let mut findings = together(chains, stopped);
    findings.extend(together(chains, |chain| shadowed(chain, asked_from)));
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
    /// What happens, before their names.
    what: &'static str,
    /// What they do, behind their names: once for one of them, once for several.
    does: [String; 2],
    why: String,
    remedies: Vec<Remedy>,
}

/// One finding for all SDKs to which the same happens.
fn together(chains: &[Chain], look: impl Fn(&Chain) -> Option<Way>) -> Vec<Finding> {
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
        what: format!(
            "{}: {} {}",
            way.what,
            names.join(", "),
            way.does[usize::from(names.len() > 1)]
        ),
        why: way.why,
        origin: None,
        remedies: way.remedies,
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
        origin: None,
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
        what: format!(
            "the token in AWS_SECURITY_TOKEN goes first: {} {} it",
            names.join(", "),
            if names.len() == 1 { "takes" } else { "take" }
        ),
        why: "that name of old goes before AWS_SESSION_TOKEN there, and other SDKs do not know it, so that one of the two goes \
              with keys that it does not belong to"
            .to_owned(),
        origin: None,
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
    let (candidate, why) = chain.stop()?;
    Some(Way {
        code: "chain-stopped",
        severity: Severity::Error,
        what: "no credentials are found",
        does: ["ends", "end"].map(|end| format!("{end} with an error at {}", candidate.place)),
        why: why.to_owned(),
        remedies: onwards(candidate, &chain.profile),
    })
}

/// What lets an SDK go on from what it stumbles over.
fn onwards(candidate: &Candidate, profile: &str) -> Vec<Remedy> {
    let unset = |variables: &str| {
        Remedy::command(
            "take them out of the environment in which the program is started",
            format!("unset {variables}"),
        )
    };
    match candidate.giver {
        _ if candidate.place == THE_FILES => vec![
            Remedy::command(
                "have the file put right, where that can be done",
                "sandglass doctor --repair",
            ),
            Remedy::by_hand("or mend the line that is named above"),
        ],
        // There is no such profile.
        Giver::Keys if !candidate.place.contains(':') => vec![Remedy::command(
            "name a profile that there is",
            "sandglass status",
        )],
        Giver::Keys => vec![Remedy::command(
            "write key and secret anew, both from the same place",
            format!("aws configure --profile {profile}"),
        )],
        Giver::EnvironmentKeys => vec![unset(KEYS)],
        Giver::EnvironmentWebIdentity => vec![
            Remedy::by_hand(
                "have the identity provider write a token into the file that AWS_WEB_IDENTITY_TOKEN_FILE names",
            ),
            unset("AWS_WEB_IDENTITY_TOKEN_FILE AWS_ROLE_ARN"),
        ],
        Giver::WebIdentity => vec![Remedy::by_hand(format!(
            "correct `web_identity_token_file` and `role_arn` of `{profile}`, or have the identity provider write the file"
        ))],
        Giver::IdentityCenter => vec![
            Remedy::command("sign in", format!("sandglass login {profile}")),
            Remedy::by_hand(format!(
                "where `{profile}` names no portal that there is, correct its `sso_…` settings"
            )),
        ],
        Giver::Role => vec![Remedy::by_hand(format!(
            "correct `source_profile` or `credential_source` of `{profile}`, or what stands in the profile that it names"
        ))],
        Giver::Container => vec![
            Remedy::by_hand(
                "have the token written into its file without a line break, or the variables of the container set anew",
            ),
            unset(
                "AWS_CONTAINER_CREDENTIALS_FULL_URI AWS_CONTAINER_CREDENTIALS_RELATIVE_URI AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
            ),
        ],
        Giver::ConsoleLogin | Giver::Process | Giver::Instance => {
            vec![Remedy::by_hand("correct what it stumbles over")]
        }
    }
}

/// The variables that hold keys, and what belongs to them.
const KEYS: &str = "AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_SECURITY_TOKEN \
                    AWS_CREDENTIAL_EXPIRATION";

/// Keys that nobody renews go before what would be.
fn shadowed(chain: &Chain, asked_from: Option<&str>) -> Option<Way> {
    let winner = chain.winner()?;
    let loser = chain.candidates.iter().find(|candidate| {
        matches!(candidate.verdict, Verdict::Loses(_)) && renews_itself(candidate.giver)
    })?;
    let (code, remedy) = match winner.giver {
        Giver::EnvironmentKeys => (
            "environment-goes-first",
            Remedy::command(
                "take the keys out of the environment in which the program is started",
                format!("unset {KEYS}"),
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
    let set_in = match (winner.giver, asked_from) {
        (Giver::EnvironmentKeys, Some(program)) => {
            format!("; they are set in the environment of {program}")
        }
        (_, _) => String::new(),
    };
    Some(Way {
        code,
        severity: Severity::Warning,
        what: "what nobody renews goes first",
        does: ["takes", "take"]
            .map(|take| format!("{take} {}{key}, and not {}", winner.place, loser.place)),
        why: format!("keys that nobody renews go before what would be renewed{set_in}"),
        remedies: vec![remedy],
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
