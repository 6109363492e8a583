//! UTF-8 that holds surrogates: CESU-8, in which a character beyond the first plane is two of them of three bytes
//! each, as MySQL, Oracle and Java write it, and in Java NUL is two bytes; and surrogates that stand alone, as texts that
//! were cut within an emoji have them.

use std::borrow::Cow;

use encoding_rs::UTF_8;

use super::{CharsetSource, Decoded};

/// Reads bytes that are UTF-8 but for surrogates and long NULs; `None` where they are not. Where all else is ASCII,
/// surrogates that stand alone prove nothing: `í`, a no-break space and `»` of windows-1252 look like one. Nor do NULs, which
/// look like letters of East Asia.
pub(super) fn read(bytes: &[u8], is_declared: bool) -> Option<Decoded<'static>> {
    let bytes = with_short_nuls(bytes);
    let joined = match join(&bytes) {
        Some(joined) => joined,
        None if matches!(bytes, Cow::Borrowed(_)) => return None,
        None => Joined { bytes: bytes.into_owned(), pairs: 0, lone: 0 },
    };
    let text = String::from_utf8(joined.bytes).ok()?;
    let lone = joined.lone as usize;
    if joined.pairs == 0 && !is_declared && text.chars().filter(|c| !c.is_ascii()).count() <= lone {
        return None;
    }
    let found_by = if is_declared { CharsetSource::Declared } else { CharsetSource::Utf8 };
    let unreadable = joined.lone * SURROGATE as u64;
    Some(Decoded { text: Cow::Owned(text), charset: UTF_8.name(), found_by, sure: 990, unreadable, pieces: Vec::new() })
}

/// NUL as Java's modified UTF-8 has it (*The Java Virtual Machine Specification*, 4.4.7).
const LONG_NUL: &[u8] = b"\xC0\x80";

/// The bytes, with NULs of one byte.
fn with_short_nuls(bytes: &[u8]) -> Cow<'_, [u8]> {
    let mut short = Vec::new();
    let mut copied = 0;
    for at in memchr::memmem::find_iter(bytes, LONG_NUL) {
        short.extend_from_slice(&bytes[copied..at]);
        short.push(0);
        copied = at + LONG_NUL.len();
    }
    if copied == 0 {
        return Cow::Borrowed(bytes);
    }
    short.extend_from_slice(&bytes[copied..]);
    Cow::Owned(short)
}

/// How long a surrogate is, in bytes.
const SURROGATE: usize = 3;

/// Bytes whose surrogates were read.
pub(crate) struct Joined {
    /// The bytes, with a character for each pair and U+FFFD for each surrogate that stands alone.
    pub bytes: Vec<u8>,
    /// How many pairs there were.
    pub pairs: u64,
    /// How many surrogates stood alone.
    pub lone: u64,
}

/// Reads the surrogates in bytes; `None` where there are none.
pub(crate) fn join(bytes: &[u8]) -> Option<Joined> {
    let mut joined = Joined { bytes: Vec::new(), pairs: 0, lone: 0 };
    let mut copied = 0;
    let mut at = 0;
    while let Some(next) = memchr::memchr(0xED, &bytes[at..]) {
        let start = at + next;
        at = start + 1;
        let Some(first) = surrogate(&bytes[start..]) else { continue };
        let second = surrogate(&bytes[start + SURROGATE..]);
        let pair = second.and_then(|second| char::decode_utf16([first, second]).next()?.ok());
        joined.bytes.extend_from_slice(&bytes[copied..start]);
        let (c, length) = match pair {
            Some(c) => (c, 2 * SURROGATE),
            None => (char::REPLACEMENT_CHARACTER, SURROGATE),
        };
        joined.pairs += u64::from(pair.is_some());
        joined.lone += u64::from(pair.is_none());
        joined.bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
        at = start + length;
        copied = at;
    }
    joined.bytes.extend_from_slice(bytes.get(copied..)?);
    (joined.pairs + joined.lone > 0).then_some(joined)
}

/// The surrogate that these bytes start with.
fn surrogate(bytes: &[u8]) -> Option<u16> {
    match *bytes.first_chunk()? {
        [0xED, second @ 0xA0..=0xBF, third @ 0x80..=0xBF] => {
            Some(0xD000 | u16::from(second & 0x3F) << 6 | u16::from(third & 0x3F))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_become_characters_and_lone_ones_are_counted() {
        let read =
            |bytes: &[u8], is_declared| read(bytes, is_declared).map(|page| (page.text.into_owned(), page.unreadable));
        assert_eq!(read(b"fair \xED\xA0\xBD\xED\xB8\x80!", false), Some(("fair 😀!".into(), 0)));
        assert_eq!(read(b"caf\xC3\xA9 \xED\xA0\xBD", false), Some(("café \u{FFFD}".into(), 3)));
        assert_eq!(read(b"cut \xED\xA0\xBD", true), Some(("cut \u{FFFD}".into(), 3)));
        assert_eq!(read(b"a\xC0\x80b \xED\xA0\xBD\xED\xB8\x80", false), Some(("a\0b 😀".into(), 0)));
        assert_eq!(read(b"\xC0\x80caf\xC3\xA9\xC0\x80", false), Some(("\0café\0".into(), 0)));
        assert_eq!(read(b"a\xC0\x80b", true), Some(("a\0b".into(), 0)));
        assert_eq!(read(b"\xED\xB8\x80\xED\xA0\xBD", true), Some(("\u{FFFD}\u{FFFD}".into(), 6)));
    }

    #[test]
    fn what_may_be_another_charset_is_left() {
        assert_eq!(read("« así »".as_bytes(), false), None);
        assert_eq!(read(b"as\xED\xA0\xBB", false), None, "windows-1252");
        assert_eq!(read(b"\xE9 \xED\xA0\xBD\xED\xB8\x80", false), None);
        assert_eq!(read("한국".as_bytes(), false), None);
        assert_eq!(read(b"the sign \xC0\x80", false), None, "GBK");
        assert_eq!(read(b"\xC0\x80 \xE9", true), None);
    }
}
