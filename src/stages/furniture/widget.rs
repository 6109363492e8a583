//! What stands in an element that a well-known program writes around consent, sharing, forms or other pages.

use crate::marks::{Mark, Marks, StageRule};
use crate::rules::elements::KnownElements;
use crate::stages::layout::{Layout, is_prose};

pub(super) const WIDGET: StageRule = StageRule {
    address: "furniture#widget",
    why: "Stands in an element that a well-known program writes around consent, sharing, forms or other pages.",
};

/// The share, in hundredths, of a page's prose from which such an element holds its text, whatever it is called.
const HOLDS_TEXT: u32 = 40;

pub(super) fn judge(layout: &Layout, marks: &mut Marks) {
    let Some(markup) = layout.reading.page.markup.as_deref() else { return };
    let known = KnownElements::embedded();
    let Some(inside) = markup.inside_named(|label| known.has(label)) else { return };
    let is_inside = |block: &usize| inside[markup.settings[*block].element as usize];
    let blocks: Vec<usize> = (0..layout.len()).filter(is_inside).collect();
    let words = |block: usize| if is_prose(layout.line(block)) { layout.line(block).words } else { 0 };
    // What other judges have dropped is nobody's text.
    let total: u32 = (0..layout.len()).filter(|&block| marks.is_undecided(block)).map(words).sum();
    let own: u32 = blocks.iter().filter(|&&block| marks.is_undecided(block)).map(|&block| words(block)).sum();
    if own * 100 <= total * HOLDS_TEXT {
        blocks.into_iter().for_each(|block| marks.drop(block, Mark::judged(&WIDGET)));
    }
}
