//! Owners and modes, where the system has them.

use std::fs::{DirBuilder, File, Metadata, OpenOptions};
use std::io;
use std::path::Path;

/// Makes a folder for its owner alone (0700), with the folders above it; one that is there stays as it is.
pub(crate) fn create_private_folder(folder: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Options to open a file for writing that is made for its owner alone (0600).
pub(crate) fn private_file() -> OpenOptions {
    let mut options = File::options();
    options.write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

#[cfg(unix)]
mod system {
    use super::{File, Metadata, Path, io};
    use std::fs::{Permissions, metadata};
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, fchown};

    /// A rename would go over the missing right to write, and over what its owner meant by it.
    pub(crate) fn is_read_only(metadata: &Metadata) -> bool {
        metadata.mode() & 0o200 == 0
    }

    /// The new file gets the owner of the old one, where that is permitted, and its mode without any right of others.
    pub(crate) fn match_owner_and_mode(new: &File, old: &Path) -> io::Result<()> {
        let old = metadata(old)?;
        let now = new.metadata()?;
        if (old.uid(), old.gid()) != (now.uid(), now.gid()) {
            match fchown(new, Some(old.uid()), Some(old.gid())) {
                Err(error) if error.kind() != io::ErrorKind::PermissionDenied => return Err(error),
                Ok(()) | Err(_) => {}
            }
        }
        new.set_permissions(Permissions::from_mode(old.mode() & 0o600))
    }

    /// Who may do what with a file, as `chmod` takes it.
    pub(crate) fn mode(path: &Path) -> io::Result<Option<u32>> {
        Ok(Some(metadata(path)?.mode() & 0o7777))
    }

    pub(crate) fn set_mode(path: &Path, mode: u32) -> io::Result<()> {
        std::fs::set_permissions(path, Permissions::from_mode(mode))
    }

    /// The rename itself is on the disk once this returns.
    pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
        File::open(folder)?.sync_all()
    }
}

#[cfg(not(unix))]
mod system {
    use super::{File, Metadata, Path, io};

    pub(crate) fn is_read_only(metadata: &Metadata) -> bool {
        metadata.permissions().readonly()
    }

    #[expect(
        clippy::unnecessary_wraps,
        reason = "the signature matches the one on Unix"
    )]
    pub(crate) fn match_owner_and_mode(_new: &File, _old: &Path) -> io::Result<()> {
        Ok(())
    }

    #[expect(
        clippy::unnecessary_wraps,
        reason = "the signature matches the one on Unix"
    )]
    pub(crate) fn mode(_path: &Path) -> io::Result<Option<u32>> {
        Ok(None)
    }

    #[expect(
        clippy::unnecessary_wraps,
        reason = "the signature matches the one on Unix"
    )]
    pub(crate) fn set_mode(_path: &Path, _mode: u32) -> io::Result<()> {
        Ok(())
    }

    #[expect(
        clippy::unnecessary_wraps,
        reason = "the signature matches the one on Unix"
    )]
    pub(crate) fn sync_folder(_folder: &Path) -> io::Result<()> {
        Ok(())
    }
}

pub(crate) use system::{is_read_only, match_owner_and_mode, mode, set_mode, sync_folder};
