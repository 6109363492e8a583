//! Pages of several charsets: UTF-8 with stray bytes, or parts pasted in from elsewhere.
//!
//! Valid sequences of UTF-8 hardly ever arise by chance, so a page that has many of them is UTF-8
//! wherever it can be. A line that is not valid is UTF-8 with stray bytes if most of it is valid, and
//! otherwise in whatever charset all such lines together are detected to be in.

use std::borrow::Cow;
use std::collections::BTreeMap;

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};

use super::{CharsetSource, Decoded, Hints, Piece, detect, legacy};
use crate::charset::{self, TextEncoding};
use crate::parse::letters::{self, Class, Cost, NAT};

/// After this many bytes with hardly a sign of UTF-8 a page is taken to be in one legacy charset.
const GAUGED: usize = 1 << 20;

/// Reads a page that is not valid UTF-8 piece by piece, if it holds enough UTF-8 to be called mixed.
pub(super) fn read<'a>(bytes: &'a [u8], hints: &Hints, declared: Option<TextEncoding>) -> Option<Decoded<'a>> {
    let mut whole = Tally::default();
    let mut seen = 0;
    let mut foreign = Vec::new();
    let mut own = Vec::new();
    for line in lines(bytes) {
        seen += line.len();
        let tally = Tally::of(line);
        whole.valid += tally.valid;
        whole.stray += tally.stray;
        whole.cut += tally.cut;
        let (into, most) = match () {
            () if tally.is_foreign() => (&mut foreign, detect::LOOKED_AT),
            () if tally.valid + tally.stray + tally.cut > 0 => (&mut own, COMPARED),
            () => continue,
        };
        into.extend_from_slice(&line[..line.len().min(most.saturating_sub(into.len()))]);
        if seen > GAUGED && whole.valid * 20 < whole.stray {
            return None;
        }
    }
    let is_cut_only = whole.valid == 0 && whole.stray == 0;
    if whole.valid == 0 && !is_cut_only {
        return None;
    }
    let declared = declared.filter(|&charset| charset != UTF_8);
    let elsewhere =
        if foreign.is_empty() { WINDOWS_1252.into() } else { detect::detect_with(&foreign, hints, declared).charset };
    // Where there are lines in a legacy charset, the burden of proof is on those that are not.
    let (all_in_one, bonus) = match foreign.is_empty() {
        true => (detect::detect_with(&own, hints, declared).charset, UTF_8_BONUS * (whole.valid.min(10) as Cost)),
        false => (elsewhere, -6 * UTF_8_BONUS),
    };
    let (in_pieces, in_one) = (piecewise(&own, elsewhere, CharsetSource::Utf8).text, charset::text(&own, all_in_one).0);
    if letters::least_cost(&in_one) + bonus < letters::least_cost(&in_pieces) {
        return None;
    }
    let found_by = if declared == Some(UTF_8.into()) { CharsetSource::Declared } else { CharsetSource::Utf8 };
    Some(piecewise(bytes, elsewhere, found_by))
}

/// How much of a page is read both ways to see which reads better, in bytes.
const COMPARED: usize = 8 * 1024;
/// What a valid sequence of UTF-8 counts for, besides the text that it makes: it is not often that
/// one arises by chance.
const UTF_8_BONUS: Cost = 2 * NAT;

/// More sequences of UTF-8 than this do not arise by chance.
const CHANCES: usize = 3;
/// How far around such sequences both readings are compared, in bytes.
const AROUND: usize = 256;
/// The least byte that starts a sequence of three or more.
const FIRST_OF_THREE: u8 = 0xE0;

/// Reads a page of valid UTF-8 in the legacy charset that it is in for all that, if what makes it
/// look like UTF-8 is a sequence or two that read far worse than as two letters each. What reads as a
/// Latin letter in UTF-8 is two unlikely ones in any other charset, so there is nothing to compare.
pub(super) fn valid_by_chance<'a>(bytes: &'a [u8], text: &str, hints: &Hints) -> Option<Decoded<'a>> {
    let mut sequences = Vec::with_capacity(CHANCES);
    let mut at = Encoding::ascii_valid_up_to(bytes);
    while at < bytes.len() {
        if bytes[at] >= FIRST_OF_THREE || sequences.len() == CHANCES {
            return None;
        }
        sequences.push(at);
        at += 2;
        at += Encoding::ascii_valid_up_to(&bytes[at..]);
    }
    let (&first, &last) = (sequences.first()?, sequences.last()?);
    let mut says = sequences.iter().filter_map(|&at| text[at..].chars().next());
    // Nor is a C1 control two letters of a language: it is a byte that was read as Latin-1.
    let is_plain =
        |c: char| c.is_control() || matches!(letters::class_of(c), Class::Latin | Class::LatinUpper | Class::Sign);
    if says.all(is_plain) {
        return None;
    }
    let (start, end) = (first.saturating_sub(AROUND), last.saturating_add(AROUND).min(bytes.len()));
    let near = &bytes[start..end];
    let guess = detect::detect(near, hints);
    let legacy = charset::text(near, guess.charset).0;
    let valid = String::from_utf8_lossy(near);
    (letters::least_cost(&legacy) + 4 * UTF_8_BONUS < letters::least_cost(&valid))
        .then(|| legacy::read(bytes, guess.charset, CharsetSource::Detected, guess.sure))
}

/// Reads a page that a byte order mark says is UTF-8, whatever is in it.
pub(super) fn read_utf8<'a>(bytes: &'a [u8], found_by: CharsetSource) -> Decoded<'a> {
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
fn piecewise(bytes: &[u8], elsewhere: impl Into<TextEncoding>, found_by: CharsetSource) -> Decoded<'static> {
    let elsewhere = elsewhere.into();
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
                let (line_text, lost) = charset::text(line, elsewhere);
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
                            text.push_str(&charset::text(stray, WINDOWS_1252).0);
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
