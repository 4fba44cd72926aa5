//! Where the agent listens.

use std::io;
use std::path::{Path, PathBuf};

use interprocess::local_socket::Name;

/// The folder and the name of the agent's socket, of one user on one machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    folder: PathBuf,
}

/// Why there is no place for a socket.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Neither a runtime folder nor a home is known.
    #[error(
        "neither XDG_RUNTIME_DIR nor HOME is set, so that there is no place for the agent's socket"
    )]
    NoHome,
    /// The path does not fit into a socket address.
    #[error(
        "the path of the agent's socket is longer than {LONGEST_PATH} bytes: `{0}`; set XDG_RUNTIME_DIR to a shorter folder"
    )]
    TooLong(PathBuf),
    /// The folder cannot be made or is not safe.
    #[error("the folder `{path}` cannot hold the agent's socket: {reason}")]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
}

/// `sun_path` holds 104 bytes on macOS and 108 on Linux, with a final zero byte.
const LONGEST_PATH: usize = 103;

impl Place {
    /// The place that the variables of this process name.
    pub fn of_this_process() -> Result<Self, Error> {
        Self::find(|name| std::env::var(name).ok())
    }

    /// `$XDG_RUNTIME_DIR/sandglass`, which the system clears at logout; without one, a folder under the state or home
    /// folder of the user.
    pub fn find(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, Error> {
        let folder = |name: &str| {
            lookup(name)
                .map(PathBuf::from)
                .filter(|path| path.is_absolute())
        };
        let folder = if let Some(runtime) = folder("XDG_RUNTIME_DIR") {
            runtime.join("sandglass")
        } else if let Some(state) = folder("XDG_STATE_HOME") {
            state.join("sandglass/run")
        } else if let Some(data) = folder("LOCALAPPDATA") {
            data.join("Sandglass")
        } else {
            let home = folder("HOME").ok_or(Error::NoHome)?;
            home.join(".local/state/sandglass/run")
        };
        let place = Self { folder };
        if cfg!(unix) && place.socket().as_os_str().len() > LONGEST_PATH {
            return Err(Error::TooLong(place.socket()));
        }
        Ok(place)
    }

    /// The folder, which holds the socket and the lock.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The socket.
    pub fn socket(&self) -> PathBuf {
        self.folder.join("agent.sock")
    }

    /// The file that the one agent keeps locked.
    pub fn lock(&self) -> PathBuf {
        self.folder.join("agent.lock")
    }

    /// Makes the folder, for the user alone, and refuses one that others could have prepared.
    pub fn prepare(&self) -> Result<(), Error> {
        let trouble = |reason: String| Error::Folder {
            path: self.folder.clone(),
            reason,
        };
        std::fs::create_dir_all(&self.folder).map_err(|error| trouble(error.to_string()))?;
        only_ours(&self.folder).map_err(trouble)
    }

    /// The address of the socket for `interprocess`.
    #[cfg(unix)]
    pub fn name(&self) -> io::Result<Name<'static>> {
        use interprocess::local_socket::{GenericFilePath, ToFsName};
        self.socket().to_fs_name::<GenericFilePath>()
    }

    /// The address of the pipe for `interprocess`. Pipes live in one namespace for all users: the folder, which is the
    /// user's own, makes the name unique.
    #[cfg(windows)]
    pub fn name(&self) -> io::Result<Name<'static>> {
        use interprocess::local_socket::{GenericNamespaced, ToNsName};
        let unique: String = self
            .folder
            .to_string_lossy()
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
            .collect();
        format!("sandglass-agent-{unique}").to_ns_name::<GenericNamespaced>()
    }
}

#[cfg(unix)]
fn only_ours(folder: &Path) -> Result<(), String> {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    let metadata = std::fs::symlink_metadata(folder).map_err(|error| error.to_string())?;
    if !metadata.is_dir() {
        return Err("it is no folder".to_owned());
    }
    if metadata.uid() != rustix::process::geteuid().as_raw() {
        return Err("it belongs to another user".to_owned());
    }
    if metadata.mode() & 0o077 != 0 {
        std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o700))
            .map_err(|error| error.to_string())?;
    }
    Ok(())
}

#[cfg(windows)]
#[expect(
    clippy::unnecessary_wraps,
    reason = "the signature of the Unix version"
)]
fn only_ours(_folder: &Path) -> Result<(), String> {
    // The folder lies in the user's own profile, and the pipe carries its own access list.
    Ok(())
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn place(pairs: &[(&str, &str)]) -> Result<Place, Error> {
        Place::find(|name| {
            let (_, value) = pairs.iter().find(|(key, _)| *key == name)?;
            Some((*value).to_owned())
        })
    }

    #[test]
    fn the_runtime_folder_is_taken_where_there_is_one() {
        let place = place(&[("XDG_RUNTIME_DIR", "/run/user/1000"), ("HOME", "/home/ann")]).unwrap();
        assert_eq!(
            place.socket(),
            Path::new("/run/user/1000/sandglass/agent.sock")
        );
    }

    #[test]
    fn without_a_runtime_folder_the_home_serves() {
        let place = place(&[("XDG_RUNTIME_DIR", "relative"), ("HOME", "/home/ann")]).unwrap();
        assert_eq!(
            place.socket(),
            Path::new("/home/ann/.local/state/sandglass/run/agent.sock")
        );
        assert!(matches!(super::Place::find(|_| None), Err(Error::NoHome)));
    }

    #[test]
    fn a_path_that_fits_no_socket_is_refused_with_its_remedy() {
        let long = format!("/{}", "x".repeat(120));
        let error = place(&[("XDG_RUNTIME_DIR", &long)]).unwrap_err();
        assert!(error.to_string().contains("XDG_RUNTIME_DIR"), "{error}");
    }

    #[test]
    fn the_folder_is_closed_to_others() {
        let home = tempfile::tempdir().unwrap();
        let place = place(&[("HOME", home.path().to_str().unwrap())]).unwrap();
        place.prepare().unwrap();
        std::fs::set_permissions(place.folder(), std::fs::Permissions::from_mode(0o755)).unwrap();
        place.prepare().unwrap();
        let mode = std::fs::metadata(place.folder())
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o700);
    }

    #[test]
    fn a_file_in_the_folder_s_place_is_refused() {
        let home = tempfile::tempdir().unwrap();
        let place = place(&[("XDG_RUNTIME_DIR", home.path().to_str().unwrap())]).unwrap();
        std::fs::write(place.folder(), "").unwrap();
        assert!(matches!(place.prepare(), Err(Error::Folder { .. })));
    }
}
