//! Files that are packed or hold many pages: opened, divided into records, and each record made a page's bytes.
//!
//! Dividing is done by one thread, in order, and does no more than it must; what it takes to open a record (JSON,
//! HTTP, a body's own compression) is done by whoever cleans its page. A record that cannot be read is told with its
//! place and why, and the next one is read.

mod arc;
pub mod compressed;
mod csv;
mod epub;
pub mod http;
mod json;
pub mod jsonl;
mod members;
mod mhtml;
mod offsets;
pub mod stream;
mod tar;
pub mod warc;
mod zip;

use std::borrow::Cow;
use std::fmt;
use std::io::{self, Read};

use encoding_rs::{Encoding, UTF_16BE, UTF_16LE};

use crate::manifest::Status;
use crate::parse::site::Sidecar;
use crate::read::ReadOptions;
use crate::read::archive::jsonl::Fields;
use crate::read::archive::stream::{Damage, ReadSeek, Unpacked};

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

/// Divides the bytes of a file into records. A format is a file in this room that has one, and a row of [`FORMATS`].
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

/// A row of the table of formats whose files hold many pages.
pub struct Format {
    /// Its name, for people.
    pub name: &'static str,
    /// The endings of its files, without a packing's.
    pub endings: &'static [&'static str],
    /// Whether bytes that begin so are of this format, whatever their file is called.
    begins: fn(&mut Unpacked, &ReadOptions) -> bool,
    /// Whether a file that is named so may still be none, which its first bytes tell.
    is_none: fn(&[u8]) -> bool,
    reader: fn(&mut Unpacked, &Opening) -> Box<dyn Reader>,
}

/// The formats whose files hold many pages. The content speaks before the name; the first row that knows a file has it.
pub const FORMATS: [Format; 8] = [
    Format {
        name: "WARC, WET and WAT",
        endings: &["warc", "wet", "wat"],
        begins: |stream, _| stream.data().starts_with(warc::START),
        is_none: |_| false,
        reader: |_, _| Box::new(warc::Records::default()),
    },
    Format {
        name: "ARC",
        endings: &["arc"],
        begins: |stream, _| arc::begins(stream.data()),
        is_none: |start| !arc::begins(start),
        reader: |_, _| Box::new(arc::Records::default()),
    },
    Format {
        name: "JSON lines",
        endings: &["jsonl", "ndjson"],
        begins: |stream, options| jsonl::looks_like_it(stream, &options.fields, &options.bounds),
        // A manifest of dechaff's own is not taken for pages.
        is_none: |start| start.starts_with(b"{\"manifest\":"),
        reader: |_, _| Box::new(jsonl::Lines::default()),
    },
    Format {
        name: "JSON",
        // Of files that are named so, those are read that have pages in them.
        endings: &[],
        begins: |stream, options| json::looks_like_it(stream, &options.fields, &options.bounds),
        is_none: |_| true,
        reader: |_, _| Box::new(json::Values::default()),
    },
    Format {
        name: "CSV and TSV",
        endings: &["csv", "tsv"],
        begins: |_, _| false,
        is_none: |_| false,
        reader: |stream, _| csv::Rows::of(stream),
    },
    Format {
        name: "tar",
        endings: &["tar", "tgz", "tbz2", "txz", "tzst"],
        begins: |stream, _| {
            // Damage is met again, and told, by whoever reads on.
            let _ = stream.at_least(512);
            tar::begins(stream.data())
        },
        is_none: |_| false,
        reader: tar::Tar::of,
    },
    Format {
        name: "EPUB",
        endings: &["epub"],
        begins: |stream, _| epub::begins(stream.data()),
        is_none: |start| !zip::begins(start),
        reader: zip::Zip::of,
    },
    Format {
        name: "ZIP",
        endings: &["zip"],
        begins: |stream, _| zip::begins(stream.data()),
        is_none: |_| false,
        reader: zip::Zip::of,
    },
];

impl fmt::Debug for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Format").field("name", &self.name).field("endings", &self.endings).finish_non_exhaustive()
    }
}

/// One record, as it stands in its file.
#[derive(Debug)]
pub struct Record {
    /// Which one, and where: the line, counted from 1, of JSON lines; of WARC, the byte at which its gzip member or
    /// Zstandard frame begins, where every record has its own, else its first byte in what was unpacked.
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
    /// The fields of a line of JSON, as they stand.
    pub fields: Fields<'a>,
}

impl<'a> RawDocument<'a> {
    /// The page that is all of a file, with what stands beside it. A page that was saved as a message is taken out of it.
    pub fn of_file(name: &'a str, bytes: &'a [u8], mut sidecar: Sidecar) -> RawDocument<'a> {
        let bytes = match mhtml::page(bytes) {
            Some(saved) => {
                sidecar.url = sidecar.url.or(saved.url);
                sidecar.charset = sidecar.charset.or(saved.charset);
                Cow::Owned(saved.bytes)
            }
            None => Cow::Borrowed(bytes),
        };
        RawDocument { name: Cow::Borrowed(name), bytes, sidecar, ..RawDocument::default() }
    }
}

/// Which format a file has, told by its content, then by its name.
fn format(name: &str, stream: &mut Unpacked, options: &ReadOptions) -> Option<&'static Format> {
    let name = stream.format().map_or(name, |format| format.unpacked_name(name));
    // Damage is met again, and told, by whoever reads on.
    let _ = stream.at_least(128);
    if let Some(charset) = wide_charset(name, stream.data()) {
        stream.decode_as(charset);
    }
    if zip::is_named_otherwise(name) {
        return None;
    }
    let by_name = |format: &&Format| format.is_named_so(name) && !(format.is_none)(stream.data());
    let by_name = FORMATS.iter().find(by_name);
    let mut by_content = FORMATS.iter();
    by_content.find(|format| (format.begins)(stream, options)).or(by_name)
}

/// The charset of two bytes a letter that JSON or a table is in, as Windows writes them. Pages in it are decoded where
/// all pages are.
fn wide_charset(name: &str, start: &[u8]) -> Option<&'static Encoding> {
    let is_table = name.rsplit_once('.').is_some_and(|(_, ending)| {
        ["csv", "tsv", "json", "jsonl", "ndjson"].iter().any(|known| known.eq_ignore_ascii_case(ending))
    });
    match start {
        [0xFF, 0xFE, b'{' | b'[', 0, ..] | [b'{' | b'[', 0, _, 0, ..] => Some(UTF_16LE),
        [0xFE, 0xFF, 0, b'{' | b'[', ..] | [0, b'{' | b'[', 0, _, ..] => Some(UTF_16BE),
        [0xFF, 0xFE, ..] if is_table => Some(UTF_16LE),
        [0xFE, 0xFF, ..] if is_table => Some(UTF_16BE),
        _ => None,
    }
}

impl Format {
    fn is_named_so(&self, name: &str) -> bool {
        name.rsplit_once('.')
            .is_some_and(|(_, ending)| self.endings.iter().any(|known| known.eq_ignore_ascii_case(ending)))
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

/// Whether a file that begins so has to be opened here: it is compressed, or may hold many pages.
pub fn is_wanted(name: &str, head: &[u8]) -> bool {
    let is_letter = |byte: &&u8| !byte.is_ascii_whitespace() && !matches!(byte, 0 | 0xEF | 0xBB | 0xBF | 0xFE | 0xFF);
    let first = head.iter().find(is_letter);
    compressed::Compression::of(head).is_some()
        || head.starts_with(warc::START)
        || matches!(first, Some(b'{' | b'['))
        || head.starts_with(b"null")
        || arc::begins(head)
        || tar::begins(head)
        || zip::begins(head) && !zip::is_named_otherwise(name)
        || !head.is_empty() && FORMATS.iter().any(|format| format.is_named_so(name))
}

/// Whether a file's name says that it holds many pages, packed or not.
pub fn is_named_so(name: &str) -> bool {
    let name = compressed::Compression::without_suffix(name);
    FORMATS.iter().any(|format| format.is_named_so(name))
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
        match stream.more() {
            Ok(true) => {}
            Ok(false) => return Ok(bytes),
            Err(damage) => return Err(told(stream, &damage)),
        }
        let length = (bytes.len() + stream.data().len()) as u64;
        if stream.format().is_some() && !bounds.allow(length, stream.packed_offset()) {
            return Err(bounds.bomb());
        }
        if stream.format().is_some() && length > bounds.record {
            return Err(bounds.too_long());
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
