//! What AWS accepts (STS API reference), so that a person hears of a slip when it is made and not when a session ends.

use jiff::SignedDuration;
use sandglass_core::names::ProfileName;
use toml_edit::{Item, TableLike, Value};

use super::Fault;

/// A text setting: its length in characters, and which ones it may have besides letters and digits.
pub(super) struct Text {
    pub(super) key: &'static str,
    pub(super) lengths: (usize, usize),
    pub(super) besides: &'static str,
}

/// `RoleSessionName`.
pub(super) const SESSION_NAME: Text = Text {
    key: "session_name",
    lengths: (2, 64),
    besides: "_+=,.@-",
};
/// `ExternalId`.
pub(super) const EXTERNAL_ID: Text = Text {
    key: "external_id",
    lengths: (2, 1224),
    besides: "_+=,.@:/-",
};
/// `SerialNumber`.
pub(super) const MFA_SERIAL: Text = Text {
    key: "mfa_serial",
    lengths: (9, 256),
    besides: "_+=/:,.@-",
};
/// `Name` of `GetFederationToken`.
pub(super) const USER: Text = Text {
    key: "user",
    lengths: (2, 32),
    besides: "_+=,.@-",
};

impl Text {
    pub(super) fn check(&self, value: &str) -> Result<(), Fault> {
        let (least, most) = self.lengths;
        let fits = (least..=most).contains(&value.chars().count())
            && value.chars().all(|character| {
                character.is_ascii_alphanumeric() || self.besides.contains(character)
            });
        if fits {
            return Ok(());
        }
        Err(Fault::new(
            format!("`{}` is not accepted by AWS: `{value}`", self.key),
            format!(
                "write {least} to {most} characters: letters, digits and `{}`",
                self.besides
            ),
        ))
    }
}

/// The shortest duration of every kind.
const SHORTEST: SignedDuration = SignedDuration::from_secs(900);
/// The longest that any role permits.
pub(super) const LONGEST_ROLE: SignedDuration = SignedDuration::from_hours(12);

pub(super) fn duration(asked: SignedDuration, longest: SignedDuration) -> Result<(), Fault> {
    if (SHORTEST..=longest).contains(&asked) {
        return Ok(());
    }
    Err(Fault::new(
        format!(
            "a duration of {} seconds is not accepted by AWS",
            asked.as_secs()
        ),
        format!(
            "ask for 900 to {} seconds (15 minutes to {} hours)",
            longest.as_secs(),
            longest.as_hours()
        ),
    ))
}

pub(super) fn profile(key: &str, name: &ProfileName) -> Result<(), Fault> {
    if name.as_str().trim().is_empty() {
        return Err(Fault::new(
            "a profile name is empty",
            format!("name the profile in `{key}`"),
        ));
    }
    Ok(())
}

pub(super) fn target_is_not_source(
    target: &ProfileName,
    source: &ProfileName,
) -> Result<(), Fault> {
    if target != source {
        return Ok(());
    }
    Err(Fault::new(
        format!(
            "`{target}` is both source and target: the session's keys would replace those that it is made from"
        ),
        "name another target, for instance `mfa`",
    ))
}

/// Whether this is the ARN of a resource of IAM whose name starts like this, as `role/`.
pub(super) fn is_iam_arn(arn: &str, resource: &str) -> bool {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let [arn, partition, service, region, account, name] = parts.as_slice() else {
        return false;
    };
    *arn == "arn"
        && partition.starts_with("aws")
        && *service == "iam"
        && region.is_empty()
        && (*account == "aws" || account.len() == 12 && account.bytes().all(|b| b.is_ascii_digit()))
        && name
            .strip_prefix(resource)
            .is_some_and(|rest| !rest.is_empty())
}

/// The text under a key, where there is one.
pub(super) fn text(table: &dyn TableLike, key: &str) -> Result<Option<String>, Fault> {
    let Some(item) = table.get(key) else {
        return Ok(None);
    };
    match item.as_str() {
        Some(text) => Ok(Some(text.to_owned())),
        None => Err(Fault::new(
            format!("`{key}` is no text"),
            format!("write `{key} = \"…\"`"),
        )),
    }
}

pub(super) fn needed_text(
    table: &dyn TableLike,
    key: &str,
    of: &str,
    remedy: &str,
) -> Result<String, Fault> {
    text(table, key)?.ok_or_else(|| Fault::new(format!("{of} has no `{key}`"), remedy))
}

/// `duration_seconds`, where it is there.
pub(super) fn seconds(table: &dyn TableLike) -> Result<Option<SignedDuration>, Fault> {
    let number = table.get(DURATION).map(|item| {
        item.as_integer().ok_or_else(|| {
            Fault::new(
                format!("`{DURATION}` is no whole number"),
                "write the number of seconds, for instance 3600",
            )
        })
    });
    Ok(number.transpose()?.map(SignedDuration::from_secs))
}

/// Sets a value, with the comment that stands behind the old one; or removes it.
pub(crate) fn put(table: &mut dyn TableLike, key: &str, new: Option<Value>) {
    let Some(new) = new else {
        table.remove(key);
        return;
    };
    match table.get_mut(key).and_then(Item::as_value_mut) {
        Some(old) => {
            let decor = old.decor().clone();
            *old = new;
            *old.decor_mut() = decor;
        }
        None => {
            table.insert(key, Item::Value(new));
        }
    }
}

pub(super) const SOURCE: &str = "source";
pub(super) const TARGET: &str = "target";
pub(crate) const DURATION: &str = "duration_seconds";
