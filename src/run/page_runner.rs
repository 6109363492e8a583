//! The way of one page: bytes, page, marks, text and row.

mod held;

use std::any::Any;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, OnceLock};

use crate::cleaner::Cleaner;
use crate::document::Cleaned;
use crate::error::Result;
use crate::filters;
use crate::hash::sha256;
use crate::manifest::{FORM, Header, Output, Row, SketchShape, Status};
use crate::page::{Page, Source};
use crate::parse::ParsedPage;
use crate::parse::probe::Probe;
use crate::parse::repair::RepairRecord;
use crate::passes::near::sketcher::Sketcher;
use crate::passes::passages::Passages;
use crate::passes::templates::site_templates::SiteTemplates;
use crate::read::ReadOptions;
use crate::read::archive::RawDocument;
use crate::read::arrivals::Archive;
use crate::read::first_look::{self, FirstLook};
use crate::read::site_map::SiteMap;
use crate::read::walk::{Entry, EntryKind, Walk};
use crate::render;
use crate::run::commit::{Finished, PageResult};
use crate::run::ordered_queue::WorkItem;
use crate::run::sample::SeenPages;
use crate::settings::{Container, OutputMarkup};
use crate::stages::model::{HTML_WEIGHTS, WEIGHTS};
use crate::write::document::{self, Passed};
use crate::write::formats;
use crate::write::output_name;
use crate::write::output_writer::{OutputWriter, Pending};

pub use held::Held;

/// What is said among the repairs of a page whose bytes were cut short on their way: what came is kept.
const CUT_SHORT: Cow<'static, str> = Cow::Borrowed("cut-short");

/// What became of a page on its way.
pub enum Walked {
    /// It is ready to be committed.
    Page(PageResult),
    /// It is a file of many pages.
    Archive(Archive),
}

/// How a page of a run is found, read, judged and named: what all pages of a run have in common.
pub struct PageRunner {
    cleaner: Cleaner,
    /// Made when it is asked for first: it takes hashes of all rules and of the model.
    header: OnceLock<Header>,
    read_options: ReadOptions,
    /// The hash of what is known of each site, by host.
    known: BTreeMap<String, String>,
    /// What the first pass has read already.
    seen: SeenPages,
    /// Whether the texts that filters drop are wanted.
    wants_rejected: bool,
    /// What near copies are found by, where they are looked for.
    near: Option<NearRunner>,
    /// Whether pages are judged for their passages alone, which are counted.
    is_counting: bool,
}

/// How pages are made ready for the search for near copies.
#[derive(Debug)]
struct NearRunner {
    sketcher: Sketcher,
    /// Whether near copies go.
    drops: bool,
}

impl PageRunner {
    /// Pages of a run that are read, judged and named as the settings of this cleaner say.
    pub fn new(cleaner: Cleaner) -> PageRunner {
        let settings = cleaner.settings();
        let read_options = ReadOptions {
            passes_json: settings.output == Container::Jsonl,
            passes_columns: settings.output == Container::Parquet,
            ..ReadOptions::of(&settings.reading)
        };
        let seen = SeenPages::default();
        let known = BTreeMap::new();
        let mut runner = PageRunner {
            header: OnceLock::new(),
            cleaner,
            read_options,
            known,
            seen,
            wants_rejected: false,
            near: None,
            is_counting: false,
        };
        runner.note_templates();
        runner
    }

    /// The manifest's first line.
    pub fn header(&self) -> &Header {
        self.header.get_or_init(|| {
            let (cleaner, settings) = (&self.cleaner, self.cleaner.settings());
            Header {
                manifest: FORM,
                dechaff: env!("CARGO_PKG_VERSION").into(),
                rules: cleaner.rules().hash_all(),
                model: (!settings.is_off("model")).then(|| sha256(&[WEIGHTS, HTML_WEIGHTS].concat())),
                templates: (!self.known.is_empty()).then(|| cleaner.templates().hash()),
                filters: cleaner.filters().hash(),
                language_model: cleaner.language_model_hash().map(str::to_string),
                options: settings.options(),
            }
        })
    }

    /// Takes the stage in that applies what a survey has found out.
    pub fn use_templates(&mut self, templates: SiteTemplates) {
        self.cleaner = self.cleaner.with_templates(templates);
        self.note_templates();
    }

    /// Takes the URLs of pages from a site map.
    pub fn use_site_map(&mut self, map: SiteMap) {
        self.read_options.site_map = Some(Arc::new(map));
    }

    fn note_templates(&mut self) {
        self.known = self.cleaner.templates().hashes();
        self.header = OnceLock::new();
    }

    /// What reads and judges the pages.
    pub fn cleaner(&self) -> &Cleaner {
        &self.cleaner
    }

    /// Takes over what the first pass has read already.
    pub fn take_seen(&mut self, seen: SeenPages) {
        self.seen = seen;
    }

    /// Has every text that filters drop at hand, as a line of JSON: see [`Finished::rejected`].
    pub fn keep_rejected(&mut self) {
        self.wants_rejected = true;
        self.read_options.passes_json = true;
    }

    /// Has pages judged for their passages, and for nothing else, until [`PageRunner::use_passages`].
    pub fn count_passages(&mut self) {
        self.cleaner = self.cleaner.with_passages(Passages::default());
        self.is_counting = true;
    }

    /// Takes the stage in that drops these passages.
    pub fn use_passages(&mut self, passages: Passages) {
        self.cleaner = self.cleaner.with_passages(passages);
        self.is_counting = false;
    }

    /// Sketches every text, so that near copies can be found; `drops` says whether they go then.
    pub fn sketch_texts(&mut self, shape: SketchShape, drops: bool) {
        self.near = Some(NearRunner { sketcher: Sketcher::new(shape), drops });
    }

    /// Takes a page all the way but for the commit. What goes wrong stands in the row. Where the row that an earlier
    /// run wrote of it still holds, the way ends there.
    pub fn walk(&self, item: &mut WorkItem, folder: Option<&OutputWriter>) -> Walked {
        let WorkItem { number, page, earlier, .. } = item;
        if let Some(line) = self.standing(earlier, folder, |line| self.held_when_seen(line)) {
            return Walked::Page(PageResult::Reused(line));
        }
        if let Some(archive) = page.open(&self.read_options) {
            return Walked::Archive(archive);
        }
        let document = match page.document(&self.read_options) {
            Ok(document) => document,
            Err((status, reason)) => {
                let row = Row::new(page.source.path.clone(), page.source.record, status);
                let finished = Finished { was_read: !page.is_unreadable(), ..without_text(row, status, reason) };
                return Walked::Page(PageResult::Cleaned(Box::new(finished)));
            }
        };
        if let Some(line) = self.standing(earlier, folder, |line| self.still_holds(line, &page.source, &document)) {
            return Walked::Page(PageResult::Reused(line));
        }
        // A mistake of dechaff's own is told of the page that it is met on, and the others go on.
        let cleaned = catch_unwind(AssertUnwindSafe(|| self.finish(*number, &page.source, &document, folder)));
        let finished = cleaned.unwrap_or_else(|panic| {
            let row = Row::new(page.source.path.clone(), page.source.record, Status::Failed);
            Finished { was_read: false, ..without_text(row, Status::Failed, mistake(&*panic)) }
        });
        Walked::Page(PageResult::Cleaned(Box::new(finished)))
    }

    /// Cleans a page and puts its text where it waits to be committed.
    fn finish(&self, number: u64, source: &Source, document: &RawDocument, folder: Option<&OutputWriter>) -> Finished {
        let (mut finished, text) = self.clean(source, document);
        let Some(text) = text else { return finished };
        let kept = match (formats::of(self.cleaner.settings().output), folder) {
            (Some(format), _) => {
                let packed = format.pack(&finished.row, &text, &self.passed(document));
                packed.map(|packed| Pending::Document { format, packed }).map_err(|error| error.to_string())
            }
            (None, Some(folder)) => {
                folder.put_aside(number, text.as_bytes()).map(Pending::TempFile).map_err(|error| error.cause())
            }
            (None, None) => return finished,
        };
        match kept {
            Ok(kept) => finished.kept = Some(kept),
            Err(why) => finished = without_text(row_of(source, document, finished.row.sha256), Status::Failed, why),
        }
        finished
    }

    /// The row and the text of a page that no run will see again: the row has no key, which takes hashes of all rules.
    pub fn clean_once(&self, source: &Source, document: &RawDocument) -> (Finished, Option<String>) {
        self.cleaned(source, document, false)
    }

    /// Turns a page's bytes into a row and a text. No file is touched.
    pub fn clean(&self, source: &Source, document: &RawDocument) -> (Finished, Option<String>) {
        self.cleaned(source, document, true)
    }

    fn cleaned(&self, source: &Source, document: &RawDocument, has_key: bool) -> (Finished, Option<String>) {
        let mut row = row_of(source, document, Some(sha256(&document.bytes)));
        let probe = self.probe(source, document);
        if let Some((status, why)) = probe.unread() {
            return (without_text(row, status, why.into()), None);
        }
        if let Err(why) = self.name(source, document, ".txt") {
            return (without_text(row, Status::Failed, why), None);
        }
        let judged = self.judge(source, document, &probe);
        let page = &judged.parsed.page;
        if page.blocks.is_empty() {
            row.metadata = judged.parsed.metadata.map(Box::new);
            row.non_content_elements = judged.parsed.non_content_elements;
            return (without_text(row, Status::Blank, String::new()), None);
        }
        row.status = judged.status;
        row.site = page.site.as_ref().map(|site| site.host.clone());
        row.site_source = page.site.as_ref().map(|site| site.known_by);
        row.site_options = self.cleaner.site_options(page);
        render::account::account(page, &judged.sizes, &judged.marks, &|rule| self.cleaner.address(rule), &mut row);
        row.passages = self.cleaner.passages().map(|known| known.list(page, &judged.sizes, &judged.marks));
        if self.is_counting {
            return (Finished { row, kept: None, was_read: true, rejected: None }, None);
        }
        let ending = if self.writes_markdown(page) { ".md" } else { ".txt" };
        let text = render::render(page, &judged.marks, self.cleaner.settings().markup);
        // What is said of a text is said of its plain form, whatever is written.
        let is_asked = self.near.is_some() || !self.cleaner.filters().is_empty();
        let plain = (is_asked && self.writes_markdown(page)).then(|| judged.text());
        row.language = self.cleaner.language(&text);
        row.key = has_key.then(|| self.key(row.sha256.as_deref().unwrap_or_default(), document, probe.host()));
        let is_dropped = self.filter(&judged, plain.as_deref().unwrap_or(&text), document, &mut row);
        let path = self.name(source, document, ending).unwrap_or_default();
        row.output = Some(Output { path, line: None, bytes: text.len() as u64, sha256: sha256(text.as_bytes()) });
        row.charset = Some(judged.parsed.charset);
        row.repairs = judged.parsed.repairs;
        if document.is_cut {
            row.repairs.insert(CUT_SHORT, 1);
        }
        row.metadata = judged.parsed.metadata.map(Box::new);
        row.non_content_elements = judged.parsed.non_content_elements;
        let mut finished = Finished { row, kept: None, was_read: true, rejected: None };
        if let (false, Some(near)) = (is_dropped, &self.near) {
            finished.row.sketch = Some(near.sketcher.sketch(plain.as_deref().unwrap_or(&text)));
        }
        if is_dropped {
            finished.row.output = None;
            let rejected =
                self.wants_rejected.then(|| document::line(&finished.row, &text, &self.passed(document))).transpose();
            match rejected {
                Ok(rejected) => finished.rejected = rejected,
                Err(error) => {
                    let row = row_of(source, document, finished.row.sha256);
                    let why = format!("a filter drops it, and it cannot be kept for --rejected: {error}");
                    finished = without_text(row, Status::Failed, why);
                }
            }
            return (finished, None);
        }
        (finished, Some(text))
    }

    /// Asks the filters. Whether they drop the page.
    fn filter(&self, judged: &Cleaned, plain: &str, document: &RawDocument, row: &mut Row) -> bool {
        if self.cleaner.filters().is_empty() {
            return false;
        }
        let url = document.sidecar.url.as_deref().or_else(|| judged.metadata()?.url.as_deref()).or(row.site.as_deref());
        let filtered = self.cleaner.filter_text(plain, url, row.language.as_ref());
        (row.filters, row.measures) = (filtered.verdicts, filtered.measures);
        if filtered.is_dropped {
            row.status = Status::Filtered;
        }
        filtered.is_dropped
    }

    fn writes_markdown(&self, page: &Page) -> bool {
        self.cleaner.settings().markup == OutputMarkup::Markdown && page.markup.is_some()
    }

    /// What the text of a page is called, where no other record has the name; nothing, where it goes into a shard. A
    /// record whose own number stands behind its name has it there twice, so that it is known for what it is.
    fn name(&self, source: &Source, document: &RawDocument, ending: &str) -> std::result::Result<String, String> {
        let name = self.plain_name(source, document, ending)?;
        Ok(match source.record.filter(|&record| output_name::without_number(&name, record).is_some()) {
            Some(record) => output_name::of_namesake(&name, record),
            None => name,
        })
    }

    fn plain_name(&self, source: &Source, document: &RawDocument, ending: &str) -> std::result::Result<String, String> {
        match (formats::of(self.cleaner.settings().output), source.record) {
            (Some(_), _) => Ok(String::new()),
            (None, None) => Ok(output_name::of_file(&document.name, ending)),
            (None, Some(_)) => {
                let folder = match &*document.within {
                    "" => Cow::Borrowed(&source.path),
                    within => Cow::Owned(output_name::of_member(&source.path, within, "")),
                };
                match &*document.name {
                    "" => {
                        let (id, url) = (document.id.as_deref(), document.sidecar.url.as_deref());
                        output_name::of_record(&folder, id, url, ending)
                    }
                    name => Ok(output_name::of_member(&folder, name, ending)),
                }
            }
        }
    }

    /// Proves a user's rules before anything is written: the general ones, and those of the sites that the files
    /// of a walk belong to.
    ///
    /// # Errors
    /// [`crate::error::Error::Rules`] with everything that is wrong with them.
    pub fn prove_rules(&self, walk: Walk) -> Result<()> {
        let mut hosts = BTreeSet::new();
        if self.cleaner.rules().has_own_sites() {
            for found in walk.filter(|found| matches!(found.what, EntryKind::File(_))) {
                match self.site_of_file(&found) {
                    FirstLook::Host(host) => {
                        hosts.insert(host);
                    }
                    FirstLook::Unknown => {}
                    // Whose pages are packed is not known before they are unpacked.
                    FirstLook::Packed => return self.prove_rules_of_all_sites(),
                }
            }
        }
        self.prove_rules_of(&hosts.iter().map(String::as_str).collect::<Vec<_>>())
    }

    /// The same for the rules of all sites, where nobody knows which ones will come.
    ///
    /// # Errors
    /// As for [`PageRunner::prove_rules`].
    pub fn prove_rules_of_all_sites(&self) -> Result<()> {
        self.prove_rules_of(&self.cleaner.rules().hosts())
    }

    fn prove_rules_of(&self, hosts: &[&str]) -> Result<()> {
        self.cleaner.rules().prove(hosts)?;
        filters::prove(self.cleaner.rules(), self.cleaner.filters().tokenizer())
    }

    /// The same for the rules that one page meets.
    ///
    /// # Errors
    /// As for [`PageRunner::prove_rules`].
    pub fn prove_page_rules(&self, probe: &Probe) -> Result<()> {
        self.prove_rules_of(&probe.host().into_iter().collect::<Vec<_>>())
    }

    /// How files are opened.
    pub fn read_options(&self) -> &ReadOptions {
        &self.read_options
    }

    /// What is known of the site of a file that has not been read.
    pub fn site_of_file(&self, found: &Entry) -> FirstLook {
        first_look::site_of_file(found, &self.cleaner.parse_options().site_from, &self.read_options)
    }

    /// What is known of a page before it is decoded.
    pub fn probe(&self, source: &Source, document: &RawDocument) -> Probe {
        let path = match source.record.filter(|_| !document.name.is_empty()) {
            // Folders of an archive tell a site as other folders do.
            Some(_) => Cow::Owned(format!("{}/{}", source.path, joined(&document.within, &document.name))),
            None => Cow::Borrowed(&source.path),
        };
        self.cleaner.probe(&path, &document.name, &document.bytes, &document.sidecar)
    }

    /// Reads a page.
    pub fn parse(&self, source: &Source, document: &RawDocument, probe: &Probe) -> ParsedPage {
        self.cleaner.parse(source.clone(), &document.bytes, &document.sidecar, probe)
    }

    /// Reads and judges a page.
    pub fn judge(&self, source: &Source, document: &RawDocument, probe: &Probe) -> Cleaned {
        self.cleaner.judge(source.clone(), &document.bytes, &document.sidecar, probe)
    }

    /// Reads and judges a page, and keeps the verdicts that came too late.
    pub fn judge_with_overridden(&self, source: &Source, document: &RawDocument, probe: &Probe) -> Cleaned {
        self.cleaner.judge_with_overridden(source.clone(), &document.bytes, &document.sidecar, probe)
    }

    /// The repairs made to a page's text, line by line, with what speaks for each.
    pub fn repairs(&self, source: &Source, document: &RawDocument, probe: &Probe) -> Vec<RepairRecord> {
        self.cleaner.repairs(&source.path, &document.bytes, &document.sidecar, probe)
    }

    /// What goes on with a document beside its text.
    fn passed<'d>(&self, document: &'d RawDocument) -> Passed<'d> {
        Passed {
            created: document.created.as_deref(),
            fields: &document.fields.all,
            row: document.row,
            is_tagged: self.cleaner.settings().filtering.tag,
        }
    }
}

/// The row of a page with nothing but its input.
fn row_of(source: &Source, document: &RawDocument, sha256: Option<String>) -> Row {
    let mut row = Row::new(source.path.clone(), source.record, Status::Skipped);
    row.bytes = Some(document.bytes.len() as u64);
    row.sha256 = sha256;
    row.url.clone_from(&document.sidecar.url);
    if source.record.is_some() {
        row.id = document.id.as_deref().map(|id| joined(&document.within, id).into_owned());
    }
    row
}

/// A name that is looked for within another one, if it is.
fn joined<'n>(within: &str, name: &'n str) -> Cow<'n, str> {
    if within.is_empty() { Cow::Borrowed(name) } else { Cow::Owned(format!("{within}/{name}")) }
}

/// What is said of a page on which dechaff itself failed.
fn mistake(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    format!("a mistake of dechaff's own, not of the page: {}; please report it", text.unwrap_or("it stopped"))
}

fn without_text(row: Row, status: Status, why: String) -> Finished {
    Finished { row: row.without_text(status, why), kept: None, was_read: true, rejected: None }
}
