//! The packed pages that a first pass looks at: records of archives, and pages in compressed files.
//!
//! They cannot be opened one by one as files can, so they are read in passes over their archives and held until their
//! sites are counted. What is held is bounded: where the pages to look at are more, fewer are looked at of each site,
//! those with the least hash first. Where all of an archive's pages fit, one pass is enough.

use std::collections::{BTreeMap, HashMap, HashSet};

use rayon::prelude::*;

use crate::intake::archive::Leaf;
use crate::intake::arrivals::{Arrival, Arrivals, Content};
use crate::intake::site::Sidecar;
use crate::intake::walk::Found;
use crate::page::Source;
use crate::pipeline::way::Way;
use crate::survey::tally::{PAGES, rank};

/// Unpacked bytes of pages that are held; Zstandard's first level makes some 60 MB of them.
const HELD_BYTES: u64 = 192 << 20;

/// How many pages of a site are looked at where not all can be held: the first of these with which they can.
const FEWER_PAGES: [usize; 5] = [PAGES, 64, 32, 16, 8];

/// Pages that are opened at once, and about how many bytes of them.
const AT_ONCE: (usize, u64) = (1024, 16 << 20);

/// The packed pages of each site.
pub(super) struct Records<'a> {
    way: &'a Way,
    stop: &'a (dyn Fn() -> bool + Sync),
    /// The archives, in path order.
    files: Vec<Found>,
    sites: BTreeMap<String, Vec<Pick>>,
    /// The pages themselves, as long as all of them can be held.
    held: Option<HashMap<Place, Held>>,
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

/// A page that is held, compressed.
pub(super) struct Held {
    /// Where it came from.
    pub source: Source,
    /// What is known of it beside its bytes.
    pub sidecar: Sidecar,
    packed: Vec<u8>,
}

impl Held {
    /// Its bytes.
    pub fn bytes(&self) -> Option<Vec<u8>> {
        zstd::decode_all(&self.packed[..]).ok()
    }
}

/// A page that was opened.
struct Read {
    record: Option<u64>,
    host: String,
    rank: u64,
    bytes: u64,
    held: Option<Held>,
}

impl<'a> Records<'a> {
    /// Reads archives through.
    pub fn of(way: &'a Way, files: Vec<Found>, stop: &'a (dyn Fn() -> bool + Sync)) -> Records<'a> {
        let held = Some(HashMap::new());
        let mut records = Records { way, stop, files, sites: BTreeMap::new(), held, held_bytes: 0 };
        for file in 0..records.files.len() {
            records.see(file);
        }
        for picks in records.sites.values_mut() {
            cut_back(picks, PAGES);
        }
        records
    }

    /// How many pages a site has here, as far as they are looked at.
    pub fn pages(&self, host: &str) -> usize {
        self.sites.get(host).map_or(0, Vec::len)
    }

    /// The hosts of the pages.
    pub fn hosts(&self) -> impl Iterator<Item = &str> {
        self.sites.keys().map(String::as_str)
    }

    /// The pages to look at of the sites that are wanted, by host.
    pub fn hold(mut self, is_wanted: impl Fn(&str) -> bool) -> BTreeMap<String, Vec<Held>> {
        self.sites.retain(|host, _| is_wanted(host));
        self.bound();
        let mut held = match self.held.take() {
            Some(held) => held,
            None => self.read_again(),
        };
        let mut hold = |picks: Vec<Pick>| picks.iter().filter_map(|pick| held.remove(&pick.place)).collect();
        self.sites.into_iter().map(|(host, picks)| (host, hold(picks))).collect()
    }

    /// Sees the pages of a file for the first time.
    fn see(&mut self, file: usize) {
        let mut arrivals = Arrivals::of_file(&self.files[file], self.way.intake());
        while let Some(batch) = batch(&mut arrivals, self.stop) {
            let holds = self.held.is_some();
            let read: Vec<Read> = batch.into_par_iter().filter_map(|arrival| self.open(arrival, |_| holds)).collect();
            for read in read {
                let place = (file as u32, read.record);
                let picks = self.sites.entry(read.host).or_default();
                picks.push(Pick { rank: read.rank, place, bytes: read.bytes });
                if let (Some(held), Some(page)) = (&mut self.held, read.held) {
                    held.insert(place, page);
                    self.held_bytes += read.bytes;
                }
                // Now and then, so that a site of many pages costs no more than it may.
                if picks.len() >= 2 * PAGES {
                    for gone in cut_back(picks, PAGES) {
                        if self.held.as_mut().is_some_and(|held| held.remove(&gone.place).is_some()) {
                            self.held_bytes -= gone.bytes;
                        }
                    }
                }
                if self.held_bytes > HELD_BYTES {
                    (self.held, self.held_bytes) = (None, 0);
                }
            }
        }
    }

    /// Opens a page that has a site and can be read, and compresses it where it is to be held.
    fn open(&self, arrival: Arrival, is_held: impl Fn(Option<u64>) -> bool) -> Option<Read> {
        let record = arrival.record;
        let source = Source { path: arrival.path.clone(), record };
        let (name, matter) = match &arrival.content {
            Content::Unpacked(name, bytes) => (name.as_str(), Leaf::of_file(bytes, &arrival.file)),
            Content::Record(matter) => ("", matter.open(&self.way.intake().fields, &self.way.intake().bounds).ok()?),
            _ => return None,
        };
        if self.way.unread(name, &matter.bytes).is_some() {
            return None;
        }
        let host = self.way.host_of(&arrival.path, &matter)?;
        let (rank, bytes) = (rank(&source), matter.bytes.len() as u64);
        let held = match is_held(record) {
            true => {
                Some(Held { source, packed: zstd::encode_all(&matter.bytes[..], 1).ok()?, sidecar: matter.sidecar })
            }
            false => None,
        };
        Some(Read { record, host, rank, bytes, held })
    }

    /// Cuts the pages that are looked at back to what can be held.
    fn bound(&mut self) {
        let bytes = |pages: usize| {
            let of_site = |picks: &Vec<Pick>| picks.iter().take(pages).map(|pick| pick.bytes).sum::<u64>();
            self.sites.values().map(of_site).sum::<u64>()
        };
        let pages = FEWER_PAGES.into_iter().find(|&pages| bytes(pages) <= HELD_BYTES);
        let [.., fewest] = FEWER_PAGES;
        self.sites.values_mut().for_each(|picks| picks.truncate(pages.unwrap_or(fewest)));
        if pages.is_none() {
            // Sites of few pages are where a survey has least to find.
            let mut hosts: Vec<_> = self.sites.iter().map(|(host, picks)| (picks.len(), host.clone())).collect();
            hosts.sort_by(|(some, a), (more, b)| more.cmp(some).then(a.cmp(b)));
            let mut sum = 0;
            for (_, host) in hosts {
                sum += self.sites[&host].iter().map(|pick| pick.bytes).sum::<u64>();
                if sum > HELD_BYTES {
                    self.sites.remove(&host);
                }
            }
        }
    }

    /// Reads the archives once more, for the pages that are looked at.
    fn read_again(&self) -> HashMap<Place, Held> {
        let wanted: HashSet<Place> = self.sites.values().flatten().map(|pick| pick.place).collect();
        let mut held = HashMap::new();
        for (number, file) in self.files.iter().enumerate() {
            let number = number as u32;
            if !wanted.iter().any(|(file, _)| *file == number) {
                continue;
            }
            let mut arrivals = Arrivals::of_file(file, self.way.intake());
            while let Some(mut batch) = batch(&mut arrivals, self.stop) {
                batch.retain(|arrival| wanted.contains(&(number, arrival.record)));
                let read = batch.into_par_iter().filter_map(|arrival| self.open(arrival, |_| true));
                let read: Vec<Read> = read.collect();
                held.extend(read.into_iter().filter_map(|read| Some(((number, read.record), read.held?))));
            }
        }
        held
    }
}

/// Keeps the pages with the least rank, in that order; the others.
fn cut_back(picks: &mut Vec<Pick>, pages: usize) -> Vec<Pick> {
    picks.sort_unstable();
    picks.split_off(picks.len().min(pages))
}

/// The next pages, a bounded number of them; `None` at the end.
fn batch(arrivals: &mut Arrivals, stop: &(dyn Fn() -> bool + Sync)) -> Option<Vec<Arrival>> {
    let (mut batch, mut bytes) = (Vec::new(), 0);
    while batch.len() < AT_ONCE.0 && bytes < AT_ONCE.1 && !stop() {
        let Some(arrival) = arrivals.next() else { break };
        bytes += arrival.content.bytes();
        batch.push(arrival);
    }
    (!batch.is_empty()).then_some(batch)
}
