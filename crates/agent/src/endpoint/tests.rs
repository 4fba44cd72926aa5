//! The endpoint over real sockets, with a stand-in for the loop.

mod grants;

use std::fs;
use std::path::Path;

use sandglass_core::secret::{Credentials, Secret};
use sandglass_profiles::paths::System;
use sandglass_protocol::environment::EXEC_FOLDER;
use sandglass_protocol::message::{Handover, Reply};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::*;

/// How the stand-in for the loop answers.
#[derive(Clone)]
enum Loop {
    Gives,
    GivesKeysWithoutEnd,
    Fails(ErrorCode),
    /// A renewal that takes its time.
    Keeps,
}

struct World {
    _home: TempDir,
    folder: PathBuf,
    paths: Paths,
    inputs: mpsc::Sender<Input>,
    looped: JoinHandle<()>,
}

impl World {
    fn new(answers: Loop) -> Self {
        let home = TempDir::new().unwrap();
        fs::create_dir_all(home.path().join(".aws")).unwrap();
        fs::write(
            home.path().join(".aws/config"),
            "[profile dev]\nrole_arn = arn:aws:iam::123456789012:role/Dev\nsource_profile = keys\nregion = eu-central-1\n",
        )
        .unwrap();
        let root = home.path().as_os_str().to_owned();
        let lookup = |name: &str| (name == "HOME").then(|| root.clone());
        let paths = Paths::resolve(System::Unix, &lookup).ok().unwrap();
        let (inputs, received) = mpsc::channel(64);
        Self {
            folder: home.path().join("run"),
            _home: home,
            paths,
            inputs,
            looped: tokio::spawn(answer(received, answers)),
        }
    }

    async fn start(&self) -> Arc<Endpoint> {
        fs::create_dir_all(&self.folder).unwrap();
        Endpoint::start(&self.folder, &self.paths, self.inputs.clone()).await
    }

    async fn open(&self, endpoint: &Endpoint, session: &str) -> (GrantName, message::Endpoint) {
        let (session, profile) = (SessionId::new(session), ProfileName::new("dev"));
        let opened = endpoint.open(&session, &profile, None).await;
        opened.ok().unwrap()
    }
}

/// As when its agent ends.
async fn stop(endpoint: Arc<Endpoint>) {
    let listening = endpoint.listening.lock().await.take().unwrap();
    listening.serving.abort();
    let _ = listening.serving.await;
}

impl Drop for World {
    fn drop(&mut self) {
        self.looped.abort();
    }
}

async fn answer(mut received: mpsc::Receiver<Input>, answers: Loop) {
    let mut kept = Vec::new();
    while let Some(input) = received.recv().await {
        let Input::EndpointAsked { replies, .. } = input else {
            continue;
        };
        let reply = match &answers {
            Loop::Gives => Reply::Credentials(Box::new(handover(Some("2026-11-24T10:00:00.9Z")))),
            Loop::GivesKeysWithoutEnd => Reply::Credentials(Box::new(handover(None))),
            Loop::Fails(code) => {
                Reply::Failed(RenewalError::new(*code, "it failed", "click Renew"))
            }
            Loop::Keeps => {
                kept.push(replies);
                continue;
            }
        };
        let _ = replies.send(reply).await;
    }
}

fn handover(expires_at: Option<&str>) -> Handover {
    Handover {
        name: "dev".to_owned(),
        credentials: Credentials {
            access_key_id: "ASIAEXAMPLE".to_owned(),
            secret_access_key: Secret::new("secret".to_owned()),
            session_token: Some(Secret::new("token".to_owned())),
            expires_at: expires_at.map(|at| at.parse().unwrap()),
        },
        account: None,
        region: None,
        kept_until: None,
        told_at: jiff::Timestamp::UNIX_EPOCH,
    }
}

fn token(endpoint: &message::Endpoint) -> String {
    fs::read_to_string(&endpoint.token_file).unwrap()
}

/// `127.0.0.1:PORT` and the path.
fn place(url: &str) -> (String, String) {
    let (host, path) = url
        .strip_prefix("http://")
        .unwrap()
        .split_once('/')
        .unwrap();
    (host.to_owned(), format!("/{path}"))
}

/// What the endpoint says to these bytes, until it closes the connection.
async fn say(host: &str, request: &str) -> String {
    let mut stream = TcpStream::connect(host).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut said = Vec::new();
    // Whoever sent too much may be cut off.
    let _ = stream.read_to_end(&mut said).await;
    String::from_utf8_lossy(&said).into_owned()
}

async fn get(endpoint: &message::Endpoint, token: &str) -> String {
    let (host, path) = place(&endpoint.url);
    say(
        &host,
        &format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: {token}\r\nConnection: close\r\n\r\n"),
    )
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_with_its_token_gets_what_every_sdk_reads() {
    let world = World::new(Loop::Gives);
    let endpoint = world.start().await;
    let (_, opened) = world.open(&endpoint, "role:dev").await;
    assert!(
        opened.url.starts_with("http://127.0.0.1:"),
        "{}",
        opened.url
    );
    assert!(
        opened.url.ends_with("/v1/credentials/role:dev"),
        "{}",
        opened.url
    );
    let said = get(&opened, &token(&opened)).await;
    assert!(said.starts_with("HTTP/1.1 200 OK\r\n"), "{said}");
    assert!(said.contains("content-type: application/json"), "{said}");
    assert!(said.contains("cache-control: no-store"), "{said}");
    assert!(!said.to_lowercase().contains("access-control"), "{said}");
    assert!(
        said.ends_with(
            r#"{"AccessKeyId":"ASIAEXAMPLE","SecretAccessKey":"secret","Token":"token","Expiration":"2026-11-24T10:00:00Z"}"#
        ),
        "{said}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_of_any_name_has_an_address() {
    let world = World::new(Loop::Gives);
    let endpoint = world.start().await;
    for session in ["role:a b", "role:ü/x?y#z%", "role:it's"] {
        let (_, opened) = world.open(&endpoint, session).await;
        let said = get(&opened, &token(&opened)).await;
        assert!(said.starts_with("HTTP/1.1 200 OK\r\n"), "{session}: {said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_opens_one_session_and_nothing_opens_without_one() {
    let world = World::new(Loop::Gives);
    let endpoint = world.start().await;
    let (grant, dev) = world.open(&endpoint, "role:dev").await;
    let (_, prod) = world.open(&endpoint, "role:prod").await;
    assert_ne!(token(&dev), token(&prod));
    let own = token(&dev);
    for wrong in [
        token(&prod),
        String::new(),
        "x".repeat(own.len()),
        own[1..].to_owned(),
        format!("Bearer {own}"),
    ] {
        let said = get(&dev, &wrong).await;
        assert!(said.starts_with("HTTP/1.1 403 "), "{said}");
        assert!(!said.contains("SecretAccessKey"), "{said}");
        for field in ["\"code\":", "\"message\":", "\"Code\":", "\"Message\":"] {
            assert!(said.contains(field), "{field}: {said}");
        }
    }
    endpoint.close(&grant);
    assert!(get(&dev, &own).await.starts_with("HTTP/1.1 403 "));
    assert!(get(&prod, &token(&prod)).await.starts_with("HTTP/1.1 200 "));
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_plain_get_under_the_right_name_is_answered() {
    let world = World::new(Loop::Gives);
    let endpoint = world.start().await;
    let (_, opened) = world.open(&endpoint, "role:dev").await;
    let (host, path) = place(&opened.url);
    let (_, port) = host.split_once(':').unwrap();
    let key = format!("Authorization: {}\r\nConnection: close", token(&opened));
    for (request, status) in [
        (
            format!("GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\n{key}\r\n\r\n"),
            "400",
        ),
        (
            format!("GET {path} HTTP/1.1\r\nHost: evil.example\r\n{key}\r\n\r\n"),
            "400",
        ),
        (format!("GET {path} HTTP/1.1\r\n{key}\r\n\r\n"), "400"),
        (format!("GET {path} HTTP/1.0\r\n{key}\r\n\r\n"), "400"),
        (
            format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nHost: {host}\r\n{key}\r\n\r\n"),
            "400",
        ),
        (
            format!("POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Length: 0\r\n{key}\r\n\r\n"),
            "405",
        ),
        (
            format!("HEAD {path} HTTP/1.1\r\nHost: {host}\r\n{key}\r\n\r\n"),
            "405",
        ),
        (
            format!(
                "OPTIONS {path} HTTP/1.1\r\nHost: {host}\r\nOrigin: https://evil.example\r\n{key}\r\n\r\n"
            ),
            "405",
        ),
        (
            format!("GET / HTTP/1.1\r\nHost: {host}\r\n{key}\r\n\r\n"),
            "404",
        ),
        (
            format!("GET /v1/credentials/ HTTP/1.1\r\nHost: {host}\r\n{key}\r\n\r\n"),
            "404",
        ),
        (
            format!("GET {path}%ff HTTP/1.1\r\nHost: {host}\r\n{key}\r\n\r\n"),
            "404",
        ),
        (
            format!("GET {path} HTTP/1.1\r\nHost: {host}\r\n{key}\r\nAuthorization: x\r\n\r\n"),
            "403",
        ),
        ("\u{1}\u{2} garbage\r\n\r\n".to_owned(), "400"),
        (
            format!(
                "GET {path} HTTP/1.1\r\nHost: {host}\r\nX: {}\r\n{key}\r\n\r\n",
                "x".repeat(1 << 16)
            ),
            "431",
        ),
    ] {
        let said = say(&host, &request).await;
        let begins: String = request.chars().take(60).collect();
        assert!(
            said.starts_with(&format!("HTTP/1.1 {status}"))
                || said.starts_with(&format!("HTTP/1.0 {status}")),
            "{begins:?}: {said}"
        );
        assert!(!said.contains("SecretAccessKey"), "{begins:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_is_used_again_and_a_silent_one_is_in_nobodys_way() {
    let world = World::new(Loop::Gives);
    let endpoint = world.start().await;
    let (_, opened) = world.open(&endpoint, "role:dev").await;
    let (host, path) = place(&opened.url);
    let silent = TcpStream::connect(&host).await.unwrap();
    let one = format!(
        "GET {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: {}\r\n",
        token(&opened)
    );
    let said = say(&host, &format!("{one}\r\n{one}Connection: close\r\n\r\n")).await;
    assert_eq!(said.matches("HTTP/1.1 200 OK").count(), 2, "{said}");
    drop(silent);
}

#[tokio::test(flavor = "multi_thread")]
async fn sixty_four_programs_at_a_time_are_served() {
    let world = World::new(Loop::Gives);
    let endpoint = world.start().await;
    let (_, opened) = world.open(&endpoint, "role:dev").await;
    let (host, path) = place(&opened.url);
    let one = format!(
        "GET {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: {}\r\n",
        token(&opened)
    );
    let many = format!("{one}\r\n").repeat(19) + &one + "Connection: close\r\n\r\n";
    let mut programs = tokio::task::JoinSet::new();
    for _ in 0..64 {
        let (host, many) = (host.clone(), many.clone());
        programs.spawn(async move { say(&host, &many).await });
    }
    for said in programs.join_all().await {
        assert_eq!(said.matches("HTTP/1.1 200 OK").count(), 20);
    }
}

/// An endpoint that lets silent programs go soon, and its address.
async fn impatient(world: &World) -> (Arc<Grants>, String, JoinHandle<()>) {
    fs::create_dir_all(&world.folder).unwrap();
    let grants = Arc::new(Grants::left_in(&world.folder));
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let host = listener.local_addr().unwrap().to_string();
    let inputs = world.inputs.clone();
    let serving = http::serve(listener, Arc::clone(&grants), inputs, SOON);
    (grants, host, tokio::spawn(serving))
}

const SOON: Duration = Duration::from_secs(1);
/// Nothing here takes so long, however busy the machine is.
const DEADLINE: Duration = Duration::from_secs(30);

#[tokio::test(flavor = "multi_thread")]
async fn who_does_not_speak_or_does_not_read_is_let_go() {
    let world = World::new(Loop::Gives);
    let (_grants, host, serving) = impatient(&world).await;
    for beginning in ["", "GET / HTTP/1.1\r\nHost:", "\r\n"] {
        let said = timeout(DEADLINE, say(&host, beginning)).await;
        assert!(said.is_ok(), "{beginning:?} is still open");
    }
    let mut stream = TcpStream::connect(&host).await.unwrap();
    let never_reads = async {
        let request = format!("GET / HTTP/1.1\r\nHost: {host}\r\n\r\n");
        while stream.write_all(request.as_bytes()).await.is_ok() {}
    };
    assert!(timeout(DEADLINE, never_reads).await.is_ok());
    serving.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn who_goes_on_asking_is_not_let_go() {
    let world = World::new(Loop::Gives);
    let (_grants, host, serving) = impatient(&world).await;
    let stream = TcpStream::connect(&host).await.unwrap();
    let (mut answers, mut questions) = stream.into_split();
    let asks_on = async {
        let request = format!("GET / HTTP/1.1\r\nHost: {host}\r\n\r\n");
        let mut answer = [0; 4096];
        loop {
            questions.write_all(request.as_bytes()).await.unwrap();
            assert_ne!(answers.read(&mut answer).await.unwrap(), 0, "it was let go");
        }
    };
    // Longer than silence is borne.
    assert!(timeout(SOON * 2, asks_on).await.is_err());
    serving.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_passes_is_a_503_and_what_needs_somebody_a_400() {
    for (answers, status, word) in [
        (
            Loop::Fails(ErrorCode::Unreachable),
            "503",
            "it failed: click Renew",
        ),
        (
            Loop::Fails(ErrorCode::NobodyToAsk),
            "400",
            "it failed: click Renew",
        ),
        (
            Loop::Fails(ErrorCode::AccessDenied),
            "400",
            "it failed: click Renew",
        ),
        (Loop::Keeps, "503", "are being renewed"),
        (Loop::GivesKeysWithoutEnd, "400", "sandglass exec --env"),
    ] {
        let world = World::new(answers);
        let endpoint = world.start().await;
        let (_, opened) = world.open(&endpoint, "role:dev").await;
        let said = get(&opened, &token(&opened)).await;
        assert!(said.starts_with(&format!("HTTP/1.1 {status} ")), "{said}");
        assert!(said.contains(word), "{said}");
    }
}
