//! Hands out tickets in path order and commits their pages in that order, whoever finishes first.
//!
//! The window is bounded in pages and in bytes, so that memory grows neither with the corpus nor with one
//! slow page at its head.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use crate::error::{Error, Result};
use crate::intake::walk::{Found, Walk, What};
use crate::manifest::Row;
use crate::manifest::told::{RowLine, Told};
use crate::pipeline::Watch;
use crate::render::earlier::Earlier;
use crate::render::folder::Committer;
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
    /// The file.
    pub found: Found,
    /// What an earlier run wrote down of it.
    pub earlier: Option<RowLine>,
}

/// A page that has been through everything but the commit.
#[derive(Debug)]
pub struct Finished {
    /// Its row, `copy_of` apart.
    pub row: Row,
    /// Where its text waits for its name.
    pub aside: Option<PathBuf>,
}

/// What has become of a page.
#[derive(Debug)]
pub enum Walked {
    /// It was read and judged.
    Anew(Box<Finished>),
    /// Its row of an earlier run stands, and so does its output.
    Again(RowLine),
}

/// The tickets that are out, and the pages that wait for one before them.
pub struct Window<'a> {
    tickets: Mutex<Tickets>,
    room: Condvar,
    committed: Mutex<Committed<'a>>,
}

struct Tickets {
    walk: Walk,
    earlier: Option<Earlier>,
    held: Option<Found>,
    next: u64,
    pages_out: u64,
    bytes_out: u64,
    waiting: u32,
    complete: bool,
    ended: bool,
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
    /// A window over the files of a walk. What earlier runs wrote down goes out with the tickets.
    pub fn new(walk: Walk, earlier: Option<Earlier>, committed: Committed<'a>) -> Window<'a> {
        let tickets = Tickets {
            walk,
            earlier,
            held: None,
            next: 0,
            pages_out: 0,
            bytes_out: 0,
            waiting: 0,
            complete: false,
            ended: false,
        };
        Window { tickets: Mutex::new(tickets), room: Condvar::new(), committed: Mutex::new(committed) }
    }

    /// The next ticket; waits while the window is full. `None` when there are no more files, or `stop` says so.
    pub fn next(&self, stop: impl Fn() -> bool) -> Option<Ticket> {
        let mut tickets = lock(&self.tickets);
        loop {
            if tickets.ended || stop() {
                tickets.ended = true;
                self.room.notify_all();
                return None;
            }
            if tickets.held.is_none() {
                tickets.held = tickets.walk.next();
            }
            let Some(found) = &tickets.held else {
                tickets.complete = true;
                tickets.ended = true;
                self.room.notify_all();
                return None;
            };
            let bytes = bytes_of(found);
            let fits = tickets.pages_out < PAGES && tickets.bytes_out + bytes <= BYTES;
            if tickets.pages_out == 0 || fits {
                let found = tickets.held.take()?;
                let number = tickets.next;
                tickets.next += 1;
                tickets.pages_out += 1;
                tickets.bytes_out += bytes;
                let earlier = tickets.earlier.as_mut().and_then(|earlier| earlier.row_of(&found.path, None, |_| {}));
                return Some(Ticket { number, found, earlier });
            }
            tickets.waiting += 1;
            tickets = self.room.wait(tickets).unwrap_or_else(PoisonError::into_inner);
            tickets.waiting -= 1;
        }
    }

    /// Hands in a finished page, and commits all whose turn it is.
    ///
    /// # Errors
    /// Where the journal cannot be written. The first such error ends the run.
    pub fn commit(&self, ticket: Ticket, walked: Walked) -> std::result::Result<(), ()> {
        let (pages, bytes) = {
            let mut committed = lock(&self.committed);
            committed.take(ticket.number, bytes_of(&ticket.found), walked)
        };
        if pages > 0 {
            let mut tickets = lock(&self.tickets);
            tickets.pages_out -= pages;
            tickets.bytes_out -= bytes;
            let somebody_waits = tickets.waiting > 0;
            drop(tickets);
            if somebody_waits {
                self.room.notify_all();
            }
        }
        if lock(&self.committed).broken.is_some() { Err(()) } else { Ok(()) }
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
        if let (true, Some(committer)) = (complete, committed.committer) {
            committer.finish()?;
        }
        Ok(Ended { report: committed.report, complete })
    }
}

/// The committing end of the window.
pub struct Committed<'a> {
    committer: Option<Committer<'a>>,
    write_copies: bool,
    watch: &'a dyn Watch,
    next: u64,
    waiting: VecDeque<Option<(u64, Walked)>>,
    report: Report,
    broken: Option<Error>,
}

impl<'a> Committed<'a> {
    /// Commits into a folder, or, for a dry run, into the report alone.
    pub fn new(committer: Option<Committer<'a>>, write_copies: bool, watch: &'a dyn Watch) -> Committed<'a> {
        let (waiting, report) = (VecDeque::new(), Report::default());
        Committed { committer, write_copies, watch, next: 0, waiting, report, broken: None }
    }

    /// Takes a finished page in; the pages and bytes that left the window because of it.
    fn take(&mut self, number: u64, bytes: u64, walked: Walked) -> (u64, u64) {
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

    fn commit(&mut self, walked: Walked) {
        if self.broken.is_some() {
            return;
        }
        let done = match walked {
            Walked::Anew(finished) => self.commit_anew(*finished),
            Walked::Again(line) => self.commit_again(&line),
        };
        match done {
            Ok(()) => self.watch.page(),
            Err(error) => self.broken = Some(error),
        }
    }

    fn commit_anew(&mut self, finished: Finished) -> Result<()> {
        let row = match &mut self.committer {
            Some(committer) => committer.commit(finished.row, finished.aside, !self.write_copies)?,
            None => finished.row,
        };
        self.report.add(&Told::of(&row));
        Ok(())
    }

    fn commit_again(&mut self, line: &RowLine) -> Result<()> {
        let Some((committer, told)) = self.committer.as_mut().zip(line.told()) else { return Ok(()) };
        match committer.recommit(line, &told, !self.write_copies)? {
            Some(changed) => self.report.add(&Told::of(&changed)),
            None => self.report.add(&told),
        }
        self.report.again += 1;
        Ok(())
    }
}

fn bytes_of(found: &Found) -> u64 {
    match found.what {
        What::File(bytes) => bytes,
        _ => 0,
    }
}

/// A worker cannot panic while it holds a lock of the window; if one did, the rest go on with what is there.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
