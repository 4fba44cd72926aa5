//! The page on which a person lets `aws login` in, and the one that shows a code to carry to another machine.

use axum::http::{Method, StatusCode};
use data_encoding::BASE64;
use jiff::Timestamp;

use super::logins::Authorization;
use super::{CROSS_DEVICE, SAME_DEVICE};
use crate::caller::Caller;
use crate::markup::{escape, text};
use crate::page::{is_same_site, page};
use crate::reply::Reply;
use crate::request::{Parameters, Request};
use crate::sandbox::Sandbox;

/// Where a person is sent to.
pub(crate) const AUTHORIZE: &str = "/v1/authorize";

/// Where a login for another machine ends.
pub(crate) const CONFIRMATION: &str = "/v1/sessions/confirmation";

/// What a program asks for, checked.
struct Question {
    client_id: String,
    redirect_uri: String,
    challenge: String,
    state: String,
}

/// Asks the person, or takes the answer back to the program.
pub(crate) fn authorize(sandbox: &mut Sandbox, request: &Request, now: Timestamp) -> Reply {
    if !is_same_site(request) {
        return wrong(
            StatusCode::FORBIDDEN,
            "Only a form of this page may answer for you.",
        );
    }
    let parameters = match request.method {
        Method::GET | Method::POST => request.parameters(),
        _ => {
            return wrong(
                StatusCode::METHOD_NOT_ALLOWED,
                "Open this page in a browser.",
            );
        }
    };
    let question = match Question::read(&parameters, request) {
        Ok(question) => question,
        Err(problem) => return wrong(StatusCode::BAD_REQUEST, problem),
    };
    if request.method == Method::GET {
        return ask(sandbox, &question);
    }
    if parameters.get("answer") != Some("approve") {
        return question.lead_back(&[("error", "access_denied")]);
    }
    let Some((account, user)) = parameters
        .get("user")
        .and_then(|name| sandbox.world.console_user(name))
    else {
        return wrong(StatusCode::BAD_REQUEST, "Nobody of that name may sign in.");
    };
    let principal = Caller::of_user(account, user);
    let authorization = Authorization {
        client_id: question.client_id.clone(),
        redirect_uri: question.redirect_uri.clone(),
        challenge: question.challenge.clone(),
        principal,
    };
    let code = sandbox.logins.authorize(authorization, now);
    question.lead_back(&[("code", &code)])
}

/// Shows what the person is to paste on the other machine.
pub(crate) fn confirm(_: &mut Sandbox, request: &Request, _: Timestamp) -> Reply {
    let parameters = request.query_parameters();
    let (Some(code), Some(state)) = (parameters.get("code"), parameters.get("state")) else {
        return wrong(StatusCode::BAD_REQUEST, "There is no code to show.");
    };
    let pasted = BASE64.encode(format!("state={state}&code={code}").as_bytes());
    let body = format!(
        "<p>Copy this code to the program on your other machine.</p>
<p class=\"code\" id=\"code\">{}</p>",
        escape(&pasted)
    );
    page(StatusCode::OK, "Signed in", &body)
}

fn ask(sandbox: &Sandbox, question: &Question) -> Reply {
    let options: String = sandbox
        .world
        .console_users()
        .map(|(_, user)| text("option", &user.name))
        .collect();
    let hidden = question.parameters().map(|(name, value)| {
        format!(
            "<input type=\"hidden\" name=\"{name}\" value=\"{}\">\n",
            escape(value)
        )
    });
    let body = format!(
        "<p>A program on this machine wants to act as you, for up to twelve hours.</p>
<dl><dt>Program</dt><dd>{}</dd><dt>Answer goes to</dt><dd>{}</dd></dl>
<form method=\"post\" action=\"{AUTHORIZE}\">
{}<label for=\"user\">Sign in as</label>
<select id=\"user\" name=\"user\">{options}</select>
<div class=\"buttons\">
<button class=\"primary\" id=\"approve\" name=\"answer\" value=\"approve\">Approve</button>
<button id=\"deny\" name=\"answer\" value=\"deny\">Deny</button>
</div>
</form>",
        escape(&question.client_id),
        escape(&question.redirect_uri),
        hidden.concat(),
    );
    page(StatusCode::OK, "Sign in", &body)
}

fn wrong(status: StatusCode, problem: &str) -> Reply {
    page(status, "That did not work", &text("p", problem))
}

impl Question {
    fn read(parameters: &Parameters, request: &Request) -> Result<Self, &'static str> {
        let get = |name| parameters.get(name).unwrap_or_default();
        if get("response_type") != "code" {
            return Err("The response_type must be code.");
        }
        if get("scope") != "openid" {
            return Err("The scope must be openid.");
        }
        if get("code_challenge_method") != "SHA-256" {
            return Err("The code_challenge_method must be SHA-256.");
        }
        let (client_id, redirect_uri) = (get("client_id"), get("redirect_uri"));
        let fits = match client_id {
            SAME_DEVICE => is_loopback(redirect_uri),
            CROSS_DEVICE => {
                let host = request.header("host").unwrap_or_default();
                redirect_uri == format!("http://{host}{CONFIRMATION}")
            }
            _ => return Err("The client_id is not one of those of the developer tools."),
        };
        if !fits {
            return Err("The redirect_uri is not one that this client may have.");
        }
        let (challenge, state) = (get("code_challenge"), get("state"));
        // A SHA-256 in base64url.
        if challenge.len() != 43 || state.is_empty() {
            return Err("The code_challenge or the state is missing.");
        }
        Ok(Self {
            client_id: client_id.to_owned(),
            redirect_uri: redirect_uri.to_owned(),
            challenge: challenge.to_owned(),
            state: state.to_owned(),
        })
    }

    fn parameters(&self) -> [(&'static str, &str); 7] {
        [
            ("response_type", "code"),
            ("scope", "openid"),
            ("code_challenge_method", "SHA-256"),
            ("client_id", &self.client_id),
            ("redirect_uri", &self.redirect_uri),
            ("code_challenge", &self.challenge),
            ("state", &self.state),
        ]
    }

    /// Sends the browser back to the program.
    fn lead_back(&self, answer: &[(&str, &str)]) -> Reply {
        let query = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(answer)
            .append_pair("state", &self.state)
            .finish();
        page(
            StatusCode::SEE_OTHER,
            "Signed in",
            "<p>Back to your program…</p>",
        )
        .with("location", format!("{}?{query}", self.redirect_uri))
    }
}

/// `http://127.0.0.1:PORT/oauth/callback`.
fn is_loopback(uri: &str) -> bool {
    uri.strip_prefix("http://127.0.0.1:")
        .and_then(|rest| rest.strip_suffix("/oauth/callback"))
        .is_some_and(|port| {
            port.parse::<u16>()
                .is_ok_and(|number| number.to_string() == port)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_listens_on_a_port_of_this_machine() {
        assert!(is_loopback("http://127.0.0.1:40123/oauth/callback"));
        for uri in [
            "http://127.0.0.1/oauth/callback",
            "http://127.0.0.1:+80/oauth/callback",
            "http://127.0.0.1:80@example.com/oauth/callback",
            "http://localhost:80/oauth/callback",
            "https://127.0.0.1:80/oauth/callback",
            "http://127.0.0.1:80/elsewhere",
            "http://127.0.0.1:66000/oauth/callback",
        ] {
            assert!(!is_loopback(uri), "{uri}");
        }
    }
}
