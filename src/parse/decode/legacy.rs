//! Reading all of a page in a charset that is known.

use super::{CharsetSource, Decoded};
use crate::charset::{self, TextEncoding};

/// Reads all of a page with one charset.
pub(super) fn read(bytes: &[u8], charset: impl Into<TextEncoding>, found_by: CharsetSource, sure: u16) -> Decoded<'_> {
    let charset = charset.into();
    let (text, unreadable) = charset::text(bytes, charset);
    Decoded { text, charset: charset.name(), found_by, sure, unreadable, pieces: Vec::new() }
}
