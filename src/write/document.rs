//! A page as a line of JSON, in the layout of dolma: `id`, `text`, `source`, `created`, `metadata`.
//!
//! A page that came as a line of JSON keeps its fields, in their order and as they stood, with the clean text in
//! place of the old one; only what the layout asks for and the line lacks is added. `added` is the clock's, which no
//! output of dechaff depends on: it is passed through, and not made up.

use std::borrow::Cow;
use std::io;

use serde_json::value::RawValue;

use crate::manifest::Row;
use crate::page::Source;
use crate::table::TableRow;

/// The field that the clean text stands in.
const TEXT: &str = "text";

/// The fields of a document that filters have tagged.
const MEASURES: &str = "measures";
const FILTERS: &str = "filters";

/// What came with a page beside its text.
#[derive(Debug, Default)]
pub struct Passed<'a> {
    /// When the page was fetched or made.
    pub created: Option<&'a str>,
    /// The fields of the line that it was, with no value where its text stood.
    pub fields: &'a [(Cow<'a, str>, Option<&'a RawValue>)],
    /// The row that it was, where its columns go on with their types.
    pub row: Option<&'a TableRow>,
    /// Whether filters tag documents.
    pub is_tagged: bool,
}

/// The line of a page, line end included.
///
/// # Errors
/// Never, as long as memory can be written to.
pub fn line(row: &Row, text: &str, passed: &Passed) -> io::Result<Vec<u8>> {
    let mut line = Line { bytes: Vec::with_capacity(text.len() + text.len() / 8 + 512) };
    let has = |name: &str| passed.fields.iter().any(|(known, _)| known == name);
    // What a run tells anew takes the place of what an earlier one told.
    let is_told =
        |name: &str| name == MEASURES && !row.measures.is_empty() || name == FILTERS && !row.filters.is_empty();
    if passed.fields.is_empty() {
        line.field("id", &id(row))?;
        line.field(TEXT, text)?;
    } else {
        if !has("id") {
            line.field("id", &id(row))?;
        }
        for (name, value) in passed.fields.iter().filter(|(name, _)| !is_told(name)) {
            match value {
                Some(value) => line.raw(name, value.get())?,
                None => line.field(name, text)?,
            }
        }
        if passed.fields.iter().all(|(_, value)| value.is_some()) && !has(TEXT) {
            line.field(TEXT, text)?;
        }
    }
    if !has("source") {
        line.field("source", &row.path)?;
    }
    if let (Some(created), false) = (passed.created, has("created")) {
        line.field("created", created)?;
    }
    if !has("metadata") {
        line.field("metadata", &Metadata::of(row))?;
    }
    if is_told(MEASURES) {
        line.field(MEASURES, &row.measures)?;
    }
    if is_told(FILTERS) {
        line.field(FILTERS, &row.filters)?;
    }
    line.bytes.extend_from_slice(b"}\n");
    Ok(line.bytes)
}

/// The fields that came with a page, but for its text, as an object of JSON.
#[cfg(feature = "parquet")]
pub(super) fn object(passed: &Passed) -> io::Result<String> {
    let mut line = Line { bytes: Vec::new() };
    for (name, value) in passed.fields {
        if let Some(value) = value {
            line.raw(name, value.get())?;
        }
    }
    line.bytes.extend_from_slice(if line.bytes.is_empty() { b"{}" } else { b"}" });
    String::from_utf8(line.bytes).map_err(io::Error::other)
}

/// What a document is called that has no field for it.
pub(super) fn id(row: &Row) -> String {
    row.id.clone().unwrap_or_else(|| Source { path: row.path.clone(), record: row.record }.to_string())
}

#[derive(serde::Serialize)]
struct Metadata<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    site: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    language: Option<&'a str>,
}

impl<'a> Metadata<'a> {
    fn of(row: &'a Row) -> Metadata<'a> {
        Metadata {
            url: row.url.as_deref(),
            site: row.site.as_deref(),
            language: row.language.as_ref().map(|language| &*language.code),
        }
    }
}

struct Line {
    bytes: Vec<u8>,
}

impl Line {
    fn name(&mut self, name: &str) -> io::Result<()> {
        self.bytes.push(if self.bytes.is_empty() { b'{' } else { b',' });
        serde_json::to_writer(&mut self.bytes, name)?;
        self.bytes.push(b':');
        Ok(())
    }

    fn field<V: serde::Serialize + ?Sized>(&mut self, name: &str, value: &V) -> io::Result<()> {
        self.name(name)?;
        Ok(serde_json::to_writer(&mut self.bytes, value)?)
    }

    fn raw(&mut self, name: &str, value: &str) -> io::Result<()> {
        self.name(name)?;
        self.bytes.extend_from_slice(value.as_bytes());
        Ok(())
    }
}
