//! Reading bytes whose charset is known, and counting what cannot be read.

use std::borrow::Cow;

use encoding_rs::{DecoderResult, Encoding};

use super::{CharsetSource, Decoded};

/// Reads all of a page with one charset.
pub fn read<'a>(bytes: &'a [u8], charset: &'static Encoding, found_by: CharsetSource, sure: u16) -> Decoded<'a> {
    let (text, unreadable) = text(bytes, charset);
    Decoded { text, charset: charset.name(), found_by, sure, unreadable, pieces: Vec::new() }
}

/// The text of bytes in a charset, and how many bytes could not be read.
pub fn text<'a>(bytes: &'a [u8], charset: &'static Encoding) -> (Cow<'a, str>, u64) {
    if let Some(text) = charset.decode_without_bom_handling_and_without_replacement(bytes) {
        return (text, 0);
    }
    let mut decoder = charset.new_decoder_without_bom_handling();
    let mut text = String::with_capacity(bytes.len() + bytes.len() / 2 + 16);
    let mut rest = bytes;
    let mut unreadable = 0;
    loop {
        let (result, read) = decoder.decode_to_string_without_replacement(rest, &mut text, true);
        rest = &rest[read..];
        match result {
            DecoderResult::InputEmpty => return (Cow::Owned(text), unreadable),
            DecoderResult::OutputFull => text.reserve(rest.len() + rest.len() / 2 + 16),
            DecoderResult::Malformed(length, _) => {
                unreadable += u64::from(length);
                text.reserve(4);
                text.push(char::REPLACEMENT_CHARACTER);
            }
        }
    }
}
