//! IAM: how long a role's sessions may be.
//!
//! One call of IAM does not earn its SDK, which takes ten times as long to compile as that of STS: the request is signed
//! and sent as it is.

use std::borrow::Cow;
use std::time::SystemTime;

use aws_config::SdkConfig;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::identity::Identity;
use aws_smithy_types::error::ErrorMetadata;
use jiff::SignedDuration;
use sandglass_core::error::RenewalError;
use sandglass_core::names::ProfileName;
use sandglass_core::secret::{Credentials, Secret};

use crate::call::Call;
use crate::settings::{endpoint_of, sdk_credentials};
use crate::{Aws, plain};

/// Where IAM of a partition answers, and the region that it wants requests signed for.
struct Endpoint {
    url: Cow<'static, str>,
    signing_region: &'static str,
}

impl Aws {
    /// `iam:GetRole`: the longest session of a role (`MaxSessionDuration`). None where nobody may know: the credentials
    /// lack the permission or belong to another account, or IAM does not answer.
    pub async fn max_session_duration(
        &self,
        profile: &ProfileName,
        role_arn: &str,
        credentials: &Credentials,
    ) -> Option<SignedDuration> {
        let answer = self.get_role(profile, role_arn, credentials).await;
        // A role of the same name in the account of the credentials is another role.
        let answer = answer.ok().flatten()?;
        let text = answer.expose();
        let seconds = (element(text, "Arn")? == role_arn)
            .then(|| element(text, "MaxSessionDuration"))
            .flatten()?;
        Some(SignedDuration::from_secs(seconds.parse().ok()?))
    }

    async fn get_role(
        &self,
        profile: &ProfileName,
        role_arn: &str,
        credentials: &Credentials,
    ) -> Result<Option<Secret>, RenewalError> {
        let settings = self.signed_settings(profile, credentials).await?;
        let (Some(endpoint), Some((_, name))) = (endpoint(&settings), role_arn.rsplit_once('/'))
        else {
            return Ok(None);
        };
        let body = form_urlencoded::Serializer::new(String::new())
            .extend_pairs([
                ("Action", "GetRole"),
                ("Version", "2010-05-08"),
                ("RoleName", name),
            ])
            .finish();
        let at = SystemTime::try_from(self.now()).unwrap_or(SystemTime::UNIX_EPOCH);
        let Ok(request) = signed(&endpoint, credentials, at, body) else {
            return Ok(None);
        };
        plain::send(Call::Iam, &settings, &endpoint.url, request, refusal)
            .await
            .map(Some)
    }
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
    use crate::testing::{Answer, GOT_ROLE, aws_with, keys, profile, replay, sent};

    const ROLE: &str = "arn:aws:iam::123456789012:role/team/deploy";

    #[tokio::test]
    async fn the_longest_session_of_a_role_is_what_iam_says() {
        let (aws, wire) = replay(vec![Answer::ok(GOT_ROLE)]);
        let longest = aws.max_session_duration(&profile(), ROLE, &keys()).await;
        assert_eq!(longest, Some(SignedDuration::from_hours(4)));
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
    async fn nobody_is_troubled_where_the_limit_cannot_be_known() {
        let denied = Answer::sts(
            403,
            "AccessDenied",
            "User: x is not authorized to perform: iam:GetRole",
        );
        let trouble = Answer::sts(500, "ServiceFailure", "");
        let answers = [
            vec![denied],
            vec![trouble.clone(), trouble],
            vec![Answer::ok("<html>Welcome to Hotel Wi-Fi</html>")],
            vec![Answer::ok(&GOT_ROLE.replace("14400", "long"))],
            Vec::new(),
        ];
        for answers in answers {
            let (aws, _) = replay(answers);
            let longest = aws.max_session_duration(&profile(), ROLE, &keys()).await;
            assert_eq!(longest, None);
        }
    }

    #[tokio::test]
    async fn a_role_of_the_same_name_in_another_account_is_another_role() {
        let (aws, _) = replay(vec![Answer::ok(GOT_ROLE)]);
        let elsewhere = "arn:aws:iam::210987654321:role/team/deploy";
        let longest = aws
            .max_session_duration(&profile(), elsewhere, &keys())
            .await;
        assert_eq!(longest, None);
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
            aws.max_session_duration(&profile(), ROLE, &keys()).await;
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
        assert_eq!((longest, wire.actual_requests().count()), (None, 0));
    }
}
