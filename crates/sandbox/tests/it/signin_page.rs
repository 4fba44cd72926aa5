//! The page on which a person lets `aws login` in.

use crate::boxed::Boxed;
use crate::http::{Answer, Request, form};

const SAME_DEVICE: &str = "arn:aws:signin:::devtools/same-device";
const CROSS_DEVICE: &str = "arn:aws:signin:::devtools/cross-device";
const CALLBACK: &str = "http://127.0.0.1:40123/oauth/callback";
const CHALLENGE: &str = "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU";

type Question<'a> = [(&'a str, &'a str); 7];

#[test]
fn the_page_asks_who_signs_in() {
    let boxed = Boxed::start();
    let answer = open(&boxed, &question());
    assert_eq!(answer.status, 200);
    for shown in [
        SAME_DEVICE,
        CALLBACK,
        "id=\"approve\"",
        "id=\"deny\"",
        "<option>dev</option>",
        "<option>ops</option>",
    ] {
        assert!(answer.body.contains(shown), "{shown}");
    }
    assert!(!answer.body.contains("broker"), "broker has no password");
    assert!(!answer.body.contains("<script"));
}

#[test]
fn a_no_leads_back_with_the_state() {
    let boxed = Boxed::start();
    let mut pairs = question().to_vec();
    pairs.push(("answer", "deny"));
    let answer = boxed.send(&Request::new("POST", "/v1/authorize").body(form(&pairs)));
    let expected = format!("{CALLBACK}?error=access_denied&state=s1");
    assert_eq!(
        (answer.status, answer.header("location")),
        (303, expected.as_str())
    );
}

#[test]
fn a_question_that_aws_would_not_take_is_not_asked() {
    let boxed = Boxed::start();
    for (name, value) in [
        ("response_type", "token"),
        ("scope", "email"),
        ("code_challenge_method", "S256"),
        ("client_id", "me"),
        ("client_id", CROSS_DEVICE),
        ("redirect_uri", "https://example.com/oauth/callback"),
        ("redirect_uri", "http://127.0.0.1:40123/elsewhere"),
        ("code_challenge", "short"),
        ("state", ""),
    ] {
        let changed = question().map(|(key, old)| (key, if key == name { value } else { old }));
        assert_eq!(open(&boxed, &changed).status, 400, "{name}={value}");
    }
}

#[test]
fn another_sites_form_may_not_answer() {
    let boxed = Boxed::start();
    let mut pairs = question().to_vec();
    pairs.extend([("user", "dev"), ("answer", "approve")]);
    for origin in ["https://example.com", "null"] {
        let request = Request::new("POST", "/v1/authorize").header("origin", origin);
        assert_eq!(
            boxed.send(&request.body(form(&pairs))).status,
            403,
            "{origin}"
        );
    }
    assert_eq!(
        boxed.send(&Request::new("PUT", "/v1/authorize")).status,
        405
    );
}

#[test]
fn somebody_without_a_password_cannot_sign_in() {
    let boxed = Boxed::start();
    for user in ["broker", "nobody"] {
        let mut pairs = question().to_vec();
        pairs.extend([("user", user), ("answer", "approve")]);
        let answer = boxed.send(&Request::new("POST", "/v1/authorize").body(form(&pairs)));
        assert_eq!(answer.status, 400, "{user}");
    }
}

#[test]
fn a_login_for_another_machine_ends_with_a_code_to_carry() {
    let boxed = Boxed::start();
    let confirmation = format!("{}/v1/sessions/confirmation", boxed.endpoint());
    let mut pairs = question()
        .map(|(key, old)| match key {
            "client_id" => (key, CROSS_DEVICE),
            "redirect_uri" => (key, confirmation.as_str()),
            _ => (key, old),
        })
        .to_vec();
    pairs.extend([("user", "dev"), ("answer", "approve")]);
    let answer = boxed.send(&Request::new("POST", "/v1/authorize").body(form(&pairs)));
    let location = answer.header("location").to_owned();
    let target = location.trim_start_matches(&boxed.endpoint());
    let code = target.split_once("code=").expect("a code").1;
    let code = code.split_once('&').expect("a state").0;
    let page = boxed.send(&Request::new("GET", target));
    let pasted = data_encoding::BASE64.encode(format!("state=s1&code={code}").as_bytes());
    assert!(page.body.contains(&pasted), "{}", page.body);
    let empty = boxed.send(&Request::new("GET", "/v1/sessions/confirmation"));
    assert_eq!(empty.status, 400);
}

fn question() -> Question<'static> {
    [
        ("response_type", "code"),
        ("scope", "openid"),
        ("client_id", SAME_DEVICE),
        ("redirect_uri", CALLBACK),
        ("state", "s1"),
        ("code_challenge_method", "SHA-256"),
        ("code_challenge", CHALLENGE),
    ]
}

fn open(boxed: &Boxed, question: &Question) -> Answer {
    let target = format!("/v1/authorize?{}", form(question));
    boxed.send(&Request::new("GET", &target))
}
