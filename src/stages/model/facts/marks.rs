//! The marks inside a line, and the turns from one kind of character to another.

use std::ops::Range;

use super::kinds::{Kinds, low_bits};
use crate::line::script;

use super::{LineFacts, LineStart, Mark};

/// What a character is to its neighbours in a word.
mod case {
    pub(super) const NOTHING: u8 = 0;
    pub(super) const LOWER: u8 = 1;
    pub(super) const UPPER: u8 = 2;
    pub(super) const DIGIT: u8 = 3;
    pub(super) const CASELESS: u8 = 4;
}

/// For every ASCII byte its kind of mark plus one, or 0.
static MARKS: [u8; 128] = {
    let mut table = [0; 128];
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
            table[kinds[kind].0[at] as usize] = kinds[kind].1 as u8 + 1;
            at += 1;
        }
        kind += 1;
    }
    table
};

/// What stands between a line's characters: of runs of ASCII 64 at a time, of others one by one.
#[derive(Default)]
struct Turns {
    /// The case of the last character.
    before: u8,
    capitals: u32,
    glue: u32,
    mixed: u32,
    numbers: u32,
}

impl Turns {
    /// Counts the turns of up to 64 characters, given which of them are of which case.
    #[inline(always)]
    fn add(&mut self, lower: u64, upper: u64, digits: u64, length: usize) {
        let follows = |mask: u64, case: u8| mask << 1 | u64::from(self.before == case);
        let (after_lower, after_upper) = (follows(lower, case::LOWER), follows(upper, case::UPPER));
        let (after_digit, after_caseless) = (follows(digits, case::DIGIT), follows(0, case::CASELESS));
        let (letters, after_letter) = (lower | upper, after_lower | after_upper);
        self.capitals += (upper & !(after_letter | after_digit | after_caseless)).count_ones();
        self.glue += (upper & after_lower).count_ones();
        self.mixed += (letters & after_digit | digits & after_letter).count_ones();
        self.numbers += (digits & !after_digit).count_ones();
        let last = |mask: u64, case: u8| (mask >> (length - 1) & 1) as u8 * case;
        self.before = last(lower, case::LOWER) | last(upper, case::UPPER) | last(digits, case::DIGIT);
    }

    /// Counts the turn of one character.
    fn add_one(&mut self, case: u8) {
        let is = |of: u8| u64::from(case == of);
        self.add(is(case::LOWER), is(case::UPPER), is(case::DIGIT), 1);
        self.before = case;
    }
}

/// Counts the marks, capitals and numbers of the line that stands at `line` in a text, and says how it starts.
#[inline(always)]
pub(super) fn count_marks(text: &str, line: Range<usize>, fact: &mut LineFacts) {
    let Some(first) = text[line.clone()].chars().next() else { return };
    let mut turns = Turns::default();
    let mut at = line.start;
    while at < line.end {
        let Kinds { len, lower, upper, digits, space, foreign } = Kinds::of(text, at, line.end);
        let mut marks = low_bits(len as u32) & !(lower | upper | digits | space | foreign);
        while marks != 0 {
            count_mark(text.as_bytes()[at + marks.trailing_zeros() as usize], fact);
            marks &= marks - 1;
        }
        let mut place = 0;
        while place < len {
            let run = ((foreign >> place).trailing_zeros() as usize).min(len - place);
            if run > 0 {
                let of_run = |mask: u64| mask >> place & low_bits(run as u32);
                turns.add(of_run(lower), of_run(upper), of_run(digits), run);
            } else if let Some(c) = text[at + place..].chars().next() {
                turns.add_one(foreign_case(c, fact));
                place += c.len_utf8();
            }
            place += run;
        }
        at += len;
    }
    fact.capitals = turns.capitals;
    for (mark, count) in [(Mark::Glue, turns.glue), (Mark::Mixed, turns.mixed), (Mark::Number, turns.numbers)] {
        fact.marks[mark as usize] = count.min(u32::from(u16::MAX)) as u16;
    }
    fact.start = start_of(first);
}

/// Counts a mark of ASCII.
#[inline(always)]
fn count_mark(byte: u8, fact: &mut LineFacts) {
    if let Some(mark) = MARKS[usize::from(byte) % 128].checked_sub(1) {
        add(fact, usize::from(mark));
        if byte == b'!' || byte == b'?' {
            add(fact, Mark::Loud as usize);
        }
    }
}

#[inline(always)]
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
    if !is_sign(c) {
        if c.is_lowercase() {
            return case::LOWER;
        }
        if c.is_uppercase() {
            return case::UPPER;
        }
        if c.is_alphabetic() {
            return case::CASELESS;
        }
    }
    let mark = match c {
        c if script::parts_sentence(c) => Mark::Comma,
        c if c == '…' || script::ends_sentence(c) => Mark::Stop,
        c if script::is_colon(c) => Mark::Colon,
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

/// Whether a character stands in a block of signs and spaces without letters: all that most texts have.
#[inline(always)]
fn is_sign(c: char) -> bool {
    matches!(c as u32, 0x80..=0xA9 | 0xAB..=0xB4 | 0x2000..=0x206F | 0x20A0..=0x20CF | 0x2190..=0x245F | 0x2500..=0x2BFF
        | 0x3008..=0x3020)
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

    #[test]
    fn blocks_of_signs_have_no_letters() {
        for c in ('\0'..=char::MAX).filter(|&c| is_sign(c)) {
            assert!(!c.is_lowercase() && !c.is_uppercase() && !c.is_alphabetic(), "{c:?}");
        }
    }

    #[test]
    fn marks_and_capitals_are_counted_in_every_script() {
        let mut fact = LineFacts::default();
        let text = "Die „Fähre“, OverviewBooking: 3 € (heute)! Ja？";
        count_marks(text, 0..text.len(), &mut fact);
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
