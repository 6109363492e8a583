//! Where entries that are sorted by their hash begin.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::packed;

/// As many buckets as there are entries, or some more.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Buckets {
    /// How far a hash is shifted to be a bucket's number.
    shift: u32,
    /// Where each bucket begins; at the end, where the last one ends.
    #[serde(with = "packed")]
    starts: Vec<u32>,
}

impl Buckets {
    /// Buckets of entries with these hashes, ascending.
    pub(super) fn of(hashes: impl ExactSizeIterator<Item = u32>) -> Buckets {
        // Two or more, so that the shift stays below the hash's width.
        let count = hashes.len().next_power_of_two().max(2);
        let mut buckets = Buckets { shift: 32 - count.trailing_zeros(), starts: vec![0; count + 1] };
        hashes.for_each(|hash| buckets.starts[(hash >> buckets.shift) as usize + 1] += 1);
        for at in 0..count {
            buckets.starts[at + 1] += buckets.starts[at];
        }
        buckets
    }

    /// The entries among which those of this hash are.
    #[inline]
    pub(super) fn at(&self, hash: u32) -> Range<usize> {
        let bucket = (hash >> self.shift) as usize;
        self.starts[bucket] as usize..self.starts[bucket + 1] as usize
    }
}
