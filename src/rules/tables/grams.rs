//! A search for thousands of literals at once, wherever they stand, at the speed of a few.
//!
//! Of each literal a few bytes in a row are picked, those that text has least; a line is looked at
//! through a window of that many bytes, and the hash of what the window shows is a bit of a sieve that
//! stays in the nearest cache. Only where the bit is set are literals compared. The window moves by
//! several bytes at a time where literals are long: as many grams of each are known, so that one of them
//! comes into sight. An automaton over the same literals has tens of thousands of states, and memory sets
//! its pace.
//!
//! A literal is sought in lines of at most so many words. Lines of few words are searched for all of
//! them, longer lines for those that are left: each tier has sieves of its own.

use memchr::memchr3_iter;
use serde::{Deserialize, Serialize};

use super::buckets::Buckets;
use super::packed::{self, Packed};
use super::pool::{Pool, head, scatter};
use super::sieve::Sieve;

/// Finds literals in lines.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Grams {
    pool: Pool,
    windows: Vec<Window>,
    /// Ascending by their words.
    tiers: Vec<Tier>,
}

/// What lines of at most so many words are searched for.
#[derive(Debug, Serialize, Deserialize)]
struct Tier {
    words_at_most: u32,
    /// The windows to look through, by their number.
    sieves: Vec<(usize, Sieve)>,
    /// The literals of windows through which few are sought.
    few: Vec<Rare>,
    /// Whether they all have marks.
    few_have_marks: bool,
}

/// A literal that is sought by the rarest of its bytes.
#[derive(Debug, Serialize, Deserialize)]
struct Rare {
    byte: u8,
    /// Where it stands in the literal.
    offset: usize,
    literal: u32,
}

/// So few literals are sought faster by their bytes.
const FEW: usize = 3;

/// The limit of words of the tier that a literal with this limit belongs to: few tiers serve all.
fn tier_of(words_at_most: u32) -> u32 {
    [6, 12, 25, 60].into_iter().find(|limit| words_at_most <= *limit).unwrap_or(u32::MAX)
}

impl Grams {
    /// A search for these literals, each in lines of at most so many words; the empty one is never found.
    pub(crate) fn of(pool: Pool, words_at_most: &[u32]) -> Grams {
        let mut windows: Vec<Window> = LENSES.into_iter().map(Window::new).collect();
        for ((number, literal), words_at_most) in pool.iter().zip(words_at_most) {
            if let Some(window) = windows.iter_mut().find(|window| window.lens.shortest() <= literal.len()) {
                window.add(literal, number, tier_of(*words_at_most));
            }
        }
        windows.retain_mut(|window| {
            window.settle();
            !window.entries.is_empty()
        });
        let mut limits: Vec<u32> = words_at_most.iter().map(|words| tier_of(*words)).collect();
        limits.sort_unstable();
        limits.dedup();
        let tiers = limits.into_iter().map(|limit| Tier::of(limit, &windows, &pool)).collect();
        Grams { pool, windows, tiers }
    }

    /// Calls `found` with the number of every literal that stands in a line of so many words, once or more often.
    /// `may_have_marks` says whether there may be more in it than letters, digits, spaces and apostrophes.
    pub(crate) fn search(&self, text: &[u8], words: u32, may_have_marks: bool, mut found: impl FnMut(u32)) {
        let Some(tier) = self.tiers.iter().find(|tier| words <= tier.words_at_most) else { return };
        let few = if may_have_marks || !tier.few_have_marks { &tier.few[..] } else { &[] };
        for few in few.chunks(FEW) {
            let byte = |at: usize| few.get(at).unwrap_or(&few[0]).byte;
            for at in memchr3_iter(byte(0), byte(1), byte(2), text) {
                for rare in few.iter().filter(|rare| rare.byte == text[at]) {
                    if self.holds(text, at, rare.offset, rare.literal) {
                        found(rare.literal);
                    }
                }
            }
        }
        for (window, sieve) in &tier.sieves {
            let window = &self.windows[*window];
            if text.len() < window.lens.shortest() {
                continue;
            }
            let compare = |at, hash| self.compare(window, tier, text, at, hash, &mut found);
            match window.lens {
                PHRASE => shake::<{ PHRASE.width }, { PHRASE.stride }>(sieve, text, compare),
                WORD => shake::<{ WORD.width }, { WORD.stride }>(sieve, text, compare),
                SYLLABLE => shake::<{ SYLLABLE.width }, { SYLLABLE.stride }>(sieve, text, compare),
                PAIR => shake::<{ PAIR.width }, { PAIR.stride }>(sieve, text, compare),
                _ => shake::<{ BYTE.width }, { BYTE.stride }>(sieve, text, compare),
            }
        }
    }

    #[inline(never)]
    fn compare(&self, window: &Window, tier: &Tier, text: &[u8], at: usize, hash: u32, found: &mut impl FnMut(u32)) {
        for entry in window.at(hash).iter().filter(|entry| entry.hash == hash && entry.tier >= tier.words_at_most) {
            if self.holds(text, at, entry.offset as usize, entry.literal) {
                found(entry.literal);
            }
        }
    }

    /// Whether a literal stands in the text so that its byte at `offset` is the text's byte at `at`.
    fn holds(&self, text: &[u8], at: usize, offset: usize, literal: u32) -> bool {
        at.checked_sub(offset).is_some_and(|start| text[start..].starts_with(self.pool.get(literal)))
    }
}

/// How a window looks at text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Lens {
    /// Bytes that it shows, at most five.
    width: usize,
    /// Bytes that it moves by: 1, 2, or 4 to 8.
    stride: usize,
}

const PHRASE: Lens = Lens { width: 5, stride: 7 };
const WORD: Lens = Lens { width: 5, stride: 4 };
const SYLLABLE: Lens = Lens { width: 3, stride: 2 };
const PAIR: Lens = Lens { width: 2, stride: 1 };
const BYTE: Lens = Lens { width: 1, stride: 1 };

/// A literal is sought through the first of these that it fills.
const LENSES: [Lens; 5] = [PHRASE, WORD, SYLLABLE, PAIR, BYTE];

impl Lens {
    /// Bytes of the shortest literal of which one gram always comes into sight.
    fn shortest(self) -> usize {
        self.width + self.stride - 1
    }
}

/// The hash of a word's first `WIDTH` bytes.
#[inline]
fn hash<const WIDTH: usize>(word: u64) -> u32 {
    scatter(word << (64 - 8 * WIDTH))
}

/// A window, and what may be seen through it.
#[derive(Debug, Serialize, Deserialize)]
struct Window {
    lens: Lens,
    /// Ascending by their hash.
    #[serde(with = "packed")]
    entries: Vec<Entry>,
    buckets: Buckets,
}

/// A gram of a literal.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    hash: u32,
    literal: u32,
    /// Where it stands in the literal.
    offset: u32,
    tier: u32,
}

impl Packed for Entry {
    const BYTES: usize = <((u32, u32), (u32, u32))>::BYTES;

    fn put(&self, bytes: &mut Vec<u8>) {
        ((self.hash, self.literal), (self.offset, self.tier)).put(bytes);
    }

    #[inline(always)]
    fn taken(bytes: &[u8]) -> Entry {
        let ((hash, literal), (offset, tier)) = Packed::taken(bytes);
        Entry { hash, literal, offset, tier }
    }
}

impl Window {
    fn new(lens: Lens) -> Window {
        Window { lens, entries: Vec::new(), buckets: Buckets::default() }
    }

    fn add(&mut self, literal: &[u8], number: u32, tier: u32) {
        let rarity = |gram: &[u8]| gram.iter().map(|byte| u32::from(RARITY[usize::from(*byte)])).sum::<u32>();
        // A part is as rare as the most common of its grams.
        let rarity = |part: &[u8]| part.windows(self.lens.width).map(rarity).min();
        let parts = literal.windows(self.lens.shortest()).enumerate();
        let Some((start, part)) = parts.max_by_key(|(_, part)| rarity(part)) else { return };
        for (offset, gram) in (start as u32..).zip(part.windows(self.lens.width)) {
            let hash = scatter(head(gram) << (64 - 8 * self.lens.width));
            self.entries.push(Entry { hash, literal: number, offset, tier });
        }
    }

    fn settle(&mut self) {
        self.entries.sort_unstable();
        self.buckets = Buckets::of(self.entries.iter().map(|entry| entry.hash));
    }

    fn at(&self, hash: u32) -> &[Entry] {
        &self.entries[self.buckets.at(hash)]
    }
}

impl Tier {
    fn of(words_at_most: u32, windows: &[Window], pool: &Pool) -> Tier {
        let mut tier = Tier { words_at_most, sieves: Vec::new(), few: Vec::new(), few_have_marks: false };
        for (number, window) in windows.iter().enumerate() {
            let grams: Vec<&Entry> = window.entries.iter().filter(|entry| entry.tier >= words_at_most).collect();
            let mut literals: Vec<u32> = grams.iter().map(|entry| entry.literal).collect();
            literals.sort_unstable();
            literals.dedup();
            match literals.len() {
                0 => {}
                1..=FEW => {
                    tier.few.extend(literals.into_iter().filter_map(|literal| Rare::of(pool.get(literal), literal)))
                }
                _ => tier.sieves.push((number, Sieve::of(grams.iter().map(|entry| entry.hash)))),
            }
        }
        tier.few_have_marks = tier.few.iter().all(|rare| has_marks(pool.get(rare.literal)));
        tier
    }
}

/// Whether a literal has more in it than letters, digits, spaces and apostrophes.
fn has_marks(literal: &[u8]) -> bool {
    str::from_utf8(literal)
        .is_ok_and(|literal| literal.contains(|c: char| !c.is_alphanumeric() && !matches!(c, ' ' | '\'')))
}

impl Rare {
    /// `None` for the empty literal.
    fn of(text: &[u8], literal: u32) -> Option<Rare> {
        let rarest = text.iter().enumerate().max_by_key(|(_, byte)| RARITY[usize::from(**byte)]);
        rarest.map(|(offset, byte)| Rare { byte: *byte, offset, literal })
    }
}

/// Calls `found` with every place of the text, `STRIDE` apart, whose gram may be sought, and with its hash.
#[inline]
fn shake<const WIDTH: usize, const STRIDE: usize>(sieve: &Sieve, text: &[u8], mut found: impl FnMut(usize, u32)) {
    // The grams that begin in the first four bytes of a word, a bit for each that may be sought.
    let seen = |word: u64| {
        let bit = |offset: usize| sieve.bit(hash::<WIDTH>(word >> (8 * offset))) << offset;
        match STRIDE {
            1 => bit(0) | bit(1) | bit(2) | bit(3),
            2 => bit(0) | bit(2),
            _ => bit(0),
        }
    };
    let mut tell = |at: usize, word: u64, mut bits: u64| {
        while bits != 0 {
            let offset = bits.trailing_zeros() as usize;
            found(at + offset, hash::<WIDTH>(word >> (8 * offset)));
            bits &= bits - 1;
        }
    };
    let step = STRIDE.max(4);
    let mut at = 0;
    while let Some(eight) = text.get(at..).and_then(<[u8]>::first_chunk) {
        let word = u64::from_le_bytes(*eight);
        let bits = seen(word);
        // Hardly ever is there anything in sight.
        if bits != 0 {
            tell(at, word, bits);
        }
        at += step;
    }
    // At the end of the text a word has zeros in it, and fewer places for a gram.
    let last = text.len().saturating_sub(8);
    let word = head(&text[last..]);
    while at + WIDTH <= text.len() {
        let word = word >> (8 * (at - last));
        let places = text.len() + 1 - WIDTH - at;
        tell(at, word, seen(word) & ((1 << places.min(4)) - 1));
        at += step;
    }
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
    // Signs such as ©.
    table[0xC2] = COMMON.len() as u8;
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
            literals in proptest::collection::vec(("[abж–]{1,12}", 1..90u32), 1..40),
            text in "[abж–]{0,90}",
            words in 1..90u32,
        ) {
            let pool = literals.iter().map(|(literal, _)| literal.as_str()).collect();
            let limits: Vec<u32> = literals.iter().map(|(_, limit)| *limit).collect();
            let mut found = Vec::new();
            let may_have_marks = has_marks(text.as_bytes());
            Grams::of(pool, &limits).search(text.as_bytes(), words, may_have_marks, |number| found.push(number));
            for (number, (literal, limit)) in (0..).zip(&literals) {
                let is_found = found.contains(&number);
                prop_assert!(!is_found || text.contains(literal), "{} is not there", literal);
                prop_assert!(is_found || words > *limit || !text.contains(literal), "{} is missed", literal);
            }
        }
    }
}
