//! What a stage is, and the one table of stages.

use crate::line::PageFeatures;
use crate::marks::{Marks, StageRule};

/// A judge of pages. It sees one page and marks blocks; it does no I/O, reads no clock and cannot fail.
pub trait Stage: Send + Sync {
    /// Its name in [`STAGES`].
    fn name(&self) -> &'static str;

    /// The judgements it can give, for `dechaff rules list`; empty where its rules are written in files.
    fn rules(&self) -> &'static [StageRule] {
        &[]
    }

    /// The stage that it comes right before, where that is not its own place in [`STAGES`].
    fn comes_before(&self) -> Option<&'static str> {
        None
    }

    /// Marks what it is sure of and leaves the rest open.
    fn judge(&self, page: &PageFeatures, marks: &mut Marks);
}

/// A row of the table of stages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StageInfo {
    /// Its name: the part of a rule's address before `#`, and what `--off` takes.
    pub name: &'static str,
    /// What it looks for, for people.
    pub about: &'static str,
    /// Whether what it says is final, or may be revoked by the closing stage.
    pub is_final: bool,
}

/// The stages in their order, which is their precedence: the first mark stands.
pub const STAGES: [StageInfo; 12] = [
    StageInfo { name: "site", about: "the rules written for the page's site", is_final: true },
    StageInfo { name: "general", about: "the rules written for every site", is_final: true },
    StageInfo { name: "headline", about: "the page's own title, kept once", is_final: false },
    StageInfo { name: "furniture", about: "menus, calendars, pagers, bars, boxes and forms", is_final: false },
    StageInfo { name: "teasers", about: "headlines and cut sentences of other pages", is_final: false },
    StageInfo { name: "recurring", about: "lines that the site repeats on many pages", is_final: false },
    StageInfo { name: "comments", about: "readers' comments, as `--comments` says", is_final: true },
    StageInfo { name: "bylines", about: "names and dates over the text, as `--bylines` says", is_final: true },
    StageInfo { name: "model", about: "a probability that a line is the page's own text", is_final: false },
    StageInfo { name: "closing", about: "headings left with nothing under them; the guard of prose", is_final: false },
    StageInfo { name: "passages", about: "paragraphs on many documents, by `--repeated-passages`", is_final: true },
    StageInfo { name: "personal", about: "mail addresses, numbers of phones and accounts, by `--pii`", is_final: true },
];
