//! Which rules a line brings under suspicion: those of which it holds a literal.
//!
//! Whole lines are found by a hash, starts and ends by the bytes at the line's edges, the rest by one
//! search over the folded line.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::test::Test;
use crate::line::Line;
use crate::rules::literals::{Spot, found_folded, is_digit, needs, opens_words};
use crate::rules::rule::MatcherKind;
use crate::rules::tables::edges::{Edge, Side};
use crate::rules::tables::grams::Grams;
use crate::rules::tables::packed::{self, Packed};
use crate::rules::tables::pool::Pool;
use crate::rules::tables::whole::Whole;

/// A rule, by its index, of which a literal has been seen on a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Suspect {
    pub rule: u32,
    /// Whether the literal is all that the matcher asks for.
    pub proven: bool,
}

/// A search for all literals of an engine's rules.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Search {
    whole: Owned<Whole>,
    /// The literals of starts, then those of first words.
    openings: Owned<Edge>,
    /// How many are of starts.
    starts: u32,
    after_numbers: Owned<Edge>,
    ends: Owned<Edge>,
    anywhere: Owned<Grams>,
    /// Rules with nothing to search for.
    #[serde(with = "packed")]
    pub always: Vec<Suspect>,
}

/// A table, and whom each of its literals brings under suspicion.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Owned<T> {
    table: T,
    #[serde(with = "packed")]
    suspects: Vec<Suspect>,
}

impl Packed for Suspect {
    const BYTES: usize = <(u32, u8)>::BYTES;

    fn put(&self, bytes: &mut Vec<u8>) {
        (self.rule, u8::from(self.proven)).put(bytes);
    }

    #[inline(always)]
    fn taken(bytes: &[u8]) -> Suspect {
        let (rule, proven): (u32, u8) = Packed::taken(bytes);
        Suspect { rule, proven: proven != 0 }
    }
}

impl Search {
    /// Adds the suspects of a folded line, some more than once.
    pub(super) fn suspects(&self, folded: &str, line: &Line, suspects: &mut Vec<Suspect>) {
        let text = folded.as_bytes();
        self.whole.table.search(text, |number| suspects.push(self.whole.suspects[number as usize]));
        self.ends.search(text, suspects);
        let first_word = match text.first() {
            Some(first) if first.is_ascii_alphanumeric() => Some(0),
            _ => folded.find(opens_words),
        };
        // Most lines start with their first word.
        if first_word == Some(0) {
            self.openings.search(text, suspects);
        } else {
            self.openings.search_among(0..self.starts, text, suspects);
        }
        if let Some(start) = first_word {
            let first = &folded[start..];
            if start > 0 {
                self.openings.search_among(self.starts..u32::MAX, first.as_bytes(), suspects);
            }
            if first.starts_with(is_digit)
                && let Some(after) = first.find(|c| opens_words(c) && !is_digit(c))
            {
                self.after_numbers.search(&first.as_bytes()[after..], suspects);
            }
        }
        let found = |number: u32| suspects.push(self.anywhere.suspects[number as usize]);
        self.anywhere.table.search(text, line.words, line.may_have_marks(), found);
        suspects.extend_from_slice(&self.always);
    }
}

/// Literals on their way into a search.
#[derive(Debug, Default)]
pub(super) struct Plan {
    whole: Owned<Pool>,
    starts: Owned<Pool>,
    first_words: Owned<Pool>,
    after_numbers: Owned<Pool>,
    ends: Owned<Pool>,
    anywhere: Owned<Pool>,
    /// The most words of a line that each literal of `anywhere` is sought in.
    words_at_most: Vec<u32>,
    always: Vec<Suspect>,
}

impl Plan {
    /// Adds what a rule, by its index, has to have on a line. A regex that does not parse is never found.
    pub(super) fn add(&mut self, rule: u32, test: &Test) {
        let suspect = Suspect { rule, proven: test.is_proven_by_literals() };
        let spot = match test.kind {
            MatcherKind::Equals | MatcherKind::Starts => Spot::Start,
            MatcherKind::Ends => Spot::End,
            MatcherKind::Contains | MatcherKind::Regex => Spot::Anywhere,
        };
        let needed = match &test.regex {
            Some(regex) => match needs(&regex.pattern) {
                Ok(needed) => needed,
                Err(_) => return,
            },
            None if test.exact => found_folded(spot, &test.literals).map(|needed| vec![needed]),
            None if test.kind == MatcherKind::Equals => {
                return test.literals.iter().for_each(|literal| self.whole.add(literal, suspect));
            }
            None => Some(vec![(spot, test.literals.clone())]),
        };
        let Some(needed) = needed else { return self.always.push(suspect) };
        for (spot, literals) in needed {
            let pool = match spot {
                Spot::Start => &mut self.starts,
                Spot::FirstWord => &mut self.first_words,
                Spot::AfterNumber => &mut self.after_numbers,
                Spot::End => &mut self.ends,
                Spot::Anywhere => {
                    self.words_at_most.extend(literals.iter().map(|_| test.words_at_most));
                    &mut self.anywhere
                }
            };
            literals.iter().for_each(|literal| pool.add(literal, suspect));
        }
    }

    /// The search for everything that was added.
    pub(super) fn settle(self) -> Search {
        let starts = self.starts.table.len() as u32;
        let mut openings = self.starts;
        openings.table.append(&self.first_words.table);
        openings.suspects.extend(self.first_words.suspects);
        Search {
            whole: self.whole.into(Whole::of),
            openings: openings.into(|pool| Edge::of(Side::Start, pool)),
            starts,
            after_numbers: self.after_numbers.into(|pool| Edge::of(Side::Start, pool)),
            ends: self.ends.into(|pool| Edge::of(Side::End, pool)),
            anywhere: self.anywhere.into(|pool| Grams::of(pool, &self.words_at_most)),
            always: self.always,
        }
    }
}

impl Owned<Edge> {
    /// Adds the suspects of the literals that stand at this edge of a text.
    #[inline(always)]
    fn search(&self, text: &[u8], suspects: &mut Vec<Suspect>) {
        self.table.search(text, |number| suspects.push(self.suspects[number as usize]));
    }

    /// The same of some of the literals.
    fn search_among(&self, numbers: Range<u32>, text: &[u8], suspects: &mut Vec<Suspect>) {
        self.table.search(text, |number| {
            if numbers.contains(&number) {
                suspects.push(self.suspects[number as usize]);
            }
        });
    }
}

impl Owned<Pool> {
    fn add(&mut self, literal: &str, suspect: Suspect) {
        self.table.add(literal);
        self.suspects.push(suspect);
    }

    fn into<T>(self, table: impl FnOnce(Pool) -> T) -> Owned<T> {
        Owned { table: table(self.table), suspects: self.suspects }
    }
}
