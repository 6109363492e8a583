//! Finds, in one pass, the places of a text that may need mending. What it points at is only suspected.
//!
//! Every character has a class: whether it deserves a look alone, whether beside a mark, and whether it
//! can be the first or a later byte of a UTF-8 sequence read in each of the charsets that mojibake
//! comes from.

use std::sync::LazyLock;

use icu_normalizer::ComposingNormalizerBorrowed;
use icu_normalizer::properties::{CanonicalCombiningClassMapBorrowed, CanonicalDecompositionBorrowed, Decomposed};

use super::{controls, invisibles, ligatures, mojibake};

/// The next place at or after `from` that may need mending: a character that deserves a look, or the
/// last of a few that deserve one together.
pub fn next_suspect(text: &str, from: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let table: &[u32] = &TABLE;
    let mut at = from;
    let mut last = Seen::default();
    let mut before_last = Seen::default();
    loop {
        while let Some(block) = bytes.get(at..at + BLOCK)
            && last.class & BEFORE_SPACE == 0
            && is_plain(block)
        {
            at += BLOCK;
            last = Seen { c: char::from(block[BLOCK - 1]), class: 0 };
        }
        if at >= bytes.len() {
            return None;
        }
        let stop = bytes.len().min(at + BLOCK);
        while at < stop {
            let byte = bytes[at];
            if byte < 0x80 {
                if ODD_ASCII[usize::from(byte)] && (byte != b'&' || may_be_reference(&bytes[at..]))
                    || byte == b' ' && last.class & BEFORE_SPACE != 0 && may_be_cut(last, before_last)
                {
                    return Some(at);
                }
                (before_last, last) = (last, Seen { c: char::from(byte), class: 0 });
                at += 1;
                continue;
            }
            let c = text[at..].chars().next()?;
            let class = table.get(c as usize).copied().unwrap_or_else(|| class_above(c));
            if class & ODD != 0 || class & last.class & MARK != 0 {
                return Some(at);
            }
            let seen = Seen { c, class };
            if sequences(before_last, last, seen) != 0 {
                return Some(at);
            }
            (before_last, last) = (last, seen);
            at += c.len_utf8();
        }
    }
}

/// The charsets, told by bits, in which some of these characters could be a sequence of UTF-8.
pub fn charsets_suspected(chars: &[char]) -> u32 {
    let table: &[u32] = &TABLE;
    let mut suspected = 0;
    let mut last = Seen::default();
    let mut before_last = Seen::default();
    for &c in chars {
        let class = match c {
            '\0'..='\x7F' => 0,
            _ => table.get(c as usize).copied().unwrap_or_else(|| class_above(c)),
        };
        let seen = Seen { c, class };
        suspected |= match c {
            ' ' if last.class & BEFORE_SPACE != 0 && may_be_cut(last, before_last) => last.class >> FIRST & CHARSETS,
            _ => sequences(before_last, last, seen),
        };
        (before_last, last) = (last, seen);
    }
    suspected
}

/// The charsets in which the last two of these characters, or all three, could be of a sequence.
#[inline]
fn sequences(before_last: Seen, last: Seen, seen: Seen) -> u32 {
    let later = seen.class >> LATER;
    if later == 0 || last.class >> FIRST == 0 {
        return 0;
    }
    let of_two = later & last.class >> FIRST & CHARSETS;
    let of_more = later & last.class >> LATER & before_last.class >> FIRST_OF_MORE & CHARSETS;
    of_more | if of_two == 0 { 0 } else { mojibake::plausible(last.c, seen.c, of_two) }
}

/// Whether the space after a character may have been the second byte of a sequence: what may well end a
/// word does so only inside a word of ASCII letters.
fn may_be_cut(last: Seen, before_last: Seen) -> bool {
    !mojibake::LEADS_WITHIN_WORD.contains(&last.c) || before_last.c.is_ascii_lowercase()
}

/// A character that was passed, and its class.
#[derive(Clone, Copy, Default)]
struct Seen {
    c: char,
    class: u32,
}

/// Bytes that are looked at together while they are plain ASCII.
const BLOCK: usize = 32;

fn is_plain(block: &[u8]) -> bool {
    block.iter().fold(true, |plain, &byte| plain & ((0x20..0x7F).contains(&byte) | (byte == b'\n')) & (byte != b'&'))
}

/// ASCII that deserves a look: controls, and what starts a reference.
static ODD_ASCII: [bool; 128] = {
    let mut odd = [false; 128];
    let mut byte = 0;
    while byte < 128 {
        odd[byte] = byte < 0x20 && !matches!(byte as u8, b'\t' | b'\n' | 0x0B | 0x0C) || byte == 0x7F || byte == 0x26;
        byte += 1;
    }
    odd
};

fn may_be_reference(bytes: &[u8]) -> bool {
    bytes.get(1).is_some_and(|&next| next == b'#' || next.is_ascii_alphabetic())
        && bytes.iter().take(34).any(|&byte| byte == b';')
}

/// Deserves a look alone.
const ODD: u32 = 1;
/// A mark that is put on letters, of which two together may stand in the wrong order.
const MARK: u32 = 2;
/// The first byte of a sequence, in some charset, that often lost its second to a space.
const BEFORE_SPACE: u32 = 4;

/// From this bit on: the charsets in which it is the first byte of a sequence of two.
const FIRST: u32 = 8;
/// From this bit on: those in which it is the first of three or four.
const FIRST_OF_MORE: u32 = 16;
/// From this bit on: those in which it is a later byte of a sequence.
const LATER: u32 = 24;
/// How many bits the charsets have; those beyond share the last.
const CHARSETS: u32 = 0xFF;

/// Characters below this have an entry in the table.
const TABLE_END: u32 = 0x3100;

static TABLE: LazyLock<Vec<u32>> = LazyLock::new(|| {
    let composer = ComposingNormalizerBorrowed::new_nfc();
    let marks = CanonicalCombiningClassMapBorrowed::new();
    let parts = CanonicalDecompositionBorrowed::new();
    let mut table = vec![0; TABLE_END as usize];
    let mut buffer = [0; 4];
    for c in (0x80..TABLE_END).filter_map(char::from_u32) {
        let text: &str = c.encode_utf8(&mut buffer);
        if is_odd(c) || !composer.is_normalized(text) {
            table[c as usize] |= ODD;
        }
        if marks.get_u8(c) != 0 {
            table[c as usize] |= MARK;
        }
        if let Decomposed::Expansion(_, second) = parts.decompose(c)
            && let Some(class) = table.get_mut(second as usize)
        {
            *class |= ODD;
        }
    }
    for (number, charset) in mojibake::charsets().iter().enumerate() {
        for &(c, byte) in charset.bytes() {
            let Some(class) = table.get_mut(c as usize) else { continue };
            let bit = mojibake::bit_of(number);
            match byte {
                0x80..0xC0 => *class |= bit << LATER,
                0xC2..0xE0 => *class |= bit << FIRST,
                0xE0..0xF5 => *class |= bit << FIRST_OF_MORE,
                _ => {}
            }
        }
    }
    for &c in mojibake::LEADS_BEFORE_SPACE.iter().chain(mojibake::LEADS_WITHIN_WORD) {
        table[c as usize] |= BEFORE_SPACE;
    }
    table
});

/// The class of a character beyond the table: scripts there hold few characters that are not in
/// normal form, in blocks of their own.
fn class_above(c: char) -> u32 {
    let composed_of_parts = matches!(c,
        '\u{F900}'..='\u{FAFF}' | '\u{FB1D}'..='\u{FB4F}' | '\u{11000}'..='\u{11FFF}' | '\u{16000}'..='\u{16FFF}'
        | '\u{1D100}'..='\u{1D1FF}' | '\u{1E000}'..='\u{1E2FF}' | '\u{1E800}'..='\u{1E9FF}' | '\u{2F800}'..='\u{2FA1F}'
        | '\u{A8E0}'..='\u{A8F1}' | '\u{AAB0}'..='\u{AAF6}' | '\u{10A00}'..='\u{10AFF}' | '\u{FE20}'..='\u{FE2F}');
    match c {
        _ if composed_of_parts || is_odd(c) => ODD,
        char::REPLACEMENT_CHARACTER => CHARSETS << LATER,
        _ => 0,
    }
}

fn is_odd(c: char) -> bool {
    controls::is_odd(c) || invisibles::is_invisible(c) || ligatures::is_ligature(c)
}
