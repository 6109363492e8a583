//! Literals that are whole lines, found by a hash of their ends and their length.

use serde::{Deserialize, Serialize};

use super::buckets::Buckets;
use super::packed;
use super::pool::{Pool, head, scatter, tail};
use super::sieve::Sieve;

/// A search for whole lines.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Whole {
    pool: Pool,
    /// `None` where there are no literals.
    sieve: Option<Sieve>,
    buckets: Buckets,
    /// The hash and the number of each literal, ascending.
    #[serde(with = "packed")]
    entries: Vec<(u32, u32)>,
}

impl Whole {
    pub(crate) fn of(pool: Pool) -> Whole {
        let mut entries: Vec<(u32, u32)> = pool.iter().map(|(number, literal)| (hash(literal), number)).collect();
        entries.sort_unstable();
        let hashes = || entries.iter().map(|(hash, _)| *hash);
        let (sieve, buckets) = ((!entries.is_empty()).then(|| Sieve::asked_once(hashes())), Buckets::of(hashes()));
        Whole { pool, sieve, buckets, entries }
    }

    /// Calls `found` with the number of every literal that the text is.
    #[inline]
    pub(crate) fn search(&self, text: &[u8], mut found: impl FnMut(u32)) {
        let hash = hash(text);
        if self.sieve.as_ref().is_none_or(|sieve| sieve.bit(hash) == 0) {
            return;
        }
        for (_, number) in self.entries[self.buckets.at(hash)].iter().filter(|(known, _)| *known == hash) {
            if self.pool.get(*number) == text {
                found(*number);
            }
        }
    }
}

/// Lines that agree at both ends and in their length are few.
#[inline]
fn hash(text: &[u8]) -> u32 {
    scatter(head(text) ^ tail(text).rotate_left(29) ^ text.len() as u64)
}
