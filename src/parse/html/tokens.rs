//! Takes what the tokenizer finds, byte by byte, and hands it on as tags and text.
//!
//! The tokenizer is html5gum's. It owns no strings: what an attribute says that nobody asks for, and the text of scripts
//! and styles, is passed over where it stands.

use std::borrow::Cow;
use std::convert::Infallible;
use std::ops::Range;

use html5gum::{Emitter, Error, State, Tokenizer};

use super::Reader;
use super::attributes::asked_for;
use super::writer::line_ends;

/// A start tag, with the attributes that somebody asks for.
#[derive(Debug, Clone, Copy)]
pub(super) struct StartTag<'t> {
    pub name: &'t str,
    pub closes_itself: bool,
    values: &'t str,
    attributes: &'t [Attribute],
}

/// An attribute's name, and where its value stands among those of its tag.
type Attribute = (&'static str, Range<usize>);

impl<'t> StartTag<'t> {
    /// Its attributes in their order, each once.
    pub(super) fn attributes(&self) -> impl Iterator<Item = (&'static str, &'t str)> {
        let values = self.values;
        self.attributes.iter().map(move |(name, value)| (*name, &values[value.clone()]))
    }

    /// The value of an attribute.
    pub(super) fn value(&self, name: &str) -> Option<&'t str> {
        self.attributes().find(|(known, _)| *known == name).map(|(_, value)| value)
    }
}

/// Reads a text into `page`. Never fails: whatever is wrong with it is read as browsers read it.
pub(super) fn read(text: &str, page: &mut Reader) {
    let text = normalized(text);
    let Ok(()) = Tokenizer::new_with_emitter(&*text, Tokens::of(&text, page)).finish();
}

/// A text without a byte order mark, its line ends plain (HTML Standard, 13.2.3.5).
fn normalized(text: &str) -> Cow<'_, str> {
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    match memchr::memchr(b'\r', text.as_bytes()) {
        Some(_) => text.replace("\r\n", "\n").replace('\r', "\n").into(),
        None => text.into(),
    }
}

/// The raw lines of a text, counted as far as somebody asks.
pub(super) struct RawLines<'t> {
    text: &'t [u8],
    /// Up to where the text has been read.
    position: usize,
    /// Up to where its line ends have been counted, and the line there.
    counted: usize,
    line: u32,
}

impl RawLines<'_> {
    /// The line up to which the text has been read.
    pub(super) fn here(&mut self) -> u32 {
        self.line += line_ends(&self.text[self.counted..self.position]);
        self.counted = self.position;
        self.line
    }
}

/// The tag or the text under way.
struct Tokens<'t> {
    page: &'t mut Reader,
    lines: RawLines<'t>,
    /// Whether there is any NUL, which is no text.
    has_nul: bool,
    /// The start of a character that has not come whole.
    part: Vec<u8>,
    is_end_tag: bool,
    closes_itself: bool,
    name: Vec<u8>,
    /// The name of the last start tag.
    last: Vec<u8>,
    /// The name of the attribute under way, and where its value begins among those of the tag.
    attribute: Vec<u8>,
    from: usize,
    /// Whether somebody asks for it: known when its value begins.
    asked: Option<&'static str>,
    attributes: Vec<Attribute>,
    values: Vec<u8>,
}

impl<'t> Tokens<'t> {
    fn of(text: &'t str, page: &'t mut Reader) -> Tokens<'t> {
        Tokens {
            page,
            lines: RawLines { text: text.as_bytes(), position: 0, counted: 0, line: 1 },
            has_nul: memchr::memchr(0, text.as_bytes()).is_some(),
            part: Vec::new(),
            is_end_tag: false,
            closes_itself: false,
            name: Vec::new(),
            last: Vec::new(),
            attribute: Vec::new(),
            from: 0,
            asked: None,
            attributes: Vec::new(),
            values: Vec::new(),
        }
    }

    fn take_text(&mut self, bytes: &[u8]) {
        // The tokenizer hands on the first byte of a character by itself where it had to look at it before.
        if !self.part.is_empty() {
            self.part.extend_from_slice(bytes);
            let part = std::mem::take(&mut self.part);
            return match str::from_utf8(&part) {
                Ok(text) => self.page.text(text, &mut self.lines),
                Err(_) => self.part = part,
            };
        }
        match simdutf8::basic::from_utf8(bytes) {
            Ok(text) => self.page.text(text, &mut self.lines),
            Err(_) => self.part.extend_from_slice(bytes),
        }
    }

    fn begin_tag(&mut self, is_end_tag: bool) {
        self.is_end_tag = is_end_tag;
        self.closes_itself = false;
        self.name.clear();
        self.attribute.clear();
        self.attributes.clear();
        self.values.clear();
    }

    /// Of several attributes of a name the first counts. An end tag has none.
    fn end_attribute(&mut self) {
        // One without a value has not been settled.
        if !self.attribute.is_empty() {
            self.settle_attribute();
        }
        if let Some(name) = self.asked.take() {
            self.attributes.push((name, self.from..self.values.len()));
        }
    }

    /// Whether somebody asks for the attribute under way.
    fn settle_attribute(&mut self) {
        let asked = asked_for(&self.attribute).filter(|_| !self.is_end_tag);
        self.asked = asked.filter(|asked| self.attributes.iter().all(|(known, _)| known != asked));
        self.from = self.values.len();
        self.attribute.clear();
    }
}

impl Emitter for Tokens<'_> {
    type Token = Infallible;

    fn set_last_start_tag(&mut self, name: Option<&[u8]>) {
        self.last.clear();
        self.last.extend_from_slice(name.unwrap_or_default());
    }

    fn emit_eof(&mut self) {}

    fn emit_error(&mut self, _: Error) {}

    #[inline]
    fn should_emit_errors(&mut self) -> bool {
        false
    }

    #[inline]
    fn pop_token(&mut self) -> Option<Infallible> {
        None
    }

    #[inline]
    fn emit_string(&mut self, bytes: &[u8]) {
        if !self.page.takes_text() {
            return;
        }
        match self.has_nul {
            true => {
                bytes.split(|byte| *byte == 0).filter(|bytes| !bytes.is_empty()).for_each(|bytes| self.take_text(bytes))
            }
            false => self.take_text(bytes),
        }
    }

    fn init_start_tag(&mut self) {
        self.begin_tag(false);
    }

    fn init_end_tag(&mut self) {
        self.begin_tag(true);
    }

    fn emit_current_tag(&mut self) -> Option<State> {
        self.end_attribute();
        // Both are made of whole characters of a text.
        let name = str::from_utf8(&self.name).unwrap_or_default();
        if self.is_end_tag {
            self.page.end_tag(name);
            return None;
        }
        self.last.clone_from(&self.name);
        let values = str::from_utf8(&self.values).unwrap_or_default();
        let (closes_itself, attributes) = (self.closes_itself, &*self.attributes);
        self.page.start(&StartTag { name, closes_itself, values, attributes })
    }

    fn set_self_closing(&mut self) {
        self.closes_itself = true;
    }

    fn push_tag_name(&mut self, name: &[u8]) {
        self.name.extend_from_slice(name);
    }

    fn init_attribute(&mut self) {
        self.end_attribute();
    }

    fn push_attribute_name(&mut self, name: &[u8]) {
        self.attribute.extend_from_slice(name);
    }

    fn init_attribute_value(&mut self) {
        self.settle_attribute();
    }

    #[inline]
    fn push_attribute_value(&mut self, value: &[u8]) {
        if self.asked.is_some() {
            self.values.extend_from_slice(value);
        }
    }

    fn init_comment(&mut self) {}

    #[inline]
    fn push_comment(&mut self, _: &[u8]) {}

    fn emit_current_comment(&mut self) {
        self.page.comment();
    }

    fn init_doctype(&mut self) {}

    fn emit_current_doctype(&mut self) {}

    fn set_force_quirks(&mut self) {}

    fn push_doctype_name(&mut self, _: &[u8]) {}

    fn set_doctype_public_identifier(&mut self, _: &[u8]) {}

    fn set_doctype_system_identifier(&mut self, _: &[u8]) {}

    fn push_doctype_public_identifier(&mut self, _: &[u8]) {}

    fn push_doctype_system_identifier(&mut self, _: &[u8]) {}

    fn current_is_appropriate_end_tag_token(&mut self) -> bool {
        self.is_end_tag && !self.last.is_empty() && self.last == self.name
    }

    fn adjusted_current_node_present_but_not_in_html_namespace(&mut self) -> bool {
        self.page.is_in_foreign_element()
    }

    #[inline]
    fn move_position(&mut self, offset: isize) {
        self.lines.position = self.lines.position.saturating_add_signed(offset);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_ends_are_plain_and_a_mark_of_byte_order_is_no_text() {
        for (text, expected) in [
            ("\u{FEFF}a\r\nb\rc\n", "a\nb\nc\n"),
            ("\u{FEFF}\u{FEFF}a", "\u{FEFF}a"),
            ("a\r\r\nb", "a\n\nb"),
            ("plain", "plain"),
        ] {
            assert_eq!(normalized(text), expected, "{text:?}");
        }
    }
}
