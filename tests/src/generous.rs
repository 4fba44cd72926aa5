//! An AWS that gives credentials to everybody who asks, and says by the key who gave them: what a client takes is then seen
//! from its access key id alone. What is strict is the sandbox.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::{Context as _, Result};

/// The longest that a client may be silent in the middle of a request.
const PATIENCE: Duration = Duration::from_secs(10);

/// It answers for as long as it is kept.
pub struct Generous {
    port: u16,
    is_over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Generous {
    /// Starts to answer on a port of this machine.
    pub fn start() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").context("no port is free")?;
        let port = listener.local_addr()?.port();
        let is_over = Arc::new(AtomicBool::new(false));
        let flag = Arc::clone(&is_over);
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if flag.load(Ordering::Acquire) {
                    return;
                }
                // A client that breaks off has what it wants.
                std::thread::spawn(move || answer(stream).ok());
            }
        });
        Ok(Self {
            port,
            is_over,
            thread: Some(thread),
        })
    }

    /// `http://127.0.0.1:PORT`
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}

impl Drop for Generous {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Release);
        // It looks at the flag when somebody comes.
        drop(TcpStream::connect(("127.0.0.1", self.port)));
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

/// One request, and the connection is closed.
fn answer(mut stream: TcpStream) -> Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut first = String::new();
    reader.read_line(&mut first)?;
    let mut length = 0;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 || line == "\r\n" {
            break;
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse()?;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let body = String::from_utf8_lossy(&body);
    let mut words = first.split_whitespace();
    let (method, path) = (words.next().unwrap_or(""), words.next().unwrap_or(""));
    let (status, kind, said) = said(method, path, &body);
    write!(
        stream,
        "HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {}\r\n\
         x-aws-ec2-metadata-token-ttl-seconds: 21600\r\nconnection: close\r\n\r\n{said}",
        said.len()
    )?;
    Ok(())
}

fn said(method: &str, path: &str, body: &str) -> (&'static str, &'static str, String) {
    const XML: &str = "text/xml";
    const JSON: &str = "application/json";
    const OK: &str = "200 OK";
    let path = path.split('?').next().unwrap_or(path);
    match (method, path) {
        ("POST", _) if body.contains("Action=AssumeRoleWithWebIdentity") => {
            (OK, XML, assumed("AssumeRoleWithWebIdentity", "WEBI"))
        }
        ("POST", _) if body.contains("Action=AssumeRole") => {
            (OK, XML, assumed("AssumeRole", "ROLE"))
        }
        ("GET", "/federation/credentials") => (
            OK,
            JSON,
            format!(
                r#"{{"roleCredentials":{{"accessKeyId":"ASIAEXAMPLE0SSOR","secretAccessKey":"s","sessionToken":"t","expiration":{}000}}}}"#,
                END.1
            ),
        ),
        ("GET", "/container") => (OK, JSON, document("CNTR")),
        ("PUT", "/latest/api/token") => (OK, "text/plain", "token".to_owned()),
        ("GET", "/latest/meta-data/iam/security-credentials/") => {
            (OK, "text/plain", "Instance".to_owned())
        }
        ("GET", "/latest/meta-data/iam/security-credentials/Instance") => {
            (OK, JSON, document("INST"))
        }
        _ => ("404 Not Found", "text/plain", String::new()),
    }
}

/// After all tests: in text, and in seconds.
const END: (&str, u64) = ("2099-01-01T00:00:00Z", 4_070_908_800);

fn document(by: &str) -> String {
    let end = END.0;
    format!(
        r#"{{"Code":"Success","Type":"AWS-HMAC","LastUpdated":"2026-01-01T00:00:00Z","AccessKeyId":"ASIAEXAMPLE0{by}","SecretAccessKey":"s","Token":"t","Expiration":"{end}"}}"#
    )
}

fn assumed(operation: &str, by: &str) -> String {
    let end = END.0;
    format!(
        "<{operation}Response xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><{operation}Result>\
         <AssumedRoleUser><Arn>arn:aws:sts::123456789012:assumed-role/R/me</Arn><AssumedRoleId>AROA:me</AssumedRoleId></AssumedRoleUser>\
         <Credentials><AccessKeyId>ASIAEXAMPLE0{by}</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>\
         <Expiration>{end}</Expiration></Credentials></{operation}Result>\
         <ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></{operation}Response>"
    )
}
