//! The bytes of the sealed file: `sandglass-sealed`, one byte for the version, 24 for the nonce, then the ciphertext with
//! its 16-byte tag.
//!
//! The nonce is drawn anew for every write; at 24 bytes it may be random. The bytes before it are authenticated with the
//! content, so that a file cannot pass for one of another version.

use std::io;

use chacha20poly1305::{AeadInOut as _, XNonce};
use zeroize::Zeroizing;

use super::key::Key;

const MAGIC: &[u8] = b"sandglass-sealed";
/// The only version so far.
const VERSION: u8 = 1;
const NONCE_LENGTH: usize = 24;
/// What sealing adds to the content, in bytes.
pub(super) const TAG_LENGTH: usize = 16;

/// A sealed file, taken apart.
pub(super) struct Envelope {
    nonce: [u8; NONCE_LENGTH],
    ciphertext: Vec<u8>,
}

/// A file that is no envelope of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Misfit {
    /// Its beginning is not what Sandglass writes, or its end is missing.
    Damaged,
    /// A later Sandglass wrote it, in this version.
    Newer(u8),
}

impl Envelope {
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, Misfit> {
        let rest = bytes.strip_prefix(MAGIC).ok_or(Misfit::Damaged)?;
        let (version, rest) = rest.split_first().ok_or(Misfit::Damaged)?;
        if *version > VERSION {
            return Err(Misfit::Newer(*version));
        }
        let (nonce, ciphertext) = rest.split_first_chunk().ok_or(Misfit::Damaged)?;
        if *version < VERSION || ciphertext.len() < TAG_LENGTH {
            return Err(Misfit::Damaged);
        }
        Ok(Self {
            nonce: *nonce,
            ciphertext: ciphertext.to_vec(),
        })
    }

    /// None where the bytes were changed, or were sealed under another key.
    pub(super) fn open(&self, key: &Key) -> Option<Zeroizing<Vec<u8>>> {
        let mut content = Zeroizing::new(self.ciphertext.clone());
        key.cipher()
            .decrypt_in_place(&XNonce::from(self.nonce), &preamble(), &mut *content)
            .ok()?;
        Some(content)
    }
}

/// Gives the whole file. Seals the content in its own buffer, which must have room for [`TAG_LENGTH`] bytes more: one that
/// grew would leave a copy behind.
pub(super) fn seal(mut content: Zeroizing<Vec<u8>>, key: &Key) -> io::Result<Vec<u8>> {
    let mut nonce = [0; NONCE_LENGTH];
    getrandom::fill(&mut nonce)?;
    let preamble = preamble();
    key.cipher()
        .encrypt_in_place(&XNonce::from(nonce), &preamble, &mut *content)
        .map_err(|_| io::Error::other("too much for one file"))?;
    Ok([&preamble, nonce.as_slice(), &content].concat())
}

fn preamble() -> Vec<u8> {
    [MAGIC, &[VERSION]].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONTENT: &[u8] = b"what nobody else may read";

    fn sealed(key: &Key) -> Vec<u8> {
        seal(Zeroizing::new(CONTENT.to_vec()), key).unwrap()
    }

    fn opened(bytes: &[u8], key: &Key) -> Result<Option<Vec<u8>>, Misfit> {
        let envelope = Envelope::parse(bytes)?;
        Ok(envelope.open(key).map(|content| content.to_vec()))
    }

    #[test]
    fn what_was_sealed_opens_under_its_key_alone() {
        let key = Key::random().unwrap();
        let bytes = sealed(&key);
        assert_eq!(bytes.len(), 16 + 1 + 24 + CONTENT.len() + 16);
        assert_eq!(opened(&bytes, &key), Ok(Some(CONTENT.to_vec())));
        assert_eq!(opened(&bytes, &Key::random().unwrap()), Ok(None));
    }

    #[test]
    fn the_same_content_is_never_sealed_in_the_same_bytes() {
        let key = Key::random().unwrap();
        let (first, second) = (sealed(&key), sealed(&key));
        assert_eq!(first[..17], second[..17]);
        assert_ne!(first[17..41], second[17..41], "the nonce is new");
        assert_ne!(first[41..], second[41..]);
    }

    #[test]
    fn a_file_of_which_any_bit_was_flipped_gives_nothing() {
        let key = Key::random().unwrap();
        let bytes = sealed(&key);
        for bit in 0..bytes.len() * 8 {
            let mut flipped = bytes.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            let expected = match (bit / 8, flipped[16]) {
                (0..16, _) | (16, 0) => Err(Misfit::Damaged),
                (16, version) => Err(Misfit::Newer(version)),
                _ => Ok(None),
            };
            assert_eq!(opened(&flipped, &key), expected, "bit {bit}");
        }
    }

    #[test]
    fn a_file_that_is_cut_off_or_goes_on_gives_nothing() {
        let key = Key::random().unwrap();
        let mut bytes = sealed(&key);
        for length in 0..bytes.len() {
            let expected = if length < 16 + 1 + 24 + 16 {
                Err(Misfit::Damaged)
            } else {
                Ok(None)
            };
            assert_eq!(opened(&bytes[..length], &key), expected, "{length} bytes");
        }
        bytes.push(0);
        assert_eq!(opened(&bytes, &key), Ok(None));
    }

    #[test]
    fn the_version_is_sealed_with_the_content() {
        let key = Key::random().unwrap();
        let bytes = sealed(&key);
        let nonce: [u8; 24] = bytes[17..41].try_into().unwrap();
        let opened = |associated: &[u8]| {
            let mut content = bytes[41..].to_vec();
            let opened = key
                .cipher()
                .decrypt_in_place(&nonce.into(), associated, &mut content);
            opened.is_ok().then_some(content)
        };
        assert_eq!(opened(b"sandglass-sealed\x01"), Some(CONTENT.to_vec()));
        assert_eq!(opened(b"sandglass-sealed\x02"), None);
        assert_eq!(opened(b""), None);
    }

    #[test]
    fn sealing_needs_no_more_room_than_was_made_for_it() {
        let mut content = Zeroizing::new(Vec::with_capacity(CONTENT.len() + TAG_LENGTH));
        content.extend_from_slice(CONTENT);
        let before = (content.as_ptr(), content.capacity());
        let key = Key::random().unwrap();
        key.cipher()
            .encrypt_in_place(&XNonce::from([0; NONCE_LENGTH]), b"", &mut *content)
            .unwrap();
        assert_eq!((content.as_ptr(), content.capacity()), before);
    }
}
