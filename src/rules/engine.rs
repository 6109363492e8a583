//! Many rules at the price of one search.
//!
//! A rule becomes a suspect on a line when one of its literals is there ([`search`]). Only then are its
//! narrowings and its regex looked at; a regex is compiled on its first suspicion. A line is searched
//! only for the rules whose limit of words it keeps, so long prose costs little.

mod search;
mod test;
mod trim;

use globset::{Glob, GlobBuilder, GlobMatcher};
use serde::{Deserialize, Serialize};

use self::search::{Plan, Search};
use self::test::Test;
use super::rule::{Action, Form, Part, Rule};
use super::within::Within;
use crate::line::PageFeatures;
use crate::marks::{Mark, Marks};

/// Compiled rules, ready to judge pages. Their order is their precedence.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Engine {
    rules: Vec<Compiled>,
    search: Search,
}

#[derive(Debug, Serialize, Deserialize)]
struct Compiled {
    /// Its number in the rulebook.
    number: u32,
    action: Action,
    /// Looks at a line alone, or at the first line of a run.
    matcher: Test,
    run: Option<Run>,
    part: Option<Part>,
    within: Option<Within>,
    path: Option<PathGlob>,
    url: Option<PathGlob>,
}

/// A glob that is ready to match, written down as its text.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
struct PathGlob(GlobMatcher);

impl TryFrom<String> for PathGlob {
    type Error = globset::Error;

    fn try_from(pattern: String) -> std::result::Result<PathGlob, globset::Error> {
        glob(&pattern).map(|glob| PathGlob(glob.compile_matcher()))
    }
}

impl From<PathGlob> for String {
    fn from(glob: PathGlob) -> String {
        glob.0.glob().glob().to_string()
    }
}

#[derive(Debug, Serialize, Deserialize)]
struct Run {
    until: Test,
    until_included: bool,
    at_most: usize,
}

/// What narrows a rule but its matcher: left out where an example is tried, which has no place on a
/// page.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Narrow {
    Fully,
    ByLineAlone,
}

impl Engine {
    /// Compiles rules, each with its number, in the order of their precedence. A rule whose glob or
    /// regex is broken never speaks.
    pub(super) fn of<'r>(rules: impl Iterator<Item = (u32, &'r Rule)>, narrow: Narrow) -> Engine {
        let mut plan = Plan::default();
        let mut compiled = Vec::new();
        for (number, rule) in rules {
            let Some(mut compiled_rule) = compile(number, rule, narrow) else { continue };
            plan.add(compiled.len() as u32, &compiled_rule.matcher);
            if compiled_rule.matcher.is_proven_by_literals() && rule.action != Action::Trim {
                // The search has all of them, and what it finds is not compared again.
                compiled_rule.matcher.literals = Vec::new();
            }
            compiled.push(compiled_rule);
        }
        Engine { rules: compiled, search: plan.settle() }
    }

    /// The addresses' numbers of rules that have to be tried on every line they may match.
    pub(super) fn always(&self) -> impl Iterator<Item = u32> {
        self.search.always.iter().map(|suspect| self.rules[suspect.rule as usize].number)
    }

    /// Marks a page's lines. `off` are the numbers of rules that do not count here, ascending.
    pub(super) fn judge(&self, page: &PageFeatures, marks: &mut Marks, off: &[u32]) {
        self.judge_but(page, marks, off, &|_, _| Spare::No);
    }

    /// The same, but for the lines that `spares` says a drop rule, by its number, does not take.
    pub(super) fn judge_but(
        &self,
        page: &PageFeatures,
        marks: &mut Marks,
        off: &[u32],
        spares: &dyn Fn(u32, usize) -> Spare,
    ) {
        if self.rules.is_empty() {
            return;
        }
        let every_opinion = marks.wants_second_opinions();
        let mut found = Found::default();
        let mut suspects = Vec::new();
        for line in 0..page.len() {
            suspects.clear();
            self.search.suspects(page.folded(line), &page.lines[line], &mut suspects);
            if suspects.is_empty() {
                continue;
            }
            // Proven before unproven, so that the regex of a rule that is proven is not run.
            suspects.sort_unstable_by(|a, b| a.rule.cmp(&b.rule).then(b.proven.cmp(&a.proven)));
            suspects.dedup_by_key(|suspect| suspect.rule);
            let mut decided = false;
            for suspect in &suspects {
                let rule = &self.rules[suspect.rule as usize];
                if rule.run.is_none() && decided && !every_opinion && rule.action != Action::Trim {
                    continue;
                }
                if off.binary_search(&rule.number).is_ok() || !rule.holds(page, line, suspect.proven) {
                    continue;
                }
                match (&rule.run, rule.action) {
                    (Some(_), _) => found.runs.push((suspect.rule, line as u32)),
                    (None, Action::Trim) => found.trims.push((suspect.rule, line as u32)),
                    (None, _) => {
                        decided = true;
                        found.lines.push((suspect.rule, line as u32));
                    }
                }
            }
        }
        self.mark(page, marks, found, spares);
    }

    fn mark(&self, page: &PageFeatures, marks: &mut Marks, found: Found, spares: &dyn Fn(u32, usize) -> Spare) {
        let Found { mut lines, runs, trims } = found;
        if !runs.is_empty() {
            self.spread_runs(page, runs, &mut lines);
            lines.sort_unstable();
        }
        let mut waiting = Vec::new();
        for (rule, line) in lines {
            let (rule, line) = (&self.rules[rule as usize], line as usize);
            let mark = Mark::written(rule.number);
            match (rule.action, rule.action == Action::Drop && !marks.is_undecided(line)) {
                (Action::Keep, _) => marks.keep(line, mark),
                (_, true) => marks.drop(line, mark),
                _ => match spares(rule.number, line) {
                    Spare::No => marks.drop(line, mark),
                    Spare::Yes => {}
                    Spare::With(other) => waiting.push((line, other, mark)),
                },
            }
        }
        for (line, other, mark) in waiting {
            if !marks.stays(other) {
                marks.drop(line, mark);
            }
        }
        for trims in trims.chunk_by(|a, b| a.1 == b.1) {
            let line = trims[0].1 as usize;
            if marks.stays(line) {
                trim::cut(page, marks, line, trims.iter().map(|(rule, _)| &self.rules[*rule as usize]));
            }
        }
    }

    /// Adds the lines of every run that begins at one of `starts` and finds its end.
    fn spread_runs(&self, page: &PageFeatures, mut starts: Vec<(u32, u32)>, lines: &mut Vec<(u32, u32)>) {
        starts.sort_unstable();
        let mut done: (u32, u32) = (u32::MAX, 0);
        for (index, start) in starts {
            let Some(run) = &self.rules[index as usize].run else { continue };
            if done.0 == index && start < done.1 {
                continue;
            }
            let last = (start as usize + run.at_most + usize::from(!run.until_included)).min(page.len());
            let Some(end) = (start as usize + 1..last).find(|line| run.until.matches(page, *line, false)) else {
                continue;
            };
            let end = (end + usize::from(run.until_included)) as u32;
            lines.extend((start..end).map(|line| (index, line)));
            done = (index, end);
        }
    }
}

/// Whether a line is left alone by rules that match it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spare {
    /// It is not.
    No,
    /// It is.
    Yes,
    /// It is if this line stays after all rules have spoken.
    With(usize),
}

/// Rules found on lines, as (index, line).
#[derive(Default)]
struct Found {
    lines: Vec<(u32, u32)>,
    runs: Vec<(u32, u32)>,
    trims: Vec<(u32, u32)>,
}

impl Compiled {
    fn holds(&self, page: &PageFeatures, line: usize, proven: bool) -> bool {
        self.part.is_none_or(|part| part.holds(line, page.len()))
            && self.matcher.matches(page, line, proven)
            && self
                .within
                .as_ref()
                .is_none_or(|within| page.page.markup.as_ref().is_some_and(|markup| within.holds(markup, line)))
            && self.path.as_ref().is_none_or(|glob| glob.0.is_match(&page.page.source.path))
            && self.url.as_ref().is_none_or(|glob| page.page.url.as_ref().is_some_and(|url| glob.0.is_match(url)))
    }
}

/// A rule's glob: `*` stays within a folder, `**` crosses them.
pub(super) fn glob(pattern: &str) -> std::result::Result<Glob, globset::Error> {
    GlobBuilder::new(pattern).literal_separator(true).build()
}

fn compile(number: u32, rule: &Rule, narrow: Narrow) -> Option<Compiled> {
    let (matcher, run) = match &rule.form {
        Form::Line(matcher) => (Test::of(rule, matcher), None),
        Form::Run { from, until, until_included, at_most } => {
            let run = Run { until: Test::of(rule, until), until_included: *until_included, at_most: *at_most as usize };
            (Test::of(rule, from), Some(run))
        }
    };
    let mut compiled =
        Compiled { number, action: rule.action, matcher, run, part: None, within: None, path: None, url: None };
    if narrow == Narrow::Fully {
        let matcher_of = |pattern: Option<&str>| pattern.map(|pattern| PathGlob::try_from(pattern.to_string()));
        compiled.part = rule.narrowing.part;
        compiled.within.clone_from(&rule.narrowing.within);
        compiled.path = matcher_of(rule.narrowing.path()).transpose().ok()?;
        compiled.url = matcher_of(rule.narrowing.url()).transpose().ok()?;
    }
    Some(compiled)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::*;
    use crate::line::fold;
    use crate::page::{Block, Page, Place, Source};
    use crate::rules::diagnostic::SourceFile;
    use crate::rules::file;
    use crate::rules::rule::MatcherKind;

    /// Characters that folding, case and white space make trouble with.
    const TROUBLE: &str = "[aAſsSKkİiß'’ʼ٣7\u{200B}\u{AD}\u{A0} –•.x-]";

    fn regex_piece() -> impl Strategy<Value = String> {
        let literal = || TROUBLE.prop_map(|c| regex_syntax::escape(&c));
        prop_oneof![
            4 => literal(),
            1 => literal().prop_map(|c| format!("(?i:{c})")),
            1 => (literal(), literal()).prop_map(|(a, b)| format!("(?:{a}|{b}{a})")),
            1 => (literal(), "[?*+]|\\{2\\}|\\{1,3\\}").prop_map(|(c, times)| format!("(?:{c}){times}")),
            1 => prop_oneof![
                Just(r"\s+"), Just(r"\s*"), Just(r"\w"), Just("."), Just("[-–]"), Just("[-– .]*"), Just("[73][73.]*"), Just(r"\b")
            ]
                .prop_map(str::to_string),
        ]
    }

    fn pattern() -> impl Strategy<Value = (MatcherKind, String)> {
        let regex =
            (0..3u8, proptest::collection::vec(regex_piece(), 1..5), any::<bool>()).prop_map(|(start, pieces, end)| {
                let start = ["", "^", r"^\W*"][usize::from(start)];
                let end = if end { "$" } else { "" };
                (MatcherKind::Regex, format!("{start}{}{end}", pieces.concat()))
            });
        let kinds = [MatcherKind::Equals, MatcherKind::Starts, MatcherKind::Ends, MatcherKind::Contains];
        let literal = (proptest::sample::select(kinds.to_vec()), "[ ]?[asSKi'’ –•.x]{1,4}")
            .prop_filter("says something", |(_, text)| !fold(text).is_empty());
        prop_oneof![regex, literal]
    }

    fn rules_of(patterns: &[(MatcherKind, String, bool)]) -> Vec<Rule> {
        let mut text = "about = 'a test'\n".to_string();
        for (number, (kind, pattern, exact)) in patterns.iter().enumerate() {
            let exact = if *exact && *kind != MatcherKind::Regex { "exact = true" } else { "" };
            let pattern = toml::Value::String(pattern.clone());
            text.push_str(&format!(
                "[[drop]]\nid = 'r{number}'\nwhy = 'a test'\nhits = ['x']\n{} = {pattern}\n{exact}\n",
                kind.name()
            ));
        }
        let mut complaints = Vec::new();
        let rules =
            file::read(&Arc::new(SourceFile { shown: "g".into(), text }), "general/g", false, &mut complaints).rules;
        assert!(complaints.is_empty(), "{}", complaints[0].render());
        rules
    }

    fn page_of(lines: &[String]) -> Page {
        let mut page = Page { text: lines.join("\n"), ..Page::empty(Source { path: "p.txt".into(), record: None }) };
        let mut start = 0;
        for (number, line) in (1..).zip(lines) {
            let end = start + line.len() as u32;
            let place = Place { line: number, after_gap: false };
            page.blocks.push(Block { span: start..end, place });
            start = end + 1;
        }
        page
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 500, ..ProptestConfig::default() })]

        #[test]
        fn the_search_suspects_every_rule_that_matches(
            patterns in proptest::collection::vec((pattern(), any::<bool>()), 1..6),
            lines in proptest::collection::vec(
                proptest::collection::vec(TROUBLE, 1..9).prop_map(|chars| chars.concat()), 1..6),
        ) {
            let patterns: Vec<_> = patterns.into_iter().map(|((kind, text), exact)| (kind, text, exact)).collect();
            let rules = rules_of(&patterns);
            let engine = Engine::of((0..).zip(&rules), Narrow::Fully);
            let page = page_of(&lines);
            let reading = PageFeatures::of(&page);
            for (line, text) in lines.iter().enumerate() {
                let mut suspects = Vec::new();
                engine.search.suspects(reading.folded(line), &reading.lines[line], &mut suspects);
                for (index, rule) in rules.iter().enumerate() {
                    let Form::Line(matcher) = &rule.form else { unreachable!("no run is made here") };
                    let matches = Test::of(rule, matcher).matches(&reading, line, false);
                    let suspected = suspects.iter().any(|suspect| suspect.rule == index as u32);
                    let proven = suspects.iter().any(|suspect| suspect.rule == index as u32 && suspect.proven);
                    prop_assert!(!matches || suspected, "{:?} is missed on {text:?}", patterns[index]);
                    prop_assert!(matches || !proven, "{:?} is no match on {text:?}", patterns[index]);
                }
            }
        }

        #[test]
        fn trimming_leaves_words_and_never_panics(
            patterns in proptest::collection::vec(pattern(), 1..6),
            line in proptest::collection::vec(TROUBLE, 1..12).prop_map(|chars| chars.concat()),
        ) {
            let patterns: Vec<_> = patterns.into_iter().map(|(kind, text)| (kind, text, false)).collect();
            let mut rules = rules_of(&patterns);
            rules.iter_mut().for_each(|rule| rule.action = Action::Trim);
            let engine = Engine::of((0..).zip(&rules), Narrow::Fully);
            let page = page_of(std::slice::from_ref(&line));
            let mut marks = Marks::new(1);
            engine.judge(&PageFeatures::of(&page), &mut marks, &[]);
            let mut kept = page.text.clone();
            for cut in marks.cuts().iter().rev() {
                kept.replace_range(cut.range.start as usize..cut.range.end as usize, "");
            }
            prop_assert!(marks.cuts().is_empty() || kept.contains(char::is_alphanumeric), "{line:?} → {kept:?}");
        }
    }
}
