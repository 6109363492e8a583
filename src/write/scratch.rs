//! Temporary files of a run: in the output folder where it has one, else where the system keeps such files. They are gone when
//! they are dropped; what a killed run leaves goes with the next one.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};

use crate::error::Result;
use crate::manifest::relative_path::RelativePath;
use crate::write::output_dir::inner;
use crate::write::output_writer::OutputWriter;
use crate::write::root_dir::{OutputFile, RootDir};

/// Where temporary files are made.
#[derive(Debug, Clone, Copy)]
pub struct Scratch<'f> {
    dir: Option<&'f RootDir>,
}

impl<'f> Scratch<'f> {
    /// In an output folder, among what is unfinished; where there is none, where the system keeps temporary files.
    ///
    /// # Errors
    /// Where the folder is not there.
    pub fn of(folder: Option<&'f OutputWriter>) -> Result<Scratch<'f>> {
        Ok(Scratch { dir: folder.map(|folder| folder.standing().dir()).transpose()? })
    }

    /// Makes a file, in place of one of that name, to write and then to read.
    ///
    /// # Errors
    /// What the operating system said.
    pub fn file(&self, name: &str) -> io::Result<ScratchFile<'f>> {
        match self.dir {
            None => tempfile::tempfile().map(ScratchFile::Nameless),
            Some(dir) => {
                let path = inner(&format!("new/{name}"));
                let file = Some(dir.create_file(&path)?);
                Ok(ScratchFile::Named(NamedFile { file, dir, path }))
            }
        }
    }
}

/// A temporary file.
#[derive(Debug)]
pub enum ScratchFile<'f> {
    /// One in an output folder.
    Named(NamedFile<'f>),
    /// One that only this process sees.
    Nameless(File),
}

/// A temporary file in an output folder.
#[derive(Debug)]
pub struct NamedFile<'f> {
    /// Closed before it is removed.
    file: Option<OutputFile>,
    dir: &'f RootDir,
    path: RelativePath,
}

impl Drop for NamedFile<'_> {
    fn drop(&mut self) {
        self.file = None;
        let _ = self.dir.remove(&self.path);
    }
}

impl NamedFile<'_> {
    fn open(&mut self) -> io::Result<&mut OutputFile> {
        self.file.as_mut().ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

impl Write for ScratchFile<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            ScratchFile::Named(file) => file.open()?.write(bytes),
            ScratchFile::Nameless(file) => file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            ScratchFile::Named(file) => file.open()?.flush(),
            ScratchFile::Nameless(file) => file.flush(),
        }
    }
}

impl Read for ScratchFile<'_> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        match self {
            ScratchFile::Named(file) => file.open()?.read(bytes),
            ScratchFile::Nameless(file) => file.read(bytes),
        }
    }
}

impl Seek for ScratchFile<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        match self {
            ScratchFile::Named(file) => file.open()?.seek(to),
            ScratchFile::Nameless(file) => file.seek(to),
        }
    }
}
