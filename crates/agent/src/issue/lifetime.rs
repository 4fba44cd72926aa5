//! How long the sessions of a profile live, by what IAM says of its role.

use std::time::Duration;

use sandglass_core::doctor::lifetime::{Lifetime, RoleMaximum, Start, lifetime};
use sandglass_core::error::ErrorCode;
use sandglass_core::session::{Definition, Renewal, Source};

use super::Issuer;

/// Nobody waits longer for a figure that is good to know.
const PATIENCE: Duration = Duration::from_secs(5);

impl Issuer {
    /// The lifetime of this session, which is made from `source`.
    pub(crate) async fn lifetime(
        &self,
        definition: &Definition,
        source: Option<&Definition>,
    ) -> Option<Lifetime> {
        let asked = tokio::time::timeout(PATIENCE, self.role_maximum(definition, source)).await;
        let maximum =
            asked.unwrap_or_else(|_| RoleMaximum::Unknown("IAM does not answer".to_owned()));
        lifetime(definition, source, &maximum)
    }

    /// `MaxSessionDuration` of the role, where it counts and may be looked up.
    async fn role_maximum(
        &self,
        definition: &Definition,
        source: Option<&Definition>,
    ) -> RoleMaximum {
        let (Renewal::Role(role), Some(profile)) = (&definition.renewal, &definition.profile)
        else {
            return RoleMaximum::NotAsked;
        };
        let decides = match &role.source {
            Source::Keys(_) | Source::Session { .. } => Start::of_role(role, source) != Start::Role,
            Source::Environment => false,
        };
        if !decides {
            return RoleMaximum::NotAsked;
        }
        let credentials = match self.source_of(role, source).await {
            Ok(credentials) => credentials,
            Err(error) => return RoleMaximum::Unknown(error.message),
        };
        let answer = self
            .aws
            .max_session_duration(profile, &role.role_arn, &credentials)
            .await;
        match answer {
            Ok(maximum) => RoleMaximum::Told(maximum),
            Err(error) if error.code == ErrorCode::AccessDenied => RoleMaximum::Refused,
            Err(error) => RoleMaximum::Unknown(error.message),
        }
    }
}
