//! The last stage: headings left with nothing under them go, and a page that lost too much gets it back.
//!
//! *Running prose* is what [`crate::judge::layout::is_prose`] says it is: lines that end a sentence and
//! have some words. The guard counts its words, nothing else.

use crate::judge::layout::{is_bulleted, is_prose, is_table_row};
use crate::line::{LineEnd, Reading};
use crate::marks::{JudgeRule, Mark, Marks, RuleId, Verdict};
use crate::stage::{STAGES, Stage};

const BARE_HEADING: JudgeRule =
    JudgeRule { address: "closing#bare-heading", why: "A heading whose section has nothing left under it." };
const GUARD: JudgeRule =
    JudgeRule { address: "closing#guard", why: "The page would have lost most of its running prose: it stays." };
const NOTHING_LEFT: JudgeRule =
    JudgeRule { address: "closing#nothing-left", why: "Nothing of the page would have been left: it stays." };

static RULES: [JudgeRule; 3] = [BARE_HEADING, GUARD, NOTHING_LEFT];

/// Words of a heading at most.
const HEADING_WORDS: u32 = 8;

/// Headings of one page that may go as bare at its end.
const BARE_AT_END: usize = 3;

/// What became of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Judged; its prose stayed.
    Cleaned,
    /// It would have lost most of its running prose, and got it back.
    Guarded,
    /// It has no running prose.
    NoText,
}

/// What became of a page that all stages have judged.
pub fn outcome(page: &Reading, marks: &Marks) -> Outcome {
    let is_guarded =
        |verdict: &Verdict| matches!(verdict, Verdict::Keep(Mark { rule: RuleId::Judge(rule), .. }) if **rule == GUARD);
    if marks.verdicts().iter().any(is_guarded) {
        Outcome::Guarded
    } else if page.lines.iter().any(is_prose) {
        Outcome::Cleaned
    } else {
        Outcome::NoText
    }
}

/// The stage.
#[derive(Debug, Default)]
pub struct Closing;

impl Closing {
    /// The stage.
    pub fn new() -> Closing {
        Closing
    }
}

impl Stage for Closing {
    fn name(&self) -> &'static str {
        "closing"
    }

    fn rules(&self) -> &'static [JudgeRule] {
        &RULES
    }

    fn judge(&self, page: &Reading, marks: &mut Marks) {
        bare_headings(page, marks);
        guard(page, marks);
        nothing_left(page, marks);
    }
}

/// Drops the headings at the end of what stays, where what stood under them went.
fn bare_headings(page: &Reading, marks: &mut Marks) {
    if !page.lines.iter().any(is_prose) {
        return;
    }
    let mut gone = 0;
    for block in (0..page.len()).rev() {
        if !marks.stays(block) {
            continue;
        }
        if gone == BARE_AT_END || !marks.is_open(block) || !is_heading(page, block) {
            return;
        }
        marks.drop(block, Mark::judged(&BARE_HEADING));
        gone += 1;
    }
}

fn is_heading(page: &Reading, block: usize) -> bool {
    let line = &page.lines[block];
    let text = page.text(block);
    (1..=HEADING_WORDS).contains(&line.words)
        && matches!(line.end, LineEnd::Other | LineEnd::Colon)
        && page.page.blocks[block].place.after_gap
        && !is_bulleted(text)
        && !is_table_row(text)
}

/// Gives running prose back, latest stages first, until at least half of it stays.
fn guard(page: &Reading, marks: &mut Marks) {
    let words = |block: usize| u64::from(page.lines[block].words);
    let prose: Vec<usize> = (0..page.len()).filter(|&block| is_prose(&page.lines[block])).collect();
    let total: u64 = prose.iter().map(|&block| words(block)).sum();
    let mut kept: u64 = prose.iter().filter(|&&block| marks.stays(block)).map(|&block| words(block)).sum();
    for stage in STAGES.iter().rev().filter(|stage| !stage.is_final) {
        if kept * 2 >= total {
            return;
        }
        for &block in &prose {
            if is_dropped_by(marks.verdict(block), stage.name) {
                marks.revoke(block, &GUARD);
                kept += words(block);
            }
        }
    }
}

fn is_dropped_by(verdict: Verdict, stage: &str) -> bool {
    match verdict {
        Verdict::Drop(Mark { rule: RuleId::Judge(rule), .. }) => rule.address.split('#').next() == Some(stage),
        _ => false,
    }
}

/// Gives a page without prose back whole, where nothing of it would be left.
fn nothing_left(page: &Reading, marks: &mut Marks) {
    if !(0..page.len()).any(|block| marks.stays(block)) {
        (0..page.len()).for_each(|block| marks.revoke(block, &NOTHING_LEFT));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::trial::{expect, judged, page};

    static OTHER: JudgeRule = JudgeRule { address: "furniture#other", why: "drops for the test" };

    /// Drops the lines that hold a word.
    struct Dropping(&'static str);

    impl Stage for Dropping {
        fn name(&self) -> &'static str {
            "furniture"
        }

        fn judge(&self, page: &Reading, marks: &mut Marks) {
            let found = (0..page.len()).filter(|&block| page.text(block).contains(self.0));
            found.for_each(|block| marks.drop(block, Mark::judged(&OTHER)));
        }
    }

    const PROSE: &str = "The otters had been living in the dry dock since the spring, the harbour master said.";

    #[test]
    fn a_heading_with_nothing_left_under_it_goes() {
        expect(&[&Dropping("junk"), &Closing], &format!("+ {PROSE}\n+\n- Sources\n-\n- junk\n- junk"));
    }

    #[test]
    fn a_heading_with_text_under_it_stays() {
        expect(&[&Dropping("junk"), &Closing], &format!("+ {PROSE}\n+\n+ Sources\n+ {PROSE}\n- junk"));
    }

    #[test]
    fn a_page_that_would_lose_its_prose_gets_it_back() {
        let text = format!("{PROSE}\n{PROSE}\nA short line");
        let page = page(&text);
        let marks = judged(&[&Dropping("otters"), &Closing], &page);
        assert!(marks.verdicts().iter().all(|verdict| verdict.stays()));
        assert_eq!(outcome(&Reading::of(&page), &marks), Outcome::Guarded);
    }

    #[test]
    fn a_page_without_prose_is_marked_and_put_back_only_where_nothing_would_remain() {
        for (text, stay) in [("junk one\njunk two", 2), ("junk one\nfare 2.40", 1)] {
            let page = page(text);
            let marks = judged(&[&Dropping("junk"), &Closing], &page);
            assert_eq!(marks.verdicts().iter().filter(|verdict| verdict.stays()).count(), stay, "{text}");
            assert_eq!(outcome(&Reading::of(&page), &marks), Outcome::NoText);
        }
    }
}
