//! The arguments of the search for near copies.

use std::path::PathBuf;

use clap::ValueEnum;

use crate::manifest::{Share, SketchShape};
use crate::passes::near::sketcher::MOST_WORDS;
use crate::passes::near::{NearSettings, Stays, THRESHOLD_PERMILLE};
use crate::run::commit::NearCopies;
use crate::run::near_copies::NearJob;

/// How near copies are looked for.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Near copies")]
pub(crate) struct NearArgs {
    /// Look for pages whose kept text is nearly another page's, and keep or drop them; the manifest names the page that stays
    /// [default: they are not looked for]
    #[arg(long, value_enum, value_name = "WHAT")]
    pub near_copies: Option<NearCopiesArg>,
    /// Compare with an earlier corpus, too: the output folder of a run with --near-copies. Its documents stay, and what is nearly
    /// one of them goes, or is marked; may be given several times
    #[arg(long, visible_alias = "against", value_name = "CLEAN", requires = "near_copies")]
    pub near_against: Vec<PathBuf>,
    /// Which of several near copies stays; among equals the first by path
    #[arg(long, value_enum, default_value_t, value_name = "WHICH", requires = "near_copies")]
    pub near_stays: Stays,
    /// The least share of shingles that near copies have in common, as their sketches estimate it
    #[arg(long, value_name = "SHARE", default_value_t = Threshold::default(), value_parser = threshold, requires = "near_copies")]
    pub near_threshold: Threshold,
    /// Words of a shingle
    #[arg(long, value_name = "N", default_value_t = SketchShape::default().words, requires = "near_copies",
        value_parser = clap::value_parser!(u8).range(1..=MOST_WORDS as i64))]
    pub near_words: u8,
    /// Bands and hashes of a band: more bands find pages that are less alike, more hashes compare fewer pages
    #[arg(long, value_name = "BxH", default_value_t = Bands::default(), value_parser = bands, requires = "near_copies")]
    pub near_bands: Bands,
}

/// What to do with near copies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum NearCopiesArg {
    /// Write them, marked in the manifest
    Keep,
    /// List them in the manifest, but write no text
    Drop,
}

/// A share, as it is typed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Threshold(Share);

impl Default for Threshold {
    fn default() -> Threshold {
        Threshold(Share::of_permille(THRESHOLD_PERMILLE))
    }
}

impl std::fmt::Display for Threshold {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", f64::from(self.0.permille()) / 1000.0)
    }
}

fn threshold(text: &str) -> Result<Threshold, String> {
    let share = text.parse::<f64>().ok().filter(|share| (0.001..=1.0).contains(share));
    share
        .map(|share| Threshold(Share::nearest(share)))
        .ok_or_else(|| "expected a number above 0 and up to 1: 0.7".into())
}

/// Bands and hashes of a band, as they are typed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bands(u16, u8);

impl Default for Bands {
    fn default() -> Bands {
        let SketchShape { bands, rows, .. } = SketchShape::default();
        Bands(bands, rows)
    }
}

impl std::fmt::Display for Bands {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}x{}", self.0, self.1)
    }
}

/// The fewest hashes of a band: they have eight bits each, and four keep ten million documents apart.
const LEAST_HASHES: u8 = 4;

/// The most hashes of a sketch: what a document takes in the manifest and on the disk.
const MOST_HASHES: usize = 4096;

fn bands(text: &str) -> Result<Bands, String> {
    let numbers = text.split_once('x').and_then(|(bands, rows)| Some(Bands(bands.parse().ok()?, rows.parse().ok()?)));
    let is_fit = |&Bands(bands, rows): &Bands| {
        bands > 0 && rows >= LEAST_HASHES && usize::from(bands) * usize::from(rows) <= MOST_HASHES
    };
    numbers.filter(is_fit).ok_or_else(|| {
        format!(
            "expected bands, `x` and hashes of a band, such as 14x8; {LEAST_HASHES} hashes at least, and {MOST_HASHES} in \
            all bands at most"
        )
    })
}

impl NearArgs {
    /// The search that they ask for.
    pub(crate) fn job(&self) -> Option<NearJob> {
        let settings = self.settings();
        let copies = match self.near_copies? {
            NearCopiesArg::Keep => NearCopies::Keep,
            NearCopiesArg::Drop => NearCopies::Drop,
        };
        Some(NearJob { settings, copies, against: self.near_against.clone() })
    }

    /// How near copies are looked for.
    pub(crate) fn settings(&self) -> NearSettings {
        let shape = SketchShape { words: self.near_words, bands: self.near_bands.0, rows: self.near_bands.1 };
        NearSettings { shape, threshold: self.near_threshold.0, stays: self.near_stays }
    }
}
