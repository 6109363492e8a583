//! What is meant by a title everywhere: how long it is, how near to the text it stands, how it is declared, and how it is
//! written with the site's name behind it.

use crate::line::key;
use crate::page::markup::Markup;

/// Words of a title. Fewer are a name or a menu's entry, and want another proof; in scripts without spaces two characters
/// are a word.
pub(crate) const WORDS: std::ops::RangeInclusive<u32> = 3..=40;

/// Lines between a title and the text at most: byline, date, summary, caption, tags.
pub(crate) const TO_TEXT: usize = 12;

/// The keys of the titles that the head of an HTML page declares, as they are and without the site's name.
pub(crate) fn declared(markup: &Markup) -> impl Iterator<Item = u64> {
    let titles = markup.declared.titles.iter();
    titles.flat_map(|title| std::iter::once(title.as_str()).chain(without_site_name(title))).map(key)
}

/// The line without each of the endings that may be the site's name: `Title | Site`.
pub fn without_site_name(text: &str) -> impl Iterator<Item = &str> {
    const MARKS: [&str; 11] = [" | ", " - ", " – ", " — ", " · ", " • ", " « ", " » ", " :: ", "｜", "_"];
    let bytes = text.as_bytes();
    // Most lines have none of their first bytes.
    let may_have_any = memchr::memchr3(b'|', b'-', b'_', bytes)
        .or_else(|| memchr::memchr3(b':', 0xC2, 0xE2, bytes))
        .or_else(|| memchr::memchr(0xEF, bytes))
        .is_some();
    let marks = if may_have_any { &MARKS[..] } else { &[] };
    marks.iter().filter_map(|mark| rfind_mark(mark, text).map(|at| &text[..at])).filter(|bare| bare.len() >= 10)
}

/// Where a mark stands last in a line.
fn rfind_mark(mark: &str, text: &str) -> Option<usize> {
    // A line is searched for the mark's first byte that is no space.
    let space = usize::from(mark.starts_with(' '));
    memchr::memrchr_iter(mark.as_bytes()[space], text.as_bytes())
        .filter_map(|at| at.checked_sub(space))
        .find(|&at| text.as_bytes()[at..].starts_with(mark.as_bytes()))
}
