//! One-time codes of a virtual MFA device: RFC 6238 with HMAC-SHA-1, 30-second steps and 6 digits.

use hmac::{Hmac, Mac};
use jiff::Timestamp;
use sha1::Sha1;

/// How long a code is shown, in seconds.
pub(crate) const STEP_SECONDS: i64 = 30;

/// The number of the 30-second step that `at` lies in.
pub(crate) fn step(at: Timestamp) -> i64 {
    at.as_second().div_euclid(STEP_SECONDS)
}

/// The code that a device with this seed shows during a step.
pub(crate) fn code(seed: &[u8], step: i64) -> String {
    format!("{:06}", truncated(seed, step) % 1_000_000)
}

fn truncated(seed: &[u8], step: i64) -> u32 {
    let mut mac = Hmac::<Sha1>::new_from_slice(seed).expect("HMAC takes a key of any length");
    mac.update(&step.to_be_bytes());
    let digest = mac.finalize().into_bytes();
    let offset = usize::from(digest[19] & 0x0f);
    u32::from_be_bytes([
        digest[offset] & 0x7f,
        digest[offset + 1],
        digest[offset + 2],
        digest[offset + 3],
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vectors_of_rfc_6238_hold() {
        let seed = b"12345678901234567890";
        for (second, expected) in [
            (59, 94_287_082),
            (1_111_111_109, 7_081_804),
            (1_111_111_111, 14_050_471),
            (1_234_567_890, 89_005_924),
            (2_000_000_000, 69_279_037),
            (20_000_000_000, 65_353_130),
        ] {
            let at = Timestamp::from_second(second).unwrap();
            assert_eq!(truncated(seed, step(at)) % 100_000_000, expected);
        }
    }

    #[test]
    fn a_code_keeps_its_leading_zero() {
        assert_eq!(code(b"12345678901234567890", 1_111_111_109 / 30), "081804");
    }
}
