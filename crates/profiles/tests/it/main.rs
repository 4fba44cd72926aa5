//! The crate from outside, on real files.

#![expect(
    clippy::unwrap_used,
    reason = "what a test unwraps in vain is its failure"
)]

mod aws_cli;
mod caches;
mod chains;
mod connect;
mod corpus;
mod definitions;
mod disconnect;
mod exec_files;
mod inventory;
mod ledger;
mod lengths;
mod locks;
mod logins;
mod meaning;
mod own_files;
mod repairs;
mod served;
mod settings;
mod watched;
mod writing;

use std::path::Path;

use jiff::Timestamp;
use sandglass_core::secret::{Credentials, Secret};
use sandglass_profiles::paths::{Paths, System};
use sandglass_profiles::write::Writer;

/// A home folder of its own.
struct Home {
    folder: tempfile::TempDir,
    paths: Paths,
    writer: Writer,
}

impl Home {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let home = folder.path().as_os_str().to_owned();
        let paths =
            Paths::resolve(System::Unix, &|name| (name == "HOME").then(|| home.clone())).unwrap();
        let writer = Writer::new(&paths);
        Self {
            folder,
            paths,
            writer,
        }
    }

    fn with(config: &str, credentials: &str) -> Self {
        let home = Self::new();
        home.put(&home.paths.config, config);
        home.put(&home.paths.credentials, credentials);
        home
    }

    fn put(&self, path: &Path, text: impl AsRef<[u8]>) {
        assert!(path.starts_with(self.folder.path()));
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn credentials(id: &str, ends_at: &str) -> Credentials {
    Credentials {
        access_key_id: id.to_owned(),
        secret_access_key: Secret::new(format!("secret-of-{id}")),
        session_token: Some(Secret::new(format!("token-of-{id}=="))),
        expires_at: Some(at(ends_at)),
    }
}
