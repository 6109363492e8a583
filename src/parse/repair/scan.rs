//! Finds, in one pass, the places of a text that may need mending. What it points at is only suspected.
//!
//! Every character has a class: whether it deserves a look alone, whether beside a mark, and whether it
//! can be the first or a later byte of a UTF-8 sequence read in each of the charsets that mojibake
//! comes from.

use std::ops::ControlFlow;

use super::{Repair, controls, invisibles, ligatures, mojibake};

/// The next place at or after `from` that may need mending: a character that deserves a look, or the
/// last of a few that deserve one together.
pub(super) fn next_suspect(text: &str, from: usize) -> Option<usize> {
    suspects(text, from, |at, _| ControlFlow::Break(at)).break_value()
}

/// What a line is suspected of.
pub(super) fn suspicion(line: &str) -> Suspicion {
    let mut all = Suspicion::default();
    let all_places = suspects(line, 0, |_, here| {
        all.classes |= here.classes;
        all.charsets |= here.charsets;
        ControlFlow::<()>::Continue(())
    });
    debug_assert!(all_places.is_continue());
    all
}

/// What a line, or a place in it, is suspected of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Suspicion {
    /// Why it deserves a look, [`ODD`] told by bits.
    classes: u32,
    /// The charsets, told by bits, in which some of its characters could be a sequence of UTF-8.
    pub charsets: u32,
}

impl Suspicion {
    /// Whether a repair may find something to mend.
    pub(super) fn is_of(self, repair: Repair) -> bool {
        match repair {
            Repair::LineEnds => true,
            Repair::References => self.classes & REFERENCE != 0,
            Repair::Mojibake => self.charsets != 0,
            Repair::C1 => self.classes & C1 != 0,
            Repair::Controls => self.classes & (CONTROL | C1) != 0,
            Repair::Invisibles => self.classes & INVISIBLE != 0,
            Repair::Ligatures => self.classes & LIGATURE != 0,
            Repair::Nfc => self.classes & APART != 0,
        }
    }
}

/// Shows every suspected place at or after `from`, until that breaks off.
#[inline(always)]
fn suspects<B>(text: &str, from: usize, mut show: impl FnMut(usize, Suspicion) -> ControlFlow<B>) -> ControlFlow<B> {
    let bytes = text.as_bytes();
    let table = TABLE;
    let mut at = from;
    let mut last = Seen::default();
    let mut before_last = Seen::default();
    while let Some(&byte) = bytes.get(at) {
        let mut here = Suspicion::default();
        let seen;
        if byte.is_ascii() {
            // Where ASCII follows ASCII, only what deserves a look alone is of interest.
            let goes_on = bytes.get(at + 1).is_some_and(u8::is_ascii);
            let plain = if last.class == 0 && goes_on { plain_ascii(&bytes[at..]) } else { 0 };
            if plain > 0 {
                at += plain;
                last = Seen { c: char::from(bytes[at - 1]), class: 0 };
                continue;
            }
            if byte == b' ' && last.class & BEFORE_SPACE != 0 && may_be_cut(last, before_last) {
                here.charsets = last.class >> FIRST & CHARSETS;
            }
            here.classes = match ODD_ASCII[usize::from(byte)] {
                REFERENCE if !may_be_reference(&bytes[at..]) => 0,
                class => class,
            };
            seen = Seen { c: char::from(byte), class: 0 };
        } else {
            let Some(c) = text[at..].chars().next() else { break };
            seen = Seen {
                c,
                class: table.get(c as usize).map_or_else(|| class_above(c), |class| u32::from_le_bytes(*class)),
            };
            here.classes = seen.class & ODD | if seen.class & last.class & MARK != 0 { APART } else { 0 };
            here.charsets = sequences(before_last, last, seen);
        }
        if here.classes | here.charsets != 0 {
            show(at, here)?;
        }
        at += seen.c.len_utf8();
        (before_last, last) = (last, seen);
    }
    ControlFlow::Continue(())
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

/// How many bytes of ASCII that deserve no look these begin with; of the last few of a text it may be fewer.
fn plain_ascii(bytes: &[u8]) -> usize {
    let mut at = BLOCK
        * bytes
            .as_chunks::<BLOCK>()
            .0
            .iter()
            .take_while(|block| block.iter().fold(true, |plain, &byte| plain & !is_odd(byte)))
            .count();
    for half in bytes[at..].as_chunks::<{ BLOCK / 2 }>().0 {
        let odd = u128::from_le_bytes(half.map(|byte| if is_odd(byte) { u8::MAX } else { 0 }));
        if odd != 0 {
            return at + odd.trailing_zeros() as usize / 8;
        }
        at += half.len();
    }
    at
}

/// Whether a byte is beyond ASCII, or deserves a look.
fn is_odd(byte: u8) -> bool {
    // One more than the last control is the space, and one more than the last of ASCII is negative.
    let is_visible = byte.wrapping_add(1).cast_signed() > 0x20;
    !(is_visible | (byte == b'\n') | (byte == b'\t')) | (byte == b'&')
}

/// Why ASCII deserves a look: controls, and what starts a reference.
static ODD_ASCII: [u32; 128] = {
    let mut odd = [0; 128];
    let mut byte = 0;
    while byte < 0x20 {
        odd[byte] = if matches!(byte as u8, b'\t' | b'\n' | 0x0B | 0x0C) { 0 } else { CONTROL };
        byte += 1;
    }
    odd[0x7F] = CONTROL;
    odd[b'&' as usize] = REFERENCE;
    odd
};

fn may_be_reference(bytes: &[u8]) -> bool {
    bytes.get(1).is_some_and(|&next| next == b'#' || next.is_ascii_alphabetic())
        && bytes.iter().take(34).any(|&byte| byte == b';')
}

/// A control, other than those of C1.
const CONTROL: u32 = 1;
/// A control that may have been a sign of windows-1252.
const C1: u32 = 2;
/// What may start a character reference.
const REFERENCE: u32 = 4;
/// A character without width.
const INVISIBLE: u32 = 8;
/// A ligature of Latin letters.
const LIGATURE: u32 = 16;
/// Is not composed, or may compose with the character before it.
const APART: u32 = 32;
/// Whatever deserves a look alone.
const ODD: u32 = CONTROL | C1 | REFERENCE | INVISIBLE | LIGATURE | APART;
/// A mark that is put on letters, of which two together may stand in the wrong order.
const MARK: u32 = 64;
/// The first byte of a sequence, in some charset, that often lost its second to a space.
const BEFORE_SPACE: u32 = 128;

/// From this bit on: the charsets in which it is the first byte of a sequence of two.
const FIRST: u32 = 8;
/// From this bit on: those in which it is the first of three or four.
const FIRST_OF_MORE: u32 = 16;
/// From this bit on: those in which it is a later byte of a sequence.
const LATER: u32 = 24;
/// How many bits the charsets have; some share one.
const CHARSETS: u32 = 0xFF;

/// The classes of the first characters, little-endian, as `BLESS=1 cargo test --lib repair::scan` writes them down: to work them
/// out takes longer than to clean a page.
static TABLE: &[[u8; 4]] = include_bytes!("../../../rules/tables/characters.bin").as_slice().as_chunks().0;

/// The class of a character beyond the table: scripts there hold few characters that are not in
/// normal form, in blocks of their own.
fn class_above(c: char) -> u32 {
    let composed_of_parts = matches!(c,
        '\u{F900}'..='\u{FAFF}' | '\u{FB1D}'..='\u{FB4F}' | '\u{11000}'..='\u{11FFF}' | '\u{16000}'..='\u{16FFF}'
        | '\u{1D100}'..='\u{1D1FF}' | '\u{1E000}'..='\u{1E2FF}' | '\u{1E800}'..='\u{1E9FF}' | '\u{2F800}'..='\u{2FA1F}'
        | '\u{A8E0}'..='\u{A8F1}' | '\u{AAB0}'..='\u{AAF6}' | '\u{10A00}'..='\u{10AFF}' | '\u{FE20}'..='\u{FE2F}');
    let parts = if composed_of_parts { APART } else { 0 };
    let later = if c == char::REPLACEMENT_CHARACTER { CHARSETS << LATER } else { 0 };
    odd_class(c) | parts | later
}

/// A line end of old, or an ellipsis.
const NEL: char = '\u{85}';

fn odd_class(c: char) -> u32 {
    let bit = |is: bool, bit: u32| if is { bit } else { 0 };
    bit(controls::is_odd(c) || c == NEL, if matches!(c, '\u{80}'..='\u{9F}') { C1 } else { CONTROL })
        | bit(invisibles::is_invisible(c), INVISIBLE)
        | bit(ligatures::is_ligature(c), LIGATURE)
}

#[cfg(test)]
mod tests {
    use icu_normalizer::ComposingNormalizerBorrowed;
    use icu_normalizer::properties::{CanonicalCombiningClassMapBorrowed, CanonicalDecompositionBorrowed, Decomposed};

    use super::*;
    use crate::rules::hold_table;

    /// Characters below this have an entry in the table.
    const TABLE_END: u32 = 0x3100;

    fn worked_out() -> Vec<u32> {
        let composer = ComposingNormalizerBorrowed::new_nfc();
        let marks = CanonicalCombiningClassMapBorrowed::new();
        let parts = CanonicalDecompositionBorrowed::new();
        let mut table = vec![0u32; TABLE_END as usize];
        let mut buffer = [0; 4];
        for c in (0x80..TABLE_END).filter_map(char::from_u32) {
            let text: &str = c.encode_utf8(&mut buffer);
            table[c as usize] |= odd_class(c) | if composer.is_normalized(text) { 0 } else { APART };
            if marks.get_u8(c) != 0 {
                table[c as usize] |= MARK;
            }
            if let Decomposed::Expansion(_, second) = parts.decompose(c)
                && let Some(class) = table.get_mut(second as usize)
            {
                *class |= APART;
            }
        }
        for charset in mojibake::charsets() {
            for &(c, byte) in charset.bytes() {
                let Some(class) = table.get_mut(c as usize) else { continue };
                let bit = charset.bit;
                match byte {
                    0x80..0xC0 if charset.is_telling(c) => *class |= bit << LATER,
                    0xC2..0xE0 if charset.is_telling_first(byte) => *class |= bit << FIRST,
                    0xE0..0xF5 if charset.name != "IBM866" => *class |= bit << FIRST_OF_MORE,
                    _ => {}
                }
            }
        }
        // `â€` is a whole sequence where its last byte was dropped.
        // So is `ï¬`, of which the ligature `ﬁ` is left.
        for c in ['â', 'ï'] {
            table[c as usize] |= (table[c as usize] >> FIRST_OF_MORE & CHARSETS) << FIRST;
        }
        for &c in mojibake::LEADS_BEFORE_SPACE.iter().chain(mojibake::LEADS_WITHIN_WORD) {
            table[c as usize] |= BEFORE_SPACE;
        }
        table
    }

    /// `BLESS=1 cargo test` writes them down anew.
    #[test]
    fn the_classes_of_characters_are_written_down() {
        let bytes: Vec<u8> = worked_out().into_iter().flat_map(u32::to_le_bytes).collect();
        hold_table("characters.bin", &bytes);
        assert_eq!(TABLE.len(), TABLE_END as usize);
    }
}
