//! RAW, wherever it is: a folder or a file on this machine, or objects below a prefix of a bucket.
//!
//! Files that are on no disk of this machine come through [`RemoteFolder`]. It knows all of them from one listing, so
//! that every pass of a run sees the same files.

use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::error::Result;
use crate::manifest;
use crate::manifest::relative_path::RelativePath;
use crate::parse::site::Sidecar;
use crate::read::archive::stream::ReadSeek;
use crate::read::walk::{PathFilter, Walk};

/// The input of a run.
#[derive(Debug, Clone)]
pub enum RawFolder {
    /// A folder of this machine, or a file that is all of the input.
    Local(PathBuf),
    /// A folder whose files are reached over a network.
    Remote(Arc<dyn RemoteFolder>),
}

impl RawFolder {
    /// Its files in path order.
    ///
    /// # Errors
    /// Where it is not there or cannot be read.
    pub fn walk(&self, wanted: PathFilter) -> Result<Walk> {
        match self {
            RawFolder::Local(path) => Walk::new(path, wanted),
            RawFolder::Remote(folder) => Ok(Walk::of_remote(Arc::clone(folder), wanted)),
        }
    }

    /// The one file that is all of it, in the manifest's notation, where it is no folder.
    pub fn only_file(&self) -> Option<String> {
        match self {
            RawFolder::Local(path) => {
                let name = path.file_name().map(|name| manifest::escape(Path::new(name)));
                name.filter(|_| path.is_file())
            }
            RawFolder::Remote(folder) => {
                folder.is_one_file().then(|| folder.files().first().map(|file| file.path.clone())).flatten()
            }
        }
    }

    /// Whether a file or folder stands under a path.
    pub fn has(&self, path: &RelativePath) -> bool {
        match self {
            RawFolder::Local(root) => root.join(path.as_path()).symlink_metadata().is_ok(),
            RawFolder::Remote(folder) => {
                let files = folder.files();
                let at = files.partition_point(|file| manifest::path_cmp(&file.path, path.as_str()).is_lt());
                let below = |file: &RemoteFile| {
                    let rest = file.path.strip_prefix(path.as_str());
                    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
                };
                files.get(at).is_some_and(below)
            }
        }
    }
}

impl fmt::Display for RawFolder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RawFolder::Local(path) => f.write_str(&path.to_string_lossy()),
            RawFolder::Remote(folder) => f.write_str(folder.address()),
        }
    }
}

impl From<PathBuf> for RawFolder {
    fn from(path: PathBuf) -> RawFolder {
        RawFolder::Local(path)
    }
}

impl From<&Path> for RawFolder {
    fn from(path: &Path) -> RawFolder {
        RawFolder::Local(path.into())
    }
}

/// A folder whose files are reached over a network.
pub trait RemoteFolder: fmt::Debug + Send + Sync {
    /// What it is called: `s3://bucket/raw`.
    fn address(&self) -> &str;

    /// All its files in path order.
    fn files(&self) -> &[RemoteFile];

    /// Whether it is no folder, but one file.
    fn is_one_file(&self) -> bool;

    /// Whether a folder below it, by its path, is the output of a run of dechaff.
    fn is_output(&self, folder: &str) -> bool;

    /// Opens a file of it, to be read from any place.
    ///
    /// # Errors
    /// Where it is not there, or the store does not answer.
    fn open(&self, file: &RemoteFile) -> io::Result<Box<dyn ReadSeek>>;

    /// Reads up to so many bytes of a file's start.
    ///
    /// # Errors
    /// As for [`RemoteFolder::open`].
    fn start(&self, file: &RemoteFile, bytes: u64) -> io::Result<Vec<u8>>;

    /// Reads the file that stands under a path, where there is one.
    ///
    /// # Errors
    /// Where the store does not answer.
    fn read(&self, path: &str) -> io::Result<Option<Vec<u8>>>;
}

/// A file of a [`RemoteFolder`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemoteFile {
    /// Its path below the folder, in the manifest's notation.
    pub path: String,
    /// Its length in bytes.
    pub bytes: u64,
    /// Why it is not read, where its name is none that a file can have.
    pub refused: Option<&'static str>,
}

/// A file as it can be opened.
#[derive(Debug, Clone)]
pub enum FileHandle {
    /// A file of this machine.
    Local(PathBuf),
    /// One of a folder that is reached over a network.
    Remote(Arc<dyn RemoteFolder>, RemoteFile),
}

impl FileHandle {
    /// What it is called, for people.
    pub fn shown(&self) -> PathBuf {
        match self {
            FileHandle::Local(path) => path.clone(),
            FileHandle::Remote(folder, file) => format!("{}/{}", folder.address(), file.path).into(),
        }
    }

    /// Opens it.
    ///
    /// # Errors
    /// What the operating system or the store said.
    pub fn open(&self) -> io::Result<Box<dyn ReadSeek>> {
        match self {
            FileHandle::Local(path) => Ok(Box::new(File::open(path)?)),
            FileHandle::Remote(folder, file) => folder.open(file),
        }
    }

    /// Reads its start: `first` bytes, or `more` where `wants_more` says so of the first ones.
    ///
    /// # Errors
    /// What the operating system or the store said.
    pub fn start(&self, first: usize, more: usize, wants_more: impl Fn(&[u8]) -> bool) -> io::Result<Vec<u8>> {
        match self {
            FileHandle::Local(path) => {
                let (mut start, mut file) = (Vec::with_capacity(first), File::open(path)?);
                file.by_ref().take(first as u64).read_to_end(&mut start)?;
                if wants_more(&start) {
                    file.take((more - first) as u64).read_to_end(&mut start)?;
                }
                Ok(start)
            }
            FileHandle::Remote(folder, file) => {
                // A second request takes longer than the bytes that it would spare.
                let mut start = folder.start(file, more as u64)?;
                if !wants_more(start.get(..first).unwrap_or(&start)) {
                    start.truncate(first);
                }
                Ok(start)
            }
        }
    }

    /// Reads what stands beside it; empty where there is none, or none that can be made out.
    ///
    /// # Errors
    /// Where a store does not answer.
    pub fn sidecar(&self) -> io::Result<Sidecar> {
        match self {
            FileHandle::Local(path) => Ok(Sidecar::beside(path)),
            FileHandle::Remote(folder, file) => {
                let text = folder.read(&format!("{}{}", file.path, Sidecar::ENDING))?;
                Ok(text.map(|text| Sidecar::of(&text)).unwrap_or_default())
            }
        }
    }
}
