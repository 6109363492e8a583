//! Rules prove themselves: that they compile, hit what they say they hit, and miss what they say they
//! miss; and pages, line by line.

use std::ops::Range;
use std::sync::Arc;

use regex::Regex;
use toml::Spanned;

use super::diagnostic::{self, Diagnostic, SourceFile};
use super::engine::{Engine, Narrow, glob};
use super::notation::{self, Expected, Fate};
use super::rule::{Action, Form, Matcher, MatcherKind, Rule};
use super::{FiledTest, RuleSet};
use crate::error::{Error, Result};
use crate::line::PageFeatures;
use crate::marks::{Marks, RuleId, Verdict};
use crate::page::{Block, Page, Place, Source};

/// Something that a rule or a page promises, and whether it holds.
#[derive(Debug, Clone)]
pub struct Check {
    /// The rule's address, or the file's name and the page's: `general/share#tweet`,
    /// `general/share: the bar goes`.
    pub of: String,
    /// What is promised: `compiles`, `hits "Tweet"`, `misses "Tweets of the day"`, `page`.
    pub promise: String,
    /// Where it is broken: what to print.
    pub broken: Option<String>,
}

/// Judges a page by the written rules alone, as [`RuleSet::check_all`] can be given.
#[derive(Debug, Clone, Copy)]
pub struct WrittenOnly<'b>(pub &'b RuleSet);

impl WrittenOnly<'_> {
    /// The marks of the page's site rules and the general rules.
    pub fn judge(&self, page: &PageFeatures) -> Marks {
        let mut marks = Marks::new(page.len());
        self.0.judge_by_site(page, &mut marks);
        self.0.judge_in_general(page, &mut marks);
        marks
    }
}

impl RuleSet {
    /// Compiles a user's general rules and those of the sites that serve these hosts, and runs their
    /// examples. The built-in rules have been proven when the program was built.
    ///
    /// # Errors
    /// [`Error::Rules`] with everything that is wrong, in all files.
    pub fn prove(&self, hosts: &[&str]) -> Result<()> {
        // Not read yet: the built-in rules alone.
        if self.contents.get().is_none() {
            return Ok(());
        }
        let mut numbers: Vec<u32> = self.general.clone().collect();
        let mut served: Vec<&str> = hosts.iter().filter_map(|host| self.serving_host(host)).collect();
        served.sort_unstable();
        served.dedup();
        for host in served {
            numbers.extend(self.sites[host].rules.clone());
        }
        let rules = numbers.into_iter().map(|number| self.rule(number)).filter(|rule| !rule.built_in);
        let complaints: Vec<Diagnostic> = rules.flat_map(examine).filter_map(|finding| finding.complaint).collect();
        match complaints.is_empty() {
            true => Ok(()),
            false => Err(Error::Rules(diagnostic::render(complaints))),
        }
    }

    /// Checks everything that all rules promise, in the order of the rulebook. Pages of `[[test]]`
    /// tables are judged by `judge`: the whole lineup of stages, since a page may name their rules.
    pub fn check_all(&self, judge: &dyn Fn(&PageFeatures) -> Marks) -> Vec<Check> {
        let check = |finding: Finding| Check {
            of: finding.of,
            promise: finding.promise,
            broken: finding.complaint.map(|complaint| complaint.render()),
        };
        let rules = self.contents().rules.iter().flat_map(examine);
        let pages = self.contents().tests.iter().map(|test| self.examine_page(test, judge));
        rules.chain(pages).map(check).collect()
    }

    /// The addresses of built-in rules that have to be tried on every line because nothing in them
    /// can be searched for. They cost every user; each should be mended or narrowed to few words.
    pub fn costly(&self) -> Vec<&str> {
        let engine = self.engine(0..self.addresses.len() as u32, Narrow::ByLineAlone);
        engine.always().map(|number| self.address(number)).collect()
    }

    fn examine_page(&self, filed: &FiledTest, judge: &dyn Fn(&PageFeatures) -> Marks) -> Finding {
        let FiledTest { sheet, file, test, .. } = filed;
        let found = |complaint| Finding { of: format!("{file}: {}", test.name), promise: "page".into(), complaint };
        let inner = Inner::of(sheet, &test.page);
        let marked = match notation::read(test.page.get_ref(), file.strip_prefix("site/")) {
            Ok(marked) => marked,
            Err(wrong) => {
                return found(Some(Diagnostic::at(
                    sheet,
                    inner.place(&wrong.span),
                    "a page that is not in the notation",
                    wrong.message,
                )));
            }
        };
        let mut page = marked.page;
        page.url.clone_from(&test.url);
        if let Some(path) = &test.path {
            page.source.path.clone_from(path);
        }
        let marks = judge(&PageFeatures::of(&page));
        let wrong = marked.expected.iter().enumerate().find_map(|(block, expected)| {
            let actual = self.fate(&page, &marks, block);
            (!self.is_as_expected(&actual, expected, file)).then(|| {
                Diagnostic::at(
                    sheet,
                    inner.place(&expected.span),
                    format!("the page \"{}\" does not come out as written", test.name),
                    actual.sentence(),
                )
            })
        });
        found(wrong)
    }

    fn fate(&self, page: &Page, marks: &Marks, block: usize) -> Actual {
        let address = |rule: RuleId| match rule {
            RuleId::Written(number) => self.address(number).to_string(),
            RuleId::Judge(rule) => rule.address.to_string(),
        };
        let cutters: Vec<String> = marks.cuts_of(block).map(|cut| address(cut.mark.rule)).collect();
        let (fate, rules) = match marks.verdict(block) {
            Verdict::Drop(mark) => (Fate::Goes, vec![address(mark.rule)]),
            _ if !cutters.is_empty() => (Fate::Trimmed, cutters),
            Verdict::Keep(mark) => (Fate::Stays, vec![address(mark.rule)]),
            Verdict::Undecided => (Fate::Stays, Vec::new()),
        };
        Actual { fate, rules, remains: notation::remains(page, marks, block) }
    }

    fn is_as_expected(&self, actual: &Actual, expected: &Expected, file: &str) -> bool {
        let named = expected.rule.as_ref().is_none_or(|rule| {
            let address = if rule.contains('#') { rule.clone() } else { format!("{file}#{rule}") };
            actual.rules.contains(&address)
        });
        let words = |text: &str| text.split_whitespace().map(str::to_string).collect::<Vec<_>>();
        actual.fate == expected.fate && words(&actual.remains) == words(&expected.remains) && named
    }
}

struct Actual {
    fate: Fate,
    rules: Vec<String>,
    remains: String,
}

impl Actual {
    fn sentence(&self) -> String {
        let rules = self.rules.join(" and ");
        match (self.fate, rules.is_empty()) {
            (Fate::Goes, _) => format!("it goes, by {rules}"),
            (Fate::Trimmed, _) => format!("\"{}\" remains, by {rules}", self.remains),
            (Fate::Stays, true) => "it stays: no rule speaks".to_string(),
            (Fate::Stays, false) => format!("it stays, by {rules}"),
        }
    }
}

/// A promise that was looked into.
struct Finding {
    of: String,
    promise: String,
    complaint: Option<Diagnostic>,
}

fn examine(rule: &Rule) -> Vec<Finding> {
    let finding = |promise: String, complaint| Finding { of: rule.address.clone(), promise, complaint };
    let broken: Vec<Diagnostic> = broken_patterns(rule);
    if !broken.is_empty() {
        return broken.into_iter().map(|complaint| finding("compiles".into(), Some(complaint))).collect();
    }
    let engine = Engine::of(std::iter::once((0, rule)), Narrow::ByLineAlone);
    let mut findings = Vec::with_capacity(rule.hits.len() + rule.misses.len());
    for hit in &rule.hits {
        let complaint = (!speaks(&engine, hit.get_ref())).then(|| {
            let complaint = Diagnostic::at(&rule.sheet, hit.span(), "a hit that the rule does not hit", "should match")
                .context(matcher_span(rule), "against this");
            match why_not(rule, hit.get_ref()) {
                Some(help) => complaint.help(help),
                None => complaint,
            }
        });
        findings.push(finding(format!("hits {:?}", hit.get_ref()), complaint));
    }
    for miss in &rule.misses {
        let complaint = speaks(&engine, miss.get_ref()).then(|| {
            Diagnostic::at(&rule.sheet, miss.span(), "a miss that the rule hits", "should not match")
                .context(matcher_span(rule), "this matches it")
        });
        findings.push(finding(format!("misses {:?}", miss.get_ref()), complaint));
    }
    findings
}

fn speaks(engine: &Engine, example: &str) -> bool {
    let page = page_of(example);
    let mut marks = Marks::new(page.blocks.len());
    engine.judge(&PageFeatures::of(&page), &mut marks, &[]);
    marks.verdicts().any(|verdict| verdict != Verdict::Undecided) || !marks.cuts().is_empty()
}

/// A page of an example's lines.
fn page_of(example: &str) -> Page {
    let mut text = String::with_capacity(example.len() + 1);
    let mut blocks = Vec::new();
    for (number, line) in (1..).zip(example.lines()).filter(|(_, line)| !line.trim().is_empty()) {
        let start = text.len() as u32;
        text.push_str(line);
        let place = Place { line: number, after_gap: blocks.is_empty() };
        blocks.push(Block { span: start..text.len() as u32, place });
        text.push('\n');
    }
    Page { text, blocks, ..Page::empty(Source { path: "page.txt".to_string(), record: None }) }
}

/// The likely reason why an example is not hit, where it can be told.
fn why_not(rule: &Rule, example: &str) -> Option<String> {
    let Form::Line(matcher) = &rule.form else { return None };
    let limit = rule.word_limit(matcher)?;
    let page = page_of(example);
    let words = PageFeatures::of(&page).lines.first()?.words;
    (words > limit).then(|| match rule.narrowing.words_at_most {
        Some(_) => format!("the line has {words} words, and `words_at_most` is {limit}"),
        None => format!(
            "the line has {words} words; a [[drop]] rule with `{}` looks at lines of at most {limit} unless \
             `words_at_most` says otherwise",
            matcher.kind.name()
        ),
    })
}

fn matcher_span(rule: &Rule) -> Range<usize> {
    let matcher = match &rule.form {
        Form::Line(matcher) => matcher,
        Form::Run { from, .. } => from,
    };
    matcher.patterns.first().map_or(rule.id.span(), Spanned::span)
}

fn broken_patterns(rule: &Rule) -> Vec<Diagnostic> {
    let matchers: Vec<&Matcher> = match &rule.form {
        Form::Line(matcher) => vec![matcher],
        Form::Run { from, until, .. } => vec![from, until],
    };
    let regexes = matchers.into_iter().filter(|matcher| matcher.kind == MatcherKind::Regex);
    let mut broken: Vec<Diagnostic> =
        regexes.filter_map(|matcher| broken_regex(&rule.sheet, matcher.patterns.first()?, rule.action)).collect();
    for (key, pattern) in [("path", &rule.narrowing.path), ("url", &rule.narrowing.url)] {
        if let Some(pattern) = pattern
            && let Err(error) = glob(pattern.get_ref())
        {
            broken.push(Diagnostic::at(
                &rule.sheet,
                pattern.span(),
                format!("`{key}` is not a glob"),
                error.kind().to_string(),
            ));
        }
    }
    broken
}

fn broken_regex(sheet: &Arc<SourceFile>, pattern: &Spanned<String>, action: Action) -> Option<Diagnostic> {
    let inner = Inner::of(sheet, pattern);
    let title = "a regex that does not compile";
    match regex_syntax::parse(pattern.get_ref()) {
        Err(regex_syntax::Error::Parse(error)) => {
            let span = error.span().start.offset..error.span().end.offset;
            return Some(Diagnostic::at(sheet, inner.place(&span), title, error.kind().to_string()));
        }
        Err(regex_syntax::Error::Translate(error)) => {
            let span = error.span().start.offset..error.span().end.offset;
            return Some(Diagnostic::at(sheet, inner.place(&span), title, error.kind().to_string()));
        }
        Err(error) => return Some(Diagnostic::at(sheet, pattern.span(), title, error.to_string())),
        Ok(_) => {}
    }
    match Regex::new(pattern.get_ref()) {
        Err(_) => Some(Diagnostic::at(sheet, pattern.span(), title, "too large when compiled")),
        Ok(regex) if regex.is_match("") => {
            let complaint = Diagnostic::at(
                sheet,
                pattern.span(),
                "a regex that matches the empty line",
                format!("so it would {} every line", action.name()),
            );
            Some(complaint.help("ask for at least one character: `+` instead of `*`, no empty alternative"))
        }
        Ok(_) => None,
    }
}

/// A string of a rule file, and where its characters stand there.
struct Inner {
    span: Range<usize>,
    /// Where the string's first byte stands, if it is written without escapes.
    start: Option<usize>,
}

impl Inner {
    fn of(sheet: &SourceFile, text: &Spanned<String>) -> Inner {
        let span = text.span();
        let written = &sheet.text[span.clone()];
        Inner { start: written.find(text.get_ref().as_str()).map(|at| span.start + at), span }
    }

    /// A place in the string as a place in the file: the whole string where that cannot be told.
    fn place(&self, inner: &Range<usize>) -> Range<usize> {
        match self.start {
            Some(start) => start + inner.start..(start + inner.end).min(self.span.end),
            None => self.span.clone(),
        }
    }
}
