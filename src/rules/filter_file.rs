//! Reads a filter file: TOML into bounds, phrases, stop words and examples, and every mistake of form with its place.
//!
//! `docs/filters.md` describes the language. Whether the examples hold is for [`crate::filters`] to say.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use serde::Serialize;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::diagnostic::{Diagnostic, SourceFile, nearest};
use super::file::{Reader, is_kebab, list, syntax_complaint, with_article};
use super::filter_languages::{LanguageRules, Limits, ReadRule};
use super::language_codes::codes_of;
use super::measure::{MEASURES, Measure};

pub(super) const FILE_KEYS: &[&str] = &["about", "source", "bound", "phrases", "stop_words", "languages", "test"];
pub(super) const BOUND_KEYS: &[&str] = &["id", "measure", "min", "max", "why", "source"];
pub(super) const PHRASES_KEYS: &[&str] = &["id", "any", "words_at_most", "why", "source"];
pub(super) const STOP_WORDS_KEYS: &[&str] = &["id", "min", "why", "source"];
pub(super) const TEST_KEYS: &[&str] = &["name", "text", "times", "language", "drops"];

/// The tables that hold rules.
const KINDS: [&str; 3] = ["bound", "phrases", "stop_words"];

/// The longest text that an example may become by `times`, in bytes.
const EXAMPLE: usize = 16 << 20;

/// A filter that is written down: a document stays that all its bounds and phrases let pass.
#[derive(Debug, Clone)]
pub struct FilterFile {
    /// Its name: that of the file without `.toml`.
    pub name: String,
    /// What it is for.
    pub about: String,
    /// Where its numbers come from.
    pub source: String,
    /// Its rules, in the order in which they are asked: as they stand in the file.
    pub rules: Vec<FilterRule>,
    /// What is asked of documents in single languages, by the codes that documents have.
    pub languages: BTreeMap<String, LanguageRules>,
    /// Its examples.
    pub tests: Vec<FilterTest>,
    /// Whether it is one of the program's own.
    pub built_in: bool,
    /// The file.
    pub sheet: Arc<SourceFile>,
}

/// A rule of a filter.
#[derive(Debug, Clone)]
pub struct FilterRule {
    /// Its address: `gopher-quality#short`.
    pub address: String,
    /// Why it is right.
    pub why: String,
    /// Where its number comes from, if the file's source does not say it.
    pub source: Option<String>,
    /// What it asks.
    pub asks: Asks,
    /// Where it stands in the file: its measure, or its id.
    pub place: Range<usize>,
}

impl FilterRule {
    /// What its address ends with.
    pub fn id(&self) -> &str {
        self.address.split_once('#').map_or(&*self.address, |(_, id)| id)
    }
}

/// What a rule of a filter asks of a document.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub enum Asks {
    /// A measure lies within a range, both ends included.
    Bound {
        /// The measure.
        #[serde(serialize_with = "by_name")]
        measure: Measure,
        /// The range, where the document's language has none of its own.
        #[serde(flatten)]
        limits: Limits,
    },
    /// None of these phrases stands in a document of few words.
    Phrases {
        /// The phrases, compared as literals of rules are: folded.
        any: Vec<String>,
        /// The most words of a document that one of them drops.
        words_at_most: u32,
    },
    /// Some of the stop words of the document's language occur, if the file lists any.
    StopWords {
        /// How many of them, each counted once.
        min: u32,
    },
}

impl fmt::Display for Asks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Asks::Bound { measure, limits } => {
                let range = match (limits.min, limits.max) {
                    (Some(min), Some(max)) => format!("less than {min} or more than {max}"),
                    (Some(min), None) => format!("less than {min}"),
                    (None, Some(max)) => format!("more than {max}"),
                    (None, None) => "out of the limits of its language".into(),
                };
                write!(f, "drop a document whose `{}` is {range}", measure.name())
            }
            Asks::Phrases { any, words_at_most } => {
                let first: Vec<String> = any.iter().take(3).map(|phrase| format!("\"{phrase}\"")).collect();
                let more = if any.len() > 3 { " …" } else { "" };
                let phrases = first.join(", ");
                write!(f, "drop a document of at most {words_at_most} words that says {phrases}{more}")
            }
            Asks::StopWords { min } => {
                write!(f, "drop a document with fewer than {min} of the stop words of its language")
            }
        }
    }
}

fn by_name<S: serde::Serializer>(measure: &Measure, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(measure.name())
}

/// A text, and the rules that drop it.
#[derive(Debug, Clone)]
pub struct FilterTest {
    /// What the text shows.
    pub name: String,
    /// The text, as often as it was asked for.
    pub text: String,
    /// The code of the language that it is in, as documents have it.
    pub language: Option<String>,
    /// The ids of the rules that must drop it; none where the whole filter must let it pass.
    pub drops: Vec<Spanned<String>>,
    /// Where the text stands.
    pub place: Range<usize>,
}

/// Reads a filter file.
pub(super) fn read(
    sheet: &Arc<SourceFile>,
    name: &str,
    built_in: bool,
    complaints: &mut Vec<Diagnostic>,
) -> Option<FilterFile> {
    let before = complaints.len();
    let (document, errors) = DeTable::parse_recoverable(&sheet.text);
    if !errors.is_empty() {
        complaints.extend(errors.iter().map(|error| syntax_complaint(sheet, error)));
        return None;
    }
    let mut reader = Reader { sheet, complaints, meant: Vec::new() };
    let table = document.get_ref();
    reader.refuse_other_keys(table, FILE_KEYS, "a filter file");
    let start = table.keys().map(Spanned::span).min_by_key(|span| span.start).unwrap_or(0..0);
    let about = reader.required_text(table, "about", &start, "say in one sentence what the filter is for");
    let source = reader.required_text(table, "source", &start, "say where its numbers come from");
    let mut rules: Vec<ReadRule> = Vec::new();
    for key in KINDS {
        for entry in reader.tables(table, key) {
            let DeValue::Table(rule) = entry.get_ref() else { continue };
            if let Some((id, rule)) = reader.filter_rule(rule, entry.span(), key, name) {
                rules.push((entry.span().start, id, rule));
            }
        }
    }
    rules.sort_by_key(|(at, ..)| *at);
    if !KINDS.iter().any(|kind| table.contains_key(*kind)) {
        let place = start.clone();
        reader.complain(place, "a filter has at least one [[bound]], [[phrases]] or [[stop_words]]", "there is none");
    }
    for (at, (_, id, _)) in rules.iter().enumerate() {
        if rules[..at].iter().any(|(_, other, _)| other.get_ref() == id.get_ref()) {
            let title = format!("two rules are called `{}`", id.get_ref());
            reader.complain(id.span(), title, "an id is given once in a file");
        }
    }
    let languages = reader.languages(table, &rules);
    reader.refuse_rules_that_ask_nothing(&rules, &languages);
    let mut tests = Vec::new();
    for entry in reader.tables(table, "test") {
        let DeValue::Table(test) = entry.get_ref() else { continue };
        tests.extend(reader.filter_test(test, entry.span(), &rules));
    }
    if reader.complaints.len() == before {
        reader.refuse_missing_tests(&rules, &tests, start);
    }
    if complaints.len() > before {
        return None;
    }
    Some(FilterFile {
        name: name.into(),
        about: about?.into_inner(),
        source: source?.into_inner(),
        rules: rules.into_iter().map(|(_, _, rule)| rule).collect(),
        languages,
        tests,
        built_in,
        sheet: Arc::clone(sheet),
    })
}

impl Reader<'_> {
    fn filter_rule(
        &mut self,
        table: &DeTable,
        place: Range<usize>,
        kind: &str,
        file: &str,
    ) -> Option<(Spanned<String>, FilterRule)> {
        let before = self.complaints.len();
        let allowed = match kind {
            "bound" => BOUND_KEYS,
            "phrases" => PHRASES_KEYS,
            _ => STOP_WORDS_KEYS,
        };
        self.refuse_other_keys(table, allowed, &format!("a [[{kind}]]"));
        let id = self.required_text(table, "id", &place, "a rule has an id, which its address ends with");
        if let Some(id) = id.as_ref().filter(|id| !is_kebab(id.get_ref())) {
            self.complain(id.span(), "an id is written in kebab-case", "lower-case letters, digits, single hyphens");
        }
        let anchor = id.as_ref().map_or(place, Spanned::span);
        let why = self.required_text(table, "why", &anchor, "this rule does not say why it is right");
        let source = self.text(table, "source").map(Spanned::into_inner);
        let asks = match kind {
            "bound" => self.bound(table, &anchor),
            "phrases" => self.phrases(table, &anchor),
            _ => self.stop_word_rule(table, &anchor),
        };
        let place = table.get("measure").map_or(anchor, Spanned::span);
        if self.complaints.len() > before {
            return None;
        }
        let id = id?;
        let address = format!("{file}#{}", id.get_ref());
        Some((id, FilterRule { address, why: why?.into_inner(), source, asks: asks?, place }))
    }

    fn bound(&mut self, table: &DeTable, anchor: &Range<usize>) -> Option<Asks> {
        let measure = self.required_text(table, "measure", anchor, "name what is measured").and_then(|name| {
            let measure = Measure::named(name.get_ref());
            if measure.is_none() {
                let label = match Measure::nearest_name(name.get_ref()) {
                    Some(meant) => format!("did you mean `{meant}`?"),
                    None => "nothing has this name".into(),
                };
                let names: Vec<&str> = MEASURES.iter().map(|info| info.name).collect();
                self.complain(name.span(), format!("there is no measure `{}`", name.get_ref()), label)
                    .help(format!("there are {}", list(&names)));
            }
            measure
        });
        let limits = self.limits(table);
        if let Limits { min: Some(min), max: Some(max) } = limits
            && min > max
        {
            let place = |key| table.get(key).map_or(anchor.clone(), Spanned::span);
            self.complain(place("max"), format!("no value is at least {min} and at most {max}"), "this range is empty")
                .context(place("min"), "it would begin here");
        }
        Some(Asks::Bound { measure: measure?, limits })
    }

    /// The ends of a range that a table names.
    pub(super) fn limits(&mut self, table: &DeTable) -> Limits {
        Limits { min: self.limit(table, "min"), max: self.limit(table, "max") }
    }

    fn stop_word_rule(&mut self, table: &DeTable, anchor: &Range<usize>) -> Option<Asks> {
        if !table.contains_key("min") && !self.meant.contains(&"min") {
            self.complain(anchor.clone(), "`min` is missing", "how many stop words a text has at least");
        }
        Some(Asks::StopWords { min: self.number(table, "min", 1)? })
    }

    /// A number; not one that is none.
    fn limit(&mut self, table: &DeTable, key: &str) -> Option<f64> {
        let value = table.get(key)?;
        let number = match value.get_ref() {
            DeValue::Integer(number) if number.radix() == 10 => number.as_str().parse::<f64>().ok(),
            DeValue::Float(number) => number.as_str().parse::<f64>().ok(),
            _ => None,
        };
        match number.filter(|number| number.is_finite()) {
            Some(number) => Some(number),
            None => {
                let found = match value.get_ref() {
                    DeValue::Float(number) => format!("this is {}", number.as_str()),
                    other => format!("this is {}", with_article(other.type_str())),
                };
                self.complain(value.span(), format!("`{key}` is a number"), found);
                None
            }
        }
    }

    fn phrases(&mut self, table: &DeTable, anchor: &Range<usize>) -> Option<Asks> {
        let any = self.texts(table, "any");
        match &any {
            None if !table.contains_key("any") && !self.meant.contains(&"any") => {
                self.complain(anchor.clone(), "`any` is missing", "a list of phrases");
            }
            Some(any) if any.is_empty() => {
                let place = table.get("any").map_or(anchor.clone(), Spanned::span);
                self.complain(place, "`any` is empty", "rules that look for nothing");
            }
            _ => {}
        }
        for phrase in any.iter().flatten().filter(|phrase| crate::line::fold(phrase.get_ref()).trim().is_empty()) {
            self.complain(phrase.span(), "a phrase is empty", "white space alone says nothing");
        }
        if !table.contains_key("words_at_most") && !self.meant.contains(&"words_at_most") {
            self.complain(anchor.clone(), "`words_at_most` is missing", "how long a document may be that this drops")
                .help("a long text that speaks of such pages is no such page: words_at_most = 60");
        }
        let words_at_most = self.number(table, "words_at_most", 1);
        let any = any?.into_iter().map(Spanned::into_inner).collect();
        Some(Asks::Phrases { any, words_at_most: words_at_most? })
    }

    fn filter_test(&mut self, table: &DeTable, place: Range<usize>, rules: &[ReadRule]) -> Option<FilterTest> {
        self.refuse_other_keys(table, TEST_KEYS, "a [[test]]");
        let name = self.required_text(table, "name", &place, "say what the text shows");
        let text = match table.get("text").map(Spanned::get_ref) {
            // The empty document is an example, too.
            Some(DeValue::String(text)) => Some(text.to_string()),
            _ => self.required_text(table, "text", &place, "the text of a document").map(Spanned::into_inner),
        };
        let times = self.number(table, "times", 1).unwrap_or(1) as usize;
        let drops = match table.get("drops").map(Spanned::get_ref) {
            Some(DeValue::String(_)) => self.text(table, "drops").into_iter().collect(),
            _ => self.texts(table, "drops").unwrap_or_default(),
        };
        for id in &drops {
            if !rules.iter().any(|(_, known, _)| known.get_ref() == id.get_ref()) {
                let names = rules.iter().map(|(_, known, _)| known.get_ref().as_str());
                let label = match nearest(id.get_ref(), names) {
                    Some(meant) => format!("did you mean `{meant}`?"),
                    None => "no rule of this file has this id".into(),
                };
                self.complain(id.span(), format!("`drops` names no rule: `{}`", id.get_ref()), label);
            }
        }
        let language = self.text(table, "language").and_then(|code| {
            let codes = codes_of(code.get_ref());
            if codes.is_none() {
                let title = format!("there is no language `{}`", code.get_ref());
                self.complain(code.span(), title, "expected a code of ISO 639, as --language takes it: de or deu");
            }
            codes?.into_iter().next()
        });
        let text = text?;
        if text.len().saturating_mul(times) > EXAMPLE {
            let at = table.get("times").map_or(place.clone(), Spanned::span);
            self.complain(at, "an example is at most 16 MiB long", "fewer times, or a shorter text");
            return None;
        }
        let place = table.get("text").map_or(place, Spanned::span);
        Some(FilterTest { name: name?.into_inner(), text: text.repeat(times), language, drops, place })
    }

    fn refuse_missing_tests(&mut self, rules: &[ReadRule], tests: &[FilterTest], start: Range<usize>) {
        for (_, id, _) in rules {
            let is_shown = tests.iter().any(|test| test.drops.iter().any(|drops| drops.get_ref() == id.get_ref()));
            if !is_shown {
                let title = format!("no example shows what `{}` drops", id.get_ref());
                self.complain(id.span(), title, "a rule shows at least one text that it drops")
                    .help(format!("a [[test]] with name, text and drops = \"{}\"", id.get_ref()));
            }
        }
        if tests.iter().all(|test| !test.drops.is_empty()) {
            self.complain(start, "no example shows what stays", "a filter shows at least one text that it lets pass")
                .help("a [[test]] with name and text, and without `drops`");
        }
    }
}
