//! Comment forms, and comment sections that hold nothing.

use crate::marks::{Mark, Marks, StageRule};
use crate::rules::lexicon::{Topic, Topics};
use crate::stages::layout::{Layout, is_prose};

pub(super) const COMMENTS: StageRule = StageRule {
    address: "furniture#comments",
    why: "A form to comment with, or a comment section that holds nothing.",
};

pub(super) fn judge(layout: &Layout, marks: &mut Marks) {
    if !layout.has_any(Topics::of(&[Topic::NoComments, Topic::CommentForm])) {
        return;
    }
    for block in 0..layout.len() {
        let line = layout.line(block);
        if line.chars > 300 || line.words == 0 {
            continue;
        }
        let whole = layout.is(block, Topic::NoComments) || layout.is(block, Topic::CommentForm);
        if whole
            || layout.starts(block, Topic::CommentForm)
            || !is_prose(line) && layout.starts(block, Topic::NoComments)
        {
            marks.drop(block, Mark::judged(&COMMENTS));
        }
    }
}
