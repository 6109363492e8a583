//! Hands out tickets in path order and commits their pages in that order, whoever finishes first.
//!
//! The window is bounded in pages and in bytes, so that memory grows neither with the corpus nor with one
//! slow page at its head. Whoever takes a ticket reads on for the others, if need be: records are unpacked while
//! those before them are cleaned and committed.

use std::collections::VecDeque;
use std::io::Write;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use crate::error::{Error, Result};
use crate::intake::arrivals::{Arrival, Arrivals, STREAM};
use crate::manifest::Row;
use crate::pipeline::Watch;
use crate::render::folder::{Committer, Kept};
use crate::render::report::Report;

/// How many pages may be under way. A thousand measured as fast as batches of any size.
const PAGES: u64 = 1024;

/// How many bytes of input may be under way, unless a single page is longer.
const BYTES: u64 = 64 << 20;

/// A place in the order of the run.
#[derive(Debug)]
pub struct Ticket {
    /// The place, counted from 0.
    pub number: u64,
    /// How many bytes it takes in the window.
    bytes: u64,
    /// The page.
    pub arrival: Arrival,
}

/// A page that has been through everything but the commit.
#[derive(Debug)]
pub struct Finished {
    /// Its row, `copy_of` apart.
    pub row: Row,
    /// Its text, as it waits to be committed.
    pub kept: Option<Kept>,
}

/// The tickets that are out, and the pages that wait for one before them.
pub struct Window<'a> {
    tickets: Mutex<Tickets>,
    out: Mutex<Out>,
    room: Condvar,
    committed: Mutex<Committed<'a>>,
}

/// What has not been handed out. One thread at a time reads on; commits do not wait for it.
struct Tickets {
    arrivals: Arrivals,
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
    pub report: Report,
    /// Whether every page was reached.
    pub complete: bool,
}

impl<'a> Window<'a> {
    /// A window over what comes in.
    pub fn new(arrivals: Arrivals, committed: Committed<'a>) -> Window<'a> {
        let tickets = Tickets { arrivals, next: 0, complete: false, ended: false };
        Window {
            tickets: Mutex::new(tickets),
            out: Mutex::new(Out::default()),
            room: Condvar::new(),
            committed: Mutex::new(committed),
        }
    }

    /// The next ticket; waits while the window is full. `None` when there are no more pages, or `stop` says so.
    pub fn next(&self, stop: impl Fn() -> bool) -> Option<Ticket> {
        let mut tickets = lock(&self.tickets);
        tickets.ended |= stop();
        if tickets.ended {
            return None;
        }
        let Some(arrival) = tickets.arrivals.next() else {
            tickets.complete = true;
            tickets.ended = true;
            return None;
        };
        let bytes = arrival.content.bytes();
        let mut out = lock(&self.out);
        while out.pages > 0 && (out.pages >= PAGES || out.bytes + bytes > BYTES) {
            if stop() {
                tickets.ended = true;
                return None;
            }
            out.somebody_waits = true;
            out = self.room.wait(out).unwrap_or_else(PoisonError::into_inner);
        }
        out.pages += 1;
        out.bytes += bytes;
        let number = tickets.next;
        tickets.next += 1;
        Some(Ticket { number, bytes, arrival })
    }

    /// Hands in a finished page, and commits all whose turn it is.
    ///
    /// # Errors
    /// Where the journal cannot be written. The first such error ends the run.
    pub fn commit(&self, ticket: Ticket, finished: Finished) -> std::result::Result<(), ()> {
        let ((pages, bytes), is_broken) = {
            let mut committed = lock(&self.committed);
            (committed.take(ticket.number, ticket.bytes, finished), committed.broken.is_some())
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
        let complete = self.tickets.into_inner().unwrap_or_else(PoisonError::into_inner).complete;
        let committed = self.committed.into_inner().unwrap_or_else(PoisonError::into_inner);
        if let Some(error) = committed.broken {
            return Err(error);
        }
        let complete = complete && committed.waiting.is_empty();
        if let (true, Sink::Folder(committer)) = (complete, committed.sink) {
            committer.finish()?;
        }
        Ok(Ended { report: committed.report, complete })
    }
}

/// Where pages are committed to.
pub enum Sink<'a> {
    /// A folder, with its manifest.
    Folder(Box<Committer<'a>>),
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
    watch: &'a dyn Watch,
    next: u64,
    waiting: VecDeque<Option<(u64, Finished)>>,
    report: Report,
    broken: Option<Error>,
}

impl<'a> Committed<'a> {
    /// Commits into a folder or a stream, or into the report alone.
    pub fn new(sink: Sink<'a>, write_copies: bool, watch: &'a dyn Watch) -> Committed<'a> {
        let (waiting, report) = (VecDeque::new(), Report::default());
        Committed { sink, write_copies, watch, next: 0, waiting, report, broken: None }
    }

    /// Takes a finished page in; the pages and bytes that left the window because of it.
    fn take(&mut self, number: u64, bytes: u64, finished: Finished) -> (u64, u64) {
        let place = (number - self.next) as usize;
        while self.waiting.len() <= place {
            self.waiting.push_back(None);
        }
        self.waiting[place] = Some((bytes, finished));
        let mut left = (0, 0);
        while let Some(Some(_)) = self.waiting.front() {
            let Some(Some((bytes, finished))) = self.waiting.pop_front() else { break };
            self.next += 1;
            left = (left.0 + 1, left.1 + bytes);
            self.commit(finished);
        }
        left
    }

    fn commit(&mut self, finished: Finished) {
        if self.broken.is_some() {
            return;
        }
        let row = match &mut self.sink {
            Sink::Folder(committer) => committer.commit(finished.row, finished.kept, !self.write_copies),
            Sink::Stream { lines, complain } => match &finished.kept {
                Some(Kept::Line(line)) => match lines.write_all(line) {
                    Ok(()) => Ok(finished.row),
                    Err(cause) => Err(Error::Write { path: STREAM.into(), cause }),
                },
                _ => {
                    complain(&finished.row);
                    Ok(finished.row)
                }
            },
            Sink::Nowhere => Ok(finished.row),
        };
        match row {
            Ok(row) => {
                self.report.add(&row);
                self.watch.page(&row);
            }
            Err(error) => self.broken = Some(error),
        }
    }
}

/// A worker cannot panic while it holds a lock of the window; if one did, the rest go on with what is there.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
