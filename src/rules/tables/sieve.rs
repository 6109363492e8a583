//! A bit for each hash that is sought: where it is not set, nothing has to be compared.

use serde::{Deserialize, Serialize};

use super::packed;

/// Bits for each hash: one hash in sixteen that is not sought shares a bit with one that is.
const BITS_A_HASH: usize = 16;

/// Bits at most of a sieve that is asked many times a line: eight kilobytes, which stay in the nearest cache.
const MOST_BITS: usize = 1 << 16;

/// Bits at most of a sieve that is asked once a line. It stays in the second cache; what it spares is two looks into tables
/// that do not. With eight kilobytes, whole lines of the general rules took 0.5 % more of a text's time.
const MOST_BITS_ONCE: usize = 1 << 19;

/// A set of hashes, with some more that happen to share a bit.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Sieve {
    /// How far a hash is shifted to be a bit's number.
    shift: u32,
    #[serde(with = "packed")]
    bits: Vec<u64>,
}

impl Sieve {
    /// A sieve that is asked many times a line.
    pub(super) fn of(hashes: impl ExactSizeIterator<Item = u32>) -> Sieve {
        Sieve::with_at_most(MOST_BITS, hashes)
    }

    /// A sieve that is asked once a line.
    pub(super) fn asked_once(hashes: impl ExactSizeIterator<Item = u32>) -> Sieve {
        Sieve::with_at_most(MOST_BITS_ONCE, hashes)
    }

    fn with_at_most(most: usize, hashes: impl ExactSizeIterator<Item = u32>) -> Sieve {
        let bits = (BITS_A_HASH * hashes.len()).next_power_of_two().clamp(64, most);
        let mut sieve = Sieve { shift: 32 - bits.trailing_zeros(), bits: vec![0; bits / 64] };
        for hash in hashes {
            let bit = hash >> sieve.shift;
            sieve.bits[bit as usize / 64] |= 1 << (bit % 64);
        }
        sieve
    }

    /// 1 where the hash may be sought, else 0.
    #[inline]
    pub(super) fn bit(&self, hash: u32) -> u64 {
        let bit = hash >> self.shift;
        self.bits[bit as usize / 64] >> (bit % 64) & 1
    }
}
