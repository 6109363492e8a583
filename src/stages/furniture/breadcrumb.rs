//! Breadcrumbs: the way from the site's home to the page, on one line above the text.

use crate::line::{LineEnd, key};
use crate::marks::{Mark, Marks, StageRule};
use crate::rules::lexicon::{Topic, Topics};
use crate::stages::layout::{Layout, find_mark};

pub(super) const BREADCRUMB: StageRule =
    StageRule { address: "furniture#breadcrumb", why: "The way from the site's home to the page, above the text." };

/// What stands between the steps of the way.
const STEPS: [&str; 6] = [" > ", " › ", " » ", " / ", " → ", "＞"];

/// Where ways start.
const STARTS: Topics = Topics::of(&[Topic::Menu, Topic::Section]);

/// Words of a way at most: the last step is the page's title.
const WORDS: u32 = 40;

pub(super) fn judge(layout: &Layout, marks: &mut Marks) {
    for block in 0..layout.first_prose {
        let line = layout.line(block);
        let is_short = (2..=WORDS).contains(&line.words) && line.chars <= 300;
        let may_be = is_short && line.end != LineEnd::Sentence && line.may_have_marks();
        if may_be && is_way(layout, layout.text(block)) {
            marks.drop(block, Mark::judged(&BREADCRUMB));
        }
    }
}

fn is_way(layout: &Layout, text: &str) -> bool {
    // Most lines have none of the steps' first bytes.
    let bytes = text.as_bytes();
    if memchr::memchr3(b'>', b'/', 0xE2, bytes).or_else(|| memchr::memchr2(0xC2, 0xEF, bytes)).is_none() {
        return false;
    }
    STEPS
        .iter()
        .filter_map(|step| Some((find_mark(step, text)?, step.len())))
        .any(|(at, len)| at + len < text.len() && layout.lexicon.topics(key(&text[..at])).has_any(STARTS))
}
