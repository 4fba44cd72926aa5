//! What is wrong with the ways of SDKs to their credentials.

use std::collections::BTreeMap;

use super::chain::{Candidate, Chain, Cure, Giver, Sdk, Verdict, has_other_token};
use super::diagnosis::{Finding, Remedy, Severity};
use crate::views::words::argument;

/// What can be put right in the files by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Repairs {
    /// Sections or settings that stand twice.
    OfSections,
    /// Nothing that keeps a file from being read.
    None,
}

/// What happens to these SDKs, with these variables ([`super::chain::variables`]).
pub(super) fn judge(
    chains: &[Chain],
    variables: &BTreeMap<String, String>,
    asked_from: Option<&str>,
    repairs: Repairs,
) -> Vec<Finding> {
    let mut findings = together(chains, |chain| stopped(chain, repairs));
    findings.extend(together(chains, |chain| shadowed(chain, asked_from)));
    if findings.is_empty() {
        // Otherwise it is told already where they part.
        findings.extend(disagreement(chains));
    }
    findings.extend(legacy_token(chains, variables));
    findings.extend(regions(chains, variables));
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
                        .map_or_else(String::new, |chain| {
                            format!(" {}", argument(&chain.profile, "PROFILE"))
                        })
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
        remedies: vec![if variables.contains_key("AWS_SESSION_TOKEN") {
            Remedy::command(
                "take it out of the environment in which the program is started",
                "unset AWS_SECURITY_TOKEN",
            )
        } else {
            Remedy::command(
                "hand it on under the name that every SDK knows",
                "export AWS_SESSION_TOKEN=\"$AWS_SECURITY_TOKEN\"; unset AWS_SECURITY_TOKEN",
            )
        }],
        prevention: None,
        repair: None,
    })
}

/// The two variables for the region name different ones, and SDKs differ in which they read.
fn regions(chains: &[Chain], variables: &BTreeMap<String, String>) -> Option<Finding> {
    let [region, of_old] = ["AWS_REGION", "AWS_DEFAULT_REGION"].map(|name| variables.get(name));
    let (region, of_old) = (region?, of_old?);
    let reads_old = |chain: &&Chain| matches!(chain.sdk, Sdk::Cli1 | Sdk::Boto3);
    let names: Vec<&str> = chains
        .iter()
        .filter(reads_old)
        .map(|chain| chain.sdk.name())
        .collect();
    let is_other = region != of_old && !region.is_empty() && !of_old.is_empty();
    (is_other && !names.is_empty()).then(|| Finding {
        code: "regions-differ".to_owned(),
        severity: Severity::Note,
        what: format!(
            "the environment names two regions: {} by AWS_DEFAULT_REGION {of_old}, others by AWS_REGION {region}",
            match names.as_slice() {
                [only] => format!("{only} goes"),
                all => format!("{} go", all.join(", ")),
            }
        ),
        why: "each SDK reads one of the two variables, or one before the other; a key of one partition is unknown in another"
            .to_owned(),
        origin: None,
        remedies: vec![Remedy::command(
            "name the same region in both",
            format!("export AWS_DEFAULT_REGION={region}"),
        )],
        prevention: None,
        repair: None,
    })
}

/// An SDK ends with an error before it has credentials.
fn stopped(chain: &Chain, repairs: Repairs) -> Option<Way> {
    let (candidate, why) = chain.stop()?;
    Some(Way {
        code: "chain-stopped",
        severity: Severity::Error,
        what: "no credentials are found",
        does: ["ends", "end"].map(|end| format!("{end} with an error at {}", candidate.place)),
        why: why.to_owned(),
        remedies: onwards(candidate, &chain.profile, repairs),
    })
}

/// What lets an SDK go on from what it stumbles over.
fn onwards(candidate: &Candidate, profile: &str, repairs: Repairs) -> Vec<Remedy> {
    let Some(cure) = candidate.cure else {
        return vec![Remedy::by_hand("correct what it stumbles over")];
    };
    match cure {
        Cure::File => match repairs {
            Repairs::OfSections => vec![Remedy::command(
                "have the file put right: it is shown first",
                "sandglass doctor --repair",
            )],
            Repairs::None => vec![Remedy::by_hand(
                "mend what is named: a text file in which each line is a section, a comment or `key = value`",
            )],
        },
        Cure::Profile => vec![Remedy::command(
            "name a profile that there is",
            "sandglass status",
        )],
        Cure::Keys => vec![Remedy::command(
            "write key and secret anew, both from the same place",
            format!("aws configure --profile {}", argument(profile, "PROFILE")),
        )],
        Cure::SignIn => vec![Remedy::command(
            "sign in",
            format!("sandglass login {}", argument(profile, "PROFILE")),
        )],
        Cure::Settings => vec![Remedy::by_hand(format!(
            "in profile `{profile}`, correct {}",
            settings_of(candidate.giver)
        ))],
        Cure::IdentityToken => vec![Remedy::by_hand(
            "have the identity provider write its token into the file that is named, or name the file that it writes",
        )],
        Cure::ContainerToken => vec![
            Remedy::by_hand("have the token written into its file without a line break"),
            unset(
                "AWS_CONTAINER_CREDENTIALS_FULL_URI AWS_CONTAINER_CREDENTIALS_RELATIVE_URI AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
            ),
        ],
        Cure::Unset => vec![unset(match candidate.giver {
            Giver::EnvironmentWebIdentity => "AWS_WEB_IDENTITY_TOKEN_FILE AWS_ROLE_ARN",
            Giver::FormerKeys => "AWS_CREDENTIAL_FILE BOTO_CONFIG",
            Giver::EnvironmentKeys
            | Giver::Role
            | Giver::WebIdentity
            | Giver::IdentityCenter
            | Giver::Keys
            | Giver::ConsoleLogin
            | Giver::Process
            | Giver::Container
            | Giver::Instance => KEYS,
        })],
    }
}

fn settings_of(giver: Giver) -> &'static str {
    match giver {
        Giver::Role => {
            "`source_profile` or `credential_source`, or what stands in the profile that it names"
        }
        Giver::WebIdentity => "`web_identity_token_file` and `role_arn`",
        Giver::IdentityCenter => {
            "the `sso_…` settings: `sso_session` with its section, `sso_account_id` and `sso_role_name`"
        }
        Giver::EnvironmentKeys
        | Giver::EnvironmentWebIdentity
        | Giver::Keys
        | Giver::FormerKeys
        | Giver::ConsoleLogin
        | Giver::Process
        | Giver::Container
        | Giver::Instance => "the settings",
    }
}

fn unset(variables: &str) -> Remedy {
    Remedy::command(
        "take them out of the environment in which the program is started",
        format!("unset {variables}"),
    )
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
        Giver::FormerKeys => (
            "keys-go-first",
            Remedy::by_hand(format!(
                "take the keys out of {}, or unset AWS_CREDENTIAL_FILE and BOTO_CONFIG where they name it",
                winner.place
            )),
        ),
        Giver::Keys => (
            "keys-go-first",
            Remedy::command(
                "move what goes first out of the files",
                format!("sandglass connect {}", argument(&chain.profile, "PROFILE")),
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
            format!("; they came with {program}")
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
        Giver::EnvironmentKeys | Giver::Keys | Giver::FormerKeys => false,
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
