//! Menus: runs of short lines without punctuation, told by the words that menus have, by bullets
//! before the text begins or after it has ended, and by standing twice.

use std::ops::Range;

use crate::line::ByKey;
use crate::line::titles;
use crate::marks::{Mark, Marks, StageRule};
use crate::rules::lexicon::Topic;
use crate::stages::layout::{Layout, is_bulleted, is_item, is_sentence, is_table_row};

pub(super) const MENU: StageRule =
    StageRule { address: "furniture#menu", why: "A run of short lines as menus have them." };

/// Lines from which a run can be a menu.
const LINES: usize = 5;

/// Lines from which a list below the text is a menu though none of its words is known for one: an
/// article's own list of links or thanks is shorter.
const LONG: usize = 15;

pub(super) fn judge(layout: &Layout, marks: &mut Marks) {
    let runs = layout.runs(|block| is_item(layout.line(block)) && !is_table_row(layout.text(block)));
    for run in runs {
        if let Some(menu) = menu_in(layout, run) {
            menu.filter(|&line| !may_be_title(layout, line)).for_each(|line| marks.drop(line, Mark::judged(&MENU)));
        }
    }
}

/// The part of a run that is a menu: from the first to the last line that speaks for one.
fn menu_in(layout: &Layout, run: Range<usize>) -> Option<Range<usize>> {
    if run.len() < 2 {
        return None;
    }
    let is_entry = |block: &usize| layout.is(*block, Topic::Menu);
    let is_point = |block: &usize| is_bulleted(layout.text(*block)) && !is_between_parts(layout, *block);
    let entries = different_entries(layout, run.clone());
    let points = run.clone().filter(is_point).count();
    let is_list = run.len() >= LINES && points * 3 >= run.len() * 2;
    let above = run.end <= layout.first_prose;
    let below = run.start >= layout.after_prose && (entries > 0 || run.len() >= LONG);
    if !(entries >= 2 && entries * 12 >= run.len() || is_list && (above || below)) {
        return None;
    }
    let speaks = |block: &usize| is_entry(block) || is_point(block);
    let first = run.clone().find(speaks)?;
    let last = run.clone().rev().find(speaks)?;
    Some(first..last + 1)
}

/// Whether a line with a bullet or a number is no point of a list: a mark alone, which stands between author and date, or
/// the number of the heading right over the text.
fn is_between_parts(layout: &Layout, block: usize) -> bool {
    let is_heading = layout.text(block).starts_with(|c: char| c.is_ascii_digit())
        && block + 1 < layout.len()
        && is_sentence(layout.line(block + 1));
    layout.line(block).words == 0 || is_heading
}

/// Whether a line inside a menu stands alone between blank lines and may be the page's title.
fn may_be_title(layout: &Layout, block: usize) -> bool {
    let alone = layout.after_gap(block) && block + 1 < layout.len() && layout.after_gap(block + 1);
    alone
        && titles::WORDS.contains(&layout.line(block).words)
        && !layout.is(block, Topic::Menu)
        && !is_bulleted(layout.text(block))
        && block + titles::TO_TEXT >= layout.first_prose
        && block < layout.first_prose
}

/// How many different words of menus a run has, up to the most that are asked for.
fn different_entries(layout: &Layout, run: Range<usize>) -> usize {
    let enough = run.len().div_ceil(12).max(2);
    let mut seen = ByKey::<()>::default();
    for block in run {
        if layout.is(block, Topic::Menu) && seen.insert(layout.line(block).key, ()).is_none() && seen.len() == enough {
            break;
        }
    }
    seen.len()
}
