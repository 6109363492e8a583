//! Copies of visible text in elements that are not shown: pages keep them for small screens and for readers without
//! scripts.

use std::collections::HashMap;

use crate::marks::{Evidence, Mark, Marks, RuleId, StageRule};
use crate::page::markup::Inside;
use crate::stages::layout::Layout;

pub(super) const HIDDEN: StageRule =
    StageRule { address: "furniture#hidden-copy", why: "An element that is not shown repeats one that is." };

/// What is not shown, or only where something else is not.
const NOT_SHOWN: Inside = Inside::HIDDEN.and(Inside::NOSCRIPT).and(Inside::FALLBACK);

pub(super) fn judge(layout: &Layout, marks: &mut Marks) {
    let Some(markup) = &layout.reading.page.markup else { return };
    let is_shown = |block: usize| !markup.settings[block].inside.has_any(NOT_SHOWN);
    if (0..layout.len()).all(is_shown) {
        return;
    }
    let mut shown: HashMap<u64, usize> = HashMap::new();
    for block in (0..layout.len()).filter(|block| is_shown(*block)) {
        shown.entry(layout.line(block).key).or_insert(block);
    }
    for block in (0..layout.len()).filter(|block| !is_shown(*block)) {
        if let Some(copy) = shown.get(&layout.line(block).key) {
            let because = Evidence::Repeats { block: *copy as u32 };
            marks.drop(block, Mark { rule: RuleId::Judge(&HIDDEN), because });
        }
    }
}
