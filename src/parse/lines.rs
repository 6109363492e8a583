//! Divides a text into blocks: a line of plain text each. Blank lines are gaps, not blocks.
//!
//! White space is levelled here, since it needs to know where a line starts: runs of spaces inside a line
//! become one, trailing white space goes, leading indentation stays. The ideographic space (U+3000) stays what
//! it is, since the width of characters is taste.

use std::mem;
use std::ops::Range;

use pulp::{Arch, NullaryFnOnce};
use wide::i8x16;

use crate::page::{Block, Columns, Place};

/// A text divided into blocks.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Divided {
    /// The blocks' text, one block a line.
    pub text: String,
    /// The blocks, in their order.
    pub blocks: Vec<Block>,
    /// Those of blocks that are a part of their raw line.
    pub columns: Columns,
    /// Runs of white space that became one space, and white space taken from the end of a line.
    pub levelled: u64,
    /// Kinds of space (NBSP and its like) that became a plain one.
    pub spaces: u64,
}

/// Divides a decoded text. Raw lines end at LF, CRLF or CR; VT, FF, NEL, LS and PS divide blocks too, but
/// do not count as raw lines.
pub fn divide(text: &str) -> Divided {
    Arch::new().dispatch(Divide { text })
}

/// [`divide`]. All that is inlined into it is built for newer processors too, where it takes fewer instructions.
struct Divide<'t> {
    text: &'t str,
}

impl NullaryFnOnce for Divide<'_> {
    type Output = Divided;

    #[inline(always)]
    fn call(self) -> Divided {
        let text = self.text;
        // Lines are sixty bytes long, as a rule.
        let (text_bytes, blocks) = (text.len() + 1, text.len() / 48 + 1);
        let mut divided = Divided {
            text: String::with_capacity(text_bytes),
            blocks: Vec::with_capacity(blocks),
            ..Divided::default()
        };
        // Lines that stand one below the other and are level already are taken over together.
        let mut level = 0..0;
        let mut after_gap = true;
        for raw in RawLines::of(text) {
            let line = raw.number;
            if raw.is_level && !raw.range.is_empty() {
                if raw.range.start != level.end {
                    divided.text.push_str(&text[level]);
                    level = raw.range.start..raw.range.start;
                }
                let start = (divided.text.len() + level.len()) as u32;
                let span = start..start + raw.range.len() as u32;
                divided.blocks.push(Block { span, place: Place { line, after_gap } });
                level.end = raw.range.end;
                if text.as_bytes().get(level.end) == Some(&b'\n') {
                    level.end += 1;
                } else {
                    divided.text.push_str(&text[level]);
                    divided.text.push('\n');
                    level = 0..0;
                }
                after_gap = false;
                continue;
            }
            divided.text.push_str(&text[level]);
            level = 0..0;
            let raw = &text[raw.range];
            if raw.is_empty() {
                after_gap = true;
            } else if raw.contains(is_inner_line_end) {
                let mut column = 1;
                for piece in raw.split(is_inner_line_end) {
                    let chars = piece.chars().count() as u32;
                    let columns = (column, column + chars.saturating_sub(1));
                    column += chars + 1;
                    after_gap = !divided.push_part(piece, Place { line, after_gap }, columns);
                }
            } else {
                after_gap = !divided.push(raw, Place { line, after_gap });
            }
        }
        divided.text.push_str(&text[level]);
        divided
    }
}

impl Divided {
    /// Adds a line with its white space levelled; `false`, and nothing added, where it is blank.
    fn push(&mut self, line: &str, place: Place) -> bool {
        let start = self.text.len() as u32;
        if !level(line, self) {
            return false;
        }
        let span = start..self.text.len() as u32;
        self.text.push('\n');
        self.blocks.push(Block { span, place });
        true
    }

    /// The same for a part of a raw line.
    fn push_part(&mut self, part: &str, place: Place, columns: (u32, u32)) -> bool {
        let is_there = self.push(part, place);
        if is_there {
            self.columns.push(self.blocks.len() - 1, columns);
        }
        is_there
    }
}

/// How many bytes are read at once.
const LANES: usize = 64;

/// A raw line without its end.
#[derive(Debug)]
struct RawLine {
    /// Counted from 1.
    number: u32,
    range: Range<usize>,
    /// Whether there is for sure nothing to level, and nothing but a raw line's end that ends a line.
    is_level: bool,
}

/// The raw lines of a text, read sixty-four bytes at once. In each number a bit stands for a byte.
struct RawLines<'t> {
    text: &'t str,
    /// Where the sixty-four bytes begin.
    at: usize,
    /// The ends of lines among them that are still to come.
    ends: u64,
    /// White space among them that may have to be levelled.
    uneven: u64,
    /// Whether there was any before them in the line that comes next.
    is_uneven: bool,
    /// Whether nothing but white space stands before them in their line.
    indents: bool,
    /// Whether the byte before them is white space, and whether it is that and no indentation.
    after_blank: bool,
    after_space: bool,
    /// Where the next line begins.
    start: usize,
    /// How many lines there were before it.
    number: u32,
}

impl<'t> RawLines<'t> {
    fn of(text: &'t str) -> RawLines<'t> {
        let mut lines = RawLines {
            text,
            at: 0,
            ends: 0,
            uneven: 0,
            is_uneven: false,
            indents: true,
            after_blank: false,
            after_space: false,
            start: 0,
            number: 0,
        };
        lines.read();
        lines
    }

    /// Reads the bytes at `at`; behind the last one stands a line's end.
    #[inline(always)]
    fn read(&mut self) {
        let rest = &self.text.as_bytes()[self.at..];
        let mut padded = [0; LANES];
        let bytes = rest.first_chunk().unwrap_or_else(|| {
            padded[..rest.len()].copy_from_slice(rest);
            padded[rest.len()] = b'\n';
            &padded
        });
        let (mut ends, mut blank, mut suspect) = (0, 0, 0);
        for (step, bytes) in bytes.as_chunks().0.iter().enumerate() {
            let bytes = i8x16::new(bytes.map(|byte: u8| byte as i8));
            let is = |byte: u8| bytes.simd_eq(i8x16::splat(byte as i8));
            let bits = |which: i8x16| u64::from(which.to_bitmask()) << (step * 16);
            ends |= bits(is(b'\n') | is(b'\r'));
            blank |= bits(is(b' ') | is(b'\t'));
            // The first bytes of what `is_wide_space` looks for.
            suspect |= bits(is(0x0B) | is(0x0C) | is(0xC2) | is(0xE1) | is(0xE2));
        }
        // A one that is added to where a line starts goes through its indentation and comes out behind it.
        let starts = ends << 1 | u64::from(self.indents);
        let (added, indents) = blank.overflowing_add(starts & blank);
        let inside = blank & added;
        self.uneven = inside & (inside << 1 | u64::from(self.after_space)) | blank & ends >> 1;
        self.is_uneven |= ends & 1 == 1 && self.after_blank;
        while suspect != 0 {
            let place = suspect.trailing_zeros() as usize;
            suspect &= suspect - 1;
            if is_wide_space(&self.text.as_bytes()[self.at + place..]) {
                self.uneven |= 1 << place;
            }
        }
        self.indents = indents || ends >> (LANES - 1) == 1;
        self.after_blank = blank >> (LANES - 1) == 1;
        self.after_space = inside >> (LANES - 1) == 1;
        self.ends = ends;
    }
}

impl Iterator for RawLines<'_> {
    type Item = RawLine;

    #[inline(always)]
    fn next(&mut self) -> Option<RawLine> {
        loop {
            if self.ends == 0 {
                if self.at + LANES > self.text.len() {
                    return None;
                }
                self.is_uneven |= self.uneven != 0;
                self.at += LANES;
                self.read();
                continue;
            }
            let before = (self.ends - 1) & !self.ends;
            let end = self.at + self.ends.trailing_zeros() as usize;
            self.ends &= self.ends - 1;
            self.is_uneven |= self.uneven & before != 0;
            self.uneven &= !before;
            // The LF of a CRLF ends nothing, and neither does the end of a text that ends in one.
            if end < self.start || end == self.text.len() && end == self.start {
                continue;
            }
            let range = self.start..end;
            let bytes = self.text.as_bytes();
            let is_crlf = bytes.get(end) == Some(&b'\r') && bytes.get(end + 1) == Some(&b'\n');
            self.start = end + if is_crlf { 2 } else { 1 };
            // The ideographic space is levelled at the end of a line only.
            let is_level = !mem::take(&mut self.is_uneven) && !bytes[..end].ends_with("\u{3000}".as_bytes());
            self.number += 1;
            return Some(RawLine { number: self.number, range, is_level });
        }
    }
}

fn is_inner_line_end(c: char) -> bool {
    matches!(c, '\u{0B}' | '\u{0C}' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Whether some bytes start with white space that is levelled and is neither a space nor a tab: VT, FF, NEL, NBSP, the
/// Ogham space, those of General Punctuation.
fn is_wide_space(bytes: &[u8]) -> bool {
    matches!(
        bytes,
        [0x0B | 0x0C, ..]
            | [0xC2, 0x85 | 0xA0, ..]
            | [0xE1, 0x9A, 0x80, ..]
            | [0xE2, 0x80, 0x80..=0x8A | 0xA8 | 0xA9 | 0xAF, ..]
            | [0xE2, 0x81, 0x9F, ..]
    )
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
    let is_blank = |byte: u8| matches!(byte, b' ' | b'\t');
    for (at, &byte) in bytes.iter().enumerate() {
        let may_be = is_blank(byte) || matches!(byte, 0x0B | 0x0C | 0xC2 | 0xE1 | 0xE2);
        let after_blank = || at > 0 && is_blank(bytes[at - 1]);
        if may_be && if is_blank(byte) { after_blank() } else { is_wide_space(&bytes[at..]) } {
            return Some(at - usize::from(after_blank()));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

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

    proptest! {
        #[test]
        fn sixty_four_bytes_at_once_are_divided_as_one_line_at_a_time(
            text in "([a-z .]{0,80}|[ \t]{1,70}|\r\n|[\n\r]|[\u{a0}\u{3000}\u{2003}\u{85}\u{c}é“東]){0,12}",
        ) {
            let mut slow = Divided::default();
            let mut after_gap = true;
            let lines = text.replace("\r\n", "\n");
            for (number, raw) in lines.split(['\n', '\r']).enumerate() {
                let mut column = 1;
                for piece in raw.split(is_inner_line_end) {
                    let chars = piece.chars().count() as u32;
                    let columns = (column, column + chars.saturating_sub(1));
                    let place = Place { line: number as u32 + 1, after_gap };
                    column += chars + 1;
                    after_gap = !match raw.contains(is_inner_line_end) {
                        true => slow.push_part(piece, place, columns),
                        false => slow.push(piece, place),
                    };
                }
            }
            prop_assert_eq!(divide(&text), slow);
            // Any machine divides alike.
            prop_assert_eq!(divide(&text), Divide { text: &text }.call());
        }
    }

    #[test]
    fn inner_line_ends_make_blocks_with_columns() {
        let divided = divide("one\u{2028}two\u{0c}three\nfour");
        let places: Vec<_> =
            (0..4).map(|block| (divided.blocks[block].place.line, divided.columns.of(block))).collect();
        assert_eq!(places, [(1, Some((1, 3))), (1, Some((5, 7))), (1, Some((9, 13))), (2, None)]);
    }
}
