//! Links to the page before and the page after, with the headlines that stand beside them.

use std::ops::Range;

use crate::marks::{Mark, Marks, StageRule};
use crate::rules::lexicon::{Topic, Topics};
use crate::stages::layout::{Layout, is_headline, is_prose};

pub(super) const PAGER: StageRule = StageRule {
    address: "furniture#pager",
    why: "Links to the page before and after, and the headlines of those pages.",
};

/// Lines between the two labels of a pair at most: a headline, its section, its date.
const BETWEEN: usize = 4;

pub(super) fn judge(layout: &Layout, marks: &mut Marks) {
    if !layout.has_any(Topics::of(&[Topic::Previous, Topic::Next])) {
        return;
    }
    let mut block = 0;
    while block < layout.len() {
        let Some(way) = way(layout, block) else {
            block += 1;
            continue;
        };
        let first = label_end(layout, block, way);
        match pair(layout, first, way) {
            Some(pair) => {
                (block..pair.end).for_each(|line| marks.drop(line, Mark::judged(&PAGER)));
                block = pair.end;
            }
            None => {
                if first - block > 1 || is_whole_label(layout, block) {
                    (block..first).for_each(|line| marks.drop(line, Mark::judged(&PAGER)));
                }
                block = first;
            }
        }
    }
}

/// Which way a label points.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Direction {
    Back,
    On,
}

fn way(layout: &Layout, block: usize) -> Option<Direction> {
    if layout.line(block).chars > 200 || layout.line(block).words == 0 {
        return None;
    }
    if layout.is(block, Topic::Previous) {
        Some(Direction::Back)
    } else if layout.is(block, Topic::Next) {
        Some(Direction::On)
    } else if is_prose(layout.line(block)) {
        None
    } else if layout.starts(block, Topic::Previous) {
        Some(Direction::Back)
    } else if layout.starts(block, Topic::Next) {
        Some(Direction::On)
    } else {
        None
    }
}

fn is_whole_label(layout: &Layout, block: usize) -> bool {
    layout.is(block, Topic::Previous) || layout.is(block, Topic::Next)
}

/// One past a label and its copies.
fn label_end(layout: &Layout, block: usize, label: Direction) -> usize {
    (block + 1..layout.len()).find(|&at| way(layout, at) != Some(label)).unwrap_or(layout.len())
}

/// The rest of a pair whose first label ends before `first`: headline, second label, headline.
fn pair(layout: &Layout, first: usize, label: Direction) -> Option<Range<usize>> {
    let second = (first..layout.len().min(first + BETWEEN + 1))
        .find(|&at| way(layout, at).is_some_and(|other| other != label))?;
    if !(first..second).all(|at| is_headline(layout.reading, at) || layout.line(at).words <= 2) {
        return None;
    }
    let end = label_end(layout, second, way(layout, second)?);
    // Where the first label has its headline below it, the second has too.
    let headline =
        second > first && end >= layout.after_prose && end < layout.len() && is_headline(layout.reading, end);
    Some(first..end + usize::from(headline && is_whole_label(layout, end - 1)))
}
