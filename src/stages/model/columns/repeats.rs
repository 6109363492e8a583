//! What repeats on the page: lines, their shapes, their first and last words.

use super::super::facts::{Facts, LineFacts, LineStart, Mark};
use super::super::numbering::Numbering;
use super::{Column, Columns, Groups, level, share};

impl Columns {
    pub(super) fn write_repeats(&mut self, facts: &Facts, groups: &mut Groups) {
        let lines = facts.lines.len();
        let number_all = |hash: &dyn Fn(&LineFacts) -> u32| {
            let mut numbering = Numbering::for_at_most(lines);
            let numbers: Vec<u32> = facts.lines.iter().map(|fact| numbering.number(hash(fact))).collect();
            let mut counts = vec![0u32; numbering.count()];
            for &number in &numbers {
                counts[number as usize] += 1;
            }
            (numbers, counts)
        };
        let (keys, key_counts) = number_all(&|fact| fact.key as u32);
        let (masked, masked_counts) = number_all(&|fact| fact.masked_key);
        let (shapes, shape_counts) = number_all(&shape);
        let (firsts, first_counts) =
            number_all(&|fact| fact.words_in(&facts.words).first().copied().unwrap_or(fact.start as u32));
        let (lasts, last_counts) =
            number_all(&|fact| fact.words_in(&facts.words).last().copied().unwrap_or(fact.end.into()));
        // A ring through the lines of each key.
        let mut last_seen = vec![u32::MAX; key_counts.len()];
        let mut first_seen = vec![u32::MAX; key_counts.len()];
        let mut seen = vec![0u32; key_counts.len()];
        groups.twin = (0..lines as u32).collect();
        for line in 0..lines {
            let key = keys[line] as usize;
            if last_seen[key] == u32::MAX {
                first_seen[key] = line as u32;
            } else {
                groups.twin[last_seen[key] as usize] = line as u32;
            }
            groups.twin[line] = first_seen[key];
            last_seen[key] = line as u32;
            self.set(Column::KeyCount, line, level(key_counts[key]));
            self.set(Column::KeyBefore, line, level(seen[key]));
            seen[key] += 1;
            self.set(Column::KeyLater, line, level(key_counts[key] - seen[key]));
            self.set(Column::MaskedCount, line, level(masked_counts[masked[line] as usize]));
            self.set(Column::FirstWordCount, line, level(first_counts[firsts[line] as usize]));
            self.set(Column::LastWordCount, line, level(last_counts[lasts[line] as usize]));
            let shape = shapes[line];
            self.set(Column::ShapeCount, line, level(shape_counts[shape as usize]));
            let near = shapes[line.saturating_sub(6)..(line + 7).min(lines)].iter().filter(|&&other| other == shape);
            self.set(Column::ShapeNear, line, near.count() as u8);
        }
        // Runs whose lines all stand in the same order elsewhere: a menu printed twice.
        let mut start = 0;
        while start < lines {
            let mut end = start + 1;
            if key_counts[keys[start] as usize] > 1 {
                while end < lines && groups.twin[end - 1] + 1 == groups.twin[end] {
                    end += 1;
                }
                let run = level((end - start) as u32);
                (start..end).for_each(|line| self.set(Column::TwinRun, line, run));
            }
            start = end;
        }
        let mut start = 0;
        while start < lines {
            let mut end = start + 1;
            while end < lines && shapes[end] == shapes[start] {
                end += 1;
            }
            let run = level((end - start) as u32);
            (start..end).for_each(|line| self.set(Column::ShapeRun, line, run));
            start = end;
        }
        self.set_page(Column::PageShape, level(shape_counts.len() as u32));
        let twins = key_counts.iter().filter(|&&count| count > 1).sum::<u32>();
        self.set_page(Column::PageTwins, share(twins, lines as u32));
        groups.counts[0] = shape_counts.len();
        groups.counts[1] = masked_counts.len();
        groups.shape = shapes;
        groups.masked = masked;
    }
}

/// The shape of a line: lines of one list have the same.
fn shape(fact: &LineFacts) -> u32 {
    let words = match fact.words {
        0..=1 => fact.words,
        2..=3 => 2,
        4..=7 => 3,
        8..=15 => 4,
        16..=31 => 5,
        _ => 6,
    };
    let start = match fact.start {
        LineStart::Bullet => 1,
        LineStart::Digit => 2,
        LineStart::Upper | LineStart::Caseless | LineStart::Lower => 3,
        _ => 4,
    };
    let digits = u32::from(fact.digits > 0) + u32::from(fact.digits * 2 > fact.chars);
    let gap = fact.gap.min(1);
    let money = u32::from(fact.count(Mark::Money) > 0);
    ((((words * 5 + start) * 5 + u32::from(fact.end)) * 3 + digits) * 2 + gap) * 2 + money + 1000 * fact.indent.min(9)
}
