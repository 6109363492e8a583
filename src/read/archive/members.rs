//! Members of archives of files: each is a page with a path, or a file of many pages whose records are divided in turn.
//!
//! Archives are entered once: what holds many pages within an archive that lies in an archive itself is listed, unread.

use std::borrow::Cow;
use std::io::Cursor;
use std::sync::Arc;

use crate::manifest::Status;
use crate::parse::site::Sidecar;
use crate::read::ReadOptions;
use crate::read::archive::compressed::Compression;
use crate::read::archive::stream::Unpacked;
use crate::read::archive::{
    self, Bounds, Opened, Opening, RawDocument, Record, RecordBody, RecordPage, Records, unpack,
};

/// What is said of a member that a walk over its unpacked files would not read.
const HIDDEN: &str = "hidden: its name starts with a dot";

/// Makes records of members. Their numbers are counted from 1, over all that the archive holds.
pub(super) struct Members {
    options: ReadOptions,
    depth: u8,
    last: u64,
    inner: Option<Inner>,
}

/// A member that holds many pages.
struct Inner {
    path: Arc<str>,
    records: Box<Records>,
}

/// A member that is one page.
#[derive(Debug)]
struct MemberPage {
    path: String,
    bytes: Arc<[u8]>,
    notes: MemberNotes,
}

/// What an archive says of a member beside its path.
#[derive(Debug, Default)]
pub(super) struct MemberNotes {
    /// The language that it says it is in.
    pub language: Option<String>,
    /// Whether only its beginning came.
    pub is_cut: bool,
}

/// A record of a member.
#[derive(Debug)]
struct InnerPage {
    path: Arc<str>,
    page: Box<dyn RecordPage>,
}

impl Members {
    /// No members yet.
    pub(super) fn new(opening: &Opening) -> Members {
        Members { options: opening.options.clone(), depth: opening.depth, last: 0, inner: None }
    }

    /// The next record of the member that is being divided.
    pub(super) fn next_inner(&mut self) -> Option<Record> {
        let inner = self.inner.as_mut()?;
        let Some(record) = inner.records.next() else {
            self.inner = None;
            return None;
        };
        let matter = match record.matter {
            RecordBody::Page(page) => RecordBody::Page(Box::new(InnerPage { path: Arc::clone(&inner.path), page })),
            RecordBody::Skipped(what) => RecordBody::Skipped(format!("{what}, in {}#{}", inner.path, record.number)),
            RecordBody::Failed(why) => RecordBody::Failed(format!("{why}, in {}#{}", inner.path, record.number)),
        };
        Some(self.record(matter))
    }

    /// The record of a member: a page, or the first of those that it holds.
    pub(super) fn page(&mut self, path: &[u8], bytes: Vec<u8>, notes: MemberNotes) -> Record {
        let path = shown(path);
        if is_hidden(&path) {
            return self.record(RecordBody::Skipped(format!("{HIDDEN}, {path}")));
        }
        let page = MemberPage { path, bytes: bytes.into(), notes };
        if !archive::is_wanted(&page.path, &page.bytes) {
            return self.record(RecordBody::Page(Box::new(page)));
        }
        let opening = Opening { options: &self.options, depth: self.depth + 1 };
        let source = Box::new(Cursor::new(Arc::clone(&page.bytes)));
        match archive::open_within(&page.path, Unpacked::of_file(source), &opening) {
            Ok(Opened::Records(_)) if self.depth > 0 => {
                let what = format!("a file of many pages within two archives, {}", page.path);
                self.record(RecordBody::Skipped(what))
            }
            Ok(Opened::Records(records)) => {
                let path: Arc<str> = page.path.as_str().into();
                self.inner = Some(Inner { path, records: Box::new(records) });
                // A member without a record is a page without text.
                let empty = MemberPage { bytes: [].into(), ..page };
                self.next_inner().unwrap_or_else(|| self.record(RecordBody::Page(Box::new(empty))))
            }
            _ => self.record(RecordBody::Page(Box::new(page))),
        }
    }

    /// The record of a member that is not read, and why.
    pub(super) fn skipped(&mut self, path: &[u8], what: &str) -> Record {
        self.record(RecordBody::Skipped(format!("{what}, {}", shown(path))))
    }

    /// The record of what could not be read, and why.
    pub(super) fn failed(&mut self, why: String) -> Record {
        self.record(RecordBody::Failed(why))
    }

    fn record(&mut self, matter: RecordBody) -> Record {
        self.last += 1;
        Record { number: self.last, matter }
    }
}

/// A member's path: a name, wherever it leads.
pub(super) fn shown(path: &[u8]) -> String {
    let path = String::from_utf8_lossy(path);
    let mut path = path.trim_end_matches('/');
    while let Some(rest) = path.strip_prefix("./") {
        path = rest.trim_start_matches('/');
    }
    path.to_string()
}

fn is_hidden(path: &str) -> bool {
    path.split('/').any(|part| part.starts_with('.') && part != "..")
}

impl RecordPage for MemberPage {
    fn bytes(&self) -> u64 {
        self.bytes.len() as u64
    }

    fn open(&self, options: &ReadOptions) -> Result<RawDocument<'_>, (Status, String)> {
        let sidecar = Sidecar { language: self.notes.language.clone(), ..Sidecar::default() };
        let mut document = match Compression::of(&self.bytes) {
            None => RawDocument::of_file(&self.path, &self.bytes, sidecar),
            Some(format) => {
                let bytes = unpacked(&self.bytes, &options.bounds).map_err(|why| (Status::Failed, why))?;
                let name = Cow::Borrowed(format.unpacked_name(&self.path));
                RawDocument { name, bytes: Cow::Owned(bytes), sidecar, ..RawDocument::default() }
            }
        };
        document.id = Some(Cow::Borrowed(&self.path));
        document.is_cut |= self.notes.is_cut;
        Ok(document)
    }
}

fn unpacked(bytes: &Arc<[u8]>, bounds: &Bounds) -> Result<Vec<u8>, String> {
    let source = Box::new(Cursor::new(Arc::clone(bytes)));
    let mut stream = Unpacked::of_file(source).map_err(|error| error.to_string())?;
    unpack(&mut stream, bounds)
}

impl RecordPage for InnerPage {
    fn bytes(&self) -> u64 {
        self.page.bytes()
    }

    fn open(&self, options: &ReadOptions) -> Result<RawDocument<'_>, (Status, String)> {
        let mut document = self.page.open(options)?;
        document.within = Cow::Borrowed(&self.path);
        Ok(document)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_names_and_hidden_ones_are_told() {
        for (path, name, hidden) in [
            (&b"./a/b.txt"[..], "a/b.txt", false),
            (b"././/a", "a", false),
            (b"../../etc/passwd", "../../etc/passwd", false),
            (b"/etc/passwd", "/etc/passwd", false),
            (b"a/.git/config", "a/.git/config", true),
            (b"__MACOSX/._a.txt", "__MACOSX/._a.txt", true),
            (b"caf\xE9.txt", "caf\u{FFFD}.txt", false),
        ] {
            assert_eq!((shown(path).as_str(), is_hidden(&shown(path))), (name, hidden));
        }
    }
}
