//! The commands and their arguments.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};
use jiff::SignedDuration;
use sandglass_core::doctor::chain::Sdk;
use sandglass_core::names::{MfaSerial, ProfileName};
use sandglass_core::secret::MfaCode;

use crate::shell::Shell;
use crate::values;

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
        #[arg(long, value_name = "N", value_parser = values::code)]
        mfa_code: Option<MfaCode>,
    },
    /// Signs in to the Identity Center portal of a profile: shows an address and a code, and waits
    Login {
        #[command(flatten)]
        which: Which,
        /// Signs out of the portal first, so that the new sign-in has an end of its own instead of the old one's.
        /// Tokens of the old sign-in that other tools hold stop working; role credentials stay until they end
        #[arg(long)]
        fresh: bool,
    },
    /// Asks AWS now whether it accepts the credentials of a profile, and renews nothing
    Check {
        #[command(flatten)]
        which: Which,
    },
    /// Opens the AWS console in the browser, signed in with the credentials of a profile
    Console {
        #[command(flatten)]
        which: Which,
        /// The page of the console to open
        #[arg(long, value_name = "URL", value_parser = values::page)]
        destination: Option<String>,
        /// Prints an address to open on this machine instead of opening it; it works once
        #[arg(long)]
        print: bool,
    },
    /// Prints the credentials of a profile for its `credential_process`; waits while Sandglass asks you for a code
    #[command(
        after_help = "In ~/.aws/config:  credential_process = sandglass credentials --profile NAME"
    )]
    Credentials {
        /// The profile, or the name of a session in `sandglass status`
        #[arg(long, env = "AWS_PROFILE", value_parser = values::profile)]
        profile: ProfileName,
        /// How long to wait for you: the Go SDK gives up after 60s, the Rust SDK after about 21s
        #[arg(long, value_name = "TIME", default_value = "55s", value_parser = values::patience)]
        wait: Duration,
    },
    /// Runs a program whose credentials stay fresh for as long as it runs
    #[command(
        after_help = "The program finds an endpoint on this machine, which every AWS SDK asks again before its credentials end.
            Exit codes: those of the program; 126 it cannot be run, 127 it was not found, 1 there are no credentials for it."
    )]
    Exec {
        /// The profile, or the name of a session in `sandglass status`
        #[arg(value_parser = values::profile)]
        profile: ProfileName,
        /// Puts plain keys into its environment instead; they end while it runs
        #[arg(long)]
        env: bool,
        /// Hands the endpoint's token over in the environment and not in a file, for AWS SDKs of before 2024 (the AWS CLI
        /// of Debian 12 has one)
        #[arg(long, conflicts_with = "env")]
        token_in_env: bool,
        /// Starts it only with credentials that hold so long, or as long as a renewal can make them
        #[arg(long, value_name = "TIME", value_parser = values::least)]
        min_ttl: Option<SignedDuration>,
        /// The program and its arguments, after `--`
        #[arg(last = true, required = true, value_name = "PROGRAM")]
        program: Vec<OsString>,
    },
    /// Prints the keys of a profile as variables for a shell: eval "$(sandglass env NAME)"
    #[command(
        after_help = "Programs started from that shell keep these keys until they end; `sandglass exec` renews them."
    )]
    Env {
        #[command(flatten)]
        which: Which,
        /// For which shell; yours, where it is left out
        #[arg(long)]
        shell: Option<Shell>,
    },
    /// Says why credentials fail, and what to do; exits with 1 where something is wrong
    Doctor(Examination),
    /// Lets programs ask Sandglass for the credentials of a profile: shows what changes in ~/.aws, and asks first
    #[command(
        after_help = "What gives credentials moves out of ~/.aws: settings to sessions.toml, keys to the OS keychain. Everything \
                      else stays as it is, and `sandglass disconnect` puts all of it back."
    )]
    Connect {
        /// The profile; `default` is only changed where it is named here
        #[arg(value_parser = values::profile)]
        profile: ProfileName,
        /// Does it without asking
        #[arg(long)]
        yes: bool,
    },
    /// Undoes `connect`: what was moved comes back as it was
    Disconnect {
        /// The profile
        #[arg(value_parser = values::profile)]
        profile: ProfileName,
        /// Does it without asking
        #[arg(long)]
        yes: bool,
    },
    /// Defines MFA sessions: whose long-lived keys, which device, which profile gets the keys
    Mfa {
        #[command(subcommand)]
        command: Mfa,
    },
    /// Defines roles whose keys go to a profile, for programs that cannot assume a role themselves
    Role {
        #[command(subcommand)]
        command: Role,
    },
    /// Defines federation tokens: what a user may do, cut down to a policy and handed on
    Federation {
        #[command(subcommand)]
        command: Federation,
    },
    /// Asks the agent to leave; the next command starts it again
    Quit,
}

/// What a doctor is asked for.
#[derive(Args)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of the command line"
)]
pub(crate) struct Examination {
    /// The profile that it is about
    #[arg(value_parser = values::profile)]
    pub(crate) profile: Option<ProfileName>,
    /// An error or a log that you saw; `-` reads it from standard input
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    pub(crate) error: Option<String>,
    /// Shows where this SDK looks for credentials, and which ones it takes: cli, cli1, boto3, js, rust, go, java
    #[arg(long, value_parser = values::sdk)]
    pub(crate) sdk: Option<Sdk>,
    /// Prints JSON instead of text
    #[arg(long)]
    pub(crate) json: bool,
    /// Puts right what can be in the files of AWS: shows each change, and asks first
    #[arg(long, group = "work", conflicts_with_all = ["profile", "error", "sdk", "json"])]
    pub(crate) repair: bool,
    /// Undoes the repair that was made last
    #[arg(long, group = "work", conflicts_with_all = ["profile", "error", "sdk", "json"])]
    pub(crate) undo: bool,
    /// Asks for sessions of this length in this profile from now on, as `duration_seconds`: shows the change, and asks first
    #[arg(long, value_name = "TIME", group = "work", requires = "profile", value_parser = values::session_token_seconds,
          conflicts_with_all = ["error", "sdk", "json"])]
    pub(crate) duration: Option<u32>,
    /// Lets everybody who assumes the role of this profile have it for so long (`iam:UpdateRole`): shows the change, and asks
    /// first
    #[arg(long, value_name = "TIME", group = "work", requires = "profile", value_parser = values::role_maximum_seconds,
          conflicts_with_all = ["error", "sdk", "json"])]
    pub(crate) role_maximum: Option<u32>,
    /// Does it without asking
    #[arg(long, requires = "work")]
    pub(crate) yes: bool,
    /// Shows the page of a finding, by its code
    #[arg(long, value_name = "CODE", exclusive = true)]
    pub(crate) explain: Option<String>,
}

#[derive(Args)]
pub(crate) struct Which {
    /// The profile, or the name of a session in `sandglass status`
    #[arg(env = "AWS_PROFILE", value_parser = values::profile)]
    pub(crate) profile: ProfileName,
}

#[derive(Subcommand)]
pub(crate) enum Mfa {
    /// Defines an MFA session; the device goes to the OS keychain
    Add {
        /// The profile whose long-lived keys make the call
        #[arg(long, value_name = "PROFILE", value_parser = values::profile)]
        source: ProfileName,
        /// The ARN or serial number of the MFA device
        #[arg(long, value_name = "ARN", value_parser = values::device)]
        device: MfaSerial,
        /// The profile of the credentials file that gets the temporary keys
        #[arg(long, value_name = "PROFILE", value_parser = values::profile)]
        target: ProfileName,
        /// How long a session lives: 15m to 36h
        #[arg(long, value_name = "TIME", default_value = "12h", value_parser = values::session_token_seconds)]
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
        #[arg(value_parser = values::profile)]
        target: ProfileName,
    },
}

#[derive(Subcommand)]
pub(crate) enum Role {
    /// Defines a role, or defines it anew
    Add {
        /// The profile of the credentials file that gets the temporary keys
        #[arg(value_parser = values::profile)]
        target: ProfileName,
        /// The ARN of the role
        #[arg(long, value_name = "ARN", value_parser = values::role)]
        role_arn: String,
        /// The profile whose credentials assume the role
        #[arg(long, value_name = "PROFILE", value_parser = values::profile)]
        source: ProfileName,
        /// The ARN or serial number of the MFA device, where the role wants a code
        #[arg(long, value_name = "SERIAL", value_parser = values::device)]
        device: Option<MfaSerial>,
        /// The external ID that the owner of the role asks for
        #[arg(long, value_name = "ID", value_parser = values::external_id)]
        external_id: Option<String>,
        /// The name of the role session, as the logs of AWS show it
        #[arg(long, value_name = "NAME", value_parser = values::session_name)]
        session_name: Option<String>,
        /// How long a session lives: 15m to 12h. Without it AWS gives 1h
        #[arg(long, value_name = "TIME", value_parser = values::role_seconds)]
        duration: Option<u32>,
    },
    /// Lists the roles that are defined here; those of ~/.aws/config are in `sandglass status`
    List {
        /// Prints JSON instead of a table
        #[arg(long)]
        json: bool,
    },
    /// Forgets a role; keys that were written stay until they end
    Remove {
        /// The profile that gets the keys
        #[arg(value_parser = values::profile)]
        target: ProfileName,
    },
}

#[derive(Subcommand)]
pub(crate) enum Federation {
    /// Defines a federation token, or defines it anew
    #[command(
        after_help = "Without a policy the session may do nothing, except where the policy of a resource names its user."
    )]
    Add(AddFederation),
    /// Lists the federation tokens that are defined
    List {
        /// Prints JSON instead of a table
        #[arg(long)]
        json: bool,
    },
    /// Forgets a federation token; keys that were written stay until they end
    Remove {
        /// What it is called
        #[arg(value_parser = values::profile)]
        name: ProfileName,
    },
}

#[derive(Args)]
pub(crate) struct AddFederation {
    /// What it is called; also the name of the federated user, unless `--user` gives another
    #[arg(value_parser = values::federated_user)]
    pub(crate) name: String,
    /// The profile whose long-lived keys make the call
    #[arg(long, value_name = "PROFILE", value_parser = values::profile)]
    pub(crate) source: ProfileName,
    /// The name of the federated user, as the logs of AWS show it
    #[arg(long, value_name = "NAME", value_parser = values::federated_user)]
    pub(crate) user: Option<String>,
    /// A file with a session policy in JSON
    #[arg(long, value_name = "FILE")]
    pub(crate) policy_file: Option<PathBuf>,
    /// The ARN of a managed policy as session policy; up to ten times
    #[arg(long, value_name = "ARN", value_parser = values::policy)]
    pub(crate) policy_arn: Vec<String>,
    /// The profile of the credentials file that gets the temporary keys. Without it they stay in Sandglass's sealed store
    #[arg(long, value_name = "PROFILE", value_parser = values::profile)]
    pub(crate) target: Option<ProfileName>,
    /// How long a session lives: 15m to 36h
    #[arg(long, value_name = "TIME", default_value = "12h", value_parser = values::session_token_seconds)]
    pub(crate) duration: u32,
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
    fn the_readme_shows_every_command() {
        let readme = include_str!("../../../README.md");
        for command in Arguments::command().get_subcommands() {
            let name = command.get_name();
            if command.has_subcommands() {
                for below in command.get_subcommands() {
                    let line = format!("\nsandglass {name} {}", below.get_name());
                    assert!(readme.contains(&line), "{line}");
                }
            } else {
                let line = format!("\nsandglass {name}");
                assert!(readme.contains(&line), "{line}");
            }
        }
    }
}
