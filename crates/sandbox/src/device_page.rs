//! The page on which a person answers a user code. It has no scripts and loads nothing.

use axum::http::{Method, StatusCode};
use jiff::Timestamp;

use crate::identity_center::{ApprovalError, DeviceAuthorization};
use crate::markup::{escape, text};
use crate::page::{is_same_site, page, sentence};
use crate::reply::Reply;
use crate::request::Request;
use crate::sandbox::Sandbox;

/// Where the page is.
pub(crate) const PATH: &str = "/device";

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
