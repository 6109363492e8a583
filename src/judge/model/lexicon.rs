//! The words that the model knows something of, by their hash: function words of many languages,
//! words of furniture by concept, and words with a learned weight.

/// A word's entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Entry {
    /// The word's hash; 0 where the slot is empty.
    pub hash: u32,
    /// Its learned weight, 0 where it has none.
    pub weight: i8,
    /// Its concept plus one, or 0; the high bit marks a function word.
    pub class: u8,
}

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
        match self.class & !STOP {
            0 => 0,
            concept => 1 << (concept - 1),
        }
    }
}

/// A table of entries, found by hash.
#[derive(Debug, Clone)]
pub struct Lexicon {
    slots: Vec<Entry>,
    shift: u32,
    /// A bit for each hash's low bits: most words that are not known are not looked for.
    sieve: Vec<u64>,
}

/// Bits of a hash that the sieve goes by.
const SIEVE_BITS: u32 = 19;

impl Lexicon {
    /// A table of these entries; of two with the same hash the later one counts.
    pub fn of(entries: &[Entry]) -> Lexicon {
        let bits = (entries.len() * 3 / 2 + 2).next_power_of_two().trailing_zeros().max(4);
        let sieve = vec![0; 1 << (SIEVE_BITS - 6)];
        let mut lexicon = Lexicon { slots: vec![Entry::default(); 1 << bits], shift: 32 - bits, sieve };
        for entry in entries {
            let mut slot = (entry.hash >> lexicon.shift) as usize;
            while lexicon.slots[slot].hash != 0 && lexicon.slots[slot].hash != entry.hash {
                slot = (slot + 1) & (lexicon.slots.len() - 1);
            }
            lexicon.slots[slot] = *entry;
            let bit = entry.hash & ((1 << SIEVE_BITS) - 1);
            lexicon.sieve[bit as usize / 64] |= 1 << (bit % 64);
        }
        lexicon
    }

    /// All entries, in no order that means anything.
    pub fn entries(&self) -> impl Iterator<Item = Entry> + '_ {
        self.slots.iter().copied().filter(|entry| entry.hash != 0)
    }

    /// A word's entry, by its hash.
    #[inline]
    pub fn find(&self, hash: u32) -> Option<Entry> {
        let bit = hash & ((1 << SIEVE_BITS) - 1);
        if self.sieve[bit as usize / 64] >> (bit % 64) & 1 == 0 {
            return None;
        }
        let mut slot = (hash >> self.shift) as usize;
        loop {
            let entry = self.slots[slot];
            if entry.hash == hash {
                return Some(entry);
            }
            if entry.hash == 0 {
                return None;
            }
            slot = (slot + 1) & (self.slots.len() - 1);
        }
    }
}

/// How many concepts there may be.
pub const CONCEPTS: usize = 40;
