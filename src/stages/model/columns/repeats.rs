//! What repeats on the page: lines, their shapes, their first and last words.

use super::super::facts::{Facts, LineFacts, LineStart, Mark};
use super::super::numbering::Numbering;
use super::{Column, Columns, Groups, level, share};

impl Columns {
    pub(super) fn write_repeats(&mut self, facts: &Facts, groups: &mut Groups) {
        let lines = facts.lines.len();
        let (keys, key_counts) = number_all(facts, |fact| fact.key as u32);
        let (masked, masked_counts) = number_all(facts, |fact| fact.masked_key);
        let (shapes, shape_counts) = number_all(facts, shape);
        let (firsts, first_counts) =
            number_all(facts, |fact| fact.words_in(&facts.words).first().copied().unwrap_or(fact.start as u32));
        let (lasts, last_counts) =
            number_all(facts, |fact| fact.words_in(&facts.words).last().copied().unwrap_or(fact.end.into()));
        // A ring through the lines of each key.
        let mut last_seen = vec![u32::MAX; key_counts.len()];
        let mut first_seen = vec![u32::MAX; key_counts.len()];
        let mut seen = vec![0u32; key_counts.len()];
        groups.twin = (0..lines as u32).collect();
        for (line, &key) in keys.iter().enumerate() {
            let key = key as usize;
            if last_seen[key] == u32::MAX {
                first_seen[key] = line as u32;
            } else {
                groups.twin[last_seen[key] as usize] = line as u32;
            }
            groups.twin[line] = first_seen[key];
            last_seen[key] = line as u32;
        }
        self.write(
            [
                Column::KeyCount,
                Column::KeyBefore,
                Column::KeyLater,
                Column::MaskedCount,
                Column::FirstWordCount,
                Column::LastWordCount,
                Column::ShapeCount,
            ],
            |line| {
                let (key, masked) = (keys[line] as usize, masked[line] as usize);
                let (count, before) = (key_counts[key], seen[key]);
                seen[key] += 1;
                [
                    level(count),
                    level(before),
                    level(count - seen[key]),
                    level(masked_counts[masked]),
                    level(first_counts[firsts[line] as usize]),
                    level(last_counts[lasts[line] as usize]),
                    level(shape_counts[shapes[line] as usize]),
                ]
            },
        );
        self.write_near_shapes(&shapes, shape_counts.len());
        // Runs whose lines all stand in the same order elsewhere: a menu printed twice.
        let mut start = 0;
        while start < lines {
            let mut end = start + 1;
            if key_counts[keys[start] as usize] > 1 {
                while end < lines && groups.twin[end - 1] + 1 == groups.twin[end] {
                    end += 1;
                }
                self.column_mut(Column::TwinRun.place())[start..end].fill(level((end - start) as u32));
            }
            start = end;
        }
        let mut start = 0;
        while start < lines {
            let mut end = start + 1;
            while end < lines && shapes[end] == shapes[start] {
                end += 1;
            }
            self.column_mut(Column::ShapeRun.place())[start..end].fill(level((end - start) as u32));
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

    /// Writes how many of the six lines above, of the six below and of the line itself have its shape.
    fn write_near_shapes(&mut self, shapes: &[u32], count: usize) {
        let mut near = vec![0u8; count];
        shapes.iter().take(NEAR).for_each(|&shape| near[shape as usize] += 1);
        self.write([Column::ShapeNear], |line| {
            if let Some(&enters) = shapes.get(line + NEAR) {
                near[enters as usize] += 1;
            }
            let value = near[shapes[line] as usize];
            if let Some(leaves) = line.checked_sub(NEAR) {
                near[shapes[leaves] as usize] -= 1;
            }
            [value]
        });
    }
}

/// How many lines above and below are near.
const NEAR: usize = 6;

/// Numbers the lines by a hash, and counts those of each.
#[inline(always)]
fn number_all(facts: &Facts, hash: impl Fn(&LineFacts) -> u32) -> (Vec<u32>, Vec<u32>) {
    let lines = facts.lines.len();
    let mut numbering = Numbering::for_at_most(lines);
    let (mut numbers, mut counts) = (Vec::with_capacity(lines), vec![0; lines]);
    for fact in &facts.lines {
        let number = numbering.number(hash(fact));
        counts[number as usize] += 1;
        numbers.push(number);
    }
    counts.truncate(numbering.count());
    (numbers, counts)
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
