//! A diagnosis, laid out for people: the command line prints it, and the panel shows it.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::words::{sentence, span};
use crate::doctor::chain::{Candidate, Chain, Giver, Verdict};
use crate::doctor::diagnosis::{Diagnosis, Finding, Processes, Remedy};
use crate::doctor::lifetime::Lifetime;
use crate::doctor::machine::{Answer, MachineRole, Place};

/// All of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct DoctorView {
    /// What is wrong, the worst first; empty where nothing is.
    pub findings: Vec<Finding>,
    /// Where each SDK looks for credentials.
    pub orders: Vec<Order>,
    /// How long sessions live, and who says so.
    pub lifetimes: Vec<LifetimeView>,
    /// The roles of the machine itself, a sentence each; likewise what goes before them, and what the system does not show.
    pub machine: Vec<String>,
}

/// The order in which one SDK looks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Order {
    /// What people call the SDK: `boto3`.
    pub sdk: String,
    /// `works with profile dev, named by AWS_PROFILE`.
    pub profile: String,
    /// Where it looks, in this order; empty where nothing could give credentials.
    pub steps: Vec<OrderStep>,
}

/// One place at which an SDK looks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct OrderStep {
    /// `~/.aws/config:12`, `AWS_ACCESS_KEY_ID`.
    pub place: String,
    /// What stands there: `keys`, `role`.
    pub what: String,
    /// The last four characters of the access key id, where there is one.
    pub key: Option<String>,
    /// What becomes of it.
    pub mark: Mark,
    /// Why it is not taken; none where it is.
    pub why: Option<String>,
}

/// What becomes of a place in an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    /// The SDK takes it.
    Wins,
    /// The SDK ends there with an error.
    Stops,
    /// It does not take it.
    Loses,
}

/// How long a session lives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct LifetimeView {
    /// What a person calls the session.
    pub name: String,
    /// What is asked, what is the default, what is the most, and who sets it.
    pub facts: Vec<Fact>,
    /// What makes sessions longer, the best first.
    pub ways: Vec<Remedy>,
}

/// One fact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Fact {
    /// `at most`
    pub label: String,
    /// `12 h`
    pub value: String,
}

/// What a change would do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Preview {
    /// This.
    Changes {
        /// What it means, a sentence each, without a full stop at its end.
        sentences: Vec<String>,
        /// The lines that change, as a unified diff.
        diff: String,
        /// Names exactly this change.
        fingerprint: String,
    },
    /// Nothing: it is so already.
    Nothing {
        /// Says so.
        sentence: String,
    },
}

/// The diagnosis as people read it.
pub fn doctor_view(diagnosis: &Diagnosis) -> DoctorView {
    let machine = diagnosis.machine.iter().flat_map(|machine| {
        let told = sentence(&machine_role(machine, diagnosis.told_at));
        std::iter::once(told).chain(before(machine, &diagnosis.chains))
    });
    let unseen = match diagnosis.processes {
        Processes::Seen => None,
        Processes::Unsupported => Some(
            "This system shows nobody which programs hold keys in their environment.".to_owned(),
        ),
    };
    DoctorView {
        findings: diagnosis.findings.clone(),
        orders: diagnosis.chains.iter().map(order).collect(),
        lifetimes: diagnosis.lifetimes.iter().map(lifetime).collect(),
        machine: machine.chain(unseen).collect(),
    }
}

fn order(chain: &Chain) -> Order {
    let by = match &chain.chosen_by {
        Some(by) => format!(", named by {by}"),
        None => String::new(),
    };
    Order {
        sdk: chain.sdk.name().to_owned(),
        profile: format!("works with profile {}{by}", chain.profile),
        steps: chain.candidates.iter().map(step).collect(),
    }
}

fn step(candidate: &Candidate) -> OrderStep {
    let (mark, why) = match &candidate.verdict {
        Verdict::Wins => (Mark::Wins, None),
        Verdict::Stops(why) => (Mark::Stops, Some(why.clone())),
        Verdict::Loses(why) => (Mark::Loses, Some(why.clone())),
    };
    OrderStep {
        place: candidate.place.clone(),
        what: candidate.giver.name().to_owned(),
        key: candidate.key.clone(),
        mark,
        why,
    }
}

fn lifetime(lifetime: &Lifetime) -> LifetimeView {
    let length = |seconds: i64| span(SignedDuration::from_secs(seconds));
    let most = lifetime.maximum_seconds;
    let facts = [
        lifetime.asked_seconds.map(|asked| ("asked", length(asked))),
        Some(("default", length(lifetime.default_seconds))),
        Some((
            "at most",
            most.map_or_else(|| "not known".to_owned(), length),
        )),
        Some(("set by", lifetime.set_by.clone())),
    ];
    LifetimeView {
        name: lifetime.name.clone(),
        facts: facts
            .into_iter()
            .flatten()
            .map(|(label, value)| Fact {
                label: label.to_owned(),
                value,
            })
            .collect(),
        ways: lifetime.ways.clone(),
    }
}

/// The role of the machine itself, without a full stop.
fn machine_role(machine: &MachineRole, now: Timestamp) -> String {
    let place = machine.place.name();
    match &machine.answer {
        Answer::Role { name, ends_at } => {
            let name = name
                .as_deref()
                .map_or_else(String::new, |name| format!(" `{name}`"));
            let end = ends_at.map_or_else(String::new, |end| {
                format!(
                    "; its credentials end in {}, AWS renews them",
                    span(end.duration_since(now))
                )
            });
            format!("this {place} has a role{name}{end}")
        }
        Answer::Nothing(error) => format!(
            "no role of this {place}: {}",
            error.message.trim_end_matches('.')
        ),
    }
}

/// What SDKs take instead of the role of the machine.
fn before(machine: &MachineRole, chains: &[Chain]) -> Vec<String> {
    let of_machine = match machine.place {
        Place::Instance => Giver::Instance,
        Place::Container => Giver::Container,
    };
    let mut taken: Vec<(&str, Vec<&str>)> = Vec::new();
    for chain in chains {
        let mut candidates = chain.candidates.iter();
        let (Some(winner), true) = (
            chain.winner().filter(|winner| winner.giver != of_machine),
            candidates.any(|candidate| candidate.giver == of_machine),
        ) else {
            continue;
        };
        match taken.iter_mut().find(|(place, _)| *place == winner.place) {
            Some((_, sdks)) => sdks.push(chain.sdk.name()),
            None => taken.push((&winner.place, vec![chain.sdk.name()])),
        }
    }
    let tell = |(place, sdks): (&str, Vec<&str>)| match sdks.as_slice() {
        [only] => format!("{only} takes {place} instead."),
        _ => format!("{} take {place} instead.", sdks.join(", ")),
    };
    taken.into_iter().map(tell).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::chain::Sdk;

    fn chain(sdk: Sdk, candidates: &[(Giver, &str, Verdict)]) -> Chain {
        Chain {
            sdk,
            profile: "default".to_owned(),
            chosen_by: None,
            candidates: candidates
                .iter()
                .map(|(giver, place, verdict)| Candidate {
                    giver: *giver,
                    place: (*place).to_owned(),
                    key: None,
                    verdict: verdict.clone(),
                    cure: None,
                })
                .collect(),
        }
    }

    #[test]
    fn what_goes_before_the_role_of_the_machine_is_told_with_it() {
        let lost = |name: &str| Verdict::Loses(format!("{name} looks elsewhere first"));
        let environment = (Giver::EnvironmentKeys, "AWS_ACCESS_KEY_ID", Verdict::Wins);
        let chains = vec![
            chain(
                Sdk::Boto3,
                &[
                    environment.clone(),
                    (Giver::Instance, "imds", lost("boto3")),
                ],
            ),
            chain(
                Sdk::Cli2,
                &[environment, (Giver::Instance, "imds", lost("the CLI"))],
            ),
            chain(Sdk::JavaScript, &[(Giver::Instance, "imds", Verdict::Wins)]),
            chain(
                Sdk::Rust,
                &[
                    (Giver::Keys, "~/.aws/credentials:2", Verdict::Wins),
                    (Giver::Instance, "imds", lost("Rust")),
                ],
            ),
        ];
        let now: Timestamp = "2026-01-02T12:00:00Z".parse().unwrap();
        let diagnosis = Diagnosis {
            version: crate::doctor::diagnosis::VERSION,
            told_at: now,
            findings: Vec::new(),
            chains,
            lifetimes: Vec::new(),
            processes: Processes::Unsupported,
            machine: vec![MachineRole {
                place: Place::Instance,
                answer: Answer::Role {
                    name: Some("app".to_owned()),
                    ends_at: now.checked_add(SignedDuration::from_hours(5)).ok(),
                },
                wanted_by: Vec::new(),
            }],
        };
        assert_eq!(
            doctor_view(&diagnosis).machine,
            [
                "This EC2 instance has a role `app`; its credentials end in 5 h, AWS renews them.",
                "boto3, AWS CLI v2 take AWS_ACCESS_KEY_ID instead.",
                "AWS SDK for Rust takes ~/.aws/credentials:2 instead.",
                "This system shows nobody which programs hold keys in their environment.",
            ]
        );
    }
}
