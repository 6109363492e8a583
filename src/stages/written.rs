//! The stages *site* and *general*: what people have written in rule files.
//!
//! The rules, and the engine that applies them, are the rulebook's; this is their place in the table
//! of stages.

mod own_words;

use std::sync::Arc;

use crate::line::PageFeatures;
use crate::marks::Marks;
use crate::rules::RuleSet;
use crate::stage::Stage;
use own_words::OwnWords;

/// Applies written rules: those of the page's site, or those for every site. The built-in ones leave alone what
/// the markup of an HTML page shows to be a word of its text.
#[derive(Debug, Clone)]
pub struct WrittenStage {
    rulebook: Arc<RuleSet>,
    shelf: RuleScope,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum RuleScope {
    Site,
    General,
}

impl WrittenStage {
    /// The rules written for the page's site.
    pub fn site(rulebook: Arc<RuleSet>) -> WrittenStage {
        WrittenStage { rulebook, shelf: RuleScope::Site }
    }

    /// The rules written for every site.
    pub fn general(rulebook: Arc<RuleSet>) -> WrittenStage {
        WrittenStage { rulebook, shelf: RuleScope::General }
    }
}

impl Stage for WrittenStage {
    fn name(&self) -> &'static str {
        match self.shelf {
            RuleScope::Site => "site",
            RuleScope::General => "general",
        }
    }

    fn judge(&self, page: &PageFeatures, marks: &mut Marks) {
        match self.shelf {
            RuleScope::Site => self.rulebook.judge_by_site(page, marks),
            RuleScope::General => {
                let own = OwnWords::of(page);
                self.rulebook.judge_in_general_but(page, marks, &|block| own.spare(block));
            }
        }
    }
}
