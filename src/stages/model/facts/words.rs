//! The words of a line as hashes.

use std::ops::Range;

use super::kinds::{Kinds, low_bits};

/// The hash of a number, whatever its digits.
pub const NUMBER: u32 = 0x4E55_4D42;
pub(super) const HASH: u32 = 0x9E37_79B1;

/// Appends the hashes of the words of the folded line that stands at `line` in a text. Numbers hash alike; where a
/// script writes no spaces, each pair of neighbouring characters counts as a word.
#[inline(always)]
pub fn hash_words(folded: &str, line: Range<usize>, words: &mut Vec<u32>) {
    let before = words.len();
    if !hash_spaced_words(folded, line.clone(), words) {
        words.truncate(before);
        hash_any_words(&folded[line], words);
    }
}

/// Words are runs of bits in a mask of 64 bytes. Stops and says no where a script writes no spaces.
#[inline(always)]
fn hash_spaced_words(folded: &str, line: Range<usize>, words: &mut Vec<u32>) -> bool {
    let bytes = folded.as_bytes();
    // Where the word began that reaches to the end of what was read, and whether it has letters.
    let mut open: Option<(usize, bool)> = None;
    let mut at = line.start;
    while at < line.end {
        let kinds = Kinds::of(folded, at, line.end);
        let mut letters = kinds.lower;
        let mut foreign = kinds.foreign;
        while foreign != 0 {
            let place = foreign.trailing_zeros();
            let c = folded[at + place as usize..].chars().next().unwrap_or_default();
            let character = low_bits(c.len_utf8() as u32) << place;
            match kind_of(c) {
                Kind::Letter => letters |= character,
                Kind::Unspaced => return false,
                Kind::Other => {}
            }
            foreign &= !character;
        }
        let mut solid = letters | kinds.digits;
        if let Some((start, has_letters)) = open {
            let length = solid.trailing_ones().min(kinds.len as u32);
            let has_letters = has_letters || letters & low_bits(length) != 0;
            if length == kinds.len as u32 {
                open = Some((start, has_letters));
                at += kinds.len;
                continue;
            }
            words.push(hash_word(bytes, start, at + length as usize, has_letters));
            solid &= !low_bits(length);
            open = None;
        }
        while solid != 0 {
            let start = solid.trailing_zeros();
            let length = (solid >> start).trailing_ones();
            let run = low_bits(length) << start;
            let has_letters = letters & run != 0;
            let from = at + start as usize;
            if start + length == kinds.len as u32 {
                open = Some((from, has_letters));
                break;
            }
            words.push(hash_word(bytes, from, from + length as usize, has_letters));
            solid &= !run;
        }
        at += kinds.len;
    }
    if let Some((start, has_letters)) = open {
        words.push(hash_word(bytes, start, line.end, has_letters));
    }
    true
}

fn hash_any_words(folded: &str, words: &mut Vec<u32>) {
    let bytes = folded.as_bytes();
    let mut unspaced_before = None;
    let mut word: Option<(usize, bool)> = None;
    for (at, c) in folded.char_indices() {
        let (kind, is_letter) = match c {
            'a'..='z' => (Kind::Letter, true),
            '0'..='9' => (Kind::Letter, false),
            '\0'..='\x7F' => (Kind::Other, false),
            c => (kind_of(c), true),
        };
        if kind == Kind::Letter {
            let (start, has_letters) = word.unwrap_or((at, false));
            word = Some((start, has_letters || is_letter));
            unspaced_before = None;
            continue;
        }
        if let Some((start, has_letters)) = word.take() {
            words.push(hash_word(bytes, start, at, has_letters));
        }
        let now = (kind == Kind::Unspaced).then_some(c as u32);
        if let (Some(before), Some(now)) = (unspaced_before, now) {
            words.push(hash_of(u64::from(before) << 32 | u64::from(now)));
        }
        unspaced_before = now;
    }
    if let Some((start, has_letters)) = word {
        words.push(hash_word(bytes, start, bytes.len(), has_letters));
    }
}

#[inline(always)]
fn hash_word(bytes: &[u8], start: usize, end: usize, has_letters: bool) -> u32 {
    if has_letters { hash_bytes(bytes, start, end) } else { NUMBER }
}

/// The hash of a word, eight bytes at a time.
#[inline(always)]
pub(in super::super) fn hash_bytes(bytes: &[u8], start: usize, end: usize) -> u32 {
    // Most words are so short that eight bytes hold them.
    if (1..=8).contains(&(end - start))
        && let Some(eight) = bytes.get(start..).and_then(<[u8]>::first_chunk)
    {
        let eight = u64::from_le_bytes(*eight) & u64::MAX >> (64 - 8 * (end - start));
        return hash_of(mix(0, eight));
    }
    hash_long(bytes, start, end)
}

fn hash_long(bytes: &[u8], start: usize, end: usize) -> u32 {
    let (mut hash, mut at) = (0, start);
    while at < end {
        let length = (end - at).min(8);
        let eight = match bytes.get(at..at + 8) {
            Some(eight) => u64::from_le_bytes(eight.try_into().unwrap_or_default()),
            None => bytes[at..end].iter().rev().fold(0, |eight, &byte| eight << 8 | u64::from(byte)),
        };
        let eight = eight & u64::MAX >> (64 - 8 * length);
        hash = mix(hash, eight);
        at += length;
    }
    hash_of(hash)
}

/// Eight bytes more in a hash.
#[inline(always)]
fn mix(hash: u64, eight: u64) -> u64 {
    let hash = (hash ^ eight).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    hash ^ hash >> 32
}

#[inline(always)]
fn hash_of(word: u64) -> u32 {
    let hash = word.wrapping_mul(0xD6E8_FEB8_6659_FD93);
    (hash >> 32) as u32
}

#[derive(PartialEq, Eq)]
enum Kind {
    Letter,
    Unspaced,
    Other,
}

fn kind_of(c: char) -> Kind {
    match c as u32 {
        0xAA | 0xB5 | 0xBA => Kind::Letter,
        0x80..=0xBF | 0xD7 | 0xF7 | 0x55D | 0x589 | 0x60C | 0x61B | 0x61F | 0x6D4 | 0x964 | 0x965 => Kind::Other,
        0xF0B..=0xF14 | 0x104A..=0x104F | 0x1361..=0x1368 | 0x17D4..=0x17DA => Kind::Other,
        0xC0..=0xDFF => Kind::Letter,
        0xE00..=0x109F | 0x1780..=0x17FF | 0x1950..=0x19DF | 0x1A20..=0x1AAF | 0x1B00..=0x1B7F => Kind::Unspaced,
        0xA980..=0xAADF => Kind::Unspaced,
        0x2000..=0x2E7F | 0x3000..=0x303F | 0xFE00..=0xFE6F | 0xFF00..=0xFF0F | 0xFF1A..=0xFF20 | 0xFF3B..=0xFF40 => {
            Kind::Other
        }
        0xFF5B..=0xFF65 | 0xE000..=0xF8FF | 0x1F000..=0x1FAFF => Kind::Other,
        0x3040..=0xA4CF | 0xF900..=0xFAFF | 0x20000..=0x3FFFF => Kind::Unspaced,
        _ => Kind::Letter,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<u32> {
        let mut words = Vec::new();
        hash_words(text, 0..text.len(), &mut words);
        words
    }

    #[test]
    fn words_are_told_apart_in_every_script_and_numbers_are_alike() {
        for (text, count) in [
            ("read more", 2),
            ("don't", 2),
            ("naïve café", 2),
            ("читать далее…", 2),
            ("اقرأ، أيضا", 2),
            ("首页", 1),
            ("老茶馆", 2),
            ("東京 タワー", 3),
            ("ข่าว", 3),
            ("མི་རྣམས།", 4),
            ("ዜና፣ ስፖርት።", 2),
            ("12,500 km", 3),
            ("• →", 0),
        ] {
            assert_eq!(words(text).len(), count, "{text}");
        }
        assert_eq!(words("page 3"), words("page 12"));
        assert_ne!(words("straightforwardly"), words("straightforwardness"));
        assert_eq!(words("x straightforward"), [words("x"), words("straightforward")].concat());
    }

    #[test]
    fn words_are_runs_of_bits_in_every_line() {
        let long =
            "a ferry, 12 miles out-of-reach; unverständliche страница und floccinaucinihilipilification… ".repeat(4);
        for (start, _) in long.char_indices() {
            for end in [long.len(), long.floor_char_boundary(start + 100)] {
                let (mut runs, mut one_by_one) = (Vec::new(), Vec::new());
                assert!(hash_spaced_words(&long, start..end, &mut runs));
                hash_any_words(&long[start..end], &mut one_by_one);
                assert_eq!(runs, one_by_one, "{}", &long[start..end]);
            }
        }
    }
}
