//! Notes of rights and of who made the site, at the page's end.

use crate::marks::{Mark, Marks, StageRule};
use crate::rules::lexicon::Topic;
use crate::stages::layout::{Layout, is_prose};

pub(super) const CREDITS: StageRule =
    StageRule { address: "furniture#credits", why: "A note of rights, or of who made the site, below the text." };

pub(super) fn judge(layout: &Layout, marks: &mut Marks) {
    for block in layout.after_prose.saturating_sub(1)..layout.len() {
        let line = layout.line(block);
        if line.chars > 300 || is_prose(line) && !layout.text(block).contains('©') {
            continue;
        }
        let text = layout.text(block);
        if text.starts_with('©') || layout.is(block, Topic::Credits) || layout.starts(block, Topic::Credits) {
            marks.drop(block, Mark::judged(&CREDITS));
        }
    }
}
