//! Eight bytes of ASCII at once: which of them are letters, digits and spaces, and where words begin.
//!
//! All is arithmetic on a number of eight bytes, a one in the place of each byte that is something. What a line's
//! facts are is for [`super`] to say.

use super::Line;

/// A byte of one in each of eight places.
const ONES: u64 = 0x0101_0101_0101_0101;
/// The upper bit in each of eight places, which ASCII has not.
const HIGH: u64 = 0x80 * ONES;

/// Eight bytes of ASCII, and which of them are what: a one in the place of each that is.
pub(super) struct Eight {
    bytes: u64,
    letter: u64,
    upper: u64,
    digit: u64,
    pub(super) space: u64,
}

impl Eight {
    /// The first eight bytes; full stops stand for those beyond the end.
    pub(super) fn of(bytes: &[u8]) -> Eight {
        let bytes = match bytes.first_chunk() {
            Some(eight) => u64::from_le_bytes(*eight),
            None => {
                let mut padded = [b'.'; 8];
                padded[..bytes.len()].copy_from_slice(bytes);
                u64::from_le_bytes(padded)
            }
        };
        let ascii = bytes & !HIGH;
        // Adding to a byte what is missing to 0x80 sets its upper bit where it is as large as that.
        let between = |bytes: u64, first: u8, last: u8| {
            let from_first = bytes + ONES * u64::from(0x80 - first);
            let past_last = bytes + ONES * u64::from(0x7F - last);
            (from_first & !past_last & HIGH) >> 7
        };
        Eight {
            bytes,
            letter: between(ascii | (0x20 * ONES), b'a', b'z'),
            upper: between(ascii, b'A', b'Z'),
            digit: between(ascii, b'0', b'9'),
            space: equal_to(ascii, b' '),
        }
    }

    pub(super) fn is_printable(&self) -> bool {
        let ascii = self.bytes & !HIGH;
        let visible = ascii + 0x60 * ONES;
        self.bytes & HIGH == 0 && visible & HIGH == HIGH && equal_to(ascii, 0x7F) == 0
    }

    /// The bytes in lower case, the grave accent as an apostrophe.
    pub(super) fn folded(&self) -> u64 {
        const TO_APOSTROPHE: u64 = (b'`' ^ b'\'') as u64;
        let lower = self.bytes | self.upper << 5;
        lower ^ (equal_to(self.bytes, b'`') * TO_APOSTROPHE)
    }

    fn solid(&self) -> u64 {
        self.letter | self.digit
    }

    /// Those of the folded bytes that are letters or digits, and how many they are.
    pub(super) fn solid_of(&self, folded: u64) -> (u64, usize) {
        let (mut solid, mut len, mut marks) = (folded, 8, ONES & !self.solid());
        while marks != 0 {
            let before = (1 << marks.trailing_zeros()) - 1;
            solid = solid & before | solid >> 8 & !before;
            marks = marks >> 8 & !before;
            len -= 1;
        }
        (solid, len)
    }

    /// A one where a word's first letter or digit stands. `in_word` says whether the word at the start has had
    /// one already, and then the same of the word at the end.
    pub(super) fn words(&self, in_word: &mut u64) -> u64 {
        let solid = self.solid();
        let marks = ONES & !(solid | self.space);
        let after_solid = solid << 8 | *in_word;
        // A one that is added to a run of full bytes comes out behind the run: there the word goes on.
        let run = marks * 0xFF;
        let (added, goes_on) = run.overflowing_add(marks & after_solid);
        *in_word = solid >> 56 | u64::from(goes_on);
        solid & !after_solid & !(added & !run)
    }
}

/// A one in the place of each byte of ASCII that is this one.
fn equal_to(bytes: u64, byte: u8) -> u64 {
    ((HIGH - (bytes ^ (ONES * u64::from(byte)))) & HIGH) >> 7
}

/// Counts in eight places at once.
#[derive(Default)]
pub(super) struct Counts {
    pub(super) added: u32,
    letters: u64,
    upper: u64,
    digits: u64,
    words: u64,
}

impl Counts {
    /// As much as a byte can count to.
    pub(super) const MOST: u32 = 255;

    pub(super) fn add(&mut self, eight: &Eight, words: u64) {
        self.added += 1;
        self.letters += eight.letter;
        self.upper += eight.upper;
        self.digits += eight.digit;
        self.words += words;
    }

    pub(super) fn settle(&mut self, line: &mut Line) {
        const EVERY_SECOND: u64 = 0x00FF_00FF_00FF_00FF;
        let sum = |counts: u64| {
            let pairs = (counts & EVERY_SECOND) + (counts >> 8 & EVERY_SECOND);
            (pairs.wrapping_mul(0x0001_0001_0001_0001) >> 48) as u32
        };
        line.letters += sum(self.letters);
        line.upper += sum(self.upper);
        line.digits += sum(self.digits);
        line.words += sum(self.words);
        *self = Counts::default();
    }
}
