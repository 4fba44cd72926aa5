//! IAM: how long a role's sessions may be, told and changed.
//!
//! Two calls of IAM do not earn its SDK, which takes ten times as long to compile as that of STS: the requests are signed
//! and sent as they are.

use std::borrow::Cow;
use std::time::SystemTime;

use aws_config::SdkConfig;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::identity::Identity;
use aws_smithy_types::error::ErrorMetadata;
use jiff::SignedDuration;
use sandglass_core::error::{ErrorCode, RenewalError};
use sandglass_core::names::ProfileName;
use sandglass_core::secret::{Credentials, Secret};

use crate::call::{Call, IamCall};
use crate::settings::{endpoint_of, sdk_credentials};
use crate::{Aws, plain};

/// Where IAM of a partition answers, and the region that it wants requests signed for.
struct Endpoint {
    url: Cow<'static, str>,
    signing_region: &'static str,
}

impl Aws {
    /// `iam:GetRole`: the longest session of a role (`MaxSessionDuration`).
    ///
    /// # Errors
    ///
    /// The credentials lack the permission or belong to another account, or IAM does not answer.
    pub async fn max_session_duration(
        &self,
        profile: &ProfileName,
        role_arn: &str,
        credentials: &Credentials,
    ) -> Result<SignedDuration, RenewalError> {
        let call = Call::Iam(IamCall::GetRole);
        let answer = self
            .iam(
                call,
                profile,
                role_arn,
                credentials,
                &[("Action", "GetRole")],
            )
            .await?;
        let text = answer.expose();
        let arn = element(text, "Arn").ok_or_else(|| call.incomplete())?;
        if arn != role_arn {
            // A role of the same name in the account of the credentials is another role.
            return Err(elsewhere(role_arn));
        }
        let seconds = element(text, "MaxSessionDuration").and_then(|text| text.parse().ok());
        seconds
            .map(SignedDuration::from_secs)
            .ok_or_else(|| call.incomplete())
    }

    /// `iam:UpdateRole`: the longest session of a role becomes this one, 1 to 12 hours. Nothing else of the role changes.
    /// IAM goes by the name of the role, within the account of the credentials: whoever calls this has looked with
    /// [`Self::max_session_duration`] and the same credentials that it is this role.
    ///
    /// # Errors
    ///
    /// The credentials lack the permission, or IAM does not answer.
    pub async fn set_max_session_duration(
        &self,
        profile: &ProfileName,
        role_arn: &str,
        credentials: &Credentials,
        maximum: SignedDuration,
    ) -> Result<(), RenewalError> {
        let seconds = maximum.as_secs().to_string();
        let parameters = [
            ("Action", "UpdateRole"),
            ("MaxSessionDuration", seconds.as_str()),
        ];
        let call = Call::Iam(IamCall::UpdateRole);
        let answer = self
            .iam(call, profile, role_arn, credentials, &parameters)
            .await?;
        // Something on the way may answer well to everything.
        if answer.expose().contains("<UpdateRoleResponse") {
            Ok(())
        } else {
            Err(call.incomplete())
        }
    }

    async fn iam(
        &self,
        call: Call,
        profile: &ProfileName,
        role_arn: &str,
        credentials: &Credentials,
        parameters: &[(&str, &str)],
    ) -> Result<Secret, RenewalError> {
        let settings = self.signed_settings(profile, credentials).await?;
        let (Some(endpoint), Some((_, name))) = (endpoint(&settings), role_arn.rsplit_once('/'))
        else {
            return Err(RenewalError::new(
                ErrorCode::Unreachable,
                format!("there is no way to IAM for `{role_arn}` from here"),
                "Change the role in the console of its partition.",
            ));
        };
        let body = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(parameters)
            .extend_pairs([("Version", "2010-05-08"), ("RoleName", name)])
            .finish();
        let at = SystemTime::try_from(self.now()).unwrap_or(SystemTime::UNIX_EPOCH);
        let request = signed(&endpoint, credentials, at, body).map_err(|error| {
            RenewalError::new(
                ErrorCode::Internal,
                format!("{} could not be signed: {error}", call.name()),
                "Check the keys of the profile; if it stays, report it as a defect of Sandglass.",
            )
        })?;
        plain::send(call, &settings, &endpoint.url, request, refusal).await
    }
}

fn elsewhere(role_arn: &str) -> RenewalError {
    RenewalError::new(
        ErrorCode::AccessDenied,
        format!("`{role_arn}` is a role of another account than that of these credentials"),
        "Ask whoever keeps that account.",
    )
}

/// The configured address, else that of the partition (endpoint rules of IAM). None for partitions without a way to
/// the internet, and for FIPS where IAM has no such address.
fn endpoint(settings: &SdkConfig) -> Option<Endpoint> {
    let region = settings.region()?.as_ref();
    let fips = settings.use_fips().unwrap_or_default();
    let (url, signing_region) = if region.starts_with("cn-") {
        (
            (!fips).then_some("https://iam.cn-north-1.amazonaws.com.cn"),
            "cn-north-1",
        )
    } else if region.starts_with("us-gov-") {
        (Some("https://iam.us-gov.amazonaws.com"), "us-gov-west-1")
    } else if region.starts_with("eusc-") {
        (
            (!fips).then_some("https://iam.eusc-de-east-1.amazonaws.eu"),
            "eusc-de-east-1",
        )
    } else if region.contains("-iso") {
        (None, "us-iso-east-1")
    } else if fips {
        (Some("https://iam-fips.amazonaws.com"), "us-east-1")
    } else {
        (Some("https://iam.amazonaws.com"), "us-east-1")
    };
    let url = endpoint_of(settings, "IAM")
        .map(Cow::Owned)
        .or(url.map(Cow::Borrowed))?;
    Some(Endpoint {
        url,
        signing_region,
    })
}

fn signed(
    endpoint: &Endpoint,
    credentials: &Credentials,
    at: SystemTime,
    body: String,
) -> Result<http::Request<String>, BoxError> {
    let content_type = ("content-type", "application/x-www-form-urlencoded");
    let identity = Identity::from(sdk_credentials(credentials));
    let parameters = v4::SigningParams::builder()
        .identity(&identity)
        .region(endpoint.signing_region)
        .name("iam")
        .time(at)
        .settings(SigningSettings::default())
        .build()?
        .into();
    let signable = SignableRequest::new(
        "POST",
        format!("{}/", endpoint.url),
        [content_type].into_iter(),
        SignableBody::Bytes(body.as_bytes()),
    )?;
    let (instructions, _) = sign(signable, &parameters)?.into_parts();
    let mut request = http::Request::post("/")
        .header(content_type.0, content_type.1)
        .body(body)?;
    instructions.apply_to_request_http1x(&mut request);
    Ok(request)
}

/// Code and text of a refusal in the query protocol.
fn refusal(body: &str) -> ErrorMetadata {
    let mut metadata = ErrorMetadata::builder();
    if let Some(code) = element(body, "Code") {
        metadata = metadata.code(code);
    }
    if let Some(message) = element(body, "Message") {
        metadata = metadata.message(message);
    }
    metadata.build()
}

/// The text of the first element of this name. Enough for values that hold no markup of their own.
fn element<'a>(xml: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = xml.split_once(&format!("<{name}>"))?;
    let (text, _) = rest.split_once(&format!("</{name}>"))?;
    Some(text.trim())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Answer, GOT_ROLE, UPDATED_ROLE, aws_with, keys, profile, replay, sent};

    const ROLE: &str = "arn:aws:iam::123456789012:role/team/deploy";

    #[tokio::test]
    async fn the_longest_session_of_a_role_is_what_iam_says() {
        let (aws, wire) = replay(vec![Answer::ok(GOT_ROLE)]);
        let longest = aws.max_session_duration(&profile(), ROLE, &keys()).await;
        assert_eq!(longest, Ok(SignedDuration::from_hours(4)));
        assert_eq!(
            sent(&wire),
            ["Action=GetRole&Version=2010-05-08&RoleName=deploy"]
        );
        let request = wire.actual_requests().next().unwrap();
        assert_eq!(request.uri(), "https://iam.amazonaws.com/");
        let authorization = request.headers().get("authorization").unwrap();
        assert!(
            authorization.starts_with(
                "AWS4-HMAC-SHA256 Credential=ASIAFIXTURE/20260101/us-east-1/iam/aws4_request"
            ),
            "{authorization}"
        );
        assert!(request.headers().get("x-amz-security-token").is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn why_the_limit_cannot_be_known_is_told() {
        let denied = Answer::sts(
            403,
            "AccessDenied",
            "User: x is not authorized to perform: iam:GetRole",
        );
        let trouble = Answer::sts(500, "ServiceFailure", "");
        let rows = [
            (vec![denied], ErrorCode::AccessDenied),
            (vec![trouble.clone(), trouble], ErrorCode::ServiceTrouble),
            (
                vec![Answer::ok("<html>Welcome to Hotel Wi-Fi</html>")],
                ErrorCode::ServiceTrouble,
            ),
            (
                vec![Answer::ok(&GOT_ROLE.replace("14400", "long"))],
                ErrorCode::ServiceTrouble,
            ),
            (Vec::new(), ErrorCode::Unreachable),
        ];
        for (answers, expected) in rows {
            let (aws, _) = replay(answers);
            let told = aws.max_session_duration(&profile(), ROLE, &keys()).await;
            let error = told.unwrap_err();
            assert_eq!(error.code, expected, "{error:?}");
            assert!(!error.remedy.is_empty(), "{error:?}");
        }
    }

    #[tokio::test]
    async fn the_longest_session_of_a_role_is_changed_and_nothing_else_of_it() {
        let (aws, wire) = replay(vec![Answer::ok(UPDATED_ROLE)]);
        let longest = SignedDuration::from_hours(12);
        let changed = aws
            .set_max_session_duration(&profile(), ROLE, &keys(), longest)
            .await;
        assert_eq!(changed, Ok(()));
        assert_eq!(
            sent(&wire),
            ["Action=UpdateRole&MaxSessionDuration=43200&Version=2010-05-08&RoleName=deploy"]
        );
    }

    #[tokio::test]
    async fn a_change_that_iam_does_not_permit_is_told_in_its_words() {
        let words = "User: x is not authorized to perform: iam:UpdateRole";
        for (answer, expected) in [
            (
                Answer::sts(403, "AccessDenied", words),
                "iam:UpdateRole failed: AccessDenied",
            ),
            (
                Answer::ok("<html>Welcome to Hotel Wi-Fi</html>"),
                "iam:UpdateRole was answered without",
            ),
        ] {
            let (aws, _) = replay(vec![answer]);
            let longest = SignedDuration::from_hours(12);
            let refused = aws
                .set_max_session_duration(&profile(), ROLE, &keys(), longest)
                .await;
            let error = refused.unwrap_err();
            assert!(error.message.starts_with(expected), "{error:?}");
        }
    }

    #[tokio::test]
    async fn a_role_of_the_same_name_in_another_account_is_another_role() {
        let (aws, _) = replay(vec![Answer::ok(GOT_ROLE)]);
        let elsewhere = "arn:aws:iam::210987654321:role/team/deploy";
        let longest = aws
            .max_session_duration(&profile(), elsewhere, &keys())
            .await;
        let error = longest.unwrap_err();
        assert_eq!(error.code, ErrorCode::AccessDenied);
        assert!(error.message.contains("another account"), "{error:?}");
    }

    #[tokio::test]
    async fn iam_is_asked_where_the_settings_and_the_partition_say() {
        let rows = [
            ("endpoint_url = http://127.0.0.1:7", "http://127.0.0.1:7/"),
            ("services = local", "http://127.0.0.1:9/"),
            (
                "region = cn-northwest-1",
                "https://iam.cn-north-1.amazonaws.com.cn/",
            ),
            (
                "region = us-gov-east-1",
                "https://iam.us-gov.amazonaws.com/",
            ),
            (
                "region = eusc-de-east-1",
                "https://iam.eusc-de-east-1.amazonaws.eu/",
            ),
            (
                "region = eu-west-1\nuse_fips_endpoint = true",
                "https://iam-fips.amazonaws.com/",
            ),
        ];
        for (line, expected) in rows {
            let file = tempfile::NamedTempFile::new().unwrap();
            let services = "[services local]\niam =\n  endpoint_url = http://127.0.0.1:9/\n";
            std::fs::write(file.path(), format!("[profile deploy]\n{line}\n{services}")).unwrap();
            let (_, wire) = replay(vec![Answer::ok(GOT_ROLE)]);
            let aws = aws_with(file.path().to_owned(), wire.clone());
            let told = aws.max_session_duration(&profile(), ROLE, &keys()).await;
            assert!(told.is_ok(), "{told:?}");
            assert_eq!(wire.actual_requests().next().unwrap().uri(), expected);
        }
    }

    #[tokio::test]
    async fn partitions_out_of_reach_are_not_asked() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "[profile deploy]\nregion = us-iso-east-1\n").unwrap();
        let (_, wire) = replay(vec![Answer::ok(GOT_ROLE)]);
        let aws = aws_with(file.path().to_owned(), wire.clone());
        let longest = aws.max_session_duration(&profile(), ROLE, &keys()).await;
        assert_eq!(longest.unwrap_err().code, ErrorCode::Unreachable);
        assert_eq!(wire.actual_requests().count(), 0);
    }
}
