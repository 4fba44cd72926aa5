//! The role of this machine: AWS renews it, and what stands there now is the newest.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use sandglass_aws::MachineCredentials;
use sandglass_core::doctor::machine::{Answer, MachineRole, Place};
use sandglass_core::error::{ErrorCode, RenewalError};
use sandglass_core::names::ProfileName;
use sandglass_core::session::{Found, MetadataSource};
use sandglass_profiles::config::Configuration;

use super::{Issuer, blocking};
use crate::clock;
use crate::machine::{end_of, hinted_here, named};

/// Longer than a service that is beside this machine takes to answer, or the SDK to say that it does not.
const PATIENCE: Duration = Duration::from_secs(4);

impl Issuer {
    pub(super) async fn machine_role(&self, source: MetadataSource) -> Result<Found, RenewalError> {
        let machine = self.ask_machine(source).await?;
        Ok(Found::Credentials(end_of(&machine, clock::now())))
    }

    async fn ask_machine(
        &self,
        source: MetadataSource,
    ) -> Result<MachineCredentials, RenewalError> {
        match source {
            MetadataSource::Instance => self.aws.instance_role(None).await,
            MetadataSource::Container => self.aws.container_role().await,
        }
    }

    /// What the machine answers at this moment, asked for what it, the environment or a profile names.
    pub(crate) async fn machine_roles(&self) -> Vec<MachineRole> {
        let mut wanted: BTreeMap<MetadataSource, BTreeSet<ProfileName>> = hinted_here()
            .into_iter()
            .map(|source| (source, BTreeSet::new()))
            .collect();
        let configuration = blocking(|| Configuration::read(&self.paths));
        for (source, profile) in named(&configuration) {
            wanted.entry(source).or_default().insert(profile.clone());
        }
        let mut roles = Vec::new();
        for (source, wanted_by) in wanted {
            let asked = tokio::time::timeout(PATIENCE, self.ask_machine(source)).await;
            let answer = match asked {
                Ok(Ok(machine)) => Answer::Role {
                    ends_at: machine.credentials.expires_at,
                    name: machine.role_name,
                },
                Ok(Err(error)) => Answer::Nothing(error),
                Err(_) => Answer::Nothing(RenewalError::new(
                    ErrorCode::Unreachable,
                    "it does not answer in time",
                    "Where this machine is not in AWS there is none; in a container, let the instance's hop limit be 2.",
                )),
            };
            roles.push(MachineRole {
                place: match source {
                    MetadataSource::Instance => Place::Instance,
                    MetadataSource::Container => Place::Container,
                },
                answer,
                wanted_by: wanted_by.into_iter().collect(),
            });
        }
        roles
    }
}
