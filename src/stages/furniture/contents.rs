//! Tables of contents: under their heading, lines that all stand again further down as headings.

use crate::line::{ByKey, key};
use crate::marks::{Mark, Marks, StageRule};
use crate::rules::lexicon::{Topic, Topics};
use crate::stages::layout::{Layout, is_item};

pub(in super::super) const CONTENTS: StageRule =
    StageRule { address: "furniture#contents", why: "A table of contents: its lines stand again below, as headings." };

/// Words of an entry at most.
const ENTRY_WORDS: u32 = 25;

/// Entries from which a table is one.
const ENTRIES: usize = 2;

pub(super) fn judge(layout: &Layout, marks: &mut Marks) {
    if !layout.has_any(Topics::of(&[Topic::Contents])) {
        return;
    }
    let headings: Vec<usize> = (0..layout.len()).filter(|&block| layout.is(block, Topic::Contents)).collect();
    let mut last_at = ByKey::<usize>::default();
    for block in 0..layout.len() {
        if layout.line(block).words <= ENTRY_WORDS {
            last_at.insert(layout.line(block).key, block);
        }
    }
    let stands_below = |block: usize| {
        let below = |key: u64| last_at.get(&key).is_some_and(|&at| at > block);
        let line = layout.line(block);
        (1..=ENTRY_WORDS).contains(&line.words) && (below(line.key) || below(key(without_number(layout.text(block)))))
    };
    for heading in headings {
        let entries = (heading + 1..layout.len()).take_while(|&block| stands_below(block)).count();
        if entries >= ENTRIES && is_item(layout.line(heading)) {
            (heading..=heading + entries).for_each(|block| marks.drop(block, Mark::judged(&CONTENTS)));
        }
    }
}

/// An entry without bullet and number: `• 2.1 Tides`.
fn without_number(text: &str) -> &str {
    text.trim_start_matches(|c: char| !c.is_alphabetic())
}
