//! The stages: each sees one page and marks its blocks.

pub mod written;
