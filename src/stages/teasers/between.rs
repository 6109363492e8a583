//! Lists of links to other stories between two paragraphs of an article.

use std::ops::Range;

use crate::line::LineEnd;
use crate::marks::{Mark, Marks, StageRule};
use crate::page::markup::{Inside, Kind, Markup, PageKind};
use crate::stages::layout::{Layout, is_prose};
use crate::stages::links::{self, Links};

pub(super) const BETWEEN: StageRule = StageRule {
    address: "teasers#between",
    why: "A list of links to other pages of the site, between two paragraphs of an article.",
};

/// Links of such a list at least: one alone may be what the paragraph speaks of.
const LEAST: usize = 2;

/// Links of such a list at most: more are an index.
const MOST: usize = 8;

/// Words of such a link at least, on average: a headline has four, an entry of an index has fewer.
const HEADLINE_WORDS: u32 = 3;

/// Lists of links that an article has among its paragraphs at most: a page with more of them is a guide to other pages.
const LISTS: usize = 2;

pub(super) fn judge(layout: &Layout, marks: &mut Marks) {
    let Some(markup) = layout.reading.page.markup.as_deref() else { return };
    if matches!(markup.declared.kind, PageKind::Thread | PageKind::List | PageKind::Product) {
        return;
    }
    let links = links::of_blocks(markup, layout.reading);
    let lists = lists(markup, &links);
    let found: Vec<Range<usize>> = lists.into_iter().filter(|list| is_between(layout, markup, list)).collect();
    if found.len() <= LISTS {
        found.into_iter().flatten().for_each(|block| marks.drop(block, Mark::judged(&BETWEEN)));
    }
}

/// The runs of items that are a link to another page each.
fn lists(markup: &Markup, links: &[Links]) -> Vec<Range<usize>> {
    let is_member = |block: usize| {
        markup.settings[block].kind == Kind::Item
            && links[block] == Links::Page
            && !markup.settings[block].inside.has(Inside::TABLE)
    };
    let (mut lists, mut block) = (Vec::new(), 0);
    while block < links.len() {
        let end = block + (block..links.len()).take_while(|&at| is_member(at)).count();
        if (LEAST..=MOST).contains(&(end - block)) {
            lists.push(block..end);
        }
        block = end.max(block + 1);
    }
    lists
}

/// Whether a paragraph that announces nothing stands above a list, and another one below it, in the element around both.
fn is_between(layout: &Layout, markup: &Markup, list: &Range<usize>) -> bool {
    let (Some(above), below) = (list.start.checked_sub(1), list.end) else { return false };
    let is_text = |block: usize| {
        is_prose(layout.line(block))
            && layout.line(block).end == LineEnd::Sentence
            && matches!(markup.settings[block].kind, Kind::Paragraph | Kind::Loose)
            && markup.settings[block].linked * 2 < layout.line(block).chars
    };
    let words: u32 = list.clone().map(|block| layout.line(block).words).sum();
    below < layout.len()
        && is_text(above)
        && is_text(below)
        && markup.elements[markup.settings[above].element as usize].parent
            == markup.elements[markup.settings[below].element as usize].parent
        && words >= HEADLINE_WORDS * list.len() as u32
}
