//! Pickers of languages: the languages' own names, one a line or all on one.

use crate::line::{LineEnd, key};
use crate::marks::{Mark, Marks, StageRule};
use crate::rules::lexicon::Topic;
use crate::stages::layout::Layout;

pub(super) const LANGUAGES: StageRule =
    StageRule { address: "furniture#languages", why: "A picker of languages: their own names, and nothing else." };

/// Names from which a run is a picker; two may be an author's table.
const NAMES: usize = 3;

pub(super) fn judge(layout: &Layout, marks: &mut Marks) {
    let runs = layout.runs(|block| layout.is(block, Topic::Language) || lists_languages(layout, block));
    for run in runs {
        if run.len() >= NAMES || run.clone().any(|block| lists_languages(layout, block)) {
            run.for_each(|block| marks.drop(block, Mark::judged(&LANGUAGES)));
        }
    }
}

/// Whether a line is nothing but names of languages.
fn lists_languages(layout: &Layout, block: usize) -> bool {
    let line = layout.line(block);
    if line.chars > 200 || (line.words as usize) < NAMES || line.digits > 0 || line.end == LineEnd::Sentence {
        return false;
    }
    let mut names = 0;
    let all = layout
        .text(block)
        .split(|c: char| c.is_whitespace() || matches!(c, '|' | '/' | ',' | '·' | '•'))
        .filter(|word| !word.is_empty())
        .all(|word| {
            names += 1;
            layout.lexicon.topics(key(word)).has(Topic::Language)
        });
    all && names >= NAMES
}
