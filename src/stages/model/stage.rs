//! The stage that drops what the model does not take for the page's own text.

use crate::line::PageFeatures;
use crate::marks::{Evidence, Mark, Marks, RuleId, StageRule};
use crate::settings::Favor;
use crate::stage::Stage;

use super::{Model, Scores};

/// The stage.
#[derive(Debug)]
pub struct ModelStage {
    favor: Favor,
}

impl ModelStage {
    /// The stage with the embedded models.
    pub fn new(favor: Favor) -> ModelStage {
        ModelStage { favor }
    }
}

static RULES: [StageRule; 1] = [StageRule {
    address: "model#score",
    why: "The model takes the line for something else than the page's own text.",
}];

impl Stage for ModelStage {
    fn name(&self) -> &'static str {
        "model"
    }

    fn rules(&self) -> &'static [StageRule] {
        &RULES
    }

    /// Scores all blocks, whatever was said of them before, so that no rule moves another line's score; those that are
    /// still open are dropped under the threshold.
    fn judge(&self, page: &PageFeatures, marks: &mut Marks) {
        let model = Model::of(page.page);
        let opinion = model.judge(page);
        opinion.mark(opinion.threshold(model.cutoffs[self.favor as usize]), marks);
    }
}

impl Scores {
    /// Drops what is still open and less likely than the threshold, in thousandths.
    pub fn mark(&self, threshold: u16, marks: &mut Marks) {
        for (block, &permille) in self.permille.iter().enumerate() {
            if permille < threshold {
                marks.drop(block, Mark { rule: RuleId::Judge(&RULES[0]), because: Evidence::Score { permille } });
            }
        }
    }
}
