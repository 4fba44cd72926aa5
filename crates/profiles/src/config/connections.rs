//! Connected profiles: what Sandglass keeps of them takes the place of the line that asks it.

use sandglass_core::findings::Finding;
use sandglass_core::secret::Secret;

use super::{Configuration, Place, Profile, get};
use crate::connected::Connected;
use crate::own_process;

/// What is kept of a connected profile beside its settings.
pub(super) struct Connection {
    /// The id of long-lived keys that lie in the keychain.
    key_id: Option<String>,
}

impl Configuration {
    /// Lets connected profiles mean what they meant before.
    pub(super) fn join(&mut self, all: Vec<Connected>) {
        for connected in all {
            let profile = self
                .profiles
                .iter_mut()
                .find(|profile| profile.name == connected.profile);
            let asks = profile
                .as_ref()
                .and_then(|profile| asks_for_itself(profile));
            match (profile, asks) {
                (Some(profile), Some(place)) => profile.join(connected, place),
                (Some(_) | None, _) => self.findings.push(no_longer(&connected)),
            }
        }
    }
}

/// Where the profile asks Sandglass for its own credentials.
fn asks_for_itself(profile: &Profile) -> Option<Place> {
    let process = profile.credential_process()?;
    (own_process::served(process.value)? == profile.name).then_some(process.place)
}

fn no_longer(connected: &Connected) -> Finding {
    let name = &connected.profile;
    Finding {
        place: connected.place.clone(),
        message: format!(
            "profile `{name}` is connected, but has no `credential_process` any more that asks Sandglass for its credentials"
        ),
        remedy: format!(
            "run `sandglass disconnect {name}`, then `sandglass connect {name}` if programs shall ask Sandglass"
        ),
    }
}

impl Profile {
    fn join(&mut self, connected: Connected, place: Place) {
        self.credentials.remove("credential_process");
        self.config.remove("credential_process");
        for (key, text) in connected.settings {
            if get(&self.credentials, &key).is_none() {
                self.config.entry(key).or_insert((Secret::new(text), place));
            }
        }
        self.connection = Some(Connection {
            key_id: connected.key_id,
        });
    }

    /// Whether programs that use this profile ask Sandglass.
    pub fn is_connected(&self) -> bool {
        self.connection.is_some()
    }

    /// The id of the long-lived keys of this profile that lie in the keychain, where no file holds keys of it.
    pub fn key_in_keychain(&self) -> Option<&str> {
        let id = self.connection.as_ref()?.key_id.as_deref()?;
        self.keys().is_none().then_some(id)
    }
}
