//! The stages that take part in a run, in the order of the table.

use std::sync::Arc;

use crate::judge::bylines::{Bylines, BylinesStage};
use crate::judge::closing::Closing;
use crate::judge::comments::{Comments, CommentsStage};
use crate::judge::furniture::Furniture;
use crate::judge::headline::Headline;
use crate::judge::model::{Favor, ModelStage};
use crate::judge::teasers::Teasers;
use crate::judge::written::WrittenStage;
use crate::line::Reading;
use crate::marks::Marks;
use crate::rulebook::Rulebook;
use crate::stage::{STAGES, Stage};

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
pub struct Lineup {
    stages: Vec<Box<dyn Stage>>,
}

impl Lineup {
    /// All stages but those left out, in the order of [`STAGES`].
    pub fn new(rulebook: &Arc<Rulebook>, choices: &Choices) -> Lineup {
        let mut stages: Vec<Box<dyn Stage>> = vec![
            Box::new(WrittenStage::site(Arc::clone(rulebook))),
            Box::new(WrittenStage::general(Arc::clone(rulebook))),
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
        let mut lineup = Lineup { stages };
        lineup.sort();
        lineup
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
    pub fn judge(&self, reading: &Reading) -> Marks {
        self.mark(reading, Marks::new(reading.len()))
    }

    /// Judges a page and keeps the opinions that came too late.
    pub fn judge_with_second_opinions(&self, reading: &Reading) -> Marks {
        self.mark(reading, Marks::with_second_opinions(reading.len()))
    }

    fn sort(&mut self) {
        self.stages.sort_by_key(|stage| STAGES.iter().position(|info| info.name == stage.name()));
    }

    fn mark(&self, reading: &Reading, mut marks: Marks) -> Marks {
        for stage in &self.stages {
            stage.judge(reading, &mut marks);
        }
        marks
    }
}
