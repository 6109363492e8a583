//! What a rule is once its file has been read: data, neither checked for sense nor compiled.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use toml::Spanned;

use super::diagnostic::SourceFile;
use super::within::Within;

/// The most words of a line that a drop rule with `contains` or `regex` matches unless it says
/// otherwise. Naive wording for newsletters alone hits 252 lines of articles on 1,471 pages.
pub const LOOSE_WORDS: u32 = 25;

/// One rule of a rule file.
#[derive(Debug, Clone)]
pub struct Rule {
    /// What the manifest names: `general/share#tweet`, `site/harbourpost.example#share-bar`.
    pub address: String,
    /// Why the rule is right, in its author's words.
    pub why: String,
    /// What it does to the lines it matches.
    pub action: Action,
    /// Which lines it matches.
    pub form: Form,
    /// Where it looks.
    pub narrowing: Narrowing,
    /// Whether it came with the program, and not from a user's folder.
    pub built_in: bool,
    pub(super) sheet: Arc<SourceFile>,
    pub(super) id: Spanned<String>,
    pub(super) hits: Vec<Spanned<String>>,
    pub(super) misses: Vec<Spanned<String>>,
}

/// What a rule does to the lines it matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// They stay, whatever the file's drop rules and later stages say.
    Keep,
    /// They go.
    Drop,
    /// The matched part goes, the rest of the line stays.
    Trim,
}

impl Action {
    /// The name of its tables in a rule file.
    pub fn name(self) -> &'static str {
        match self {
            Action::Keep => "keep",
            Action::Drop => "drop",
            Action::Trim => "trim",
        }
    }
}

/// Which lines a rule matches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Form {
    /// Every line of this look.
    Line(Matcher),
    /// Runs of lines with a beginning and an end.
    Run {
        /// The run's first line.
        from: Matcher,
        /// The line that ends it.
        until: Matcher,
        /// Whether that line belongs to the run.
        until_included: bool,
        /// The most lines a run may have, those of its beginning and its end included.
        at_most: u32,
    },
}

/// How a line is compared.
#[derive(Debug, Clone, Serialize)]
pub struct Matcher {
    /// What part of the line is compared, and how.
    pub kind: MatcherKind,
    /// The literals, of which any will do; one pattern for a regex.
    #[serde(serialize_with = "without_spans")]
    pub(super) patterns: Vec<Spanned<String>>,
    /// Compare the line as written instead of folded.
    pub exact: bool,
}

impl Matcher {
    /// The literals as written in the file, or the regex.
    pub fn patterns(&self) -> impl Iterator<Item = &str> {
        self.patterns.iter().map(|pattern| pattern.get_ref().as_str())
    }
}

impl PartialEq for Matcher {
    fn eq(&self, other: &Matcher) -> bool {
        self.kind == other.kind && self.exact == other.exact && self.patterns().eq(other.patterns())
    }
}

impl Eq for Matcher {}

fn without_spans<S: serde::Serializer>(patterns: &[Spanned<String>], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(patterns.iter().map(Spanned::get_ref))
}

/// What part of a line a matcher compares, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MatcherKind {
    /// The whole line is the literal.
    Equals,
    /// The line starts with the literal.
    Starts,
    /// The line ends with the literal.
    Ends,
    /// The literal stands anywhere in the line.
    Contains,
    /// The regex matches somewhere in the line as written.
    Regex,
}

impl MatcherKind {
    pub(super) const ALL: [MatcherKind; 5] =
        [MatcherKind::Equals, MatcherKind::Starts, MatcherKind::Ends, MatcherKind::Contains, MatcherKind::Regex];

    /// Its key in a rule file.
    pub fn name(self) -> &'static str {
        match self {
            MatcherKind::Equals => "equals",
            MatcherKind::Starts => "starts",
            MatcherKind::Ends => "ends",
            MatcherKind::Contains => "contains",
            MatcherKind::Regex => "regex",
        }
    }
}

/// Where a rule looks; what is not said does not narrow.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Narrowing {
    /// The part of the page.
    #[serde(rename = "where")]
    pub part: Option<Part>,
    /// The most words a line may have.
    pub words_at_most: Option<u32>,
    /// Elements of HTML, of which the line stands in one.
    pub within: Option<Within>,
    /// A glob over the path of the page's source.
    #[serde(serialize_with = "glob_text")]
    pub(super) path: Option<Spanned<String>>,
    /// A glob over the page's URL.
    #[serde(serialize_with = "glob_text")]
    pub(super) url: Option<Spanned<String>>,
}

impl Narrowing {
    /// The glob over the path of the page's source.
    pub fn path(&self) -> Option<&str> {
        self.path.as_ref().map(|glob| glob.get_ref().as_str())
    }

    /// The glob over the page's URL.
    pub fn url(&self) -> Option<&str> {
        self.url.as_ref().map(|glob| glob.get_ref().as_str())
    }
}

fn glob_text<S: serde::Serializer>(glob: &Option<Spanned<String>>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(glob.as_ref().map_or("", |glob| glob.get_ref()))
}

/// A part of a page, by its lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Part {
    /// The first fifth of the page's lines, at least 10.
    Head,
    /// The last fifth, at least 10.
    Tail,
    /// What is neither head nor tail.
    Inside,
}

impl Part {
    /// Every part, in the order in which they are listed for people.
    pub const ALL: [Part; 3] = [Part::Head, Part::Tail, Part::Inside];

    /// Its name in a rule file.
    pub fn name(self) -> &'static str {
        match self {
            Part::Head => "head",
            Part::Tail => "tail",
            Part::Inside => "inside",
        }
    }

    /// Whether a line of a page of `lines` lines lies in this part. A short page's lines may lie in
    /// its head and in its tail.
    pub fn holds(self, line: usize, lines: usize) -> bool {
        let edge = lines.div_ceil(5).max(10);
        let (head, tail) = (line < edge, line + edge >= lines);
        match self {
            Part::Head => head,
            Part::Tail => tail,
            Part::Inside => !head && !tail,
        }
    }
}

impl Rule {
    /// The most words a line may have for one of this rule's matchers to look at it.
    pub(super) fn word_limit(&self, matcher: &Matcher) -> Option<u32> {
        let is_loose = matches!(matcher.kind, MatcherKind::Contains | MatcherKind::Regex);
        self.narrowing.words_at_most.or((self.action == Action::Drop && is_loose).then_some(LOOSE_WORDS))
    }

    /// What the rule does, in one line for people: `drop a line that equals "Tweet"`.
    pub fn what(&self) -> String {
        let mut what = format!("{} ", self.action.name());
        match &self.form {
            Form::Line(matcher) if self.action == Action::Trim => {
                what.push_str(match matcher.kind {
                    MatcherKind::Starts => "the start ",
                    MatcherKind::Ends => "the end ",
                    _ => "",
                });
                what.push_str(&pattern_list(matcher));
            }
            Form::Line(matcher) => what.push_str(&format!("a line that {}", sentence(matcher))),
            Form::Run { from, until, until_included, at_most } => {
                what.push_str(&format!(
                    "at most {at_most} lines, from one that {} {} one that {}",
                    sentence(from),
                    if *until_included { "up to" } else { "to before" },
                    sentence(until),
                ));
            }
        }
        if let Some(words) = self.narrowing.words_at_most {
            what.push_str(&format!(", of at most {words} words"));
        }
        if let Some(part) = self.narrowing.part {
            what.push_str(match part {
                Part::Head => ", in the page's head",
                Part::Tail => ", in the page's tail",
                Part::Inside => ", inside the page",
            });
        }
        if let Some(within) = &self.narrowing.within {
            what.push_str(&format!(", within {within}"));
        }
        if let Some(path) = self.narrowing.path() {
            what.push_str(&format!(", where the path is {path}"));
        }
        if let Some(url) = self.narrowing.url() {
            what.push_str(&format!(", where the URL is {url}"));
        }
        what
    }
}

fn sentence(matcher: &Matcher) -> String {
    let verb = match matcher.kind {
        MatcherKind::Equals => "equals",
        MatcherKind::Starts => "starts with",
        MatcherKind::Ends => "ends with",
        MatcherKind::Contains => "contains",
        MatcherKind::Regex => "matches",
    };
    let exactly = if matcher.exact { " exactly" } else { "" };
    format!("{verb}{exactly} {}", pattern_list(matcher))
}

/// The first of a matcher's patterns, and how many more there are.
fn pattern_list(matcher: &Matcher) -> String {
    let first = matcher.patterns().next().unwrap_or_default();
    let mut list = match matcher.kind {
        MatcherKind::Regex => format!("/{first}/"),
        _ => format!("\"{first}\""),
    };
    match matcher.patterns.len() {
        0 | 1 => {}
        2 => list.push_str(" (or 1 other)"),
        several => list.push_str(&format!(" (or {} others)", several - 1)),
    }
    list
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn head_and_tail_are_a_fifth_and_at_least_ten_lines() {
        for (lines, head, tail, inside) in [(8, 8, 8, 0), (15, 10, 10, 0), (30, 10, 10, 10), (101, 21, 21, 59)] {
            let count = |part: Part| (0..lines).filter(|line| part.holds(*line, lines)).count();
            assert_eq!((count(Part::Head), count(Part::Tail), count(Part::Inside)), (head, tail, inside), "{lines}");
        }
    }
}
