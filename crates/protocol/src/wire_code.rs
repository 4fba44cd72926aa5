//! An MFA code on the local socket: the one place where it is serialized.

use sandglass_core::secret::MfaCode;
use serde::{Deserialize, Deserializer, Serializer};
use zeroize::Zeroizing;

pub(crate) fn serialize<S: Serializer>(code: &MfaCode, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(code.expose())
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<MfaCode, D::Error> {
    let text = Zeroizing::new(String::deserialize(deserializer)?);
    MfaCode::parse(&text).map_err(serde::de::Error::custom)
}

pub(crate) mod option {
    use super::{Deserialize, Deserializer, MfaCode, Serializer, Zeroizing};

    #[expect(
        clippy::ref_option,
        reason = "serde's `with` hands out a reference to the field"
    )]
    pub(crate) fn serialize<S: Serializer>(
        code: &Option<MfaCode>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match code {
            Some(code) => serializer.serialize_some(code.expose()),
            None => serializer.serialize_none(),
        }
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<MfaCode>, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?.map(Zeroizing::new);
        text.map(|text| MfaCode::parse(&text).map_err(serde::de::Error::custom))
            .transpose()
    }
}
