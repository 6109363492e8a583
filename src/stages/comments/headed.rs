//! Readers' comments of an HTML page, told by a heading that says so over posts with dates, whatever their elements are called.

use std::collections::HashMap;
use std::ops::Range;

use super::{HEADINGS, WORDS_ABOVE, after_words, is_dated, is_of_comments};
use crate::line::LineEnd;
use crate::page::markup::{Inside, Markup, PageKind};
use crate::stages::layout::Layout;

/// Posts at least.
const POSTS: usize = 2;

/// Blocks from the name and date of a post to its first sentence at most: a badge, a button.
const TO_TEXT: usize = 3;

/// Blocks of such an element that may stand over the heading: a line that links to it.
const OVER_HEADING: usize = 1;

/// Elements around a heading that may be the section which it opens, from the inside out.
const LEVELS: usize = 8;

/// The blocks of the element that the heading opens; none where there is no such element.
pub(super) fn blocks(layout: &Layout) -> Range<usize> {
    let Some(markup) = layout.reading.page.markup.as_deref() else { return 0..0 };
    if markup.declared.kind == PageKind::Thread {
        return 0..0;
    }
    let spans = markup.spans();
    let headings = (after_words(layout, WORDS_ABOVE)..layout.len()).filter(|&block| is_of_comments(layout, block));
    for heading in headings.take(HEADINGS) {
        let around = markup.ancestors(markup.settings[heading].element).take(LEVELS);
        let around = around.map(|element| spans[element as usize]);
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
    let mut of_one_name = HashMap::<u32, usize>::new();
    heads.into_iter().for_each(|head| *of_one_name.entry(label(head)).or_default() += 1);
    of_one_name.into_values().max().unwrap_or_default()
}
