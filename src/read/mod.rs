//! Finds files and opens them: folders, packed files, and files of many records.

pub mod archive;
pub mod arrivals;
pub mod first_look;
pub mod walk;

use archive::Bounds;
use archive::jsonl::FieldNames;

/// How files of many pages are opened.
#[derive(Debug, Clone, Default)]
pub struct ReadOptions {
    /// The fields of JSON lines that are read.
    pub fields: FieldNames,
    /// What a record may take.
    pub bounds: Bounds,
}
