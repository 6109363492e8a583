//! dechaff turns a scraped folder into a corpus: it strips what is not the page's own text, keeps one
//! of each repeated headline, repairs the encoding, and writes clean text with a manifest that says
//! of every line why it stayed or went.
//!
//! A page is read, judged many times, and cut only when it is written: stages mark, they never
//! delete. `ARCHITECTURE.md` walks one page through every room.
#![forbid(unsafe_code)]

mod cleaner;
#[cfg(feature = "cli")]
#[doc(hidden)]
pub mod cli;
mod document;
mod error;
mod settings;

/// The rooms of the house, for the project's own tests, benches and training. No promise is made about what is in here.
#[doc(hidden)]
#[path = "."]
pub mod internals {
    pub mod charset;
    #[cfg(feature = "cloud")]
    pub mod cloud;
    pub mod filters;
    pub mod hash;
    pub mod line;
    pub mod manifest;
    pub mod marks;
    pub mod page;
    pub mod parse;
    pub mod passes;
    pub mod read;
    pub mod render;
    #[cfg(feature = "cli")]
    pub mod report;
    pub mod rules;
    pub mod run;
    pub mod stage;
    pub mod stages;
    pub mod table;
    pub mod write;
}

#[cfg(feature = "cloud")]
use internals::cloud;
#[cfg(feature = "cli")]
use internals::report;
use internals::{
    charset, filters, hash, line, manifest, marks, page, parse, passes, read, render, rules, run, stage, stages, table,
    write,
};

pub use cleaner::{Cleaner, CleanerBuilder};
pub use document::{Cleaned, Decision, Input};
pub use error::{Error, Result};
pub use filters::{Document, DocumentFilter};
pub use manifest::{
    Charset, CharsetSource, Evidence, FilterValue, FilterVerdict, Language, Metadata, Piece, Quantity, Share, Status,
};
pub use passes::templates::site_templates::SiteTemplates;
pub use rules::measure::{MEASURES, Measure, MeasureInfo};
pub use settings::{
    Bylines, Comments, Container, Favor, FilterSettings, OutputMarkup, PassageSettings, PiiSettings, ReadingSettings,
    Settings, Title,
};
pub use stage::{STAGES, StageInfo};
