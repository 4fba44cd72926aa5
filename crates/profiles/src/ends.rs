//! The ends that other programs leave beside the credentials that they write, and what else tells who they are. No
//! client of AWS reads any of it.

use jiff::Timestamp;

use crate::moment;

/// The keys in which tools keep the end: saml2aws, gsts, gimme-aws-creds, aws-azure-login, aws-mfa. The last one is the
/// end of what awsume made the credentials from, which they do not outlive either.
pub(crate) const END_KEYS: [&str; 6] = [
    "x_security_token_expires",
    "aws_session_expiration",
    "aws_credential_expiration",
    "aws_expiration",
    "expiration",
    "source_expiration",
];

/// awsume marks its profiles, and writes ends in local time without saying so.
pub(crate) const LOCAL_TIME_MARK: &str = "autoawsume";

/// The end that stands beside credentials. `get` gives the value of a key that is there.
pub(crate) fn beside<'a>(get: impl Fn(&str) -> Option<&'a str>) -> Option<Timestamp> {
    let local = get(LOCAL_TIME_MARK).is_some();
    END_KEYS.iter().find_map(|key| {
        let text = get(key)?;
        moment::parse(text).or_else(|| moment::parse_naive(text).filter(|_| !local))
    })
}

/// Keys that only one program leaves.
const TELLTALES: [(&str, &str); 5] = [
    (LOCAL_TIME_MARK, "awsume"),
    ("x_principal_arn", "saml2aws"),
    ("x_security_token_expires", "saml2aws"),
    ("assumed_role", "aws-mfa"),
    ("assumed_role_arn", "aws-mfa"),
];

/// Every key that programs leave beside credentials and that no client of AWS reads.
pub(crate) fn marks() -> impl Iterator<Item = &'static str> {
    let telltales = TELLTALES.into_iter().map(|(key, _)| key);
    telltales.chain(END_KEYS.into_iter().skip(1))
}

/// The program that left this key, where only one does.
pub(crate) fn maker<'a>(get: impl Fn(&str) -> Option<&'a str>) -> Option<&'static str> {
    TELLTALES
        .iter()
        .find_map(|(key, maker)| get(key).map(|_| *maker))
}

/// The end that a comment tells, as `# Expires: 2026-01-02T03:04:05Z` and its kin. A time without a zone tells nothing.
pub(crate) fn in_comment(comment: &str) -> Option<Timestamp> {
    let lower = comment.to_ascii_lowercase();
    let word = lower.find("expir")?;
    let after = comment.get(word..)?;
    let start = after.find(|character: char| character.is_ascii_digit())?;
    let text = after[start..].trim();
    let blanks = text
        .match_indices(char::is_whitespace)
        .map(|(at, _)| at)
        .chain([text.len()]);
    blanks
        .take(4)
        .find_map(|end| moment::parse(text[..end].trim_end_matches(['.', ')', ','])))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_tell_an_end_in_many_words() {
        let end: Timestamp = "2026-01-02T03:04:05Z".parse().unwrap();
        for comment in [
            "# Expires: 2026-01-02T03:04:05Z",
            "; expires 2026-01-02T05:04:05+02:00",
            "#expiration = 2026-01-02 03:04:05Z",
            "# these keys (expiring at 2026-01-02T03:04:05Z) are not yours",
            "# EXPIRES AT 2026-01-02 03:04:05 UTC",
            "# Expiry: 2026-01-02 03:04:05 +0000 UTC, made by x",
        ] {
            assert_eq!(in_comment(comment), Some(end), "{comment}");
        }
        for comment in [
            "# 2026-01-02T03:04:05Z",
            "# Expires: soon",
            "# Expires: 2026-01-02 03:04:05",
            "# expires",
            "# größe, expires 9€",
        ] {
            assert_eq!(in_comment(comment), None, "{comment}");
        }
    }

    #[test]
    fn a_maker_is_told_only_by_what_is_its_own() {
        let only = |there: &'static str| move |key: &str| (key == there).then_some("x");
        assert_eq!(maker(only("autoawsume")), Some("awsume"));
        assert_eq!(maker(only("x_principal_arn")), Some("saml2aws"));
        assert_eq!(maker(only("assumed_role")), Some("aws-mfa"));
        assert_eq!(maker(only("expiration")), None);
        assert_eq!(maker(only("aws_session_token")), None);
    }
}
