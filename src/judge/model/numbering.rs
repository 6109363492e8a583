//! Numbers hashes in the order of their first sight, so that what is known of each can stand in a plain list.

/// Hashes and their numbers.
#[derive(Debug)]
pub struct Numbering {
    slots: Vec<(u32, u32)>,
    shift: u32,
    next: u32,
}

impl Numbering {
    /// For hashes of at most so many kinds.
    pub fn for_at_most(entries: usize) -> Numbering {
        let bits = (entries * 2 + 2).next_power_of_two().trailing_zeros().max(4);
        Numbering { slots: vec![(0, u32::MAX); 1 << bits], shift: 32 - bits, next: 0 }
    }

    /// The number of a hash: the next one where it was not seen before.
    pub fn number(&mut self, hash: u32) -> u32 {
        let mask = self.slots.len() - 1;
        let mut slot = (hash.wrapping_mul(0x9E37_79B1) >> self.shift) as usize;
        loop {
            let entry = &mut self.slots[slot];
            if entry.1 == u32::MAX {
                *entry = (hash, self.next);
                self.next += 1;
                return entry.1;
            }
            if entry.0 == hash {
                return entry.1;
            }
            slot = (slot + 1) & mask;
        }
    }

    /// How many numbers have been given.
    pub fn count(&self) -> usize {
        self.next as usize
    }
}
