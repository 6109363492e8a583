//! The stage that drops what the model does not take for the page's own text.

use std::sync::Arc;

use crate::line::PageFeatures;
use crate::marks::{Evidence, Mark, Marks, RuleId, StageRule};
use crate::page::places::KnownPlaces;
use crate::settings::Favor;
use crate::stage::Stage;

use super::{Model, Scores};

/// The stage.
#[derive(Debug)]
pub struct ModelStage {
    favor: Favor,
    places: Arc<KnownPlaces>,
}

impl ModelStage {
    /// The stage with the embedded models. What is known of the places of a page's site has a say.
    pub fn new(favor: Favor, places: Arc<KnownPlaces>) -> ModelStage {
        ModelStage { favor, places }
    }
}

const SCORE: StageRule =
    StageRule { address: "model#score", why: "The model takes the line for something else than the page's own text." };
const PLACE: StageRule = StageRule {
    address: "model#place",
    why: "Stands in an element that mostly holds something else than own text on the site's pages, and is not sure enough \
          to be own text by itself.",
};

static RULES: [StageRule; 2] = [SCORE, PLACE];

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
        let opinion = model.judge_on_site(page, &self.places);
        opinion.mark(opinion.threshold(model.cutoffs[self.favor as usize]), marks);
    }
}

impl Scores {
    /// Drops what is still open and less likely than the threshold, in thousandths.
    pub fn mark(&self, threshold: u16, marks: &mut Marks) {
        let mut placed = self.placed.iter().peekable();
        for (block, &permille) in self.permille.iter().enumerate() {
            let place = placed.next_if(|placed| placed.block == block);
            if permille < threshold {
                let mark = match place.filter(|place| place.alone >= threshold) {
                    Some(place) => {
                        let (own, on) = (place.share.own, place.share.on);
                        Mark { rule: RuleId::Judge(&PLACE), because: Evidence::Place { permille, own, on } }
                    }
                    None => Mark { rule: RuleId::Judge(&SCORE), because: Evidence::Score { permille } },
                };
                marks.drop(block, mark);
            }
        }
    }
}
