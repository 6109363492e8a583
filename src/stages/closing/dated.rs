//! Gives the dates of entries back in plain text: the times of a live blog, the dates in an index of posts, and the titles
//! beside them. What HTML says of them is for [`super::cards`].

use std::ops::Range;

use super::cards::ENTRY;
use super::edges::is_plain;
use super::{Thresholds, score};
use crate::line::{ByKey, PageFeatures, script};
use crate::marks::Marks;
use crate::stages::layout::{Layout, is_prose, is_sentence};
use crate::stages::model::facts::is_dated;

/// Words of a date with what stands beside it, at most: as in [`super::cards`].
const DATE_WORDS: u32 = 12;

/// Words of a time at most, however it is written: `9.42pm`, `19h42`, `5 minutes ago`.
const TIME_WORDS: u32 = 3;

/// Characters of it at most.
const TIME_CHARS: u32 = 16;

/// Words of an entry's title at most.
const TITLE_WORDS: u32 = 20;

pub(super) fn dates(page: &PageFeatures, thresholds: &Thresholds, marks: &mut Marks) {
    if page.page.markup.is_some() {
        return;
    }
    let layout = Layout::of(page);
    let is_known = |block: usize| marks.stays(block) || score(marks.verdict(block)).is_some();
    let mut forms = ByKey::<Vec<usize>>::default();
    for block in 0..page.len() {
        let line = layout.line(block);
        let is_time = line.words <= TIME_WORDS && line.chars <= TIME_CHARS;
        if line.digits > 0 && line.words <= DATE_WORDS && is_known(block) && (is_time || is_dated(layout.text(block))) {
            forms.entry(form(layout.text(block))).or_default().push(block);
        }
    }
    let is_title = |block: usize| {
        let line = layout.line(block);
        (1..=TITLE_WORDS).contains(&line.words)
            && is_known(block)
            && is_plain(&layout, block)
            && !is_dated(layout.text(block))
    };
    let mut found = Vec::new();
    for blocks in forms.into_values() {
        let heads: Vec<Range<usize>> = blocks.iter().filter_map(|&block| head(&layout, marks, block)).collect();
        if heads.len() < thresholds.siblings || heads.len() * 100 < blocks.len() * thresholds.sibling_share {
            continue;
        }
        // In a thread the writer's name or what else is known of him stands over the date: it is none of the post.
        let is_of_writer = |block: usize| {
            let line = layout.line(block);
            is_known(block) && (line.words == 1 && line.letters > 0 || is_dated(layout.text(block)))
        };
        let of_writers = heads.iter().filter(|head| head.start > 0 && is_of_writer(head.start - 1)).count();
        if of_writers * 2 >= heads.len() {
            continue;
        }
        let above = |head: &Range<usize>| head.start.checked_sub(1).filter(|&block| is_title(block));
        let titled = heads.iter().filter(|head| above(head).is_some()).count();
        let have_titles = titled * 100 >= heads.len() * thresholds.sibling_share;
        for head in &heads {
            found.extend(head.clone().map(|block| (block, thresholds.date_score)));
            found.extend(above(head).filter(|_| have_titles).map(|block| (block, thresholds.sibling_score)));
        }
    }
    for (block, least) in found {
        if score(marks.verdict(block)) >= Some(least) {
            marks.revoke(block, &ENTRY);
        }
    }
}

/// A date and what stands between it and a sentence that stays right below: nothing, or one line.
fn head(layout: &Layout, marks: &Marks, date: usize) -> Option<Range<usize>> {
    let is_text = |block: usize| {
        block < layout.len() && marks.stays(block) && (is_sentence(layout.line(block)) || is_prose(layout.line(block)))
    };
    let is_between = |block: usize| {
        block < layout.len()
            && (marks.stays(block) || score(marks.verdict(block)).is_some())
            && is_plain(layout, block)
            && !is_dated(layout.text(block))
    };
    match date + 1 {
        below if is_text(below) => Some(date..below),
        below if is_between(below) && is_text(below + 1) => Some(date..below + 1),
        _ => None,
    }
}

/// What dates of one list have in common: their marks, and where numbers and words stand. As a hash.
fn form(text: &str) -> u64 {
    let (mut form, mut last) = (0u64, '\0');
    for c in text.chars() {
        let kind = match c {
            c if script::digit(c).is_some() => '0',
            c if c.is_alphabetic() => 'a',
            c if c.is_whitespace() => ' ',
            c => c,
        };
        if kind != last {
            form = (form ^ u64::from(u32::from(kind))).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(29);
        }
        last = kind;
    }
    form
}
