//! What each line is on its own: its length, its letters, its marks, its words.

use super::super::facts::{Facts, Mark};
use super::{CONCEPT, Column, Columns, LEVELS, PAD, level, share};

/// The columns of marks, by [`Mark`].
const MARKS: [Column; Mark::COUNT] = [
    Column::Comma,
    Column::StopMark,
    Column::Colon,
    Column::Separator,
    Column::Quote,
    Column::Bracket,
    Column::Money,
    Column::Code,
    Column::Dash,
    Column::Symbol,
    Column::Glue,
    Column::Ampersand,
    Column::Rights,
    Column::Mixed,
    Column::Number,
    Column::Loud,
];

impl Columns {
    pub(super) fn write_lines(&mut self, facts: &Facts, prose: &[u32]) {
        let lines = &facts.lines;
        self.write(
            [
                Column::Words,
                Column::Chars,
                Column::StopCount,
                Column::End,
                Column::Start,
                Column::Indent,
                Column::Gap,
                Column::ProseWords,
            ],
            |line| {
                let fact = &lines[line];
                let (indent, gap) = (fact.indent.min(63) as u8, fact.gap.min(63) as u8);
                let (words, chars, stops) = (level(fact.words), level(fact.chars), level(fact.stops));
                [words, chars, stops, fact.end, fact.start as u8, indent, gap, level(prose[line])]
            },
        );
        self.write_shares(facts, prose);
        self.write(MARKS, |line| lines[line].marks.map(|count| level(count.into())));
        for (line, fact) in lines.iter().enumerate() {
            let mut concepts = fact.concepts;
            while concepts != 0 {
                let concept = concepts.trailing_zeros() as usize;
                self.cells[(CONCEPT + concept) * self.stride + PAD + line] = 1;
                concepts &= concepts - 1;
            }
        }
    }

    fn write_shares(&mut self, facts: &Facts, prose: &[u32]) {
        let (mut prose_stops, mut prose_words) = (0, 0);
        for (fact, &prose) in facts.lines.iter().zip(prose) {
            if prose > 0 {
                prose_stops += fact.stops;
                prose_words += fact.words;
            }
        }
        let usual = (prose_stops * 256).checked_div(prose_words).unwrap_or(100).max(16);
        self.write(
            [
                Column::WordLength,
                Column::Capitals,
                Column::Upper,
                Column::DigitShare,
                Column::MarkShare,
                Column::StopShare,
                Column::StopsToProse,
                Column::WordScore,
            ],
            |line| {
                let fact = &facts.lines[line];
                let marks = fact.chars.saturating_sub(fact.letters + fact.digits);
                [
                    (fact.letters * 4).checked_div(fact.words).unwrap_or(0).min(63) as u8,
                    share(fact.capitals, fact.words),
                    share(fact.upper, fact.letters),
                    share(fact.digits, fact.chars),
                    share(marks, fact.chars),
                    share(fact.stops, fact.words),
                    (fact.stops * 256 * 32 / usual).checked_div(fact.words).unwrap_or(0).min(63) as u8,
                    word_score(fact.weight, fact.known),
                ]
            },
        );
    }
}

/// The level of a line's word score: the sum of its words' weights over the root of their number plus three.
#[inline]
pub fn word_score(weight: i32, known: u32) -> u8 {
    /// The roots of few numbers.
    const FEW: [u16; 128] = {
        let mut roots = [0; 128];
        let mut known = 0;
        while known < roots.len() {
            roots[known] = root(known as u32) as u16;
            known += 1;
        }
        roots
    };
    let root = FEW.get(known as usize).map_or_else(|| root(known), |&root| u32::from(root));
    centred(weight * 16 / root as i32)
}

/// Sixteen times the root of a number plus three.
const fn root(known: u32) -> u32 {
    ((known + 3) * 256).isqrt()
}

/// A signed sum as a level around the middle.
fn centred(value: i32) -> u8 {
    (value + LEVELS as i32 / 2).clamp(0, LEVELS as i32 - 1) as u8
}
