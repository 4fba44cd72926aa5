//! What the doctor says of other processes. A file of its own: it would be said in other tests of the doctor as well.
#![cfg(target_os = "linux")]

use std::process::Stdio;

use anyhow::{Context as _, Result, ensure};
use sandglass_journeys::home::Home;
use sandglass_journeys::machine::Machine;
use sandglass_journeys::programs::Program;
use sandglass_journeys::wait::{self, PATIENCE};
use serde_json::Value;

#[test]
fn a_program_that_holds_ending_keys_is_named() -> Result<()> {
    let home = Home::new()?;
    let machine = Machine::new(&home, &home.environment())?;
    let mut command = machine.program("sandglass")?;
    command.args(["exec", "--env", "deploy", "--", "cat"]);
    let mut program = Program::start("holder", command.stdin(Stdio::piped()), &home.logs())?;
    let finding = wait::try_until("the program to be named", PATIENCE, || {
        let said = machine.sandglass(&["doctor", "--json"])?;
        let diagnosis: Value = serde_json::from_str(&said.out)?;
        let all = diagnosis["findings"].as_array().context("no findings")?;
        Ok(all
            .iter()
            .find(|finding| {
                finding["code"] == "process-holds-keys"
                    && finding["what"]
                        .as_str()
                        .is_some_and(|what| what.starts_with("`cat` (pid "))
            })
            .cloned())
    })?;
    let what = finding["what"].as_str().unwrap_or_default();
    ensure!(
        what.contains("holds keys of `deploy` that end in"),
        "{what}"
    );
    program.type_in(b"\n")?;
    program.signal(rustix::process::Signal::TERM)?;
    program.wait(PATIENCE)?;
    Ok(())
}
