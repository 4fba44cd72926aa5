//! The role of the machine itself: whether there is one is looked at where something says that there may be, beside all
//! else, and seldom.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use sandglass_aws::{Aws, MachineCredentials};
use sandglass_core::error::RenewalError;
use sandglass_core::lifetimes::{End, KnownBy, METADATA};
use sandglass_core::names::{ProfileName, SessionId};
use sandglass_core::session::MetadataSource;
use sandglass_profiles::config::Configuration;
use sandglass_profiles::ids;
use sandglass_profiles::inventory::Observed;
use tokio::sync::mpsc;

use crate::clock;
use crate::input::Input;

/// The service is on this machine or beside it: what does not answer by then is not there.
const PATIENCE: Duration = Duration::from_secs(1);
/// It is looked at again no earlier than after this time.
const PAUSE: SignedDuration = SignedDuration::from_secs(60);
/// What the firmware of an EC2 instance calls itself (EC2 User Guide, "Identify EC2 instances").
const VENDOR: (&str, &str) = ("/sys/devices/virtual/dmi/id/sys_vendor", "Amazon EC2");

/// When the credentials of the machine end. Containers do not say when theirs were made.
pub(crate) fn end_of(machine: &MachineCredentials, now: Timestamp) -> End {
    match (machine.credentials.expires_at, machine.issued_at) {
        (Some(at), Some(issued_at)) => End::issued(issued_at, at),
        (Some(at), None) => End {
            at,
            known_by: KnownBy::Issuer,
            life: METADATA,
        },
        (None, _) => End {
            at: now.saturating_add(METADATA).unwrap_or(Timestamp::MAX),
            known_by: KnownBy::Estimate,
            life: METADATA,
        },
    }
}

/// The roles of this machine, as they were seen last.
pub(crate) struct Machine {
    aws: Aws,
    inputs: mpsc::Sender<Input>,
    /// What the environment and the firmware say, which stay the same.
    hinted: BTreeSet<MetadataSource>,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    looked_at: Option<Timestamp>,
    ends: BTreeMap<MetadataSource, End>,
}

impl Machine {
    pub(crate) fn new(aws: Aws, inputs: mpsc::Sender<Input>) -> Self {
        Self {
            aws,
            inputs,
            hinted: hinted_here(),
            seen: Mutex::default(),
        }
    }

    /// What was seen last.
    pub(crate) fn observed(&self) -> BTreeMap<SessionId, Observed> {
        let seen = self.seen();
        let ends = seen.ends.iter();
        ends.map(|(source, end)| (id(*source), Observed::Issued(*end)))
            .collect()
    }

    /// Looks again, beside whoever asks, where it is time and there is something to look at.
    pub(crate) fn look(self: &Arc<Self>, configuration: &Configuration) {
        let mut sources = self.hinted.clone();
        sources.extend(named(configuration).map(|(source, _)| source));
        let now = clock::now();
        let mut seen = self.seen();
        // What nothing names any more goes at once.
        let is_stale = seen.ends.keys().any(|source| !sources.contains(source));
        let is_early = seen
            .looked_at
            .is_some_and(|at| now.duration_since(at).abs() < PAUSE);
        if !is_stale && (is_early || sources.is_empty()) {
            return;
        }
        seen.looked_at = Some(now);
        drop(seen);
        let machine = Arc::clone(self);
        tokio::spawn(async move { machine.look_at(sources).await });
    }

    async fn look_at(&self, sources: BTreeSet<MetadataSource>) {
        let mut ends = BTreeMap::new();
        for &source in &sources {
            let answer = tokio::time::timeout(PATIENCE, self.ask(source)).await;
            match answer {
                Ok(Ok(machine)) => {
                    ends.insert(source, end_of(&machine, clock::now()));
                }
                Ok(Err(error)) => {
                    tracing::debug!(?source, code = ?error.code, "no role of this machine");
                }
                Err(_) => tracing::debug!(?source, "no metadata service answers"),
            }
        }
        if self.is_news(&sources, ends) {
            let _ = self.inputs.send(Input::FilesChanged).await;
        }
    }

    fn is_news(
        &self,
        sources: &BTreeSet<MetadataSource>,
        mut ends: BTreeMap<MetadataSource, End>,
    ) -> bool {
        let mut seen = self.seen();
        let now = clock::now();
        // One that does not answer once may do so again: what it gave lives on.
        for (source, end) in &seen.ends {
            if sources.contains(source) && !end.is_past(now) {
                ends.entry(*source).or_insert(*end);
            }
        }
        let is_news = seen.ends != ends;
        seen.ends = ends;
        is_news
    }

    async fn ask(&self, source: MetadataSource) -> Result<MachineCredentials, RenewalError> {
        match source {
            MetadataSource::Instance => self.aws.instance_role(None).await,
            MetadataSource::Container => self.aws.container_role().await,
        }
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn id(source: MetadataSource) -> SessionId {
    SessionId::new(match source {
        MetadataSource::Instance => ids::INSTANCE_ROLE,
        MetadataSource::Container => ids::CONTAINER_ROLE,
    })
}

/// What `credential_source` settings name, and in which profiles.
pub(crate) fn named(
    configuration: &Configuration,
) -> impl Iterator<Item = (MetadataSource, &ProfileName)> {
    configuration.profiles().iter().filter_map(|profile| {
        let source = match profile.setting("credential_source")?.value {
            "Ec2InstanceMetadata" => MetadataSource::Instance,
            "EcsContainer" => MetadataSource::Container,
            _ => return None,
        };
        Some((source, &profile.name))
    })
}

/// What the environment and the firmware say that there may be.
pub(crate) fn hinted_here() -> BTreeSet<MetadataSource> {
    let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    hinted(&is_set, vendor(Path::new(VENDOR.0)).as_deref())
}

fn hinted(is_set: &dyn Fn(&str) -> bool, vendor: Option<&str>) -> BTreeSet<MetadataSource> {
    let container = [
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    ];
    let is_container = container.into_iter().any(is_set);
    let is_instance =
        is_set("AWS_EC2_METADATA_SERVICE_ENDPOINT") || vendor.is_some_and(|name| name == VENDOR.1);
    [
        is_instance.then_some(MetadataSource::Instance),
        is_container.then_some(MetadataSource::Container),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// What the firmware calls itself; systems other than Linux do not say it there.
fn vendor(path: &Path) -> Option<String> {
    let name = std::fs::read_to_string(path).ok()?;
    Some(name.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_that_says_nothing_of_aws_is_not_asked() {
        assert!(hinted(&|_| false, None).is_empty());
        assert!(hinted(&|_| false, Some("QEMU")).is_empty());
    }

    #[tokio::test]
    async fn a_role_that_nothing_names_any_more_is_not_shown() {
        let files = sandglass_aws::ConfigFiles {
            config: "/nonexistent/config".into(),
            credentials: "/nonexistent/credentials".into(),
        };
        let (inputs, mut received) = mpsc::channel(1);
        let machine = Arc::new(Machine {
            aws: Aws::new(files, Arc::new(clock::local)),
            inputs,
            hinted: BTreeSet::new(),
            seen: Mutex::default(),
        });
        let now = clock::now();
        let end = End::issued(now, now + METADATA);
        let ends = BTreeMap::from([(MetadataSource::Instance, end)]);
        assert!(machine.is_news(&BTreeSet::from([MetadataSource::Instance]), ends));
        machine.seen().looked_at = Some(now);
        let paths = sandglass_profiles::paths::Paths::resolve(
            sandglass_profiles::paths::System::Unix,
            &|name| (name == "HOME").then(|| "/nonexistent".into()),
        );
        machine.look(&Configuration::read(&paths.unwrap()));
        assert!(matches!(received.recv().await, Some(Input::FilesChanged)));
        assert!(machine.observed().is_empty());
    }

    #[test]
    fn firmware_and_environment_say_where_there_is_a_role() {
        let only = |wanted: &'static str| move |name: &str| name == wanted;
        let instance = BTreeSet::from([MetadataSource::Instance]);
        let container = BTreeSet::from([MetadataSource::Container]);
        assert_eq!(hinted(&|_| false, Some("Amazon EC2")), instance);
        assert_eq!(
            hinted(&only("AWS_EC2_METADATA_SERVICE_ENDPOINT"), None),
            instance
        );
        for name in [
            "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
            "AWS_CONTAINER_CREDENTIALS_FULL_URI",
        ] {
            assert_eq!(hinted(&only(name), None), container);
        }
        assert_eq!(hinted(&|_| true, None).len(), 2);
    }

    #[test]
    fn the_firmware_is_read_to_the_end_of_its_line() {
        let folder = tempfile::TempDir::new().unwrap();
        let file = folder.path().join("sys_vendor");
        assert_eq!(vendor(&file), None);
        std::fs::write(&file, "Amazon EC2\n").unwrap();
        assert_eq!(vendor(&file).as_deref(), Some("Amazon EC2"));
    }
}
