//! The text that is written for a page.

use std::iter;

use crate::marks::{Cut, Marks};
use crate::page::Page;

/// The kept blocks in their order, a line each, one blank line where the source had any between them.
pub fn text(page: &Page, marks: &Marks) -> String {
    let mut text = String::with_capacity(page.text.len());
    let cuts = marks.cuts();
    let mut cuts = cuts.as_slice();
    let mut gap = false;
    for (index, block) in page.blocks.iter().enumerate() {
        gap |= block.place.after_gap;
        let of_block = cuts.iter().take_while(|cut| cut.range.end <= block.span.end).count();
        let (own, rest) = cuts.split_at(of_block);
        cuts = rest;
        if !marks.stays(index) {
            continue;
        }
        if gap && !text.is_empty() {
            text.push('\n');
        }
        gap = false;
        match own {
            [] => text.push_str(page.text_of(index)),
            own => push_uncut(page, block.span.start, block.span.end, own, &mut text),
        }
        text.push('\n');
    }
    text
}

/// Writes a block without its cuts: at a cut, white space is closed to one space, none at the ends.
fn push_uncut(page: &Page, start: u32, end: u32, cuts: &[Cut], text: &mut String) {
    let line_start = text.len();
    let mut from = start;
    for cut in cuts.iter().map(|cut| cut.range.clone()).chain(iter::once(end..end)) {
        let piece = &page.text[from as usize..cut.start as usize];
        let piece = if cut.start < end { piece.trim_end() } else { piece };
        let piece = if from > start { piece.trim_start() } else { piece };
        if text.len() > line_start && !piece.is_empty() {
            text.push(' ');
        }
        text.push_str(piece);
        from = cut.end;
    }
    let trimmed = text[line_start..].trim_end().len();
    text.truncate(line_start + trimmed);
}
