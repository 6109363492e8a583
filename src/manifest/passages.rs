//! What a row says of a page's passages: what those that many documents have are found by.

use std::borrow::Cow;
use std::str::FromStr;

use data_encoding::BASE64_NOPAD;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The passages of a document before any was dropped as repeated. Written as text: the version, a hash of all lines that stay,
/// a hash of what was known of the passages, and theirs in Base64 (`1:0a1b2c3d:…:…`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PassageList {
    /// What all lines that stay say: documents that have the same count once.
    pub content: u32,
    /// Which of the passages stood on how many documents when the page was judged.
    pub known: u64,
    /// A hash of each passage, in the order of the page.
    pub hashes: Vec<u64>,
}

/// The version of the hashes. A change of what they are made of changes it.
const VERSION: u32 = 1;

impl PassageList {
    fn to_text(&self) -> String {
        let bytes: Vec<u8> = self.hashes.iter().flat_map(|hash| hash.to_le_bytes()).collect();
        format!("{VERSION}:{:08x}:{:016x}:{}", self.content, self.known, BASE64_NOPAD.encode(&bytes))
    }
}

impl FromStr for PassageList {
    type Err = String;

    fn from_str(text: &str) -> Result<PassageList, String> {
        let read = || {
            let mut parts = text.split(':');
            let version: u32 = parts.next()?.parse().ok()?;
            let content = u32::from_str_radix(parts.next()?, 16).ok()?;
            let known = u64::from_str_radix(parts.next()?, 16).ok()?;
            let bytes = BASE64_NOPAD.decode(parts.next()?.as_bytes()).ok()?;
            let (hashes, rest) = bytes.as_chunks::<8>();
            let is_whole = version == VERSION && rest.is_empty() && parts.next().is_none();
            let hashes = hashes.iter().map(|hash| u64::from_le_bytes(*hash)).collect();
            is_whole.then_some(PassageList { content, known, hashes })
        };
        read().ok_or_else(|| format!("no list of passages of this version of dechaff: {text}"))
    }
}

impl Serialize for PassageList {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.to_text())
    }
}

/// Reads the list of a row; one of another version is none.
pub(super) fn readable<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<PassageList>, D::Error> {
    Ok(Option::<Cow<'de, str>>::deserialize(deserializer)?.and_then(|text| text.parse().ok()))
}

impl JsonSchema for PassageList {
    fn schema_name() -> Cow<'static, str> {
        "PassageList".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "What repeated passages are found by: version, a hash of all lines that stay, a hash of what was known \
                of the passages, and eight bytes of hash a passage in Base64.",
            "type": "string",
            "pattern": "^\\d+:[0-9a-f]{8}:[0-9a-f]{16}:[A-Za-z0-9+/]*$"
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_written_as_text_and_read_back() {
        for hashes in [Vec::new(), vec![1], vec![u64::MAX, 0, 7]] {
            let list = PassageList { content: 77, known: 5, hashes };
            assert_eq!(list.to_text().parse(), Ok(list));
        }
        for wrong in
            ["", "1:0:0", "2:0000004d:0000000000000005:", "1:0000004d:0000000000000005:AAAA", "1:x:0:", "1:0:0::"]
        {
            assert!(wrong.parse::<PassageList>().is_err(), "{wrong}");
        }
    }
}
