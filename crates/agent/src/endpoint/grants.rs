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
use sandglass_profiles::exec_files::{self, ExecFiles};
use sandglass_profiles::paths::Paths;
use sandglass_protocol::environment::EXEC_FOLDER;
use sandglass_protocol::message::Endpoint;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

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

    /// Opens one, or takes up the one with this token file. Where that is over, because its keeper was late, another one is
    /// opened in its place: programs read the file again each time.
    pub(super) fn open(
        &self,
        paths: &Paths,
        session: &SessionId,
        profile: &ProfileName,
        token_file: Option<&Path>,
        port: u16,
    ) -> Result<(GrantName, Endpoint), RenewalError> {
        let folder_of = |name: &GrantName| self.folder.join(&name.0);
        let (name, files) = match token_file.and_then(|file| self.named_by(file, session)) {
            // Its files are as they were when the program started, which reads them at any time.
            Some(name) if self.take_up(&name) => {
                let folder = folder_of(&name);
                let credentials = folder.join("credentials");
                let files = ExecFiles {
                    config: folder.join("config"),
                    credentials: credentials.exists().then_some(credentials),
                };
                (name, files)
            }
            over => {
                let name = self.make(over, session).map_err(|error| no_grant(&error))?;
                let files = exec_files::write(paths, profile, &folder_of(&name))
                    .inspect_err(|_| self.close(&name))?;
                (name, files)
            }
        };
        let id = utf8_percent_encode(session.as_str(), ESCAPED);
        let endpoint = Endpoint {
            url: format!("http://127.0.0.1:{port}{PATH}{id}"),
            token_file: folder_of(&name).join(TOKEN),
            profile: profile.clone(),
            config_file: files.config,
            credentials_file: files.credentials,
        };
        Ok((name, endpoint))
    }

    /// The grant of this session whose token lies there, open or over.
    fn named_by(&self, token_file: &Path, session: &SessionId) -> Option<GrantName> {
        let folder = token_file.parent()?;
        let name = GrantName(folder.file_name()?.to_str()?.to_owned());
        let is_ours = token_file == self.folder.join(&name.0).join(TOKEN) && name.is_for(session);
        is_ours.then_some(name)
    }

    /// Whether it was there to be taken up.
    fn take_up(&self, name: &GrantName) -> bool {
        match self.open_now().get_mut(name) {
            Some(grant) if grant.standing == Standing::Left => {
                grant.standing = Standing::Kept;
                true
            }
            Some(_) | None => false,
        }
    }

    /// Makes one, in the place of this one where that is over.
    fn make(&self, over: Option<GrantName>, session: &SessionId) -> io::Result<GrantName> {
        let mut chance = Zeroizing::new([0; CHANCE + NAME_CHANCE]);
        getrandom::fill(&mut *chance).map_err(io::Error::other)?;
        let token = Secret::new(hex::encode(&chance[..CHANCE]));
        let fresh = || {
            let chance = hex::encode(&chance[CHANCE..]);
            GrantName(format!("{}-{chance}", fingerprint(session)))
        };
        // Held to the end: what is not in there yet is cleared away as left over.
        let mut open = self.open_now();
        let over = over.filter(|name| !open.contains_key(name));
        let name = over.unwrap_or_else(fresh);
        let folder = self.folder.join(&name.0);
        clear_away(&folder);
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
        open.insert(name.clone(), grant);
        Ok(name)
    }

    /// The grant whose token this is, where it is one of this session. Every token is compared, and each in the same time,
    /// so that a stopwatch tells nothing of any.
    pub(super) fn opened_by(&self, token: &[u8], session: &SessionId) -> Option<GrantName> {
        let mut opened = None;
        for (name, grant) in self.open_now().iter() {
            if bool::from(grant.token.expose().as_bytes().ct_eq(token)) {
                opened = name.is_for(session).then(|| name.clone());
            }
        }
        opened
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
