//! Writes what is kept, and the account of what is not. The only room that joins a page with its marks,
//! and the only one that touches the output folder.

pub mod account;
pub mod folder;
mod inline;
pub mod journal;
mod kept;
pub mod language;
pub mod markdown;
pub mod report;
pub mod text;
pub mod whole;

/// What a page is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    /// Plain text.
    #[default]
    Text,
    /// Markdown, for pages that have markup.
    Markdown,
}
