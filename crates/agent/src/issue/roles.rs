//! Roles: what they are assumed with, MFA sessions that serve several of them, and durations that AWS does not give.

use jiff::SignedDuration;
use sandglass_aws::{AssumeRoleError, Issued};
use sandglass_core::effect::CodeSpent;
use sandglass_core::error::{ErrorCode, RenewalError};
use sandglass_core::event::{Event, Renewed, SharedSession};
use sandglass_core::lifetimes::{CHAINED_ROLE, End, SESSION_TOKEN};
use sandglass_core::names::{MfaSerial, ProfileName, SessionId};
use sandglass_core::secret::{Credentials, MfaCode};
use sandglass_core::session::{Allowed, Definition, DurationLimit, RoleRenewal, Source};
use sandglass_core::views::words::span;
use sandglass_profiles::cli_cache;
use sandglass_profiles::ledger::{self, Ledger};
use sandglass_vault::Sealed;

use super::{Issuer, With, blocking, defect, end_of, found, whole_seconds};
use crate::kept::shared_id;

/// What roles may be asked for, longest first: the hours up to the longest that a role can permit (IAM API reference,
/// `MaxSessionDuration`).
const HOURS: [SignedDuration; 6] = [
    SignedDuration::from_hours(12),
    SignedDuration::from_hours(8),
    SignedDuration::from_hours(6),
    SignedDuration::from_hours(4),
    SignedDuration::from_hours(2),
    SignedDuration::from_hours(1),
];

/// A role on its way, and the profile whose settings its calls go by.
struct Asked<'a> {
    session: &'a SessionId,
    profile: &'a ProfileName,
    role: RoleRenewal,
}

impl Issuer {
    pub(super) async fn role(
        &self,
        definition: &Definition,
        role: &RoleRenewal,
        source: Option<&Definition>,
        with: With,
    ) -> Result<Renewed, RenewalError> {
        let profile = definition.profile.as_ref();
        let profile =
            profile.ok_or_else(|| defect("a role without a profile was to be renewed"))?;
        // A limit that AWS told a moment ago may not have come round to the definition yet.
        let known = blocking(|| Ledger::read(&self.paths)).allowed(&definition.id, role.duration);
        let asked = Asked {
            session: &definition.id,
            profile,
            role: RoleRenewal {
                allowed: known.or(role.allowed),
                ..role.clone()
            },
        };
        let (issued, allowed) = match with {
            With::WhatIsThere | With::Browser { .. } => {
                let source = self.source_of(role, source).await?;
                self.assume(&asked, &source).await?
            }
            With::Code {
                code,
                spent: CodeSpent::OnTheCall,
            } => {
                let source = self.source_of(role, source).await?;
                self.assume_with_code(&asked, &source, &code).await?
            }
            With::Code {
                code,
                spent: CodeSpent::OnSharedSession,
            } => {
                let shared = self.open_shared_session(role, &code).await?;
                self.assume(&asked, &shared).await?
            }
            With::SharedSession => {
                let (id, shared) = self.shared_session(role)?;
                let assumed = self.assume(&asked, &shared).await;
                if let Err(error) = &assumed
                    && matches!(
                        error.code,
                        ErrorCode::SourceExpired | ErrorCode::SourceInvalid
                    )
                {
                    self.kept.forget(&id);
                }
                assumed?
            }
        };
        self.store(definition, &issued, || self.write_role(role, &issued))?;
        Ok(Renewed {
            found: found(&issued)?,
            allowed,
        })
    }

    fn write_role(&self, role: &RoleRenewal, issued: &Issued) -> Result<(), RenewalError> {
        if let Some(target) = &role.target {
            return self.write_target(target, issued);
        }
        let assumed = assumed(issued)?;
        self.remember(issued)?;
        let (writer, paths, credentials) = (&self.writer, &self.paths, &issued.credentials);
        blocking(|| cli_cache::write_role(writer, paths, role, credentials, &assumed))?;
        Ok(())
    }

    /// The credentials that a role is assumed with, as they are at this moment.
    pub(super) async fn source_of(
        &self,
        role: &RoleRenewal,
        source: Option<&Definition>,
    ) -> Result<Credentials, RenewalError> {
        match (&role.source, source) {
            (Source::Keys(profile), _) => self.keys_of(profile).await,
            (Source::Session { profile, .. }, Some(source)) => {
                self.credentials_of(source, Some(profile)).await
            }
            (Source::Session { id, .. }, None) => Err(defect(&format!("`{id}` is not defined"))),
            (Source::Environment, _) => Err(RenewalError::new(
                ErrorCode::OutOfReach,
                "`credential_source = Environment` takes the keys from the environment of the program that assumes the role",
                "run the program where the environment holds the keys",
            )),
        }
    }

    /// Assumes a role. Where that is asked for longer than AWS gives, for as long as it gives.
    async fn assume(
        &self,
        asked: &Asked<'_>,
        source: &Credentials,
    ) -> Result<(Issued, Option<Allowed>), RenewalError> {
        let mut role = asked.role.clone();
        let mut maximum = Maximum::NotAskedYet;
        loop {
            let (limit, error) = match self
                .aws
                .assume_role(asked.profile, &role, source, None)
                .await
            {
                Ok(issued) => {
                    if role.allowed != asked.role.allowed {
                        self.remember_allowed(asked.session, role.allowed);
                    }
                    return Ok((issued, role.allowed));
                }
                Err(AssumeRoleError::TooLong { limit, error }) => (limit, error),
                Err(AssumeRoleError::Failed(error)) => return Err(error),
            };
            if (limit, maximum) == (DurationLimit::RoleMaximum, Maximum::NotAskedYet) {
                maximum = Maximum::of(self.maximum(asked, source).await);
            }
            role.allowed = Some(shorter(&role, limit, maximum).ok_or(error)?);
        }
    }

    /// Assumes a role with a code, which is used up whatever AWS answers.
    async fn assume_with_code(
        &self,
        asked: &Asked<'_>,
        source: &Credentials,
        code: &MfaCode,
    ) -> Result<(Issued, Option<Allowed>), RenewalError> {
        let role = &asked.role;
        let assumed = self
            .aws
            .assume_role(asked.profile, role, source, Some(code))
            .await;
        let (limit, error) = match assumed {
            Ok(issued) => return Ok((issued, role.allowed)),
            Err(AssumeRoleError::TooLong { limit, error }) => (limit, error),
            Err(AssumeRoleError::Failed(error)) => return Err(error),
        };
        let maximum = match limit {
            DurationLimit::RoleMaximum => self.maximum(asked, source).await,
            DurationLimit::RoleChaining => None,
        };
        // What is asked next must work: a person types a code for it. Every role permits an hour.
        let maximum = Maximum::Known(maximum.unwrap_or(CHAINED_ROLE));
        let allowed = shorter(role, limit, maximum).ok_or(error.clone())?;
        self.remember_allowed(asked.session, Some(allowed));
        Err(RenewalError::new(
            ErrorCode::DurationTooLong,
            format!(
                "{}; the next code will ask for {}",
                error.message.trim_end_matches('.'),
                span(allowed.granted)
            ),
            "give the next code that your device shows",
        ))
    }

    /// `MaxSessionDuration` of the role, where the credentials may look.
    async fn maximum(&self, asked: &Asked<'_>, source: &Credentials) -> Option<SignedDuration> {
        let arn = &asked.role.role_arn;
        self.aws
            .max_session_duration(asked.profile, arn, source)
            .await
            .ok()
    }

    /// For the next start of the agent; a ledger that cannot be written costs one call of AWS then.
    pub(super) fn remember_allowed(&self, session: &SessionId, allowed: Option<Allowed>) {
        let remembered =
            blocking(|| ledger::remember_allowed(&self.writer, &self.paths, session, allowed));
        if let Err(error) = remembered {
            tracing::warn!(%error, "the duration that AWS allows could not be remembered");
        }
    }

    /// Spends a code on an MFA session that serves every role with the same keys and device.
    async fn open_shared_session(
        &self,
        role: &RoleRenewal,
        code: &MfaCode,
    ) -> Result<Credentials, RenewalError> {
        let (source, device) = shared_by(role)?;
        let keys = self.keys_of(source).await?;
        let issued = self
            .aws
            .get_session_token(source, SESSION_TOKEN, &keys, Some((device, code)))
            .await?;
        let end = End::issued(issued.issued_at, whole_seconds(end_of(&issued)?));
        self.kept.put(
            shared_id(source, device),
            Sealed {
                credentials: issued.credentials.clone(),
                issued_at: issued.issued_at,
                account: None,
            },
        );
        // At once: whoever waits for another code need not any more.
        self.tell(Event::SharedSessionOpened(SharedSession {
            source: source.clone(),
            device: device.clone(),
            end,
        }))
        .await;
        Ok(issued.credentials)
    }

    fn shared_session(&self, role: &RoleRenewal) -> Result<(SessionId, Credentials), RenewalError> {
        let (source, device) = shared_by(role)?;
        let id = shared_id(source, device);
        let sealed = self.kept.get(&id).ok_or_else(|| {
            RenewalError::new(
                ErrorCode::SourceExpired,
                format!("the MFA session of `{}` is gone", device.short()),
                "give a code of the device",
            )
        })?;
        Ok((id, sealed.credentials))
    }
}

/// Whose keys and which device a shared MFA session is made with.
fn shared_by(role: &RoleRenewal) -> Result<(&ProfileName, &MfaSerial), RenewalError> {
    match (&role.source, &role.mfa_serial) {
        (Source::Keys(profile), Some(device)) => Ok((profile, device)),
        (Source::Keys(_) | Source::Session { .. } | Source::Environment, _) => Err(defect(
            "a role without keys or device was to share an MFA session",
        )),
    }
}

/// The role as AWS named it, for the AWS CLI's cache.
pub(super) fn assumed(issued: &Issued) -> Result<cli_cache::AssumedRole, RenewalError> {
    let assumed = issued.assumed_role.as_ref();
    let assumed = assumed.ok_or_else(|| defect("AWS did not say which role was assumed"))?;
    Ok(cli_cache::AssumedRole {
        id: assumed.id.clone(),
        arn: assumed.arn.clone(),
    })
}

/// What is known of the longest session that a role permits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Maximum {
    NotAskedYet,
    /// It may not be asked.
    Unknown,
    Known(SignedDuration),
}

impl Maximum {
    fn of(answer: Option<SignedDuration>) -> Self {
        answer.map_or(Self::Unknown, Self::Known)
    }
}

/// The longest duration to ask for, now that AWS refused the one that the role asks for; none where nothing shorter would
/// help.
fn shorter(role: &RoleRenewal, limit: DurationLimit, maximum: Maximum) -> Option<Allowed> {
    let refused = role.asked()?;
    let by_the_hour = || HOURS.into_iter().find(|hours| *hours < refused);
    let granted = match (limit, maximum) {
        (DurationLimit::RoleChaining, _) => Some(CHAINED_ROLE),
        (DurationLimit::RoleMaximum, Maximum::Known(maximum)) if maximum < refused => Some(maximum),
        // What was told is not what holds: another way is taken.
        (
            DurationLimit::RoleMaximum,
            Maximum::Known(_) | Maximum::Unknown | Maximum::NotAskedYet,
        ) => by_the_hour(),
    };
    let granted = granted.filter(|granted| *granted < refused)?;
    Some(Allowed {
        asked: role.duration.unwrap_or(refused),
        granted,
        limit,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hours(hours: i64) -> SignedDuration {
        SignedDuration::from_hours(hours)
    }

    fn role(asked: i64, allowed: Option<i64>) -> RoleRenewal {
        let allowed = allowed.map(|granted| Allowed {
            asked: hours(asked),
            granted: hours(granted),
            limit: DurationLimit::RoleMaximum,
        });
        RoleRenewal {
            role_arn: "arn:aws:iam::123456789012:role/deploy".into(),
            source: Source::Keys(ProfileName::new("me")),
            mfa_serial: None,
            external_id: None,
            session_name: None,
            duration: Some(hours(asked)),
            allowed,
            target: None,
        }
    }

    fn granted(role: &RoleRenewal, limit: DurationLimit, maximum: Maximum) -> Option<i64> {
        shorter(role, limit, maximum).map(|allowed| allowed.granted.as_hours())
    }

    #[test]
    fn a_chained_role_is_asked_for_an_hour() {
        let role = role(12, None);
        for maximum in [Maximum::Unknown, Maximum::Known(hours(8))] {
            assert_eq!(
                granted(&role, DurationLimit::RoleChaining, maximum),
                Some(1)
            );
        }
        let allowed = shorter(&role, DurationLimit::RoleChaining, Maximum::Unknown).unwrap();
        assert_eq!(allowed.asked, hours(12));
        assert_eq!(allowed.limit, DurationLimit::RoleChaining);
    }

    #[test]
    fn a_maximum_that_may_be_looked_up_is_asked_for() {
        let maximum = Maximum::Known(SignedDuration::from_mins(90));
        let allowed = shorter(&role(12, None), DurationLimit::RoleMaximum, maximum);
        assert_eq!(allowed.unwrap().granted, SignedDuration::from_mins(90));
    }

    #[test]
    fn a_maximum_that_nobody_tells_is_found_by_trying() {
        let mut tried = Vec::new();
        let mut asks = role(12, None);
        while let Some(allowed) = shorter(&asks, DurationLimit::RoleMaximum, Maximum::Unknown) {
            tried.push(allowed.granted.as_hours());
            assert_eq!(allowed.asked, hours(12));
            asks.allowed = Some(allowed);
        }
        assert_eq!(tried, [8, 6, 4, 2, 1]);
    }

    #[test]
    fn a_limit_that_was_lowered_since_is_found_below_the_old_one() {
        let role = role(12, Some(4));
        assert_eq!(
            granted(&role, DurationLimit::RoleMaximum, Maximum::Unknown),
            Some(2)
        );
    }

    #[test]
    fn a_maximum_that_does_not_hold_is_not_asked_for_twice() {
        let role = role(12, Some(4));
        let maximum = Maximum::Known(hours(4));
        assert_eq!(granted(&role, DurationLimit::RoleMaximum, maximum), Some(2));
    }

    #[test]
    fn nothing_is_shorter_than_an_hour_or_than_what_was_never_asked() {
        let hour = role(1, None);
        for limit in [DurationLimit::RoleMaximum, DurationLimit::RoleChaining] {
            assert_eq!(granted(&hour, limit, Maximum::Unknown), None);
        }
        let unasked = RoleRenewal {
            duration: None,
            ..hour
        };
        assert_eq!(
            granted(&unasked, DurationLimit::RoleMaximum, Maximum::Unknown),
            None
        );
    }
}
