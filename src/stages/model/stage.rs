//! The stage that drops what the model does not take for the page's own text.

use std::cell::OnceCell;
use std::sync::Arc;

use crate::line::PageFeatures;
use crate::marks::{Evidence, Mark, Marks, RuleId, StageRule, Verdict};
use crate::page::places::KnownPlaces;
use crate::rules::elements::KnownElements;
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

const SURE: StageRule = StageRule {
    address: "model#sure",
    why: "The model is sure that the line is the page's own text, though what it stands in or beside speaks against it.",
};

static RULES: [StageRule; 3] = [SCORE, PLACE, SURE];

/// The rules that go by what lines stand in or beside, not by what they say: the only ones whose lines are worth keeping where
/// the model is sure of them, on held-out folds.
const BY_COMPANY: [&str; 3] = ["furniture#place", "furniture#box", "furniture#menu"];

/// From this probability on, in thousandths, the model is sure. On held-out folds, in sums of F1 over 1,497 mixed pages and
/// 345 of news: of HTML 1.6 for places and boxes (1.4 from 700 on), of text 0.2 for menus.
const SURE_OF_OWN: u16 = 600;

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
        let threshold = opinion.threshold(model.cutoffs[self.favor as usize]);
        // Few pages have a block that asks for it.
        let inside = OnceCell::new();
        opinion.mark_but(threshold, marks, |block| {
            let Some(markup) = page.page.markup.as_deref() else { return false };
            let inside: &Option<Vec<bool>> =
                inside.get_or_init(|| markup.inside_named(|label| KnownElements::embedded().has(label)));
            inside.as_ref().is_some_and(|inside| inside[markup.settings[block].element as usize])
        });
    }
}

/// Whether a rule that goes by a block's company alone has dropped it.
fn goes_by_company(verdict: Verdict) -> bool {
    matches!(verdict, Verdict::Drop(Mark { rule: RuleId::Judge(rule), .. }) if BY_COMPANY.contains(&rule.address))
}

impl Scores {
    /// Drops what is still open and less likely than the threshold, in thousandths; what its company alone speaks against and the
    /// model is sure of comes back.
    pub fn mark(&self, threshold: u16, marks: &mut Marks) {
        self.mark_but(threshold, marks, |_| false);
    }

    /// The same, but what stands in an element that a well-known program writes around something else stays away.
    fn mark_but(&self, threshold: u16, marks: &mut Marks, is_known: impl Fn(usize) -> bool) {
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
            } else if permille >= SURE_OF_OWN && goes_by_company(marks.verdict(block)) && !is_known(block) {
                marks.revoke(block, &SURE);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOX: StageRule = StageRule { address: "furniture#box", why: "" };
    const BELOW: StageRule = StageRule { address: "teasers#below", why: "" };

    /// A line's company alone gives way to a model that is sure; words, and a model that is not, change nothing.
    #[test]
    fn what_stands_in_a_box_comes_back_where_the_model_is_sure() {
        let scores = Scores { permille: vec![600, 599, 999, 600, 100], mass: Box::new([0; 1001]), placed: Vec::new() };
        let mut marks = Marks::new(5);
        let by = |rule| Mark { rule, because: Evidence::Matched };
        let written = RuleId::Written(0);
        let said = [RuleId::Judge(&BOX), RuleId::Judge(&BOX), RuleId::Judge(&BELOW), written];
        said.into_iter().enumerate().for_each(|(block, rule)| marks.drop(block, by(rule)));
        let mut known = marks.clone();
        scores.mark_but(300, &mut known, |block| block == 0);
        assert!(!known.stays(0), "an element of a well-known program says more");
        scores.mark(300, &mut marks);
        let stays: Vec<bool> = (0..5).map(|block| marks.stays(block)).collect();
        assert_eq!(stays, [true, false, false, false, false]);
        let Verdict::Keep(mark) = marks.verdict(0) else { panic!("it is kept") };
        assert_eq!((mark.rule, mark.because), (RuleId::Judge(&SURE), Evidence::Revokes(RuleId::Judge(&BOX))));
    }
}
