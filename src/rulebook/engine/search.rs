//! Which rules a line brings under suspicion: those of which it holds a literal.
//!
//! Whole lines are found by a hash, starts and ends by the bytes at the line's edges, the rest by one
//! search over the folded line.

use super::edges::{Edge, Side};
use super::grams::Grams;
use super::pool::{Pool, Suspect};
use super::test::Test;
use super::whole::Whole;
use crate::rulebook::literals::{Spot, found_folded, needs, opens_words};
use crate::rulebook::rule::MatcherKind;

/// A search for all literals of an engine's rules.
#[derive(Debug, Default)]
pub(super) struct Search {
    whole: Whole,
    starts: Edge,
    first_words: Edge,
    ends: Edge,
    anywhere: Grams,
    /// Rules with nothing to search for.
    pub always: Vec<Suspect>,
}

impl Search {
    /// Adds the suspects of a folded line of so many words, some more than once.
    pub fn suspects(&self, folded: &str, words: u32, suspects: &mut Vec<Suspect>) {
        let text = folded.as_bytes();
        self.whole.search(text, suspects);
        self.starts.search(text, suspects);
        self.ends.search(text, suspects);
        if !self.first_words.is_empty()
            && let Some(start) = folded.find(opens_words)
        {
            self.first_words.search(&text[start..], suspects);
        }
        self.anywhere.search(text, words, suspects);
        suspects.extend_from_slice(&self.always);
    }
}

/// Literals on their way into a search.
#[derive(Debug, Default)]
pub(super) struct Plan {
    whole: Pool,
    starts: Pool,
    first_words: Pool,
    ends: Pool,
    anywhere: Pool,
    /// The most words of a line that each literal of `anywhere` is sought in.
    words_at_most: Vec<u32>,
    always: Vec<Suspect>,
}

impl Plan {
    /// Adds what a rule, by its index, has to have on a line. A regex that does not parse is never found.
    pub fn add(&mut self, rule: u32, test: &Test) {
        let suspect = Suspect { rule, proven: test.regex.is_none() && !test.exact };
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
            None if test.exact => found_folded(spot, &test.literals),
            None if test.kind == MatcherKind::Equals => {
                return test.literals.iter().for_each(|literal| self.whole.add(literal, suspect));
            }
            None => Some((spot, test.literals.clone())),
        };
        let Some((spot, literals)) = needed else { return self.always.push(suspect) };
        let pool = match spot {
            Spot::Start => &mut self.starts,
            Spot::FirstWord => &mut self.first_words,
            Spot::End => &mut self.ends,
            Spot::Anywhere => {
                self.words_at_most.extend(literals.iter().map(|_| test.words_at_most));
                &mut self.anywhere
            }
        };
        literals.iter().for_each(|literal| pool.add(literal, suspect));
    }

    /// The search for everything that was added.
    pub fn settle(self) -> Search {
        Search {
            whole: Whole::of(self.whole),
            starts: Edge::of(Side::Start, self.starts),
            first_words: Edge::of(Side::Start, self.first_words),
            ends: Edge::of(Side::End, self.ends),
            anywhere: Grams::of(self.anywhere, &self.words_at_most),
            always: self.always,
        }
    }
}
