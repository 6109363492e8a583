//! The numbers that a highlighter writes beside the lines of code, a column of its own.

use crate::marks::{Mark, Marks, StageRule};
use crate::page::markup::Kind;
use crate::stages::layout::Layout;

pub(super) const LINE_NUMBERS: StageRule =
    StageRule { address: "furniture#line-numbers", why: "The numbers of the lines of code that stands beside them." };

/// Lines of such a column at least: two numbers below one another may be the code.
const LINES: usize = 3;

pub(super) fn judge(layout: &Layout, marks: &mut Marks) {
    let Some(markup) = layout.reading.page.markup.as_deref() else { return };
    let number = |block: usize| {
        let is_code = markup.settings[block].kind == Kind::Code;
        is_code.then(|| layout.text(block).trim().parse::<u32>().ok()).flatten()
    };
    let mut start = 0;
    while start < layout.len() {
        let Some(first) = number(start) else {
            start += 1;
            continue;
        };
        let counts_on = |&block: &usize| number(block) == Some(first + (block - start) as u32);
        let length = (start..layout.len()).take_while(counts_on).count();
        let end = start + length;
        // The code itself stands beside them.
        let is_beside = end < layout.len() && markup.settings[end].kind == Kind::Code;
        if length >= LINES && is_beside {
            (start..end).for_each(|block| marks.drop(block, Mark::judged(&LINE_NUMBERS)));
        }
        start = end;
    }
}
