//! The packed pages that a first pass looks at: records of archives, and pages in compressed files.
//!
//! They cannot be opened one by one as files can, so they are read in passes over their archives and held until their
//! sites are counted. What is held is bounded: where the pages to look at are more, fewer are looked at of each site,
//! those with the least hash first. Where all of an archive's pages fit, one pass is enough.

use std::collections::{BTreeMap, HashMap, HashSet};

use rayon::prelude::*;

use crate::passes::templates::stats::{PAGES, rank};
use crate::read::arrivals::InputPage;
use crate::read::walk::Entry;
use crate::run::page_runner::PageRunner;

/// Bytes of pages that are held.
const HELD_BYTES: u64 = 128 << 20;

/// How many pages of a site are looked at where not all can be held: the first of these with which they can.
const FEWER_PAGES: [usize; 5] = [PAGES, 64, 32, 16, 8];

/// Pages that are opened at once, and about how many bytes of them.
const AT_ONCE: (usize, u64) = (1024, 16 << 20);

/// The packed pages of each site.
pub(super) struct PackedPages<'a> {
    runner: &'a PageRunner,
    stop: &'a (dyn Fn() -> bool + Sync),
    /// The archives, in path order.
    files: Vec<Entry>,
    sites: BTreeMap<String, Picks>,
    /// The pages themselves, as long as all of them can be held.
    held: Option<HashMap<Place, InputPage>>,
    held_bytes: u64,
}

/// A file by its number, and the record in it.
type Place = (u32, Option<u64>);

/// A page that may be looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Pick {
    rank: u64,
    place: Place,
    bytes: u64,
}

/// The pages of a site that may be looked at.
#[derive(Debug, Default)]
struct Picks {
    /// Twice as many as are looked at, at most: they are cut back now and then.
    all: Vec<Pick>,
    /// A page of a higher rank has no place among them.
    highest: Option<u64>,
}

impl Picks {
    fn may_take(&self, rank: u64) -> bool {
        self.highest.is_none_or(|highest| rank <= highest)
    }

    /// Keeps the pages with the least rank, in that order; the others.
    fn cut_back(&mut self) -> Vec<Pick> {
        self.all.sort_unstable();
        let gone = self.all.split_off(self.all.len().min(PAGES));
        if !gone.is_empty() {
            self.highest = self.all.last().map(|pick| pick.rank);
        }
        gone
    }
}

/// A page that was opened.
struct Read {
    record: Option<u64>,
    host: String,
    rank: u64,
    bytes: u64,
    held: Option<InputPage>,
}

impl<'a> PackedPages<'a> {
    /// Reads archives through.
    pub(super) fn of(
        runner: &'a PageRunner,
        files: Vec<Entry>,
        stop: &'a (dyn Fn() -> bool + Sync),
    ) -> PackedPages<'a> {
        let held = Some(HashMap::new());
        let mut records = PackedPages { runner, stop, files, sites: BTreeMap::new(), held, held_bytes: 0 };
        for file in 0..records.files.len() {
            records.see(file);
        }
        for picks in records.sites.values_mut() {
            picks.cut_back();
        }
        records
    }

    /// How many pages a site has here, as far as they are looked at.
    pub(super) fn pages(&self, host: &str) -> usize {
        self.sites.get(host).map_or(0, |picks| picks.all.len())
    }

    /// The hosts of the pages.
    pub(super) fn hosts(&self) -> impl Iterator<Item = &str> {
        self.sites.keys().map(String::as_str)
    }

    /// The pages to look at of the sites that are wanted, by host.
    pub(super) fn hold(mut self, is_wanted: impl Fn(&str) -> bool) -> BTreeMap<String, Vec<InputPage>> {
        self.sites.retain(|host, _| is_wanted(host));
        self.bound();
        let mut held = match self.held.take() {
            Some(held) => held,
            None => self.read_again(),
        };
        let mut hold = |picks: Picks| picks.all.iter().filter_map(|pick| held.remove(&pick.place)).collect();
        self.sites.into_iter().map(|(host, picks)| (host, hold(picks))).collect()
    }

    /// Sees the pages of a file for the first time.
    fn see(&mut self, file: usize) {
        let mut pages = self.pages_of(&self.files[file]);
        while let Some(batch) = batch(&mut pages, self.stop) {
            let holds = self.held.is_some();
            let read: Vec<Read> = batch.into_par_iter().filter_map(|page| self.open(page, holds)).collect();
            for read in read {
                let place = (file as u32, read.record);
                let picks = self.sites.entry(read.host).or_default();
                picks.all.push(Pick { rank: read.rank, place, bytes: read.bytes });
                if let (Some(held), Some(page)) = (&mut self.held, read.held) {
                    held.insert(place, page);
                    self.held_bytes += read.bytes;
                }
                let gone = if picks.all.len() >= 2 * PAGES { picks.cut_back() } else { Vec::new() };
                for gone in gone {
                    if self.held.as_mut().is_some_and(|held| held.remove(&gone.place).is_some()) {
                        self.held_bytes -= gone.bytes;
                    }
                }
                if self.held_bytes > HELD_BYTES {
                    (self.held, self.held_bytes) = (None, 0);
                }
            }
        }
    }

    /// The pages of a file that was packed.
    fn pages_of(&self, file: &Entry) -> Box<dyn Iterator<Item = InputPage>> {
        let mut page = InputPage::of(file.clone());
        match page.open(self.runner.read_options()) {
            Some(archive) => Box::new(archive),
            None => Box::new(std::iter::once(page)),
        }
    }

    /// Takes a page that can be read, if it has a site and a place among its pages.
    fn open(&self, page: InputPage, is_held: bool) -> Option<Read> {
        let document = page.document(self.runner.read_options()).ok()?;
        let probe = self.runner.probe(&page.source, &document);
        let (host, rank) = (probe.host()?.to_string(), rank(&page.source));
        let is_wanted = self.sites.get(&host).is_none_or(|picks| picks.may_take(rank));
        if !is_wanted || probe.unread().is_some() {
            return None;
        }
        let bytes = page.content.bytes();
        drop(document);
        Some(Read { record: page.source.record, host, rank, bytes, held: is_held.then_some(page) })
    }

    /// Cuts the pages that are looked at back to what can be held.
    fn bound(&mut self) {
        let bytes = |pages: usize| {
            let of_site = |picks: &Picks| picks.all.iter().take(pages).map(|pick| pick.bytes).sum::<u64>();
            self.sites.values().map(of_site).sum::<u64>()
        };
        let pages = FEWER_PAGES.into_iter().find(|&pages| bytes(pages) <= HELD_BYTES);
        let [.., fewest] = FEWER_PAGES;
        self.sites.values_mut().for_each(|picks| picks.all.truncate(pages.unwrap_or(fewest)));
        if pages.is_none() {
            // Sites of few pages are where a survey has least to find.
            let mut hosts: Vec<_> = self.sites.iter().map(|(host, picks)| (picks.all.len(), host.clone())).collect();
            hosts.sort_by(|(some, a), (more, b)| more.cmp(some).then(a.cmp(b)));
            let mut sum = 0;
            for (_, host) in hosts {
                sum += self.sites[&host].all.iter().map(|pick| pick.bytes).sum::<u64>();
                if sum > HELD_BYTES {
                    self.sites.remove(&host);
                }
            }
        }
    }

    /// Reads the archives once more, for the pages that are looked at.
    fn read_again(&self) -> HashMap<Place, InputPage> {
        let wanted: HashSet<Place> = self.sites.values().flat_map(|picks| &picks.all).map(|pick| pick.place).collect();
        let mut held = HashMap::new();
        for (number, file) in self.files.iter().enumerate() {
            let number = number as u32;
            if !wanted.iter().any(|(file, _)| *file == number) {
                continue;
            }
            let mut pages = self.pages_of(file);
            while let Some(mut batch) = batch(&mut pages, self.stop) {
                batch.retain(|page| wanted.contains(&(number, page.source.record)));
                let read = batch.into_par_iter().filter_map(|page| self.open(page, true));
                let read: Vec<Read> = read.collect();
                held.extend(read.into_iter().filter_map(|read| Some(((number, read.record), read.held?))));
            }
        }
        held
    }
}

/// The next pages, a bounded number of them; `None` at the end.
fn batch(pages: &mut dyn Iterator<Item = InputPage>, stop: &(dyn Fn() -> bool + Sync)) -> Option<Vec<InputPage>> {
    let (mut batch, mut bytes) = (Vec::new(), 0);
    while batch.len() < AT_ONCE.0 && bytes < AT_ONCE.1 && !stop() {
        let Some(page) = pages.next() else { break };
        bytes += page.content.bytes();
        batch.push(page);
    }
    (!batch.is_empty()).then_some(batch)
}
