//! A file of many pages as one that can be read from any place, wherever it comes from.

use std::io::Cursor;

use crate::read::archive::stream::{ReadSeek, Unpacked};
use crate::read::archive::{Bounds, told};

/// The whole file, to be read from any place: one that comes packed, as a stream or within an archive is held in memory,
/// as far as a record may be. `what` names it with an article.
pub(super) fn seekable(stream: &mut Unpacked, bounds: &Bounds, what: &str) -> Result<Box<dyn ReadSeek>, String> {
    if let Some(file) = stream.take_file() {
        return Ok(file);
    }
    let mut bytes = Vec::new();
    loop {
        bytes.extend_from_slice(stream.data());
        stream.consume(stream.data().len());
        let length = bytes.len() as u64;
        if length > bounds.record {
            return Err(format!("{what} within another packing or a stream, and {}", bounds.too_long()));
        }
        if stream.format().is_some() && !bounds.allow(length, stream.packed_offset()) {
            return Err(bounds.bomb());
        }
        if !stream.more().map_err(|damage| told(stream, &damage))? {
            return Ok(Box::new(Cursor::new(bytes)));
        }
    }
}
