//! The constraints of a service's model, and the sentence that AWS makes of all that are not met.

use std::ops::RangeInclusive;

use axum::http::StatusCode;

use crate::reply::Refusal;
use crate::request::Parameters;

/// What a text parameter must look like.
pub(crate) struct Text {
    /// As the request names it.
    pub(crate) name: &'static str,
    pub(crate) presence: Presence,
    /// The regular expression as AWS prints it.
    pub(crate) pattern: &'static str,
    /// Whether a character fits the pattern.
    pub(crate) fits: fn(char) -> bool,
    pub(crate) minimum: usize,
    pub(crate) maximum: usize,
}

pub(crate) enum Presence {
    Required,
    Optional,
}

pub(crate) const SERIAL_NUMBER: Text = Text {
    name: "SerialNumber",
    presence: Presence::Optional,
    pattern: r"[\w+=/:,.@-]*",
    fits: |c| is_word(c) || "+=/:,.@-".contains(c),
    minimum: 9,
    maximum: 256,
};

pub(crate) const TOKEN_CODE: Text = Text {
    name: "TokenCode",
    presence: Presence::Optional,
    pattern: r"[\d]*",
    fits: |c| c.is_ascii_digit(),
    minimum: 6,
    maximum: 6,
};

pub(crate) const ROLE_ARN: Text = Text {
    name: "RoleArn",
    presence: Presence::Required,
    pattern: r"[\u0009\u000A\u000D\u0020-\u007E\u0085\u00A0-\uD7FF\uE000-\uFFFD\u10000-\u10FFFF]+",
    fits: is_printable,
    minimum: 20,
    maximum: 2048,
};

pub(crate) const ROLE_SESSION_NAME: Text = Text {
    name: "RoleSessionName",
    presence: Presence::Required,
    pattern: r"[\w+=,.@-]*",
    fits: |c| is_word(c) || "+=,.@-".contains(c),
    minimum: 2,
    maximum: 64,
};

pub(crate) const EXTERNAL_ID: Text = Text {
    name: "ExternalId",
    presence: Presence::Optional,
    pattern: r"[\w+=,.@:\/-]*",
    fits: |c| is_word(c) || "+=,.@:/-".contains(c),
    minimum: 2,
    maximum: 1224,
};

pub(crate) const SOURCE_IDENTITY: Text = Text {
    name: "SourceIdentity",
    presence: Presence::Optional,
    pattern: r"[\w+=,.@-]*",
    fits: |c| is_word(c) || "+=,.@-".contains(c),
    minimum: 2,
    maximum: 64,
};

pub(crate) const NAME: Text = Text {
    name: "Name",
    presence: Presence::Required,
    pattern: r"[\w+=,.@-]*",
    fits: |c| is_word(c) || "+=,.@-".contains(c),
    minimum: 2,
    maximum: 32,
};

pub(crate) const ROLE_NAME: Text = Text {
    name: "RoleName",
    presence: Presence::Required,
    pattern: r"[\w+=,.@-]+",
    fits: |c| is_word(c) || "+=,.@-".contains(c),
    minimum: 1,
    maximum: 64,
};

pub(crate) const DESCRIPTION: Text = Text {
    name: "Description",
    presence: Presence::Optional,
    pattern: r"[\u0009\u000A\u000D\u0020-\u007E\u00A1-\u00FF]*",
    fits: |c| matches!(c, '\t' | '\n' | '\r' | ' '..='~' | '\u{a1}'..='\u{ff}'),
    minimum: 0,
    maximum: 1000,
};

pub(crate) const WEB_IDENTITY_TOKEN: Text = Text {
    name: "WebIdentityToken",
    presence: Presence::Required,
    // The model has no pattern for it.
    pattern: "",
    fits: |_| true,
    minimum: 4,
    maximum: 20_000,
};

pub(crate) const POLICY: Text = Text {
    name: "Policy",
    presence: Presence::Optional,
    pattern: r"[\u0009\u000A\u000D\u0020-\u00FF]+",
    fits: |c| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{ff}'),
    minimum: 1,
    maximum: 2048,
};

/// Collects what is not met.
pub(crate) struct Constraints<'a> {
    parameters: &'a Parameters,
    failures: Vec<String>,
}

impl<'a> Constraints<'a> {
    pub(crate) fn of(parameters: &'a Parameters) -> Self {
        Self {
            parameters,
            failures: Vec::new(),
        }
    }

    /// A text parameter's value.
    pub(crate) fn text(&mut self, rule: &Text) -> Option<&'a str> {
        let Some(value) = self.parameters.get(rule.name) else {
            if matches!(rule.presence, Presence::Required) {
                let name = member(rule.name);
                self.failures.push(format!(
                    "Value null at '{name}' failed to satisfy constraint: Member must not be null"
                ));
            }
            return None;
        };
        let mut fail = |constraint: String| self.fail(rule.name, value, &constraint);
        let needs_one = rule.pattern.ends_with('+') && value.is_empty();
        if needs_one || !value.chars().all(rule.fits) {
            fail(format!(
                "satisfy regular expression pattern: {}",
                rule.pattern
            ));
        }
        let length = value.chars().count();
        if length < rule.minimum {
            fail(format!(
                "have length greater than or equal to {}",
                rule.minimum
            ));
        }
        if length > rule.maximum {
            fail(format!(
                "have length less than or equal to {}",
                rule.maximum
            ));
        }
        Some(value)
    }

    /// A whole number, where there is one.
    pub(crate) fn number(
        &mut self,
        name: &'static str,
        range: &RangeInclusive<i64>,
    ) -> Result<Option<i64>, Refusal> {
        let Some(text) = self.parameters.get(name) else {
            return Ok(None);
        };
        let number: i64 = text.parse().map_err(|_| {
            Refusal::new(
                StatusCode::BAD_REQUEST,
                "MalformedInput",
                format!("Invalid integer for {name}"),
            )
        })?;
        if number < *range.start() {
            let minimum = range.start();
            self.fail(
                name,
                text,
                &format!("have value greater than or equal to {minimum}"),
            );
        }
        if number > *range.end() {
            let maximum = range.end();
            self.fail(
                name,
                text,
                &format!("have value less than or equal to {maximum}"),
            );
        }
        Ok(Some(number))
    }

    /// How long a session is to last, in seconds.
    pub(crate) fn duration(&mut self, default: i64, maximum: i64) -> Result<i64, Refusal> {
        let seconds = self.number("DurationSeconds", &(900..=maximum))?;
        Ok(seconds.unwrap_or(default))
    }

    /// The shortest session token that the caller wants, in characters.
    pub(crate) fn minimum_token(&mut self) -> Result<usize, Refusal> {
        let size = self.number("MinimumSessionTokenSize", &(0..=4_096))?;
        Ok(usize::try_from(size.unwrap_or(0)).unwrap_or(0))
    }

    /// AWS's sentence about all failures at once.
    pub(crate) fn finish(self) -> Result<(), Refusal> {
        let count = self.failures.len();
        let noun = match count {
            0 => return Ok(()),
            1 => "error",
            _ => "errors",
        };
        let failures = self.failures.join("; ");
        Err(invalid(format!(
            "{count} validation {noun} detected: {failures}"
        )))
    }

    fn fail(&mut self, name: &str, value: &str, constraint: &str) {
        self.failures.push(format!(
            "Value '{value}' at '{}' failed to satisfy constraint: Member must {constraint}",
            member(name)
        ));
    }
}

/// A refusal of input.
pub(crate) fn invalid(message: impl Into<String>) -> Refusal {
    Refusal::new(StatusCode::BAD_REQUEST, "ValidationError", message)
}

/// The member's name in the model: the parameter's with a small first letter.
fn member(parameter: &str) -> String {
    let mut letters = parameter.chars();
    letters
        .next()
        .map(|first| first.to_ascii_lowercase())
        .into_iter()
        .chain(letters)
        .collect()
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

fn is_printable(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='~' | '\u{85}' | '\u{a0}'..)
}
