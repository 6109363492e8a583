//! WARC (ISO 28500, versions 1.0 and 1.1, and the drafts before them, such as 0.18) and WET: files of records with heads
//! like those of HTTP.
//!
//! Responses and conversions hold pages; other records are told and passed over. A record whose length is wrong is
//! given up, and the next line that begins one is gone on at.

use std::borrow::Cow;

use memchr::memmem;

use crate::manifest::Status;
use crate::parse::site::{Sidecar, ToldMarkup};
use crate::read::ReadOptions;
use crate::read::archive::http::MediaType;
use crate::read::archive::offsets::Offsets;
use crate::read::archive::stream::{Damage, Unpacked};
use crate::read::archive::{Bounds, RawDocument, Reader, Record, RecordBody, RecordPage, Since, http, told};

/// How every record begins.
pub(super) const START: &[u8] = b"WARC/";

/// What stands behind a record.
const RECORD_END: &[u8] = b"\r\n\r\n";

/// The longest head that is read, in bytes.
const HEAD_MOST: usize = 256 << 10;

/// How many bytes are unpacked behind a record with a member of its own and a length that is wrong, to see whether
/// its member is damaged.
const NOISE: usize = 64 << 10;

/// How many bytes a length may be off, so that its record is given as its head says, as warcio and FastWARC give it.
const FEW: usize = 16;

/// Line ends behind a record, in bytes, from which what follows them says nothing of its length.
const ENDS_MOST: usize = 64 << 10;

/// What a record's head says of its page.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Head {
    /// `response`, `conversion`, `request`, …
    pub kind: String,
    /// The page's URL.
    pub uri: Option<String>,
    /// The record's own name, a URN in angle brackets as a rule.
    pub id: Option<String>,
    /// When it was fetched, as ISO 8601.
    pub date: Option<String>,
    /// Whether the crawler says that it cut the block short.
    pub is_truncated: bool,
    /// What the block is.
    pub content_type: Option<String>,
    /// The length of the block in bytes.
    length: Option<u64>,
}

/// Divides a file into records.
#[derive(Debug, Default)]
pub(super) struct Records {
    offsets: Offsets,
    ended: bool,
    /// No head that begins before this byte ends before it. All bytes are unpacked ones, counted as the stream does.
    headless: u64,
    /// A block that begins before this byte and has more bytes than there are up to it is cut off there: the file ends, or the
    /// next member begins.
    stop: u64,
}

/// A record of a page: its head, and its block.
#[derive(Debug)]
struct WarcPage {
    head: Head,
    block: Vec<u8>,
}

impl RecordPage for WarcPage {
    fn bytes(&self) -> u64 {
        self.block.len() as u64
    }

    fn open(&self, options: &ReadOptions) -> Result<RawDocument<'_>, (Status, String)> {
        open(&self.head, &self.block, &options.bounds)
    }
}

impl Reader for Records {
    fn next(&mut self, stream: &mut Unpacked, bounds: &Bounds) -> Option<Record> {
        if self.ended {
            return None;
        }
        match pass_line_ends(stream) {
            Ok(true) => {}
            Ok(false) => {
                self.ended = true;
                return None;
            }
            Err(damage) => {
                let why = told(stream, &damage);
                let number = self.offsets.number(stream);
                self.find_next(stream, bounds, true);
                return Some(Record { number, matter: RecordBody::Failed(why) });
            }
        }
        let number = self.offsets.number(stream);
        let matter = match self.read(stream, bounds) {
            Ok((head, block)) if ["response", "conversion", "resource"].contains(&head.kind.as_str()) => {
                RecordBody::Page(Box::new(WarcPage { head, block }))
            }
            Ok((head, _)) => RecordBody::Skipped(format!("a WARC record of the type {}", head.kind)),
            Err(Flaw { why, is_damage }) => {
                self.find_next(stream, bounds, is_damage);
                RecordBody::Failed(why)
            }
        };
        Some(Record { number, matter })
    }
}

impl Records {
    /// Reads a record that begins here.
    fn read(&mut self, stream: &mut Unpacked, bounds: &Bounds) -> Result<(Head, Vec<u8>), Flaw> {
        let since = Since::now(stream);
        let own_member = stream.member().filter(|member| member.unpacked == stream.offset());
        let head = self.read_head(stream)?;
        if head.kind == "response" {
            pass_blank_line(stream);
        }
        let length = head.length.ok_or_else(|| flaw("a WARC record without a length"))?;
        if length > bounds.record {
            return Err(flaw(&bounds.too_long()));
        }
        // Records of wrong lengths may stand close: what is known of the bytes behind one is not read again for the next.
        let there = self.stop.saturating_sub(stream.offset());
        if there > 0 && length > there + FEW as u64 {
            return Err(flaw(&cut_off(length, there)));
        }
        if own_member.is_none() && is_followed_by_none(&stream.data()[..stream.in_member()], length) {
            return Err(flaw(&unfollowed(length)));
        }
        let mut block = Vec::with_capacity(length.min(1 << 20) as usize);
        while (block.len() as u64) < length {
            let is_there = !stream.data().is_empty() || stream.more().map_err(|damage| damaged(stream, &damage))?;
            if since.is_bomb(stream, bounds) {
                return Err(flaw(&bounds.bomb()));
            }
            if !is_there || next_begins(stream)? {
                if length - block.len() as u64 <= FEW as u64 {
                    return Ok((head, block));
                }
                self.stop = stream.offset();
                put_back_records(stream, &block);
                return Err(flaw(&cut_off(length, block.len() as u64)));
            }
            let here = stream.in_member().min((length - block.len() as u64) as usize);
            block.extend_from_slice(&stream.data()[..here]);
            stream.consume(here);
        }
        if gives_back(stream, &mut block) {
            return Ok((head, block));
        }
        // Damage is met again, and told, by whoever reads on.
        let _ = stream.at_least(RECORD_END.len());
        let is_ended = stream.data().starts_with(RECORD_END) && find_record(&block, false).is_none();
        let mut ends = Vec::new();
        let take = |some: &[u8]| ends.extend_from_slice(if ends.len() > ENDS_MOST { &[] } else { some });
        let is_followed = match each_line_end(stream, take) {
            Ok(more) => Ok(!more || stream.data().starts_with(START)),
            Err(damage) => Err(damage),
        };
        let is_of = |damage: &Damage| own_member.is_some_and(|member| member.packed == damage.at);
        match is_followed {
            Err(damage) if is_of(&damage) => Err(damaged(stream, &damage)),
            // Damage behind a whole record is the next one's.
            Ok(true) | Err(_) => Ok((head, block)),
            Ok(false) if is_few_short(stream) => Ok((head, block)),
            // The record is whole, and what stands behind it is none.
            Ok(false) if is_ended || ends.len() > ENDS_MOST => Ok((head, block)),
            Ok(false) => {
                // Where a member is cut short, the next one's bytes unpack to noise before that is noticed.
                let damage = own_member.and_then(|_| stream.at_least(NOISE).err());
                if let Some(damage) = damage.filter(is_of) {
                    return Err(damaged(stream, &damage));
                }
                // Those behind it belong to what comes next, and count in its address.
                block.append(&mut ends);
                put_back_records(stream, &block);
                Err(flaw(&unfollowed(length)))
            }
        }
    }

    fn read_head(&mut self, stream: &mut Unpacked) -> Result<Head, Flaw> {
        let mut seen = self.headless.saturating_sub(stream.offset()).min(stream.data().len() as u64) as usize;
        loop {
            if !stream.data().starts_with(START) {
                return Err(flaw("no WARC record begins here"));
            }
            if let Some(end) = http::head_end(stream.data(), seen) {
                let head = head(&stream.data()[..end]);
                stream.consume(end);
                return Ok(head);
            }
            seen = stream.data().len();
            let more = if seen > HEAD_MOST { Ok(false) } else { stream.more() };
            match more {
                Ok(true) => {}
                Ok(false) => {
                    self.headless = stream.unpacked_offset();
                    // Or it would be found again.
                    stream.consume(START.len());
                    return Err(flaw("a WARC record whose head has no end"));
                }
                Err(damage) => return Err(damaged(stream, &damage)),
            }
        }
    }

    /// Bytes were left out, or come again: what was known of them is not so any more.
    fn pass(&mut self, is_more: bool) {
        (self.ended, self.headless, self.stop) = (!is_more, 0, 0);
    }

    /// Goes on at the next line that begins a record.
    fn find_next(&mut self, stream: &mut Unpacked, bounds: &Bounds, is_damaged: bool) {
        let mut may_begin = stream.member().is_some_and(|member| member.unpacked == stream.offset());
        if is_damaged {
            self.pass(stream.pass_damage());
            may_begin = true;
        }
        // Behind damage the file is read again from an earlier byte.
        let mut since = Since::now(stream);
        while !self.ended {
            if let Some(at) = find_record(stream.data(), may_begin) {
                return stream.consume(at);
            }
            let passed = stream.data().len().saturating_sub(START.len() + 3);
            may_begin &= passed == 0;
            stream.consume(passed);
            match stream.more() {
                Ok(true) if since.is_bomb(stream, bounds) => {
                    self.pass(stream.leave_member());
                    (may_begin, since) = (true, Since::now(stream));
                }
                Ok(true) => {}
                Ok(false) => self.ended = true,
                Err(_) => {
                    self.pass(stream.pass_damage());
                    (may_begin, since) = (true, Since::now(stream));
                }
            }
        }
    }
}

fn cut_off(length: u64, there: u64) -> String {
    format!("its length is wrong: its head says {length} bytes, and {there} are there")
}

fn unfollowed(length: u64) -> String {
    format!("its length is wrong: its head says {length} bytes, and no record follows them")
}

/// Whether what is at hand shows that no record follows a block of this length, nor begins a few bytes before or behind its
/// end, and that another record begins in it.
fn is_followed_by_none(data: &[u8], length: u64) -> bool {
    let Some(length) = usize::try_from(length).ok().filter(|&length| length >= FEW) else { return false };
    let Some(around) = data.get(length - FEW..length + 2 * FEW + START.len()) else { return false };
    let is_line_end = |byte: &u8| matches!(byte, b'\r' | b'\n');
    memmem::find(around, START).is_none()
        && !around[FEW..3 * FEW].iter().all(is_line_end)
        && find_record(&data[..length], false).is_some()
}

/// Passes over line ends between the head of a record and that of the response in it: its length does not count them, or
/// counts line ends behind it.
fn pass_blank_line(stream: &mut Unpacked) {
    // Damage is met again, and told, by whoever reads on.
    let _ = stream.at_least(FEW);
    let here = &stream.data()[..stream.in_member().min(FEW)];
    let rest = http::without_line_ends(here);
    if rest.starts_with(b"HTTP/") {
        stream.consume(here.len() - rest.len());
    }
}

/// Passes over the line ends between records. Returns whether anything follows them.
fn pass_line_ends(stream: &mut Unpacked) -> Result<bool, Damage> {
    each_line_end(stream, |_| {})
}

/// The same; `take` sees them, some at once.
fn each_line_end(stream: &mut Unpacked, mut take: impl FnMut(&[u8])) -> Result<bool, Damage> {
    loop {
        let ends = stream.data().iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        take(&stream.data()[..ends]);
        stream.consume(ends);
        if !stream.data().is_empty() {
            return stream.at_least(START.len()).map(|()| true);
        }
        if !stream.more()? {
            return Ok(false);
        }
    }
}

/// Why a record is given up, and whether its bytes could not be unpacked.
struct Flaw {
    why: String,
    is_damage: bool,
}

fn flaw(why: &str) -> Flaw {
    Flaw { why: why.into(), is_damage: false }
}

fn damaged(stream: &Unpacked, damage: &Damage) -> Flaw {
    Flaw { why: told(stream, damage), is_damage: true }
}

/// Whether another record begins here, with a member of its own.
fn next_begins(stream: &mut Unpacked) -> Result<bool, Flaw> {
    if stream.member().is_none_or(|member| member.unpacked != stream.offset()) {
        return Ok(false);
    }
    stream.at_least(START.len()).map_err(|damage| damaged(stream, &damage))?;
    Ok(stream.data().starts_with(START))
}

/// Gives back what a length that is a few bytes too large has swallowed of the next record: the start of its first line.
fn gives_back(stream: &mut Unpacked, block: &mut Vec<u8>) -> bool {
    let few = block.len().saturating_sub(FEW);
    let begins = |&at: &usize| {
        let swallowed = &block[at..];
        !swallowed.is_empty() && (START.starts_with(swallowed) || swallowed.starts_with(START))
    };
    let lines = memchr::memchr_iter(b'\n', &block[few..]).map(|at| few + at + 1);
    let Some(at) = lines.into_iter().find(begins) else { return false };
    let swallowed = &block[at..];
    // Damage is met again, and told, by whoever reads on.
    let _ = stream.at_least(FEW);
    let behind = &stream.data()[..stream.data().len().min(FEW)];
    if find_record(&[swallowed, behind].concat(), true) != Some(0) {
        return false;
    }
    let swallowed = block.split_off(at);
    stream.put_back(&swallowed);
    true
}

/// Whether the next record begins a few bytes behind a block, or the file ends there: the length was too small. Those
/// bytes are passed over.
fn is_few_short(stream: &mut Unpacked) -> bool {
    // Damage is met again, and told, by whoever reads on.
    let is_whole = stream.at_least(2 * FEW).is_ok();
    let data = &stream.data()[..stream.data().len().min(2 * FEW)];
    let short = match find_record(data, false) {
        Some(at) if data[..at].trim_ascii_end().len() <= FEW => at,
        None if is_whole && data.len() < 2 * FEW && data.trim_ascii_end().len() <= FEW => data.len(),
        _ => return false,
    };
    stream.consume(short);
    true
}

/// Puts records back that a wrong length has swallowed.
fn put_back_records(stream: &mut Unpacked, block: &[u8]) {
    if let Some(at) = find_record(block, false) {
        // The line end before it shows that it begins a line.
        stream.put_back(&block[at - 1..]);
    }
}

/// Where a record begins: at the start of a line, or, if it may, of these bytes.
fn find_record(bytes: &[u8], may_begin: bool) -> Option<usize> {
    let begins = |at: usize| match at.checked_sub(1) {
        Some(before) => bytes[before] == b'\n',
        None => may_begin,
    };
    let is_version = |at: usize| matches!(bytes[at + START.len()..], [b'0' | b'1', b'.', ..]);
    memmem::find_iter(bytes, START).find(|&at| begins(at) && is_version(at))
}

fn head(bytes: &[u8]) -> Head {
    let mut head = Head::default();
    for (name, value) in http::fields(bytes) {
        let value = || Some(String::from_utf8_lossy(value).into_owned());
        let is = |known: &str| name.eq_ignore_ascii_case(known.as_bytes());
        if is("WARC-Type") {
            head.kind = value().unwrap_or_default().to_ascii_lowercase();
        } else if is("WARC-Target-URI") {
            // WARC 1.0 was read by some to want angle brackets here.
            head.uri = value().map(|uri| uri.trim_matches(['<', '>']).to_string());
        } else if is("WARC-Record-ID") {
            head.id = value();
        } else if is("WARC-Date") {
            head.date = value();
        } else if is("WARC-Truncated") {
            head.is_truncated = true;
        } else if is("Content-Type") {
            head.content_type = value();
        } else if is("Content-Length") {
            head.length = value().and_then(|length| length.parse().ok());
        }
    }
    head
}

/// Opens a record as a page.
fn open<'a>(head: &'a Head, block: &'a [u8], bounds: &Bounds) -> Result<RawDocument<'a>, (Status, String)> {
    let (id, created) = (head.id.as_deref().map(Cow::Borrowed), head.date.as_deref().map(Cow::Borrowed));
    let mut leaf = RawDocument { id, created, ..RawDocument::default() };
    leaf.sidecar.url.clone_from(&head.uri);
    if head.kind == "conversion" {
        leaf.bytes = Cow::Borrowed(block);
        leaf.sidecar = Sidecar { url: head.uri.clone(), charset: Some("utf-8".into()), ..Sidecar::default() };
        return Ok(leaf);
    }
    if head.kind == "resource" {
        let MediaType { essence, charset } = MediaType::of_value(head.content_type.as_deref().unwrap_or_default());
        if !http::PAGE_TYPES.contains(&essence.as_str()) {
            return Err((Status::Skipped, format!("a WARC resource of the type {}", http::shown(&essence))));
        }
        leaf.bytes = Cow::Borrowed(block);
        leaf.sidecar.charset = charset;
        leaf.sidecar.markup = ToldMarkup::of_type(&essence);
        return Ok(leaf);
    }
    let is_http = head.content_type.as_deref().is_none_or(|kind| kind.starts_with("application/http"));
    if !is_http && !http::without_line_ends(block).starts_with(b"HTTP/") {
        let what = head.content_type.as_deref().unwrap_or_default();
        return Err((Status::Skipped, format!("a response of another protocol than HTTP: {what}")));
    }
    let response = http::open(block, bounds)?;
    leaf.bytes = response.body;
    leaf.is_cut = response.is_cut || head.is_truncated;
    leaf.sidecar.charset = response.charset;
    leaf.sidecar.language = response.language;
    leaf.sidecar.markup = response.markup;
    Ok(leaf)
}
