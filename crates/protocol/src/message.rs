//! The messages, version 4.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use jiff::Timestamp;
use sandglass_core::doctor::chain::Sdk;
use sandglass_core::doctor::diagnosis::{Change, Diagnosis};
use sandglass_core::doctor::errors::Symptom;
use sandglass_core::effect::SignInStart;
use sandglass_core::error::RenewalError;
use sandglass_core::event::Intent;
use sandglass_core::names::{AccountId, MfaSerial, ProfileName, PromptId, SessionId};
use sandglass_core::secret::{Credentials, MfaCode};
use sandglass_core::status::Status;
use sandglass_core::views::Views;
use serde::{Deserialize, Serialize};

use crate::{wire_code, wire_credentials};

/// The version of this protocol. Both sides name theirs first; different versions do not talk.
pub const VERSION: u32 = 4;

/// The first message on a connection, from the client.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
    /// [`VERSION`] of the client.
    pub version: u32,
    /// Who calls: `sandglass`, `sandglass-tray`.
    pub program: String,
    /// Process id of the caller, for the words of prompts only.
    pub pid: u32,
    /// The variables that decide which files and endpoints are meant, as the caller has them. See
    /// [`crate::environment`].
    pub environment: BTreeMap<String, String>,
}

/// The agent's answer to [`Hello`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Greeting {
    /// Go on.
    Welcome {
        /// Process id of the agent.
        pid: u32,
        /// Version of the program, as its package has it.
        program_version: String,
    },
    /// The agent speaks another version of the protocol.
    OtherVersion {
        /// The agent's.
        version: u32,
    },
    /// The agent was started with other settings: it would serve other files.
    OtherEnvironment {
        /// A sentence for each variable that differs.
        differences: Vec<String>,
    },
}

/// What a client asks of the agent after the greeting.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Request {
    /// The sessions as they are; answered by [`Reply::Status`].
    Status,
    /// This is a tray: send [`Reply::Views`] now and whenever they change.
    SubscribeViews,
    /// A click.
    Intend(Intent),
    /// A code that a person typed into a prompt.
    EnterCode {
        /// The prompt.
        prompt: PromptId,
        /// The code.
        #[serde(with = "wire_code")]
        code: MfaCode,
    },
    /// Renew the session of this profile and say when it is done.
    Renew {
        /// The profile, or the name of an sso-session.
        profile: ProfileName,
        /// A code that the person gave along.
        #[serde(with = "wire_code::option")]
        code: Option<MfaCode>,
        /// Whether somebody can be asked at the caller's terminal.
        terminal: Terminal,
    },
    /// Sign in to the Identity Center portal of this profile, and say when it is done.
    Login {
        /// The profile, or the name of an sso-session.
        profile: ProfileName,
        /// Whether the portal session that may be there is kept.
        start: SignInStart,
    },
    /// Ask AWS whether it accepts the credentials of this profile, and say what it answered.
    Check {
        /// The profile, or the name of a session.
        profile: ProfileName,
    },
    /// Prepare a sign-in to the AWS console with the credentials of this profile; answered by
    /// [`Reply::ConsoleReady`].
    Console {
        /// The profile, or the name of a session.
        profile: ProfileName,
        /// The page of the console to open; its home page where none is named.
        destination: Option<String>,
    },
    /// Credentials for a program; answered by [`Reply::Credentials`].
    Credentials {
        /// The profile, or the name of a session.
        profile: ProfileName,
        /// When it is served.
        wanted: CredentialsWanted,
        /// Whether somebody can be asked at the caller's terminal.
        terminal: Terminal,
    },
    /// Serve credentials over HTTP, on this machine, for as long as this connection stands; answered by
    /// [`Reply::EndpointOpen`].
    OpenEndpoint {
        /// The profile, or the name of a session.
        profile: ProfileName,
        /// The token file of an endpoint that an earlier agent opened for this caller: it is taken up again.
        token_file: Option<PathBuf>,
    },
    /// Say why credentials fail, and what to do; answered by [`Reply::Diagnosis`].
    Diagnose(Question),
    /// Make a change that a diagnosis named.
    Change {
        /// Which.
        change: Change,
        /// Whether it is done, or shown first.
        step: Step,
    },
    /// Let programs ask Sandglass for the credentials of a profile, instead of finding them in the files of AWS.
    Connect {
        /// The profile.
        profile: ProfileName,
        /// What becomes its `credential_process`.
        command: String,
        /// Whether it is done, or shown first.
        step: Step,
    },
    /// Undo that.
    Disconnect {
        /// The profile.
        profile: ProfileName,
        /// Whether it is done, or shown first.
        step: Step,
    },
    /// Define a session that no file of AWS describes, or define it anew.
    Define(SessionDefinition),
    /// All such sessions; answered by [`Reply::Definitions`].
    ListDefinitions,
    /// Forget such a session, its device too. The keys in the credentials file stay.
    Forget {
        /// Its kind.
        kind: DefinitionKind,
        /// Its target profile, or its name where it has none.
        name: ProfileName,
    },
    /// Open the panel in the tray.
    OpenPanel,
    /// Leave. Trays are told first.
    Quit,
}

/// Whether a person can be asked at the terminal of a caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Terminal {
    /// Standard input is a terminal.
    Interactive,
    /// It is not.
    None,
}

/// What credentials are good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CredentialsWanted {
    /// They hold. Those that end soon are renewed first where nobody is needed for that.
    Holding,
    /// They hold at least so many seconds, or as long as a renewal can make them.
    For(u32),
}

/// Credentials on their way to the program that asked for them.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Handover {
    /// What a person calls the session.
    pub name: String,
    /// The credentials.
    #[serde(with = "wire_credentials")]
    pub credentials: Credentials,
    /// The account that they are for, where it is known.
    pub account: Option<AccountId>,
    /// `region` of the profile.
    pub region: Option<String>,
    /// Until when Sandglass can keep the session fresh without anybody (UTC); none where no end of that is known.
    pub kept_until: Option<Timestamp>,
    /// The time by AWS's clock, by which the ends above are to be judged (UTC).
    pub told_at: Timestamp,
}

/// Names the session alone: what it carries is secret.
impl fmt::Debug for Handover {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handover")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// An endpoint that serves the credentials of one session to one program and those that it starts, as the container
/// credential provider of the AWS SDKs asks for them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Endpoint {
    /// For `AWS_CONTAINER_CREDENTIALS_FULL_URI`.
    pub url: String,
    /// For `AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE`.
    pub token_file: PathBuf,
    /// For `AWS_PROFILE`: a profile that holds no credentials in the two files below.
    pub profile: ProfileName,
    /// For `AWS_CONFIG_FILE`: the person's own, without the credentials of that profile.
    pub config_file: PathBuf,
    /// For `AWS_SHARED_CREDENTIALS_FILE`, likewise; none where the person's own holds none of that profile.
    pub credentials_file: Option<PathBuf>,
}

/// A session that only Sandglass knows of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SessionDefinition {
    /// `GetSessionToken` with a code.
    Mfa(MfaDefinition),
    /// `AssumeRole`, written to a profile.
    Role(RoleDefinition),
    /// `GetFederationToken`.
    Federation(FederationDefinition),
}

/// The kinds of such sessions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DefinitionKind {
    /// [`MfaDefinition`].
    Mfa,
    /// [`RoleDefinition`].
    Role,
    /// [`FederationDefinition`].
    Federation,
}

/// A role as `sandglass role add` defines it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleDefinition {
    /// The profile of the credentials file that gets the keys.
    pub target: ProfileName,
    /// The profile whose credentials assume the role.
    pub source: ProfileName,
    /// The role.
    pub role_arn: String,
    /// The device whose code the call takes.
    pub device: Option<MfaSerial>,
    /// `ExternalId`.
    pub external_id: Option<String>,
    /// `RoleSessionName`.
    pub session_name: Option<String>,
    /// Asked lifetime in seconds, 900 to 43200 (STS API reference).
    pub duration_seconds: Option<u32>,
}

/// A federation token as `sandglass federation add` defines it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FederationDefinition {
    /// What it is called.
    pub name: ProfileName,
    /// The profile whose long-lived keys make the call.
    pub source: ProfileName,
    /// `Name` of the federated user: 2 to 32 characters.
    pub user: String,
    /// Inline session policy: a JSON document.
    pub policy: Option<String>,
    /// ARNs of managed session policies.
    pub policy_arns: Vec<String>,
    /// The profile of the credentials file that gets the keys.
    pub target: Option<ProfileName>,
    /// Asked lifetime in seconds, 900 to 129600 (STS API reference).
    pub duration_seconds: u32,
}

/// An MFA session as `sandglass mfa add` defines it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MfaDefinition {
    /// The profile whose long-lived keys make the call.
    pub source: ProfileName,
    /// The device.
    pub device: MfaSerial,
    /// The profile of the credentials file that gets the keys.
    pub target: ProfileName,
    /// Asked lifetime in seconds, 900 to 129600 (STS API reference).
    pub duration_seconds: u32,
}

/// A session that only Sandglass knows of, as it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DefinedSession {
    /// An MFA session, with what the keychain says of its device.
    Mfa(MfaSession),
    /// A role.
    Role(RoleDefinition),
    /// A federation token.
    Federation(FederationDefinition),
}

/// An MFA session as `sandglass mfa list` shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MfaSession {
    /// The profile whose long-lived keys make the call.
    pub source: ProfileName,
    /// The device, or why the keychain does not tell it; none where the session takes no code.
    pub device: Option<Result<MfaSerial, RenewalError>>,
    /// The profile of the credentials file that gets the keys.
    pub target: ProfileName,
    /// Asked lifetime in seconds.
    pub duration_seconds: u32,
}

/// What a diagnosis is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// The profile that is asked about.
    pub profile: Option<ProfileName>,
    /// The SDK that is asked about; all of them where none is.
    pub sdk: Option<Sdk>,
    /// The variables of the caller that decide, without secrets: [`sandglass_core::doctor::chain::variables`].
    pub variables: BTreeMap<String, String>,
    /// What the variables came with: `this command from bash (pid 4242)`.
    pub asked_from: Option<String>,
    /// What was found in a text.
    pub symptoms: Vec<Symptom>,
}

/// The steps of a change to the files of AWS.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Nothing is written; answered by [`Reply::Changes`], or by [`Reply::Done`] where nothing is to be changed.
    Show,
    /// Write what was shown under this fingerprint, and nothing else; answered by [`Reply::Done`].
    CarryOut(String),
}

/// What a change would do to files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changes {
    /// What it means, a sentence each, without a full stop at its end.
    pub sentences: Vec<String>,
    /// The lines that change, as a unified diff; secrets are masked.
    pub diff: String,
    /// Names exactly this change of exactly these files.
    pub fingerprint: String,
}

/// What the agent says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reply {
    /// The request is carried out; for a renewal with a sentence like `prod-admin renewed, ends at 15:32`.
    Done {
        /// What was done, for people.
        sentence: String,
    },
    /// It is not, and will not be.
    Failed(RenewalError),
    /// The sessions.
    Status(Status),
    /// What a tray shows.
    Views(Box<Views>),
    /// All sessions that only Sandglass knows of.
    Definitions(Vec<DefinedSession>),
    /// What is wrong, and what to do.
    Diagnosis(Box<Diagnosis>),
    /// What would be changed.
    Changes(Changes),
    /// The credentials of the session that was asked for, and of no other.
    Credentials(Box<Handover>),
    /// The endpoint serves.
    EndpointOpen(Endpoint),
    /// The sign-in to the console is ready.
    ConsoleReady {
        /// A page on this machine that works once and sends a browser on: the address that signs in is a secret, and
        /// command lines are not.
        url: String,
    },
    /// Ask at your terminal for a code, and send [`Request::EnterCode`].
    AskCode {
        /// The prompt to name in the answer.
        prompt: PromptId,
        /// The device as people know it.
        device: String,
        /// The sessions that the code will renew.
        sessions: Vec<SessionId>,
        /// Why the last code did not do.
        error: Option<RenewalError>,
    },
    /// Show this at your terminal; the answer comes when the person approved.
    ShowSignIn {
        /// The prompt, which [`Intent::CancelPrompt`] leaves.
        prompt: PromptId,
        /// What to compare with the browser.
        user_code: String,
        /// The page to open.
        verification_uri: String,
        /// The page with the code filled in.
        verification_uri_complete: String,
        /// Seconds until the code runs out.
        seconds_left: u32,
    },
    /// To trays: open the panel.
    PanelWanted,
    /// To trays and to callers that still wait: the agent leaves, because somebody asked it to. Do not start it again.
    Leaving,
}

#[cfg(test)]
mod tests;
