//! The commands and their arguments.

use clap::{Args, Parser, Subcommand};
use jiff::SignedDuration;
use sandglass_core::names::{MfaSerial, ProfileName};
use sandglass_core::secret::MfaCode;

/// Shortest and longest `DurationSeconds` of `GetSessionToken` (STS API reference).
const SESSION_TOKEN_SECONDS: std::ops::RangeInclusive<i64> = 900..=129_600;

/// Keeps AWS sessions fresh. Without a command it opens the panel.
#[derive(Parser)]
#[command(name = "sandglass", version, disable_help_subcommand = true)]
#[command(after_help = "Exit codes: 0 done, 1 failed (error and hint on stderr), 2 wrong usage.")]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Lists the sessions of this machine and when they end
    Status {
        /// Prints the documented JSON instead of a table
        #[arg(long)]
        json: bool,
    },
    /// Renews the session of a profile now
    Renew {
        #[command(flatten)]
        which: Which,
        /// The six digits that the MFA device shows, for use without a prompt
        #[arg(long, value_name = "N", value_parser = code)]
        mfa_code: Option<MfaCode>,
    },
    /// Signs in to the Identity Center portal of a profile: shows an address and a code, and waits
    Login {
        #[command(flatten)]
        which: Which,
    },
    /// Defines MFA sessions: whose long-lived keys, which device, which profile gets the keys
    Mfa {
        #[command(subcommand)]
        command: Mfa,
    },
    /// Asks the agent to leave; the next command starts it again
    Quit,
}

#[derive(Args)]
pub(crate) struct Which {
    /// The profile, or the name of an sso-session
    #[arg(env = "AWS_PROFILE", value_parser = profile)]
    pub(crate) profile: ProfileName,
}

#[derive(Subcommand)]
pub(crate) enum Mfa {
    /// Defines an MFA session; the device goes to the OS keychain
    Add {
        /// The profile whose long-lived keys make the call
        #[arg(long, value_name = "PROFILE", value_parser = profile)]
        source: ProfileName,
        /// The ARN or serial number of the MFA device
        #[arg(long, value_name = "ARN", value_parser = device)]
        device: MfaSerial,
        /// The profile of the credentials file that gets the temporary keys
        #[arg(long, value_name = "PROFILE", value_parser = profile)]
        target: ProfileName,
        /// How long a session lives: 15m to 36h
        #[arg(long, value_name = "TIME", default_value = "12h", value_parser = duration)]
        duration: u32,
    },
    /// Lists the MFA sessions that are defined
    List {
        /// Prints JSON instead of a table
        #[arg(long)]
        json: bool,
    },
    /// Forgets an MFA session and its device; keys that were written stay until they end
    Remove {
        /// The profile that gets the keys
        #[arg(value_parser = profile)]
        target: ProfileName,
    },
}

fn profile(text: &str) -> Result<ProfileName, String> {
    if text.is_empty() || text.contains(['[', ']', '\n', '\r', '\0']) {
        return Err("this cannot be the name of a profile".to_owned());
    }
    Ok(ProfileName::new(text))
}

fn code(text: &str) -> Result<MfaCode, String> {
    MfaCode::parse(text).map_err(|error| error.to_string())
}

/// STS API reference, `SerialNumber`: 9 to 256 characters of `[\w+=/:,.@-]`.
fn device(text: &str) -> Result<MfaSerial, String> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "_+=/:,.@-".contains(c);
    if !(9..=256).contains(&text.len()) || !text.chars().all(allowed) {
        return Err(
            "an MFA device is named by its ARN, `arn:aws:iam::123456789012:mfa/name`, or by the serial number on its back"
                .to_owned(),
        );
    }
    if text.starts_with("arn:") && text.contains(":user/") {
        return Err(
            "this is the ARN of a user; the one of the device has `:mfa/` in it".to_owned(),
        );
    }
    Ok(MfaSerial::new(text))
}

fn duration(text: &str) -> Result<u32, String> {
    let wrong = || "a time like `12h`, `90m` or `1h30m`, from 15m to 36h".to_owned();
    let duration: SignedDuration = text.parse().map_err(|_| wrong())?;
    let seconds = duration.as_secs();
    if !SESSION_TOKEN_SECONDS.contains(&seconds) {
        return Err(wrong());
    }
    u32::try_from(seconds).map_err(|_| wrong())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_commands_are_well_formed() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn durations_are_taken_as_people_write_them() {
        for (text, seconds) in [
            ("12h", 43_200),
            ("90m", 5400),
            ("1h30m", 5400),
            ("900s", 900),
        ] {
            assert_eq!(duration(text), Ok(seconds), "{text}");
        }
        for text in ["", "12", "14m", "37h", "-1h", "soon"] {
            assert!(duration(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_user_s_arn_in_place_of_a_device_s_is_explained() {
        let error = device("arn:aws:iam::123456789012:user/ann").unwrap_err();
        assert!(error.contains(":mfa/"), "{error}");
        assert!(device("arn:aws:iam::123456789012:mfa/ann").is_ok());
        assert!(device("GAHT12345678").is_ok());
        assert!(device("short").is_err());
    }
}
