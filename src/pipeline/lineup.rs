//! The stages that take part in a run, in the order of the table.

use crate::line::Reading;
use crate::marks::Marks;
use crate::stage::{STAGES, Stage};

/// The stages of a run.
pub struct Lineup {
    stages: Vec<Box<dyn Stage>>,
}

impl Lineup {
    /// Puts stages into the order of [`STAGES`], whatever order they come in.
    pub fn new(mut stages: Vec<Box<dyn Stage>>) -> Lineup {
        stages.sort_by_key(|stage| STAGES.iter().position(|info| info.name == stage.name()));
        Lineup { stages }
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

    fn mark(&self, reading: &Reading, mut marks: Marks) -> Marks {
        for stage in &self.stages {
            stage.judge(reading, &mut marks);
        }
        marks
    }
}
