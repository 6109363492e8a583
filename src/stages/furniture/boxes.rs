//! Boxes of an HTML page: what one element holds is judged as one, by its heading or by what it asks for.
//!
//! A box on the side of the text has a heading that the rules or the word lists know, and below it words that change from
//! page to page: the list goes with its heading. A notice about consent goes whole, however long it is.

use std::ops::Range;

use crate::line::LineEnd;
use crate::marks::{Mark, Marks, RuleId, StageRule, Verdict};
use crate::page::markup::{Kind, Label, Markup};
use crate::rules::lexicon::{Topic, Topics};
use crate::stages::layout::{Layout, asks_or_calls, is_bulleted, is_prose, is_table_row};

pub(super) const BOX: StageRule =
    StageRule { address: "furniture#box", why: "Stands in one element with a heading that is none of the text's." };
pub(super) const PITCH: StageRule = StageRule {
    address: "furniture#pitch",
    why: "The heading right over a sentence that a written rule drops: both are one pitch.",
};
pub(super) const CONSENT: StageRule =
    StageRule { address: "furniture#consent", why: "Stands in a notice that asks for consent to cookies." };

/// Blocks of a box at most.
const BLOCKS: u32 = 60;

/// The share of the page's prose, in hundredths, that a box holds at most.
const PROSE: u64 = 25;

/// Words of a box's heading at most.
const HEADING_WORDS: u32 = 10;

/// Words of a pitch's sentence at least.
const PITCH_WORDS: u32 = 6;

/// Headings of boxes, by what they are about.
const HEADINGS: Topics = Topics::of(&[
    Topic::Related,
    Topic::Newsletter,
    Topic::Follow,
    Topic::Share,
    Topic::CommentForm,
    Topic::NoComments,
    Topic::Archive,
    Topic::Author,
]);

/// What elements are called that ask for consent.
const CONSENT_NAMES: [&str; 7] = ["cookie", "consent", "gdpr", "onetrust", "cmp", "didomi", "ccpa"];

pub(super) fn judge(layout: &Layout, marks: &mut Marks) {
    over_pitches(layout, marks);
    let Some(markup) = layout.reading.page.markup.as_deref() else { return };
    let spans = markup.spans();
    let asks_for_consent: Vec<bool> = markup.labels.iter().map(asks_for_consent).collect();
    let total = layout.prose_words(0..layout.len());
    let holds_little = |element: usize| {
        let (first, after) = spans[element];
        layout.prose_words(first..after) * 100 <= total * PROSE
    };
    for (index, element) in markup.elements.iter().enumerate() {
        let (first, after) = spans[index];
        let is_consent = asks_for_consent[element.label as usize] && !holds_title(markup, first..after);
        if is_consent && (first..after).any(|block| speaks_of_cookies(layout, block)) {
            (first..after).for_each(|block| marks.drop(block, Mark::judged(&CONSENT)));
        } else if (2..=BLOCKS).contains(&element.blocks)
            && total > 0
            && is_heading(layout, marks, markup, first)
            && holds_little(index)
            && !holds_title(markup, first + 1..after)
        {
            (first + 1..after).for_each(|block| marks.drop(block, Mark::judged(&BOX)));
        }
    }
}

/// Drops the headings right over sentences that the written rules have dropped: both are one pitch. A label of two or three
/// words between a heading and its text is none.
fn over_pitches(layout: &Layout, marks: &mut Marks) {
    let markup = layout.reading.page.markup.as_deref();
    for block in 1..layout.len().saturating_sub(1) {
        let (line, below) = (layout.line(block), layout.line(block + 1));
        let is_pitch = matches!(marks.verdict(block + 1), Verdict::Drop(Mark { rule: RuleId::Written(_), .. }))
            && below.words >= PITCH_WORDS
            && below.end == LineEnd::Sentence;
        let is_heading = (1..=HEADING_WORDS).contains(&line.words)
            && (line.end == LineEnd::Other || asks_or_calls(layout.text(block)))
            && line.letters > 0
            && !is_bulleted(layout.text(block))
            && !is_table_row(layout.text(block))
            && markup
                .is_none_or(|markup| markup.settings[block].kind == Kind::Heading && markup.settings[block].level > 1);
        let between = is_prose(layout.line(block - 1)) || layout.after_gap(block);
        if is_pitch && is_heading && between && block > layout.first_prose {
            marks.drop(block, Mark::judged(&PITCH));
        }
    }
}

/// Whether the first block of an element is the heading of a box: rules have dropped it, or the word lists know it.
fn is_heading(layout: &Layout, marks: &Marks, markup: &Markup, block: usize) -> bool {
    let line = layout.line(block);
    let setting = &markup.settings[block];
    let is_known = || {
        layout.topics(block).has_any(HEADINGS)
            || matches!(marks.verdict(block), Verdict::Drop(Mark { rule: RuleId::Written(_), .. }))
    };
    setting.kind == Kind::Heading
        && setting.level > 1
        && (1..=HEADING_WORDS).contains(&line.words)
        && !is_prose(line)
        && is_known()
}

/// Whether an element, a dialog or one that is called so, asks for consent.
fn asks_for_consent(label: &Label) -> bool {
    let mut names = label.id.split_ascii_whitespace().chain(label.classes());
    let starts = |word: &[u8], name: &str| {
        word.first().is_some_and(|first| first.to_ascii_lowercase() == name.as_bytes()[0])
            && word.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name.as_bytes()))
    };
    let is_called = |name: &str| {
        let mut words = name.as_bytes().split(|byte| !byte.is_ascii_alphanumeric());
        words.any(|word| CONSENT_NAMES.iter().any(|known| starts(word, known)))
    };
    !matches!(&*label.tag, "body" | "html" | "main" | "article") && names.any(is_called)
}

fn speaks_of_cookies(layout: &Layout, block: usize) -> bool {
    let folded = layout.reading.folded(block);
    ["cookie", "consent", "gdpr", "куки", "einwillig"].iter().any(|word| folded.contains(word))
}

/// Whether one of some blocks is a heading of the first level.
fn holds_title(markup: &Markup, mut blocks: Range<usize>) -> bool {
    blocks.any(|block| markup.settings[block].kind == Kind::Heading && markup.settings[block].level == 1)
}
