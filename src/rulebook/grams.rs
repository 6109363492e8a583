//! A search for thousands of literals at once, at the speed of a few.
//!
//! Of each literal a few bytes in a row are picked, those that text has least; a line is looked at
//! through a window of that many bytes, and the hash of what the window shows is a place in a map of
//! 65,536 bits, which stays in the nearest cache. Only where the bit is set are literals compared.
//! An automaton over the same literals has tens of thousands of states, and memory sets its pace.

/// Finds literals in text.
#[derive(Debug, Default)]
pub(super) struct Grams {
    literals: Vec<Box<[u8]>>,
    windows: Vec<Window>,
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
        windows.iter_mut().for_each(|window| window.entries.sort_unstable_by_key(|entry| entry.hash));
        Grams { literals, windows }
    }

    /// Calls `found` with the index of a literal wherever it stands in the text.
    pub fn search(&self, text: &[u8], mut found: impl FnMut(usize)) {
        let mut places = [0; PLACES];
        for window in &self.windows {
            let mut from = 0;
            loop {
                let (count, next) = window.look(text, from, &mut places);
                for at in &places[..count] {
                    self.compare(window, text, *at as usize, &mut found);
                }
                match next {
                    Some(next) => from = next,
                    None => break,
                }
            }
        }
    }

    fn compare(&self, window: &Window, text: &[u8], at: usize, found: &mut impl FnMut(usize)) {
        let hash = window.hash(word(&text[at..]));
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

/// The widths of windows, in bytes; a literal is sought through the widest that it fills.
const WIDTHS: [usize; 4] = [5, 3, 2, 1];

/// How many places are noted before they are looked into.
const PLACES: usize = 64;

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
        let rarity = |gram: &[u8]| gram.iter().map(|byte| rarity(*byte)).sum::<usize>();
        let grams = literal.windows(self.width).enumerate();
        let Some((offset, gram)) = grams.max_by_key(|(_, gram)| rarity(gram)) else { return };
        let hash = self.hash(word(gram));
        self.bits[usize::from(hash >> 6)] |= 1 << (hash & 63);
        self.entries.push(Entry { hash, offset: offset as u32, literal: index });
    }

    /// Multiplicative hashing (Knuth): the upper bits of a product with an odd constant.
    #[inline]
    fn hash(&self, word: u64) -> u16 {
        ((word & self.mask).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 48) as u16
    }

    #[inline]
    fn bit(&self, bytes: &[u8]) -> u64 {
        let hash = self.hash(word(bytes));
        self.bits[usize::from(hash >> 6)] >> (hash & 63) & 1
    }

    /// Notes the places, from `from` on, through which something that is sought may be seen: how many,
    /// and where to go on if there was no room for more.
    fn look(&self, text: &[u8], from: usize, places: &mut [u32; PLACES]) -> (usize, Option<usize>) {
        let mut count = 0;
        let end = (text.len() + 1).saturating_sub(self.width);
        let mut at = from;
        // Four places at once: hardly ever is there anything in sight.
        while let Some(eleven) = text.get(at..at + 11) {
            let bits = [self.bit(eleven), self.bit(&eleven[1..]), self.bit(&eleven[2..]), self.bit(&eleven[3..])];
            if bits != [0; 4] {
                for (offset, bit) in (0..).zip(bits) {
                    places[count] = at as u32 + offset;
                    count += bit as usize;
                }
                if count > PLACES - 8 {
                    return (count, Some(at + 4));
                }
            }
            at += 4;
        }
        while at < end {
            places[count] = at as u32;
            count += self.bit(&text[at..]) as usize;
            at += 1;
            if count == PLACES - 1 {
                return (count, Some(at));
            }
        }
        (count, None)
    }
}

/// The first eight bytes, zeros where there are fewer.
#[inline]
fn word(bytes: &[u8]) -> u64 {
    if let Some(eight) = bytes.first_chunk::<8>() {
        return u64::from_le_bytes(*eight);
    }
    let mut eight = [0; 8];
    eight[..bytes.len()].copy_from_slice(bytes);
    u64::from_le_bytes(eight)
}

/// How rare a byte is in folded text, roughly: Latin letters by their frequency in European languages,
/// lead bytes of other scripts as common as letters, digits and signs rarer.
fn rarity(byte: u8) -> usize {
    const COMMON: &[u8] = b" eaitnosrldcumphgbfyvkwzjxq";
    match COMMON.iter().position(|common| *common == byte) {
        Some(place) => place,
        None if byte >= 0xC0 => 6,
        None if byte >= 0x80 => 14,
        None => COMMON.len(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_literal_is_found_wherever_it_stands(
            literals in proptest::collection::btree_set("[abж–]{1,9}", 1..9),
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
