//! Runs of words that repeat.
//!
//! A run of n words can only repeat where its first n - 1 words and its last do. So the runs of n words are looked for
//! among those of n - 1 words that repeat, and most texts have none of five: ten lengths cost little more than two. Runs
//! are told apart by numbers, not by hashes that may clash.

use crate::filters::words::Token;

/// The longest run.
const LONGEST: usize = 10;

/// Of runs of how many words the most frequent one counts, and of how many all that stood before.
const TOP: std::ops::RangeInclusive<usize> = 2..=4;

/// No run, or one that stands there once.
const ONCE: u32 = u32::MAX;

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
        let words = numbered(text, tokens);
        let mut runs = words.clone();
        let mut count = forget_single(&mut runs);
        let mut numbers = Numbers::default();
        for length in 2..=LONGEST.min(tokens.len()) {
            runs.truncate(tokens.len() + 1 - length + 1);
            if count > 0 {
                numbers.clear(count);
                for at in 0..=tokens.len() - length {
                    runs[at] = match (runs[at], runs[at + 1]) {
                        (ONCE, _) | (_, ONCE) => ONCE,
                        (run, _) => numbers.of_pair(run, words[at + length - 1]),
                    };
                }
                runs.truncate(tokens.len() + 1 - length);
                count = if TOP.contains(&length) {
                    repetition.chars[length] = top(&runs, tokens, length);
                    forget_single(&mut runs)
                } else {
                    let count = forget_single(&mut runs);
                    repetition.chars[length] = before(&runs, tokens, length);
                    count
                };
            } else if TOP.contains(&length) {
                repetition.chars[length] = spaced(&tokens[..length]);
            }
        }
        repetition
    }
}

/// The characters of the most frequent run times its count; of several, the first.
fn top(runs: &[u32], tokens: &[Token], length: usize) -> usize {
    let mut counts = Vec::new();
    for (at, &run) in runs.iter().enumerate().filter(|(_, run)| **run != ONCE) {
        if run as usize == counts.len() {
            counts.push((0_usize, at));
        }
        counts[run as usize].0 += 1;
    }
    let best = counts.iter().copied().reduce(|best, other| if other.0 > best.0 { other } else { best });
    match best {
        Some((count, at)) if count > 1 => spaced(&tokens[at..at + length]) * count,
        _ => spaced(&tokens[..length]),
    }
}

/// The characters of runs that stood before; runs that overlap one that counts do not.
fn before(runs: &[u32], tokens: &[Token], length: usize) -> usize {
    let kinds = runs.iter().filter(|run| **run != ONCE).max().map_or(0, |last| *last as usize + 1);
    let mut seen = vec![false; kinds];
    let (mut chars, mut at) = (0, 0);
    while at < runs.len() {
        let run = runs[at];
        if run == ONCE {
            at += 1;
        } else if std::mem::replace(&mut seen[run as usize], true) {
            chars += tokens[at..at + length].iter().map(|token| token.chars as usize).sum::<usize>();
            at += length;
        } else {
            at += 1;
        }
    }
    chars
}

fn spaced(tokens: &[Token]) -> usize {
    tokens.iter().map(|token| token.chars as usize).sum::<usize>() + tokens.len() - 1
}

/// Strikes out what stands there once. How many places are left.
fn forget_single(runs: &mut [u32]) -> usize {
    let kinds = runs.iter().filter(|run| **run != ONCE).max().map_or(0, |last| *last as usize + 1);
    let mut is_repeated = vec![0_u8; kinds];
    for &run in runs.iter().filter(|run| **run != ONCE) {
        is_repeated[run as usize] = is_repeated[run as usize].saturating_add(1);
    }
    let mut left = 0;
    for run in runs.iter_mut().filter(|run| **run != ONCE) {
        match is_repeated[*run as usize] > 1 {
            true => left += 1,
            false => *run = ONCE,
        }
    }
    left
}

/// Numbers the words of a text, equal ones alike, in the order of their first places.
fn numbered(text: &str, tokens: &[Token]) -> Vec<u32> {
    let bytes = text.as_bytes();
    let word = |token: &Token| &bytes[token.start as usize..token.end as usize];
    let mut slots = vec![ONCE; (tokens.len() * 2).next_power_of_two().max(16)];
    let mask = slots.len() - 1;
    let mut firsts: Vec<&Token> = Vec::new();
    tokens
        .iter()
        .map(|token| {
            let own = word(token);
            let mut slot = hash_of(own) as usize & mask;
            loop {
                match slots[slot] {
                    ONCE => {
                        slots[slot] = firsts.len() as u32;
                        firsts.push(token);
                        return slots[slot];
                    }
                    number if word(firsts[number as usize]) == own => return number,
                    _ => slot = (slot + 1) & mask,
                }
            }
        })
        .collect()
}

/// Spreads numbers over a table.
const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;

fn hash_of(word: &[u8]) -> u64 {
    let mut hash = word.len() as u64;
    for piece in word.chunks(8) {
        let mut eight = [0; 8];
        eight[..piece.len()].copy_from_slice(piece);
        hash = (hash.rotate_left(5) ^ u64::from_le_bytes(eight)).wrapping_mul(SPREAD);
    }
    hash >> 24
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
        self.slots.resize((most * 2).next_power_of_two(), ONCE);
    }

    fn of_pair(&mut self, one: u32, other: u32) -> u32 {
        let pair = u64::from(one) << 32 | u64::from(other);
        let mask = self.slots.len() - 1;
        let mut slot = (pair.wrapping_mul(SPREAD) >> 24) as usize & mask;
        loop {
            match self.slots[slot] {
                ONCE => {
                    self.slots[slot] = self.pairs.len() as u32;
                    self.pairs.push(pair);
                    return self.slots[slot];
                }
                number if self.pairs[number as usize] == pair => return number,
                _ => slot = (slot + 1) & mask,
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
