//! What the pages for people have in common. They have no scripts and load nothing.

use axum::http::StatusCode;

use crate::control::is_local;
use crate::reply::Reply;
use crate::request::Request;

const STYLE: &str = include_str!("page.css");

/// Forms go back to the page itself, which may send the browser on to a program that listens on this machine; nothing
/// else is let in or out.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self' http://127.0.0.1:*; frame-ancestors 'none'; base-uri 'none'";

/// A whole page.
pub(crate) fn page(status: StatusCode, title: &str, body: &str) -> Reply {
    let html = format!(
        "<!doctype html>
<html lang=\"en\">
<head>
<meta charset=\"utf-8\">
<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">
<title>{title} · Sandglass sandbox</title>
<style>{STYLE}</style>
</head>
<body>
<main>
<p class=\"brand\">Sandglass sandbox</p>
<h1>{title}</h1>
{body}
</main>
<footer>This is a make-believe place for demos and tests. It is not Amazon Web Services.</footer>
</body>
</html>
"
    );
    Reply::new(status, "text/html; charset=utf-8", html)
        .with("content-security-policy", POLICY)
        .with("cache-control", "no-store")
        .with("referrer-policy", "same-origin")
        .with("x-content-type-options", "nosniff")
}

/// Whether a request is one that a page of the box, or a person's address bar, may have made.
pub(crate) fn is_same_site(request: &Request) -> bool {
    let host = request.header("host").unwrap_or_default();
    let own_origin = format!("http://{host}");
    let origin_is_own = match request.headers.get("origin") {
        None => true,
        Some(origin) => origin.as_bytes() == own_origin.as_bytes(),
    };
    is_local(host) && origin_is_own
}

/// An error's text as a sentence of its own.
pub(crate) fn sentence(text: &str) -> String {
    let text = text.replace('`', "");
    let mut letters = text.chars();
    let first: String = letters
        .next()
        .into_iter()
        .flat_map(char::to_uppercase)
        .collect();
    format!("{first}{}.", letters.as_str())
}
