//! ZIP: each file in it is a member, in the order of its directory. Nothing is unpacked to a disk.
//!
//! The directory stands at the end, so that the file is read from any place; one that comes packed or as a stream is held
//! in memory, as far as a record may be. Of a file that was cut short, and so has no directory, the members are read one
//! after the other, as far as they came. EPUB is a ZIP whose members have an order of their own: see [`super::epub`].

use std::io::{self, Read, SeekFrom};

use memchr::memmem;
use zip::ZipArchive;
use zip::read::{ZipFile, read_zipfile_from_stream};
use zip::result::ZipError;

use crate::read::archive::members::{MemberNotes, Members, shown};
use crate::read::archive::seekable::seekable;
use crate::read::archive::stream::{ReadSeek, Unpacked};
use crate::read::archive::{Bounds, Opening, Reader, Record, epub};

/// How a file begins that holds a member.
const START: &[u8] = b"PK\x03\x04";

/// How a file begins that holds none.
const EMPTY: &[u8] = b"PK\x05\x06";

/// How the end of a directory begins, and how far from the end of the file it may stand: the longest comment comes after.
const DIRECTORY_END: &[u8] = b"PK\x05\x06";
const LONGEST_END: u64 = 22 + 65_535;

/// Where in the head of the first member its name stands.
const FIRST_NAME: usize = 30;

/// First members of files that are no archives of pages: office documents and programs.
const NO_ARCHIVES: [&[u8]; 5] =
    [b"[Content_Types].xml", b"_rels/", b"META-INF/", b"mimetypeapplication/vnd.", b"Payload/"];

/// Endings of such files.
const NO_ARCHIVE_ENDINGS: [&str; 22] = [
    "docx", "docm", "dotx", "xlsx", "xlsm", "xltx", "pptx", "pptm", "potx", "odt", "ods", "odp", "odg", "jar", "war",
    "apk", "ipa", "xpi", "whl", "nupkg", "kmz", "npz",
];

/// A ZIP archive that can be read from any place.
pub(super) type Archive = ZipArchive<Box<dyn ReadSeek>>;

/// Divides a file into members.
pub(super) struct Zip {
    archive: Option<Box<Archive>>,
    /// The file, where it has no directory: it stands at the head of the next member.
    undirected: Option<Box<dyn ReadSeek>>,
    members: Members,
    /// What comes next, in reverse order.
    ahead: Vec<Ahead>,
    language: Option<String>,
    /// How many bytes the file has, and how many came out of it.
    packed: u64,
    unpacked: u64,
    is_unreadable: bool,
}

/// Something that comes of a file.
pub(super) enum Ahead {
    /// A member by its number, to be read.
    Member(usize),
    /// The member that the file stands at, where there is no directory.
    Following,
    /// A member that is not read, and why.
    Skipped(usize, &'static str),
    /// What is wrong with the file.
    Failed(String),
}

/// Whether a file begins as archives of pages do: office documents are none.
pub(super) fn begins(head: &[u8]) -> bool {
    let first = head.get(FIRST_NAME..).unwrap_or_default();
    (head.starts_with(START) && !NO_ARCHIVES.iter().any(|name| first.starts_with(name))) || head.starts_with(EMPTY)
}

/// Whether a file's name says that it is an office document or a program, though it is made as a ZIP archive is.
pub(super) fn is_named_otherwise(name: &str) -> bool {
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    NO_ARCHIVE_ENDINGS.iter().any(|known| known.eq_ignore_ascii_case(ending))
}

impl Zip {
    pub(super) fn of(stream: &mut Unpacked, opening: &Opening) -> Box<dyn Reader> {
        let members = Members::new(opening);
        let mut zip = Zip {
            archive: None,
            undirected: None,
            members,
            ahead: vec![],
            language: None,
            packed: 0,
            unpacked: 0,
            is_unreadable: false,
        };
        let opened = seekable(stream, &opening.options.bounds, "a ZIP archive")
            .and_then(|file| zip.open(file, &opening.options.bounds).map_err(|error| zip.told(&error)));
        zip.ahead.extend(opened.err().map(Ahead::Failed));
        Box::new(zip)
    }

    fn open(&mut self, mut file: Box<dyn ReadSeek>, bounds: &Bounds) -> Result<(), ZipError> {
        self.packed = file.seek(SeekFrom::End(0))?;
        file.seek(SeekFrom::Start(self.packed.saturating_sub(LONGEST_END)))?;
        let (mut start, mut end) = (Vec::new(), Vec::new());
        file.read_to_end(&mut end)?;
        file.rewind()?;
        file.by_ref().take(START.len() as u64).read_to_end(&mut start)?;
        file.rewind()?;
        if start != START || memmem::find(&end, DIRECTORY_END).is_some() {
            self.begin(ZipArchive::new(file)?, bounds);
        } else {
            self.undirected = Some(file);
            let why = "ZIP is cut short: its directory is missing, and its members are read as far as they came";
            self.ahead.extend([Ahead::Failed(why.into()), Ahead::Following]);
        }
        Ok(())
    }

    fn begin(&mut self, mut archive: Archive, bounds: &Bounds) {
        match epub::is_one(&archive) {
            true => match epub::open(&mut archive, bounds) {
                Ok(book) => (self.ahead, self.language) = (book.parts, book.language),
                Err(why) => self.ahead.push(Ahead::Failed(format!("an EPUB that cannot be read: {why}"))),
            },
            false => self.ahead.extend((0..archive.len()).map(Ahead::Member)),
        }
        if archive.has_duplicate_names() {
            let why = "several members have one name, of which the last is read; unpack it to read the others";
            self.ahead.push(Ahead::Failed(why.into()));
        }
        self.ahead.reverse();
        self.archive = Some(Box::new(archive));
    }

    /// The record of a member; nothing where it is a folder.
    fn member(&mut self, number: usize, bounds: &Bounds) -> Option<Record> {
        let archive = self.archive.as_mut()?;
        let (path, skipped) = match archive.by_index_data(number) {
            Ok(entry) if entry.is_dir() => return None,
            Ok(entry) => {
                let path = entry.name().map_or_else(|_| shown(entry.name_raw()), |name| name.into_owned());
                let skipped = match () {
                    () if entry.encrypted() => Some("encrypted"),
                    () if entry.is_symlink() => Some("a link"),
                    () => None,
                };
                (path, skipped)
            }
            Err(error) => {
                let why = self.told(&error);
                return Some(self.members.failed(format!("{why}, in its member {number}")));
            }
        };
        if let Some(what) = skipped {
            return Some(self.members.skipped(path.as_bytes(), what));
        }
        let bytes = archive.by_index(number).map_err(Flaw::Zip).and_then(|member| read(member, bounds));
        Some(self.page(&path, bytes, false, bounds))
    }

    /// The record of the member that a file without a directory stands at; nothing where no other comes.
    fn following(&mut self, bounds: &Bounds) -> Option<Record> {
        let mut file = self.undirected.take()?;
        let record = self.next_of(&mut file, bounds);
        self.undirected = Some(file);
        record
    }

    fn next_of(&mut self, file: &mut Box<dyn ReadSeek>, bounds: &Bounds) -> Option<Record> {
        let member = match read_zipfile_from_stream(file) {
            Ok(Some(member)) => member,
            // The head itself is cut, as the file is.
            Err(ZipError::Io(cause)) if cause.kind() == io::ErrorKind::UnexpectedEof => return None,
            Ok(None) => return None,
            Err(error) => {
                let why = self.told(&error);
                return Some(self.members.failed(format!("{why}; the members from there on cannot be found")));
            }
        };
        let path = member.name().map_or_else(|_| shown(member.name_raw()), |name| name.into_owned());
        if member.is_dir() {
            self.ahead.push(Ahead::Following);
            return None;
        }
        if member.encrypted() {
            drop(member);
            self.ahead.push(Ahead::Following);
            return Some(self.members.skipped(path.as_bytes(), "encrypted"));
        }
        let mut bytes = Vec::new();
        let read = read_into(member, bounds, &mut bytes);
        let is_last = file.stream_position().is_ok_and(|at| at >= self.packed);
        self.ahead.push(Ahead::Following);
        match read {
            Err(Flaw::Zip(_)) if is_last && !bytes.is_empty() => Some(self.page(&path, Ok(bytes), true, bounds)),
            read => Some(self.page(&path, read.map(|()| bytes), false, bounds)),
        }
    }

    fn page(&mut self, path: &str, bytes: Result<Vec<u8>, Flaw>, is_cut: bool, bounds: &Bounds) -> Record {
        let length = bytes.as_ref().map_or(0, |bytes| bytes.len() as u64);
        self.unpacked += length;
        // Members may share their bytes: together they keep what one of them has to keep.
        let bytes = if bounds.allow(self.unpacked, self.packed) { bytes } else { Err(Flaw::Words(bounds.bomb())) };
        match bytes {
            Ok(bytes) => {
                self.members.page(path.as_bytes(), bytes, MemberNotes { language: self.language.clone(), is_cut })
            }
            Err(flaw) => {
                let why = match flaw {
                    Flaw::Words(why) => why,
                    Flaw::Zip(error) => self.told(&error),
                };
                self.members.failed(format!("{why}, {}", shown(path.as_bytes())))
            }
        }
    }

    /// What is wrong, in words.
    fn told(&mut self, error: &ZipError) -> String {
        match error {
            ZipError::Io(cause) if cause.raw_os_error().is_some() => {
                self.is_unreadable = true;
                format!("cannot be read: {cause}")
            }
            ZipError::Io(cause) if cause.kind() == io::ErrorKind::UnexpectedEof => "ZIP is cut short".into(),
            ZipError::Io(cause) => format!("ZIP is damaged: {cause}"),
            other => format!("ZIP is damaged: {other}"),
        }
    }
}

impl Reader for Zip {
    fn next(&mut self, _: &mut Unpacked, bounds: &Bounds) -> Option<Record> {
        if let Some(record) = self.members.next_inner() {
            return Some(record);
        }
        loop {
            let record = match self.ahead.pop()? {
                Ahead::Member(number) => self.member(number, bounds),
                Ahead::Following => self.following(bounds),
                Ahead::Skipped(number, what) => {
                    let name = self.archive.as_ref()?.name_for_index(number);
                    let name = name.and_then(Result::ok).unwrap_or_default().into_owned();
                    Some(self.members.skipped(name.as_bytes(), what))
                }
                Ahead::Failed(why) => Some(self.members.failed(why)),
            };
            if record.is_some() {
                return record;
            }
        }
    }

    fn is_unreadable(&self) -> bool {
        self.is_unreadable
    }
}

/// Why a member is not read.
pub(super) enum Flaw {
    Words(String),
    Zip(ZipError),
}

/// What a member holds.
pub(super) fn read<R: Read>(member: ZipFile<'_, R>, bounds: &Bounds) -> Result<Vec<u8>, Flaw> {
    let mut bytes = Vec::new();
    read_into(member, bounds, &mut bytes).map(|()| bytes)
}

/// The same; what came before a flaw is there.
fn read_into<R: Read>(member: ZipFile<'_, R>, bounds: &Bounds, bytes: &mut Vec<u8>) -> Result<(), Flaw> {
    let packed = member.compressed_size();
    let most = bounds.record.min(packed.saturating_mul(bounds.ratio).max(super::HARMLESS));
    member.take(most + 1).read_to_end(bytes).map_err(|error| Flaw::Zip(error.into()))?;
    match bytes.len() as u64 > most {
        false => Ok(()),
        true if most == bounds.record => Err(Flaw::Words(bounds.too_long())),
        true => Err(Flaw::Words(bounds.bomb())),
    }
}
