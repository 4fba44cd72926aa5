//! Files that the doctor puts right, and the way back, through the real command.
#![cfg(target_os = "linux")]

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};
use sandglass_journeys::home::Home;
use sandglass_journeys::machine::{CONFIG, Machine, Said, credentials};

const TWICE: &str = "\n[profile twice]\nregion = eu-west-1\n\n[profile twice]\noutput = json\n";

/// Answers at a terminal, which `script` gives the command.
fn answering(machine: &Machine, arguments: &str, answers: &str) -> Result<Said> {
    let program = machine.program("sandglass")?;
    let line = format!("{} {arguments}", program.get_program().to_string_lossy());
    let mut command: Command = machine.environment().command("script");
    command
        .args(["-qec", &line, "/dev/null"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().context("failed to run `script`")?;
    let mut stdin = child.stdin.take().context("no stdin")?;
    stdin.write_all(answers.as_bytes())?;
    drop(stdin);
    Ok(Said::from(child.wait_with_output()?))
}

#[test]
fn repairs_are_shown_then_made_then_undone_byte_for_byte() -> Result<()> {
    let home = Home::new()?;
    let machine = Machine::new(&home, &home.environment())?;
    let config = format!("{CONFIG}{TWICE}");
    home.write_aws("config", &config)?;
    let loose = home.write_aws("credentials", &credentials())?;
    fs::set_permissions(&loose, fs::Permissions::from_mode(0o640))?;
    let mode = || anyhow::Ok(fs::metadata(&loose)?.permissions().mode() & 0o777);

    let told = machine.sandglass(&["doctor"])?;
    for code in ["stands-twice", "mode-loose"] {
        ensure!(
            told.out.contains(&format!("docs/errors/{code}.md")),
            "{told:?}"
        );
    }
    ensure!(
        !told.out.contains("docs/errors/file.md"),
        "it is told once: {told:?}"
    );
    ensure!(
        told.out.contains("          sandglass doctor --repair\n"),
        "{told:?}"
    );

    // Nobody agrees where nobody is.
    let alone = machine.sandglass(&["doctor", "--repair"])?;
    assert_eq!(alone.code, Some(1), "{alone:?}");
    ensure!(alone.err.contains("--yes"), "{alone:?}");
    assert_eq!(home.read_aws("config")?, config);

    // The first is not wanted, the second is.
    let said = answering(&machine, "doctor --repair", "n\ny\n")?;
    ensure!(said.out.contains("-[profile twice]"), "{said:?}");
    assert_eq!(
        (home.read_aws("config")?, mode()?),
        (config.clone(), 0o600),
        "{said:?}"
    );

    let said = machine.sandglass(&["doctor", "--repair", "--yes"])?;
    assert_eq!(said.code, Some(0), "{said:?}");
    assert_eq!(
        home.read_aws("config")?,
        format!("{CONFIG}\n[profile twice]\nregion = eu-west-1\noutput = json\n\n")
    );
    assert_eq!(machine.sandglass(&["doctor"])?.out, "Nothing is wrong.\n");
    let again = machine.sandglass_does(&["doctor", "--repair"])?;
    assert_eq!(again, "Nothing needs a repair.\n");

    for _ in 0..2 {
        machine.sandglass_does(&["doctor", "--undo", "--yes"])?;
    }
    assert_eq!((home.read_aws("config")?, mode()?), (config, 0o640));
    let none = machine.sandglass_does(&["doctor", "--undo"])?;
    ensure!(none.contains("here is no repair to undo"), "{none}");
    Ok(())
}
