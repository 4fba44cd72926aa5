//! Programs that hold ending keys, on a real desktop. A file of its own: they would be told of in other tests as well.
#![cfg(target_os = "linux")]

use std::process::Stdio;
use std::time::Duration;

use anyhow::{Result, ensure};
use sandglass_journeys::programs::Program;
use sandglass_journeys::sandglass::Sandglass;
use sandglass_journeys::wait::PATIENCE;
use serde_json::json;

/// How long the keys live, in seconds.
const LIFE: u64 = 40;
const TITLE: &str = "cat holds keys that end in";

#[test]
fn a_program_that_holds_ending_keys_is_named_in_a_notification_and_in_the_panel() -> Result<()> {
    let mut sandglass = Sandglass::installed()?;
    sandglass.start_tray()?;
    let (machine, desktop) = (&sandglass.machine, &sandglass.desktop);
    machine.cloud.set(&json!({ "assumed_role": LIFE }))?;
    let mut command = machine.program("sandglass")?;
    command.args(["exec", "--env", "deploy", "--", "cat"]);
    let logs = desktop.home().logs();
    let mut holder = Program::start("holder", command.stdin(Stdio::piped()), &logs)?;
    // Whoever asks the doctor has the programs looked at.
    desktop.until("the program to be seen", || {
        let said = machine.sandglass(&["doctor", "--json"])?;
        Ok(said.out.contains("`cat` (pid").then_some(()))
    })?;

    // It is told in the last quarter of their life.
    let last_quarter = Duration::from_secs(LIFE) * 3 / 4 + PATIENCE;
    desktop.until_within(last_quarter, "their end to be near", || {
        let mut shown = desktop.notifications()?.into_iter();
        Ok(shown.find(|notice| notice.title.starts_with(TITLE)))
    })?;
    let notice = desktop.wait_for_notification(TITLE)?;
    ensure!(notice.body.contains("keys of deploy end"), "{notice:?}");
    ensure!(
        notice.body.contains("sandglass exec deploy -- PROGRAM"),
        "{notice:?}"
    );
    let labels = notice.labels();
    ensure!(
        !labels.contains(&"Renew"),
        "no renewal reaches it: {labels:?}"
    );

    sandglass.open_panel()?;
    sandglass.search("deploy")?;
    sandglass.open_first_row()?;
    sandglass.read("cat (pid")?;
    // It ends by itself, and so does what is told of it.
    holder.type_in(b"\n")?;
    holder.signal(rustix::process::Signal::TERM)?;
    holder.wait(PATIENCE)?;
    let machine = &sandglass.machine;
    sandglass.desktop.until("it to be forgotten", || {
        machine.sandglass(&["doctor", "--json"])?;
        let shown = sandglass.desktop.notifications()?;
        let is_told = shown
            .iter()
            .any(|notice| notice.title.contains("cat holds"));
        Ok((!is_told).then_some(()))
    })?;
    Ok(())
}
