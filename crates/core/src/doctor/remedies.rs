//! What to do about each cause.

use jiff::SignedDuration;

use super::diagnosis::{Change, Deed, Remedy};
use super::errors::{Cause, Family, Known};
use crate::names::SessionId;
use crate::status::SessionStatus;
use crate::views::words::{argument, span};

/// What is known of the case that an error belongs to.
#[derive(Clone, Copy)]
pub(super) struct Case<'a> {
    /// The error, where somebody pasted one.
    pub(super) error: Option<&'static Known>,
    /// The session that it can be about.
    pub(super) session: Option<&'a SessionStatus>,
    /// What a person calls the profile, where one is asked about.
    pub(super) profile: Option<&'a str>,
    /// How far the clock of this machine is ahead of AWS's.
    pub(super) skew: Option<SignedDuration>,
}

impl Case<'_> {
    /// The name as one word of a command.
    fn word(&self) -> String {
        argument(self.name(), "PROFILE")
    }

    fn is(&self, code: &str) -> bool {
        self.error.is_some_and(|error| error.code == code)
    }

    /// The name for commands.
    fn name(&self) -> &str {
        let of_session = self.session.map(|session| session.name.as_str());
        of_session.or(self.profile).unwrap_or("PROFILE")
    }
}

/// What to do now, the best first; never nothing.
#[expect(
    clippy::too_many_lines,
    reason = "an arm for each cause, to be read as one table"
)]
pub(super) fn remedies(cause: Cause, case: Case<'_>) -> Vec<Remedy> {
    let (name, word) = (case.name(), case.word());
    match cause {
        Cause::Over | Cause::RenewedInVain => vec![renew(case), start_again(&word)],
        Cause::OverOrSkewed => {
            let clock = set_clock(case.skew);
            if case.skew.is_some_and(is_wrong) {
                vec![clock, renew(case)]
            } else {
                vec![renew(case), clock]
            }
        }
        Cause::Skewed => vec![set_clock(case.skew)],
        Cause::UnknownKey => vec![
            Remedy::command(
                "see which credentials the program takes, and from where",
                format!("sandglass doctor {word}"),
            ),
            click(
                Remedy::command(
                    "ask AWS whether it accepts those of the profile",
                    format!("sandglass check {word}"),
                ),
                case,
                |session| Deed::Check { session },
            ),
            renew(case),
        ],
        Cause::WrongSecret => vec![Remedy::command(
            "write key and secret anew, both from the same place",
            format!("aws configure --profile {word}"),
        )],
        Cause::WrongCode => vec![renewing("give the next code that your device shows", case)],
        Cause::WrongDevice => vec![
            Remedy::by_hand(
                "write the ARN of your own device as `mfa_serial`; it has `:mfa/` in it",
            ),
            Remedy::command(
                "look your devices up",
                "aws iam list-mfa-devices --query MFADevices[].SerialNumber",
            ),
        ],
        Cause::MfaMissing => vec![renewing(
            "let Sandglass make the call, which sends device and code together",
            case,
        )],
        Cause::NotAllowed if case.is("console-sign-in-not-permitted") => vec![
            Remedy::by_hand(
                "have the managed policy `SignInLocalDevelopmentAccess` attached to the user or role that signs in",
            ),
            Remedy::command("then sign in again", "aws login"),
        ],
        Cause::NotAllowed if case.is("web-identity-denied") => vec![Remedy::by_hand(
            "compare provider, audience and subject in the trust policy of the role with `iss`, `aud` and `sub` of the token",
        )],
        Cause::Revoked => vec![
            renew(case),
            Remedy::by_hand(
                "where a new session is refused in the same way, ask whoever keeps the account: the message names the call",
            ),
        ],
        Cause::NotAllowed => vec![
            Remedy::by_hand(
                "where the role wants MFA, write `mfa_serial` into its profile; Sandglass then asks you for the code",
            ),
            Remedy::by_hand(
                "ask whoever keeps the account to let you: the message names caller and role",
            ),
        ],
        Cause::NeedsLongLivedKeys => vec![Remedy::by_hand(
            "name the profile that holds your long-lived keys as the source",
        )],
        Cause::AboveRoleMaximum => vec![
            duration(
                format!("ask for an hour in `{name}`, which every role permits"),
                case,
            ),
            click(
                Remedy::command(
                    "raise `MaxSessionDuration` of the role, up to 12 hours, where you may",
                    format!("sandglass doctor {word} --role-maximum 12h"),
                ),
                of_kind(case, &["role"]),
                |session| Deed::Change {
                    change: Change::RoleMaximum {
                        session,
                        seconds: ROLE_MAXIMUM,
                    },
                },
            ),
        ],
        Cause::AboveChainingLimit => vec![
            duration(
                format!("ask for an hour in `{name}`: more is not to be had from a role"),
                case,
            ),
            Remedy::by_hand(
                "assume the role from long-lived keys with `mfa_serial` in its own profile: the code then goes into the call, and the \
                 role's maximum counts",
            ),
        ],
        Cause::OutOfRange => vec![
            duration(format!("ask for an hour in `{name}`"), case),
            Remedy::by_hand(format!(
                "or set `duration_seconds` of `{name}` to 900 at least, and 43200 at most for a role"
            )),
        ],
        Cause::RegionOff => vec![Remedy::by_hand(format!(
            "set `region` of `{name}` to one that the account uses, or have this one turned on"
        ))],
        Cause::IdentityTokenOver | Cause::IdentityTokenRefused => vec![Remedy::by_hand(
            "have the identity provider write a new token into the file that `web_identity_token_file` names",
        )],
        Cause::BadPolicy => vec![Remedy::by_hand("shorten or correct the session policy")],
        Cause::WaitsForApproval => vec![Remedy::by_hand("approve the code in the browser")],
        Cause::ApprovalTooLate
        | Cause::ApprovalRefused
        | Cause::SignInOver
        | Cause::NeverSignedIn => {
            vec![sign_in(case)]
        }
        Cause::RegistrationOver => vec![Remedy::command(
            "sign in again, with a new registration",
            format!("sandglass login --fresh {word}"),
        )],
        Cause::WrongPortal => vec![Remedy::by_hand(
            "compare `sso_start_url` and `sso_region` with the page that your administrator gave you",
        )],
        Cause::PortalKey => vec![Remedy::by_hand(
            "ask your administrator to look at the KMS key of the Identity Center instance and at its policy",
        )],
        Cause::NoSuchAccess => vec![
            Remedy::by_hand(format!(
                "compare `sso_account_id` and `sso_role_name` of `{name}` with what the portal lists"
            )),
            Remedy::by_hand("ask your administrator for this permission set"),
        ],
        Cause::CannotAskForCode => vec![
            Remedy::command(
                "let the program ask Sandglass, which asks you",
                format!("sandglass connect {word}"),
            ),
            Remedy::command(
                "start the program under Sandglass",
                format!("sandglass exec {word} -- PROGRAM"),
            ),
        ],
        Cause::NoCredentials | Cause::NoProfile => vec![
            Remedy::command("see which profiles there are", "sandglass status"),
            Remedy::command(
                "start the program with one of them",
                format!("sandglass exec {word} -- PROGRAM"),
            ),
        ],
        Cause::BadFile => vec![Remedy::command(
            "see the line, and what is wrong with it",
            "sandglass status",
        )],
        Cause::Throttled | Cause::Trouble => vec![Remedy::by_hand("try again in a minute")],
    }
}

/// Where the error cannot be about the credentials of the profile.
pub(super) fn other_credentials(case: Case<'_>) -> Remedy {
    let (name, word) = (case.name(), case.word());
    Remedy::command(
        format!(
            "see which credentials the program takes: those of `{name}` have no end, and cannot be meant"
        ),
        format!("sandglass doctor {word} --sdk boto3"),
    )
}

/// What keeps it from coming back, where something does.
pub(super) fn prevention(cause: Cause, case: Case<'_>) -> Option<String> {
    let word = case.word();
    match cause {
        Cause::Over | Cause::OverOrSkewed | Cause::RenewedInVain | Cause::CannotAskForCode => {
            Some(format!(
                "let programs ask Sandglass: `sandglass connect {word}` once, or `sandglass exec {word} -- PROGRAM` for each that runs long"
            ))
        }
        Cause::Skewed => Some("let the system keep its clock by NTP".to_owned()),
        Cause::SignInOver | Cause::NeverSignedIn => {
            Some("start Sandglass when you log in: it warns before a sign-in is over".to_owned())
        }
        Cause::UnknownKey
        | Cause::WrongSecret
        | Cause::WrongCode
        | Cause::WrongDevice
        | Cause::MfaMissing
        | Cause::NotAllowed
        | Cause::Revoked
        | Cause::PortalKey
        | Cause::NeedsLongLivedKeys
        | Cause::AboveRoleMaximum
        | Cause::AboveChainingLimit
        | Cause::OutOfRange
        | Cause::RegionOff
        | Cause::IdentityTokenOver
        | Cause::IdentityTokenRefused
        | Cause::BadPolicy
        | Cause::WaitsForApproval
        | Cause::ApprovalTooLate
        | Cause::ApprovalRefused
        | Cause::RegistrationOver
        | Cause::WrongPortal
        | Cause::NoSuchAccess
        | Cause::NoCredentials
        | Cause::NoProfile
        | Cause::BadFile
        | Cause::Throttled
        | Cause::Trouble => None,
    }
}

/// The longest that a role can permit, in seconds (IAM API reference, `UpdateRole`).
pub(super) const ROLE_MAXIMUM: u32 = 12 * 3600;

fn renew(case: Case<'_>) -> Remedy {
    let instruction = case.session.and_then(|session| session.instruction.clone());
    match instruction {
        Some(instruction) => Remedy::by_hand(instruction),
        None => renewing("renew the session", case),
    }
}

fn renewing(sentence: &str, case: Case<'_>) -> Remedy {
    let command = format!("sandglass renew {}", case.word());
    click(Remedy::command(sentence, command), case, |session| {
        if case.session.is_some_and(|known| known.needs == "browser") {
            Deed::SignIn { session }
        } else {
            Deed::Renew { session }
        }
    })
}

fn sign_in(case: Case<'_>) -> Remedy {
    let sentence = "sign in again";
    let of_console = case
        .session
        .is_some_and(|session| session.kind == "console_login")
        || case
            .error
            .is_some_and(|error| error.family == Family::SignIn);
    if of_console {
        return Remedy::command(sentence, aws_login(case));
    }
    let command = format!("sandglass login {}", case.word());
    click(Remedy::command(sentence, command), case, |session| {
        Deed::SignIn { session }
    })
}

/// Of the profile that is asked about; the AWS CLI takes `default`, or that of `AWS_PROFILE`, where none is named.
fn aws_login(case: Case<'_>) -> String {
    match case.profile {
        Some(profile) if profile != "default" => {
            format!("aws login --profile {}", argument(profile, "PROFILE"))
        }
        Some(_) | None => "aws login".to_owned(),
    }
}

/// An hour is what every role, and every session token, can have.
fn duration(sentence: String, case: Case<'_>) -> Remedy {
    const HOUR: u32 = 3600;
    let command = format!("sandglass doctor {} --duration 1h", case.word());
    let case = of_kind(case, &["role", "session_token", "federation_token"]);
    click(Remedy::command(sentence, command), case, |session| {
        Deed::Change {
            change: Change::Duration {
                session,
                seconds: HOUR,
            },
        }
    })
}

/// The case, without a session of another kind.
fn of_kind<'a>(case: Case<'a>, kinds: &[&str]) -> Case<'a> {
    let session = case
        .session
        .filter(|session| kinds.contains(&session.kind.as_str()));
    Case { session, ..case }
}

/// A remedy that a click does as well, where it is known to which session.
fn click(remedy: Remedy, case: Case<'_>, deed: impl FnOnce(SessionId) -> Deed) -> Remedy {
    match case.session {
        Some(session) => remedy.or_click(deed(session.id.clone())),
        None => remedy,
    }
}

fn start_again(word: &str) -> Remedy {
    Remedy::command(
        "start a program again that took its keys from the environment: nothing can renew what it has read",
        format!("sandglass exec {word} -- PROGRAM"),
    )
}

/// SDKs and services forgive a few minutes.
fn is_wrong(skew: SignedDuration) -> bool {
    skew.abs() >= SignedDuration::from_mins(4)
}

fn set_clock(skew: Option<SignedDuration>) -> Remedy {
    let how = match skew {
        Some(skew) if skew.is_negative() => format!(", which is {} slow", span(skew.abs())),
        Some(skew) if skew.is_positive() => format!(", which is {} fast", span(skew)),
        Some(_) | None => String::new(),
    };
    Remedy::command(
        format!("set the clock of this machine{how}"),
        if cfg!(target_os = "linux") {
            "timedatectl set-ntp true"
        } else if cfg!(target_os = "macos") {
            "sudo sntp -sS time.apple.com"
        } else {
            "w32tm /resync"
        },
    )
}
