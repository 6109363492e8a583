//! The values that arguments may have, and how they are read.

use crate::read::walk::Partition;
use crate::run::finding::{Kind, Level};
use clap::ValueEnum;

/// A part of the input: `3/8`.
pub(super) fn partition(text: &str) -> Result<Partition, String> {
    let numbers = text.split_once('/').and_then(|(index, of)| Some((index.parse().ok()?, of.parse().ok()?)));
    numbers.and_then(|(index, of)| Partition::new(index, of)).ok_or_else(|| {
        "expected I/N, such as 3/8 for the third of eight parts; I counts from 1 to N, or from 0, as your array does"
            .into()
    })
}

/// Reads what `--level` says.
pub(super) fn level(given: &str) -> Result<(Kind, Level), String> {
    let (kind, level) = given.split_once('=').ok_or("expected a kind, `=` and a level: duplicate=off")?;
    Ok((kind.parse()?, level.parse()?))
}

/// Reads a number of pages, or a seed.
pub(super) fn whole_number<N: std::str::FromStr>(text: &str) -> Result<N, String> {
    text.parse().map_err(|_| "expected a whole number, such as 20".into())
}

/// What to do with exact copies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Copies {
    /// Write them, marked in the manifest
    Keep,
    /// List them in the manifest, but write no text
    Drop,
}

/// The form of a run's summary.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum SummaryArg {
    /// For people
    #[default]
    Text,
    /// One JSON object
    Json,
}

/// When what is printed is coloured.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ColorArg {
    /// On a terminal, unless NO_COLOR is set
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// A file that has a JSON Schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SchemaArg {
    /// dechaff.toml
    Settings,
    /// Rule files: site/HOST.toml, general/NAME.toml
    Rules,
    /// Filter files: filters/NAME.toml
    Filters,
    /// Lines of manifest.jsonl
    Manifest,
}
