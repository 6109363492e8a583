//! The knowledge that is written as data, checked and made ready for the judges.

pub mod lexicon;
