//! Readers' comments of an HTML page, told by a heading that says so over posts with dates, whatever their elements are called.

use std::ops::Range;

use super::{WORDS_ABOVE, is_dated, is_of_comments};
use crate::line::LineEnd;
use crate::page::markup::{Inside, Markup, PageKind};
use crate::stages::layout::Layout;

/// Posts at least.
const POSTS: usize = 2;

/// Blocks from the name and date of a post to its first sentence at most: a badge, a button.
const TO_TEXT: usize = 3;

/// Blocks of such an element that may stand over the heading: a line that links to it.
const OVER_HEADING: usize = 1;

/// The blocks of the element that the heading opens; none where there is no such element.
pub(super) fn blocks(layout: &Layout) -> Range<usize> {
    let Some(markup) = layout.reading.page.markup.as_deref() else { return 0..0 };
    if markup.declared.kind == PageKind::Thread {
        return 0..0;
    }
    let spans = markup.spans();
    let headings = (layout.first_prose + 1..layout.len()).filter(|&block| is_of_comments(layout, block));
    for heading in headings.filter(|&heading| layout.prose_words(0..heading) >= WORDS_ABOVE) {
        let around = markup.ancestors(markup.settings[heading].element).map(|element| spans[element as usize]);
        let opened = around.take_while(|&(first, _)| first + OVER_HEADING >= heading);
        let sections = opened.map(|(first, after)| first..after);
        let is_section = |section: &Range<usize>| {
            posts(layout, markup, heading + 1..section.end) >= POSTS
                && layout.prose_words(section.clone()) <= layout.prose_words(0..section.start)
        };
        if let Some(section) = sections.filter(is_section).last() {
            return section;
        }
    }
    0..0
}

/// How many posts some blocks hold: a name with a date or a part that opens, in elements of one name, over a sentence each.
fn posts(layout: &Layout, markup: &Markup, blocks: Range<usize>) -> usize {
    let label = |block: usize| markup.elements[markup.settings[block].element as usize].label;
    let is_text = |block: usize| layout.line(block).words > 1 && layout.line(block).end == LineEnd::Sentence;
    let opens = |block: usize| {
        let is_summary = markup.label(markup.settings[block].element).tag == "summary";
        is_summary && markup.settings[block].inside.has(Inside::DETAILS)
    };
    let heads: Vec<usize> = blocks
        .clone()
        .filter(|&block| (is_dated(layout, block) || opens(block)) && layout.line(block).end != LineEnd::Sentence)
        .filter(|&block| (block + 1..blocks.end).take(TO_TEXT).any(is_text))
        .collect();
    let of_one_name = |&head: &usize| heads.iter().filter(|&&other| label(other) == label(head)).count();
    heads.iter().map(of_one_name).max().unwrap_or_default()
}
