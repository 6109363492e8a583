//! Writes what is kept, and the account of what is not. The only room that joins a page with its marks,
//! and the only one that touches the output folder.

pub mod account;
mod inline;
mod kept;
pub mod language;
pub mod markdown;
pub mod text;
