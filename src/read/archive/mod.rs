//! Files that are packed or hold many pages: opened, divided into records, and each record made a page's bytes.
//!
//! Dividing is done by one thread, in order, and does no more than it must; what it takes to open a record (JSON,
//! HTTP, a body's own compression) is done by whoever cleans its page. A record that cannot be read is told with its
//! place and why, and the next one is read.

mod arc;
pub mod compressed;
mod csv;
mod epub;
pub mod formats;
pub mod http;
mod json;
pub mod jsonl;
mod members;
mod mhtml;
mod offsets;
#[cfg_attr(not(feature = "parquet"), path = "parquet_absent.rs")]
mod parquet;
mod seekable;
pub mod stream;
mod tar;
pub mod warc;
mod zip;

use std::borrow::Cow;
use std::fmt;
use std::io::{self, Read};

use crate::manifest::Status;
use crate::parse::site::{Sidecar, ToldMarkup};
use crate::read::ReadOptions;
pub use formats::{is_named_so, is_wanted};

use crate::read::archive::jsonl::Fields;
use crate::read::archive::stream::{Damage, ReadSeek, Unpacked};
use crate::table::TableRow;
use formats::format;

/// What a record may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// The longest record, in unpacked bytes.
    pub record: u64,
    /// How many times its packed size a record of more than a mebibyte may unpack to.
    pub ratio: u64,
}

/// A record may unpack to so many bytes whatever it was packed in.
const HARMLESS: u64 = 1 << 20;

impl Default for Bounds {
    /// 64 MiB, and a thousand times: more than any text, less than a bomb (zeros: 1,029 in gzip, 30,000 in Zstandard).
    fn default() -> Bounds {
        Bounds { record: 64 << 20, ratio: 1000 }
    }
}

impl Bounds {
    /// Whether so many bytes may have come out of so many.
    fn allow(&self, unpacked: u64, packed: u64) -> bool {
        unpacked <= HARMLESS || unpacked <= packed.saturating_mul(self.ratio)
    }

    fn too_long(&self) -> String {
        format!("longer than {} bytes; --max-record allows more", self.record)
    }

    fn bomb(&self) -> String {
        format!("unpacks to more than {} times its size, as compression bombs do; --max-ratio allows more", self.ratio)
    }
}

/// A file that was opened.
pub enum Opened {
    /// It is one page, packed: what unpacks it.
    Packed(Unpacked),
    /// It holds many pages.
    Records(Records),
}

/// The records of a file of many pages, in their order.
pub struct Records {
    stream: Unpacked,
    reader: Box<dyn Reader>,
    bounds: Bounds,
}

/// Divides the bytes of a file into records. A format is a file in this room that has one, and a row of [`FORMATS`](formats::FORMATS).
pub trait Reader: Send {
    /// The next record, in the order of the file; `None` at its end. Does no more than it must: what it takes to open a
    /// record is done by [`RecordPage::open`], by whoever cleans the page.
    fn next(&mut self, stream: &mut Unpacked, bounds: &Bounds) -> Option<Record>;

    /// Whether the file itself could not be read to its end, though its stream says nothing of it.
    fn is_unreadable(&self) -> bool {
        false
    }
}

/// How a file of many pages is opened.
pub(crate) struct Opening<'o> {
    options: &'o ReadOptions,
    /// How many files of many pages it lies in.
    depth: u8,
}

/// A record that holds a page, as it stands in its file.
pub trait RecordPage: fmt::Debug + Send + Sync {
    /// How many bytes of memory it takes.
    fn bytes(&self) -> u64;

    /// Opens it as a page.
    ///
    /// # Errors
    /// What it is, where it is no page, or what is wrong with it.
    fn open(&self, options: &ReadOptions) -> Result<RawDocument<'_>, (Status, String)>;
}

/// One record, as it stands in its file.
#[derive(Debug)]
pub struct Record {
    /// Which one, and where, as its format's row in [`FORMATS`](formats::FORMATS) says.
    pub number: u64,
    /// What it holds.
    pub matter: RecordBody,
}

/// What a record holds.
#[derive(Debug)]
pub enum RecordBody {
    /// A page.
    Page(Box<dyn RecordPage>),
    /// Something that holds no page, and what it is.
    Skipped(String),
    /// Something that could not be read, and why.
    Failed(String),
}

/// A page's bytes, and all that its file says of it.
#[derive(Debug, Default)]
pub struct RawDocument<'a> {
    /// The name of its file without its packing: its path below the input folder, or within its archive. Empty where it is
    /// a record of another kind.
    pub name: Cow<'a, str>,
    /// The path within its archive of the file of many pages that it is a record of; empty where it is none.
    pub within: Cow<'a, str>,
    /// The bytes: text or HTML.
    pub bytes: Cow<'a, [u8]>,
    /// What is said of them.
    pub sidecar: Sidecar,
    /// What the record calls itself.
    pub id: Option<Cow<'a, str>>,
    /// When the page was fetched or made, as it is written there.
    pub created: Option<Cow<'a, str>>,
    /// Whether the bytes are only what came before it was cut short or damaged.
    pub is_cut: bool,
    /// The fields of a line of JSON, as they stand; the columns of a row, where they go on as such.
    pub fields: Fields<'a>,
    /// The row that it is, where its columns go on with their types.
    pub row: Option<&'a TableRow>,
}

impl<'a> RawDocument<'a> {
    /// The page that is all of a file, with what stands beside it. A page that was saved as a message is taken out of it.
    pub fn of_file(name: &'a str, bytes: &'a [u8], mut sidecar: Sidecar) -> RawDocument<'a> {
        let bytes = match mhtml::page(bytes) {
            Some(saved) => {
                sidecar.url = sidecar.url.or(saved.url);
                sidecar.charset = sidecar.charset.or(saved.charset);
                sidecar.markup = ToldMarkup::DeclaredHtml;
                Cow::Owned(saved.bytes)
            }
            None => Cow::Borrowed(bytes),
        };
        RawDocument { name: Cow::Borrowed(name), bytes, sidecar, ..RawDocument::default() }
    }
}

/// Opens a file by its name and its bytes.
///
/// # Errors
/// Where it cannot be read at all.
pub fn open(name: &str, source: Box<dyn Read + Send>, options: &ReadOptions) -> io::Result<Opened> {
    open_within(name, Unpacked::new(source), &Opening { options, depth: 0 })
}

/// The same for a file that can be read from any place.
///
/// # Errors
/// As for [`open`].
pub fn open_file(name: &str, file: Box<dyn ReadSeek>, options: &ReadOptions) -> io::Result<Opened> {
    open_within(name, Unpacked::of_file(file), &Opening { options, depth: 0 })
}

fn open_within(name: &str, stream: io::Result<Unpacked>, opening: &Opening) -> io::Result<Opened> {
    let mut stream = stream?;
    Ok(match format(name, &mut stream, opening.options) {
        Some(format) => Opened::Records(Records::of(stream, format.reader, opening)),
        None => Opened::Packed(stream),
    })
}

/// Unpacks a file that is one page.
///
/// # Errors
/// What is wrong with it.
pub fn unpack(stream: &mut Unpacked, bounds: &Bounds) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    loop {
        bytes.extend_from_slice(stream.data());
        stream.consume(stream.data().len());
        // What was at hand before counts, too.
        let length = bytes.len() as u64;
        if stream.format().is_some() && !bounds.allow(length, stream.packed_offset()) {
            return Err(bounds.bomb());
        }
        if stream.format().is_some() && length > bounds.record {
            return Err(bounds.too_long());
        }
        match stream.more() {
            Ok(true) => {}
            Ok(false) => return Ok(bytes),
            Err(damage) => return Err(told(stream, &damage)),
        }
    }
}

impl Records {
    /// Opens a stream: WARC where it begins so, else JSON lines.
    ///
    /// # Errors
    /// Where it cannot be read at all.
    pub fn of_stream(source: Box<dyn Read + Send>, options: &ReadOptions) -> io::Result<Records> {
        let mut stream = Unpacked::new(source)?;
        let lines: fn(&mut Unpacked, &Opening) -> Box<dyn Reader> = |_, _| Box::new(jsonl::Lines::default());
        let reader = format("", &mut stream, options).map_or(lines, |format| format.reader);
        Ok(Records::of(stream, reader, &Opening { options, depth: 0 }))
    }

    fn of(mut stream: Unpacked, reader: fn(&mut Unpacked, &Opening) -> Box<dyn Reader>, opening: &Opening) -> Records {
        let reader = reader(&mut stream, opening);
        Records { stream, reader, bounds: opening.options.bounds }
    }
}

impl Records {
    /// Whether the file itself could not be read to its end.
    pub fn is_unreadable(&self) -> bool {
        self.stream.is_unreadable() || self.reader.is_unreadable()
    }
}

impl Iterator for Records {
    type Item = Record;

    fn next(&mut self) -> Option<Record> {
        self.reader.next(&mut self.stream, &self.bounds)
    }
}

impl RecordBody {
    /// How many bytes of memory it takes.
    pub fn bytes(&self) -> u64 {
        match self {
            RecordBody::Page(page) => page.bytes(),
            RecordBody::Skipped(_) | RecordBody::Failed(_) => 0,
        }
    }

    /// Opens it as a page.
    ///
    /// # Errors
    /// What it is, where it is no page, or what is wrong with it.
    pub fn open(&self, options: &ReadOptions) -> Result<RawDocument<'_>, (Status, String)> {
        match self {
            RecordBody::Page(page) => page.open(options),
            RecordBody::Skipped(what) => Err((Status::Skipped, what.clone())),
            RecordBody::Failed(why) => Err((Status::Failed, why.clone())),
        }
    }
}

/// Damage in words.
fn told(stream: &Unpacked, damage: &Damage) -> String {
    match stream.format() {
        Some(format) => format!("{} is damaged at byte {}: {}", format.name(), damage.at, damage.why),
        None => format!("damaged at byte {}: {}", damage.at, damage.why),
    }
}

/// How much was unpacked when a record began, to see how it unpacks.
#[derive(Debug, Clone, Copy)]
struct Since {
    unpacked: u64,
    packed: u64,
}

impl Since {
    fn now(stream: &Unpacked) -> Since {
        Since { unpacked: stream.unpacked_offset(), packed: stream.packed_offset() }
    }

    fn is_bomb(&self, stream: &Unpacked, bounds: &Bounds) -> bool {
        // What was at hand when the record began was unpacked before, and counts on neither side.
        let unpacked = stream.unpacked_offset().saturating_sub(self.unpacked);
        stream.format().is_some() && !bounds.allow(unpacked, stream.packed_offset().saturating_sub(self.packed))
    }
}
