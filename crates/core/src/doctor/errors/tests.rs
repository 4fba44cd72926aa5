//! Every error by its code and by its words, and texts as people paste them.

use super::*;

fn scan(text: &str) -> Vec<Seen> {
    let mut scanner = Scanner::default();
    scanner.feed(text.as_bytes());
    scanner.finish()
}

fn codes(text: &str) -> Vec<&'static str> {
    scan(text).iter().map(|seen| seen.error.code).collect()
}

fn all() -> impl Iterator<Item = &'static Known> {
    ALL.iter().copied().flatten()
}

#[test]
fn every_error_is_known_by_each_of_its_codes_and_words() {
    for error in all() {
        for word in error.codes.iter().chain(error.texts) {
            let word = word.replace('…', " RequestID: r, ");
            assert_eq!(codes(&format!("botocore ({word})")), [error.code], "{word}");
        }
        assert!(
            !error.codes.is_empty() || !error.texts.is_empty(),
            "{}",
            error.code
        );
    }
}

#[test]
fn names_are_stable_and_told_once() {
    let mut names: Vec<&str> = all().map(|error| error.code).collect();
    names.sort_unstable();
    assert!(names.len() >= 50, "{}", names.len());
    names.dedup();
    assert_eq!(names.len(), all().count());
    for error in all() {
        assert!(
            error
                .code
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte == b'-'),
            "{}",
            error.code
        );
        for sentence in [error.what, error.why] {
            assert!(
                !sentence.ends_with('.') && sentence.len() > 20,
                "{}",
                error.code
            );
        }
    }
}

#[test]
fn errors_are_read_as_people_paste_them() {
    for (text, expected) in [
        (
            "An error occurred (ExpiredToken) when calling the ListBuckets operation: The provided token has expired.",
            &["expired-token"][..],
        ),
        (
            "An error occurred (ExpiredTokenException) when calling the AssumeRoleWithWebIdentity operation: Token expired: \
             current date/time 1700000000 must be before the expiration date/time1699999999",
            &["identity-token-expired"],
        ),
        (
            "<Error>\n  <Code>SignatureDoesNotMatch</Code>\n  <Message>Signature expired: 20260102T030405Z is now earlier than \
             20260102T031905Z (20260102T032405Z - 5 min.)</Message>\n</Error>",
            &["signature-expired"],
        ),
        (
            "SignatureDoesNotMatch: The request signature we calculated does not match the signature you provided.",
            &["signature-mismatch"],
        ),
        (
            "CredentialsProviderError: The SSO session associated with this profile has expired. To refresh this SSO session run \
             aws sso login with the corresponding profile.",
            &["sso-session-expired"],
        ),
        (
            "operation error STS: AssumeRole, https response error StatusCode: 403, api error AccessDenied: \
             MultiFactorAuthentication failed with invalid MFA one time pass code.",
            &["mfa-code-refused"],
        ),
        (
            "unhandled error (ForbiddenException): No access",
            &["portal-no-access"],
        ),
        (
            "{\"error\": \"invalid_grant\", \"error_description\": \"\"}",
            &["refresh-token-refused"],
        ),
        (
            "ok\nUnrecognizedClientException: The security token included in the request is invalid.\n\n\n\n\n\
             RequestExpired: Request has expired.\n\n\n\nUnable to locate credentials. You can configure credentials by running \
             \"aws configure\".",
            &["invalid-client-token", "request-expired", "no-credentials"],
        ),
    ] {
        assert_eq!(codes(text), expected, "{text}");
    }
}

#[test]
fn what_was_called_and_how_wrong_the_clock_was_is_told() {
    let seen = scan(
        "x\nAn error occurred (InvalidSignatureException) when calling the GetItem operation: Signature expired: 20260102T030405Z \
         is now earlier than 20260102T031905Z (20260102T032405Z - 5 min.)\n\
         again (InvalidSignatureException): Signature expired: 20260102T030406Z is now earlier than 20260102T031905Z \
         (20260102T032405Z - 5 min.)",
    );
    assert_eq!(seen.len(), 1);
    assert_eq!((seen[0].line, seen[0].times), (2, 2));
    assert_eq!(seen[0].operation.as_deref(), Some("GetItem"));
    assert_eq!(seen[0].skew, Some(jiff::SignedDuration::from_mins(-20)));
}

#[test]
fn two_times_on_lines_of_their_own_tell_how_wrong_the_clock_was() {
    for text in [
        "<Error>\n  <Code>RequestTimeTooSkewed</Code>\n  <Message>The difference between the request time and the current time is too \
         large.</Message>\n  <RequestTime>20260102T114000Z</RequestTime>\n  <ServerTime>2026-01-02T12:00:00Z</ServerTime>\n</Error>",
        "RequestTimeTooSkewed: The difference between the request time and the current time is too large.\n    at x\n  Code: \
         'RequestTimeTooSkewed',\n  RequestTime: 'Fri, 02 Jan 2026 11:40:00 GMT',\n  ServerTime: '2026-01-02T12:00:00Z',\n",
    ] {
        let seen = scan(text);
        assert_eq!(seen.len(), 1, "{text}");
        assert_eq!(
            seen[0].skew,
            Some(jiff::SignedDuration::from_mins(-20)),
            "{text}"
        );
    }
    // Times far away belong to something else.
    let far = format!(
        "RequestTimeTooSkewed{}<RequestTime>20260102T114000Z</RequestTime>\n<ServerTime>2026-01-02T12:00:00Z</ServerTime>",
        "\n".repeat(20)
    );
    assert_eq!(scan(&far)[0].skew, None);
}

#[test]
fn of_errors_that_are_wrapped_in_others_the_innermost_is_told() {
    let go = "operation error EC2: DescribeInstances, get identity: get credentials: failed to refresh cached credentials, operation \
              error SSO OIDC: CreateToken, https response error StatusCode: 400, RequestID: r, ExpiredTokenException: ";
    let seen = scan(go);
    assert_eq!(seen[0].error.code, "device-code-expired", "{seen:?}");
    assert_eq!(seen[0].operation.as_deref(), Some("CreateToken"));
    let both = "Unable to locate credentials: ExpiredToken: The provided token has expired.";
    assert_eq!(codes(both), ["expired-token", "no-credentials"]);
}

#[test]
fn a_log_that_is_one_line_is_no_single_error() {
    let far = "x".repeat(2000);
    let text = format!(
        "[{{\"m\":\"Rate exceeded\"}},{far}{{\"Code\":\"ExpiredTokenException\"}},{far} An error occurred (RequestExpired) when calling the \
         DescribeInstances operation: Request has expired.]"
    );
    assert_eq!(
        codes(&text),
        ["expired-token", "request-expired", "throttled"]
    );
    let seen = scan(&text);
    assert_eq!(seen[0].operation, None, "that of another error");
    assert_eq!(seen[1].operation.as_deref(), Some("DescribeInstances"));
}

#[test]
fn lines_are_counted_and_not_words() {
    let line = "Credentials were refreshed, but the refreshed credentials are still expired. Refreshed credentials are still expired.\n";
    let seen = scan(&line.repeat(3));
    assert_eq!((seen.len(), seen[0].times), (1, 3));
}

#[test]
fn a_part_of_another_word_is_no_error() {
    for text in [
        "",
        "NotExpiredToken ExpiredTokens myaccess_denied_total",
        "everything is well, nothing expired",
    ] {
        assert!(codes(text).is_empty(), "{text}");
    }
}

#[test]
fn however_a_text_is_cut_the_same_is_found() {
    let text = format!(
        "{}ExpiredToken{}\nAn error occurred (RequestExpired): Request has expired.\n",
        "\u{0}\u{ff}".repeat(60_000),
        " x".repeat(90_000)
    );
    let whole = scan(&text);
    assert_eq!(
        whole.iter().map(|seen| seen.error.code).collect::<Vec<_>>(),
        ["expired-token", "request-expired"]
    );
    for size in [1, 7, 4096, 65_536, 65_537] {
        let mut scanner = Scanner::default();
        text.as_bytes()
            .chunks(size)
            .for_each(|piece| scanner.feed(piece));
        assert_eq!(scanner.finish(), whole, "{size}");
    }
}
