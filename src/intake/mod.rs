//! Finds the files, opens them, and turns bytes into pages. It deletes nothing.

pub mod decode;
pub mod kind;
pub mod letters;
pub mod lines;
pub mod repair;
pub mod site;
pub mod walk;
