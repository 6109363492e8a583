//! ZIP: each file in it is a member, in the order of its directory. Nothing is unpacked to a disk.
//!
//! The directory stands at the end, so that the file is read from any place; one that comes packed or as a stream is held
//! in memory, as far as a record may be. EPUB is a ZIP whose members have an order of their own: see [`super::epub`].

use std::io::{self, Cursor, Read, SeekFrom};

use zip::ZipArchive;
use zip::result::ZipError;

use crate::read::archive::members::{Members, shown};
use crate::read::archive::stream::{ReadSeek, Unpacked};
use crate::read::archive::{Bounds, Opening, Reader, Record, epub, told};

/// How a file begins that holds a member.
const START: &[u8] = b"PK\x03\x04";

/// How a file begins that holds none.
const EMPTY: &[u8] = b"PK\x05\x06";

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
        let mut zip =
            Zip { archive: None, members, ahead: vec![], language: None, packed: 0, unpacked: 0, is_unreadable: false };
        let opened = seekable(stream, &opening.options.bounds).and_then(|mut file| {
            zip.packed = file.seek(SeekFrom::End(0)).map_err(|error| zip.told(&error.into()))?;
            ZipArchive::new(file).map_err(|error| zip.told(&error))
        });
        match opened {
            Ok(archive) => zip.begin(archive, &opening.options.bounds),
            Err(why) => zip.ahead.push(Ahead::Failed(why)),
        }
        Box::new(zip)
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
        let bytes = read(archive, number, bounds);
        let length = bytes.as_ref().map_or(0, |bytes| bytes.len() as u64);
        self.unpacked += length;
        // Members may share their bytes: together they keep what one of them has to keep.
        let bytes = if bounds.allow(self.unpacked, self.packed) { bytes } else { Err(Flaw::Words(bounds.bomb())) };
        Some(match bytes {
            Ok(bytes) => self.members.page(path.as_bytes(), bytes, self.language.clone()),
            Err(flaw) => {
                let why = match flaw {
                    Flaw::Words(why) => why,
                    Flaw::Zip(error) => self.told(&error),
                };
                self.members.failed(format!("{why}, {}", shown(path.as_bytes())))
            }
        })
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
pub(super) fn read(archive: &mut Archive, number: usize, bounds: &Bounds) -> Result<Vec<u8>, Flaw> {
    let member = archive.by_index(number).map_err(Flaw::Zip)?;
    let packed = member.compressed_size();
    let most = bounds.record.min(packed.saturating_mul(bounds.ratio).max(super::HARMLESS));
    let mut bytes = Vec::new();
    member.take(most + 1).read_to_end(&mut bytes).map_err(|error| Flaw::Zip(error.into()))?;
    match bytes.len() as u64 > most {
        false => Ok(bytes),
        true if most == bounds.record => Err(Flaw::Words(bounds.too_long())),
        true => Err(Flaw::Words(bounds.bomb())),
    }
}

/// The whole file, to be read from any place.
fn seekable(stream: &mut Unpacked, bounds: &Bounds) -> Result<Box<dyn ReadSeek>, String> {
    if let Some(file) = stream.take_file() {
        return Ok(file);
    }
    let mut bytes = Vec::new();
    loop {
        bytes.extend_from_slice(stream.data());
        stream.consume(stream.data().len());
        let length = bytes.len() as u64;
        if length > bounds.record {
            return Err(format!("a ZIP archive within another packing or a stream, and {}", bounds.too_long()));
        }
        if stream.format().is_some() && !bounds.allow(length, stream.packed_offset()) {
            return Err(bounds.bomb());
        }
        if !stream.more().map_err(|damage| told(stream, &damage))? {
            return Ok(Box::new(Cursor::new(bytes)));
        }
    }
}
