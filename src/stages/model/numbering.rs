//! Numbers hashes in the order of their first sight, so that what is known of each can stand in a plain list.

/// Hashes and their numbers.
#[derive(Debug)]
pub(super) struct Numbering {
    /// For each slot a number plus one; 0 where it is free.
    slots: Vec<u32>,
    shift: u32,
    /// The hashes by their numbers.
    pub hashes: Vec<u32>,
}

impl Numbering {
    /// For at most so many hashes.
    pub(super) fn for_at_most(hashes: usize) -> Numbering {
        let bits = (hashes * 2 + 2).next_power_of_two().trailing_zeros().max(4);
        Numbering { slots: vec![0; 1 << bits], shift: 32 - bits, hashes: Vec::new() }
    }

    /// The number of a hash: the next one where it was not seen before.
    pub(super) fn number(&mut self, hash: u32) -> u32 {
        let mask = self.slots.len() - 1;
        let mut slot = (hash.wrapping_mul(0x9E37_79B1) >> self.shift) as usize;
        loop {
            let Some(number) = self.slots[slot].checked_sub(1) else {
                self.hashes.push(hash);
                self.slots[slot] = self.hashes.len() as u32;
                return self.slots[slot] - 1;
            };
            if self.hashes[number as usize] == hash {
                return number;
            }
            slot = (slot + 1) & mask;
        }
    }

    /// How many numbers have been given.
    pub(super) fn count(&self) -> usize {
        self.hashes.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_numbered_in_the_order_of_their_first_sight() {
        let mut numbering = Numbering::for_at_most(1000);
        let seen: Vec<u32> = (0..1000u32).map(|n| n * n % 300).collect();
        let mut distinct: Vec<u32> = Vec::new();
        for &hash in &seen {
            if !distinct.contains(&hash) {
                distinct.push(hash);
            }
            assert_eq!(distinct[numbering.number(hash) as usize], hash);
        }
        assert_eq!(numbering.hashes, distinct);
    }
}
