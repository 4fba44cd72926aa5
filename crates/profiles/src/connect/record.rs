//! What connecting changed, for the way back: one file for each profile in the state folder.

use std::path::PathBuf;

use sandglass_core::error::{ErrorCode, RenewalError};
use sandglass_core::names::ProfileName;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::block::Block;
use crate::changes::bytes_of;
use crate::paths::Paths;

/// What one profile looked like.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Record {
    /// Its name.
    pub(super) profile: String,
    /// The sections that were changed, in the order in which that was done.
    pub(super) blocks: Vec<Block>,
}

/// A record, and the file that holds it.
pub(super) struct Stored {
    pub(super) record: Record,
    pub(super) bytes: Zeroizing<Vec<u8>>,
}

/// Profile names hold what file names cannot.
pub(super) fn path(paths: &Paths, profile: &ProfileName) -> PathBuf {
    let name = hex::encode(Sha256::digest(profile.as_str()));
    paths
        .state
        .join("connected")
        .join(format!("{}.json", &name[..32]))
}

impl Record {
    pub(super) fn to_bytes(&self) -> Result<Zeroizing<Vec<u8>>, RenewalError> {
        serde_json::to_vec_pretty(self)
            .map(Zeroizing::new)
            .map_err(|error| {
                RenewalError::new(
                    ErrorCode::Internal,
                    format!("what is to be changed could not be noted: {error}"),
                    "this is a defect of Sandglass: please report it",
                )
            })
    }

    /// The record of this profile with its bytes. One that is damaged is as good as none.
    pub(super) fn read(
        paths: &Paths,
        profile: &ProfileName,
    ) -> Result<Option<Stored>, RenewalError> {
        let Some(bytes) = bytes_of(paths, &path(paths, profile))? else {
            return Ok(None);
        };
        let record: Option<Self> = serde_json::from_slice(&bytes).ok();
        Ok(record
            .filter(|record| record.profile == profile.as_str())
            .map(|record| Stored { record, bytes }))
    }
}
