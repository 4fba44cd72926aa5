//! The file of the sealed store: one owner at a time, mode 0600, replaced as a whole by a rename.

use std::ffi::OsString;
use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::sleep;

use super::SealedError;

/// How long another process may be at the file: longer than a keychain takes that nobody has to unlock.
pub(super) const LOCK_WAIT: Duration = Duration::from_secs(10);
const LOCK_PAUSE: Duration = Duration::from_millis(5);

/// The file, while nobody else may change it. The lock ends with the last clone, so that a write that is under way keeps it
/// even where its caller has gone.
#[derive(Clone)]
pub(super) struct LockedFile {
    path: Arc<Path>,
    _lock: Arc<File>,
}

impl LockedFile {
    /// Waits for its turn. Makes the folder, for its owner alone, where there is none.
    pub(super) async fn take(path: &Arc<Path>) -> Result<Self, SealedError> {
        let owned = path.clone();
        let lock = blocking(path, "lock", move || open_lock(&owned)).await?;
        let mut waited = Duration::ZERO;
        loop {
            match lock.try_lock() {
                Ok(()) => break,
                Err(TryLockError::WouldBlock) if waited < LOCK_WAIT => {
                    sleep(LOCK_PAUSE).await;
                    waited += LOCK_PAUSE;
                }
                Err(TryLockError::WouldBlock) => {
                    return Err(SealedError::InUse {
                        path: path.to_path_buf(),
                    });
                }
                // Some network file systems know no locks. A reader still sees the old file or the new one.
                Err(TryLockError::Error(source)) if source.kind() == io::ErrorKind::Unsupported => {
                    break;
                }
                Err(TryLockError::Error(source)) => {
                    return Err(SealedError::system("lock", path, source));
                }
            }
        }
        Ok(Self {
            path: path.clone(),
            _lock: Arc::new(lock),
        })
    }

    /// None where there is no file.
    pub(super) async fn read(&self) -> Result<Option<Vec<u8>>, SealedError> {
        self.perform("read", |path| {
            match fs::metadata(path) {
                Ok(metadata) if metadata.is_file() => {}
                Ok(_) => return Err(io::Error::other("it is not a regular file")),
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
                Err(error) => return Err(error),
            }
            fs::read(path).map(Some)
        })
        .await
    }

    /// The file has these bytes, or is as it was.
    pub(super) async fn replace(&self, bytes: Vec<u8>) -> Result<(), SealedError> {
        self.perform("replace", move |path| {
            // With the lock held, one that is there was left by a process that was killed.
            let new = beside(path, "new");
            remove_if_there(&new)?;
            let written = private_file()
                .create_new(true)
                .open(&new)
                .and_then(|mut file| {
                    file.write_all(&bytes)?;
                    file.sync_all()
                })
                .and_then(|()| fs::rename(&new, path));
            if let Err(error) = written {
                // What keeps it from being removed is what the error tells of.
                let _ = fs::remove_file(&new);
                return Err(error);
            }
            sync_folder(path)
        })
        .await
    }

    pub(super) async fn remove(&self) -> Result<(), SealedError> {
        self.perform("remove", |path| {
            remove_if_there(path)?;
            sync_folder(path)
        })
        .await
    }

    /// Renames the file to a name that is free, and returns that.
    pub(super) async fn set_aside(&self, now: Timestamp) -> Result<PathBuf, SealedError> {
        self.perform("set aside", move |path| {
            let name = format!("unreadable-{}", now.strftime("%Y%m%dT%H%M%SZ"));
            let mut aside = beside(path, &name);
            let mut count = 1;
            while fs::symlink_metadata(&aside).is_ok() {
                count += 1;
                aside = beside(path, &format!("{name}-{count}"));
            }
            fs::rename(path, &aside)?;
            sync_folder(path)?;
            Ok(aside)
        })
        .await
    }

    pub(super) async fn perform<T: Send + 'static>(
        &self,
        doing: &'static str,
        act: impl FnOnce(&Path) -> io::Result<T> + Send + 'static,
    ) -> Result<T, SealedError> {
        let file = self.clone();
        blocking(&self.path, doing, move || {
            let done = act(&file.path);
            // Named, so that the closure owns the lock too and not the path alone.
            drop(file);
            done
        })
        .await
    }
}

/// Disks and network homes take their time: none of the runtime's threads waits for them.
pub(super) async fn blocking<T: Send + 'static>(
    path: &Path,
    doing: &'static str,
    act: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T, SealedError> {
    tokio::task::spawn_blocking(act)
        .await
        .unwrap_or_else(|ended| Err(ended.into()))
        .map_err(|source| SealedError::system(doing, path, source))
}

fn open_lock(path: &Path) -> io::Result<File> {
    let mut folder = DirBuilder::new();
    folder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut folder, 0o700);
    folder.create(parent(path))?;
    private_file()
        .create(true)
        .truncate(false)
        .open(beside(path, "lock"))
}

/// Options to write a file that is made for its owner alone.
fn private_file() -> OpenOptions {
    let mut options = File::options();
    options.write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

fn remove_if_there(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// A rename or removal is on the disk once this returns.
#[cfg(unix)]
fn sync_folder(path: &Path) -> io::Result<()> {
    File::open(parent(path))?.sync_all()
}

#[cfg(not(unix))]
#[expect(
    clippy::unnecessary_wraps,
    reason = "the signature matches the one on Unix"
)]
fn sync_folder(_path: &Path) -> io::Result<()> {
    Ok(())
}

fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(".");
    name.push(ending);
    name.into()
}
