//! Literals that are whole lines, found by a hash of their ends and their length.

use super::pool::{Pool, head, scatter, tail};

/// A table of whole lines, open to the next free slot.
#[derive(Debug, Default)]
pub struct Whole {
    pool: Pool,
    /// Bytes of the longest literal.
    longest: usize,
    /// Twice as many as there are literals, and a power of two.
    slots: Vec<Slot>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Slot {
    /// Other bits of the hash than those that chose the slot.
    tag: u32,
    /// The literal's number plus one; 0 where the slot is free.
    literal: u32,
}

impl Whole {
    pub fn of(pool: Pool) -> Whole {
        let longest = pool.iter().map(|(_, literal)| literal.len()).max().unwrap_or(0);
        let slots = if pool.len() == 0 { 0 } else { (2 * pool.len()).next_power_of_two() };
        let mut slots = vec![Slot::default(); slots];
        for (number, literal) in pool.iter() {
            let (mut at, tag) = place(literal, slots.len());
            while slots[at].literal != 0 {
                at = (at + 1) % slots.len();
            }
            slots[at] = Slot { tag, literal: number + 1 };
        }
        Whole { pool, longest, slots }
    }

    /// Calls `found` with the number of every literal that the text is.
    pub fn search(&self, text: &[u8], mut found: impl FnMut(u32)) {
        if text.len() > self.longest {
            return;
        }
        let (mut at, tag) = place(text, self.slots.len());
        while let Some(Slot { tag: known, literal: 1.. }) = self.slots.get(at) {
            let number = self.slots[at].literal - 1;
            if *known == tag && self.pool.get(number) == text {
                found(number);
            }
            at = (at + 1) % self.slots.len();
        }
    }
}

/// The first slot to look at, of so many, and the tag. Lines that agree at both ends and in their length are few.
#[inline]
fn place(text: &[u8], slots: usize) -> (usize, u32) {
    let ends = head(text) ^ tail(text).rotate_left(29) ^ text.len() as u64;
    let (hash, tag) = (scatter(ends), scatter(ends.rotate_left(32)));
    (hash as usize & slots.wrapping_sub(1), tag)
}
