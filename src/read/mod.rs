//! Finds files and opens them: folders, packed files, and files of many records.

pub mod archive;
pub mod arrivals;
pub mod walk;
