//! What must never be shown: types without `Debug`, `Display` or `Serialize`, wiped when dropped.
//!
//! The engine and the views never hold one of these. They are here because the edges hand them to each other.

use std::collections::BTreeMap;

use jiff::Timestamp;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// Text that must not be shown, logged or serialized. Wiped from memory when dropped.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct Secret(String);

impl Secret {
    /// Takes ownership of the text, so that no second copy stays behind.
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// The text itself. Each call is a place where a secret leaves its type: keep them few.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// Settings of a profile that hold keys, under their AWS names: `aws_access_key_id`, `aws_secret_access_key`, …
pub type SecretSettings = BTreeMap<String, Secret>;

/// A set of AWS credentials, temporary where a session token is present.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// `ASIA…` for temporary keys, `AKIA…` for long-lived ones. No secret, but shown by its last four characters only.
    pub access_key_id: String,
    /// The signing key.
    pub secret_access_key: Secret,
    /// Present for temporary credentials.
    pub session_token: Option<Secret>,
    /// When AWS stops accepting them (UTC), where the issuer said so.
    pub expires_at: Option<Timestamp>,
}

/// A one-time code from an MFA device: six digits (STS API reference, `TokenCode`).
#[derive(Clone, PartialEq, Eq)]
pub struct MfaCode(Zeroizing<String>);

/// What was typed is not a code of an MFA device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an MFA code has exactly six digits")]
pub struct NotACode;

impl MfaCode {
    /// Accepts six digits, with blanks around or between them as people paste them.
    pub fn parse(text: &str) -> Result<Self, NotACode> {
        let digits: Zeroizing<String> = Zeroizing::new(
            text.chars()
                .filter(|character| !character.is_whitespace())
                .collect(),
        );
        let six_digits = digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_digit());
        if !six_digits {
            return Err(NotACode);
        }
        Ok(Self(digits))
    }

    /// The six digits.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_taken_as_people_paste_it() {
        let code = MfaCode::parse(" 123 456\n").ok().unwrap();
        assert_eq!(code.expose(), "123456");
    }

    #[test]
    fn anything_but_six_digits_is_no_code() {
        for text in ["", "12345", "1234567", "12345a", "１２３４５６"] {
            assert!(MfaCode::parse(text).is_err(), "{text:?}");
        }
    }
}
