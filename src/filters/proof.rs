//! Filters prove themselves: their examples are dropped by the rules that they name, or let pass.

use crate::error::{Error, Result};
use crate::filters::written::WrittenFilter;
use crate::filters::{Document, uncounted};
use crate::manifest::Language;
use crate::rules::diagnostic::{self, Diagnostic};
use crate::rules::filter_file::{FilterFile, FilterTest};
use crate::rules::tokenizer::Tokenizer;
use crate::rules::{Check, RuleSet};

/// Checks all examples of all filters. Tokens are counted by this tokenizer; without one, examples that need it do not hold.
pub fn check_all(rules: &RuleSet, tokenizer: Option<&Tokenizer>) -> Vec<Check> {
    let check = |(file, test): (&FilterFile, &FilterTest)| Check {
        of: format!("filters/{}: {}", file.name, test.name),
        promise: if test.drops.is_empty() { "stays".into() } else { "goes".into() },
        broken: uncounted(file, tokenizer)
            .or_else(|| broken(file, test, tokenizer))
            .map(|complaint| complaint.render()),
    };
    rules.filters().iter().flat_map(|file| file.tests.iter().map(move |test| (file, test))).map(check).collect()
}

/// Runs the examples of a user's filters, before anything is written. Those of a filter that counts tokens are left out where
/// there is no tokenizer: the run does not ask it.
///
/// # Errors
/// [`Error::Rules`] with every example that does not hold.
pub(crate) fn prove(rules: &RuleSet, tokenizer: Option<&Tokenizer>) -> Result<()> {
    let broken =
        |file: &FilterFile| -> Vec<_> { file.tests.iter().filter_map(|test| broken(file, test, tokenizer)).collect() };
    let asked = rules.own_filters().iter().filter(|file| uncounted(file, tokenizer).is_none());
    let complaints: Vec<Diagnostic> = asked.flat_map(broken).collect();
    match complaints.is_empty() {
        true => Ok(()),
        false => Err(Error::Rules(diagnostic::render(complaints))),
    }
}

fn broken(file: &FilterFile, test: &FilterTest, tokenizer: Option<&Tokenizer>) -> Option<Diagnostic> {
    let language = test.language.as_ref().map(|code| Language { code: code.clone().into(), confidence: None });
    let document = Document::new(&test.text).with_language(language.as_ref()).with_tokenizer(tokenizer);
    let filter = WrittenFilter::of(file);
    let verdicts: Vec<_> = filter.verdicts(&document).collect();
    if test.drops.is_empty() {
        let verdict = verdicts.first()?;
        let title = format!("the text \"{}\" does not stay", test.name);
        return Some(Diagnostic::at(&file.sheet, test.place.clone(), title, format!("dropped by {verdict}")));
    }
    let missing = test.drops.iter().find(|id| {
        let address = format!("{}#{}", file.name, id.get_ref());
        verdicts.iter().all(|verdict| verdict.rule != address)
    })?;
    let all: Vec<String> = verdicts.iter().map(ToString::to_string).collect();
    let told = if all.is_empty() { "no rule drops it".into() } else { format!("dropped by {}", all.join(", ")) };
    let title = format!("`{}` does not drop the text \"{}\"", missing.get_ref(), test.name);
    Some(Diagnostic::at(&file.sheet, missing.span(), title, told))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_filter_proves_itself() {
        let rules = RuleSet::builtin().unwrap();
        let broken: Vec<String> = check_all(&rules, None).into_iter().filter_map(|check| check.broken).collect();
        assert!(broken.is_empty(), "{}", broken.join("\n\n"));
        assert!(rules.filters().len() >= 7);
    }
}
