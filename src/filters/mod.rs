//! Filters: which documents stay, once their text is clean.
//!
//! A filter sees one document and says whether it stays; if not, by which rule, and with which value. Most are written
//! down (`rules/filters/`): bounds of measures, which are the same numbers for all of them and are taken once. Nothing is
//! removed here, no file is touched, and nothing can fail. `docs/filters.md` has the filters and their language.

mod c4;
mod document;
mod grams;
mod language;
mod lines;
mod marks;
mod proof;
mod url;
mod web_lines;
mod words;
mod written;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use crate::error::{Error, Result};
use crate::hash::sha256;
use crate::manifest::{FilterVerdict, Quantity};
use crate::rules::RuleSet;
use crate::rules::diagnostic::{self, Diagnostic};
use crate::rules::filter_file::Asks;
use crate::rules::filter_file::FilterFile;
use crate::rules::measure::{MEASURES, Measure};
use crate::rules::tokenizer::Tokenizer;
use crate::rules::url_list::UrlList;
use crate::settings::FilterSettings;

pub use document::Document;
use language::LanguageFilter;
pub use proof::check_all;
pub(crate) use proof::prove;
use url::UrlFilter;
use written::WrittenFilter;

/// Why a document does not stay: the rule, and what was measured or found.
pub type Verdict = FilterVerdict;

/// A filter of documents.
///
/// To add one, write a file in `rules/filters/`; if bounds and phrases cannot say it, a type that implements this in a
/// file of its own, and a line in [`FilterChain::of`].
pub trait DocumentFilter: Send + Sync {
    /// Its name, which the addresses of its rules begin with.
    fn name(&self) -> &str;

    /// Its rules: the address of each (`NAME#ID`), and why it is right.
    fn rules(&self) -> Vec<(String, String)>;

    /// Says which rule drops a document; `None` where it stays.
    fn check(&self, document: &Document) -> Option<Verdict>;

    /// What its verdicts depend on beside the document: part of the key by which a later run knows that they still hold.
    fn key(&self) -> String;

    /// The measures that it looks at.
    fn measures(&self) -> Vec<Measure> {
        Vec::new()
    }
}

/// The filters of a run, in the order in which they are asked.
#[derive(Clone, Default)]
pub struct FilterChain {
    filters: Vec<Arc<dyn DocumentFilter>>,
    /// Whether documents are measured and none is dropped.
    tags: bool,
    /// What counts tokens.
    tokenizer: Option<Arc<Tokenizer>>,
}

/// What filters look into that is no rule: files that a person brings.
#[derive(Debug, Default)]
pub struct FilterFiles {
    /// Lists of hosts and URLs.
    pub url_lists: Vec<UrlList>,
    /// The languages that a model of the user's own tells, by their codes; `None` where dechaff tells them.
    pub languages: Option<BTreeSet<String>>,
    /// What counts tokens.
    pub tokenizer: Option<Tokenizer>,
}

/// What filters say of a document.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Filtered {
    /// Whether it is dropped.
    pub is_dropped: bool,
    /// The verdict that drops it; where documents are tagged, that of every filter that speaks against it.
    pub verdicts: Vec<Verdict>,
    /// Its measures, where documents are tagged.
    pub measures: BTreeMap<std::borrow::Cow<'static, str>, Quantity>,
}

impl FilterChain {
    /// The filters that settings name, in the order of all recipes: URLs, languages, then those that are written down as
    /// they were named.
    ///
    /// # Errors
    /// [`Error::Setting`] where there is no filter of a name, no language of a code, or none that can be told;
    /// [`Error::Rules`] where a filter looks at tokens and there is nothing to count them by.
    pub fn of(settings: &FilterSettings, files: FilterFiles, rules: &RuleSet) -> Result<FilterChain> {
        let tokenizer = files.tokenizer.map(Arc::new);
        let mut chain = FilterChain { filters: Vec::new(), tags: settings.tag, tokenizer };
        if !files.url_lists.is_empty() {
            chain.add(Arc::new(UrlFilter::new(files.url_lists)));
        }
        if let Some(languages) = &settings.language {
            chain.add(Arc::new(LanguageFilter::parse(languages, files.languages.as_ref())?));
        }
        for name in &settings.filter {
            let file = rules.filters().iter().find(|file| file.name == *name);
            let file = file.ok_or_else(|| unknown(name, rules.filters()))?;
            if let Some(complaint) = uncounted(file, chain.tokenizer()) {
                return Err(Error::Rules(diagnostic::render(vec![complaint])));
            }
            if chain.filters.iter().all(|filter| filter.name() != name) {
                chain.add(Arc::new(WrittenFilter::of(file)));
            }
        }
        Ok(chain)
    }

    /// Adds a filter behind the others.
    pub fn add(&mut self, filter: Arc<dyn DocumentFilter>) {
        self.filters.push(filter);
    }

    /// Whether documents go through as they come.
    pub fn is_empty(&self) -> bool {
        self.filters.is_empty() && !self.tags
    }

    /// What counts tokens.
    pub fn tokenizer(&self) -> Option<&Tokenizer> {
        self.tokenizer.as_deref()
    }

    /// The filters.
    pub fn filters(&self) -> impl Iterator<Item = &dyn DocumentFilter> {
        self.filters.iter().map(|filter| &**filter)
    }

    /// A hash over all that verdicts depend on beside the document; none where no filter is on.
    pub fn hash(&self) -> Option<String> {
        let mut keys: Vec<_> = self.filters().map(|filter| (filter.name().to_string(), filter.key())).collect();
        if let Some(tokenizer) = self.tokenizer().filter(|_| !self.is_empty()) {
            keys.push(("--tokenizer".into(), tokenizer.hash().into()));
        }
        // Words: there is nothing in them that JSON cannot say.
        (!keys.is_empty()).then(|| sha256(serde_json::to_string(&keys).unwrap_or_default().as_bytes()))
    }

    /// What the filters say of a document.
    pub fn judge(&self, document: &Document) -> Filtered {
        let mut verdicts = self.filters.iter().filter_map(|filter| filter.check(document));
        if !self.tags {
            let verdicts: Vec<Verdict> = verdicts.next().into_iter().collect();
            return Filtered { is_dropped: !verdicts.is_empty(), verdicts, measures: BTreeMap::new() };
        }
        let verdicts = verdicts.collect();
        let mut wanted: Vec<Measure> = self.filters.iter().flat_map(|filter| filter.measures()).collect();
        if self.filters.is_empty() {
            wanted = MEASURES.iter().map(|info| info.measure).filter(|measure| *measure != Measure::Tokens).collect();
        }
        wanted.extend(self.tokenizer.as_ref().map(|_| Measure::Tokens));
        let measured = |measure: Measure| (measure.name().into(), Quantity::nearest(document.measure(measure)));
        Filtered { is_dropped: false, verdicts, measures: wanted.into_iter().map(measured).collect() }
    }

    /// Why the rule of this address is there.
    pub fn why(&self, address: &str) -> Option<String> {
        let rules = self.filters().flat_map(|filter| filter.rules());
        rules.into_iter().find(|(rule, _)| rule == address).map(|(_, why)| why)
    }
}

impl fmt::Debug for FilterChain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.filters().map(|filter| filter.name()).collect();
        f.debug_struct("FilterChain").field("filters", &names).field("tags", &self.tags).finish()
    }
}

/// What is wrong with a filter that looks at tokens, where there is nothing to count them by.
fn uncounted(file: &FilterFile, tokenizer: Option<&Tokenizer>) -> Option<Diagnostic> {
    let counts = |asks: &Asks| matches!(asks, Asks::Bound { measure: Measure::Tokens, .. });
    let rule = file.rules.iter().find(|rule| counts(&rule.asks)).filter(|_| tokenizer.is_none())?;
    let mut complaint =
        Diagnostic::at(&file.sheet, rule.place.clone(), "`tokens` cannot be counted", "there is no tokenizer");
    complaint.help = Some("--tokenizer FILE names a tokenizer.json".into());
    Some(complaint)
}

fn unknown(name: &str, files: &[FilterFile]) -> Error {
    let mut names: Vec<&str> = files.iter().map(|file| file.name.as_str()).collect();
    names.sort_unstable();
    let meant = crate::rules::diagnostic::nearest(name, names.iter().copied());
    let meant = meant.map_or(String::new(), |meant| format!("did you mean {meant}? "));
    let expected = format!("there is no filter of this name; {meant}there are {}", names.join(", "));
    Error::Setting { name: "filter", value: name.into(), expected }
}

/// One count by another; 0 where the other is.
fn ratio(count: usize, by: usize) -> f64 {
    if by == 0 { 0.0 } else { count as f64 / by as f64 }
}
