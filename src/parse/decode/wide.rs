//! UTF-16 and UTF-32: recognised by their shape where no mark tells, and read.
//!
//! Latin letters, digits, spaces and line feeds have high bytes of zero, which no other text has at
//! every second or fourth place; scripts that do without spaces are told by how few high bytes they use.

use std::borrow::Cow;

use encoding_rs::{UTF_16BE, UTF_16LE};

use super::{CharsetSource, Decoded, SURE, legacy};

/// A form of Unicode with units wider than a byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// Two bytes, the low one first.
    Utf16Le,
    /// Two bytes, the high one first.
    Utf16Be,
    /// Four bytes, the lowest first.
    Utf32Le,
    /// Four bytes, the highest first.
    Utf32Be,
}

/// How much of a page is looked at, in bytes.
const LOOKED_AT: usize = 4096;

/// The UTF-32 that a byte order mark tells. (Those of UTF-16 are known to `encoding_rs`, but the
/// little-endian one is the first half of this.)
pub(super) fn marked(bytes: &[u8]) -> Option<Shape> {
    match bytes.first_chunk()? {
        [0xFF, 0xFE, 0, 0] if bytes.len() % 4 != 2 => Some(Shape::Utf32Le),
        [0, 0, 0xFE, 0xFF] => Some(Shape::Utf32Be),
        _ => None,
    }
}

/// The form that the bytes have the shape of, if they have that of any.
pub(super) fn shape(bytes: &[u8]) -> Option<Shape> {
    if bytes.len() < 4 {
        return None;
    }
    let head = &bytes[..bytes.len().min(LOOKED_AT) & !3];
    let mut plausible = [0u32; 4];
    let mut zeros = [0u32; 4];
    for quad in head.chunks_exact(4) {
        for (place, &byte) in quad.iter().enumerate() {
            zeros[place] += u32::from(byte == 0);
        }
        let quad = [quad[0], quad[1], quad[2], quad[3]];
        let (little, big) = (u32::from_le_bytes(quad), u32::from_be_bytes(quad));
        plausible[2] += u32::from(char::from_u32(little).is_some_and(is_plausible));
        plausible[3] += u32::from(char::from_u32(big).is_some_and(is_plausible));
    }
    let quads = head.len() as u32 / 4;
    if plausible[2] * 50 >= quads * 49 && zeros[3] == quads {
        return Some(Shape::Utf32Le);
    }
    if plausible[3] * 50 >= quads * 49 && zeros[0] == quads {
        return Some(Shape::Utf32Be);
    }
    let head = &bytes[..bytes.len().min(LOOKED_AT) & !1];
    let (little, big) = (read_as(head, u16::from_le_bytes), read_as(head, u16::from_be_bytes));
    [(Shape::Utf16Le, little, big), (Shape::Utf16Be, big, little)]
        .into_iter()
        .find(|(_, this, other)| {
            this.is_text() && this.plain > other.plain || this.is_of_one_script() && !other.is_of_one_script()
        })
        .map(|(shape, ..)| shape)
}

/// What two-byte units look like, read one way round.
#[derive(Clone, Copy)]
struct Units {
    all: u32,
    /// Letters, signs and spaces of living scripts.
    plausible: u32,
    /// Spaces, line feeds, letters and digits of ASCII, full stops and commas of East Asia: no text
    /// does without them.
    plain: u32,
    /// How many have each high byte of `SCRIPTS`, and how many are of the general signs.
    of_scripts: [u32; SCRIPTS.len()],
    signs: u32,
}

/// High bytes of scripts that are written without spaces, or with signs of their own between words: Thai and Lao, Tibetan,
/// Burmese, Ethiopic and Cherokee, Canadian syllables, Khmer, Mongolian, Tai Lue and Tai Tham. Others have spaces.
const SCRIPTS: [u8; 12] = [0x0E, 0x0F, 0x10, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18, 0x19, 0x1A];

/// Over how many high bytes the letters of one script are spread: Canadian syllables have three.
const OF_ONE_SCRIPT: usize = 3;

/// The shortest text whose high bytes tell, in units: of as many bytes at random, fewer than one in a billion are of
/// these scripts.
const TELLING: u32 = 8;

impl Units {
    /// Whether nearly all units are letters of one script that does without spaces, or general signs, and half of them letters.
    fn is_of_one_script(&self) -> bool {
        let mut counts = self.of_scripts;
        counts.sort_unstable_by(|one, other| other.cmp(one));
        let letters: u32 = counts.iter().take(OF_ONE_SCRIPT).sum();
        self.all >= TELLING
            && self.plausible * 50 >= self.all * 49
            && (letters + self.signs) * 50 >= self.all * 49
            && letters * 2 >= self.all
    }

    /// Whether this is text: nearly all units are plausible, and spaces or the like are among them.
    fn is_text(&self) -> bool {
        self.plausible * 50 >= self.all * 49 && self.plain > 0 && self.plain * 50 >= self.all
    }
}

fn read_as(bytes: &[u8], read: fn([u8; 2]) -> u16) -> Units {
    let mut units = Units { all: 0, plausible: 0, plain: 0, of_scripts: [0; SCRIPTS.len()], signs: 0 };
    for pair in bytes.chunks_exact(2) {
        let unit = read([pair[0], pair[1]]);
        units.all += 1;
        let surrogate = (0xD800..0xE000).contains(&unit);
        units.plausible += u32::from(surrogate || char::from_u32(unit.into()).is_some_and(is_plausible));
        units.plain += u32::from(matches!(unit, 0x0A | 0x0D | 0x20..=0x7E | 0x3000..=0x3002 | 0xFF0C));
        let [high, _] = unit.to_be_bytes();
        match SCRIPTS.iter().position(|&script| script == high) {
            Some(script) => units.of_scripts[script] += 1,
            None => units.signs += u32::from(matches!(high, 0 | 0x20 | 0x30)),
        }
    }
    units
}

/// Whether a character may well stand in a text: no control, nothing unassigned or private.
fn is_plausible(c: char) -> bool {
    matches!(c,
        '\t' | '\n' | '\r' | ' '..='~' | '\u{A0}'..='\u{52F}' | '\u{531}'..='\u{7FF}' | '\u{900}'..='\u{1CFF}'
        | '\u{1E00}'..='\u{206F}' | '\u{20A0}'..='\u{22FF}' | '\u{2500}'..='\u{27BF}' | '\u{2C00}'..='\u{2DFF}'
        | '\u{3000}'..='\u{30FF}' | '\u{3400}'..='\u{9FFF}' | '\u{A000}'..='\u{A4CF}' | '\u{AB00}'..='\u{D7A3}'
        | '\u{FB50}'..='\u{FDFF}' | '\u{FE10}'..='\u{FEFF}' | '\u{FF01}'..='\u{FFEF}' | '\u{1F000}'..='\u{1FAFF}'
        | '\u{20000}'..='\u{2FA1F}')
}

/// Reads all of a page as the form says.
pub(super) fn read(bytes: &[u8], shape: Shape, found_by: CharsetSource) -> Decoded<'static> {
    let sure = if found_by == CharsetSource::Bom { SURE } else { 990 };
    let from_quad: fn([u8; 4]) -> u32 = match shape {
        Shape::Utf16Le => return owned(legacy::read(bytes, UTF_16LE, found_by, sure)),
        Shape::Utf16Be => return owned(legacy::read(bytes, UTF_16BE, found_by, sure)),
        Shape::Utf32Le => u32::from_le_bytes,
        Shape::Utf32Be => u32::from_be_bytes,
    };
    let mut text = String::with_capacity(bytes.len() / 2);
    let quads = bytes.chunks_exact(4);
    let mut unreadable = quads.remainder().len() as u64;
    let is_cut = unreadable > 0;
    for quad in quads {
        text.push(char::from_u32(from_quad([quad[0], quad[1], quad[2], quad[3]])).unwrap_or_else(|| {
            unreadable += 4;
            char::REPLACEMENT_CHARACTER
        }));
    }
    if is_cut {
        text.push(char::REPLACEMENT_CHARACTER);
    }
    let charset = if shape == Shape::Utf32Le { "UTF-32LE" } else { "UTF-32BE" };
    Decoded { text: Cow::Owned(text), charset, found_by, sure, unreadable, pieces: Vec::new() }
}

fn owned(decoded: Decoded<'_>) -> Decoded<'static> {
    Decoded { text: Cow::Owned(decoded.text.into_owned()), ..decoded }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_without_spaces_are_told_by_their_few_high_bytes() {
        for text in [
            "เรือกลับเข้าฝั่งตอนเช้าพร้อมปลาเต็มลำ\nนกนางนวลรออยู่บนสะพานไม้\n",
            "ເຮືອກັບເຂົ້າຝັ່ງຕອນເຊົ້າພ້ອມປາເຕັມລຳ",
            "ጀልባው፡ጠዋት፡ተመለሰ፡በዓሣም፡ሞልቶ፡ነበር።",
            "ጀልባው ጠዋት ተመለሰ በዓሣም ሞልቶ ነበር።\n",
            "ᏥᏳ ᎤᎷᏨ ᏑᎾᎴᎢ ᎠᏣᏗ ᎤᎧᎵᏨ\n",
            "ᐅᒥᐊᖅ ᐅᑎᖅᑐᖅ ᐅᓪᓛᒃᑯᑦ ᐃᖃᓗᖕᓂᒃ\n",
            "ᠵᠠᠭᠠᠰᠤ ᠪᠠᠷᠢᠭᠰᠠᠨ ᠣᠩᠭᠣᠴᠠ ᠡᠷᠲᠡ ᠪᠤᠴᠠᠪᠠ",
            "ទូកត្រឡប់មកវិញនៅពេលព្រឹកពេញដោយត្រី",
            "လှေသည်မနက်တွင်ငါးအပြည့်ဖြင့်ပြန်လာသည်",
            "གྲུ་གཟིངས་ཞོགས་པར་ཉ་བཀང་ནས་ཕྱིར་ལོག་བྱུང་།",
        ] {
            for text in [text.to_string(), text.repeat(90)] {
                let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
                let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
                assert_eq!(shape(&little), Some(Shape::Utf16Le), "{text}");
                assert_eq!(shape(&big), Some(Shape::Utf16Be), "{text}");
            }
        }
    }

    #[test]
    fn other_bytes_have_not_that_shape() {
        let numbers: Vec<u8> = (0x0E00..0x1B00_u16).flat_map(u16::to_le_bytes).collect();
        let same = [0x0E, 0x0E].repeat(99);
        let russian = encoding_rs::WINDOWS_1251.encode("Лодка вернулась утром, полная рыбы, и чайки ждали.").0;
        let thai = encoding_rs::WINDOWS_874.encode("เรือกลับเข้าฝั่งตอนเช้าพร้อมปลาเต็มลำ").0;
        let cut = "Лодкавернуласьутромполнаярыбы".as_bytes();
        for bytes in [&numbers, &same, &russian.to_vec(), &thai.to_vec(), &cut[..cut.len() - 1].to_vec()] {
            assert_eq!(shape(bytes), None, "{bytes:?}");
        }
    }
}
