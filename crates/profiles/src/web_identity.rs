//! The web identity that an environment names, as a container of Kubernetes has it.

use std::ffi::OsString;
use std::path::PathBuf;

use sandglass_core::session::WebIdentityRenewal;

/// The web identity of this environment (`AWS_WEB_IDENTITY_TOKEN_FILE`, `AWS_ROLE_ARN`, `AWS_ROLE_SESSION_NAME`), where
/// it names token and role. An empty variable counts as unset.
pub fn of_environment(lookup: &dyn Fn(&str) -> Option<OsString>) -> Option<WebIdentityRenewal> {
    let set = |name: &str| lookup(name).filter(|value| !value.is_empty());
    let text = |name: &str| set(name)?.into_string().ok();
    Some(WebIdentityRenewal {
        token_file: PathBuf::from(set("AWS_WEB_IDENTITY_TOKEN_FILE")?),
        role_arn: text("AWS_ROLE_ARN")?,
        session_name: text("AWS_ROLE_SESSION_NAME"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_environment_names_a_web_identity_only_with_token_and_role() {
        let of = |variables: &[(&str, &str)]| {
            of_environment(&|name| {
                variables
                    .iter()
                    .find(|(key, _)| *key == name)
                    .map(|(_, value)| OsString::from(value))
            })
        };
        let token = ("AWS_WEB_IDENTITY_TOKEN_FILE", "/run/token");
        let role = ("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/Pod");
        let whole = of(&[token, role]).unwrap();
        assert_eq!(whole.role_arn, role.1);
        assert_eq!(whole.session_name, None);
        let named = of(&[token, role, ("AWS_ROLE_SESSION_NAME", "me")]).unwrap();
        assert_eq!(named.session_name.as_deref(), Some("me"));
        assert_eq!(of(&[token]), None);
        assert_eq!(of(&[token, ("AWS_ROLE_ARN", "")]), None);
        assert_eq!(of(&[role]), None);
    }
}
