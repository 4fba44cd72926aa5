//! Files of old that botocore still reads before it asks a container or an instance: `AWS_CREDENTIAL_FILE` of the first
//! command line tools, and the configuration of boto, the library before boto3 (sources of botocore, `OriginalEC2Provider`
//! and `BotoProvider`).

use std::path::{Path, PathBuf};
use std::{fs, io};

use sandglass_core::doctor::chain::{Cure, Giver, last_four};
use zeroize::Zeroizing;

use super::Found;
use super::slots::{Fate, Looked};
use crate::document::Document;

impl Looked<'_> {
    /// `AWSAccessKeyId=…` in the file that the variable names; one that is not there ends the search.
    pub(super) fn credential_file(&self) -> Option<Found> {
        let path = self.named_by("AWS_CREDENTIAL_FILE")?;
        let text = match regular(&path) {
            Ok(bytes) => Zeroizing::new(String::from_utf8_lossy(&bytes).into_owned()),
            Err(error) => {
                let why = format!(
                    "`{}`, which AWS_CREDENTIAL_FILE names, cannot be read: {error}",
                    self.paths.shown(&path)
                );
                return Some(self.keys_of_old(&path, None, Fate::Broken(why, Cure::Unset)));
            }
        };
        let value = |key: &str| {
            text.lines().find_map(|line| {
                let (name, value) = line.split_once('=')?;
                (name.trim() == key).then(|| value.trim())
            })
        };
        let id = value("AWSAccessKeyId")?;
        let fate = if value("AWSSecretKey").is_some() {
            Fate::Usable
        } else {
            Fate::Broken(
                "`AWSAccessKeyId` without `AWSSecretKey`".to_owned(),
                Cure::Keys,
            )
        };
        Some(self.keys_of_old(&path, Some(id), fate))
    }

    /// `[Credentials]` of the first file that has it.
    pub(super) fn boto_file(&self) -> Option<Found> {
        let files = match self.surroundings.get("BOTO_CONFIG") {
            Some(_) => self.named_by("BOTO_CONFIG").into_iter().collect(),
            None => vec!["/etc/boto.cfg".into(), self.paths.home.join(".boto")],
        };
        files.iter().find_map(|path| {
            let document = Document::parse(regular(path).ok()?.to_vec());
            let mut sections = document.sections().iter();
            let section = sections.find(|section| section.header == "Credentials")?;
            let value = |key: &str| {
                let mut properties = section.properties.iter();
                let property = properties.find(|property| property.key == key)?;
                Some(document.value(property))
            };
            let id = value("aws_access_key_id")?;
            let fate = if value("aws_secret_access_key").is_some() {
                Fate::Usable
            } else {
                Fate::Broken(
                    "`aws_access_key_id` without `aws_secret_access_key`".to_owned(),
                    Cure::Keys,
                )
            };
            Some(self.keys_of_old(path, Some(id.expose()), fate))
        })
    }

    /// The file that a variable names. A relative path is another file for each program, and is not looked at.
    fn named_by(&self, variable: &str) -> Option<PathBuf> {
        let path = self.paths.expanded(&self.surroundings.get(variable)?);
        Some(path).filter(|path| path.is_absolute())
    }

    fn keys_of_old(&self, path: &Path, id: Option<&str>, fate: Fate) -> Found {
        Found {
            giver: Giver::FormerKeys,
            place: self.paths.shown(path),
            key: id.map(|id| last_four(id).to_owned()),
            fate,
        }
    }
}

/// The bytes of a file; a pipe would never end.
fn regular(path: &Path) -> io::Result<Zeroizing<Vec<u8>>> {
    if fs::metadata(path)?.is_file() {
        fs::read(path).map(Zeroizing::new)
    } else {
        Err(io::ErrorKind::InvalidInput.into())
    }
}
