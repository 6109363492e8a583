//! Charsets by their labels, those of the WHATWG Encoding Standard and the code pages that it lacks; and reading bytes
//! in them, with a count of what cannot be read.

mod code_pages;

use std::borrow::Cow;

use encoding_rs::{DecoderResult, Encoding};

pub(crate) use code_pages::{CODE_PAGE_437, TCVN, VISCII};

/// A charset that bytes can be read in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextEncoding {
    /// One of the WHATWG Encoding Standard.
    Web(&'static Encoding),
    /// One that the standard lacks.
    Page(&'static CodePage),
}

/// A charset of one byte a character, of which the first half is ASCII.
#[derive(Debug, PartialEq, Eq)]
pub struct CodePage {
    /// Its name in the registry of IANA, or the one it is known by.
    pub(crate) name: &'static str,
    /// What it is called, lower case.
    pub(crate) labels: &'static [&'static str],
    /// The characters from 0x80 on; U+FFFD where there is none.
    pub(crate) high: &'static str,
    /// What controls of ASCII are in it.
    pub(crate) low: &'static [(u8, char)],
}

impl CodePage {
    /// Its characters beyond ASCII, each with its byte.
    pub fn chars(&self) -> impl Iterator<Item = (char, u8)> {
        self.high.chars().zip(0x80..=0xFF).filter(|&(c, _)| c != char::REPLACEMENT_CHARACTER)
    }

    /// The text of bytes, and how many could not be read.
    pub(crate) fn text(&self, bytes: &[u8]) -> (String, u64) {
        let mut all: [char; 256] = std::array::from_fn(|byte| char::from(byte as u8));
        all[0x80..].fill(char::REPLACEMENT_CHARACTER);
        self.chars()
            .chain(self.low.iter().map(|&(byte, c)| (c, byte)))
            .for_each(|(c, byte)| all[usize::from(byte)] = c);
        let text: String = bytes.iter().map(|&byte| all[usize::from(byte)]).collect();
        let unreadable = bytes.iter().filter(|&&byte| all[usize::from(byte)] == char::REPLACEMENT_CHARACTER).count();
        (text, unreadable as u64)
    }
}

impl TextEncoding {
    /// The charset of a label: one of the WHATWG Encoding Standard (`latin1`, `koi8-r`), or of a code page (`cp437`,
    /// `850`, `ibm852`, `tcvn3`, `viscii`), whatever its case.
    pub fn for_label(label: &str) -> Option<TextEncoding> {
        let label = label.trim();
        let of_page = || code_pages::ALL.into_iter().find(|page| page.is_called(label)).map(TextEncoding::Page);
        Encoding::for_label(label.as_bytes()).map(TextEncoding::Web).or_else(of_page)
    }

    /// The same, without what the standard puts in the place of charsets that are a danger to browsers.
    pub(crate) fn for_label_no_replacement(label: &[u8]) -> Option<TextEncoding> {
        let is_replacement = |charset: &TextEncoding| charset.name() == "replacement";
        TextEncoding::for_label(std::str::from_utf8(label).ok()?).filter(|charset| !is_replacement(charset))
    }

    /// Its name, as the manifest has it.
    pub fn name(self) -> &'static str {
        match self {
            TextEncoding::Web(charset) => charset.name(),
            TextEncoding::Page(page) => page.name,
        }
    }

    /// The text of bytes; U+FFFD stands for what cannot be read.
    pub fn text(self, bytes: &[u8]) -> Cow<'_, str> {
        text(bytes, self).0
    }
}

impl CodePage {
    fn is_called(&self, label: &str) -> bool {
        self.labels.iter().any(|name| name.eq_ignore_ascii_case(label))
    }
}

impl From<&'static Encoding> for TextEncoding {
    fn from(charset: &'static Encoding) -> TextEncoding {
        TextEncoding::Web(charset)
    }
}

impl PartialEq<&'static Encoding> for TextEncoding {
    fn eq(&self, other: &&'static Encoding) -> bool {
        *self == TextEncoding::Web(other)
    }
}

/// The text of bytes in a charset, and how many bytes could not be read.
pub(crate) fn text(bytes: &[u8], charset: impl Into<TextEncoding>) -> (Cow<'_, str>, u64) {
    let charset = match charset.into() {
        TextEncoding::Web(charset) => charset,
        TextEncoding::Page(page) => {
            let (text, unreadable) = page.text(bytes);
            return (Cow::Owned(text), unreadable);
        }
    };
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
    fn code_pages_are_found_by_their_labels_and_read() {
        for (label, name, bytes, text) in [
            ("cp437", "IBM437", &b"caf\x82 \xC9\xCD\xBB"[..], "café ╔═╗"),
            ("IBM850", "IBM850", b"\x9Dre, \xB8", "Øre, ©"),
            (" 852 ", "IBM852", b"\x9Faj, \xD8ek", "čaj, ěek"),
            ("cp866", "IBM866", b"\x8F\xA0\xE0\xAE\xAC", "Паром"),
            ("TCVN3", "TCVN", b"ti\xD5ng Vi\xD6t", "tiếng Việt"),
            ("viscii", "VISCII", b"ti\xAAng Vi\xAEt", "tiếng Việt"),
            ("latin1", "windows-1252", b"caf\xE9", "café"),
        ] {
            let charset = TextEncoding::for_label(label).unwrap();
            assert_eq!((charset.name(), charset.text(bytes).as_ref()), (name, text), "{label}");
        }
        assert_eq!(TextEncoding::for_label("cp99999"), None);
        assert_eq!(TextEncoding::for_label_no_replacement(b"iso-2022-kr"), None);
    }

    #[test]
    fn every_page_has_a_character_or_none_for_each_byte() {
        for page in code_pages::ALL {
            assert_eq!(page.high.chars().count(), 128, "{}", page.name);
        }
    }

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
