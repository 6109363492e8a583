//! What a filter file says of single languages: limits in place of those of its bounds, and stop words.

use std::collections::BTreeMap;
use std::ops::Range;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::diagnostic::nearest;
use super::file::Reader;
use super::filter_file::{Asks, FilterRule};
use super::language_codes::codes_of;

pub(super) const LIMIT_KEYS: &[&str] = &["min", "max"];

/// The key of a language's stop words. Ids of bounds are written in kebab-case, so that none is called so.
pub(super) const STOP_WORDS: &str = "stop_words";

/// A rule of a file, with the place where it begins and its id.
pub(super) type ReadRule = (usize, Spanned<String>, FilterRule);

/// What a filter asks of documents in one language.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct LanguageRules {
    /// By the id of a bound, its limits in this language.
    pub limits: BTreeMap<String, Limits>,
    /// The stop words, as they stand in texts: case counts.
    pub stop_words: Vec<String>,
}

/// The ends of a range, both included. In those of a language, an end that is not named is the bound's own.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
#[schemars(extend("anyOf" = json!([{ "required": ["min"] }, { "required": ["max"] }])))]
pub struct Limits {
    /// The least value that stays.
    pub min: Option<f64>,
    /// The greatest value that stays.
    pub max: Option<f64>,
}

impl Limits {
    /// These limits, where `others` has none of its own.
    #[must_use]
    pub fn with(self, others: Limits) -> Limits {
        Limits { min: others.min.or(self.min), max: others.max.or(self.max) }
    }
}

impl Reader<'_> {
    /// Reads the tables under `languages`, by the codes that documents have.
    pub(super) fn languages(&mut self, table: &DeTable, rules: &[ReadRule]) -> BTreeMap<String, LanguageRules> {
        let mut languages = BTreeMap::new();
        let Some(value) = table.get("languages") else { return languages };
        let DeValue::Table(tables) = value.get_ref() else {
            self.wrong_type(value, "languages", "tables with codes of languages: [languages.de]");
            return languages;
        };
        for (code, value) in tables {
            let Some(codes) = codes_of(code.get_ref()) else {
                let title = format!("there is no language `{}`", code.get_ref());
                self.complain(code.span(), title, "expected a code of ISO 639, as --language takes it: de or deu");
                continue;
            };
            let DeValue::Table(table) = value.get_ref() else {
                self.wrong_type(value, code.get_ref(), "a table with limits of bounds and stop words");
                continue;
            };
            let said = self.language(table, rules);
            for known in codes {
                if languages.insert(known.clone(), said.clone()).is_some() {
                    let title = format!("`{}` is `{known}`, which has a table already", code.get_ref());
                    self.complain(code.span(), title, "a language has one table in a file");
                }
            }
        }
        languages
    }

    fn language(&mut self, table: &DeTable, rules: &[ReadRule]) -> LanguageRules {
        let mut said = LanguageRules::default();
        for (key, value) in table {
            if key.get_ref() == STOP_WORDS {
                said.stop_words = self.stop_words(table, key.span(), rules);
                continue;
            }
            let rule = rules.iter().find(|(_, id, _)| id.get_ref() == key.get_ref().as_ref());
            let Some(Asks::Bound { limits, .. }) = rule.map(|(.., rule)| &rule.asks) else {
                let bounds = rules.iter().filter(|(.., rule)| matches!(rule.asks, Asks::Bound { .. }));
                let names = bounds.map(|(_, id, _)| id.get_ref().as_str()).chain([STOP_WORDS]);
                let label = match nearest(key.get_ref(), names) {
                    Some(meant) => format!("did you mean `{meant}`?"),
                    None => "expected the id of a [[bound]] of this file, or stop_words".into(),
                };
                self.complain(key.span(), format!("there is no bound `{}`", key.get_ref()), label);
                continue;
            };
            let DeValue::Table(own) = value.get_ref() else {
                self.wrong_type(value, key.get_ref(), "a table with `min`, `max` or both: { max = 0.2 }");
                continue;
            };
            if let Some(own) = self.limits_of_language(own, &value.span(), *limits) {
                said.limits.insert(key.get_ref().to_string(), own);
            }
        }
        said
    }

    fn limits_of_language(&mut self, table: &DeTable, place: &Range<usize>, usual: Limits) -> Option<Limits> {
        let before = self.complaints.len();
        self.refuse_other_keys(table, LIMIT_KEYS, "the limits of a language");
        let own = self.limits(table);
        if own == Limits::default() && self.complaints.len() == before {
            self.complain(place.clone(), "limits have `min`, `max` or both", "these have neither");
        }
        if let Limits { min: Some(min), max: Some(max) } = usual.with(own)
            && min > max
            && self.complaints.len() == before
        {
            let title = format!("no value is at least {min} and at most {max}");
            self.complain(place.clone(), title, "this range is empty, with what the bound itself says");
        }
        (self.complaints.len() == before).then_some(own)
    }

    fn stop_words(&mut self, table: &DeTable, key: Range<usize>, rules: &[ReadRule]) -> Vec<String> {
        if !rules.iter().any(|(.., rule)| matches!(rule.asks, Asks::StopWords { .. })) {
            self.complain(key.clone(), "no rule asks for stop words", "this list is looked at by none")
                .help("a [[stop_words]] with id, min and why");
        }
        let words = self.texts(table, STOP_WORDS);
        if words.as_ref().is_some_and(Vec::is_empty) {
            self.complain(key, "`stop_words` is empty", "a language without a list is left out");
        }
        for word in words.iter().flatten().filter(|word| {
            let word = word.get_ref();
            word.is_empty() || word.contains(char::is_whitespace)
        }) {
            self.complain(word.span(), "a stop word is one word", "white space stands in no word");
        }
        let words = words.unwrap_or_default();
        for (at, word) in words.iter().enumerate() {
            if words[..at].iter().any(|before| before.get_ref() == word.get_ref()) {
                self.complain(word.span(), "a stop word stands in a list once", "it stands in this one before");
            }
        }
        words.into_iter().map(Spanned::into_inner).collect()
    }

    /// Complains of rules that ask nothing in any language.
    pub(super) fn refuse_rules_that_ask_nothing(
        &mut self,
        rules: &[ReadRule],
        languages: &BTreeMap<String, LanguageRules>,
    ) {
        for (_, id, rule) in rules {
            let has_limits = |said: &LanguageRules| said.limits.contains_key(id.get_ref());
            match rule.asks {
                Asks::Bound { limits, .. } if limits == Limits::default() && !languages.values().any(has_limits) => {
                    self.complain(id.span(), "a bound has `min`, `max` or both", "it has neither, in no language");
                }
                Asks::StopWords { .. } if languages.values().all(|said| said.stop_words.is_empty()) => {
                    self.complain(id.span(), "no language lists stop words", "this rule drops nothing")
                        .help("[languages.de] with stop_words = [\"der\", \"und\"]");
                }
                Asks::StopWords { min } => {
                    let is_short = |said: &LanguageRules| (1..min as usize).contains(&said.stop_words.len());
                    if let Some((code, _)) = languages.iter().find(|(_, said)| is_short(said)) {
                        let title = format!("`{code}` lists fewer stop words than `min`");
                        self.complain(id.span(), title, "no text in it could stay");
                    }
                }
                _ => {}
            }
        }
    }
}
