//! Readers' comments of plain text that have titles or names and no dates: each a label over a sentence.

use std::ops::Range;

use super::{HEADINGS, LABEL_WORDS, WORDS_ABOVE, after_words, is_of_comments};
use crate::line::LineEnd;
use crate::rules::lexicon::Topic;
use crate::stages::layout::Layout;

/// Pairs of a label and a sentence at least.
const PAIRS: usize = 3;

/// From the heading to the last such pair, where a form to comment with stands further below; none else: a section of a report
/// may be called so, too.
pub(super) fn section(layout: &Layout) -> Range<usize> {
    let headings = (after_words(layout, WORDS_ABOVE)..layout.len()).filter(|&block| is_of_comments(layout, block));
    for heading in headings.take(HEADINGS) {
        let is_pair = |&label: &usize| {
            let line = layout.line(label);
            label + 1 < layout.len()
                && (1..=LABEL_WORDS).contains(&line.words)
                && line.end == LineEnd::Other
                && layout.topics(label).is_empty()
                && layout.line(label + 1).words > line.words
                && layout.line(label + 1).end == LineEnd::Sentence
        };
        let pairs = (heading + 1..layout.len()).step_by(2).take_while(is_pair).count();
        let end = heading + 1 + pairs * 2;
        let has_form = (end..layout.len()).any(|block| layout.is(block, Topic::CommentForm));
        let is_smaller = layout.prose_words(heading..end) <= layout.prose_words(0..heading);
        if pairs >= PAIRS && has_form && is_smaller {
            return heading..end;
        }
    }
    0..0
}
