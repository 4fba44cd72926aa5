//! How long a session is asked for, changed where it is defined.

use std::fs;

use sandglass_core::error::{ErrorCode, RenewalError};
use sandglass_profiles::changes::Planned;
use sandglass_profiles::lengths;

use crate::Home;
use crate::connect::{ROLE, changes, connect, name};
use crate::inventory::{KEYS, read, sighting};

fn planned(home: &Home, session: &str, seconds: u32) -> Result<Planned, RenewalError> {
    let definition = sighting(&read(home), session).definition.clone();
    let inventory = read(home);
    let source = definition.renewal.source();
    let source = source.map(|id| &sighting(&inventory, id.as_str()).definition);
    lengths::asking(&home.paths, &definition, source, seconds)
}

fn carried_out(home: &Home, session: &str, seconds: u32) -> String {
    let plan = changes(planned(home, session, seconds));
    plan.carry_out(&home.writer).unwrap();
    plan.diff()
}

fn refused(home: &Home, session: &str, seconds: u32) -> RenewalError {
    match planned(home, session, seconds) {
        Err(error) => error,
        Ok(_) => panic!("{session} takes {seconds} s"),
    }
}

fn config(home: &Home) -> String {
    fs::read_to_string(&home.paths.config).unwrap()
}

fn sessions(home: &Home) -> String {
    fs::read_to_string(home.paths.sessions_toml()).unwrap()
}

#[test]
fn a_role_gets_a_line_in_its_profile_and_every_other_byte_stays() {
    let home = Home::with(ROLE, KEYS);
    let diff = carried_out(&home, "role:dev", 14_400);
    assert!(diff.contains("+duration_seconds"), "{diff}");
    let (before, after) = ROLE.split_once("output = json\n").unwrap();
    assert_eq!(
        config(&home),
        format!("{before}output = json\nduration_seconds = 14400\n{after}")
    );
    // Once more it changes the value alone.
    carried_out(&home, "role:dev", 7200);
    assert!(config(&home).contains("duration_seconds = 7200\n"));
    assert!(matches!(
        planned(&home, "role:dev", 7200),
        Ok(Planned::Nothing(sentence)) if sentence == "`dev` asks for 2 h already"
    ));
}

#[test]
fn a_length_in_the_credentials_file_is_changed_there_since_it_goes_first() {
    let credentials = format!(
        "{KEYS}\n[app]\nrole_arn = arn:aws:iam::123456789012:role/App\nsource_profile = base\nduration_seconds = 900 \n"
    );
    let home = Home::with("[profile app]\nduration_seconds = 3600\n", &credentials);
    carried_out(&home, "role:app", 43_200);
    assert_eq!(config(&home), "[profile app]\nduration_seconds = 3600\n");
    let after = fs::read_to_string(&home.paths.credentials).unwrap();
    assert_eq!(
        after,
        credentials.replace("duration_seconds = 900", "duration_seconds = 43200")
    );
}

#[test]
fn what_sandglass_itself_defines_is_changed_in_its_own_file() {
    let home = Home::with("", KEYS);
    let before = "[mfa.m]\nsource = \"base\"\nduration_seconds = 43200 # half a day\n\n[role.r]\nrole_arn = \
                  \"arn:aws:iam::123456789012:role/App\"\nsource = \"base\"\n\n[federation.f]\nsource = \"base\"\nuser = \
                  \"report\"\nduration_seconds = 900\n";
    home.put(&home.paths.sessions_toml(), before);
    carried_out(&home, "session-token:m", 129_600);
    carried_out(&home, "role:r", 7200);
    carried_out(&home, "federation-token:f", 3600);
    let expected = before
        .replace("43200 # half", "129600 # half")
        .replace(
            "= \"base\"\n\n[fed",
            "= \"base\"\nduration_seconds = 7200\n\n[fed",
        )
        .replace("= 900", "= 3600");
    assert_eq!(sessions(&home), expected);
}

#[test]
fn of_a_connected_profile_the_length_is_in_what_it_means() {
    let home = Home::with(ROLE, KEYS);
    let keys = connect(&home, "dev");
    let connected = config(&home);
    let plan = changes(planned(&home, "role:dev", 14_400));
    assert!(plan.sentences[1].contains("sandglass disconnect dev"));
    plan.carry_out(&home.writer).unwrap();
    assert_eq!(config(&home), connected);
    assert!(sessions(&home).contains("duration_seconds = \"14400\""));
    let back = sandglass_profiles::connect::disconnecting(&home.paths, &name("dev"), &keys);
    changes(back).carry_out(&home.writer).unwrap();
    assert_eq!(config(&home), ROLE);
}

#[test]
fn a_length_that_aws_does_not_take_is_refused_with_the_limits() {
    let home = Home::with(ROLE, KEYS);
    home.put(&home.paths.sessions_toml(), "[mfa.m]\nsource = \"base\"\n");
    for (session, seconds, limits) in [
        ("role:dev", 899, "15 min to 12 h"),
        ("role:dev", 43_201, "15 min to 12 h"),
        ("session-token:m", 129_601, "15 min to 1 day 12 h"),
    ] {
        let error = refused(&home, session, seconds);
        assert_eq!(error.code, ErrorCode::InvalidDefinition);
        assert!(error.message.contains(limits), "{error:?}");
    }
    assert_eq!(config(&home), ROLE);
}

#[test]
fn of_a_role_that_is_made_from_a_role_no_more_than_an_hour_is_asked() {
    let chain = format!(
        "{ROLE}\n[profile far]\nrole_arn = arn:aws:iam::210987654321:role/Far\nsource_profile = dev\n"
    );
    let home = Home::with(&chain, KEYS);
    let error = refused(&home, "role:far", 7200);
    assert!(error.message.contains("15 min to 1 h"), "{error:?}");
    assert!(error.remedy.contains("long-lived keys"), "{error:?}");
    carried_out(&home, "role:far", 3600);
}

#[test]
fn what_nobody_sets_here_is_refused_with_who_does() {
    let home = Home::with(
        "[sso-session s]\nsso_start_url = https://a\nsso_region = eu-west-1\n[profile p]\nsso_session = s\nsso_account_id = \
         123456789012\nsso_role_name = Dev\n",
        KEYS,
    );
    let error = refused(&home, "sso-role:p", 7200);
    assert!(error.remedy.contains("your administrator"), "{error:?}");
    let error = refused(&home, "keys:base", 7200);
    assert!(error.remedy.contains("no end"), "{error:?}");
}

#[test]
fn a_file_that_no_client_can_read_is_left_alone() {
    let twice = format!("{ROLE}\n[profile dev]\nregion = x\n");
    let home = Home::with(&twice, KEYS);
    let error = refused(&home, "role:dev", 7200);
    assert!(error.message.contains("stands twice"), "{error:?}");
    assert_eq!(config(&home), twice);
}
