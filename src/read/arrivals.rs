//! Pages on their way in: how a file that was found is opened, and what it turns out to hold.
//!
//! Finding a file opens nothing. Whoever cleans its page opens it: [`InputPage::open`] reads a file that is one page,
//! whether it is packed or not, and begins a file of many records, whose pages [`Archive`] gives one by one.
//! [`PageOpener`] opens one page by its address.

use std::io::Read;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::manifest::Status;
use crate::manifest::relative_path::RelativePath;
use crate::page::Source;
use crate::parse::site::Sidecar;
use crate::read::ReadOptions;
use crate::read::archive::{self, Opened, RawDocument, Record, RecordBody, Records};
use crate::read::raw_folder::FileHandle;
use crate::read::walk::{Entry, EntryKind, OpenFile};

/// What a stream is called, where a file has its path.
pub const STREAM: &str = "-";

/// A page on its way in, or something that is none.
#[derive(Debug)]
pub struct InputPage {
    /// Where it stands: the file's path below the folder, in the manifest's notation, and the record in it.
    pub source: Source,
    /// How its file is opened.
    pub file: FileHandle,
    /// What has come.
    pub content: Content,
    /// Whether nothing can stand beside the file: see [`Entry::is_alone`].
    is_alone: bool,
    /// What stands beside a file that is reached over a network, once the file was opened.
    beside: Option<Sidecar>,
}

/// What can come in.
#[derive(Debug)]
pub enum Content {
    /// A file of about so many bytes that was found and not opened.
    File(u64),
    /// The bytes of a file that is one page. The name is that of the file without its packing.
    Whole {
        /// The file's name.
        name: String,
        /// Its bytes.
        bytes: Vec<u8>,
    },
    /// A record of a file of many pages.
    Record(RecordBody),
    /// Something that is not read, and why.
    Skipped(String),
    /// Something whose bytes are there and cannot be made out, and why.
    Damaged(String),
    /// Something that could not be read, and may be another time, and why.
    Unreadable(String),
}

impl Content {
    /// How many bytes it is, as far as that is known.
    pub fn bytes(&self) -> u64 {
        match self {
            Content::File(bytes) => *bytes,
            Content::Whole { bytes, .. } => bytes.len() as u64,
            Content::Record(body) => body.bytes(),
            Content::Skipped(_) | Content::Damaged(_) | Content::Unreadable(_) => 0,
        }
    }
}

impl InputPage {
    /// The page of a file that was found, which is not opened.
    pub fn of(entry: Entry) -> InputPage {
        let content = match entry.what {
            EntryKind::File(bytes) => Content::File(bytes),
            EntryKind::Skipped(why) => Content::Skipped(why),
            EntryKind::Failed(why) => Content::Unreadable(why),
            EntryKind::Dangling => Content::Damaged("a link that leads nowhere".into()),
        };
        let source = Source { path: entry.path, record: None };
        InputPage { source, file: entry.file, content, is_alone: entry.is_alone, beside: None }
    }

    /// The page that is all of a stream, with nothing beside it.
    pub fn of_stream(bytes: Vec<u8>) -> InputPage {
        let source = Source { path: STREAM.into(), record: None };
        let content = Content::Whole { name: STREAM.into(), bytes };
        InputPage { source, file: FileHandle::Local(STREAM.into()), content, is_alone: true, beside: None }
    }

    /// Opens a file that was found and reads it where it is one page. Where it holds many, they come from the archive
    /// that is returned, and this page is none. A page that was opened already stays as it is.
    pub fn open(&mut self, options: &ReadOptions) -> Option<Archive> {
        let Content::File(bytes) = self.content else { return None };
        match open(&self.source.path, &self.file, bytes, options) {
            Ok(content) => {
                self.content = content;
                self.look_beside();
            }
            Err(records) => {
                let (path, file) = (self.source.path.clone(), self.file.clone());
                return Some(Archive { path, file, is_alone: self.is_alone, records, is_empty: true });
            }
        }
        None
    }

    /// The page's bytes and what is said of them.
    ///
    /// # Errors
    /// What it is, where it is no page, or what is wrong with it.
    pub fn document(&self, options: &ReadOptions) -> std::result::Result<RawDocument<'_>, (Status, String)> {
        let mapped = options.site_map.as_ref().and_then(|map| map.url(&self.source));
        let mut document = match &self.content {
            Content::Whole { name, bytes } => Ok(RawDocument::of_file(name, bytes, self.sidecar())),
            Content::Record(body) => body.open(options),
            Content::File(_) => Err((Status::Failed, "it was not opened".into())),
            Content::Skipped(why) => Err((Status::Skipped, why.clone())),
            Content::Damaged(why) | Content::Unreadable(why) => Err((Status::Failed, why.clone())),
        }?;
        if let Some(url) = mapped {
            document.sidecar.url = Some(url.into());
        }
        Ok(document)
    }

    /// Whether its bytes did not come, so that nothing is known of it.
    pub fn is_unreadable(&self) -> bool {
        matches!(self.content, Content::Unreadable(_))
    }

    /// Reads what stands beside a file that is reached over a network. Where that does not come, nobody knows what the
    /// page is.
    fn look_beside(&mut self) {
        if self.is_alone || !matches!((&self.file, &self.content), (FileHandle::Remote(..), Content::Whole { .. })) {
            return;
        }
        match self.file.sidecar() {
            Ok(beside) => self.beside = Some(beside),
            Err(error) => self.content = Content::Unreadable(format!("what describes it cannot be read: {error}")),
        }
    }

    /// What stands beside its file.
    fn sidecar(&self) -> Sidecar {
        match &self.beside {
            _ if self.is_alone => Sidecar::default(),
            Some(beside) => beside.clone(),
            // A file of this machine; what cannot be read there is as if it were not there.
            None => self.file.sidecar().unwrap_or_default(),
        }
    }
}

/// Opens a file: what it holds where that is one page, its records where they are many.
fn open(
    path: &str,
    file: &FileHandle,
    bytes: u64,
    options: &ReadOptions,
) -> std::result::Result<Content, Box<Records>> {
    let whole = |name: &str, bytes| Content::Whole { name: name.into(), bytes };
    let read = |opened: Result<OpenFile>| match opened.and_then(OpenFile::read) {
        Ok(bytes) => whole(path, bytes),
        Err(error) => Content::Unreadable(error.cause()),
    };
    let opened = match OpenFile::new(file, bytes) {
        Ok(opened) if archive::is_wanted(path, opened.head()) => opened,
        other => return Ok(read(other)),
    };
    match archive::open_file(path, opened.into_file(), options) {
        Err(error) => Ok(Content::Unreadable(format!("cannot be read: {error}"))),
        Ok(Opened::Records(records)) => Err(Box::new(records)),
        Ok(Opened::Packed(mut stream)) => Ok(match stream.format() {
            None => read(OpenFile::new(file, bytes)),
            Some(format) => match archive::unpack(&mut stream, &options.bounds) {
                Ok(unpacked) => whole(format.unpacked_name(path), unpacked),
                Err(why) if stream.is_unreadable() => Content::Unreadable(why),
                Err(why) => Content::Damaged(why),
            },
        }),
    }
}

/// The pages of a file of many, in their order.
pub struct Archive {
    path: String,
    file: FileHandle,
    is_alone: bool,
    records: Box<Records>,
    /// Whether nothing has come of it yet: a file without a record is a page without text.
    is_empty: bool,
}

impl std::fmt::Debug for Archive {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Archive").field("path", &self.path).finish_non_exhaustive()
    }
}

impl Archive {
    /// What stands in a stream of many pages: JSON lines, unless it begins as something else does.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub fn of_stream(source: Box<dyn Read + Send>, options: &ReadOptions) -> Result<Archive> {
        let records = Records::of_stream(source, options);
        let records = records.map_err(|cause| Error::Read { path: STREAM.into(), cause })?;
        // A stream without a page has nothing to tell.
        Ok(Archive {
            path: STREAM.into(),
            file: FileHandle::Local(STREAM.into()),
            is_alone: true,
            records: Box::new(records),
            is_empty: false,
        })
    }
}

impl Iterator for Archive {
    type Item = InputPage;

    fn next(&mut self) -> Option<InputPage> {
        let (record, content) = match self.records.next() {
            Some(Record { number, matter: RecordBody::Failed(why) }) if self.records.is_unreadable() => {
                (Some(number), Content::Unreadable(why))
            }
            Some(record) => (Some(record.number), Content::Record(record.matter)),
            None if self.is_empty => (None, Content::Whole { name: self.path.clone(), bytes: Vec::new() }),
            None => return None,
        };
        self.is_empty = false;
        let source = Source { path: self.path.clone(), record };
        Some(InputPage { source, file: self.file.clone(), content, is_alone: self.is_alone, beside: None })
    }
}

/// Opens pages of an input folder by their addresses. Records of one file that are asked for in their order are found
/// in one pass over it.
pub struct PageOpener<'o> {
    raw: PathBuf,
    options: &'o ReadOptions,
    archive: Option<Archive>,
    /// A page that was read and not asked for.
    ahead: Option<InputPage>,
}

impl<'o> PageOpener<'o> {
    /// Opens pages of a folder, or of a file that is all of the input.
    pub fn new(raw: &Path, options: &'o ReadOptions) -> PageOpener<'o> {
        PageOpener { raw: raw.into(), options, archive: None, ahead: None }
    }

    /// Opens a page.
    ///
    /// # Errors
    /// Why there is no such page: the file holds many, or has no such record.
    pub fn open(&mut self, source: &Source) -> std::result::Result<InputPage, String> {
        let is_passed = |ahead: &InputPage| ahead.source.path == source.path && ahead.source.record > source.record;
        let goes_on = self.archive.as_ref().is_some_and(|archive| archive.path == source.path)
            && source.record.is_some()
            && !self.ahead.as_ref().is_some_and(is_passed);
        if !goes_on {
            (self.archive, self.ahead) = (None, None);
            let mut page = InputPage::of(self.entry(&source.path));
            match page.open(self.options) {
                None if source.record.is_none() => return Ok(page),
                None => {
                    return Err(format!("{source}: the file is one page and holds no records; leave the number out"));
                }
                archive => self.archive = archive,
            }
        }
        let none = || format!("{source}: there is no such record; the manifest says which there are");
        let archive = self.archive.as_mut().ok_or_else(none)?;
        loop {
            let page = self.ahead.take().or_else(|| archive.next()).ok_or_else(none)?;
            match (source.record, page.source.record) {
                (wanted, found) if wanted == found => return Ok(page),
                (Some(wanted), Some(found)) if found < wanted => {}
                (None, Some(found)) => {
                    return Err(format!(
                        "{source} holds many pages; say which one, as the manifest does: {source}#{found}"
                    ));
                }
                _ => {
                    self.ahead = Some(page);
                    return Err(none());
                }
            }
        }
    }

    fn entry(&self, path: &str) -> Entry {
        // A path that leads out of the folder leads nowhere: it came from a manifest.
        let (file, what) = match RelativePath::of(path) {
            _ if !self.raw.is_dir() => (self.raw.clone(), EntryKind::File(0)),
            Ok(path) => (self.raw.join(path.as_path()), EntryKind::File(0)),
            Err(outside) => (self.raw.clone(), EntryKind::Failed(outside.to_string())),
        };
        Entry { path: path.into(), file: FileHandle::Local(file), what, is_alone: false }
    }
}
