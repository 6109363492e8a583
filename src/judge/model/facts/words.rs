//! The words of a line as hashes.

use super::kinds::{Kinds, low_bits};

/// The hash of a number, whatever its digits.
pub const NUMBER: u32 = 0x4E55_4D42;
pub(super) const HASH: u32 = 0x9E37_79B1;

/// Appends the hashes of a folded line's words. Numbers hash alike; where a script writes no spaces, each pair of
/// neighbouring characters counts as a word.
pub fn hash_words(folded: &str, words: &mut Vec<u32>) {
    match folded.is_ascii() {
        true => hash_ascii_words(folded.as_bytes(), words),
        false => hash_any_words(folded, words),
    }
}

/// Words are runs of bits in a mask of 64 bytes.
fn hash_ascii_words(bytes: &[u8], words: &mut Vec<u32>) {
    // Where the word began that reaches to the end of the window, and whether it has letters.
    let mut open: Option<(usize, bool)> = None;
    for window in (0..bytes.len()).step_by(64) {
        let Kinds { lower: letters, digits, .. } = Kinds::of(&bytes[window..]);
        let mut solid = letters | digits;
        if let Some((start, has_letters)) = open {
            let length = solid.trailing_ones();
            let has_letters = has_letters || letters & low_bits(length) != 0;
            if length == 64 {
                open = Some((start, has_letters));
                continue;
            }
            words.push(hash_word(bytes, start, window + length as usize, has_letters));
            solid &= !low_bits(length);
            open = None;
        }
        while solid != 0 {
            let start = solid.trailing_zeros();
            let length = (solid >> start).trailing_ones();
            let run = low_bits(length) << start;
            let has_letters = letters & run != 0;
            if start + length == 64 {
                open = Some((window + start as usize, has_letters));
                break;
            }
            let start = window + start as usize;
            words.push(hash_word(bytes, start, start + length as usize, has_letters));
            solid &= !run;
        }
    }
    if let Some((start, has_letters)) = open {
        words.push(hash_word(bytes, start, bytes.len(), has_letters));
    }
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

#[inline]
fn hash_word(bytes: &[u8], start: usize, end: usize, has_letters: bool) -> u32 {
    if has_letters { hash_bytes(bytes, start, end) } else { NUMBER }
}

/// The hash of a word, eight bytes at a time.
#[inline]
pub(in super::super) fn hash_bytes(bytes: &[u8], start: usize, end: usize) -> u32 {
    let (mut hash, mut at) = (0, start);
    while at < end {
        let length = (end - at).min(8);
        let eight = match bytes.get(at..at + 8) {
            Some(eight) => u64::from_le_bytes(eight.try_into().unwrap_or_default()),
            None => bytes[at..end].iter().rev().fold(0, |eight, &byte| eight << 8 | u64::from(byte)),
        };
        let eight = eight & u64::MAX >> (64 - 8 * length);
        hash = (hash ^ eight).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        hash ^= hash >> 32;
        at += length;
    }
    hash_of(hash)
}

#[inline]
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
        0x80..=0xBF | 0xD7 | 0xF7 | 0x60C | 0x61B | 0x61F | 0x6D4 | 0x964 | 0x965 => Kind::Other,
        0xC0..=0xDFF => Kind::Letter,
        0xE00..=0xEFF | 0x1000..=0x109F | 0x1780..=0x17FF => Kind::Unspaced,
        0x2000..=0x2E7F | 0x3000..=0x303F | 0xFE00..=0xFE6F | 0xFF00..=0xFF0F | 0xFF1A..=0xFF20 | 0xFF3B..=0xFF40 => {
            Kind::Other
        }
        0xFF5B..=0xFF65 | 0xE000..=0xF8FF | 0x1F000..=0x1FAFF => Kind::Other,
        0x3040..=0x9FFF | 0xF900..=0xFAFF | 0x20000..=0x3FFFF => Kind::Unspaced,
        _ => Kind::Letter,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<u32> {
        let mut words = Vec::new();
        hash_words(text, &mut words);
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
    fn plain_lines_are_read_like_any_others() {
        let long = "a ferry, 12 miles out-of-reach; incomprehensibilities and floccinaucinihilipilification ".repeat(4);
        for cut in 0..long.len() {
            let (mut plain, mut any) = (Vec::new(), Vec::new());
            hash_ascii_words(&long.as_bytes()[cut..], &mut plain);
            hash_any_words(&long[cut..], &mut any);
            assert_eq!(plain, any, "{}", &long[cut..]);
        }
    }
}
