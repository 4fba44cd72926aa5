//! Profiles whose programs ask Sandglass: other names for sessions that stand elsewhere.

use sandglass_core::findings::Finding;
use sandglass_core::names::ProfileName;
use sandglass_core::session::Place;

use super::Reader;
use crate::config::Profile;
use crate::sources::Kind;

impl Reader<'_> {
    /// Comes last: what they stand for has been found by then.
    pub(super) fn served(&mut self) {
        for profile in self.configuration.profiles() {
            match self.sources().kind(profile) {
                Ok(Kind::Served(served)) => self.served_as(profile, &served),
                Ok(Kind::Nothing) if profile.is_connected() && !self.is_target(&profile.name) => {
                    let finding = self.means_nothing(profile);
                    self.findings.push(finding);
                }
                Ok(_) | Err(_) => {}
            }
        }
    }

    fn served_as(&mut self, profile: &Profile, served: &ProfileName) {
        // Of several that a profile has, programs are served the one that Sandglass can do most about.
        let session = self
            .sightings
            .iter_mut()
            .filter(|sighting| {
                let definition = &sighting.definition;
                definition.profile.as_ref() == Some(served) || definition.name == served.as_str()
            })
            .min_by_key(|sighting| sighting.definition.renewal.policy());
        if let Some(session) = session {
            session.used_in.push(Place::Profile(profile.name.clone()));
            return;
        }
        let finding = self.serves_nothing(profile, served);
        self.findings.push(finding);
    }

    /// What Sandglass wrote into a connected profile was forgotten, or its table in `sessions.toml` was emptied.
    fn means_nothing(&self, profile: &Profile) -> Finding {
        let name = &profile.name;
        Finding {
            place: self.configuration.shown_place(profile.place),
            message: format!(
                "profile `{name}` is connected, and nothing says any more what its credentials are"
            ),
            remedy: format!("run `sandglass disconnect {name}`"),
        }
    }

    fn serves_nothing(&self, profile: &Profile, served: &ProfileName) -> Finding {
        let place = profile
            .credential_process()
            .map_or(profile.place, |setting| setting.place);
        let message = if *served == profile.name {
            format!(
                "profile `{served}` asks Sandglass for its own credentials, and nothing says what they are"
            )
        } else {
            format!(
                "profile `{}` asks Sandglass for the credentials of `{served}`, for which no session is known",
                profile.name
            )
        };
        Finding {
            place: self.configuration.shown_place(place),
            message,
            remedy:
                "name a profile after `--profile` that has a role, a sign-in or keys of its own"
                    .to_owned(),
        }
    }
}
