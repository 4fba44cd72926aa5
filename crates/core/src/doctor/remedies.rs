//! What to do about each cause.

use jiff::SignedDuration;

use super::diagnosis::Remedy;
use super::errors::Cause;
use crate::status::SessionStatus;
use crate::views::words::span;

/// What is known of the case that an error belongs to.
#[derive(Clone, Copy)]
pub(super) struct Case<'a> {
    /// The session that it can be about.
    pub(super) session: Option<&'a SessionStatus>,
    /// What a person calls the profile, where one is asked about.
    pub(super) profile: Option<&'a str>,
    /// How far the clock of this machine is ahead of AWS's.
    pub(super) skew: Option<SignedDuration>,
}

impl Case<'_> {
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
    let name = case.name();
    match cause {
        Cause::Over | Cause::RenewedInVain => vec![renew(case), start_again(name)],
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
                format!("sandglass doctor {name}"),
            ),
            Remedy::command(
                "ask AWS whether it accepts those of the profile",
                format!("sandglass check {name}"),
            ),
            renew(case),
        ],
        Cause::WrongSecret => vec![Remedy::command(
            "write key and secret anew, both from the same place",
            format!("aws configure --profile {name}"),
        )],
        Cause::WrongCode => vec![Remedy::command(
            "give the next code that your device shows",
            format!("sandglass renew {name}"),
        )],
        Cause::WrongDevice => vec![
            Remedy::by_hand(
                "write the ARN of your own device as `mfa_serial`; it has `:mfa/` in it",
            ),
            Remedy::command(
                "look your devices up",
                "aws iam list-mfa-devices --query MFADevices[].SerialNumber",
            ),
        ],
        Cause::MfaMissing => vec![Remedy::command(
            "let Sandglass make the call, which sends device and code together",
            format!("sandglass renew {name}"),
        )],
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
            Remedy::by_hand(format!(
                "lower `duration_seconds` of `{name}`; Sandglass takes the longest that AWS gives by itself"
            )),
            Remedy::by_hand("have MaxSessionDuration of the role raised, up to 12 hours"),
        ],
        Cause::AboveChainingLimit => vec![
            Remedy::by_hand(format!(
                "set `duration_seconds` of `{name}` to 3600 or less, or leave it out"
            )),
            Remedy::by_hand(
                "assume the role from long-lived keys with `mfa_serial` in its own profile: the code then goes into the call, and the \
                 role's maximum counts",
            ),
        ],
        Cause::OutOfRange => vec![Remedy::by_hand(format!(
            "set `duration_seconds` of `{name}` to 900 at least, and 43200 at most for a role"
        ))],
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
            vec![Remedy::command("sign in again", sign_in(case))]
        }
        Cause::RegistrationOver => vec![Remedy::command(
            "sign in again, with a new registration",
            format!("sandglass login --fresh {name}"),
        )],
        Cause::WrongPortal => vec![Remedy::by_hand(
            "compare `sso_start_url` and `sso_region` with the page that your administrator gave you",
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
                format!("sandglass connect {name}"),
            ),
            Remedy::command(
                "start the program under Sandglass",
                format!("sandglass exec {name} -- PROGRAM"),
            ),
        ],
        Cause::NoCredentials | Cause::NoProfile => vec![
            Remedy::command("see which profiles there are", "sandglass status"),
            Remedy::command(
                "start the program with one of them",
                format!("sandglass exec {name} -- PROGRAM"),
            ),
        ],
        Cause::BadFile => vec![Remedy::command(
            "see the line, and what is wrong with it",
            "sandglass status",
        )],
        Cause::Throttled | Cause::Trouble => vec![Remedy::by_hand("try again in a minute")],
    }
}

/// What keeps it from coming back, where something does.
pub(super) fn prevention(cause: Cause, case: Case<'_>) -> Option<String> {
    let name = case.name();
    match cause {
        Cause::Over | Cause::OverOrSkewed | Cause::RenewedInVain | Cause::CannotAskForCode => {
            Some(format!(
                "let programs ask Sandglass: `sandglass connect {name}` once, or `sandglass exec {name} -- PROGRAM` for each that runs long"
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

fn renew(case: Case<'_>) -> Remedy {
    let name = case.name();
    let instruction = case.session.and_then(|session| session.instruction.clone());
    match instruction {
        Some(instruction) => Remedy::by_hand(instruction),
        None => Remedy::command("renew the session", format!("sandglass renew {name}")),
    }
}

fn sign_in(case: Case<'_>) -> String {
    match case.session {
        Some(session) if session.kind == "console_login" => "aws login".to_owned(),
        Some(_) | None => format!("sandglass login {}", case.name()),
    }
}

fn start_again(name: &str) -> Remedy {
    Remedy::command(
        "start a program again that took its keys from the environment: nothing can renew what it has read",
        format!("sandglass exec {name} -- PROGRAM"),
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
