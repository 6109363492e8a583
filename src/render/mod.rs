//! Writes what is kept, and the account of what is not. The only room that joins a page with its marks,
//! and the only one that touches the output folder.

pub mod account;
mod inline;
mod kept;
pub mod language;
pub mod markdown;
pub mod text;

/// In which form pages are written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Container {
    /// A file of text a page.
    #[default]
    Text,
    /// JSON lines.
    Lines,
}

/// What a page is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OutputMarkup {
    /// Plain text.
    #[default]
    Text,
    /// Markdown, for pages that have markup.
    Markdown,
}
