//! Reading bytes whose charset is known, and counting what cannot be read.

use std::borrow::Cow;

use encoding_rs::{DecoderResult, Encoding};

use super::{CharsetSource, Decoded};

/// Reads all of a page with one charset.
pub(super) fn read<'a>(bytes: &'a [u8], charset: &'static Encoding, found_by: CharsetSource, sure: u16) -> Decoded<'a> {
    let (text, unreadable) = text(bytes, charset);
    Decoded { text, charset: charset.name(), found_by, sure, unreadable, pieces: Vec::new() }
}

/// The text of bytes in a charset, and how many bytes could not be read.
pub(super) fn text<'a>(bytes: &'a [u8], charset: &'static Encoding) -> (Cow<'a, str>, u64) {
    if let Some(text) = charset.decode_without_bom_handling_and_without_replacement(bytes) {
        return (text, 0);
    }
    let mut decoder = charset.new_decoder_without_bom_handling();
    let mut text = String::with_capacity(bytes.len());
    // The decoder starts anew behind every error, and must not have to do with more than it writes: of a whole
    // `String` it would clear all that is free each time.
    let mut buffer = [0; BUFFER];
    let mut rest = bytes;
    let mut unreadable = 0;
    loop {
        let (result, read, written) = decoder.decode_to_utf8_without_replacement(rest, &mut buffer, true);
        rest = &rest[read..];
        text.push_str(&String::from_utf8_lossy(&buffer[..written]));
        match result {
            DecoderResult::InputEmpty => return (Cow::Owned(text), unreadable),
            DecoderResult::OutputFull => {}
            DecoderResult::Malformed(length, _) => {
                unreadable += u64::from(length);
                text.push(char::REPLACEMENT_CHARACTER);
            }
        }
    }
}

/// How much is decoded at a time, in bytes of UTF-8.
const BUFFER: usize = 4096;

#[cfg(test)]
mod tests {
    use super::*;
    use encoding_rs::{SHIFT_JIS, UTF_16LE};

    #[test]
    fn where_the_buffer_ends_changes_nothing() {
        for before in [BUFFER - 4, BUFFER - 3, BUFFER - 2, BUFFER - 1, BUFFER] {
            let mut bytes = vec![b'a'; before];
            bytes.extend(b"\x93\x94\x91\xE4\xFF ");
            bytes.resize(3 * BUFFER, b'b');
            bytes.push(0x83);
            let (text, unreadable) = text(&bytes, SHIFT_JIS);
            let expected =
                format!("{}灯台\u{FFFD} {}\u{FFFD}", "a".repeat(before), "b".repeat(3 * BUFFER - before - 6));
            assert_eq!((text.as_ref(), unreadable), (expected.as_str(), 2));
        }
    }

    #[test]
    fn every_lone_surrogate_is_told() {
        let bytes = [0x00, 0xD8].repeat(BUFFER);
        let (text, unreadable) = text(&bytes, UTF_16LE);
        assert_eq!((text.chars().count(), unreadable), (BUFFER, 2 * BUFFER as u64));
    }
}
