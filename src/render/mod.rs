//! Writes what is kept, and the account of what is not. The only room that joins a page with its marks,
//! and the only one that touches the output folder.

pub mod account;
mod inline;
mod kept;
pub mod language;
pub mod markdown;
pub mod text;

use crate::marks::Marks;
use crate::page::Page;
use crate::settings::OutputMarkup;

/// The kept text of a page.
pub fn render(page: &Page, marks: &Marks, markup: OutputMarkup) -> String {
    match markup {
        OutputMarkup::Text => text::text(page, marks),
        OutputMarkup::Markdown => markdown::markdown(page, marks),
    }
}

/// The block that each line of what [`render`] writes comes from; of a blank line, that of what follows it.
pub fn blocks_of_lines(page: &Page, marks: &Marks, markup: OutputMarkup) -> Vec<usize> {
    match markup {
        OutputMarkup::Text => text::blocks_of_lines(page, marks),
        OutputMarkup::Markdown => markdown::blocks_of_lines(page, marks),
    }
}
