//! Text, and tags that are written as most are, found by search.

use html5gum::State;

use super::{Asked, Tokens, gum};

/// Reads a text without NUL.
pub(super) fn read(text: &str, tokens: &mut Tokens) {
    let bytes = text.as_bytes();
    while tokens.lines.position < bytes.len() {
        let from = tokens.lines.position;
        let to = memchr::memchr(b'<', &bytes[from..]).map_or(bytes.len(), |length| from + length);
        if from < to {
            read_text(&text[from..to], tokens);
            tokens.lines.position = to;
            continue;
        }
        let mut next = match read_tag(&text[from..], tokens) {
            Some(length) => {
                tokens.lines.position = from + length;
                tokens.end_tag()
            }
            None => gum::read_one(&text[from..], State::Data, tokens),
        };
        while let Some(state) = next {
            next = gum::read_one(&text[tokens.lines.position..], state, tokens);
        }
    }
}

/// Text up to a tag: references in it end before the tag at the latest.
fn read_text(text: &str, tokens: &mut Tokens) {
    if !tokens.page.takes_text() {
        return;
    }
    match memchr::memchr(b'&', text.as_bytes()) {
        Some(_) => _ = gum::read_one(text, State::Data, tokens),
        None => {
            tokens.lines.position += text.len();
            tokens.page.text(text, &mut tokens.lines);
        }
    }
}

/// Reads the tag that a text begins with, and says how long it is; `None` where it is no tag, has no end, or says something
/// with a reference that somebody asks for.
fn read_tag(text: &str, tokens: &mut Tokens) -> Option<usize> {
    let bytes = text.as_bytes();
    let is_end_tag = bytes.get(1) == Some(&b'/');
    let start = 1 + usize::from(is_end_tag);
    if !bytes.get(start)?.is_ascii_alphabetic() {
        return None;
    }
    tokens.begin_tag(is_end_tag);
    let mut at = start + bytes[start..].iter().position(|&byte| ends_name(byte))?;
    tokens.name.extend(bytes[start..at].iter().map(u8::to_ascii_lowercase));
    loop {
        at = after_space(bytes, at)?;
        match bytes[at] {
            b'>' => return Some(at + 1),
            b'/' if bytes.get(at + 1) == Some(&b'>') => {
                tokens.closes_itself = true;
                return Some(at + 2);
            }
            b'/' => at += 1,
            b'=' => return None,
            _ => at = read_attribute(text, at, tokens)?,
        }
    }
}

/// Reads the attribute at `at`, and says where it ends.
fn read_attribute(text: &str, at: usize, tokens: &mut Tokens) -> Option<usize> {
    let bytes = text.as_bytes();
    let name_end = at + bytes[at..].iter().position(|&byte| ends_attribute_name(byte))?;
    let name = &bytes[at..name_end];
    let sign = after_space(bytes, name_end)?;
    let (value, end) = match bytes[sign] {
        b'=' => value(bytes, after_space(bytes, sign + 1)?)?,
        _ => (name_end..name_end, name_end),
    };
    if tokens.is_end_tag {
        return Some(end);
    }
    let asked = match name.iter().any(u8::is_ascii_uppercase) {
        true => Asked::of(&name.to_ascii_lowercase()),
        false => Asked::of(name),
    };
    // Of several attributes of a name the first counts.
    if let Some(asked) = asked.filter(|asked| tokens.attributes.iter().all(|(known, _)| known != asked)) {
        let value = &bytes[value];
        if memchr::memchr(b'&', value).is_some() {
            return None;
        }
        let from = tokens.values.len();
        tokens.values.extend_from_slice(value);
        tokens.attributes.push((asked, from..tokens.values.len()));
    }
    Some(end)
}

/// The value of an attribute that begins at `at`, and where the attribute ends.
fn value(bytes: &[u8], at: usize) -> Option<(std::ops::Range<usize>, usize)> {
    match bytes[at] {
        quote @ (b'"' | b'\'') => {
            let end = at + 1 + memchr::memchr(quote, &bytes[at + 1..])?;
            Some((at + 1..end, end + 1))
        }
        b'>' => None,
        _ => {
            let end = at + bytes[at..].iter().position(|&byte| is_space(byte) || byte == b'>')?;
            Some((at..end, end))
        }
    }
}

/// The first byte from `at` on that is no white space.
fn after_space(bytes: &[u8], mut at: usize) -> Option<usize> {
    while is_space(*bytes.get(at)?) {
        at += 1;
    }
    Some(at)
}

/// White space in a tag (HTML Standard, 13.2.5.32).
fn is_space(byte: u8) -> bool {
    CLASSES[byte as usize] & SPACE != 0
}

/// Whether a byte ends the name of an element.
fn ends_name(byte: u8) -> bool {
    CLASSES[byte as usize] & (SPACE | END) != 0
}

/// Whether a byte ends the name of an attribute.
fn ends_attribute_name(byte: u8) -> bool {
    CLASSES[byte as usize] != 0
}

/// A byte that is white space in a tag; one that ends it; the one before a value.
const SPACE: u8 = 1;
const END: u8 = 2;
const SIGN: u8 = 4;

/// What each byte is in a tag.
static CLASSES: [u8; 256] = {
    let mut classes = [0; 256];
    (classes[b' ' as usize], classes[b'\n' as usize]) = (SPACE, SPACE);
    (classes[b'\t' as usize], classes[0x0C]) = (SPACE, SPACE);
    (classes[b'/' as usize], classes[b'>' as usize], classes[b'=' as usize]) = (END, END, SIGN);
    classes
};
