//! The manifest: what it says of a run and of each page, and how it is written and read back.
//!
//! A manifest is JSON lines: a [`Header`], then a [`Row`] a page in path order. The same form, unfinished,
//! is the journal of a run. This room knows what is written in them; files are opened by [`crate::write`].

mod filter;
mod near_copy;
mod passages;
mod path;
pub mod relative_path;
mod row;
pub mod row_summary;
pub mod shard;

use std::io::BufRead;
use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

pub use filter::{FilterValue, FilterVerdict, Quantity};
pub use near_copy::{NearCopy, Sketch, SketchShape};
pub use passages::PassageList;
pub use path::{escape, path_cmp, to_path, unescape};
pub use row::{
    BlockCounts, BlockRange, Charset, CharsetSource, Decision, Edit, Evidence, Language, Lines, Metadata, Output,
    Piece, Row, Share, Status, TextCounts,
};

/// The manifest's name in the output folder.
pub const FILE_NAME: &str = "manifest.jsonl";

/// The version of the manifest's form. A reader that knows another refuses it.
pub const FORM: u32 = 2;

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
    /// SHA-256 over the filters of documents that are on; absent where none is.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub filters: Option<String>,
    /// SHA-256 of the model of the user's own that tells languages (`--lid-model`); absent where dechaff tells them.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub language_model: Option<String>,
    /// The options that change bytes, in their command-line form.
    pub options: Vec<String>,
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
        let version: Version = serde_json::from_str(&rows.buffer).map_err(|cause| rows.fault(cause))?;
        if version.manifest != FORM {
            return Err(version.refusal(path));
        }
        let header = serde_json::from_str(&rows.buffer).map_err(|cause| rows.fault(cause))?;
        Ok((header, rows))
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
            Ok(true) if self.buffer.starts_with(shard::BEGINS) => self.next(),
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
        /// A shard: stands behind the row of its last document.
        Shard(shard::Shard),
    }
    let mut schema = schemars::schema_for!(Line);
    schema.insert("title".into(), "A line of dechaff's manifest.jsonl".into());
    schema
}

/// What the header says in every form.
#[derive(Deserialize)]
struct Version {
    manifest: u32,
    dechaff: String,
}

impl Version {
    fn refusal(&self, path: &Path) -> Error {
        let Version { manifest, dechaff } = self;
        let (path, own) = (path.display(), env!("CARGO_PKG_VERSION"));
        Error::Folders(match *manifest < FORM {
            true => format!(
                "{path} has form {manifest}, written by dechaff {dechaff}; dechaff {own} writes form {FORM}. The \
                corpus has to be cleaned anew: clean into another folder, or move this one away first"
            ),
            false => format!(
                "{path} has form {manifest}, written by dechaff {dechaff}, which dechaff {own} does not know; use a \
                newer dechaff, or clean into another folder"
            ),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_form_is_refused_with_what_to_do() {
        for (line, says) in [
            ("{\"manifest\":1,\"dechaff\":\"0.0.9\",\"old\":1}\n", "cleaned anew"),
            ("{\"manifest\":3,\"dechaff\":\"9.0.0\"}\n", "newer dechaff"),
            ("{\"path\":\"a\"}\n", "no line of a dechaff manifest"),
        ] {
            let read = Rows::read(Path::new("m"), line.as_bytes());
            let told = read.map(|(header, _)| header).unwrap_err().to_string();
            assert!(told.contains(says), "{told}");
        }
    }
}
