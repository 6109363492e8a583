//! What only many pages together can tell: passes over the whole corpus.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::line::PageFeatures;

pub mod near;
pub mod passages;
pub mod templates;

/// A pass over many pages: it sketches them one by one, and says at the end what only all of them can tell.
///
/// A sketch holds what is known of some pages, in bounded memory. Sketches merge in any order to that of all their pages,
/// and can be written down in between: neither the number of threads, nor how pages are dealt out to shards or machines,
/// can be seen in what comes of them.
pub trait CorpusPass {
    /// What is known of some pages; of none, the default.
    type Sketch: Default + Serialize + DeserializeOwned;

    /// Adds a page.
    fn add(sketch: &mut Self::Sketch, page: &SeenPage);

    /// Adds the pages of another sketch. Pages that both have count once.
    fn merge(sketch: &mut Self::Sketch, other: Self::Sketch);

    /// What all the pages tell together.
    fn finish(sketch: &Self::Sketch) -> Self;
}

/// A page as a pass sees it.
#[derive(Debug, Clone, Copy)]
pub struct SeenPage<'p> {
    /// Its lines.
    pub features: &'p PageFeatures<'p>,
    /// The charset that it was read in, by its WHATWG name.
    pub charset: &'p str,
    /// For each block of an HTML page the probability, in thousandths, that it is own text by its page alone.
    pub own: Option<&'p [u16]>,
}
