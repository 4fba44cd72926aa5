//! Every session of this machine: which ones the files define, and which credentials lie there.

mod defined;
mod machine;
pub(crate) mod orphans;
mod profiles;
mod served;
mod sign_ins;
mod standing;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};
use sandglass_core::error::RenewalError;
use sandglass_core::findings::Finding;
use sandglass_core::lifetimes::{End, KnownBy};
use sandglass_core::names::{MfaSerial, ProfileName, SessionId};
use sandglass_core::session::{Definition, Found, Place, Renewal, Sighting, WebIdentityRenewal};

use crate::cache_file::{self, Reading};
use crate::config::Configuration;
use crate::definitions::{self, Defined};
use crate::ledger::{Entry, Sights};
use crate::paths::Paths;
use crate::sources::Sources;
use crate::write::Writer;

/// What the files of this machine say.
pub struct Inventory {
    /// Every session: sign-ins, then profiles in the order of the files, then Sandglass's own definitions, then what
    /// Sandglass only watches. Where several belong to one profile, the one that can be renewed comes first.
    pub sightings: Vec<Sighting>,
    /// What could not be understood.
    pub findings: Vec<Finding>,
    /// Cache files that were read in the middle of a write: read everything again in a moment.
    pub torn: Vec<PathBuf>,
    /// What was read, for those who look further.
    pub configuration: Configuration,
}

/// What no file tells.
#[derive(Clone, Copy)]
pub struct Outside<'a> {
    /// Which MFA device belongs to the MFA session with this target. Asked for those with a device only.
    pub device: &'a dyn Fn(&ProfileName) -> Result<MfaSerial, RenewalError>,
    /// Sessions whose credentials lie in no file.
    pub observed: &'a BTreeMap<SessionId, Observed>,
    /// The web identity of the environment ([`crate::web_identity::of_environment`]).
    pub web_identity: Option<&'a WebIdentityRenewal>,
}

/// Credentials that lie in no file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Observed {
    /// They are in Sandglass's sealed store.
    Sealed(End),
    /// They were seen where they are issued: at the metadata service, from a process.
    Issued(End),
}

/// Reads everything, and remembers what was seen for the first time.
pub fn read(paths: &Paths, writer: &Writer, now: Timestamp, outside: Outside<'_>) -> Inventory {
    let mut configuration = Configuration::read(paths);
    let (definitions, defined_findings) = definitions::read(paths);
    let mut findings = std::mem::take(&mut configuration.findings);
    findings.extend(defined_findings);
    let mut reader = Reader {
        paths,
        configuration: &configuration,
        definitions: &definitions,
        outside,
        now,
        sights: Sights::new(paths, now),
        sightings: Vec::new(),
        findings,
        torn: Vec::new(),
        named: BTreeSet::new(),
    };
    reader.sso_sign_ins();
    reader.console_logins();
    for profile in configuration.profiles() {
        reader.profile(profile);
    }
    for defined in &definitions {
        reader.defined(defined);
    }
    reader.machine();
    for profile in configuration.profiles() {
        reader.standing(profile);
    }
    reader.orphans();
    reader.served();
    reader.remember(writer);
    let Reader {
        sightings,
        findings,
        torn,
        ..
    } = reader;
    let mut seen = BTreeSet::new();
    Inventory {
        sightings,
        findings: findings
            .into_iter()
            .filter(|finding| seen.insert(finding.clone()))
            .collect(),
        torn,
        configuration,
    }
}

struct Reader<'a> {
    paths: &'a Paths,
    configuration: &'a Configuration,
    definitions: &'a [Defined],
    outside: Outside<'a>,
    now: Timestamp,
    sights: Sights,
    sightings: Vec<Sighting>,
    findings: Vec<Finding>,
    torn: Vec<PathBuf>,
    /// Cache files that a definition names, whether or not they are there.
    named: BTreeSet<PathBuf>,
}

impl<'a> Reader<'a> {
    fn sources(&self) -> Sources<'a> {
        Sources {
            configuration: self.configuration,
            definitions: self.definitions,
        }
    }

    fn add(&mut self, definition: Definition, found: Found, used_in: Vec<Place>) {
        self.sightings.push(Sighting {
            definition,
            found,
            used_in,
        });
    }

    /// A session whose credentials lie in a cache of AWS.
    fn add_cached(
        &mut self,
        definition: Definition,
        found: Found,
        path: &Path,
        users: Vec<ProfileName>,
    ) {
        let file = match found {
            Found::Nothing => None,
            Found::Credentials(_) | Found::Refreshable { .. } | Found::Lasting { .. } => {
                Some(self.place(path))
            }
        };
        let users = users.into_iter().map(Place::Profile);
        let used_in = file.into_iter().chain(users).collect();
        self.add(definition, found, used_in);
    }

    /// A session whose credentials lie in no file.
    fn add_observed(&mut self, definition: Definition, users: Vec<ProfileName>) {
        let users = users.into_iter().map(Place::Profile);
        let (found, store) = match self.outside.observed.get(&definition.id) {
            None => (Found::Nothing, None),
            Some(Observed::Issued(end)) => (Found::Credentials(*end), None),
            Some(Observed::Sealed(end)) => (Found::Credentials(*end), Some(Place::SealedStore)),
        };
        let used_in = store.into_iter().chain(users).collect();
        self.add(definition, found, used_in);
    }

    fn place(&self, path: &Path) -> Place {
        Place::File(self.paths.shown(path))
    }

    /// The content of a cache file that a definition names, and when it was written; what stands in the way becomes a
    /// finding.
    fn present<T>(
        &mut self,
        reading: Reading<T>,
        path: &Path,
        remedy: &str,
    ) -> Option<(T, Timestamp)> {
        self.named.insert(path.to_owned());
        let message = match reading {
            Reading::Absent => return None,
            Reading::Present(stored) => return Some((stored.content, stored.written_at)),
            Reading::Torn => {
                self.torn.push(path.to_owned());
                "the file is not complete, and counts for nothing".to_owned()
            }
            Reading::Foreign => "the file does not hold what its name says".to_owned(),
            Reading::Unreadable(error) => format!("the file could not be read: {error}"),
        };
        self.findings.push(Finding {
            place: self.paths.shown(path),
            message,
            remedy: format!("{remedy}, or remove the file"),
        });
        None
    }

    /// When temporary keys of a profile end: by what AWS told Sandglass, by what stands beside them, or by estimate.
    fn end_of_keys(
        &mut self,
        id: &str,
        told: Option<Timestamp>,
        file: &Path,
        renewal: &Renewal,
    ) -> End {
        let life = renewal.usual_life();
        match (self.sights.of(id, written_at(file)), told) {
            (Entry::Issued { issued_at, ends_at }, _) => End::issued(issued_at, ends_at),
            (Entry::Seen { .. }, Some(at)) => End {
                at,
                known_by: KnownBy::Issuer,
                life,
            },
            (Entry::Seen { first_at }, None) => estimate(first_at, life),
        }
    }

    fn remember(&mut self, writer: &Writer) {
        if let Err(error) = self.sights.save(writer, self.paths) {
            self.findings.push(Finding {
                place: self.paths.shown(&self.paths.ledger()),
                message: format!("estimated ends will move at each start: {error}"),
                remedy: error.remedy(),
            });
        }
    }
}

fn written_at(file: &Path) -> Option<Timestamp> {
    fs::metadata(file)
        .ok()
        .map(|metadata| cache_file::written_at(&metadata))
}

fn estimate(from: Timestamp, life: SignedDuration) -> End {
    End {
        at: from.saturating_add(life).unwrap_or(Timestamp::MAX),
        known_by: KnownBy::Estimate,
        life,
    }
}

/// An end that AWS told. The caches do not say when it was issued, but when they were written.
fn issued(written_at: Timestamp, ends_at: Timestamp, usual: SignedDuration) -> End {
    if written_at < ends_at {
        End::issued(written_at, ends_at)
    } else {
        End {
            at: ends_at,
            known_by: KnownBy::Issuer,
            life: usual,
        }
    }
}
