//! What earlier runs wrote down: the rows of the last manifest and of a killed run's journal, as one stream in
//! path order. Whether a row still holds is not decided here.

use std::cmp::Ordering;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use crate::manifest::path_cmp;
use crate::manifest::row_summary::RowLine;

/// The merged rows. Where both files know a page, the journal is the younger. A line that is no row (a killed
/// run's last one) is passed over.
#[derive(Debug)]
pub struct PreviousRows {
    manifest: RowLines,
    journal: RowLines,
    next: Option<RowLine>,
}

impl PreviousRows {
    /// Reads a manifest and a journal; one that is not there has no rows.
    pub fn open(manifest: &Path, journal: &Path) -> PreviousRows {
        let (manifest, journal) = (RowLines::open(manifest), RowLines::open(journal));
        let mut earlier = PreviousRows { manifest, journal, next: None };
        earlier.next = earlier.merge();
        earlier
    }

    /// The row of a page, if there is one; rows before it are given to `passed`. Pages are asked for in path
    /// order.
    pub fn row_of(&mut self, path: &str, record: Option<u64>, mut passed: impl FnMut(RowLine)) -> Option<RowLine> {
        loop {
            match self.next.as_ref()?.place_cmp(path, record) {
                Ordering::Less => passed(self.next()?),
                Ordering::Equal => return self.next(),
                Ordering::Greater => return None,
            }
        }
    }

    /// Whether the next row is of this file.
    pub fn goes_on_with(&self, path: &str) -> bool {
        self.next.as_ref().is_some_and(|row| row.path == path)
    }

    fn merge(&mut self) -> Option<RowLine> {
        let order = match (&self.manifest.head, &self.journal.head) {
            (Some(old), Some(young)) => path_cmp(&old.path, &young.path).then(old.record.cmp(&young.record)),
            (Some(_), None) => Ordering::Less,
            (None, _) => Ordering::Greater,
        };
        match order {
            Ordering::Less => self.manifest.take(),
            Ordering::Greater => self.journal.take(),
            Ordering::Equal => {
                self.manifest.take();
                self.journal.take()
            }
        }
    }
}

impl Iterator for PreviousRows {
    type Item = RowLine;

    fn next(&mut self) -> Option<RowLine> {
        let next = self.merge();
        std::mem::replace(&mut self.next, next)
    }
}

#[derive(Debug)]
struct RowLines {
    lines: Option<BufReader<File>>,
    head: Option<RowLine>,
}

impl RowLines {
    fn open(path: &Path) -> RowLines {
        let lines = File::open(path).ok().map(|file| BufReader::with_capacity(1 << 16, file));
        let mut rows = RowLines { lines, head: None };
        rows.take();
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
            self.head = RowLine::of(line);
            if self.head.is_some() {
                break;
            }
        }
        taken
    }
}
