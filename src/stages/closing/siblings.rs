//! Gives blocks of an HTML page back whose like beside them stay: the last score of a grid, the last entry of a blog's
//! index. What one element holds in blocks of one name is text or it is none.

use std::collections::HashMap;

use super::{ASIDE, Thresholds, score};
use crate::line::PageFeatures;
use crate::marks::{Marks, StageRule};

pub(super) const SIBLING: StageRule = StageRule {
    address: "closing#sibling",
    why: "A block like others beside it that stay, which the model had dropped.",
};

pub(super) fn siblings(page: &PageFeatures, thresholds: &Thresholds, marks: &mut Marks) {
    let Some(markup) = page.page.markup.as_deref() else { return };
    // Blocks are alike that stand in elements of one name in one element, as their own or as their parents'.
    let mut groups: HashMap<(u32, u32, u8), Vec<usize>> = HashMap::new();
    for (block, setting) in markup.settings.iter().enumerate() {
        let element = &markup.elements[setting.element as usize];
        if let Some(parent) = element.parent {
            groups.entry((parent, element.label, setting.kind as u8)).or_default().push(block);
        }
    }
    let mut found: Vec<usize> = Vec::new();
    for blocks in groups.into_values() {
        let staying = blocks.iter().filter(|&&block| marks.stays(block)).count();
        if staying < thresholds.siblings || staying * 100 < blocks.len() * thresholds.sibling_share {
            continue;
        }
        found.extend(blocks.into_iter().filter(|&block| {
            score(marks.verdict(block)) >= Some(thresholds.sibling_score)
                && !markup.settings[block].inside.has_any(ASIDE)
        }));
    }
    found.into_iter().for_each(|block| marks.revoke(block, &SIBLING));
}
