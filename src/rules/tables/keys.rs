//! What is known of lines by their key.

use serde::{Deserialize, Serialize};

use super::buckets::Buckets;
use super::packed::{self, Packed};
use super::sieve::Sieve;

/// A value for each of many keys.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(bound = "V: Packed")]
pub(crate) struct Keys<V> {
    /// `None` where there are no keys.
    sieve: Option<Sieve>,
    buckets: Buckets,
    /// Ascending by their key.
    #[serde(with = "packed")]
    entries: Vec<(u64, V)>,
}

impl<V: Copy> Keys<V> {
    /// A table of keys, which ascend.
    pub(crate) fn of(entries: impl IntoIterator<Item = (u64, V)>) -> Keys<V> {
        let entries: Vec<(u64, V)> = entries.into_iter().collect();
        let hashes = || entries.iter().map(|(key, _)| upper(*key));
        let (sieve, buckets) = ((!entries.is_empty()).then(|| Sieve::asked_once(hashes())), Buckets::of(hashes()));
        Keys { sieve, buckets, entries }
    }

    /// The value of a key.
    #[inline]
    pub(crate) fn get(&self, key: u64) -> Option<V> {
        if self.sieve.as_ref().is_none_or(|sieve| sieve.bit(upper(key)) == 0) {
            return None;
        }
        let entries = &self.entries[self.buckets.at(upper(key))];
        entries.iter().find(|(known, _)| *known == key).map(|(_, value)| *value)
    }
}

/// Keys are hashes: their upper half is as good as any.
fn upper(key: u64) -> u32 {
    (key >> 32) as u32
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn every_key_is_found_and_no_other() {
        let entries: BTreeMap<u64, u64> =
            (1..3_000u64).map(|number| (number.wrapping_mul(0x9E37_79B9_7F4A_7C15), number)).collect();
        let keys = Keys::of(entries.clone());
        for (key, value) in &entries {
            assert_eq!(keys.get(*key), Some(*value));
            assert_eq!(keys.get(key ^ 1), entries.get(&(key ^ 1)).copied());
        }
        assert_eq!(Keys::<u64>::of([]).get(0), None);
    }
}
