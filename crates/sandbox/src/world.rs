//! What exists before the first call: accounts, users with their keys and MFA devices, roles, portals.
//!
//! A world is plain JSON; `default-world.json` is the one that is built in. Everything in it is make-believe,
//! its secrets included, and is shown to whoever asks.

use std::collections::BTreeSet;

use data_encoding::BASE32_NOPAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::settings::Settings;

/// Everything that the box pretends to know.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct World {
    /// The AWS accounts.
    pub accounts: Vec<Account>,
    /// The Identity Center portals.
    #[serde(default)]
    pub portals: Vec<Portal>,
    /// The lifetimes to start with.
    #[serde(default)]
    pub settings: Settings,
}

/// An AWS account.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Account {
    /// Twelve digits.
    pub id: String,
    /// The name that the portal shows.
    pub name: String,
    /// The address of the account's owner.
    pub email: String,
    /// Its IAM users.
    #[serde(default)]
    pub users: Vec<User>,
    /// Its IAM roles.
    #[serde(default)]
    pub roles: Vec<Role>,
    /// The names of its S3 buckets.
    #[serde(default)]
    pub buckets: Vec<String>,
}

/// An IAM user.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct User {
    /// The user's name.
    pub name: String,
    /// Long-term keys.
    #[serde(default)]
    pub access_keys: Vec<AccessKey>,
    /// MFA devices that show six-digit codes.
    #[serde(default)]
    pub mfa_devices: Vec<MfaDevice>,
}

/// A long-term access key.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct AccessKey {
    /// `AKIA…`, 20 characters.
    pub id: String,
    /// The secret half, 40 characters.
    pub secret: String,
}

/// A virtual MFA device.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct MfaDevice {
    /// `arn:aws:iam::ACCOUNT:mfa/NAME`.
    pub serial: String,
    /// The shared secret in Base32 without padding, as an authenticator app takes it.
    pub seed: String,
}

/// An IAM role.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Role {
    /// The role's name, without a path.
    pub name: String,
    /// Who may assume it: `*`, an account id, `arn:aws:iam::ACCOUNT:root`, or the ARN of a user, a role or a role session.
    pub trusts: Vec<String>,
    /// Whether the trust policy wants `aws:MultiFactorAuthPresent`.
    #[serde(default)]
    pub requires_mfa: bool,
    /// The external id that the trust policy wants.
    #[serde(default)]
    pub external_id: Option<String>,
    /// The longest session in seconds, 3600 to 43200.
    #[serde(default = "hour")]
    pub max_session_duration: i64,
}

/// An Identity Center portal.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Portal {
    /// The address that a profile's `sso_start_url` names.
    pub start_url: String,
    /// The Region that it lives in.
    pub region: String,
    /// How long a browser stays signed in, in seconds: 900 (15 minutes) to 7776000 (90 days).
    #[serde(default = "eight_hours")]
    pub session_duration: i64,
    /// The permission sets that assignments name.
    pub permission_sets: Vec<PermissionSet>,
    /// The people.
    pub users: Vec<PortalUser>,
}

/// A permission set: what becomes a role in each account that it is assigned in.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct PermissionSet {
    /// The name, which a profile's `sso_role_name` is.
    pub name: String,
    /// How long its credentials live in seconds, 3600 to 43200.
    #[serde(default = "hour")]
    pub session_duration: i64,
}

/// A person of a portal.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct PortalUser {
    /// The name to sign in with; it is the session name of the roles that are given out.
    pub name: String,
    /// What the person may use.
    pub assignments: Vec<Assignment>,
}

/// A permission set in an account.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Assignment {
    /// The account's id.
    pub account: String,
    /// The permission set's name.
    pub permission_set: String,
}

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

const fn hour() -> i64 {
    3_600
}

const fn eight_hours() -> i64 {
    28_800
}

impl World {
    /// The world that is built in.
    ///
    /// # Panics
    /// Never: a test reads it.
    pub fn built_in() -> Self {
        Self::from_json(include_str!("default-world.json")).expect("the built-in world is valid")
    }

    /// Reads a world and checks it.
    pub fn from_json(json: &str) -> Result<Self, WorldError> {
        let world: Self = serde_json::from_str(json)?;
        world.check()?;
        Ok(world)
    }

    pub(crate) fn account(&self, id: &str) -> Option<&Account> {
        self.accounts.iter().find(|account| account.id == id)
    }

    pub(crate) fn access_key(&self, id: &str) -> Option<(&Account, &User, &AccessKey)> {
        self.users().find_map(|(account, user)| {
            let key = user.access_keys.iter().find(|key| key.id == id)?;
            Some((account, user, key))
        })
    }

    /// A device and the ARN of the user whom it belongs to.
    pub(crate) fn mfa_device(&self, serial: &str) -> Option<(String, &MfaDevice)> {
        self.users().find_map(|(account, user)| {
            let device = user
                .mfa_devices
                .iter()
                .find(|device| device.serial == serial)?;
            Some((account.user_arn(user), device))
        })
    }

    pub(crate) fn role(&self, arn: &str) -> Option<(&Account, &Role)> {
        self.accounts.iter().find_map(|account| {
            let role = account
                .roles
                .iter()
                .find(|role| account.role_arn(role) == arn)?;
            Some((account, role))
        })
    }

    /// The portal of a start URL. The console shows it with `/#` at its end, and AWS takes it that way too.
    pub(crate) fn portal(&self, start_url: &str) -> Option<&Portal> {
        let wanted = start_url.trim_end_matches(['/', '#']);
        self.portals
            .iter()
            .find(|portal| portal.start_url.trim_end_matches(['/', '#']) == wanted)
    }

    fn users(&self) -> impl Iterator<Item = (&Account, &User)> {
        self.accounts
            .iter()
            .flat_map(|account| account.users.iter().map(move |user| (account, user)))
    }

    fn check(&self) -> Result<(), WorldError> {
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

impl Account {
    pub(crate) fn user_arn(&self, user: &User) -> String {
        format!("arn:aws:iam::{}:user/{}", self.id, user.name)
    }

    pub(crate) fn role_arn(&self, role: &Role) -> String {
        format!("arn:aws:iam::{}:role/{}", self.id, role.name)
    }
}

impl MfaDevice {
    /// The seed as bytes, unless it is not Base32.
    pub(crate) fn seed_bytes(&self) -> Option<Vec<u8>> {
        BASE32_NOPAD.decode(self.seed.as_bytes()).ok()
    }
}

impl Portal {
    pub(crate) fn user(&self, name: &str) -> Option<&PortalUser> {
        self.users.iter().find(|user| user.name == name)
    }

    pub(crate) fn permission_set(&self, name: &str) -> Option<&PermissionSet> {
        self.permission_sets.iter().find(|set| set.name == name)
    }

    /// The ARN of the role that a permission set becomes in an account. The path names the Region, except in us-east-1.
    pub(crate) fn role_arn(&self, account: &str, permission_set: &str) -> String {
        let region = match self.region.as_str() {
            "us-east-1" => String::new(),
            other => format!("{other}/"),
        };
        let digest = Sha256::digest(format!("{}\n{account}\n{permission_set}", self.start_url));
        let suffix = &hex::encode(digest)[..16];
        format!(
            "arn:aws:iam::{account}:role/aws-reserved/sso.amazonaws.com/{region}AWSReservedSSO_{permission_set}_{suffix}"
        )
    }
}

/// The unique id that IAM gives beside an ARN: `AIDA…` for a user, `AROA…` for a role.
pub(crate) fn unique_id(prefix: &str, arn: &str) -> String {
    let digest = BASE32_NOPAD.encode(&Sha256::digest(arn));
    format!("{prefix}{}", &digest[..17])
}

pub(crate) fn is_account_id(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
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
                "\"permission_set\": \"Admin\"",
                "\"permission_set\": \"Nope\"",
                "portal `https://sandglass.awsapps.com/start`, user `alex`: an assignment names a permission set that does not exist",
            ),
        ] {
            let json = include_str!("default-world.json").replacen(from, to, 1);
            let error = World::from_json(&json).unwrap_err();
            assert_eq!(error.to_string(), expected);
        }
    }

    #[test]
    fn a_misspelt_field_is_refused() {
        let error = World::from_json(r#"{"accounts": [], "portal": []}"#).unwrap_err();
        assert!(matches!(error, WorldError::Shape(_)));
    }
}
