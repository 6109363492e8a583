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
        each(pair(before, word));
        before = word;
    }
    if before != EDGE {
        each(pair(before, EDGE));
    }
}

#[inline]
fn pair(before: u32, word: u32) -> u32 {
    let hash = (u64::from(before) << 32 | u64::from(word)).wrapping_mul(0xA24B_AED4_963E_E407);
    ((hash ^ hash >> 29) >> 32) as u32 ^ hash as u32
}

/// The hash of a number, whatever its digits.
pub const NUMBER: u32 = 0x4E55_4D42;
const HASH: u32 = 0x9E37_79B1;

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
        let (mut solid, letters) = masks(&bytes[window..]);
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

fn low_bits(count: u32) -> u64 {
    u64::MAX.checked_shr(64 - count).unwrap_or(0)
}

/// For the first 64 bytes of folded ASCII: which are letters or digits, and which are letters.
#[inline]
fn masks(bytes: &[u8]) -> (u64, u64) {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    // Of eight ASCII bytes those from `low` to `high`, told by the bit that an addition carries into.
    let within = |eight: u64, low: u8, high: u8| {
        let from_low = eight + ONES * u64::from(0x80 - low);
        let past_high = eight + ONES * u64::from(0x7F - high);
        let bits = from_low & !past_high & HIGH;
        (bits >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56
    };
    let (mut digits, mut letters) = (0, 0);
    for (place, eight) in bytes.chunks(8).take(8).enumerate() {
        let eight = match <[u8; 8]>::try_from(eight) {
            Ok(eight) => u64::from_le_bytes(eight),
            Err(_) => eight.iter().rev().fold(0, |eight, &byte| eight << 8 | u64::from(byte)),
        };
        digits |= within(eight, b'0', b'9') << (8 * place);
        letters |= within(eight, b'a', b'z') << (8 * place);
    }
    (digits | letters, letters)
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
pub(super) fn hash_bytes(bytes: &[u8], start: usize, end: usize) -> u32 {
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

/// What a character is to its neighbours in a word.
mod case {
    pub const NOTHING: u8 = 0;
    pub const LOWER: u8 = 1;
    pub const UPPER: u8 = 2;
    pub const DIGIT: u8 = 3;
    pub const CASELESS: u8 = 4;
}

/// For every ASCII byte: its case in the low three bits, and its kind of mark plus one above them.
static ASCII: [u8; 128] = {
    let mut table = [case::NOTHING; 128];
    let kinds: [(&[u8], Mark); 11] = [
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
        (b"&", Mark::Ampersand),
    ];
    let mut kind = 0;
    while kind < kinds.len() {
        let mut at = 0;
        while at < kinds[kind].0.len() {
            table[kinds[kind].0[at] as usize] = (kinds[kind].1 as u8 + 1) << 3;
            at += 1;
        }
        kind += 1;
    }
    let mut byte = 0;
    while byte < 128 {
        match byte as u8 {
            b'a'..=b'z' => table[byte] = case::LOWER,
            b'A'..=b'Z' => table[byte] = case::UPPER,
            b'0'..=b'9' => table[byte] = case::DIGIT,
            _ => {}
        }
        byte += 1;
    }
    table
};

/// For a character's case and the case before it: what to count, sixteen bits each: capitals, glue, mixed, numbers.
static TURNS: [u64; 64] = {
    let mut turns = [0; 64];
    let mut before = 0;
    while before < 5 {
        let mut now = 0;
        while now < 5 {
            let capital = before == case::NOTHING && now == case::UPPER;
            let glue = before == case::LOWER && now == case::UPPER;
            let mixed = before == case::DIGIT && (now == case::LOWER || now == case::UPPER)
                || now == case::DIGIT && (before == case::LOWER || before == case::UPPER);
            let number = now == case::DIGIT && before != case::DIGIT;
            turns[(before as usize) << 3 | now as usize] =
                capital as u64 | (glue as u64) << 16 | (mixed as u64) << 32 | (number as u64) << 48;
            now += 1;
        }
        before += 1;
    }
    turns
};

/// A chunk of a line so short that no count of sixteen bits runs over.
const CHUNK: usize = 32_768;

fn count_marks(text: &str, fact: &mut LineFacts) {
    let Some(first) = text.chars().next() else { return };
    let mut before = case::NOTHING;
    let mut counts = [0u32; 4];
    let mut rest = text;
    while !rest.is_empty() {
        let mut end = rest.len().min(CHUNK);
        while !rest.is_char_boundary(end) {
            end -= 1;
        }
        let (chunk, after) = rest.split_at(end);
        let mut turns = 0u64;
        let mut turn = |now: u8| {
            turns += TURNS[usize::from(before << 3 | now) % 64];
            before = now;
        };
        if chunk.is_ascii() {
            chunk.bytes().for_each(|byte| turn(ascii_case(byte, fact)));
        } else {
            for c in chunk.chars() {
                turn(if c.is_ascii() { ascii_case(c as u8, fact) } else { foreign_case(c, fact) });
            }
        }
        (0..4).for_each(|lane| counts[lane] += (turns >> (16 * lane)) as u32 & 0xFFFF);
        rest = after;
    }
    fact.capitals = counts[0];
    for (mark, count) in [Mark::Glue, Mark::Mixed, Mark::Number].into_iter().zip(&counts[1..]) {
        fact.marks[mark as usize] = (*count).min(u32::from(u16::MAX)) as u16;
    }
    fact.start = start_of(first);
}

/// The case of an ASCII character; where it is a mark, the mark is counted.
#[inline]
fn ascii_case(byte: u8, fact: &mut LineFacts) -> u8 {
    let class = ASCII[usize::from(byte) % 128];
    if class > 7 {
        add(fact, usize::from(class >> 3) - 1);
        if byte == b'!' || byte == b'?' {
            add(fact, Mark::Loud as usize);
        }
    }
    class & 7
}

#[inline]
fn add(fact: &mut LineFacts, mark: usize) {
    let count = &mut fact.marks[mark & 15];
    *count = count.saturating_add(1);
}

/// The case of a character beyond ASCII; where it is a mark, the mark is counted.
fn foreign_case(c: char, fact: &mut LineFacts) -> u8 {
    // Scripts without case, tried first because the tables of Unicode are slow.
    if matches!(c as u32, 0x5D0..=0x5EA | 0x620..=0x64A | 0x671..=0x6D3 | 0x904..=0x939 | 0x3040..=0x30FF
        | 0x4E00..=0x9FFF | 0xAC00..=0xD7A3)
    {
        return case::CASELESS;
    }
    if c.is_lowercase() {
        return case::LOWER;
    }
    if c.is_uppercase() {
        return case::UPPER;
    }
    if c.is_alphabetic() {
        return case::CASELESS;
    }
    let mark = match c {
        '，' | '、' | '；' | '،' | '؛' => Mark::Comma,
        '。' | '！' | '？' | '।' | '॥' | '؟' | '۔' | '．' | '…' => Mark::Stop,
        '：' => Mark::Colon,
        '›' | '»' | '·' | '•' | '｜' | '／' | '→' | '▸' | '▶' | '⟩' | '‹' => Mark::Separator,
        '“' | '”' | '„' | '«' | '「' | '」' | '『' | '』' => Mark::Quote,
        '（' | '）' | '【' | '】' | '《' | '》' => Mark::Bracket,
        '€' | '£' | '¥' | '₹' | '₽' | '¢' | '￥' => Mark::Money,
        '–' | '—' | '―' => Mark::Dash,
        '©' | '®' | '™' => Mark::Rights,
        '’' | '‘' => return case::NOTHING,
        c if c.is_whitespace() => return case::NOTHING,
        _ => Mark::Symbol,
    };
    add(fact, mark as usize);
    case::NOTHING
}

fn start_of(c: char) -> LineStart {
    match c {
        'a'..='z' => LineStart::Lower,
        'A'..='Z' => LineStart::Upper,
        '0'..='9' => LineStart::Digit,
        '•' | '*' | '-' | '–' | '·' | '◦' | '▪' | '‣' | '●' | '○' | '■' => LineStart::Bullet,
        '"' | '\'' | '“' | '‘' | '„' | '«' | '(' | '[' | '「' | '（' | '『' | '¿' | '¡' => LineStart::Quote,
        c if c.is_lowercase() => LineStart::Lower,
        c if c.is_uppercase() => LineStart::Upper,
        c if c.is_alphabetic() => LineStart::Caseless,
        _ => LineStart::Symbol,
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

    #[test]
    fn marks_and_capitals_are_counted_in_every_script() {
        let mut fact = LineFacts::default();
        count_marks("Die „Fähre“, OverviewBooking: 3 € (heute)! Ja？", &mut fact);
        assert_eq!((fact.capitals, fact.start), (4, LineStart::Upper));
        for (mark, count) in [
            (Mark::Quote, 2),
            (Mark::Comma, 1),
            (Mark::Glue, 1),
            (Mark::Colon, 1),
            (Mark::Money, 1),
            (Mark::Bracket, 2),
            (Mark::Stop, 2),
            (Mark::Loud, 1),
            (Mark::Number, 1),
        ] {
            assert_eq!(fact.count(mark), count, "{mark:?}");
        }
    }
}
