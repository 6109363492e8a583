//! What only many pages together can tell: passes over the whole corpus.

pub mod templates;
