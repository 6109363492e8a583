//! Menus whose entries were run together: `OverviewBookingClients`.

use crate::judge::layout::{Layout, is_prose, is_table_row};
use crate::line::LineEnd;
use crate::marks::{JudgeRule, Mark, Marks};

pub const GLUED: JudgeRule =
    JudgeRule { address: "furniture#glued", why: "The entries of a menu run together, outside the text." };

/// Places where words run into one another from which a line is a menu; names of products have one or two.
const SEAMS: usize = 3;

/// Characters of such a line.
const CHARS: std::ops::RangeInclusive<u32> = 15..=1500;

pub fn judge(layout: &Layout, marks: &mut Marks) {
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
    let mut seams = 0;
    let mut words = 1;
    let mut before = ' ';
    for c in text.chars() {
        seams += usize::from(before.is_lowercase() && c.is_uppercase());
        words += usize::from(c.is_whitespace());
        before = c;
    }
    seams >= SEAMS
        && seams * 4 >= words
        && !is_table_row(text)
        && !text.contains(['(', '{', '=', '_', ';', '`', '$', '<'])
}
