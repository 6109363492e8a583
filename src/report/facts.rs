//! A row as far as statistics and samples need it. What can be borrowed from the line is; the rest is skipped.

use serde::Deserialize;

use crate::manifest::row_summary::{FilterSummary, Text};
use crate::manifest::{BlockCounts, Evidence, Status, TextCounts};
use crate::page::Source;

/// What a row says of a page. The fields are those of [`crate::manifest::Row`].
#[derive(Debug, Clone, Deserialize)]
#[allow(missing_docs, reason = "the fields are those of the row")]
pub struct PageFacts<'l> {
    #[serde(borrow)]
    pub path: Text<'l>,
    #[serde(default)]
    pub record: Option<u64>,
    pub status: Status,
    #[serde(default)]
    pub bytes: Option<u64>,
    #[serde(borrow, default)]
    pub site: Option<Text<'l>>,
    #[serde(borrow, default)]
    pub language: Option<LanguageFacts<'l>>,
    #[serde(default)]
    pub output: Option<OutputFacts>,
    #[serde(default)]
    pub blocks: Option<BlockCounts>,
    #[serde(default)]
    pub words: Option<TextCounts>,
    #[serde(default)]
    pub characters: Option<TextCounts>,
    #[serde(borrow, default)]
    pub kept_by_rule: Vec<DecisionFacts<'l>>,
    #[serde(borrow, default)]
    pub dropped: Vec<DecisionFacts<'l>>,
    #[serde(borrow, default)]
    pub edits: Vec<EditFacts<'l>>,
    #[serde(borrow, default)]
    pub filters: Vec<FilterSummary<'l>>,
}

/// What is said of the language of the kept text.
#[derive(Debug, Clone, Deserialize)]
pub struct LanguageFacts<'l> {
    /// ISO 639-3.
    #[serde(borrow)]
    pub code: Text<'l>,
}

/// What is said of an output.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct OutputFacts {
    /// Its bytes.
    pub bytes: u64,
}

/// What is said of blocks that a rule spoke on.
#[derive(Debug, Clone, Deserialize)]
pub struct DecisionFacts<'l> {
    /// The first and the last block.
    pub blocks: [u32; 2],
    /// The words that they have.
    #[serde(default)]
    pub words: u32,
    /// The address of the rule.
    #[serde(borrow)]
    pub rule: Text<'l>,
    /// What made the rule speak.
    #[serde(default)]
    pub evidence: Option<Evidence>,
}

/// What is said of a part that was cut out of a block.
#[derive(Debug, Clone, Deserialize)]
pub struct EditFacts<'l> {
    /// The words that went with it.
    #[serde(default)]
    pub words: u32,
    /// The address of the rule.
    #[serde(borrow)]
    pub rule: Text<'l>,
}

impl DecisionFacts<'_> {
    /// How many blocks it is about.
    pub fn count(&self) -> u64 {
        u64::from(self.blocks[1].saturating_sub(self.blocks[0])) + 1
    }

    /// The probability, in thousandths, that what it is about is the page's own text; `None` where it was not asked.
    pub fn permille(&self) -> Option<u16> {
        permille(self.evidence.as_ref())
    }
}

/// The probability, in thousandths, that something is the page's own text.
pub fn permille(evidence: Option<&Evidence>) -> Option<u16> {
    match evidence {
        Some(Evidence::Probability(share) | Evidence::Place { probability: share, .. }) => Some(share.permille()),
        _ => None,
    }
}

impl<'l> PageFacts<'l> {
    /// Reads a line of a manifest; `None` where it is no row.
    pub fn read(line: &'l [u8]) -> Option<PageFacts<'l>> {
        serde_json::from_slice(line).ok()
    }

    /// The address of the page.
    pub fn source(&self) -> Source {
        Source { path: self.path.to_string(), record: self.record }
    }

    /// The rules that took something of the page, each once.
    pub fn rules(&self) -> Vec<&str> {
        let dropped = self.dropped.iter().map(|decision| &*decision.rule);
        let mut rules: Vec<&str> = dropped.chain(self.edits.iter().map(|edit| &*edit.rule)).collect();
        rules.sort_unstable();
        rules.dedup();
        rules
    }

    /// The closest call of the line model: the highest probability, in thousandths, of a line that it dropped.
    pub fn closest_call(&self) -> Option<u16> {
        self.dropped.iter().filter_map(DecisionFacts::permille).max()
    }
}
