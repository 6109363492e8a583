//! The blocks that stay, in their order, with what is cut out of them.

use std::iter;
use std::ops::Range;

use crate::marks::{Cut, Marks};
use crate::page::Page;

/// Shows every block that stays: its index, whether a blank line stands before it in the source or before one that
/// is gone, and its cuts, ascending.
pub(super) fn each_kept(page: &Page, marks: &Marks, mut show: impl FnMut(usize, bool, &[Cut])) {
    let cuts = marks.cuts();
    let mut cuts = cuts.as_slice();
    let mut gap = false;
    for (index, block) in page.blocks.iter().enumerate() {
        gap |= block.place.after_gap;
        let of_block = cuts.iter().take_while(|cut| cut.range.end <= block.span.end).count();
        let (own, rest) = cuts.split_at(of_block);
        cuts = rest;
        if marks.stays(index) {
            show(index, gap, own);
            gap = false;
        }
    }
}

/// What the cuts leave of a range of the page's text, and behind each piece what stands in place of the cut.
pub(super) fn pieces<'c>(range: Range<u32>, cuts: &'c [Cut]) -> impl Iterator<Item = (Range<u32>, &'c str)> + 'c {
    let Range { start, end } = range;
    let mut from = start;
    let last = iter::once((end..end, None));
    let cuts = cuts.iter().map(|cut| (cut.range.clone(), cut.replacement.as_deref())).chain(last);
    cuts.map(move |(cut, replacement)| {
        // A cut may reach beyond the range.
        from = from.min(end);
        let piece = from..cut.start.clamp(from, end);
        from = from.max(cut.end);
        // What replaces a cut stands where the cut begins, and there alone.
        let is_here = (start..end).contains(&cut.start);
        (piece, replacement.filter(|_| is_here).unwrap_or_default())
    })
}
