//! The page on which a person answers a user code. It has no scripts and loads nothing.

use axum::http::{Method, StatusCode};
use jiff::Timestamp;

use crate::control::is_local;
use crate::identity_center::{ApprovalError, DeviceAuthorization};
use crate::markup::{escape, text};
use crate::reply::Reply;
use crate::request::Request;
use crate::sandbox::Sandbox;

/// Where the page is.
pub(crate) const PATH: &str = "/device";

const STYLE: &str = include_str!("device-page.css");

/// Forms go back to the page itself, and nothing else is let in or out.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/// Shows the page, or takes the person's answer.
pub(crate) fn answer(sandbox: &mut Sandbox, request: &Request, now: Timestamp) -> Reply {
    if !is_same_site(request) {
        return page(
            StatusCode::FORBIDDEN,
            "Not from here",
            "<p>Only a form of this page may answer for you.</p>",
        );
    }
    match request.method {
        Method::GET => show(sandbox, request, now),
        Method::POST => take(sandbox, request, now),
        _ => page(
            StatusCode::METHOD_NOT_ALLOWED,
            "Not like that",
            "<p>Open this page in a browser.</p>",
        ),
    }
}

fn show(sandbox: &Sandbox, request: &Request, now: Timestamp) -> Reply {
    let parameters = request.query_parameters();
    let Some(code) = parameters.get("user_code").filter(|code| !code.is_empty()) else {
        return ask(StatusCode::OK, None);
    };
    match sandbox.identity_center.waiting(code, now) {
        Ok(device) => confirm(sandbox, device),
        Err(error) => ask(StatusCode::NOT_FOUND, Some(&error)),
    }
}

fn take(sandbox: &mut Sandbox, request: &Request, now: Timestamp) -> Reply {
    let parameters = request.form_parameters();
    let code = parameters.get("user_code").unwrap_or_default();
    let center = &mut sandbox.identity_center;
    let (result, title, advice) = match parameters.get("answer") {
        Some("approve") => (
            center.approve(
                &sandbox.world,
                &sandbox.settings,
                code,
                parameters.get("user"),
                now,
            ),
            "Request approved",
            "<p>You can close this window and go back to your program.</p>",
        ),
        _ => (
            center.deny(code, now),
            "Request denied",
            "<p>Your program will say that it was refused. You can close this window.</p>",
        ),
    };
    match result {
        Ok(()) => page(StatusCode::OK, title, advice),
        Err(error) => ask(StatusCode::CONFLICT, Some(&error)),
    }
}

fn ask(status: StatusCode, error: Option<&ApprovalError>) -> Reply {
    let (note, invalid) = match error {
        None => (String::new(), ""),
        Some(error) => (
            format!(
                "<p class=\"error\" id=\"error\" role=\"alert\">{}</p>",
                escape(&sentence(&error.to_string()))
            ),
            " aria-invalid=\"true\" aria-describedby=\"error\"",
        ),
    };
    let body = format!(
        "<p>Enter the code that your program shows.</p>{note}
<form method=\"get\" action=\"{PATH}\">
<label for=\"code\">User code</label>
<input id=\"code\" name=\"user_code\" autocomplete=\"off\" autocapitalize=\"characters\" spellcheck=\"false\" placeholder=\"ABCD-EFGH\" required autofocus{invalid}>
<button class=\"primary\" type=\"submit\">Continue</button>
</form>"
    );
    page(status, "Authorize request", &body)
}

fn confirm(sandbox: &Sandbox, device: &DeviceAuthorization) -> Reply {
    let users = sandbox
        .world
        .portal(&device.start_url)
        .map(|portal| portal.users.as_slice())
        .unwrap_or_default();
    let options: String = users
        .iter()
        .map(|user| text("option", &user.name))
        .collect();
    let body = format!(
        "<p>Compare this code with the one that your program shows.</p>
<p class=\"code\">{code}</p>
<dl><dt>Program</dt><dd>{client}</dd><dt>Portal</dt><dd>{portal}</dd></dl>
<form method=\"post\" action=\"{PATH}\">
<input type=\"hidden\" name=\"user_code\" value=\"{code}\">
<label for=\"user\">Sign in as</label>
<select id=\"user\" name=\"user\">{options}</select>
<div class=\"buttons\">
<button class=\"primary\" id=\"approve\" name=\"answer\" value=\"approve\">Approve</button>
<button id=\"deny\" name=\"answer\" value=\"deny\">Deny</button>
</div>
</form>",
        code = escape(&device.user_code),
        client = escape(&device.client_name),
        portal = escape(&device.start_url),
    );
    page(StatusCode::OK, "Authorize request", &body)
}

fn page(status: StatusCode, title: &str, body: &str) -> Reply {
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
<footer>This is a make-believe portal for demos and tests. It is not Amazon Web Services.</footer>
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

/// Whether a request is one that this page, or a person's address bar, may have made.
fn is_same_site(request: &Request) -> bool {
    let host = request.header("host").unwrap_or_default();
    let own_origin = format!("http://{host}");
    let origin_is_own = match request.headers.get("origin") {
        None => true,
        Some(origin) => origin.as_bytes() == own_origin.as_bytes(),
    };
    is_local(host) && origin_is_own
}

/// An error's text as a sentence of its own.
fn sentence(text: &str) -> String {
    let text = text.replace('`', "");
    let mut letters = text.chars();
    let first: String = letters
        .next()
        .into_iter()
        .flat_map(char::to_uppercase)
        .collect();
    format!("{first}{}.", letters.as_str())
}
