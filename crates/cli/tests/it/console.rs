//! `sandglass console`.

use std::fs;
use std::time::Duration;

use sandglass_protocol::message::Reply;
use serde_json::json;

use crate::agent::Agent;

const PAGE: &str = "http://127.0.0.1:40000/console/5eb6";

fn agent() -> Agent {
    Agent::that_says(&[Reply::ConsoleReady {
        url: PAGE.to_owned(),
    }])
}

#[test]
fn the_address_is_printed_alone_so_that_scripts_can_take_it() {
    let agent = agent();
    agent.install("xdg-open", r#"touch "$HOME/opened""#);
    let said = agent.sandglass(&["console", "dev", "--print"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    assert_eq!(said.out, format!("{PAGE}\n"));
    assert!(!agent.home().join("opened").exists());
    assert_eq!(
        agent.requests(),
        [json!({ "console": { "profile": "dev", "destination": null } })]
    );
}

#[test]
fn the_page_is_opened_in_the_browser_and_its_address_is_not_shown() {
    let agent = agent();
    agent.install(
        "xdg-open",
        r#"printf %s "$1" > "$HOME/page"; mv "$HOME/page" "$HOME/opened""#,
    );
    // `mv` is no part of a shell.
    agent.install("mv", r#"exec /bin/mv "$@""#);
    let said = agent.sandglass(&[
        "console",
        "dev",
        "--destination",
        "https://console.aws.amazon.com/s3/home",
    ]);
    assert_eq!(said.code, Some(0), "{said:?}");
    assert_eq!(said.out, "the console of dev opens in your browser\n");
    assert_eq!(opened(&agent), PAGE);
    assert_eq!(
        agent.requests()[0]["console"]["destination"],
        "https://console.aws.amazon.com/s3/home"
    );
}

#[test]
fn without_a_browser_it_says_how_to_go_on() {
    let said = agent().sandglass(&["console", "dev"]);
    assert_eq!(said.code, Some(1));
    assert!(said.err.starts_with("error: "), "{said:?}");
    assert!(said.err.contains("hint: `--print`"), "{said:?}");
    assert!(!said.err.contains(PAGE), "{said:?}");
}

/// What the browser was given. It is started, not waited for.
fn opened(agent: &Agent) -> String {
    for _ in 0..1000 {
        if let Ok(page) = fs::read_to_string(agent.home().join("opened")) {
            return page;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("nothing was opened within 10 s");
}
