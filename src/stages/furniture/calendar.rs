//! Calendar widgets: the week's days, then the month's days, the digits of a row often run together.

use std::ops::Range;

use crate::line::fold;
use crate::marks::{Mark, Marks, StageRule};
use crate::rules::lexicon::{Topic, Topics};
use crate::stages::layout::{Layout, is_table_row};

pub(super) const CALENDAR: StageRule = StageRule {
    address: "furniture#calendar",
    why: "A calendar widget: the days of the week over the days of a month.",
};

/// Days a block of rows must count up to be a month; a shorter count may be a table's column.
const DAYS: u32 = 20;

pub(super) fn judge(layout: &Layout, marks: &mut Marks) {
    let names_days = layout.has_any(Topics::of(&[Topic::Week, Topic::Weekday]));
    let mut block = 0;
    while block < layout.len() {
        match calendar_at(layout, block, names_days) {
            Some(calendar) => {
                block = calendar.end;
                calendar.for_each(|line| marks.drop(line, Mark::judged(&CALENDAR)));
            }
            None => block += 1,
        }
    }
}

/// The calendar whose week stands at a block, its heading and its links to other months with it. `names_days` says
/// whether the page names a day of the week anywhere.
fn calendar_at(layout: &Layout, block: usize, names_days: bool) -> Option<Range<usize>> {
    let week_end = if names_days { week_end(layout, block) } else { None };
    let rows = match week_end {
        Some(rows) => rows,
        None if starts_month(layout, block) => block,
        None => return None,
    };
    let headed = rows > block;
    let end = days_end(layout, rows, if headed { DAYS } else { 28 })?;
    if !headed && end - rows < 4 {
        return None;
    }
    let start = match block.checked_sub(1) {
        Some(before) if names_month(layout, before) => before,
        _ => block,
    };
    let links = (end..layout.len()).take_while(|&after| names_month(layout, after)).count();
    Some(start..end + links)
}

/// One past the lines that name the seven days of the week: one line, or a line a day.
fn week_end(layout: &Layout, block: usize) -> Option<usize> {
    if layout.is(block, Topic::Week) && !is_table_row(layout.text(block)) {
        return Some(block + 1);
    }
    let days = (block..layout.len()).take(7).take_while(|&day| layout.is(day, Topic::Weekday)).count();
    (days == 7).then_some(block + 7)
}

/// Whether a line is a month's first row, or its first day: only looked at where no week is named.
fn starts_month(layout: &Layout, block: usize) -> bool {
    let line = layout.line(block);
    line.letters == 0 && line.digits > 0 && line.chars <= 40 && !is_table_row(layout.text(block)) && {
        let text = layout.text(block);
        count_days(text, 0).is_some_and(|last| (2..=7).contains(&last))
    }
}

/// One past the rows that count the days of one month up from 1, where they reach `least`.
fn days_end(layout: &Layout, rows: usize, least: u32) -> Option<usize> {
    let (mut end, mut last) = (rows, 0);
    while end < layout.len() && layout.line(end).letters == 0 && layout.line(end).chars <= 80 {
        let text = layout.text(end);
        match count_days(text, last) {
            Some(day) => last = day,
            None if layout.line(end).digits == 0 && last < 28 && !is_table_row(text) => {}
            None => break,
        }
        end += 1;
    }
    (last >= least).then_some(end)
}

/// The last day of a row that goes on counting where the row before ended, spaces or not.
fn count_days(row: &str, last: u32) -> Option<u32> {
    if is_table_row(row) {
        return None;
    }
    let digits: Vec<u32> = row.chars().filter_map(digit).collect();
    let (mut at, mut day) = (0, last);
    while at < digits.len() {
        let next = day + 1;
        let wide = if next >= 10 { 2 } else { 1 };
        // A leading zero is written by some: 01 02 03.
        let padded = wide == 1 && digits[at] == 0 && digits.get(at + 1) == Some(&next);
        let value = digits.get(at..at + wide)?.iter().fold(0, |value, digit| value * 10 + digit);
        if next > 31 || !padded && value != next {
            return None;
        }
        at += if padded { 2 } else { wide };
        day = next;
    }
    (day > last).then_some(day)
}

/// The value of a decimal digit of any script that calendars are written in.
fn digit(c: char) -> Option<u32> {
    let zero = match c {
        '0'..='9' => '0',
        '\u{0660}'..='\u{0669}' => '\u{0660}',
        '\u{06F0}'..='\u{06F9}' => '\u{06F0}',
        '\u{0966}'..='\u{096F}' => '\u{0966}',
        '\u{09E6}'..='\u{09EF}' => '\u{09E6}',
        '\u{0E50}'..='\u{0E59}' => '\u{0E50}',
        '\u{FF10}'..='\u{FF19}' => '\u{FF10}',
        _ => return None,
    };
    Some(c as u32 - zero as u32)
}

/// Whether a line is the name of a month, a year or an arrow with it: `September 2024`, `« Aug`, `2024年9月`.
fn names_month(layout: &Layout, block: usize) -> bool {
    let line = layout.line(block);
    if line.chars > 40 || line.chars == 0 {
        return false;
    }
    if line.words == 0 {
        return layout.text(block).contains(['«', '»', '‹', '›', '←', '→', '<', '>']);
    }
    let folded = fold(layout.text(block));
    if line.unspaced > 0 && line.letters <= 3 {
        return folded.contains('月') || folded.contains('월');
    }
    let mut months = 0;
    let all = folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).all(|word| {
        let is_month = layout.lexicon.topics(crate::line::key(word)).has(Topic::Month);
        months += usize::from(is_month);
        is_month
            || word.len() == 4 && word.bytes().all(|b| b.is_ascii_digit())
            || matches!(word, "de" | "r" | "г" | "р" | "년" | "월")
    });
    all && months > 0
}
