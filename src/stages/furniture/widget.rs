//! What stands in an element that a well-known program writes around consent, sharing, forms, other pages or the buttons of a post.

use crate::marks::{Mark, Marks, StageRule};
use crate::rules::elements::KnownElements;
use crate::stages::layout::Layout;

pub(super) const WIDGET: StageRule = StageRule {
    address: "furniture#widget",
    why: "Stands in an element that a well-known program writes around consent, sharing, forms, other pages or the buttons of a post.",
};

/// The share, in hundredths, of a page's prose from which such an element holds its text, whatever it is called.
const HOLDS_TEXT: u64 = 40;

pub(super) fn judge(layout: &Layout, marks: &mut Marks) {
    let Some(markup) = layout.reading.page.markup.as_deref() else { return };
    let known = KnownElements::embedded();
    let Some(inside) = markup.inside_named(|label| known.has(label)) else { return };
    let is_inside = |block: &usize| inside[markup.settings[*block].element as usize];
    let blocks: Vec<usize> = (0..layout.len()).filter(is_inside).collect();
    // What other judges have dropped is nobody's text.
    let words = |block: usize| if marks.is_undecided(block) { layout.prose_words(block..block + 1) } else { 0 };
    let total: u64 = (0..layout.len()).map(words).sum();
    let own: u64 = blocks.iter().map(|&block| words(block)).sum();
    if own * 100 <= total * HOLDS_TEXT {
        blocks.into_iter().for_each(|block| marks.drop(block, Mark::judged(&WIDGET)));
    }
}
