//! The output folder as a handle: whatever is read, made, renamed or removed below it is reached from there, name by
//! name, and never through a link.
//!
//! The folder itself may be a link: whoever runs dechaff names it. What happens to its name during a run changes
//! nothing, since the handle stays with the folder that was opened.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::ops::Deref;
use std::path::{Path, PathBuf};

use cap_fs_ext::{DirExt, FollowSymlinks, MetadataExt, OpenOptionsFollowExt, OpenOptionsSyncExt};
use cap_std::ambient_authority;
use cap_std::fs::{Dir, OpenOptions};

use crate::manifest::relative_path::RelativePath;

/// A folder that was opened.
#[derive(Debug)]
pub struct RootDir {
    path: PathBuf,
    /// What people are told that it is called.
    name: PathBuf,
    dir: Dir,
    held: Option<(PathBuf, Dir)>,
    #[cfg(test)]
    fuse: kill::Fuse,
}

/// What stands under a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entry {
    /// Nothing.
    Nothing,
    /// A file of so many bytes.
    File(u64),
    /// A folder.
    Folder,
    /// A link, a pipe, a device: nothing that is opened.
    Other,
}

impl RootDir {
    /// Opens a folder.
    ///
    /// # Errors
    /// What the operating system said.
    pub fn open(path: &Path) -> io::Result<RootDir> {
        let dir = Dir::open_ambient_dir(path, ambient_authority())?;
        Ok(RootDir {
            path: path.into(),
            name: path.into(),
            dir,
            held: None,
            #[cfg(test)]
            fuse: kill::fuse_of(path),
        })
    }

    /// Makes a folder, unless it is there, and opens it.
    ///
    /// # Errors
    /// What the operating system said.
    pub fn create(path: &Path) -> io::Result<RootDir> {
        fs::create_dir_all(path)?;
        RootDir::open(path)
    }

    /// Has people told another name, where it stands for a folder elsewhere.
    pub fn called(self, name: Option<&Path>) -> RootDir {
        match name {
            Some(name) => RootDir { name: name.into(), ..self },
            None => self,
        }
    }

    /// Keeps a folder below it open, through which so many files go that opening it for each of them would take time. It is
    /// made where it is not there.
    ///
    /// # Errors
    /// What the operating system said; a link is refused.
    pub fn hold(&mut self, path: &RelativePath) -> io::Result<()> {
        let folder = self.folder_of(path, true)?;
        let held = self.enter(&folder, path, path.file_name().as_ref(), true)?;
        drop(folder);
        self.held = Some((path.as_path().into(), held));
        Ok(())
    }

    /// Its name, for people.
    pub fn name(&self) -> &Path {
        &self.name
    }

    /// The name of a file below it, for people.
    pub fn shown(&self, path: &RelativePath) -> PathBuf {
        self.name.join(path.as_path())
    }

    /// Whether the name it was opened by still leads to it.
    pub fn is_where_it_was(&self) -> bool {
        let there = Dir::open_ambient_dir(&self.path, ambient_authority()).and_then(|dir| dir.dir_metadata());
        match (there, self.dir.dir_metadata()) {
            (Ok(there), Ok(here)) => (there.dev(), there.ino()) == (here.dev(), here.ino()),
            _ => false,
        }
    }

    /// What stands under a path.
    ///
    /// # Errors
    /// Where the way there leads through a link, or cannot be taken.
    pub fn entry(&self, path: &RelativePath) -> io::Result<Entry> {
        let meta = match self.folder_of(path, false) {
            Ok(folder) => folder.symlink_metadata(path.file_name()),
            Err(error) => Err(error),
        };
        match meta {
            Ok(meta) if meta.is_file() => Ok(Entry::File(meta.len())),
            Ok(meta) if meta.is_dir() => Ok(Entry::Folder),
            Ok(_) => Ok(Entry::Other),
            Err(error) if is_nothing(&error) => Ok(Entry::Nothing),
            Err(error) => Err(error),
        }
    }

    /// Opens a file to read it.
    ///
    /// # Errors
    /// What the operating system said; a link, and what is no file, is refused.
    pub fn open_file(&self, path: &RelativePath) -> io::Result<File> {
        let folder = self.folder_of(path, false)?;
        let mut options = OpenOptions::new();
        // A pipe with nobody at its other end would be waited for.
        options.read(true).follow(FollowSymlinks::No).nonblock(true);
        let file = folder.open_with(path.file_name(), &options).map_err(|error| self.link_or(&folder, path, error))?;
        match file.metadata()?.is_file() {
            true => Ok(file.into_std()),
            false => Err(self.not_a_file(path)),
        }
    }

    /// Reads a file whole.
    ///
    /// # Errors
    /// As for [`RootDir::open_file`].
    pub fn read(&self, path: &RelativePath) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.open_file(path)?.read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// Makes a file, in place of one that is there, to write and to read.
    ///
    /// # Errors
    /// What the operating system said; a link is refused.
    pub fn create_file(&self, path: &RelativePath) -> io::Result<OutputFile> {
        self.make(path, true)
    }

    /// Opens a file to write, and makes it where it is not there.
    ///
    /// # Errors
    /// What the operating system said; a link is refused.
    pub fn open_or_create_file(&self, path: &RelativePath) -> io::Result<OutputFile> {
        self.make(path, false)
    }

    fn make(&self, path: &RelativePath, truncate: bool) -> io::Result<OutputFile> {
        self.spend()?;
        let folder = self.folder_of(path, true)?;
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(truncate).follow(FollowSymlinks::No).nonblock(true);
        let file = folder.open_with(path.file_name(), &options).map_err(|error| self.link_or(&folder, path, error))?;
        Ok(OutputFile {
            file: file.into_std(),
            #[cfg(test)]
            fuse: self.fuse.clone(),
        })
    }

    /// Writes a file whole.
    ///
    /// # Errors
    /// What the operating system said.
    pub fn write(&self, path: &RelativePath, bytes: &[u8]) -> io::Result<()> {
        self.create_file(path)?.write_all(bytes)
    }

    /// Writes a file whole or not at all, in place of one that is there.
    ///
    /// # Errors
    /// What the operating system said; what stood there is left as it was then.
    pub fn replace(&self, path: &RelativePath, aside: &RelativePath, bytes: &[u8]) -> io::Result<()> {
        self.write(aside, bytes).and_then(|()| self.rename(aside, path)).inspect_err(|_| {
            let _ = self.remove(aside);
        })
    }

    /// Makes a folder, and those on the way to it.
    ///
    /// # Errors
    /// What the operating system said.
    pub fn create_dir(&self, path: &RelativePath) -> io::Result<()> {
        let folder = self.folder_of(path, true)?;
        self.enter(&folder, path, path.file_name().as_ref(), true).map(|_| ())
    }

    /// Gives a file another name; what had that name is gone then. Folders on the way are made.
    ///
    /// # Errors
    /// What the operating system said.
    pub fn rename(&self, from: &RelativePath, to: &RelativePath) -> io::Result<()> {
        let (from_folder, to_folder) = (self.folder_of(from, false)?, self.folder_of(to, true)?);
        self.spend()?;
        from_folder.rename(from.file_name(), &to_folder, to.file_name())
    }

    /// Removes a file.
    ///
    /// # Errors
    /// What the operating system said.
    pub fn remove(&self, path: &RelativePath) -> io::Result<()> {
        let folder = self.folder_of(path, false)?;
        self.spend()?;
        folder.remove_file(path.file_name())
    }

    /// Removes the folders on the way to a file that hold nothing, the innermost first.
    pub fn remove_empty_folders(&self, path: &RelativePath) {
        let folders: Vec<_> = path.folders().collect();
        for depth in (1..=folders.len()).rev() {
            let folder = folders[..depth - 1].iter().try_fold(None, |dir: Option<Dir>, name| {
                dir.as_ref().unwrap_or(&self.dir).open_dir_nofollow(name).map(Some)
            });
            let Ok(folder) = folder else { return };
            if self.spend().is_err() || folder.as_ref().unwrap_or(&self.dir).remove_dir(folders[depth - 1]).is_err() {
                return;
            }
        }
    }

    /// The names in a folder, in order.
    ///
    /// # Errors
    /// What the operating system said.
    pub fn names(&self, path: &RelativePath) -> io::Result<Vec<std::ffi::OsString>> {
        let folder = self.folder_of(path, false)?;
        let folder = self.enter(&folder, path, path.file_name().as_ref(), false)?;
        let mut names: Vec<_> =
            folder.entries()?.map(|entry| entry.map(|entry| entry.file_name())).collect::<io::Result<_>>()?;
        names.sort();
        Ok(names)
    }

    /// The folder that a path's last name stands in.
    fn folder_of(&self, path: &RelativePath, make: bool) -> io::Result<Folder<'_>> {
        if let Some((held, dir)) = &self.held
            && path.as_path().parent() == Some(held)
        {
            return Ok(Folder::Known(dir));
        }
        let mut shown = PathBuf::new();
        let mut dir: Option<Dir> = None;
        for name in path.folders() {
            shown.push(name);
            dir = Some(self.enter_at(dir.as_ref().unwrap_or(&self.dir), &shown, name.as_ref(), make)?);
        }
        Ok(dir.map_or(Folder::Known(&self.dir), Folder::Opened))
    }

    fn enter(&self, folder: &Dir, path: &RelativePath, name: &Path, make: bool) -> io::Result<Dir> {
        self.enter_at(folder, path.as_path(), name, make)
    }

    fn enter_at(&self, folder: &Dir, shown: &Path, name: &Path, make: bool) -> io::Result<Dir> {
        let error = match folder.open_dir_nofollow(name) {
            Ok(dir) => return Ok(dir),
            Err(error) => error,
        };
        if make && error.kind() == io::ErrorKind::NotFound {
            self.spend()?;
            match folder.create_dir(name) {
                Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
                _ => return folder.open_dir_nofollow(name),
            }
        }
        match folder.symlink_metadata(name) {
            Ok(meta) if meta.is_symlink() => Err(self.is_a_link(shown)),
            _ => Err(error),
        }
    }

    fn link_or(&self, folder: &Dir, path: &RelativePath, error: io::Error) -> io::Error {
        match folder.symlink_metadata(path.file_name()) {
            Ok(meta) if meta.is_symlink() => self.is_a_link(path.as_path()),
            Ok(meta) if !meta.is_file() && !meta.is_dir() => self.not_a_file(path),
            _ => error,
        }
    }

    fn is_a_link(&self, shown: &Path) -> io::Error {
        let why = format!(
            "{} is a link, and nothing below the output folder is reached through links: remove it",
            printable(&self.name.join(shown))
        );
        io::Error::new(io::ErrorKind::InvalidInput, why)
    }

    fn not_a_file(&self, path: &RelativePath) -> io::Error {
        io::Error::new(io::ErrorKind::InvalidInput, format!("{} is no file: remove it", printable(&self.shown(path))))
    }

    #[cfg(not(test))]
    #[inline(always)]
    fn spend(&self) -> io::Result<()> {
        Ok(())
    }

    #[cfg(test)]
    fn spend(&self) -> io::Result<()> {
        self.fuse.spend().map(|_| ())
    }
}

/// A folder on the way to a file.
enum Folder<'d> {
    /// One that stays open.
    Known(&'d Dir),
    /// One that was opened for this file.
    Opened(Dir),
}

impl Deref for Folder<'_> {
    type Target = Dir;

    fn deref(&self) -> &Dir {
        match self {
            Folder::Known(dir) => dir,
            Folder::Opened(dir) => dir,
        }
    }
}

/// A file that is written.
#[derive(Debug)]
pub struct OutputFile {
    file: File,
    #[cfg(test)]
    fuse: kill::Fuse,
}

impl OutputFile {
    /// Waits until it is on the disk.
    ///
    /// # Errors
    /// What the operating system said.
    pub fn sync(&self) -> io::Result<()> {
        self.file.sync_all()
    }

    /// Keeps others out, if nobody has done so before.
    ///
    /// # Errors
    /// Where somebody has, or it cannot be done.
    pub fn try_lock(&self) -> Result<(), fs::TryLockError> {
        self.file.try_lock()
    }
}

impl Write for OutputFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        #[cfg(test)]
        if self.fuse.spend()? && bytes.len() > 1 {
            // Killed in the middle of it.
            self.file.write_all(&bytes[..bytes.len() / 2])?;
            return Err(kill::killed());
        }
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Read for OutputFile {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        self.file.read(bytes)
    }
}

impl Seek for OutputFile {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.file.seek(to)
    }
}

fn is_nothing(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

fn printable(path: &Path) -> String {
    crate::error::printable(&path.to_string_lossy())
}

/// A process that is killed at a chosen call that writes: from there on, nothing that it does reaches the disk.
#[cfg(test)]
pub mod kill {
    use std::collections::HashMap;
    use std::io;
    use std::path::{Path, PathBuf};
    use std::sync::atomic::{AtomicI64, Ordering};
    use std::sync::{Arc, Mutex};

    static FUSES: Mutex<Option<HashMap<PathBuf, Fuse>>> = Mutex::new(None);

    /// How many calls are left, in halves: after an odd number of them the last one is done by half.
    #[derive(Debug, Clone)]
    pub struct Fuse(Arc<AtomicI64>);

    impl Fuse {
        /// Takes one call; `true` where it is done by half.
        pub fn spend(&self) -> io::Result<bool> {
            match self.0.fetch_sub(2, Ordering::SeqCst) {
                i64::MIN..=0 => Err(killed()),
                left => Ok(left == 1),
            }
        }
    }

    /// Lets the next run over a folder make so many halves of calls, and no more.
    pub fn allow(folder: &Path, halves: i64) {
        FUSES.lock().unwrap().get_or_insert_default().insert(folder.into(), Fuse(Arc::new(AtomicI64::new(halves))));
    }

    pub(super) fn fuse_of(folder: &Path) -> Fuse {
        let known = FUSES.lock().unwrap().get_or_insert_default().get(folder).cloned();
        known.unwrap_or_else(|| Fuse(Arc::new(AtomicI64::new(i64::MAX))))
    }

    pub(super) fn killed() -> io::Error {
        io::Error::other("killed")
    }
}
