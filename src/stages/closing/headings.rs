//! Gives headings back that the model took over text that stays, and drops those left with nothing under them.

use super::{Thresholds, kind, score};
use crate::line::{self, ByKey, LineEnd, PageFeatures};
use crate::marks::{Mark, Marks, RuleId, StageRule, Verdict};
use crate::page::markup::Kind;
use crate::stages::furniture::CONTENTS;
use crate::stages::layout::{asks_or_calls, is_bulleted, is_prose, is_sentence, is_table_row};

pub(super) const HEADING: StageRule =
    StageRule { address: "closing#heading", why: "A heading over text that stays, which the model had dropped." };
pub(super) const BARE_HEADING: StageRule =
    StageRule { address: "closing#bare-heading", why: "A heading whose section has nothing left under it." };

/// Gives headings back that stand directly over a sentence that stays: after a blank line or, of text that has none, below
/// a sentence that stays.
pub(super) fn restore(page: &PageFeatures, thresholds: &Thresholds, marks: &mut Marks) {
    let stays_as_text = |marks: &Marks, block: usize| {
        let line = &page.lines[block];
        marks.stays(block) && (is_prose(line) || is_sentence(line))
    };
    for block in 1..page.len().saturating_sub(1) {
        let least = match page.page.blocks[block].place.after_gap {
            true => thresholds.heading_score,
            false if stays_as_text(marks, block - 1) => thresholds.gapless_heading_score,
            false => continue,
        };
        let is_likely = score(marks.verdict(block)).is_some_and(|score| score >= least)
            && kind(page, block).is_none_or(|kind| kind == Kind::Heading);
        if is_likely && has_form_of_heading(page, thresholds, block) && stays_as_text(marks, block + 1) {
            marks.revoke(block, &HEADING);
        }
    }
}

/// Gives headings back that a table of contents names: what it says has stood in it and stands below it again.
pub(super) fn named_in_contents(page: &PageFeatures, marks: &mut Marks) {
    let is_entry = |block: usize| matches!(marks.verdict(block), Verdict::Drop(Mark { rule: RuleId::Judge(rule), .. }) if rule.address == CONTENTS.address);
    let mut entries = ByKey::<()>::default();
    let mut found = Vec::new();
    for block in 0..page.len() {
        let key = page.lines[block].key;
        if is_entry(block) {
            let bare = page.text(block).trim_start_matches(|c: char| !c.is_alphabetic());
            entries.extend([(key, ()), (line::key(bare), ())]);
        } else if entries.contains_key(&key) && score(marks.verdict(block)).is_some() {
            found.push(block);
        }
    }
    found.into_iter().for_each(|block| marks.revoke(block, &HEADING));
}

/// Drops the heading at the end of what stays, where what stood under it went. Of plain text it is one that announces
/// something, or a single word: a line of a few words at the end is as likely a signature, a score or an address.
pub(super) fn drop_bare(page: &PageFeatures, thresholds: &Thresholds, marks: &mut Marks) {
    if !page.lines.iter().any(is_prose) {
        return;
    }
    for _ in 0..thresholds.bare_headings {
        let Some(last) = (0..page.len()).rfind(|&block| marks.stays(block)) else { return };
        let announces = match kind(page, last) {
            Some(kind) => kind == Kind::Heading,
            None => {
                page.lines[last].end == LineEnd::Colon || page.lines[last].words == 1 && page.lines[last].digits == 0
            }
        };
        if !announces || last + 1 == page.len() || !marks.is_undecided(last) || !is_heading(page, thresholds, last) {
            return;
        }
        marks.drop(last, Mark::judged(&BARE_HEADING));
    }
}

fn is_heading(page: &PageFeatures, thresholds: &Thresholds, block: usize) -> bool {
    page.page.blocks[block].place.after_gap && has_form_of_heading(page, thresholds, block)
}

fn has_form_of_heading(page: &PageFeatures, thresholds: &Thresholds, block: usize) -> bool {
    let line = &page.lines[block];
    let text = page.text(block);
    (1..=thresholds.heading_words).contains(&line.words)
        && (matches!(line.end, LineEnd::Other | LineEnd::Colon) || asks_or_calls(text))
        && !is_bulleted(text)
        && !is_table_row(text)
}
