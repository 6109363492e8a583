//! What must hold of any HTML. The fuzz target runs it, and so does `tests/html_laws.rs`.

use std::ops::Range;

use dechaff::internals::marks::Marks;
use dechaff::internals::page::{Page, Source};
use dechaff::internals::parse::html::{Html, read};
use dechaff::internals::parse::repair::{Repairs, Switches};
use dechaff::internals::render::{markdown, text};

/// Reading ends; blocks are lines in their order, each with its place; what is noted within a block lies within it,
/// before the text is repaired and after; both formats can be written.
pub(crate) fn reading_html_holds(bytes: &[u8]) {
    let mut html = read(&String::from_utf8_lossy(bytes));
    places_hold(&html);
    html.repair(&Switches::default(), &mut Repairs::default());
    html.measure();
    places_hold(&html);
    let Html { text, blocks, markup, .. } = html;
    let source = Source { path: "page.html".into(), record: None };
    let page = Page { text, blocks, markup: Some(Box::new(markup)), ..Page::empty(source) };
    let marks = Marks::new(page.blocks.len());
    let written = text::text(&page, &marks);
    let solid = |text: &str| text.split_whitespace().map(str::to_string).collect::<Vec<_>>();
    assert_eq!(solid(&written), solid(&page.text), "the text of all blocks is written");
    markdown::markdown(&page, &marks);
}

fn places_hold(html: &Html) {
    let Html { text, blocks, markup, .. } = html;
    assert_eq!(blocks.len(), markup.settings.len());
    let mut end = 0;
    for (block, setting) in blocks.iter().zip(&markup.settings) {
        let line = slice(text, &block.span);
        assert!(!line.trim().is_empty() && !line.contains(['\n', '\r']), "{line:?}");
        assert_eq!(block.span.start, end, "blocks are lines of the text");
        assert_eq!(text.as_bytes()[block.span.end as usize], b'\n');
        assert!((setting.element as usize) < markup.elements.len());
        assert!(setting.linked as usize <= line.chars().filter(|c| !c.is_whitespace()).count());
        end = block.span.end + 1;
    }
    assert_eq!(end as usize, text.len());
    let lines: Vec<u32> = blocks.iter().map(|block| block.place.line).collect();
    assert!(lines.is_sorted(), "{lines:?}");
    assert!(markup.inline.is_sorted_by_key(|inline| inline.span.start));
    for inline in &markup.inline {
        let block = blocks.partition_point(|block| block.span.end < inline.span.end);
        assert!(blocks[block].span.start <= inline.span.start, "{inline:?} is in one block");
        slice(text, &inline.span);
    }
    for row in &markup.rows {
        let block = &blocks[row.block as usize].span;
        assert!(row.spans.is_sorted_by_key(|cell| cell.start));
        assert!(row.spans.iter().all(|cell| block.start <= cell.start && cell.end <= block.end));
        assert!(row.spans.iter().all(|cell| !slice(text, cell).contains('\n')));
    }
    for (index, element) in markup.elements.iter().enumerate() {
        assert!(element.parent.is_none_or(|parent| (parent as usize) < index), "parents come first");
        assert!((element.label as usize) < markup.labels.len());
    }
}

fn slice<'t>(text: &'t str, span: &Range<u32>) -> &'t str {
    &text[span.start as usize..span.end as usize]
}
