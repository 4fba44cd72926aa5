//! Frames: four bytes of length, big-endian, then that many bytes of JSON.

use std::io::{self, Read, Write};

use serde::Serialize;
use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

/// No frame is longer: a panel of several thousand sessions fits many times.
pub const LONGEST: u32 = 8 * 1024 * 1024;
/// Room for any message with a code or with credentials in it, so that no outgrown buffer is left behind unwiped: session
/// tokens are a few kilobytes at most.
const ROOM: usize = 16 * 1024;
/// Bytes of the length in front of a frame.
pub const HEADER: usize = 4;

/// A frame that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The connection failed or ended.
    #[error("the connection to the agent broke")]
    Io(#[from] io::Error),
    /// The other side sent or would send too much.
    #[error("a message of {0} bytes is longer than the limit of {LONGEST}")]
    TooLong(u64),
    /// The other side sent something else than a message.
    #[error("a message could not be understood")]
    Garbled(#[from] serde_json::Error),
}

/// The bytes of a message, header included. Wiped when dropped, since a message may carry a code.
pub fn encode<M: Serialize>(message: &M) -> Result<Zeroizing<Vec<u8>>, Error> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(ROOM));
    bytes.extend([0; HEADER]);
    serde_json::to_writer(&mut *bytes, message)?;
    let length = bytes.len() - HEADER;
    let header = u32::try_from(length)
        .ok()
        .filter(|length| *length <= LONGEST)
        .ok_or(Error::TooLong(length as u64))?;
    bytes[..HEADER].copy_from_slice(&header.to_be_bytes());
    Ok(bytes)
}

/// How many bytes follow a header.
pub fn body_length(header: [u8; HEADER]) -> Result<usize, Error> {
    let length = u32::from_be_bytes(header);
    if length > LONGEST {
        return Err(Error::TooLong(length.into()));
    }
    Ok(length as usize)
}

/// The message in the body of a frame.
pub fn decode<M: DeserializeOwned>(body: &[u8]) -> Result<M, Error> {
    Ok(serde_json::from_slice(body)?)
}

/// Writes one message to a blocking stream.
pub fn write<M: Serialize>(stream: &mut impl Write, message: &M) -> Result<(), Error> {
    stream.write_all(&encode(message)?)?;
    stream.flush()?;
    Ok(())
}

/// Reads one message from a blocking stream.
pub fn read<M: DeserializeOwned>(stream: &mut impl Read) -> Result<M, Error> {
    let mut header = [0; HEADER];
    stream.read_exact(&mut header)?;
    let mut body = Zeroizing::new(vec![0; body_length(header)?]);
    stream.read_exact(&mut body)?;
    decode(&body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let mut bytes = Vec::new();
        write(&mut bytes, &"hello".to_owned()).unwrap();
        assert_eq!(read::<String>(&mut bytes.as_slice()).unwrap(), "hello");
    }

    #[test]
    fn a_length_over_the_limit_is_refused_before_anything_is_reserved() {
        let header = u32::MAX.to_be_bytes();
        let error = read::<String>(&mut header.as_slice()).unwrap_err();
        assert!(matches!(error, Error::TooLong(_)), "{error}");
    }

    #[test]
    fn garbage_and_torn_frames_are_errors() {
        let mut garbage = 3_u32.to_be_bytes().to_vec();
        garbage.extend(b"{{{");
        assert!(matches!(
            read::<String>(&mut garbage.as_slice()),
            Err(Error::Garbled(_))
        ));
        let torn = [0, 0, 0, 9, b'"'];
        assert!(matches!(
            read::<String>(&mut torn.as_slice()),
            Err(Error::Io(_))
        ));
    }
}
