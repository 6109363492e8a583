//! Text, and tags that are written as most are, found by search.

use std::borrow::Cow;
use std::ops::Range;

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
        let mut next = match read_tag(text, from, tokens) {
            Some(tag) => {
                tokens.lines.position = tag.end;
                tokens.hand_on(&tag.name, text)
            }
            None => gum::read_one(&text[from..], State::Data, tokens),
        };
        while let Some(state) = next {
            next = read_raw(&text[tokens.lines.position..], state, tokens);
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
        None => take_text(text, tokens),
    }
}

fn take_text(text: &str, tokens: &mut Tokens) {
    tokens.lines.position += text.len();
    if tokens.page.takes_text() && !text.is_empty() {
        tokens.page.text(text, &mut tokens.lines);
    }
}

/// What stands in an element whose content is no markup, up to its end tag. What has references or comments is left to
/// html5gum.
fn read_raw(text: &str, state: State, tokens: &mut Tokens) -> Option<State> {
    let has_comments = matches!(state, State::ScriptData);
    if !has_comments && !matches!(state, State::RawText) {
        return gum::read_one(text, state, tokens);
    }
    let bytes = text.as_bytes();
    for at in memchr::memchr_iter(b'<', bytes) {
        let rest = &bytes[at + 1..];
        if has_comments && rest.starts_with(b"!--") {
            return gum::read_one(text, state, tokens);
        }
        let name = rest.strip_prefix(b"/").and_then(|rest| rest.split_at_checked(tokens.last.len()));
        let ends = name.is_some_and(|(name, rest)| {
            name.eq_ignore_ascii_case(&tokens.last) && rest.first().is_some_and(|&byte| ends_name(byte))
        });
        if ends {
            take_text(&text[..at], tokens);
            return None;
        }
    }
    take_text(text, tokens);
    None
}

/// A tag whose attributes stand in `Tokens`.
struct Tag<'t> {
    name: Cow<'t, str>,
    /// Where it ends.
    end: usize,
}

/// Reads the tag that begins at `from`; `None` where it is no tag, has no end, or says something with a reference that
/// somebody asks for.
fn read_tag<'t>(text: &'t str, from: usize, tokens: &mut Tokens) -> Option<Tag<'t>> {
    let bytes = text.as_bytes();
    let is_end_tag = bytes.get(from + 1) == Some(&b'/');
    let start = from + 1 + usize::from(is_end_tag);
    if !bytes.get(start)?.is_ascii_alphabetic() {
        return None;
    }
    tokens.begin_tag(is_end_tag);
    let mut at = start + bytes[start..].iter().position(|&byte| ends_name(byte))?;
    let name = in_lower_case(&text[start..at]);
    loop {
        at = after_space(bytes, at)?;
        match bytes[at] {
            b'>' => return Some(Tag { name, end: at + 1 }),
            b'/' if bytes.get(at + 1) == Some(&b'>') => {
                tokens.closes_itself = true;
                return Some(Tag { name, end: at + 2 });
            }
            b'/' => at += 1,
            b'=' => return None,
            _ => at = read_attribute(text, at, tokens)?,
        }
    }
}

fn in_lower_case(name: &str) -> Cow<'_, str> {
    match name.bytes().any(|byte| byte.is_ascii_uppercase()) {
        true => name.to_ascii_lowercase().into(),
        false => name.into(),
    }
}

/// Reads the attribute at `at`, and says where it ends.
fn read_attribute(text: &str, at: usize, tokens: &mut Tokens) -> Option<usize> {
    let bytes = text.as_bytes();
    let name_end = at + bytes[at..].iter().position(|&byte| ends_attribute_name(byte))?;
    let sign = after_space(bytes, name_end)?;
    let (value, end) = match bytes[sign] {
        b'=' => value(bytes, after_space(bytes, sign + 1)?)?,
        _ => (name_end..name_end, name_end),
    };
    if tokens.is_end_tag {
        return Some(end);
    }
    // Of several attributes of a name the first counts.
    let asked = Asked::of(in_lower_case(&text[at..name_end]).as_bytes());
    if let Some(asked) = asked.filter(|asked| tokens.attributes.iter().all(|(known, _)| known != asked)) {
        if memchr::memchr(b'&', &bytes[value.clone()]).is_some() {
            return None;
        }
        tokens.attributes.push((asked, value));
    }
    Some(end)
}

/// The value of an attribute that begins at `at`, and where the attribute ends.
fn value(bytes: &[u8], at: usize) -> Option<(Range<usize>, usize)> {
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
