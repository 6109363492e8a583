//! ARC, the form of web archives before WARC (Internet Archive 1996 to 2009, Common Crawl 2008 to 2012): records that begin
//! with a line of address, date, type and length.
//!
//! Lengths are a few bytes off in many files, and what the first block counts was read in two ways: where no record
//! follows, the next line that begins one is gone on at, and a page whose length is wrong by more says that it is cut short.

use std::borrow::Cow;
use std::net::IpAddr;

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

/// How much of a file that is named so is looked at for a record, in bytes: of one that was cut at its start, the first pages
/// may be cut off.
const LOOKED_AT: usize = 1 << 20;

/// Whether a file begins as ARC does.
pub(super) fn begins(head: &[u8]) -> bool {
    http::without_line_ends(head).starts_with(START)
}

/// Whether a file that is named so has a record in it: files without their first block are there as well.
pub(super) fn has_record(stream: &mut Unpacked) -> bool {
    if begins(stream.data()) {
        return true;
    }
    // Damage is met again, and told, by whoever reads on.
    let _ = stream.at_least(LOOKED_AT);
    let start = &stream.data()[..stream.data().len().min(LOOKED_AT)];
    start.split(|&byte| byte == b'\n').any(|line| line.len() <= LONGEST_LINE && head(line).is_some())
}

/// Divides a file into records.
#[derive(Debug, Default)]
pub(super) struct Records {
    offsets: Offsets,
    ended: bool,
    /// Records that begin before this unpacked byte stand in one whose length was wrong: a line that begins another ends
    /// them. So no byte is read again and again, whatever lengths are told.
    doubted: u64,
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
    /// Whether the block is not as long as the head says.
    is_cut: bool,
}

/// Reads the line that begins a record, of the first version (five fields) or the second (ten).
fn head(line: &[u8]) -> Option<Head> {
    let line = std::str::from_utf8(line.trim_ascii_end()).ok()?;
    let fields: Vec<&str> = line.split(' ').collect();
    let count = fields.len();
    // Addresses and types with a blank in them are several fields: the date behind an IP address tells where they end.
    let is_date_at = |&at: &usize| is_date(fields[at]) && fields[at - 1].parse::<IpAddr>().is_ok();
    let places = [8, 3].map(|behind| count.checked_sub(behind).filter(|&at| at >= 2));
    let from_behind = || places.into_iter().flatten().find(|&at| is_date(fields[at]));
    let date = (2..count.saturating_sub(2)).find(is_date_at).or_else(from_behind)?;
    let url = fields[..date - 1].join(" ");
    let is_number =
        |field: &str, digits: usize| field.len() >= digits && field.bytes().all(|byte| byte.is_ascii_digit());
    // Of the second version, a status and five more fields stand behind the type.
    let is_second =
        count == date + 8 || count > date + 8 && is_number(fields[count - 6], 3) && is_number(fields[count - 3], 1);
    let kind = fields[date + 1..count - if is_second { 6 } else { 1 }].join(" ");
    let is_scheme = SCHEMES.contains(&url.split_once(':')?.0);
    let length = fields.last()?.parse().ok()?;
    is_scheme.then(|| Head { url, date: fields[date].into(), kind, length })
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
        let is_doubted = stream.offset() < self.doubted;
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
            let begins_member = stream.member().is_some_and(|member| member.unpacked == stream.offset());
            if begins_member && !block.is_empty() && next_head(stream)?.is_some() {
                break;
            }
            if is_doubted && block.last() == Some(&b'\n') && next_page(stream)? {
                break;
            }
            let mut here = stream.in_member().min((head.length - block.len() as u64) as usize);
            if is_doubted {
                here = memchr::memchr(b'\n', &stream.data()[..here]).map_or(here, |end| end + 1);
            }
            block.extend_from_slice(&stream.data()[..here]);
            stream.consume(here);
        }
        let is_short = head.length > block.len() as u64 + FEW as u64;
        let is_cut = self.settle(stream, &mut block, is_short);
        if !head.url.starts_with("http") {
            let scheme = head.url.split(':').next().unwrap_or_default();
            return Ok(RecordBody::Skipped(format!("an ARC record of {scheme}")));
        }
        Ok(RecordBody::Page(Box::new(ArcPage { head, block, is_cut })))
    }

    /// Settles a length that was wrong: what it swallowed of other records goes back, and a few bytes that it left out are
    /// passed over. Returns whether it was wrong by more than those.
    fn settle(&mut self, stream: &mut Unpacked, block: &mut Vec<u8>, is_short: bool) -> bool {
        // Damage is met again, and told, by whoever reads on.
        let _ = stream.at_least(FEW + LONGEST_LINE);
        if !is_short && pass_line_ends(stream) {
            return false;
        }
        if let Some(swallowed) = self.cut_at_next(stream, block) {
            return is_short || swallowed > FEW;
        }
        // What stands behind a line end may be no part of it; the next record tells of it.
        let is_ended = matches!(stream.data(), [b'\r' | b'\n', ..]);
        let is_few = give_back_line(stream, block) || pass_few(stream);
        is_short || !is_few && !is_ended
    }

    /// Ends a block that no record follows before the first record that begins in it, which goes back with what is behind it.
    /// Returns how many bytes those are, if there is one.
    fn cut_at_next(&mut self, stream: &mut Unpacked, block: &mut Vec<u8>) -> Option<usize> {
        let lines = memchr::memchr_iter(b'\n', block).map(|end| end + 1);
        let at = lines.into_iter().find(|&at| begins_page(&block[at..], stream.data()))?;
        self.doubted = self.doubted.max(stream.offset());
        let swallowed = block.split_off(at);
        stream.put_back(&swallowed);
        Some(swallowed.len())
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

/// Passes over the line ends behind a block, if a record follows them or nothing does. Returns whether one does, or nothing.
fn pass_line_ends(stream: &mut Unpacked) -> bool {
    let ends = stream.data().iter().take(FEW).take_while(|byte| byte.is_ascii_whitespace()).count();
    if stream.data().len() == ends {
        return true;
    }
    let line_ends = stream.data()[..ends].to_vec();
    stream.consume(ends);
    let is_followed = next_head(stream).is_ok_and(|head| head.is_some());
    if !is_followed {
        stream.put_back(&line_ends);
    }
    is_followed
}

/// Gives back the last line of a block, if it is the start of the line that begins the next record.
fn give_back_line(stream: &mut Unpacked, block: &mut Vec<u8>) -> bool {
    let few = block.len().saturating_sub(FEW);
    let Some(at) = memchr::memrchr(b'\n', &block[few..]).map(|at| few + at + 1) else { return false };
    let swallowed = block.split_off(at);
    stream.put_back(&swallowed);
    if !swallowed.is_empty() && next_head(stream).is_ok_and(|head| head.is_some()) {
        return true;
    }
    stream.consume(swallowed.len());
    block.extend_from_slice(&swallowed);
    false
}

/// Passes over a few bytes behind a block, if a record follows them.
fn pass_few(stream: &mut Unpacked) -> bool {
    let few = &stream.data()[..stream.data().len().min(FEW)];
    let is_head = |at: &usize| {
        let line = stream.data()[*at..].split(|&byte| byte == b'\n').next().unwrap_or_default();
        head(line).is_some()
    };
    let next = memchr::memchr_iter(b'\n', few).map(|end| end + 1).find(is_head);
    stream.consume(next.unwrap_or(0));
    next.is_some()
}

/// Whether a record begins here, and with a response if it is one of HTTP: pages quote lines of archives too.
fn next_page(stream: &mut Unpacked) -> Result<bool, String> {
    let Some((_, line)) = next_head(stream)? else { return Ok(false) };
    stream.at_least(line + FEW).map_err(|damage| told(stream, &damage))?;
    Ok(begins_page(stream.data(), &[]))
}

/// Whether a record with a page begins in these bytes, which may end within its line, or within the response behind it.
fn begins_page(bytes: &[u8], behind: &[u8]) -> bool {
    let whole: Cow<[u8]> = match memchr::memchr(b'\n', bytes) {
        Some(end) if bytes.len() > end + FEW => bytes.into(),
        _ => [bytes, &behind[..behind.len().min(LONGEST_LINE)]].concat().into(),
    };
    let Some(end) = memchr::memchr(b'\n', &whole[..whole.len().min(LONGEST_LINE)]) else { return false };
    let is_page = |head: Head| !head.url.starts_with("http") || whole[end + 1..].starts_with(b"HTTP/");
    head(&whole[..end]).is_some_and(is_page)
}

impl RecordPage for ArcPage {
    fn bytes(&self) -> u64 {
        self.block.len() as u64
    }

    fn open(&self, options: &ReadOptions) -> Result<RawDocument<'_>, (Status, String)> {
        let ArcPage { head, block, is_cut } = self;
        let sidecar = Sidecar { url: Some(head.url.clone()), ..Sidecar::default() };
        let created = Some(iso(&head.date));
        let mut page = RawDocument { created, sidecar, is_cut: *is_cut, ..RawDocument::default() };
        if http::without_line_ends(block).starts_with(b"HTTP/") {
            let response = http::open(block, &options.bounds)?;
            (page.bytes, page.is_cut) = (response.body, response.is_cut || *is_cut);
            (page.sidecar.charset, page.sidecar.language) = (response.charset, response.language);
            page.sidecar.markup = response.markup;
            return Ok(page);
        }
        let MediaType { essence, charset } = MediaType::of_value(&head.kind);
        if !http::PAGE_TYPES.contains(&essence.as_str()) {
            return Err((Status::Skipped, format!("an ARC record of the type {}", http::shown(&essence))));
        }
        page.bytes = Cow::Borrowed(block);
        (page.sidecar.charset, page.sidecar.markup) = (charset, ToldMarkup::of_type(&essence));
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
            (
                "http://a.example/ 1.2.3.4 20080101120000 text/html; charset=koi8-r 42",
                known("http://a.example/", "text/html; charset=koi8-r", 42),
            ),
            (
                "http://a.example/b 12345678 c ::1 20080101120000 text/html; charset=x 200 - - 12345678 a.arc 42",
                known("http://a.example/b 12345678 c", "text/html; charset=x", 42),
            ),
            ("http://a.example/ - 20080101120000 text/html 42", known("http://a.example/", "text/html", 42)),
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
