//! A case on a throw-away home, and where the doctor says something else.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Stdio;
use std::time::{Duration, SystemTime};

use anyhow::{Context as _, Result, ensure};
use sandglass_journeys::clock::in_seconds;
use sandglass_journeys::home::{Environment, Home};
use sandglass_journeys::machine::Said;
use sandglass_journeys::programs::{self, Program};
use serde_json::Value;

use crate::case::{KEY_ID, Pasted, ROW, Row, SECRET, Told, Variable};

/// When files were written: in November 2023.
const LONG_AGO: Duration = Duration::from_secs(1_700_000_000);

/// A home with an agent, which leaves when it is dropped.
struct Place {
    home: Home,
    environment: Environment,
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Ok(sandglass) = programs::path("sandglass") {
            // Where it fails there is no agent.
            let _ = self.environment.command(sandglass).arg("quit").output();
        }
    }
}

/// A home for each case.
pub(crate) fn check(rows: &[Row]) -> Result<()> {
    all_at_once(rows.iter().map(|row| {
        let place = prepare(row)?;
        let logs = place.home.logs();
        let start = |(number, variables): (usize, &[Variable])| {
            let mut environment = place.environment.clone();
            for (name, value) in variables {
                environment = environment.with(*name, filled(value, &place.home)?);
            }
            let mut command = environment.command("sleep");
            Program::start(&format!("program-{number}"), command.arg("600"), &logs)
        };
        let programs = row.programs.iter().copied().enumerate().map(start);
        let programs: Vec<Program> = programs.collect::<Result<_>>()?;
        differences(&place, row, &programs)
    }))
}

/// One home for all, since nothing but the text varies.
pub(crate) fn check_pasted(rows: &[Pasted]) -> Result<()> {
    let place = prepare(&ROW)?;
    all_at_once(rows.iter().map(|(text, told)| {
        let row = Row {
            what: text,
            error: Some(text),
            told,
            ..ROW
        };
        differences(&place, &row, &[])
    }))
}

fn all_at_once(rows: impl Iterator<Item = Result<Vec<String>>>) -> Result<()> {
    let mut all = Vec::new();
    for differences in rows {
        all.extend(differences.unwrap_or_else(|error| vec![format!("{error:#}")]));
    }
    ensure!(all.is_empty(), "\n{}", all.join("\n"));
    Ok(())
}

fn prepare(row: &Row) -> Result<Place> {
    let home = Home::new()?;
    for (name, text) in [("config", row.config), ("credentials", row.credentials)] {
        if !text.is_empty() {
            home.write_aws(name, &filled(text, &home)?)?;
        }
    }
    for (name, text, mode) in row.files {
        let path = home.path().join(name);
        fs::create_dir_all(path.parent().context("no folder")?)?;
        fs::write(&path, filled(text, &home)?)?;
        fs::set_permissions(&path, fs::Permissions::from_mode(*mode))?;
        // A young file may be half of a write.
        let file = fs::File::options().write(true).open(&path)?;
        file.set_modified(SystemTime::UNIX_EPOCH + LONG_AGO)?;
    }
    let environment = home
        .environment()
        .with("AWS_EC2_METADATA_DISABLED", "true")
        // No case is about what AWS answers.
        .with("AWS_ENDPOINT_URL", "http://127.0.0.1:9");
    Ok(Place { home, environment })
}

/// A text without its placeholders.
fn filled(text: &str, home: &Home) -> Result<String> {
    let mut text = text.replace("{home}", &home.path().to_string_lossy());
    for sign in ["{+", "{-"] {
        while let Some((before, rest)) = text.split_once(sign) {
            let (seconds, after) = rest.split_once('}').context("no end of a moment")?;
            let seconds: i64 = format!("{}{seconds}", &sign[1..]).parse()?;
            text = format!("{before}{}{after}", in_seconds(seconds));
        }
    }
    Ok(text)
}

/// Asks the doctor. A text of several lines goes the way of a log.
fn ask(place: &Place, row: &Row) -> Result<Said> {
    let mut environment = place.environment.clone();
    for (name, value) in row.variables {
        environment = environment.with(*name, filled(value, &place.home)?);
    }
    let is_log = row.error.is_some_and(|text| text.contains('\n'));
    let mut command = environment.command(programs::path("sandglass")?);
    command
        .args(["doctor", "--json"])
        .args(row.profile)
        .args(row.sdk.into_iter().flat_map(|sdk| ["--sdk", sdk]))
        .args(row.error.into_iter().flat_map(|text| {
            let text = if is_log { "-" } else { text };
            ["--error", text]
        }))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn()?;
    let mut stdin = child.stdin.take().context("no stdin")?;
    if let Some(text) = row.error.filter(|_| is_log) {
        stdin.write_all(text.as_bytes())?;
    }
    drop(stdin);
    Ok(Said::from(child.wait_with_output()?))
}

/// Where the doctor says something else than the row, a sentence each.
fn differences(place: &Place, row: &Row, programs: &[Program]) -> Result<Vec<String>> {
    let said = ask(place, row).with_context(|| row.what)?;
    let diagnosis: Value = serde_json::from_str(&said.out)
        .with_context(|| format!("{}: no JSON: {said:?}", row.what))?;
    let all = diagnosis["findings"].as_array().context("no findings")?;
    let mut wrong = Vec::new();
    if said.code != Some(i32::from(!all.is_empty())) {
        wrong.push(format!("it ends with {:?}", said.code));
    }
    for hidden in [SECRET, KEY_ID] {
        if said.out.contains(hidden) || said.err.contains(hidden) {
            wrong.push(format!("it shows `{hidden}`"));
        }
    }
    let findings: Vec<&Value> = all
        .iter()
        .filter(|finding| is_of_row(finding, programs))
        .collect();
    let codes: Vec<&str> = findings
        .iter()
        .filter_map(|finding| finding["code"].as_str())
        .collect();
    let expected: Vec<&str> = row.told.iter().map(|told| told.code).collect();
    if codes == expected {
        for (finding, told) in findings.iter().zip(row.told) {
            wrong.extend(otherwise(finding, told));
        }
    } else {
        let whats: Vec<&Value> = findings.iter().map(|finding| &finding["what"]).collect();
        wrong.push(format!(
            "it tells {codes:?} and not {expected:?}: {whats:?}"
        ));
    }
    let name = |wrong| format!("{}: {wrong}", row.what);
    Ok(wrong.into_iter().map(name).collect())
}

/// Other programs of this machine may hold keys as well.
fn is_of_row(finding: &Value, programs: &[Program]) -> bool {
    let what = finding["what"].as_str().unwrap_or_default();
    let mut pids = programs.iter().map(Program::pid);
    finding["code"] != "process-holds-keys"
        || pids.any(|pid| what.contains(&format!("(pid {pid})")))
}

/// What a finding says otherwise.
fn otherwise(finding: &Value, told: &Told) -> Vec<String> {
    let first = &finding["remedies"][0];
    let remedy = format!("{} {}", first["sentence"], first["command"]);
    let origin = &finding["origin"];
    let what = finding["what"].to_string();
    let whats = told.what.iter().map(|part| ("what", what.clone(), *part));
    let texts = [
        ("severity", finding["severity"].to_string(), told.severity),
        ("remedy", remedy, told.remedy),
        ("why", finding["why"].to_string(), told.why),
        ("said by", origin["said_by"].to_string(), told.said_by),
        ("about", origin["about"].to_string(), told.about),
    ];
    whats
        .chain(texts)
        .filter(|(_, said, part)| !said.contains(part))
        .map(|(field, said, part)| {
            format!("{}: its {field} is {said}, without `{part}`", told.code)
        })
        .collect()
}
