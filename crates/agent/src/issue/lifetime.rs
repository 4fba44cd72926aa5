//! How long the sessions of a profile live, by what IAM says of its role.

use std::time::Duration;

use jiff::SignedDuration;
use sandglass_core::doctor::lifetime::{Lifetime, Start, lifetime};
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
        lifetime(definition, source, asked.ok().flatten())
    }

    /// `MaxSessionDuration` of the role, where it counts and may be looked up.
    async fn role_maximum(
        &self,
        definition: &Definition,
        source: Option<&Definition>,
    ) -> Option<SignedDuration> {
        let Renewal::Role(role) = &definition.renewal else {
            return None;
        };
        let counts = match &role.source {
            Source::Keys(_) => true,
            Source::Session { .. } => Start::of(source) != Start::Role,
            Source::Environment => false,
        };
        if !counts {
            return None;
        }
        let profile = definition.profile.as_ref()?;
        let credentials = self.source_of(role, source).await.ok()?;
        self.aws
            .max_session_duration(profile, &role.role_arn, &credentials)
            .await
            .ok()
    }
}
