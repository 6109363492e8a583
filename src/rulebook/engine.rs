//! Many rules at the price of one search.
//!
//! A rule becomes a suspect on a line when one of its literals is there: whole lines by a hash,
//! starts and ends by a walk of a few bytes along the line's edges, the rest by one search over the
//! folded line ([`super::grams`]). Only then are its narrowings and its regex looked at; a regex is
//! compiled on its first suspicion. A line is searched only for the rules whose limit of words it
//! keeps, so long prose costs little.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::OnceLock;

use aho_corasick::Anchored;
use aho_corasick::automaton::Automaton;
use aho_corasick::nfa::contiguous;
use globset::{Glob, GlobBuilder, GlobMatcher};
use regex::Regex;

use super::grams::Grams;
use super::literals::{Spot, found_folded, needs, opens_words};
use super::rule::{Action, Form, Matcher, MatcherKind, Part, Rule};
use super::within::Within;
use crate::line::{ByKey, Reading, fold, fold_inside, key, unfold};
use crate::marks::{Mark, Marks};

/// Compiled rules, ready to judge pages. Their order is their precedence.
#[derive(Debug, Default)]
pub(super) struct Engine {
    rules: Vec<Compiled>,
    /// Folded whole lines by the key of a line that has them.
    equals: ByKey<Vec<(Box<str>, Vec<Suspect>)>>,
    starts: Edges,
    first_words: Edges,
    ends: Edges,
    /// Literals that may stand anywhere, for lines of ever more words.
    tiers: Vec<Tier>,
    /// Rules with nothing to search for.
    always: Vec<Suspect>,
}

/// A rule, by its index, of which a literal has been seen on a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Suspect {
    rule: u32,
    /// Whether the literal is all that the matcher asks for.
    proven: bool,
}

#[derive(Debug)]
struct Compiled {
    /// Its number in the rulebook.
    number: u32,
    action: Action,
    /// Looks at a line alone, or at the first line of a run.
    matcher: Test,
    run: Option<Run>,
    part: Option<Part>,
    within: Option<Within>,
    path: Option<GlobMatcher>,
    url: Option<GlobMatcher>,
}

#[derive(Debug)]
struct Run {
    until: Test,
    until_included: bool,
    at_most: usize,
}

/// A matcher that can be put to a line.
#[derive(Debug)]
struct Test {
    kind: MatcherKind,
    /// As written where `exact`, else folded.
    literals: Vec<Box<str>>,
    exact: bool,
    regex: Option<LateRegex>,
    words_at_most: u32,
}

#[derive(Debug)]
struct LateRegex {
    pattern: Box<str>,
    compiled: OnceLock<Option<Regex>>,
}

impl LateRegex {
    /// `None` where the pattern does not compile, which the rulebook's proof has told before.
    fn get(&self) -> Option<&Regex> {
        self.compiled.get_or_init(|| Regex::new(&self.pattern).ok()).as_ref()
    }
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
    pub fn of<'r>(rules: impl Iterator<Item = (u32, &'r Rule)>, narrow: Narrow) -> Engine {
        let mut plan = Plan::default();
        let mut compiled = Vec::new();
        for (number, rule) in rules {
            let Some(compiled_rule) = compile(number, rule, narrow) else { continue };
            plan.add(compiled.len() as u32, &compiled_rule.matcher);
            compiled.push(compiled_rule);
        }
        plan.settle(compiled)
    }

    /// The addresses' numbers of rules that have to be tried on every line they may match.
    pub fn always(&self) -> impl Iterator<Item = u32> {
        self.always.iter().map(|suspect| self.rules[suspect.rule as usize].number)
    }

    /// Marks a page's lines. `off` are the numbers of rules that do not count here, ascending.
    pub fn judge(&self, page: &Reading, marks: &mut Marks, off: &[u32]) {
        if self.rules.is_empty() {
            return;
        }
        let every_opinion = marks.wants_second_opinions();
        let mut found = Found::default();
        let mut suspects = Vec::new();
        for line in 0..page.len() {
            suspects.clear();
            self.suspects(page, line, &mut suspects);
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
        self.mark(page, marks, found);
    }

    fn suspects(&self, page: &Reading, line: usize, suspects: &mut Vec<Suspect>) {
        let folded = page.folded(line);
        for (literal, owners) in self.equals.get(&page.lines[line].key).into_iter().flatten() {
            if **literal == *folded {
                suspects.extend_from_slice(owners);
            }
        }
        self.starts.walk(folded.bytes(), suspects);
        self.ends.walk(folded.bytes().rev(), suspects);
        if !self.first_words.is_empty()
            && let Some(start) = folded.find(opens_words)
        {
            self.first_words.walk(folded[start..].bytes(), suspects);
        }
        let words = page.lines[line].words;
        if let Some(tier) = self.tiers.iter().find(|tier| words <= tier.words_at_most) {
            tier.grams.search(folded.as_bytes(), |literal| suspects.extend_from_slice(&tier.owners[literal]));
        }
        suspects.extend_from_slice(&self.always);
    }

    fn mark(&self, page: &Reading, marks: &mut Marks, found: Found) {
        let Found { mut lines, runs, trims } = found;
        if !runs.is_empty() {
            self.spread_runs(page, runs, &mut lines);
            lines.sort_unstable();
        }
        for (rule, line) in lines {
            let rule = &self.rules[rule as usize];
            match rule.action {
                Action::Keep => marks.keep(line as usize, Mark::written(rule.number)),
                _ => marks.drop(line as usize, Mark::written(rule.number)),
            }
        }
        for trims in trims.chunk_by(|a, b| a.1 == b.1) {
            let line = trims[0].1 as usize;
            if marks.stays(line) {
                self.trim(page, marks, line, trims.iter().map(|(rule, _)| &self.rules[*rule as usize]));
            }
        }
    }

    /// Adds the lines of every run that begins at one of `starts` and finds its end.
    fn spread_runs(&self, page: &Reading, mut starts: Vec<(u32, u32)>, lines: &mut Vec<(u32, u32)>) {
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

    /// Cuts what the rules match out of a line, with the white space that would be left over.
    /// A rule that would leave neither letter nor digit does not cut.
    fn trim<'e>(&self, page: &Reading, marks: &mut Marks, line: usize, rules: impl Iterator<Item = &'e Compiled>) {
        let span = page.lines[line].span.clone();
        let text = page.text(line);
        let mut cuts: Vec<(Range<usize>, Option<u32>)> = marks
            .cuts_of(line)
            .filter(|cut| cut.range.end > span.start && cut.range.start < span.end)
            .map(|cut| {
                let start = cut.range.start.max(span.start) - span.start;
                (start as usize..(cut.range.end.min(span.end) - span.start) as usize, None)
            })
            .collect();
        cuts.sort_by_key(|(range, _)| range.start);
        for rule in rules {
            for range in rule.matcher.parts(page, line) {
                let at = cuts.partition_point(|(cut, _)| cut.start < range.start);
                let is_free = cuts.get(at).is_none_or(|(cut, _)| range.end <= cut.start)
                    && (at == 0 || cuts[at - 1].0.end <= range.start);
                if range.is_empty() || !is_free {
                    continue;
                }
                cuts.insert(at, (range, Some(rule.number)));
                if !leaves_words(text, &cuts) {
                    cuts.remove(at);
                }
            }
        }
        let cores: Vec<Range<usize>> = cuts.iter().map(|(range, _)| range.clone()).collect();
        for (index, (core, number)) in cuts.iter().enumerate() {
            let Some(number) = number else { continue };
            let before = if index == 0 { 0 } else { cores[index - 1].end };
            let after = cores.get(index + 1).map_or(text.len(), |next| next.start);
            let range = with_space(text, core, before, after, index > 0, index + 1 < cores.len());
            marks.cut(line, span.start + range.start as u32..span.start + range.end as u32, Mark::written(*number));
        }
    }
}

/// A cut widened by the white space that would be left over at its edges, within `before..after`:
/// the line's edges, or the cuts beside it.
fn with_space(
    text: &str,
    core: &Range<usize>,
    before: usize,
    after: usize,
    cut_before: bool,
    cut_after: bool,
) -> Range<usize> {
    let start = before + text[before..core.start].trim_end().len();
    let end = after - text[core.end..after].trim_start().len();
    let (touches_start, touches_end) = (start == before, end == after);
    match (touches_start, touches_end) {
        (true, _) if !cut_before => before..end,
        // White space between two cuts goes with the first of them.
        (true, _) => core.start..end,
        (false, true) if !cut_after => start..after,
        (false, true) => core.start..after,
        (false, false) if closes(&text[core.end..]) => start..core.end,
        (false, false) if start < core.start => core.start..end,
        (false, false) => core.clone(),
    }
}

/// Whether the text begins with a mark that no white space stands before.
fn closes(text: &str) -> bool {
    text.starts_with([',', '.', ';', ':', '!', '?', ')', ']', '…', '。', '，', '、', '؟', '،'])
}

fn leaves_words(text: &str, cuts: &[(Range<usize>, Option<u32>)]) -> bool {
    let mut from = 0;
    let mut rest = cuts.iter().map(|(range, _)| range.clone()).chain(std::iter::once(text.len()..text.len()));
    rest.any(|cut| {
        let kept = &text[from..cut.start];
        from = cut.end;
        kept.chars().any(char::is_alphanumeric)
    })
}

/// Rules found on lines, as (index, line).
#[derive(Default)]
struct Found {
    lines: Vec<(u32, u32)>,
    runs: Vec<(u32, u32)>,
    trims: Vec<(u32, u32)>,
}

impl Compiled {
    fn holds(&self, page: &Reading, line: usize, proven: bool) -> bool {
        self.part.is_none_or(|part| part.holds(line, page.len()))
            && self.matcher.matches(page, line, proven)
            && self
                .within
                .as_ref()
                .is_none_or(|within| page.page.markup.as_ref().is_some_and(|markup| within.holds(markup, line)))
            && self.path.as_ref().is_none_or(|glob| glob.is_match(&page.page.source.path))
            && self.url.as_ref().is_none_or(|glob| page.page.url.as_ref().is_some_and(|url| glob.is_match(url)))
    }
}

impl Test {
    fn of(rule: &Rule, matcher: &Matcher) -> Test {
        let literals = match matcher.kind {
            MatcherKind::Regex => Vec::new(),
            kind => matcher
                .patterns()
                .map(|text| if matcher.exact { text.trim().into() } else { folded_literal(kind, text).into() })
                .collect(),
        };
        let regex = (matcher.kind == MatcherKind::Regex).then(|| LateRegex {
            pattern: matcher.patterns().next().unwrap_or_default().into(),
            compiled: OnceLock::new(),
        });
        let words_at_most = rule.word_limit(matcher).unwrap_or(u32::MAX);
        Test { kind: matcher.kind, literals, exact: matcher.exact, regex, words_at_most }
    }

    /// Whether a line matches. `proven` spares the comparison where a search has made it.
    fn matches(&self, page: &Reading, line: usize, proven: bool) -> bool {
        if page.lines[line].words > self.words_at_most {
            return false;
        }
        if proven {
            return true;
        }
        if let Some(regex) = &self.regex {
            return regex.get().is_some_and(|regex| regex.is_match(page.text(line)));
        }
        let text = if self.exact { page.text(line) } else { page.folded(line) };
        self.literals.iter().any(|literal| match self.kind {
            MatcherKind::Equals => text == &**literal,
            MatcherKind::Starts => text.starts_with(&**literal),
            MatcherKind::Ends => text.ends_with(&**literal),
            MatcherKind::Contains | MatcherKind::Regex => text.contains(&**literal),
        })
    }

    /// The parts of a line that match, as bytes of the line without the white space around it: the
    /// longest literal at an edge, every place of the others.
    fn parts(&self, page: &Reading, line: usize) -> Vec<Range<usize>> {
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
                .flat_map(|literal| text.match_indices(&**literal).map(|(at, found)| at..at + found.len()))
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
    let folded = if open_start { fold_inside(text) } else { fold(text) };
    let lead = if open_start && text.starts_with(char::is_whitespace) { " " } else { "" };
    let tail = if open_end && text.ends_with(char::is_whitespace) { " " } else { "" };
    format!("{lead}{folded}{tail}")
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
        let matcher_of =
            |pattern: Option<&str>| pattern.map(|pattern| glob(pattern).map(|glob| glob.compile_matcher()));
        compiled.part = rule.narrowing.part;
        compiled.within.clone_from(&rule.narrowing.within);
        compiled.path = matcher_of(rule.narrowing.path()).transpose().ok()?;
        compiled.url = matcher_of(rule.narrowing.url()).transpose().ok()?;
    }
    Some(compiled)
}

/// Literals on their way into the engine.
#[derive(Default)]
struct Plan {
    equals: BTreeMap<String, Vec<Suspect>>,
    starts: BTreeMap<String, Vec<Suspect>>,
    first_words: BTreeMap<String, Vec<Suspect>>,
    ends: BTreeMap<String, Vec<Suspect>>,
    anywhere: BTreeMap<String, Vec<(Suspect, u32)>>,
    always: Vec<Suspect>,
}

impl Plan {
    fn add(&mut self, rule: u32, test: &Test) {
        let suspect = Suspect { rule, proven: test.regex.is_none() && !test.exact };
        let spot = match test.kind {
            MatcherKind::Equals | MatcherKind::Starts => Spot::Start,
            MatcherKind::Ends => Spot::End,
            MatcherKind::Contains | MatcherKind::Regex => Spot::Anywhere,
        };
        let needs = match &test.regex {
            Some(regex) => match regex_syntax::parse(&regex.pattern) {
                Ok(hir) => needs(&hir),
                Err(_) => return,
            },
            None if test.exact => found_folded(spot, &test.literals),
            None => Some((spot, test.literals.iter().map(ToString::to_string).collect())),
        };
        match needs {
            Some((_, literals)) if suspect.proven && test.kind == MatcherKind::Equals => {
                add_all(&mut self.equals, literals, suspect);
            }
            Some((Spot::Start, literals)) => add_all(&mut self.starts, literals, suspect),
            Some((Spot::FirstWord, literals)) => add_all(&mut self.first_words, literals, suspect),
            Some((Spot::End, literals)) => add_all(&mut self.ends, literals, suspect),
            Some((Spot::Anywhere, literals)) => add_all(&mut self.anywhere, literals, (suspect, test.words_at_most)),
            None => self.always.push(suspect),
        }
    }

    fn settle(self, rules: Vec<Compiled>) -> Engine {
        let limits: BTreeSet<u32> = self.anywhere.values().flatten().map(|(_, words)| tier_of(*words)).collect();
        let tier = |words_at_most: u32| {
            let mut owners = Vec::new();
            let mut literals = Vec::new();
            for (literal, suspects) in &self.anywhere {
                let fits = |(_, words): &&(Suspect, u32)| tier_of(*words) >= words_at_most;
                let fitting: Vec<Suspect> = suspects.iter().filter(fits).map(|(suspect, _)| *suspect).collect();
                if !fitting.is_empty() {
                    owners.push(fitting);
                    literals.push(literal.clone());
                }
            }
            Tier { words_at_most, grams: Grams::of(literals), owners }
        };
        let tiers = limits.into_iter().map(tier).collect();
        let mut equals: ByKey<Vec<_>> = ByKey::default();
        for (literal, owners) in self.equals {
            equals.entry(key(&literal)).or_default().push((literal.into_boxed_str(), owners));
        }
        Engine {
            rules,
            equals,
            starts: Edges::of(self.starts, |literal| literal.into_bytes()),
            first_words: Edges::of(self.first_words, |literal| literal.into_bytes()),
            ends: Edges::of(self.ends, |literal| literal.bytes().rev().collect()),
            tiers,
            always: self.always,
        }
    }
}

fn add_all<T: Copy>(map: &mut BTreeMap<String, Vec<T>>, literals: impl IntoIterator<Item = String>, owner: T) {
    for literal in literals {
        map.entry(literal).or_default().push(owner);
    }
}

/// Literals at one edge of a line, found by walking from that edge inwards for as long as any of
/// them still fits.
#[derive(Debug, Default)]
struct Edges {
    automaton: Option<contiguous::NFA>,
    lengths: Vec<usize>,
    owners: Vec<Vec<Suspect>>,
    /// Which first bytes any of them has.
    first: Option<Box<[bool; 256]>>,
}

impl Edges {
    fn of(literals: BTreeMap<String, Vec<Suspect>>, bytes: impl Fn(String) -> Vec<u8>) -> Edges {
        let mut first = Box::new([false; 256]);
        let (mut patterns, mut owners) = (Vec::new(), Vec::new());
        for (literal, suspects) in literals {
            let literal = bytes(literal);
            if let Some(byte) = literal.first() {
                first[usize::from(*byte)] = true;
                patterns.push(literal);
                owners.push(suspects);
            }
        }
        // Building fails only past two thousand million states; no rule file reaches that.
        let automaton = (!patterns.is_empty()).then(|| contiguous::NFA::new(&patterns).ok()).flatten();
        Edges { automaton, lengths: patterns.iter().map(Vec::len).collect(), owners, first: Some(first) }
    }

    fn is_empty(&self) -> bool {
        self.automaton.is_none()
    }

    fn walk(&self, bytes: impl Iterator<Item = u8>, suspects: &mut Vec<Suspect>) {
        let (Some(automaton), Some(first)) = (&self.automaton, &self.first) else { return };
        let mut bytes = bytes.peekable();
        if bytes.peek().is_none_or(|byte| !first[usize::from(*byte)]) {
            return;
        }
        let Ok(mut state) = automaton.start_state(Anchored::Yes) else { return };
        for (walked, byte) in bytes.enumerate() {
            state = automaton.next_state(Anchored::Yes, state, byte);
            if automaton.is_dead(state) {
                return;
            }
            if automaton.is_match(state) {
                // A state also carries the literals that end here but began later.
                for index in 0..automaton.match_len(state) {
                    let pattern = automaton.match_pattern(state, index).as_usize();
                    if self.lengths[pattern] == walked + 1 {
                        suspects.extend_from_slice(&self.owners[pattern]);
                    }
                }
            }
        }
    }
}

/// Literals that may stand anywhere in lines of at most so many words.
#[derive(Debug)]
struct Tier {
    words_at_most: u32,
    grams: Grams,
    owners: Vec<Vec<Suspect>>,
}

/// The limit of words of the tier that a rule with this limit belongs to: few tiers serve all.
fn tier_of(words_at_most: u32) -> u32 {
    [6, 12, 25, 50, 100].into_iter().find(|limit| words_at_most <= *limit).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::*;
    use crate::page::{Block, Page, Place, Source};
    use crate::rulebook::complaint::Sheet;
    use crate::rulebook::file;

    /// Characters that folding, case and white space make trouble with.
    const TROUBLE: &str = "[aAſsSKkİiß'’\u{200B}\u{AD}\u{A0} –•.x-]";

    fn regex_piece() -> impl Strategy<Value = String> {
        let literal = || TROUBLE.prop_map(|c| regex_syntax::escape(&c));
        prop_oneof![
            4 => literal(),
            1 => literal().prop_map(|c| format!("(?i:{c})")),
            1 => (literal(), literal()).prop_map(|(a, b)| format!("(?:{a}|{b}{a})")),
            1 => (literal(), "[?*+]|\\{2\\}|\\{1,3\\}").prop_map(|(c, times)| format!("(?:{c}){times}")),
            1 => prop_oneof![Just(r"\s+"), Just(r"\s*"), Just(r"\w"), Just("."), Just("[-–]"), Just(r"\b")]
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
        let rules = file::read(&Arc::new(Sheet { shown: "g".into(), text }), "general/g", false, &mut complaints).rules;
        assert!(complaints.is_empty(), "{}", complaints[0].render());
        rules
    }

    fn page_of(lines: &[String]) -> Page {
        let mut page = Page {
            source: Source { path: "p.txt".into(), record: None },
            site: None,
            url: None,
            text: lines.join("\n"),
            blocks: Vec::new(),
            markup: None,
        };
        let mut start = 0;
        for (number, line) in (1..).zip(lines) {
            let end = start + line.len() as u32;
            let place = Place { line: number, columns: None, after_gap: false };
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
            let reading = Reading::of(&page);
            for (line, text) in lines.iter().enumerate() {
                let mut suspects = Vec::new();
                engine.suspects(&reading, line, &mut suspects);
                for (index, rule) in engine.rules.iter().enumerate() {
                    let matches = rule.matcher.matches(&reading, line, false);
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
            engine.judge(&Reading::of(&page), &mut marks, &[]);
            let mut kept = page.text.clone();
            for cut in marks.cuts().iter().rev() {
                kept.replace_range(cut.range.start as usize..cut.range.end as usize, "");
            }
            prop_assert!(marks.cuts().is_empty() || kept.contains(char::is_alphanumeric), "{line:?} → {kept:?}");
        }
    }
}
