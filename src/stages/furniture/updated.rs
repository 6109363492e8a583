//! Lines that only tell when the page was posted or last changed.

use crate::marks::{Mark, Marks, StageRule};
use crate::rules::lexicon::{Topic, Topics};
use crate::stages::layout::Layout;

pub(super) const UPDATED: StageRule =
    StageRule { address: "furniture#updated", why: "A line that only tells when the page was posted or changed." };

/// Words of such a line at most: label, weekday, date, time and zone.
const WORDS: u32 = 14;

pub(super) fn judge(layout: &Layout, marks: &mut Marks) {
    if !layout.has_any(Topics::of(&[Topic::Updated])) {
        return;
    }
    for block in 0..layout.len() {
        let line = layout.line(block);
        if line.words > WORDS || line.digits == 0 || line.chars > 120 {
            continue;
        }
        if layout.starts(block, Topic::Updated) {
            marks.drop(block, Mark::judged(&UPDATED));
        }
    }
}
