//! Who calls: from the keys that a request is signed with to a principal.

use std::collections::{BTreeMap, BTreeSet};

use axum::http::StatusCode;
use jiff::{SignedDuration, Timestamp};

use crate::clock::iso_basic;
use crate::journal::Trace;
use crate::policy::SessionPolicies;
use crate::random;
use crate::reply::Refusal;
use crate::request::Request;
use crate::sigv4::{Authorization, Unreadable};
use crate::world::{Account, User, World, unique_id};

/// A principal that has proved who it is.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    pub(crate) account: String,
    pub(crate) arn: String,
    pub(crate) user_id: String,
    pub(crate) proof: Proof,
}

/// What kind of keys a caller has.
#[derive(Clone, Debug)]
pub(crate) enum Proof {
    /// A user's own keys.
    LongTerm,
    /// A user's keys from `GetSessionToken`.
    UserSession { mfa: Mfa },
    /// A user's keys from `aws login`.
    ConsoleLogin,
    /// Keys of a role.
    RoleSession {
        role_arn: String,
        mfa: Mfa,
        chaining: Chaining,
    },
    /// Keys from `GetFederationToken`.
    FederatedUser { policies: SessionPolicies },
}

/// Whether a role's session was made with temporary credentials.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Chaining {
    Chained,
    Direct,
}

/// What `aws:MultiFactorAuthPresent` says.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Mfa {
    Present,
    Absent,
}

/// Whether a session may still do anything. AWS ends a role's sessions early by denying them everything.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Standing {
    Good,
    DeniedEverything,
}

/// Temporary credentials as a service hands them out.
#[derive(Clone)]
pub(crate) struct TemporaryKey {
    pub(crate) id: String,
    pub(crate) secret: String,
    pub(crate) token: String,
    pub(crate) ends: Timestamp,
    caller: Caller,
    standing: Standing,
}

/// All temporary credentials ever issued, and the long-term keys that were switched off.
#[derive(Default)]
pub(crate) struct Keys {
    issued: BTreeMap<String, TemporaryKey>,
    switched_off: BTreeSet<String>,
}

/// Why a signed request does not say who calls. Each service has its own words for it.
pub(crate) enum Doubt {
    /// The claim in the header cannot be weighed.
    Unreadable(Unreadable),
    /// S3 insists that `X-Amz-*` headers are signed.
    UnsignedHeaders(String),
    /// The request was signed too long ago, or in the future.
    Skewed {
        signed: String,
        limit: Timestamp,
        now: Timestamp,
    },
    /// No such key, or it is switched off, or it is temporary and came without its token.
    UnknownKey { key_id: String },
    /// The session token is not the one that belongs to the key.
    WrongToken,
    /// The session is over.
    Ended,
    /// Another secret, or another request, was signed.
    Mismatch {
        key_id: String,
        string_to_sign: String,
        signature: String,
    },
}

/// What a service asks of a signature.
pub(crate) struct Demand<'a> {
    pub(crate) service: &'a str,
    /// How far the client's clock may be off.
    pub(crate) tolerance: SignedDuration,
    /// The hash of the payload, as this service has it signed.
    pub(crate) payload_hash: &'a str,
}

impl Caller {
    pub(crate) fn mfa(&self) -> Mfa {
        match &self.proof {
            Proof::LongTerm | Proof::ConsoleLogin | Proof::FederatedUser { .. } => Mfa::Absent,
            Proof::UserSession { mfa } | Proof::RoleSession { mfa, .. } => *mfa,
        }
    }

    /// The ARN of the user or role whose permissions the caller has.
    pub(crate) fn principal(&self) -> &str {
        match &self.proof {
            Proof::LongTerm
            | Proof::UserSession { .. }
            | Proof::ConsoleLogin
            | Proof::FederatedUser { .. } => &self.arn,
            Proof::RoleSession { role_arn, .. } => role_arn,
        }
    }

    /// A user, by the user's own keys.
    pub(crate) fn of_user(account: &Account, user: &User) -> Self {
        let arn = account.user_arn(user);
        Self {
            account: account.id.clone(),
            user_id: unique_id("AIDA", &arn),
            arn,
            proof: Proof::LongTerm,
        }
    }

    /// What a role's session that this caller makes is.
    pub(crate) fn chaining(&self) -> Chaining {
        match &self.proof {
            Proof::LongTerm => Chaining::Direct,
            Proof::UserSession { .. }
            | Proof::ConsoleLogin
            | Proof::RoleSession { .. }
            | Proof::FederatedUser { .. } => Chaining::Chained,
        }
    }

    /// A session of a role, named as the person or program chose.
    pub(crate) fn of_role(
        role_arn: &str,
        session_name: &str,
        mfa: Mfa,
        chaining: Chaining,
    ) -> Self {
        let account = role_arn.split(':').nth(4).unwrap_or_default();
        let role_name = role_arn.rsplit('/').next().unwrap_or_default();
        Self {
            account: account.to_owned(),
            arn: format!("arn:aws:sts::{account}:assumed-role/{role_name}/{session_name}"),
            user_id: format!("{}:{session_name}", unique_id("AROA", role_arn)),
            proof: Proof::RoleSession {
                role_arn: role_arn.to_owned(),
                mfa,
                chaining,
            },
        }
    }
}

impl Keys {
    /// New temporary credentials for a caller.
    pub(crate) fn issue(
        &mut self,
        caller: Caller,
        ends: Timestamp,
        minimum_token: usize,
    ) -> TemporaryKey {
        let key = TemporaryKey {
            id: random::temporary_key_id(),
            secret: random::secret_key(),
            token: random::session_token(minimum_token),
            ends,
            caller,
            standing: Standing::Good,
        };
        self.issued.insert(key.id.clone(), key.clone());
        key
    }

    /// Denies everything to the sessions that a role has now. Says how many those were.
    pub(crate) fn revoke_role_sessions(&mut self, role_arn: &str) -> usize {
        let sessions = self.issued.values_mut().filter(|key| {
            matches!(&key.caller.proof, Proof::RoleSession { role_arn: of, .. } if of == role_arn)
        });
        sessions
            .map(|key| key.standing = Standing::DeniedEverything)
            .count()
    }

    /// Forgets the sessions of a role that is gone: AWS does not know their keys any more.
    pub(crate) fn forget_role_sessions(&mut self, role_arn: &str) {
        self.issued.retain(|_, key| {
            !matches!(&key.caller.proof, Proof::RoleSession { role_arn: of, .. } if of == role_arn)
        });
    }

    /// Switches a long-term key off.
    pub(crate) fn switch_off(&mut self, key_id: &str) {
        self.switched_off.insert(key_id.to_owned());
    }

    /// Who signed this request, and how they stand.
    pub(crate) fn authenticate(
        &self,
        world: &World,
        request: &Request,
        demand: &Demand,
        now: Timestamp,
        trace: &mut Trace,
    ) -> Result<(Caller, Standing), Doubt> {
        let claim = Authorization::read(request).map_err(Doubt::Unreadable)?;
        trace.saw_key(&claim.key_id);
        claim
            .check_place(demand.service)
            .map_err(Doubt::Unreadable)?;
        check_date(&claim, demand.tolerance, now)?;
        let token = request.header("x-amz-security-token");
        let (secret, caller, standing) = self.lookup(world, &claim.key_id, token, now)?;
        let string_to_sign = claim.string_to_sign(request, demand.payload_hash);
        if claim.sign(&secret, &string_to_sign) != claim.signature {
            return Err(Doubt::Mismatch {
                key_id: claim.key_id,
                string_to_sign,
                signature: claim.signature,
            });
        }
        trace.saw(&caller.arn);
        Ok((caller, standing))
    }

    /// Who holds temporary credentials that are shown whole, secret and all, and still count.
    pub(crate) fn holder(
        &self,
        key_id: &str,
        secret: &str,
        token: &str,
        now: Timestamp,
    ) -> Option<Caller> {
        self.issued
            .get(key_id)
            .filter(|key| key.secret == secret && key.token == token && now < key.ends)
            .filter(|key| key.standing == Standing::Good)
            .map(|key| key.caller.clone())
    }

    fn lookup(
        &self,
        world: &World,
        key_id: &str,
        token: Option<&str>,
        now: Timestamp,
    ) -> Result<(String, Caller, Standing), Doubt> {
        let unknown = || Doubt::UnknownKey {
            key_id: key_id.to_owned(),
        };
        if let Some(key) = self.issued.get(key_id) {
            return match token {
                None => Err(unknown()),
                Some(token) if token != key.token => Err(Doubt::WrongToken),
                Some(_) if now >= key.ends => Err(Doubt::Ended),
                Some(_) => Ok((key.secret.clone(), key.caller.clone(), key.standing)),
            };
        }
        if self.switched_off.contains(key_id) {
            return Err(unknown());
        }
        let (account, user, key) = world.access_key(key_id).ok_or_else(unknown)?;
        if token.is_some() {
            return Err(Doubt::WrongToken);
        }
        let caller = Caller::of_user(account, user);
        Ok((key.secret.clone(), caller, Standing::Good))
    }
}

fn check_date(
    claim: &Authorization,
    tolerance: SignedDuration,
    now: Timestamp,
) -> Result<(), Doubt> {
    let oldest = now - tolerance;
    let newest = now + tolerance;
    let limit = if claim.signed_at < oldest {
        oldest
    } else if claim.signed_at > newest {
        newest
    } else {
        return Ok(());
    };
    Err(Doubt::Skewed {
        signed: claim.date.clone(),
        limit,
        now,
    })
}

impl Doubt {
    /// In the words of STS and the other query services.
    pub(crate) fn into_query_refusal(self) -> Refusal {
        const NOT_MATCHING: &str = "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.";
        let forbidden = |code, message: String| Refusal::new(StatusCode::FORBIDDEN, code, message);
        match self {
            Self::Unreadable(Unreadable::Missing) => forbidden(
                "MissingAuthenticationToken",
                "Request is missing Authentication Token".to_owned(),
            ),
            Self::Unreadable(Unreadable::Incomplete(text)) => {
                Refusal::new(StatusCode::BAD_REQUEST, "IncompleteSignature", text)
            }
            Self::Unreadable(Unreadable::Misplaced(text)) => {
                forbidden("SignatureDoesNotMatch", text)
            }
            Self::UnsignedHeaders(name) => forbidden(
                "SignatureDoesNotMatch",
                format!("'{name}' must be a 'SignedHeader' in the AWS Authorization."),
            ),
            Self::Skewed { signed, limit, now } => {
                let (limit_text, now_text) = (iso_basic(limit), iso_basic(now));
                let text = if limit < now {
                    format!(
                        "Signature expired: {signed} is now earlier than {limit_text} ({now_text} - 5 min.)"
                    )
                } else {
                    format!(
                        "Signature not yet current: {signed} is still later than {limit_text} ({now_text} + 5 min.)"
                    )
                };
                forbidden("SignatureDoesNotMatch", text)
            }
            Self::UnknownKey { .. } | Self::WrongToken => forbidden(
                "InvalidClientTokenId",
                "The security token included in the request is invalid.".to_owned(),
            ),
            Self::Ended => forbidden(
                "ExpiredToken",
                "The security token included in the request is expired".to_owned(),
            ),
            Self::Mismatch { .. } => forbidden("SignatureDoesNotMatch", NOT_MATCHING.to_owned()),
        }
    }
}
