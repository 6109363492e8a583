//! The last stage: the title and headings of what stays come back where the model took them, headings left with
//! nothing under them go, and a page that lost too much gets it back.
//!
//! *Running prose* is what `layout::is_prose` says it is: lines that end a sentence and
//! have some words. The guard counts its words, nothing else.

mod cards;
mod dated;
mod edges;
mod guard;
mod headings;
mod labels;
mod siblings;
mod standfirst;
mod tables;
mod thresholds;
mod title;
mod units;

use crate::line::PageFeatures;
use crate::marks::{Mark, Marks, RuleId, StageRule, Verdict};
use crate::page::markup::{Inside, Kind};
use crate::settings::Title;
use crate::stage::Stage;
use crate::stages::layout::is_prose;
pub use thresholds::Thresholds;

static RULES: [StageRule; 17] = [
    title::TITLE,
    title::DROPPED,
    standfirst::STANDFIRST,
    edges::PROSE,
    edges::LAST,
    edges::LIST,
    edges::BETWEEN,
    edges::COMPANY,
    siblings::SIBLING,
    units::UNIT,
    cards::ENTRY,
    headings::HEADING,
    tables::INSIDE,
    labels::LABEL,
    headings::BARE_HEADING,
    guard::GUARD,
    guard::NOTHING_LEFT,
];

/// Parts of an HTML page that hold none of its prose.
const ASIDE: Inside = Inside::NAV.and(Inside::FOOTER).and(Inside::DIALOG);

/// What became of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Judged; its prose stayed.
    Cleaned,
    /// It would have lost most of its running prose, and got it back.
    Guarded,
    /// It has no running prose.
    NoText,
    /// Nothing of it is left.
    Emptied,
}

/// What became of a page that all stages have judged.
pub fn outcome(page: &PageFeatures, marks: &Marks) -> Outcome {
    let is_guarded = |verdict: &Verdict| matches!(verdict, Verdict::Keep(Mark { rule: RuleId::Judge(rule), .. }) if **rule == guard::GUARD);
    if !marks.verdicts().any(Verdict::stays) {
        Outcome::Emptied
    } else if marks.verdicts().any(|verdict| is_guarded(&verdict)) {
        Outcome::Guarded
    } else if page.lines.iter().any(is_prose) {
        Outcome::Cleaned
    } else {
        Outcome::NoText
    }
}

/// The stage.
#[derive(Debug)]
pub struct Closing {
    titles: Title,
    thresholds: Thresholds,
}

impl Closing {
    /// The stage that does this with titles.
    pub fn new(titles: Title) -> Closing {
        Closing::with_thresholds(titles, Thresholds::default())
    }

    /// The same with other numbers than those that ship, to measure them.
    pub fn with_thresholds(titles: Title, thresholds: Thresholds) -> Closing {
        Closing { titles, thresholds }
    }
}

impl Stage for Closing {
    fn name(&self) -> &'static str {
        "closing"
    }

    fn rules(&self) -> &'static [StageRule] {
        &RULES
    }

    fn judge(&self, page: &PageFeatures, marks: &mut Marks) {
        let thresholds = &self.thresholds;
        // What the model did not take needs not be given back.
        if marks.verdicts().any(|verdict| score(verdict).is_some()) {
            edges::prose(page, thresholds, marks);
            edges::last(page, thresholds, marks);
            edges::lists(page, thresholds, marks);
            if self.titles == Title::Keep {
                title::restore(page, thresholds, marks);
            }
            standfirst::restore(page, thresholds, marks);
            headings::restore(page, thresholds, marks);
            headings::named_in_contents(page, marks);
            tables::inside(page, thresholds, marks);
            tables::heads(page, thresholds, marks);
            tables::captions(page, thresholds, marks);
            edges::between(page, thresholds, marks);
            dated::dates(page, thresholds, marks);
            edges::runs_below(page, thresholds, marks);
            siblings::siblings(page, thresholds, marks);
            units::units(page, marks);
            cards::cards(page, thresholds, marks);
            edges::company(page, thresholds, marks);
            labels::labels(page, thresholds, marks);
        }
        if self.titles == Title::Drop {
            title::drop(page, thresholds, marks);
        }
        headings::drop_bare(page, thresholds, marks);
        guard::prose(page, thresholds, marks);
        guard::nothing_left(page, thresholds, marks);
    }
}

/// What the model gave a line that it dropped.
fn score(verdict: Verdict) -> Option<u16> {
    match verdict {
        Verdict::Drop(mark) => mark.because.permille(),
        _ => None,
    }
}

/// What the markup says that a block is.
fn kind(page: &PageFeatures, block: usize) -> Option<Kind> {
    page.page.markup.as_ref().map(|markup| markup.settings[block].kind)
}

#[cfg(test)]
mod tests;
