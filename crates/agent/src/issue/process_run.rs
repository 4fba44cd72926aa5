//! What a `credential_process` gives: kept in the sealed store, as no file of AWS holds it.

use sandglass_core::error::RenewalError;
use sandglass_core::session::{CredentialProcess, Definition, Found};
use sandglass_vault::Sealed;

use super::Issuer;
use crate::kept::end_of;
use crate::{clock, process};

impl Issuer {
    pub(super) async fn process(
        &self,
        definition: &Definition,
        process: &CredentialProcess,
    ) -> Result<Found, RenewalError> {
        let issued_at = clock::now();
        let provided = process::run(&definition.name, &process.command, issued_at).await?;
        let sealed = Sealed {
            credentials: provided.credentials,
            issued_at,
            account: provided.account,
        };
        let end = end_of(&sealed);
        self.kept.put(definition.id.clone(), sealed);
        Ok(Found::Credentials(end))
    }
}
