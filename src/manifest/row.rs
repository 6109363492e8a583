//! A row: what the manifest says of one page.
//!
//! What is said of blocks is addressed by their indices, counted from 0 over all blocks of the page, both ends
//! included. Raw lines, columns and the path of elements are hints for people: of a minified page all blocks share one
//! line.

use std::borrow::Cow;
use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::manifest::filter::{FilterVerdict, Quantity};
use crate::manifest::near_copy::{self, NearCopy, Sketch};
use crate::manifest::passages::{self, PassageList};
use crate::page::{SiteSource, Source};

/// What became of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Judged and written.
    Cleaned,
    /// Judged; it would have lost most of its running prose, which was put back.
    Restored,
    /// Judged and written; it has no running prose.
    NoProse,
    /// Judged; nothing of it is left. An empty file is written.
    AllDropped,
    /// Judged; its kept text is that of another page, and copies are dropped. No file is written.
    Duplicate,
    /// Judged; its kept text is nearly that of another page, and near copies are dropped. No file is written.
    NearCopy,
    /// Judged; a filter of documents drops it. No file is written.
    Filtered,
    /// Nothing but white space came in. No file is written.
    Blank,
    /// Not a page that is read. No file is written.
    Skipped,
    /// Could not be read or written.
    Failed,
}

/// What was written for a page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Output {
    /// Path below the output folder, in the manifest's notation.
    pub path: String,
    /// Which line of that file, counted from 1, where it is a shard of many texts.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub line: Option<u64>,
    /// Length of the text in bytes.
    pub bytes: u64,
    /// SHA-256 of the text, in hexadecimal.
    pub sha256: String,
}

/// Raw lines, counted from 1, both ends included. Blank lines between them belong to no block. Written
/// `[first, last]`; where blocks are parts of raw lines, `[first, last, first column, last column]`, columns being
/// characters of the raw line, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Lines {
    /// Parts of raw lines.
    Part([u32; 4]),
    /// Whole raw lines.
    Whole([u32; 2]),
}

impl Lines {
    /// The first raw line.
    pub fn first(&self) -> u32 {
        match *self {
            Lines::Part([line, ..]) | Lines::Whole([line, _]) => line,
        }
    }
}

/// Blocks that stay because no rule spoke on them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BlockRange {
    /// The first and the last block, counted from 0.
    pub blocks: [u32; 2],
    /// Where they stood.
    pub lines: Lines,
}

/// What one rule decided of blocks, for one reason: that they stay, or that they go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    /// The first and the last block, counted from 0.
    pub blocks: [u32; 2],
    /// Where they stood.
    pub lines: Lines,
    /// The words that they have.
    #[serde(default)]
    pub words: u32,
    /// The address of the rule.
    pub rule: Cow<'static, str>,
    /// What made the rule speak, where its own wording or shape does not say it all.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub evidence: Option<Evidence>,
    /// The innermost elements that the first of them stands in, on a page of HTML: `div#page>main>ul.tags>li`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub path: Option<String>,
}

impl Decision {
    /// How many blocks it is about.
    pub fn count(&self) -> u32 {
        self.blocks[1] - self.blocks[0] + 1
    }
}

/// A part that was cut out of a block that stays, or replaced.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Edit {
    /// The block, counted from 0.
    pub block: u32,
    /// The characters of the block's text, counted from 0, the end not included.
    pub characters: [u32; 2],
    /// Where it stood.
    pub lines: Lines,
    /// The words that went with it.
    #[serde(default)]
    pub words: u32,
    /// The address of the rule.
    pub rule: String,
    /// What stands there in its place.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub replacement: Option<String>,
    /// What made the rule speak, where its own wording or shape does not say it all.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub evidence: Option<Evidence>,
    /// The innermost elements that the block stands in, on a page of HTML.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub path: Option<String>,
}

/// What made a rule speak.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Evidence {
    /// It repeats this block, which stays.
    Repeats(u32),
    /// It stands on so many of so many of the site's pages that were looked at.
    Recurs([u32; 2]),
    /// It stands on so many documents of the corpus.
    Documents(u32),
    /// The model's probability that it is the page's own text.
    Probability(Share),
    /// How much of what stands in its element is own text, over so many of the site's pages.
    Place {
        /// The mean over the pages.
        own: Share,
        /// The pages that have the element, of those that were looked at.
        on: u32,
        /// The model's probability that it is the page's own text, with what the element says.
        probability: Share,
    },
    /// It takes back what this rule had dropped.
    Revokes(String),
}

/// A number from 0 to 1, in steps of a thousandth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Share {
    permille: u16,
}

impl Share {
    /// So many thousandths; 1 where they are more.
    pub fn of_permille(permille: u16) -> Share {
        Share { permille: permille.min(1000) }
    }

    /// The nearest thousandth.
    pub fn nearest(value: f64) -> Share {
        Share { permille: (value.clamp(0.0, 1.0) * 1000.0).round() as u16 }
    }

    /// In thousandths.
    pub fn permille(self) -> u16 {
        self.permille
    }

    /// In per cent.
    pub fn percent(self) -> f64 {
        f64::from(self.permille) / 10.0
    }
}

impl Serialize for Share {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(f64::from(self.permille) / 1000.0)
    }
}

impl<'de> Deserialize<'de> for Share {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Share, D::Error> {
        f64::deserialize(deserializer).map(Share::nearest)
    }
}

impl JsonSchema for Share {
    fn schema_name() -> Cow<'static, str> {
        "Share".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A number from 0 to 1, in steps of a thousandth.",
            "type": "number",
            "minimum": 0,
            "maximum": 1
        })
    }
}

/// How many blocks of a page stay and how many are gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BlockCounts {
    /// Blocks that stay.
    pub kept: u32,
    /// Blocks that are gone.
    pub dropped: u32,
}

impl BlockCounts {
    /// All blocks of the page.
    pub fn all(self) -> u32 {
        self.kept + self.dropped
    }
}

/// How much of a page's text stays and how much is gone, what was cut out of blocks that stay included.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TextCounts {
    /// What stays.
    pub kept: u64,
    /// What is gone.
    pub dropped: u64,
}

impl TextCounts {
    /// Takes from what stays.
    pub fn drop(&mut self, count: u64) {
        self.kept = self.kept.saturating_sub(count);
        self.dropped += count;
    }

    /// All of the page.
    pub fn all(self) -> u64 {
        self.kept + self.dropped
    }
}

/// The language of a page's kept text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Language {
    /// ISO 639-3.
    pub code: Cow<'static, str>,
    /// How likely it is that language, of those that the identifier knows.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub confidence: Option<Share>,
}

/// What is known of one page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// Path below the input folder, `/` between components; bytes that are not UTF-8 stand as `\xNN`, a
    /// backslash as `\\`.
    pub path: String,
    /// Which record of a file of many pages: the line, counted from 1, of JSON lines; of WARC, the byte at which its
    /// gzip member or Zstandard frame begins, where every record has its own, else its first byte once unpacked.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub record: Option<u64>,
    /// What the record calls itself.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub id: Option<String>,
    /// The URL that came with it: that of the site map, of the record, or of the file beside the page.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub url: Option<String>,
    /// What became of it.
    pub status: Status,
    /// Why it was skipped or failed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reason: Option<String>,
    /// Length in bytes; absent where it could not be read.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub bytes: Option<u64>,
    /// SHA-256 of the bytes, in hexadecimal; absent where the file was not read whole.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub sha256: Option<String>,
    /// The charset it was read as.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub charset: Option<Charset>,
    /// The repairs made to its text, by name, with their counts.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub repairs: BTreeMap<Cow<'static, str>, u64>,
    /// The language of the kept text; absent where it cannot be told.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub language: Option<Language>,
    /// The host it belongs to.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub site: Option<String>,
    /// What told the host.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub site_source: Option<SiteSource>,
    /// What the site's rule file sets in place of the header's `options`, or beside them, where it sets anything.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub site_options: Vec<String>,
    /// What an HTML page says of itself; absent for plain text, and where it says nothing.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub metadata: Option<Box<Metadata>>,
    /// What was written.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub output: Option<Output>,
    /// How many blocks stay and how many are gone.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub blocks: Option<BlockCounts>,
    /// Its words: runs of characters between white space that hold a letter or digit; where a script writes no spaces,
    /// two characters count as one word.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub words: Option<TextCounts>,
    /// Its characters, a run of white space counted as one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub characters: Option<TextCounts>,
    /// Blocks that stay because no rule spoke on them.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub kept: Vec<BlockRange>,
    /// Blocks that stay because a rule or the guard said so.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub kept_by_rule: Vec<Decision>,
    /// Blocks that are gone.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub dropped: Vec<Decision>,
    /// Parts that were cut out of blocks that stay.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub edits: Vec<Edit>,
    /// Elements of an HTML page that hold no text of it, by name, with their counts: scripts, styles, templates and
    /// their like, and comments. What they hold is in no block.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub non_content_elements: BTreeMap<Cow<'static, str>, u64>,
    /// The filters of documents that speak against it: where it was dropped, the first one, which dropped it; where
    /// documents are tagged, every one.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub filters: Vec<FilterVerdict>,
    /// The measures of the kept text, by name, where documents are tagged.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub measures: BTreeMap<Cow<'static, str>, Quantity>,
    /// The first page by path whose kept text is the same.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub duplicate_of: Option<String>,
    /// The page that stays in its place where near copies are looked for.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub near_copy_of: Option<NearCopy>,
    /// What near copies are found by, where they are looked for.
    #[serde(skip_serializing_if = "Option::is_none", default, deserialize_with = "near_copy::readable")]
    pub sketch: Option<Sketch>,
    /// What repeated passages are found by, where they are dropped.
    #[serde(skip_serializing_if = "Option::is_none", default, deserialize_with = "passages::readable")]
    pub passages: Option<PassageList>,
    /// A hash over all that this row depends on: input, version, options and rules.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub key: Option<String>,
}

/// What an HTML page says of itself, in `meta` elements, Open Graph, JSON-LD and its `head`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Metadata {
    /// Its title: that of Open Graph or JSON-LD, which seldom has the site's name in it, else `title`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub title: Option<String>,
    /// Who wrote it; several with a comma between.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub author: Option<String>,
    /// When it was published, as written in the page.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub date: Option<String>,
    /// Its language, as written in the page: a BCP 47 tag as a rule.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub language: Option<String>,
    /// Its canonical URL.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub url: Option<String>,
    /// The name of the site.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub site_name: Option<String>,
}

/// The charset of a page and how it is known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Charset {
    /// Its name in the WHATWG Encoding Standard.
    pub name: Cow<'static, str>,
    /// How it was found.
    pub source: CharsetSource,
    /// How sure that is.
    pub confidence: Share,
    /// Bytes that could not be read; each became U+FFFD.
    pub replaced_bytes: u64,
    /// The parts of a page of several charsets; absent for all others.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub pieces: Vec<Piece>,
}

/// How a page's charset was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CharsetSource {
    /// A byte order mark.
    Bom,
    /// The user's word.
    Given,
    /// A declaration in the page or beside it that the bytes agree with.
    Declared,
    /// The bytes are valid UTF-8, or nearly so.
    Utf8,
    /// The bytes have the shape of UTF-16 or UTF-32, without a mark.
    Shape,
    /// Statistics of letters.
    Detected,
}

/// A charset that a part of a page is in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Piece {
    /// Its WHATWG name.
    pub charset: Cow<'static, str>,
    /// How many bytes of the page are read with it.
    pub bytes: u64,
}

impl Row {
    /// A row that says nothing yet but where the page stands.
    pub fn new(path: String, record: Option<u64>, status: Status) -> Row {
        Row {
            path,
            record,
            id: None,
            url: None,
            status,
            reason: None,
            bytes: None,
            sha256: None,
            charset: None,
            repairs: BTreeMap::new(),
            language: None,
            site: None,
            site_source: None,
            site_options: Vec::new(),
            metadata: None,
            output: None,
            blocks: None,
            words: None,
            characters: None,
            kept: Vec::new(),
            kept_by_rule: Vec::new(),
            dropped: Vec::new(),
            edits: Vec::new(),
            non_content_elements: BTreeMap::new(),
            filters: Vec::new(),
            measures: BTreeMap::new(),
            duplicate_of: None,
            near_copy_of: None,
            sketch: None,
            passages: None,
            key: None,
        }
    }

    /// The row of a page that gives no text, and why.
    pub fn without_text(mut self, status: Status, reason: String) -> Row {
        self.status = status;
        self.reason = (!reason.is_empty()).then_some(reason);
        self
    }

    /// The address of its page.
    pub fn source(&self) -> Source {
        Source { path: self.path.clone(), record: self.record }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_written_as_two_or_four_numbers() {
        let lines = [Lines::Whole([3, 9]), Lines::Part([4, 4, 1, 7])];
        let text = serde_json::to_string(&lines).unwrap();
        assert_eq!(text, "[[3,9],[4,4,1,7]]");
        assert_eq!(serde_json::from_str::<Vec<Lines>>(&text).unwrap(), lines);
    }

    #[test]
    fn a_share_is_written_as_a_number_from_0_to_1_and_read_back() {
        for permille in 0..=1000 {
            let share = Share::of_permille(permille);
            let text = serde_json::to_string(&share).unwrap();
            assert!(text.len() <= 5, "{text}");
            assert_eq!(serde_json::from_str::<Share>(&text).unwrap(), share);
        }
        assert_eq!(serde_json::to_string(&Share::of_permille(67)).unwrap(), "0.067");
        assert_eq!(serde_json::from_str::<Share>("1").unwrap(), Share::of_permille(1000));
    }
}
