//! Profiles that two programs write.

use sandglass_core::names::ProfileName;

use super::{Repair, plan, rewritten};
use crate::changes::{bytes_of, document, path_of};
use crate::config::{Configuration, Profile};
use crate::definitions::Defined;
use crate::edit::{Change, edit};
use crate::ends;
use crate::paths::Paths;
use crate::section::AwsFile;

/// Profiles of the credentials file that Sandglass writes, and that bear the marks of another program.
pub(super) fn of_targets(
    paths: &Paths,
    configuration: &Configuration,
    definitions: &[Defined],
) -> Vec<Repair> {
    let targets = definitions.iter().filter_map(Defined::target);
    targets
        .filter_map(|target| of_target(paths, configuration.profile(target)?))
        .collect()
}

fn of_target(paths: &Paths, profile: &Profile) -> Option<Repair> {
    let is_there = |key: &str| profile.setting_in(AwsFile::Credentials, key).map(|_| "");
    let maker = ends::maker(is_there)?;
    let marks: Vec<Change<'_>> = ends::marks()
        .filter(|key| is_there(key).is_some())
        .map(Change::Remove)
        .collect();
    let file = AwsFile::Credentials;
    let before = bytes_of(paths, path_of(paths, file)).ok()??;
    let after = edit(&document(Some(&before)), file, &profile.name, &marks).ok()?;
    let shown = paths.shown(&paths.credentials);
    let name: &ProfileName = &profile.name;
    let does = format!("the marks of {maker} leave profile `{name}` in `{shown}`; the keys stay");
    Some(Repair {
        code: "two-writers",
        place: format!("{shown}:[{name}]"),
        what: format!("Sandglass and {maker} both write profile `{name}` in `{shown}`"),
        why: "each puts its keys over those of the other, and the end that stands beside them can be that of the others"
            .to_owned(),
        prevention: Some(format!(
            "give one of the two another profile: {maker} in its own settings, or Sandglass with `sandglass mfa add` or \
             `sandglass role add`"
        )),
        covers: Vec::new(),
        plan: plan(&does, vec![rewritten(paths, file, &before, after)]),
        does,
    })
}
