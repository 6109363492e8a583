//! What a cleaned corpus looks like to a person: its numbers, samples of its pages, what changed between two runs, and
//! the report. It reads rows and writes into strings; files and the terminal are for the command line.

pub mod changes;
pub mod charts;
pub mod document;
pub mod facts;
pub mod figures;
pub mod outliers;
pub mod page_view;
pub mod sample;
pub mod statistics;
