//! What exists before the first call: accounts, users with their keys and MFA devices, roles, portals.
//!
//! A world is plain JSON; `default-world.json` is the one that is built in. Everything in it is make-believe,
//! its secrets included, and is shown to whoever asks.

use data_encoding::BASE32_NOPAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::settings::Settings;

mod check;

pub use check::WorldError;

/// Everything that the box pretends to know.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct World {
    /// The AWS accounts.
    pub accounts: Vec<Account>,
    /// The Identity Center portals.
    #[serde(default)]
    pub portals: Vec<Portal>,
    /// The EC2 instance whose metadata service the box is.
    #[serde(default)]
    pub instance: Option<Instance>,
    /// The ECS task whose container endpoint the box is.
    #[serde(default)]
    pub task: Option<Task>,
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
    /// The OIDC providers that it trusts.
    #[serde(default)]
    pub oidc_providers: Vec<OidcProvider>,
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
    /// What the user's password opens.
    #[serde(default)]
    pub console: Console,
    /// What the user may do beyond what the box lets anybody do.
    #[serde(default)]
    pub may: Vec<Action>,
}

/// An action that nobody may do who is not permitted to.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub enum Action {
    /// See the roles of the own account.
    #[serde(rename = "iam:GetRole")]
    GetRole,
    /// Change the roles of the own account.
    #[serde(rename = "iam:UpdateRole")]
    UpdateRole,
}

/// What a user's console password opens.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Console {
    /// The user has no password.
    #[default]
    None,
    /// The console, and nothing beyond.
    ConsoleOnly,
    /// The console and `aws login`: the managed policy `SignInLocalDevelopmentAccess`.
    LocalDevelopment,
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

/// An OIDC provider of an account. The box itself holds its keys.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct OidcProvider {
    /// The provider's URL without `https://`, as its ARN has it.
    pub url: String,
    /// The audiences that its tokens may be for.
    pub audiences: Vec<String>,
}

/// An IAM role.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Role {
    /// The role's name, without a path.
    pub name: String,
    /// Who may assume it: `*`, an account id, `arn:aws:iam::ACCOUNT:root`, the ARN of a user, a role or a role session,
    /// or `ec2.amazonaws.com` or `ecs-tasks.amazonaws.com`.
    #[serde(default)]
    pub trusts: Vec<String>,
    /// Whose web identities may assume it.
    #[serde(default)]
    pub web_identity: Option<WebIdentityTrust>,
    /// Whether the trust policy wants `aws:MultiFactorAuthPresent`.
    #[serde(default)]
    pub requires_mfa: bool,
    /// The external id that the trust policy wants.
    #[serde(default)]
    pub external_id: Option<String>,
    /// The longest session in seconds, 3600 to 43200.
    #[serde(default = "hour")]
    pub max_session_duration: i64,
    /// What people read about it.
    #[serde(default)]
    pub description: Option<String>,
    /// What its sessions may do beyond what the box lets anybody do.
    #[serde(default)]
    pub may: Vec<Action>,
}

/// What a trust policy says of web identities.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct WebIdentityTrust {
    /// The URL of a provider of the role's account.
    pub provider: String,
    /// The audience that a token is for.
    pub audience: String,
    /// Patterns with `*` and `?`, one of which the subject fits.
    pub subjects: Vec<String>,
}

/// An EC2 instance with a role.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Instance {
    /// `i-` and 17 hexadecimal digits; it names the role's session.
    pub id: String,
    /// The account that it runs in.
    pub account: String,
    /// The name of its role, which trusts `ec2.amazonaws.com`.
    pub role: String,
}

/// An ECS task with a role.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Task {
    /// What its credentials are asked for by; it names the role's session too.
    pub id: String,
    /// The account that it runs in.
    pub account: String,
    /// The name of its role, which trusts `ecs-tasks.amazonaws.com`.
    pub role: String,
    /// What requests carry as `Authorization`, verbatim.
    pub authorization_token: String,
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

    pub(crate) fn role_mut(&mut self, arn: &str) -> Option<&mut Role> {
        self.accounts.iter_mut().find_map(|account| {
            let position = account.position_of_role(arn)?;
            account.roles.get_mut(position)
        })
    }

    /// Whether a user or role has a permission.
    pub(crate) fn permits(&self, principal: &str, action: Action) -> bool {
        let mut users = self.users();
        let user = users.find(|(account, user)| account.user_arn(user) == principal);
        let role = || self.role(principal).map(|(_, role)| &role.may);
        user.map(|(_, user)| &user.may)
            .or_else(role)
            .is_some_and(|may| may.contains(&action))
    }

    /// Removes a role; whether there was one.
    pub(crate) fn delete_role(&mut self, arn: &str) -> bool {
        self.accounts.iter_mut().any(|account| {
            let position = account.position_of_role(arn);
            position.map(|at| account.roles.remove(at)).is_some()
        })
    }

    pub(crate) fn oidc_provider(&self, url: &str) -> Option<&OidcProvider> {
        let mut all = self
            .accounts
            .iter()
            .flat_map(|account| &account.oidc_providers);
        all.find(|provider| provider.url == url)
    }

    /// The first user of a name who has a console password.
    pub(crate) fn console_user(&self, name: &str) -> Option<(&Account, &User)> {
        self.console_users().find(|(_, user)| user.name == name)
    }

    /// The users who have a console password.
    pub(crate) fn console_users(&self) -> impl Iterator<Item = (&Account, &User)> {
        self.users()
            .filter(|(_, user)| user.console != Console::None)
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
}

impl Account {
    pub(crate) fn user_arn(&self, user: &User) -> String {
        format!("arn:aws:iam::{}:user/{}", self.id, user.name)
    }

    pub(crate) fn role_arn(&self, role: &Role) -> String {
        format!("arn:aws:iam::{}:role/{}", self.id, role.name)
    }

    fn position_of_role(&self, arn: &str) -> Option<usize> {
        let mut roles = self.roles.iter();
        roles.position(|role| self.role_arn(role) == arn)
    }
}

impl Action {
    /// As policies and refusals spell it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::GetRole => "iam:GetRole",
            Self::UpdateRole => "iam:UpdateRole",
        }
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
