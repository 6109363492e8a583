//! The stages that judge a page, in the order of the table.

use std::sync::Arc;

use crate::line::PageFeatures;
use crate::marks::Marks;
use crate::page::places::KnownPlaces;
use crate::rules::RuleSet;
use crate::settings::{Bylines, Settings};
use crate::stage::{STAGES, Stage};
use crate::stages::bylines::BylinesStage;
use crate::stages::closing::Closing;
use crate::stages::comments::CommentsStage;
use crate::stages::furniture::Furniture;
use crate::stages::headline::Headline;
use crate::stages::model::ModelStage;
use crate::stages::personal::PersonalStage;
use crate::stages::teasers::Teasers;
use crate::stages::written::WrittenStage;

/// The stages of a run.
pub struct StageList {
    stages: Vec<Box<dyn Stage>>,
}

impl StageList {
    /// All stages but those left out, in the order of [`STAGES`]. What is known of the places of sites is the model's.
    pub fn new(rules: &Arc<RuleSet>, settings: &Settings, places: &Arc<KnownPlaces>) -> StageList {
        let mut stages: Vec<Box<dyn Stage>> = vec![
            Box::new(WrittenStage::site(Arc::clone(rules))),
            Box::new(WrittenStage::general(Arc::clone(rules))),
            Box::new(Headline::new(settings.title)),
            Box::new(BylinesStage::new(settings.bylines)),
            Box::new(CommentsStage::new(settings.comments)),
            Box::new(Furniture::new()),
            Box::new(Teasers::new()),
            Box::new(Closing::new(settings.title)),
        ];
        if !settings.is_off("model") {
            stages.push(Box::new(ModelStage::new(settings.favor, Arc::clone(places))));
        }
        if settings.bylines == Bylines::Keep {
            stages.push(Box::new(BylinesStage::under_title()));
        }
        if settings.personal.pii {
            stages.push(Box::new(PersonalStage::new(&settings.personal)));
        }
        stages.retain(|stage| !settings.is_off(stage.name()));
        let mut stages = StageList { stages };
        stages.sort();
        stages
    }

    /// Takes one more stage in, at its place.
    pub fn add(&mut self, stage: Box<dyn Stage>) {
        self.stages.push(stage);
        self.sort();
    }

    /// The stages, in their order.
    pub fn stages(&self) -> &[Box<dyn Stage>] {
        &self.stages
    }

    /// Judges a page.
    pub fn judge(&self, reading: &PageFeatures) -> Marks {
        self.mark(reading, Marks::new(reading.len()))
    }

    /// Judges a page and keeps the verdicts that came too late.
    pub fn judge_with_overridden(&self, reading: &PageFeatures) -> Marks {
        self.mark(reading, Marks::with_overridden(reading.len()))
    }

    fn sort(&mut self) {
        let place = |name: &str| STAGES.iter().position(|info| info.name == name);
        self.stages.sort_by_key(|stage| match stage.comes_before() {
            Some(other) => (place(other), false),
            None => (place(stage.name()), true),
        });
    }

    fn mark(&self, reading: &PageFeatures, mut marks: Marks) -> Marks {
        for stage in &self.stages {
            stage.judge(reading, &mut marks);
        }
        marks
    }
}
