//! The charsets that UTF-8 is wrongly read in, and which characters could be sequences of it.

use std::sync::LazyLock;

use encoding_rs::{
    Encoding, IBM866, ISO_8859_2, KOI8_R, MACINTOSH, WINDOWS_1250, WINDOWS_1251, WINDOWS_1252, WINDOWS_1253,
    WINDOWS_1254, WINDOWS_1257,
};

use super::Run;
use crate::charset::CODE_PAGE_437;
use crate::parse::letters::{self, Class, Cost, NAT};

/// A charset of one byte a character.
#[derive(Debug)]
pub(crate) struct Charset {
    /// Its name, for people.
    pub name: &'static str,
    /// What it costs to suppose it, for being rare.
    pub prior: Cost,
    /// The bit that stands for it where charsets are told by bits; those of one bit share no letters.
    pub bit: u32,
    /// The least first byte of sequences of three that is looked for, and the greatest.
    of_three: (u8, u8),
    /// Its characters beyond ASCII with their bytes, ascending. C1 controls stand for themselves, since
    /// programs read bytes without a character so.
    bytes: Vec<(char, u8)>,
    /// The byte of each character below [`NEAR`]; 0 where it has none.
    near: Vec<u8>,
}

/// Characters below this are found without searching.
const NEAR: usize = 0x2600;

/// Characters that often stand for a first byte before a space that was a no-break space: `Ã`, `Â` and
/// `Å`, and what the bytes of the first two are in other charsets.
pub(crate) const LEADS_BEFORE_SPACE: &[char] = &['Ã', 'Â', 'Å', 'Ă', '√', '¬', '├', '┬'];

/// Further ones, which end words of their own script as well, and are suspected only after a letter of
/// ASCII: what the bytes of `Ã` are in windows-1251.
pub(crate) const LEADS_WITHIN_WORD: &[char] = &['Г'];

/// What it costs to suppose a charset that is hardly ever the cause, so that others come first.
const RARE: Cost = 40 * NAT;

/// All charsets; of two that read a text alike the first is taken.
pub(crate) fn all() -> &'static [Charset] {
    static ALL: LazyLock<Vec<Charset>> = LazyLock::new(|| {
        vec![
            of_encoding(WINDOWS_1252, 0, 0),
            of_encoding(WINDOWS_1250, NAT, 1),
            of_encoding(WINDOWS_1251, NAT, 2),
            of_encoding(WINDOWS_1254, NAT, 3),
            of_encoding(MACINTOSH, NAT, 4),
            of_encoding(KOI8_R, NAT, 5),
            of_encoding(WINDOWS_1253, RARE, 6),
            of_encoding(WINDOWS_1257, RARE, 6),
            of_encoding(ISO_8859_2, RARE, 6),
            Charset::new("cp437", NAT, 7, CODE_PAGE_437.chars()),
            // Its first bytes of three are letters of every Russian word; `тА` is that of quotes and dashes.
            Charset { of_three: (0xE2, 0xE2), ..of_encoding(IBM866, NAT, 7) },
        ]
    });
    &ALL
}

fn of_encoding(encoding: &'static Encoding, prior: Cost, bit: u32) -> Charset {
    let chars = (0x80..=0xFFu8).filter_map(|byte| {
        let c = encoding.decode_without_bom_handling(&[byte]).0.chars().next()?;
        (c != char::REPLACEMENT_CHARACTER).then_some((c, byte))
    });
    if encoding == MACINTOSH {
        return Charset::new("MacRoman", prior, bit, chars);
    }
    if encoding == KOI8_R || encoding == IBM866 {
        return Charset::new(encoding.name(), prior, bit, chars);
    }
    let controls = (0x80..0xA0u8).map(|byte| (char::from(byte), byte));
    Charset::new(encoding.name(), prior, bit, chars.chain(controls))
}

impl Charset {
    fn new(name: &'static str, prior: Cost, bit: u32, chars: impl Iterator<Item = (char, u8)>) -> Charset {
        let mut bytes: Vec<(char, u8)> = chars.collect();
        bytes.sort_unstable();
        bytes.dedup();
        let mut near = vec![0; NEAR];
        for &(c, byte) in &bytes {
            if let Some(place) = near.get_mut(c as usize) {
                *place = byte;
            }
        }
        Charset { name, prior, bit: 1 << bit, of_three: (0xE0, 0xEF), bytes, near }
    }

    /// Whether it is hardly ever the cause.
    pub(crate) fn is_rare(&self) -> bool {
        self.prior >= RARE
    }

    /// Whether it is ISO-8859-2, which C1 controls tell from windows-1250.
    pub(super) fn is_iso(&self) -> bool {
        self.name == ISO_8859_2.name()
    }

    /// Whether a character is a later byte of sequences that a text deserves a look for: in charsets of Cyrillic of old,
    /// whose letters are those bytes too, boxes alone tell.
    #[cfg(test)]
    pub(crate) fn is_telling(&self, c: char) -> bool {
        !matches!(self.name, "KOI8-R" | "IBM866") || letters::class_of(c) == Class::Drawn
    }

    /// Whether a byte is the first of sequences that a text deserves a look for: in KOI8-R, where they are letters of
    /// Russian, those of Latin-1 and of Cyrillic alone.
    #[cfg(test)]
    pub(crate) fn is_telling_first(&self, byte: u8) -> bool {
        self.bit.trailing_zeros() != KOI8 || matches!(byte, 0xC2 | 0xC3 | 0xD0 | 0xD1)
    }

    /// The characters beyond ASCII with their bytes.
    #[cfg(test)]
    pub(crate) fn bytes(&self) -> &[(char, u8)] {
        &self.bytes
    }

    /// The byte of a character beyond ASCII.
    pub(crate) fn byte(&self, c: char) -> Option<u8> {
        match self.near.get(c as usize) {
            Some(&byte) => (byte != 0).then_some(byte),
            None => self.bytes.binary_search_by_key(&c, |entry| entry.0).ok().map(|at| self.bytes[at].1),
        }
    }

    /// The runs of characters that could be sequences of UTF-8.
    pub(crate) fn runs(&self, chars: &[char]) -> Vec<Run> {
        let mut runs: Vec<Run> = Vec::new();
        let mut at = 0;
        while let Some(ascii) = chars[at..].iter().position(|c| !c.is_ascii()) {
            at += ascii;
            let Some(sequence) = self.sequence(&chars[at..]) else {
                at += 1;
                continue;
            };
            let end = at + sequence.length;
            let drawn = chars[at..end].iter().all(|&c| is_drawn(c)) && !is_in_word(chars, at, end);
            match runs.last_mut() {
                Some(run) if run.end == at && run.text.len() < LONGEST => {
                    run.end = end;
                    run.text.push(sequence.says);
                    run.sequences += 1;
                    run.guesses += usize::from(sequence.lossy);
                    run.may_be_drawn &= drawn;
                }
                _ => runs.push(Run {
                    start: at,
                    end,
                    text: sequence.says.to_string(),
                    sequences: 1,
                    guesses: sequence.lossy.into(),
                    may_be_drawn: drawn,
                }),
            }
            at = end;
        }
        runs
    }

    /// The sequence that the characters start with, if they can be one.
    fn sequence(&self, chars: &[char]) -> Option<Sequence> {
        let lead = self.byte(chars[0])?;
        let length = match lead {
            0xC2..=0xDF => 2,
            0xE0..=0xEF if (self.of_three.0..=self.of_three.1).contains(&lead) => 3,
            0xF0..=0xF4 => 4,
            _ => return None,
        };
        if lead == 0xED
            && let Some(sequence) = self.surrogates(chars)
        {
            return Some(sequence);
        }
        if let Some(sequence) = self.cut(chars) {
            return Some(sequence);
        }
        if self.is_cut_quote(chars) {
            return Some(Sequence { length: 2, says: '”', lossy: true });
        }
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
                '?' if is_asked(chars, at) => {
                    lost = true;
                    0x80
                }
                c => self.byte(c).filter(|byte| (0x80..0xC0).contains(byte))?,
            };
        }
        if lost {
            return Some(Sequence { length, says: char::REPLACEMENT_CHARACTER, lossy: true });
        }
        let says = std::str::from_utf8(&bytes[..length]).ok()?.chars().next()?;
        Some(Sequence { length, says, lossy })
    }

    /// A surrogate, or two that are one character: CESU-8, as MySQL and Java write it. UTF-8 has none.
    fn surrogates(&self, chars: &[char]) -> Option<Sequence> {
        let unit = |chars: &[char]| {
            let &[_, second, third, ..] = chars else { return None };
            let second = if second == ' ' { 0xA0 } else { self.byte(second)? };
            let third = self.byte(third).filter(|byte| (0x80..0xC0).contains(byte))?;
            let is_surrogate = self.byte(chars[0]) == Some(0xED) && (0xA0..0xC0).contains(&second);
            is_surrogate.then(|| 0xD000 | u16::from(second & 0x3F) << 6 | u16::from(third & 0x3F))
        };
        let first = unit(chars)?;
        let pair = chars.get(3..).and_then(unit).and_then(|second| char::decode_utf16([first, second]).next()?.ok());
        match pair {
            Some(says) => Some(Sequence { length: 6, says, lossy: false }),
            None if chars[1] != ' ' => Some(Sequence { length: 3, says: char::REPLACEMENT_CHARACTER, lossy: true }),
            None => None,
        }
    }

    /// A sequence whose last byte is one that windows-1252 and the like have nothing for, and that programs drop: of an
    /// emoji nobody knows which it was; of the ligature `ﬁ` there is no other such.
    fn cut(&self, chars: &[char]) -> Option<Sequence> {
        if self.byte('\u{9D}') != Some(0x9D) {
            return None;
        }
        let byte = |at: usize| chars.get(at).and_then(|&c| self.byte(c));
        let ends = |at: usize| chars.get(at).is_none_or(char::is_ascii);
        match (byte(0), byte(1), byte(2)) {
            (Some(0xF0), Some(0x9F), Some(0x80..0xC0)) if ends(3) => {
                Some(Sequence { length: 3, says: char::REPLACEMENT_CHARACTER, lossy: true })
            }
            (Some(0xEF), Some(0xAC), _) if chars.get(2).is_none_or(char::is_ascii_lowercase) => {
                Some(Sequence { length: 2, says: 'ﬁ', lossy: true })
            }
            _ => None,
        }
    }

    /// Whether characters start with `â€`, and ASCII follows: most charsets of Windows have nothing for the
    /// last byte of `”`, and programs drop it.
    fn is_cut_quote(&self, chars: &[char]) -> bool {
        let [first, second, rest @ ..] = chars else { return false };
        (*first, *second) == ('â', '€') && self.byte('\u{9D}') == Some(0x9D) && rest.first().is_none_or(char::is_ascii)
    }

    /// What the characters say where all of them together are sequences, without a gap or a loss.
    pub(crate) fn whole(&self, chars: &[char]) -> Option<String> {
        let mut text = String::new();
        let mut at = 0;
        while at < chars.len() {
            let sequence = self.sequence(&chars[at..])?;
            if sequence.lossy {
                return None;
            }
            text.push(sequence.says);
            at += sequence.length;
        }
        Some(text)
    }

    /// Whether two characters could be a sequence that says something in a language we know.
    pub(crate) fn is_plausible(&self, first: char, second: char) -> bool {
        // An apostrophe before a letter, which MacRoman has as Armenian: `l’été`.
        if first == '’' && second.is_alphabetic() {
            return false;
        }
        let may_be =
            |says| matches!(says, char::REPLACEMENT_CHARACTER | 'ﬁ') || letters::class_of(says) == Class::Accent;
        self.sequence(&[first, second])
            .is_some_and(|sequence| is_known(sequence.says) || is_african(sequence.says) || may_be(sequence.says))
    }
}

/// Whether a question mark stands for a byte that was lost: behind what mojibake starts with most, before more of it.
fn is_asked(chars: &[char], at: usize) -> bool {
    matches!(chars[0], 'Ã' | 'Â' | 'â') && chars.get(at + 1).is_some_and(|c| !c.is_ascii())
}

/// The number of the bit of KOI8-R.
#[cfg(test)]
const KOI8: u32 = 5;

/// How long a run may get, in bytes.
const LONGEST: usize = 192;

struct Sequence {
    length: usize,
    says: char,
    /// Whether a byte is guessed, or lost.
    lossy: bool,
}

/// Whether a character is a sign of mathematics, or a line of a box, whose like may stand beside it.
fn is_drawn(c: char) -> bool {
    letters::class_of(c) == Class::Drawn && c != '⌐' || matches!(c, 'π' | 'Ω' | 'µ' | '±' | '÷' | '¬' | 'ƒ' | '◊')
}

/// Whether characters stand in a word of ASCII letters: inside it, at its end, or before two of lower
/// case.
fn is_in_word(chars: &[char], start: usize, end: usize) -> bool {
    let is_lower = |at: usize| chars.get(at).is_some_and(char::is_ascii_lowercase);
    match start.checked_sub(1).map(|before| chars[before]) {
        Some(before) if before.is_ascii_lowercase() => true,
        Some(before) if before.is_ascii_uppercase() => is_lower(end),
        Some(before) if !before.is_whitespace() => false,
        _ => is_lower(end) && is_lower(end + 1),
    }
}

/// Whether a character belongs to a language that we know, or is a sign that texts use.
pub(super) fn is_known(c: char) -> bool {
    static KNOWN: LazyLock<Vec<char>> = LazyLock::new(|| {
        let mut known: Vec<char> =
            letters::LANGUAGES.iter().flat_map(|language| language.letters().iter().copied()).collect();
        known.sort_unstable();
        known.dedup();
        known
    });
    // Of what was spoilt twice, the first way back leaves the signs of Latin-1; `ï»¿` is a byte order mark.
    matches!(c, '\u{A0}'..='\u{FF}' | '\u{FEFF}')
        || matches!(
            letters::class_of(c),
            Class::Space | Class::Curly | Class::Dash | Class::Sign | Class::Ideograph | Class::Emoji | Class::Drawn
        )
        || KNOWN.binary_search(&letters::lower(c)).is_ok()
}

/// Whether a character is a letter of the African reference alphabet, which more languages are written in than we
/// have statistics of: Fulah, Hausa, Ewe, Bambara.
pub(super) fn is_african(c: char) -> bool {
    matches!(letters::lower(c), 'ɓ' | 'ɖ' | 'ɗ' | 'ɛ' | 'ɔ' | 'ə' | 'ɣ' | 'ŋ' | 'ɲ' | 'ƙ' | 'ƴ' | 'ɩ' | 'ʋ')
}
