//! The charsets that UTF-8 is wrongly read in, and which characters could be sequences of it.

use std::sync::LazyLock;

use encoding_rs::{
    Encoding, ISO_8859_2, MACINTOSH, WINDOWS_1250, WINDOWS_1251, WINDOWS_1252, WINDOWS_1253, WINDOWS_1254, WINDOWS_1257,
};

use super::Run;
use crate::intake::letters::{self, Class};

/// A charset of one byte a character.
#[derive(Debug)]
pub struct Charset {
    /// Its name, for people.
    pub name: &'static str,
    /// Its characters beyond ASCII with their bytes, ascending. C1 controls stand for themselves, since
    /// programs read bytes without a character so.
    bytes: Vec<(char, u8)>,
}

/// Half of the code page of DOS, which the WHATWG has no charset for.
const CODE_PAGE_437: &str = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐\
                             └┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{a0}";

/// Characters that often stand for a first byte before a space that was a no-break space: `Ã` and `Â`
/// in all these charsets.
pub const LEADS_BEFORE_SPACE: &[char] = &['Ã', 'Â', 'Ă', '√', '¬', '├', '┬'];

/// All charsets; of two that read a text alike the first is taken.
pub fn all() -> &'static [Charset] {
    static ALL: LazyLock<Vec<Charset>> = LazyLock::new(|| {
        let mut all: Vec<Charset> =
            [WINDOWS_1252, WINDOWS_1250, WINDOWS_1251, WINDOWS_1254, MACINTOSH, WINDOWS_1253, WINDOWS_1257, ISO_8859_2]
                .into_iter()
                .map(of_encoding)
                .collect();
        all.push(Charset::new("cp437", CODE_PAGE_437.chars().zip(0x80..=0xFF)));
        all
    });
    &ALL
}

fn of_encoding(encoding: &'static Encoding) -> Charset {
    let chars = (0x80..=0xFFu8).filter_map(|byte| {
        let c = encoding.decode_without_bom_handling(&[byte]).0.chars().next()?;
        (c != char::REPLACEMENT_CHARACTER).then_some((c, byte))
    });
    let controls = (0x80..0xA0u8).map(|byte| (char::from(byte), byte));
    let name = if encoding == MACINTOSH { "MacRoman" } else { encoding.name() };
    if encoding == MACINTOSH { Charset::new(name, chars) } else { Charset::new(name, chars.chain(controls)) }
}

impl Charset {
    fn new(name: &'static str, chars: impl Iterator<Item = (char, u8)>) -> Charset {
        let mut bytes: Vec<(char, u8)> = chars.collect();
        bytes.sort_unstable();
        bytes.dedup();
        Charset { name, bytes }
    }

    /// The characters beyond ASCII with their bytes.
    pub fn bytes(&self) -> &[(char, u8)] {
        &self.bytes
    }

    /// The byte of a character beyond ASCII.
    pub fn byte(&self, c: char) -> Option<u8> {
        let at = self.bytes.binary_search_by_key(&c, |entry| entry.0).ok()?;
        Some(self.bytes[at].1)
    }

    /// The runs of characters that could be sequences of UTF-8.
    pub fn runs(&self, chars: &[char]) -> Vec<Run> {
        let mut runs: Vec<Run> = Vec::new();
        let mut at = 0;
        while at < chars.len() {
            if chars[at].is_ascii() {
                at += 1;
                continue;
            }
            let Some(sequence) = self.sequence(&chars[at..]) else {
                at += 1;
                continue;
            };
            let drawn = chars[at..at + sequence.length].iter().all(|&c| is_drawn(c)) && !in_word(chars, at);
            match runs.last_mut() {
                Some(run) if run.end == at && run.text.len() < LONGEST => {
                    run.end = at + sequence.length;
                    run.text.push_str(&sequence.text);
                    run.lossy &= sequence.lossy;
                    run.may_be_drawn &= drawn;
                }
                _ => runs.push(Run {
                    start: at,
                    end: at + sequence.length,
                    text: sequence.text,
                    lossy: sequence.lossy,
                    may_be_drawn: drawn,
                }),
            }
            at += sequence.length;
        }
        runs
    }

    /// The sequence that the characters start with, if they can be one.
    fn sequence(&self, chars: &[char]) -> Option<Sequence> {
        let lead = self.byte(chars[0])?;
        let length = match lead {
            0xC2..=0xDF => 2,
            0xE0..=0xEF => 3,
            0xF0..=0xF4 => 4,
            _ => return None,
        };
        let mut bytes = [lead, 0, 0, 0];
        let mut lossy = false;
        let mut lost = false;
        for (at, byte) in bytes.iter_mut().enumerate().take(length).skip(1) {
            *byte = match *chars.get(at)? {
                ' ' => {
                    lossy = true;
                    0xA0
                }
                char::REPLACEMENT_CHARACTER if at > 1 || length == 2 => {
                    lost = true;
                    0x80
                }
                c => self.byte(c).filter(|byte| (0x80..0xC0).contains(byte))?,
            };
        }
        if lost {
            let text = char::REPLACEMENT_CHARACTER.to_string();
            return Some(Sequence { length, text, lossy: true });
        }
        let mut text = std::str::from_utf8(&bytes[..length]).ok()?.to_string();
        // `â€ ` is rather a curly quote that lost its last byte.
        if lossy && text == "†" {
            return None;
        }
        // A space that stood for the second byte of `à` was often the space after the word as well.
        if lossy && text == "à" && chars.get(2).is_some_and(|c| c.is_alphanumeric()) && !is_contracted(&chars[2..]) {
            text.push(' ');
        }
        Some(Sequence { length, text, lossy })
    }

    /// Whether two characters could be a sequence that says something in a language we know.
    pub fn is_plausible(&self, first: char, second: char) -> bool {
        self.sequence(&[first, second]).is_some_and(|sequence| sequence.text.chars().all(is_known))
    }
}

/// How long a run may get, in bytes.
const LONGEST: usize = 192;

struct Sequence {
    length: usize,
    text: String,
    /// Whether a byte is guessed, or lost.
    lossy: bool,
}

/// Whether what follows `à` is the rest of a Portuguese word that starts so: `às`, `àquele`.
fn is_contracted(after: &[char]) -> bool {
    let word: String = after.iter().take(8).take_while(|c| c.is_alphabetic()).collect();
    matches!(word.as_str(), "s" | "quele" | "queles" | "quela" | "quelas" | "quilo")
}

fn is_drawn(c: char) -> bool {
    letters::class_of(c) == Class::Drawn || matches!(c, 'π' | 'Ω' | 'µ' | '±' | '÷' | '¬' | 'ƒ' | '◊')
}

/// Whether a letter of ASCII, lower case, stands before this character.
fn in_word(chars: &[char], at: usize) -> bool {
    at.checked_sub(1).is_some_and(|before| chars[before].is_ascii_lowercase())
}

/// Whether a character belongs to a language that we know, or is a sign that texts use.
fn is_known(c: char) -> bool {
    static KNOWN: LazyLock<Vec<char>> = LazyLock::new(|| {
        let mut known: Vec<char> =
            letters::LANGUAGES.iter().flat_map(|language| language.letters().iter().copied()).collect();
        known.sort_unstable();
        known.dedup();
        known
    });
    !matches!(letters::class_of(c), Class::Latin | Class::LatinUpper | Class::Letter | Class::Odd | Class::Broken)
        || KNOWN.binary_search(&letters::lower(c)).is_ok()
}
