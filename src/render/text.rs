//! The text that is written for a page.

use std::mem;
use std::ops::Range;

use crate::marks::{Cut, Marks};
use crate::page::Page;
use crate::page::markup::InlineKind;
use crate::render::kept::{each_kept, pieces};

/// The kept blocks in their order, a line each, one blank line where the source had any between them. A line break
/// within a block of HTML is one in the text.
pub fn text(page: &Page, marks: &Marks) -> String {
    let mut text = String::with_capacity(page.text.len());
    // Lines that stand one below the other and are written as they are go together.
    let mut whole = 0..0;
    each_kept(page, marks, |block, gap, cuts| {
        let span = page.blocks[block].span.clone();
        let is_whole = cuts.is_empty() && page.markup.is_none();
        if is_whole && !gap && !whole.is_empty() && span.start == whole.end + 1 {
            whole.end = span.end;
            return;
        }
        push_lines(page, &mut whole, &mut text);
        if gap && !text.is_empty() {
            text.push('\n');
        }
        if is_whole {
            whole = span;
        } else {
            push_uncut(page, span, cuts, &mut text);
            text.push('\n');
        }
    });
    push_lines(page, &mut whole, &mut text);
    text
}

/// The block that each line of [`text`] comes from; of a blank one, the block of what follows it.
pub(super) fn blocks_of_lines(page: &Page, marks: &Marks) -> Vec<usize> {
    let mut blocks = Vec::new();
    each_kept(page, marks, |block, gap, cuts| {
        let mut text = String::new();
        push_uncut(page, page.blocks[block].span.clone(), cuts, &mut text);
        let of_text = text.split('\n').count();
        let of_gap = usize::from(gap && !blocks.is_empty());
        blocks.extend(std::iter::repeat_n(block, of_text + of_gap));
    });
    blocks
}

/// Writes lines that stand together, if there are any, and takes them.
fn push_lines(page: &Page, lines: &mut Range<u32>, text: &mut String) {
    let lines = mem::take(lines);
    if !lines.is_empty() {
        text.push_str(&page.text[lines.start as usize..lines.end as usize]);
        text.push('\n');
    }
}

/// Writes a block without its cuts, which bring the white space with them that would be left over; none at the ends.
fn push_uncut(page: &Page, span: Range<u32>, cuts: &[Cut], text: &mut String) {
    let line_start = text.len();
    for (piece, replacement) in pieces(span.clone(), cuts) {
        let from = text.len();
        push_with_breaks(page, piece.clone(), text);
        if from == line_start && piece.start > span.start {
            let white = text.len() - from - text[from..].trim_start().len();
            text.replace_range(from..from + white, "");
        }
        text.push_str(replacement);
    }
    if !cuts.is_empty() {
        let trimmed = text[line_start..].trim_end().len();
        text.truncate(line_start + trimmed);
    }
}

/// Writes a part of a block; line breaks, which a space stands for, become what they were.
fn push_with_breaks(page: &Page, part: Range<u32>, text: &mut String) {
    let mut from = part.start;
    let inline = page.markup.as_ref().map_or(&[][..], |markup| &markup.inline);
    let first = inline.partition_point(|inline| inline.span.start < part.start);
    for inline in inline[first..].iter().take_while(|inline| inline.span.end <= part.end) {
        if inline.kind == InlineKind::Break {
            text.push_str(&page.text[from as usize..inline.span.start as usize]);
            text.push('\n');
            from = inline.span.end;
        }
    }
    text.push_str(&page.text[from as usize..part.end as usize]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::marks::Mark;
    use crate::page::{Block, Place, Source};

    fn page(lines: &[(&str, bool)]) -> Page {
        let source = Source { path: "p.txt".into(), record: None };
        let mut page = Page::empty(source);
        for (number, (line, after_gap)) in lines.iter().enumerate() {
            let start = page.text.len() as u32;
            page.text.push_str(line);
            let place = Place { line: number as u32 + 1, after_gap: *after_gap };
            page.blocks.push(Block { span: start..page.text.len() as u32, place });
            page.text.push('\n');
        }
        page
    }

    #[test]
    fn a_paragraph_break_survives_what_is_dropped_around_it() {
        let page = page(&[("one", true), ("menu", true), ("two", false), ("three", false), ("share", true)]);
        let mut marks = Marks::new(5);
        marks.drop(1, Mark::written(0));
        marks.drop(4, Mark::written(0));
        assert_eq!(text(&page, &marks), "one\n\ntwo\nthree\n");
    }

    #[test]
    fn parts_are_cut_out_and_the_ends_are_trimmed() {
        let page = page(&[("  LONDON (Wire) - The ferry left. Read more", true), ("It came back.", false)]);
        let mut marks = Marks::new(2);
        marks.cut(0, 2..18, Mark::written(0));
        marks.cut(0, 33..43, Mark::written(0));
        assert_eq!(text(&page, &marks), "  The ferry left.\nIt came back.\n");
    }
}
