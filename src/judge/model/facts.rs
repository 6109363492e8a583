//! What the model knows of each line on its own: counts of form, and its words as hashes.
//!
//! Nothing here depends on the line's neighbours; that is for [`super::columns`].

use crate::line::{LineEnd, Reading};

use super::lexicon::Lexicon;

/// The facts of a page's lines, and the words of all lines one after another.
#[derive(Debug, Default, Clone)]
pub struct Facts {
    /// One entry a line.
    pub lines: Vec<LineFacts>,
    /// The hashed words of the page, line after line.
    pub words: Vec<u32>,
}

/// The facts of one line.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct LineFacts {
    /// Where its hashed words begin in [`Facts::words`].
    pub first_word: u32,
    /// How many hashed words it has.
    pub hashed: u32,
    /// [`crate::line::Line::key`].
    pub key: u64,
    /// The same with every number taken for the same: `Post 3` and `Post 12` are alike.
    pub masked_key: u32,
    /// Characters.
    pub chars: u32,
    /// Words, two characters a word in scripts without spaces.
    pub words: u32,
    /// Letters.
    pub letters: u32,
    /// Upper-case letters.
    pub upper: u32,
    /// Digits.
    pub digits: u32,
    /// Words that begin with an upper-case letter.
    pub capitals: u32,
    /// Words that stand in a list of function words.
    pub stops: u32,
    /// Words with a weight of their own.
    pub known: u32,
    /// The sum of their weights.
    pub weight: i32,
    /// The concepts that its words speak of, a bit each.
    pub concepts: u64,
    /// Blank lines before it.
    pub gap: u32,
    /// White space before the line, in characters.
    pub indent: u32,
    /// How it begins.
    pub start: LineStart,
    /// How it ends.
    pub end: u8,
    /// Marks inside the line, by [`Mark`].
    pub marks: [u16; Mark::COUNT],
}

/// How a line begins.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum LineStart {
    /// With something that is none of the others.
    #[default]
    Other,
    /// With a lower-case letter.
    Lower,
    /// With a letter of a script without case.
    Caseless,
    /// With an upper-case letter.
    Upper,
    /// With a digit.
    Digit,
    /// With a quote or bracket.
    Quote,
    /// With a symbol.
    Symbol,
    /// With a bullet.
    Bullet,
}

/// A kind of mark counted inside a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Mark {
    /// Commas and semicolons.
    Comma,
    /// Full stops, question and exclamation marks.
    Stop,
    /// Colons.
    Colon,
    /// `|`, `/`, `›`, `·` and their like, which stand between links.
    Separator,
    /// Quotes.
    Quote,
    /// Brackets.
    Bracket,
    /// Signs of money and the per cent sign.
    Money,
    /// Signs of code, addresses and templates.
    Code,
    /// Dashes.
    Dash,
    /// Other symbols: pictures, arrows, stars.
    Symbol,
    /// An upper-case letter right after a lower-case one: words run together.
    Glue,
    /// An ampersand.
    Ampersand,
    /// `©`, `®`, `™`.
    Rights,
    /// A digit right after or before a letter.
    Mixed,
    /// Runs of digits.
    Number,
    /// Exclamation and question marks.
    Loud,
}

impl Mark {
    /// How many kinds there are.
    pub const COUNT: usize = 16;
}

impl LineFacts {
    /// The line's hashed words.
    pub fn words_in<'w>(&self, words: &'w [u32]) -> &'w [u32] {
        &words[self.first_word as usize..(self.first_word + self.hashed) as usize]
    }

    /// How many marks of a kind the line has.
    pub fn count(&self, mark: Mark) -> u32 {
        u32::from(self.marks[mark as usize])
    }

    /// Whether the line reads like a sentence of a text: long, with marks of syntax.
    pub fn is_prose(&self) -> bool {
        self.words >= 12 && (self.end == LineEnd::Sentence as u8 || self.count(Mark::Stop) >= 1)
            || self.words >= 24 && self.count(Mark::Comma) >= 2
    }
}

impl Facts {
    /// Reads the facts off a page.
    pub fn of(reading: &Reading, lexicon: &Lexicon) -> Facts {
        let mut facts =
            Facts { lines: Vec::with_capacity(reading.len()), words: Vec::with_capacity(reading.page.text.len() / 5) };
        let mut line_before = 0;
        for (index, line) in reading.lines.iter().enumerate() {
            let block = &reading.page.blocks[index];
            let mut fact = LineFacts {
                first_word: facts.words.len() as u32,
                key: line.key,
                chars: line.chars,
                words: line.words,
                letters: line.letters,
                upper: line.upper,
                digits: line.digits,
                gap: match index {
                    0 => 1,
                    _ => (block.place.line.saturating_sub(line_before + 1)).max(u32::from(block.place.after_gap)),
                },
                indent: line.span.start - block.span.start,
                end: line.end as u8,
                ..LineFacts::default()
            };
            line_before = block.place.line;
            count_marks(reading.text(index), &mut fact);
            hash_words(reading.folded(index), &mut facts.words);
            fact.hashed = facts.words.len() as u32 - fact.first_word;
            let mut masked = 0u32;
            for word in fact.words_in(&facts.words) {
                masked = (masked.rotate_left(5) ^ word).wrapping_mul(HASH);
            }
            fact.masked_key = masked;
            facts.lines.push(fact);
        }
        facts.look_up(lexicon);
        facts
    }

    /// Looks all words up in a lexicon.
    pub fn look_up(&mut self, lexicon: &Lexicon) {
        let Facts { lines, words } = self;
        for fact in lines {
            (fact.stops, fact.known, fact.weight, fact.concepts) = (0, 0, 0, 0);
            for_each_term(fact.words_in(words), |term| {
                if let Some(entry) = lexicon.find(term) {
                    fact.stops += u32::from(entry.is_stop());
                    fact.concepts |= entry.concept();
                    if entry.weight != 0 {
                        fact.known += 1;
                        fact.weight += i32::from(entry.weight);
                    }
                }
            });
        }
    }
}

/// Hands out the terms that the lexicon may know of a line: its words, and each two neighbouring words
/// as one term, the line's edges counted as words.
#[inline]
pub fn for_each_term(words: &[u32], mut each: impl FnMut(u32)) {
    const EDGE: u32 = 0x4544_4745;
    let mut before = EDGE;
    for &word in words {
        each(word);
        each(finish(before.rotate_left(11) ^ word.wrapping_mul(HASH)));
        before = word;
    }
    if before != EDGE {
        each(finish(before.rotate_left(11) ^ EDGE.wrapping_mul(HASH)));
    }
}

/// The hash of a number, whatever its digits.
pub const NUMBER: u32 = 0x4E55_4D42;
const HASH: u32 = 0x9E37_79B1;

/// Appends the hashes of a folded line's words. Runs of digits hash alike; where a script writes no
/// spaces, each pair of neighbouring characters counts as a word.
pub fn hash_words(folded: &str, words: &mut Vec<u32>) {
    let bytes = folded.as_bytes();
    let mut at = 0;
    let (mut hash, mut letters, mut digits) = (0u32, 0u32, 0u32);
    let mut unspaced_before = 0u32;
    macro_rules! end_word {
        () => {
            if letters > 0 {
                words.push(finish(hash));
            } else if digits > 0 {
                words.push(NUMBER);
            }
            (hash, letters, digits) = (0, 0, 0);
        };
    }
    while at < bytes.len() {
        let byte = bytes[at];
        if byte < 0x80 {
            at += 1;
            unspaced_before = 0;
            if byte.is_ascii_lowercase() {
                hash = (hash.rotate_left(5) ^ u32::from(byte)).wrapping_mul(HASH);
                letters += 1;
            } else if byte.is_ascii_digit() {
                hash = (hash.rotate_left(5) ^ u32::from(b'0')).wrapping_mul(HASH);
                digits += 1;
            } else {
                end_word!();
            }
            continue;
        }
        let Some(c) = folded[at..].chars().next() else { break };
        at += c.len_utf8();
        match kind_of(c) {
            Kind::Letter => {
                hash = (hash.rotate_left(5) ^ c as u32).wrapping_mul(HASH);
                letters += 1;
                unspaced_before = 0;
            }
            Kind::Unspaced => {
                end_word!();
                if unspaced_before != 0 {
                    words.push(finish(
                        (unspaced_before.wrapping_mul(HASH).rotate_left(5) ^ c as u32).wrapping_mul(HASH),
                    ));
                }
                unspaced_before = c as u32;
            }
            Kind::Other => {
                end_word!();
                unspaced_before = 0;
            }
        }
    }
    end_word!();
    let _ = (hash, letters, digits);
}

fn finish(hash: u32) -> u32 {
    let hash = (hash ^ hash >> 15).wrapping_mul(0x85EB_CA77);
    hash ^ hash >> 13
}

enum Kind {
    Letter,
    Unspaced,
    Other,
}

fn kind_of(c: char) -> Kind {
    match c as u32 {
        0xAA | 0xB5 | 0xBA => Kind::Letter,
        0x80..=0xBF | 0xD7 | 0xF7 | 0x60C | 0x61B | 0x61F | 0x6D4 | 0x964 | 0x965 => Kind::Other,
        0xE00..=0xEFF | 0x1000..=0x109F | 0x1780..=0x17FF => Kind::Unspaced,
        0x2000..=0x2E7F | 0x3000..=0x303F | 0xFE00..=0xFE6F | 0xFF00..=0xFF0F | 0xFF1A..=0xFF20 | 0xFF3B..=0xFF40 => {
            Kind::Other
        }
        0xFF5B..=0xFF65 | 0xE000..=0xF8FF | 0x1F000..=0x1FAFF => Kind::Other,
        0x3040..=0x9FFF | 0xF900..=0xFAFF | 0x20000..=0x3FFFF => Kind::Unspaced,
        _ => Kind::Letter,
    }
}

/// For every ASCII byte: its kind of mark plus one, or 0.
static MARKS: [u8; 128] = {
    let mut table = [0; 128];
    let kinds: [(&[u8], Mark); 10] = [
        (b",;", Mark::Comma),
        (b".!?", Mark::Stop),
        (b":", Mark::Colon),
        (b"|/>", Mark::Separator),
        (b"\"", Mark::Quote),
        (b"()[]", Mark::Bracket),
        (b"$%", Mark::Money),
        (b"{}<=_@\\#`~^", Mark::Code),
        (b"-", Mark::Dash),
        (b"*+", Mark::Symbol),
    ];
    let mut kind = 0;
    while kind < kinds.len() {
        let mut at = 0;
        while at < kinds[kind].0.len() {
            table[kinds[kind].0[at] as usize] = kinds[kind].1 as u8 + 1;
            at += 1;
        }
        kind += 1;
    }
    table[b'&' as usize] = Mark::Ampersand as u8 + 1;
    table
};

fn count_marks(text: &str, fact: &mut LineFacts) {
    #[derive(Clone, Copy, PartialEq)]
    enum Before {
        Nothing,
        Lower,
        Upper,
        Caseless,
        Digit,
    }
    let mut before = Before::Nothing;
    let count = |fact: &mut LineFacts, mark: Mark| {
        let count = &mut fact.marks[mark as usize];
        *count = count.saturating_add(1);
    };
    let mut first = true;
    for c in text.chars() {
        let now = if c.is_ascii() {
            match c {
                'a'..='z' => Before::Lower,
                'A'..='Z' => Before::Upper,
                '0'..='9' => Before::Digit,
                _ => Before::Nothing,
            }
        } else if c.is_lowercase() {
            Before::Lower
        } else if c.is_uppercase() {
            Before::Upper
        } else if c.is_alphabetic() {
            Before::Caseless
        } else {
            Before::Nothing
        };
        match (before, now) {
            (Before::Nothing, Before::Upper) => fact.capitals += 1,
            (Before::Lower, Before::Upper) => count(fact, Mark::Glue),
            (Before::Digit, Before::Upper | Before::Lower) | (Before::Upper | Before::Lower, Before::Digit) => {
                count(fact, Mark::Mixed);
            }
            _ => {}
        }
        if now == Before::Digit && before != Before::Digit {
            count(fact, Mark::Number);
        }
        if now == Before::Nothing {
            if c.is_ascii() {
                let mark = MARKS[c as usize];
                if mark > 0 {
                    let count = &mut fact.marks[mark as usize - 1];
                    *count = count.saturating_add(1);
                    if matches!(c, '!' | '?') {
                        fact.marks[Mark::Loud as usize] = fact.marks[Mark::Loud as usize].saturating_add(1);
                    }
                }
            } else {
                let mark = match c {
                    '，' | '、' | '；' | '،' | '؛' => Some(Mark::Comma),
                    '。' | '！' | '？' | '।' | '॥' | '؟' | '۔' | '．' | '…' => Some(Mark::Stop),
                    '：' => Some(Mark::Colon),
                    '›' | '»' | '·' | '•' | '｜' | '/' | '／' | '→' | '▸' | '▶' | '⟩' | '‹' => Some(Mark::Separator),
                    '“' | '”' | '„' | '«' | '「' | '」' | '『' | '』' => Some(Mark::Quote),
                    '（' | '）' | '【' | '】' | '《' | '》' => Some(Mark::Bracket),
                    '€' | '£' | '¥' | '₹' | '₽' | '¢' | '￥' => Some(Mark::Money),
                    '–' | '—' | '―' => Some(Mark::Dash),
                    '©' | '®' | '™' => Some(Mark::Rights),
                    '’' | '‘' | '\u{A0}' => None,
                    c if c.is_whitespace() => None,
                    _ => Some(Mark::Symbol),
                };
                if let Some(mark) = mark {
                    count(fact, mark);
                }
            }
        }
        if first {
            fact.start = match now {
                Before::Lower => LineStart::Lower,
                Before::Upper => LineStart::Upper,
                Before::Caseless => LineStart::Caseless,
                Before::Digit => LineStart::Digit,
                Before::Nothing => match c {
                    '•' | '*' | '-' | '–' | '·' | '◦' | '▪' | '‣' | '●' | '○' | '■' => LineStart::Bullet,
                    '"' | '\'' | '“' | '‘' | '„' | '«' | '(' | '[' | '「' | '（' | '『' | '¿' | '¡' => LineStart::Quote,
                    _ => LineStart::Symbol,
                },
            };
            first = false;
        }
        before = now;
    }
}
