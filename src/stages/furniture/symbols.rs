//! Lines without a letter or digit: icons, lone bullets, zero-width characters.

use crate::marks::{Mark, Marks, StageRule};
use crate::stages::layout::{Layout, is_table_row};

pub(super) const SYMBOLS: StageRule =
    StageRule { address: "furniture#symbols", why: "A line of icons, bullets or invisible characters alone." };

/// Characters up to which such a line is an icon; longer ones are rules drawn across the page or ASCII art.
const CHARS: u32 = 2;

pub(super) fn judge(layout: &Layout, marks: &mut Marks) {
    for block in 0..layout.len() {
        let line = layout.line(block);
        if line.words == 0 && line.chars <= CHARS && !is_own_mark(layout.text(block)) {
            marks.drop(block, Mark::judged(&SYMBOLS));
        }
    }
}

/// Brackets are code, asterisks and the like divide a text into sections.
fn is_own_mark(text: &str) -> bool {
    is_table_row(text) || text.contains(['{', '}', '(', ')', '[', ']', ';', '`', '#', '$', '⁂'])
}
