//! Strips of the alphabet that lead through a list: A B C … Z, on one line or a letter a line.

use crate::marks::{Mark, Marks, StageRule};
use crate::stages::layout::{Layout, is_bulleted};

pub(super) const ALPHABET: StageRule =
    StageRule { address: "furniture#alphabet", why: "A strip of single letters in their order, to jump in a list." };

/// Letters from which a strip is one; fewer are grades, notes or answers to choose from.
const LETTERS: usize = 8;

pub(super) fn judge(layout: &Layout, marks: &mut Marks) {
    for block in 0..layout.len() {
        let line = layout.line(block);
        let all_single =
            line.chars <= 160 && line.letters as usize >= LETTERS && line.letters + line.digits <= line.words + 3;
        if all_single && ascends(layout.text(block).split(is_between).filter(|word| !word.is_empty())) {
            marks.drop(block, Mark::judged(&ALPHABET));
        }
    }
    for run in layout.runs(|block| is_letter(layout, block)) {
        if run.len() >= LETTERS && ascends(run.clone().map(|block| bare(layout.text(block)))) {
            run.for_each(|block| marks.drop(block, Mark::judged(&ALPHABET)));
        }
    }
}

fn is_letter(layout: &Layout, block: usize) -> bool {
    let line = layout.line(block);
    line.letters == 1 && line.digits == 0 && line.words == 1 && line.chars <= 4
}

fn is_between(c: char) -> bool {
    c.is_whitespace() || matches!(c, '|' | '·' | '•' | '-' | '/' | ',')
}

fn bare(text: &str) -> &str {
    if is_bulleted(text) { text.trim_start_matches(|c: char| !c.is_alphabetic()) } else { text }
}

/// Whether single letters follow one another in the alphabet's order, a few left out.
fn ascends<'t>(words: impl Iterator<Item = &'t str>) -> bool {
    let (mut count, mut last) = (0, None);
    for word in words {
        let mut chars = word.chars();
        let (Some(letter), None) = (chars.next(), chars.next()) else {
            // 0–9, # and the like stand at the ends of strips.
            if word.chars().any(char::is_alphabetic) {
                return false;
            }
            continue;
        };
        if !letter.is_alphabetic() {
            continue;
        }
        if last.is_some_and(|last| letter <= last) {
            return false;
        }
        (count, last) = (count + 1, Some(letter));
    }
    count >= LETTERS
}
