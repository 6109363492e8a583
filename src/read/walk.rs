//! Finds the files of a folder in path order: by component, byte-wise, whatever the file system says.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use globset::GlobSet;
use walkdir::{DirEntry, WalkDir};
use xxhash_rust::xxh3::xxh3_64;

use crate::error::{Error, Result};
use crate::manifest;
use crate::parse::site::Sidecar;
use crate::read::archive::stream::ReadSeek;
use crate::read::raw_folder::{FileHandle, RemoteFolder};
use crate::read::remote_walk::RemoteWalk;

/// A file that was found, or why something that stands in the folder is none.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Its path below the folder, in the manifest's notation.
    pub path: String,
    /// How it is opened.
    pub file: FileHandle,
    /// What is known of it before it is opened.
    pub what: EntryKind,
    /// Whether no other name in its folder is known to begin with its own, as that of a sidecar does.
    pub is_alone: bool,
}

impl Entry {
    /// What stands beside it.
    ///
    /// # Errors
    /// As for [`FileHandle::sidecar`].
    pub fn sidecar(&self) -> io::Result<Sidecar> {
        if self.is_alone { Ok(Sidecar::default()) } else { self.file.sidecar() }
    }
}

/// What a walk can meet.
#[derive(Debug, Clone)]
pub enum EntryKind {
    /// A file of so many bytes.
    File(u64),
    /// Something that is not read, and why.
    Skipped(String),
    /// Something that could not be read, and why.
    Failed(String),
    /// A link whose end is not there.
    Dangling,
}

/// Which files of a folder are wanted.
#[derive(Debug, Default)]
pub struct PathFilter {
    /// Only files whose path matches one of these; all, where there are none.
    pub include: GlobSet,
    /// No files whose path matches one of these.
    pub exclude: GlobSet,
    /// A folder that is not entered: the output, where it lies inside the input.
    pub except: Option<PathBuf>,
    /// Only a part of the files; all, where none is named.
    pub part: Option<Partition>,
}

/// A fixed part of a folder's files: which files are in it depends on their paths alone, so that jobs that take all
/// parts take every file once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Partition {
    index: u64,
    of: u64,
}

impl std::fmt::Display for Partition {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}-of-{}", self.index, self.of)
    }
}

impl Partition {
    /// The part of a number, of so many: counted from 1, or from 0, as the last part is the zeroth too. `None` where
    /// there is no such part.
    pub fn new(index: u64, of: u64) -> Option<Partition> {
        (of > 0 && index <= of).then(|| Partition { index: index % of, of })
    }

    /// Whether a path is in it.
    pub fn holds(&self, path: &str) -> bool {
        xxh3_64(path.as_bytes()) % self.of == self.index
    }
}

impl PathFilter {
    pub(super) fn wants(&self, relative: &Path) -> bool {
        let includes = self.include.is_empty() || self.include.is_match(relative);
        includes && !self.exclude.is_match(relative)
    }
}

/// Why a file or folder is not read whose name starts with a dot.
pub(super) const HIDDEN: &str = "hidden: its name starts with a dot";

/// Why a folder is not read that a run of dechaff has written.
pub(super) const IS_OUTPUT: &str = "an output folder of dechaff, which is no input";

/// The files of a folder, in path order.
pub struct Walk {
    wanted: PathFilter,
    found: Found,
}

/// Where the files of a walk come from.
enum Found {
    Local(Box<LocalWalk>),
    Remote(RemoteWalk),
}

/// The files of a folder of this machine.
struct LocalWalk {
    root: PathBuf,
    entries: walkdir::IntoIter,
    /// The entry that comes next, where that has been looked at already.
    ahead: Option<walkdir::Result<DirEntry>>,
}

impl Walk {
    /// Starts at `root`, a folder, or a file that is then the only one found.
    ///
    /// # Errors
    /// Where `root` is not there or cannot be read.
    pub fn new(root: &Path, wanted: PathFilter) -> Result<Walk> {
        let read = |cause| Error::Read { path: root.into(), cause };
        if fs::metadata(root).map_err(read)?.is_dir() {
            fs::read_dir(root).map_err(read)?;
        }
        let entries = WalkDir::new(root).follow_links(true).sort_by_file_name().into_iter();
        Ok(Walk { wanted, found: Found::Local(Box::new(LocalWalk { root: root.into(), entries, ahead: None })) })
    }

    /// Starts over the files of a folder that is reached over a network.
    pub fn of_remote(folder: Arc<dyn RemoteFolder>, wanted: PathFilter) -> Walk {
        Walk { wanted, found: Found::Remote(RemoteWalk::new(folder)) }
    }
}

impl LocalWalk {
    fn found(&mut self, entry: &DirEntry, wanted: &PathFilter) -> Option<Entry> {
        let file = entry.path();
        let relative = match entry.depth() {
            0 => Path::new(file.file_name()?),
            _ => file.strip_prefix(&self.root).ok()?,
        };
        if !wanted.wants(relative) {
            return None;
        }
        let path = manifest::escape(relative);
        let what = match entry.metadata() {
            Ok(meta) if meta.is_file() => self.file(file, meta.len()),
            Ok(_) => EntryKind::Skipped("neither a file nor a folder".into()),
            Err(error) => EntryKind::Failed(error.to_string()),
        };
        let is_alone = self.is_alone(entry);
        Some(Entry { path, file: FileHandle::Local(file.into()), what, is_alone })
    }

    /// Whether a file's name is not the beginning of the next name in its folder. In the order of names all that begin
    /// with one come right after it, a sidecar's too.
    fn is_alone(&mut self, entry: &DirEntry) -> bool {
        self.ahead = self.entries.next();
        let begins = |next: &DirEntry| {
            next.path().as_os_str().as_encoded_bytes().starts_with(entry.path().as_os_str().as_encoded_bytes())
        };
        entry.depth() > 0 && self.ahead.as_ref().is_none_or(|next| next.as_ref().is_ok_and(|next| !begins(next)))
    }

    fn file(&self, file: &Path, bytes: u64) -> EntryKind {
        match described_by(file) {
            Some(page) if page.is_file() => {
                EntryKind::Skipped(format!("describes {}", page.file_name().unwrap_or_default().display()))
            }
            _ => EntryKind::File(bytes),
        }
    }

    fn unread(&self, error: walkdir::Error) -> Option<Entry> {
        let file = error.path().unwrap_or(&self.root).to_path_buf();
        let path = manifest::escape(file.strip_prefix(&self.root).unwrap_or(&file));
        let what = match error.loop_ancestor() {
            Some(ancestor) => EntryKind::Skipped(format!("a link back to {}", ancestor.display())),
            None => match error.io_error() {
                Some(cause) if cause.kind() == io::ErrorKind::NotFound && file.is_symlink() => EntryKind::Dangling,
                Some(cause) => EntryKind::Failed(cause.to_string()),
                None => EntryKind::Failed(error.to_string()),
            },
        };
        Some(Entry { path, file: FileHandle::Local(file), what, is_alone: true })
    }
}

impl Iterator for Walk {
    type Item = Entry;

    fn next(&mut self) -> Option<Entry> {
        loop {
            let found = match &mut self.found {
                Found::Local(walk) => walk.next(&self.wanted),
                Found::Remote(walk) => walk.next(&self.wanted),
            }?;
            if self.wanted.part.is_none_or(|part| part.holds(&found.path)) {
                return Some(found);
            }
        }
    }
}

impl LocalWalk {
    /// The next file that is wanted, whatever part it is in.
    fn next(&mut self, wanted: &PathFilter) -> Option<Entry> {
        loop {
            let entry = match self.ahead.take().or_else(|| self.entries.next())? {
                Ok(entry) => entry,
                Err(error) => match self.unread(error) {
                    Some(found) => return Some(found),
                    None => continue,
                },
            };
            let is_folder = entry.file_type().is_dir();
            if is_folder && wanted.except.as_deref().is_some_and(|except| is_same(entry.path(), except)) {
                self.entries.skip_current_dir();
                continue;
            }
            let unread = match entry.depth() {
                0 => None,
                _ if is_hidden(&entry) => Some(HIDDEN),
                _ if is_folder && is_output(entry.path()) => Some(IS_OUTPUT),
                _ => None,
            };
            if let Some(why) = unread {
                if is_folder {
                    self.entries.skip_current_dir();
                }
                let relative = entry.path().strip_prefix(&self.root).unwrap_or(entry.path());
                let what = EntryKind::Skipped(why.into());
                return Some(Entry {
                    path: manifest::escape(relative),
                    file: FileHandle::Local(entry.path().into()),
                    what,
                    is_alone: true,
                });
            }
            if !is_folder && let Some(found) = self.found(&entry, wanted) {
                return Some(found);
            }
        }
    }
}

/// Reads a file whole.
///
/// # Errors
/// What the operating system said, or that the file is longer than a page can be.
pub fn read(path: &Path, expected_bytes: u64) -> Result<Vec<u8>> {
    OpenFile::new(&FileHandle::Local(path.into()), expected_bytes)?.read()
}

/// How much of a file's start is read to tell what it is, in bytes: most pages are no longer.
const HEAD: u64 = 1 << 16;

/// A file that was opened, and whose start was read.
pub struct OpenFile {
    path: PathBuf,
    file: Box<dyn ReadSeek>,
    expected_bytes: u64,
    bytes: Vec<u8>,
    /// Whether its start is all there is.
    is_whole: bool,
}

impl OpenFile {
    /// Opens a file and reads its start.
    ///
    /// # Errors
    /// What the operating system said.
    pub fn new(handle: &FileHandle, expected_bytes: u64) -> Result<OpenFile> {
        let failed = |cause| Error::Read { path: handle.shown(), cause };
        let mut file = handle.open().map_err(failed)?;
        let mut bytes = Vec::with_capacity(expected_bytes.min(LONGEST_PAGE) as usize + 1);
        let head = file.by_ref().take(HEAD).read_to_end(&mut bytes).map_err(failed)? as u64;
        Ok(OpenFile { path: handle.shown(), file, expected_bytes, bytes, is_whole: head < HEAD })
    }

    /// Its first bytes: up to 65,536.
    pub fn head(&self) -> &[u8] {
        &self.bytes
    }

    /// Reads all of it.
    ///
    /// # Errors
    /// What the operating system said, or that the file is longer than a page can be.
    pub fn read(self) -> Result<Vec<u8>> {
        let OpenFile { path, file, expected_bytes, mut bytes, is_whole } = self;
        if is_whole {
            return Ok(bytes);
        }
        let more = LONGEST_PAGE + 1 - bytes.len() as u64;
        match file.take(more).read_to_end(&mut bytes) {
            Err(cause) => Err(Error::Read { path, cause }),
            Ok(_) if bytes.len() as u64 > LONGEST_PAGE => Err(Error::TooLong { path, bytes: expected_bytes }),
            Ok(_) => Ok(bytes),
        }
    }

    /// All of it, to be read from its start.
    pub fn into_file(self) -> Box<dyn ReadSeek> {
        self.file
    }
}

/// The longest page in bytes. Its text may grow by three when it is decoded, and spans have 32 bits.
pub const LONGEST_PAGE: u64 = 1 << 30;

/// The page that a sidecar file describes: `page.txt` for `page.txt.meta.json`.
fn described_by(file: &Path) -> Option<PathBuf> {
    let name = file.file_name()?.to_str()?.strip_suffix(Sidecar::ENDING)?;
    Some(file.with_file_name(name))
}

fn is_hidden(entry: &DirEntry) -> bool {
    entry.file_name().as_encoded_bytes().starts_with(b".")
}

/// Whether a folder was written by a run of dechaff, of any version: it has a manifest of ours, or what a run that was
/// killed before its end leaves.
fn is_output(folder: &Path) -> bool {
    /// Bytes of a manifest's first line that tell it: the form and the version come first.
    const HEADER_START: u64 = 64;
    let mut start = Vec::new();
    let read =
        File::open(folder.join(manifest::FILE_NAME)).and_then(|file| file.take(HEADER_START).read_to_end(&mut start));
    let start = String::from_utf8_lossy(&start);
    read.is_ok() && start.starts_with("{\"manifest\":") && start.contains("\"dechaff\":")
        || folder.join(".dechaff").is_dir()
}

fn is_same(folder: &Path, except: &Path) -> bool {
    // Names differ for nearly every folder; only where they agree is it worth asking the file system.
    folder.file_name() == except.file_name() && folder.canonicalize().is_ok_and(|folder| folder == except)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_alone_unless_another_name_begins_with_its_own() {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir(root.path().join("c.txt.d")).unwrap();
        for name in ["a.txt", "a.txt-old", "a.txt.meta.json", "b.txt", "c.txt", "c.txt.d/a.txt", "d.txt"] {
            fs::write(root.path().join(name), "text").unwrap();
        }
        let walk = Walk::new(root.path(), PathFilter::default()).unwrap();
        let alone: Vec<String> = walk.filter(|found| found.is_alone).map(|found| found.path).collect();
        assert_eq!(alone, ["a.txt-old", "a.txt.meta.json", "b.txt", "c.txt.d/a.txt", "d.txt"]);
    }
}
