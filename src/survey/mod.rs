//! Learns from all pages of a site what no single page can tell: the lines that recur on them.
//!
//! A [`tally::Tally`] counts, [`knowledge::Knowledge`] is what comes of it, and [`RecurringStage`] applies it.
//! Which files are read for it is the pipeline's business. `docs/surveys.md` describes what is learned.

mod edge;
pub mod knowledge;
pub mod learned;
pub mod rules;
mod settle;
pub mod sign;
mod stage;
pub mod tally;

pub use settle::LEAST_PAGES;
pub use stage::RecurringStage;

use crate::line::Reading;
use crate::stage::{Stage, Survey};
use knowledge::Knowledge;
use tally::Tally;

/// The survey of recurring lines.
#[derive(Debug, Default, Clone, Copy)]
pub struct RecurringLines;

impl Survey for RecurringLines {
    type Tally = Tally;

    fn count(&self, page: &Reading, tally: &mut Tally) {
        tally.count(page);
    }

    fn merge(&self, into: &mut Tally, from: Tally) {
        into.merge(from);
    }

    fn settle(&self, tally: Tally) -> Box<dyn Stage> {
        Box::new(RecurringStage::new(&Knowledge::of(&tally)))
    }
}
