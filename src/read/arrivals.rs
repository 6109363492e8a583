//! The pages of a folder, in path order and, within a file of many, by record: what a run hands out one by one.
//!
//! Files that are one page are only opened here and read by whoever cleans them; packed files and records are read
//! here, since nobody knows where the next one begins before.

use std::io::Read;
use std::path::PathBuf;

use crate::error::{Error, Result};
use crate::parse::site::Sidecar;
use crate::read::ReadOptions;
use crate::read::archive::jsonl::FieldNames;
use crate::read::archive::{self, Archive, Bounds, Opened, RecordBody};
use crate::read::walk::{Entry, EntryKind, OpenFile, Walk};

/// What a stream is called, where a file has its path.
pub const STREAM: &str = "-";

/// A page on its way in, or something that is none.
#[derive(Debug)]
pub struct InputPage {
    /// The file's path below the folder, in the manifest's notation.
    pub path: String,
    /// Which record of the file, where it holds many.
    pub record: Option<u64>,
    /// The file's path as the file system knows it.
    pub file: PathBuf,
    /// What has come.
    pub content: Content,
    /// Whether nothing can stand beside the file: see [`Entry::is_alone`].
    is_alone: bool,
}

impl InputPage {
    /// What stands beside its file.
    pub fn sidecar(&self) -> Sidecar {
        if self.is_alone { Sidecar::default() } else { Sidecar::beside(&self.file) }
    }
}

/// What can come in.
#[derive(Debug)]
pub enum Content {
    /// A file of about so many bytes that is one page.
    File(OpenFile, u64),
    /// A page that stood packed in a file of its own; the name is that of the file without the packing.
    Unpacked(String, Vec<u8>),
    /// A record of a file of many pages.
    Record(RecordBody),
    /// Something that is not read, and why.
    Skipped(String),
    /// Something that could not be read, and why.
    Failed(String),
}

impl Content {
    /// Takes it out; nothing is left.
    pub fn take(&mut self) -> Content {
        std::mem::replace(self, Content::Skipped(String::new()))
    }

    /// How many bytes it is, as far as that is known.
    pub fn bytes(&self) -> u64 {
        match self {
            Content::File(_, bytes) => *bytes,
            Content::Unpacked(_, bytes) => bytes.len() as u64,
            Content::Record(matter) => matter.bytes(),
            Content::Skipped(_) | Content::Failed(_) => 0,
        }
    }
}

/// All that comes in, in its order.
pub struct InputPages {
    walk: Option<Walk>,
    open: Option<OpenArchive>,
    /// A page that was opened already.
    first: Option<InputPage>,
    names: FieldNames,
    bounds: Bounds,
}

struct OpenArchive {
    path: String,
    file: PathBuf,
    is_alone: bool,
    archive: Archive,
    is_empty: bool,
}

impl InputPages {
    /// What the files of a walk hold.
    pub fn of_files(walk: Walk, options: &ReadOptions) -> InputPages {
        InputPages { walk: Some(walk), open: None, first: None, names: options.fields.clone(), bounds: options.bounds }
    }

    /// What a file holds.
    pub fn of_file(found: &Entry, options: &ReadOptions) -> InputPages {
        let mut arrivals =
            InputPages { walk: None, open: None, first: None, names: options.fields.clone(), bounds: options.bounds };
        arrivals.first = arrivals.open(found.clone());
        arrivals
    }

    /// What stands in a stream of many pages: JSON lines, unless it begins as something else does.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub fn of_stream(source: Box<dyn Read + Send>, options: &ReadOptions) -> Result<InputPages> {
        let archive = Archive::of_stream(source, options.bounds);
        let archive = archive.map_err(|cause| Error::Read { path: STREAM.into(), cause })?;
        // A stream without a page has nothing to tell.
        let open = OpenArchive { path: STREAM.into(), file: STREAM.into(), is_alone: true, archive, is_empty: false };
        Ok(InputPages {
            walk: None,
            open: Some(open),
            first: None,
            names: options.fields.clone(),
            bounds: options.bounds,
        })
    }

    /// Opens a file; what it holds comes next where that is many pages.
    fn open(&mut self, found: Entry) -> Option<InputPage> {
        let content = match found.what {
            EntryKind::Skipped(why) => Content::Skipped(why),
            EntryKind::Failed(why) => Content::Failed(why),
            EntryKind::File(bytes) => match OpenFile::new(&found.file, bytes) {
                Err(error) => Content::Failed(error.cause()),
                Ok(file) if !archive::is_wanted(&found.path, file.head()) => Content::File(file, bytes),
                Ok(file) => match archive::open(&found.path, file.into_reader(), &self.names, self.bounds) {
                    Err(error) => Content::Failed(format!("cannot be read: {error}")),
                    Ok(Opened::Archive(archive)) => {
                        let (path, file, is_alone) = (found.path, found.file, found.is_alone);
                        self.open = Some(OpenArchive { path, file, is_alone, archive, is_empty: true });
                        return None;
                    }
                    Ok(Opened::Packed(mut stream)) => match stream.format() {
                        Some(format) => match archive::unpack(&mut stream, &self.bounds) {
                            Ok(unpacked) => Content::Unpacked(format.unpacked_name(&found.path).into(), unpacked),
                            Err(why) => Content::Failed(why),
                        },
                        None => match OpenFile::new(&found.file, bytes) {
                            Ok(file) => Content::File(file, bytes),
                            Err(error) => Content::Failed(error.cause()),
                        },
                    },
                },
            },
        };
        Some(InputPage { path: found.path, record: None, file: found.file, content, is_alone: found.is_alone })
    }
}

impl OpenArchive {
    fn next(&mut self) -> Option<InputPage> {
        let record = self.archive.next();
        let (number, content) = match record {
            Some(record) => (Some(record.number), Content::Record(record.matter)),
            None if self.is_empty => (None, Content::Unpacked(self.path.clone(), Vec::new())),
            None => return None,
        };
        self.is_empty = false;
        let (path, file) = (self.path.clone(), self.file.clone());
        Some(InputPage { path, record: number, file, content, is_alone: self.is_alone })
    }
}

impl Iterator for InputPages {
    type Item = InputPage;

    fn next(&mut self) -> Option<InputPage> {
        if let Some(first) = self.first.take() {
            return Some(first);
        }
        loop {
            if let Some(open) = &mut self.open {
                match open.next() {
                    Some(arrival) => return Some(arrival),
                    None => self.open = None,
                }
            }
            let found = self.walk.as_mut()?.next()?;
            if let Some(arrival) = self.open(found) {
                return Some(arrival);
            }
        }
    }
}
