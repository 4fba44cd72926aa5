//! The console of AWS, opened with the credentials of a session.

use sandglass_core::error::RenewalError;
use sandglass_core::session::Definition;

use super::{Issuer, settings_of};
use crate::{console_page, words};

impl Issuer {
    /// A page on this machine that signs one browser in, once; its address.
    pub(crate) async fn console_page(
        &self,
        definition: &Definition,
        destination: Option<String>,
    ) -> Result<String, RenewalError> {
        let profile = definition.profile.as_ref();
        let credentials = self.credentials_of(definition, profile).await?;
        // Without a duration of its own, which AWS gives to some kinds of credentials and refuses to others.
        let url = self
            .aws
            .console_sign_in_url(
                &settings_of(profile),
                &credentials,
                destination.as_deref(),
                None,
            )
            .await?;
        let page = console_page::serve(url).await;
        page.map_err(|error| words::no_page(&error))
    }
}
