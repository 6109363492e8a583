//! What must hold of any file that is packed or holds records. The fuzz targets run it, and so does
//! `tests/archive_laws.rs`.

use std::io::{self, Cursor, Read};

use dechaff::internals::parse::site::Sidecar;
use dechaff::internals::read::ReadOptions;
use dechaff::internals::read::archive::{self, Bounds, Opened, RawDocument, Records, http};

/// Small, so that small inputs reach them.
const BOUNDS: Bounds = Bounds { record: 4096, ratio: 100 };

/// Opening and dividing end, numbers grow, bounds are kept, and what comes out does not depend on the pieces that the
/// file is read in.
pub(crate) fn dividing_holds(name: &str, bytes: &[u8]) {
    let whole = records(open(name, Box::new(Cursor::new(bytes.to_vec()))));
    let pieces = records(open(name, Box::new(Pieces { bytes: bytes.to_vec(), at: 0 })));
    assert_eq!(whole, pieces, "{name}: {bytes:?}");
}

/// The same, and a file that can be read from any place gives what it gives as a stream, unless that is too long to hold.
pub(crate) fn dividing_from_any_place_holds(name: &str, bytes: &[u8]) {
    dividing_holds(name, bytes);
    let placed = records(archive::open_file(name, Box::new(Cursor::new(bytes.to_vec())), &options()));
    if bytes.len() as u64 <= BOUNDS.record {
        assert_eq!(placed, records(open(name, Box::new(Cursor::new(bytes.to_vec())))), "{name}: {bytes:?}");
    }
}

/// Taking a page out of a message ends, and gives no more than came.
pub(crate) fn saved_pages_hold(bytes: &[u8]) {
    let page = RawDocument::of_file("page.mhtml", bytes, Sidecar::default());
    assert!(page.bytes.len() <= bytes.len());
}

/// Unpacking a page ends and gives no more than the bounds allow.
pub(crate) fn unpacking_holds(bytes: &[u8]) {
    let Ok(Opened::Packed(mut stream)) = open("page", Box::new(Cursor::new(bytes.to_vec()))) else { return };
    let is_packed = stream.format().is_some();
    match archive::unpack(&mut stream, &BOUNDS) {
        Ok(page) if is_packed => assert!(page.len() as u64 <= BOUNDS.record),
        Ok(page) => assert_eq!(page, bytes),
        Err(why) => assert!(!why.is_empty()),
    }
}

/// Opening a response ends; what it gives keeps the bounds, or is no longer than what came.
pub(crate) fn responses_hold(bytes: &[u8]) {
    match http::open(bytes, &BOUNDS) {
        Ok(response) => assert!(response.body.len() <= bytes.len().max(BOUNDS.record as usize)),
        Err((_, why)) => assert!(!why.is_empty()),
    }
}

fn options() -> ReadOptions {
    ReadOptions { bounds: BOUNDS, ..ReadOptions::default() }
}

fn open(name: &str, source: Box<dyn Read + Send>) -> io::Result<Opened> {
    archive::open(name, source, &options())
}

/// Every record by its number: its bytes, or `None` where it has none that are read.
fn records(opened: io::Result<Opened>) -> Vec<(u64, Option<Vec<u8>>)> {
    let Ok(Opened::Records(archive)) = opened else { return Vec::new() };
    records_of(archive)
}

fn records_of(archive: Records) -> Vec<(u64, Option<Vec<u8>>)> {
    let mut last = None;
    let mut records = Vec::new();
    for record in archive {
        assert!(last.is_none_or(|last| last < record.number), "{last:?} is not before {}", record.number);
        last = Some(record.number);
        assert!(record.matter.bytes() <= BOUNDS.record);
        let opened = record.matter.open(&options());
        let bytes = opened.ok().map(|page| page.bytes.into_owned());
        assert!(bytes.as_ref().is_none_or(|bytes| bytes.len() as u64 <= BOUNDS.record));
        records.push((record.number, bytes));
    }
    records
}

/// A source that gives one to seven bytes at a time.
struct Pieces {
    bytes: Vec<u8>,
    at: usize,
}

impl Read for Pieces {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let left = &self.bytes[self.at..];
        let bytes = left.len().min(into.len()).min(self.at % 7 + 1);
        into[..bytes].copy_from_slice(&left[..bytes]);
        self.at += bytes;
        Ok(bytes)
    }
}
