//! The values that a person may give, each refused in words that say what is allowed.

use std::ops::RangeInclusive;
use std::time::Duration;

use jiff::SignedDuration;
use sandglass_core::doctor::chain::Sdk;
use sandglass_core::names::{MfaSerial, ProfileName};
use sandglass_core::secret::MfaCode;

/// Shortest and longest `DurationSeconds` of `GetSessionToken` and `GetFederationToken` (STS API reference).
const SESSION_TOKEN_SECONDS: RangeInclusive<u32> = 900..=129_600;
/// Shortest and longest `DurationSeconds` of `AssumeRole` (STS API reference); the role itself may allow less.
const ROLE_SECONDS: RangeInclusive<u32> = 900..=43_200;
/// The longest ARN that STS takes (STS API reference, `RoleArn` and `PolicyArns`).
const LONGEST_ARN: usize = 2048;

pub(crate) fn profile(text: &str) -> Result<ProfileName, String> {
    if text.trim().is_empty() || text.contains(['[', ']', '\n', '\r', '\0']) {
        return Err("this cannot be the name of a profile".to_owned());
    }
    Ok(ProfileName::new(text))
}

pub(crate) fn code(text: &str) -> Result<MfaCode, String> {
    MfaCode::parse(text).map_err(|error| error.to_string())
}

/// STS API reference, `SerialNumber`: 9 to 256 characters of `[\w+=/:,.@-]`.
pub(crate) fn device(text: &str) -> Result<MfaSerial, String> {
    if !is_made_of(text, 9..=256, "_+=/:,.@-") {
        return Err(
            "an MFA device is named by its ARN, `arn:aws:iam::123456789012:mfa/name`, or by the serial number on its back"
                .to_owned(),
        );
    }
    if text.starts_with("arn:") && text.contains(":user/") {
        return Err(
            "this is the ARN of a user; the one of the device has `:mfa/` in it".to_owned(),
        );
    }
    Ok(MfaSerial::new(text))
}

/// `arn:PARTITION:iam::ACCOUNT:role/PATH/NAME` (IAM user guide, IAM ARNs).
pub(crate) fn role(text: &str) -> Result<String, String> {
    if text.contains(":assumed-role/") {
        return Err(
            "this is the ARN of a session of a role; the one of the role is `arn:aws:iam::123456789012:role/Name`"
                .to_owned(),
        );
    }
    let is_role = iam_resource(text).is_some_and(|(account, resource)| {
        is_account(account) && resource.strip_prefix("role/").is_some_and(is_path)
    });
    if !is_role {
        return Err("a role is named by its ARN, `arn:aws:iam::123456789012:role/Name`".to_owned());
    }
    Ok(text.to_owned())
}

/// `arn:PARTITION:iam::ACCOUNT:policy/PATH/NAME`, where the account of AWS's own policies is `aws` (IAM user guide,
/// IAM ARNs).
pub(crate) fn policy(text: &str) -> Result<String, String> {
    let is_policy = iam_resource(text).is_some_and(|(account, resource)| {
        (account == "aws" || is_account(account))
            && resource.strip_prefix("policy/").is_some_and(is_path)
    });
    if !is_policy {
        return Err(
            "a managed policy is named by its ARN, `arn:aws:iam::aws:policy/ReadOnlyAccess` or `arn:aws:iam::123456789012:policy/Name`"
                .to_owned(),
        );
    }
    Ok(text.to_owned())
}

/// STS API reference, `ExternalId`: 2 to 1224 characters of `[\w+=,.@:/-]`.
pub(crate) fn external_id(text: &str) -> Result<String, String> {
    if !is_made_of(text, 2..=1224, "_+=,.@:/-") {
        return Err(
            "an external ID has 2 to 1224 characters: letters, digits and any of `_+=,.@:/-`"
                .to_owned(),
        );
    }
    Ok(text.to_owned())
}

/// STS API reference, `RoleSessionName`: 2 to 64 characters of `[\w+=,.@-]`.
pub(crate) fn session_name(text: &str) -> Result<String, String> {
    if !is_made_of(text, 2..=64, "_+=,.@-") {
        return Err(
            "the name of a role session has 2 to 64 characters: letters, digits and any of `_+=,.@-`"
                .to_owned(),
        );
    }
    Ok(text.to_owned())
}

/// STS API reference, `GetFederationToken`, `Name`: 2 to 32 characters of `[\w+=,.@-]`.
pub(crate) fn federated_user(text: &str) -> Result<String, String> {
    if !is_made_of(text, 2..=32, "_+=,.@-") {
        return Err(
            "the name of a federated user has 2 to 32 characters: letters, digits and any of `_+=,.@-`"
                .to_owned(),
        );
    }
    Ok(text.to_owned())
}

pub(crate) fn page(text: &str) -> Result<String, String> {
    let is_page = text
        .strip_prefix("https://")
        .is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/'));
    if !is_page || text.contains(|c: char| c.is_whitespace() || c.is_control()) {
        return Err(
            "a page of the console has an address like `https://console.aws.amazon.com/s3/home`"
                .to_owned(),
        );
    }
    Ok(text.to_owned())
}

pub(crate) fn session_token_seconds(text: &str) -> Result<u32, String> {
    seconds(text, SESSION_TOKEN_SECONDS, "15m to 36h")
}

/// IAM API reference, `UpdateRole`, `MaxSessionDuration`.
pub(crate) fn role_maximum_seconds(text: &str) -> Result<u32, String> {
    seconds(text, 3600..=43_200, "1h to 12h")
}

pub(crate) fn role_seconds(text: &str) -> Result<u32, String> {
    seconds(text, ROLE_SECONDS, "15m to 12h")
}

/// The longest that a program is kept waiting for a person.
const LONGEST_PATIENCE: u32 = 600;

pub(crate) fn patience(text: &str) -> Result<Duration, String> {
    let seconds = seconds(text, 1..=LONGEST_PATIENCE, "1s to 10m")?;
    Ok(Duration::from_secs(seconds.into()))
}

/// No temporary credentials live longer than 36 hours (STS API reference, `GetSessionToken`).
pub(crate) fn least(text: &str) -> Result<SignedDuration, String> {
    let seconds = seconds(text, 1..=*SESSION_TOKEN_SECONDS.end(), "1s to 36h")?;
    Ok(SignedDuration::from_secs(seconds.into()))
}

/// A time as people write it, `12h` or `1h30m`, or a bare number of seconds as AWS writes it.
fn seconds(text: &str, allowed: RangeInclusive<u32>, in_words: &str) -> Result<u32, String> {
    let seconds = match text.parse::<u32>() {
        Ok(seconds) => Some(seconds),
        Err(_) => text
            .parse::<SignedDuration>()
            .ok()
            .and_then(|time| u32::try_from(time.as_secs()).ok()),
    };
    seconds
        .filter(|seconds| allowed.contains(seconds))
        .ok_or_else(|| {
            format!("a time like `12h`, `90m`, `1h30m` or `5400` (seconds), from {in_words}")
        })
}

/// Account and resource of an ARN of IAM.
fn iam_resource(arn: &str) -> Option<(&str, &str)> {
    let mut fields = arn.splitn(6, ':');
    let (scheme, partition) = (fields.next()?, fields.next()?);
    let (service, region) = (fields.next()?, fields.next()?);
    let fits = arn.len() <= LONGEST_ARN
        && scheme == "arn"
        && partition.starts_with("aws")
        && service == "iam"
        && region.is_empty();
    fits.then_some((fields.next()?, fields.next()?))
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// A name with its path: printable, and with something behind the last slash.
fn is_path(text: &str) -> bool {
    !text.is_empty() && !text.ends_with('/') && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// Whether a text has this many characters, all of them letters and digits of ASCII or one of `others`.
fn is_made_of(text: &str, lengths: RangeInclusive<usize>, others: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || others.contains(c);
    text.chars().all(allowed) && lengths.contains(&text.len())
}

/// `cli` is the AWS CLI of today.
pub(crate) fn sdk(text: &str) -> Result<Sdk, String> {
    match text {
        "cli" | "cli2" => Ok(Sdk::Cli2),
        "cli1" => Ok(Sdk::Cli1),
        "boto3" => Ok(Sdk::Boto3),
        "js" => Ok(Sdk::JavaScript),
        "rust" => Ok(Sdk::Rust),
        "go" => Ok(Sdk::Go),
        "java" => Ok(Sdk::Java),
        _ => Err("one of `cli`, `cli1`, `boto3`, `js`, `rust`, `go`, `java`".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_taken_as_people_write_them() {
        for (text, seconds) in [
            ("12h", 43_200),
            ("90m", 5400),
            ("1h30m", 5400),
            ("12h30m", 45_000),
            ("900s", 900),
            ("3600", 3600),
            ("36h", 129_600),
        ] {
            assert_eq!(session_token_seconds(text), Ok(seconds), "{text}");
        }
    }

    #[test]
    fn a_duration_that_aws_would_refuse_is_refused_with_the_range() {
        for text in [
            "",
            "12",
            "14m",
            "899",
            "37h",
            "129601",
            "-1h",
            "soon",
            "9999999999",
        ] {
            let error = session_token_seconds(text).unwrap_err();
            assert!(error.contains("15m to 36h"), "{text}: {error}");
        }
        assert_eq!(role_seconds("12h"), Ok(43_200));
        for text in ["12h1m", "43201", "14m"] {
            let error = role_seconds(text).unwrap_err();
            assert!(error.contains("15m to 12h"), "{text}: {error}");
        }
    }

    #[test]
    fn a_user_s_arn_in_place_of_a_device_s_is_explained() {
        let error = device("arn:aws:iam::123456789012:user/ann").unwrap_err();
        assert!(error.contains(":mfa/"), "{error}");
        assert!(device("arn:aws:iam::123456789012:mfa/ann").is_ok());
        assert!(device("GAHT12345678").is_ok());
        assert!(device("short").is_err());
    }

    #[test]
    fn a_session_s_arn_in_place_of_a_role_s_is_explained() {
        let error = role("arn:aws:sts::123456789012:assumed-role/Deploy/ann").unwrap_err();
        assert!(error.contains("session of a role"), "{error}");
        for arn in [
            "arn:aws:iam::123456789012:role/Deploy",
            "arn:aws:iam::123456789012:role/team/Deploy",
            "arn:aws-us-gov:iam::123456789012:role/Deploy",
            "arn:aws-cn:iam::123456789012:role/aws-reserved/sso.amazonaws.com/Admin",
        ] {
            assert_eq!(role(arn).as_deref(), Ok(arn));
        }
        for text in [
            "",
            "Deploy",
            "arn:aws:iam::1234:role/Deploy",
            "arn:aws:iam::123456789012:user/ann",
            "arn:aws:iam::123456789012:role/",
            "arn:aws:iam::123456789012:role/team/",
            "arn:aws:iam:us-east-1:123456789012:role/Deploy",
            "arn:aws:iam::123456789012:role/De ploy",
            "arn:aws:iam",
        ] {
            let error = role(text).unwrap_err();
            assert!(error.contains(":role/Name"), "{text}: {error}");
        }
        assert!(
            role(&format!(
                "arn:aws:iam::123456789012:role/{}",
                "x".repeat(2048)
            ))
            .is_err()
        );
    }

    #[test]
    fn managed_policies_are_those_of_aws_and_those_of_an_account() {
        for arn in [
            "arn:aws:iam::aws:policy/ReadOnlyAccess",
            "arn:aws:iam::aws:policy/job-function/ViewOnlyAccess",
            "arn:aws:iam::123456789012:policy/Deploy",
        ] {
            assert_eq!(policy(arn).as_deref(), Ok(arn));
        }
        for text in ["ReadOnlyAccess", "arn:aws:iam::123456789012:role/Deploy"] {
            let error = policy(text).unwrap_err();
            assert!(error.contains("ReadOnlyAccess`"), "{text}: {error}");
        }
    }

    #[test]
    fn names_for_aws_are_of_its_characters_and_lengths() {
        for (parse, shortest, longest, foreign) in [
            (
                external_id as fn(&str) -> Result<String, String>,
                2,
                1224,
                "a b",
            ),
            (session_name, 2, 64, "a:b"),
            (federated_user, 2, 32, "a/b"),
        ] {
            assert!(parse(&"x".repeat(shortest)).is_ok());
            assert!(parse(&"x".repeat(longest)).is_ok());
            assert!(parse(&"x".repeat(shortest - 1)).is_err());
            let error = parse(&"x".repeat(longest + 1)).unwrap_err();
            assert!(error.contains(&longest.to_string()), "{error}");
            assert!(parse(foreign).is_err(), "{foreign}");
            assert!(parse("Zoë").is_err());
        }
        assert!(external_id("partner:42/a").is_ok());
    }

    #[test]
    fn a_name_that_no_profile_can_have_is_refused() {
        for text in ["", " ", "a]", "[a", "a\nb"] {
            assert!(profile(text).is_err(), "{text:?}");
        }
        assert!(profile("prod admin").is_ok());
    }

    #[test]
    fn only_a_page_at_https_can_be_the_destination() {
        assert!(
            page("https://eu-central-1.console.aws.amazon.com/s3/home?region=eu-central-1").is_ok()
        );
        for text in [
            "",
            "s3",
            "http://console.aws.amazon.com/",
            "https://",
            "https:///s3",
            "https://a b",
        ] {
            assert!(page(text).is_err(), "{text}");
        }
    }
}
