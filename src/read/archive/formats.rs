//! The table of formats whose files hold many pages, and how a file's format is told.

use std::fmt;

use encoding_rs::{Encoding, UTF_16BE, UTF_16LE};

use crate::read::ReadOptions;
use crate::read::archive::stream::Unpacked;
use crate::read::archive::{Opening, Reader, arc, compressed, csv, epub, json, jsonl, parquet, tar, warc, zip};

/// A row of the table of formats whose files hold many pages.
pub struct Format {
    /// Its name, for people.
    pub name: &'static str,
    /// The endings of its files, without a packing's.
    pub endings: &'static [&'static str],
    /// Whether bytes that begin so are of this format, whatever their file is called.
    begins: fn(&mut Unpacked, &ReadOptions) -> bool,
    /// What else tells its files, for people.
    pub known_by: &'static str,
    /// What a page is in them, for people.
    pub page: &'static str,
    /// What the number of a record says, for people.
    pub record: &'static str,
    /// Whether a file that is named so may still be none, which its first bytes tell.
    is_none: fn(&mut Unpacked, &ReadOptions) -> bool,
    /// Whether it is text, which may be in a charset of two bytes a letter.
    is_text: bool,
    pub(super) reader: fn(&mut Unpacked, &Opening) -> Box<dyn Reader>,
}

/// The formats whose files hold many pages. The content speaks before the name; the first row that knows a file has it.
pub const FORMATS: [Format; 9] = [
    Format {
        name: "WARC, WET and WAT",
        endings: &["warc", "wet", "wat"],
        begins: |stream, _| stream.data().starts_with(warc::START),
        is_none: |_, _| false,
        is_text: false,
        known_by: "`WARC/` at the start; versions 1.0, 1.1 and the drafts (0.18)",
        page: "a `response`, a `conversion` (WET), or a `resource` that is text or HTML",
        record: "the byte at which its own gzip member or Zstandard frame begins; where one member holds all, its first byte once unpacked",
        reader: |_, _| Box::new(warc::Records::default()),
    },
    Format {
        name: "ARC",
        endings: &["arc"],
        begins: |stream, _| arc::begins(stream.data()),
        is_none: |stream, _| !arc::has_record(stream),
        is_text: false,
        known_by: "`filedesc://` at the start",
        page: "a record of HTTP",
        record: "the byte at which its own gzip member or Zstandard frame begins; where one member holds all, its first byte once unpacked",
        reader: |_, _| Box::new(arc::Records::default()),
    },
    Format {
        name: "JSON lines",
        endings: &["jsonl", "ndjson"],
        begins: |stream, options| jsonl::first_lines(stream, &options.fields, &options.bounds).is_of_pages(),
        // A manifest of dechaff's own is not taken for pages.
        is_none: |stream, _| stream.data().starts_with(b"{\"manifest\":"),
        is_text: true,
        known_by: "lines of which, among the first 64, more are objects than are no JSON, and one has a page in it",
        page: "a line",
        record: "the line, counted from 1",
        reader: |_, _| Box::new(jsonl::Lines::default()),
    },
    Format {
        name: "JSON",
        endings: &["json"],
        begins: |stream, options| json::first_values(stream, &options.fields, &options.bounds).is_of_pages(),
        // Of files that are named so, those are read that have pages in them.
        is_none: |stream, options| !json::first_values(stream, &options.fields, &options.bounds).has_page(),
        is_text: true,
        known_by: "an array, or objects over several lines; among the first 64 values one has a page in it",
        page: "an element of the array, or an object",
        record: "its number, counted from 1",
        reader: |_, _| Box::new(json::Values::default()),
    },
    Format {
        name: "CSV and TSV",
        endings: &["csv", "tsv"],
        begins: |_, _| false,
        is_none: |_, _| false,
        is_text: true,
        known_by: "",
        page: "a row; the first one names the columns, and says whether commas, semicolons or tabs separate",
        record: "the row, counted from 1 without the first",
        reader: |stream, _| csv::Rows::of(stream),
    },
    Format {
        name: "Parquet",
        endings: &["parquet"],
        begins: |stream, _| begins_parquet(stream.data()),
        is_none: |_, _| false,
        is_text: false,
        known_by: "`PAR1` at the start",
        page: "a row",
        record: "the row, counted from 1",
        reader: parquet::reader,
    },
    Format {
        name: "tar",
        endings: &["tar", "tgz", "tbz2", "txz", "tzst"],
        begins: |stream, _| {
            // Damage is met again, and told, by whoever reads on.
            let _ = stream.at_least(512);
            tar::begins(stream.data())
        },
        is_none: |_, _| false,
        is_text: false,
        known_by: "the check sum of a tar head at the start",
        page: "a member",
        record: "its number, counted from 1 over all that the archive holds",
        reader: tar::Tar::of,
    },
    Format {
        name: "EPUB",
        endings: &["epub"],
        begins: |stream, _| epub::begins(stream.data()),
        is_none: |stream, _| !zip::begins(stream.data()),
        is_text: false,
        known_by: "`mimetype` as its first member, or `META-INF/container.xml` in a ZIP archive",
        page: "a chapter, in the order of reading",
        record: "its number, counted from 1",
        reader: zip::Zip::of,
    },
    Format {
        name: "ZIP",
        endings: &["zip"],
        begins: |stream, _| zip::begins(stream.data()),
        is_none: |_, _| false,
        is_text: false,
        known_by: "`PK` at the start, but for office documents and programs",
        page: "a member",
        record: "its number, counted from 1 over all that the archive holds",
        reader: zip::Zip::of,
    },
];

impl fmt::Debug for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Format").field("name", &self.name).field("endings", &self.endings).finish_non_exhaustive()
    }
}

/// Which format a file has, told by its content, then by its name.
pub(super) fn format(name: &str, stream: &mut Unpacked, options: &ReadOptions) -> Option<&'static Format> {
    let name = stream.format().map_or(name, |format| format.unpacked_name(name));
    // Damage is met again, and told, by whoever reads on.
    let _ = stream.at_least(128);
    if let Some(charset) = wide_charset(name, stream.data()) {
        stream.suppose(charset);
    }
    let format = format_as_decoded(name, stream, options);
    stream.settle(format.is_some_and(|format| format.is_text));
    format
}

fn format_as_decoded(name: &str, stream: &mut Unpacked, options: &ReadOptions) -> Option<&'static Format> {
    if zip::is_named_otherwise(name) {
        return None;
    }
    if let Some(format) = FORMATS.iter().find(|format| (format.begins)(stream, options)) {
        return Some(format);
    }
    FORMATS.iter().find(|format| format.is_named_so(name) && !(format.is_none)(stream, options))
}

/// The charset of two bytes a letter that JSON or a table is in, as Windows writes them. Pages in it are decoded where
/// all pages are.
fn wide_charset(name: &str, start: &[u8]) -> Option<&'static Encoding> {
    let is_table = name.rsplit_once('.').is_some_and(|(_, ending)| {
        ["csv", "tsv", "json", "jsonl", "ndjson"].iter().any(|known| known.eq_ignore_ascii_case(ending))
    });
    match start {
        [0xFF, 0xFE, first, 0, ..] | [first, 0, _, 0, ..] if may_begin_json(*first) => Some(UTF_16LE),
        [0xFE, 0xFF, 0, first, ..] | [0, first, 0, _, ..] if may_begin_json(*first) => Some(UTF_16BE),
        [0xFF, 0xFE, ..] if is_table => Some(UTF_16LE),
        [0xFE, 0xFF, ..] if is_table => Some(UTF_16BE),
        _ => None,
    }
}

/// Whether a file that begins so may be JSON: an object or an array, another value before the first one, a comment, or what
/// separates the texts of a sequence.
fn may_begin_json(first: u8) -> bool {
    matches!(first, b'{' | b'[' | b'"' | b't' | b'f' | b'n' | b'-' | b'0'..=b'9' | b'#' | jsonl::RECORD_SEPARATOR)
}

impl Format {
    fn is_named_so(&self, name: &str) -> bool {
        name.rsplit_once('.')
            .is_some_and(|(_, ending)| self.endings.iter().any(|known| known.eq_ignore_ascii_case(ending)))
    }
}

/// Whether a file begins as Parquet does, encrypted or not.
fn begins_parquet(head: &[u8]) -> bool {
    head.starts_with(b"PAR1") || head.starts_with(b"PARE")
}

/// Whether a file that begins so has to be opened here: it is compressed, or may hold many pages.
pub fn is_wanted(name: &str, head: &[u8]) -> bool {
    let is_letter = |byte: &&u8| !byte.is_ascii_whitespace() && !matches!(byte, 0 | 0xEF | 0xBB | 0xBF | 0xFE | 0xFF);
    let first = head.iter().find(is_letter);
    compressed::Compression::of(head).is_some()
        || head.starts_with(warc::START)
        || first.is_some_and(|&first| may_begin_json(first)) && memchr::memchr(b'{', head).is_some()
        || arc::begins(head)
        || begins_parquet(head)
        || tar::begins(head)
        || zip::begins(head) && !zip::is_named_otherwise(name)
        || !head.is_empty() && FORMATS.iter().any(|format| format.is_named_so(name))
}

/// Whether a file's name says that it holds many pages, packed or not.
pub fn is_named_so(name: &str) -> bool {
    let name = compressed::Compression::without_suffix(name);
    FORMATS.iter().any(|format| format.is_named_so(name))
}
