//! What a world must not say.

use std::collections::BTreeSet;

use super::{Portal, World, is_account_id};

/// Why a world cannot exist.
#[derive(Debug, thiserror::Error)]
pub enum WorldError {
    /// It is not JSON, or not of this shape.
    #[error("the world is not valid JSON of the shape that the README shows")]
    Shape(#[from] serde_json::Error),
    /// It contradicts itself or AWS.
    #[error("{place}: {problem}")]
    Contradiction {
        /// Where in the world.
        place: String,
        /// What is wrong there.
        problem: &'static str,
    },
}

impl World {
    pub(super) fn check(&self) -> Result<(), WorldError> {
        let mut ids = BTreeSet::new();
        for account in &self.accounts {
            let place = || format!("account `{}`", account.id);
            ensure(is_account_id(&account.id), place, "its id is not 12 digits")?;
            ensure(
                ids.insert(account.id.as_str()),
                place,
                "another account has the same id",
            )?;
            for role in &account.roles {
                ensure(
                    (3_600..=43_200).contains(&role.max_session_duration),
                    || account.role_arn(role),
                    "its max_session_duration is outside 3600 to 43200",
                )?;
                let trust = role.web_identity.as_ref();
                let is_trusted = |url: &String| {
                    let mut providers = account.oidc_providers.iter();
                    providers.any(|provider| provider.url == *url)
                };
                ensure(
                    trust.is_none_or(|trust| is_trusted(&trust.provider)),
                    || account.role_arn(role),
                    "its web_identity names a provider that its account does not have",
                )?;
            }
        }
        for (account, user) in self.users() {
            for key in &user.access_keys {
                let place = || format!("{}, key `{}`", account.user_arn(user), key.id);
                ensure(
                    key.id.len() == 20 && key.id.starts_with("AKIA"),
                    place,
                    "a long-term key id is `AKIA` and 16 more characters",
                )?;
                ensure(ids.insert(&key.id), place, "another key has the same id")?;
            }
            for device in &user.mfa_devices {
                let place = || format!("MFA device `{}`", device.serial);
                ensure(
                    device.seed_bytes().is_some(),
                    place,
                    "its seed is not Base32 without padding",
                )?;
                ensure(
                    ids.insert(&device.serial),
                    place,
                    "another device has the same serial",
                )?;
            }
        }
        let instance = self
            .instance
            .iter()
            .map(|at| ("instance", &at.account, &at.role));
        let task = self.task.iter().map(|at| ("task", &at.account, &at.role));
        for (place, account, role) in instance.chain(task) {
            let arn = format!("arn:aws:iam::{account}:role/{role}");
            ensure(
                self.role(&arn).is_some(),
                || place.to_owned(),
                "its role does not exist",
            )?;
        }
        self.portals
            .iter()
            .try_for_each(|portal| self.check_portal(portal))
    }

    fn check_portal(&self, portal: &Portal) -> Result<(), WorldError> {
        let place = || format!("portal `{}`", portal.start_url);
        ensure(
            (900..=7_776_000).contains(&portal.session_duration),
            place,
            "its session_duration is outside 900 to 7776000",
        )?;
        ensure(!portal.users.is_empty(), place, "it has no users")?;
        for set in &portal.permission_sets {
            ensure(
                (3_600..=43_200).contains(&set.session_duration),
                || format!("{}, permission set `{}`", place(), set.name),
                "its session_duration is outside 3600 to 43200",
            )?;
        }
        for user in &portal.users {
            for assignment in &user.assignments {
                let place = || format!("{}, user `{}`", place(), user.name);
                ensure(
                    self.account(&assignment.account).is_some(),
                    place,
                    "an assignment names an account that does not exist",
                )?;
                ensure(
                    portal.permission_set(&assignment.permission_set).is_some(),
                    place,
                    "an assignment names a permission set that does not exist",
                )?;
            }
        }
        Ok(())
    }
}

fn ensure(
    holds: bool,
    place: impl Fn() -> String,
    problem: &'static str,
) -> Result<(), WorldError> {
    if holds {
        return Ok(());
    }
    Err(WorldError::Contradiction {
        place: place(),
        problem,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_world_is_valid() {
        let world = World::built_in();
        assert_eq!(world.accounts.len(), 2);
        for (_, user) in world.users() {
            for key in &user.access_keys {
                assert_eq!(key.secret.len(), 40, "{}", key.id);
            }
        }
    }

    #[test]
    fn a_start_url_is_found_in_each_of_its_spellings() {
        let world = World::built_in();
        for spelling in ["", "/", "#", "/#", "#/"] {
            let url = format!("https://sandglass.awsapps.com/start{spelling}");
            assert!(world.portal(&url).is_some(), "{url}");
        }
        assert!(world.portal("https://other.awsapps.com/start").is_none());
    }

    #[test]
    fn a_contradiction_is_told_with_its_place() {
        for (from, to, expected) in [
            (
                "\"210987654321\",\n      \"name\"",
                "\"2109\",\n      \"name\"",
                "account `2109`: its id is not 12 digits",
            ),
            (
                "\"max_session_duration\": 43200",
                "\"max_session_duration\": 60",
                "arn:aws:iam::123456789012:role/Deploy: its max_session_duration is outside 3600 to 43200",
            ),
            (
                "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
                "JBSWY3DP!",
                "MFA device `arn:aws:iam::123456789012:mfa/dev`: its seed is not Base32 without padding",
            ),
            (
                "\"provider\": \"oidc.sandglass.example\"",
                "\"provider\": \"oidc.example\"",
                "arn:aws:iam::123456789012:role/Pipeline: its web_identity names a provider that its account does not have",
            ),
            (
                "\"role\": \"Instance\"",
                "\"role\": \"Nope\"",
                "instance: its role does not exist",
            ),
            (
                "\"permission_set\": \"Admin\"",
                "\"permission_set\": \"Nope\"",
                "portal `https://sandglass.awsapps.com/start`, user `alex`: an assignment names a permission set that does not exist",
            ),
        ] {
            let json = include_str!("../default-world.json").replacen(from, to, 1);
            let error = World::from_json(&json).unwrap_err();
            assert_eq!(error.to_string(), expected);
        }
    }

    #[test]
    fn a_misspelt_field_is_refused() {
        let error = World::from_json(r#"{"accounts": [], "portal": []}"#).unwrap_err();
        assert!(matches!(error, WorldError::Shape(_)));
    }

    #[test]
    fn a_permission_for_what_the_box_cannot_do_is_refused() {
        let world = |action: &str| {
            let may = format!("\"name\": \"dev\", \"may\": [\"{action}\"],");
            let json = include_str!("../default-world.json");
            World::from_json(&json.replacen("\"name\": \"dev\",", &may, 1))
        };
        assert!(world("iam:GetRole").is_ok());
        let error = world("iam:GetRoles").unwrap_err();
        assert!(matches!(error, WorldError::Shape(_)));
    }
}
