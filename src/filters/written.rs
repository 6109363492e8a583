//! A filter that is written in a file: bounds of measures, phrases, and stop words of languages.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use crate::filters::{Document, DocumentFilter, Verdict};
use crate::hash::hex;
use crate::line::fold_inside;
use crate::manifest::{FilterValue, Quantity};
use crate::rules::filter_file::{Asks, FilterFile, FilterRule};
use crate::rules::filter_languages::{LanguageRules, Limits};
use crate::rules::measure::Measure;

/// A filter file, ready to be asked.
#[derive(Debug)]
pub(super) struct WrittenFilter {
    name: String,
    rules: Vec<(FilterRule, Vec<String>)>,
    languages: BTreeMap<String, LanguageRules>,
}

impl WrittenFilter {
    /// The filter of a file.
    pub(super) fn of(file: &FilterFile) -> WrittenFilter {
        let folded = |rule: &FilterRule| match &rule.asks {
            Asks::Phrases { any, .. } => any.iter().map(|phrase| fold_inside(phrase).trim().to_string()).collect(),
            Asks::Bound { .. } | Asks::StopWords { .. } => Vec::new(),
        };
        let rules = file.rules.iter().map(|rule| (rule.clone(), folded(rule))).collect();
        WrittenFilter { name: file.name.clone(), rules, languages: file.languages.clone() }
    }

    /// The verdict of each rule, whatever the ones before it say.
    pub(super) fn verdicts<'f>(&'f self, document: &'f Document) -> impl Iterator<Item = Verdict> + 'f {
        let language = document.language().and_then(|language| self.languages.get(&*language.code));
        self.rules.iter().filter_map(move |(rule, phrases)| verdict(rule, phrases, language, document))
    }
}

impl DocumentFilter for WrittenFilter {
    fn name(&self) -> &str {
        &self.name
    }

    fn rules(&self) -> Vec<(String, String)> {
        self.rules.iter().map(|(rule, _)| (rule.address.clone(), rule.why.clone())).collect()
    }

    fn check(&self, document: &Document) -> Option<Verdict> {
        self.verdicts(document).next()
    }

    fn key(&self) -> String {
        let mut hash = Sha256::new();
        for (rule, _) in &self.rules {
            // Words and numbers: there is nothing in them that JSON cannot say.
            hash.update(serde_json::to_string(&(&rule.address, &rule.asks)).unwrap_or_default());
            hash.update("\n");
        }
        if !self.languages.is_empty() {
            hash.update(serde_json::to_string(&self.languages).unwrap_or_default());
        }
        hex(hash)
    }

    fn measures(&self) -> Vec<Measure> {
        let measure = |(rule, _): &(FilterRule, _)| match rule.asks {
            Asks::Bound { measure, .. } => Some(measure),
            Asks::Phrases { .. } | Asks::StopWords { .. } => None,
        };
        self.rules.iter().filter_map(measure).collect()
    }
}

fn verdict(
    rule: &FilterRule,
    phrases: &[String],
    language: Option<&LanguageRules>,
    document: &Document,
) -> Option<Verdict> {
    match &rule.asks {
        Asks::Bound { measure, limits } => {
            let own = language.and_then(|language| language.limits.get(rule.id())).copied();
            let Limits { min, max } = limits.with(own.unwrap_or_default());
            if (min, max) == (None, None) {
                return None;
            }
            let value = document.measure(*measure);
            let is_out = min.is_some_and(|min| value < min) || max.is_some_and(|max| value > max);
            is_out.then(|| Verdict {
                rule: rule.address.clone(),
                value: FilterValue::Number(Quantity::nearest(value)),
                min: min.map(Quantity::nearest),
                max: max.map(Quantity::nearest),
            })
        }
        Asks::Phrases { words_at_most, .. } => {
            if document.measure(Measure::Words) > f64::from(*words_at_most) {
                return None;
            }
            let folded = document.folded();
            let phrase = phrases.iter().find(|phrase| stands_in(phrase, folded))?;
            Some(Verdict::of(&rule.address, FilterValue::Word(phrase.clone())))
        }
        Asks::StopWords { min } => {
            let listed = language.map(|language| &language.stop_words).filter(|words| !words.is_empty())?;
            let mut missing: Vec<&str> = listed.iter().map(String::as_str).collect();
            let most = listed.len().saturating_sub(*min as usize);
            for word in document.words() {
                missing.retain(|stop_word| *stop_word != word);
                if missing.len() <= most {
                    break;
                }
            }
            let found = listed.len() - missing.len();
            (found < *min as usize).then(|| Verdict {
                rule: rule.address.clone(),
                value: FilterValue::Number(Quantity::nearest(found as f64)),
                min: Some(Quantity::nearest(f64::from(*min))),
                max: None,
            })
        }
    }
}

/// Whether a phrase stands in a text, and not within a word.
fn stands_in(phrase: &str, text: &str) -> bool {
    memchr::memmem::find_iter(text.as_bytes(), phrase.as_bytes()).any(|at| {
        let before = text[..at].chars().next_back();
        let behind = text[at + phrase.len()..].chars().next();
        ![before, behind].into_iter().flatten().any(char::is_alphanumeric)
    })
}
