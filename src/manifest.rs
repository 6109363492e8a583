//! The manifest: what it says of a run and of each page, and how it is written and read back.
//!
//! A manifest is JSON lines: a [`Header`], then a [`Row`] a page in path order. The same form, unfinished,
//! is the journal of a run. This room knows what is written in them; files are opened by render.

pub mod row_summary;

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::io::BufRead;
use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::page::SiteSource;

/// The manifest's name in the output folder.
pub const FILE_NAME: &str = "manifest.jsonl";

/// The version of the manifest's form. A reader that knows another refuses it.
pub const FORM: u32 = 1;

/// The first line of a manifest: what all rows have in common.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// The version of the manifest's form.
    pub manifest: u32,
    /// The version of dechaff that wrote it.
    pub dechaff: String,
    /// SHA-256 over all parsed rules.
    pub rules: String,
    /// SHA-256 over the model's weights; absent where the model took no part.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub model: Option<String>,
    /// SHA-256 over what surveys know of all sites; absent where they know nothing.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub templates: Option<String>,
    /// The options that change bytes, in their command-line form.
    pub options: Vec<String>,
}

/// What became of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// Judged and written.
    Cleaned,
    /// Judged; it would have lost most of its running prose, which was put back.
    Guarded,
    /// Judged and written; it has no running prose.
    NoText,
    /// Judged; nothing of it is left. An empty file is written.
    Emptied,
    /// Nothing but white space came in. No file is written.
    Empty,
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

/// Raw lines, counted from 1, both ends included. Blank lines between them belong to no block and do not
/// count. Written `[first, last]`; where it is a part of one raw line, `[line, line, first column, last column]`,
/// columns being characters of the raw line, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Lines {
    /// A part of one raw line.
    Part([u32; 4]),
    /// Whole raw lines.
    Whole([u32; 2]),
}

impl Lines {
    /// The first raw line and the first column, where it says one: what ranges are ordered by.
    pub fn first(&self) -> (u32, u32) {
        match *self {
            Lines::Part([line, _, column, _]) => (line, column),
            Lines::Whole([line, _]) => (line, 0),
        }
    }
}

/// Blocks that were dropped by one rule for one reason, or a part cut out of one block.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Dropped {
    /// Where they stood.
    pub lines: Lines,
    /// The innermost elements that the first of them stands in, on a page of HTML: `div#page>main>ul.tags>li`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub path: Option<String>,
    /// How many blocks they are; 0 where a part was cut out of a block that stays.
    pub blocks: u32,
    /// The address of the rule.
    pub rule: String,
    /// The reason, where the rule's own wording or shape does not say it all.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub because: Option<Reason>,
}

/// Blocks that stay because somebody said so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Vouched {
    /// Where they stood.
    pub lines: Lines,
    /// The innermost elements that the first of them stands in, on a page of HTML: `div#page>main>ul.tags>li`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub path: Option<String>,
    /// How many blocks they are.
    pub blocks: u32,
    /// The address of the rule.
    pub rule: String,
    /// The reason, where the rule's own wording or shape does not say it all.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub because: Option<Reason>,
}

/// Why a rule spoke.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// It repeats what stands at this raw line.
    Repeats(u32),
    /// It stands on so many of so many of the site's pages that were looked at.
    Recurs([u32; 2]),
    /// The model's probability that it is own text, in thousandths.
    Score(u16),
    /// It takes back what this rule had dropped.
    Revokes(String),
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
    /// The URL that came with the record.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub url: Option<String>,
    /// What became of it.
    pub status: Status,
    /// Why it was skipped or failed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub why: Option<String>,
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
    /// The language of the kept text, as ISO 639-3; absent where it cannot be told.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub language: Option<Cow<'static, str>>,
    /// What an HTML page says of itself; absent for plain text, and where it says nothing.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub metadata: Option<Box<Metadata>>,
    /// Elements of an HTML page that hold no text of it, by name, with their counts: scripts, styles, templates and
    /// their like, and comments. What they hold is in no block.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub aside: BTreeMap<Cow<'static, str>, u64>,
    /// The host it belongs to.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub site: Option<String>,
    /// What told the host.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub site_known_by: Option<SiteSource>,
    /// What was written.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub out: Option<Output>,
    /// The first page by path whose kept text is the same.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub copy_of: Option<String>,
    /// Blocks that stay because nobody objected.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub kept: Vec<Lines>,
    /// Blocks that stay because a rule or the guard said so.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub vouched: Vec<Vouched>,
    /// Blocks, and parts of blocks, that are gone.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub dropped: Vec<Dropped>,
    /// How many blocks stay and how many are gone.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub blocks: Option<[u32; 2]>,
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
    pub found_by: CharsetSource,
    /// How sure that is, in thousandths.
    pub sure: u16,
    /// Bytes that could not be read; each became U+FFFD.
    pub unreadable_bytes: u64,
    /// The parts of a page of several charsets; absent for all others.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub pieces: Vec<Piece>,
}

/// How a page's charset was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
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
            why: None,
            bytes: None,
            sha256: None,
            charset: None,
            repairs: BTreeMap::new(),
            language: None,
            metadata: None,
            aside: BTreeMap::new(),
            site: None,
            site_known_by: None,
            out: None,
            copy_of: None,
            kept: Vec::new(),
            vouched: Vec::new(),
            dropped: Vec::new(),
            blocks: None,
            key: None,
        }
    }

    /// Compares by place: path order, then record.
    pub fn place_cmp(&self, other: &Row) -> Ordering {
        path_cmp(&self.path, &other.path).then(self.record.cmp(&other.record))
    }
}

/// The rows of a manifest, one by one in constant memory.
#[derive(Debug)]
pub struct Rows<R> {
    path: PathBuf,
    reader: R,
    line: u64,
    buffer: String,
}

impl<R: BufRead> Rows<R> {
    /// Reads the header; what follows is read as it is asked for. `path` is for errors.
    ///
    /// # Errors
    /// Where the manifest cannot be read or its first line is no header of a known form.
    pub fn read(path: &Path, reader: R) -> Result<(Header, Rows<R>)> {
        let mut rows = Rows { path: path.into(), reader, line: 0, buffer: String::new() };
        rows.read_line()?;
        let header: Header = serde_json::from_str(&rows.buffer).map_err(|cause| rows.fault(cause))?;
        match header.manifest {
            FORM => Ok((header, rows)),
            other => Err(Error::Folders(format!(
                "{} has form {other}, and this dechaff ({}) reads form {FORM}; clean into another folder, or use dechaff {}",
                path.display(),
                env!("CARGO_PKG_VERSION"),
                header.dechaff
            ))),
        }
    }

    fn read_line(&mut self) -> Result<bool> {
        self.buffer.clear();
        self.line += 1;
        let read = self.reader.read_line(&mut self.buffer);
        let read = read.map_err(|cause| Error::Read { path: self.path.clone(), cause })?;
        Ok(read > 0)
    }

    fn fault(&self, cause: serde_json::Error) -> Error {
        Error::Manifest { path: self.path.clone(), line: self.line, cause }
    }
}

impl<R: BufRead> Iterator for Rows<R> {
    type Item = Result<Row>;

    fn next(&mut self) -> Option<Result<Row>> {
        match self.read_line() {
            Ok(true) => Some(serde_json::from_str(&self.buffer).map_err(|cause| self.fault(cause))),
            Ok(false) => None,
            Err(error) => Some(Err(error)),
        }
    }
}

/// The JSON Schema of a manifest's lines: a header or a row each.
pub fn schema() -> schemars::Schema {
    #[derive(JsonSchema)]
    #[serde(untagged)]
    #[expect(dead_code, reason = "only its schema is wanted")]
    enum Line {
        Header(Header),
        Row(Box<Row>),
    }
    let mut schema = schemars::schema_for!(Line);
    schema.insert("title".into(), "A line of dechaff's manifest.jsonl".into());
    schema
}

/// Compares two paths in the manifest's notation by component, byte-wise: the order of every run.
pub fn path_cmp(a: &str, b: &str) -> Ordering {
    let bytes = |path| unescape(path).into_owned();
    match a.contains('\\') || b.contains('\\') {
        false => components(a.as_bytes()).cmp(components(b.as_bytes())),
        true => components(&bytes(a)).cmp(components(&bytes(b))),
    }
}

/// A path's bytes with `/` lowered below every other byte, so that a folder's pages stand together.
fn components(path: &[u8]) -> impl Iterator<Item = u8> {
    path.iter().map(|&byte| if byte == b'/' { 0 } else { byte })
}

/// A relative path in the manifest's notation: UTF-8 as it is, other bytes as `\xNN`, a backslash doubled.
pub fn escape(path: &Path) -> String {
    let mut escaped = String::new();
    for chunk in os_bytes(path.as_os_str()).utf8_chunks() {
        escaped.push_str(&chunk.valid().replace('\\', "\\\\"));
        for byte in chunk.invalid() {
            escaped.push_str(&format!("\\x{byte:02x}"));
        }
    }
    escaped
}

/// The bytes of a path in the manifest's notation. What is no escape is taken as it is.
pub fn unescape(path: &str) -> Cow<'_, [u8]> {
    if !path.contains('\\') {
        return Cow::Borrowed(path.as_bytes());
    }
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let code = match tail {
            [b'x', high, low, ..] if first == b'\\' => hex(*high).zip(hex(*low)).map(|(high, low)| high << 4 | low),
            _ => None,
        };
        rest = match (first, tail, code) {
            (_, _, Some(code)) => {
                bytes.push(code);
                &tail[3..]
            }
            (b'\\', [b'\\', after @ ..], _) => {
                bytes.push(b'\\');
                after
            }
            _ => {
                bytes.push(first);
                tail
            }
        };
    }
    Cow::Owned(bytes)
}

fn hex(digit: u8) -> Option<u8> {
    (digit as char).to_digit(16).map(|value| value as u8)
}

#[cfg(unix)]
fn os_bytes(name: &OsStr) -> Cow<'_, [u8]> {
    Cow::Borrowed(std::os::unix::ffi::OsStrExt::as_bytes(name))
}

#[cfg(not(unix))]
fn os_bytes(name: &OsStr) -> Cow<'_, [u8]> {
    Cow::Owned(name.to_string_lossy().replace('\\', "/").into_bytes())
}

/// The relative path that stands in the manifest as `escaped`.
#[cfg(unix)]
pub fn to_path(escaped: &str) -> PathBuf {
    PathBuf::from(<OsStr as std::os::unix::ffi::OsStrExt>::from_bytes(&unescape(escaped)))
}

/// The relative path that stands in the manifest as `escaped`.
#[cfg(not(unix))]
pub fn to_path(escaped: &str) -> PathBuf {
    PathBuf::from(String::from_utf8_lossy(&unescape(escaped)).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn path_order_is_by_component() {
        for (less, more) in [("a/z", "a.txt"), ("a", "a-b"), ("a/b/c", "a/b.txt"), ("\\x41", "B"), ("x", "\\xff")] {
            assert_eq!(path_cmp(less, more), Ordering::Less, "{less} < {more}");
            assert_eq!(path_cmp(more, less), Ordering::Greater, "{more} > {less}");
        }
        assert_eq!(path_cmp("a/b", "a/b"), Ordering::Equal);
    }

    #[cfg(unix)]
    #[test]
    fn names_that_are_not_utf8_survive_the_escape() {
        use std::os::unix::ffi::OsStrExt;
        for name in [&b"plain"[..], b"caf\xe9.txt", b"back\\slash", b"\\x41", b"\xff\xfe"] {
            let path = Path::new(OsStr::from_bytes(name));
            assert_eq!(to_path(&escape(path)), path);
        }
        assert_eq!(escape(Path::new(OsStr::from_bytes(b"caf\xe9"))), "caf\\xe9");
    }

    #[test]
    fn lines_are_written_as_two_or_four_numbers() {
        let lines = [Lines::Whole([3, 9]), Lines::Part([4, 4, 1, 7])];
        let text = serde_json::to_string(&lines).unwrap();
        assert_eq!(text, "[[3,9],[4,4,1,7]]");
        assert_eq!(serde_json::from_str::<Vec<Lines>>(&text).unwrap(), lines);
    }
}
