//! A page on this machine that sends one browser to the console, once. The address that signs in is as good as the
//! credentials for a quarter of an hour: it must not stand in a command line, where every program could read it.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sandglass_core::secret::Secret;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, Semaphore};
use zeroize::Zeroizing;

use crate::tcp_peer;

/// A browser that has not come by then is not coming.
const LIFE: Duration = Duration::from_mins(1);
/// A connection that says nothing for so long is let go.
const PATIENCE: Duration = Duration::from_secs(5);
/// No request of a browser is longer (bytes).
const LONGEST_REQUEST: usize = 16 * 1024;
/// A browser opens a few connections; who opens more waits, and does not use up the file descriptors of the agent.
const AT_A_TIME: usize = 16;
/// After `accept` failed, for want of file descriptors mostly, the next try waits this long.
const ACCEPT_PAUSE: Duration = Duration::from_millis(200);
/// Bytes of chance in the path.
const NONCE: usize = 32;

/// Serves the page until it was opened, or for a minute. Gives its address.
pub(crate) async fn serve(destination: Secret) -> io::Result<String> {
    let mut nonce = [0; NONCE];
    getrandom::fill(&mut nonce).map_err(io::Error::other)?;
    let listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await?;
    let page = Arc::new(Page {
        host: listener.local_addr()?.to_string(),
        path: format!("/{}", hex::encode(nonce)),
        destination: Mutex::new(Some(destination)),
        opened: Notify::new(),
    });
    let address = format!("http://{}{}", page.host, page.path);
    tokio::spawn(async move {
        let opened = Arc::clone(&page);
        tokio::select! {
            () = opened.opened.notified() => {}
            () = tokio::time::sleep(LIFE) => {}
            () = accept(&listener, &page) => {}
        }
    });
    Ok(address)
}

struct Page {
    /// What the `Host` header says of a browser that was sent here, and not lured by a name that leads here.
    host: String,
    path: String,
    /// Gone once it was given.
    destination: Mutex<Option<Secret>>,
    opened: Notify,
}

/// Each connection for itself: browsers open some that they never use.
async fn accept(listener: &TcpListener, page: &Arc<Page>) {
    let turns = Arc::new(Semaphore::new(AT_A_TIME));
    // They are never closed.
    while let Ok(turn) = Arc::clone(&turns).acquire_owned().await {
        let Ok((stream, _)) = listener.accept().await else {
            tokio::time::sleep(ACCEPT_PAUSE).await;
            continue;
        };
        let page = Arc::clone(page);
        tokio::spawn(async move {
            // Who does not speak, or is gone, gets nothing.
            let _ = tokio::time::timeout(PATIENCE, converse(stream, &page)).await;
            drop(turn);
        });
    }
}

async fn converse(mut stream: TcpStream, page: &Page) -> io::Result<()> {
    let request = read_head(&mut stream).await?;
    // The way to the page stands in the browser's command line, which other users of this machine can read as well.
    let answer = if tcp_peer::is_another_user(&stream) {
        Answer::Refused("403 Forbidden")
    } else {
        page.answer(&request)
    };
    stream.write_all(answer.text().as_bytes()).await?;
    stream.shutdown().await?;
    if let Answer::SentOn(_) = answer {
        page.opened.notify_one();
    }
    Ok(())
}

/// Request line and headers; what is too long is cut, and refused for that.
async fn read_head(stream: &mut TcpStream) -> io::Result<String> {
    let mut head = Vec::new();
    let mut piece = [0; 1024];
    while head.len() < LONGEST_REQUEST && !head.windows(4).any(|end| end == b"\r\n\r\n") {
        let length = stream.read(&mut piece).await?;
        if length == 0 {
            break;
        }
        head.extend_from_slice(&piece[..length]);
    }
    Ok(String::from_utf8_lossy(&head).into_owned())
}

enum Answer {
    SentOn(Secret),
    Refused(&'static str),
}

impl Answer {
    fn text(&self) -> Zeroizing<String> {
        let (status, location) = match self {
            Self::SentOn(destination) => (
                "302 Found",
                Zeroizing::new(format!("Location: {}\r\n", destination.expose())),
            ),
            Self::Refused(status) => (*status, Zeroizing::default()),
        };
        Zeroizing::new(format!(
            "HTTP/1.1 {status}\r\n{}Referrer-Policy: no-referrer\r\nCache-Control: no-store\r\n\
             Content-Length: 0\r\nConnection: close\r\n\r\n",
            *location
        ))
    }
}

impl Page {
    fn answer(&self, request: &str) -> Answer {
        let Some((head, _)) = request.split_once("\r\n\r\n") else {
            return Answer::Refused("400 Bad Request");
        };
        let mut lines = head.split("\r\n");
        let line = lines.next().unwrap_or_default();
        let [method, path, "HTTP/1.1" | "HTTP/1.0"] = line.split(' ').collect::<Vec<_>>()[..]
        else {
            return Answer::Refused("400 Bad Request");
        };
        let mut hosts = lines
            .filter_map(|line| line.split_once(':'))
            .filter(|(name, _)| name.eq_ignore_ascii_case("host"))
            .map(|(_, value)| value.trim());
        if (hosts.next(), hosts.next()) != (Some(self.host.as_str()), None) {
            return Answer::Refused("400 Bad Request");
        }
        if path != self.path {
            return Answer::Refused("404 Not Found");
        }
        if method != "GET" {
            return Answer::Refused("405 Method Not Allowed");
        }
        let mut destination = self
            .destination
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        match destination.take() {
            Some(destination) if is_header_value(destination.expose()) => {
                Answer::SentOn(destination)
            }
            Some(_) | None => Answer::Refused("404 Not Found"),
        }
    }
}

fn is_header_value(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONSOLE: &str = "https://signin.aws.amazon.com/federation?Action=login&SigninToken=t";

    async fn page() -> (String, String) {
        let address = serve(Secret::new(CONSOLE.to_owned())).await.unwrap();
        let rest = address.strip_prefix("http://").unwrap();
        let (host, path) = rest.split_once('/').unwrap();
        (host.to_owned(), format!("/{path}"))
    }

    async fn send(host: &str, request: &str) -> io::Result<String> {
        let mut stream = TcpStream::connect(host).await?;
        stream.write_all(request.as_bytes()).await?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await?;
        Ok(answer)
    }

    fn get(host: &str, path: &str) -> String {
        format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nAccept: */*\r\n\r\n")
    }

    #[tokio::test]
    async fn a_browser_is_sent_on_once() {
        let (host, path) = page().await;
        let answer = send(&host, &get(&host, &path)).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 302 "), "{answer}");
        assert!(
            answer.contains(&format!("\r\nLocation: {CONSOLE}\r\n")),
            "{answer}"
        );
        assert!(answer.contains("\r\nReferrer-Policy: no-referrer\r\n"));
        assert!(answer.contains("\r\nCache-Control: no-store\r\n"));
        let again = send(&host, &get(&host, &path)).await;
        assert!(again.map_or(true, |answer| !answer.contains(CONSOLE)));
    }

    #[tokio::test]
    async fn whoever_does_not_know_the_way_gets_nothing() {
        let (host, path) = page().await;
        let port = host.split_once(':').unwrap().1;
        let rows = [
            (get(&host, "/"), 404),
            (get(&host, &path[..path.len() - 1]), 404),
            (get(&format!("localhost:{port}"), &path), 400),
            (get("evil.example", &path), 400),
            (format!("GET {path} HTTP/1.1\r\n\r\n"), 400),
            (
                format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nHost: evil.example\r\n\r\n"),
                400,
            ),
            (get(&host, &path).replace("GET", "POST"), 405),
            (get(&host, &path).replace("GET", "HEAD"), 405),
            ("nonsense\r\n\r\n".to_owned(), 400),
        ];
        for (request, status) in rows {
            let answer = send(&host, &request).await.unwrap();
            assert!(
                answer.starts_with(&format!("HTTP/1.1 {status} ")),
                "{request}: {answer}"
            );
            assert!(!answer.contains("SigninToken"), "{request}");
        }
        let answer = send(&host, &get(&host, &path)).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 302 "), "it is still there");
    }

    #[tokio::test]
    async fn a_connection_that_says_nothing_is_in_nobodys_way() {
        let (host, path) = page().await;
        let _silent = TcpStream::connect(&host).await.unwrap();
        let answer = send(&host, &get(&host, &path)).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 302 "), "{answer}");
    }

    #[tokio::test]
    async fn who_opens_many_connections_uses_up_nothing() {
        let (host, _) = page().await;
        let mut silent = Vec::new();
        for _ in 0..4 * AT_A_TIME {
            silent.push(TcpStream::connect(&host).await.unwrap());
        }
        tokio::time::pause();
        // All of them have their turn, and are let go in the end.
        for mut stream in silent {
            assert!(!matches!(stream.read(&mut [0]).await, Ok(1..)));
        }
    }

    #[tokio::test]
    async fn an_address_that_would_split_the_answer_is_not_given() {
        let address = serve(Secret::new("https://x/\r\nSet-Cookie: a".into()))
            .await
            .unwrap();
        let rest = address.strip_prefix("http://").unwrap();
        let (host, path) = rest.split_once('/').unwrap();
        let answer = send(host, &get(host, &format!("/{path}"))).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 404 "), "{answer}");
    }
}
