//! Sessions that only Sandglass knows.

use sandglass_core::findings::Finding;
use sandglass_core::names::ProfileName;
use sandglass_core::session::{
    Definition, FederationTokenRenewal, Found, Place, Renewal, RoleRenewal, SessionTokenRenewal,
    Storage,
};

use super::Reader;
use crate::config::Profile;
use crate::credentials::{holds_long_lived_keys, is_long_lived};
use crate::definitions::{
    Defined, Device, FederationSession, MfaSession, RoleSession, SessionPolicy,
};
use crate::section::AwsFile;
use crate::sources::Unusable;

impl Reader<'_> {
    pub(super) fn defined(&mut self, defined: &Defined) {
        let renewal = match defined {
            Defined::Mfa(session) => {
                self.long_lived_source(defined);
                Ok(Renewal::SessionToken(self.session_token(session)))
            }
            Defined::Federation(session) => {
                self.long_lived_source(defined);
                self.federation_token(session).map(Renewal::FederationToken)
            }
            Defined::Role(session) => self.role_of(defined, session).map(Renewal::Role),
        };
        let renewal = match renewal {
            Ok(renewal) => renewal,
            Err(finding) => {
                self.findings.extend(finding);
                return;
            }
        };
        let target = defined.target();
        let is_connected = target
            .and_then(|target| self.configuration.profile(target))
            .is_some_and(Profile::is_connected);
        let definition = Definition {
            id: defined.id(),
            name: defined.name().to_owned(),
            profile: target.cloned(),
            storage: if is_connected {
                Storage::SealedStore
            } else {
                renewal.storage()
            },
            renewal,
        };
        match target {
            Some(target) if is_connected => self.add_observed(definition, vec![target.clone()]),
            Some(target) => self.in_target(defined, definition, target),
            None => self.add_observed(definition, Vec::new()),
        }
    }

    fn in_target(&mut self, defined: &Defined, definition: Definition, target: &ProfileName) {
        let profile = self.configuration.profile(target);
        if profile.is_some_and(holds_long_lived_keys) {
            self.defined_finding(
                format!(
                    "profile `{target}`, the target of {} `{}`, holds long-lived keys, which are not written over",
                    defined.kind(),
                    defined.name()
                ),
                "define the session with another target, or move those keys to another profile"
                    .to_owned(),
            );
        }
        let keys = profile
            .and_then(|profile| profile.keys_in(AwsFile::Credentials))
            .filter(|keys| keys.session_token.is_some());
        let paths = self.paths;
        let user = Place::Profile(target.clone());
        let (found, used_in) = match keys {
            None => (Found::Nothing, vec![user]),
            Some(keys) => {
                let end = self.end_of_keys(
                    &keys.access_key_id,
                    keys.expires_at,
                    &paths.credentials,
                    &definition.renewal,
                );
                let file = self.place(&paths.credentials);
                (Found::Credentials(end), vec![file, user])
            }
        };
        self.add(definition, found, used_in);
    }

    fn session_token(&self, session: &MfaSession) -> SessionTokenRenewal {
        SessionTokenRenewal {
            source: session.source.clone(),
            device: match session.device {
                Device::InKeychain => Some((self.outside.device)(&session.target)),
                Device::None => None,
            },
            target: session.target.clone(),
            duration: session.duration,
        }
    }

    fn federation_token(
        &mut self,
        session: &FederationSession,
    ) -> Result<FederationTokenRenewal, Unusable> {
        let policy = session.policy.document(&self.paths.settings);
        let policy = policy.map_err(|fault| {
            let message = format!("federation token `{}`: {fault}", session.name);
            Some(self.finding_in_definitions(message, fault.remedy))
        })?;
        if session.policy == SessionPolicy::None && session.policy_arns.is_empty() {
            self.defined_finding(
                format!(
                    "federation token `{}` has no policy: it may do only what the policies of resources grant it",
                    session.name
                ),
                "give it a `policy` or `policy_arns`".to_owned(),
            );
        }
        Ok(FederationTokenRenewal {
            source: session.source.clone(),
            user: session.user.clone(),
            policy,
            policy_arns: session.policy_arns.clone(),
            target: session.target.clone(),
            duration: session.duration,
        })
    }

    fn role_of(&self, defined: &Defined, session: &RoleSession) -> Result<RoleRenewal, Unusable> {
        let place = self.paths.shown(&self.paths.sessions_toml());
        let source = self.sources().of_defined(defined, &place)?;
        let allowed = self
            .sights
            .ledger()
            .allowed(&defined.id(), session.duration);
        Ok(RoleRenewal {
            role_arn: session.role_arn.clone(),
            source,
            mfa_serial: session.mfa_serial.clone(),
            external_id: session.external_id.clone(),
            session_name: session.session_name.clone(),
            duration: session.duration,
            allowed,
            target: Some(session.target.clone()),
        })
    }

    /// AWS gives session tokens and federation tokens for long-lived keys only.
    fn long_lived_source(&mut self, defined: &Defined) {
        let source = defined.source();
        let why = match self.configuration.profile(source) {
            None => "does not exist",
            Some(profile) if profile.key_in_keychain().is_some() => return,
            Some(profile) => match profile.keys() {
                None => "holds no access key",
                Some(keys) if !is_long_lived(&keys) => "holds temporary keys",
                Some(_) => return,
            },
        };
        self.defined_finding(
            format!(
                "{} `{}` starts from profile `{source}`, which {why}",
                defined.kind(),
                defined.name()
            ),
            format!(
                "put long-lived keys there with `aws configure --profile {source}`, or define the session anew"
            ),
        );
    }

    fn defined_finding(&mut self, message: String, remedy: String) {
        let finding = self.finding_in_definitions(message, remedy);
        self.findings.push(finding);
    }

    fn finding_in_definitions(&self, message: String, remedy: String) -> Finding {
        Finding {
            place: self.paths.shown(&self.paths.sessions_toml()),
            message,
            remedy,
        }
    }
}
