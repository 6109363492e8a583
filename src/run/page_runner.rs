//! The way of one page: bytes, page, marks, text and row.

use std::collections::{BTreeMap, BTreeSet};

use crate::cleaner::Cleaner;
use crate::error::Result;
use crate::manifest::row_summary::{OutputSummary, RowLine, RowSummary};
use crate::manifest::{FORM, Header, Output, Row, Status};
use crate::page::Source;
use crate::parse::site::{self, Sidecar};
use crate::passes::templates::site_templates::SiteTemplates;
use crate::read::ReadOptions;
use crate::read::archive::RawDocument;
use crate::read::arrivals::Content;
use crate::read::first_look::{self, FirstLook};
use crate::read::walk::{Entry, EntryKind, Walk};
use crate::render;
use crate::run::ordered_queue::{Finished, PageResult, WorkItem};
use crate::run::sample::SeenPages;
use crate::settings::{Container, OutputMarkup};
use crate::stages::model::{HTML_WEIGHTS, WEIGHTS};
use crate::write::document::{self, Passed};
use crate::write::output_name;
use crate::write::output_writer::{OutputWriter, Pending, sha256};

/// How a page of a run is found, read, judged and named: what all pages of a run have in common.
pub struct PageRunner {
    /// The manifest's first line.
    pub header: Header,
    cleaner: Cleaner,
    /// The hash of the rules for every site.
    general: String,
    read_options: ReadOptions,
    /// The hash of what is known of each site, by host.
    known: BTreeMap<String, String>,
    /// What the first pass has read already.
    seen: SeenPages,
}

impl PageRunner {
    /// Pages of a run that are read, judged and named as the settings of this cleaner say.
    pub fn new(cleaner: Cleaner) -> PageRunner {
        let settings = cleaner.settings();
        let header = Header {
            manifest: FORM,
            dechaff: env!("CARGO_PKG_VERSION").into(),
            rules: cleaner.rules().hash_all(),
            model: (!settings.is_off("model")).then(|| sha256(&[WEIGHTS, HTML_WEIGHTS].concat())),
            templates: None,
            options: settings.options(),
        };
        let general = cleaner.rules().hash_general().to_string();
        let read_options = ReadOptions::of(&settings.reading);
        let seen = SeenPages::default();
        let mut runner = PageRunner { header, cleaner, general, read_options, known: BTreeMap::new(), seen };
        runner.note_templates();
        runner
    }

    /// Takes the stage in that applies what a survey has found out.
    pub fn use_templates(&mut self, templates: SiteTemplates) {
        self.cleaner = self.cleaner.with_templates(templates);
        self.note_templates();
    }

    fn note_templates(&mut self) {
        self.known = self.cleaner.templates().hashes();
        self.header.templates = (!self.known.is_empty()).then(|| self.cleaner.templates().hash());
    }

    /// What reads and judges the pages.
    pub fn cleaner(&self) -> &Cleaner {
        &self.cleaner
    }

    /// Takes over what the first pass has read already.
    pub fn take_seen(&mut self, seen: SeenPages) {
        self.seen = seen;
    }

    /// Takes a page all the way but for the commit. What goes wrong stands in the row. Where the row that an earlier
    /// run wrote of a file still holds, the way ends there; pages that come packed are judged anew.
    pub fn walk(&self, item: &mut WorkItem, folder: Option<&OutputWriter>) -> PageResult {
        if let Some(line) = self.standing(item, folder, |line| self.held_when_seen(line)) {
            return PageResult::Reused(line);
        }
        let arrival = &mut item.arrival;
        let mut row = Row::new(arrival.path.clone(), arrival.record, Status::Skipped);
        PageResult::Cleaned(Box::new(match arrival.content.take() {
            Content::Skipped(why) => without_text(row, Status::Skipped, why),
            Content::Failed(why) => without_text(row, Status::Failed, why),
            Content::File(file, _) => match file.read() {
                Ok(bytes) => {
                    let name = row.path.clone();
                    let leaf = RawDocument::of_file(&bytes, arrival.sidecar());
                    let again = self.standing(item, folder, |line| self.still_holds(line, &bytes, &leaf.sidecar));
                    if let Some(line) = again {
                        return PageResult::Reused(line);
                    }
                    self.finish(row, item.number, &name, &leaf, folder)
                }
                Err(error) => without_text(row, Status::Failed, error.cause()),
            },
            Content::Unpacked(name, bytes) => {
                self.finish(row, item.number, &name, &RawDocument::of_file(&bytes, arrival.sidecar()), folder)
            }
            Content::Record(matter) => match matter.open(&self.read_options.fields, &self.read_options.bounds) {
                Ok(leaf) => {
                    row.id = leaf.id.as_deref().map(str::to_string);
                    row.url.clone_from(&leaf.sidecar.url);
                    self.finish(row, item.number, "", &leaf, folder)
                }
                Err((status, why)) => without_text(row, status, why),
            },
        }))
    }

    /// Cleans a page and puts its text where it waits to be committed.
    fn finish(&self, row: Row, number: u64, name: &str, leaf: &RawDocument, folder: Option<&OutputWriter>) -> Finished {
        let (mut finished, text) = self.clean(row, name, leaf);
        let Some(text) = text else { return finished };
        let kept = match (self.cleaner.settings().output, folder) {
            (Container::Jsonl, _) => {
                let passed = Passed { created: leaf.created.as_deref(), fields: &leaf.fields.all };
                let line = document::line(&finished.row, &text, &passed);
                line.map(Pending::JsonLine).map_err(|error| error.to_string())
            }
            (Container::Files, Some(folder)) => {
                folder.put_aside(number, text.as_bytes()).map(Pending::TempFile).map_err(|error| error.cause())
            }
            (Container::Files, None) => return finished,
        };
        match kept {
            Ok(kept) => finished.kept = Some(kept),
            Err(why) => finished = without_text(finished.row.as_unread(), Status::Failed, why),
        }
        finished
    }

    /// Turns a page's bytes into a row and a text. No file is touched. `name` is that of its file, none where it is a
    /// record.
    pub fn clean(&self, mut row: Row, name: &str, leaf: &RawDocument) -> (Finished, Option<String>) {
        row.bytes = Some(leaf.bytes.len() as u64);
        row.sha256 = Some(sha256(&leaf.bytes));
        if let Some((status, why)) = self.cleaner.unread(name, &leaf.bytes, &leaf.sidecar) {
            return (without_text(row, status, why.into()), None);
        }
        if let Err(why) = self.name(&row, name, ".txt") {
            return (without_text(row, Status::Failed, why), None);
        }
        let judged =
            self.cleaner.judge(Source { path: row.path.clone(), record: row.record }, &leaf.bytes, &leaf.sidecar);
        let page = &judged.parsed.page;
        if page.blocks.is_empty() {
            row.metadata = judged.parsed.metadata.map(Box::new);
            row.aside = judged.parsed.aside;
            return (without_text(row, Status::Empty, String::new()), None);
        }
        row.status = judged.status;
        row.site = page.site.as_ref().map(|site| site.host.clone());
        row.site_known_by = page.site.as_ref().map(|site| site.known_by);
        render::account::account(page, &judged.marks, &|rule| self.cleaner.address(rule), &mut row);
        let (text, ending) = match (self.cleaner.settings().markup, &page.markup) {
            (OutputMarkup::Markdown, Some(_)) => (render::markdown::markdown(page, &judged.marks), ".md"),
            _ => (render::text::text(page, &judged.marks), ".txt"),
        };
        row.language = render::language::language(&text);
        let path = self.name(&row, name, ending).unwrap_or_default();
        row.out = Some(Output { path, line: None, bytes: text.len() as u64, sha256: sha256(text.as_bytes()) });
        let sha256_in = row.sha256.as_deref().unwrap_or_default();
        row.key = Some(self.key(&row.path, sha256_in, &leaf.sidecar, row.site.as_deref()));
        row.charset = Some(judged.parsed.charset);
        row.repairs = judged.parsed.repairs;
        row.metadata = judged.parsed.metadata.map(Box::new);
        row.aside = judged.parsed.aside;
        (Finished { row, kept: None }, Some(text))
    }

    /// What the text of a page is called; nothing, where it goes into a shard.
    fn name(&self, row: &Row, name: &str, ending: &str) -> std::result::Result<String, String> {
        match (self.cleaner.settings().output, row.record) {
            (Container::Jsonl, _) => Ok(String::new()),
            (Container::Files, None) => Ok(output_name::of_file(name, ending)),
            (Container::Files, Some(_)) => {
                output_name::of_record(&row.path, row.id.as_deref(), row.url.as_deref(), ending)
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
        self.cleaner.rules().prove(&hosts.iter().map(String::as_str).collect::<Vec<_>>())
    }

    /// The same for the rules of all sites, where nobody knows which ones will come.
    ///
    /// # Errors
    /// As for [`PageRunner::prove_rules`].
    pub fn prove_rules_of_all_sites(&self) -> Result<()> {
        self.cleaner.rules().prove(&self.cleaner.rules().hosts())
    }

    /// The same for the rules that one page meets.
    ///
    /// # Errors
    /// As for [`PageRunner::prove_rules`].
    pub fn prove_page_rules(&self, path: &str, bytes: &[u8], sidecar: &Sidecar) -> Result<()> {
        let site = site::site_of_bytes(path, bytes, sidecar, &self.cleaner.parse_options().site_from);
        self.cleaner.rules().prove(&site.iter().map(|site| site.host.as_str()).collect::<Vec<_>>())
    }

    /// How files of many pages are opened.
    pub fn read_options(&self) -> &ReadOptions {
        &self.read_options
    }

    /// What is known of the site of a file that has not been read.
    pub fn site_of_file(&self, found: &Entry) -> FirstLook {
        first_look::site_of_file(found, &self.cleaner.parse_options().site_from)
    }

    /// The host of a page that has not been decoded.
    pub fn host_of(&self, path: &str, leaf: &RawDocument) -> Option<String> {
        site::site_of_bytes(path, &leaf.bytes, &leaf.sidecar, &self.cleaner.parse_options().site_from)
            .map(|site| site.host)
    }

    /// Takes an earlier run's row off its ticket, where it holds and its output stands.
    fn standing(
        &self,
        item: &mut WorkItem,
        folder: Option<&OutputWriter>,
        out: impl for<'l> Fn(&'l RowLine) -> Option<OutputSummary<'l>>,
    ) -> Option<RowLine> {
        let folder = folder.filter(|_| self.cleaner.settings().output == Container::Files)?;
        item.earlier.take_if(|line| out(line).is_some_and(|out| folder.standing().holds(&out)))
    }

    /// The output of an earlier run's row, if the row is what this run would write for these bytes; whether
    /// the output still stands is for the caller to see. `copy_of` stands outside: the committer settles it.
    pub fn still_holds<'l>(&self, line: &'l RowLine, bytes: &[u8], sidecar: &Sidecar) -> Option<OutputSummary<'l>> {
        let told = line.told()?;
        match told.bytes == Some(bytes.len() as u64) {
            true => self.holds_for(line, told, &sha256(bytes), sidecar),
            false => None,
        }
    }

    /// The same for a page that the first pass has read: it need not be read again.
    fn held_when_seen<'l>(&self, line: &'l RowLine) -> Option<OutputSummary<'l>> {
        if !self.seen.has(&line.path) {
            return None;
        }
        let told = line.told()?;
        let sha256 = told.sha256.clone().filter(|sha256| self.seen.is_as_it_was(&line.path, sha256))?;
        self.holds_for(line, told, &sha256, &Sidecar::default())
    }

    fn holds_for<'l>(
        &self,
        line: &'l RowLine,
        told: RowSummary<'l>,
        sha256: &str,
        sidecar: &Sidecar,
    ) -> Option<OutputSummary<'l>> {
        let (key, out) = (told.key?, told.out?);
        if ![".txt", ".md"].iter().any(|ending| *out.path == output_name::of_file(&line.path, ending)) {
            return None;
        }
        // The site stands in the row: it follows from the path, the bytes and the sidecar, which the key holds.
        (self.key(&line.path, sha256, sidecar, told.site.as_deref()) == *key).then_some(out)
    }

    /// A hash over all that a page's row depends on besides its path: its bytes, what stands beside it, the
    /// run's header (where another site's rules count for nothing), its own site's rules, and what is known of
    /// its own site.
    pub fn key(&self, path: &str, sha256_in: &str, sidecar: &Sidecar, site: Option<&str>) -> String {
        let input = self.input_key(path, sha256_in, sidecar);
        let depends = [
            input.as_str(),
            site.unwrap_or_default(),
            self.header.model.as_deref().unwrap_or_default(),
            &self.general,
            site.map_or("", |host| self.cleaner.rules().hash_site(host)),
            site.and_then(|host| self.known.get(host)).map_or("", String::as_str),
        ];
        sha256(depends.join("\n").as_bytes())[..32].into()
    }

    /// A hash over all that a page is read by, before it is judged. Bytes are told by their hash.
    pub fn input_key(&self, path: &str, sha256_in: &str, sidecar: &Sidecar) -> String {
        let (site, _) = site::site(path, "", sidecar, &self.cleaner.parse_options().site_from);
        // Strings and nothing: there is nothing in a sidecar that JSON cannot say.
        let beside = serde_json::to_string(sidecar).unwrap_or_default();
        let host = site.as_ref().map(|site| site.host.as_str());
        let by_rule = host.and_then(|host| self.cleaner.rules().charset(host)).unwrap_or_default();
        let by_survey = host
            .and_then(|host| self.cleaner.parse_options().site_charsets.get(host))
            .map_or("", |charset| charset.name());
        [sha256_in, &beside, by_rule, by_survey, &self.header.dechaff, &self.header.options.join(" ")].join("\n")
    }
}

impl Row {
    /// The row of the same page with nothing but its input.
    fn as_unread(&self) -> Row {
        let mut row = Row::new(self.path.clone(), self.record, self.status);
        row.bytes = self.bytes;
        row.sha256.clone_from(&self.sha256);
        row.id.clone_from(&self.id);
        row.url.clone_from(&self.url);
        row
    }
}

fn without_text(mut row: Row, status: Status, why: String) -> Finished {
    row.status = status;
    row.why = (!why.is_empty()).then_some(why);
    Finished { row, kept: None }
}
