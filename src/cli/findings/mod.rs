//! The forms in which findings are printed: one file each.

pub(super) mod github;
pub(super) mod json;
pub(super) mod sarif;
pub(super) mod text;

use std::path::{Path, PathBuf};

use crate::manifest;
use crate::run::finding::{Finding, Level};

/// What a check has found, the gravest first.
pub(super) struct Findings<'a> {
    /// The findings with their levels; none is off.
    pub found: Vec<(Level, Finding)>,
    /// How many files were looked at.
    pub files: u64,
    /// The folder of pages, as it was typed.
    pub raw: &'a Path,
    /// The folder that a run has written, as it was typed.
    pub clean: Option<&'a Path>,
}

impl Findings<'_> {
    /// How many findings have a level.
    pub(super) fn count(&self, level: Level) -> usize {
        self.found.iter().filter(|(of, _)| *of == level).count()
    }

    /// The file that a finding is shown at: the raw page, or the manifest where it is of no single page.
    pub(super) fn file(&self, finding: &Finding) -> PathBuf {
        match (&finding.page, self.clean) {
            (Some(_), _) if self.raw.is_file() => self.raw.into(),
            (Some(page), _) => self.raw.join(manifest::to_path(&page.path)),
            (None, Some(clean)) => clean.join(manifest::FILE_NAME),
            (None, None) => self.raw.into(),
        }
    }

    /// The end of the story: so many errors and warnings.
    pub(super) fn summary(&self) -> String {
        let counted = |count: usize, noun: &str| format!("{count} {noun}{}", if count == 1 { "" } else { "s" });
        format!(
            "{}, {} in {}",
            counted(self.count(Level::Error), "error"),
            counted(self.count(Level::Warn), "warning"),
            counted(self.files as usize, "file")
        )
    }
}

/// A level's name in formats for machines.
fn level_name(level: Level) -> &'static str {
    match level {
        Level::Error => "error",
        Level::Warn | Level::Off => "warning",
    }
}
