//! Roles that are assumed with the token of an identity provider.

use std::path::Path;
use std::{fs, io};

use sandglass_core::error::{ErrorCode, RenewalError};
use sandglass_core::secret::Secret;
use sandglass_core::session::{Definition, Found, WebIdentityRenewal};
use sandglass_profiles::cli_cache;
use zeroize::Zeroizing;

use super::roles::assumed;
use super::{Issuer, blocking, found, settings_of};

/// STS takes tokens of up to 20,000 characters (STS API reference, `WebIdentityToken`); longer files (bytes) hold something
/// else.
const LONGEST: u64 = 64 * 1024;

impl Issuer {
    pub(super) async fn web_identity(
        &self,
        definition: &Definition,
        role: &WebIdentityRenewal,
    ) -> Result<Found, RenewalError> {
        let token = blocking(|| read(&role.token_file))?;
        let issued = self
            .aws
            .assume_role_with_web_identity(&settings_of(definition.profile.as_ref()), role, &token)
            .await?;
        self.store(definition, &issued, || {
            let assumed = assumed(&issued)?;
            self.remember(&issued)?;
            let (writer, paths, credentials) = (&self.writer, &self.paths, &issued.credentials);
            blocking(|| cli_cache::write_web_identity(writer, paths, role, credentials, &assumed))?;
            Ok(())
        })?;
        found(&issued)
    }
}

/// The token as it lies there now: whoever puts it there puts a new one in its place before it ends.
fn read(path: &Path) -> Result<Secret, RenewalError> {
    let trouble = |what: String| {
        RenewalError::new(
            ErrorCode::FileTrouble,
            format!("the web identity token `{}` {what}", path.display()),
            "see that `web_identity_token_file` names the file that your identity provider writes",
        )
    };
    let unread = |error: io::Error| trouble(format!("could not be read: {error}"));
    // A pipe may never give anything, and a device may never end.
    let metadata = fs::metadata(path).map_err(unread)?;
    if !metadata.is_file() || metadata.len() > LONGEST {
        return Err(trouble("is not a small regular file".to_owned()));
    }
    let bytes = Zeroizing::new(fs::read(path).map_err(unread)?);
    let text = std::str::from_utf8(&bytes).map_err(|_| trouble("is no text".to_owned()))?;
    match text.trim() {
        "" => Err(trouble("is empty".to_owned())),
        token => Ok(Secret::new(token.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_is_what_lies_there_now() {
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("token");
        for token in ["first", "second\n"] {
            fs::write(&path, token).unwrap();
            assert_eq!(read(&path).ok().unwrap().expose(), token.trim());
        }
    }

    #[test]
    fn a_file_without_a_token_is_named() {
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("token");
        let message = |path: &Path| read(path).err().unwrap().message;
        assert!(message(&path).contains(&path.display().to_string()));
        for content in [&b""[..], b" \n", b"\xff\xfe"] {
            fs::write(&path, content).unwrap();
            assert!(message(&path).contains(&path.display().to_string()));
        }
    }
    #[cfg(unix)]
    #[test]
    fn what_might_never_end_is_not_read() {
        for path in ["/dev/zero", "/dev"] {
            let error = read(Path::new(path)).err().unwrap();
            assert!(error.message.ends_with("is not a small regular file"));
        }
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("token");
        fs::write(&path, "t".repeat(65 * 1024)).unwrap();
        assert!(read(&path).is_err());
    }
}
