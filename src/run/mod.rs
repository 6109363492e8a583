//! Runs the main job: hands out pages in path order to workers and commits them in that order.
//!
//! The only room that starts threads. What happens to one page is in [`page_runner`]; the order in
//! `ordered_queue`; what is learned before the first page is judged in [`survey`].

pub mod check;
pub mod commit;
pub mod finding;
mod kills;
pub mod near_copies;
pub mod ordered_queue;
mod packed_pages;
pub mod page_runner;
mod passages;
pub mod sample;
pub mod survey;

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use globset::GlobSet;

use crate::error::{Error, Result, printable};
use crate::manifest::relative_path::RelativePath;
use crate::manifest::{self, Row};
use crate::passes::passages::Passages;
use crate::read::arrivals::Archive;
use crate::read::raw_folder::RawFolder;
use crate::read::site_map::SiteMapUse;
use crate::read::walk::{EntryKind, Partition, PathFilter, Walk};
use crate::write::committer::{Removal, Unread};
use crate::write::earlier_corpus::EarlierCorpus;
use crate::write::output_dir::OutputDir;
use crate::write::output_writer::{OutputWriter, PASSAGES, SAMPLES, TEMPLATES};
use crate::write::previous_rows::PreviousRows;
use crate::write::rejected::RejectedWriter;
use crate::write::scratch::Scratch;
use crate::write::summary::RunSummary;
use commit::{Committed, NearCopies, PageResult, Sink};
use near_copies::{Anew, Gathering, NearJob};
use ordered_queue::{Ended, InOrder, OrderedQueue};
use page_runner::{PageRunner, Walked};
use passages::Counting;
use sample::{Remembered, Samples};
use survey::SurveyPass;

/// What to clean, and how.
pub struct Job {
    /// The folder of pages, or one page.
    pub raw: RawFolder,
    /// The folder that is written.
    pub clean: PathBuf,
    /// What people are told that it is called, where it stands for a folder elsewhere.
    pub clean_name: Option<PathBuf>,
    /// How many threads work; 0 for one on each core.
    pub threads: usize,
    /// Whether everything is done but the writing.
    pub dry_run: bool,
    /// Whether the run starts over: nothing of earlier runs is used, and outputs that were edited are replaced.
    pub force: bool,
    /// Whether the outputs of sources that are gone are removed.
    pub prune: bool,
    /// Whether exact copies of another page's kept text are written.
    pub write_copies: bool,
    /// What becomes of near copies; they are not looked for, where nothing is said.
    pub near_copies: Option<NearJob>,
    /// Only pages whose path matches; all, where it is empty.
    pub include: GlobSet,
    /// No pages whose path matches.
    pub exclude: GlobSet,
    /// Only a part of the files; all, where none is named.
    pub part: Option<Partition>,
    /// The folder that the texts go into that filters drop; they go nowhere, where none is named.
    pub rejected: Option<PathBuf>,
    /// Bytes that fill a shard, before it is compressed.
    pub shard_bytes: u64,
    /// Whether a first pass finds out what recurs on each site.
    pub survey: bool,
    /// How a page is read, judged and named.
    pub runner: PageRunner,
}

impl Job {
    /// What the output folder is called, for people.
    pub fn clean_name(&self) -> &Path {
        self.clean_name.as_deref().unwrap_or(&self.clean)
    }

    /// How many threads work: those of a remote input wait for it most of the time.
    fn threads(&self) -> usize {
        /// Threads for each core: an answer takes some 50 ms, and a page of 10 kB some 2 ms of a core.
        const FOR_EACH_CORE: usize = 16;
        /// Requests that are on their way at once, at most: what one machine may ask of a bucket before it is told to
        /// slow down.
        const AT_MOST: usize = 256;
        match (&self.raw, self.threads) {
            (RawFolder::Remote(_), 0) => {
                let cores = std::thread::available_parallelism().map_or(1, usize::from);
                (cores * FOR_EACH_CORE).min(AT_MOST.max(cores))
            }
            (_, threads) => threads,
        }
    }
}

/// What is told of passages that stand on many documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct RepeatedPassages {
    /// Documents on which a passage may stand.
    pub allowed: u32,
    /// Passages that stand on more.
    pub passages: u64,
    /// Documents on which the most frequent one stands.
    pub most: u32,
    /// Whether there were more of them than are known.
    pub capped: bool,
}

impl RepeatedPassages {
    fn of(found: &Passages, allowed: u32) -> RepeatedPassages {
        RepeatedPassages { allowed, passages: found.len() as u64, most: found.most(), capped: found.is_capped() }
    }
}

/// Somebody who watches a run and may stop it.
pub trait RunObserver: Sync {
    /// A page has been committed: a file of its own, or one of many records of a file.
    fn page(&self, is_record: bool);

    /// Whether the run should end where it is.
    fn wants_to_stop(&self) -> bool;
}

/// How a run ended.
#[derive(Debug)]
pub struct Outcome {
    /// The pages, added up.
    pub report: RunSummary,
    /// What became of the outputs of pages that were not read.
    pub unread: Unread,
    /// Whether the run was stopped before its end; the manifest has no name yet then.
    pub interrupted: bool,
    /// The passages that stand on many documents, where they are dropped.
    pub passages: Option<RepeatedPassages>,
    /// How the rows of the site map met the pages, where there is one and the run came to its end.
    pub site_map: Option<SiteMapUse>,
}

/// Cleans a folder.
///
/// # Errors
/// Where the folders cannot be used or the manifest cannot be written. What goes wrong with a page is in
/// that page's row and stops nothing.
pub fn run(job: &mut Job, watch: &dyn RunObserver) -> Result<Outcome> {
    let places = FolderLayout::of(&job.raw, &job.clean)?;
    let (raw, include, exclude, part) = (job.raw.clone(), job.include.clone(), job.exclude.clone(), job.part);
    let walk = || {
        let (include, exclude) = (include.clone(), exclude.clone());
        let except = places.output_inside_input.clone();
        raw.walk(PathFilter { include, exclude, except, part })
    };
    match &job.raw {
        RawFolder::Local(_) => job.runner.prove_rules(walk()?)?,
        // To ask each file for its site takes longer than to prove all rules.
        RawFolder::Remote(_) => job.runner.prove_rules_of_all_sites()?,
    }
    if !walk_all(&raw, &places)?.any(|found| matches!(found.what, EntryKind::File(_)))
        && OutputDir::at(&job.clean).has_outputs()
    {
        return Err(Error::Folders(format!(
            "{} holds no files, and {} holds the texts of an earlier run; dechaff removes none of them, so look whether \
            the input is where it should be, or remove the output folder",
            printable(&raw.to_string()),
            printable(&job.clean_name().to_string_lossy())
        )));
    }
    let near = job.near_copies.as_ref();
    let corpora = near.map(|near| earlier_corpora(near, &places)).transpose()?.unwrap_or_default();
    let rejected = match &job.rejected {
        Some(dir) if !job.dry_run => Some(rejected(dir, job, &places)?),
        _ => None,
    };
    if rejected.is_some() {
        job.runner.keep_rejected();
    }
    if let Some(near) = &job.near_copies {
        job.runner.sketch_texts(near.settings.shape, near.copies == NearCopies::Drop);
    }
    let folder = match job.dry_run {
        true => None,
        false => Some(OutputWriter::open(&job.clean, job.clean_name.as_deref(), places.input_inside_output.clone())?),
    };
    let pool = survey::pool(job.threads())?;
    let mut samples = Samples::default();
    if job.survey {
        let stop = || watch.wants_to_stop();
        let remembered = folder.as_ref().filter(|_| !job.force).map(|folder| remembered(folder.standing()));
        let remembered = remembered.unwrap_or_default();
        let known = SurveyPass { runner: &job.runner, pool: &pool, stop: &stop }.know(walk()?, &remembered);
        job.runner.use_templates(known.templates);
        job.runner.take_seen(known.seen);
        samples = known.samples;
    }
    if let Some(folder) = folder.as_ref().filter(|_| !watch.wants_to_stop()) {
        folder.keep(TEMPLATES, &job.runner.cleaner().templates().to_text())?;
        folder.keep(SAMPLES, &samples.to_text())?;
    }
    let mut counted = None;
    if let Some(allowed) = job.runner.cleaner().settings().repeated_passages() {
        job.runner.count_passages();
        let earlier = folder.as_ref().filter(|_| !job.force).map(|folder| folder.standing().earlier());
        let workers = Workers { pool: &pool, runner: &job.runner, folder: folder.as_ref(), watch };
        let found = workers.passages(walk()?, earlier, allowed)?;
        if let (Some(folder), Some(passages)) = (&folder, &found) {
            folder.keep(PASSAGES, &passages.to_text())?;
        }
        counted = found.as_ref().map(|found| RepeatedPassages::of(found, allowed));
        job.runner.use_passages(found.unwrap_or_default());
    }
    let job: &Job = job;
    let scope = Scope::of(job);
    let (in_scope, is_there) = (|path: &str| scope.has(path), |path: &RelativePath| scope.is_there(path));
    let committed = match &folder {
        Some(folder) => {
            let removal =
                Removal { in_scope: &in_scope, is_there: &is_there, prune: job.prune, overwrite_edited: job.force };
            Sink::OutputWriter(Box::new(folder.committer(job.runner.header(), job.shard_bytes, removal)?))
        }
        None => Sink::Nowhere,
    };
    let committed = Committed::new(committed, job.write_copies, watch).with_rejected(rejected);
    let earlier = || folder.as_ref().filter(|_| !job.force).map(|folder| folder.standing().earlier());
    let workers = Workers { pool: &pool, runner: &job.runner, folder: folder.as_ref(), watch };
    let outcome = match &job.near_copies {
        None => workers.commit(OrderedQueue::of_files(walk()?, earlier(), committed))?,
        Some(near) => {
            let search = NearSearch { near, corpora: &corpora };
            workers.commit_all_but_near_copies(&search, &|| Ok((walk()?, earlier())), committed)?
        }
    };
    let map = job.runner.read_options().site_map.as_ref().filter(|_| !outcome.interrupted);
    Ok(Outcome { site_map: map.map(|map| map.usage(in_scope)), passages: counted, ..outcome })
}

/// The earlier corpora that near copies are compared with.
fn earlier_corpora(near: &NearJob, places: &FolderLayout) -> Result<Vec<EarlierCorpus>> {
    let corpus = |folder: &PathBuf| match resolved(folder) == places.clean {
        true => Err(Error::Folders(format!(
            "--near-against {} is the output folder of this run, whose pages would be copies of themselves; name the output \
            folder of another corpus",
            printable(&folder.to_string_lossy())
        ))),
        false => EarlierCorpus::open(folder, near.settings.shape),
    };
    near.against.iter().map(corpus).collect()
}

/// How near copies are looked for, and the earlier corpora that are open for it.
struct NearSearch<'a> {
    near: &'a NearJob,
    corpora: &'a [EarlierCorpus],
}

/// What writes the texts that filters drop.
fn rejected(dir: &Path, job: &Job, places: &FolderLayout) -> Result<RejectedWriter> {
    let path = resolved(dir);
    let is_within = |folder: &Path| path.starts_with(folder);
    if is_within(&places.raw) || is_within(&places.clean) {
        return Err(Error::Folders(format!(
            "--rejected {} lies in the input or the output folder; what filters drop is neither, so choose another folder",
            printable(&dir.to_string_lossy())
        )));
    }
    let part = job.part.map(|part| part.to_string());
    RejectedWriter::create(dir, part.as_deref(), !job.include.is_empty() || !job.exclude.is_empty())
}

/// All files of a folder, whatever of them is wanted.
fn walk_all(raw: &RawFolder, places: &FolderLayout) -> Result<Walk> {
    raw.walk(PathFilter { except: places.output_inside_input.clone(), ..PathFilter::default() })
}

/// The pages that a run reads.
struct Scope<'j> {
    job: &'j Job,
    /// The one page, where the input is no folder.
    only: Option<String>,
}

impl Scope<'_> {
    fn of(job: &Job) -> Scope<'_> {
        Scope { job, only: job.raw.only_file() }
    }

    fn has(&self, path: &str) -> bool {
        let file = manifest::to_path(path);
        self.only.as_ref().is_none_or(|only| only == path)
            && (self.job.include.is_empty() || self.job.include.is_match(&file))
            && !self.job.exclude.is_match(&file)
            && self.job.part.is_none_or(|part| part.holds(path))
    }

    fn is_there(&self, path: &RelativePath) -> bool {
        self.only.is_some() || self.job.raw.has(path)
    }
}

/// A stream of pages that is cleaned into a stream of JSON lines.
pub struct Filter<'a> {
    /// How many threads work; 0 for one on each core.
    pub threads: usize,
    /// How a page is read and judged.
    pub runner: &'a PageRunner,
    /// The folder that the texts go into that filters drop.
    pub rejected: Option<&'a Path>,
    /// Where the lines go, each as one piece.
    pub lines: &'a mut (dyn Write + Send),
    /// Who is told of records that no line is written for.
    pub complain: &'a (dyn Fn(&Row) + Sync),
}

/// Cleans a stream, record by record and in their order.
///
/// # Errors
/// Where the input cannot be read or the output cannot be written.
pub fn filter(filter: Filter, input: Box<dyn Read + Send>, watch: &dyn RunObserver) -> Result<Outcome> {
    let pool = survey::pool(filter.threads)?;
    let archive = Archive::of_stream(input, filter.runner.read_options())?;
    let sink = Sink::Stream { lines: filter.lines, complain: filter.complain };
    let rejected = filter.rejected.map(|dir| RejectedWriter::create(dir, None, false)).transpose()?;
    let committed = Committed::new(sink, true, watch).with_rejected(rejected);
    let workers = Workers { pool: &pool, runner: filter.runner, folder: None, watch };
    workers.commit(OrderedQueue::of_stream(archive, committed))
}

/// The threads of a run, and what they work with.
struct Workers<'a> {
    pool: &'a rayon::ThreadPool,
    runner: &'a PageRunner,
    folder: Option<&'a OutputWriter>,
    watch: &'a dyn RunObserver,
}

impl Workers<'_> {
    /// Takes every page of a queue its way; pages of which an earlier run's row does not count are judged `anew`.
    fn work<C>(&self, queue: OrderedQueue<C>, anew: &Anew) -> Result<Ended<C>>
    where
        C: InOrder<Result = PageResult> + Send,
    {
        let stop = AtomicBool::new(false);
        self.pool.broadcast(|_| {
            while let Some(mut item) = queue.next(|| self.watch.wants_to_stop() || stop.load(Ordering::Relaxed)) {
                item.earlier.take_if(|line| !anew.is_empty() && anew.contains(&near_copies::hash_of(&line.source())));
                match self.runner.walk(&mut item, self.folder) {
                    Walked::Archive(archive) => queue.divide(item, archive),
                    Walked::Page(result) => {
                        if queue.commit(item, result).is_err() {
                            stop.store(true, Ordering::Relaxed);
                        }
                    }
                }
            }
        });
        queue.end()
    }

    /// The passages that stand on more than so many documents of a walk; nothing, where it was stopped.
    fn passages(&self, walk: Walk, earlier: Option<PreviousRows>, allowed: u32) -> Result<Option<Passages>> {
        let counting = Counting::new(Scratch::of(self.folder)?);
        let ended = self.work(OrderedQueue::of_files(walk, earlier, counting), &Anew::new())?;
        ended.complete.then(|| ended.committed.above(allowed)).transpose()
    }

    /// Commits the pages of a queue as they come.
    fn commit(&self, queue: OrderedQueue<Committed>) -> Result<Outcome> {
        let ended = self.work(queue, &Anew::new())?;
        outcome(ended.committed, ended.complete)
    }

    /// Cleans all pages, finds near copies among them, and commits the pages then.
    fn commit_all_but_near_copies(
        &self,
        search: &NearSearch,
        pages: &dyn Fn() -> Result<(Walk, Option<PreviousRows>)>,
        committed: Committed,
    ) -> Result<Outcome> {
        let NearSearch { near, corpora } = *search;
        let mut committed = committed.with_near_copies(near.copies);
        let (mut anew, mut watch) = (Anew::new(), Some(self.watch));
        loop {
            let (walk, earlier) = pages()?;
            let gathering = Gathering::new(Scratch::of(self.folder)?, near, corpora, watch.take())?;
            let ended = self.work(OrderedQueue::of_files(walk, earlier, gathering), &anew)?;
            if !ended.complete {
                return outcome(committed, false);
            }
            let found = ended.committed.find()?;
            if found.lacking.is_empty() {
                let container = self.runner.cleaner().settings().output;
                let is_complete = found.commit(&mut committed, container, self.watch)?;
                return outcome(committed, is_complete);
            }
            anew.extend(&found.lacking);
            drop(found);
            self.folder.map_or(Ok(()), OutputWriter::clear_pending)?;
        }
    }
}

/// How a run has ended, by what it committed.
fn outcome(committed: Committed, is_complete: bool) -> Result<Outcome> {
    let (report, unread) = committed.finish(is_complete)?;
    Ok(Outcome { report, unread, interrupted: !is_complete, passages: None, site_map: None })
}

/// What the first pass of an earlier run has found out.
pub(super) fn remembered(standing: &OutputDir) -> Remembered {
    Remembered::from_texts(&standing.kept(SAMPLES), &standing.kept(TEMPLATES))
}

/// How the two folders lie to one another.
#[derive(Debug)]
struct FolderLayout {
    raw: PathBuf,
    clean: PathBuf,
    output_inside_input: Option<PathBuf>,
    /// Where the input lies below the output.
    input_inside_output: Option<PathBuf>,
}

impl FolderLayout {
    /// An input folder without an output.
    fn of_input(raw: &Path) -> Result<FolderLayout> {
        let raw = raw.canonicalize().map_err(|cause| Error::Read { path: raw.into(), cause })?;
        Ok(FolderLayout { raw, clean: PathBuf::new(), output_inside_input: None, input_inside_output: None })
    }

    fn of(raw: &RawFolder, clean: &Path) -> Result<FolderLayout> {
        match raw {
            RawFolder::Local(raw) => FolderLayout::of_folders(raw, clean),
            // No folder of this machine lies in it, or it in one.
            RawFolder::Remote(folder) => {
                let (raw, clean) = (folder.address().into(), resolved(clean));
                Ok(FolderLayout { raw, clean, output_inside_input: None, input_inside_output: None })
            }
        }
    }

    fn of_folders(raw: &Path, clean: &Path) -> Result<FolderLayout> {
        let raw = raw.canonicalize().map_err(|cause| Error::Read { path: raw.into(), cause })?;
        let clean = resolved(clean);
        if raw == clean {
            return Err(Error::Folders(format!(
                "{} is both input and output; dechaff never writes over its input, so choose another folder for the output",
                raw.display()
            )));
        }
        if raw.is_file() && clean.is_file() || clean.is_file() {
            return Err(Error::Folders(format!("{} is a file; the output is a folder", clean.display())));
        }
        Ok(FolderLayout {
            output_inside_input: clean.starts_with(&raw).then(|| clean.clone()),
            input_inside_output: raw.strip_prefix(&clean).ok().map(Path::to_path_buf),
            raw,
            clean,
        })
    }
}

/// A path as the file system sees it, though its last parts may not exist yet.
fn resolved(path: &Path) -> PathBuf {
    let mut missing = Vec::new();
    let mut known = path.to_path_buf();
    loop {
        if let Ok(found) = known.canonicalize() {
            return missing.iter().rev().fold(found, |path, part| path.join(part));
        }
        match (known.file_name().map(ToOwned::to_owned), known.parent().map(Path::to_path_buf)) {
            (Some(name), Some(parent)) => {
                missing.push(name);
                known = if parent.as_os_str().is_empty() { PathBuf::from(".") } else { parent };
            }
            _ => return path.to_path_buf(),
        }
    }
}
