//! Live credentials in the caches of AWS that nothing on this machine names: of a profile that is gone, of another
//! configuration file, of another program. They are watched. What has ended is nobody's concern, and what is no cache
//! file of AWS is not looked at: databases, temporary files, what other programs keep there under names of their own.

use std::fs;
use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};
use sandglass_core::lifetimes::LONGEST;
use sandglass_core::names::{AccountId, SessionId};
use sandglass_core::secret::Credentials;
use sandglass_core::session::{Definition, Foreign, Found, Renewal};

use super::{Reader, issued, standing};
use crate::cache_file::{self, Reading};
use crate::paths::Paths;
use crate::{cli_cache, ids, login_cache, sso_cache};

/// The caches, by the names that the ids of their orphans carry.
#[derive(Clone, Copy)]
enum Cache {
    Cli,
    Sso,
    Login,
}

/// What a cache file holds, as far as it can be told without knowing what it is for.
struct Content {
    ends_at: Timestamp,
    account: Option<AccountId>,
    role_name: Option<String>,
}

impl Cache {
    const ALL: [Self; 3] = [Self::Cli, Self::Sso, Self::Login];

    fn name(self) -> &'static str {
        match self {
            Self::Cli => "cli-cache",
            Self::Sso => "sso-cache",
            Self::Login => "login-cache",
        }
    }

    fn folder(self, paths: &Paths) -> &Path {
        match self {
            Self::Cli => &paths.cli_cache,
            Self::Sso => &paths.sso_cache,
            Self::Login => &paths.login_cache,
        }
    }

    /// The digits of SHA-1 or SHA-256 that the names of its files have.
    fn digits(self) -> usize {
        match self {
            Self::Cli | Self::Sso => 40,
            Self::Login => 64,
        }
    }

    fn stem(self, path: &Path) -> Option<&str> {
        let stem = path.file_stem()?.to_str()?;
        let is_hash = stem.len() == self.digits()
            && stem
                .bytes()
                .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        let is_json = path
            .extension()
            .is_some_and(|extension| extension == "json");
        (is_hash && is_json).then_some(stem)
    }

    fn read(self, path: &Path) -> Reading<Content> {
        match self {
            Self::Cli => cli_cache::read_entry(path).map(|entry| {
                let arn = entry.assumed.as_deref();
                let (account, role_name) = arn.map_or((None, None), standing::role_in_arn);
                Content {
                    ends_at: entry.ends_at,
                    account: account.or(entry.account),
                    role_name,
                }
            }),
            Self::Sso => sso_cache::read_file(path).map(|token| Content {
                ends_at: token.expires_at,
                account: None,
                role_name: None,
            }),
            Self::Login => login_cache::read_file(path).map(|login| Content {
                ends_at: login.expires_at,
                account: login.account,
                role_name: None,
            }),
        }
    }
}

/// A file that has been incomplete for longer is not in the middle of a write.
const WRITING: SignedDuration = SignedDuration::from_secs(10);

impl Reader<'_> {
    pub(super) fn orphans(&mut self) {
        for cache in Cache::ALL {
            for (path, written_at) in files(cache.folder(self.paths)) {
                // Nothing in these caches lives longer from the moment when it is written: of thousands of old files,
                // none is opened.
                let may_live = self.now.duration_since(written_at) <= LONGEST;
                if may_live && !self.named.contains(&path) {
                    self.orphan(cache, &path, written_at);
                }
            }
        }
    }

    fn orphan(&mut self, cache: Cache, path: &Path, written_at: Timestamp) {
        let Some(stem) = cache.stem(path) else {
            return;
        };
        let content = match cache.read(path) {
            Reading::Present(stored) => stored.content,
            Reading::Torn => {
                if self.now.duration_since(written_at).abs() < WRITING {
                    self.torn.push(path.to_owned());
                }
                return;
            }
            Reading::Absent | Reading::Foreign | Reading::Unreadable(_) => return,
        };
        if content.ends_at <= self.now {
            return;
        }
        let renewal = Renewal::Foreign(Foreign {
            maker: None,
            account: content.account,
            role_name: content.role_name,
        });
        let end = issued(written_at, content.ends_at, renewal.usual_life());
        let definition = Definition {
            id: ids::orphan(cache.name(), stem),
            name: ids::orphan_name(cache.name(), stem),
            profile: None,
            storage: renewal.storage(),
            renewal,
        };
        let used_in = vec![self.place(path)];
        self.add(definition, Found::Credentials(end), used_in);
    }
}

/// The credentials of an orphan; none for a token of Identity Center, which is not a key.
pub(crate) fn credentials_of(paths: &Paths, id: &SessionId) -> Option<Credentials> {
    let of = |cache: Cache| {
        let mut found = files(cache.folder(paths)).into_iter();
        found.find_map(|(path, _)| {
            let stem = cache.stem(&path)?;
            (ids::orphan(cache.name(), stem) == *id).then_some(path)
        })
    };
    let in_cli = of(Cache::Cli).and_then(|path| cli_cache::read_entry(&path).present());
    if let Some(entry) = in_cli {
        return Some(entry.content.credentials);
    }
    let login = login_cache::read_file(&of(Cache::Login)?).present()?;
    Some(login.content.credentials)
}

/// The regular files of a folder and when they were written, in the order of their names; none where there is no such
/// folder.
fn files(folder: &Path) -> Vec<(PathBuf, Timestamp)> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut files: Vec<_> = entries
        .filter_map(|entry| {
            let metadata = fs::metadata(entry.path()).ok()?;
            metadata
                .is_file()
                .then(|| (entry.path(), cache_file::written_at(&metadata)))
        })
        .collect();
    files.sort();
    files
}
