//! How each kind of session is renewed: what is read, what AWS is asked, where the result is written.

use jiff::{SignedDuration, Timestamp};
use sandglass_aws::{Aws, Issued};
use sandglass_core::error::{ErrorCode, RenewalError};
use sandglass_core::event::{Event, Renewed};
use sandglass_core::lifetimes::End;
use sandglass_core::names::{AttemptId, MfaSerial, ProfileName};
use sandglass_core::secret::{Credentials, MfaCode};
use sandglass_core::session::{
    Definition, Found, Portal, Renewal, RoleRenewal, SessionTokenRenewal, Source, SsoRoleRenewal,
};
use sandglass_profiles::config::Configuration;
use sandglass_profiles::paths::Paths;
use sandglass_profiles::write::Writer;
use sandglass_profiles::{cli_cache, credentials, ledger, sso_cache};
use tokio::sync::mpsc;

use crate::clock;
use crate::input::Input;
use crate::sign_in;

/// What a renewal is carried out with.
pub(crate) enum With {
    /// What lies on this machine.
    WhatIsThere,
    /// A code that a person gave.
    Code(MfaCode),
    /// A person in a browser.
    Browser {
        /// Names the device code on its way to the person.
        attempt: AttemptId,
        /// The way.
        inputs: mpsc::Sender<Input>,
    },
}

/// Reads, asks AWS, writes.
pub(crate) struct Issuer {
    pub(crate) aws: Aws,
    pub(crate) paths: Paths,
    pub(crate) writer: Writer,
}

impl Issuer {
    /// Renews one session and writes the result where programs look for it.
    pub(crate) async fn renew(
        &self,
        definition: &Definition,
        source: Option<&Definition>,
        with: With,
    ) -> Result<Renewed, RenewalError> {
        let profile = definition.profile.as_ref();
        let found = match (&definition.renewal, with) {
            (Renewal::Role(role), with) => {
                self.role(needed(profile)?, role, source, code(with))
                    .await?
            }
            (Renewal::SessionToken(token), With::Code(code)) => {
                self.session_token(token, &code).await?
            }
            (Renewal::SsoSignIn(portal), With::Browser { attempt, inputs }) => {
                let tell = |code| Input::Happened(Event::DeviceCodeIssued { attempt, code });
                sign_in::with_browser(self, portal, profile, async |code| {
                    // The loop is gone only when the agent leaves, and then so is this.
                    let _ = inputs.send(tell(code)).await;
                })
                .await?
            }
            (Renewal::SsoSignIn(portal), With::WhatIsThere | With::Code(_)) => {
                sign_in::refresh(self, portal, profile).await?
            }
            (Renewal::SsoRole(role), _) => self.sso_role(profile, role).await?,
            (Renewal::SessionToken(_), With::WhatIsThere | With::Browser { .. }) => {
                return Err(defect("an MFA session was to be renewed without a code"));
            }
        };
        Ok(Renewed { found })
    }

    async fn role(
        &self,
        profile: &ProfileName,
        role: &RoleRenewal,
        source: Option<&Definition>,
        code: Option<MfaCode>,
    ) -> Result<Found, RenewalError> {
        let source = self.source_of(role, source)?;
        let issued = self
            .aws
            .assume_role(profile, role, &source, code.as_ref())
            .await?;
        let assumed = issued
            .assumed_role
            .as_ref()
            .ok_or_else(|| defect("AWS did not say which role was assumed"))?;
        let assumed = cli_cache::AssumedRole {
            id: assumed.id.clone(),
            arn: assumed.arn.clone(),
        };
        self.remember(&issued)?;
        blocking(|| {
            let credentials = &issued.credentials;
            cli_cache::write_role(&self.writer, &self.paths, role, credentials, &assumed)
        })?;
        found(&issued)
    }

    /// The credentials that a role is assumed with, as they lie on this machine.
    fn source_of(
        &self,
        role: &RoleRenewal,
        source: Option<&Definition>,
    ) -> Result<Credentials, RenewalError> {
        let configuration = Configuration::read(&self.paths);
        match (&role.source, source) {
            (Source::Keys(profile), _) => credentials::of_profile(&configuration, profile),
            (Source::Session { .. }, Some(source)) => {
                credentials::of_session(&self.paths, &configuration, source)
            }
            (Source::Session { id, .. }, None) => Err(defect(&format!("`{id}` is not defined"))),
        }
    }

    async fn session_token(
        &self,
        token: &SessionTokenRenewal,
        code: &MfaCode,
    ) -> Result<Found, RenewalError> {
        let source = credentials::of_profile(&Configuration::read(&self.paths), &token.source)?;
        let device: &MfaSerial = token.device.as_ref().map_err(Clone::clone)?;
        let issued = self
            .aws
            .get_session_token(&token.source, device, token.duration, &source, code)
            .await?;
        blocking(|| {
            credentials::write_session_token(
                &self.writer,
                &self.paths,
                token,
                &issued.credentials,
                issued.issued_at,
            )
        })?;
        found(&issued)
    }

    async fn sso_role(
        &self,
        profile: Option<&ProfileName>,
        role: &SsoRoleRenewal,
    ) -> Result<Found, RenewalError> {
        let token = sso_cache::read_token(&self.paths, &role.portal)
            .present()
            .ok_or_else(|| signed_out(&role.portal))?
            .content;
        let issued = self
            .aws
            .role_credentials(
                &role.portal,
                profile,
                &token.access_token,
                &role.account,
                &role.role_name,
            )
            .await?;
        self.remember(&issued)?;
        blocking(|| {
            cli_cache::write_sso_role(&self.writer, &self.paths, role, &issued.credentials)
        })?;
        found(&issued)
    }

    /// Notes when the keys were issued, before any program can see them: what reads the file then knows their end.
    fn remember(&self, issued: &Issued) -> Result<(), RenewalError> {
        let Credentials {
            access_key_id,
            expires_at: Some(ends_at),
            ..
        } = &issued.credentials
        else {
            return Err(defect("AWS gave credentials without an end"));
        };
        let entry = ledger::Entry::Issued {
            issued_at: issued.issued_at,
            ends_at: whole_seconds(*ends_at),
        };
        let entries = [(access_key_id.clone(), entry)];
        blocking(|| ledger::record(&self.writer, &self.paths, &entries, &[], clock::now()))?;
        Ok(())
    }
}

/// A write waits for the disk, and perhaps for another program's lock: the runtime's other work goes on meanwhile.
pub(crate) fn blocking<T>(write: impl FnOnce() -> T) -> T {
    tokio::task::block_in_place(write)
}

fn code(with: With) -> Option<MfaCode> {
    match with {
        With::Code(code) => Some(code),
        With::WhatIsThere | With::Browser { .. } => None,
    }
}

fn needed(profile: Option<&ProfileName>) -> Result<&ProfileName, RenewalError> {
    profile.ok_or_else(|| defect("a role without a profile was to be renewed"))
}

fn found(issued: &Issued) -> Result<Found, RenewalError> {
    let ends_at = issued
        .credentials
        .expires_at
        .ok_or_else(|| defect("AWS gave credentials without an end"))?;
    Ok(Found::Credentials(End::issued(
        issued.issued_at,
        whole_seconds(ends_at),
    )))
}

/// Files hold whole seconds: the same end must be told by AWS and read from the file.
pub(crate) fn whole_seconds(at: Timestamp) -> Timestamp {
    let fraction = SignedDuration::from_nanos(at.subsec_nanosecond().into());
    at.checked_sub(fraction).unwrap_or(at)
}

pub(crate) fn signed_out(portal: &Portal) -> RenewalError {
    RenewalError::new(
        ErrorCode::SignInOver,
        format!("there is no sign-in at `{}` on this machine", portal.name()),
        "sign in again",
    )
}

pub(crate) fn defect(what: &str) -> RenewalError {
    RenewalError::new(
        ErrorCode::Internal,
        what,
        "this is a defect of Sandglass: please report it, with the agent's log",
    )
}
