//! Labels that are words of the text: the markup of an HTML page shows it, and the built-in rules leave them alone.
//!
//! `continue` is a button, and a line of code; *Menu* opens one, and is a term that a glossary explains; *Comments* stands over
//! those of readers, and over a section of a report.

use std::cell::OnceCell;
use std::collections::HashMap;

use crate::line::PageFeatures;
use crate::page::markup::{Kind, Markup};
use crate::rules::Spare;
use crate::stages::layout::{BESIDE_TEXT, is_prose};

/// Words of a label at most.
const LABEL_WORDS: u32 = 6;

/// The share of the page's prose, in hundredths, that the element of a section holds at least: it holds the text.
const HOLDS_TEXT: u64 = 50;

/// What the markup of a page shows to be words of its text. Where headings stand is read when the first of them is asked for.
#[derive(Debug)]
pub(super) struct OwnWords<'p> {
    page: &'p PageFeatures<'p>,
    sections: OnceCell<Sections>,
}

/// The headings of a page, by the element that they stand in and their level.
#[derive(Debug, Default)]
struct Sections {
    /// For a heading the one above that is like it, and the one below.
    neighbours: HashMap<usize, [Option<usize>; 2]>,
    /// The words of prose in each element, those in elements inside it left out.
    held: Vec<u64>,
    total: u64,
}

impl<'p> OwnWords<'p> {
    pub(super) fn of(page: &'p PageFeatures<'p>) -> OwnWords<'p> {
        OwnWords { page, sections: OnceCell::new() }
    }

    /// Whether a block is left alone by rules that are for every page.
    pub(super) fn spare(&self, block: usize) -> Spare {
        let page = self.page;
        let Some(markup) = page.page.markup.as_deref() else { return Spare::No };
        let (setting, line) = (&markup.settings[block], &page.lines[block]);
        if setting.inside.has_any(BESIDE_TEXT) || setting.linked > 0 && setting.kind != Kind::Heading {
            return Spare::No;
        }
        match setting.kind {
            Kind::Code if !is_prose(line) && markup.elements[setting.element as usize].blocks > 1 => Spare::Yes,
            Kind::Term if line.words <= LABEL_WORDS => explained(markup, block),
            Kind::Heading if line.words <= LABEL_WORDS && setting.level > 1 => {
                section(page, markup, self.sections.get_or_init(|| Sections::of(page, markup)), block)
            }
            _ => Spare::No,
        }
    }
}

impl Sections {
    fn of(page: &PageFeatures, markup: &Markup) -> Sections {
        let mut sections = Sections { held: vec![0; markup.elements.len()], ..Sections::default() };
        let mut last = HashMap::<(u32, u8), usize>::new();
        for (block, setting) in markup.settings.iter().enumerate() {
            let Some(around) = parent(markup, block) else { continue };
            if is_prose(&page.lines[block]) {
                sections.held[around as usize] += u64::from(page.lines[block].words);
            }
            if setting.kind == Kind::Heading {
                let above = last.insert((around, setting.level), block);
                sections.neighbours.insert(block, [above, None]);
                if let Some([_, below]) = above.and_then(|above| sections.neighbours.get_mut(&above)) {
                    *below = Some(block);
                }
            }
        }
        sections.total = page.lines.iter().filter(|line| is_prose(line)).map(|line| u64::from(line.words)).sum();
        sections
    }
}

/// The element around the one that a block stands in.
fn parent(markup: &Markup, block: usize) -> Option<u32> {
    markup.elements[markup.settings[block].element as usize].parent
}

/// Of the term of a list: what stands below it explains it, without a link.
fn explained(markup: &Markup, block: usize) -> Spare {
    let is_explained =
        markup.settings.get(block + 1).is_some_and(|below| below.kind == Kind::Definition && below.linked == 0);
    if is_explained { Spare::With(block + 1) } else { Spare::No }
}

/// Of a heading: it is one of three or more of its level that divide the element which holds the text, not the last
/// of them, and a paragraph stands right under each.
fn section(page: &PageFeatures, markup: &Markup, sections: &Sections, block: usize) -> Spare {
    let Some(around) = parent(markup, block) else { return Spare::No };
    let has_text = |heading: usize| {
        let below = heading + 1;
        below < page.len()
            && markup.settings[below].kind == Kind::Paragraph
            && markup.settings[below].linked * 2 <= page.lines[below].chars
            && parent(markup, below) == Some(around)
            && is_prose(&page.lines[below])
    };
    let Some([Some(above), Some(below)]) = sections.neighbours.get(&block).copied() else { return Spare::No };
    let holds_text = sections.held[around as usize] * 100 >= sections.total * HOLDS_TEXT;
    let is_divided = holds_text && [above, block, below].into_iter().all(has_text);
    if is_divided { Spare::With(block + 1) } else { Spare::No }
}
