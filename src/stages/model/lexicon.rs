//! The words that the model knows something of, by their hash: function words of many languages,
//! words of furniture by concept, and words with a learned weight.

/// A word's entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Entry {
    /// The word's hash.
    pub hash: u32,
    /// Its learned weight, 0 where it has none.
    pub weight: i8,
    /// Its concept plus one, or 0; the high bit marks a function word.
    pub class: u8,
}

/// How many concepts there may be.
pub const CONCEPTS: usize = 40;

const STOP: u8 = 0x80;

impl Entry {
    /// An entry from its parts; `concept` counts from 0 and is below 64.
    pub fn new(hash: u32, weight: i8, concept: Option<u8>, stop: bool) -> Entry {
        let class = concept.map_or(0, |concept| concept + 1) | if stop { STOP } else { 0 };
        Entry { hash, weight, class }
    }

    /// Whether it is a function word of some language.
    pub fn is_stop(self) -> bool {
        self.class & STOP != 0
    }

    /// The bit of its concept, or 0.
    pub fn concept(self) -> u64 {
        1 << (self.class & !STOP) >> 1
    }
}

/// A table of entries, found by hash.
#[derive(Debug, Clone)]
pub struct Lexicon {
    entries: Vec<Entry>,
    slots: Vec<Slot>,
    /// A bit for each hash's low bits: most words that are not known are not looked for.
    sieve: Vec<u64>,
}

/// An entry in four bytes, so that the table stays near the core: its place says the high part of the hash.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Slot {
    tag: u16,
    weight: i8,
    class: u8,
}

/// Bits of a hash that the sieve goes by.
const SIEVE_BITS: u32 = 19;

/// What these bits take.
const SIEVE_WORDS: usize = 1 << (SIEVE_BITS - 6);

/// High bits of a hash that say its place.
const PLACE_BITS: u32 = 17;

/// Slots of the table.
const SLOTS: usize = 1 << PLACE_BITS;

/// The table is never fuller than this, so that most words stand in their first place.
const MOST_ENTRIES: usize = SLOTS / 8 * 3;

impl Slot {
    fn is_empty(self) -> bool {
        self.weight == 0 && self.class == 0
    }
}

impl Lexicon {
    /// A table of these entries, those that say nothing left out. Of two with the same hash the first counts; those
    /// beyond 49,152 are left out.
    pub fn of(entries: &[Entry]) -> Lexicon {
        let mut lexicon = Lexicon {
            entries: Vec::with_capacity(MOST_ENTRIES),
            slots: vec![Slot::default(); SLOTS],
            sieve: vec![0; SIEVE_WORDS],
        };
        let mut left = MOST_ENTRIES;
        // A plain loop: this is a quarter of the time that a short page takes.
        for &entry in entries {
            if entry.weight == 0 && entry.class == 0 || left == 0 {
                continue;
            }
            left -= 1;
            if lexicon.insert(entry) {
                lexicon.entries.push(entry);
            }
        }
        lexicon
    }

    /// Puts an entry into the table; `false`, and nothing done, where its hash is there.
    #[inline]
    fn insert(&mut self, entry: Entry) -> bool {
        let bit = entry.hash & ((1 << SIEVE_BITS) - 1);
        let (word, bit) = (bit as usize / 64, 1 << (bit % 64));
        let may_be_there = self.sieve[word] & bit != 0;
        let tag = entry.hash as u16;
        let mut place = place_of(entry.hash);
        while let Some(slot) = self.slots.get(place).filter(|slot| !slot.is_empty()) {
            if may_be_there && slot.tag == tag {
                return false;
            }
            place = (place + 1) % SLOTS;
        }
        self.slots[place] = Slot { tag, weight: entry.weight, class: entry.class };
        self.sieve[word] |= bit;
        true
    }

    /// All entries.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Whether a word may have an entry: most that have none are told by a bit.
    #[inline(always)]
    pub fn may_know(&self, hash: u32) -> bool {
        let bit = hash & ((1 << SIEVE_BITS) - 1);
        // A table of known size is looked into without a check of bounds.
        let sieve = self.sieve.first_chunk::<SIEVE_WORDS>();
        sieve.is_some_and(|sieve| sieve[bit as usize / 64] >> (bit % 64) & 1 != 0)
    }

    /// A word's entry, by its hash.
    #[inline]
    pub fn find(&self, hash: u32) -> Option<Entry> {
        if self.may_know(hash) { self.find_from(hash, self.first_slot(hash)) } else { None }
    }

    /// The same, given what stands in its first slot.
    #[inline(always)]
    pub(super) fn find_in(&self, hash: u32, first: Slot) -> Option<Entry> {
        self.find_from(hash, first).filter(|_| self.may_know(hash))
    }

    /// Where a word's entry stands, if nothing else does. The slots of many words are fetched from afar at once, before
    /// any of them is looked at.
    #[inline(always)]
    pub(super) fn first_slot(&self, hash: u32) -> Slot {
        self.slots.first_chunk::<SLOTS>().map_or(Slot::default(), |slots| slots[place_of(hash)])
    }

    /// The entry of a word that [`Lexicon::may_know`] says yes to, given what stands in its first slot.
    #[inline(always)]
    pub(super) fn find_from(&self, hash: u32, first: Slot) -> Option<Entry> {
        let (mut place, mut slot) = (place_of(hash), first);
        loop {
            if slot.is_empty() {
                return None;
            }
            if slot.tag == hash as u16 {
                return Some(Entry { hash, weight: slot.weight, class: slot.class });
            }
            place = (place + 1) % SLOTS;
            slot = self.slots[place];
        }
    }
}

#[inline(always)]
fn place_of(hash: u32) -> usize {
    (hash >> (u32::BITS - PLACE_BITS)) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_put_in_is_found_and_nothing_else() {
        let hash = |number: u32| number.wrapping_mul(0x9E37_79B1);
        let entries: Vec<Entry> =
            (1..5_000).map(|at| Entry::new(hash(at), 3, Some((at % 40) as u8), at % 2 == 0)).collect();
        let lexicon = Lexicon::of(&entries);
        for entry in &entries {
            assert_eq!(lexicon.find(entry.hash), Some(*entry));
        }
        assert!((5_000..9_000).all(|at| lexicon.find(hash(at)).is_none()));
    }

    /// In a full table some stand so far from their place that other words look like them.
    #[test]
    fn a_word_is_found_alike_whether_its_first_slot_is_known_or_not() {
        let hash = |number: u32| {
            let hash = number.wrapping_mul(0x9E37_79B1);
            (hash ^ hash >> 15).wrapping_mul(0x85EB_CA6B)
        };
        let entries: Vec<Entry> = (0..MOST_ENTRIES as u32).map(|at| Entry::new(hash(at), 3, None, false)).collect();
        let lexicon = Lexicon::of(&entries);
        let mut alike = 0;
        for other in (0..1 << 22).map(|at: u32| hash(at.wrapping_mul(0xC2B2_AE35))) {
            let first = lexicon.first_slot(other);
            assert_eq!(lexicon.find_in(other, first), lexicon.find(other));
            alike += u32::from(lexicon.find_from(other, first) != lexicon.find(other));
        }
        assert!(alike > 0, "none looks like another");
    }
}
