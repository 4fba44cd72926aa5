//! Variables as the shells of people set them.

use clap::ValueEnum;
use sandglass_protocol::message::Handover;
use zeroize::Zeroizing;

use crate::variables;

/// A shell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Shell {
    /// And every other shell of the POSIX kind
    Bash,
    /// Like bash
    Zsh,
    /// fish
    Fish,
    /// `PowerShell`, on every system
    #[value(name = "powershell", alias = "pwsh")]
    Power,
}

impl Shell {
    /// The shell that the person has, as far as the environment tells.
    pub(crate) fn of_this_person() -> Self {
        if cfg!(windows) {
            return Self::Power;
        }
        let shell = std::env::var("SHELL").unwrap_or_default();
        match shell.rsplit('/').next() {
            Some("fish") => Self::Fish,
            Some("zsh") => Self::Zsh,
            Some("pwsh") => Self::Power,
            Some(_) | None => Self::Bash,
        }
    }

    /// What the shell has to run so that programs started from it use these credentials: first what would go before them
    /// goes, then they come.
    pub(crate) fn script(self, handover: &Handover) -> Zeroizing<String> {
        let set = variables::of(handover);
        let unset = variables::CREDENTIALS
            .into_iter()
            .filter(|name| !set.iter().any(|(set, _)| set == name));
        let mut script = Zeroizing::new(String::with_capacity(8 * 1024));
        for name in unset {
            let line = match self {
                Self::Bash | Self::Zsh => format!("unset {name}\n"),
                Self::Fish => format!("set -e {name}\n"),
                Self::Power => {
                    format!("Remove-Item Env:{name} -ErrorAction SilentlyContinue\n")
                }
            };
            script.push_str(&line);
        }
        for (name, value) in set {
            let value = self.quoted(&value);
            let line = Zeroizing::new(match self {
                Self::Bash | Self::Zsh => format!("export {name}={}\n", *value),
                Self::Fish => format!("set -gx {name} {}\n", *value),
                Self::Power => format!("$Env:{name} = {}\n", *value),
            });
            script.push_str(&line);
        }
        script
    }

    /// A word that the shell takes as it is.
    fn quoted(self, value: &str) -> Zeroizing<String> {
        let inside = Zeroizing::new(match self {
            Self::Bash | Self::Zsh => value.replace('\'', r"'\''"),
            Self::Fish => value.replace('\\', r"\\").replace('\'', r"\'"),
            Self::Power => value.replace('\'', "''"),
        });
        Zeroizing::new(format!("'{}'", *inside))
    }
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use sandglass_core::secret::{Credentials, Secret};

    use super::*;

    const AWKWARD: &str = "it's $HOME \"and\" `pwd` \\ !x\nsecond line";

    fn handover(secret: &str) -> Handover {
        Handover {
            name: "dev".to_owned(),
            credentials: Credentials {
                access_key_id: "ASIAEXAMPLE".to_owned(),
                secret_access_key: Secret::new(secret.to_owned()),
                session_token: Some(Secret::new("token==".to_owned())),
                expires_at: Some("2026-11-24T10:00:00Z".parse().unwrap()),
            },
            account: None,
            region: Some("eu-central-1".to_owned()),
            kept_until: None,
            told_at: jiff::Timestamp::UNIX_EPOCH,
        }
    }

    #[test]
    fn a_posix_shell_has_exactly_these_values_and_nothing_that_goes_before_them() {
        let script = format!(
            "{}printf '%s|%s|%s|%s|%s|%s' \"$AWS_SECRET_ACCESS_KEY\" \"$AWS_SESSION_TOKEN\" \
             \"$AWS_CREDENTIAL_EXPIRATION\" \"$AWS_REGION\" \"${{AWS_PROFILE-gone}}\" \"${{AWS_SECURITY_TOKEN-gone}}\"",
            *Shell::Bash.script(&handover(AWKWARD))
        );
        for shell in ["sh", "bash"] {
            let said = Command::new(shell)
                .args(["-euc", &script])
                .env("AWS_PROFILE", "other")
                .env("AWS_SECURITY_TOKEN", "old")
                .output()
                .unwrap();
            let expected = format!("{AWKWARD}|token==|2026-11-24T10:00:00Z|eu-central-1|gone|gone");
            assert_eq!(String::from_utf8_lossy(&said.stdout), expected, "{shell}");
        }
    }

    #[test]
    fn fish_and_powershell_get_their_own_quotes() {
        let fish = Shell::Fish.script(&handover(r"a'b\c"));
        assert!(
            fish.contains("set -gx AWS_SECRET_ACCESS_KEY 'a\\'b\\\\c'\n"),
            "{}",
            *fish
        );
        assert!(fish.contains("set -e AWS_PROFILE\n"));
        let power = Shell::Power.script(&handover("a'b$c"));
        assert!(
            power.contains("$Env:AWS_SECRET_ACCESS_KEY = 'a''b$c'\n"),
            "{}",
            *power
        );
        assert!(power.contains("Remove-Item Env:AWS_PROFILE -ErrorAction SilentlyContinue\n"));
    }

    #[test]
    fn keys_without_a_token_take_away_an_old_one() {
        let mut keys = handover("secret");
        keys.credentials.session_token = None;
        keys.credentials.expires_at = None;
        let script = Shell::Zsh.script(&keys);
        assert!(script.contains("unset AWS_SESSION_TOKEN\n"));
        assert!(script.contains("unset AWS_CREDENTIAL_EXPIRATION\n"));
    }
}
