//! Gives a page back that lost most of its prose, or all it had.

use std::collections::{BTreeMap, BTreeSet};

use super::{ASIDE, Thresholds, score};
use crate::line::PageFeatures;
use crate::marks::{Mark, Marks, RuleId, StageRule, Verdict};
use crate::stage::STAGES;
use crate::stages::furniture::AUTHOR;
use crate::stages::layout::is_prose;

pub(super) const GUARD: StageRule =
    StageRule { address: "closing#guard", why: "The page would have lost most of its running prose: it stays." };
pub(super) const NOTHING_LEFT: StageRule =
    StageRule { address: "closing#nothing-left", why: "Nothing of the page would have been left: it stays." };

/// Gives running prose back, latest stages first, until at least half of it stays. Prose that the model dropped counts
/// as far as the model takes it for the page's own, and not at all below its least score; neither does what stands in
/// parts of an HTML page that hold none, or stays elsewhere, or tells of the author.
pub(super) fn prose(page: &PageFeatures, thresholds: &Thresholds, marks: &mut Marks) {
    let words = |block: usize| u64::from(page.lines[block].words);
    let blocks = || (0..page.len()).filter(|&block| is_prose(&page.lines[block]));
    if blocks().all(|block| marks.stays(block)) {
        return;
    }
    let staying: BTreeSet<u64> =
        blocks().filter(|&block| marks.stays(block)).map(|block| page.lines[block].key).collect();
    let may_be_own = |block: &usize| {
        score(marks.verdict(*block)).is_none_or(|score| score >= thresholds.guard_score)
            && page.page.markup.as_ref().is_none_or(|markup| !markup.settings[*block].inside.has_any(ASIDE))
            && !staying.contains(&page.lines[*block].key)
            && !tells_of_author(marks.verdict(*block))
    };
    let prose: Vec<usize> = blocks().filter(|block| marks.stays(*block) || may_be_own(block)).collect();
    // Of what the model dropped, as much counts as it takes for the page's own.
    let own = |&block: &usize| score(marks.verdict(block)).map_or(1000, u64::from) * words(block);
    let total = prose.iter().map(own).sum::<u64>() / 1000;
    let mut kept: u64 = prose.iter().filter(|&&block| marks.stays(block)).map(|&block| words(block)).sum();
    for stage in STAGES.iter().rev().filter(|stage| !stage.is_final) {
        if kept * 2 >= total {
            return;
        }
        for &block in &prose {
            if is_dropped_by(marks.verdict(block), stage.name) {
                marks.revoke(block, &GUARD);
                kept += words(block);
            }
        }
    }
}

/// Whether a block was dropped as the box of an author, which may be longer than what they have written.
fn tells_of_author(verdict: Verdict) -> bool {
    matches!(verdict, Verdict::Drop(Mark { rule: RuleId::Judge(rule), .. }) if rule.address == AUTHOR.address)
}

fn is_dropped_by(verdict: Verdict, stage: &str) -> bool {
    match verdict {
        Verdict::Drop(Mark { rule: RuleId::Judge(rule), .. }) => rule.stage() == stage,
        _ => false,
    }
}

/// Gives a page back where nothing of it would be left. Where the model had a say, a short page gets its likeliest lines,
/// and a longer one has no text of its own. Where it had none, what the one rule took that took most, and no more than it
/// needs, so that a menu over a timetable stays away.
pub(super) fn nothing_left(page: &PageFeatures, thresholds: &Thresholds, marks: &mut Marks) {
    let blocks = 0..page.len();
    if blocks.clone().any(|block| marks.stays(block)) {
        return;
    }
    if let Some(likeliest) = blocks.clone().filter_map(|block| score(marks.verdict(block))).max() {
        let words: u32 = page.lines.iter().map(|line| line.words).sum();
        let is_likely = |verdict| score(verdict).is_some_and(|score| score * thresholds.likely_share >= likeliest);
        let is_short = words < thresholds.judged_words || page.len() < thresholds.judged_lines;
        for block in blocks.filter(|_| is_short) {
            if is_likely(marks.verdict(block)) {
                marks.revoke(block, &NOTHING_LEFT);
            }
        }
        return;
    }
    let mut taken = BTreeMap::<&StageRule, Vec<usize>>::new();
    for block in blocks {
        if let Verdict::Drop(Mark { rule: RuleId::Judge(rule), .. }) = marks.verdict(block) {
            taken.entry(rule).or_default().push(block);
        }
    }
    let strongest = taken.into_values().max_by_key(Vec::len);
    strongest.into_iter().flatten().for_each(|block| marks.revoke(block, &NOTHING_LEFT));
}
