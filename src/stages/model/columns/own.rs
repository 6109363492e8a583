//! What each line is on its own: its length, its letters, its marks, its words.

use super::super::facts::Facts;
use super::{CONCEPT, Column, Columns, LEVELS, PAD, level, share};

impl Columns {
    pub(super) fn write_lines(&mut self, facts: &Facts, prose: &[u32]) {
        let (mut prose_stops, mut prose_words) = (0, 0);
        for (fact, &prose) in facts.lines.iter().zip(prose) {
            if prose > 0 {
                prose_stops += fact.stops;
                prose_words += fact.words;
            }
        }
        let usual = (prose_stops * 256).checked_div(prose_words).unwrap_or(100).max(16);
        for (line, fact) in facts.lines.iter().enumerate() {
            let marks = fact.chars.saturating_sub(fact.letters + fact.digits);
            let mut set = |column, value| self.set(column, line, value);
            set(Column::Words, level(fact.words));
            set(Column::Chars, level(fact.chars));
            set(Column::WordLength, (fact.letters * 4).checked_div(fact.words).unwrap_or(0).min(63) as u8);
            set(Column::Capitals, share(fact.capitals, fact.words));
            set(Column::Upper, share(fact.upper, fact.letters));
            set(Column::DigitShare, share(fact.digits, fact.chars));
            set(Column::MarkShare, share(marks, fact.chars));
            set(Column::StopShare, share(fact.stops, fact.words));
            set(Column::StopCount, level(fact.stops));
            set(
                Column::StopsToProse,
                (fact.stops * 256 * 32 / usual).checked_div(fact.words).unwrap_or(0).min(63) as u8,
            );
            set(Column::WordScore, word_score(fact.weight, fact.known));
            set(Column::End, fact.end);
            set(Column::Start, fact.start as u8);
            set(Column::Indent, fact.indent.min(63) as u8);
            set(Column::Gap, fact.gap.min(63) as u8);
            set(Column::ProseWords, level(prose[line]));
            for (mark, &count) in fact.marks.iter().enumerate() {
                let start = (Column::Comma as usize + mark) * self.stride + PAD;
                self.cells[start + line] = level(u32::from(count));
            }
            let mut concepts = fact.concepts;
            while concepts != 0 {
                let concept = concepts.trailing_zeros() as usize;
                self.cells[(CONCEPT + concept) * self.stride + PAD + line] = 1;
                concepts &= concepts - 1;
            }
        }
    }
}

/// The level of a line's word score: the sum of its words' weights over the root of their number plus three.
#[inline]
pub fn word_score(weight: i32, known: u32) -> u8 {
    centred(weight * 16 / ((known + 3) * 256).isqrt() as i32)
}

/// A signed sum as a level around the middle.
fn centred(value: i32) -> u8 {
    (value + LEVELS as i32 / 2).clamp(0, LEVELS as i32 - 1) as u8
}
