//! Whether the row that an earlier run wrote of a page is what this run would write: by the keys of pages.

use crate::hash::sha256;
use crate::manifest::Status;
use crate::manifest::row_summary::{OutputSummary, RowLine, RowSummary};
use crate::page::Source;
use crate::parse::site::Sidecar;
use crate::read::archive::RawDocument;
use crate::run::page_runner::PageRunner;
use crate::settings::Container;
use crate::write::formats;
use crate::write::output_dir::OutputDir;
use crate::write::output_name;
use crate::write::output_writer::OutputWriter;

/// What an earlier run left of a page whose row still holds.
#[derive(Debug)]
pub enum Held<'l> {
    /// A text.
    Output(OutputSummary<'l>),
    /// Nothing: a filter drops the page, or another page stays in its place.
    Nothing,
}

impl Held<'_> {
    /// Whether it is still there.
    pub fn stands_in(&self, folder: &OutputDir) -> bool {
        match self {
            Held::Output(out) => folder.holds(out),
            Held::Nothing => true,
        }
    }
}

impl PageRunner {
    /// Takes an earlier run's row, where it holds and its output stands.
    pub(super) fn standing(
        &self,
        earlier: &mut Option<RowLine>,
        folder: Option<&OutputWriter>,
        held: impl for<'l> Fn(&'l RowLine) -> Option<Held<'l>>,
    ) -> Option<RowLine> {
        let folder = folder?;
        let has_all =
            |line: &RowLine| line.told().is_some_and(|told| self.has_sketch(&told) && self.has_passages(&told));
        earlier.take_if(|line| has_all(line) && held(line).is_some_and(|held| held.stands_in(folder.standing())))
    }

    /// Whether an earlier run's row says what near copies are found by, as far as they are looked for. What it says too
    /// much is taken out when the row is committed again.
    fn has_sketch(&self, told: &RowSummary) -> bool {
        match (&self.near, told.status) {
            (None, status) => status != Status::NearCopy,
            (Some(_), Status::Filtered) => true,
            (Some(near), Status::NearCopy) if !near.drops => false,
            (Some(near), _) => told.sketch.as_ref().is_some_and(|sketch| sketch.shape == near.sketcher.shape()),
        }
    }

    /// Whether an earlier run's row says what repeated passages are found by, as far as they are dropped, and was written when
    /// as much was known of them.
    fn has_passages(&self, told: &RowSummary) -> bool {
        let Some(passages) = self.cleaner().passages() else { return true };
        told.passages.as_ref().is_some_and(|list| self.is_counting || passages.digest(&list.hashes) == list.known)
    }

    /// What an earlier run left, if its row is what this run would write for these bytes; whether the output still
    /// stands is for the caller to see. What it says of copies stands outside: that is settled with the commit.
    pub fn still_holds<'l>(&self, line: &'l RowLine, source: &Source, document: &RawDocument) -> Option<Held<'l>> {
        let told = line.told().filter(|told| self.has_passages(told))?;
        match told.bytes == Some(document.bytes.len() as u64) {
            true => self.holds_for(told, source, document, &sha256(&document.bytes)),
            false => None,
        }
    }

    /// The same for a page that the first pass has read: it need not be read again.
    pub(super) fn held_when_seen<'l>(&self, line: &'l RowLine) -> Option<Held<'l>> {
        if !self.seen.has(&line.path) {
            return None;
        }
        let told = line.told()?;
        let sha256 = told.sha256.clone().filter(|sha256| self.seen.is_as_it_was(&line.path, sha256))?;
        let source = Source { path: line.path.clone(), record: line.record };
        self.holds_for(told, &source, &RawDocument::of_file(&line.path, &[], Sidecar::default()), &sha256)
    }

    fn holds_for<'l>(
        &self,
        told: RowSummary<'l>,
        source: &Source,
        document: &RawDocument,
        sha256: &str,
    ) -> Option<Held<'l>> {
        // Rows of an earlier form did not count words.
        told.words?;
        let key = told.key?;
        // The site stands in the row: it follows from the path, the bytes and the sidecar, which the key holds.
        let has_key = || self.key(sha256, document, told.site.as_deref()) == *key;
        let Some(out) = told.output else {
            let gives_nothing =
                told.status == Status::Filtered && !self.wants_rejected || told.status == Status::NearCopy;
            return (gives_nothing && has_key()).then_some(Held::Nothing);
        };
        let has_name = |ending| {
            self.name(source, document, ending).is_ok_and(|name| {
                name == *out.path
                    || source.record.is_some_and(|record| output_name::of_namesake(&name, record) == *out.path)
            })
        };
        let is_named_so = match formats::of(self.cleaner.settings().output) {
            Some(_) => out.line.is_some(),
            None => out.line.is_none() && [".txt", ".md"].into_iter().any(has_name),
        };
        if !is_named_so {
            return None;
        }
        has_key().then_some(Held::Output(out))
    }

    /// A hash over all that a page's row depends on besides its path: its bytes, what stands beside it, the
    /// run's header (where another site's rules count for nothing), its own site's rules, and what is known of
    /// its own site.
    pub(super) fn key(&self, sha256_in: &str, document: &RawDocument, site: Option<&str>) -> String {
        let (input, passed) = (self.input_key(sha256_in, &document.sidecar, site), self.passed_key(document));
        let header = self.header();
        let depends = [
            input.as_str(),
            &passed,
            site.unwrap_or_default(),
            header.model.as_deref().unwrap_or_default(),
            self.cleaner.rules().hash_general(),
            site.map_or("", |host| self.cleaner.rules().hash_site(host)),
            site.and_then(|host| self.known.get(host)).map_or("", String::as_str),
            header.filters.as_deref().unwrap_or_default(),
        ];
        // Beside the others only where there is one, so that rows of runs without it hold as they did.
        let depends = depends.into_iter().chain(header.language_model.as_deref()).collect::<Vec<_>>();
        sha256(depends.join("\n").as_bytes())[..32].into()
    }

    /// A hash over all that a page of a site is read by, before it is judged. Bytes are told by their hash.
    pub fn input_key(&self, sha256_in: &str, sidecar: &Sidecar, site: Option<&str>) -> String {
        // Strings and nothing: there is nothing in a sidecar that JSON cannot say.
        let beside = serde_json::to_string(sidecar).unwrap_or_default();
        let by_rule = site.and_then(|host| self.cleaner.rules().charset(host)).unwrap_or_default();
        let by_survey = site
            .and_then(|host| self.cleaner.parse_options().site_charsets.get(host))
            .map_or("", |charset| charset.name());
        let header = self.header();
        [sha256_in, &beside, by_rule, by_survey, &header.dechaff, &header.options.join(" ")].join("\n")
    }

    /// A hash over what comes with a page and is passed through into the line that is written of it.
    fn passed_key(&self, document: &RawDocument) -> String {
        if self.cleaner.settings().output == Container::Files {
            return String::new();
        }
        #[cfg(feature = "parquet")]
        if let Some(row) = document.row {
            return sha256(&row.digest());
        }
        let fields = document.fields.all.iter().map(|(name, value)| (name, value.map(|value| value.get())));
        let fields: Vec<_> = fields.collect();
        // Strings and nothing, as above.
        sha256(serde_json::to_string(&(&document.id, &document.created, fields)).unwrap_or_default().as_bytes())
    }
}
