//! The first pass: reads of every site the pages that the survey looks at, and settles what recurs on them.
//!
//! Which pages those are is told by a hash of their paths, before one of them is opened as a page; sites are
//! taken one after the other, so that memory holds the pages of the sites under way and no more.

use std::collections::{BTreeMap, HashSet};
use std::path::PathBuf;
use std::sync::Mutex;

use globset::GlobSet;
use rayon::prelude::*;

use crate::error::{Error, Result};
use crate::intake::Taken;
use crate::intake::kind::{Kind, kind};
use crate::intake::site::{FirstLook, Sidecar};
use crate::intake::walk::{self, Found, Walk, Wanted, What};
use crate::line::Reading;
use crate::manifest;
use crate::marks::Marks;
use crate::page::Source;
use crate::pipeline::records::{Held, Records};
use crate::pipeline::way::Way;
use crate::survey::LEAST_PAGES;
use crate::survey::knowledge::Knowledge;
use crate::survey::learned::{Learned, Learning};
use crate::survey::tally::{PAGES, Tally, rank};

/// Files whose sites are told at once.
const FILES_AT_ONCE: usize = 4096;

/// The files that a survey of its own looks at.
pub struct Files {
    /// The folder of pages.
    pub raw: PathBuf,
    /// Only pages whose path matches; all, where it is empty.
    pub include: GlobSet,
    /// No pages whose path matches.
    pub exclude: GlobSet,
    /// How many threads work; 0 for one on each core.
    pub threads: usize,
}

/// Counts the pages of a folder.
///
/// # Errors
/// Where the folder cannot be read.
pub fn count(way: &Way, files: &Files) -> Result<Tally> {
    let (walk, pool) = (files.walk()?, pool(files.threads)?);
    Ok(FirstPass { way, pool: &pool, stop: &|| false }.count(walk))
}

/// What recurs on each site of a folder, as it is written there.
///
/// # Errors
/// Where the folder cannot be read.
pub fn learn(way: &Way, files: &Files) -> Result<BTreeMap<String, Learned>> {
    let (walk, pool) = (files.walk()?, pool(files.threads)?);
    Ok(FirstPass { way, pool: &pool, stop: &|| false }.learn(walk))
}

/// So many threads.
pub(super) fn pool(threads: usize) -> Result<rayon::ThreadPool> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    pool.map_err(|error| Error::Folders(format!("cannot start {threads} threads: {error}")))
}

impl Files {
    fn walk(&self) -> Result<Walk> {
        let wanted = Wanted { include: self.include.clone(), exclude: self.exclude.clone(), except: None, part: None };
        Walk::new(&self.raw, wanted)
    }
}

/// What a first pass needs to read pages as the run will.
pub struct FirstPass<'a> {
    /// How a page is read.
    pub way: &'a Way,
    /// Where the work is done.
    pub pool: &'a rayon::ThreadPool,
    /// Whether the pass should end where it is; what it says then is of no use.
    pub stop: &'a (dyn Fn() -> bool + Sync),
}

/// The pages of a site that are looked at, by their rank.
type Chosen = BTreeMap<(u64, String), Pick>;

/// A page that is looked at.
enum Pick {
    /// A file of about so many bytes.
    File(PathBuf, u64),
    /// A page that came packed.
    Held(Held),
}

impl FirstPass<'_> {
    /// Counts the files of a walk.
    pub fn count(&self, walk: Walk) -> Tally {
        let all = Mutex::new(Tally::default());
        self.each_site(walk, 1, |_, tally, _| {
            if let Ok(mut all) = all.lock() {
                all.merge(tally);
            }
        });
        all.into_inner().unwrap_or_default()
    }

    /// Counts the files of a walk and settles each site.
    pub fn know(&self, walk: Walk) -> Knowledge {
        let all = Mutex::new(Knowledge::default());
        self.each_site(walk, LEAST_PAGES, |_, tally, _| {
            let known = Knowledge::of(&tally);
            if let Ok(mut all) = all.lock() {
                all.sites.extend(known.sites);
            }
        });
        all.into_inner().unwrap_or_default()
    }

    /// Counts, settles, and sees the pages of each site again.
    pub fn learn(&self, walk: Walk) -> BTreeMap<String, Learned> {
        let all = Mutex::new(BTreeMap::new());
        self.each_site(walk, LEAST_PAGES, |host, tally, chosen| {
            let Some(known) = Knowledge::of(&tally).sites.remove(host) else { return };
            let mut learning = Learning::of(host, known);
            for ((_, path), pick) in chosen {
                if let Some(Taken { page, .. }) = self.page(path, pick) {
                    let reading = Reading::of(&page);
                    let mut marks = Marks::new(reading.len());
                    self.way.rulebook().judge_by_site(&reading, &mut marks);
                    self.way.rulebook().judge_in_general(&reading, &mut marks);
                    learning.see(&reading, &marks);
                }
            }
            if let Ok(mut all) = all.lock() {
                all.insert(host.to_string(), learning.end());
            }
        });
        all.into_inner().unwrap_or_default()
    }

    /// Gives the tally of every site with so many pages, and those pages, in no order.
    fn each_site(&self, walk: Walk, least_pages: usize, settle: impl Fn(&str, Tally, &Chosen) + Sync) {
        self.pool.install(|| {
            let sites = self.choose(walk, least_pages);
            sites.into_par_iter().for_each(|(host, chosen)| {
                let mut tally = self.tally(&chosen);
                // A page may say of itself what its first bytes did not: its site's pages are chosen without it.
                tally.sites.retain(|site, _| *site == host);
                settle(&host, tally, &chosen);
            });
        });
    }

    /// The pages to look at of the sites that have so many, by host.
    fn choose(&self, mut walk: Walk, least_pages: usize) -> BTreeMap<String, Chosen> {
        let mut sites = BTreeMap::<String, Chosen>::new();
        let mut packed = Vec::new();
        while !(self.stop)() {
            let files: Vec<Found> = walk.by_ref().take(FILES_AT_ONCE).collect();
            if files.is_empty() {
                break;
            }
            let host = |found: &Found| match found.what {
                What::File(bytes) => Some((self.way.site_of_file(found), bytes)),
                _ => None,
            };
            let hosts: Vec<_> = files.par_iter().map(host).collect();
            for (found, host) in files.into_iter().zip(hosts) {
                match host {
                    Some((FirstLook::Host(host), bytes)) => {
                        let source = Source { path: found.path, record: None };
                        let chosen = sites.entry(host).or_default();
                        chosen.insert((rank(&source), source.path), Pick::File(found.file, bytes));
                        if chosen.len() > PAGES {
                            chosen.pop_last();
                        }
                    }
                    Some((FirstLook::Packed, _)) => packed.push(found),
                    Some((FirstLook::Unknown, _)) | None => {}
                }
            }
        }
        if !packed.is_empty() {
            let records = Records::of(self.way, packed, self.stop);
            let hosts: Vec<String> = records.hosts().map(str::to_string).collect();
            let is_enough = |host: &str| records.pages(host) + sites.get(host).map_or(0, Chosen::len) >= least_pages;
            let wanted: HashSet<String> = hosts.into_iter().filter(|host| is_enough(host)).collect();
            for (host, pages) in records.hold(|host| wanted.contains(host)) {
                let chosen = sites.entry(host).or_default();
                chosen.extend(
                    pages.into_iter().map(|held| ((rank(&held.source), held.source.to_string()), Pick::Held(held))),
                );
                while chosen.len() > PAGES {
                    chosen.pop_last();
                }
            }
        }
        sites.retain(|_, chosen| chosen.len() >= least_pages);
        sites
    }

    fn tally(&self, chosen: &Chosen) -> Tally {
        let count = |mut tally: Tally, ((_, path), pick): (&(u64, String), &Pick)| {
            if let Some(Taken { page, charset, .. }) = self.page(path, pick) {
                tally.count(&Reading::of(&page));
                tally.read_in(&page, &charset.name);
            }
            tally
        };
        let merge = |mut one: Tally, other: Tally| {
            one.merge(other);
            one
        };
        chosen.par_iter().fold(Tally::default, count).reduce(Tally::default, merge)
    }

    /// A page as the run will read it; what cannot be read is reported where the run comes to it.
    fn page(&self, path: &str, pick: &Pick) -> Option<Taken> {
        if (self.stop)() {
            return None;
        }
        match pick {
            Pick::File(file, bytes) => {
                let bytes = walk::read(file, *bytes).ok()?;
                let source = Source { path: path.into(), record: None };
                matches!(kind(&manifest::to_path(path), &bytes), Kind::Text | Kind::Html)
                    .then(|| self.way.take(source, &bytes, &Sidecar::beside(file)))
            }
            Pick::Held(held) => Some(self.way.take(held.source.clone(), &held.bytes, &held.sidecar)),
        }
    }
}
