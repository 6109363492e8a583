//! Menus: runs of short lines without punctuation, told by the words that menus have, by bullets
//! before the text begins or after it has ended, and by standing twice.

use std::ops::Range;

use crate::judge::layout::{Layout, is_bulleted, is_item, is_table_row};
use crate::marks::{JudgeRule, Mark, Marks};
use crate::rulebook::lexicon::Topic;

pub const MENU: JudgeRule = JudgeRule { address: "furniture#menu", why: "A run of short lines as menus have them." };

/// Lines from which a run can be a menu.
const LINES: usize = 5;

pub fn judge(layout: &Layout, marks: &mut Marks) {
    let runs = layout.runs(|block| is_item(layout.line(block)) && !is_table_row(layout.text(block)));
    for run in runs {
        if let Some(menu) = menu_in(layout, run) {
            menu.for_each(|line| marks.drop(line, Mark::judged(&MENU)));
        }
    }
}

/// The part of a run that is a menu: from the first to the last line that speaks for one.
fn menu_in(layout: &Layout, run: Range<usize>) -> Option<Range<usize>> {
    let is_entry = |block: &usize| layout.is(*block, Topic::Menu);
    let is_point = |block: &usize| is_bulleted(layout.text(*block));
    let entries = run.clone().filter(is_entry).count();
    let points = run.clone().filter(is_point).count();
    let outside = run.end <= layout.first_prose || run.start >= layout.after_prose;
    let speaks = |block: &usize| is_entry(block) || is_point(block);
    let is_menu =
        entries >= 2 && entries * 12 >= run.len() || outside && run.len() >= LINES && points * 3 >= run.len() * 2;
    if !is_menu {
        return None;
    }
    let first = run.clone().find(speaks)?;
    let last = run.clone().rev().find(speaks)?;
    Some(first..last + 1)
}
