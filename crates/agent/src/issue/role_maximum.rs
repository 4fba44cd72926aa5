//! How long everybody may have a role: `MaxSessionDuration`, shown and changed in IAM.

use jiff::SignedDuration;
use sandglass_core::doctor::lifetime::Start;
use sandglass_core::error::{ErrorCode, RenewalError};
use sandglass_core::names::ProfileName;
use sandglass_core::secret::Credentials;
use sandglass_core::session::{Definition, Renewal, RoleRenewal};
use sandglass_core::views::words::{span, typed};
use sandglass_protocol::message::{Changes, Reply, Step};
use sha2::{Digest as _, Sha256};

use super::Issuer;

/// IAM API reference, `UpdateRole`, `MaxSessionDuration`.
const LIMITS: std::ops::RangeInclusive<u32> = 3600..=43_200;

/// A role, and what it is asked about with.
struct Asked<'a> {
    definition: &'a Definition,
    profile: &'a ProfileName,
    role: &'a RoleRenewal,
    credentials: Credentials,
}

impl Issuer {
    /// Shows what becomes of the role of this session, or changes it as it was shown.
    pub(crate) async fn change_role_maximum(
        &self,
        definition: &Definition,
        source: Option<&Definition>,
        seconds: u32,
        step: &Step,
    ) -> Reply {
        match self
            .try_role_maximum(definition, source, seconds, step)
            .await
        {
            Ok(reply) => reply,
            Err(error) => Reply::Failed(error),
        }
    }

    async fn try_role_maximum(
        &self,
        definition: &Definition,
        source: Option<&Definition>,
        seconds: u32,
        step: &Step,
    ) -> Result<Reply, RenewalError> {
        if !LIMITS.contains(&seconds) {
            return Err(RenewalError::new(
                ErrorCode::InvalidDefinition,
                "the longest session of a role can be 1 h to 12 h",
                "ask for a length within these limits",
            ));
        }
        let asked = self.asked(definition, source).await?;
        let (profile, arn) = (asked.profile, asked.role.role_arn.as_str());
        let now = self
            .aws
            .max_session_duration(profile, arn, &asked.credentials)
            .await?;
        let wanted = SignedDuration::from_secs(i64::from(seconds));
        if now == wanted {
            return Ok(Reply::Done {
                sentence: format!("`{arn}` permits sessions of {} already", span(now)),
            });
        }
        let changes = shown(arn, now, wanted);
        match step {
            Step::Show => Ok(Reply::Changes(changes)),
            Step::CarryOut(fingerprint) if *fingerprint == changes.fingerprint => {
                self.aws
                    .set_max_session_duration(profile, arn, &asked.credentials, wanted)
                    .await?;
                // What AWS did not give before, it may give now.
                self.remember_allowed(&definition.id, None);
                Ok(Reply::Done {
                    sentence: done(&asked, wanted),
                })
            }
            Step::CarryOut(_) => Err(RenewalError::new(
                ErrorCode::FileBusy,
                format!(
                    "the role was changed since this was shown: it permits {} now",
                    span(now)
                ),
                "look at what is shown now",
            )),
        }
    }

    async fn asked<'a>(
        &self,
        definition: &'a Definition,
        source: Option<&Definition>,
    ) -> Result<Asked<'a>, RenewalError> {
        let cannot = |message: String, remedy: &str| {
            Err(RenewalError::new(
                ErrorCode::InvalidDefinition,
                message,
                remedy,
            ))
        };
        let name = &definition.name;
        let (Renewal::Role(role), Some(profile)) = (&definition.renewal, &definition.profile)
        else {
            return cannot(
                format!("`{name}` is no role that is assumed from a profile"),
                "name the profile of a role",
            );
        };
        if Start::of_role(role, source) == Start::Role {
            return cannot(
                format!(
                    "`{name}` is assumed with the credentials of another role, and lives an hour whatever the role permits"
                ),
                "have it assumed straight from long-lived keys first",
            );
        }
        Ok(Asked {
            definition,
            profile,
            role,
            credentials: self.source_of(role, source).await?,
        })
    }
}

fn shown(arn: &str, now: SignedDuration, wanted: SignedDuration) -> Changes {
    let line = |length: SignedDuration| format!("MaxSessionDuration = {}", length.as_secs());
    let (before, after) = (line(now), line(wanted));
    Changes {
        sentences: vec![
            format!(
                "everybody who assumes `{arn}` may have it for {}, and not {}",
                span(wanted),
                span(now)
            ),
            "this is `iam:UpdateRole`: it changes the role in AWS, and no file of this machine"
                .to_owned(),
        ],
        diff: format!("--- {arn}\n+++ {arn}\n@@ iam:UpdateRole @@\n-{before}\n+{after}\n"),
        fingerprint: hex::encode(Sha256::digest(format!("{arn}\n{before}\n{after}"))),
    }
}

fn done(asked: &Asked<'_>, wanted: SignedDuration) -> String {
    let arn = &asked.role.role_arn;
    let told = format!("`{arn}` permits sessions of {} now", span(wanted));
    let asks_for = asked.role.duration;
    if asks_for.is_some_and(|length| length >= wanted) {
        return told;
    }
    let name = &asked.definition.name;
    let length = typed(wanted);
    format!("{told}; `sandglass doctor {name} --duration {length}` asks for that long")
}
