//! An output folder as an earlier run left it. Nothing is written here, and nobody is kept out.

use std::fs;
use std::path::{Path, PathBuf};

use crate::error::Result;
use crate::hash::sha256;
use crate::manifest::row_summary::OutputSummary;
use crate::manifest::{self, FILE_NAME, Header, Rows};
use crate::write::previous_rows::PreviousRows;

/// The folder in the output folder where everything unfinished lives.
pub const INNER: &str = ".dechaff";

/// An output folder.
#[derive(Debug, Clone)]
pub struct OutputDir {
    root: PathBuf,
    inner: PathBuf,
}

impl OutputDir {
    /// The folder at a path, though it may not be there.
    pub fn at(root: &Path) -> OutputDir {
        OutputDir { root: root.into(), inner: root.join(INNER) }
    }

    /// The folder itself.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// A file among what is unfinished or kept for the next run.
    pub fn inner(&self, name: &str) -> PathBuf {
        self.inner.join(name)
    }

    /// The manifest's path.
    pub fn manifest(&self) -> PathBuf {
        self.root.join(FILE_NAME)
    }

    /// The journal of a run that is under way, or was killed.
    pub fn journal(&self) -> PathBuf {
        self.inner("journal.jsonl")
    }

    /// The journal of a killed run that the next one has set aside.
    pub fn interrupted(&self) -> PathBuf {
        self.inner("interrupted.jsonl")
    }

    /// The manifest's first line; `None` where there is no manifest.
    ///
    /// # Errors
    /// Where it cannot be read or is none of ours.
    pub fn header(&self) -> Result<Option<Header>> {
        let path = self.manifest();
        match fs::File::open(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(cause) => Err(crate::error::Error::Read { path, cause }),
            Ok(file) => Ok(Some(Rows::read(&path, std::io::BufReader::new(file))?.0)),
        }
    }

    /// The rows of earlier runs, a killed one's among them once it was set aside.
    pub fn earlier(&self) -> PreviousRows {
        PreviousRows::open(&self.manifest(), &self.interrupted())
    }

    /// Whether an output stands there, a file of its own, with the bytes it was written with.
    pub fn holds(&self, out: &OutputSummary) -> bool {
        if out.line.is_some() {
            return false;
        }
        let path = self.root.join(manifest::to_path(&out.path));
        let is_whole = |meta: fs::Metadata| meta.is_file() && meta.len() == out.bytes;
        fs::symlink_metadata(&path).is_ok_and(is_whole)
            && fs::read(&path).is_ok_and(|bytes| sha256(&bytes) == *out.sha256)
    }

    /// The text that stands as an output; `None` where it cannot be read.
    pub fn text(&self, out: &str) -> Option<String> {
        let bytes = fs::read(self.root.join(manifest::to_path(out))).ok()?;
        Some(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// What an earlier run kept under a name; empty where there is nothing to read.
    pub fn kept(&self, name: &str) -> String {
        fs::read_to_string(self.inner(name)).unwrap_or_default()
    }
}
