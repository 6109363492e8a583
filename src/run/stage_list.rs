//! The stages that take part in a run, in the order of the table.

use std::sync::Arc;

use crate::line::PageFeatures;
use crate::marks::Marks;
use crate::rules::RuleSet;
use crate::stage::{STAGES, Stage};
use crate::stages::bylines::{Bylines, BylinesStage};
use crate::stages::closing::Closing;
use crate::stages::comments::{Comments, CommentsStage};
use crate::stages::furniture::Furniture;
use crate::stages::headline::Headline;
use crate::stages::model::{Favor, ModelStage};
use crate::stages::teasers::Teasers;
use crate::stages::written::WrittenStage;

/// What a person can choose of the stages.
#[derive(Debug, Default)]
pub struct Choices {
    /// The names of stages to leave out.
    pub off: Vec<String>,
    /// What the model favours.
    pub favor: Favor,
    /// What becomes of readers' comments; without a word, the model decides.
    pub comments: Option<Comments>,
    /// What becomes of names and dates over the text.
    pub bylines: Bylines,
}

/// The stages of a run.
pub struct StageList {
    stages: Vec<Box<dyn Stage>>,
}

impl StageList {
    /// All stages but those left out, in the order of [`STAGES`].
    pub fn new(rules: &Arc<RuleSet>, choices: &Choices) -> StageList {
        let mut stages: Vec<Box<dyn Stage>> = vec![
            Box::new(WrittenStage::site(Arc::clone(rules))),
            Box::new(WrittenStage::general(Arc::clone(rules))),
            Box::new(Headline::new()),
            Box::new(BylinesStage::new(choices.bylines)),
            Box::new(Furniture::new()),
            Box::new(Teasers::new()),
            Box::new(Closing::new()),
        ];
        let is_off = |name: &str| choices.off.iter().any(|off| off == name);
        if !is_off("model") {
            stages.push(Box::new(ModelStage::new(choices.favor)));
        }
        if let Some(comments) = choices.comments {
            stages.push(Box::new(CommentsStage::new(comments)));
        }
        stages.retain(|stage| !is_off(stage.name()));
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

    /// Judges a page and keeps the opinions that came too late.
    pub fn judge_with_second_opinions(&self, reading: &PageFeatures) -> Marks {
        self.mark(reading, Marks::with_overridden(reading.len()))
    }

    fn sort(&mut self) {
        self.stages.sort_by_key(|stage| STAGES.iter().position(|info| info.name == stage.name()));
    }

    fn mark(&self, reading: &PageFeatures, mut marks: Marks) -> Marks {
        for stage in &self.stages {
            stage.judge(reading, &mut marks);
        }
        marks
    }
}
