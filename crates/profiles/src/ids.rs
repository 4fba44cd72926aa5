//! The ids of sessions. Scripts and agreements name sessions by them: they hang on nothing that changes when the files
//! are put in another order.

use sandglass_core::names::{ProfileName, SessionId};

/// The role of a web identity that only the environment names.
pub const WEB_IDENTITY_OF_ENVIRONMENT: &str = "web-identity:environment";
/// The role of the instance that this machine is.
pub const INSTANCE_ROLE: &str = "instance-role";
/// The role of the container that this machine is.
pub const CONTAINER_ROLE: &str = "container-role";

macro_rules! by_profile {
    ($($(#[$meta:meta])* $name:ident = $prefix:literal),+ $(,)?) => {
        $(
            $(#[$meta])*
            pub fn $name(profile: &ProfileName) -> SessionId {
                SessionId::new(format!(concat!($prefix, ":{}"), profile))
            }
        )+
    };
}

by_profile! {
    /// The role of a profile, or the one that is written into it.
    role = "role",
    /// The web identity of a profile.
    web_identity = "web-identity",
    /// The session with this target.
    session_token = "session-token",
    /// The Identity Center role of a profile.
    sso_role = "sso-role",
    /// The process of a profile.
    process = "process",
    /// The long-lived keys of a profile.
    keys = "keys",
    /// What another program wrote into a profile.
    foreign = "foreign",
}

/// The federation token of this name.
pub fn federation_token(name: &str) -> SessionId {
    SessionId::new(format!("federation-token:{name}"))
}

/// The console sign-in of a principal, which many profiles may share: `console-login:123456789012-user-Admin`.
pub fn console_login(login_session: &str) -> SessionId {
    let arn = login_session.trim();
    let name = match arn.splitn(6, ':').collect::<Vec<_>>().as_slice() {
        [_, _, _, _, account, resource] => format!("{account}-{resource}"),
        _ => arn.to_owned(),
    };
    SessionId::new(format!("console-login:{}", plain(&name)))
}

/// Credentials in a cache that nothing on this machine names; `stem` is the name of their file.
pub(crate) fn orphan(cache: &str, stem: &str) -> SessionId {
    SessionId::new(format!("foreign:{}", orphan_name(cache, stem)))
}

/// The same without its prefix: `cli-cache-0dd86f26`.
pub(crate) fn orphan_name(cache: &str, stem: &str) -> String {
    format!("{cache}-{}", stem.get(..8).unwrap_or(stem))
}

/// Letters, digits, `.`, `-` and `_`; anything else becomes `-`.
pub(crate) fn plain(name: &str) -> String {
    name.chars()
        .map(|character| match character {
            'a'..='z' | 'A'..='Z' | '0'..='9' | '.' | '-' | '_' => character,
            _ => '-',
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_console_login_is_named_by_account_and_principal() {
        for (arn, id) in [
            (
                "arn:aws:iam::012345678910:user/team/Admin",
                "012345678910-user-team-Admin",
            ),
            (
                " arn:aws:sts::012345678910:assumed-role/Admin/me@example.com ",
                "012345678910-assumed-role-Admin-me-example.com",
            ),
            ("arn:aws:iam::012345678910:root", "012345678910-root"),
            ("no arn", "no-arn"),
        ] {
            assert_eq!(
                console_login(arn).as_str(),
                format!("console-login:{id}"),
                "{arn}"
            );
        }
    }
}
