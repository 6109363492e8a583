//! What a regex cannot do without: folded literals of which every matching line, folded, holds one.
//!
//! They let one search for literals stand in for hundreds of regexes. The literals are folded as
//! [`crate::line::fold`] folds lines, so case-insensitive classes and classes of quotes or dashes
//! melt into single letters. Whether a line matches is still for the regex to say.
//!
//! To parse a regex and to take it apart takes longer than to read a rule file. What the built-in regexes
//! need is written down in `rules/needs.json`; a test holds it to what is worked out here.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex_syntax::hir::{Class, ClassUnicode, Hir, HirKind, Look};
use serde::{Deserialize, Serialize};

use crate::line::{folded_char, is_list_marker};

/// Where one of the literals must stand in the folded line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Spot {
    /// At the start of the line.
    Start,
    /// At its first letter or digit ([`opens_words`]).
    FirstWord,
    /// At the end of the line.
    End,
    /// Anywhere in the line.
    Anywhere,
}

/// Where one of which literals stands in every line that a regex matches; `None` where it has to be tried on
/// every line.
pub(super) type Needs = Option<(Spot, Vec<String>)>;

/// What a regex needs.
///
/// # Errors
/// Where it is none.
pub(super) fn needs(regex: &str) -> Result<Needs, Box<regex_syntax::Error>> {
    match WRITTEN_DOWN.get(regex) {
        Some(Some((spot, literals))) => Ok(Some((*spot, literals.split('\n').map(str::to_string).collect()))),
        Some(None) => Ok(None),
        None => Ok(needs_of(&regex_syntax::parse(regex)?)),
    }
}

/// What the built-in regexes need: the literals, a line each.
type Ledger = BTreeMap<String, Option<(Spot, String)>>;

static WRITTEN_DOWN: LazyLock<Ledger> =
    LazyLock::new(|| serde_json::from_str(include_str!("../../rules/needs.json")).unwrap_or_default());

fn needs_of(hir: &Hir) -> Needs {
    let edges = [Spot::Start, Spot::FirstWord, Spot::End]
        .into_iter()
        .filter_map(|spot| Some((spot, at_edge(hir, spot)?.found_at(spot)?)))
        .max_by_key(|(_, strings)| strings.least_weight().min(EDGE_WEIGHT));
    // Looking at a line's edge costs next to nothing, so a good edge wins over a longer literal.
    let (spot, strings) = match edges {
        Some(edge) if edge.1.least_weight() >= EDGE_WEIGHT => edge,
        edge => match (edge, required(hir)) {
            (Some(edge), Some(anywhere)) if edge.1.least_weight() < anywhere.least_weight().min(EDGE_WEIGHT) => {
                (Spot::Anywhere, anywhere)
            }
            (None, Some(anywhere)) => (Spot::Anywhere, anywhere),
            (edge, _) => edge?,
        },
    };
    let mut literals = strings.into_list();
    if spot == Spot::Anywhere && literals.len() <= MOST_COMPARED {
        let whole = literals.clone();
        literals.retain(|long| !whole.iter().any(|part| part != long && long.contains(part.as_str())));
    }
    Some((spot, literals))
}

/// Whether a line's first word begins with this character: a letter or decimal digit of any script.
pub(super) fn opens_words(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_alphanumeric();
    }
    let ranges = OPENERS.ranges();
    let after = ranges.partition_point(|range| range.start() <= c);
    after > 0 && c <= ranges[after - 1].end()
}

/// Letters and digits as the regexes have them: the standard library may know a newer Unicode, with letters
/// that are `\W` to a regex.
static OPENERS: LazyLock<ClassUnicode> =
    LazyLock::new(|| match regex_syntax::parse(r"[\p{Alphabetic}\d]").as_ref().map(Hir::kind) {
        Ok(HirKind::Class(Class::Unicode(class))) => class.clone(),
        _ => ClassUnicode::empty(),
    });

/// Literals of this weight at a line's edge are rare enough not to look for longer ones.
const EDGE_WEIGHT: usize = 3;

/// The most strings that parts in a row are written out as.
const MOST_STRINGS: usize = 512;

/// The most strings that alternatives are collected to.
const MOST_BRANCHES: usize = 4_096;

/// The most characters of a class that are looked at one by one; `\s` has 25.
const MOST_CHARS: usize = 64;

/// The most characters of a class, folded, that are written out: the digits of five scripts.
const MOST_FOLDED_CHARS: usize = 50;

/// The most strings of which those are left out that hold another one.
const MOST_COMPARED: usize = 64;

/// A set of folded strings, ascending. Space at their edges is kept until they are done, since parts are joined.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Strings(Vec<String>);

impl Strings {
    fn one(text: &str) -> Strings {
        Strings(vec![text.to_string()])
    }

    fn of(mut texts: Vec<String>) -> Strings {
        texts.sort_unstable();
        texts.dedup();
        Strings(texts)
    }

    /// Every string of this set followed by every string of the other.
    fn then(&self, other: &Strings) -> Option<Strings> {
        let mut all = self.clone();
        all.append(other).then_some(all)
    }

    /// Appends every string of the other set to every string; `false`, and nothing done, where they are too many.
    fn append(&mut self, other: &Strings) -> bool {
        let (ours, others) = (self.0.len(), other.0.len());
        if ours.min(others) > 1 && ours * others > MOST_STRINGS {
            return false;
        }
        let after = |a: &str, b: &str| usize::from(a.ends_with(' ') && b.starts_with(' '));
        match (&mut self.0[..], &other.0[..]) {
            ([a], [b]) => a.push_str(&b[after(a, b)..]),
            (all, others) => {
                let joined = all.iter().flat_map(|a| others.iter().map(move |b| a.clone() + &b[after(a, b)..]));
                *self = Strings::of(joined.collect());
            }
        }
        true
    }

    fn or(mut self, other: Strings) -> Option<Strings> {
        self.0.extend(other.0);
        Some(Strings::of(self.0)).filter(|both| both.0.len() <= MOST_BRANCHES)
    }

    fn are_telling(&self) -> bool {
        !self.0.is_empty() && self.0.iter().all(|text| !text.trim().is_empty())
    }

    /// What of the strings is left to be found at a spot of a line, whose list marker goes when it is
    /// folded; `None` if one of them may leave nothing.
    fn found_at(self, spot: Spot) -> Option<Strings> {
        let left = |text: String| match text.trim().strip_prefix(is_marker) {
            Some("") if spot == Spot::End => Some(text),
            Some("") => None,
            Some(rest) if rest.starts_with(' ') && spot == Spot::Start => None,
            Some(rest) if rest.starts_with(' ') => Some(rest.to_string()),
            _ => Some(text),
        };
        let found = self.0.into_iter().map(left).collect::<Option<_>>().map(Strings::of);
        found.filter(Strings::are_telling)
    }

    /// The least weight that one of them has: its letters, a digit or an ideograph as much as three.
    fn least_weight(&self) -> usize {
        let weight = |c: char| if c.is_numeric() { EDGE_WEIGHT } else { c.len_utf8() };
        self.0.iter().map(|text| text.trim().chars().map(weight).sum()).min().unwrap_or(0)
    }

    /// The strings without space at their edges: it may be gone where the line begins or ends.
    fn into_list(self) -> Vec<String> {
        Strings::of(self.0.iter().map(|text| text.trim().to_string()).collect()).0
    }
}

/// Whether a folded character can be a list marker ([`crate::line::list_marker`]).
fn is_marker(c: char) -> bool {
    !c.is_alphanumeric() && is_list_marker(c)
}

/// Literals of a line taken as it is written, as far as they are found in the folded line. `None` where
/// a line may match and hold none of them.
pub(super) fn found_folded(spot: Spot, literals: &[String]) -> Option<(Spot, Vec<String>)> {
    let folded = Strings::of(literals.iter().map(|literal| fold_piece(literal)).collect());
    match folded.clone().found_at(spot) {
        Some(found) => Some((spot, found.into_list())),
        None => folded.found_at(Spot::Anywhere).map(|found| (Spot::Anywhere, found.into_list())),
    }
}

/// Folds a piece of a pattern; unlike a line's, its edges keep their space.
fn fold_piece(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for c in text.chars().filter_map(folded_char) {
        if c != ' ' || !folded.ends_with(' ') {
            folded.push(c);
        }
    }
    folded
}

/// All strings the expression can match, folded, if they are few.
fn exact(hir: &Hir) -> Option<Strings> {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => Some(Strings::one("")),
        HirKind::Literal(literal) => std::str::from_utf8(&literal.0).ok().map(|text| Strings::one(&fold_piece(text))),
        HirKind::Class(class) => class_strings(class),
        HirKind::Capture(capture) => exact(&capture.sub),
        HirKind::Concat(parts) => {
            let mut all = Strings::one("");
            parts.iter().all(|part| exact(part).is_some_and(|next| all.append(&next))).then_some(all)
        }
        HirKind::Alternation(branches) => union(branches.iter().map(exact)),
        HirKind::Repetition(repetition) => {
            let unit = exact(&repetition.sub)?;
            // Any number of spaces folds into one.
            if unit == Strings::one(" ") {
                let none = (repetition.min == 0).then(|| Strings::one(""));
                return if repetition.max == Some(0) {
                    none
                } else {
                    none.map_or(Some(unit.clone()), |none| none.or(unit))
                };
            }
            let most = repetition.max.filter(|most| *most <= 4)?;
            let mut power = Strings::one("");
            let mut all: Option<Strings> = (repetition.min == 0).then(|| power.clone());
            for times in 1..=most {
                power = power.then(&unit)?;
                if times >= repetition.min {
                    all = match all {
                        Some(all) => Some(all.or(power.clone())?),
                        None => Some(power.clone()),
                    };
                }
            }
            all
        }
    }
}

fn class_strings(class: &Class) -> Option<Strings> {
    let Class::Unicode(class) = class else { return None };
    if class.iter().map(|range| range.len()).sum::<usize>() > MOST_CHARS {
        return None;
    }
    let mut folded: Vec<String> = Vec::new();
    for c in class.iter().flat_map(|range| range.start()..=range.end()) {
        let piece = fold_piece(c.encode_utf8(&mut [0; 4]));
        if !folded.contains(&piece) {
            folded.push(piece);
        }
    }
    (folded.len() <= MOST_FOLDED_CHARS).then(|| Strings::of(folded))
}

/// Strings of which every match, folded, holds one.
fn required(hir: &Hir) -> Option<Strings> {
    if let Some(strings) = exact(hir).and_then(|strings| strings.found_at(Spot::Anywhere)) {
        return Some(strings);
    }
    match hir.kind() {
        HirKind::Capture(capture) => required(&capture.sub),
        HirKind::Repetition(repetition) if repetition.min > 0 => required(&repetition.sub),
        HirKind::Alternation(branches) => union(branches.iter().map(required)),
        HirKind::Concat(parts) => {
            let mut best: Option<Strings> = None;
            let mut offer = |strings: Strings| {
                let Some(strings) = strings.found_at(Spot::Anywhere) else { return };
                if best.as_ref().is_none_or(|best| worth(&strings) > worth(best)) {
                    best = Some(strings);
                }
            };
            let mut run = Strings::one("");
            for part in parts {
                match exact(part) {
                    Some(next) => match run.then(&next) {
                        Some(longer) => run = longer,
                        None => offer(std::mem::replace(&mut run, next)),
                    },
                    None => {
                        offer(std::mem::replace(&mut run, Strings::one("")));
                        if let Some(strings) = required(part) {
                            offer(strings);
                        }
                    }
                }
            }
            offer(run);
            best
        }
        _ => None,
    }
}

/// Long strings are rare in text, and few strings are found faster; past eight letters length adds
/// little.
fn worth(strings: &Strings) -> (usize, std::cmp::Reverse<usize>) {
    (strings.least_weight().min(8), std::cmp::Reverse(strings.0.len()))
}

/// Strings of which every match has one at a spot of the line's edge.
fn at_edge(hir: &Hir, spot: Spot) -> Option<Strings> {
    match hir.kind() {
        HirKind::Capture(capture) => at_edge(&capture.sub, spot),
        HirKind::Alternation(branches) => union(branches.iter().map(|branch| at_edge(branch, spot))),
        HirKind::Concat(parts) => {
            let mut parts: Vec<&Hir> = parts.iter().collect();
            let (side, look) = match spot {
                Spot::End => (Side::End, Look::End),
                _ => (Side::Start, Look::Start),
            };
            if side == Side::End {
                parts.reverse();
            }
            let mut parts = parts.as_slice();
            match parts.split_first() {
                Some((anchor, rest)) if matches!(anchor.kind(), HirKind::Look(found) if *found == look) => parts = rest,
                _ => return None,
            }
            if spot == Spot::FirstWord {
                let (signs, rest) = parts.split_first()?;
                if !is_run_of_signs(signs) {
                    return None;
                }
                parts = rest;
            }
            let strings = edge_strings(parts, side, spot == Spot::FirstWord);
            let fits = |text: &String| spot != Spot::FirstWord || text.trim_start().starts_with(opens_words);
            strings.0.iter().all(fits).then_some(strings)
        }
        _ => None,
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Start,
    End,
}

/// Strings of which every match of the parts in a row has one at that side; the empty string where
/// nothing can be said. The parts come in the order away from the side. `past_signs`: signs before
/// the first word do not count.
fn edge_strings(parts: &[&Hir], side: Side, past_signs: bool) -> Strings {
    let join = |run: &Strings, next: &Strings| match side {
        Side::Start => run.then(next),
        Side::End => next.then(run),
    };
    let mut run = Strings::one("");
    for (index, part) in parts.iter().enumerate() {
        if let Some(longer) = exact(part).and_then(|next| join(&run, &next)) {
            run = longer;
            continue;
        }
        if past_signs && run.0.iter().any(String::is_empty) && is_run_of_signs(part) {
            run.0.retain(|text| !text.is_empty());
            let rest = edge_strings(&parts[index + 1..], side, past_signs);
            return run.or(rest).unwrap_or_else(|| Strings::one(""));
        }
        let further = match part.kind() {
            HirKind::Capture(capture) => Some(edge_strings(&[&capture.sub], side, past_signs)),
            HirKind::Alternation(branches) => {
                union(branches.iter().map(|branch| Some(edge_strings(&[branch], side, past_signs))))
            }
            HirKind::Concat(inner) => {
                let mut inner: Vec<&Hir> = inner.iter().collect();
                if side == Side::End {
                    inner.reverse();
                }
                Some(edge_strings(&inner, side, past_signs))
            }
            HirKind::Repetition(repetition) => {
                let once = edge_strings(&[&repetition.sub], side, past_signs);
                match repetition.min {
                    0 if !once.0.iter().any(String::is_empty) => {
                        once.or(edge_strings(&parts[index + 1..], side, past_signs))
                    }
                    _ => Some(once),
                }
            }
            _ => None,
        };
        let longer = further.and_then(|further| join(&run, &further));
        return longer.filter(|longer| longer.least_weight() > run.least_weight()).unwrap_or(run);
    }
    run
}

/// Whether an expression is any number of characters of which none opens a word: `\W*`.
fn is_run_of_signs(hir: &Hir) -> bool {
    let HirKind::Repetition(repetition) = hir.kind() else { return false };
    let sub = match repetition.sub.kind() {
        HirKind::Capture(capture) => &capture.sub,
        _ => &repetition.sub,
    };
    let HirKind::Class(Class::Unicode(class)) = sub.kind() else { return false };
    let mut both = class.clone();
    both.intersect(&OPENERS);
    both.ranges().is_empty()
}

fn union(sets: impl Iterator<Item = Option<Strings>>) -> Option<Strings> {
    let mut all = Vec::new();
    for set in sets {
        all.extend(set?.0);
        if all.len() > MOST_BRANCHES {
            return None;
        }
    }
    Some(Strings::of(all))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rulebook::{Form, Matcher, MatcherKind, Rulebook};

    #[test]
    fn the_literals_of_a_regex_are_found_folded() {
        use Spot::{Anywhere, End, FirstWord, Start};
        for (regex, wanted) in [
            (r"^Share this( \| \w+)+$", Some((Start, "share this |"))),
            (r"(?i)^skip\s+to (main|content)", Some((Start, "skip to content, skip to main"))),
            (r"(?i)^\W*(please )?(share|tweet) \w+", Some((FirstWord, "please share, please tweet, share, tweet"))),
            (r"^\W*(share)?[ |–]*(x|vk)$", Some((End, "vk, x"))),
            (r"^\W*(share)?[ |–]*(x|vk)", Some((FirstWord, "share, vk, x"))),
            (r"(?i)^\W*(\w+ )?(share|tweet) \w+", Some((Anywhere, "share, tweet"))),
            (r"(?i)^[^\w©]*(©|&copy;) *\d", Some((Anywhere, "&copy;, ©"))),
            (r"(?i)\bsubscribe\b", Some((Anywhere, "subscribe"))),
            (r"\d+ (comments?|replies)$", Some((End, "comment, comments, replies"))),
            (r"\d+ (?:comment|reply)\d", Some((Anywhere, "comment, reply"))),
            (r"(go|stop) now( please)*$", Some((End, "go now, please, stop now"))),
            (r"Don[’']t miss", Some((Anywhere, "don't miss"))),
            (r"^\s*©\s*\d{4}", Some((Start, "©"))),
            (r"(?i)straße \d", Some((Anywhere, "straße"))),
            (r"^(Home|Us) ?[|>]", Some((Start, "home >, home |, home>, home|, us >, us |, us>, us|"))),
            (r"^(ab)+c", Some((Start, "ab"))),
            (r"^x*yz", Some((Anywhere, "yz"))),
            (r"\w+@\w+", Some((Anywhere, "@"))),
            (r"^\d+$", None),
            (r"^\W*$", None),
        ] {
            let hir = regex_syntax::parse(regex).unwrap();
            let found = needs_of(&hir).map(|(spot, literals)| (spot, literals.join(", ")));
            assert_eq!(found, wanted.map(|(spot, list)| (spot, list.to_string())), "{regex}");
        }
    }
    /// `BLESS=1 cargo test` writes them down anew.
    #[test]
    fn what_the_built_in_regexes_need_is_written_down() {
        let rulebook = Rulebook::builtin().unwrap();
        let matchers = rulebook.rules().map(|(_, rule)| match &rule.form {
            Form::Line(matcher) => matcher,
            Form::Run { from, .. } => from,
        });
        let regexes = matchers.filter(|matcher| matcher.kind == MatcherKind::Regex).flat_map(Matcher::patterns);
        let needed = |regex: &str| {
            let needs = needs_of(&regex_syntax::parse(regex).unwrap());
            (regex.to_string(), needs.map(|(spot, literals)| (spot, literals.join("\n"))))
        };
        let worked_out: Ledger = regexes.map(needed).collect();
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/rules/needs.json");
        if std::env::var_os("BLESS").is_some() {
            std::fs::write(path, serde_json::to_string_pretty(&worked_out).unwrap() + "\n").unwrap();
        }
        let written: Ledger = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        assert!(written == worked_out, "rules/needs.json is stale: run the tests once with BLESS=1");
    }
}
