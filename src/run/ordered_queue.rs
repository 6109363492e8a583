//! Hands out pages in path order and commits them in that order, whoever finishes first.
//!
//! Nothing is opened or read here under a lock. The walk's files go out unopened; a worker that finds its file to hold
//! many pages hands it back (`OrderedQueue::divide`), and its records go out next, read by one worker at a time while
//! the others clean. What is under way is bounded in pages and in bytes, so that memory grows neither with the corpus
//! nor with one slow page at its head.

use std::collections::BTreeMap;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::error::{Error, Result};
use crate::manifest::row_summary::RowLine;
use crate::page::Source;
use crate::read::archive;
use crate::read::arrivals::{Archive, Content, InputPage};
use crate::read::walk::Walk;
use crate::write::previous_rows::PreviousRows;

/// How many pages may be under way. A thousand measured as fast as batches of any size.
const PAGES: u64 = 1024;

/// How many bytes of input may be under way, unless a single page is longer.
const BYTES: u64 = 64 << 20;

/// The records of the file that is committed next may take as much again: they are what all others wait for.
const AT_THE_HEAD: u64 = 2;

/// How long whoever waits sleeps before it asks again whether the run should stop.
const PATIENCE: Duration = Duration::from_millis(100);

/// A page that was handed out.
#[derive(Debug)]
pub struct WorkItem {
    /// Its number: no other page of the run has it.
    pub number: u64,
    place: Place,
    origin: Origin,
    /// How many bytes it takes in the window.
    bytes: u64,
    /// The page.
    pub page: InputPage,
    /// What an earlier run wrote down of it.
    pub earlier: Option<RowLine>,
}

/// Where a page came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Origin {
    /// A file that was not opened: one page, or many.
    Unopened,
    /// Something on the walk that is not opened.
    Known,
    /// A file of many pages.
    Archive,
}

/// A place in the order of the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    /// The file, counted from 0.
    file: u64,
    /// The page in it, counted from 0.
    part: u64,
}

/// Takes results in the order of their pages.
pub(super) trait InOrder {
    /// What has become of a page.
    type Result;

    /// Takes the next one.
    ///
    /// # Errors
    /// What ends the run.
    fn commit(&mut self, result: Self::Result) -> Result<()>;
}

/// The pages that are out, and the results that wait for one before them.
pub(super) struct OrderedQueue<C: InOrder> {
    items: Mutex<Items>,
    /// Told when something can be handed out, or nothing any more.
    turn: Condvar,
    out: Mutex<Out>,
    room: Condvar,
    committed: Mutex<Committing<C>>,
}

/// What has not been handed out.
struct Items {
    /// The files that are to come; taken out while somebody asks for the next one.
    walk: Option<Walk>,
    /// Files of many pages, each taken out while somebody reads on in it.
    archives: BTreeMap<u64, OpenArchive>,
    earlier: Option<PreviousRows>,
    /// Pages that an earlier run knew and that are gone, where somebody wants to know.
    gone: Option<Vec<Source>>,
    next_file: u64,
    next_number: u64,
    /// Files that are out and may turn out to hold many pages.
    unopened: u64,
    /// A file of which an earlier run knew records: their rows are passed over if another file goes out before it
    /// was opened.
    awaited: Option<u64>,
    is_walked: bool,
    is_stopped: bool,
}

struct OpenArchive {
    archive: Option<Archive>,
    parts: u64,
}

/// What is under way.
#[derive(Debug, Default)]
struct Out {
    pages: u64,
    bytes: u64,
    /// The pages of each file.
    of_file: BTreeMap<u64, u64>,
    /// The file that is committed next.
    head: u64,
}

impl Out {
    fn has_room(&self, file: u64, bytes: u64) -> bool {
        let (pages_most, bytes_most) = match file == self.head {
            true if !self.of_file.contains_key(&file) => return true,
            true => (AT_THE_HEAD * PAGES, AT_THE_HEAD * BYTES),
            false => (PAGES, BYTES),
        };
        self.pages == 0 || self.pages < pages_most && self.bytes + bytes <= bytes_most
    }

    fn enter(&mut self, file: u64, bytes: u64) {
        self.pages += 1;
        self.bytes += bytes;
        *self.of_file.entry(file).or_default() += 1;
    }

    fn leave(&mut self, file: u64, bytes: u64) {
        self.pages -= 1;
        self.bytes -= bytes;
        if let Some(pages) = self.of_file.get_mut(&file) {
            *pages -= 1;
            if *pages == 0 {
                self.of_file.remove(&file);
            }
        }
    }
}

/// What a worker has taken to see what comes next.
enum Turn {
    Walk(Box<Walk>),
    Archive(u64, Archive),
}

/// What a run leaves when all its threads are done.
pub(super) struct Ended<C> {
    /// Who took the results.
    pub committed: C,
    /// Whether every page was reached.
    pub complete: bool,
    /// Pages that an earlier run knew and that are gone, where they were asked for.
    pub gone: Vec<Source>,
}

impl<C: InOrder> OrderedQueue<C> {
    /// The files of a walk. What earlier runs wrote down goes out with the pages.
    pub(super) fn of_files(walk: Walk, earlier: Option<PreviousRows>, committed: C) -> OrderedQueue<C> {
        OrderedQueue::new(Some(walk), BTreeMap::new(), earlier, committed)
    }

    /// The records of a stream.
    pub(super) fn of_stream(archive: Archive, committed: C) -> OrderedQueue<C> {
        let open = OpenArchive { archive: Some(archive), parts: 0 };
        OrderedQueue::new(None, BTreeMap::from([(0, open)]), None, committed)
    }

    fn new(
        walk: Option<Walk>,
        archives: BTreeMap<u64, OpenArchive>,
        earlier: Option<PreviousRows>,
        committed: C,
    ) -> OrderedQueue<C> {
        let items = Items {
            is_walked: walk.is_none(),
            walk,
            archives,
            earlier,
            gone: None,
            next_file: 0,
            next_number: 0,
            unopened: 0,
            awaited: None,
            is_stopped: false,
        };
        OrderedQueue {
            items: Mutex::new(items),
            turn: Condvar::new(),
            out: Mutex::new(Out::default()),
            room: Condvar::new(),
            committed: Mutex::new(Committing::new(committed)),
        }
    }

    /// Notes the rows of earlier runs whose pages are gone.
    pub(super) fn noting_gone(self) -> OrderedQueue<C> {
        lock(&self.items).gone = Some(Vec::new());
        self
    }

    /// The next page; waits while there is no room for it. `None` when there are no more pages, or `stop` says so.
    pub(super) fn next(&self, stop: impl Fn() -> bool) -> Option<WorkItem> {
        loop {
            let item = match self.turn(&stop)? {
                Turn::Walk(walk) => self.next_file(*walk, &stop),
                Turn::Archive(file, archive) => self.next_record(file, archive, &stop),
            };
            if item.is_some() {
                return item;
            }
        }
    }

    /// Waits for a turn to see what comes next. Records come before the files behind them.
    fn turn(&self, stop: impl Fn() -> bool) -> Option<Turn> {
        let mut items = lock(&self.items);
        loop {
            if items.is_stopped || stop() {
                items.is_stopped = true;
                self.turn.notify_all();
                return None;
            }
            if let Some((&file, open)) = items.archives.iter_mut().next() {
                if let Some(archive) = open.archive.take() {
                    return Some(Turn::Archive(file, archive));
                }
            } else if items.awaited.is_none()
                && let Some(walk) = items.walk.take()
            {
                return Some(Turn::Walk(Box::new(walk)));
            } else if items.is_walked && items.unopened == 0 {
                return None;
            }
            items = self.turn.wait_timeout(items, PATIENCE).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn next_file(&self, mut walk: Walk, stop: impl Fn() -> bool) -> Option<WorkItem> {
        let Some(entry) = walk.next() else {
            let mut items = lock(&self.items);
            items.is_walked = true;
            self.turn.notify_all();
            return None;
        };
        let page = InputPage::of(entry);
        let bytes = match archive::is_named_so(&page.source.path) {
            // Its size says nothing of the pages in it.
            true => 0,
            false => page.content.bytes(),
        };
        // Nobody else has the walk, so that nobody else counts files.
        let file = lock(&self.items).next_file;
        let is_admitted = self.enter(file, bytes, stop);
        let mut items = lock(&self.items);
        items.is_stopped |= !is_admitted;
        let item = is_admitted.then(|| {
            items.next_file += 1;
            let is_file = matches!(page.content, Content::File(_));
            items.unopened += u64::from(is_file);
            let origin = if is_file { Origin::Unopened } else { Origin::Known };
            items.hand_out(Place { file, part: 0 }, origin, bytes, page)
        });
        items.walk = Some(walk);
        self.turn.notify_one();
        item
    }

    fn next_record(&self, file: u64, mut archive: Archive, stop: impl Fn() -> bool) -> Option<WorkItem> {
        let Some(page) = archive.next() else {
            let parts = lock(&self.items).archives.remove(&file).map_or(0, |open| open.parts);
            self.turn.notify_all();
            self.advance(|committed| committed.end_file(file, parts));
            return None;
        };
        let bytes = page.content.bytes();
        let is_admitted = self.enter(file, bytes, stop);
        let mut items = lock(&self.items);
        let open = items.archives.get_mut(&file)?;
        let part = open.parts;
        open.parts += u64::from(is_admitted);
        open.archive = Some(archive);
        items.is_stopped |= !is_admitted;
        self.turn.notify_one();
        is_admitted.then(|| items.hand_out(Place { file, part }, Origin::Archive, bytes, page))
    }

    /// Waits for room; whether there was any before the run was stopped.
    fn enter(&self, file: u64, bytes: u64, stop: impl Fn() -> bool) -> bool {
        let mut out = lock(&self.out);
        while !out.has_room(file, bytes) {
            if stop() {
                return false;
            }
            out = self.room.wait_timeout(out, PATIENCE).unwrap_or_else(PoisonError::into_inner).0;
        }
        out.enter(file, bytes);
        true
    }

    /// Hands a file back that holds many pages: its records go out next.
    pub(super) fn divide(&self, item: WorkItem, archive: Archive) {
        lock(&self.out).leave(item.place.file, item.bytes);
        let mut items = lock(&self.items);
        items.archives.insert(item.place.file, OpenArchive { archive: Some(archive), parts: 0 });
        items.was_opened(item.place.file);
        self.turn.notify_all();
        self.room.notify_all();
    }

    /// Hands in what has become of a page, and commits all whose turn it is.
    ///
    /// # Errors
    /// Where a commit has failed. The first failure ends the run.
    pub(super) fn commit(&self, item: WorkItem, result: C::Result) -> std::result::Result<(), ()> {
        if item.origin == Origin::Unopened && lock(&self.items).was_opened(item.place.file) {
            self.turn.notify_all();
        }
        match self.advance(|committed| committed.take(&item, result)) {
            true => Err(()),
            false => Ok(()),
        }
    }

    /// Changes what is to be committed, commits what can be, and lets in what there is room for then. Whether a commit
    /// has failed.
    fn advance(&self, change: impl FnOnce(&mut Committing<C>)) -> bool {
        let (left, head, is_broken) = {
            let mut committed = lock(&self.committed);
            change(&mut committed);
            (committed.go_on(), committed.next.file, committed.broken.is_some())
        };
        let mut out = lock(&self.out);
        for (place, bytes) in &left {
            out.leave(place.file, *bytes);
        }
        if !left.is_empty() || out.head != head {
            out.head = out.head.max(head);
            self.room.notify_all();
        }
        is_broken
    }

    /// Ends the run.
    ///
    /// # Errors
    /// The first failure of a commit.
    pub(super) fn end(self) -> Result<Ended<C>> {
        let items = self.items.into_inner().unwrap_or_else(PoisonError::into_inner);
        let committed = self.committed.into_inner().unwrap_or_else(PoisonError::into_inner);
        if let Some(error) = committed.broken {
            return Err(error);
        }
        let is_through = items.is_walked && items.archives.is_empty() && items.unopened == 0 && !items.is_stopped;
        let mut gone = items.gone.unwrap_or_default();
        if is_through {
            gone.extend(items.earlier.into_iter().flatten().map(|row| row.source()));
        }
        Ok(Ended { complete: is_through && committed.waiting.is_empty(), committed: committed.sink, gone })
    }
}

impl Items {
    fn hand_out(&mut self, place: Place, origin: Origin, bytes: u64, page: InputPage) -> WorkItem {
        let number = self.next_number;
        self.next_number += 1;
        let Items { earlier, gone, .. } = self;
        let mut passed = |row: RowLine| gone.iter_mut().for_each(|gone| gone.push(row.source()));
        let earlier_row =
            earlier.as_mut().and_then(|rows| rows.row_of(&page.source.path, page.source.record, &mut passed));
        if origin == Origin::Unopened && earlier.as_ref().is_some_and(|rows| rows.goes_on_with(&page.source.path)) {
            self.awaited = Some(place.file);
        }
        WorkItem { number, place, origin, bytes, page, earlier: earlier_row }
    }

    /// Notes that a file is known to be one page or many; whether somebody may have waited for that.
    fn was_opened(&mut self, file: u64) -> bool {
        self.unopened -= 1;
        self.awaited.take_if(|awaited| *awaited == file).is_some() || self.is_walked && self.unopened == 0
    }
}

/// The committing end of the queue.
struct Committing<C: InOrder> {
    sink: C,
    next: Place,
    /// Results that wait for one before them, with their bytes.
    waiting: BTreeMap<Place, (u64, C::Result)>,
    /// How many pages there are in each file that was read to its end.
    parts: BTreeMap<u64, u64>,
    broken: Option<Error>,
}

impl<C: InOrder> Committing<C> {
    fn new(sink: C) -> Committing<C> {
        let next = Place { file: 0, part: 0 };
        Committing { sink, next, waiting: BTreeMap::new(), parts: BTreeMap::new(), broken: None }
    }

    fn take(&mut self, item: &WorkItem, result: C::Result) {
        self.waiting.insert(item.place, (item.bytes, result));
        if item.origin != Origin::Archive {
            self.end_file(item.place.file, 1);
        }
    }

    fn end_file(&mut self, file: u64, parts: u64) {
        self.parts.insert(file, parts);
    }

    /// Commits all whose turn it is; the places and bytes of those.
    fn go_on(&mut self) -> Vec<(Place, u64)> {
        let mut left = Vec::new();
        loop {
            if let Some((bytes, result)) = self.waiting.remove(&self.next) {
                left.push((self.next, bytes));
                self.next.part += 1;
                if self.broken.is_none() {
                    self.broken = self.sink.commit(result).err();
                }
            } else if self.parts.get(&self.next.file) == Some(&self.next.part) {
                self.parts.remove(&self.next.file);
                self.next = Place { file: self.next.file + 1, part: 0 };
            } else {
                return left;
            }
        }
    }
}

/// A worker cannot panic while it holds a lock of the window; if one did, the rest go on with what is there.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;

    use super::*;
    use crate::read::ReadOptions;
    use crate::read::walk::PathFilter;

    /// The pages in the order of their commits.
    struct Order(Vec<Source>);

    impl InOrder for Order {
        type Result = Source;

        fn commit(&mut self, page: Source) -> Result<()> {
            self.0.push(page);
            Ok(())
        }
    }

    fn folder(names: &[&str], text: &str) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        names.iter().for_each(|name| std::fs::write(folder.path().join(name), text).unwrap());
        folder
    }

    fn queue(folder: &tempfile::TempDir) -> OrderedQueue<Order> {
        OrderedQueue::of_files(Walk::new(folder.path(), PathFilter::default()).unwrap(), None, Order(Vec::new()))
    }

    #[test]
    fn every_thread_may_read_a_file_while_the_others_read_theirs() {
        const THREADS: usize = 6;
        let folder = folder(&["a", "b", "c", "d", "e", "f"], "text");
        let queue = queue(&folder);
        let all_read = Barrier::new(THREADS);
        std::thread::scope(|scope| {
            for _ in 0..THREADS {
                scope.spawn(|| {
                    let mut item = queue.next(|| false).unwrap();
                    assert!(matches!(item.page.content, Content::File(_)), "nothing was opened yet");
                    // Nobody passes before all are reading.
                    all_read.wait();
                    assert!(item.page.open(&ReadOptions::default()).is_none());
                    let source = item.page.source.clone();
                    queue.commit(item, source).unwrap();
                });
            }
        });
        assert!(queue.next(|| false).is_none());
        let ended = queue.end().unwrap();
        assert!(ended.complete);
        let paths: Vec<&str> = ended.committed.0.iter().map(|source| source.path.as_str()).collect();
        assert_eq!(paths, ["a", "b", "c", "d", "e", "f"]);
    }

    #[test]
    fn records_are_committed_at_the_place_of_their_file() {
        let lines: String = (0..3000).map(|number| format!("{{\"text\":\"Page {number}\"}}\n")).collect();
        let folder = folder(&["a.jsonl", "c.jsonl", "e.jsonl"], &lines);
        ["b", "d", "f"].iter().for_each(|name| std::fs::write(folder.path().join(name), "text").unwrap());
        let queue = queue(&folder);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    while let Some(mut item) = queue.next(|| false) {
                        match item.page.open(&ReadOptions::default()) {
                            Some(archive) => queue.divide(item, archive),
                            None => {
                                let source = item.page.source.clone();
                                queue.commit(item, source).unwrap();
                            }
                        }
                    }
                });
            }
        });
        let ended = queue.end().unwrap();
        assert!(ended.complete);
        let pages = ended.committed.0;
        assert_eq!(pages.len(), 3 * 3000 + 3);
        assert!(pages.is_sorted());
    }
}
