//! Literals on one heap.

use serde::{Deserialize, Serialize};

use super::packed;

/// Literals by their number, which is the order in which they came.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Pool {
    #[serde(with = "packed")]
    bytes: Vec<u8>,
    /// Where each literal ends.
    #[serde(with = "packed")]
    ends: Vec<u32>,
}

impl Pool {
    pub(crate) fn add(&mut self, literal: &str) {
        self.bytes.extend_from_slice(literal.as_bytes());
        self.ends.push(self.bytes.len() as u32);
    }

    /// Adds all literals of another pool: their numbers go on where these end.
    pub(crate) fn append(&mut self, other: &Pool) {
        let before = self.bytes.len() as u32;
        self.bytes.extend_from_slice(&other.bytes);
        self.ends.extend(other.ends.iter().map(|end| before + end));
    }

    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(crate) fn get(&self, number: u32) -> &[u8] {
        let number = number as usize;
        let start = number.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.bytes[start as usize..self.ends[number] as usize]
    }

    /// All literals with their numbers.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u32, &[u8])> {
        (0..self.len() as u32).map(|number| (number, self.get(number)))
    }
}

impl<'t> FromIterator<&'t str> for Pool {
    fn from_iter<I: IntoIterator<Item = &'t str>>(literals: I) -> Pool {
        let mut pool = Pool::default();
        literals.into_iter().for_each(|literal| pool.add(literal));
        pool
    }
}

/// Multiplicative hashing (Knuth): the upper bits of a product with an odd constant are well mixed.
#[inline]
pub(crate) fn scatter(word: u64) -> u32 {
    (word.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32) as u32
}

/// The first eight bytes, the first one lowest; zeros where there are fewer.
#[inline]
pub(crate) fn head(text: &[u8]) -> u64 {
    match text.first_chunk() {
        Some(eight) => u64::from_le_bytes(*eight),
        None => text.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte)),
    }
}

/// The last eight bytes, the last one lowest; zeros where there are fewer.
#[inline]
pub(crate) fn tail(text: &[u8]) -> u64 {
    match text.last_chunk() {
        Some(eight) => u64::from_be_bytes(*eight),
        None => text.iter().fold(0, |word, byte| word << 8 | u64::from(*byte)),
    }
}
