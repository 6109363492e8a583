//! What a regex cannot do without: folded literals of which every matching line, folded, holds one.
//!
//! They let one search for literals stand in for hundreds of regexes. The literals are folded as
//! [`crate::line::fold`] folds lines, so case-insensitive classes and classes of quotes or dashes
//! melt into single letters. Whether a line matches is still for the regex to say.

use std::collections::BTreeSet;

use regex_syntax::hir::{Class, Hir, HirKind, Look};

use crate::line::fold;

/// Where one of the literals must stand in the folded line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Needs {
    /// At the start of the line.
    Start(Vec<String>),
    /// At the end of the line.
    End(Vec<String>),
    /// Anywhere in the line.
    Anywhere(Vec<String>),
    /// Nothing is needed: the regex has to be tried on every line.
    Nothing,
}

/// What a regex needs.
pub(super) fn needs(hir: &Hir) -> Needs {
    let anywhere = required(hir).filter(Strings::are_telling);
    let start = prefix(hir, Edge::Start).filter(Strings::are_telling);
    let end = prefix(hir, Edge::End).filter(Strings::are_telling);
    // Looking at a line's edge costs next to nothing, so a good edge wins over a longer literal.
    match (start, end, anywhere) {
        (Some(start), ..) if start.shortest() >= EDGE_CHARS => Needs::Start(start.into_list()),
        (_, Some(end), _) if end.shortest() >= EDGE_CHARS => Needs::End(end.into_list()),
        (start, end, Some(anywhere)) => match (start, end) {
            (Some(start), _) if start.shortest() >= anywhere.shortest() => Needs::Start(start.into_list()),
            (_, Some(end)) if end.shortest() >= anywhere.shortest() => Needs::End(end.into_list()),
            _ => Needs::Anywhere(anywhere.into_list()),
        },
        (Some(start), ..) => Needs::Start(start.into_list()),
        (_, Some(end), _) => Needs::End(end.into_list()),
        (None, None, None) => Needs::Nothing,
    }
}

/// Literals of this many characters at a line's edge are rare enough not to look for longer ones.
const EDGE_CHARS: usize = 3;

/// The most strings that a part of a regex is written out as.
const MOST_STRINGS: usize = 256;

/// The most characters of a class that are looked at one by one; `\s` has 25.
const MOST_CHARS: usize = 64;

/// The most characters of a class, folded, that are written out.
const MOST_FOLDED_CHARS: usize = 8;

/// A set of folded strings. Space at their edges is kept until they are done, since parts are joined.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Strings(BTreeSet<String>);

impl Strings {
    fn one(text: &str) -> Strings {
        Strings(BTreeSet::from([text.to_string()]))
    }

    /// Every string of this set followed by every string of the other.
    fn then(&self, other: &Strings) -> Option<Strings> {
        if self.0.len() * other.0.len() > MOST_STRINGS {
            return None;
        }
        let join = |a: &String, b: &String| match a.ends_with(' ') && b.starts_with(' ') {
            true => a.clone() + &b[1..],
            false => a.clone() + b,
        };
        Some(Strings(self.0.iter().flat_map(|a| other.0.iter().map(move |b| join(a, b))).collect()))
    }

    fn or(mut self, other: Strings) -> Option<Strings> {
        self.0.extend(other.0);
        (self.0.len() <= MOST_STRINGS).then_some(self)
    }

    fn are_telling(&self) -> bool {
        !self.0.is_empty() && self.0.iter().all(|text| !text.trim().is_empty())
    }

    /// The least number of characters that one of them has.
    fn shortest(&self) -> usize {
        self.0.iter().map(|text| text.trim().chars().count()).min().unwrap_or(0)
    }

    /// The strings without space at their edges: it may be gone where the line begins or ends.
    fn into_list(self) -> Vec<String> {
        let trimmed: BTreeSet<String> = self.0.iter().map(|text| text.trim().to_string()).collect();
        trimmed.into_iter().collect()
    }
}

/// Folds a piece of a pattern; unlike a line's, its edges keep their space.
fn fold_piece(text: &str) -> String {
    let folded = fold(text);
    let (first, last) = (text.chars().find(|c| is_seen(*c)), text.chars().rfind(|c| is_seen(*c)));
    match (first, last) {
        (Some(_), Some(_)) if folded.is_empty() => " ".to_string(),
        (Some(first), Some(last)) => {
            let lead = if first.is_whitespace() { " " } else { "" };
            let tail = if last.is_whitespace() { " " } else { "" };
            format!("{lead}{folded}{tail}")
        }
        _ => String::new(),
    }
}

/// Whether folding leaves a trace of the character.
fn is_seen(c: char) -> bool {
    c.is_whitespace() || !fold(c.encode_utf8(&mut [0; 4])).is_empty()
}

/// All strings the expression can match, folded, if they are few.
fn exact(hir: &Hir) -> Option<Strings> {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => Some(Strings::one("")),
        HirKind::Literal(literal) => std::str::from_utf8(&literal.0).ok().map(|text| Strings::one(&fold_piece(text))),
        HirKind::Class(class) => class_strings(class),
        HirKind::Capture(capture) => exact(&capture.sub),
        HirKind::Concat(parts) => parts.iter().try_fold(Strings::one(""), |all, part| all.then(&exact(part)?)),
        HirKind::Alternation(branches) => {
            let mut branches = branches.iter();
            let first = exact(branches.next()?)?;
            branches.try_fold(first, |all, branch| all.or(exact(branch)?))
        }
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
    let chars: Vec<char> = match class {
        Class::Unicode(class) => {
            let size: usize = class.iter().map(|range| range.len()).sum();
            if size > MOST_CHARS {
                return None;
            }
            class.iter().flat_map(|range| range.start()..=range.end()).collect()
        }
        Class::Bytes(class) => {
            let size: usize = class.iter().map(|range| range.len()).sum();
            if size > MOST_CHARS || !class.is_ascii() {
                return None;
            }
            class.iter().flat_map(|range| range.start()..=range.end()).map(char::from).collect()
        }
    };
    let folded: BTreeSet<String> = chars.iter().map(|c| fold_piece(c.encode_utf8(&mut [0; 4]))).collect();
    (folded.len() <= MOST_FOLDED_CHARS).then_some(Strings(folded))
}

/// Strings of which every match, folded, holds one.
fn required(hir: &Hir) -> Option<Strings> {
    if let Some(strings) = exact(hir).filter(Strings::are_telling) {
        return Some(strings);
    }
    match hir.kind() {
        HirKind::Capture(capture) => required(&capture.sub),
        HirKind::Repetition(repetition) if repetition.min > 0 => required(&repetition.sub),
        HirKind::Alternation(branches) => {
            let mut branches = branches.iter();
            let first = required(branches.next()?)?;
            branches.try_fold(first, |all, branch| all.or(required(branch)?))
        }
        HirKind::Concat(parts) => {
            let mut best: Option<Strings> = None;
            let mut offer = |strings: Strings| {
                if strings.are_telling() && best.as_ref().is_none_or(|best| worth(&strings) > worth(best)) {
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

/// Long strings are rare in text, and few strings are found faster; past eight characters length
/// adds little.
fn worth(strings: &Strings) -> (usize, std::cmp::Reverse<usize>) {
    (strings.shortest().min(8), std::cmp::Reverse(strings.0.len()))
}

#[derive(Clone, Copy, PartialEq)]
enum Edge {
    Start,
    End,
}

/// Strings of which every match has one at an edge of the line.
fn prefix(hir: &Hir, edge: Edge) -> Option<Strings> {
    match hir.kind() {
        HirKind::Capture(capture) => prefix(&capture.sub, edge),
        HirKind::Alternation(branches) => {
            let mut branches = branches.iter();
            let first = prefix(branches.next()?, edge)?;
            branches.try_fold(first, |all, branch| all.or(prefix(branch, edge)?))
        }
        HirKind::Concat(parts) => {
            let (anchor, rest): (&Hir, Vec<&Hir>) = match edge {
                Edge::Start => (parts.first()?, parts[1..].iter().collect()),
                Edge::End => (parts.last()?, parts[..parts.len() - 1].iter().rev().collect()),
            };
            let wanted = if edge == Edge::Start { Look::Start } else { Look::End };
            if !matches!(anchor.kind(), HirKind::Look(look) if *look == wanted) {
                return None;
            }
            let mut run = Strings::one("");
            for part in rest {
                let longer = exact(part).and_then(|next| match edge {
                    Edge::Start => run.then(&next),
                    Edge::End => next.then(&run),
                });
                match longer {
                    Some(longer) => run = longer,
                    None => break,
                }
            }
            run.are_telling().then_some(run)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_literals_of_a_regex_are_found_folded() {
        let start = |list: &[&str]| Needs::Start(list.iter().map(ToString::to_string).collect());
        let end = |list: &[&str]| Needs::End(list.iter().map(ToString::to_string).collect());
        let anywhere = |list: &[&str]| Needs::Anywhere(list.iter().map(ToString::to_string).collect());
        for (regex, wanted) in [
            (r"^Share this( \| \w+)+$", start(&["share this"])),
            (r"(?i)^skip\s+to (main|content)", start(&["skip to content", "skip to main"])),
            (r"(?i)\bsubscribe\b", anywhere(&["subscribe"])),
            (r"\d+ (comments?|replies)$", end(&["comment", "comments", "replies"])),
            (r"\d+ (?:comment|reply)\d", anywhere(&["comment", "reply"])),
            (r"Don[’']t miss", anywhere(&["don't miss"])),
            (r"^\s*©\s*\d{4}", start(&["©"])),
            (r"(?i)straße \d", anywhere(&["straße"])),
            (r"^\d+$", Needs::Nothing),
            (r"\w+@\w+", anywhere(&["@"])),
            (
                r"^(Home|About us) ?[|>/]",
                start(&[
                    "about us /",
                    "about us >",
                    "about us |",
                    "about us/",
                    "about us>",
                    "about us|",
                    "home /",
                    "home >",
                    "home |",
                    "home/",
                    "home>",
                    "home|",
                ]),
            ),
        ] {
            let hir = regex_syntax::parse(regex).unwrap();
            assert_eq!(needs(&hir), wanted, "{regex}");
        }
    }
}
