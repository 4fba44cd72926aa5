//! The role of this machine: AWS renews it, and what stands there now is the newest.

use sandglass_core::error::RenewalError;
use sandglass_core::session::{Found, MetadataSource};

use super::Issuer;
use crate::clock;
use crate::machine::end_of;

impl Issuer {
    pub(super) async fn machine_role(&self, source: MetadataSource) -> Result<Found, RenewalError> {
        let machine = match source {
            MetadataSource::Instance => self.aws.instance_role(None).await?,
            MetadataSource::Container => self.aws.container_role().await?,
        };
        Ok(Found::Credentials(end_of(&machine, clock::now())))
    }
}
