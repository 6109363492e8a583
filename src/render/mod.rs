//! Writes what is kept, and the account of what is not. The only room that joins a page with its marks,
//! and the only one that touches the output folder.

pub mod account;
pub mod document;
pub mod folder;
mod inline;
pub mod journal;
mod kept;
pub mod language;
pub mod markdown;
pub mod name;
pub mod report;
pub mod shards;
pub mod text;
pub mod whole;

/// In which form pages are written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Form {
    /// A file of text a page.
    #[default]
    Text,
    /// JSON lines.
    Lines,
}

/// What a page is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    /// Plain text.
    #[default]
    Text,
    /// Markdown, for pages that have markup.
    Markdown,
}
