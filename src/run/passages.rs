//! The count of passages: every page is judged once before the first one is written.
//!
//! What is counted of a page stands in its row, so that a page which has not changed since an earlier run is not judged for
//! it.

use std::io;

use crate::error::{Error, Result};
use crate::manifest::PassageList;
use crate::passes::passages::{PassageCounts, Passages};
use crate::run::commit::PageResult;
use crate::run::ordered_queue::InOrder;
use crate::write::scratch::Scratch;
use crate::write::sorted_runs::SortedRuns;

/// Takes the passages of pages, and nothing else of them.
pub(super) struct Counting<'a> {
    keys: SortedRuns<'a>,
}

impl<'a> Counting<'a> {
    /// Has no passage yet.
    pub(super) fn new(scratch: Scratch<'a>) -> Counting<'a> {
        Counting { keys: SortedRuns::new(scratch, "passage-keys") }
    }

    /// Those that stand on more than so many documents.
    ///
    /// # Errors
    /// Where the temporary files cannot be read.
    pub(super) fn above(self, allowed: u32) -> Result<Passages> {
        let count = || -> io::Result<Passages> {
            let mut counts = PassageCounts::above(allowed);
            for key in self.keys.sorted()? {
                let (hash, content) = key?;
                counts.add(hash, content);
            }
            Ok(counts.end())
        };
        count().map_err(failed)
    }

    fn add(&mut self, passages: Option<&PassageList>) -> Result<()> {
        let mut passages = passages.into_iter().flat_map(|list| list.hashes.iter().map(|&hash| (hash, list.content)));
        passages.try_for_each(|key| self.keys.add(key)).map_err(failed)
    }
}

impl InOrder for Counting<'_> {
    type Result = PageResult;

    fn commit(&mut self, result: PageResult) -> Result<()> {
        match &result {
            PageResult::Cleaned(finished) => self.add(finished.row.passages.as_ref()),
            PageResult::Reused(line) => self.add(line.told().and_then(|told| told.passages).as_ref()),
        }
    }
}

fn failed(cause: io::Error) -> Error {
    Error::Folders(format!("cannot keep the passages that are counted: {cause}"))
}
