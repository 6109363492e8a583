//! What a row says of near copies: which page it is a copy of, and the sketch that tells.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::str::FromStr;

use data_encoding::BASE64_NOPAD;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::manifest::Share;

/// The page that a page is a near copy of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NearCopy {
    /// The page that stays in its place: its path, and `#` and its record where it has one.
    pub page: String,
    /// The output folder of the earlier corpus that it is a page of, as the run was told it; absent where it is a page of this
    /// one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub corpus: Option<String>,
    /// The estimated Jaccard index of their shingles: how many they share of all that either has.
    pub jaccard: Share,
    /// Why the other one stays: `near-copies#longest`, `near-copies#first`, or `near-copies#earlier` where it is a page of
    /// an earlier corpus.
    pub rule: String,
}

impl std::fmt::Display for NearCopy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: a near copy of {}, {:.1} % alike", self.rule, self.name(), self.jaccard.percent())
    }
}

impl NearCopy {
    /// The page that stays, and its corpus where it is another one.
    pub fn name(&self) -> Cow<'_, str> {
        match &self.corpus {
            None => Cow::Borrowed(&self.page),
            Some(corpus) => Cow::Owned(format!("{} of {corpus}", self.page)),
        }
    }
}

/// How a sketch is made. Sketches of another shape cannot be compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SketchShape {
    /// Words of a shingle.
    pub words: u8,
    /// Bands of hashes: two documents are compared where a band of theirs is the same.
    pub bands: u16,
    /// Hashes of a band.
    pub rows: u8,
}

/// The shape of FineWeb (datatrove 0.10, `MinhashConfig`): 5 words, 14 bands of 8 hashes. Two texts that share 72 % of their
/// shingles are as likely to be compared as not.
impl Default for SketchShape {
    fn default() -> SketchShape {
        SketchShape { words: 5, bands: 14, rows: 8 }
    }
}

impl SketchShape {
    /// How many hashes a sketch has.
    pub fn hashes(self) -> usize {
        usize::from(self.bands) * usize::from(self.rows)
    }
}

/// What a document is compared by: a MinHash signature, eight bits of each hash. Written as text: the version of the hashes,
/// the shape, the length, and the hashes in Base64 (`2:5,14x8:2048:…`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sketch {
    /// How it was made.
    pub shape: SketchShape,
    /// How many words the text has.
    pub length: u32,
    /// A byte a hash, band by band; none where the text is shorter than a shingle.
    pub hashes: Vec<u8>,
}

impl Sketch {
    /// The version of words and hashes. A change of either changes it.
    pub const VERSION: u32 = 2;

    /// The version and the shape that a sketch names which is written as text; nothing, where it is none.
    pub fn form_of(text: &str) -> Option<(u32, SketchShape)> {
        let mut parts = text.split(':');
        let version = parts.next()?.parse().ok()?;
        let (words, size) = parts.next()?.split_once(',')?;
        let (bands, rows) = size.split_once('x')?;
        Some((
            version,
            SketchShape { words: words.parse().ok()?, bands: bands.parse().ok()?, rows: rows.parse().ok()? },
        ))
    }

    /// What the text of every sketch of this shape begins with.
    pub fn prefix(SketchShape { words, bands, rows }: SketchShape) -> String {
        format!("{}:{words},{bands}x{rows}:", Sketch::VERSION)
    }

    fn to_text(&self) -> String {
        let mut text = Sketch::prefix(self.shape);
        // Writing into a string cannot fail.
        let _ = write!(text, "{}:", self.length);
        BASE64_NOPAD.encode_append(&self.hashes, &mut text);
        text
    }
}

impl FromStr for Sketch {
    type Err = String;

    fn from_str(text: &str) -> Result<Sketch, String> {
        let read = || {
            let (version, shape) = Sketch::form_of(text)?;
            let mut parts = text.split(':').skip(2);
            let length = parts.next()?.parse().ok()?;
            let hashes = BASE64_NOPAD.decode(parts.next()?.as_bytes()).ok()?;
            let is_whole = version == Sketch::VERSION && (hashes.is_empty() || hashes.len() == shape.hashes());
            (is_whole && parts.next().is_none()).then_some(Sketch { shape, length, hashes })
        };
        read().ok_or_else(|| format!("no sketch of this version of dechaff: {text}"))
    }
}

impl Serialize for Sketch {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.to_text())
    }
}

/// Reads a sketch of a row; one of another version is none.
pub(super) fn readable<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Sketch>, D::Error> {
    Ok(Option::<Cow<'de, str>>::deserialize(deserializer)?.and_then(|text| text.parse().ok()))
}

impl JsonSchema for Sketch {
    fn schema_name() -> Cow<'static, str> {
        "Sketch".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "What near copies are found by: version, words of a shingle, bands and rows, words of the text, \
                and a byte a hash in Base64.",
            "type": "string",
            "pattern": "^\\d+:\\d+,\\d+x\\d+:\\d+:[A-Za-z0-9+/]*$"
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sketch_is_written_as_text_and_read_back() {
        let shape = SketchShape::default();
        for hashes in [Vec::new(), (0..112).collect()] {
            let sketch = Sketch { shape, length: 2048, hashes };
            let text = sketch.to_text();
            assert!(text.starts_with("2:5,14x8:2048:"), "{text}");
            assert_eq!(text.parse(), Ok(sketch));
        }
        for wrong in ["", "2:5,14x8:9", "2:5,14x8:9:AAAA", "1:5,14x8:9:", "2:5,14:9:", "2:5,14x8:9::"] {
            assert!(wrong.parse::<Sketch>().is_err(), "{wrong}");
        }
    }
}
