//! The throw-away home folder of one person, and the environment of the programs they start.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};
use tempfile::TempDir;

/// A home folder with its XDG folders and `~/.aws`; removed when dropped.
#[derive(Debug)]
pub struct Home {
    folder: TempDir,
}

impl Home {
    /// Makes an empty home. Its path is short, since a Unix socket's may have 108 bytes.
    pub fn new() -> Result<Self> {
        let folder = tempfile::Builder::new()
            .prefix("home-")
            .tempdir()
            .context("failed to make a throw-away home")?;
        let home = Self { folder };
        for private in [home.runtime(), home.aws(), home.logs()] {
            make_private_folder(&private)?;
        }
        for shared in [home.config(), home.data(), home.cache(), home.state()] {
            fs::create_dir_all(&shared)
                .with_context(|| format!("failed to make `{}`", shared.display()))?;
        }
        Ok(home)
    }

    /// `$HOME`.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// `$XDG_CONFIG_HOME`.
    pub fn config(&self) -> PathBuf {
        self.path().join(".config")
    }

    /// `$XDG_DATA_HOME`.
    pub fn data(&self) -> PathBuf {
        self.path().join(".local/share")
    }

    /// `$XDG_STATE_HOME`.
    pub fn state(&self) -> PathBuf {
        self.path().join(".local/state")
    }

    /// `$XDG_CACHE_HOME`.
    pub fn cache(&self) -> PathBuf {
        self.path().join(".cache")
    }

    /// `$XDG_RUNTIME_DIR`, mode 0700.
    pub fn runtime(&self) -> PathBuf {
        self.path().join("run")
    }

    /// `~/.aws`.
    pub fn aws(&self) -> PathBuf {
        self.path().join(".aws")
    }

    /// Where the programs of this home write what they say.
    pub fn logs(&self) -> PathBuf {
        self.path().join("logs")
    }

    /// Writes `~/.aws/<name>` with mode 0600, as the AWS CLI does, and tells its path.
    pub fn write_aws(&self, name: &str, text: &str) -> Result<PathBuf> {
        let path = self.aws().join(name);
        write_private(&path, text)
            .with_context(|| format!("failed to write `{}`", path.display()))?;
        Ok(path)
    }

    /// Reads `~/.aws/<name>`.
    pub fn read_aws(&self, name: &str) -> Result<String> {
        let path = self.aws().join(name);
        fs::read_to_string(&path).with_context(|| format!("failed to read `{}`", path.display()))
    }

    /// The environment of a person who has just logged in here, and nothing of the caller's but
    /// the search path.
    pub fn environment(&self) -> Environment {
        Environment::default()
            .with("PATH", std::env::var_os("PATH").unwrap_or_default())
            .with("LANG", "C.UTF-8")
            .with("HOME", self.path())
            .with("XDG_CONFIG_HOME", self.config())
            .with("XDG_DATA_HOME", self.data())
            .with("XDG_STATE_HOME", self.state())
            .with("XDG_CACHE_HOME", self.cache())
            .with("XDG_RUNTIME_DIR", self.runtime())
    }

    /// The last lines of every program's log, for the message of a failure.
    pub fn last_words(&self) -> String {
        const LINES: usize = 15;
        let mut logs: Vec<PathBuf> = fs::read_dir(self.logs())
            .into_iter()
            .flatten()
            .filter_map(|entry| Some(entry.ok()?.path()))
            .collect();
        logs.sort();
        let words = logs.iter().filter_map(|log| {
            let text = fs::read_to_string(log).ok()?;
            let lines: Vec<&str> = text.lines().collect();
            let last = lines[lines.len().saturating_sub(LINES)..].join("\n");
            let name = log.file_name()?.to_string_lossy();
            (!last.is_empty()).then(|| format!("\n--- {name}\n{last}"))
        });
        words.collect()
    }
}

/// Names and values for the programs that a journey starts; nothing else reaches them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Environment {
    variables: BTreeMap<OsString, OsString>,
}

impl Environment {
    /// The value of a variable.
    pub fn get(&self, name: &str) -> Option<&std::ffi::OsStr> {
        self.variables
            .get(std::ffi::OsStr::new(name))
            .map(OsString::as_os_str)
    }

    /// The same with one variable more, or with another value for it.
    #[must_use]
    pub fn with(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.variables.insert(name.into(), value.into());
        self
    }

    /// The same without one variable.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.variables.remove(&OsString::from(name));
        self
    }

    /// A command that has these variables and no others.
    pub fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command.env_clear().envs(&self.variables);
        if let Some(home) = self.variables.get(&OsString::from("HOME")) {
            command.current_dir(home);
        }
        command
    }
}

fn make_private_folder(path: &Path) -> Result<()> {
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .with_context(|| format!("failed to make `{}`", path.display()))
}

fn write_private(path: &Path, text: &str) -> Result<()> {
    if let Some(folder) = path.parent() {
        make_private_folder(folder)?;
    }
    fs::OpenOptions::new()
        .create(true)
        .truncate(true)
        .write(true)
        .mode(0o600)
        .open(path)?
        .write_all(text.as_bytes())?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn an_aws_file_is_readable_by_its_owner_alone() {
        let home = Home::new().expect("a home");
        let path = home.write_aws("sso/cache/x.json", "{}").expect("written");
        let mode = |path: &Path| fs::metadata(path).expect("there").permissions().mode() & 0o777;
        assert_eq!(mode(&path), 0o600);
        assert_eq!(mode(path.parent().expect("a folder")), 0o700);
        assert_eq!(home.read_aws("sso/cache/x.json").expect("read"), "{}");
    }

    #[test]
    fn a_program_gets_nothing_of_the_callers_environment_but_the_search_path() {
        let home = Home::new().expect("a home");
        let output = home
            .environment()
            .command("env")
            .output()
            .expect("env runs");
        let text = String::from_utf8(output.stdout).expect("text");
        let names: Vec<&str> = text
            .lines()
            .filter_map(|line| line.split('=').next())
            .collect();
        assert!(names.contains(&"XDG_RUNTIME_DIR"), "{names:?}");
        assert!(!names.contains(&"CARGO_PKG_NAME"), "{names:?}");
    }
}
