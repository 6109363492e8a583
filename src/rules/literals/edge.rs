//! The strings that stand at an edge of every line that a regex matches.

use std::sync::LazyLock;

use regex_syntax::hir::{Class, ClassUnicode, Hir, HirKind, Look};

use super::{Spot, Strings, exact, union};

/// Whether a line's first word begins with this character: a letter or decimal digit of any script.
pub(crate) fn opens_words(c: char) -> bool {
    if c.is_ascii() { c.is_ascii_alphanumeric() } else { holds(&OPENERS, c) }
}

/// Whether a character is a decimal digit of any script.
pub(crate) fn is_digit(c: char) -> bool {
    if c.is_ascii() { c.is_ascii_digit() } else { holds(&DIGITS, c) }
}

/// Letters and digits as the regexes have them: the standard library may know a newer Unicode, with letters
/// that are `\W` to a regex.
static OPENERS: LazyLock<ClassUnicode> = LazyLock::new(|| class(r"[\p{Alphabetic}\d]"));

static DIGITS: LazyLock<ClassUnicode> = LazyLock::new(|| class(r"\d"));

static LETTERS: LazyLock<ClassUnicode> = LazyLock::new(|| {
    let mut letters = OPENERS.clone();
    letters.difference(&DIGITS);
    letters
});

fn class(regex: &str) -> ClassUnicode {
    match regex_syntax::parse(regex).as_ref().map(Hir::kind) {
        Ok(HirKind::Class(Class::Unicode(class))) => class.clone(),
        _ => ClassUnicode::empty(),
    }
}

fn holds(class: &ClassUnicode, c: char) -> bool {
    let ranges = class.ranges();
    let after = ranges.partition_point(|range| range.start() <= c);
    after > 0 && c <= ranges[after - 1].end()
}

impl Spot {
    /// The characters of which the first one in a line is where literals of this spot stand.
    fn openers(self) -> Option<&'static ClassUnicode> {
        match self {
            Spot::FirstWord => Some(&OPENERS),
            Spot::AfterNumber => Some(&LETTERS),
            _ => None,
        }
    }
}

/// Strings of which every match has one at a spot of the line's edge.
pub(super) fn at_edge(hir: &Hir, spot: Spot) -> Option<Strings> {
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
            let openers = spot.openers();
            if let Some(openers) = openers {
                let (signs, rest) = parts.split_first()?;
                if !is_run_without(openers, signs) {
                    return None;
                }
                parts = rest;
            }
            Some(edge_strings(parts, side, openers))
        }
        _ => None,
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Start,
    End,
}

/// Strings of which every match of the parts in a row has one at that side; the empty string where nothing can be said.
/// The parts come in the order away from the side. Where there are `openers`, the strings stand at the first of them:
/// what comes before does not count.
fn edge_strings(parts: &[&Hir], side: Side, openers: Option<&ClassUnicode>) -> Strings {
    let join = |run: &Strings, next: &Strings| match side {
        Side::Start => run.then(next),
        Side::End => next.then(run),
    };
    let mut run = Strings::one("");
    for (index, part) in parts.iter().enumerate() {
        if let Some(longer) = exact(part).and_then(|next| join(&run, &next)) {
            run = match openers {
                Some(openers) => longer.starting_with(|c| holds(openers, c)),
                None => longer,
            };
            continue;
        }
        let have_begun = run.0.iter().filter(|text| !text.is_empty()).count();
        if let Some(all) = openers
            && have_begun < run.0.len()
        {
            let passed = usize::from(is_run_without(all, part));
            if passed + have_begun > 0 {
                // Those that have begun end here; the others begin behind what is passed.
                run.0.retain(|text| !text.is_empty());
                let rest = edge_strings(&parts[index + passed..], side, openers);
                return run.or(rest).unwrap_or_else(|| Strings::one(""));
            }
        }
        let openers = openers.filter(|_| have_begun == 0);
        let further = match part.kind() {
            HirKind::Capture(capture) => Some(edge_strings(&[&capture.sub], side, openers)),
            HirKind::Alternation(branches) => {
                union(branches.iter().map(|branch| Some(edge_strings(&[branch], side, openers))))
            }
            HirKind::Concat(inner) => {
                let mut inner: Vec<&Hir> = inner.iter().collect();
                if side == Side::End {
                    inner.reverse();
                }
                Some(edge_strings(&inner, side, openers))
            }
            HirKind::Repetition(repetition) => {
                let once = edge_strings(&[&repetition.sub], side, openers);
                match repetition.min {
                    0 if !once.0.iter().any(String::is_empty) => {
                        once.or(edge_strings(&parts[index + 1..], side, openers))
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

/// Whether an expression is any number of characters of which none is among these: `\W*`.
fn is_run_without(openers: &ClassUnicode, hir: &Hir) -> bool {
    let HirKind::Repetition(repetition) = hir.kind() else { return false };
    let sub = match repetition.sub.kind() {
        HirKind::Capture(capture) => &capture.sub,
        _ => &repetition.sub,
    };
    let HirKind::Class(Class::Unicode(class)) = sub.kind() else { return false };
    let mut both = class.clone();
    both.intersect(openers);
    both.ranges().is_empty()
}
