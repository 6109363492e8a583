//! What stands over the last menu above the text: banners, pitches, descriptions of the menu's entries.

use crate::marks::{Mark, Marks, RuleId, StageRule, Verdict};
use crate::stages::furniture::menu::MENU;
use crate::stages::layout::Layout;

pub(super) const ABOVE: StageRule =
    StageRule { address: "furniture#above", why: "Stands over a menu that itself stands above the text." };

/// Lines of a menu that the page's text cannot stand over.
const MENU_LINES: usize = 5;

/// How many times as many words must stay below the menu as above it.
const RATIO: u64 = 2;

pub(super) fn judge(layout: &Layout, marks: &mut Marks) {
    let (mut run, mut end) = (0, 0);
    for block in 0..layout.paragraphs.start {
        run = if is_menu(marks.verdict(block)) { run + 1 } else { 0 };
        if run >= MENU_LINES {
            end = block;
        }
    }
    let prose = layout.prose_words(end..layout.len());
    let words = layout.staying_words(marks, end..layout.len());
    if layout.prose_words(0..end) * 5 > prose || layout.staying_words(marks, 0..end) * RATIO > words {
        return;
    }
    (0..end).for_each(|block| marks.drop(block, Mark::judged(&ABOVE)));
}

fn is_menu(verdict: Verdict) -> bool {
    matches!(verdict, Verdict::Drop(Mark { rule: RuleId::Judge(rule), .. }) if *rule == MENU)
}
