//! How long the sessions of a profile live, and who says so (tables in `docs/lifetimes.md`).

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use super::diagnosis::{Change, Deed, Remedy};
use super::remedies::ROLE_MAXIMUM;
use crate::lifetimes;
use crate::session::{Definition, Renewal, RoleRenewal, Source};
use crate::views::words::{argument, span, typed};

/// What decides how long the next session of a profile lives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lifetime {
    /// What a person calls the session.
    pub name: String,
    /// What is asked for, in seconds; none where nothing is, or nothing can be.
    pub asked_seconds: Option<i64>,
    /// What AWS gives where nothing is asked for, in seconds.
    pub default_seconds: i64,
    /// The longest that AWS gives, in seconds; none where nobody tells.
    pub maximum_seconds: Option<i64>,
    /// Who sets the maximum, as a sentence without a full stop.
    pub set_by: String,
    /// What makes sessions longer, the best first; empty where nothing does.
    pub ways: Vec<Remedy>,
}

/// Who makes the session that a role is assumed with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// Long-lived keys: the role's own maximum counts.
    Keys,
    /// An MFA session: the role's own maximum counts, though AWS is reported to give an hour, as to a chain.
    SessionToken,
    /// Another role: role chaining.
    Role,
    /// Not known.
    Unknown,
}

impl Start {
    /// Of this role; `source` is the session that it is assumed with, where it is assumed with one.
    pub fn of_role(role: &RoleRenewal, source: Option<&Definition>) -> Self {
        match &role.source {
            Source::Keys(_) => Self::Keys,
            Source::Session { .. } => Self::of(source),
            Source::Environment => Self::Unknown,
        }
    }

    /// Of a role that is assumed with this session.
    fn of(source: Option<&Definition>) -> Self {
        let Some(source) = source else {
            return Self::Unknown;
        };
        match &source.renewal {
            Renewal::Role(_)
            | Renewal::WebIdentity(_)
            | Renewal::SsoRole(_)
            | Renewal::Metadata(_) => Self::Role,
            Renewal::SessionToken(_) => Self::SessionToken,
            Renewal::LongLivedKeys(_) => Self::Keys,
            Renewal::ConsoleLogin(login) if login.login_session.contains(":assumed-role/") => {
                Self::Role
            }
            Renewal::ConsoleLogin(_)
            | Renewal::FederationToken(_)
            | Renewal::SsoSignIn(_)
            | Renewal::Process(_)
            | Renewal::Foreign(_) => Self::Unknown,
        }
    }
}

/// What is known of the `MaxSessionDuration` of a role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RoleMaximum {
    /// IAM told it.
    Told(SignedDuration),
    /// IAM does not tell it to these credentials.
    Refused,
    /// IAM could not be asked, and why: the message of an error.
    Unknown(String),
    /// It was not asked for: it decides nothing here, or this machine has nothing to ask with.
    NotAsked,
}

impl RoleMaximum {
    fn told(&self) -> Option<SignedDuration> {
        match self {
            Self::Told(maximum) => Some(*maximum),
            Self::Refused | Self::Unknown(_) | Self::NotAsked => None,
        }
    }
}

/// The lifetime of this session. `source` is the session that it is made from, where it is made from one, and `maximum`
/// what IAM says of its role.
///
/// None where nobody on this machine has a say, and AWS documents no figure.
pub fn lifetime(
    definition: &Definition,
    source: Option<&Definition>,
    maximum: &RoleMaximum,
) -> Option<Lifetime> {
    let name = definition.name.as_str();
    let of = |asked: Option<SignedDuration>, default: SignedDuration, limit: Limit| Lifetime {
        name: name.to_owned(),
        asked_seconds: asked.map(|asked| asked.as_secs()),
        default_seconds: default.as_secs(),
        maximum_seconds: limit.maximum.map(|maximum| maximum.as_secs()),
        set_by: limit.set_by,
        ways: limit.ways,
    };
    match &definition.renewal {
        Renewal::Role(role) => {
            let limit = match Start::of_role(role, source) {
                Start::Role => chained(definition, role.duration),
                Start::SessionToken => {
                    let mut limit = role_limit(definition, role.duration, maximum);
                    limit.set_by.push_str(
                        "; a role that is assumed with an MFA session is reported to get an hour at most",
                    );
                    limit.ways.push(straight_from_keys(name));
                    limit
                }
                Start::Keys | Start::Unknown => role_limit(definition, role.duration, maximum),
            };
            Some(of(role.duration, lifetimes::ROLE, limit))
        }
        Renewal::WebIdentity(_) => Some(of(None, lifetimes::ROLE, web_identity_limit())),
        Renewal::SessionToken(token) => Some(of(
            Some(token.duration),
            lifetimes::SESSION_TOKEN,
            token_limit(definition, token.duration),
        )),
        Renewal::FederationToken(token) => Some(of(
            Some(token.duration),
            lifetimes::FEDERATION_TOKEN,
            token_limit(definition, token.duration),
        )),
        Renewal::SsoRole(_) => Some(of(None, lifetimes::SSO_ROLE, permission_set())),
        Renewal::SsoSignIn(_) => Some(of(None, lifetimes::PORTAL_SESSION, portal_session())),
        Renewal::ConsoleLogin(_) => Some(of(
            None,
            lifetimes::CONSOLE_LOGIN,
            Limit {
                maximum: Some(lifetimes::CONSOLE_LOGIN),
                set_by: format!(
                    "AWS, which fixes it; Sandglass renews them for {} after `aws login`",
                    span(lifetimes::CONSOLE_LOGIN_CHAIN)
                ),
                ways: Vec::new(),
            },
        )),
        Renewal::Metadata(_)
        | Renewal::Process(_)
        | Renewal::LongLivedKeys(_)
        | Renewal::Foreign(_) => None,
    }
}

struct Limit {
    maximum: Option<SignedDuration>,
    set_by: String,
    ways: Vec<Remedy>,
}

fn chained(definition: &Definition, asked: Option<SignedDuration>) -> Limit {
    let name = definition.name.as_str();
    let mut ways = vec![
        straight_from_keys(name),
        Remedy::command(
            "let Sandglass renew it each hour, which needs nobody as long as what it starts from holds",
            format!("sandglass connect {}", argument(name, "PROFILE")),
        ),
    ];
    if asked.is_some_and(|asked| asked > lifetimes::CHAINED_ROLE) {
        ways.push(asking(
            definition,
            lifetimes::CHAINED_ROLE,
            "AWS refuses more, and the AWS CLI and the SDKs fail",
        ));
    }
    Limit {
        maximum: Some(lifetimes::CHAINED_ROLE),
        set_by: "AWS: a role that is assumed with the credentials of another role lives an hour at most, whatever its own \
                 maximum"
            .to_owned(),
        ways,
    }
}

/// The way round role chaining.
fn straight_from_keys(name: &str) -> Remedy {
    Remedy::by_hand(format!(
        "have `{name}` assumed straight from long-lived keys: name the profile that holds them as `source_profile`, and \
         your device as `mfa_serial`, so that the code goes into the call"
    ))
}

/// What changes the length that is asked for, by a command or a click.
fn asking(definition: &Definition, length: SignedDuration, because: &str) -> Remedy {
    let name = definition.name.as_str();
    let remedy = Remedy::command(
        format!("ask for {} in `{name}`: {because}", span(length)),
        format!(
            "sandglass doctor {} --duration {}",
            argument(name, "PROFILE"),
            typed(length)
        ),
    );
    match u32::try_from(length.as_secs()) {
        Ok(seconds) => remedy.or_click(Deed::Change {
            change: Change::Duration {
                session: definition.id.clone(),
                seconds,
            },
        }),
        Err(_) => remedy,
    }
}

/// The longest `MaxSessionDuration` (IAM API reference, `UpdateRole`); the shortest is that of a role without one.
const LONGEST_ROLE: SignedDuration = SignedDuration::from_secs(ROLE_MAXIMUM as i64);

const ROLE_KEEPER: &str = "whoever keeps the role: it is its `MaxSessionDuration`";

fn role_limit(definition: &Definition, asked: Option<SignedDuration>, said: &RoleMaximum) -> Limit {
    let maximum = said.told();
    let mut ways = Vec::new();
    let now = asked.unwrap_or(lifetimes::ROLE);
    if let Some(longer) = maximum.filter(|maximum| *maximum > now) {
        ways.push(asking(definition, longer, "the role allows it"));
    }
    if let Some(shorter) = maximum.filter(|maximum| *maximum < now) {
        let because = "the role allows no more, and the AWS CLI and the SDKs fail";
        ways.push(asking(definition, shorter, because));
    }
    let name = &definition.name;
    let between = format!("from {} to {}", span(lifetimes::ROLE), span(LONGEST_ROLE));
    match maximum {
        None => ways.push(Remedy::by_hand(
            "have the role's `MaxSessionDuration` raised by whoever keeps the role, up to 12 hours",
        )),
        Some(maximum) if maximum < LONGEST_ROLE => ways.push(
            Remedy::command(
                "raise the role's `MaxSessionDuration` to 12 hours, for everybody who assumes it, where you may",
                format!(
                    "sandglass doctor {} --role-maximum 12h",
                    argument(name.as_str(), "PROFILE")
                ),
            )
            .or_click(Deed::Change {
                change: Change::RoleMaximum {
                    session: definition.id.clone(),
                    seconds: ROLE_MAXIMUM,
                },
            }),
        ),
        Some(_) => {}
    }
    Limit {
        maximum,
        set_by: match said {
            RoleMaximum::Told(_) => format!("{ROLE_KEEPER}, which IAM told"),
            RoleMaximum::Refused => {
                format!("{ROLE_KEEPER}, {between}, which these credentials may not look up")
            }
            RoleMaximum::Unknown(why) => {
                format!("{ROLE_KEEPER}, {between}, which could not be looked up: {why}")
            }
            RoleMaximum::NotAsked => format!("{ROLE_KEEPER}, {between}"),
        },
        ways,
    }
}

/// No setting of the AWS CLI or an SDK says how long a web identity's role is to live.
fn web_identity_limit() -> Limit {
    Limit {
        maximum: None,
        set_by: format!(
            "whoever keeps the role: it is its `MaxSessionDuration`, from {} to {}; for a web identity the AWS CLI and the SDKs ask \
             for nothing, and AWS gives the default",
            span(lifetimes::ROLE),
            span(LONGEST_ROLE)
        ),
        ways: Vec::new(),
    }
}

fn token_limit(definition: &Definition, asked: SignedDuration) -> Limit {
    let longer = (asked < lifetimes::LONGEST).then(|| {
        asking(
            definition,
            lifetimes::LONGEST,
            "AWS gives it to an IAM user",
        )
    });
    Limit {
        maximum: Some(lifetimes::LONGEST),
        set_by: "AWS, for the keys of an IAM user; with those of the root user it is an hour"
            .to_owned(),
        ways: longer.into_iter().collect(),
    }
}

fn permission_set() -> Limit {
    Limit {
        maximum: None,
        set_by: "your administrator: it is the session duration of the permission set, from 1 to 12 hours".to_owned(),
        ways: vec![Remedy::by_hand(
            "ask your administrator for a longer session duration of this permission set",
        )],
    }
}

fn portal_session() -> Limit {
    Limit {
        maximum: None,
        set_by:
            "your administrator: it is the portal's session duration, from 15 minutes to 90 days"
                .to_owned(),
        ways: vec![Remedy::by_hand(
            "ask your administrator for a longer session duration of the portal",
        )],
    }
}

#[cfg(test)]
mod tests;
