//! A row as far as it is asked for: enough to add it up and to tell whether it still holds.
//!
//! Reading a line of a manifest this way borrows what it can and skips the rest, which costs a third of reading
//! the whole [`Row`].

use std::borrow::Cow;
use std::cmp::Ordering;
use std::ops::Deref;

use serde::Deserialize;

use crate::manifest::{
    BlockCounts, Decision, NearCopy, PassageList, Row, Sketch, Status, TextCounts, near_copy, passages, path_cmp,
};
use crate::page::Source;

/// What a row tells. The fields are those of [`Row`].
#[derive(Debug, Clone, Deserialize)]
#[allow(missing_docs, reason = "the fields are those of the row")]
pub struct RowSummary<'l> {
    #[serde(borrow)]
    pub path: Text<'l>,
    #[serde(default)]
    pub record: Option<u64>,
    pub status: Status,
    #[serde(borrow, default)]
    pub reason: Option<Text<'l>>,
    #[serde(default)]
    pub bytes: Option<u64>,
    #[serde(borrow, default)]
    pub sha256: Option<Text<'l>>,
    #[serde(default)]
    pub charset: Option<CharsetSummary>,
    #[serde(borrow, default)]
    pub site: Option<Text<'l>>,
    #[serde(borrow, default)]
    pub output: Option<OutputSummary<'l>>,
    #[serde(borrow, default)]
    pub duplicate_of: Option<Text<'l>>,
    #[serde(default)]
    pub near_copy_of: Option<NearCopy>,
    #[serde(default, deserialize_with = "near_copy::readable")]
    pub sketch: Option<Sketch>,
    #[serde(default, deserialize_with = "passages::readable")]
    pub passages: Option<PassageList>,
    #[serde(borrow, default)]
    pub kept_by_rule: Vec<DecisionSummary<'l>>,
    #[serde(borrow, default)]
    pub dropped: Vec<DecisionSummary<'l>>,
    #[serde(borrow, default)]
    pub edits: Vec<EditSummary<'l>>,
    #[serde(borrow, default)]
    pub filters: Vec<FilterSummary<'l>>,
    #[serde(default)]
    pub blocks: Option<BlockCounts>,
    #[serde(default)]
    pub words: Option<TextCounts>,
    #[serde(borrow, default)]
    pub key: Option<Text<'l>>,
}

/// What is told of a page's charset.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct CharsetSummary {
    /// Bytes that could not be read.
    pub replaced_bytes: u64,
}

/// What is told of an output.
#[derive(Debug, Clone, Deserialize)]
pub struct OutputSummary<'l> {
    /// Path below the output folder, in the manifest's notation.
    #[serde(borrow)]
    pub path: Text<'l>,
    /// The document's line, where the output is a shard.
    #[serde(default)]
    pub line: Option<u64>,
    /// Length in bytes.
    pub bytes: u64,
    /// SHA-256 of the bytes, in hexadecimal.
    #[serde(borrow)]
    pub sha256: Text<'l>,
}

/// What is told of blocks that a rule spoke on.
#[derive(Debug, Clone, Deserialize)]
pub struct DecisionSummary<'l> {
    /// The first and the last block.
    pub blocks: [u32; 2],
    /// The address of the rule.
    #[serde(borrow)]
    pub rule: Text<'l>,
}

impl DecisionSummary<'_> {
    /// How many blocks it is about.
    pub fn count(&self) -> u32 {
        self.blocks[1].saturating_sub(self.blocks[0]).saturating_add(1)
    }
}

/// What is told of a part that was cut out of a block.
#[derive(Debug, Clone, Deserialize)]
pub struct EditSummary<'l> {
    /// The address of the rule.
    #[serde(borrow)]
    pub rule: Text<'l>,
}

/// What is told of a filter that speaks against a document.
#[derive(Debug, Clone, Deserialize)]
pub struct FilterSummary<'l> {
    /// The address of the rule.
    #[serde(borrow)]
    pub rule: Text<'l>,
}

/// A string of a line, borrowed where JSON had nothing to escape in it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Text<'l>(#[serde(borrow)] Cow<'l, str>);

impl Deref for Text<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl<'l> From<&'l str> for Text<'l> {
    fn from(text: &'l str) -> Text<'l> {
        Text(Cow::Borrowed(text))
    }
}

impl<'l> From<&'l Decision> for DecisionSummary<'l> {
    fn from(decision: &'l Decision) -> DecisionSummary<'l> {
        DecisionSummary { blocks: decision.blocks, rule: (&*decision.rule).into() }
    }
}

impl<'l> RowSummary<'l> {
    /// Reads a line of a manifest; `None` where it is no row.
    pub fn read(line: &'l [u8]) -> Option<RowSummary<'l>> {
        serde_json::from_slice(line).ok()
    }

    /// What a row tells.
    pub fn of(row: &'l Row) -> RowSummary<'l> {
        let text = |text: &'l Option<String>| text.as_deref().map(Text::from);
        RowSummary {
            path: row.path.as_str().into(),
            record: row.record,
            status: row.status,
            reason: text(&row.reason),
            bytes: row.bytes,
            sha256: text(&row.sha256),
            charset: row.charset.as_ref().map(|charset| CharsetSummary { replaced_bytes: charset.replaced_bytes }),
            site: text(&row.site),
            output: row.output.as_ref().map(|out| OutputSummary {
                path: out.path.as_str().into(),
                line: out.line,
                bytes: out.bytes,
                sha256: out.sha256.as_str().into(),
            }),
            duplicate_of: text(&row.duplicate_of),
            near_copy_of: row.near_copy_of.clone(),
            sketch: row.sketch.clone(),
            passages: row.passages.clone(),
            kept_by_rule: row.kept_by_rule.iter().map(DecisionSummary::from).collect(),
            dropped: row.dropped.iter().map(DecisionSummary::from).collect(),
            edits: row.edits.iter().map(|edit| EditSummary { rule: edit.rule.as_str().into() }).collect(),
            filters: row.filters.iter().map(|filter| FilterSummary { rule: filter.rule.as_str().into() }).collect(),
            blocks: row.blocks,
            words: row.words,
            key: text(&row.key),
        }
    }

    /// The page's name as other rows speak of it: its path, and its record where it has one.
    pub fn name(&self) -> String {
        match self.record {
            Some(record) => format!("{}#{record}", &*self.path),
            None => self.path.to_string(),
        }
    }
}

/// A line of a manifest as it stands there, and the place of its page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowLine {
    /// The page's path, in the manifest's notation.
    pub path: String,
    /// The record's number in a file of many pages.
    pub record: Option<u64>,
    /// The line, its end included.
    pub line: Vec<u8>,
}

impl RowLine {
    /// Takes a line; `None` where it is no row. Only its start is looked at where it has the form in which
    /// dechaff writes.
    pub fn of(mut line: Vec<u8>) -> Option<RowLine> {
        let (path, record) = place(&line).or_else(|| {
            let told = RowSummary::read(&line)?;
            Some((told.path.to_string(), told.record))
        })?;
        if line.last() != Some(&b'\n') {
            line.push(b'\n');
        }
        Some(RowLine { path, record, line })
    }

    /// The address of its page.
    pub fn source(&self) -> Source {
        Source { path: self.path.clone(), record: self.record }
    }

    /// What it tells.
    pub fn told(&self) -> Option<RowSummary<'_>> {
        RowSummary::read(&self.line)
    }

    /// The whole row.
    pub fn row(&self) -> Option<Row> {
        serde_json::from_slice(&self.line).ok()
    }

    /// Compares its place with another: path order, then record.
    pub fn place_cmp(&self, path: &str, record: Option<u64>) -> Ordering {
        path_cmp(&self.path, path).then(self.record.cmp(&record))
    }
}

/// The place that a whole line begins with, as dechaff writes it: the path, and the record if there is one.
fn place(line: &[u8]) -> Option<(String, Option<u64>)> {
    let ends_whole = line.ends_with(b"}\n");
    let rest = line.strip_prefix(b"{\"path\":").filter(|_| ends_whole)?;
    let mut strings = serde_json::Deserializer::from_slice(rest).into_iter::<String>();
    let path = strings.next()?.ok()?;
    let record = rest[strings.byte_offset()..].strip_prefix(b",\"record\":");
    let record = record.map(|rest| serde_json::Deserializer::from_slice(rest).into_iter::<u64>().next());
    match record {
        None => Some((path, None)),
        Some(number) => Some((path, Some(number?.ok()?))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_and_its_row_tell_the_same() {
        let line = br#"{"path":"a\"b.txt","status":"cleaned","bytes":9,"sha256":"00","site":"x.example","output":{"path":"a\"b.txt","bytes":3,"sha256":"01"},"blocks":{"kept":2,"dropped":1},"kept":[{"blocks":[0,1],"lines":[1,2]}],"dropped":[{"blocks":[2,2],"lines":[3,3],"rule":"general/x#y"}],"edits":[{"block":0,"characters":[0,2],"lines":[1,1,1,2],"rule":"general/x#z"}],"key":"k"}"#;
        let row: Row = serde_json::from_slice(line).unwrap();
        assert_eq!(format!("{:?}", RowSummary::read(line).unwrap()), format!("{:?}", RowSummary::of(&row)));
    }

    #[test]
    fn the_place_is_read_off_the_start_of_a_line() {
        for (line, place) in [
            ("{\"path\":\"a/b\",\"status\":\"blank\"}\n", Some(("a/b", None))),
            ("{\"path\":\"a\\\\x\",\"record\":7,\"status\":\"blank\"}\n", Some(("a\\x", Some(7)))),
            ("{\"status\":\"blank\",\"path\":\"b\"}", Some(("b", None))),
            ("{\"path\":\"cut o", None),
            ("{\"path\":\"cut\",\"status\":", None),
            ("{\"manifest\":1,\"dechaff\":\"0\"}\n", None),
        ] {
            let found = RowLine::of(line.into());
            let found = found.as_ref().map(|row| (row.path.as_str(), row.record));
            assert_eq!(found, place, "{line}");
        }
    }
}
