//! Gives the parts of a list, a table, code or an accordion back, most of which stays: each is text as a whole or it is none.

use super::score;
use crate::line::{LineEnd, PageFeatures};
use crate::marks::{Marks, StageRule};
use crate::page::markup::{Kind, Markup};
use crate::stages::layout::BESIDE_TEXT;

pub(super) const UNIT: StageRule = StageRule {
    address: "closing#unit",
    why: "A part of a list, a table, code or an accordion that stays, which the model had dropped.",
};

/// Blocks of a unit at most: longer tables are data, of which the model may take parts.
const BLOCKS: usize = 40;

/// The share of the blocks of a list or a table, in hundredths, that stays at least: two of three. On 776 held-out pages with
/// half of them, tables of features came back, too.
const STAYING: usize = 66;

/// The same of a list of terms, of which each entry has two.
const TERMS_STAYING: usize = 50;

/// The same of the lines of code, which say little one by one.
const CODE_STAYING: usize = 33;

/// The least score of a part, in thousandths: as that of `Thresholds::sibling_score`.
const SCORE: u16 = 100;

/// The least score of a line of code: a bracket is like nothing.
const CODE_SCORE: u16 = 10;

/// Buttons of an accordion that stay at least.
const BUTTONS: usize = 2;

pub(super) fn units(page: &PageFeatures, marks: &mut Marks) {
    let Some(markup) = page.page.markup.as_deref() else { return };
    let mut found = Vec::new();
    // How many of the blocks before each one stay.
    let mut staying_before = Vec::with_capacity(page.len() + 1);
    staying_before.push(0);
    (0..page.len()).for_each(|block| staying_before.push(staying_before[block] + usize::from(marks.stays(block))));
    let mut code_end = 0;
    for (element, (first, after)) in markup.elements.iter().zip(markup.spans()) {
        let (share, least) = match markup.labels[element.label as usize].tag.as_str() {
            "pre" => (CODE_STAYING, CODE_SCORE),
            "dl" => (TERMS_STAYING, SCORE),
            "ul" | "ol" | "table" => (STAYING, SCORE),
            _ => continue,
        };
        let is_code = least == CODE_SCORE;
        if element.linked > 0 || !(2..=BLOCKS).contains(&(after - first)) && !is_code {
            continue;
        }
        // Code inside code has come back with it.
        if is_code && after <= code_end {
            continue;
        }
        let staying = staying_before[after] - staying_before[first];
        if staying * 100 >= (after - first) * share && is_text(markup, first) {
            let is_part = |block: &usize| {
                score(marks.verdict(*block)) >= Some(least) && (is_code || page.lines[*block].letters > 0)
            };
            found.extend((first..after).filter(is_part));
            code_end = if is_code { after } else { code_end };
        }
    }
    found.extend(heads_of_accordions(page, markup, marks));
    found.into_iter().for_each(|block| marks.revoke(block, &UNIT));
}

/// The buttons of an accordion over sentences that stay, where some of them stay.
fn heads_of_accordions(page: &PageFeatures, markup: &Markup, marks: &Marks) -> Vec<usize> {
    let is_button = |block: usize| {
        let setting = &markup.settings[block];
        setting.kind == Kind::Loose && markup.label(setting.element).tag == "button" && setting.linked == 0
    };
    let is_head = |&block: &usize| {
        is_button(block)
            && block + 1 < page.len()
            && !is_button(block + 1)
            && marks.stays(block + 1)
            && page.lines[block + 1].end == LineEnd::Sentence
            && is_text(markup, block)
            && page.lines[block].words > 1
    };
    let heads: Vec<usize> = (0..page.len()).filter(is_head).collect();
    if heads.iter().filter(|&&block| marks.stays(block)).count() < BUTTONS {
        return Vec::new();
    }
    heads.into_iter().filter(|&block| score(marks.verdict(block)) >= Some(SCORE)).collect()
}

/// Whether a block stands where text may stand.
fn is_text(markup: &Markup, block: usize) -> bool {
    !markup.settings[block].inside.has_any(BESIDE_TEXT)
}
