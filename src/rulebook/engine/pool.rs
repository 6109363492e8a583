//! Literals on one heap, each with the rule that it brings under suspicion.

/// A rule, by its index, of which a literal has been seen on a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Suspect {
    pub rule: u32,
    /// Whether the literal is all that the matcher asks for.
    pub proven: bool,
}

/// Literals by their number, which is the order in which they came. What several rules ask for is here
/// once for each.
#[derive(Debug, Default)]
pub(super) struct Pool {
    bytes: Vec<u8>,
    /// Where each literal ends, and whose it is.
    entries: Vec<(u32, Suspect)>,
}

impl Pool {
    pub fn add(&mut self, literal: &str, suspect: Suspect) {
        self.bytes.extend_from_slice(literal.as_bytes());
        self.entries.push((self.bytes.len() as u32, suspect));
    }

    pub fn len(&self) -> usize {
        self.entries.len()
    }

    pub fn get(&self, number: u32) -> &[u8] {
        let number = number as usize;
        let start = number.checked_sub(1).map_or(0, |before| self.entries[before].0);
        &self.bytes[start as usize..self.entries[number].0 as usize]
    }

    pub fn suspect(&self, number: u32) -> Suspect {
        self.entries[number as usize].1
    }

    /// All literals with their numbers.
    pub fn iter(&self) -> impl Iterator<Item = (u32, &[u8])> {
        (0..self.len() as u32).map(|number| (number, self.get(number)))
    }
}

/// Multiplicative hashing (Knuth): the upper bits of a product with an odd constant are well mixed.
#[inline]
pub(super) fn scatter(word: u64) -> u32 {
    (word.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32) as u32
}

/// The first eight bytes, the first one lowest; zeros where there are fewer.
#[inline]
pub(super) fn head(text: &[u8]) -> u64 {
    match text.first_chunk() {
        Some(eight) => u64::from_le_bytes(*eight),
        None => text.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte)),
    }
}

/// The last eight bytes, the last one lowest; zeros where there are fewer.
#[inline]
pub(super) fn tail(text: &[u8]) -> u64 {
    match text.last_chunk() {
        Some(eight) => u64::from_be_bytes(*eight),
        None => text.iter().fold(0, |word, byte| word << 8 | u64::from(*byte)),
    }
}
