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

/// Writes a block without its cuts, which bring the white space with them that would be left over; none at the ends.
fn push_uncut(page: &Page, start: u32, end: u32, cuts: &[Cut], text: &mut String) {
    let line_start = text.len();
    let mut from = start;
    for cut in cuts.iter().map(|cut| cut.range.clone()).chain(iter::once(end..end)) {
        let piece = &page.text[from as usize..cut.start as usize];
        text.push_str(if text.len() == line_start && from > start { piece.trim_start() } else { piece });
        from = cut.end;
    }
    let trimmed = text[line_start..].trim_end().len();
    text.truncate(line_start + trimmed);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::marks::Mark;
    use crate::page::{Block, Place, Source};

    fn page(lines: &[(&str, bool)]) -> Page {
        let source = Source { path: "p.txt".into(), record: None };
        let mut page = Page { source, site: None, url: None, text: String::new(), blocks: Vec::new(), markup: None };
        for (number, (line, after_gap)) in lines.iter().enumerate() {
            let start = page.text.len() as u32;
            page.text.push_str(line);
            let place = Place { line: number as u32 + 1, columns: None, after_gap: *after_gap };
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
