//! What becomes of pages that a run does not meet, and of those that it cannot read.

use std::cmp::Ordering;

use crate::error::Result;
use crate::error::printable;
use crate::manifest::Output;
use crate::manifest::row_summary::RowLine;
use crate::write::committer::{Committer, fail, written_by};
use crate::write::previous_rows::PreviousRow;
use crate::write::root_dir::Entry;

/// What became of the outputs of pages that this run did not read.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Unread {
    /// Outputs left alone because their pages are not among those that the run was to read.
    pub out_of_scope: u64,
    /// Outputs left alone though their sources are gone.
    pub left: u64,
    /// Outputs removed because their sources are gone.
    pub pruned: u64,
    /// Outputs left alone though their sources are gone, because they were edited.
    pub edited: u64,
}

/// A file that the run has come to.
pub(super) struct Current {
    pub path: String,
    /// Whether some of it could not be read, so that what it gave before stays.
    pub is_broken: bool,
    /// Whether it was not entered, though it may be a folder: what lies below it stays.
    pub is_closed: bool,
}

impl Committer<'_> {
    /// What earlier runs know of this page; what becomes of pages before it is decided on the way.
    pub(super) fn pass_over_to(&mut self, path: &str, record: Option<u64>) -> Result<Option<PreviousRow>> {
        loop {
            match self.earlier.place_cmp(path, record) {
                Some(Ordering::Less) => {
                    let page = self.earlier.next_page();
                    if self.current.as_ref().is_none_or(|current| current.path != path)
                        && page.as_ref().is_some_and(|page| page.line.path == path)
                    {
                        self.current = Some(Current { path: path.to_string(), is_broken: false, is_closed: false });
                    }
                    page.map(|page| self.pass_over(page)).transpose()?;
                }
                Some(Ordering::Equal) => return Ok(self.earlier.next_page()),
                Some(Ordering::Greater) | None => return Ok(None),
            }
        }
    }

    /// Decides on a page that this run does not meet.
    pub(super) fn pass_over(&mut self, page: PreviousRow) -> Result<()> {
        let ours = written_by(&page);
        let has_output = !ours.is_empty() || page.line.told().is_some_and(|told| told.output.is_some());
        let source = &page.line.path;
        let current = self.current.as_ref();
        let was_read = current.is_some_and(|current| current.path == *source && !current.is_broken);
        // Nor what lies below a folder that could not be entered.
        let is_unreadable = current.is_some_and(|current| {
            let below = source.strip_prefix(current.path.as_str());
            current.is_broken && below == Some("") || current.is_closed && below.is_some_and(|at| at.starts_with('/'))
        });
        let in_scope = was_read || (self.removal.in_scope)(source);
        match () {
            () if !in_scope => {
                self.unread.out_of_scope += u64::from(has_output);
                self.carry(page)
            }
            () if !has_output => Ok(()),
            () if (was_read || self.removal.prune) && self.edited(source, page.line.record, &ours, None).is_some() => {
                self.unread.edited += 1;
                self.carry(page)
            }
            () if was_read || self.removal.prune && !is_unreadable => {
                self.unread.pruned += u64::from(!was_read);
                self.orphan(ours);
                Ok(())
            }
            () => {
                self.unread.left += 1;
                self.carry(page)
            }
        }
    }

    /// Takes a page's row over as it stands, with the output that it has.
    pub(super) fn carry(&mut self, page: PreviousRow) -> Result<()> {
        let (mut ours, is_interrupted) = (written_by(&page), page.is_interrupted);
        let line = self.standing_row(page);
        let Some(told) = line.told() else { return Ok(()) };
        match &told.output {
            Some(out) if out.line.is_some() => {
                let placed = self.copy_line(&out.path, out.line.unwrap_or_default())?;
                let mut row = self.row(&line)?;
                match (&mut row.output, placed) {
                    (Some(out), Some(placed)) => (out.path, out.line) = (placed.path, Some(placed.line)),
                    _ => fail(&mut row, format!("its text cannot be read from {}", printable(&out.path))),
                }
                self.journal.append(&row).map_err(|cause| self.journal_error(cause))?;
                self.name_shards()?;
            }
            Some(out) => {
                ours.retain(|ours| ours.path != *out.path);
                // Where another page has taken the name, nothing is left of this one; nor where a killed run has written
                // the row and never the text.
                let target = self.claim(&line.path, line.record, &out.path).ok();
                let is_there = |target| !matches!(self.dir.entry(target), Ok(Entry::Nothing));
                match target {
                    Some(target) if is_interrupted && !is_there(&target) => self.names.release(&out.path),
                    Some(_) => {
                        self.names.note_left(&line.path, &out.path, (self.removal.in_scope)(&line.path));
                        self.journal.repeat(&line.line, &told).map_err(|cause| self.journal_error(cause))?;
                    }
                    None => {}
                }
            }
            None => self.journal.repeat(&line.line, &told).map_err(|cause| self.journal_error(cause))?,
        }
        self.orphan(ours);
        Ok(())
    }

    /// The row of a page whose output stands there: a killed run may have written a younger row and not its text.
    pub(super) fn standing_row(&self, page: PreviousRow) -> RowLine {
        if page.older.is_empty() {
            return page.line;
        }
        let holds = |line: &RowLine| {
            line.told().is_some_and(|told| told.output.is_some_and(|out| self.folder.standing().holds(&out)))
        };
        match holds(&page.line) {
            true => page.line,
            false => page.older.into_iter().find(holds).unwrap_or(page.line),
        }
    }

    /// The output that a page keeps though it could not be read.
    pub(super) fn kept_output(&mut self, before: &PreviousRow) -> Result<Option<Output>> {
        let Some(mut out) = self.standing_row(before.clone()).row().and_then(|row| row.output) else { return Ok(None) };
        match out.line {
            None => Ok(self.claim(&before.line.path, before.line.record, &out.path).is_ok().then_some(out)),
            Some(line) => {
                let placed = self.copy_line(&out.path, line)?;
                Ok(placed.map(|placed| {
                    (out.path, out.line) = (placed.path, Some(placed.line));
                    out
                }))
            }
        }
    }

    pub(super) fn is_broken(&self, path: &str) -> bool {
        self.current.as_ref().is_some_and(|current| current.path == path && current.is_broken)
    }
}
