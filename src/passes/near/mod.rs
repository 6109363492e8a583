//! Near copies: documents whose clean texts share most of their shingles.
//!
//! Each document is sketched by MinHash ([`sketcher`]). Two that have a band of hashes in common are compared by their whole
//! sketches, and of documents that are alike one stays ([`clusters`]). Where the bands are sorted, and how sketches are read back,
//! is the business of who has files.

pub mod clusters;
pub mod letters;
pub mod sketcher;

use crate::manifest::{Share, SketchShape};

/// How near copies are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NearSettings {
    /// How documents are sketched.
    pub shape: SketchShape,
    /// The least estimated Jaccard index of a near copy.
    pub threshold: Share,
    /// Which document of several stays.
    pub stays: Stays,
}

/// Which document of several that are alike stays; among equals the first by path.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
pub enum Stays {
    /// The longest, in words
    #[default]
    Longest,
    /// The first by path
    First,
}

/// The rule by which a document of an earlier corpus stays.
pub const EARLIER: &str = "near-copies#earlier";

impl Stays {
    /// The rule's address, as rows name it.
    pub fn address(self) -> &'static str {
        match self {
            Stays::Longest => "near-copies#longest",
            Stays::First => "near-copies#first",
        }
    }
}

/// Where half of the pairs are compared that 14 bands of 8 bring together: (1/14)^(1/8) = 0.72. Below it, what is found is found
/// by chance.
pub const THRESHOLD_PERMILLE: u16 = 700;

impl Default for NearSettings {
    fn default() -> NearSettings {
        NearSettings {
            shape: SketchShape::default(),
            threshold: Share::of_permille(THRESHOLD_PERMILLE),
            stays: Stays::default(),
        }
    }
}
