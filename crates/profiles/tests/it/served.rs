//! Profiles whose `credential_process` is Sandglass itself.

use std::collections::BTreeMap;

use sandglass_core::names::{ProfileName, SessionId};
use sandglass_core::session::{Place, Renewal, Source};

use crate::Home;
use crate::inventory::{KEYS, ids, read_with, sighting};

const ROLE: &str = "\
[profile dev]
role_arn = arn:aws:iam::123456789012:role/Dev
source_profile = base
";

#[test]
fn such_a_profile_is_another_name_for_the_session_that_it_is_served() {
    let process = "[profile fresh]\ncredential_process = sandglass credentials --profile dev\n";
    let home = Home::with(&format!("{process}{ROLE}"), KEYS);
    let inventory = read_with(&home, &BTreeMap::new(), None);
    assert_eq!(ids(&inventory), ["role:dev", "keys:base"]);
    let used_in = &sighting(&inventory, "role:dev").used_in;
    assert!(used_in.contains(&Place::Profile(ProfileName::new("fresh"))));
    assert!(inventory.findings.is_empty(), "{:?}", inventory.findings);
}

#[test]
fn a_role_that_starts_from_such_a_profile_starts_from_what_it_is_served() {
    let chain = "\
[profile fresh]
credential_process = /usr/bin/sandglass credentials --profile=dev
[profile chained]
role_arn = arn:aws:iam::123456789012:role/Chained
source_profile = fresh
";
    let home = Home::with(&format!("{ROLE}{chain}"), KEYS);
    let inventory = read_with(&home, &BTreeMap::new(), None);
    let Renewal::Role(role) = &sighting(&inventory, "role:chained").definition.renewal else {
        panic!("no role")
    };
    let dev = Source::Session {
        id: SessionId::new("role:dev"),
        profile: ProfileName::new("dev"),
    };
    assert_eq!(role.source, dev);
}

#[test]
fn a_profile_that_asks_for_itself_or_for_nothing_is_told() {
    let config = "\
[profile self]
credential_process = sandglass credentials --profile self
[profile lost]
credential_process = sandglass credentials --profile nowhere
[profile a]
role_arn = arn:aws:iam::123456789012:role/A
source_profile = b
[profile b]
credential_process = sandglass credentials --profile a
";
    let home = Home::with(config, "");
    let inventory = read_with(&home, &BTreeMap::new(), None);
    assert_eq!(ids(&inventory), Vec::<&str>::new());
    for (place, words) in [
        (
            "~/.aws/config:2",
            "profile `self` asks Sandglass for its own credentials",
        ),
        (
            "~/.aws/config:4",
            "for the credentials of `nowhere`, for which no session is known",
        ),
        ("~/.aws/config:7", "go round in a circle"),
    ] {
        let mut findings = inventory.findings.iter();
        let found = findings.find(|finding| finding.place == place);
        let found = found.unwrap_or_else(|| panic!("{place}: {:?}", inventory.findings));
        assert!(found.message.contains(words), "{found:?}");
    }
}
