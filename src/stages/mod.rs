//! The judges: stages that look at one page and mark its blocks.

pub mod bylines;
pub mod closing;
pub mod comments;
pub mod furniture;
pub mod headline;
mod layout;
mod links;
pub mod list;
pub mod model;
pub(crate) mod of_sites;
pub mod personal;
pub mod teasers;
#[cfg(test)]
mod trial;
pub mod written;
