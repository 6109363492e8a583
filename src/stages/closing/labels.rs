//! Gives back the short answers under labels that recur through a text: Pros, Cons, Best for.
//!
//! Each section of such a text has the same labels over lines of its own, with prose between the sections. The model
//! sees short lines that repeat, as menus have them.

use super::{Thresholds, score};
use crate::line::{ByKey, LineEnd, PageFeatures};
use crate::marks::{Marks, StageRule};
use crate::rules::lexicon::Lexicon;
use crate::stages::layout::{is_bulleted, is_prose, is_table_row};

pub(super) const LABEL: StageRule = StageRule {
    address: "closing#label",
    why: "A label that recurs through the text, or an answer under it, which the model had dropped.",
};

pub(super) fn labels(page: &PageFeatures, thresholds: &Thresholds, marks: &mut Marks) {
    let stays_as_prose = |&block: &usize| marks.stays(block) && is_prose(&page.lines[block]);
    let Some(first) = (0..page.len()).find(stays_as_prose) else { return };
    let last = (first..page.len()).rfind(stays_as_prose).unwrap_or(first);
    // How much prose stays above each line: two lines of one section have the same.
    let mut sections = vec![0u32; last + 1];
    for block in first..=last {
        sections[block] = sections[block.max(1) - 1] + u32::from(stays_as_prose(&block));
    }
    let lexicon = Lexicon::embedded();
    let mut places = ByKey::<Vec<usize>>::default();
    for block in first..last {
        let line = &page.lines[block];
        let is_label = (1..=thresholds.label_words).contains(&line.words)
            && line.letters > 0
            && line.digits == 0
            && matches!(line.end, LineEnd::Other | LineEnd::Colon)
            && !is_bulleted(page.text(block))
            && !is_table_row(page.text(block));
        if is_label && (marks.stays(block) || score(marks.verdict(block)).is_some()) {
            places.entry(line.key).or_default().push(block);
        }
    }
    let mut labels = vec![false; last + 1];
    for (key, places) in places {
        let recurs = places.len() >= thresholds.label_times
            && places.windows(2).all(|pair| sections[pair[0]] < sections[pair[1]])
            && lexicon.topics(key).is_empty();
        if recurs {
            places.iter().for_each(|&block| labels[block] = true);
        }
    }
    let kinds = labels.iter().zip(&page.lines).filter(|(is_label, _)| **is_label);
    let kinds: std::collections::BTreeSet<u64> = kinds.map(|(_, line)| line.key).collect();
    // One label alone is as likely a button.
    if kinds.len() < 2 {
        return;
    }
    for label in (first..=last).filter(|&block| labels[block]) {
        let below = label + 1..(label + 1 + thresholds.answers).min(last);
        let is_answer = |&block: &usize| {
            let line = &page.lines[block];
            !labels[block]
                && !page.page.blocks[block].place.after_gap
                && line.words <= thresholds.answer_words
                && (marks.stays(block)
                    || score(marks.verdict(block)).is_some_and(|score| score >= thresholds.answer_score))
        };
        let answers = below.take_while(is_answer).count();
        if answers > 0 {
            for block in label..=label + answers {
                if score(marks.verdict(block)).is_some() {
                    marks.revoke(block, &LABEL);
                }
            }
        }
    }
}
