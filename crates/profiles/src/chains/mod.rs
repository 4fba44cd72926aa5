//! Which credentials each SDK takes on this machine: its order, applied to the files as it reads them and to an
//! environment (AWS SDKs and Tools Reference Guide, credential provider chains; the sources of botocore, of the SDKs for
//! JavaScript and Rust, and of Go).

mod boto;
mod condition;
mod files;
mod slots;

use jiff::Timestamp;
use sandglass_core::doctor::chain::{Candidate, Chain, Giver, Sdk, Verdict};
use sandglass_core::doctor::machine::Answer;

use self::files::{Grammar, Profiles};
use self::slots::{Fate, Looked, Slot};
use crate::paths::Paths;

/// What a program has around it.
#[derive(Clone, Copy)]
pub struct Surroundings<'a> {
    /// Its variables. Secret ones need not have their value, only one that is not empty.
    pub variable: &'a dyn Fn(&str) -> Option<String>,
    /// The profile that it names itself: `--profile`, `profile_name=`.
    pub named: Option<&'a str>,
    /// What the metadata service of an EC2 instance answered, where something says that there may be one.
    pub instance: Option<&'a Answer>,
    /// The time (UTC): what is over is of no use.
    pub now: Timestamp,
}

impl Surroundings<'_> {
    /// A variable that is not empty.
    fn get(&self, name: &str) -> Option<String> {
        (self.variable)(name).filter(|value| !value.is_empty())
    }
}

/// Where this SDK looks, and what it finds.
pub fn chain(paths: &Paths, sdk: Sdk, surroundings: Surroundings<'_>) -> Chain {
    let (profile, chosen_by) = profile_of(sdk, surroundings);
    let read = Profiles::read(paths, Grammar::of(sdk));
    let looked = Looked {
        sdk,
        paths,
        surroundings,
        profiles: &read,
        name: &profile,
        chosen_by: chosen_by.as_deref(),
    };
    let found = Slot::order(sdk).iter().filter_map(|slot| looked.at(*slot));
    let candidates = judged(looked.before_all().into_iter().chain(found), sdk);
    Chain {
        sdk,
        profile,
        chosen_by,
        candidates,
    }
}

/// What stands at one place of a chain.
struct Found {
    giver: Giver,
    place: String,
    key: Option<String>,
    fate: Fate,
}

/// The first that can be used wins, and the first that is broken ends the search.
fn judged(found: impl Iterator<Item = Found>, sdk: Sdk) -> Vec<Candidate> {
    let mut ended: Option<String> = None;
    found
        .map(|found| {
            let mut cure = None;
            let verdict = match (&ended, found.fate) {
                (_, Fate::PassedOver(why)) => Verdict::Loses(why),
                (Some(first), Fate::Usable | Fate::Broken(..)) => {
                    Verdict::Loses(format!("{} looks at {first} first", sdk.name()))
                }
                (None, Fate::Usable) => {
                    ended = Some(found.place.clone());
                    Verdict::Wins
                }
                (None, Fate::Broken(why, by)) => {
                    ended = Some(found.place.clone());
                    cure = Some(by);
                    Verdict::Stops(why)
                }
            };
            Candidate {
                giver: found.giver,
                place: found.place,
                key: found.key,
                verdict,
                cure,
            }
        })
        .collect()
}

/// The profile that a program works with, and what chose it.
fn profile_of(sdk: Sdk, surroundings: Surroundings<'_>) -> (String, Option<String>) {
    if let Some(named) = surroundings.named {
        return (named.to_owned(), Some("the program".to_owned()));
    }
    let variables: &[&str] = match sdk {
        Sdk::Boto3 | Sdk::Cli1 => &["AWS_DEFAULT_PROFILE", "AWS_PROFILE"],
        Sdk::Cli2 | Sdk::Go => &["AWS_PROFILE", "AWS_DEFAULT_PROFILE"],
        Sdk::JavaScript | Sdk::Rust | Sdk::Java => &["AWS_PROFILE"],
    };
    let chosen = variables
        .iter()
        .find_map(|name| Some((surroundings.get(name)?, Some((*name).to_owned()))));
    chosen.unwrap_or_else(|| ("default".to_owned(), None))
}
