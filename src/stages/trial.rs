//! For tests: a page from its lines, judged by some stages.

use crate::line::PageFeatures;
use crate::marks::{Marks, Verdict};
use crate::page::{Block, Page, Place, Source};
use crate::stage::Stage;

/// A page of plain text.
pub(super) fn page(text: &str) -> Page {
    let source = Source { path: "page.txt".into(), record: None };
    let mut page = Page::empty(source);
    let mut after_gap = true;
    for (number, line) in text.lines().enumerate() {
        if line.trim().is_empty() {
            after_gap = true;
            continue;
        }
        let start = page.text.len() as u32;
        page.text.push_str(line);
        let place = Place { line: number as u32 + 1, after_gap };
        page.blocks.push(Block { span: start..page.text.len() as u32, place });
        page.text.push('\n');
        after_gap = false;
    }
    page
}

/// What some stages say of a page's lines.
pub(super) fn judged(stages: &[&dyn Stage], page: &Page) -> Marks {
    let reading = PageFeatures::of(page);
    let mut marks = Marks::new(reading.len());
    stages.iter().for_each(|stage| stage.judge(&reading, &mut marks));
    marks
}

/// Judges a page whose lines say what should become of them: `+` stays, `-` goes.
pub(super) fn expect(stages: &[&dyn Stage], notation: &str) {
    let lines: Vec<&str> = notation.lines().map(str::trim).collect();
    let bare: Vec<&str> = lines.iter().map(|line| line.get(2..).unwrap_or_default()).collect();
    let page = page(&bare.join("\n"));
    let marks = judged(stages, &page);
    for (block, verdict) in marks.verdicts().enumerate() {
        let wanted = lines[page.blocks[block].place.line as usize - 1];
        assert_eq!(verdict.stays(), wanted.starts_with('+'), "{:?}: {}", verdict, page.text_of(block));
    }
}

/// The addresses of the rules that dropped lines of a page, in the lines' order, each run once.
pub(super) fn rules(stages: &[&dyn Stage], text: &str) -> Vec<&'static str> {
    let mut rules: Vec<&'static str> = Vec::new();
    for verdict in judged(stages, &page(text)).verdicts() {
        if let Verdict::Drop(crate::marks::Mark { rule: crate::marks::RuleId::Judge(rule), .. }) = verdict {
            rules.push(rule.address);
        }
    }
    rules.dedup();
    rules
}
