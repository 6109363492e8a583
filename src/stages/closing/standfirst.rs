//! Gives the standfirst back: the sentence or two beside the title that say what the text is about.
//!
//! References differ on whether it belongs to the text, as they do on titles; readers who know the text miss it first.

use super::edges::is_plain;
use super::{Thresholds, kind, score};
use crate::line::PageFeatures;
use crate::marks::{Mark, Marks, RuleId, StageRule, Verdict};
use crate::page::markup::Kind;
use crate::stages::layout::Layout;

pub(super) const STANDFIRST: StageRule = StageRule {
    address: "closing#standfirst",
    why: "A line of several words beside the title, which the model had dropped without being sure.",
};

/// Blocks from the title to its standfirst at most: a byline, a date or a section may stand between.
const FROM_TITLE: usize = 3;

pub(super) fn restore(page: &PageFeatures, thresholds: &Thresholds, marks: &mut Marks) {
    let is_of = |block: usize, kinds: &[Kind]| kind(page, block).is_none_or(|kind| kinds.contains(&kind));
    let is_title = |&block: &usize| {
        is_of(block, &[Kind::Heading])
            && matches!(marks.verdict(block), Verdict::Keep(Mark { rule: RuleId::Judge(rule), .. })
                if matches!(rule.address, "headline#title" | "closing#title"))
    };
    let Some(title) = (0..page.len()).find(is_title) else { return };
    let layout = Layout::of(page);
    let is_found = |&block: &usize| {
        score(marks.verdict(block)) >= Some(thresholds.standfirst_score)
            && page.lines[block].words >= thresholds.standfirst_words
            && is_of(block, &[Kind::Loose, Kind::Paragraph, Kind::Heading])
            && is_plain(&layout, block)
    };
    // Over the title of a text without markup its menu stands as often.
    let above = if page.page.markup.is_some() { FROM_TITLE } else { 0 };
    let beside = title.saturating_sub(above)..(title + FROM_TITLE + 1).min(page.len());
    let found: Vec<usize> = beside.filter(is_found).collect();
    found.into_iter().for_each(|block| marks.revoke(block, &STANDFIRST));
}
