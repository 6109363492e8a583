//! Cells of a table that lays out a page, where one is nothing but links: its menu, or a list of other pages.

use std::collections::HashMap;

use crate::marks::{Mark, Marks, StageRule};
use crate::page::markup::{InlineKind, Kind, Markup};
use crate::stages::layout::{Layout, is_prose};

pub(super) const LINK_CELL: StageRule = StageRule {
    address: "furniture#link-cell",
    why: "A cell of the table that lays out the page: three links or more, and no sentence.",
};

/// Links of a cell at least.
const LINKS: usize = 3;

/// The share of its characters, in hundredths, that are links at least: the rest is a heading or marks between them.
const LINKED: u32 = 80;

/// The share of the page's characters, in hundredths, that a table holds at least: it lays out the page.
const HOLDS_PAGE: u32 = 60;

/// Cells of links in such a table at most: in a timetable of courses each row has one.
const CELLS: usize = 4;

pub(super) fn judge(layout: &Layout, marks: &mut Marks) {
    let Some(markup) = layout.reading.page.markup.as_deref() else { return };
    let mut found: Vec<(u32, usize)> = Vec::new();
    let page: u32 =
        markup.elements.iter().filter(|element| element.parent.is_none()).map(|element| element.chars).sum();
    for block in 0..layout.len() {
        let setting = &markup.settings[block];
        let is_cell = setting.kind == Kind::Loose
            && setting.linked > 0
            && !is_prose(layout.line(block))
            && matches!(markup.label(setting.element).tag.as_str(), "td" | "th");
        if !is_cell || !is_linked(layout, markup, block) || links(layout, markup, block) < LINKS {
            continue;
        }
        if let Some(table) = table_of_page(markup, block, page) {
            found.push((table, block));
        }
    }
    let mut cells = HashMap::<u32, usize>::new();
    found.iter().for_each(|(table, _)| *cells.entry(*table).or_default() += 1);
    for (_, block) in found.into_iter().filter(|(table, _)| cells[table] <= CELLS) {
        marks.drop(block, Mark::judged(&LINK_CELL));
    }
}

/// The table that a cell is part of, where it holds most of the page, which has so many characters, and more than links.
fn table_of_page(markup: &Markup, block: usize, page: u32) -> Option<u32> {
    let setting = &markup.settings[block];
    let table = markup.ancestors(setting.element).find(|&element| markup.label(element).tag == "table")?;
    let held = markup.elements[table as usize];
    let lays_out = held.chars * 100 >= page * HOLDS_PAGE && held.chars - held.linked >= setting.linked;
    lays_out.then_some(table)
}

fn is_linked(layout: &Layout, markup: &Markup, block: usize) -> bool {
    let chars = layout.text(block).chars().filter(|c| !c.is_whitespace()).count() as u32;
    markup.settings[block].linked * 100 >= chars * LINKED
}

/// How many links a block holds.
fn links(layout: &Layout, markup: &Markup, block: usize) -> usize {
    let span = &layout.reading.page.blocks[block].span;
    let first = markup.inline.partition_point(|inline| inline.span.start < span.start);
    let inline = markup.inline[first..].iter().take_while(|inline| inline.span.start < span.end);
    inline.filter(|inline| matches!(inline.kind, InlineKind::Link(_))).count()
}
