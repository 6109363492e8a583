//! Gives the title back where the model took it, or takes it away where titles are not wanted.
//!
//! The model is not trained on titles that the references leave out, since sources differ on whether they belong to the
//! text: it only has to think one possible.

use super::{Thresholds, kind, score};
use crate::line::titles;
use crate::line::{Line, LineEnd, PageFeatures};
use crate::marks::{Mark, Marks, RuleId, StageRule, Verdict};
use crate::page::markup::Kind;
use crate::rules::lexicon::{Topic, Topics};
use crate::stages::layout::{Layout, asks_or_calls, is_bulleted, is_prose, is_sentence, is_table_row};

pub(super) const TITLE: StageRule = StageRule {
    address: "closing#title",
    why: "The likeliest line above the text that may be its title, which the model had dropped.",
};
pub(super) const DROPPED: StageRule = StageRule {
    address: "closing#title-dropped",
    why: "The line above the text that is its title, by `--title drop`.",
};

/// What a line opens with that names an author.
const BYLINES: Topics = Topics::of(&[Topic::Byline, Topic::Author]);

/// The title's line, where it is known that none stays above the text yet.
pub(super) fn restore(page: &PageFeatures, thresholds: &Thresholds, marks: &mut Marks) {
    let Some(above) = above(page, marks) else { return };
    let layout = Layout::of(page);
    let stays = |&block: &usize| {
        is_kept_title(marks, block) || marks.stays(block) && is_title(&layout, thresholds, marks, block)
    };
    // A name over the text is no title where a longer line above it may be one.
    let known = above.clone().find(stays);
    if known.is_some_and(|block| layout.line(block).words > thresholds.title_short || is_kept_title(marks, block)) {
        return;
    }
    let is_likely = |&block: &usize| {
        score(marks.verdict(block)) >= Some(thresholds.title_score)
            && is_title(&layout, thresholds, marks, block)
            && (known.is_none() || layout.line(block).words > thresholds.title_short)
    };
    // Of equals the first.
    let range = above.start..known.unwrap_or(above.end);
    let best = range.rev().filter(is_likely).max_by_key(|&block| score(marks.verdict(block)));
    if let Some(block) = best {
        marks.revoke(block, &TITLE);
    }
}

/// Drops the title's line, the last one above the text that may be it.
pub(super) fn drop(page: &PageFeatures, thresholds: &Thresholds, marks: &mut Marks) {
    let Some(above) = above(page, marks) else { return };
    let layout = Layout::of(page);
    let title = above.clone().find(|&block| marks.is_undecided(block) && is_title(&layout, thresholds, marks, block));
    if let Some(block) = title {
        marks.drop(block, Mark::judged(&DROPPED));
    }
}

/// The lines right above the first prose that stays, or the first sentence where no prose does.
fn above(page: &PageFeatures, marks: &Marks) -> Option<std::ops::Range<usize>> {
    let first =
        |is_text: fn(&Line) -> bool| (0..page.len()).find(|&block| marks.stays(block) && is_text(&page.lines[block]));
    let text = first(is_prose).or_else(|| first(is_sentence))?;
    Some(text.saturating_sub(titles::TO_TEXT)..text)
}

fn is_kept_title(marks: &Marks, block: usize) -> bool {
    match marks.verdict(block) {
        Verdict::Keep(Mark { rule: RuleId::Judge(rule), .. }) => rule.stage() != "bylines",
        verdict => matches!(verdict, Verdict::Keep(_)),
    }
}

fn is_title(layout: &Layout, thresholds: &Thresholds, marks: &Marks, block: usize) -> bool {
    let (page, line, text) = (layout.reading, layout.line(block), layout.text(block));
    let ends_like_title = match line.end {
        LineEnd::Other | LineEnd::Ellipsis => true,
        LineEnd::Sentence => asks_or_calls(text),
        _ => false,
    };
    (1..=*titles::WORDS.end()).contains(&line.words)
        && ends_like_title
        && line.letters > 4 * line.digits
        && !is_bulleted(text)
        && !is_table_row(text)
        && kind(page, block).is_none_or(|kind| kind == Kind::Heading)
        && layout.topics(block) == Topics::default()
        && !layout.topics_of_start(block).has_any(BYLINES)
        && !text.contains(". ")
        && (line.words > thresholds.title_short || stands_over_text(layout, marks, block))
}

/// Whether the line below is the text, its byline, or a heading's own: an HTML heading needs no neighbour to be known.
fn stands_over_text(layout: &Layout, marks: &Marks, block: usize) -> bool {
    let is_byline = |verdict: Verdict| {
        matches!(verdict, Verdict::Keep(Mark { rule: RuleId::Judge(rule), .. })
            | Verdict::Drop(Mark { rule: RuleId::Judge(rule), .. }) if rule.stage() == "bylines")
    };
    let is_text = |line: &Line| is_prose(line) || is_sentence(line);
    // Buttons, dates and marks that rules took stand between.
    let is_passed_over =
        |block: usize| layout.line(block).words == 0 || !marks.stays(block) && score(marks.verdict(block)).is_none();
    let passed_over = if layout.line(block).words > 1 { PASSED_OVER } else { 0 };
    let below = (block + 1..layout.len().min(block + 2 + passed_over))
        .find(|&below| is_byline(marks.verdict(below)) || !is_passed_over(below));
    kind(layout.reading, block) == Some(Kind::Heading)
        || below
            .is_some_and(|below| is_byline(marks.verdict(below)) || marks.stays(below) && is_text(layout.line(below)))
}

/// Lines that rules took between a short title and its text at most: author, date, two buttons.
const PASSED_OVER: usize = 5;
