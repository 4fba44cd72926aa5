//! The files of AWS as a program gets them that takes its credentials from an endpoint: in every SDK a profile with
//! credentials goes before an endpoint, so that the profile which the program works with must hold none.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use sandglass_core::error::{ErrorCode, RenewalError};
use sandglass_core::names::ProfileName;
use zeroize::Zeroizing;

use crate::access;
use crate::config::Configuration;
use crate::credential_settings;
use crate::edit::{self, Change};
use crate::paths::Paths;
use crate::section::AwsFile;
use crate::source;

/// What was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExecFiles {
    /// The config file, in which the profile is there and holds no credentials.
    pub config: PathBuf,
    /// The credentials file, likewise; none where the person's own holds none of that profile.
    pub credentials: Option<PathBuf>,
}

/// Writes both files into `folder`, each for its owner alone. All but the credentials of `profile` is as it is in the
/// person's own.
pub fn write(
    paths: &Paths,
    profile: &ProfileName,
    folder: &Path,
) -> Result<ExecFiles, RenewalError> {
    let config = copy(paths, AwsFile::Config, profile)?;
    let credentials = copy(paths, AwsFile::Credentials, profile)?;
    let write = |name: &str, bytes: &[u8]| -> Result<PathBuf, RenewalError> {
        let path = folder.join(name);
        private(&path, bytes).map_err(|error| {
            RenewalError::new(
                ErrorCode::FileTrouble,
                format!("could not write `{}`: {error}", path.display()),
                "see to that folder and to the space on its disk, then try again",
            )
        })?;
        Ok(path)
    };
    Ok(ExecFiles {
        config: write("config", &config.bytes)?,
        credentials: credentials
            .holds_credentials
            .then(|| write("credentials", &credentials.bytes))
            .transpose()?,
    })
}

struct Copy {
    bytes: Zeroizing<Vec<u8>>,
    /// Of the profile, in the person's own file.
    holds_credentials: bool,
}

fn copy(paths: &Paths, file: AwsFile, profile: &ProfileName) -> Result<Copy, RenewalError> {
    let path = match file {
        AwsFile::Config => &paths.config,
        AwsFile::Credentials => &paths.credentials,
    };
    let shown = paths.shown(path);
    let failed = |message: String, remedy: String| {
        RenewalError::new(
            ErrorCode::FileTrouble,
            format!("`{shown}` cannot be copied without the credentials of `{profile}`: {message}"),
            remedy,
        )
    };
    let document =
        source::read(path, &shown).map_err(|finding| failed(finding.message, finding.remedy))?;
    let configuration = Configuration::of_document(paths, &document, file);
    let known = configuration.profile(profile);
    let holds_credentials = known.is_some_and(|known| credential_settings::are_in(known, file));
    let edited = if file == AwsFile::Config && known.is_none() {
        edit::with_empty_section(&document, file, profile)
    } else {
        // Where there are none, nothing changes; a file that no client can read is told all the same.
        let changes: Vec<Change<'_>> = credential_settings::all().map(Change::Remove).collect();
        edit::edit(&document, file, profile, &changes)
    };
    let bytes = edited.map_err(|error| failed(error.to_string(), error.remedy().to_owned()))?;
    Ok(Copy {
        bytes,
        holds_credentials,
    })
}

fn private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = access::private_file()
        .create(true)
        .truncate(true)
        .open(path)?;
    file.write_all(bytes)?;
    // The mode of a file that was there before is not that of a new one.
    #[cfg(unix)]
    std::fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    file.flush()
}
