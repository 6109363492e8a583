//! Bars that sort or filter a list.

use crate::marks::{Mark, Marks, StageRule};
use crate::rules::lexicon::{Topic, Topics};
use crate::stages::layout::Layout;

pub(super) const SORT: StageRule = StageRule { address: "furniture#sort", why: "A bar to sort or filter a list with." };

/// Labels from which a run is a bar.
const LABELS: usize = 3;

pub(super) fn judge(layout: &Layout, marks: &mut Marks) {
    if !layout.has_any(Topics::of(&[Topic::Sort])) {
        return;
    }
    for run in layout.runs(|block| layout.is(block, Topic::Sort)) {
        if run.len() >= LABELS {
            run.for_each(|block| marks.drop(block, Mark::judged(&SORT)));
        }
    }
}
