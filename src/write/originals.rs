//! Where the first page with each output stands in the journal: thirteen bytes for each at most twice, whatever the
//! length of its path.

use std::collections::HashMap;
use std::hash::BuildHasherDefault;

use crate::line::KeyHasher;

/// So many tables grow one after another, not all at once: while one grows, it is held twice.
const TABLES: usize = 256;

/// By seven bytes of a hash (the first says the table) the place of a row. Two of a million outputs share seven bytes
/// once in a hundred thousand runs; the second is no original then, and its copies are not known for copies.
#[derive(Debug)]
pub(super) struct Originals {
    tables: Vec<HashMap<[u8; 6], [u8; 6], BuildHasherDefault<KeyHasher>>>,
}

impl Originals {
    pub(super) fn new() -> Originals {
        Originals { tables: (0..TABLES).map(|_| HashMap::default()).collect() }
    }

    /// Notes the place of a row whose output has this hash, unless one is known.
    pub(super) fn note(&mut self, sha256: &str, at: u64) {
        // A journal of more than 256 TB is nobody's.
        let [place @ .., 0, 0] = at.to_le_bytes() else { return };
        let (table, key) = key_of(sha256);
        self.tables[table].entry(key).or_insert(place);
    }

    /// The place of the first row whose output may have this hash.
    pub(super) fn place_of(&self, sha256: &str) -> Option<u64> {
        let (table, key) = key_of(sha256);
        let &[a, b, c, d, e, f] = self.tables[table].get(&key)?;
        Some(u64::from_le_bytes([a, b, c, d, e, f, 0, 0]))
    }
}

/// The table and the key of a hash.
fn key_of(sha256: &str) -> (usize, [u8; 6]) {
    let start = u64::from_str_radix(sha256.get(..16).unwrap_or_default(), 16).unwrap_or_default();
    let [table, key @ .., _] = start.to_be_bytes();
    (table.into(), key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash::sha256;

    #[test]
    fn the_first_of_each_output_is_found_at_its_place() {
        let mut originals = Originals::new();
        let hash = |number: u64| sha256(&number.to_le_bytes());
        let place = |number: u64| number << 26 | number;
        (0..5_000).for_each(|number| originals.note(&hash(number), place(number)));
        (0..100).for_each(|number| originals.note(&hash(number), place(number) + 1));
        for number in 0..5_000 {
            assert_eq!(originals.place_of(&hash(number)), Some(place(number)));
        }
        assert_eq!(originals.place_of(&hash(5_000)), None);
        originals.note(&hash(6_000), 1 << 48);
        assert_eq!(originals.place_of(&hash(6_000)), None);
    }
}
