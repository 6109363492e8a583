//! Labels that are words of the text: the markup of an HTML page shows it, and the built-in rules leave them alone.
//!
//! `continue` is a button, and a line of code; *Menu* opens one, and is a term that a glossary explains; *Comments* stands over
//! those of readers, and over a section of a report.

use crate::line::PageFeatures;
use crate::page::markup::{Inside, Kind, Markup};
use crate::rules::Spare;
use crate::stages::layout::is_prose;

/// Words of a label at most.
const LABEL_WORDS: u32 = 6;

/// The share of the page's prose, in hundredths, that the element of a section holds at least: it holds the text.
const HOLDS_TEXT: u64 = 50;

/// Parts of a page that hold none of its text.
const ASIDE: Inside = Inside::NAV.and(Inside::FOOTER).and(Inside::DIALOG).and(Inside::ASIDE).and(Inside::FORM);

/// Whether a block is left alone by rules that are for every page.
pub(super) fn spare(page: &PageFeatures, block: usize) -> Spare {
    let Some(markup) = page.page.markup.as_deref() else { return Spare::No };
    let (setting, line) = (&markup.settings[block], &page.lines[block]);
    if setting.inside.has_any(ASIDE) || setting.linked > 0 && setting.kind != Kind::Heading {
        return Spare::No;
    }
    match setting.kind {
        Kind::Code if !is_prose(line) && markup.elements[setting.element as usize].blocks > 1 => Spare::Yes,
        Kind::Term if line.words <= LABEL_WORDS => explained(markup, block),
        Kind::Heading if line.words <= LABEL_WORDS && setting.level > 1 => section(page, markup, block),
        _ => Spare::No,
    }
}

/// Of the term of a list: what stands below it explains it, without a link.
fn explained(markup: &Markup, block: usize) -> Spare {
    let is_explained =
        markup.settings.get(block + 1).is_some_and(|below| below.kind == Kind::Definition && below.linked == 0);
    if is_explained { Spare::With(block + 1) } else { Spare::No }
}

/// Of a heading: it is one of three or more of its level that divide the element which holds the text, not the last
/// of them, and a paragraph stands right under each.
fn section(page: &PageFeatures, markup: &Markup, block: usize) -> Spare {
    let parent = |block: usize| markup.elements[markup.settings[block].element as usize].parent;
    let around = parent(block);
    let is_like = |other: &usize| {
        let setting = &markup.settings[*other];
        setting.kind == Kind::Heading && setting.level == markup.settings[block].level && parent(*other) == around
    };
    let has_text = |heading: usize| {
        let below = heading + 1;
        below < page.len()
            && markup.settings[below].kind == Kind::Paragraph
            && markup.settings[below].linked * 2 <= page.lines[below].chars
            && parent(below) == around
            && is_prose(&page.lines[below])
    };
    if !has_text(block) || around.is_none() {
        return Spare::No;
    }
    let above = (0..block).rev().find(is_like);
    let below = (block + 1..page.len()).find(is_like);
    let (Some(above), Some(below)) = (above, below) else { return Spare::No };
    let words = |block: usize| if is_prose(&page.lines[block]) { u64::from(page.lines[block].words) } else { 0 };
    let total: u64 = (0..page.len()).map(words).sum();
    let held: u64 = (0..page.len()).filter(|&block| parent(block) == around).map(words).sum();
    let holds_text = held * 100 >= total * HOLDS_TEXT;
    if has_text(above) && has_text(below) && holds_text { Spare::With(block + 1) } else { Spare::No }
}
