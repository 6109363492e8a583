//! Finds, in one pass, the places of a text that may need mending. What it points at is only suspected.
//!
//! Every character has a class: whether it deserves a look alone, whether beside a mark, and whether it
//! can be the first or a later byte of a UTF-8 sequence read in each of the charsets that mojibake
//! comes from.

use std::sync::LazyLock;

use icu_normalizer::ComposingNormalizerBorrowed;
use icu_normalizer::properties::{CanonicalCombiningClassMapBorrowed, CanonicalDecompositionBorrowed, Decomposed};

use super::{controls, invisibles, ligatures};

/// The next place at or after `from` that may need mending: a character that deserves a look, or the
/// last of a few that deserve one together.
pub fn next_suspect(text: &str, from: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let table: &[u8] = &TABLE;
    let mut at = from;
    let mut last = 0;
    loop {
        while let Some(block) = bytes.get(at..at + BLOCK)
            && is_plain(block)
        {
            at += BLOCK;
            last = 0;
        }
        if at >= bytes.len() {
            return None;
        }
        let stop = bytes.len().min(at + BLOCK);
        while at < stop {
            let byte = bytes[at];
            if byte < 0x80 {
                if ODD_ASCII[usize::from(byte)] && (byte != b'&' || may_be_reference(&bytes[at..])) {
                    return Some(at);
                }
                last = 0;
                at += 1;
                continue;
            }
            let Some(c) = text[at..].chars().next() else { return None };
            let class = table.get(c as usize).copied().unwrap_or_else(|| class_above(c));
            if class & ODD != 0 || class & last & MARK != 0 {
                return Some(at);
            }
            last = class;
            at += c.len_utf8();
        }
    }
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
const ODD: u8 = 1;
/// A mark that is put on letters, of which two together may stand in the wrong order.
const MARK: u8 = 2;

/// Characters below this have an entry in the table.
const TABLE_END: u32 = 0x3100;

static TABLE: LazyLock<Vec<u8>> = LazyLock::new(|| {
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
    table
});

/// The class of a character beyond the table: scripts there hold few characters that are not in
/// normal form, in blocks of their own.
fn class_above(c: char) -> u8 {
    let composed_of_parts = matches!(c,
        '\u{F900}'..='\u{FAFF}' | '\u{FB1D}'..='\u{FB4F}' | '\u{11000}'..='\u{11FFF}' | '\u{16000}'..='\u{16FFF}'
        | '\u{1D100}'..='\u{1D1FF}' | '\u{1E000}'..='\u{1E2FF}' | '\u{1E800}'..='\u{1E9FF}' | '\u{2F800}'..='\u{2FA1F}'
        | '\u{A8E0}'..='\u{A8F1}' | '\u{AAB0}'..='\u{AAF6}' | '\u{10A00}'..='\u{10AFF}' | '\u{FE20}'..='\u{FE2F}');
    if composed_of_parts || is_odd(c) { ODD } else { 0 }
}

fn is_odd(c: char) -> bool {
    controls::is_odd(c) || invisibles::is_invisible(c) || ligatures::is_ligature(c)
}
