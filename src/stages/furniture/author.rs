//! Author boxes: the portrait's alternative text, and the box below the article that opens with it.

use crate::line::LineEnd;
use crate::marks::{Mark, Marks, StageRule};
use crate::rules::lexicon::{Topic, Topics};
use crate::stages::layout::Layout;

pub(super) const AUTHOR: StageRule =
    StageRule { address: "furniture#author", why: "The portrait of an author, or the box that tells of them." };

/// Words of the heading of an author's box at most.
const HEADING_WORDS: u32 = 7;

/// Words of the paragraph under it at least.
const BOX_WORDS: u32 = 12;

/// Paragraphs of a box at most: below it stands no more prose.
const BOX_LINES: usize = 2;

/// Words of running prose above a box at least.
const WORDS_ABOVE: u64 = 30;

/// Characters of a box at most.
const CHARS: u32 = 800;

pub(super) fn judge(layout: &Layout, marks: &mut Marks) {
    named_boxes(layout, marks);
    if !layout.has_any(Topics::of(&[Topic::Author])) {
        return;
    }
    for block in 0..layout.len() {
        if layout.line(block).chars > CHARS || layout.line(block).words == 0 {
            continue;
        }
        if layout.is(block, Topic::Author) || layout.starts(block, Topic::Author) {
            marks.drop(block, Mark::judged(&AUTHOR));
        }
    }
}

/// A heading that ends with a name, over a paragraph that begins with it, below the text: `About Gil Kawai`.
fn named_boxes(layout: &Layout, marks: &mut Marks) {
    for block in 0..layout.len().saturating_sub(1) {
        let (line, below) = (layout.line(block), layout.line(block + 1));
        let may_be_box = (2..=HEADING_WORDS).contains(&line.words)
            && line.end != LineEnd::Sentence
            && below.words >= BOX_WORDS
            && below.end == LineEnd::Sentence
            && layout.after_prose <= block + 1 + BOX_LINES;
        if !may_be_box || !names_whom_the_box_tells_of(layout.text(block), layout.text(block + 1)) {
            continue;
        }
        // A page about somebody opens so; the text of an article stands above its author's box.
        let above = layout.prose_words(0..block);
        if above < WORDS_ABOVE {
            continue;
        }
        let prose = (block + 1..layout.after_prose.max(block + 2)).take(BOX_LINES);
        std::iter::once(block).chain(prose).for_each(|line| marks.drop(line, Mark::judged(&AUTHOR)));
    }
}

/// Whether a heading ends with two words or more, the second of them a name by its capital, that the paragraph opens with,
/// and has others before them.
fn names_whom_the_box_tells_of(heading: &str, paragraph: &str) -> bool {
    let words: Vec<&str> = heading.split_whitespace().map(|word| word.trim_end_matches(':')).collect();
    let opening: Vec<&str> = paragraph.split_whitespace().take(HEADING_WORDS as usize).collect();
    (2..words.len()).rev().any(|length| {
        let name = &words[words.len() - length..];
        opening.starts_with(name) && name.iter().all(|word| word.starts_with(char::is_uppercase))
    })
}
