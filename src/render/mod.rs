//! Writes what is kept, and the account of what is not. The only room that joins a page with its marks,
//! and the only one that touches the output folder.

pub mod account;
pub mod earlier;
pub mod folder;
pub mod journal;
pub mod language;
pub mod report;
pub mod standing;
pub mod text;
pub mod verify;
pub mod whole;
