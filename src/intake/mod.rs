//! Finds the files, opens them, and turns bytes into pages. It deletes nothing.

pub mod kind;
pub mod lines;
pub mod site;
pub mod walk;
