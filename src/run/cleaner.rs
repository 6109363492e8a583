//! The way of one page: bytes, page, marks, text and row.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use encoding_rs::Encoding;

use crate::error::Result;
use crate::line::PageFeatures;
use crate::manifest::row_summary::{OutputSummary, RowLine, RowSummary};
use crate::manifest::{self, FORM, Header, Output, Row, Status};
use crate::marks::{Marks, RuleId};
use crate::page::Source;
use crate::parse::kind::{Kind, kind};
use crate::parse::repair::RepairRecord;
use crate::parse::site::{self, Sidecar};
use crate::parse::{ParseOptions, ParsedPage};
use crate::passes::templates::RecurringStage;
use crate::passes::templates::site_templates::SiteTemplates;
use crate::read::ReadOptions;
use crate::read::archive::RawDocument;
use crate::read::arrivals::Content;
use crate::read::first_look::{self, FirstLook};
use crate::read::walk::{Entry, EntryKind, Walk};
use crate::render::{self, Container, OutputMarkup};
use crate::rules::RuleSet;
use crate::run::ordered_queue::{Finished, PageResult, WorkItem};
use crate::run::sample::SeenPages;
use crate::run::stage_list::{self, StageList};
use crate::stages::closing::{self, Outcome};
use crate::stages::model::{HTML_WEIGHTS, WEIGHTS};
use crate::write::document::{self, Passed};
use crate::write::output_name;
use crate::write::output_writer::{OutputWriter, Pending, sha256};

/// How a page is read, judged and named: what all pages of a run have in common.
pub struct Cleaner {
    /// The manifest's first line.
    pub header: Header,
    stages: StageList,
    rules: Arc<RuleSet>,
    /// The hash of the rules for every site.
    general: String,
    parse_options: ParseOptions,
    read_options: ReadOptions,
    form: Container,
    format: OutputMarkup,
    templates: SiteTemplates,
    /// The hash of what is known of each site, by host.
    known: BTreeMap<String, String>,
    /// What the first pass has read already.
    seen: SeenPages,
}

/// What a person can choose of it.
#[derive(Debug, Default)]
pub struct Choices {
    /// Which stages judge, and how.
    pub stages: stage_list::Choices,
    /// How pages are read.
    pub parse_options: ParseOptions,
    /// How files of many pages are opened.
    pub read_options: ReadOptions,
    /// In which form they are written.
    pub form: Container,
    /// The choices that change bytes, as the manifest's header names them.
    pub named: Vec<String>,
}

/// A page that was judged.
pub struct Judged {
    /// What was learned on its way in.
    pub taken: ParsedPage,
    /// What the stages said.
    pub marks: Marks,
    /// What became of it.
    pub status: Status,
}

impl Cleaner {
    /// The way through these rules.
    pub fn new(rules: RuleSet, choices: Choices) -> Cleaner {
        let rules = Arc::new(rules);
        let header = Header {
            manifest: FORM,
            dechaff: env!("CARGO_PKG_VERSION").into(),
            rules: rules.hash_all(),
            model: (!choices.stages.off.iter().any(|off| off == "model"))
                .then(|| sha256(&[WEIGHTS, HTML_WEIGHTS].concat())),
            templates: None,
            options: choices.named,
        };
        let stages = StageList::new(&rules, &choices.stages);
        let (general, form) = (rules.hash_general().to_string(), choices.form);
        let (parse_options, read_options) = (choices.parse_options, choices.read_options);
        let (templates, known, seen) = (SiteTemplates::default(), BTreeMap::new(), SeenPages::default());
        Cleaner {
            header,
            stages,
            rules,
            general,
            parse_options,
            read_options,
            form,
            format: OutputMarkup::Text,
            templates,
            known,
            seen,
        }
    }

    /// Takes the stage in that applies what a survey has found out.
    pub fn know(&mut self, templates: SiteTemplates) {
        self.known = templates.hashes();
        let charsets = templates.sites.iter().filter_map(|(host, site)| Some((host, site.charset.as_deref()?)));
        self.parse_options.site_charsets =
            charsets.filter_map(|(host, label)| Some((host.clone(), Encoding::for_label(label.as_bytes())?))).collect();
        self.header.templates = (!self.known.is_empty()).then(|| templates.hash());
        self.stages.add(Box::new(RecurringStage::new(&templates)));
        self.templates = templates;
    }

    /// Takes over what the first pass has read already.
    pub fn take_seen(&mut self, seen: SeenPages) {
        self.seen = seen;
    }

    /// Writes pages in this format.
    pub fn write_as(&mut self, format: OutputMarkup) {
        self.format = format;
        if format == OutputMarkup::Markdown {
            self.header.options.push("--markup=markdown".into());
        }
    }

    /// What is known of sites.
    pub fn knowledge(&self) -> &SiteTemplates {
        &self.templates
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
        let kept = match (self.form, folder) {
            (Container::Lines, _) => {
                let passed = Passed { created: leaf.created.as_deref(), fields: &leaf.fields.all };
                let line = document::line(&finished.row, &text, &passed);
                line.map(Pending::JsonLine).map_err(|error| error.to_string())
            }
            (Container::Text, Some(folder)) => {
                folder.put_aside(number, text.as_bytes()).map(Pending::TempFile).map_err(|error| error.cause())
            }
            (Container::Text, None) => return finished,
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
        if let Some((status, why)) = self.unread(name, &leaf.bytes) {
            return (without_text(row, status, why.into()), None);
        }
        if let Err(why) = self.name(&row, name, ".txt") {
            return (without_text(row, Status::Failed, why), None);
        }
        let judged = self.judge(Source { path: row.path.clone(), record: row.record }, &leaf.bytes, &leaf.sidecar);
        let page = &judged.taken.page;
        if page.blocks.is_empty() {
            row.metadata = judged.taken.metadata.map(Box::new);
            row.aside = judged.taken.aside;
            return (without_text(row, Status::Empty, String::new()), None);
        }
        row.status = judged.status;
        row.site = page.site.as_ref().map(|site| site.host.clone());
        row.site_known_by = page.site.as_ref().map(|site| site.known_by);
        render::account::account(page, &judged.marks, &|rule| self.address(rule), &mut row);
        let (text, ending) = match (self.format, &page.markup) {
            (OutputMarkup::Markdown, Some(_)) => (render::markdown::markdown(page, &judged.marks), ".md"),
            _ => (render::text::text(page, &judged.marks), ".txt"),
        };
        row.language = render::language::language(&text);
        let path = self.name(&row, name, ending).unwrap_or_default();
        row.out = Some(Output { path, line: None, bytes: text.len() as u64, sha256: sha256(text.as_bytes()) });
        let sha256_in = row.sha256.as_deref().unwrap_or_default();
        row.key = Some(self.key(&row.path, sha256_in, &leaf.sidecar, row.site.as_deref()));
        row.charset = Some(judged.taken.charset);
        row.repairs = judged.taken.repairs;
        row.metadata = judged.taken.metadata.map(Box::new);
        row.aside = judged.taken.aside;
        (Finished { row, kept: None }, Some(text))
    }

    /// What the text of a page is called; nothing, where it goes into a shard.
    fn name(&self, row: &Row, name: &str, ending: &str) -> std::result::Result<String, String> {
        match (self.form, row.record) {
            (Container::Lines, _) => Ok(String::new()),
            (Container::Text, None) => Ok(output_name::of_file(name, ending)),
            (Container::Text, Some(_)) => {
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
        if self.rules.has_own_sites() {
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
        self.rules.prove(&hosts.iter().map(String::as_str).collect::<Vec<_>>())
    }

    /// The same for the rules of all sites, where nobody knows which ones will come.
    ///
    /// # Errors
    /// As for [`Cleaner::prove_rules`].
    pub fn prove_rules_of_all_sites(&self) -> Result<()> {
        self.rules.prove(&self.rules.hosts())
    }

    /// The same for the rules that one page meets.
    ///
    /// # Errors
    /// As for [`Cleaner::prove_rules`].
    pub fn prove_page_rules(&self, path: &str, bytes: &[u8], sidecar: &Sidecar) -> Result<()> {
        let site = site::site_of_bytes(path, bytes, sidecar, &self.parse_options.site_from);
        self.rules.prove(&site.iter().map(|site| site.host.as_str()).collect::<Vec<_>>())
    }

    /// Why bytes are not read as a page, if they are not.
    pub fn unread(&self, path: &str, bytes: &[u8]) -> Option<(Status, &'static str)> {
        match kind(&manifest::to_path(path), bytes) {
            Kind::Empty => Some((Status::Empty, "")),
            Kind::Unread(what) => Some((Status::Skipped, what)),
            Kind::Text | Kind::Html => None,
        }
    }

    /// How pages are read.
    pub fn parse_options(&self) -> &ParseOptions {
        &self.parse_options
    }

    /// How files of many pages are opened.
    pub fn read_options(&self) -> &ReadOptions {
        &self.read_options
    }

    /// What is known of the site of a file that has not been read.
    pub fn site_of_file(&self, found: &Entry) -> FirstLook {
        first_look::site_of_file(found, &self.parse_options.site_from)
    }

    /// The host of a page that has not been decoded.
    pub fn host_of(&self, path: &str, leaf: &RawDocument) -> Option<String> {
        site::site_of_bytes(path, &leaf.bytes, &leaf.sidecar, &self.parse_options.site_from).map(|site| site.host)
    }

    /// Reads a page.
    pub fn take(&self, source: Source, bytes: &[u8], sidecar: &Sidecar) -> ParsedPage {
        self.parse_options.take(source, bytes, sidecar, |host| self.rules.charset(host))
    }

    /// Reads and judges a page.
    pub fn judge(&self, source: Source, bytes: &[u8], sidecar: &Sidecar) -> Judged {
        self.judged(source, bytes, sidecar, StageList::judge)
    }

    /// Reads and judges a page, and keeps the opinions that came too late.
    pub fn judge_with_second_opinions(&self, source: Source, bytes: &[u8], sidecar: &Sidecar) -> Judged {
        self.judged(source, bytes, sidecar, StageList::judge_with_second_opinions)
    }

    /// The repairs made to a page's text, line by line, with what speaks for each.
    pub fn mended(&self, path: &str, bytes: &[u8], sidecar: &Sidecar) -> Vec<RepairRecord> {
        self.parse_options.mended(path, bytes, sidecar, |host| self.rules.charset(host))
    }

    /// The stages.
    pub fn stages(&self) -> &StageList {
        &self.stages
    }

    /// The written rules.
    pub fn rules(&self) -> &RuleSet {
        &self.rules
    }

    /// The address of a rule.
    pub fn address(&self, rule: RuleId) -> &str {
        match rule {
            RuleId::Judge(rule) => rule.address,
            RuleId::Written(number) => self.rules.address(number),
        }
    }

    /// Whether there is a rule of this address.
    pub fn knows_rule(&self, address: &str) -> bool {
        self.why(address).is_some()
    }

    /// Why the rule of an address is there.
    pub fn why(&self, address: &str) -> Option<&str> {
        let judged = self.stages.stages().iter().flat_map(|stage| stage.rules()).find(|rule| rule.address == address);
        let written = || self.rules.number(address).map(|number| self.rules.rule(number).why.as_str());
        judged.map(|rule| rule.why).or_else(written)
    }

    fn judged(
        &self,
        source: Source,
        bytes: &[u8],
        sidecar: &Sidecar,
        judge: fn(&StageList, &PageFeatures) -> Marks,
    ) -> Judged {
        let taken = self.take(source, bytes, sidecar);
        let reading = PageFeatures::of(&taken.page);
        let marks = judge(&self.stages, &reading);
        let status = match closing::outcome(&reading, &marks) {
            Outcome::Cleaned => Status::Cleaned,
            Outcome::Guarded => Status::Guarded,
            Outcome::NoText => Status::NoText,
            Outcome::Emptied => Status::Emptied,
        };
        Judged { taken, marks, status }
    }

    /// Takes an earlier run's row off its ticket, where it holds and its output stands.
    fn standing(
        &self,
        item: &mut WorkItem,
        folder: Option<&OutputWriter>,
        out: impl for<'l> Fn(&'l RowLine) -> Option<OutputSummary<'l>>,
    ) -> Option<RowLine> {
        let folder = folder.filter(|_| self.form == Container::Text)?;
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
            site.map_or("", |host| self.rules.hash_site(host)),
            site.and_then(|host| self.known.get(host)).map_or("", String::as_str),
        ];
        sha256(depends.join("\n").as_bytes())[..32].into()
    }

    /// A hash over all that a page is read by, before it is judged. Bytes are told by their hash.
    pub fn input_key(&self, path: &str, sha256_in: &str, sidecar: &Sidecar) -> String {
        let (site, _) = site::site(path, "", sidecar, &self.parse_options.site_from);
        // Strings and nothing: there is nothing in a sidecar that JSON cannot say.
        let beside = serde_json::to_string(sidecar).unwrap_or_default();
        let host = site.as_ref().map(|site| site.host.as_str());
        let by_rule = host.and_then(|host| self.rules.charset(host)).unwrap_or_default();
        let by_survey =
            host.and_then(|host| self.parse_options.site_charsets.get(host)).map_or("", |charset| charset.name());
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
