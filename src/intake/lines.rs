//! Divides a text into blocks: a line of plain text each. Blank lines are gaps, not blocks.
//!
//! White space is levelled here, since it needs to know where a line starts: runs of spaces inside a line
//! become one, trailing white space goes, leading indentation stays. The ideographic space (U+3000) stays what
//! it is, since the width of characters is taste.

use memchr::memmem::Finder;

use crate::page::{Block, Place};

/// A text divided into blocks.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Divided {
    /// The blocks' text, one block a line.
    pub text: String,
    /// The blocks, in their order.
    pub blocks: Vec<Block>,
    /// Runs of white space that became one space, and white space taken from the end of a line.
    pub levelled: u64,
    /// Kinds of space (NBSP and its like) that became a plain one.
    pub spaces: u64,
}

/// Divides a decoded text. Raw lines end at LF, CRLF or CR; VT, FF, NEL, LS and PS divide blocks too, but
/// do not count as raw lines.
pub fn divide(text: &str) -> Divided {
    let mut divided = Divided { text: String::with_capacity(text.len() + 1), ..Divided::default() };
    let has_inner_ends = has_inner_line_ends(text);
    let mut uneven = Uneven::of(text);
    let mut after_gap = true;
    for (number, (at, raw)) in raw_lines(text).enumerate() {
        let line = number as u32 + 1;
        if has_inner_ends && raw.contains(is_inner_line_end) {
            let mut column = 1;
            for piece in raw.split(is_inner_line_end) {
                let chars = piece.chars().count() as u32;
                let columns = Some((column, column + chars.saturating_sub(1)));
                column += chars + 1;
                after_gap = !divided.push(piece, true, Place { line, columns, after_gap });
            }
        } else {
            let is_uneven = uneven.is_within(at, at + raw.len());
            after_gap = !divided.push(raw, is_uneven, Place { line, columns: None, after_gap });
        }
    }
    divided
}

impl Divided {
    /// Adds a line with its white space levelled, where it may be uneven; `false`, and nothing added, where it is
    /// blank.
    fn push(&mut self, line: &str, may_be_uneven: bool, place: Place) -> bool {
        let start = self.text.len() as u32;
        if !may_be_uneven && !line.is_empty() && !line.ends_with(char::is_whitespace) {
            self.text.push_str(line);
        } else if !level(line, self) {
            return false;
        }
        let span = start..self.text.len() as u32;
        self.text.push('\n');
        self.blocks.push(Block { span, place });
        true
    }
}

/// The next places of a text where white space stands that is not a single plain space between words. Each kind is
/// sought by itself, and no further than the text was read.
struct Uneven<'t> {
    text: &'t str,
    double: Finder<'static>,
    next: [usize; 3],
}

impl<'t> Uneven<'t> {
    fn of(text: &'t str) -> Uneven<'t> {
        let mut uneven = Uneven { text, double: Finder::new("  "), next: [0; 3] };
        uneven.next = [0, 1, 2].map(|kind| uneven.find(kind, 0));
        uneven
    }

    /// Whether any stands within a line; lines are asked for in their order.
    fn is_within(&mut self, start: usize, end: usize) -> bool {
        for kind in 0..self.next.len() {
            if self.next[kind] < start {
                self.next[kind] = self.find(kind, start);
            }
        }
        self.next.iter().any(|&next| next < end)
    }

    fn find(&self, kind: usize, from: usize) -> usize {
        let bytes = &self.text.as_bytes()[from..];
        let found = match kind {
            0 => self.double.find(bytes),
            1 => memchr::memchr(b'\t', bytes),
            // The lead bytes of NBSP, the Ogham space and the spaces of General Punctuation.
            _ => memchr::memchr3_iter(0xC2, 0xE1, 0xE2, bytes)
                .find(|&at| self.text[from + at..].starts_with(is_levelled)),
        };
        found.map_or(usize::MAX, |at| from + at)
    }
}

fn has_inner_line_ends(text: &str) -> bool {
    let bytes = text.as_bytes();
    memchr::memchr2(0x0B, 0x0C, bytes).is_some()
        || ["\u{85}", "\u{2028}", "\u{2029}"].iter().any(|end| memchr::memmem::find(bytes, end.as_bytes()).is_some())
}

/// The raw lines without their ends, and where each begins.
fn raw_lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut rest = (!text.is_empty()).then_some(0);
    std::iter::from_fn(move || {
        let start = rest?;
        let bytes = &text.as_bytes()[start..];
        let Some(end) = memchr::memchr2(b'\n', b'\r', bytes) else {
            rest = None;
            return Some((start, &text[start..]));
        };
        let next = end + if bytes[end..].starts_with(b"\r\n") { 2 } else { 1 };
        rest = (next < bytes.len()).then_some(start + next);
        Some((start, &text[start..start + end]))
    })
}

fn is_inner_line_end(c: char) -> bool {
    matches!(c, '\u{0B}' | '\u{0C}' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Writes a line with its white space levelled; `false`, and nothing written, where it is blank.
fn level(line: &str, divided: &mut Divided) -> bool {
    let trimmed = line.trim_end();
    if trimmed.is_empty() {
        return false;
    }
    divided.levelled += u64::from(trimmed.len() < line.len());
    let body = trimmed.trim_start();
    let (indent, mut rest) = trimmed.split_at(trimmed.len() - body.len());
    for c in indent.chars() {
        let is_other = is_levelled(c) && c != ' ' && c != '\t';
        divided.spaces += u64::from(is_other);
        divided.text.push(if is_other { ' ' } else { c });
    }
    while let Some(at) = next_uneven_space(rest) {
        let (before, from) = rest.split_at(at);
        divided.text.push_str(before);
        let after = from.trim_start_matches(is_levelled);
        let run = &from[..from.len() - after.len()];
        let mut chars = run.chars();
        let (first, more) = (chars.next(), chars.next().is_some());
        divided.levelled += u64::from(more);
        divided.spaces += run.chars().filter(|&c| c != ' ' && c != '\t').count() as u64;
        // A tab between words parts cells; it stays a tab so that the cells stay apart.
        divided.text.push(if first == Some('\t') || run.contains('\t') { '\t' } else { ' ' });
        rest = after;
    }
    divided.text.push_str(rest);
    true
}

/// Whether a character is white space that may become a plain space.
fn is_levelled(c: char) -> bool {
    c.is_whitespace() && c != '\u{3000}'
}

/// Where white space stands that is not a single plain space or tab.
fn next_uneven_space(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let plain = bytes.windows(2).position(|pair| matches!(pair, [b' ' | b'\t', b' ' | b'\t']));
    if text.is_ascii() {
        return plain;
    }
    // The lead bytes of NBSP, the Ogham space and the spaces of General Punctuation.
    let other = |(at, byte): (usize, &u8)| matches!(byte, 0xC2 | 0xE1 | 0xE2) && text[at..].starts_with(is_levelled);
    let before = &bytes[..plain.unwrap_or(bytes.len())];
    let Some(at) = before.iter().enumerate().find(|&place| other(place)).map(|(at, _)| at) else { return plain };
    Some(if at > 0 && matches!(bytes[at - 1], b' ' | b'\t') { at - 1 } else { at })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<(u32, String, bool)> {
        let divided = divide(text);
        let line = |block: &Block| divided.text[block.span.start as usize..block.span.end as usize].to_string();
        divided.blocks.iter().map(|block| (block.place.line, line(block), block.place.after_gap)).collect()
    }

    #[test]
    fn raw_lines_are_counted_whatever_ends_them() {
        for text in ["a\n\nb\n", "a\r\n\r\nb", "a\r\rb\r", "a\n \t\nb"] {
            assert_eq!(lines(text), [(1, "a".into(), true), (3, "b".into(), true)], "{text:?}");
        }
        assert_eq!(lines("a\nb"), [(1, "a".into(), true), (2, "b".into(), false)]);
        assert_eq!(lines(""), []);
        assert_eq!(lines("\n\n\n"), []);
    }

    #[test]
    fn white_space_is_levelled_and_indentation_stays() {
        for (raw, level) in [
            ("  two  words \t", "  two words"),
            ("\tif x:\u{a0}\u{a0}y", "\tif x: y"),
            ("a\tb", "a\tb"),
            ("a \t b", "a\tb"),
            ("été\u{a0}chaud", "été chaud"),
            ("\u{a0}\u{3000}indented", " \u{3000}indented"),
            ("\u{3000}一\u{3000}二  三\u{3000}", "\u{3000}一\u{3000}二 三"),
            ("é a  b", "é a b"),
        ] {
            assert_eq!(lines(raw), [(1, level.to_string(), true)], "{raw:?}");
        }
    }

    #[test]
    fn what_is_level_is_left_alone_and_not_counted() {
        let divided = divide("plain text, one\ttab\n  and an indent\n");
        assert_eq!((divided.levelled, divided.spaces), (0, 0));
        assert_eq!(divided.text, "plain text, one\ttab\n  and an indent\n");
    }

    #[test]
    fn inner_line_ends_make_blocks_with_columns() {
        let divided = divide("one\u{2028}two\u{0c}three\nfour");
        let places: Vec<_> = divided.blocks.iter().map(|block| (block.place.line, block.place.columns)).collect();
        assert_eq!(places, [(1, Some((1, 3))), (1, Some((5, 7))), (1, Some((9, 13))), (2, None)]);
    }
}
