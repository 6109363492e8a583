//! The notation of pages with the fate of each line, for rule tests and bug reports.
//!
//! ```text
//! - share-bar    | Share this | Email | Print
//! + editors-note | Editor's note: ferry times corrected.
//! ~ dateline     | [-PORT ELSA (Wire) - -]The ferry now leaves at nine.
//! +              | It used to leave at ten.
//! ```
//!
//! `-` goes, `+` stays, `~` stays in part: what stands between `[-` and `-]` is cut, as in a
//! `git diff --word-diff`. Before the bar stands the rule that says so, by its id or its address; none
//! there means whoever it is. A line without a sign that is empty is a gap of the page.

use std::ops::Range;

use crate::marks::{Cut, Marks, RuleId, Verdict};
use crate::page::{Block, Page, Place, Site, SiteSource, Source};

/// A page in the notation.
#[derive(Debug, Clone)]
pub struct MarkedPage {
    /// The page without its signs.
    pub page: Page,
    /// What should become of each block.
    pub expected: Vec<Expected>,
}

/// What should become of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected {
    /// Its fate.
    pub fate: Fate,
    /// The rule that should say so: an id of the file's own, or an address. `None`: any, or nobody.
    pub rule: Option<String>,
    /// What should remain of the line, without the white space around it; empty where it goes.
    pub remains: String,
    /// Its bytes in the text of the notation.
    pub span: Range<usize>,
}

/// What becomes of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// `+`: it stays, whole.
    Stays,
    /// `-`: it goes.
    Goes,
    /// `~`: it stays in part.
    Trimmed,
}

/// A line that is not in the notation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotationError {
    /// Its bytes in the text.
    pub span: Range<usize>,
    /// What is wrong with it.
    pub message: &'static str,
}

/// Reads a page in the notation.
///
/// # Errors
/// The first line that is not in it.
pub fn read(text: &str, host: Option<&str>) -> Result<MarkedPage, NotationError> {
    let site = host.map(|host| Site { host: host.to_string(), known_by: SiteSource::Url });
    let source = Source { path: "page.txt".to_string(), record: None };
    let mut page = Page { site, ..Page::empty(source) };
    let mut expected = Vec::new();
    let mut after_gap = true;
    let mut offset = 0;
    for (number, full) in (1..).zip(text.split_inclusive('\n')) {
        let line = full.trim_end_matches(['\n', '\r']);
        let indent = line.len() - line.trim_start().len();
        let span = offset + indent..offset + line.len();
        offset += full.len();
        if line.trim().is_empty() {
            after_gap = true;
            continue;
        }
        let wrong = |message| NotationError { span: span.clone(), message };
        let line = line.trim_start();
        let fate = match line.as_bytes()[0] {
            b'+' => Fate::Stays,
            b'-' => Fate::Goes,
            b'~' => Fate::Trimmed,
            _ => return Err(wrong("a line begins with `+` (stays), `-` (goes) or `~` (stays in part)")),
        };
        let Some((rule, written)) = line[1..].split_once('|') else {
            return Err(wrong("a bar `|` stands between the rule and the line"));
        };
        let rule = Some(rule.trim()).filter(|rule| !rule.is_empty()).map(str::to_string);
        let written = written.strip_prefix(' ').unwrap_or(written);
        let (whole, remains) = match fate {
            Fate::Stays => (written.to_string(), written.trim().to_string()),
            Fate::Goes => (written.to_string(), String::new()),
            Fate::Trimmed => match without_cuts(written) {
                Some((whole, remains)) => (whole, remains),
                None => return Err(wrong("`[-` and `-]` stand around each part that is cut")),
            },
        };
        if whole.trim().is_empty() {
            return Err(wrong("after the bar stands the line"));
        }
        let start = page.text.len() as u32;
        page.text.push_str(&whole);
        let place = Place { line: number, after_gap };
        page.blocks.push(Block { span: start..page.text.len() as u32, place });
        page.text.push('\n');
        expected.push(Expected { fate, rule, remains, span });
        after_gap = false;
    }
    Ok(MarkedPage { page, expected })
}

/// Writes a page and its marks in the notation. `name` gives the rules their names: addresses, or ids
/// where the page is to stand in a rule's own file.
pub fn write(page: &Page, marks: &Marks, name: impl Fn(RuleId) -> String) -> String {
    let cuts = marks.cuts();
    let rows: Vec<(char, String, String, bool)> = (0..page.blocks.len())
        .map(|block| {
            let own: Vec<&Cut> = cuts.iter().filter(|cut| cut.block as usize == block).collect();
            let gap = page.blocks[block].place.after_gap && block > 0;
            match marks.verdict(block) {
                Verdict::Drop(mark) => ('-', name(mark.rule), page.text_of(block).to_string(), gap),
                _ if !own.is_empty() => ('~', name(own[0].mark.rule), with_cuts(page, block, &own), gap),
                Verdict::Keep(mark) => ('+', name(mark.rule), page.text_of(block).to_string(), gap),
                Verdict::Undecided => ('+', String::new(), page.text_of(block).to_string(), gap),
            }
        })
        .collect();
    let width = rows.iter().map(|(_, rule, ..)| rule.chars().count()).max().unwrap_or(0);
    let mut text = String::new();
    for (sign, rule, line, gap) in rows {
        if gap {
            text.push('\n');
        }
        text.push_str(format!("{sign} {rule:width$} | {line}").trim_end());
        text.push('\n');
    }
    text
}

/// What is left of a block once it is cut, without the white space around it.
pub fn remains(page: &Page, marks: &Marks, block: usize) -> String {
    if !marks.stays(block) {
        return String::new();
    }
    let span = &page.blocks[block].span;
    let mut cuts: Vec<&Cut> = marks.cuts_of(block).collect();
    cuts.sort_by_key(|cut| cut.range.start);
    let mut left = String::new();
    let mut from = span.start;
    for cut in cuts {
        left.push_str(&page.text[from as usize..cut.range.start as usize]);
        left.push_str(cut.replacement.as_deref().unwrap_or_default());
        from = cut.range.end;
    }
    left.push_str(&page.text[from as usize..span.end as usize]);
    left.trim().to_string()
}

/// The line with its cut parts, and without them.
fn without_cuts(written: &str) -> Option<(String, String)> {
    let (mut whole, mut remains) = (String::new(), String::new());
    let mut rest = written;
    while let Some((before, after)) = rest.split_once("[-") {
        let (cut, after) = after.split_once("-]")?;
        whole.push_str(before);
        whole.push_str(cut);
        remains.push_str(before);
        rest = after;
    }
    let is_cut = rest.len() < written.len();
    whole.push_str(rest);
    remains.push_str(rest);
    is_cut.then(|| (whole, remains.trim().to_string()))
}

fn with_cuts(page: &Page, block: usize, cuts: &[&Cut]) -> String {
    let span = &page.blocks[block].span;
    let mut text = String::new();
    let mut from = span.start;
    for cut in cuts {
        text.push_str(&page.text[from as usize..cut.range.start as usize]);
        text.push_str("[-");
        text.push_str(&page.text[cut.range.start as usize..cut.range.end as usize]);
        text.push_str("-]");
        from = cut.range.end;
    }
    text.push_str(&page.text[from as usize..span.end as usize]);
    text
}
