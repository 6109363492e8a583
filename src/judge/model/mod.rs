//! The line model: a probability for every block that it is the page's own text.
pub mod columns;
pub mod facts;
pub mod lexicon;
pub mod probability;
mod second;
pub mod trees;
