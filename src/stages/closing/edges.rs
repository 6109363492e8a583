//! Gives back what stands at the edges of the text and is too short for the model to be sure of: the first paragraph, the
//! last sentence, a list that a line announces, short lines between paragraphs.

use std::ops::Range;

use super::{ASIDE, Thresholds, kind, score};
use crate::line::{LineEnd, PageFeatures};
use crate::marks::{Marks, StageRule};
use crate::page::markup::Kind;
use crate::rules::lexicon::{Topic, Topics};
use crate::stages::layout::{Layout, is_bulleted, is_prose, is_sentence, is_table_row};

pub(super) const PROSE: StageRule = StageRule {
    address: "closing#prose",
    why: "Running prose next to such that stays, which the model had dropped without being sure.",
};
pub(super) const LAST: StageRule = StageRule {
    address: "closing#last",
    why: "A short sentence right below the text, its last, which the model had dropped.",
};
pub(super) const LIST: StageRule = StageRule {
    address: "closing#list",
    why: "A list that the line above announces with a colon, which the model had dropped.",
};
pub(super) const BETWEEN: StageRule = StageRule {
    address: "closing#between",
    why: "A run of short lines between two paragraphs, or right below the last where some stay, which the model had dropped.",
};

/// Words that the lists know and that a text's own lists have: days, months, names.
const NEUTRAL: Topics = Topics::of(&[Topic::Weekday, Topic::Week, Topic::Month, Topic::Byline]);

pub(super) const COMPANY: StageRule = StageRule {
    address: "closing#company",
    why: "A line between two that stay, or the last below the text, which the model had dropped without being sure.",
};

/// Gives running prose back that stands next to such that stays, labels that rules dropped looked over.
pub(super) fn prose(page: &PageFeatures, thresholds: &Thresholds, marks: &mut Marks) {
    let stays_as_prose = |block: usize| marks.stays(block) && is_prose(&page.lines[block]);
    let Some(first) = (0..page.len()).find(|&block| stays_as_prose(block)) else { return };
    let is_label = |block: usize| !marks.stays(block) && score(marks.verdict(block)).is_none();
    let meets_prose = |way: &mut dyn Iterator<Item = usize>| {
        let next = way.take(thresholds.labels_between + 1).find(|&block| !is_label(block));
        next.is_some_and(stays_as_prose)
    };
    let is_likely = |&block: &usize| {
        let least = if block < first { thresholds.first_score } else { thresholds.prose_score };
        is_prose(&page.lines[block])
            && score(marks.verdict(block)) >= Some(least)
            && (meets_prose(&mut (0..block).rev()) || meets_prose(&mut (block + 1..page.len())))
    };
    // Found before any comes back: a line that came back is no company.
    let found: Vec<usize> = (0..page.len()).filter(is_likely).collect();
    found.into_iter().for_each(|block| marks.revoke(block, &PROSE));
}

/// Gives the sentences back that stand right below the last prose.
pub(super) fn last(page: &PageFeatures, thresholds: &Thresholds, marks: &mut Marks) {
    let layout = Layout::of(page);
    let Some(last) = (0..page.len()).rfind(|&block| marks.stays(block) && is_prose(&page.lines[block])) else { return };
    let is_last = |&block: &usize| {
        let line = layout.line(block);
        line.end == LineEnd::Sentence
            // A question below the text is asked of its reader: was this helpful?
            && !page.page.text_of(block).trim_end().ends_with(['?', '？', '؟'])
            && line.words >= thresholds.last_words
            && !is_prose(line)
            && score(marks.verdict(block)) >= Some(thresholds.last_score)
            && is_plain(&layout, block)
    };
    let below = last + 1..(last + 1 + thresholds.last_lines).min(page.len());
    let found: Vec<usize> = below.take_while(is_last).collect();
    found.into_iter().for_each(|block| marks.revoke(block, &LAST));
}

/// Gives a list back under a line that announces it: the line ends in a colon, and stays or stands right below text that
/// does.
pub(super) fn lists(page: &PageFeatures, thresholds: &Thresholds, marks: &mut Marks) {
    let layout = Layout::of(page);
    let last = (0..page.len()).rfind(|&block| marks.stays(block) && is_prose(&page.lines[block]));
    let Some(last) = last else { return };
    for block in 1..page.len().min(last + 3) {
        let line = layout.line(block);
        let is_announced = line.end == LineEnd::Colon
            && line.letters > 0
            && is_plain(&layout, block)
            && (marks.stays(block) || marks.stays(block - 1) && score(marks.verdict(block)).is_some());
        if !is_announced {
            continue;
        }
        let entries = entries(&layout, thresholds, marks, block);
        let scores = entries.clone().filter_map(|entry| score(marks.verdict(entry)));
        let (sum, count) = scores.fold((0, 0), |(sum, count), score| (sum + u32::from(score), count + 1));
        if entries.len() >= 2 && count > 0 && sum >= thresholds.list_score * count {
            let taken = |&entry: &usize| score(marks.verdict(entry)).is_some();
            let found: Vec<usize> = (block..entries.end).filter(taken).collect();
            found.into_iter().for_each(|entry| marks.revoke(entry, &LIST));
        }
    }
}

/// The lines under another that are entries of one list: all numbered, all with a bullet, or all of the same shape.
fn entries(layout: &Layout, thresholds: &Thresholds, marks: &Marks, above: usize) -> Range<usize> {
    let first = above + 1;
    let shape = |block: usize| shape(layout, block);
    let is_entry = |&block: &usize| {
        layout.line(block).words <= thresholds.entry_words
            && is_plain(layout, block)
            && shape(block).is_some()
            && shape(block) == shape(first)
            && (block == first || !layout.after_gap(block) || layout.after_gap(first))
            && (marks.stays(block) || score(marks.verdict(block)).is_some())
    };
    first..first + (first..layout.len()).take_while(is_entry).count()
}

/// What entries of one list have in common.
#[derive(PartialEq, Eq)]
enum Shape {
    Numbered,
    Bulleted,
    /// A few words, with numbers or without: opening hours, results, things.
    Plain,
}

fn shape(layout: &Layout, block: usize) -> Option<Shape> {
    let text = layout.text(block);
    let is_item = kind(layout.reading, block) == Some(Kind::Item);
    if is_bulleted(text) {
        return Some(if text.starts_with(|c: char| c.is_ascii_digit()) { Shape::Numbered } else { Shape::Bulleted });
    }
    if is_item {
        return Some(Shape::Bulleted);
    }
    let line = layout.line(block);
    // What a list of HTML is its elements say.
    let is_text = layout.reading.page.markup.is_none();
    let most = if line.digits > 0 { COUNTING_WORDS } else { PLAIN_WORDS };
    let ends_plainly = line.digits > 0 || is_text && matches!(line.end, LineEnd::Other | LineEnd::Comma);
    (line.letters > 0 && line.words <= most && ends_plainly).then_some(Shape::Plain)
}

/// Words of an entry without bullet that counts something: opening hours, results.
const COUNTING_WORDS: u32 = 10;

/// Words of an entry without bullet or number: a thing with what is to be known of it.
const PLAIN_WORDS: u32 = 8;

/// Whether a line is none that the word lists know, no link, and stands in no part of a page that holds none of its text.
pub(super) fn is_plain(layout: &Layout, block: usize) -> bool {
    let listed = (layout.topics(block).bits() | layout.topics_of_start(block).bits()) & !NEUTRAL.bits() != 0;
    let is_elsewhere = layout.reading.page.markup.as_ref().is_some_and(|markup| {
        let setting = &markup.settings[block];
        setting.inside.has_any(ASIDE) || setting.linked * 2 > layout.line(block).chars
    });
    !listed && !is_elsewhere && !is_table_row(layout.text(block))
}

/// Gives a run of short lines back between two paragraphs of the text, or right below its last one where all count
/// something (hours, scores): a table whose cells stand a line each, a list without bullets.
pub(super) fn between(page: &PageFeatures, thresholds: &Thresholds, marks: &mut Marks) {
    // What markup says of lists and tables tells more.
    if page.page.markup.is_some() {
        return;
    }
    let layout = Layout::of(page);
    let stays_as_prose = |block: usize| marks.stays(block) && is_prose(&page.lines[block]);
    let prose: Vec<usize> = (0..page.len()).filter(|&block| stays_as_prose(block)).collect();
    let mut found = Vec::new();
    for (number, &above) in prose.iter().enumerate() {
        let is_member = |&block: &usize| {
            !stays_as_prose(block)
                && (marks.stays(block) || score(marks.verdict(block)).is_some())
                && is_plain(&layout, block)
        };
        let end = above + 1 + (above + 1..page.len()).take_while(is_member).count();
        let run = above + 1..end;
        let is_inside = prose.get(number + 1) == Some(&end);
        let counts = || run.clone().filter(|&block| page.lines[block].digits > 0).count() * 4 >= run.len() * 3;
        let scores: Vec<u32> = run.clone().filter_map(|block| score(marks.verdict(block))).map(u32::from).collect();
        let sum: u32 = scores.iter().sum();
        let least = if is_inside { thresholds.between_score } else { thresholds.below_score };
        if !scores.is_empty()
            && run.len() <= thresholds.between_most
            && sum >= least * scores.len() as u32
            && run.len() >= thresholds.between_least
            && (is_inside || counts())
        {
            found.extend(run.filter(|&block| score(marks.verdict(block)).is_some()));
        }
    }
    found.into_iter().for_each(|block| marks.revoke(block, &BETWEEN));
}

/// Gives the rest of a run of short lines back of which some stay, the first of them right below a sentence that stays: a
/// list without bullets, the rows of a table.
pub(super) fn runs_below(page: &PageFeatures, thresholds: &Thresholds, marks: &mut Marks) {
    if page.page.markup.is_some() {
        return;
    }
    let layout = Layout::of(page);
    let is_text = |block: usize| {
        let line = layout.line(block);
        is_prose(line) || is_sentence(line)
    };
    let is_member = |&block: &usize| {
        !is_text(block)
            && (1..=thresholds.entry_words).contains(&layout.line(block).words)
            && (marks.stays(block) || score(marks.verdict(block)).is_some())
            && is_plain(&layout, block)
            && !layout.text(block).contains(" | ")
    };
    let mut found = Vec::new();
    for above in (0..page.len()).filter(|&block| marks.stays(block) && is_text(block)) {
        let run = above + 1..above + 1 + (above + 1..page.len()).take_while(is_member).count();
        let staying = run.clone().filter(|&block| marks.stays(block)).count();
        let scores: Vec<u32> = run.clone().filter_map(|block| score(marks.verdict(block))).map(u32::from).collect();
        if run.len() >= thresholds.between_least
            && run.len() <= thresholds.between_most
            && marks.stays(run.start)
            && staying * RUN_STAYING >= run.len()
            && scores.iter().sum::<u32>() >= thresholds.run_score * scores.len() as u32
        {
            found.extend(run.filter(|&block| score(marks.verdict(block)).is_some()));
        }
    }
    found.into_iter().for_each(|block| marks.revoke(block, &BETWEEN));
}

/// One of so many lines of a run must stay for the others to come back.
const RUN_STAYING: usize = 4;

/// Gives single blocks of HTML back between two that stay, and right below the last prose that stays. Of text, where a line
/// may be a part of anything, other rules ask for more.
pub(super) fn company(page: &PageFeatures, thresholds: &Thresholds, marks: &mut Marks) {
    if page.page.markup.is_none() {
        return;
    }
    let layout = Layout::of(page);
    let Some(prose) = (0..page.len()).rfind(|&block| marks.stays(block) && is_prose(&page.lines[block])) else {
        return;
    };
    let last = (prose..page.len()).rfind(|&block| marks.stays(block)).unwrap_or(prose);
    let is_found = |block: &usize| {
        let Some(score) = score(marks.verdict(*block)) else { return false };
        let is_between = marks.stays(*block - 1) && *block + 1 < page.len() && marks.stays(*block + 1);
        let is_last = [prose, last].contains(&(*block - 1));
        let least = match (is_between, is_last) {
            (true, _) => thresholds.company_score,
            (_, true) => thresholds.last_company_score,
            _ => return false,
        };
        score >= least && page.lines[*block].words > 0 && is_plain(&layout, *block)
    };
    let found: Vec<usize> = (1..page.len()).filter(is_found).collect();
    found.into_iter().for_each(|block| marks.revoke(block, &COMPANY));
}
