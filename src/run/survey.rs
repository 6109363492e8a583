//! The first pass: reads of every site the pages that the survey looks at, and settles what recurs on them.
//!
//! Which pages those are is told by a hash of their paths, before one of them is opened as a page; sites are
//! taken one after the other, so that memory holds the pages of the sites under way and no more.

use std::collections::{BTreeMap, HashSet};
use std::ops::Deref;
use std::path::PathBuf;
use std::sync::Mutex;

use globset::GlobSet;
use rayon::prelude::*;

use crate::error::{Error, Result};
use crate::hash::sha256;
use crate::line::PageFeatures;
use crate::marks::Marks;
use crate::page::Source;
use crate::parse::ParsedPage;
use crate::parse::site::Sidecar;
use crate::passes::templates::LEAST_PAGES;
use crate::passes::templates::learned::{Learned, Learning};
use crate::passes::templates::site_templates::SiteTemplates;
use crate::passes::templates::stats::{PAGES, SurveyStats, rank};
use crate::passes::{CorpusPass, SeenPage};
use crate::read::archive::RawDocument;
use crate::read::arrivals::InputPage;
use crate::read::first_look::FirstLook;
use crate::read::walk::{Entry, EntryKind, Partition, PathFilter, Walk};
use crate::run::packed_pages::PackedPages;
use crate::run::page_runner::PageRunner;
use crate::run::sample::{Remembered, Samples, SeenPages};

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
    /// Only the files of this part.
    pub part: Option<Partition>,
    /// How many threads work; 0 for one on each core.
    pub threads: usize,
}

/// Counts the pages of a folder.
///
/// # Errors
/// Where the folder cannot be read.
pub fn count(runner: &PageRunner, files: &Files) -> Result<SurveyStats> {
    let (walk, pool) = (files.walk()?, pool(files.threads)?);
    Ok(SurveyPass { runner, pool: &pool, stop: &|| false }.count(walk))
}

/// What recurs on each site of a folder, as it is written there.
///
/// # Errors
/// Where the folder cannot be read.
pub fn learn(runner: &PageRunner, files: &Files) -> Result<BTreeMap<String, Learned>> {
    let (walk, pool) = (files.walk()?, pool(files.threads)?);
    Ok(SurveyPass { runner, pool: &pool, stop: &|| false }.learn(walk))
}

/// So many threads.
pub(super) fn pool(threads: usize) -> Result<rayon::ThreadPool> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    pool.map_err(|error| Error::Folders(format!("cannot start {threads} threads: {error}")))
}

impl Files {
    fn walk(&self) -> Result<Walk> {
        let wanted =
            PathFilter { include: self.include.clone(), exclude: self.exclude.clone(), except: None, part: self.part };
        Walk::new(&self.raw, wanted)
    }
}

/// What a first pass needs to read pages as the run will.
pub struct SurveyPass<'a> {
    /// How a page is read.
    pub runner: &'a PageRunner,
    /// Where the work is done.
    pub pool: &'a rayon::ThreadPool,
    /// Whether the pass should end where it is; what it says then is of no use.
    pub stop: &'a (dyn Fn() -> bool + Sync),
}

/// The pages of a site that are looked at, by their rank.
type Chosen = BTreeMap<(u64, String), Pick>;

/// A page that is looked at.
enum Pick {
    /// A file.
    File(Entry),
    /// A page that came packed.
    Held(InputPage),
}

/// A page that was opened.
enum Opened<'p> {
    File(Box<InputPage>),
    Held(&'p InputPage),
}

impl Deref for Opened<'_> {
    type Target = InputPage;

    fn deref(&self) -> &InputPage {
        match self {
            Opened::File(page) => page,
            Opened::Held(page) => page,
        }
    }
}

impl SurveyPass<'_> {
    /// Counts the files of a walk.
    pub fn count(&self, walk: Walk) -> SurveyStats {
        let all = Mutex::new(SurveyStats::default());
        self.each_site(walk, 1, |_, tally, _| {
            if let Ok(mut all) = all.lock() {
                SiteTemplates::merge(&mut all, tally);
            }
        });
        all.into_inner().unwrap_or_default()
    }

    /// Counts the files of a walk and settles each site, but for those whose sample is remembered.
    pub fn know(&self, walk: Walk, remembered: &Remembered) -> Known {
        let all = Mutex::new(Known::default());
        self.each_sample(walk, LEAST_PAGES, |host, chosen| {
            let again = remembered.has(host).then(|| self.sample(host, &chosen));
            let known =
                again.and_then(|(sample, seen)| Some((remembered.known(host, &sample)?.cloned(), sample, seen)));
            let (known, sample, seen) = known.unwrap_or_else(|| {
                let counted = self.counted(host, &chosen);
                (SiteTemplates::finish(&counted.tally).sites.remove(host), counted.sample(), SeenPages::default())
            });
            if let Ok(mut all) = all.lock() {
                all.samples.note(host, sample, known.as_ref());
                all.templates.sites.extend(known.map(|known| (host.to_string(), known)));
                all.seen.extend(seen);
            }
        });
        all.into_inner().unwrap_or_default()
    }

    /// Counts, settles, and sees the pages of each site again.
    pub fn learn(&self, walk: Walk) -> BTreeMap<String, Learned> {
        let all = Mutex::new(BTreeMap::new());
        self.each_site(walk, LEAST_PAGES, |host, tally, chosen| {
            let Some(known) = SiteTemplates::finish(&tally).sites.remove(host) else { return };
            let mut learning = Learning::of(host, known);
            for pick in chosen.values() {
                if let Some(ParsedPage { page, .. }) = self.page(pick) {
                    let reading = PageFeatures::of(&page);
                    let mut marks = Marks::new(reading.len());
                    self.runner.cleaner().rules().judge_by_site(&reading, &mut marks);
                    self.runner.cleaner().rules().judge_in_general(&reading, &mut marks);
                    let own = self.runner.cleaner().scores_by_place(&reading);
                    learning.see(&reading, &marks, own.as_deref());
                }
            }
            if let Ok(mut all) = all.lock() {
                all.insert(host.to_string(), learning.end());
            }
        });
        all.into_inner().unwrap_or_default()
    }

    /// Gives the tally of every site with so many pages, and those pages, in no order.
    fn each_site(&self, walk: Walk, least_pages: usize, settle: impl Fn(&str, SurveyStats, &Chosen) + Sync) {
        self.each_sample(walk, least_pages, |host, chosen| settle(host, self.counted(host, &chosen).tally, &chosen));
    }

    /// Gives the chosen pages of every site that has so many, in no order.
    fn each_sample(&self, walk: Walk, least_pages: usize, look: impl Fn(&str, Chosen) + Sync) {
        self.pool.install(|| {
            let sites = self.choose(walk, least_pages);
            sites.into_par_iter().for_each(|(host, chosen)| look(&host, chosen));
        });
    }

    /// The pages to look at of the sites that have so many, by host.
    fn choose(&self, mut walk: Walk, least_pages: usize) -> BTreeMap<String, Chosen> {
        let mut sites = BTreeMap::<String, Chosen>::new();
        let mut packed = Vec::new();
        while !(self.stop)() {
            let files: Vec<Entry> = walk.by_ref().take(FILES_AT_ONCE).collect();
            if files.is_empty() {
                break;
            }
            let host = |found: &Entry| match found.what {
                EntryKind::File(_) => Some(self.runner.site_of_file(found)),
                _ => None,
            };
            let hosts: Vec<_> = files.par_iter().map(host).collect();
            for (found, host) in files.into_iter().zip(hosts) {
                match host {
                    Some(FirstLook::Host(host)) => {
                        let source = Source { path: found.path.clone(), record: None };
                        let chosen = sites.entry(host).or_default();
                        chosen.insert((rank(&source), source.path), Pick::File(found));
                        if chosen.len() > PAGES {
                            chosen.pop_last();
                        }
                    }
                    Some(FirstLook::Packed) => packed.push(found),
                    Some(FirstLook::Unknown) | None => {}
                }
            }
        }
        if !packed.is_empty() {
            let records = PackedPages::of(self.runner, packed, self.stop);
            let hosts: Vec<String> = records.hosts().map(str::to_string).collect();
            let is_enough = |host: &str| records.pages(host) + sites.get(host).map_or(0, Chosen::len) >= least_pages;
            let wanted: HashSet<String> = hosts.into_iter().filter(|host| is_enough(host)).collect();
            for (host, pages) in records.hold(|host| wanted.contains(host)) {
                let chosen = sites.entry(host).or_default();
                chosen.extend(
                    pages.into_iter().map(|page| ((rank(&page.source), page.source.to_string()), Pick::Held(page))),
                );
                while chosen.len() > PAGES {
                    chosen.pop_last();
                }
            }
        }
        sites.retain(|_, chosen| chosen.len() >= least_pages);
        sites
    }

    /// What chosen pages of a site are read by, and what was seen of them on the way.
    fn sample(&self, host: &str, chosen: &Chosen) -> (String, SeenPages) {
        let input = |((_, path), pick): (&(u64, String), &Pick)| {
            let page = self.open(pick)?;
            let document = page.document(self.runner.read_options()).ok()?;
            let sha256 = sha256(&document.bytes);
            let input = self.input(&sha256, &document.sidecar, host);
            let is_file = matches!(pick, Pick::File(..));
            Some((path.clone(), input, (is_file && document.sidecar == Sidecar::default()).then_some(sha256)))
        };
        let (mut counted, mut seen) = (Counted::default(), SeenPages::default());
        for (path, input, sha256) in chosen.par_iter().filter_map(input).collect::<Vec<_>>() {
            if let Some(sha256) = sha256 {
                seen.note(&path, &sha256);
            }
            counted.inputs.insert(path, input);
        }
        (counted.sample(), seen)
    }

    /// What a page of a sample is read by, and by which model its places are told.
    fn input(&self, sha256_in: &str, sidecar: &Sidecar, host: &str) -> String {
        let model = self.runner.header().model.as_deref().unwrap_or_default();
        format!("{}\n{model}", self.runner.input_key(sha256_in, sidecar, Some(host)))
    }

    fn counted(&self, host: &str, chosen: &Chosen) -> Counted {
        let count = |mut counted: Counted, ((_, path), pick): (&(u64, String), &Pick)| {
            let Some(page) = self.open(pick) else { return counted };
            let Ok(document) = page.document(self.runner.read_options()) else { return counted };
            let input = self.input(&sha256(&document.bytes), &document.sidecar, host);
            counted.inputs.insert(path.clone(), input);
            if let Some(ParsedPage { page, charset, .. }) = self.parse(&page.source, &document) {
                let features = &PageFeatures::of(&page);
                let own = self.runner.cleaner().scores_by_place(features);
                let seen = SeenPage { features, charset: &charset.name, own: own.as_deref() };
                SiteTemplates::add(&mut counted.tally, &seen);
            }
            counted
        };
        let merge = |mut one: Counted, other: Counted| {
            SiteTemplates::merge(&mut one.tally, other.tally);
            one.inputs.extend(other.inputs);
            one
        };
        let mut counted = chosen.par_iter().fold(Counted::default, count).reduce(Counted::default, merge);
        // A page may say of itself what its first bytes did not: its site's pages are chosen without it.
        counted.tally.sites.retain(|site, _| site == host);
        counted
    }

    /// A page as the run will read it; what cannot be read is reported where the run comes to it.
    fn page(&self, pick: &Pick) -> Option<ParsedPage> {
        let page = self.open(pick)?;
        let document = page.document(self.runner.read_options()).ok()?;
        self.parse(&page.source, &document)
    }

    fn open<'p>(&self, pick: &'p Pick) -> Option<Opened<'p>> {
        if (self.stop)() {
            return None;
        }
        match pick {
            Pick::Held(page) => Some(Opened::Held(page)),
            Pick::File(entry) => {
                let mut page = InputPage::of(entry.clone());
                match page.open(self.runner.read_options()) {
                    None => Some(Opened::File(Box::new(page))),
                    Some(_) => None,
                }
            }
        }
    }

    fn parse(&self, source: &Source, document: &RawDocument) -> Option<ParsedPage> {
        let probe = self.runner.probe(source, document);
        probe.unread().is_none().then(|| self.runner.parse(source, document, &probe))
    }
}

/// What a first pass has found out.
#[derive(Debug, Default)]
pub struct Known {
    /// What recurs on each site.
    pub templates: SiteTemplates,
    /// By which pages.
    pub samples: Samples,
    /// The pages of sites whose sample was remembered.
    pub seen: SeenPages,
}

/// A tally, and what its pages were read by.
#[derive(Default)]
struct Counted {
    tally: SurveyStats,
    inputs: BTreeMap<String, String>,
}

impl Counted {
    /// A hash over what the pages were read by.
    fn sample(&self) -> String {
        sha256(self.inputs.iter().map(|(path, input)| format!("{path}\n{input}\n")).collect::<String>().as_bytes())
    }
}
