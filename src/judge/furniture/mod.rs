//! The furniture of a page: what stands around its text on every page of the site.
//!
//! One file a kind; each judges by shape, runs, neighbours and repetition, with the word lists where
//! the shape alone does not tell. A kind that is not sure leaves the line. Single lines told by
//! their wording alone are the general rules' business.

mod above;
mod alphabet;
mod archive;
mod author;
mod breadcrumb;
mod calendar;
mod comments;
mod contents;
mod credits;
mod glued;
mod languages;
mod menu;
mod pager;
mod sort;
mod symbols;
mod template;
mod updated;

use crate::judge::layout::Layout;
use crate::line::Reading;
use crate::marks::{JudgeRule, Marks};
use crate::stage::Stage;

/// The stage.
#[derive(Debug, Default)]
pub struct Furniture;

impl Furniture {
    /// The stage with the word lists that are embedded in the binary.
    pub fn new() -> Furniture {
        Furniture
    }
}

impl Stage for Furniture {
    fn name(&self) -> &'static str {
        "furniture"
    }

    fn rules(&self) -> &'static [JudgeRule] {
        &RULES
    }

    fn judge(&self, page: &Reading, marks: &mut Marks) {
        let layout = Layout::of(page);
        KINDS.iter().for_each(|judge| judge(&layout, marks));
    }
}

/// A kind of furniture: marks what it is sure of.
type Kind = fn(&Layout, &mut Marks);

/// The kinds in their order: those that know a line by more than its neighbours come first.
const KINDS: [Kind; 17] = [
    symbols::judge,
    calendar::judge,
    alphabet::judge,
    archive::judge,
    languages::judge,
    contents::judge,
    pager::judge,
    comments::judge,
    author::judge,
    updated::judge,
    breadcrumb::judge,
    sort::judge,
    template::judge,
    credits::judge,
    glued::judge,
    menu::judge,
    above::judge,
];

static RULES: [JudgeRule; 17] = [
    symbols::SYMBOLS,
    calendar::CALENDAR,
    alphabet::ALPHABET,
    archive::ARCHIVE,
    languages::LANGUAGES,
    contents::CONTENTS,
    pager::PAGER,
    comments::COMMENTS,
    author::AUTHOR,
    updated::UPDATED,
    breadcrumb::BREADCRUMB,
    sort::SORT,
    template::TEMPLATE,
    credits::CREDITS,
    glued::GLUED,
    menu::MENU,
    above::ABOVE,
];
