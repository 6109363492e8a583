//! The stages *site* and *general*: what people have written in rule files.
//!
//! The rules, and the engine that applies them, are the rulebook's; this is their place in the table
//! of stages.

use std::sync::Arc;

use crate::line::Reading;
use crate::marks::Marks;
use crate::rulebook::Rulebook;
use crate::stage::Stage;

/// Applies written rules: those of the page's site, or those for every site.
#[derive(Debug, Clone)]
pub struct WrittenStage {
    rulebook: Arc<Rulebook>,
    shelf: Shelf,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shelf {
    Site,
    General,
}

impl WrittenStage {
    /// The rules written for the page's site.
    pub fn site(rulebook: Arc<Rulebook>) -> WrittenStage {
        WrittenStage { rulebook, shelf: Shelf::Site }
    }

    /// The rules written for every site.
    pub fn general(rulebook: Arc<Rulebook>) -> WrittenStage {
        WrittenStage { rulebook, shelf: Shelf::General }
    }
}

impl Stage for WrittenStage {
    fn name(&self) -> &'static str {
        match self.shelf {
            Shelf::Site => "site",
            Shelf::General => "general",
        }
    }

    fn judge(&self, page: &Reading, marks: &mut Marks) {
        match self.shelf {
            Shelf::Site => self.rulebook.judge_by_site(page, marks),
            Shelf::General => self.rulebook.judge_in_general(page, marks),
        }
    }
}
