//! Pages of several charsets: UTF-8 with stray bytes, or parts pasted in from elsewhere.
//!
//! Valid sequences of UTF-8 hardly ever arise by chance, so a page that has many of them is UTF-8
//! wherever it can be. A line that is not valid is UTF-8 with stray bytes if most of it is valid, and
//! otherwise in whatever charset all such lines together are detected to be in.

use std::borrow::Cow;
use std::collections::BTreeMap;

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};

use super::{Decoded, FoundBy, Hints, Piece, detect, legacy};

/// After this many bytes without a sign of UTF-8 a page is taken to be in one legacy charset.
const GAUGED: usize = 1 << 20;

/// Reads a page that is not valid UTF-8 piece by piece, if it holds enough UTF-8 to be called mixed.
pub fn read<'a>(bytes: &'a [u8], hints: &Hints, declared: Option<&'static Encoding>) -> Option<Decoded<'a>> {
    let mut whole = Tally::default();
    let mut seen = 0;
    let mut foreign = Vec::new();
    for line in lines(bytes) {
        seen += line.len();
        let tally = Tally::of(line);
        whole.valid += tally.valid;
        whole.stray += tally.stray;
        whole.cut += tally.cut;
        if tally.is_foreign() {
            if foreign.len() < detect::LOOKED_AT {
                foreign.extend_from_slice(line);
            }
            whole.foreign += tally.stray + tally.valid;
        }
        if seen > GAUGED && whole.valid * 20 < whole.stray {
            return None;
        }
    }
    let utf8 = whole.valid.saturating_sub(whole.foreign / 8);
    if utf8 == 0 && !(whole.stray == 0 && whole.cut > 0 && foreign.is_empty()) || utf8 * 20 < whole.stray {
        return None;
    }
    let elsewhere = if foreign.is_empty() {
        WINDOWS_1252
    } else {
        detect::detect_with(&foreign, hints, declared.filter(|&charset| charset != UTF_8)).charset
    };
    let found_by = if declared == Some(UTF_8) { FoundBy::Declared } else { FoundBy::Utf8 };
    Some(piecewise(bytes, elsewhere, found_by))
}

/// Reads a page that a byte order mark says is UTF-8, whatever is in it.
pub fn read_utf8<'a>(bytes: &'a [u8], found_by: FoundBy) -> Decoded<'a> {
    match simdutf8::basic::from_utf8(bytes) {
        Ok(text) => Decoded {
            text: Cow::Borrowed(text),
            charset: UTF_8.name(),
            found_by,
            sure: 1000,
            unreadable: 0,
            pieces: Vec::new(),
        },
        Err(_) => piecewise(bytes, WINDOWS_1252, found_by),
    }
}

/// How much of a line is UTF-8.
#[derive(Debug, Default, Clone, Copy)]
struct Tally {
    /// Sequences of two bytes and more.
    valid: usize,
    /// Bytes that are part of no sequence.
    stray: usize,
    /// Sequences that start well and are cut short.
    cut: usize,
    /// Characters beyond ASCII in lines that are not UTF-8.
    foreign: usize,
}

impl Tally {
    fn of(line: &[u8]) -> Tally {
        let mut tally = Tally::default();
        if line.is_ascii() {
            return tally;
        }
        for chunk in line.utf8_chunks() {
            tally.valid += chunk.valid().bytes().filter(|&byte| byte >= 0xC0).count();
            match chunk.invalid() {
                [] => {}
                [_] => tally.stray += 1,
                _ => tally.cut += 1,
            }
        }
        tally
    }

    /// Whether the line is in another charset, rather than UTF-8 with stray bytes.
    fn is_foreign(&self) -> bool {
        self.stray > 0 && self.stray + self.cut > self.valid
    }
}

/// The raw lines, each with its end.
fn lines(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let end = memchr::memchr2(b'\n', b'\r', rest).map_or(rest.len(), |at| at + 1);
        let (line, after) = rest.split_at(end);
        rest = after;
        Some(line)
    })
}

/// Reads every line as what it is: UTF-8, UTF-8 with strays of windows-1252, or `elsewhere`.
fn piecewise<'a>(bytes: &'a [u8], elsewhere: &'static Encoding, found_by: FoundBy) -> Decoded<'a> {
    let mut text = String::with_capacity(bytes.len() + bytes.len() / 8);
    let mut unreadable = 0;
    let mut parts: BTreeMap<&'static str, u64> = BTreeMap::new();
    let mut read = 0;
    for line in lines(bytes) {
        read += line.len();
        match simdutf8::basic::from_utf8(line) {
            Ok(line) => {
                text.push_str(line);
                *parts.entry(UTF_8.name()).or_default() += line.len() as u64;
            }
            Err(_) if Tally::of(line).is_foreign() => {
                let (line_text, lost) = legacy::text(line, elsewhere);
                text.push_str(&line_text);
                unreadable += lost;
                *parts.entry(elsewhere.name()).or_default() += line.len() as u64;
            }
            Err(_) => {
                for chunk in line.utf8_chunks() {
                    text.push_str(chunk.valid());
                    *parts.entry(UTF_8.name()).or_default() += chunk.valid().len() as u64;
                    match chunk.invalid() {
                        [] => {}
                        stray @ [byte] if read < bytes.len() || *byte < 0xC2 || !line.ends_with(stray) => {
                            text.push_str(&legacy::text(stray, WINDOWS_1252).0);
                            *parts.entry(WINDOWS_1252.name()).or_default() += 1;
                        }
                        cut => {
                            text.push(char::REPLACEMENT_CHARACTER);
                            unreadable += cut.len() as u64;
                        }
                    }
                }
            }
        }
    }
    let most = parts.iter().max_by_key(|&(_, bytes)| *bytes).map_or(UTF_8.name(), |(name, _)| name);
    let pieces = if parts.len() > 1 {
        parts.iter().map(|(&charset, &bytes)| Piece { charset: Cow::Borrowed(charset), bytes }).collect()
    } else {
        Vec::new()
    };
    Decoded { text: Cow::Owned(text), charset: most, found_by, sure: 950, unreadable, pieces }
}
