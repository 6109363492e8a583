//! The values that arguments may have, and how they are read.

use crate::parse::repair::{REPAIRS, Repair};
use crate::read::walk::Partition;
use crate::run::finding::{Kind, Level};
use clap::ValueEnum;

/// A size in bytes: `4096`, `64K`, `64M`, `1G`.
pub fn size(text: &str) -> Result<u64, String> {
    let digits = text.trim_end_matches(|c: char| !c.is_ascii_digit());
    let shift = match text[digits.len()..].to_ascii_uppercase().as_str() {
        "" | "B" => 0,
        "K" | "KB" | "KIB" => 10,
        "M" | "MB" | "MIB" => 20,
        "G" | "GB" | "GIB" => 30,
        _ => return Err("expected a number of bytes, such as 4096, 64K, 64M or 1G".into()),
    };
    let bytes = digits.parse::<u64>().ok().and_then(|number| number.checked_mul(1 << shift)).filter(|&bytes| bytes > 0);
    bytes.ok_or_else(|| "expected a number of bytes above 0, such as 4096, 64K, 64M or 1G".into())
}

/// A part of the input: `3/8`.
pub fn partition(text: &str) -> Result<Partition, String> {
    let numbers = text.split_once('/').and_then(|(index, of)| Some((index.parse().ok()?, of.parse().ok()?)));
    numbers.and_then(|(index, of)| Partition::new(index, of)).ok_or_else(|| {
        "expected I/N, such as 3/8 for the third of eight parts; I counts from 1 to N, or from 0, as your array does"
            .into()
    })
}

/// Reads what `--level` says.
pub fn level(given: &str) -> Result<(Kind, Level), String> {
    let (kind, level) = given.split_once('=').ok_or("expected a kind, `=` and a level: copy=off")?;
    Ok((kind.parse()?, level.parse()?))
}

/// Checks the name of a repair.
pub fn repair(name: &str) -> Result<Repair, String> {
    let known = || REPAIRS.map(|about| about.name).join(", ");
    name.parse().map_err(|_| format!("there is no such repair; there are {}", known()))
}

/// What the line model favours.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum FavorArg {
    /// Rather lose a line of the text than keep one of the furniture
    Precision,
    /// The best F1
    #[default]
    Balance,
    /// Rather keep a line of the furniture than lose one of the text
    Recall,
}

/// What becomes of readers' comments.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum CommentsArg {
    /// The line model decides
    #[default]
    Auto,
    /// They stay
    Keep,
    /// They go
    Drop,
}

/// What becomes of names and dates between a title and its text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum BylinesArg {
    /// They stay
    #[default]
    Keep,
    /// They go
    Drop,
}

/// What a run writes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum OutputArg {
    /// A file for each page: CLEAN/same/path.txt
    #[default]
    Files,
    /// Compressed shards: CLEAN/part-00000.jsonl.zst, in the layout of dolma
    Jsonl,
}

/// The markup that HTML pages are written in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum MarkupArg {
    /// Plain text: page.html.txt
    #[default]
    Text,
    /// Headings, lists, tables, code, emphasis and links: page.html.md
    Markdown,
}

/// What to do with exact copies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Copies {
    /// Write them, marked in the manifest
    Keep,
    /// List them in the manifest, but write no text
    Drop,
}
