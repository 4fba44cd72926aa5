//! Who may have which credentials. A grant is a folder, so that the next agent finds it:
//!
//! ```text
//! exec/<session>-<random>/token          what the program shows, without a line break
//! exec/<session>-<random>/config         its AWS_CONFIG_FILE
//! exec/<session>-<random>/credentials    its AWS_SHARED_CREDENTIALS_FILE, where it needs one
//! ```
//!
//! `<session>` is the beginning of the SHA-256 of the session's id.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sandglass_core::error::{ErrorCode, RenewalError};
use sandglass_core::names::{ProfileName, SessionId};
use sandglass_core::secret::Secret;
use sandglass_profiles::exec_files;
use sandglass_profiles::paths::Paths;
use sandglass_protocol::environment::EXEC_FOLDER;
use sandglass_protocol::message::Endpoint;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

/// The path below which credentials are served.
pub(super) const PATH: &str = "/v1/credentials/";
const TOKEN: &str = "token";
/// Bytes of chance in a token, and in the name of a grant.
const CHANCE: usize = 32;
const NAME_CHANCE: usize = 8;
/// All that need not be escaped in a path (RFC 3986, `pchar`, without what shells make of it).
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b':');

/// The name of a grant's folder.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct GrantName(String);

struct Grant {
    token: Secret,
    standing: Standing,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// Somebody keeps it open.
    Kept,
    /// An earlier agent left it, and nobody has taken it up yet.
    Left,
}

/// Whether a token opens a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It does.
    Granted,
    /// It opens another one.
    AnotherSession,
    /// It opens nothing.
    Unknown,
}

/// All grants of one agent.
pub(super) struct Grants {
    folder: PathBuf,
    open: Mutex<BTreeMap<GrantName, Grant>>,
}

impl Grants {
    /// Those that an earlier agent left in this folder.
    pub(super) fn left_in(folder: &Path) -> Self {
        let folder = folder.join(EXEC_FOLDER);
        let entries = fs::read_dir(&folder).into_iter().flatten().flatten();
        let left = entries.filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            let token = fs::read_to_string(entry.path().join(TOKEN)).ok()?;
            let grant = Grant {
                token: Secret::new(token),
                standing: Standing::Left,
            };
            (!grant.token.expose().is_empty()).then_some((GrantName(name), grant))
        });
        let left = left.collect();
        Self {
            folder,
            open: Mutex::new(left),
        }
    }

    pub(super) fn are_none(&self) -> bool {
        self.open_now().is_empty()
    }

    /// Ends those that nobody took up, and clears away what is left of others.
    pub(super) fn drop_those_left(&self) {
        let mut open = self.open_now();
        open.retain(|_, grant| grant.standing == Standing::Kept);
        for entry in fs::read_dir(&self.folder).into_iter().flatten().flatten() {
            let name = entry.file_name().into_string().map(GrantName);
            if !name.is_ok_and(|name| open.contains_key(&name)) {
                clear_away(&entry.path());
            }
        }
    }

    pub(super) fn close(&self, grant: &GrantName) {
        self.open_now().remove(grant);
        clear_away(&self.folder.join(&grant.0));
    }

    /// Opens one, or takes up the one with this token file.
    pub(super) fn open(
        &self,
        paths: &Paths,
        session: &SessionId,
        profile: &ProfileName,
        token_file: Option<&Path>,
        port: u16,
    ) -> Result<(GrantName, Endpoint), RenewalError> {
        let name = match token_file.and_then(|file| self.take_up(session, file)) {
            Some(name) => name,
            None => self.make(session).map_err(|error| no_grant(&error))?,
        };
        let folder = self.folder.join(&name.0);
        let files =
            exec_files::write(paths, profile, &folder).inspect_err(|_| self.close(&name))?;
        let id = utf8_percent_encode(session.as_str(), ESCAPED);
        let endpoint = Endpoint {
            url: format!("http://127.0.0.1:{port}{PATH}{id}"),
            token_file: folder.join(TOKEN),
            profile: profile.clone(),
            config_file: files.config,
            credentials_file: files.credentials,
        };
        Ok((name, endpoint))
    }

    fn take_up(&self, session: &SessionId, token_file: &Path) -> Option<GrantName> {
        let folder = token_file.parent()?;
        if folder.parent()? != self.folder {
            return None;
        }
        let name = GrantName(folder.file_name()?.to_str()?.to_owned());
        let mut open = self.open_now();
        let grant = open.get_mut(&name)?;
        let is_ours = name.is_for(session) && grant.standing == Standing::Left;
        is_ours.then(|| {
            grant.standing = Standing::Kept;
            name
        })
    }

    fn make(&self, session: &SessionId) -> io::Result<GrantName> {
        let mut chance = [0; CHANCE + NAME_CHANCE];
        getrandom::fill(&mut chance).map_err(io::Error::other)?;
        let token = Secret::new(hex::encode(&chance[..CHANCE]));
        let name = GrantName(format!(
            "{}-{}",
            fingerprint(session),
            hex::encode(&chance[CHANCE..])
        ));
        let folder = self.folder.join(&name.0);
        let made = private_folder(&self.folder)
            .and_then(|()| private_folder(&folder))
            .and_then(|()| private_file(&folder.join(TOKEN), token.expose().as_bytes()));
        if let Err(error) = made {
            clear_away(&folder);
            return Err(error);
        }
        let grant = Grant {
            token,
            standing: Standing::Kept,
        };
        self.open_now().insert(name.clone(), grant);
        Ok(name)
    }

    /// Every token is compared, and each in the same time, so that a stopwatch tells nothing of any.
    pub(super) fn judge(&self, token: &[u8], session: &SessionId) -> Verdict {
        let mut verdict = Verdict::Unknown;
        for (name, grant) in self.open_now().iter() {
            if bool::from(grant.token.expose().as_bytes().ct_eq(token)) {
                verdict = if name.is_for(session) {
                    Verdict::Granted
                } else {
                    Verdict::AnotherSession
                };
            }
        }
        verdict
    }

    fn open_now(&self) -> MutexGuard<'_, BTreeMap<GrantName, Grant>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl GrantName {
    fn is_for(&self, session: &SessionId) -> bool {
        let name = self.0.split_once('-');
        name.is_some_and(|(of, _)| of == fingerprint(session))
    }
}

fn fingerprint(session: &SessionId) -> String {
    hex::encode(&Sha256::digest(session.as_str())[..8])
}

/// What cannot be removed is in nobody's way, and is tried again by the next agent.
fn clear_away(folder: &Path) {
    let _ = fs::remove_dir_all(folder);
}

fn private_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

fn private_file(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut options = fs::File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(content)
}

fn no_grant(error: &io::Error) -> RenewalError {
    RenewalError::new(
        ErrorCode::FileTrouble,
        format!("the files of the credentials endpoint could not be written: {error}"),
        "see to the space and the rights of XDG_RUNTIME_DIR, then try again",
    )
}
