//! Sessions that this machine has without any file saying so: the role of the instance or container that it is, and the
//! web identity of its environment.

use sandglass_core::names::{ProfileName, SessionId};
use sandglass_core::session::{Definition, MetadataSource, Renewal, Source, Storage};

use super::Reader;
use crate::ids;

impl Reader<'_> {
    pub(super) fn machine(&mut self) {
        if let Some(role) = self.outside.web_identity {
            let definition = Definition {
                id: SessionId::new(ids::WEB_IDENTITY_OF_ENVIRONMENT),
                name: "environment".to_owned(),
                profile: None,
                renewal: Renewal::WebIdentity(role.clone()),
                storage: Storage::AwsFiles,
            };
            self.add_in_cli_cache(definition, Vec::new());
        }
        for (id, source) in [
            (ids::INSTANCE_ROLE, MetadataSource::Instance),
            (ids::CONTAINER_ROLE, MetadataSource::Container),
        ] {
            let definition = Definition {
                id: SessionId::new(id),
                name: id.to_owned(),
                profile: None,
                renewal: Renewal::Metadata(source),
                storage: Storage::Nowhere,
            };
            let users = self.roles_from(&definition.id);
            if !users.is_empty() || self.outside.observed.contains_key(&definition.id) {
                self.add_observed(definition, users);
            }
        }
    }

    /// The profiles whose roles are assumed with the credentials of this session.
    fn roles_from(&self, id: &SessionId) -> Vec<ProfileName> {
        let profiles = self.sightings.iter().filter_map(|sighting| {
            let Renewal::Role(role) = &sighting.definition.renewal else {
                return None;
            };
            match &role.source {
                Source::Session { id: source, .. } if source == id => {
                    sighting.definition.profile.clone()
                }
                Source::Session { .. } | Source::Keys(_) | Source::Environment => None,
            }
        });
        profiles.collect()
    }
}
