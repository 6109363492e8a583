//! The filter of languages: `--language de,fr:0.65`.

use std::collections::BTreeSet;

use crate::error::{Error, Result};
use crate::filters::{Document, DocumentFilter, Verdict};
use crate::manifest::{FilterValue, Language, Quantity};
use crate::rules::language_codes::codes_of;

/// The name of the setting, and of the filter.
const NAME: &str = "language";

/// Keeps documents in some languages, each from some confidence on.
#[derive(Debug, PartialEq)]
pub(super) struct LanguageFilter {
    /// The code of ISO 639-3, and the least confidence.
    wanted: Vec<(String, f64)>,
}

impl LanguageFilter {
    /// Reads a list of codes, each with the least confidence behind a colon. Where a model tells languages, these are the
    /// codes that it can tell.
    ///
    /// # Errors
    /// [`Error::Setting`] with what is wrong with it.
    pub(super) fn parse(list: &str, told: Option<&BTreeSet<String>>) -> Result<LanguageFilter> {
        let wrong = |expected: String| Error::Setting { name: NAME, value: list.into(), expected };
        let mut wanted = Vec::new();
        for entry in list.split(',').map(str::trim) {
            let (code, least) = entry.split_once(':').unwrap_or((entry, "0"));
            let least = least.trim().parse::<f64>().ok().filter(|least| (0.0..=1.0).contains(least));
            let least = least
                .ok_or_else(|| wrong(format!("the confidence of {code} is a number from 0 to 1, as in {code}:0.65")))?;
            let code = code.trim().to_ascii_lowercase();
            let is_told = |code: &String| told.is_none_or(|told| told.contains(code));
            let codes =
                codes_of(&code).or_else(|| Some(vec![code.clone()]).filter(|_| told.is_some() && is_told(&code)));
            let codes = codes.ok_or_else(|| {
                let expected = "expected codes of ISO 639, with commas between them: de,fr:0.65";
                wrong(format!("{code:?} is no code of a language; {expected}"))
            })?;
            if !codes.iter().any(is_told) {
                return Err(wrong(format!("the model of --lid-model tells no text as {}", codes.join(" or "))));
            }
            wanted.extend(codes.into_iter().map(|code| (code, least)));
        }
        Ok(LanguageFilter { wanted })
    }

    fn verdict(&self, language: Option<&Language>) -> Option<Verdict> {
        let Some(language) = language else {
            return Some(Verdict::of("language#unknown", FilterValue::Word("none".into())));
        };
        let Some((_, least)) = self.wanted.iter().find(|(code, _)| *code == *language.code) else {
            return Some(Verdict::of("language#other", FilterValue::Word(language.code.to_string())));
        };
        let confidence = language.confidence.map_or(1.0, |confidence| f64::from(confidence.permille()) / 1000.0);
        (confidence < *least).then(|| Verdict {
            rule: "language#unsure".into(),
            value: FilterValue::Number(Quantity::nearest(confidence)),
            min: Some(Quantity::nearest(*least)),
            max: None,
        })
    }
}

impl DocumentFilter for LanguageFilter {
    fn name(&self) -> &str {
        NAME
    }

    fn rules(&self) -> Vec<(String, String)> {
        let rules = [
            ("language#other", "It is in a language that was not asked for."),
            ("language#unsure", "Its language is less sure than was asked for."),
            ("language#unknown", "Its language cannot be told."),
        ];
        rules.map(|(address, why)| (address.into(), why.into())).into()
    }

    fn check(&self, document: &Document) -> Option<Verdict> {
        self.verdict(document.language())
    }

    fn key(&self) -> String {
        let wanted = self.wanted.iter().map(|(code, least)| format!("{code}:{least}"));
        wanted.collect::<Vec<_>>().join(",")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::Share;

    #[test]
    fn documents_stay_in_the_languages_that_are_asked_for() {
        let filter = LanguageFilter::parse("de, fr:0.65,cmn,no,arb", None).unwrap();
        for (code, permille, rule) in [
            ("deu", 510, None),
            ("fra", 650, None),
            ("fra", 649, Some("language#unsure (0.649, at least 0.65)")),
            ("nno", 900, None),
            ("cmn", 900, None),
            ("ara", 900, None),
            ("eng", 999, Some("language#other (eng)")),
        ] {
            let language = Language { code: code.into(), confidence: Some(Share::of_permille(permille)) };
            let document = Document::new("").with_language(Some(&language));
            assert_eq!(filter.check(&document).map(|verdict| verdict.to_string()).as_deref(), rule);
        }
        assert_eq!(filter.check(&Document::new("12")).unwrap().rule, "language#unknown");
    }

    #[test]
    fn where_a_model_tells_languages_those_can_be_asked_for_that_it_tells() {
        let told: BTreeSet<String> = ["deu", "xyz", "nno"].map(String::from).into();
        for list in ["de:0.8", "xyz", "no"] {
            assert!(LanguageFilter::parse(list, Some(&told)).is_ok(), "{list}");
        }
        let error = LanguageFilter::parse("de,fr", Some(&told)).unwrap_err().to_string();
        assert!(error.contains("tells no text as fra"), "{error}");
    }

    #[test]
    fn a_list_that_is_none_says_what_is_wrong() {
        for (list, says) in [
            ("german", "no code of a language"),
            ("", "no code of a language"),
            ("de:", "from 0 to 1"),
            ("de:NaN", "from 0 to 1"),
            ("de:65", "from 0 to 1"),
            ("xx", "no code of a language"),
            ("xxx", "no code of a language"),
        ] {
            let error = LanguageFilter::parse(list, None).unwrap_err().to_string();
            assert!(error.contains(says), "{list}: {error}");
        }
    }
}
