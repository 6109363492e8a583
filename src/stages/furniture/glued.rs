//! Menus whose entries were run together: `OverviewBookingClients`.

use crate::line::LineEnd;
use crate::marks::{Mark, Marks, StageRule};
use crate::stages::layout::{Layout, is_prose, is_table_row};

pub(super) const GLUED: StageRule =
    StageRule { address: "furniture#glued", why: "The entries of a menu run together, outside the text." };

/// Places where words run into one another from which a line is a menu; names of products have one or two.
const SEAMS: usize = 3;

/// Characters of such a line.
const CHARS: std::ops::RangeInclusive<u32> = 15..=1500;

pub(super) fn judge(layout: &Layout, marks: &mut Marks) {
    let text = layout.first_prose..layout.after_prose;
    for block in (0..layout.len()).filter(|block| !text.contains(block)) {
        let line = layout.line(block);
        let can_be =
            CHARS.contains(&line.chars) && line.end == LineEnd::Other && line.upper as usize > SEAMS && !is_prose(line);
        if can_be && is_glued(layout.text(block)) {
            marks.drop(block, Mark::judged(&GLUED));
        }
    }
}

/// Whether words run together often, in a line that opens with a capital and holds no code.
fn is_glued(text: &str) -> bool {
    if !text.starts_with(char::is_uppercase) {
        return false;
    }
    let seams = if text.is_ascii() {
        let pairs = text.bytes().zip(text.bytes().skip(1));
        pairs.filter(|(one, next)| one.is_ascii_lowercase() & next.is_ascii_uppercase()).count()
    } else {
        let pairs = text.chars().zip(text.chars().skip(1));
        pairs.filter(|(one, next)| one.is_lowercase() && next.is_uppercase()).count()
    };
    seams >= SEAMS
        && seams * 4 > text.chars().filter(|c| c.is_whitespace()).count()
        && !is_table_row(text)
        && !text.contains(['(', '{', '=', '_', ';', '`', '$', '<'])
}
