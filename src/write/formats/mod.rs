//! The formats that shards are written in. A format is a file in this room that has a [`ShardFormat`], and a row of
//! [`FORMATS`].
//!
//! A document on its way into a shard is bytes, whose form is its format's own affair: whoever cleans the page packs
//! it, the committer puts it into a shard, and a later run takes it out of there again as it was put in.

pub mod jsonl;
#[cfg_attr(not(feature = "parquet"), path = "parquet_absent.rs")]
pub mod parquet;

use std::fmt;
use std::fs::File;
use std::io;

use crate::manifest::Row;
use crate::settings::Container;
use crate::write::document::Passed;
use crate::write::shards::Hashed;

/// A format of shards.
pub trait ShardFormat: fmt::Debug + Sync {
    /// What is set to have it.
    fn container(&self) -> Container;

    /// The ending of its files.
    fn ending(&self) -> &'static str;

    /// Makes a document of a page. The workers call it, so what takes time belongs here.
    ///
    /// # Errors
    /// Where the page cannot be a document of this format.
    fn pack(&self, row: &Row, text: &str, passed: &Passed) -> io::Result<Vec<u8>>;

    /// What the documents of one shard have in common: one of another kind goes into another shard.
    fn kind<'d>(&self, _document: &'d [u8]) -> &'d [u8] {
        &[]
    }

    /// Begins a shard of documents of a kind.
    ///
    /// # Errors
    /// What the operating system said.
    fn writer(&self, file: Hashed, kind: &[u8]) -> io::Result<Box<dyn ShardWriter>>;

    /// Opens a shard.
    ///
    /// # Errors
    /// Where it cannot be opened.
    fn reader(&self, file: File) -> io::Result<Box<dyn ShardReader>>;

    /// Whether the clean text of a document, in whatever field it stands, is one that is looked for.
    fn has_text(&self, document: &[u8], is_it: &dyn Fn(&str) -> bool) -> bool;
}

/// Writes a shard.
pub trait ShardWriter: Send {
    /// Adds a document.
    ///
    /// # Errors
    /// What the operating system said.
    fn put(&mut self, document: &[u8]) -> io::Result<()>;

    /// Ends the shard.
    ///
    /// # Errors
    /// What the operating system said.
    fn finish(self: Box<Self>) -> io::Result<Hashed>;
}

/// Reads a shard, one document after the other.
pub trait ShardReader: Send {
    /// The next document; `None` at the end, and where nothing can be read any more.
    fn next(&mut self) -> Option<Vec<u8>>;

    /// Passes over the next document; false where there is none.
    fn skip(&mut self) -> bool {
        self.next().is_some()
    }
}

/// The formats.
pub const FORMATS: [&dyn ShardFormat; 2] = [&jsonl::Jsonl, &parquet::Parquet];

/// The format that a container is written in; `None` for files of their own.
pub fn of(container: Container) -> Option<&'static dyn ShardFormat> {
    FORMATS.into_iter().find(|format| format.container() == container)
}

/// The format of a shard, by its name.
pub fn of_name(name: &str) -> Option<&'static dyn ShardFormat> {
    FORMATS.into_iter().find(|format| name.ends_with(&format!(".{}", format.ending())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::shard::Shard;

    #[test]
    fn a_format_is_found_by_what_is_set_and_by_the_name_of_its_shards() {
        assert!(of(Container::Files).is_none() && of_name("part-00000.txt").is_none());
        for format in FORMATS {
            let path = format!("part-00012.{}", format.ending());
            assert_eq!(of(format.container()).unwrap().ending(), format.ending());
            assert_eq!(of_name(&path).unwrap().container(), format.container());
            let shard = Shard { path, documents: 1, sha256: String::new() };
            assert!(shard.name().is_some(), "{shard:?}");
        }
        for path in ["part-1.jsonl.zst", "part-00000", "part-00000.", "part-00000.a/b", "part-00000.\\", "x.jsonl.zst"]
        {
            let shard = Shard { path: path.into(), documents: 1, sha256: String::new() };
            assert!(shard.name().is_none(), "{path}");
        }
    }
}
