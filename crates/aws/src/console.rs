//! Opening the console with the credentials of a session (IAM User Guide, custom identity broker).

use aws_config::SdkConfig;
use aws_sdk_signin::config::endpoint::{DefaultResolver, Params, ResolveEndpoint};
use aws_smithy_types::error::ErrorMetadata;
use form_urlencoded::Serializer;
use jiff::SignedDuration;
use sandglass_core::error::{ErrorCode, RenewalError};
use sandglass_core::names::ProfileName;
use sandglass_core::secret::{Credentials, Secret};
use serde_json::{Value, json};

use crate::call::{Call, SignInCall};
use crate::settings::endpoint_of;
use crate::{Aws, plain};

/// Whom the console names where a session has ended.
const ISSUER: &str = "Sandglass";

impl Aws {
    /// A URL that signs whoever opens it in to the console with these credentials: for a quarter of an hour as good as
    /// the credentials themselves. It leads to `destination`, a page of the console, or to the home page of the profile's
    /// region.
    ///
    /// `duration` is how long the console session lives, from 15 min to 12 h and apart from the life of the credentials.
    /// AWS refuses any with credentials of a chained role or of a federated user: then it must be none, which gives an hour.
    pub async fn console_sign_in_url(
        &self,
        profile: &ProfileName,
        credentials: &Credentials,
        destination: Option<&str>,
        duration: Option<SignedDuration>,
    ) -> Result<Secret, RenewalError> {
        let call = Call::SignIn(SignInCall::GetSigninToken);
        let Some(session_token) = &credentials.session_token else {
            return Err(long_lived());
        };
        let settings = self.unsigned_settings(Some(profile), None).await?;
        let session = json!({
            "sessionId": credentials.access_key_id,
            "sessionKey": credentials.secret_access_key.expose(),
            "sessionToken": session_token.expose(),
        });
        let of_partition = sign_in_host(&settings, settings.use_fips()).await;
        let endpoint = endpoint_of(&settings, "Signin")
            .or(of_partition)
            .ok_or_else(|| no_console(&settings))?;

        let duration = duration.map(|duration| duration.as_secs().to_string());
        let address = query_of("/federation?")
            .append_pair("Action", "getSigninToken")
            .extend_pairs(duration.iter().map(|seconds| ("SessionDuration", seconds)))
            .append_pair("Session", &session.to_string())
            .finish();
        let request = http::Request::get(address)
            .body(String::new())
            .map_err(|_| no_console(&settings))?;
        let answer = plain::send(call, &settings, &endpoint, request, refusal).await?;
        let token = serde_json::from_str(answer.expose())
            .ok()
            .and_then(|answer: Value| answer.get("SigninToken")?.as_str().map(str::to_owned))
            .map(Secret::new)
            .ok_or_else(|| call.incomplete())?;

        let destination = match destination {
            Some(page) => page.to_owned(),
            None => home(&settings).await.ok_or_else(|| no_console(&settings))?,
        };
        let url = query_of(&format!("{endpoint}/federation?"))
            .append_pair("Action", "login")
            .append_pair("Issuer", ISSUER)
            .append_pair("Destination", &destination)
            .append_pair("SigninToken", token.expose())
            .finish();
        Ok(Secret::new(url))
    }
}

fn query_of(start: &str) -> Serializer<'static, String> {
    Serializer::for_suffix(start.to_owned(), start.len())
}

/// Where Sign-In of the region answers, which knows the partitions.
async fn sign_in_host(settings: &SdkConfig, fips: Option<bool>) -> Option<String> {
    let region = settings.region()?.as_ref().to_owned();
    let of_region = Params::builder()
        .region(region)
        .set_use_fips(fips)
        .build()
        .ok()?;
    let endpoint = DefaultResolver::new().resolve_endpoint(&of_region).await;
    Some(endpoint.ok()?.url().to_owned())
}

/// The console's home page in the region: its hosts are named like those of Sign-In in every partition.
async fn home(settings: &SdkConfig) -> Option<String> {
    let region = settings.region()?;
    let host = sign_in_host(settings, None).await?;
    let console = host.replacen(".signin.", ".console.", 1);
    Some(format!("{console}/console/home?region={region}"))
}

/// Sign-In refuses with a line of text or with a page for people, and has no codes.
fn refusal(body: &str) -> ErrorMetadata {
    const LINE: usize = 200;
    let text = body.trim();
    let metadata = ErrorMetadata::builder();
    if text.is_empty() || text.len() > LINE || text.contains(['<', '\n']) {
        return metadata.build();
    }
    metadata.message(text).build()
}

fn long_lived() -> RenewalError {
    RenewalError::new(
        ErrorCode::InvalidDefinition,
        "the console takes no long-lived keys",
        "Open it with a role or with a federated user.",
    )
}

fn no_console(settings: &SdkConfig) -> RenewalError {
    let region = settings.region().map_or("", AsRef::as_ref);
    RenewalError::new(
        ErrorCode::InvalidDefinition,
        format!("no sign-in to the console is known for the region `{region}`"),
        "Check `region` and `endpoint_url` of the profile.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{
        Answer, SECRET_KEY, SIGNIN_TOKEN, SIGNIN_TOKEN_REPLY, aws_with, keys, profile, replay,
    };

    fn pairs(uri: &str) -> Vec<(String, String)> {
        let (_, query) = uri.split_once('?').unwrap();
        form_urlencoded::parse(query.as_bytes())
            .into_owned()
            .collect()
    }

    fn pair(name: &str, value: &str) -> (String, String) {
        (name.to_owned(), value.to_owned())
    }

    #[tokio::test]
    async fn a_session_is_traded_for_a_url_that_opens_the_console() {
        let (aws, wire) = replay(vec![Answer::ok(SIGNIN_TOKEN_REPLY)]);
        let url = aws
            .console_sign_in_url(
                &profile(),
                &keys(),
                None,
                Some(SignedDuration::from_hours(12)),
            )
            .await
            .ok()
            .unwrap();
        let request = wire.actual_requests().next().unwrap();
        assert_eq!(request.method(), "GET");
        assert!(
            request
                .uri()
                .starts_with("https://us-east-1.signin.aws.amazon.com/federation?")
        );
        let session = format!(
            r#"{{"sessionId":"ASIAFIXTURE","sessionKey":"{SECRET_KEY}","sessionToken":"fixture-session-token"}}"#
        );
        assert_eq!(
            pairs(request.uri()),
            [
                pair("Action", "getSigninToken"),
                pair("SessionDuration", "43200"),
                pair("Session", &session),
            ]
        );
        assert!(
            url.expose()
                .starts_with("https://us-east-1.signin.aws.amazon.com/federation?")
        );
        let home = "https://us-east-1.console.aws.amazon.com/console/home?region=us-east-1";
        assert_eq!(
            pairs(url.expose()),
            [
                pair("Action", "login"),
                pair("Issuer", "Sandglass"),
                pair("Destination", home),
                pair("SigninToken", SIGNIN_TOKEN),
            ]
        );
    }

    #[tokio::test]
    async fn chained_and_federated_sessions_ask_for_no_duration() {
        let (aws, wire) = replay(vec![Answer::ok(SIGNIN_TOKEN_REPLY)]);
        let page = "https://console.aws.amazon.com/s3/home";
        let url = aws
            .console_sign_in_url(&profile(), &keys(), Some(page), None)
            .await
            .ok()
            .unwrap();
        let request = wire.actual_requests().next().unwrap();
        assert!(!request.uri().contains("SessionDuration"));
        assert!(pairs(url.expose()).contains(&pair("Destination", page)));
    }

    #[tokio::test]
    async fn the_partition_and_the_settings_name_the_hosts() {
        #[rustfmt::skip]
        let rows = [
            ("region = cn-north-1", "https://cn-north-1.signin.amazonaws.cn", "https://cn-north-1.console.amazonaws.cn/console/home?region=cn-north-1"),
            ("region = us-gov-west-1", "https://us-gov-west-1.signin.amazonaws-us-gov.com", "https://us-gov-west-1.console.amazonaws-us-gov.com/console/home?region=us-gov-west-1"),
            ("region = eusc-de-east-1", "https://eusc-de-east-1.signin.amazonaws-eusc.eu", "https://eusc-de-east-1.console.amazonaws-eusc.eu/console/home?region=eusc-de-east-1"),
            ("region = eu-west-1\nendpoint_url = http://127.0.0.1:7/", "http://127.0.0.1:7", "https://eu-west-1.console.aws.amazon.com/console/home?region=eu-west-1"),
        ];
        for (lines, host, home) in rows {
            let file = tempfile::NamedTempFile::new().unwrap();
            std::fs::write(file.path(), format!("[profile deploy]\n{lines}\n")).unwrap();
            let (_, wire) = replay(vec![Answer::ok(SIGNIN_TOKEN_REPLY)]);
            let aws = aws_with(file.path().to_owned(), wire.clone());
            let url = aws
                .console_sign_in_url(&profile(), &keys(), None, None)
                .await
                .ok()
                .unwrap();
            let asked = wire.actual_requests().next().unwrap().uri().to_owned();
            for uri in [asked.as_str(), url.expose()] {
                assert!(
                    uri.starts_with(&format!("{host}/federation?Action=")),
                    "{uri}"
                );
            }
            assert!(pairs(url.expose()).contains(&pair("Destination", home)));
        }
    }

    #[tokio::test]
    async fn a_refusal_shows_a_line_of_sign_ins_words_and_never_a_page() {
        let page = "<html><body>Bad Request</body></html>";
        let rows = [
            (
                "Invalid credentials parameter",
                "signin:GetSigninToken failed: Invalid credentials parameter",
            ),
            (
                page,
                "signin:GetSigninToken failed with HTTP status 400 and no further word",
            ),
            (
                "",
                "signin:GetSigninToken failed with HTTP status 400 and no further word",
            ),
        ];
        for (body, expected) in rows {
            let refused = Answer {
                status: 400,
                ..Answer::ok(body)
            };
            let (aws, _) = replay(vec![refused]);
            let error = aws
                .console_sign_in_url(&profile(), &keys(), None, None)
                .await
                .err()
                .unwrap();
            assert_eq!(error.code, ErrorCode::SourceInvalid);
            assert_eq!(error.message, expected);
        }
    }

    #[tokio::test]
    async fn long_lived_keys_are_not_sent_to_be_refused() {
        let (aws, wire) = replay(vec![Answer::ok(SIGNIN_TOKEN_REPLY)]);
        let keys = Credentials {
            session_token: None,
            ..keys()
        };
        let error = aws
            .console_sign_in_url(&profile(), &keys, None, None)
            .await
            .err()
            .unwrap();
        assert_eq!(error.code, ErrorCode::InvalidDefinition);
        assert_eq!(wire.actual_requests().count(), 0);
    }

    #[tokio::test]
    async fn an_answer_without_a_token_opens_nothing() {
        for body in ["", "{}", r#"{"SigninToken":7}"#, "<html></html>"] {
            let (aws, _) = replay(vec![Answer::ok(body)]);
            let error = aws
                .console_sign_in_url(&profile(), &keys(), None, None)
                .await
                .err()
                .unwrap();
            assert_eq!(error.code, ErrorCode::ServiceTrouble, "{body}");
        }
    }
}
