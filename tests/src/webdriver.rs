//! A WebDriver session with a Tauri program: what is inside of its windows, by CSS selector.
//!
//! `tauri-driver` starts the program and speaks W3C WebDriver. The program may open its windows
//! whenever it likes: a session begins with the first one, and sees those that come later.

use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow, bail};
use serde_json::{Value, json};
use ureq::Agent;
use ureq::http::Method;

use crate::desktop::Desktop;
use crate::home::Environment;
use crate::programs::Program;
use crate::wait::{self, PATIENCE};

/// The key under which WebDriver names an element (W3C WebDriver, section 11).
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// How long the program may take until its first window: it may wait for a click on its icon.
const UNTIL_FIRST_WINDOW: Duration = Duration::from_mins(2);

/// A driver that has started the program, which has perhaps no window yet.
#[derive(Debug)]
pub struct Launch {
    driver: Program,
    session: JoinHandle<Result<Session>>,
}

/// A session with a program that has had a window.
#[derive(Debug)]
pub struct Browser {
    session: Session,
    // Dropped last: it ends the program.
    _driver: Program,
}

/// An element of the page in the chosen window.
#[derive(Debug)]
pub struct Element<'b> {
    session: &'b Session,
    path: String,
}

#[derive(Debug)]
struct Session {
    agent: Agent,
    url: String,
}

impl Desktop {
    /// Starts `program` in this environment under `tauri-driver` (the one that `SANDGLASS_TAURI_DRIVER`
    /// names, else the one on the search path).
    pub fn launch_driven(
        &self,
        environment: &Environment,
        program: &Path,
        arguments: &[&str],
    ) -> Result<Launch> {
        let (port, native) = (free_port()?, free_port()?);
        let driver = std::env::var_os("SANDGLASS_TAURI_DRIVER").unwrap_or("tauri-driver".into());
        let mut command = environment.command(driver);
        command.args([
            "--port",
            &port.to_string(),
            "--native-port",
            &native.to_string(),
        ]);
        let driver = self.launch("tauri-driver", &mut command)?;
        let agent = agent();
        let server = format!("http://127.0.0.1:{port}");
        self.until("tauri-driver", || {
            Ok(agent
                .get(format!("{server}/status"))
                .call()
                .is_ok()
                .then_some(()))
        })?;
        let options = json!({ "application": program, "args": arguments });
        let request = json!({ "capabilities": { "alwaysMatch": { "tauri:options": options } } });
        let session = std::thread::spawn(move || {
            let value = send(
                &agent,
                Method::POST,
                &format!("{server}/session"),
                Some(&request),
            )?;
            let id = value["sessionId"]
                .as_str()
                .context("the driver named no session")?;
            Ok(Session {
                url: format!("{server}/session/{id}"),
                agent,
            })
        });
        Ok(Launch { driver, session })
    }
}

impl Launch {
    /// Waits for the program's first window.
    pub fn browser(self) -> Result<Browser> {
        let session = self
            .session
            .join()
            .map_err(|_| anyhow!("the request for a session failed"))??;
        Ok(Browser {
            session,
            _driver: self.driver,
        })
    }
}

impl Browser {
    /// The open windows.
    pub fn windows(&self) -> Result<Vec<String>> {
        let handles = self.session.get("/window/handles")?;
        let handles = handles.as_array().context("the driver listed no windows")?;
        Ok(handles
            .iter()
            .filter_map(|handle| Some(handle.as_str()?.to_owned()))
            .collect())
    }

    /// Waits for a window whose address has this text in it, and chooses it.
    pub fn choose_window(&self, address: &str) -> Result<()> {
        wait::try_until(&format!("a window at `{address}`"), PATIENCE, || {
            for handle in self.windows()? {
                self.session.post("/window", &json!({ "handle": handle }))?;
                if self
                    .session
                    .get("/url")?
                    .as_str()
                    .is_some_and(|url| url.contains(address))
                {
                    return Ok(Some(()));
                }
            }
            Ok(None)
        })
    }

    /// Waits until the chosen window's page has an element for this CSS selector.
    pub fn find(&self, selector: &str) -> Result<Element<'_>> {
        wait::try_until(&format!("an element for `{selector}`"), PATIENCE, || {
            self.look(selector)
        })
    }

    /// Waits until no element fits this CSS selector any more.
    pub fn wait_for_absence(&self, selector: &str) -> Result<()> {
        wait::try_until(&format!("the end of `{selector}`"), PATIENCE, || {
            Ok(self.look(selector)?.is_none().then_some(()))
        })
    }

    /// Waits until the element for this CSS selector has this text in it.
    pub fn wait_for_text(&self, selector: &str, text: &str) -> Result<String> {
        wait::try_until(&format!("`{text}` in `{selector}`"), PATIENCE, || {
            let Some(element) = self.look(selector)? else {
                return Ok(None);
            };
            let found = element.text()?;
            if found.contains(text) {
                return Ok(Some(found));
            }
            bail!("it says `{found}`")
        })
    }

    /// Runs a script in the chosen window's page and gives what it returns.
    pub fn script(&self, script: &str) -> Result<Value> {
        self.session
            .post("/execute/sync", &json!({ "script": script, "args": [] }))
    }

    /// Closes the chosen window.
    pub fn close_window(&self) -> Result<()> {
        self.session.delete("/window")
    }

    fn look(&self, selector: &str) -> Result<Option<Element<'_>>> {
        let request = json!({ "using": "css selector", "value": selector });
        let found = self.session.post("/elements", &request)?;
        Ok(found[0][ELEMENT].as_str().map(|id| Element {
            session: &self.session,
            path: format!("/element/{id}"),
        }))
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // The program goes with its session; that it has gone before is no fault.
        let _ = self.session.delete("");
    }
}

impl Element<'_> {
    /// Its text as it is shown.
    pub fn text(&self) -> Result<String> {
        self.string("/text")
    }

    /// The name that a screen reader speaks.
    pub fn label(&self) -> Result<String> {
        self.string("/computedlabel")
    }

    /// The value of an attribute or property of it; empty where there is none.
    pub fn property(&self, name: &str) -> Result<String> {
        self.string(&format!("/property/{name}"))
    }

    /// Clicks it.
    pub fn click(&self) -> Result<()> {
        self.session
            .post(&format!("{}/click", self.path), &json!({}))
            .map(drop)
    }

    /// Types into it.
    pub fn type_text(&self, text: &str) -> Result<()> {
        self.session
            .post(&format!("{}/value", self.path), &json!({ "text": text }))
            .map(drop)
    }

    fn string(&self, command: &str) -> Result<String> {
        let value = self.session.get(&format!("{}{command}", self.path))?;
        Ok(value.as_str().unwrap_or_default().to_owned())
    }
}

impl Session {
    fn get(&self, path: &str) -> Result<Value> {
        send(
            &self.agent,
            Method::GET,
            &format!("{}{path}", self.url),
            None,
        )
    }

    fn post(&self, path: &str, body: &Value) -> Result<Value> {
        send(
            &self.agent,
            Method::POST,
            &format!("{}{path}", self.url),
            Some(body),
        )
    }

    fn delete(&self, path: &str) -> Result<()> {
        send(
            &self.agent,
            Method::DELETE,
            &format!("{}{path}", self.url),
            None,
        )
        .map(drop)
    }
}

fn agent() -> Agent {
    Agent::config_builder()
        .timeout_global(Some(UNTIL_FIRST_WINDOW))
        .http_status_as_error(false)
        .proxy(None)
        .build()
        .into()
}

/// Sends one command and gives the `value` of its answer, or what the driver found wrong.
fn send(agent: &Agent, method: Method, url: &str, body: Option<&Value>) -> Result<Value> {
    let body = body.map_or_else(Vec::new, |body| body.to_string().into_bytes());
    let request = ureq::http::Request::builder()
        .method(method)
        .uri(url)
        .header("content-type", "application/json")
        .body(body)?;
    let mut answer = agent.run(request).context("the driver does not answer")?;
    let mut answer: Value = answer
        .body_mut()
        .read_json()
        .context("the driver answers no JSON")?;
    let value = answer["value"].take();
    if let Some(error) = value["error"].as_str() {
        bail!(
            "the driver says `{error}`: {}",
            value["message"].as_str().unwrap_or_default()
        );
    }
    Ok(value)
}

fn free_port() -> Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no port is free")?;
    Ok(listener.local_addr()?.port())
}
