//! Files of old that botocore still reads before it asks a container or an instance: `AWS_CREDENTIAL_FILE` of the first
//! command line tools, and the configuration of boto, the library before boto3 (sources of botocore, `OriginalEC2Provider`
//! and `BotoProvider`).

use std::fs;
use std::path::{Path, PathBuf};

use sandglass_core::doctor::chain::{Cure, Giver, last_four};
use zeroize::Zeroizing;

use super::Found;
use super::slots::{Fate, Looked};
use crate::document::Document;

impl Looked<'_> {
    /// `AWSAccessKeyId=…` in the file that the variable names.
    pub(super) fn credential_file(&self) -> Option<Found> {
        let path = self.surroundings.get("AWS_CREDENTIAL_FILE")?;
        let path = PathBuf::from(path);
        let text = Zeroizing::new(fs::read_to_string(&path).ok()?);
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
        Some(self.keys_of_old(&path, id, fate))
    }

    /// `[Credentials]` of the first file that has it.
    pub(super) fn boto_file(&self) -> Option<Found> {
        let files = match self.surroundings.get("BOTO_CONFIG") {
            Some(path) => vec![PathBuf::from(path)],
            None => vec!["/etc/boto.cfg".into(), self.paths.home.join(".boto")],
        };
        files.iter().find_map(|path| {
            let document = Document::parse(fs::read(path).ok()?);
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
            Some(self.keys_of_old(path, id.expose(), fate))
        })
    }

    fn keys_of_old(&self, path: &Path, id: &str, fate: Fate) -> Found {
        Found {
            giver: Giver::FormerKeys,
            place: self.paths.shown(path),
            key: Some(last_four(id).to_owned()),
            fate,
        }
    }
}
