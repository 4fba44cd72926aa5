//! How long the sessions of a profile live, and who says so (tables in `docs/lifetimes.md`).

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use super::diagnosis::Remedy;
use crate::lifetimes;
use crate::session::{Definition, Renewal, Source};
use crate::views::words::span;

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
    /// Long-lived keys, or an MFA session made with them: the role's own maximum counts.
    Keys,
    /// Another role: role chaining.
    Role,
    /// Not known.
    Unknown,
}

impl Start {
    /// Of a role that is assumed with this session.
    pub fn of(source: Option<&Definition>) -> Self {
        let Some(source) = source else {
            return Self::Unknown;
        };
        match &source.renewal {
            Renewal::Role(_)
            | Renewal::WebIdentity(_)
            | Renewal::SsoRole(_)
            | Renewal::Metadata(_) => Self::Role,
            Renewal::SessionToken(_) | Renewal::LongLivedKeys(_) => Self::Keys,
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

/// The lifetime of this session. `source` is the session that it is made from, where it is made from one, and `maximum`
/// what IAM says of its role, where IAM may be asked.
///
/// None where nobody on this machine has a say, and AWS documents no figure.
pub fn lifetime(
    definition: &Definition,
    source: Option<&Definition>,
    maximum: Option<SignedDuration>,
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
            let start = match &role.source {
                Source::Keys(_) => Start::Keys,
                Source::Session { .. } => Start::of(source),
                Source::Environment => Start::Unknown,
            };
            let limit = match start {
                Start::Role => chained(name),
                Start::Keys | Start::Unknown => role_limit(name, role.duration, maximum),
            };
            Some(of(role.duration, lifetimes::ROLE, limit))
        }
        Renewal::WebIdentity(_) => Some(of(None, lifetimes::ROLE, role_limit(name, None, maximum))),
        Renewal::SessionToken(token) => Some(of(
            Some(token.duration),
            lifetimes::SESSION_TOKEN,
            token_limit(name),
        )),
        Renewal::FederationToken(token) => Some(of(
            Some(token.duration),
            lifetimes::FEDERATION_TOKEN,
            token_limit(name),
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

fn chained(name: &str) -> Limit {
    Limit {
        maximum: Some(lifetimes::CHAINED_ROLE),
        set_by: "AWS: a role that is assumed with the credentials of another role lives an hour at most, whatever its own \
                 maximum"
            .to_owned(),
        ways: vec![
            Remedy::by_hand(format!(
                "have `{name}` assumed straight from long-lived keys: name the profile that holds them as `source_profile`, and \
                 your device as `mfa_serial`, so that the code goes into the call"
            )),
            Remedy::command(
                "let Sandglass renew it each hour, which needs nobody as long as what it starts from holds",
                format!("sandglass connect {name}"),
            ),
        ],
    }
}

/// The shortest and the longest `MaxSessionDuration` (IAM API reference, `UpdateRole`).
const ROLE_MAXIMA: [SignedDuration; 2] = [lifetimes::ROLE, SignedDuration::from_hours(12)];

fn role_limit(name: &str, asked: Option<SignedDuration>, maximum: Option<SignedDuration>) -> Limit {
    let mut ways = Vec::new();
    let now = asked.unwrap_or(lifetimes::ROLE);
    if let Some(longer) = maximum.filter(|maximum| *maximum > now) {
        ways.push(Remedy::by_hand(format!(
            "set `duration_seconds = {}` in profile `{name}`: the role allows {}",
            longer.as_secs(),
            span(longer)
        )));
    }
    if maximum.is_none_or(|maximum| maximum < ROLE_MAXIMA[1]) {
        ways.push(Remedy::by_hand(
            "have the role's `MaxSessionDuration` raised by whoever keeps the role, up to 12 hours",
        ));
    }
    Limit {
        maximum,
        set_by: match maximum {
            Some(_) => {
                "whoever keeps the role: it is its `MaxSessionDuration`, which IAM told".to_owned()
            }
            None => format!(
                "whoever keeps the role: it is its `MaxSessionDuration`, from {} to {}, which these credentials may not look up",
                span(ROLE_MAXIMA[0]),
                span(ROLE_MAXIMA[1])
            ),
        },
        ways,
    }
}

fn token_limit(name: &str) -> Limit {
    Limit {
        maximum: Some(lifetimes::LONGEST),
        set_by: "AWS, for the keys of an IAM user; with those of the root user it is an hour"
            .to_owned(),
        ways: vec![Remedy::by_hand(format!(
            "define `{name}` again with another `--duration`, up to {}",
            span(lifetimes::LONGEST)
        ))],
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
mod tests {
    use super::*;
    use crate::names::{AccountId, MfaSerial, ProfileName, SessionId};
    use crate::session::{
        ConsoleLogin, Portal, PortalStyle, RoleRenewal, SessionTokenRenewal, SsoRoleRenewal,
    };

    fn session(renewal: Renewal) -> Definition {
        Definition {
            id: SessionId::new("session:dev"),
            name: "dev".to_owned(),
            profile: Some(ProfileName::new("dev")),
            storage: renewal.storage(),
            renewal,
        }
    }

    fn role(source: Source, hours: Option<i64>) -> Definition {
        session(Renewal::Role(RoleRenewal {
            role_arn: "arn:aws:iam::123456789012:role/Dev".to_owned(),
            source,
            mfa_serial: Some(MfaSerial::new("arn:aws:iam::123456789012:mfa/me")),
            external_id: None,
            session_name: None,
            duration: hours.map(SignedDuration::from_hours),
            allowed: None,
            target: None,
        }))
    }

    fn from_keys(hours: Option<i64>) -> Definition {
        role(Source::Keys(ProfileName::new("base")), hours)
    }

    fn from_session(hours: Option<i64>) -> Definition {
        let source = Source::Session {
            id: SessionId::new("session:base"),
            profile: ProfileName::new("base"),
        };
        role(source, hours)
    }

    fn portal() -> Portal {
        Portal {
            start_url: "https://a".to_owned(),
            region: "eu-west-1".to_owned(),
            style: PortalStyle::Legacy,
        }
    }

    fn sso_role() -> Definition {
        session(Renewal::SsoRole(SsoRoleRenewal {
            sign_in: SessionId::new("sso-sign-in:a"),
            portal: portal(),
            account: AccountId::new("123456789012"),
            role_name: "Dev".to_owned(),
        }))
    }

    fn login(arn: &str) -> Definition {
        session(Renewal::ConsoleLogin(ConsoleLogin {
            login_session: arn.to_owned(),
            region: None,
        }))
    }

    fn mfa_session() -> Definition {
        session(Renewal::SessionToken(SessionTokenRenewal {
            source: ProfileName::new("base"),
            device: None,
            target: ProfileName::new("dev"),
            duration: SignedDuration::from_hours(12),
        }))
    }

    fn hours(seconds: Option<i64>) -> Option<i64> {
        seconds.map(|seconds| seconds / 3600)
    }

    #[test]
    fn a_chained_role_is_capped_at_an_hour_with_the_way_round_it() {
        let user = "arn:aws:iam::123456789012:user/me";
        let assumed = "arn:aws:sts::123456789012:assumed-role/Admin/me";
        for source in [from_keys(None), sso_role(), login(assumed)] {
            let told = lifetime(&from_session(Some(8)), Some(&source), None).unwrap();
            assert_eq!(hours(told.maximum_seconds), Some(1));
            assert_eq!(hours(told.asked_seconds), Some(8));
            assert!(told.ways[0].sentence.contains("`mfa_serial`"), "{told:?}");
        }
        for source in [mfa_session(), login(user)] {
            let told = lifetime(&from_session(Some(8)), Some(&source), None).unwrap();
            assert_eq!(told.maximum_seconds, None, "that is no chain");
        }
    }

    #[test]
    fn a_role_may_live_as_long_as_iam_says() {
        let maximum = Some(SignedDuration::from_hours(4));
        let told = lifetime(&from_keys(None), None, maximum).unwrap();
        assert_eq!((told.asked_seconds, told.default_seconds), (None, 3600));
        assert_eq!(hours(told.maximum_seconds), Some(4));
        assert!(
            told.ways[0].sentence.contains("duration_seconds = 14400"),
            "{told:?}"
        );
        assert_eq!(told.ways.len(), 2);
        let longest = lifetime(
            &from_keys(Some(12)),
            None,
            Some(SignedDuration::from_hours(12)),
        );
        assert!(longest.unwrap().ways.is_empty(), "nothing is longer");
    }

    #[test]
    fn what_iam_does_not_tell_is_said_to_be_unknown() {
        let told = lifetime(&from_keys(Some(2)), None, None).unwrap();
        assert_eq!(told.maximum_seconds, None);
        assert!(told.set_by.contains("may not look up"), "{}", told.set_by);
    }

    #[test]
    fn limits_of_identity_center_are_the_administrators() {
        for definition in [sso_role(), session(Renewal::SsoSignIn(portal()))] {
            let told = lifetime(&definition, None, None).unwrap();
            assert!(told.set_by.starts_with("your administrator"), "{told:?}");
            assert_eq!((told.asked_seconds, told.maximum_seconds), (None, None));
        }
    }

    #[test]
    fn tokens_and_console_logins_have_limits_of_aws() {
        let token = lifetime(&mfa_session(), None, None).unwrap();
        assert_eq!(
            (hours(token.asked_seconds), hours(token.maximum_seconds)),
            (Some(12), Some(36))
        );
        let login = lifetime(&login("arn:aws:iam::1:user/me"), None, None).unwrap();
        assert_eq!(login.maximum_seconds, Some(900));
        assert!(login.ways.is_empty());
        let keys = session(Renewal::LongLivedKeys(ProfileName::new("dev")));
        assert_eq!(lifetime(&keys, None, None), None);
    }
}
