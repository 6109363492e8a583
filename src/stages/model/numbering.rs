//! Numbers hashes in the order of their first sight, so that what is known of each can stand in a plain list.

/// Hashes and their numbers.
#[derive(Debug)]
pub(super) struct Numbering {
    /// For each slot a hash in the upper half, its number plus one in the lower; 0 where it is free.
    slots: Vec<u64>,
    shift: u32,
    /// The hashes by their numbers; behind them what is not known yet.
    hashes: Vec<u32>,
    count: u32,
}

impl Numbering {
    /// For at most so many hashes.
    pub(super) fn for_at_most(hashes: usize) -> Numbering {
        // Three quarters full at most, where no hash comes twice.
        let bits = (hashes + hashes / 3 + 2).next_power_of_two().trailing_zeros().max(4);
        Numbering { slots: vec![0; 1 << bits], shift: 32 - bits, hashes: vec![0; hashes + 1], count: 0 }
    }

    /// The number of a hash: the next one where it was not seen before. Beyond as many as were foreseen, hashes are not
    /// remembered by their numbers.
    #[inline(always)]
    pub(super) fn number(&mut self, hash: u32) -> u32 {
        let mask = self.slots.len() - 1;
        let mut slot = (hash.wrapping_mul(0x9E37_79B1) >> self.shift) as usize;
        loop {
            let held = &mut self.slots[slot & mask];
            let is_new = *held == 0;
            // Written without a branch for what cannot be foreseen: whether it is new.
            if is_new | ((*held >> 32) as u32 == hash) {
                let number = if is_new { self.count } else { (*held as u32).wrapping_sub(1) };
                *held = u64::from(hash) << 32 | (u64::from(number) + 1);
                if let Some(next) = self.hashes.get_mut(self.count as usize) {
                    // Where it is not new, the next one stands here instead.
                    *next = hash;
                }
                self.count += u32::from(is_new);
                return number;
            }
            slot += 1;
        }
    }

    /// How many numbers have been given.
    pub(super) fn count(&self) -> usize {
        self.count as usize
    }

    /// The hashes by their numbers.
    pub(super) fn into_hashes(mut self) -> Vec<u32> {
        self.hashes.truncate(self.count());
        self.hashes
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
        assert_eq!(numbering.count(), distinct.len());
        assert_eq!(numbering.into_hashes(), distinct);
    }
}
