//! Who gives an error, and which kinds of sessions it can be about.

use super::{Cause, Family, Known};

/// Kinds of sessions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct About {
    /// As people say it.
    pub words: &'static str,
    /// The words of [`crate::session::Renewal::word`].
    pub kinds: &'static [&'static str],
}

/// Every kind that has keys; those that never end come last.
const KEYS: &[&str] = &[
    "role",
    "web_identity",
    "session_token",
    "federation_token",
    "sso_role",
    "console_login",
    "instance_role",
    "container_role",
    "credential_process",
    "foreign",
    "long_lived_keys",
];

const TEMPORARY: About = About {
    words: "temporary credentials of any kind: of a role, an MFA session, a federation token, Identity Center, `aws login` or the machine",
    kinds: KEYS.split_at(KEYS.len() - 1).0,
};
const ANY_KEYS: About = About {
    words: "keys of any kind, temporary or long-lived",
    kinds: KEYS,
};
const WITH_CODE: About = About {
    words: "a role or an MFA session that takes a code",
    kinds: &["role", "session_token"],
};
const ROLE: About = About {
    words: "a role",
    kinds: &["role"],
};
const WEB_IDENTITY: About = About {
    words: "a web identity role",
    kinds: &["web_identity"],
};
const TOKEN: About = About {
    words: "an MFA session or a federation token",
    kinds: &["session_token", "federation_token"],
};
const OF_STS: About = About {
    words: "what STS issues: a role, an MFA session or a federation token",
    kinds: &["role", "web_identity", "session_token", "federation_token"],
};
const WITH_POLICY: About = About {
    words: "a federation token, or a role with a session policy",
    kinds: &["federation_token", "role"],
};
const SIGN_IN: About = About {
    words: "an Identity Center sign-in",
    kinds: &["sso_sign_in"],
};
const SSO_ROLE: About = About {
    words: "an Identity Center role",
    kinds: &["sso_role"],
};
const CONSOLE_LOGIN: About = About {
    words: "a console sign-in (`aws login`)",
    kinds: &["console_login"],
};
const PROCESS: About = About {
    words: "credentials that a program or a file gives: `credential_process`, or keys that another tool writes",
    kinds: &["credential_process", "foreign"],
};
const NONE: About = About {
    words: "no session: the program did not come as far as one",
    kinds: &[],
};

impl Family {
    /// Who gives it, as people say it.
    pub fn said_by(self) -> &'static str {
        match self {
            Self::Service => "any AWS service, of the credentials that a call came with",
            Self::Sts => "STS, of a session that was asked for",
            Self::Oidc => "Identity Center, during a sign-in",
            Self::Portal => "the Identity Center portal, of a role's credentials",
            Self::SignIn => "the sign-in service, behind `aws login`",
            Self::Client => "an SDK or a CLI, before anything is called",
        }
    }
}

impl Known {
    /// What it can be about.
    pub fn about(&self) -> About {
        match self.family {
            Family::Oidc => return SIGN_IN,
            Family::SignIn => return CONSOLE_LOGIN,
            Family::Service | Family::Sts | Family::Portal | Family::Client => {}
        }
        match self.cause {
            Cause::Over | Cause::OverOrSkewed | Cause::Revoked => TEMPORARY,
            Cause::Skewed
            | Cause::UnknownKey
            | Cause::WrongSecret
            | Cause::RegionOff
            | Cause::Throttled => ANY_KEYS,
            Cause::WrongCode | Cause::WrongDevice | Cause::MfaMissing | Cause::CannotAskForCode => {
                WITH_CODE
            }
            Cause::NotAllowed if self.code == "web-identity-denied" => WEB_IDENTITY,
            Cause::NotAllowed | Cause::AboveRoleMaximum | Cause::AboveChainingLimit => ROLE,
            Cause::NeedsLongLivedKeys => TOKEN,
            Cause::OutOfRange => OF_STS,
            Cause::IdentityTokenOver | Cause::IdentityTokenRefused | Cause::Trouble => WEB_IDENTITY,
            Cause::BadPolicy => WITH_POLICY,
            Cause::WaitsForApproval
            | Cause::ApprovalTooLate
            | Cause::ApprovalRefused
            | Cause::SignInOver
            | Cause::RegistrationOver
            | Cause::WrongPortal
            | Cause::PortalKey
            | Cause::NeverSignedIn => SIGN_IN,
            Cause::NoSuchAccess => SSO_ROLE,
            Cause::RenewedInVain => PROCESS,
            Cause::NoCredentials | Cause::NoProfile | Cause::BadFile => NONE,
        }
    }
}
