//! The search for near copies: every page is cleaned before the first one is committed.
//!
//! What becomes of a page hangs on pages behind it. So pages go, in path order, into a spool on the disk in place of the
//! output folder, with the sketches of their texts; when all are in, near copies are found, and the spool is committed in its
//! order. The documents of earlier corpora are numbered before those of the run. A page that an earlier run has dropped as a near copy, and that stays now, is cleaned in another round: its text is
//! nowhere.

use std::collections::{HashMap, HashSet};
use std::io;
use std::path::PathBuf;

use xxhash_rust::xxh3::xxh3_64;

use crate::error::{Error, Result};
use crate::manifest::relative_path::RelativePath;
use crate::manifest::row_summary::RowLine;
use crate::manifest::{NearCopy, Row, Sketch, Status};
use crate::page::Source;
use crate::passes::near::clusters::{ClusterCounts, DocumentNumber, Match};
use crate::passes::near::{EARLIER, NearSettings};
use crate::run::RunObserver;
use crate::run::commit::{Committed, Finished, NearCopies, PageResult};
use crate::run::ordered_queue::InOrder;
use crate::settings::Container;
use crate::write::earlier_corpus::{EarlierCorpus, EarlierDocument};
use crate::write::formats;
use crate::write::near_index::NearIndex;
use crate::write::output_writer::Pending;
use crate::write::scratch::Scratch;
use crate::write::spool::{Pieces, Spool};
use crate::write::summary::NearSummary;

/// What near copies are, and what becomes of them.
#[derive(Debug, Clone)]
pub struct NearJob {
    /// How they are looked for.
    pub settings: NearSettings,
    /// What becomes of them.
    pub copies: NearCopies,
    /// The output folders of earlier runs, whose documents stay in place of those of this run.
    pub against: Vec<PathBuf>,
}

/// Pages that are to be cleaned though an earlier run's rows hold: hashes of their addresses.
pub(super) type Anew = HashSet<u64>;

/// The hash of a page's address.
pub(super) fn hash_of(source: &Source) -> u64 {
    xxh3_64(source.to_string().as_bytes())
}

/// Takes pages in their order and keeps them until all are there.
pub(super) struct Gathering<'a> {
    pages: Spool<'a>,
    /// The addresses of the documents that have a number.
    names: Spool<'a>,
    index: NearIndex<'a>,
    /// Documents whose texts were dropped by an earlier run, and the hashes of their addresses.
    without_text: Vec<(DocumentNumber, u64)>,
    /// Earlier corpora, and the number behind the last document of each.
    earlier: &'a [EarlierCorpus],
    ends: Vec<DocumentNumber>,
    job: &'a NearJob,
    /// Who counts the pages; nobody in a second round.
    watch: Option<&'a dyn RunObserver>,
}

impl<'a> Gathering<'a> {
    /// Has no page yet; the documents of earlier corpora have the first numbers.
    ///
    /// # Errors
    /// Where the temporary files cannot be made, or an earlier corpus cannot be read.
    pub(super) fn new(
        scratch: Scratch<'a>,
        job: &'a NearJob,
        earlier: &'a [EarlierCorpus],
        watch: Option<&'a dyn RunObserver>,
    ) -> Result<Gathering<'a>> {
        let make = || -> io::Result<Gathering<'a>> {
            let (pages, names) = (Spool::new(scratch, "near-pages")?, Spool::new(scratch, "near-names")?);
            let index = NearIndex::new(scratch, job.settings)?;
            Ok(Gathering { pages, names, index, without_text: Vec::new(), earlier, ends: Vec::new(), job, watch })
        };
        let mut gathering = make().map_err(spool_error)?;
        for corpus in earlier {
            for document in corpus.documents()? {
                let EarlierDocument { source, sketch } = document?;
                gathering.number(Some(&sketch), &source).map_err(spool_error)?;
            }
            gathering.ends.push(gathering.index.end_of_earlier());
        }
        Ok(gathering)
    }

    fn add(&mut self, result: &PageResult) -> io::Result<()> {
        match result {
            PageResult::Cleaned(finished) => {
                let Finished { row, kept, was_read, rejected } = &**finished;
                self.number(row.sketch.as_ref(), &row.source())?;
                let (kind, text): (u8, &[u8]) = match kept {
                    None => (NO_TEXT, &[]),
                    Some(Pending::TempFile(path)) => (TEMP_FILE, path.as_str().as_bytes()),
                    Some(Pending::Document { packed, .. }) => (DOCUMENT, packed),
                };
                self.pages.put(&[CLEANED, u8::from(*was_read), kind, u8::from(rejected.is_some())])?;
                self.pages.put(&serde_json::to_vec(row)?)?;
                self.pages.put(text)?;
                rejected.iter().try_for_each(|rejected| self.pages.put(rejected))
            }
            PageResult::Reused(line) => {
                if let Some(told) = line.told() {
                    let number = self.number(told.sketch.as_ref(), &line.source())?;
                    if let Some(number) = number.filter(|_| told.status == Status::NearCopy) {
                        self.without_text.push((number, hash_of(&line.source())));
                    }
                }
                self.pages.put(&[REUSED])?;
                self.pages.put(&line.line)
            }
        }
    }

    fn number(&mut self, sketch: Option<&Sketch>, source: &Source) -> io::Result<Option<DocumentNumber>> {
        let Some(sketch) = sketch else { return Ok(None) };
        let number = self.index.add(sketch)?;
        if number.is_some() {
            self.names.put(source.to_string().as_bytes())?;
        }
        Ok(number)
    }

    /// Finds the near copies among all pages.
    ///
    /// # Errors
    /// Where the temporary files cannot be read.
    pub(super) fn find(self) -> Result<Found<'a>> {
        let find = || -> io::Result<Found<'a>> {
            let (matches, counts) = self.index.find()?;
            let drops = self.job.copies == NearCopies::Drop;
            let stays = |number: DocumentNumber| {
                !drops || matches.binary_search_by_key(&number, |found| found.document).is_err()
            };
            let lacking =
                self.without_text.iter().filter(|(number, _)| stays(*number)).map(|(_, hash)| *hash).collect();
            let wanted: HashSet<DocumentNumber> = matches.iter().map(|found| found.stays).collect();
            let mut names = HashMap::new();
            let mut all = self.names.pieces()?;
            let mut number = 0;
            while let Some(name) = all.take()? {
                if wanted.contains(&number) {
                    names.insert(number, String::from_utf8_lossy(&name).into_owned());
                }
                number += 1;
            }
            let (pages, earlier, ends, job) = (self.pages.pieces()?, self.earlier, self.ends, self.job);
            Ok(Found { pages, matches, names, counts, lacking, earlier, ends, job })
        };
        find().map_err(spool_error)
    }
}

impl InOrder for Gathering<'_> {
    type Result = PageResult;

    fn commit(&mut self, result: PageResult) -> Result<()> {
        self.add(&result).map_err(spool_error)?;
        if let Some(watch) = self.watch {
            watch.page(match &result {
                PageResult::Cleaned(finished) => finished.row.record.is_some(),
                PageResult::Reused(line) => line.record.is_some(),
            });
        }
        Ok(())
    }
}

/// What stands at the start of a page's pieces: how it came, and where its text is.
const CLEANED: u8 = 0;
const REUSED: u8 = 1;
const NO_TEXT: u8 = 0;
const TEMP_FILE: u8 = 1;
const DOCUMENT: u8 = 2;

/// All pages, and which of them are near copies.
pub(super) struct Found<'a> {
    pages: Pieces<'a>,
    /// By the document that is a copy.
    matches: Vec<Match>,
    /// The addresses of documents that stay in place of others.
    names: HashMap<DocumentNumber, String>,
    counts: ClusterCounts,
    /// Pages that stay now, and whose texts an earlier run has dropped.
    pub lacking: Anew,
    earlier: &'a [EarlierCorpus],
    ends: Vec<DocumentNumber>,
    job: &'a NearJob,
}

impl Found<'_> {
    /// Commits the pages in their order. Whether all of them were.
    ///
    /// # Errors
    /// What ends the run.
    pub(super) fn commit(
        mut self,
        committed: &mut Committed,
        container: Container,
        watch: &dyn RunObserver,
    ) -> Result<bool> {
        let mut number = self.ends.last().copied().unwrap_or_default();
        while let Some(page) = self.next(container).map_err(spool_error)? {
            if watch.wants_to_stop() {
                return Ok(false);
            }
            let near = has_number(&page).then(|| {
                number += 1;
                self.near_copy(number - 1)
            });
            committed.settle(page, near.flatten())?;
        }
        committed.report().near = Some(self.summary());
        Ok(true)
    }

    fn near_copy(&self, number: DocumentNumber) -> Option<NearCopy> {
        let at = self.matches.binary_search_by_key(&number, |found| found.document).ok()?;
        let Match { stays, jaccard, .. } = self.matches[at];
        let corpus = self.corpus(stays);
        let rule = if corpus.is_some() { EARLIER } else { self.job.settings.stays.address() }.into();
        Some(NearCopy { page: self.names.get(&stays)?.clone(), corpus, jaccard, rule })
    }

    /// The earlier corpus that a document is of.
    fn corpus(&self, document: DocumentNumber) -> Option<String> {
        let corpus = self.earlier.get(self.ends.partition_point(|&end| end <= document))?;
        Some(corpus.name.clone())
    }

    fn summary(&self) -> NearSummary {
        let ClusterCounts { compared, alike, clusters, of_earlier, largest, largest_is, capped } = self.counts;
        let largest_is = largest_is.and_then(|number| {
            let name = self.names.get(&number)?;
            Some(self.corpus(number).map_or_else(|| name.clone(), |corpus| format!("{name} of {corpus}")))
        });
        let earlier = self.ends.last().copied().unwrap_or_default().into();
        NearSummary { compared, alike, clusters, earlier, of_earlier, largest, largest_is, capped }
    }

    fn next(&mut self, container: Container) -> io::Result<Option<PageResult>> {
        let Some(head) = self.pages.take()? else { return Ok(None) };
        let cut_short = || io::Error::from(io::ErrorKind::UnexpectedEof);
        let mut piece = || self.pages.take()?.ok_or_else(cut_short);
        if head == [REUSED] {
            return RowLine::of(piece()?).map(|line| Some(PageResult::Reused(line))).ok_or_else(cut_short);
        }
        let &[CLEANED, was_read, kind, has_rejected] = head.as_slice() else { return Err(cut_short()) };
        let row: Row = serde_json::from_slice(&piece()?)?;
        let text = piece()?;
        let kept = match (kind, formats::of(container)) {
            (TEMP_FILE, _) => {
                let path = String::from_utf8(text).map_err(io::Error::other)?;
                Some(Pending::TempFile(RelativePath::of(&path).map_err(io::Error::other)?))
            }
            (DOCUMENT, Some(format)) => Some(Pending::Document { format, packed: text }),
            _ => None,
        };
        let rejected = (has_rejected == 1).then(piece).transpose()?;
        let finished = Finished { row, kept, was_read: was_read == 1, rejected };
        Ok(Some(PageResult::Cleaned(Box::new(finished))))
    }
}

/// Whether a page was numbered as a document.
fn has_number(page: &PageResult) -> bool {
    let has_hashes = |sketch: &Sketch| !sketch.hashes.is_empty();
    match page {
        PageResult::Cleaned(finished) => finished.row.sketch.as_ref().is_some_and(has_hashes),
        PageResult::Reused(line) => line.told().is_some_and(|told| told.sketch.as_ref().is_some_and(has_hashes)),
    }
}

fn spool_error(cause: io::Error) -> Error {
    Error::Folders(format!("cannot keep the pages among which near copies are looked for: {cause}"))
}
