//! Which runs of lines a line stands in, and what lines stand before and behind it.

use super::super::facts::{Facts, LineFacts};
use super::{Column, Columns, Groups, is_bullet, level, share};
use crate::line::LineEnd;

/// Words up to which a line with a date is little else.
const DATE_WORDS: u32 = 12;

/// Words up to which a line that speaks of furniture is a label.
const SPOKEN_WORDS: u32 = 8;

impl Columns {
    pub(super) fn write_runs(&mut self, facts: &Facts, groups: &mut Groups) {
        let lines = &facts.lines;
        groups.group = Vec::with_capacity(lines.len());
        let mut sizes: Vec<(usize, u32, u32)> = Vec::new();
        for (line, fact) in lines.iter().enumerate() {
            match sizes.last_mut() {
                Some((_, length, words)) if fact.gap == 0 => (*length, *words) = (*length + 1, *words + fact.words),
                _ => sizes.push((line, 1, fact.words)),
            }
            groups.group.push(sizes.len() as u32 - 1);
        }
        let words_of =
            |group: Option<usize>| group.and_then(|group| sizes.get(group)).map_or(0, |&(_, _, words)| words);
        self.write(
            [
                Column::GroupLines,
                Column::GroupIndex,
                Column::GroupWords,
                Column::GroupMean,
                Column::GroupBefore,
                Column::GroupAfter,
            ],
            |line| {
                let group = groups.group[line] as usize;
                let (start, length, words) = sizes[group];
                let (before, after) = (words_of(group.checked_sub(1)), words_of(Some(group + 1)));
                let (index, mean) = (level((line - start) as u32), level(words * 2 / length));
                [level(length), index, level(words), mean, level(before), level(after)]
            },
        );
        let group = sizes.len() as u32;
        groups.counts[2] = group as usize;
        self.set_page(Column::PageGaps, share(group, lines.len() as u32));
        self.write_run(lines, |fact| fact.words <= 6, Column::ShortRun, Column::ShortIndex, None);
        self.write_run(lines, is_bullet, Column::BulletRun, Column::BulletIndex, Some(Column::BulletMean));
    }

    fn write_run(
        &mut self,
        lines: &[LineFacts],
        belongs: impl Fn(&LineFacts) -> bool,
        length: Column,
        index: Column,
        mean: Option<Column>,
    ) {
        let mut start = 0;
        while start < lines.len() {
            if !belongs(&lines[start]) {
                start += 1;
                continue;
            }
            let mut end = start + 1;
            while end < lines.len() && belongs(&lines[end]) {
                end += 1;
            }
            let count = (end - start) as u32;
            self.column_mut(length.place())[start..end].fill(level(count));
            let indices = &mut self.column_mut(index.place())[start..end];
            indices.iter_mut().zip(0..).for_each(|(value, index)| *value = level(index));
            if let Some(mean) = mean {
                let words: u32 = lines[start..end].iter().map(|fact| fact.words).sum();
                self.column_mut(mean.place())[start..end].fill(level(words * 2 / count));
            }
            start = end;
        }
    }

    /// Writes which lines are dated, and the runs of lines that are numbered one after another.
    pub(super) fn write_numbers(&mut self, facts: &Facts) {
        let lines = &facts.lines;
        let mut start = 0;
        for (line, fact) in lines.iter().enumerate() {
            let goes_on = fact.ordinal > 0 && lines.get(line + 1).is_some_and(|next| next.ordinal == fact.ordinal + 1);
            if !goes_on {
                if fact.ordinal > 0 {
                    self.column_mut(Column::OrdinalRun.place())[start..=line].fill(level((line + 1 - start) as u32));
                }
                start = line + 1;
            }
        }
        self.write([Column::Dated], |line| {
            let dated = if lines[line].words <= DATE_WORDS { 2 } else { 1 };
            [u8::from(lines[line].dated) * dated]
        });
        self.set_page(Column::PageDates, level(lines.iter().filter(|fact| fact.dated).count() as u32));
    }

    /// Writes how far the next short line that speaks of furniture is, above and below, and how many of them stand between
    /// the line and prose.
    pub(super) fn write_spoken(&mut self, facts: &Facts, prose: &[u32]) {
        let speaks = |fact: &LineFacts| fact.concepts != 0 && fact.words <= SPOKEN_WORDS;
        let lines = &facts.lines;
        let step = |(away, spoken): (u32, u32), line: usize| match (speaks(&lines[line]), prose[line] > 0) {
            (true, false) => (0, spoken + 1),
            (_, true) => (away + 1, 0),
            _ => (away + 1, spoken),
        };
        let mut since = (62, 0);
        self.write([Column::SinceSpoken, Column::SpokenSinceProse], |line| {
            since = step(since, line);
            [level(since.0).min(62), level(since.1)]
        });
        let mut till = (62, 0);
        self.write_backwards([Column::TillSpoken, Column::SpokenTillProse], |line| {
            till = step(till, line);
            [level(till.0).min(62), level(till.1)]
        });
    }

    /// Writes what stands in the four and in the sixteen lines above and below.
    pub(super) fn write_windows(&mut self, facts: &Facts) {
        let count = facts.lines.len();
        let mut sums = Vec::with_capacity(count + 1);
        let mut sum = Window::default();
        sums.push(sum);
        for fact in &facts.lines {
            sum.add(fact);
            sums.push(sum);
        }
        let above = |line: usize, width: usize| sums[line].without(sums[line.saturating_sub(width)]);
        let below = |line: usize, width: usize| sums[(line + 1 + width).min(count)].without(sums[line + 1]);
        for width in WIDTHS {
            let (columns_above, columns_below) = columns_of(width);
            self.write(columns_above, |line| above(line, width).values(width));
            self.write(columns_below, |line| below(line, width).values(width));
        }
    }
}

/// How many lines are looked at above and below.
const WIDTHS: [usize; 2] = [4, 16];

/// The columns of the lines above and below, so many of them.
fn columns_of(width: usize) -> ([Column; 5], [Column; 5]) {
    use Column::*;
    match width {
        4 => (
            [WordsBefore4, SentencesBefore4, BulletsBefore4, CapitalsBefore4, DatesBefore4],
            [WordsAfter4, SentencesAfter4, BulletsAfter4, CapitalsAfter4, DatesAfter4],
        ),
        _ => (
            [WordsBefore16, SentencesBefore16, BulletsBefore16, CapitalsBefore16, DatesBefore16],
            [WordsAfter16, SentencesAfter16, BulletsAfter16, CapitalsAfter16, DatesAfter16],
        ),
    }
}

/// Words and lines summed up.
#[derive(Clone, Copy, Default)]
struct Window {
    words: u32,
    /// Sixteen bits each, from the lowest on: sentences, bullets, lines of capitals, lines with dates. Of a difference of
    /// sums all four are right, whatever ran over on the way.
    lines: u64,
}

impl Window {
    #[inline(always)]
    fn add(&mut self, fact: &LineFacts) {
        let bit = |is: bool, kind: u32| u64::from(is) << (16 * kind);
        self.words += fact.words.min(200);
        let lines = bit(is_sentence(fact), 0)
            | bit(is_bullet(fact), 1)
            | bit(fact.capitals * 3 > fact.words * 2, 2)
            | bit(fact.dated, 3);
        self.lines = self.lines.wrapping_add(lines);
    }

    #[inline(always)]
    fn without(self, other: Window) -> Window {
        Window { words: self.words - other.words, lines: self.lines.wrapping_sub(other.lines) }
    }

    #[inline(always)]
    fn values(self, width: usize) -> [u8; 5] {
        let lines = |kind: u32| (self.lines >> (16 * kind)) as u8;
        [level(self.words / (width as u32 / 4)), lines(0), lines(1), lines(2), lines(3)]
    }
}

fn is_sentence(fact: &LineFacts) -> bool {
    fact.end == LineEnd::Sentence as u8 && fact.words >= 4
}
