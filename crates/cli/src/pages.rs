//! The page of each finding, in this program: it is at hand where Sandglass is installed and its sources are not.

macro_rules! pages {
    ($($code:literal,)*) => {
        &[$(($code, include_str!(concat!("../../../docs/errors/", $code, ".md")))),*]
    };
}

/// Code and text, by code.
const PAGES: &[(&str, &str)] = pages! {
    "assume-role-denied",
    "auth-failure",
    "authorization-pending",
    "cache-torn",
    "chain-stopped",
    "client-not-permitted",
    "client-refused",
    "clock-wrong",
    "config-unreadable",
    "console-code-expired",
    "console-password-changed",
    "console-quota",
    "console-refresh-refused",
    "console-sign-in-missing",
    "console-sign-in-not-permitted",
    "console-sign-in-over",
    "console-trouble",
    "device-code-expired",
    "duration-above-chaining-limit",
    "duration-above-role-maximum",
    "duration-out-of-range",
    "environment-goes-first",
    "expired-token",
    "explicit-deny",
    "file",
    "identity-provider-rejected",
    "identity-provider-unreachable",
    "identity-token-expired",
    "invalid-access-key",
    "invalid-client-token",
    "invalid-identity-token",
    "invalid-token",
    "keys-go-first",
    "machine-role-missing",
    "malformed-policy",
    "mfa-code-not-asked",
    "mfa-code-refused",
    "mfa-device-refused",
    "mfa-incomplete",
    "mode-loose",
    "no-credentials",
    "oidc-request-refused",
    "oidc-trouble",
    "opt-in-required",
    "packed-policy-too-large",
    "partial-credentials",
    "portal-key-refused",
    "portal-no-access",
    "portal-session-over",
    "portal-wrong",
    "process-failed",
    "process-holds-keys",
    "profile-not-found",
    "refresh-token-refused",
    "refreshed-in-vain",
    "region-disabled",
    "regions-differ",
    "request-expired",
    "request-in-the-future",
    "request-time-too-skewed",
    "sdks-disagree",
    "security-token-goes-first",
    "session-credentials-refused",
    "session-over",
    "sign-in-denied",
    "signature-expired",
    "signature-mismatch",
    "signature-not-yet-current",
    "slow-down",
    "sso-cache-collision",
    "sso-legacy",
    "sso-refresh-failed",
    "sso-scope-missing",
    "sso-session-expired",
    "sso-token-missing",
    "stands-twice",
    "throttled",
    "two-writers",
    "web-identity-denied",
};

/// The page of this code, in Markdown.
pub(crate) fn page(code: &str) -> Option<&'static str> {
    let found = PAGES.binary_search_by_key(&code, |(code, _)| code).ok()?;
    Some(PAGES[found].1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_page_of_the_documentation_is_here_in_order() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/errors");
        let mut names: Vec<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort_unstable_by_key(|name| name.trim_end_matches(".md").to_owned());
        let here: Vec<String> = PAGES.iter().map(|(code, _)| format!("{code}.md")).collect();
        assert_eq!(here, names);
        assert!(page("expired-token").is_some_and(|page| page.starts_with("# expired-token\n")));
        assert_eq!(page("expired"), None);
    }
}
