//! The key of the sealed store: 32 random bytes, kept in the keychain and nowhere else.

use std::io;

use chacha20poly1305::{KeyInit as _, XChaCha20Poly1305};
use data_encoding::BASE64;
use zeroize::{ZeroizeOnDrop, Zeroizing};

use crate::keychain::Content;

/// In bytes, as XChaCha20-Poly1305 wants it.
const LENGTH: usize = 32;

/// Wiped from memory when dropped.
#[derive(ZeroizeOnDrop)]
pub(super) struct Key([u8; LENGTH]);

impl Key {
    /// A new one, from the operating system's random source.
    pub(super) fn random() -> io::Result<Self> {
        let mut key = Self([0; LENGTH]);
        getrandom::fill(&mut key.0)?;
        Ok(key)
    }

    /// As it lies in the keychain: Base64, since some keyrings hold text only.
    pub(super) fn to_content(&self) -> Content {
        let mut text = Zeroizing::new(vec![0; BASE64.encode_len(LENGTH)]);
        BASE64.encode_mut(&self.0, &mut text);
        text
    }

    /// None where the content is not a key that Sandglass wrote.
    pub(super) fn from_content(content: &Content) -> Option<Self> {
        let mut bytes = Zeroizing::new(vec![0; BASE64.decode_len(content.len()).ok()?]);
        let length = BASE64.decode_mut(content, &mut bytes).ok()?;
        let decoded = bytes.get(..length)?;
        (length == LENGTH).then(|| {
            let mut key = Self([0; LENGTH]);
            key.0.copy_from_slice(decoded);
            key
        })
    }

    pub(super) fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new((&self.0).into())
    }
}

#[cfg(test)]
mod tests {
    use zeroize::Zeroize as _;

    use super::*;

    fn content(text: &str) -> Content {
        Zeroizing::new(text.as_bytes().to_vec())
    }

    #[test]
    fn a_key_comes_back_from_the_keychain_as_it_was() {
        let key = Key::random().unwrap();
        let content = key.to_content();
        assert_eq!(content.len(), 44);
        let read = Key::from_content(&content).unwrap();
        assert!(read.0 == key.0);
        assert!(key.0 != Key::random().unwrap().0, "no two keys are alike");
    }

    #[test]
    fn anything_but_32_bytes_in_base64_is_no_key() {
        let short = BASE64.encode(&[7; 31]);
        let long = BASE64.encode(&[7; 33]);
        let unpadded = BASE64.encode(&[7; 32]).trim_end_matches('=').to_owned();
        for text in ["", "no key", "%%%%", &short, &long, &unpadded] {
            assert!(Key::from_content(&content(text)).is_none(), "{text}");
        }
    }

    #[test]
    fn what_knows_the_key_is_wiped_when_dropped() {
        fn wiped<T: ZeroizeOnDrop>() {}
        wiped::<Key>();
        wiped::<XChaCha20Poly1305>();
        wiped::<Content>();
        let mut content = Key::random().unwrap().to_content();
        content.zeroize();
        assert!(content.is_empty());
    }
}
