//! What earlier runs wrote down: the rows of the last manifest and of killed runs' journals, as one stream in
//! path order. Whether a row still holds is not decided here.

use std::cmp::Ordering;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use crate::error::{Error, Result};
use crate::manifest::path_cmp;
use crate::manifest::row_summary::RowLine;

/// All that earlier runs wrote down of one page.
#[derive(Debug, Clone)]
pub struct PreviousRow {
    /// The youngest row.
    pub line: RowLine,
    /// Older ones, the youngest first: each names an output that may stand there still.
    pub older: Vec<RowLine>,
    /// Whether the youngest is of a run that was killed, perhaps before the text took its name.
    pub is_interrupted: bool,
}

/// The merged rows. Where both files know a page, the journal is the younger. A line that is no row (a killed
/// run's last one) is passed over.
#[derive(Debug)]
pub struct PreviousRows {
    manifest: RowLines,
    journal: RowLines,
    next: Option<PreviousRow>,
}

impl PreviousRows {
    /// Reads a manifest and a journal; one that is not there has no rows.
    pub fn new(manifest: Option<File>, journal: Option<File>) -> PreviousRows {
        let (manifest, journal) = (RowLines::new(manifest, true), RowLines::new(journal, false));
        let mut earlier = PreviousRows { manifest, journal, next: None };
        earlier.next = earlier.merge();
        earlier
    }

    /// Reads the manifest of another folder.
    ///
    /// # Errors
    /// Where it cannot be opened.
    pub fn of_manifest(path: &Path) -> Result<PreviousRows> {
        let file = File::open(path).map_err(|cause| Error::Read { path: path.into(), cause })?;
        Ok(PreviousRows::new(Some(file), None))
    }

    /// The youngest row of a page, if there is one; those of pages before it are given to `passed`. Pages are asked
    /// for in path order.
    pub fn row_of(&mut self, path: &str, record: Option<u64>, mut passed: impl FnMut(RowLine)) -> Option<RowLine> {
        loop {
            match self.place_cmp(path, record)? {
                Ordering::Less => passed(self.next()?),
                Ordering::Equal => return self.next(),
                Ordering::Greater => return None,
            }
        }
    }

    /// Whether the next row is of this file.
    pub fn goes_on_with(&self, path: &str) -> bool {
        self.next.as_ref().is_some_and(|page| page.line.path == path)
    }

    /// All rows of the page that comes next.
    pub fn next_page(&mut self) -> Option<PreviousRow> {
        let next = self.merge();
        std::mem::replace(&mut self.next, next)
    }

    /// Compares the page that comes next with another; `None` where none comes.
    pub fn place_cmp(&self, path: &str, record: Option<u64>) -> Option<Ordering> {
        Some(self.next.as_ref()?.line.place_cmp(path, record))
    }

    fn merge(&mut self) -> Option<PreviousRow> {
        let order = match (&self.manifest.head, &self.journal.head) {
            (Some(old), Some(young)) => path_cmp(&old.path, &young.path).then(old.record.cmp(&young.record)),
            (Some(_), None) => Ordering::Less,
            (None, _) => Ordering::Greater,
        };
        let mut rows = if order.is_gt() { Vec::new() } else { self.manifest.page() };
        let is_interrupted = order.is_ge() && self.journal.head.is_some();
        if order.is_ge() {
            rows.extend(self.journal.page());
        }
        let line = rows.pop()?;
        rows.reverse();
        Some(PreviousRow { line, older: rows, is_interrupted })
    }
}

impl Iterator for PreviousRows {
    type Item = RowLine;

    fn next(&mut self) -> Option<RowLine> {
        self.next_page().map(|page| page.line)
    }
}

#[derive(Debug)]
struct RowLines {
    lines: Option<BufReader<File>>,
    head: Option<RowLine>,
    /// Whether rows of documents in shards count. Shards take their names when a run ends, so that those of a journal
    /// are none that stand.
    knows_shards: bool,
}

impl RowLines {
    fn new(file: Option<File>, knows_shards: bool) -> RowLines {
        let lines = file.map(|file| BufReader::with_capacity(1 << 16, file));
        let mut rows = RowLines { lines, head: None, knows_shards };
        rows.take();
        rows
    }

    /// The rows at hand that are of one page, the oldest first.
    fn page(&mut self) -> Vec<RowLine> {
        let mut rows: Vec<RowLine> = self.take().into_iter().collect();
        while let (Some(last), Some(head)) = (rows.last(), &self.head)
            && head.place_cmp(&last.path, last.record).is_eq()
        {
            rows.extend(self.take());
        }
        rows
    }

    /// The row at hand; the next one takes its place.
    fn take(&mut self) -> Option<RowLine> {
        let taken = self.head.take();
        while let Some(lines) = &mut self.lines {
            let mut line = Vec::new();
            match lines.read_until(b'\n', &mut line) {
                Ok(0) | Err(_) => break,
                Ok(_) => {}
            }
            let is_of_a_shard =
                |row: &RowLine| row.told().is_some_and(|told| told.output.is_some_and(|out| out.line.is_some()));
            self.head = RowLine::of(line).filter(|row| self.knows_shards || !is_of_a_shard(row));
            if self.head.is_some() {
                break;
            }
        }
        taken
    }
}
