//! MFA devices: is this the code that this person's device shows now, and has it not been used yet?

use std::collections::BTreeMap;

use axum::http::StatusCode;
use jiff::Timestamp;

use crate::reply::Refusal;
use crate::totp;
use crate::world::{MfaDevice, World};

/// How many steps a device's clock may be off, each way.
const DRIFT: i64 = 1;

/// The last step whose code each device has used up.
#[derive(Default)]
pub(crate) struct UsedCodes(BTreeMap<String, i64>);

/// What a device shows.
pub(crate) struct Display {
    pub(crate) code: String,
    pub(crate) next_code: String,
    pub(crate) seconds_left: i64,
    /// Whether the code shown, or a later one, was used already.
    pub(crate) used: bool,
}

impl UsedCodes {
    /// Uses a code up, or refuses it in AWS's words. A code works once, and none before it works any more.
    pub(crate) fn redeem(
        &mut self,
        world: &World,
        user_arn: &str,
        serial: &str,
        code: &str,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        let seed = world
            .mfa_device(serial)
            .filter(|(owner, _)| owner == user_arn)
            .and_then(|(_, device)| device.seed_bytes())
            .ok_or_else(unknown_device)?;
        let current = totp::step(now);
        let last_used = self.0.get(serial).copied().unwrap_or(i64::MIN);
        let step = (current - DRIFT..=current + DRIFT)
            .find(|step| *step > last_used && totp::code(&seed, *step) == code)
            .ok_or_else(wrong_code)?;
        self.0.insert(serial.to_owned(), step);
        Ok(())
    }

    /// What a device shows now.
    pub(crate) fn display(&self, device: &MfaDevice, now: Timestamp) -> Option<Display> {
        let seed = device.seed_bytes()?;
        let step = totp::step(now);
        let last_used = self.0.get(&device.serial).copied().unwrap_or(i64::MIN);
        Some(Display {
            code: totp::code(&seed, step),
            next_code: totp::code(&seed, step + 1),
            seconds_left: totp::STEP_SECONDS - now.as_second().rem_euclid(totp::STEP_SECONDS),
            used: last_used >= step,
        })
    }
}

/// One of the two was given without the other.
pub(crate) fn incomplete_pair() -> Refusal {
    denied(
        "MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code.",
    )
}

fn unknown_device() -> Refusal {
    denied(
        "MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is valid and associated with this user.",
    )
}

fn wrong_code() -> Refusal {
    denied("MultiFactorAuthentication failed with invalid MFA one time pass code.")
}

fn denied(message: &str) -> Refusal {
    Refusal::new(StatusCode::FORBIDDEN, "AccessDenied", message)
}

#[cfg(test)]
mod tests {
    use super::*;

    const USER: &str = "arn:aws:iam::123456789012:user/dev";
    const SERIAL: &str = "arn:aws:iam::123456789012:mfa/dev";

    #[test]
    fn a_code_works_once() {
        let (world, mut used) = (World::built_in(), UsedCodes::default());
        let now = at(1_000_000_000);
        let code = code_at(&world, now);
        assert!(used.redeem(&world, USER, SERIAL, &code, now).is_ok());
        let refusal = used.redeem(&world, USER, SERIAL, &code, now).unwrap_err();
        assert_eq!(
            refusal.message,
            "MultiFactorAuthentication failed with invalid MFA one time pass code."
        );
    }

    #[test]
    fn a_code_of_the_neighbouring_step_works_and_one_further_off_does_not() {
        let world = World::built_in();
        let now = at(1_000_000_000);
        for (offset, works) in [
            (-60, false),
            (-30, true),
            (0, true),
            (30, true),
            (60, false),
        ] {
            let code = code_at(&world, at(1_000_000_000 + offset));
            let answer = UsedCodes::default().redeem(&world, USER, SERIAL, &code, now);
            assert_eq!(answer.is_ok(), works, "{offset} seconds off");
        }
    }

    #[test]
    fn after_a_later_code_an_earlier_one_is_refused() {
        let (world, mut used) = (World::built_in(), UsedCodes::default());
        let now = at(1_000_000_000);
        let later = code_at(&world, at(1_000_000_030));
        assert!(used.redeem(&world, USER, SERIAL, &later, now).is_ok());
        let earlier = code_at(&world, now);
        assert!(used.redeem(&world, USER, SERIAL, &earlier, now).is_err());
    }

    #[test]
    fn the_device_of_another_user_is_unknown() {
        let (world, mut used) = (World::built_in(), UsedCodes::default());
        let now = at(1_000_000_000);
        let code = code_at(&world, now);
        let other = "arn:aws:iam::123456789012:user/ops";
        let refusal = used.redeem(&world, other, SERIAL, &code, now).unwrap_err();
        assert!(
            refusal
                .message
                .contains("unable to validate MFA code.  Please")
        );
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn code_at(world: &World, moment: Timestamp) -> String {
        let (_, device) = world.mfa_device(SERIAL).unwrap();
        totp::code(&device.seed_bytes().unwrap(), totp::step(moment))
    }
}
