//! Bytes to text: which charset a page is in, and how sure that is.
//!
//! The order of trust is a byte order mark, the user's word, a declaration that the bytes agree with,
//! valid UTF-8, UTF-16 or UTF-32 without a mark, and detection. Files of several charsets are read
//! piece by piece. What is wrong with the text once it is text is for [`super::repair`] to mend.

mod declared;
mod detect;
mod legacy;
mod pieces;
mod surrogates;
mod wide;

use std::borrow::Cow;

pub use detect::{Guess, LOOKED_AT, detect};
use encoding_rs::{Encoding, ISO_2022_JP, UTF_8};
pub(crate) use surrogates::join as join_surrogates;

pub use crate::charset::TextEncoding;
pub use crate::manifest::{CharsetSource, Piece};

/// What is known of a page's charset before its bytes are looked at.
#[derive(Debug, Clone, Copy, Default)]
pub struct Hints<'a> {
    /// The user's word for the page's host or path; only a byte order mark beats it.
    pub given: Option<TextEncoding>,
    /// A label that came with the page: a sidecar file or an HTTP header. It is used where the bytes
    /// agree with it; one inside the page (`<meta>`, `<?xml`) is found without help.
    pub declared: Option<&'a str>,
    /// The top-level domain of the page's site, lower case, ASCII: `cz`, `xn--p1ai`.
    pub tld: Option<&'a str>,
    /// What the site's other pages are in, from a frozen survey.
    pub site: Option<TextEncoding>,
    /// The page's language where it was told (a BCP 47 tag, such as `hu` or `pt-BR`); what an HTML page says of its
    /// language itself is found without help.
    pub language: Option<&'a str>,
}

/// A page's text, and how it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decoded<'a> {
    /// The text, without byte order mark; borrowed where the bytes are UTF-8 already.
    pub text: Cow<'a, str>,
    /// The charset's WHATWG name (or that of what the standard lacks: `UTF-32LE`, `IBM437`, `VISCII`); where a
    /// page is of several, the one that most of it is in.
    pub charset: &'static str,
    /// What told the charset.
    pub found_by: CharsetSource,
    /// How sure that is, in thousandths.
    pub sure: u16,
    /// How many bytes could not be read; U+FFFD stands for them.
    pub unreadable: u64,
    /// The parts of a page of several charsets, in the order of their names; empty for all others.
    pub pieces: Vec<Piece>,
}

/// Reads a page's bytes as text.
///
/// Never fails: what cannot be read becomes U+FFFD and is counted. Takes time linear in the bytes;
/// borrows where they are valid UTF-8.
pub fn decode<'a>(bytes: &'a [u8], hints: &Hints) -> Decoded<'a> {
    if let Some(decoded) = by_mark(bytes) {
        return decoded;
    }
    if let Some(given) = hints.given {
        return legacy::read(bytes, given, CharsetSource::Given, SURE);
    }
    let valid = simdutf8::basic::from_utf8(bytes).ok();
    if (valid.is_none() || memchr::memchr(0, bytes).is_some())
        && let Some(shape) = wide::shape(bytes)
    {
        return wide::read(bytes, shape, CharsetSource::Shape);
    }
    let hints = &Hints { language: hints.language.or_else(|| declared::language(bytes)), ..*hints };
    if let Some(text) = valid {
        return of_utf8(bytes, text, hints);
    }
    let declared = declared::label(bytes, hints.declared);
    if let Some(read) = surrogates::read(bytes, declared == Some(UTF_8.into())) {
        return read;
    }
    if let Some(mixed) = pieces::read(bytes, hints, declared) {
        return mixed;
    }
    let guess = detect::detect_with(bytes, hints, declared.filter(|&charset| charset != UTF_8));
    let found_by = if Some(guess.charset) == declared { CharsetSource::Declared } else { CharsetSource::Detected };
    legacy::read(bytes, guess.charset, found_by, guess.sure)
}

/// Whether bytes have the shape of UTF-16 or UTF-32, in which bytes of zero and controls are parts of letters.
pub(crate) fn has_wide_shape(bytes: &[u8]) -> bool {
    wide::shape(bytes).is_some()
}

/// As sure as can be, in thousandths.
const SURE: u16 = 1000;

/// The text after a byte order mark, which settles the charset.
fn by_mark(bytes: &[u8]) -> Option<Decoded<'_>> {
    if let Some(shape) = wide::marked(bytes) {
        return Some(wide::read(&bytes[4..], shape, CharsetSource::Bom));
    }
    let (charset, length) = Encoding::for_bom(bytes)?;
    let rest = &bytes[length..];
    Some(if charset == UTF_8 {
        match simdutf8::basic::from_utf8(rest).is_err().then(|| surrogates::read(rest, true)).flatten() {
            Some(read) => Decoded { found_by: CharsetSource::Bom, sure: SURE, ..read },
            None => pieces::read_utf8(rest, CharsetSource::Bom),
        }
    } else {
        legacy::read(rest, charset, CharsetSource::Bom, SURE)
    })
}

/// Valid UTF-8: it is what it seems to be, unless it is the seven-bit form of Japanese. A declaration
/// of something else is wrong if there is any character beyond ASCII, and changes nothing if not.
fn of_utf8<'a>(bytes: &'a [u8], text: &'a str, hints: &Hints) -> Decoded<'a> {
    if memchr::memmem::find(bytes, b"\x1b$").is_some() && text.is_ascii() {
        let japanese = legacy::read(bytes, ISO_2022_JP, CharsetSource::Shape, SURE);
        if japanese.unreadable == 0 && !japanese.text.is_ascii() {
            return japanese;
        }
    }
    let declared = declared::label(bytes, hints.declared) == Some(UTF_8.into());
    if !declared && let Some(legacy) = pieces::valid_by_chance(bytes, text, hints) {
        return legacy;
    }
    Decoded {
        text: Cow::Borrowed(text),
        charset: UTF_8.name(),
        found_by: if declared { CharsetSource::Declared } else { CharsetSource::Utf8 },
        sure: SURE,
        unreadable: 0,
        pieces: Vec::new(),
    }
}
