//! Author boxes: the portrait's alternative text, and the box below the article that opens with it.

use crate::marks::{Mark, Marks, StageRule};
use crate::rules::lexicon::{Topic, Topics};
use crate::stages::layout::Layout;

pub const AUTHOR: StageRule =
    StageRule { address: "furniture#author", why: "The portrait of an author, or the box that tells of them." };

/// Characters of a box at most.
const CHARS: u32 = 800;

pub fn judge(layout: &Layout, marks: &mut Marks) {
    if !layout.has_any(Topics::of(&[Topic::Author])) {
        return;
    }
    for block in 0..layout.len() {
        if layout.line(block).chars > CHARS || layout.line(block).words == 0 {
            continue;
        }
        if layout.is(block, Topic::Author) || layout.starts(block, Topic::Author) {
            marks.drop(block, Mark::judged(&AUTHOR));
        }
    }
}
