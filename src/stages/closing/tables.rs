//! Gives the lines back that the model took out of tables and code that stay.

use super::{Thresholds, score};
use crate::line::PageFeatures;
use crate::marks::{Marks, StageRule};
use crate::page::markup::{Inside, Kind};
use crate::stages::layout::{is_bulleted, is_table_row};

pub(super) const INSIDE: StageRule = StageRule {
    address: "closing#inside",
    why: "A line inside a table or code that stays, or its caption, which the model had dropped.",
};

/// Gives lines back that the model took out of the middle of a table or of code: a rule under the head of a table,
/// a closing bracket.
pub(super) fn inside(page: &PageFeatures, thresholds: &Thresholds, marks: &mut Marks) {
    let is_table = |block: usize| is_table_row(page.text(block));
    let is_code = |block: usize| page.page.text_of(block).starts_with([' ', '\t']) && !is_bulleted(page.text(block));
    for is_kind in [&is_table as &dyn Fn(usize) -> bool, &is_code] {
        let mut last_kept = None;
        for block in 0..page.len() {
            if !is_kind(block) || page.page.blocks[block].place.after_gap && !marks.stays(block) {
                last_kept = None;
            } else if marks.stays(block) {
                let from = last_kept.replace(block).map_or(block, |last| last + 1);
                let run = from..block;
                if run.len() <= thresholds.inside_lines
                    && run.clone().all(|block| score(marks.verdict(block)).is_some())
                {
                    run.for_each(|block| marks.revoke(block, &INSIDE));
                }
            }
        }
    }
}

/// Gives the head of a table back that the model took, right above rows that stay.
pub(super) fn heads(page: &PageFeatures, thresholds: &Thresholds, marks: &mut Marks) {
    let is_row = |block: usize| is_table_row(page.text(block));
    for block in 1..page.len() {
        let starts = is_row(block) && marks.stays(block) && !page.page.blocks[block].place.after_gap;
        if !starts || marks.stays(block - 1) {
            continue;
        }
        let is_head = |&row: &usize| {
            is_row(row) && score(marks.verdict(row)).is_some() && !page.page.blocks[row + 1].place.after_gap
        };
        let head = (0..block).rev().take_while(is_head).count();
        if (1..=thresholds.inside_lines).contains(&head) {
            (block - head..block).for_each(|row| marks.revoke(row, &INSIDE));
        }
    }
}

/// Gives the caption of a table or a figure back beside rows that stay.
pub(super) fn captions(page: &PageFeatures, thresholds: &Thresholds, marks: &mut Marks) {
    let Some(markup) = page.page.markup.as_deref() else { return };
    let is_row = |block: usize| {
        markup.settings.get(block).is_some_and(|setting| setting.kind == Kind::Row) && marks.stays(block)
    };
    let is_caption = |block: &usize| {
        let setting = &markup.settings[*block];
        setting.kind == Kind::Caption
            && setting.inside.has_any(Inside::FIGURE.and(Inside::TABLE))
            && score(marks.verdict(*block)) >= Some(thresholds.caption_score)
            && (is_row(*block + 1) || block.checked_sub(1).is_some_and(is_row))
    };
    let found: Vec<usize> = (0..page.len()).filter(is_caption).collect();
    found.into_iter().for_each(|block| marks.revoke(block, &INSIDE));
}
