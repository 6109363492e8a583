//! Literals at one edge of a line, found by the few bytes that stand there.

use serde::{Deserialize, Serialize};

use super::buckets::Buckets;
use super::packed;
use super::pool::{Pool, head, scatter, tail};
use super::sieve::Sieve;

/// The edge of a line that literals stand at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) enum Side {
    #[default]
    Start,
    End,
}

/// A search at one edge.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Edge {
    side: Side,
    pool: Pool,
    shelves: Vec<EdgeTable>,
}

/// The widths of shelves, in bytes; a literal stands on the widest that it fills.
const WIDTHS: [usize; 4] = [8, 4, 2, 1];

/// The literals of one width, by the hash of so many bytes at the edge.
#[derive(Debug, Serialize, Deserialize)]
struct EdgeTable {
    mask: u64,
    sieve: Sieve,
    buckets: Buckets,
    /// The bytes at the edge and the number of each literal, ascending by their hash.
    #[serde(with = "packed")]
    entries: Vec<(u64, u32)>,
}

impl Edge {
    /// A search for these literals; the empty one is never found.
    pub(crate) fn of(side: Side, pool: Pool) -> Edge {
        let width_of = |literal: &[u8]| WIDTHS.into_iter().find(|width| *width <= literal.len());
        let shelves = WIDTHS.into_iter().filter_map(|width| {
            let fitting = pool.iter().filter(|(_, literal)| width_of(literal) == Some(width));
            let words: Vec<(u64, u32)> = fitting.map(|(number, literal)| (side.word(literal), number)).collect();
            (!words.is_empty()).then(|| EdgeTable::of(width, &words))
        });
        let shelves = shelves.collect();
        Edge { side, pool, shelves }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.shelves.is_empty()
    }

    /// Calls `found` with the number of every literal that stands at this edge of the text.
    #[inline(always)]
    pub(crate) fn search(&self, text: &[u8], mut found: impl FnMut(u32)) {
        if self.is_empty() {
            return;
        }
        let word = self.side.word(text);
        for shelf in &self.shelves {
            // Hardly ever is there anything to compare.
            if shelf.may_hold(word) {
                self.compare(shelf, word, text, &mut found);
            }
        }
    }

    #[inline(never)]
    fn compare(&self, shelf: &EdgeTable, word: u64, text: &[u8], found: &mut impl FnMut(u32)) {
        for number in shelf.at(word) {
            let literal = self.pool.get(number);
            let holds = match self.side {
                Side::Start => text.starts_with(literal),
                Side::End => text.ends_with(literal),
            };
            if holds {
                found(number);
            }
        }
    }

    /// The bytes of a literal, by its number.
    pub(crate) fn literal(&self, number: u32) -> &[u8] {
        self.pool.get(number)
    }
}

impl Side {
    /// The bytes at this edge, the outermost lowest.
    #[inline]
    fn word(self, text: &[u8]) -> u64 {
        match self {
            Side::Start => head(text),
            Side::End => tail(text),
        }
    }
}

impl EdgeTable {
    fn of(width: usize, words: &[(u64, u32)]) -> EdgeTable {
        let mask = u64::MAX >> (64 - 8 * width);
        let mut entries: Vec<(u64, u32)> = words.iter().map(|(word, number)| (word & mask, *number)).collect();
        entries.sort_unstable_by_key(|(word, number)| (scatter(*word), *number));
        let hashes = || entries.iter().map(|(word, _)| scatter(*word));
        let (sieve, buckets) = (Sieve::of(hashes()), Buckets::of(hashes()));
        EdgeTable { mask, sieve, buckets, entries }
    }

    /// Whether a literal may stand at an edge with these bytes.
    #[inline(always)]
    fn may_hold(&self, word: u64) -> bool {
        self.sieve.bit(scatter(word & self.mask)) != 0
    }

    /// The literals that may stand there.
    fn at(&self, word: u64) -> impl Iterator<Item = u32> {
        let word = word & self.mask;
        let entries = &self.entries[self.buckets.at(scatter(word))];
        entries.iter().filter(move |(known, _)| *known == word).map(|(_, number)| *number)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_literal_is_found_at_its_edge(
            literals in proptest::collection::vec("[abж]{1,10}", 1..40),
            text in "[abж]{0,12}",
        ) {
            for side in [Side::Start, Side::End] {
                let pool = literals.iter().map(String::as_str).collect();
                let mut found = Vec::new();
                Edge::of(side, pool).search(text.as_bytes(), |number| found.push(number));
                found.sort_unstable();
                let holds = |literal: &String| match side {
                    Side::Start => text.starts_with(literal.as_str()),
                    Side::End => text.ends_with(literal.as_str()),
                };
                let wanted = (0..).zip(&literals).filter(|(_, literal)| holds(literal)).map(|(number, _)| number);
                prop_assert_eq!(found, wanted.collect::<Vec<u32>>());
            }
        }
    }
}
