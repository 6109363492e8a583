//! A rule's matcher, put to a line.

use std::ops::Range;
use std::sync::OnceLock;

use regex::Regex;
use serde::{Deserialize, Serialize};

use crate::line::{PageFeatures, fold, fold_inside, unfold};
use crate::rules::automata::{self, Automaton};
use crate::rules::rule::{Matcher, MatcherKind, Rule};

/// A matcher that can be put to a line.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Test {
    pub kind: MatcherKind,
    /// As written where `exact`, else folded.
    pub literals: Vec<String>,
    pub exact: bool,
    pub regex: Option<LateRegex>,
    pub words_at_most: u32,
}

/// A regex that is compiled on its first suspicion.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct LateRegex {
    pub pattern: String,
    /// A built-in one need not be compiled.
    #[serde(skip)]
    automata: OnceLock<&'static [Automaton<'static>]>,
    #[serde(skip)]
    compiled: OnceLock<Option<Regex>>,
}

impl LateRegex {
    fn of(pattern: &str) -> LateRegex {
        LateRegex { pattern: pattern.into(), automata: OnceLock::new(), compiled: OnceLock::new() }
    }

    fn is_match(&self, text: &str) -> bool {
        let automata = self.automata.get_or_init(|| automata::of(&self.pattern));
        let known = automata::is_match(automata, text);
        known.unwrap_or_else(|| self.get().is_some_and(|regex| regex.is_match(text)))
    }

    /// `None` where the pattern does not compile, which the rulebook's proof has told before.
    fn get(&self) -> Option<&Regex> {
        self.compiled.get_or_init(|| Regex::new(&self.pattern).ok()).as_ref()
    }
}

impl Test {
    pub(super) fn of(rule: &Rule, matcher: &Matcher) -> Test {
        let literals = match matcher.kind {
            MatcherKind::Regex => Vec::new(),
            kind => matcher
                .patterns()
                .map(|text| if matcher.exact { text.trim().to_string() } else { folded_literal(kind, text) })
                .collect(),
        };
        let is_regex = matcher.kind == MatcherKind::Regex;
        let regex = is_regex.then(|| LateRegex::of(matcher.patterns().next().unwrap_or_default()));
        let words_at_most = rule.word_limit(matcher).unwrap_or(u32::MAX);
        Test { kind: matcher.kind, literals, exact: matcher.exact, regex, words_at_most }
    }

    /// Whether a line matches that has one of the literals: nothing else is asked of it but its words.
    pub(super) fn is_proven_by_literals(&self) -> bool {
        self.regex.is_none() && !self.exact
    }

    /// Whether a line matches. `proven` spares the comparison where a search has made it.
    pub(super) fn matches(&self, page: &PageFeatures, line: usize, proven: bool) -> bool {
        if page.lines[line].words > self.words_at_most {
            return false;
        }
        if proven {
            return true;
        }
        if let Some(regex) = &self.regex {
            return regex.is_match(page.text(line));
        }
        let text = if self.exact { page.text(line) } else { page.folded(line) };
        self.literals.iter().any(|literal| match self.kind {
            MatcherKind::Equals => text == literal.as_str(),
            MatcherKind::Starts => text.starts_with(literal.as_str()),
            MatcherKind::Ends => text.ends_with(literal.as_str()),
            MatcherKind::Contains | MatcherKind::Regex => text.contains(literal.as_str()),
        })
    }

    /// The parts of a line that match, as bytes of the line without the white space around it: the
    /// longest literal at an edge, every place of the others.
    pub(super) fn parts(&self, page: &PageFeatures, line: usize) -> Vec<Range<usize>> {
        let raw = page.text(line);
        if let Some(regex) = &self.regex {
            return regex.get().map_or(Vec::new(), |regex| regex.find_iter(raw).map(|found| found.range()).collect());
        }
        let text = if self.exact { raw } else { page.folded(line) };
        let longest = |hits: &dyn Fn(&str) -> bool| {
            self.literals.iter().filter(|literal| hits(literal)).map(|literal| literal.len()).max()
        };
        let parts: Vec<Range<usize>> = match self.kind {
            MatcherKind::Starts => {
                longest(&|literal| text.starts_with(literal)).map(|len| 0..len).into_iter().collect()
            }
            MatcherKind::Ends => longest(&|literal| text.ends_with(literal))
                .map(|len| text.len() - len..text.len())
                .into_iter()
                .collect(),
            _ => self
                .literals
                .iter()
                .flat_map(|literal| text.match_indices(literal.as_str()).map(|(at, found)| at..at + found.len()))
                .collect(),
        };
        match self.exact {
            true => parts,
            false => parts.into_iter().map(|part| unfold(raw, part)).collect(),
        }
    }
}

/// Folds a literal of a rule. White space at its open ends counts, as one space: `starts = "By "`
/// does not match "Bypass". A list marker counts where the line may have begun before it.
fn folded_literal(kind: MatcherKind, text: &str) -> String {
    let open_start = matches!(kind, MatcherKind::Ends | MatcherKind::Contains);
    let open_end = matches!(kind, MatcherKind::Starts | MatcherKind::Contains);
    let mut folded = if open_start { fold_inside(text) } else { fold(text) };
    if open_start && text.starts_with(char::is_whitespace) {
        folded.insert(0, ' ');
    }
    if open_end && text.ends_with(char::is_whitespace) {
        folded.push(' ');
    }
    folded
}
