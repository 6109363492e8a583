//! Hands out tickets in path order and commits their pages in that order, whoever finishes first.
//!
//! The window is bounded in pages and in bytes, so that memory grows neither with the corpus nor with one
//! slow page at its head. Whoever takes a ticket reads on for the others, if need be: records are unpacked while
//! those before them are cleaned and committed.

use std::collections::VecDeque;
use std::io::Write;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use crate::error::{Error, Result};
use crate::manifest::Row;
use crate::manifest::row_summary::{RowLine, RowSummary};
use crate::read::arrivals::{InputPage, InputPages, STREAM};
use crate::run::RunObserver;
use crate::write::output_writer::{Committer, Pending};
use crate::write::previous_rows::PreviousRows;
use crate::write::summary::RunSummary;

/// How many pages may be under way. A thousand measured as fast as batches of any size.
const PAGES: u64 = 1024;

/// How many bytes of input may be under way, unless a single page is longer.
const BYTES: u64 = 64 << 20;

/// A place in the order of the run.
#[derive(Debug)]
pub struct WorkItem {
    /// The place, counted from 0.
    pub number: u64,
    /// How many bytes it takes in the window.
    bytes: u64,
    /// The page.
    pub arrival: InputPage,
    /// What an earlier run wrote down of it.
    pub earlier: Option<RowLine>,
}

impl WorkItem {
    /// The ticket of a page that is looked at alone.
    pub fn of(arrival: InputPage, earlier: Option<RowLine>) -> WorkItem {
        WorkItem { number: 0, bytes: arrival.content.bytes(), arrival, earlier }
    }
}

/// A page that has been through everything but the commit.
#[derive(Debug)]
pub struct Finished {
    /// Its row, `copy_of` apart.
    pub row: Row,
    /// Its text, as it waits to be committed.
    pub kept: Option<Pending>,
}

/// What has become of a page.
#[derive(Debug)]
pub enum PageResult {
    /// It was read and judged.
    Cleaned(Box<Finished>),
    /// Its row of an earlier run stands, and so does its output.
    Reused(RowLine),
}

/// The tickets that are out, and the pages that wait for one before them.
pub struct OrderedQueue<'a> {
    items: Mutex<Items>,
    out: Mutex<Out>,
    room: Condvar,
    committed: Mutex<Committed<'a>>,
}

/// What has not been handed out. One thread at a time reads on; commits do not wait for it.
struct Items {
    arrivals: InputPages,
    earlier: Option<PreviousRows>,
    next: u64,
    complete: bool,
    ended: bool,
}

/// What is under way.
#[derive(Debug, Default)]
struct Out {
    pages: u64,
    bytes: u64,
    somebody_waits: bool,
}

/// What a run leaves when all its threads are done.
#[derive(Debug)]
pub struct Ended {
    /// The pages, added up.
    pub report: RunSummary,
    /// Whether every page was reached.
    pub complete: bool,
}

impl<'a> OrderedQueue<'a> {
    /// A window over what comes in. What earlier runs wrote down goes out with the tickets.
    pub fn new(arrivals: InputPages, earlier: Option<PreviousRows>, committed: Committed<'a>) -> OrderedQueue<'a> {
        let items = Items { arrivals, earlier, next: 0, complete: false, ended: false };
        OrderedQueue {
            items: Mutex::new(items),
            out: Mutex::new(Out::default()),
            room: Condvar::new(),
            committed: Mutex::new(committed),
        }
    }

    /// The next ticket; waits while the window is full. `None` when there are no more pages, or `stop` says so.
    pub fn next(&self, stop: impl Fn() -> bool) -> Option<WorkItem> {
        let mut items = lock(&self.items);
        items.ended |= stop();
        if items.ended {
            return None;
        }
        let Some(arrival) = items.arrivals.next() else {
            items.complete = true;
            items.ended = true;
            return None;
        };
        let bytes = arrival.content.bytes();
        let mut out = lock(&self.out);
        while out.pages > 0 && (out.pages >= PAGES || out.bytes + bytes > BYTES) {
            if stop() {
                items.ended = true;
                return None;
            }
            out.somebody_waits = true;
            out = self.room.wait(out).unwrap_or_else(PoisonError::into_inner);
        }
        out.pages += 1;
        out.bytes += bytes;
        let number = items.next;
        items.next += 1;
        let earlier = items.earlier.as_mut();
        let earlier = earlier.and_then(|earlier| earlier.row_of(&arrival.path, arrival.record, |_| {}));
        Some(WorkItem { number, bytes, arrival, earlier })
    }

    /// Hands in a finished page, and commits all whose turn it is.
    ///
    /// # Errors
    /// Where the journal cannot be written. The first such error ends the run.
    pub fn commit(&self, item: WorkItem, walked: PageResult) -> std::result::Result<(), ()> {
        let ((pages, bytes), is_broken) = {
            let mut committed = lock(&self.committed);
            (committed.take(item.number, item.bytes, walked), committed.broken.is_some())
        };
        if pages > 0 {
            let mut out = lock(&self.out);
            out.pages -= pages;
            out.bytes -= bytes;
            if std::mem::take(&mut out.somebody_waits) {
                self.room.notify_all();
            }
        }
        if is_broken { Err(()) } else { Ok(()) }
    }

    /// Ends the run: where every page was reached, the manifest takes its name.
    ///
    /// # Errors
    /// Where the journal or the manifest could not be written.
    pub fn end(self) -> Result<Ended> {
        let complete = self.items.into_inner().unwrap_or_else(PoisonError::into_inner).complete;
        let committed = self.committed.into_inner().unwrap_or_else(PoisonError::into_inner);
        if let Some(error) = committed.broken {
            return Err(error);
        }
        let complete = complete && committed.waiting.is_empty();
        if let (true, Sink::OutputWriter(committer)) = (complete, committed.sink) {
            committer.finish()?;
        }
        Ok(Ended { report: committed.report, complete })
    }
}

/// Where pages are committed to.
pub enum Sink<'a> {
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

/// The committing end of the window.
pub struct Committed<'a> {
    sink: Sink<'a>,
    write_copies: bool,
    watch: &'a dyn RunObserver,
    next: u64,
    waiting: VecDeque<Option<(u64, PageResult)>>,
    report: RunSummary,
    broken: Option<Error>,
}

impl<'a> Committed<'a> {
    /// Commits into a folder or a stream, or into the report alone.
    pub fn new(sink: Sink<'a>, write_copies: bool, watch: &'a dyn RunObserver) -> Committed<'a> {
        let (waiting, report) = (VecDeque::new(), RunSummary::default());
        Committed { sink, write_copies, watch, next: 0, waiting, report, broken: None }
    }

    /// Takes a finished page in; the pages and bytes that left the window because of it.
    fn take(&mut self, number: u64, bytes: u64, walked: PageResult) -> (u64, u64) {
        let place = (number - self.next) as usize;
        while self.waiting.len() <= place {
            self.waiting.push_back(None);
        }
        self.waiting[place] = Some((bytes, walked));
        let mut left = (0, 0);
        while let Some(Some(_)) = self.waiting.front() {
            let Some(Some((bytes, walked))) = self.waiting.pop_front() else { break };
            self.next += 1;
            left = (left.0 + 1, left.1 + bytes);
            self.commit(walked);
        }
        left
    }

    fn commit(&mut self, walked: PageResult) {
        if self.broken.is_some() {
            return;
        }
        let done = match walked {
            PageResult::Cleaned(finished) => self.commit_anew(*finished),
            PageResult::Reused(line) => self.commit_again(&line),
        };
        match done {
            Ok(is_record) => self.watch.page(is_record),
            Err(error) => self.broken = Some(error),
        }
    }

    fn commit_anew(&mut self, finished: Finished) -> Result<bool> {
        let row = match &mut self.sink {
            Sink::OutputWriter(committer) => committer.commit(finished.row, finished.kept, !self.write_copies)?,
            Sink::Stream { lines, complain } => {
                match &finished.kept {
                    Some(Pending::JsonLine(line)) => {
                        lines.write_all(line).map_err(|cause| Error::Write { path: STREAM.into(), cause })?;
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

/// A worker cannot panic while it holds a lock of the window; if one did, the rest go on with what is there.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
