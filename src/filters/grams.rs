//! Runs of words that repeat.
//!
//! A run of n words can only repeat where its first n - 1 words and its last do. So the runs of n words are looked for
//! among those of n - 1 words that repeat, of which only the places are kept, and most texts have none of five: ten lengths
//! cost little more than two. Runs are told apart by numbers, not by hashes that may clash.

use crate::filters::words::Token;

/// The longest run.
const LONGEST: usize = 10;

/// Of runs of how many words the most frequent one counts, and of how many all that stood before.
const TOP: std::ops::RangeInclusive<usize> = 2..=4;

/// Characters in runs that repeat, by their length in words.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Repetition {
    /// Of 2 to 4 words: the characters of the most frequent run, spaces between its words included, times its count. Of
    /// 5 to 10: the characters of runs that stood before.
    pub chars: [usize; LONGEST + 1],
}

impl Repetition {
    /// Measures the tokens of a text.
    pub(super) fn of(text: &str, tokens: &[Token]) -> Repetition {
        let mut repetition = Repetition::default();
        let (words, mut counts) = numbered(text, tokens);
        let mut places: Vec<Place> = (0..).zip(&words).map(|(at, &run)| Place { at, run }).collect();
        keep_repeated(&mut places, &counts);
        let mut numbers = Numbers::default();
        for length in 2..=LONGEST.min(tokens.len()) {
            if places.is_empty() {
                if TOP.contains(&length) {
                    repetition.chars[length] = spaced(&tokens[..length]);
                }
                continue;
            }
            numbers.clear(places.len());
            counts.clear();
            let mut found = 0;
            for first in 0..places.len() - 1 {
                let (Place { at, run }, next) = (places[first], places[first + 1]);
                if next.at == at + 1 {
                    let run = numbers.of_pair(run, words[at as usize + length - 1], &mut counts);
                    places[found] = Place { at, run };
                    found += 1;
                }
            }
            places.truncate(found);
            if TOP.contains(&length) {
                repetition.chars[length] = top(&places, &counts, tokens, length);
            }
            keep_repeated(&mut places, &counts);
            if !TOP.contains(&length) {
                repetition.chars[length] = before(&places, counts.len(), tokens, length);
            }
        }
        repetition
    }
}

/// Where a run stands, by its first word, and its number.
#[derive(Debug, Clone, Copy)]
struct Place {
    at: u32,
    run: u32,
}

/// Keeps the places of runs that stand there more than once. Which ones those are cannot be guessed, so that nothing is jumped
/// over.
fn keep_repeated(places: &mut Vec<Place>, counts: &[u32]) {
    let mut kept = 0;
    for at in 0..places.len() {
        let place = places[at];
        places[kept] = place;
        kept += usize::from(counts[place.run as usize] > 1);
    }
    places.truncate(kept);
}

/// The characters of the most frequent run times its count; of several, the first.
fn top(places: &[Place], counts: &[u32], tokens: &[Token], length: usize) -> usize {
    let best = counts.iter().copied().zip(0..).reduce(|best, other| if other.0 > best.0 { other } else { best });
    let of_run = |run: u32| places.iter().find(|place| place.run == run);
    match best.filter(|(count, _)| *count > 1).and_then(|(count, run)| Some((count, of_run(run)?))) {
        Some((count, place)) => spaced(&tokens[place.at as usize..place.at as usize + length]) * count as usize,
        None => spaced(&tokens[..length]),
    }
}

/// The characters of runs that stood before; runs that overlap one that counts do not.
fn before(places: &[Place], kinds: usize, tokens: &[Token], length: usize) -> usize {
    let mut seen = vec![false; kinds];
    let (mut chars, mut from) = (0, 0);
    for &Place { at, run } in places {
        let at = at as usize;
        if at >= from && std::mem::replace(&mut seen[run as usize], true) {
            chars += tokens[at..at + length].iter().map(|token| token.chars as usize).sum::<usize>();
            from = at + length;
        }
    }
    chars
}

fn spaced(tokens: &[Token]) -> usize {
    tokens.iter().map(|token| token.chars as usize).sum::<usize>() + tokens.len() - 1
}

/// A free slot of a table.
const FREE: u32 = u32::MAX;

/// Spreads numbers over a table.
const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;

/// Numbers the words of a text, equal ones alike, in the order of their first places; and how often each stands there.
fn numbered(text: &str, tokens: &[Token]) -> (Vec<u32>, Vec<u32>) {
    struct Known {
        /// Its bytes, where they are no more than eight, else a hash of them.
        key: u64,
        first: u32,
        length: u32,
    }
    let bytes = text.as_bytes();
    let mut slots = vec![FREE; table_size(tokens.len())];
    let mask = slots.len() - 1;
    let mut words = Vec::with_capacity(tokens.len());
    let (mut all, mut counts): (Vec<Known>, Vec<u32>) = (Vec::new(), Vec::new());
    for token in tokens {
        let (start, length) = (token.start as usize, token.end - token.start);
        let key = key_of(bytes, start, length as usize);
        let mut slot = (key ^ u64::from(length)).wrapping_mul(SPREAD) as usize >> 20 & mask;
        let number = loop {
            let number = slots[slot];
            let Some(known) = all.get(number as usize) else {
                slots[slot] = all.len() as u32;
                all.push(Known { key, first: token.start, length });
                counts.push(0);
                break slots[slot];
            };
            let is_same = || {
                let first = known.first as usize;
                bytes[first..first + length as usize] == bytes[start..start + length as usize]
            };
            if known.key == key && known.length == length && (length <= 8 || is_same()) {
                break number;
            }
            slot = (slot + 1) & mask;
        };
        counts[number as usize] += 1;
        words.push(number);
    }
    (words, counts)
}

/// A table with room for so many: at most half of it is taken.
fn table_size(most: usize) -> usize {
    (most * 2).next_power_of_two().max(16)
}

/// The bytes of a word as a number, where they are no more than eight, else a hash of them.
#[inline]
fn key_of(bytes: &[u8], start: usize, length: usize) -> u64 {
    let eight = |at: usize| match bytes.get(at..at + 8).and_then(<[u8]>::first_chunk) {
        Some(eight) => u64::from_le_bytes(*eight),
        // At the end of the text.
        None => bytes[at..].iter().rev().fold(0, |number, &byte| number << 8 | u64::from(byte)),
    };
    if length <= 8 {
        return eight(start) & (u64::MAX >> (64 - 8 * length.max(1)));
    }
    let end = start + length;
    let mut hash = 0u64;
    for at in (start..end - 8).step_by(8) {
        hash = (hash.rotate_left(5) ^ eight(at)).wrapping_mul(SPREAD);
    }
    (hash.rotate_left(5) ^ eight(end - 8)).wrapping_mul(SPREAD)
}

/// Numbers pairs of numbers, equal ones alike, in the order in which they come.
#[derive(Default)]
struct Numbers {
    slots: Vec<u32>,
    pairs: Vec<u64>,
}

impl Numbers {
    /// Makes room for so many pairs at most.
    fn clear(&mut self, most: usize) {
        self.pairs.clear();
        self.slots.clear();
        self.slots.resize(table_size(most), FREE);
    }

    /// The number of a pair, which is counted.
    fn of_pair(&mut self, one: u32, other: u32, counts: &mut Vec<u32>) -> u32 {
        let pair = u64::from(one) << 32 | u64::from(other);
        let mask = self.slots.len() - 1;
        let mut slot = (pair.wrapping_mul(SPREAD) >> 24) as usize & mask;
        loop {
            let number = self.slots[slot];
            match self.pairs.get(number as usize) {
                None => {
                    self.slots[slot] = self.pairs.len() as u32;
                    self.pairs.push(pair);
                    counts.push(1);
                    return self.slots[slot];
                }
                Some(known) if *known == pair => {
                    counts[number as usize] += 1;
                    return number;
                }
                Some(_) => slot = (slot + 1) & mask,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{HashMap, HashSet};

    use proptest::prelude::*;

    use super::*;
    use crate::filters::words::tokens;

    /// The definitions as datatrove has them.
    fn plainly(words: &[&str]) -> Repetition {
        let mut repetition = Repetition::default();
        for length in 2..=LONGEST.min(words.len()) {
            if TOP.contains(&length) {
                let mut counts: HashMap<String, (usize, usize)> = HashMap::new();
                for (at, run) in words.windows(length).enumerate() {
                    counts.entry(run.join(" ")).or_insert((0, at)).0 += 1;
                }
                let best = counts.iter().max_by_key(|(_, (count, at))| (*count, std::cmp::Reverse(*at))).unwrap();
                repetition.chars[length] = best.0.chars().count() * best.1.0;
                continue;
            }
            let (mut seen, mut at) = (HashSet::new(), 0);
            while at + length <= words.len() {
                let run = words[at..at + length].join("\0");
                if seen.contains(&run) {
                    repetition.chars[length] += run.chars().count() - (length - 1);
                    at += length;
                } else {
                    seen.insert(run);
                    at += 1;
                }
            }
        }
        repetition
    }

    proptest! {
        #[test]
        fn runs_are_counted_as_they_are_defined(words in prop::collection::vec("[a-c]|the|otter", 0..120)) {
            let text = words.join(" ");
            let words: Vec<&str> = text.split_whitespace().collect();
            prop_assert_eq!(Repetition::of(&text, &tokens(&text)), plainly(&words));
        }
    }
}
