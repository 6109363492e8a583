//! Learns from all pages of a site what no single page can tell: the lines that recur on them.
//!
//! A [`stats::SurveyStats`] counts, [`site_templates::SiteTemplates`] is what comes of it, and [`RecurringStage`] applies it.
//! Which files are read for it is the pipeline's business. `docs/surveys.md` describes what is learned.

mod edge;
mod finalize;
pub mod fingerprint;
pub mod learned;
pub mod learned_places;
mod recurring;
pub mod rules;
pub mod site_templates;
pub mod stats;

pub use finalize::LEAST_PAGES;
pub use recurring::RecurringStage;
