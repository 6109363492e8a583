//! A search for thousands of literals at once, at the speed of a few.
//!
//! Of each literal a few bytes in a row are picked, those that text has least; a line is looked at
//! through a window of that many bytes, and the hash of what the window shows is a place in a map of
//! 65,536 bits, which stays in the nearest cache. Only where the bit is set are literals compared.
//! An automaton over the same literals has tens of thousands of states, and memory sets its pace.

use memchr::memmem::Finder;

/// Finds literals in text.
#[derive(Debug, Default)]
pub(super) struct Grams {
    literals: Vec<Box<[u8]>>,
    windows: Vec<Window>,
    /// Literals of widths that few have, one by one.
    few: Vec<(Finder<'static>, usize)>,
}

impl Grams {
    /// A search for these literals; the empty one is never found.
    pub fn of(literals: impl IntoIterator<Item = String>) -> Grams {
        let literals: Vec<Box<[u8]>> =
            literals.into_iter().map(|literal| literal.into_bytes().into_boxed_slice()).collect();
        let mut windows: Vec<Window> = Vec::new();
        for (index, literal) in (0..).zip(&literals) {
            let Some(width) = WIDTHS.into_iter().find(|width| *width <= literal.len()) else { continue };
            let at = match windows.iter().position(|window| window.width == width) {
                Some(at) => at,
                None => {
                    windows.push(Window::new(width));
                    windows.len() - 1
                }
            };
            windows[at].add(literal, index);
        }
        let mut few = Vec::new();
        for window in windows.extract_if(.., |window| window.entries.len() <= FEW) {
            few.extend(window.entries.iter().map(|entry| {
                let literal = entry.literal as usize;
                (Finder::new(&literals[literal]).into_owned(), literal)
            }));
        }
        windows.iter_mut().for_each(|window| window.entries.sort_unstable_by_key(|entry| entry.hash));
        Grams { literals, windows, few }
    }

    /// Calls `found` with the index of every literal that stands in the text, once or more often.
    pub fn search(&self, text: &[u8], mut found: impl FnMut(usize)) {
        for (finder, literal) in &self.few {
            if finder.find(text).is_some() {
                found(*literal);
            }
        }
        if self.windows.is_empty() {
            return;
        }
        // Windows at the end of the text look beyond it: there they see zeros.
        let fours = text.len().saturating_sub(7) / 4;
        let mut tail = [0; 24];
        tail[..text.len() - 4 * fours].copy_from_slice(&text[4 * fours..]);
        for window in &self.windows {
            for (four, bytes) in text.windows(11).step_by(4).enumerate() {
                // Four places at once: hardly ever is there anything in sight.
                let hashes = [0, 1, 2, 3].map(|offset| window.hash(word(&bytes[offset..])));
                if hashes.iter().fold(0, |seen, hash| seen | window.bit(*hash)) == 0 {
                    continue;
                }
                for (offset, hash) in (0..).zip(hashes).filter(|(_, hash)| window.bit(*hash) != 0) {
                    self.compare(window, hash, text, 4 * four + offset, &mut found);
                }
            }
            for at in 4 * fours..(text.len() + 1).saturating_sub(window.width) {
                let hash = window.hash(word(&tail[at - 4 * fours..]));
                if window.bit(hash) != 0 {
                    self.compare(window, hash, text, at, &mut found);
                }
            }
        }
    }

    #[inline(never)]
    fn compare(&self, window: &Window, hash: u16, text: &[u8], at: usize, found: &mut impl FnMut(usize)) {
        let first = window.entries.partition_point(|entry| entry.hash < hash);
        for entry in window.entries[first..].iter().take_while(|entry| entry.hash == hash) {
            let literal = &self.literals[entry.literal as usize];
            let fits = at
                .checked_sub(entry.offset as usize)
                .and_then(|start| text.get(start..start + literal.len()))
                .is_some_and(|part| part == &**literal);
            if fits {
                found(entry.literal as usize);
            }
        }
    }
}

/// So few literals are sought faster one by one.
const FEW: usize = 3;

/// The widths of windows, in bytes; a literal is sought through the widest that it fills.
const WIDTHS: [usize; 4] = [5, 3, 2, 1];

/// A window of some width, and what may be seen through it.
#[derive(Debug)]
struct Window {
    width: usize,
    mask: u64,
    bits: Box<[u64; 1024]>,
    /// Ascending by their hash.
    entries: Vec<Entry>,
}

#[derive(Debug)]
struct Entry {
    hash: u16,
    /// Where in the literal the window is put.
    offset: u32,
    literal: u32,
}

impl Window {
    fn new(width: usize) -> Window {
        Window { width, mask: (1 << (8 * width)) - 1, bits: Box::new([0; 1024]), entries: Vec::new() }
    }

    fn add(&mut self, literal: &[u8], index: u32) {
        let rarity = |gram: &[u8]| gram.iter().map(|byte| u32::from(RARITY[usize::from(*byte)])).sum::<u32>();
        let grams = literal.windows(self.width).enumerate();
        let Some((offset, gram)) = grams.max_by_key(|(_, gram)| rarity(gram)) else { return };
        let mut eight = [0; 8];
        eight[..gram.len()].copy_from_slice(gram);
        let hash = self.hash(u64::from_le_bytes(eight));
        self.bits[usize::from(hash >> 6)] |= 1 << (hash & 63);
        self.entries.push(Entry { hash, offset: offset as u32, literal: index });
    }

    /// Multiplicative hashing (Knuth): the upper bits of a product with an odd constant.
    #[inline]
    fn hash(&self, word: u64) -> u16 {
        ((word & self.mask).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 48) as u16
    }

    #[inline]
    fn bit(&self, hash: u16) -> u64 {
        self.bits[usize::from(hash >> 6)] >> (hash & 63) & 1
    }
}

/// The first eight bytes.
#[inline]
fn word(bytes: &[u8]) -> u64 {
    bytes.first_chunk().map_or(0, |eight| u64::from_le_bytes(*eight))
}

/// How rare a byte is in folded text, roughly: Latin letters by their frequency in European languages,
/// lead bytes of other scripts as common as letters, digits and signs rarer.
static RARITY: [u8; 256] = {
    const COMMON: &[u8] = b" eaitnosrldcumphgbfyvkwzjxq";
    let mut table = [COMMON.len() as u8; 256];
    let mut byte = 0x80;
    while byte < 0x100 {
        table[byte] = if byte >= 0xC0 { 6 } else { 14 };
        byte += 1;
    }
    let mut place = 0;
    while place < COMMON.len() {
        table[COMMON[place] as usize] = place as u8;
        place += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_literal_is_found_wherever_it_stands(
            literals in proptest::collection::btree_set("[abж–]{1,9}", 1..30),
            text in "[abж–]{0,90}",
        ) {
            let literals: Vec<String> = literals.into_iter().collect();
            let mut found = Vec::new();
            Grams::of(literals.clone()).search(text.as_bytes(), |literal| found.push(literal));
            found.sort_unstable();
            found.dedup();
            let wanted: Vec<usize> = (0..literals.len()).filter(|index| text.contains(&literals[*index])).collect();
            prop_assert_eq!(found, wanted);
        }
    }
}
