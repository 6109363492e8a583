//! How likely a text is in each of some fifty languages, told by its pairs of letters.
//!
//! Decoding asks this to choose among charsets, repair asks it whether a line reads better another
//! way. The statistics are data (`rules/letters/`, made by the workspace member `training/letters`);
//! here is their form, and the reading of them. All arithmetic is of integers.

mod ascii;

use std::collections::BTreeMap;
use std::sync::LazyLock;

pub use ascii::AsciiCosts;

/// A cost: how unlikely something is, as its negative natural logarithm in sixteenths. Lower is
/// likelier; a difference of 16 is a factor of e.
pub type Cost = i64;

/// What one nat, a factor of e, weighs.
pub const NAT: Cost = 16;

/// The statistics of one language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Language {
    /// ISO 639-1, with the script where there are several: `hu`, `zh-hant`.
    pub name: String,
    /// The characters that have a symbol of their own, lower case.
    letters: Vec<char>,
    /// The symbol of each character up to the last letter.
    symbols: Vec<u8>,
    /// The cost of a symbol after another.
    pairs: Vec<u8>,
    /// What a character of a class costs beyond its class: the ideographs and syllables that are
    /// frequent in the language, ascending.
    frequent: Vec<(char, u8)>,
}

/// What a character is to a language that has no symbol of its own for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Class {
    /// White space, and the start and the end of a text.
    Space,
    /// A digit of ASCII.
    Digit,
    /// A full stop, comma, colon, semicolon, question or exclamation mark.
    Stop,
    /// A straight quote.
    Quote,
    /// A hyphen.
    Hyphen,
    /// Any other mark of ASCII.
    Mark,
    /// A letter of ASCII.
    Ascii,
    /// A curly or pointed quote.
    Curly,
    /// A dash, an ellipsis, a bullet.
    Dash,
    /// A sign that texts use: ©, °, §, €.
    Sign,
    /// A sign that texts hardly use: ¤, ¦, ¸.
    Odd,
    /// Lines and boxes, arrows, mathematics.
    Drawn,
    /// A lower-case Latin letter beyond ASCII.
    Latin,
    /// An upper-case Latin letter beyond ASCII.
    LatinUpper,
    /// A letter of Cyrillic.
    Cyrillic,
    /// A letter of Greek.
    Greek,
    /// A letter of another alphabet.
    Letter,
    /// An ideograph or a syllable of East Asia.
    Ideograph,
    /// A half-width letter of Japanese.
    HalfWidth,
    /// A mark on a letter, or one without width.
    Accent,
    /// An emoji or an ornament.
    Emoji,
    /// What no text holds: a control, a private or unassigned code point, U+FFFD.
    Broken,
}

/// How many classes there are; the symbols of letters follow.
pub const CLASSES: usize = Class::Broken as usize + 1;

/// What a character costs beyond its class: about the logarithm of how many the class has.
const WITHIN: [Cost; CLASSES] = {
    let mut within = [0; CLASSES];
    within[Class::Digit as usize] = 37;
    within[Class::Stop as usize] = 16;
    within[Class::Quote as usize] = 11;
    within[Class::Mark as usize] = 48;
    within[Class::Ascii as usize] = 48;
    within[Class::Curly as usize] = 32;
    within[Class::Dash as usize] = 24;
    within[Class::Sign as usize] = 48;
    within[Class::Odd as usize] = 64;
    within[Class::Drawn as usize] = 80;
    within[Class::Latin as usize] = 64;
    within[Class::LatinUpper as usize] = 64;
    within[Class::Cyrillic as usize] = 56;
    within[Class::Greek as usize] = 52;
    within[Class::Letter as usize] = 56;
    within[Class::Ideograph as usize] = 140;
    within[Class::HalfWidth as usize] = 64;
    within[Class::Accent as usize] = 96;
    within[Class::Emoji as usize] = 96;
    within[Class::Broken as usize] = 160;
    within
};

/// The class of a character.
pub fn class_of(c: char) -> Class {
    match c {
        'a'..='z' | 'A'..='Z' => Class::Ascii,
        ' '
        | '\t'
        | '\n'
        | '\r'
        | '\u{A0}'
        | '\u{2000}'..='\u{200A}'
        | '\u{2028}'
        | '\u{2029}'
        | '\u{202F}'
        | '\u{3000}' => Class::Space,
        '0'..='9' => Class::Digit,
        '.' | ',' | ';' | ':' | '!' | '?' => Class::Stop,
        '\'' | '"' => Class::Quote,
        '-' => Class::Hyphen,
        '!'..='~' => Class::Mark,
        '«' | '»' | '‘'..='‟' | '‹' | '›' | '´' => Class::Curly,
        '‐'..='―' | '…' | '•' | '·' => Class::Dash,
        '©' | '®' | '™' | '°' | '§' | '€' | '£' | '¥' | '¢' | 'ª' | 'º' | '№' | '±' | '×' | '÷' | '²' | '³' | '¹'
        | 'µ' | '½' | '¼' | '¾' | '¿' | '¡' | '¶' | '†' | '‡' | '‰' | '′' | '″' | '₪' => Class::Sign,
        '\u{A1}'..='\u{BF}'
        | '\u{2B0}'..='\u{2FF}'
        | 'ƒ'
        | '\u{2020}'..='\u{2027}'
        | '\u{2030}'..='\u{205E}'
        | '\u{20A0}'..='\u{20CF}'
        | '\u{384}'
        | '\u{385}' => Class::Odd,
        '\u{C0}'..='\u{2AF}' | '\u{1E00}'..='\u{1EFF}' => {
            if c.is_uppercase() {
                Class::LatinUpper
            } else {
                Class::Latin
            }
        }
        '\u{300}'..='\u{36F}'
        | '\u{200B}'..='\u{200F}'
        | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{2069}'
        | '\u{FEFF}' => Class::Accent,
        '\u{370}'..='\u{3FF}' | '\u{1F00}'..='\u{1FFF}' => Class::Greek,
        '\u{400}'..='\u{52F}' => Class::Cyrillic,
        '\u{2190}'..='\u{25FF}' => Class::Drawn,
        '\u{3001}'..='\u{30FF}'
        | '\u{3400}'..='\u{9FFF}'
        | '\u{AC00}'..='\u{D7A3}'
        | '\u{FF01}'..='\u{FF60}'
        | '\u{20000}'..='\u{2FFFF}' => Class::Ideograph,
        '\u{FF61}'..='\u{FF9F}' => Class::HalfWidth,
        '\u{2600}'..='\u{27BF}' | '\u{2B00}'..='\u{2BFF}' | '\u{FE0F}' | '\u{1F000}'..='\u{1FAFF}' => Class::Emoji,
        _ if c.is_alphabetic() => Class::Letter,
        '\u{590}'..='\u{1CFF}' | '\u{A800}'..='\u{ABFF}' => Class::Letter,
        '\u{2100}'..='\u{218F}' | '\u{3200}'..='\u{33FF}' => Class::Drawn,
        _ => Class::Broken,
    }
}

/// A character as the statistics know it: lower case, and Romanian's comma below a letter like the
/// cedilla that charsets have in its place.
pub fn lower(c: char) -> char {
    if c < '\u{C0}' {
        return c.to_ascii_lowercase();
    }
    match c {
        'İ' => 'i',
        'ș' | 'Ș' => 'ş',
        'ț' | 'Ț' => 'ţ',
        _ => c.to_lowercase().next().unwrap_or(c),
    }
}

impl Language {
    /// A language of counted pairs: `letters` are those with symbols of their own, `counts` how often a
    /// symbol followed another, `frequent` the ideographs and how often each stood.
    pub fn trained(name: &str, letters: Vec<char>, counts: &[u64], frequent: &[(char, u64)]) -> Language {
        let symbols = CLASSES + letters.len();
        let cost = |probability: f64| (-probability.ln() * NAT as f64).round().clamp(0.0, 255.0) as u8;
        let mut seen = vec![0.0; symbols];
        for (pair, &count) in counts.iter().enumerate() {
            seen[pair % symbols] += count as f64;
        }
        let all: f64 = seen.iter().sum::<f64>() + 1.0;
        let alone: Vec<f64> = seen.iter().map(|count| (count + 0.05) / (all + 0.05 * symbols as f64)).collect();
        let mut pairs = Vec::with_capacity(symbols * symbols);
        for first in 0..symbols {
            let row = &counts[first * symbols..][..symbols];
            let total: f64 = row.iter().map(|&count| count as f64).sum();
            pairs.extend(
                row.iter()
                    .zip(&alone)
                    .map(|(&count, alone)| cost((count as f64 + BACKOFF * alone) / (total + BACKOFF))),
            );
        }
        let ideographs: f64 = frequent.iter().map(|&(_, count)| count as f64).sum::<f64>().max(1.0);
        let mut frequent: Vec<(char, u8)> =
            frequent.iter().map(|&(c, count)| (c, cost(count as f64 / ideographs))).collect();
        frequent.sort_unstable();
        frequent.dedup_by_key(|entry| entry.0);
        Language { name: name.to_string(), symbols: symbols_of(&letters), letters, pairs, frequent }
    }

    /// The symbol of a character, already in lower case.
    pub fn symbol(&self, c: char) -> u8 {
        self.symbols.get(c as usize).copied().filter(|&symbol| symbol != NONE).unwrap_or_else(|| class_of(c) as u8)
    }

    /// The symbol of a character, already in lower case, whose class is known.
    pub fn symbol_of(&self, c: char, class: Class) -> u8 {
        match self.symbols.get(c as usize) {
            Some(&symbol) if symbol != NONE => symbol,
            _ => class as u8,
        }
    }

    /// What a character costs beyond the cost of its symbol.
    pub fn within(&self, c: char, symbol: u8) -> Cost {
        if symbol == Class::Ideograph as u8 && !self.frequent.is_empty() {
            return match self.frequent.binary_search_by_key(&c, |entry| entry.0) {
                Ok(at) => self.frequent[at].1.into(),
                Err(_) => WITHIN[Class::Ideograph as usize] + 3 * NAT,
            };
        }
        WITHIN.get(usize::from(symbol)).copied().unwrap_or(0)
    }

    /// The cost of a symbol after another.
    pub fn pair(&self, first: u8, second: u8) -> Cost {
        self.pairs[usize::from(first) * self.width() + usize::from(second)].into()
    }

    /// The cost of a text between spaces.
    pub fn cost(&self, text: &str) -> Cost {
        let mut cost = 0;
        let mut last = Class::Space as u8;
        for c in text.chars() {
            let c = lower(c);
            let symbol = self.symbol(c);
            cost += self.pair(last, symbol) + self.within(c, symbol);
            last = symbol;
        }
        cost + self.pair(last, Class::Space as u8)
    }

    /// The letters that have a symbol of their own.
    pub fn letters(&self) -> &[char] {
        &self.letters
    }

    fn width(&self) -> usize {
        CLASSES + self.letters.len()
    }
}

/// How many pairs a letter must have been seen in to be believed over what is true of all letters.
const BACKOFF: f64 = 40.0;

/// No symbol of its own.
const NONE: u8 = u8::MAX;

fn symbols_of(letters: &[char]) -> Vec<u8> {
    let end = letters.iter().map(|&c| c as usize + 1).max().unwrap_or(0);
    let mut symbols = vec![NONE; end];
    for (at, &c) in letters.iter().enumerate() {
        symbols[c as usize] = (CLASSES + at) as u8;
    }
    symbols
}

/// All languages, by name.
pub static LANGUAGES: LazyLock<Vec<Language>> = LazyLock::new(|| read(DATA).unwrap_or_default());

const DATA: &[u8] = include_bytes!("../../../rules/letters/letters.bin");

/// The language of a tag, if there are statistics of it.
pub fn language(tag: &str) -> Option<&'static Language> {
    static BY_NAME: LazyLock<BTreeMap<&str, usize>> =
        LazyLock::new(|| LANGUAGES.iter().enumerate().map(|(at, language)| (language.name.as_str(), at)).collect());
    BY_NAME.get(tag).map(|&at| &LANGUAGES[at])
}

/// The cost of a text in the language that fits it best.
pub fn least_cost(text: &str) -> Cost {
    LANGUAGES.iter().map(|language| language.cost(text)).min().unwrap_or(0)
}

/// Writes languages in the form that [`read`] reads: the number of languages, then of each its name, its
/// letters, its pairs, and its ideographs; numbers are little-endian, texts and lists begin with their
/// length.
pub fn write(languages: &[Language]) -> Vec<u8> {
    let mut data = vec![languages.len() as u8];
    for language in languages {
        data.push(language.name.len() as u8);
        data.extend(language.name.bytes());
        data.push(language.letters.len() as u8);
        data.extend(language.letters.iter().flat_map(|&c| (c as u32).to_le_bytes()));
        data.extend(&language.pairs);
        data.extend((language.frequent.len() as u16).to_le_bytes());
        for &(c, cost) in &language.frequent {
            data.extend((c as u32 | u32::from(cost) << 24).to_le_bytes());
        }
    }
    data
}

/// Reads what [`write()`] wrote; `None` where it is cut short or no such thing.
pub fn read(data: &[u8]) -> Option<Vec<Language>> {
    let mut rest = data;
    let mut take = |length: usize| {
        let (taken, after) = rest.split_at_checked(length)?;
        rest = after;
        Some(taken)
    };
    let number = |bytes: &[u8]| bytes.iter().rev().fold(0u32, |number, &byte| number << 8 | u32::from(byte));
    let mut languages = Vec::new();
    for _ in 0..take(1)?[0] {
        let length = usize::from(take(1)?[0]);
        let name = String::from_utf8(take(length)?.to_vec()).ok()?;
        let length = usize::from(take(1)?[0]);
        let letters =
            take(length * 4)?.chunks(4).map(|bytes| char::from_u32(number(bytes))).collect::<Option<Vec<_>>>()?;
        let width = CLASSES + letters.len();
        let pairs = take(width * width)?.to_vec();
        let length = number(take(2)?) as usize;
        let frequent = take(length * 4)?
            .chunks(4)
            .map(|bytes| Some((char::from_u32(number(&bytes[..3]))?, bytes[3])))
            .collect::<Option<Vec<_>>>()?;
        languages.push(Language { name, symbols: symbols_of(&letters), letters, pairs, frequent });
    }
    Some(languages)
}
