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
        groups.group = vec![0; lines.len()];
        let mut start = 0;
        let mut group = 0;
        let mut words_before = 0;
        while start < lines.len() {
            let mut end = start + 1;
            while end < lines.len() && lines[end].gap == 0 {
                end += 1;
            }
            let length = (end - start) as u32;
            let words: u32 = lines[start..end].iter().map(|fact| fact.words).sum();
            for line in start..end {
                groups.group[line] = group;
                self.set(Column::GroupLines, line, level(length));
                self.set(Column::GroupIndex, line, level((line - start) as u32));
                self.set(Column::GroupWords, line, level(words));
                self.set(Column::GroupMean, line, level(words * 2 / length));
                self.set(Column::GroupBefore, line, level(words_before));
            }
            if start > 0 {
                let mut line = start;
                while line > 0 && groups.group[line - 1] == group - 1 {
                    line -= 1;
                    self.set(Column::GroupAfter, line, level(words));
                }
            }
            words_before = words;
            start = end;
            group += 1;
        }
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
            let words: u32 = lines[start..end].iter().map(|fact| fact.words).sum();
            for line in start..end {
                self.set(length, line, level(count));
                self.set(index, line, level((line - start) as u32));
                if let Some(mean) = mean {
                    self.set(mean, line, level(words * 2 / count));
                }
            }
            start = end;
        }
    }

    /// Writes which lines are dated, and the runs of lines that are numbered one after another.
    pub(super) fn write_numbers(&mut self, facts: &Facts) {
        let lines = &facts.lines;
        let mut start = 0;
        for line in 0..lines.len() {
            let dated = if lines[line].words <= DATE_WORDS { 2 } else { 1 };
            self.set(Column::Dated, line, u8::from(lines[line].dated) * dated);
            let goes_on = lines[line].ordinal > 0
                && lines.get(line + 1).is_some_and(|next| next.ordinal == lines[line].ordinal + 1);
            if !goes_on {
                let run = level((line + 1 - start) as u32);
                let is_run = lines[line].ordinal > 0;
                (start..=line)
                    .for_each(|numbered| self.set(Column::OrdinalRun, numbered, if is_run { run } else { 0 }));
                start = line + 1;
            }
        }
        self.set_page(Column::PageDates, level(lines.iter().filter(|fact| fact.dated).count() as u32));
    }

    /// Writes how far the next short line that speaks of furniture is, above and below, and how many of them stand between
    /// the line and prose.
    pub(super) fn write_spoken(&mut self, facts: &Facts, prose: &[u32]) {
        let speaks = |fact: &LineFacts| fact.concepts != 0 && fact.words <= SPOKEN_WORDS;
        let (mut since, mut spoken) = (62, 0);
        for (line, fact) in facts.lines.iter().enumerate() {
            (since, spoken) = match (speaks(fact), prose[line] > 0) {
                (true, false) => (0, spoken + 1),
                (_, true) => (since + 1, 0),
                _ => (since + 1, spoken),
            };
            self.set(Column::SinceSpoken, line, level(since).min(62));
            self.set(Column::SpokenSinceProse, line, level(spoken));
        }
        let (mut till, mut spoken) = (62, 0);
        for (line, fact) in facts.lines.iter().enumerate().rev() {
            (till, spoken) = match (speaks(fact), prose[line] > 0) {
                (true, false) => (0, spoken + 1),
                (_, true) => (till + 1, 0),
                _ => (till + 1, spoken),
            };
            self.set(Column::TillSpoken, line, level(till).min(62));
            self.set(Column::SpokenTillProse, line, level(spoken));
        }
    }

    pub(super) fn write_windows(&mut self, facts: &Facts) {
        let count = facts.lines.len();
        let mut sums = vec![[0u32; 5]; count + 1];
        for (line, fact) in facts.lines.iter().enumerate() {
            let sum = sums[line];
            sums[line + 1] = [
                sum[0] + fact.words.min(200),
                sum[1] + u32::from(is_sentence(fact)),
                sum[2] + u32::from(is_bullet(fact)),
                sum[3] + u32::from(fact.capitals * 3 > fact.words * 2),
                sum[4] + u32::from(fact.dated),
            ];
        }
        let firsts = [
            Column::WordsBefore4,
            Column::SentencesBefore4,
            Column::BulletsBefore4,
            Column::CapitalsBefore4,
            Column::DatesBefore4,
        ];
        for (kind, &first) in firsts.iter().enumerate() {
            for (step, width) in [4, 16].into_iter().enumerate() {
                let sum = |from: usize, to: usize| match (sums[to][kind] - sums[from][kind], kind) {
                    (words, 0) => level(words / (width as u32 / 4)),
                    (lines, _) => lines as u8,
                };
                let before = first as usize + 2 * step;
                for (line, value) in self.column_mut(before).iter_mut().enumerate() {
                    *value = sum(line.saturating_sub(width), line);
                }
                for (line, value) in self.column_mut(before + 1).iter_mut().enumerate() {
                    *value = sum(line + 1, (line + 1 + width).min(count));
                }
            }
        }
    }
}

fn is_sentence(fact: &LineFacts) -> bool {
    fact.end == LineEnd::Sentence as u8 && fact.words >= 4
}
