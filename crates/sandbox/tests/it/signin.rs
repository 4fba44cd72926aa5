//! `aws login`: codes, proofs, refresh tokens and their ends.

use data_encoding::BASE64URL_NOPAD;
use jiff::Timestamp;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::boxed::{Boxed, assert_about};
use crate::dpop::{Key, Proof};
use crate::http::{Answer, Request, form, percent};
use crate::signer::{Keys, now};

const SAME_DEVICE: &str = "arn:aws:signin:::devtools/same-device";
const CALLBACK: &str = "http://127.0.0.1:40123/oauth/callback";
const VERIFIER: &str = "a-verifier-of-forty-three-characters-or-more~";
const DEV: &str = "arn:aws:iam::123456789012:user/dev";

#[test]
fn a_code_becomes_credentials_of_the_console_user() {
    let boxed = Boxed::start();
    let answer = redeem(&boxed, &approve(&boxed), &Key::number(1));
    let body = answer.json();
    assert_eq!(answer.status, 200, "{body}");
    assert_eq!(body["tokenType"], "aws_sigv4");
    assert_about(body["expiresIn"].as_i64().unwrap(), 900);
    assert_eq!(claims(&body["idToken"])["sub"], DEV);
    let keys = keys_of(&body["accessToken"]);
    let who = boxed.sts(&keys, "GetCallerIdentity", &[]);
    assert_eq!(who.tag("Arn"), DEV);
    assert_eq!(boxed.list_buckets(&keys).status, 200);
    assert_eq!(boxed.assume_role(&keys, "Deploy", &[]).status, 200);
}

#[test]
fn a_code_works_once_and_only_for_whom_it_was_given() {
    let boxed = Boxed::start();
    let code = approve(&boxed);
    for (name, value) in [
        ("clientId", "arn:aws:signin:::devtools/cross-device"),
        ("redirectUri", "http://127.0.0.1:40124/oauth/callback"),
        (
            "codeVerifier",
            "another-verifier-of-forty-three-characters-",
        ),
        ("codeVerifier", "short"),
        ("code", "unknown"),
    ] {
        let mut body = redemption(&code);
        body[name] = json!(value);
        let answer = token(&boxed, &Key::number(1), &body);
        assert_refused(&answer, "ValidationException", "INVALID_REQUEST");
    }
    assert_eq!(redeem(&boxed, &code, &Key::number(1)).status, 200);
    let answer = redeem(&boxed, &code, &Key::number(1));
    assert_refused(&answer, "AccessDeniedException", "AUTHCODE_EXPIRED");
}

#[test]
fn a_code_ends_after_ten_minutes() {
    let boxed = Boxed::start();
    let code = approve(&boxed);
    boxed.put("settings", &json!({ "skew": 601 }));
    let (key, url) = (Key::number(1), format!("{}/v1/token", boxed.endpoint()));
    let mut proof = key.proof(&url);
    proof.claims["iat"] = json!(now().as_second() + 601);
    let answer = send(&boxed, &key.sign(&proof), &redemption(&code));
    assert_refused(&answer, "AccessDeniedException", "AUTHCODE_EXPIRED");
}

#[test]
fn a_refresh_gives_new_credentials_and_a_new_token() {
    let boxed = Boxed::start();
    let (login, key) = login(&boxed, "dev");
    assert_eq!(login["loginSession"], DEV);
    assert_eq!(login["accessToken"]["accountId"], "123456789012");
    let ends: Timestamp = login["accessToken"]["expiresAt"]
        .as_str()
        .unwrap()
        .parse()
        .unwrap();
    assert_about(ends.duration_since(now()).as_secs(), 900);
    let first = refresh(&boxed, &key, &login["refreshToken"]).json();
    assert_eq!(first["idToken"], Value::Null);
    assert_ne!(first["refreshToken"], login["refreshToken"]);
    assert_ne!(
        first["accessToken"]["accessKeyId"],
        login["accessToken"]["accessKeyId"]
    );
    let second = refresh(&boxed, &key, &first["refreshToken"]);
    assert_eq!(second.status, 200);
    let who = boxed.sts(
        &keys_of(&second.json()["accessToken"]),
        "GetCallerIdentity",
        &[],
    );
    assert_eq!(who.tag("Arn"), DEV);
}

#[test]
fn a_refresh_that_is_repeated_gives_the_same_again() {
    let boxed = Boxed::start();
    let (login, key) = login(&boxed, "dev");
    let first = refresh(&boxed, &key, &login["refreshToken"]).json();
    let again = refresh(&boxed, &key, &login["refreshToken"]).json();
    for member in ["accessToken", "refreshToken"] {
        assert_eq!(first[member], again[member], "{member}");
    }
}

#[test]
fn a_used_refresh_token_ends_with_the_credentials_that_it_gave() {
    let boxed = Boxed::start();
    let (login, key) = login(&boxed, "dev");
    boxed.put("settings", &json!({ "login_access": 0 }));
    assert_eq!(refresh(&boxed, &key, &login["refreshToken"]).status, 200);
    let answer = refresh(&boxed, &key, &login["refreshToken"]);
    assert_refused(&answer, "AccessDeniedException", "TOKEN_EXPIRED");
}

#[test]
fn a_login_ends_after_its_time_and_caps_its_credentials() {
    let boxed = Boxed::start_with(&json!({ "login_session": 60 }));
    let (login, key) = login(&boxed, "dev");
    let answer = refresh(&boxed, &key, &login["refreshToken"]).json();
    assert_about(answer["expiresIn"].as_i64().unwrap(), 60);
    boxed.put(
        "settings",
        &json!({ "login_session": 0, "login_access": 60 }),
    );
    let request = Request::new("POST", "/_sandbox/console-login").body(r#"{"user":"dev"}"#);
    assert_eq!(
        boxed.send(&request).status,
        409,
        "it is over before it begins"
    );
}

#[test]
fn a_login_that_was_revoked_says_why() {
    for (reason, expected) in [
        ("token_expired", "TOKEN_EXPIRED"),
        ("password_changed", "USER_CREDENTIALS_CHANGED"),
    ] {
        let boxed = Boxed::start();
        let (login, key) = login(&boxed, "dev");
        let revocation = json!({ "kind": "login_sessions", "user": "dev", "reason": reason });
        assert_eq!(boxed.post("revoke", &revocation)["revoked"], 1);
        let answer = refresh(&boxed, &key, &login["refreshToken"]);
        assert_refused(&answer, "AccessDeniedException", expected);
        assert_eq!(
            boxed.list_buckets(&keys_of(&login["accessToken"])).status,
            200
        );
    }
}

#[test]
fn a_user_without_the_permission_is_told() {
    let boxed = Boxed::start();
    let (login, key) = login(&boxed, "ops");
    let answer = refresh(&boxed, &key, &login["refreshToken"]);
    assert_refused(&answer, "AccessDeniedException", "INSUFFICIENT_PERMISSIONS");
}

#[test]
fn a_refresh_token_belongs_to_one_key() {
    let boxed = Boxed::start();
    let (login, key) = login(&boxed, "dev");
    let answer = refresh(&boxed, &Key::number(7), &login["refreshToken"]);
    assert_refused(&answer, "ValidationException", "INVALID_REQUEST");
    assert_eq!(refresh(&boxed, &key, &login["refreshToken"]).status, 200);
    let answer = refresh(&boxed, &key, &json!("unknown"));
    assert_refused(&answer, "ValidationException", "INVALID_REQUEST");
}

#[test]
fn a_proof_that_is_not_for_this_request_is_refused() {
    let boxed = Boxed::start();
    let (login, key) = login(&boxed, "dev");
    let changes: [fn(&mut Proof); 11] = [
        |proof| proof.header["typ"] = json!("JWT"),
        |proof| proof.header["alg"] = json!("none"),
        |proof| proof.header["jwk"]["crv"] = json!("P-384"),
        |proof| proof.header["jwk"]["d"] = json!("AQ"),
        |proof| proof.header["jwk"]["x"] = proof.header["jwk"]["y"].clone(),
        |proof| proof.claims["htm"] = json!("GET"),
        |proof| proof.claims["htu"] = json!("https://signin.aws.amazon.com/v1/token"),
        |proof| proof.claims["iat"] = json!(proof.claims["iat"].as_i64().unwrap() - 310),
        |proof| proof.claims["iat"] = json!(proof.claims["iat"].as_i64().unwrap() + 310),
        |proof| proof.claims["jti"] = json!(""),
        |proof| proof.claims["jti"] = Value::Null,
    ];
    let url = format!("{}/v1/token", boxed.endpoint());
    for (number, change) in changes.iter().enumerate() {
        let mut proof = key.proof(&url);
        change(&mut proof);
        let answer = send(
            &boxed,
            &key.sign(&proof),
            &refreshment(&login["refreshToken"]),
        );
        assert_eq!(answer.status, 400, "change {number}");
        assert_refused(&answer, "ValidationException", "INVALID_REQUEST");
    }
    let foreign = Key::number(7).sign(&key.proof(&url));
    let answer = send(&boxed, &foreign, &refreshment(&login["refreshToken"]));
    assert_refused(&answer, "ValidationException", "INVALID_REQUEST");
    let unproved =
        Request::new("POST", "/v1/token").body(refreshment(&login["refreshToken"]).to_string());
    assert_refused(
        &boxed.send(&unproved),
        "ValidationException",
        "INVALID_REQUEST",
    );
}

#[test]
fn a_proof_counts_once() {
    let boxed = Boxed::start();
    let (login, key) = login(&boxed, "dev");
    let proof = key.sign(&key.proof(&format!("{}/v1/token", boxed.endpoint())));
    let body = refreshment(&login["refreshToken"]);
    assert_eq!(send(&boxed, &proof, &body).status, 200);
    let answer = send(&boxed, &proof, &body);
    assert_refused(&answer, "ValidationException", "INVALID_REQUEST");
    assert_eq!(
        answer.json()["message"],
        "Invalid DPoP proof: its jti was used before"
    );
}

#[test]
fn what_the_service_does_not_know_is_refused() {
    let boxed = Boxed::start();
    let (login, key) = login(&boxed, "dev");
    for (name, value, error) in [
        ("clientId", "me", "INVALID_REQUEST"),
        ("grantType", "password", "unsupported_grant_type"),
        ("refreshToken", "", "INVALID_REQUEST"),
    ] {
        let mut body = refreshment(&login["refreshToken"]);
        body[name] = json!(value);
        assert_refused(&token(&boxed, &key, &body), "ValidationException", error);
    }
    let answer = token(&boxed, &key, &json!({}));
    assert_refused(&answer, "ValidationException", "INVALID_REQUEST");
    assert_eq!(boxed.send(&Request::new("GET", "/v1/token")).status, 404);
    let nobody = Request::new("POST", "/_sandbox/console-login").body(r#"{"user":"broker"}"#);
    assert_eq!(boxed.send(&nobody).status, 404, "broker has no password");
}

#[test]
fn it_is_throttled_and_fails_in_its_own_words() {
    let boxed = Boxed::start();
    for (kind, status, exception, error) in [
        ("throttle", 429, "TooManyRequestsError", "rate_exceeded"),
        (
            "server_error",
            500,
            "InternalServerException",
            "server_error",
        ),
    ] {
        let fault = json!({ "operation": "CreateOAuth2Token", "effect": { "kind": kind } });
        boxed.post("faults", &fault);
        let answer = token(&boxed, &Key::number(1), &json!({}));
        assert_eq!(answer.status, status);
        assert_refused(&answer, exception, error);
    }
}

#[test]
fn the_journal_keeps_no_secret_of_a_login() {
    let boxed = Boxed::start();
    let (login, key) = login(&boxed, "dev");
    let body = refresh(&boxed, &key, &login["refreshToken"]).json();
    let journal = boxed.get("journal");
    assert_eq!(journal[0]["operation"], "CreateOAuth2Token");
    assert_eq!(journal[0]["who"], DEV);
    for secret in [
        &login["refreshToken"],
        &body["refreshToken"],
        &body["accessToken"]["secretAccessKey"],
        &body["accessToken"]["sessionToken"],
    ] {
        assert!(!journal.to_string().contains(secret.as_str().unwrap()));
    }
}

/// The code of a sign-in that dev approved.
fn approve(boxed: &Boxed) -> String {
    let challenge = BASE64URL_NOPAD.encode(&Sha256::digest(VERIFIER));
    let yes = form(&[
        ("response_type", "code"),
        ("scope", "openid"),
        ("client_id", SAME_DEVICE),
        ("redirect_uri", CALLBACK),
        ("state", "a state"),
        ("code_challenge_method", "SHA-256"),
        ("code_challenge", &challenge),
        ("user", "dev"),
        ("answer", "approve"),
    ]);
    let answer = boxed.send(&Request::new("POST", "/v1/authorize").body(yes));
    assert_eq!(answer.status, 303, "{}", answer.body);
    let location = answer.header("location");
    let query = location
        .strip_prefix(&format!("{CALLBACK}?code="))
        .expect("it leads to the program");
    let (code, rest) = query.split_once('&').expect("a state follows");
    assert_eq!(
        percent("a state").replace("%20", "+"),
        rest.trim_start_matches("state=")
    );
    code.to_owned()
}

fn redemption(code: &str) -> Value {
    json!({
        "clientId": SAME_DEVICE,
        "grantType": "authorization_code",
        "code": code,
        "redirectUri": CALLBACK,
        "codeVerifier": VERIFIER,
    })
}

fn refreshment(token: &Value) -> Value {
    json!({ "clientId": SAME_DEVICE, "grantType": "refresh_token", "refreshToken": token })
}

fn redeem(boxed: &Boxed, code: &str, key: &Key) -> Answer {
    token(boxed, key, &redemption(code))
}

fn refresh(boxed: &Boxed, key: &Key, refresh_token: &Value) -> Answer {
    token(boxed, key, &refreshment(refresh_token))
}

fn token(boxed: &Boxed, key: &Key, body: &Value) -> Answer {
    let url = format!("{}/v1/token", boxed.endpoint());
    send(boxed, &key.sign(&key.proof(&url)), body)
}

fn send(boxed: &Boxed, proof: &str, body: &Value) -> Answer {
    let request = Request::new("POST", "/v1/token")
        .header("content-type", "application/json")
        .header("DPoP", proof);
    boxed.send(&request.body(body.to_string()))
}

fn login(boxed: &Boxed, user: &str) -> (Value, Key) {
    let login = boxed.post("console-login", &json!({ "user": user }));
    let key = Key::of_pem(login["dpopKey"].as_str().expect("a key"));
    (login, key)
}

fn keys_of(access_token: &Value) -> Keys {
    let text = |name: &str| access_token[name].as_str().expect("text");
    Keys::new(text("accessKeyId"), text("secretAccessKey")).with_token(Some(text("sessionToken")))
}

fn claims(token: &Value) -> Value {
    let claims = token.as_str().and_then(|token| token.split('.').nth(1));
    let bytes = BASE64URL_NOPAD
        .decode(claims.expect("a token").as_bytes())
        .expect("base64url");
    serde_json::from_slice(&bytes).expect("JSON")
}

fn assert_refused(answer: &Answer, exception: &str, error: &str) {
    let body = answer.json();
    assert_eq!(
        (answer.header("x-amzn-errortype"), &body["error"]),
        (exception, &json!(error)),
        "{body}"
    );
    assert!(body["message"].is_string());
}
