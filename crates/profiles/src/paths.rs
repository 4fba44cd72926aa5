//! Where the files are: those of AWS, by the rules of the AWS CLI and the SDKs, and Sandglass's own.
//!
//! The environment is handed in as a lookup, so that every rule is a unit test; only [`Paths::from_process`] reads
//! the real one.

use std::ffi::OsString;
use std::path::{Component, Path, PathBuf};

/// The operating systems whose customs differ in where files lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum System {
    /// Linux and every other system that follows the XDG base directories.
    Unix,
    /// Application Support instead of `.config`.
    MacOs,
    /// `%USERPROFILE%` and `%APPDATA%`.
    Windows,
}

impl System {
    /// The one that this program was built for.
    pub const fn current() -> Self {
        if cfg!(windows) {
            Self::Windows
        } else if cfg!(target_os = "macos") {
            Self::MacOs
        } else {
            Self::Unix
        }
    }
}

/// Neither `HOME` nor, on Windows, `USERPROFILE` is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no home folder is known: set `HOME` (on Windows `USERPROFILE`)")]
pub struct NoHome;

/// Every file and folder that Sandglass reads or writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paths {
    /// The home folder.
    pub home: PathBuf,
    /// `AWS_CONFIG_FILE`, or `~/.aws/config`.
    pub config: PathBuf,
    /// `AWS_SHARED_CREDENTIALS_FILE`, or `~/.aws/credentials`.
    pub credentials: PathBuf,
    /// `~/.aws/sso/cache`: always under home, whatever the variables say (AWS CLI and every SDK).
    pub sso_cache: PathBuf,
    /// `~/.aws/cli/cache`: likewise.
    pub cli_cache: PathBuf,
    /// `AWS_LOGIN_CACHE_DIRECTORY`, or `~/.aws/login/cache`.
    pub login_cache: PathBuf,
    /// Sandglass's own settings: `sessions.toml`, `agreement.toml`, `settings.toml`.
    pub settings: PathBuf,
    /// Sandglass's own state: the ledger, locks and backups.
    pub state: PathBuf,
}

impl Paths {
    /// The paths of this process: its system, its environment, its working folder for relative paths.
    pub fn from_process() -> Result<Self, NoHome> {
        let mut paths = Self::resolve(System::current(), &|name| std::env::var_os(name))?;
        for path in [
            &mut paths.config,
            &mut paths.credentials,
            &mut paths.login_cache,
        ] {
            if let Ok(absolute) = std::path::absolute(&*path) {
                *path = absolute;
            }
        }
        Ok(paths)
    }

    /// The paths that this environment means on that system. An empty variable counts as unset.
    pub fn resolve(
        system: System,
        lookup: &dyn Fn(&str) -> Option<OsString>,
    ) -> Result<Self, NoHome> {
        let set = |name: &str| lookup(name).filter(|value| !value.is_empty());
        let home = home(system, &set).ok_or(NoHome)?;
        let aws = home.join(".aws");
        let file = |name: &str, usual: &str| {
            set(name).map_or_else(|| aws.join(usual), |value| expand(&home, value))
        };
        // The XDG specification: a relative path is to be ignored.
        let folder = |name: &str| {
            set(name)
                .map(PathBuf::from)
                .filter(|path| path.is_absolute() || system == System::Windows)
        };
        let library = home.join("Library").join("Application Support");
        let settings = folder("XDG_CONFIG_HOME").unwrap_or_else(|| match system {
            System::Unix => home.join(".config"),
            System::MacOs => library.clone(),
            System::Windows => {
                folder("APPDATA").unwrap_or_else(|| home.join("AppData").join("Roaming"))
            }
        });
        let state = folder("XDG_STATE_HOME").map_or_else(
            || match system {
                System::Unix => home.join(".local").join("state").join("sandglass"),
                System::MacOs => library.join("sandglass").join("state"),
                System::Windows => folder("LOCALAPPDATA")
                    .unwrap_or_else(|| home.join("AppData").join("Local"))
                    .join("sandglass")
                    .join("state"),
            },
            |xdg| xdg.join("sandglass"),
        );
        Ok(Self {
            config: file("AWS_CONFIG_FILE", "config"),
            credentials: file("AWS_SHARED_CREDENTIALS_FILE", "credentials"),
            sso_cache: aws.join("sso").join("cache"),
            cli_cache: aws.join("cli").join("cache"),
            login_cache: set("AWS_LOGIN_CACHE_DIRECTORY").map_or_else(
                || aws.join("login").join("cache"),
                |value| expand(&home, value),
            ),
            settings: settings.join("sandglass"),
            state,
            home,
        })
    }

    /// The sessions that Sandglass itself defines.
    pub fn sessions_toml(&self) -> PathBuf {
        self.settings.join("sessions.toml")
    }

    /// What the person agreed to.
    pub fn agreement_toml(&self) -> PathBuf {
        self.settings.join("agreement.toml")
    }

    /// Lead times and quiet hours.
    pub fn settings_toml(&self) -> PathBuf {
        self.settings.join("settings.toml")
    }

    /// When the credentials were issued that no file of AWS keeps an end for.
    pub fn ledger(&self) -> PathBuf {
        self.state.join("ledger.json")
    }

    /// A path as a person writes it into a variable: `~` is the home folder.
    pub(crate) fn expanded(&self, text: &str) -> PathBuf {
        expand(&self.home, text.into())
    }

    /// A path as people write it: `~/.aws/config` where it lies under the home folder.
    pub fn shown(&self, path: &Path) -> String {
        match path.strip_prefix(&self.home) {
            Ok(rest) if !rest.as_os_str().is_empty() => {
                format!("~{}{}", std::path::MAIN_SEPARATOR, rest.display())
            }
            Ok(_) => "~".to_owned(),
            Err(_) => path.display().to_string(),
        }
    }
}

/// `HOME`; on Windows then `USERPROFILE`, then `HOMEDRIVE` with `HOMEPATH`, as the SDKs look for it.
fn home(system: System, set: &dyn Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let windows = || {
        set("USERPROFILE").or_else(|| {
            let mut home = set("HOMEDRIVE")?;
            home.push(set("HOMEPATH")?);
            Some(home)
        })
    };
    match system {
        System::Unix | System::MacOs => set("HOME"),
        System::Windows => set("HOME").or_else(windows),
    }
    .map(PathBuf::from)
}

/// A leading `~` component is the home folder. `$VAR`, which only botocore expands, is not.
fn expand(home: &Path, value: OsString) -> PathBuf {
    let path = PathBuf::from(value);
    let mut components = path.components();
    match components.next() {
        Some(Component::Normal(first)) if first == "~" => home.join(components.as_path()),
        _ => path,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(system: System, variables: &[(&str, &str)]) -> Paths {
        Paths::resolve(system, &|name| {
            variables
                .iter()
                .find(|(key, _)| *key == name)
                .map(|(_, value)| OsString::from(value))
        })
        .unwrap()
    }

    #[test]
    fn a_bare_home_has_the_usual_places() {
        let paths = paths(System::Unix, &[("HOME", "/home/me")]);
        assert_eq!(paths.config, Path::new("/home/me/.aws/config"));
        assert_eq!(paths.credentials, Path::new("/home/me/.aws/credentials"));
        assert_eq!(paths.sso_cache, Path::new("/home/me/.aws/sso/cache"));
        assert_eq!(paths.cli_cache, Path::new("/home/me/.aws/cli/cache"));
        assert_eq!(paths.login_cache, Path::new("/home/me/.aws/login/cache"));
        assert_eq!(paths.settings, Path::new("/home/me/.config/sandglass"));
        assert_eq!(paths.state, Path::new("/home/me/.local/state/sandglass"));
    }

    #[test]
    fn variables_move_the_two_files_and_of_the_caches_only_that_of_aws_login() {
        let paths = paths(
            System::Unix,
            &[
                ("HOME", "/home/me"),
                ("AWS_CONFIG_FILE", "~/work/config"),
                ("AWS_SHARED_CREDENTIALS_FILE", "/etc/keys"),
                ("AWS_LOGIN_CACHE_DIRECTORY", "~/logins"),
                ("XDG_CONFIG_HOME", "/xdg/config"),
                ("XDG_STATE_HOME", "/xdg/state"),
            ],
        );
        assert_eq!(paths.config, Path::new("/home/me/work/config"));
        assert_eq!(paths.credentials, Path::new("/etc/keys"));
        assert_eq!(paths.login_cache, Path::new("/home/me/logins"));
        assert_eq!(paths.sso_cache, Path::new("/home/me/.aws/sso/cache"));
        assert_eq!(paths.settings, Path::new("/xdg/config/sandglass"));
        assert_eq!(paths.state, Path::new("/xdg/state/sandglass"));
    }

    #[test]
    fn an_empty_variable_is_unset_and_a_tilde_inside_a_name_stays() {
        let paths = paths(
            System::Unix,
            &[
                ("HOME", "/home/me"),
                ("AWS_CONFIG_FILE", ""),
                ("AWS_SHARED_CREDENTIALS_FILE", "/tmp/~keys"),
                ("XDG_CONFIG_HOME", "relative"),
            ],
        );
        assert_eq!(paths.config, Path::new("/home/me/.aws/config"));
        assert_eq!(paths.credentials, Path::new("/tmp/~keys"));
        assert_eq!(paths.settings, Path::new("/home/me/.config/sandglass"));
    }

    #[test]
    fn windows_and_macos_have_their_own_customs() {
        let windows = paths(
            System::Windows,
            &[
                ("USERPROFILE", "/Users/me"),
                ("APPDATA", "/Users/me/AppData/Roaming"),
            ],
        );
        assert_eq!(windows.config, Path::new("/Users/me/.aws/config"));
        assert_eq!(
            windows.settings,
            Path::new("/Users/me/AppData/Roaming/sandglass")
        );
        let mac = paths(System::MacOs, &[("HOME", "/Users/me")]);
        assert_eq!(
            mac.settings,
            Path::new("/Users/me/Library/Application Support/sandglass")
        );
        assert_ne!(mac.state, mac.settings);
    }

    #[test]
    fn without_a_home_there_is_a_clear_error() {
        let error = Paths::resolve(System::Unix, &|_| None).unwrap_err();
        assert!(error.to_string().contains("`HOME`"));
    }

    #[test]
    fn paths_under_home_are_shown_as_people_write_them() {
        let paths = paths(System::Unix, &[("HOME", "/home/me")]);
        assert_eq!(paths.shown(&paths.config), "~/.aws/config");
        assert_eq!(paths.shown(Path::new("/etc/keys")), "/etc/keys");
    }
}
