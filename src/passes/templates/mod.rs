//! Learns from all pages of a site what no single page can tell: the lines that recur on them.
//!
//! A [`stats::SurveyStats`] counts, [`site_templates::SiteTemplates`] is what comes of it, and [`RecurringStage`] applies it.
//! Which files are read for it is the pipeline's business. `docs/surveys.md` describes what is learned.

mod edge;
mod finalize;
pub mod fingerprint;
pub mod learned;
mod recurring;
pub mod rules;
pub mod site_templates;
pub mod stats;

pub use finalize::LEAST_PAGES;
pub use recurring::RecurringStage;

use crate::line::PageFeatures;
use crate::stage::{Stage, Survey};
use site_templates::SiteTemplates;
use stats::SurveyStats;

/// The survey of recurring lines.
#[derive(Debug, Default, Clone, Copy)]
pub struct RecurringLines;

impl Survey for RecurringLines {
    type SurveyStats = SurveyStats;

    fn count(&self, page: &PageFeatures, tally: &mut SurveyStats) {
        tally.count(page);
    }

    fn merge(&self, into: &mut SurveyStats, from: SurveyStats) {
        into.merge(from);
    }

    fn settle(&self, tally: SurveyStats) -> Box<dyn Stage> {
        Box::new(RecurringStage::new(&SiteTemplates::of(&tally)))
    }
}
