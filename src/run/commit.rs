//! What is done with each page of a run when its turn has come.

use std::io::Write;

use crate::error::{Error, Result};
use crate::manifest::Row;
use crate::manifest::row_summary::{RowLine, RowSummary};
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
    /// Its row, `duplicate_of` apart.
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
}

impl InOrder for Committed<'_> {
    type Result = PageResult;

    fn commit(&mut self, result: PageResult) -> Result<()> {
        let is_record = match result {
            PageResult::Cleaned(finished) => self.commit_anew(*finished)?,
            PageResult::Reused(line) => self.commit_again(&line)?,
        };
        self.watch.page(is_record);
        Ok(())
    }
}

impl<'a> Committed<'a> {
    /// Commits nothing yet.
    pub(super) fn new(sink: Sink<'a>, write_copies: bool, watch: &'a dyn RunObserver) -> Committed<'a> {
        Committed { sink, write_copies, watch, report: RunSummary::default(), rejected: None }
    }

    /// The same, and writes what filters drop.
    pub(super) fn with_rejected(self, rejected: Option<RejectedWriter>) -> Committed<'a> {
        Committed { rejected, ..self }
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

    fn commit_anew(&mut self, finished: Finished) -> Result<bool> {
        if let (Some(rejected), Some(line)) = (&mut self.rejected, &finished.rejected) {
            rejected.add(line)?;
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

    fn commit_again(&mut self, line: &RowLine) -> Result<bool> {
        let (Sink::OutputWriter(committer), Some(told)) = (&mut self.sink, line.told()) else { return Ok(false) };
        match committer.recommit(line, &told, !self.write_copies)? {
            Some(changed) => self.report.add(&RowSummary::of(&changed)),
            None => self.report.add(&told),
        }
        self.report.again += 1;
        Ok(line.record.is_some())
    }
}
