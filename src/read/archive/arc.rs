//! ARC, the form of web archives before WARC (Internet Archive 1996 to 2009, Common Crawl 2008 to 2012): records that begin
//! with a line of address, date, type and length.
//!
//! Lengths are a few bytes off in many files, and what the first block counts was read in two ways: where no record
//! follows, the next line that begins one is gone on at.

use std::borrow::Cow;

use crate::manifest::Status;
use crate::parse::site::{Sidecar, ToldMarkup};
use crate::read::ReadOptions;
use crate::read::archive::http::{self, MediaType};
use crate::read::archive::offsets::Offsets;
use crate::read::archive::stream::Unpacked;
use crate::read::archive::{Bounds, RawDocument, Reader, Record, RecordBody, RecordPage, Since, told};

/// How the first block begins.
const START: &[u8] = b"filedesc://";

/// The longest line that may begin a record, in bytes: addresses were cut at 2,083 by most crawlers.
const LONGEST_LINE: usize = 16 << 10;

/// The schemes of addresses in such files: what is cut off from one is none.
const SCHEMES: [&str; 10] =
    ["http", "https", "dns", "ftp", "filedesc", "metadata", "warcinfo", "whois", "gopher", "nntp"];

/// How many bytes a length may be off, so that its record is given as it says, as other readers give it.
const FEW: usize = 64;

/// Whether a file begins as ARC does.
pub(super) fn begins(head: &[u8]) -> bool {
    head.starts_with(START)
}

/// Divides a file into records.
#[derive(Debug, Default)]
pub(super) struct Records {
    offsets: Offsets,
    ended: bool,
}

/// What the line says that begins a record.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Head {
    url: String,
    date: String,
    kind: String,
    length: u64,
}

/// A record of a page.
#[derive(Debug)]
struct ArcPage {
    head: Head,
    block: Vec<u8>,
}

/// Reads the line that begins a record, of the first version (five fields) or the second (ten).
fn head(line: &[u8]) -> Option<Head> {
    let line = std::str::from_utf8(line.trim_ascii_end()).ok()?;
    let fields: Vec<&str> = line.split(' ').collect();
    // A space in an address makes it two: the other fields are counted from behind.
    let behind = if fields.len() >= 10 && is_date(fields[fields.len() - 8]) { 9 } else { 4 };
    let first = fields.len().checked_sub(behind).filter(|&first| first > 0)?;
    let (date, kind) = (fields[first + 1], fields[first + 2]);
    let url = fields[..first].join(" ");
    let is_scheme = SCHEMES.contains(&url.split_once(':')?.0);
    let length = fields.last()?.parse().ok()?;
    (is_scheme && is_date(date)).then(|| Head { url, date: date.into(), kind: kind.into(), length })
}

fn is_date(field: &str) -> bool {
    (8..=17).contains(&field.len()) && field.bytes().all(|byte| byte.is_ascii_digit())
}

impl Reader for Records {
    fn next(&mut self, stream: &mut Unpacked, bounds: &Bounds) -> Option<Record> {
        while !self.ended {
            let ends = stream.data().iter().take_while(|byte| byte.is_ascii_whitespace()).count();
            stream.consume(ends);
            if !stream.data().is_empty() {
                break;
            }
            match stream.more() {
                Ok(more) => self.ended = !more,
                Err(damage) => {
                    let number = self.offsets.number(stream);
                    self.ended = !stream.pass_damage();
                    return Some(Record { number, matter: RecordBody::Failed(told(stream, &damage)) });
                }
            }
        }
        if self.ended {
            return None;
        }
        let number = self.offsets.number(stream);
        let matter = self.record(stream, bounds).unwrap_or_else(|why| {
            self.find_next(stream, bounds);
            RecordBody::Failed(why)
        });
        Some(Record { number, matter })
    }
}

impl Records {
    fn record(&mut self, stream: &mut Unpacked, bounds: &Bounds) -> Result<RecordBody, String> {
        let since = Since::now(stream);
        let (head, line) = next_head(stream)?.ok_or("no ARC record begins here")?;
        stream.consume(line);
        if head.url.starts_with("filedesc:") {
            // What its length counts was read in two ways.
            self.find_next(stream, bounds);
            return Ok(RecordBody::Skipped("the first block of an ARC file, which describes it".into()));
        }
        if head.length > bounds.record {
            return Err(bounds.too_long());
        }
        let mut block = Vec::with_capacity(head.length.min(1 << 20) as usize);
        while (block.len() as u64) < head.length {
            if stream.data().is_empty() && !stream.more().map_err(|damage| told(stream, &damage))? {
                // The last record of a crawl that was stopped.
                break;
            }
            if since.is_bomb(stream, bounds) {
                stream.leave_member();
                return Err(bounds.bomb());
            }
            // A length that is too large does not take the next member's record.
            if stream.member().is_some_and(|member| member.unpacked == stream.offset())
                && !block.is_empty()
                && next_head(stream)?.is_some()
            {
                break;
            }
            let here = stream.in_member().min((head.length - block.len() as u64) as usize);
            block.extend_from_slice(&stream.data()[..here]);
            stream.consume(here);
        }
        if !head.url.starts_with("http") {
            let scheme = head.url.split(':').next().unwrap_or_default();
            return Ok(RecordBody::Skipped(format!("an ARC record of {scheme}")));
        }
        Records::settle(stream, &mut block);
        Ok(RecordBody::Page(Box::new(ArcPage { head, block })))
    }

    /// Settles a length that was a few bytes off: what it swallowed of the next record goes back, and what it left out is
    /// passed over.
    fn settle(stream: &mut Unpacked, block: &mut Vec<u8>) {
        // Damage is met again, and told, by whoever reads on.
        let _ = stream.at_least(FEW + LONGEST_LINE);
        let ends = stream.data().iter().take(FEW).take_while(|byte| byte.is_ascii_whitespace()).count();
        if stream.data().len() == ends {
            return;
        }
        stream.consume(ends);
        if next_head(stream).is_ok_and(|head| head.is_some()) {
            return;
        }
        let swallowed = memchr::memrchr(b'\n', &block[block.len().saturating_sub(FEW)..]);
        let swallowed = swallowed.map(|at| block.split_off(block.len().saturating_sub(FEW) + at + 1));
        if let Some(swallowed) = swallowed.filter(|swallowed| !swallowed.is_empty() && ends == 0) {
            stream.put_back(&swallowed);
            if next_head(stream).is_ok_and(|head| head.is_some()) {
                return;
            }
            stream.consume(swallowed.len());
            block.extend_from_slice(&swallowed);
        }
        let few = &stream.data()[..stream.data().len().min(FEW)];
        let lines = memchr::memchr_iter(b'\n', few).map(|end| end + 1);
        let next = lines.into_iter().find(|&at| {
            let line = stream.data()[at..].split(|&byte| byte == b'\n').next().unwrap_or_default();
            head(line).is_some()
        });
        stream.consume(next.unwrap_or(0));
    }

    /// Goes on at the next line that begins a record.
    fn find_next(&mut self, stream: &mut Unpacked, bounds: &Bounds) {
        let mut since = Since::now(stream);
        while !self.ended {
            let is_damaged = match next_head(stream) {
                Ok(Some(_)) => return,
                Ok(None) => {
                    let data = &stream.data()[..stream.data().len().min(LONGEST_LINE)];
                    stream.consume(memchr::memchr(b'\n', data).map_or(data.len(), |end| end + 1));
                    if since.is_bomb(stream, bounds) {
                        self.ended = !stream.leave_member();
                        since = Since::now(stream);
                    }
                    match stream.at_least(1) {
                        Ok(()) => {
                            self.ended |= stream.data().is_empty();
                            false
                        }
                        Err(_) => true,
                    }
                }
                Err(_) => true,
            };
            if is_damaged {
                self.ended = !stream.pass_damage();
                since = Since::now(stream);
            }
        }
    }
}

/// The line that begins a record here, and its length with its end.
fn next_head(stream: &mut Unpacked) -> Result<Option<(Head, usize)>, String> {
    let mut seen = 0;
    loop {
        let data = &stream.data()[..stream.data().len().min(LONGEST_LINE)];
        if let Some(end) = memchr::memchr(b'\n', &data[seen..]).map(|at| seen + at) {
            return Ok(head(&data[..end]).map(|head| (head, end + 1)));
        }
        seen = data.len();
        if seen == LONGEST_LINE || !stream.more().map_err(|damage| told(stream, &damage))? {
            return Ok(None);
        }
    }
}

impl RecordPage for ArcPage {
    fn bytes(&self) -> u64 {
        self.block.len() as u64
    }

    fn open(&self, options: &ReadOptions) -> Result<RawDocument<'_>, (Status, String)> {
        let ArcPage { head, block } = self;
        let sidecar = Sidecar { url: Some(head.url.clone()), ..Sidecar::default() };
        let mut page = RawDocument { created: Some(iso(&head.date)), sidecar, ..RawDocument::default() };
        if http::without_line_ends(block).starts_with(b"HTTP/") {
            let response = http::open(block, &options.bounds)?;
            (page.bytes, page.is_cut) = (response.body, response.is_cut);
            (page.sidecar.charset, page.sidecar.language) = (response.charset, response.language);
            page.sidecar.markup = response.markup;
            return Ok(page);
        }
        let MediaType { essence, .. } = MediaType::of_value(&head.kind);
        if !http::PAGE_TYPES.contains(&essence.as_str()) {
            return Err((Status::Skipped, format!("an ARC record of the type {}", http::shown(&essence))));
        }
        page.bytes = Cow::Borrowed(block);
        page.sidecar.markup = ToldMarkup::of_type(&essence);
        Ok(page)
    }
}

/// A date of fourteen digits as ISO 8601; others as they stand.
fn iso(date: &str) -> Cow<'_, str> {
    match date.len() {
        14 => {
            let part = |from: usize| &date[from..from + 2];
            let (year, month, day) = (&date[..4], part(4), part(6));
            Cow::Owned(format!("{year}-{month}-{day}T{}:{}:{}Z", part(8), part(10), part(12)))
        }
        _ => Cow::Borrowed(date),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_both_versions_begin_records() {
        let known = |url: &str, kind: &str, length| {
            Some(Head { url: url.into(), date: "20080101120000".into(), kind: kind.into(), length })
        };
        for (line, expected) in [
            ("http://a.example/ 1.2.3.4 20080101120000 text/html 42", known("http://a.example/", "text/html", 42)),
            (
                "http://a.example/b c 1.2.3.4 20080101120000 text/html 42\r",
                known("http://a.example/b c", "text/html", 42),
            ),
            (
                "http://a.example/ 1.2.3.4 20080101120000 text/html 200 - - 150 a.arc 42",
                known("http://a.example/", "text/html", 42),
            ),
            ("dns:a.example 1.2.3.4 20080101120000 text/dns 42", known("dns:a.example", "text/dns", 42)),
            ("URL IP-address Archive-date Content-type Archive-length", None),
            ("The ferry: it left 20080101 at nine 42", None),
            ("1 0 InternetArchive", None),
            ("", None),
        ] {
            assert_eq!(head(line.as_bytes()), expected, "{line}");
        }
        assert_eq!(iso("20080101120000"), "2008-01-01T12:00:00Z");
    }
}
