//! A regex that is compiled on its first suspicion, and as small as it can be.
//!
//! Most regexes begin with `^\W*`, and what follows begins with a letter or digit: then it is the first one of the line
//! that they stand at. The class of all other characters, with the ways through it from both sides, would be half of what
//! there is to compile.

use std::ops::Range;
use std::sync::{LazyLock, OnceLock};

use regex_automata::meta;
use regex_automata::nfa::thompson::WhichCaptures;
use regex_syntax::hir::{Class, ClassUnicode, Hir, HirKind, Look};

/// A regex that is compiled on its first suspicion.
#[derive(Debug)]
pub(super) struct LateRegex {
    pub pattern: String,
    matcher: OnceLock<Option<Matcher>>,
    finder: OnceLock<Option<meta::Regex>>,
}

/// What says whether a line matches.
#[derive(Debug)]
struct Matcher {
    regex: meta::Regex,
    /// Whether it is put to the line from its first word on.
    from_first_word: bool,
}

impl LateRegex {
    pub(super) fn new(pattern: &str) -> LateRegex {
        LateRegex { pattern: pattern.into(), matcher: OnceLock::new(), finder: OnceLock::new() }
    }

    /// Whether a line matches; none does where the pattern does not compile, which the rulebook's proof has told before.
    pub(super) fn is_match(&self, line: &str) -> bool {
        let matcher = self.matcher.get_or_init(|| Matcher::of(&regex_syntax::parse(&self.pattern).ok()?));
        matcher.as_ref().is_some_and(|matcher| matcher.is_match(line))
    }

    /// The parts of a line that match.
    pub(super) fn parts(&self, line: &str) -> Vec<Range<usize>> {
        let finder = self.finder.get_or_init(|| compiled(&regex_syntax::parse(&self.pattern).ok()?));
        finder.as_ref().map_or(Vec::new(), |finder| finder.find_iter(line).map(|found| found.range()).collect())
    }
}

impl Matcher {
    fn of(hir: &Hir) -> Option<Matcher> {
        let short = without_start(hir);
        let regex = compiled(short.as_ref().unwrap_or(hir))?;
        Some(Matcher { regex, from_first_word: short.is_some() })
    }

    fn is_match(&self, line: &str) -> bool {
        match self.from_first_word {
            true => line.find(is_word).is_some_and(|start| self.regex.is_match(&line[start..])),
            false => self.regex.is_match(line),
        }
    }
}

/// Nobody asks for the groups of a regex.
fn compiled(hir: &Hir) -> Option<meta::Regex> {
    let config = meta::Config::new().which_captures(WhichCaptures::Implicit);
    meta::Regex::builder().configure(config).build_from_hir(hir).ok()
}

/// What stands at the first word of every line that a regex matches; `None` where it is not known to stand there.
fn without_start(hir: &Hir) -> Option<Hir> {
    let HirKind::Concat(parts) = hir.kind() else { return None };
    let [start, gap, rest @ ..] = parts.as_slice() else { return None };
    let is_gap = match gap.kind() {
        HirKind::Repetition(gap) => (gap.min, gap.max) == (0, None) && *gap.sub == *NO_WORD,
        _ => false,
    };
    let rest = Hir::concat(rest.to_vec());
    let is_at_word = *start.kind() == HirKind::Look(Look::Start) && is_gap && begin_of(&rest) == Begin::Word;
    is_at_word.then(|| Hir::concat(vec![Hir::look(Look::Start), rest]))
}

/// `\w` and `\W`, as regexes have them.
static WORD: LazyLock<ClassUnicode> = LazyLock::new(|| match regex_syntax::parse(r"\w").as_ref().map(Hir::kind) {
    Ok(HirKind::Class(Class::Unicode(class))) => class.clone(),
    _ => ClassUnicode::empty(),
});
static NO_WORD: LazyLock<Hir> = LazyLock::new(|| {
    let mut class = WORD.clone();
    class.negate();
    Hir::class(Class::Unicode(class))
});

fn is_word(c: char) -> bool {
    if c.is_ascii() { c.is_ascii_alphanumeric() || c == '_' } else { are_words(c, c) }
}

/// Whether all characters of a range are `\w`.
fn are_words(first: char, last: char) -> bool {
    let ranges = WORD.ranges();
    let after = ranges.partition_point(|range| range.start() <= first);
    after > 0 && last <= ranges[after - 1].end()
}

/// What the matches of a part of a regex begin with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Begin {
    /// A character of a word.
    Word,
    /// The same, where they are not empty.
    WordOrNothing,
    /// Something else, perhaps.
    Other,
}

fn begin_of(hir: &Hir) -> Begin {
    let word_if = |is_word: bool| if is_word { Begin::Word } else { Begin::Other };
    match hir.kind() {
        HirKind::Empty => Begin::WordOrNothing,
        HirKind::Look(Look::End | Look::WordUnicode | Look::WordUnicodeNegate) => Begin::WordOrNothing,
        // What looks for the start would find it at the first word too.
        HirKind::Look(_) => Begin::Other,
        HirKind::Literal(literal) => {
            word_if(str::from_utf8(&literal.0).ok().and_then(|text| text.chars().next()).is_some_and(is_word))
        }
        HirKind::Class(Class::Unicode(class)) => {
            word_if(!class.ranges().is_empty() && class.iter().all(|range| are_words(range.start(), range.end())))
        }
        HirKind::Class(Class::Bytes(_)) => Begin::Other,
        HirKind::Repetition(repetition) => match begin_of(&repetition.sub) {
            Begin::Word if repetition.min == 0 => Begin::WordOrNothing,
            begin => begin,
        },
        HirKind::Capture(capture) => begin_of(&capture.sub),
        HirKind::Concat(parts) => {
            parts.iter().map(begin_of).find(|begin| *begin != Begin::WordOrNothing).unwrap_or(Begin::WordOrNothing)
        }
        HirKind::Alternation(branches) => {
            let all = |begin: Begin| branches.iter().all(|branch| begin_of(branch) == begin);
            match () {
                () if all(Begin::Word) => Begin::Word,
                () if branches.iter().any(|branch| begin_of(branch) == Begin::Other) => Begin::Other,
                () => Begin::WordOrNothing,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_regex_is_put_to_the_first_word_only_where_it_begins_with_one() {
        for (pattern, expected) in [
            (r"(?i)^\W*(read more|weiter)\b", true),
            (r"^\W*[0-9٠-٩][0-9.]* (comments|replies)$", true),
            (r"^\W*(the )?(full )?story", true),
            (r"^\W*\bstory", true),
            (r"^\W*\w+", true),
            (r"^\W*", false),
            (r"^\W*(the )?", false),
            (r"^\W*(©|copyright)", false),
            (r"^\W*(^story)", false),
            (r"^\W*(\(c\))?copyright", false),
            (r"^\W+story", false),
            (r"^[^\w]*story", true),
            (r"\W*story", false),
            (r"^\W*story|tale", false),
            (r"(?m)^\W*story", false),
        ] {
            let matcher = Matcher::of(&regex_syntax::parse(pattern).unwrap()).unwrap();
            assert_eq!(matcher.from_first_word, expected, "{pattern}");
            let whole = regex::Regex::new(pattern).unwrap();
            for line in [
                "story",
                "* Story",
                "– read more",
                "3 comments",
                "٣ replies",
                "• the full story",
                "(c)copyright",
                "© x",
                "",
                "--",
                "ə_",
                "a tale",
            ] {
                assert_eq!(matcher.is_match(line), whole.is_match(line), "{pattern} on {line}");
            }
        }
    }
}
