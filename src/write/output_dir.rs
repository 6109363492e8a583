//! An output folder as an earlier run left it. Nothing is written here, and nobody is kept out.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use crate::error::{Error, Result, printable};
use crate::hash::sha256;
use crate::manifest::relative_path::RelativePath;
use crate::manifest::row_summary::OutputSummary;
use crate::manifest::shard::Shard;
use crate::manifest::{FILE_NAME, Header, Rows};
use crate::write::previous_rows::PreviousRows;
use crate::write::root_dir::{Entry, RootDir};
use crate::write::shards::{self, Texts};

/// The folder in the output folder where everything unfinished lives.
pub const INNER: &str = ".dechaff";

/// What is to be done after a run that was interrupted.
pub const GO_ON: &str = "run `dechaff clean` again: it goes on where it stopped";

/// An output folder.
#[derive(Debug, Clone)]
pub struct OutputDir {
    root: PathBuf,
    dir: Option<Arc<RootDir>>,
    /// The shards that the manifest names, and whether each is as it was written.
    shards: Arc<OnceLock<Vec<(Shard, ShardState)>>>,
}

/// How a shard of an earlier run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShardState {
    /// With the bytes it was written with.
    Whole,
    /// With other bytes.
    Edited,
    /// Not at all.
    Missing,
}

impl OutputDir {
    /// The folder at a path, though it may not be there.
    pub fn at(root: &Path) -> OutputDir {
        OutputDir::of(root, RootDir::open(root).ok())
    }

    pub(super) fn of(root: &Path, dir: Option<RootDir>) -> OutputDir {
        OutputDir { root: root.into(), dir: dir.map(Arc::new), shards: Arc::new(OnceLock::new()) }
    }

    /// The folder itself.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The folder as it was opened.
    ///
    /// # Errors
    /// Where it is not there or cannot be opened.
    pub fn dir(&self) -> Result<&RootDir> {
        match &self.dir {
            Some(dir) => Ok(dir),
            None => Err(Error::Read {
                path: self.root.clone(),
                cause: RootDir::open(&self.root).err().unwrap_or_else(|| io::ErrorKind::NotFound.into()),
            }),
        }
    }

    /// The manifest's path.
    pub fn manifest(&self) -> PathBuf {
        self.root.join(FILE_NAME)
    }

    /// The manifest's first line; `None` where there is no manifest.
    ///
    /// # Errors
    /// Where it cannot be read or is none of ours.
    pub fn header(&self) -> Result<Option<Header>> {
        let path = self.manifest();
        let file = match self.dir() {
            Ok(dir) => dir.open_file(&manifest()).map_err(|cause| Error::Read { path: path.clone(), cause }),
            Err(error) => Err(error),
        };
        match file {
            Err(Error::Read { cause, .. }) if cause.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
            Ok(file) => Ok(Some(Rows::read(&path, BufReader::new(file))?.0)),
        }
    }

    /// The rows of earlier runs, a killed one's among them once it was set aside.
    pub fn earlier(&self) -> PreviousRows {
        PreviousRows::new(self.file(&manifest()), self.file(&inner("interrupted.jsonl")))
    }

    /// Whether any earlier run has left an output.
    pub fn has_outputs(&self) -> bool {
        self.earlier().any(|line| line.told().is_some_and(|told| told.output.is_some()))
    }

    /// Whether the last run did not come to its end.
    pub fn is_unfinished(&self) -> bool {
        ["journal.jsonl", "interrupted.jsonl", "finished.jsonl"].iter().any(|name| self.file(&inner(name)).is_some())
    }

    /// What is to be done where there is no manifest.
    pub fn without_manifest(&self) -> String {
        let root = printable(&self.root.to_string_lossy());
        match self.is_unfinished() {
            true => format!("{root} holds no manifest: the first run into it was interrupted; {GO_ON}"),
            false => format!("{root} holds no manifest: nothing was cleaned yet; `dechaff clean` comes first"),
        }
    }

    /// Whether an output stands there, with the bytes it was written with.
    pub fn holds(&self, out: &OutputSummary) -> bool {
        if out.line.is_some() {
            return self.shards().iter().any(|(shard, state)| shard.path == *out.path && *state == ShardState::Whole);
        }
        let (Some(dir), Ok(path)) = (&self.dir, RelativePath::of(&out.path)) else { return false };
        dir.entry(&path).is_ok_and(|entry| entry == Entry::File(out.bytes))
            && dir.read(&path).is_ok_and(|bytes| sha256(&bytes) == *out.sha256)
    }

    /// The text that stands as an output; `None` where it cannot be read.
    pub fn text(&self, out: &str) -> Option<String> {
        let bytes = self.dir.as_ref()?.read(&RelativePath::of(out).ok()?).ok()?;
        Some(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// The texts of a shard.
    ///
    /// # Errors
    /// Where it cannot be opened.
    pub fn texts(&self, shard: &str) -> io::Result<Texts> {
        let path = RelativePath::of(shard).map_err(io::Error::other)?;
        Texts::new(shard, self.dir().map_err(io::Error::other)?.open_file(&path)?)
    }

    /// The shards that the manifest names, and how each stands; they are read once.
    pub fn shards(&self) -> &[(Shard, ShardState)] {
        self.shards.get_or_init(|| {
            let (Some(dir), Some(file)) = (&self.dir, self.file(&manifest())) else { return Vec::new() };
            let hash = |name: RelativePath| dir.open_file(&name).and_then(shards::hash_of);
            let state = |shard: &Shard| match shard.name().map(hash) {
                Some(Ok(hash)) if hash == shard.sha256 => ShardState::Whole,
                Some(Err(error)) if error.kind() == io::ErrorKind::NotFound => ShardState::Missing,
                _ => ShardState::Edited,
            };
            // The last line of a name counts.
            let mut last: HashMap<String, usize> = HashMap::new();
            let mut named: Vec<Shard> = Vec::new();
            for shard in shards::named_in(file) {
                match last.get(&shard.path) {
                    Some(&at) => named[at] = shard,
                    None => {
                        last.insert(shard.path.clone(), named.len());
                        named.push(shard);
                    }
                }
            }
            named.into_iter().map(|shard| (shard.clone(), state(&shard))).collect()
        })
    }

    /// What an earlier run kept under a name; empty where there is nothing to read.
    pub fn kept(&self, name: &str) -> String {
        let bytes = self.dir.as_ref().and_then(|dir| dir.read(&inner(name)).ok());
        bytes.and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default()
    }

    /// Whether an earlier run kept something under a name.
    pub fn keeps(&self, name: &str) -> bool {
        self.file(&inner(name)).is_some()
    }

    fn file(&self, path: &RelativePath) -> Option<File> {
        self.dir.as_ref()?.open_file(path).ok()
    }
}

/// The manifest, below the output folder.
pub(super) fn manifest() -> RelativePath {
    fixed(FILE_NAME)
}

/// A file among what is unfinished or kept for the next run.
pub(super) fn inner(name: &str) -> RelativePath {
    fixed(&format!("{INNER}/{name}"))
}

#[expect(clippy::expect_used, reason = "names of our own are plain")]
fn fixed(path: &str) -> RelativePath {
    RelativePath::of(path).expect("a plain name")
}
