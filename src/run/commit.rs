//! What is done with each page of a run when its turn has come.

use std::io::Write;

use crate::error::{Error, Result, printable};
use crate::manifest::row_summary::{RowLine, RowSummary};
use crate::manifest::{NearCopy, Row, Status};
use crate::read::arrivals::STREAM;
use crate::run::RunObserver;
use crate::run::ordered_queue::InOrder;
use crate::write::committer::{Committer, Unread};
use crate::write::output_writer::Pending;
use crate::write::rejected::RejectedWriter;
use crate::write::summary::RunSummary;

/// A page that has been through everything but the commit.
#[derive(Debug)]
pub struct Finished {
    /// Its row, without what it is a copy of.
    pub row: Row,
    /// Its text, as it waits to be committed.
    pub kept: Option<Pending>,
    /// Whether its bytes came, though they may say nothing; else nothing is known of it.
    pub was_read: bool,
    /// The line of its text, where a filter drops it and such texts are wanted.
    pub rejected: Option<Vec<u8>>,
}

/// What has become of a page.
#[derive(Debug)]
pub enum PageResult {
    /// It was read and judged.
    Cleaned(Box<Finished>),
    /// Its row of an earlier run stands, and so does its output.
    Reused(RowLine),
}

/// Where pages are committed to.
pub(super) enum Sink<'a> {
    /// A folder, with its manifest.
    OutputWriter(Box<Committer<'a>>),
    /// A stream that takes the line of each page.
    Stream {
        /// Where the lines go.
        lines: &'a mut (dyn Write + Send),
        /// Who is told of the rest.
        complain: &'a (dyn Fn(&Row) + Sync),
    },
    /// Nowhere: a dry run, which is only added up.
    Nowhere,
}

/// Commits pages into a folder or a stream, or into the summary alone.
pub(super) struct Committed<'a> {
    sink: Sink<'a>,
    write_copies: bool,
    watch: &'a dyn RunObserver,
    report: RunSummary,
    /// Where the texts go that filters drop.
    rejected: Option<RejectedWriter>,
    /// What becomes of near copies, where they are looked for.
    near_copies: Option<NearCopies>,
}

/// What becomes of near copies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NearCopies {
    /// They are written; the manifest says what they are.
    Keep,
    /// They are listed in the manifest, and no text is written.
    Drop,
}

impl InOrder for Committed<'_> {
    type Result = PageResult;

    fn commit(&mut self, result: PageResult) -> Result<()> {
        let is_record = self.settle(result, None)?;
        self.watch.page(is_record);
        Ok(())
    }
}

impl<'a> Committed<'a> {
    /// Commits nothing yet.
    pub(super) fn new(sink: Sink<'a>, write_copies: bool, watch: &'a dyn RunObserver) -> Committed<'a> {
        Committed { sink, write_copies, watch, report: RunSummary::default(), rejected: None, near_copies: None }
    }

    /// The same, and writes what filters drop.
    pub(super) fn with_rejected(self, rejected: Option<RejectedWriter>) -> Committed<'a> {
        Committed { rejected, ..self }
    }

    /// The same, where near copies are looked for.
    pub(super) fn with_near_copies(self, near_copies: NearCopies) -> Committed<'a> {
        Committed { near_copies: Some(near_copies), ..self }
    }

    /// Commits a page, of which is known whose near copy it is. Whether it is one of many records of a file.
    ///
    /// # Errors
    /// What ends the run.
    pub(super) fn settle(&mut self, result: PageResult, near: Option<NearCopy>) -> Result<bool> {
        match result {
            PageResult::Cleaned(finished) => self.commit_anew(*finished, near),
            PageResult::Reused(line) => self.commit_again(&line, near),
        }
    }

    /// The run, added up so far.
    pub(super) fn report(&mut self) -> &mut RunSummary {
        &mut self.report
    }

    /// The pages, added up; where all of them were reached, the manifest takes its name.
    ///
    /// # Errors
    /// Where the manifest cannot be written.
    pub(super) fn finish(self, is_complete: bool) -> Result<(RunSummary, Unread)> {
        let unread = match self.sink {
            Sink::OutputWriter(committer) if is_complete => committer.finish()?,
            _ => Unread::default(),
        };
        if let Some(rejected) = self.rejected.filter(|_| is_complete) {
            rejected.finish()?;
        }
        Ok((self.report, unread))
    }

    fn commit_anew(&mut self, mut finished: Finished, near: Option<NearCopy>) -> Result<bool> {
        if let (Some(rejected), Some(line)) = (&mut self.rejected, &finished.rejected) {
            rejected.add(line)?;
        }
        if let (Some(near), Some(out)) = (near, &finished.row.output)
            && !self.goes_as_copy(&out.sha256)?
        {
            self.say_near(&mut finished.row, Some(near));
        }
        let row = match &mut self.sink {
            Sink::OutputWriter(committer) => {
                let Finished { row, kept, was_read, .. } = finished;
                committer.commit(row, kept, was_read, !self.write_copies)?
            }
            Sink::Stream { lines, complain } => {
                match &finished.kept {
                    Some(Pending::Document { packed, .. }) => {
                        lines.write_all(packed).map_err(|cause| Error::Write { path: STREAM.into(), cause })?;
                    }
                    _ => complain(&finished.row),
                }
                finished.row
            }
            Sink::Nowhere => finished.row,
        };
        self.report.add(&RowSummary::of(&row));
        Ok(row.record.is_some())
    }

    fn commit_again(&mut self, line: &RowLine, near: Option<NearCopy>) -> Result<bool> {
        let Some(told) = line.told() else { return Ok(false) };
        let near = match (near, &told.output) {
            (Some(_), Some(out)) if self.goes_as_copy(&out.sha256)? => None,
            (near, _) => near,
        };
        // Where near copies are not looked for, rows do not say what they would be found by.
        let says_too_much = self.near_copies.is_none() && told.sketch.is_some();
        let is_dropped = near.is_some() && self.near_copies == Some(NearCopies::Drop);
        let is_as_it_was = near == told.near_copy_of && is_dropped == (told.status == Status::NearCopy);
        let mut changed = None;
        if says_too_much || !is_as_it_was {
            let mut row = line.row().ok_or_else(|| edited_row(line))?;
            self.say_near(&mut row, near);
            row.sketch = row.sketch.filter(|_| !says_too_much);
            if is_dropped {
                let Sink::OutputWriter(committer) = &mut self.sink else { return Ok(false) };
                let row = committer.commit(row, None, true, !self.write_copies)?;
                self.report.add(&RowSummary::of(&row));
                self.report.again += 1;
                return Ok(line.record.is_some());
            }
            changed = RowLine::of(serde_json::to_vec(&row).unwrap_or_default());
        }
        let line = changed.as_ref().unwrap_or(line);
        let (Sink::OutputWriter(committer), Some(told)) = (&mut self.sink, line.told()) else { return Ok(false) };
        match committer.recommit(line, &told, !self.write_copies)? {
            Some(changed) => self.report.add(&RowSummary::of(&changed)),
            None => self.report.add(&told),
        }
        self.report.again += 1;
        Ok(line.record.is_some())
    }

    /// Says in a row of what it is a near copy, and takes its text where such pages go.
    fn say_near(&self, row: &mut Row, near: Option<NearCopy>) {
        row.near_copy_of = near;
        if row.near_copy_of.is_some() && self.near_copies == Some(NearCopies::Drop) {
            row.output = None;
            row.status = Status::NearCopy;
        }
    }

    /// Whether a text is left out because a page before has the same.
    fn goes_as_copy(&mut self, sha256: &str) -> Result<bool> {
        match &mut self.sink {
            Sink::OutputWriter(committer) if !self.write_copies => committer.is_copy(sha256),
            _ => Ok(false),
        }
    }
}

fn edited_row(line: &RowLine) -> Error {
    Error::Folders(format!("the manifest's row of {} was edited; --force starts over", printable(&line.path)))
}
