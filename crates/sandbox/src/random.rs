//! Identifiers and secrets in the shapes that AWS gives them.

use data_encoding::{BASE32, BASE64, BASE64URL_NOPAD};

/// Random bytes. Without secure randomness the box cannot issue anything.
pub(crate) fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system provides randomness");
    bytes
}

/// A request id: a random (version 4) UUID.
pub(crate) fn request_id() -> String {
    let mut bytes = bytes::<16>();
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    let hex = hex::encode(bytes);
    format!(
        "{}-{}-{}-{}-{}",
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..]
    )
}

/// The id of a temporary access key: `ASIA` and 16 characters.
pub(crate) fn temporary_key_id() -> String {
    format!("ASIA{}", BASE32.encode(&bytes::<10>()))
}

/// A secret access key: 40 characters, `/` and `+` among them.
pub(crate) fn secret_key() -> String {
    BASE64.encode(&bytes::<30>())
}

/// A session token of at least `minimum` characters. Like the real ones it is long, opaque, and full
/// of characters that need escaping.
pub(crate) fn session_token(minimum: usize) -> String {
    let mut token = format!("IQoJb3JpZ2luX2Vj{}==", BASE64.encode(&bytes::<510>()));
    while token.len() < minimum {
        token.insert_str(16, &BASE64.encode(&bytes::<30>()));
    }
    token
}

/// An opaque token of Identity Center.
pub(crate) fn opaque() -> String {
    BASE64URL_NOPAD.encode(&bytes::<48>())
}

/// A user code: `BCDF-GHJK`, consonants only, so that it spells nothing and nothing looks alike.
pub(crate) fn user_code() -> String {
    const LETTERS: &[u8; 20] = b"BCDFGHJKLMNPQRSTVWXZ";
    let letters: String = bytes::<8>()
        .iter()
        .map(|byte| char::from(LETTERS[usize::from(*byte) % LETTERS.len()]))
        .collect();
    format!("{}-{}", &letters[..4], &letters[4..])
}
