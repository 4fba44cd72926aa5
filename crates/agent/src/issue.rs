//! How each kind of session is renewed: what is read, what AWS is asked, where the result is written.

mod check;
mod console;
mod console_login;
mod federation;
mod key_ids;
mod lifetime;
mod machine_role;
mod process_run;
mod role_maximum;
mod roles;
mod session_token;
mod sign_in;
mod source;
mod sso_role;
mod web_identity;

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use sandglass_aws::{Aws, Issued};
use sandglass_core::effect::{CodeSpent, SignInStart};
use sandglass_core::error::{ErrorCode, RenewalError};
use sandglass_core::event::{Event, Renewed};
use sandglass_core::lifetimes::End;
use sandglass_core::names::{AttemptId, ProfileName};
use sandglass_core::secret::{Credentials, MfaCode};
use sandglass_core::session::{Definition, Found, Portal, Renewal, Storage};
use sandglass_profiles::paths::Paths;
use sandglass_profiles::write::Writer;
use sandglass_profiles::{credentials, ledger};
use sandglass_vault::Sealed;
use tokio::sync::mpsc;

pub(crate) use self::source::Looked;
use crate::input::Input;
use crate::kept::Kept;
use crate::keys::Keys;

/// What a renewal is carried out with.
pub(crate) enum With {
    /// What lies on this machine.
    WhatIsThere,
    /// A code that a person gave.
    Code {
        /// The code.
        code: MfaCode,
        /// What it is spent on.
        spent: CodeSpent,
    },
    /// The MFA session that an earlier code opened.
    SharedSession,
    /// A person in a browser.
    Browser {
        /// Names the device code on its way to the person.
        attempt: AttemptId,
        /// How it begins.
        start: SignInStart,
    },
}

/// Reads, asks AWS, writes.
pub(crate) struct Issuer {
    pub(crate) aws: Aws,
    pub(crate) paths: Paths,
    pub(crate) writer: Writer,
    /// Credentials that lie in no file of AWS.
    pub(crate) kept: Arc<Kept>,
    /// Keys that were moved out of the files of AWS.
    pub(crate) keys: Arc<Keys>,
    /// For what the loop is told on the way.
    pub(crate) inputs: mpsc::Sender<Input>,
    /// Held as long as anything is under way: the agent does not leave in the middle of it.
    pub(crate) _busy: mpsc::Sender<()>,
}

impl Issuer {
    /// Renews one session and writes the result where programs look for it.
    pub(crate) async fn renew(
        self: &Arc<Self>,
        definition: &Definition,
        source: Option<&Definition>,
        with: With,
    ) -> Result<Renewed, RenewalError> {
        let profile = definition.profile.as_ref();
        let found = match &definition.renewal {
            Renewal::Role(role) => return self.role(definition, role, source, with).await,
            Renewal::WebIdentity(role) => self.web_identity(definition, role).await?,
            Renewal::SessionToken(token) => {
                self.session_token(definition, token, code(with)).await?
            }
            Renewal::FederationToken(token) => self.federation_token(definition, token).await?,
            Renewal::SsoSignIn(portal) => match with {
                With::Browser { attempt, start } => {
                    sign_in::in_browser(self, portal, profile, attempt, start).await?
                }
                With::WhatIsThere | With::Code { .. } | With::SharedSession => {
                    sign_in::refresh(self, portal, profile).await?
                }
            },
            Renewal::SsoRole(role) => self.sso_role(definition, role).await?,
            Renewal::ConsoleLogin(login) => console_login::refresh(self, profile, login).await?,
            Renewal::Metadata(source) => self.machine_role(*source).await?,
            Renewal::Process(process) => self.process(definition, process).await?,
            Renewal::LongLivedKeys(_) | Renewal::Foreign(_) => {
                return Err(out_of_reach(definition));
            }
        };
        Ok(Renewed {
            found,
            allowed: None,
        })
    }

    /// Notes when the keys were issued, before any program can see them: what reads the file then knows their end.
    fn remember(&self, issued: &Issued) -> Result<(), RenewalError> {
        let entry = ledger::Entry::Issued {
            issued_at: issued.issued_at,
            ends_at: whole_seconds(end_of(issued)?),
        };
        let entries = [(issued.credentials.access_key_id.clone(), entry)];
        blocking(|| ledger::record(&self.writer, &self.paths, &entries))?;
        Ok(())
    }

    /// Puts what was issued where the session is kept: into the sealed store, or as `write` does it into a file of AWS.
    fn store(
        &self,
        definition: &Definition,
        issued: &Issued,
        write: impl FnOnce() -> Result<(), RenewalError>,
    ) -> Result<(), RenewalError> {
        match definition.storage {
            Storage::SealedStore => {
                let sealed = Sealed {
                    credentials: issued.credentials.clone(),
                    issued_at: issued.issued_at,
                    account: None,
                };
                self.kept.put(definition.id.clone(), sealed);
                Ok(())
            }
            Storage::AwsFiles => write(),
            Storage::Keychain | Storage::Nowhere => {
                Err(defect("what is not renewed was to be kept"))
            }
        }
    }

    /// Writes the keys into the target profile of a session, and their end into the ledger.
    fn write_target(&self, target: &ProfileName, issued: &Issued) -> Result<(), RenewalError> {
        let (writer, paths) = (&self.writer, &self.paths);
        let (keys, issued_at) = (&issued.credentials, issued.issued_at);
        blocking(|| credentials::write_target(writer, paths, target, keys, issued_at))?;
        Ok(())
    }

    /// Tells the loop what it must know before the renewal ends.
    async fn tell(&self, event: Event) {
        // The loop is gone only when the agent leaves, and then so is this.
        let _ = self.inputs.send(Input::Happened(event)).await;
    }
}

/// Carries out what must not be left half-way, even where nobody waits for it any more: of a token that AWS has just
/// replaced, the successor has to reach the disk.
async fn to_the_end<T: Send + 'static>(
    work: impl Future<Output = Result<T, RenewalError>> + Send + 'static,
) -> Result<T, RenewalError> {
    let ended = tokio::spawn(work).await;
    ended.unwrap_or_else(|_| Err(defect("a renewal failed in a way that nobody thought of")))
}

/// A write waits for the disk, and perhaps for another program's lock: the runtime's other work goes on meanwhile.
fn blocking<T>(write: impl FnOnce() -> T) -> T {
    tokio::task::block_in_place(write)
}

fn code(with: With) -> Option<MfaCode> {
    match with {
        With::Code { code, .. } => Some(code),
        With::WhatIsThere | With::SharedSession | With::Browser { .. } => None,
    }
}

/// The profile whose settings say where AWS is reached. Sessions that no profile defines go by those of the default one.
fn settings_of(profile: Option<&ProfileName>) -> ProfileName {
    profile
        .cloned()
        .unwrap_or_else(|| ProfileName::new("default"))
}

fn end_of(issued: &Issued) -> Result<Timestamp, RenewalError> {
    let Credentials { expires_at, .. } = &issued.credentials;
    expires_at.ok_or_else(|| defect("AWS gave credentials without an end"))
}

fn found(issued: &Issued) -> Result<Found, RenewalError> {
    let ends_at = whole_seconds(end_of(issued)?);
    Ok(Found::Credentials(End::issued(issued.issued_at, ends_at)))
}

/// Files hold whole seconds: the same end must be told by AWS and read from the file.
fn whole_seconds(at: Timestamp) -> Timestamp {
    let fraction = SignedDuration::from_nanos(at.subsec_nanosecond().into());
    at.checked_sub(fraction).unwrap_or(at)
}

fn signed_out(portal: &Portal) -> RenewalError {
    RenewalError::new(
        ErrorCode::SignInOver,
        format!("there is no sign-in at `{}` on this machine", portal.name()),
        "sign in again",
    )
}

fn out_of_reach(definition: &Definition) -> RenewalError {
    RenewalError::new(
        ErrorCode::OutOfReach,
        format!("Sandglass cannot renew `{}`", definition.name),
        "renew it with the program that made it",
    )
}

pub(crate) fn defect(what: &str) -> RenewalError {
    RenewalError::new(
        ErrorCode::Internal,
        what,
        "this is a defect of Sandglass: please report it, with the agent's log",
    )
}
