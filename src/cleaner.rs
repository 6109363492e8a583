//! The cleaner: reads, judges and renders one page at a time. It knows no folders, no manifest and no threads.

use std::path::Path;
use std::sync::Arc;

use crate::document::{Cleaned, Input};
use crate::error::Result;
use crate::filters::{Document, DocumentFilter, FilterChain, FilterFiles, Filtered};
use crate::line::PageFeatures;
use crate::manifest::{Language, Status};
#[cfg(feature = "cli")]
use crate::marks::StageRule;
use crate::marks::{Marks, RuleId};
use crate::page::places::KnownPlaces;
use crate::page::{Page, Source};
use crate::parse::probe::Probe;
use crate::parse::repair::RepairRecord;
use crate::parse::site::Sidecar;
use crate::parse::{ParseOptions, ParsedPage};
use crate::passes::passages::{PassageStage, Passages};
use crate::passes::templates::RecurringStage;
use crate::passes::templates::site_templates::SiteTemplates;
#[cfg(feature = "cli")]
use crate::passes::templates::stats::SurveyStats;
#[cfg(feature = "cli")]
use crate::passes::{CorpusPass, SeenPage};
use crate::render;
use crate::rules::RuleSet;
use crate::rules::fasttext::FastText;
use crate::rules::language_codes::code_of_label;
use crate::rules::tokenizer::Tokenizer;
use crate::rules::url_list::UrlList;
use crate::settings::{Bylines, Comments, Favor, Settings, SiteSettings, Title};
use crate::stages::closing::{self, Outcome};
use crate::stages::list::StageList;
use crate::stages::model::Model;
use crate::stages::of_sites::StagesOfSites;

/// Cleans pages. Immutable, and shared between threads as it is: [`Cleaner::clean`] takes `&self` and touches no file.
///
/// Building one compiles the rules (some milliseconds); build it once and use it for all pages.
///
/// ```
/// use dechaff::{Cleaner, Favor, Input};
///
/// # fn main() -> dechaff::Result<()> {
/// let cleaner = Cleaner::builder().favor(Favor::Recall).build()?;
/// let html = "<nav><a href=/>Home</a> <a href=/news>News</a></nav><h1>Ferry sails again</h1>\
///     <p>The ferry to the island sails again from Monday, the harbour office said on Friday.</p>";
/// let cleaned = cleaner.clean(Input::html(html.as_bytes()).url("https://harbour.example/ferry"));
/// assert!(cleaned.text().starts_with("Ferry sails again"));
/// for decision in cleaned.decisions().iter().filter(|decision| !decision.kept) {
///     println!("{}: {}", decision.rule.unwrap_or_default(), decision.text);
/// }
/// # Ok(())
/// # }
/// ```
pub struct Cleaner {
    settings: Settings,
    rules: Arc<RuleSet>,
    stages: StagesOfSites,
    parse_options: ParseOptions,
    templates: SiteTemplates,
    /// What is known of the places of sites.
    places: Arc<KnownPlaces>,
    /// Where repeated passages are dropped: those that are known.
    passages: Option<Arc<Passages>>,
    filters: FilterChain,
    /// A model of the user's own that tells languages.
    language_model: Option<Arc<FastText>>,
}

/// Makes a [`Cleaner`]: the built-in rules and the default settings, unless something else is said.
#[derive(Default)]
pub struct CleanerBuilder {
    settings: Settings,
    rules: Option<RuleSet>,
    filters: Vec<Arc<dyn DocumentFilter>>,
    url_lists: Vec<UrlList>,
    language_model: Option<FastText>,
    tokenizer: Option<Tokenizer>,
}

impl CleanerBuilder {
    /// Adds the rules of a folder (`site/HOST.toml`, `general/NAME.toml`, `filters/NAME.toml`) to the built-in ones.
    ///
    /// # Errors
    /// [`crate::Error::Rules`] with all mistakes of all files, each with its place; [`crate::Error::Read`] where the
    /// folder cannot be read.
    pub fn rules_dir(mut self, dir: impl AsRef<Path>) -> Result<CleanerBuilder> {
        self.rules = Some(RuleSet::load(Some(dir.as_ref()))?);
        Ok(self)
    }

    /// Takes all settings at once, in place of what was said before.
    #[must_use]
    pub fn settings(mut self, settings: Settings) -> CleanerBuilder {
        self.settings = settings;
        self
    }

    /// Favors precision or recall.
    #[must_use]
    pub fn favor(mut self, favor: Favor) -> CleanerBuilder {
        self.settings.favor = favor;
        self
    }

    /// Says what becomes of readers' comments.
    #[must_use]
    pub fn comments(mut self, comments: Comments) -> CleanerBuilder {
        self.settings.comments = comments;
        self
    }

    /// What becomes of the page's title: it stays, once, unless told otherwise.
    #[must_use]
    pub fn title(mut self, title: Title) -> CleanerBuilder {
        self.settings.title = title;
        self
    }

    /// Says what becomes of names and dates between a title and its text.
    #[must_use]
    pub fn bylines(mut self, bylines: Bylines) -> CleanerBuilder {
        self.settings.bylines = bylines;
        self
    }

    /// Leaves a stage out, by its name in [`crate::STAGES`].
    #[must_use]
    pub fn without_stage(mut self, stage: impl Into<String>) -> CleanerBuilder {
        self.settings.off.push(stage.into());
        self
    }

    /// Drops documents by a filter that is written down: a built-in one, or one of [`CleanerBuilder::rules_dir`].
    ///
    /// ```
    /// use dechaff::{Cleaner, Input, Status};
    ///
    /// # fn main() -> dechaff::Result<()> {
    /// let cleaner = Cleaner::builder().filter("gopher-quality").build()?;
    /// let cleaned = cleaner.clean(Input::text("The ferry is late today, and nobody at the harbour knows why."));
    /// assert_eq!(cleaned.status(), Status::Filtered);
    /// assert_eq!(cleaned.filters()[0].rule, "gopher-quality#short");
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn filter(mut self, name: impl Into<String>) -> CleanerBuilder {
        self.settings.filtering.filter.push(name.into());
        self
    }

    /// Drops documents whose host or URL stands in a list: a file with one a line, or a folder of UT1. May be said several
    /// times.
    ///
    /// # Errors
    /// [`crate::Error::Read`] where it cannot be read, [`crate::Error::Setting`] where it holds a line that is no host and
    /// no URL.
    pub fn url_list(mut self, path: impl AsRef<Path>) -> Result<CleanerBuilder> {
        self.url_lists.extend(UrlList::read(path.as_ref())?);
        Ok(self)
    }

    /// Tells languages by a model of fastText of your own (`lid.176.bin`, `lid.176.ftz`, GlotLID or any other supervised
    /// model) in place of dechaff's.
    ///
    /// # Errors
    /// [`crate::Error::Read`] where it cannot be read, [`crate::Error::Setting`] where it is no such model.
    pub fn lid_model(mut self, path: impl AsRef<Path>) -> Result<CleanerBuilder> {
        self.language_model = Some(FastText::read(path.as_ref())?);
        Ok(self)
    }

    /// Counts tokens by a `tokenizer.json`, for filters that look at them and for tags. Takes the feature `tokenizer`.
    ///
    /// # Errors
    /// [`crate::Error::Read`] where it cannot be read, [`crate::Error::Setting`] where it is no tokenizer, or where this build
    /// has none.
    pub fn tokenizer(mut self, path: impl AsRef<Path>) -> Result<CleanerBuilder> {
        self.tokenizer = Some(Tokenizer::read(path.as_ref())?);
        Ok(self)
    }

    /// Drops documents by a filter of your own. It is asked behind those that are named.
    ///
    /// ```
    /// use dechaff::{Cleaner, Document, DocumentFilter, FilterValue, FilterVerdict, Input};
    ///
    /// struct NoOtters;
    ///
    /// impl DocumentFilter for NoOtters {
    ///     fn name(&self) -> &str {
    ///         "no-otters"
    ///     }
    ///     fn rules(&self) -> Vec<(String, String)> {
    ///         vec![("no-otters#otter".into(), "This corpus is on ferries.".into())]
    ///     }
    ///     fn check(&self, document: &Document) -> Option<FilterVerdict> {
    ///         let word = document.words().find(|word| word.contains("otter"))?;
    ///         Some(FilterVerdict::of("no-otters#otter", FilterValue::Word(word.into())))
    ///     }
    ///     fn key(&self) -> String {
    ///         "1".into()
    ///     }
    /// }
    ///
    /// # fn main() -> dechaff::Result<()> {
    /// let cleaner = Cleaner::builder().add_filter(NoOtters).build()?;
    /// let cleaned = cleaner.clean(Input::text("Two otters live in the engine room of the old ferry."));
    /// assert_eq!(cleaned.filters()[0].to_string(), "no-otters#otter (otters)");
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn add_filter(mut self, filter: impl DocumentFilter + 'static) -> CleanerBuilder {
        self.filters.push(Arc::new(filter));
        self
    }

    /// Makes the cleaner.
    ///
    /// # Errors
    /// [`crate::Error::Setting`] for a setting with a value that it cannot have.
    pub fn build(self) -> Result<Cleaner> {
        self.settings.check()?;
        let parse_options = ParseOptions::of(&self.settings.reading)?;
        let rules = match self.rules {
            Some(rules) => rules,
            None => RuleSet::load(None)?,
        };
        let rules = Arc::new(rules);
        let places = Arc::default();
        let stages = StagesOfSites::new(&rules, &self.settings, &places);
        let languages = self.language_model.as_ref().map(|model| model.labels().map(code_of_label).collect());
        let files = FilterFiles { url_lists: self.url_lists, languages, tokenizer: self.tokenizer };
        let mut filters = FilterChain::of(&self.settings.filtering, files, &rules)?;
        for filter in self.filters {
            filters.add(filter);
        }
        let (settings, templates) = (self.settings, SiteTemplates::default());
        let (language_model, passages) = (self.language_model.map(Arc::new), None);
        Ok(Cleaner { settings, rules, stages, parse_options, templates, places, passages, filters, language_model })
    }
}

impl std::fmt::Debug for CleanerBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CleanerBuilder").field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl Cleaner {
    /// Starts a cleaner with the built-in rules and the default settings.
    pub fn builder() -> CleanerBuilder {
        CleanerBuilder::default()
    }

    /// A cleaner with the same rules and settings that also drops what these templates know to recur on a page's site.
    /// This one stays as it is.
    ///
    /// ```
    /// # fn main() -> dechaff::Result<()> {
    /// let cleaner = dechaff::Cleaner::builder().build()?;
    /// let site_aware = cleaner.with_templates(dechaff::SiteTemplates::default());
    /// # let _ = site_aware;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn with_templates(&self, templates: SiteTemplates) -> Cleaner {
        self.with(templates, self.passages.clone())
    }

    /// The same, which also drops these passages.
    #[must_use]
    pub(crate) fn with_passages(&self, passages: Passages) -> Cleaner {
        self.with(self.templates.clone(), Some(Arc::new(passages)))
    }

    fn with(&self, templates: SiteTemplates, passages: Option<Arc<Passages>>) -> Cleaner {
        let is_off = self.settings.is_off("recurring");
        let places = Arc::new(if is_off { KnownPlaces::default() } else { templates.places() });
        let mut stages = StagesOfSites::new(&self.rules, &self.settings, &places);
        if !is_off {
            stages.add(&RecurringStage::new(&templates));
        }
        if let Some(passages) = &passages {
            stages.add(&PassageStage::new(Arc::clone(passages)));
        }
        let parse_options = self.parse_options.with_site_charsets(templates.charsets());
        let rules = Arc::clone(&self.rules);
        let (settings, filters) = (self.settings.clone(), self.filters.clone());
        let language_model = self.language_model.clone();
        Cleaner { settings, rules, stages, parse_options, templates, places, passages, filters, language_model }
    }

    /// Cleans a page. Never fails: what cannot be read says so in [`Cleaned::status`] and [`Cleaned::reason`].
    pub fn clean(&self, input: Input) -> Cleaned {
        let source = Source { path: String::new(), record: None };
        let probe = self.probe("", "", input.raw(), input.hints());
        match probe.unread() {
            Some((status, reason)) => Cleaned::unread(status, reason),
            None => {
                let cleaned = self.judge(source, input.raw(), input.hints(), &probe);
                let filtered = self.filter_cleaned(&cleaned, input.hints().url.as_deref());
                cleaned.filtered(filtered)
            }
        }
    }

    /// What the filters say of a page that was judged.
    pub(crate) fn filter_cleaned(&self, cleaned: &Cleaned, url: Option<&str>) -> Filtered {
        if self.filters.is_empty() || cleaned.parsed.page.blocks.is_empty() {
            return Filtered::default();
        }
        let text = cleaned.text();
        let url = url.or_else(|| cleaned.metadata()?.url.as_deref()).or_else(|| cleaned.site());
        self.filter_text(&text, url, self.language(&text).as_ref())
    }

    /// The language of a text: by the model of [`CleanerBuilder::lid_model`], else by dechaff's own. `None` where it cannot
    /// be told.
    ///
    /// ```
    /// # fn main() -> dechaff::Result<()> {
    /// let cleaner = dechaff::Cleaner::builder().build()?;
    /// let language = cleaner.language("Die Fähre geht um neun, und der Hund des Kapitäns ist noch unterwegs.");
    /// assert_eq!(language.map(|language| language.code).as_deref(), Some("deu"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn language(&self, text: &str) -> Option<Language> {
        match &self.language_model {
            Some(model) => render::language::told_by(model, text),
            None => render::language::language(text),
        }
    }

    /// SHA-256 of the model of the user's own that tells languages.
    pub(crate) fn language_model_hash(&self) -> Option<&str> {
        self.language_model.as_ref().map(|model| model.hash())
    }

    /// What the filters say of a clean text.
    pub(crate) fn filter_text(&self, text: &str, url: Option<&str>, language: Option<&Language>) -> Filtered {
        let document = Document::new(text).with_url(url).with_language(language);
        self.filters.judge(&document.with_tokenizer(self.filters.tokenizer()))
    }

    /// The filters of documents.
    pub(crate) fn filters(&self) -> &FilterChain {
        &self.filters
    }

    /// The settings.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The passages that many documents have, where they are dropped.
    pub(crate) fn passages(&self) -> Option<&Passages> {
        self.passages.as_deref()
    }

    /// What is known of sites.
    pub fn templates(&self) -> &SiteTemplates {
        &self.templates
    }

    /// Why the rule of this address (`general/share#bar`, `furniture#menu`) is there; `None` where there is none.
    pub fn why(&self, address: &str) -> Option<&str> {
        let of_stages = self.stages.rules().find(|rule| rule.address == address);
        let written = || self.rules.number(address).map(|number| self.rules.rule(number).why.as_str());
        of_stages.map(|rule| rule.why).or_else(written)
    }

    /// What is known of a page before it is decoded: see [`Probe::of`].
    pub(crate) fn probe(&self, path: &str, name: &str, bytes: &[u8], hints: &Sidecar) -> Probe {
        self.parse_options.probe(path, name, bytes, hints)
    }

    /// Reads a page.
    pub(crate) fn parse(&self, source: Source, bytes: &[u8], hints: &Sidecar, probe: &Probe) -> ParsedPage {
        self.parse_options.parse(source, bytes, hints, probe, |host| self.rules.charset(host))
    }

    /// Reads and judges a page.
    pub(crate) fn judge(&self, source: Source, bytes: &[u8], hints: &Sidecar, probe: &Probe) -> Cleaned {
        self.judged(self.parse(source, bytes, hints, probe), StageList::judge)
    }

    /// Reads and judges a page, and keeps the verdicts that came too late.
    pub(crate) fn judge_with_overridden(
        &self,
        source: Source,
        bytes: &[u8],
        hints: &Sidecar,
        probe: &Probe,
    ) -> Cleaned {
        self.judged(self.parse(source, bytes, hints, probe), StageList::judge_with_overridden)
    }

    /// The repairs made to a page's text, line by line, with what speaks for each.
    pub(crate) fn repairs(&self, path: &str, bytes: &[u8], hints: &Sidecar, probe: &Probe) -> Vec<RepairRecord> {
        self.parse_options.repairs(path, bytes, hints, probe, |host| self.rules.charset(host))
    }

    /// The model's probability for each block of a page that it is the page's own text; none where the model is off.
    #[cfg(feature = "cli")]
    pub(crate) fn probabilities(&self, page: &Page) -> Option<Vec<crate::manifest::Share>> {
        let is_off_here =
            || self.stages.site_settings(page).is_some_and(|site| site.off.iter().any(|off| off == "model"));
        if self.settings.is_off("model") || is_off_here() {
            return None;
        }
        let scores = Model::of(page).judge_on_site(&PageFeatures::of(page), &self.places);
        Some(scores.permille.into_iter().map(crate::manifest::Share::of_permille).collect())
    }

    /// What the model says of the blocks of an HTML page by the page alone, for a first pass to find out what stands
    /// where on its site; `None` for text, and where nobody would use it.
    pub(crate) fn scores_by_place(&self, page: &PageFeatures) -> Option<Vec<u16>> {
        let is_of_use =
            page.page.markup.is_some() && !self.settings.is_off("model") && !self.settings.is_off("recurring");
        is_of_use.then(|| Model::of_html().judge(page).permille)
    }

    /// Counts a page for what recurs on its site. Its name tells it from the site's other pages.
    #[cfg(feature = "cli")]
    pub(crate) fn count(&self, counts: &mut SurveyStats, name: &str, input: &Input) {
        let probe = self.probe("", "", input.raw(), input.hints());
        if probe.unread().is_none() {
            let source = Source { path: name.into(), record: None };
            let ParsedPage { page, charset, .. } = self.parse(source, input.raw(), input.hints(), &probe);
            let features = &PageFeatures::of(&page);
            let own = self.scores_by_place(features);
            SiteTemplates::add(counts, &SeenPage { features, charset: &charset.name, own: own.as_deref() });
        }
    }

    /// How pages are read.
    pub(crate) fn parse_options(&self) -> &ParseOptions {
        &self.parse_options
    }

    /// What the rule file of a page's site says in place of, or beside, the settings; empty where it says nothing.
    pub(crate) fn site_options(&self, page: &Page) -> Vec<String> {
        self.stages.site_settings(page).map(SiteSettings::options).unwrap_or_default()
    }

    /// The judgements that stages can give.
    #[cfg(feature = "cli")]
    pub(crate) fn stage_rules(&self) -> impl Iterator<Item = &'static StageRule> {
        self.stages.rules()
    }

    /// The marks of a page that has been read.
    #[cfg(feature = "cli")]
    pub(crate) fn marks(&self, page: &PageFeatures) -> Marks {
        self.stages.of_page(page).judge(page)
    }

    /// The written rules.
    pub(crate) fn rules(&self) -> &RuleSet {
        &self.rules
    }

    /// The address of a rule.
    pub(crate) fn address(&self, rule: RuleId) -> &str {
        self.rules.address_of(rule)
    }

    /// Whether there is a rule of this address.
    #[cfg(feature = "cli")]
    pub(crate) fn knows_rule(&self, address: &str) -> bool {
        self.why(address).is_some()
    }

    fn judged(&self, parsed: ParsedPage, judge: fn(&StageList, &PageFeatures) -> Marks) -> Cleaned {
        let features = PageFeatures::of(&parsed.page);
        let marks = judge(self.stages.of_page(&features), &features);
        let status = match closing::outcome(&features, &marks) {
            _ if parsed.page.blocks.is_empty() => Status::Blank,
            Outcome::Cleaned => Status::Cleaned,
            Outcome::Guarded => Status::Restored,
            Outcome::NoText => Status::NoProse,
            Outcome::Emptied => Status::AllDropped,
        };
        let sizes = features.into_sizes();
        Cleaned::new(parsed, sizes, marks, status, Arc::clone(&self.rules))
    }
}

impl std::fmt::Debug for Cleaner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Cleaner").field("settings", &self.settings).finish_non_exhaustive()
    }
}
