//! What a regex cannot do without: folded literals of which every matching line, folded, holds one.
//!
//! They let one search for literals stand in for hundreds of regexes. The literals are folded as
//! [`crate::line::fold`] folds lines, so case-insensitive classes and classes of quotes or dashes
//! melt into single letters. Whether a line matches is still for the regex to say.
//!
//! To parse a regex and to take it apart takes longer than to read a rule file. What the built-in regexes
//! need is written down in `rules/needs.json`; a test holds it to what is worked out here.

mod edge;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex_syntax::hir::{Class, Hir, HirKind};
use serde::{Deserialize, Serialize};

use crate::line::{folded_char, is_list_marker};
use edge::at_edge;
pub(super) use edge::{is_digit, opens_words};

/// Where one of the literals must stand in the folded line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Spot {
    /// At the start of the line.
    Start,
    /// At its first letter or digit ([`opens_words`]).
    FirstWord,
    /// At its first letter, in a line whose first word begins with a digit.
    AfterNumber,
    /// At the end of the line.
    End,
    /// Anywhere in the line.
    Anywhere,
}

/// Where which literals stand: every line that a regex matches has one of them at its spot. `None` where it has to be
/// tried on every line.
pub(super) type Needs = Option<Vec<(Spot, Vec<String>)>>;

/// What a regex needs.
///
/// # Errors
/// Where it is none.
pub(super) fn needs(regex: &str) -> Result<Needs, Box<regex_syntax::Error>> {
    match WRITTEN_DOWN.get(regex) {
        Some(needed) => Ok(needed.as_ref().map(|needed| {
            let literals = |listed: &str| listed.split('\n').map(str::to_string).collect();
            needed.iter().map(|(spot, listed)| (*spot, literals(listed))).collect()
        })),
        None => Ok(needs_of(&regex_syntax::parse(regex)?)),
    }
}

/// What the built-in regexes need: the literals, a line each.
type Ledger = BTreeMap<String, Option<Vec<(Spot, String)>>>;

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
    let begins_with_digit = |literal: &String| literal.starts_with(is_digit);
    if spot == Spot::FirstWord
        && literals.iter().any(begins_with_digit)
        && let Some(after) = at_edge(hir, Spot::AfterNumber).and_then(|after| after.found_at(Spot::AfterNumber))
    {
        // Every twelfth line begins with a number; what it is a number of tells more.
        literals.retain(|literal| !begins_with_digit(literal));
        let both = [(Spot::FirstWord, literals), (Spot::AfterNumber, after.into_list())];
        return Some(both.into_iter().filter(|(_, literals)| !literals.is_empty()).collect());
    }
    Some(vec![(spot, literals)])
}

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

    /// The strings without what stands before the first such character.
    fn starting_with(self, is_such: impl Fn(char) -> bool) -> Strings {
        let from_first = |text: String| text.trim_start_matches(|c| !is_such(c)).to_string();
        Strings::of(self.0.into_iter().map(from_first).collect())
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
    use crate::rules::{Form, Matcher, MatcherKind, RuleSet};

    #[test]
    fn the_literals_of_a_regex_are_found_folded() {
        use Spot::{AfterNumber, Anywhere, End, FirstWord, Start};
        for (regex, wanted) in [
            (r"^Share this( \| \w+)+$", &[(Start, "share this |")][..]),
            (r"(?i)^skip\s+to (main|content)", &[(Start, "skip to content, skip to main")]),
            (r"(?i)^\W*(please )?(share|tweet) \w+", &[(FirstWord, "please share, please tweet, share, tweet")]),
            (r"^\W*(share)?[ |–]*(x|vk)$", &[(End, "vk, x")]),
            (r"^\W*(share)?[ |–]*(x|vk)", &[(FirstWord, "share, vk, x")]),
            (r"(?i)^\W*(\w+ )?(share|tweet) \w+", &[(Anywhere, "share, tweet")]),
            (r"(?i)^[^\w©]*(©|&copy;) *\d", &[(Anywhere, "&copy;, ©")]),
            (r"(?i)\bsubscribe\b", &[(Anywhere, "subscribe")]),
            (r"\d+ (comments?|replies)$", &[(End, "comment, comments, replies")]),
            (r"\d+ (?:comment|reply)\d", &[(Anywhere, "comment, reply")]),
            (r"(go|stop) now( please)*$", &[(End, "go now, please, stop now")]),
            (r"Don[’']t miss", &[(Anywhere, "don't miss")]),
            (r"^\s*©\s*\d{4}", &[(Start, "©")]),
            (r"(?i)straße \d", &[(Anywhere, "straße")]),
            (r"^(Home|Us) ?[|>]", &[(Start, "home >, home |, home>, home|, us >, us |, us>, us|")]),
            (r"^(ab)+c", &[(Start, "ab")]),
            (r"^x*yz", &[(Anywhere, "yz")]),
            (r"\w+@\w+", &[(Anywhere, "@")]),
            (
                r"^\W*([0-9][0-9.]*(likes|views)|shared: [01])",
                &[(FirstWord, "shared: 0, shared: 1"), (AfterNumber, "likes, shared: 0, shared: 1, views")],
            ),
            (r"^\W*k([ -]*comments)", &[(Anywhere, "comments")]),
            (r"^\d+$", &[]),
            (r"^\W*$", &[]),
        ] {
            let hir = regex_syntax::parse(regex).unwrap();
            let found =
                needs_of(&hir).map(|needed| needed.into_iter().map(|(spot, literals)| (spot, literals.join(", "))));
            let found = found.map(Vec::from_iter).unwrap_or_default();
            assert!(
                found.iter().map(|(spot, list)| (*spot, list.as_str())).eq(wanted.iter().copied()),
                "{regex}: {found:?}"
            );
        }
    }
    /// `BLESS=1 cargo test` writes them down anew.
    #[test]
    fn what_the_built_in_regexes_need_is_written_down() {
        let rulebook = RuleSet::builtin().unwrap();
        let matchers = rulebook.rules().map(|(_, rule)| match &rule.form {
            Form::Line(matcher) => matcher,
            Form::Run { from, .. } => from,
        });
        let regexes = matchers.filter(|matcher| matcher.kind == MatcherKind::Regex).flat_map(Matcher::patterns);
        let needed = |regex: &str| {
            let needs = needs_of(&regex_syntax::parse(regex).unwrap());
            let listed = |(spot, literals): (Spot, Vec<String>)| (spot, literals.join("\n"));
            (regex.to_string(), needs.map(|needed| needed.into_iter().map(listed).collect()))
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
