//! Writes the text of an HTML page block by block: white space is folded as a browser shows it, rows are joined,
//! and inline markup is noted.
//!
//! Where a block begins and ends, and what it stands in, is for [`super::tree`] to say.

mod rows;
mod signs;

use std::cmp::Reverse;

use crate::page::markup::{BlockContext, Cells, Inline, InlineKind, Inside, Kind};
use crate::page::{Block, Place};

use super::phrases::Marks;
use super::tokens::RawLines;
pub(super) use rows::Cell;

/// How many inline elements are noted within one another: each is noted in every block that it spans.
const DEEPEST_INLINE: usize = 16;

/// What a block stands in.
#[derive(Debug, Clone, Copy)]
pub(super) struct Context {
    pub element: u32,
    pub kind: Kind,
    pub level: u8,
    pub inside: Inside,
    pub depth: u16,
    /// The element that gave the block its kind, by a number of its own.
    pub owner: u32,
    /// The outermost list or table around it, by a number of its own; 0 where there is none.
    pub group: u32,
    /// The number of an item of an ordered list.
    pub number: Option<i32>,
}

/// Where some text begins.
#[derive(Debug, Clone, Copy)]
pub(super) struct Start {
    at: usize,
    space: Space,
}

/// Marks that are open around text.
#[derive(Debug)]
struct OpenMarks {
    number: u32,
    marks: Marks,
    /// Whether the first is written in the block under way.
    is_written: bool,
}

/// A page's text as it grows.
#[derive(Debug, Default)]
pub(super) struct Writer {
    pub text: String,
    pub blocks: Vec<Block>,
    pub settings: Vec<BlockContext>,
    pub inline: Vec<Inline>,
    pub rows: Vec<Cells>,
    /// Kinds of space (NBSP and its like) that became a plain one.
    pub spaces: u64,
    /// Where the block under way starts.
    start: usize,
    /// The raw line of its first word.
    line: u32,
    /// The first of its entries in `inline`.
    first_inline: usize,
    space: Space,
    /// Whether a blank line of code stands before what comes next.
    blank: bool,
    /// Inline elements that are open, each with a number of its own and where it began.
    open: Vec<(u32, InlineKind, u32)>,
    numbered: u32,
    /// Marks that are open around what is written.
    marks: Vec<OpenMarks>,
    /// Where the last link ended.
    link_end: usize,
    /// The block before, and the table of the last row.
    last: Option<Context>,
    row_group: u32,
}

/// White space that will be written if a word follows.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Space {
    #[default]
    None,
    Plain,
    Break,
}

impl Writer {
    /// Whether the block under way has any text.
    pub(super) fn has_text(&self) -> bool {
        self.text.len() > self.start
    }

    /// Writes text, its white space folded; `lines` tells the raw line on which it ends.
    pub(super) fn write(&mut self, text: &str, lines: &mut RawLines) {
        let mut rest = text;
        loop {
            let words = after_space(rest);
            if words.len() < rest.len() {
                self.space = self.space.max(Space::Plain);
                let space = &rest[..rest.len() - words.len()];
                if !space.is_ascii() {
                    self.spaces += space.chars().filter(|c| !c.is_ascii()).count() as u64;
                }
            }
            if words.is_empty() {
                return;
            }
            if !self.has_text() {
                self.line = lines.here().saturating_sub(line_ends(words.as_bytes()));
            }
            self.begin_word();
            let end = end_of_words(words);
            self.text.push_str(&words[..end]);
            rest = &words[end..];
        }
    }

    /// Writes code up to the next end of line, which is left to the caller; white space stays.
    pub(super) fn write_code(&mut self, text: &str, line: u32) {
        if !self.has_text() {
            self.line = line;
        }
        // What would end a line of plain text is a space here: a block is one line.
        let is_line_end = |c| matches!(c, '\u{0B}' | '\u{0C}' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}');
        match text.contains(is_line_end) {
            true => self.text.push_str(&text.replace(is_line_end, " ")),
            false => self.text.push_str(text),
        }
    }

    /// A line break; `false` where it follows another one, which parts two blocks.
    pub(super) fn line_break(&mut self) -> bool {
        if self.space == Space::Break {
            return false;
        }
        self.space = Space::Break;
        true
    }

    /// A link begins: one that another ended right before is shown apart from it.
    pub(super) fn start_link(&mut self) {
        if self.link_end == self.text.len() && self.has_text() {
            self.space = self.space.max(Space::Plain);
        }
    }

    /// A link has ended.
    pub(super) fn end_link(&mut self) {
        self.link_end = self.text.len();
    }

    /// Opens inline markup; the number closes it. `None` where too much is open already.
    pub(super) fn open(&mut self, kind: InlineKind) -> Option<u32> {
        if self.open.len() >= DEEPEST_INLINE {
            return None;
        }
        self.numbered += 1;
        self.open.push((self.numbered, kind, self.text.len() as u32));
        Some(self.numbered)
    }

    /// Closes inline markup.
    pub(super) fn close(&mut self, number: u32) {
        if let Some(at) = self.open.iter().rposition(|&(open, ..)| open == number) {
            let (_, kind, from) = self.open.remove(at);
            self.note(kind, from);
        }
    }

    /// Ends the block under way.
    pub(super) fn end_block(&mut self, context: Context) {
        for open in self.marks.iter_mut().rev().filter(|open| open.is_written) {
            self.text.push_str(open.marks.1);
            open.is_written = false;
        }
        let is_code = context.kind == Kind::Code;
        let body = &self.text[self.start..];
        if body.trim().is_empty() {
            self.text.truncate(self.start);
            self.inline.truncate(self.first_inline);
            self.blank |= is_code;
        } else {
            let trimmed = body.trim_end().len();
            self.text.truncate(self.start + trimmed);
            let end = self.text.len() as u32;
            let reaches_out = self.inline[self.first_inline..].iter().any(|inline| inline.span.end > end);
            if reaches_out {
                let noted = self.inline.split_off(self.first_inline).into_iter();
                let within = noted.map(|inline| Inline { span: inline.span.start..inline.span.end.min(end), ..inline });
                self.inline.extend(within.filter(|inline| inline.span.start < inline.span.end));
            }
            if is_code {
                self.inline.truncate(self.first_inline);
            } else {
                for at in 0..self.open.len() {
                    let (_, kind, from) = self.open[at];
                    self.note(kind, from);
                }
                self.inline[self.first_inline..].sort_by_key(|inline| (inline.span.start, Reverse(inline.span.end)));
            }
            self.push_block(context);
        }
        self.begin_block();
    }

    /// Ends a block that has no text.
    pub(super) fn skip_block(&mut self) {
        self.space = Space::None;
    }

    /// What is open goes on in the block that begins.
    fn begin_block(&mut self) {
        self.start = self.text.len();
        self.first_inline = self.inline.len();
        self.space = Space::None;
        for (_, _, from) in &mut self.open {
            *from = self.start as u32;
        }
    }

    fn begin_word(&mut self) {
        if self.has_text() && self.space != Space::None {
            if self.space == Space::Break {
                let at = self.text.len() as u32;
                self.inline.push(Inline { span: at..at + 1, kind: InlineKind::Break });
            }
            self.text.push(' ');
        }
        self.space = Space::None;
        for open in self.marks.iter_mut().filter(|open| !open.is_written) {
            self.text.push_str(open.marks.0);
            open.is_written = true;
        }
    }

    /// Notes inline markup from `from` to here, without the white space around it.
    fn note(&mut self, kind: InlineKind, from: u32) {
        let body = self.text.get(from as usize..).unwrap_or_default();
        let start = from + (body.len() - body.trim_start().len()) as u32;
        let end = from + body.trim_end().len() as u32;
        if start < end {
            self.inline.push(Inline { span: start..end, kind });
        }
    }

    fn push_block(&mut self, context: Context) {
        let Context { element, kind, level, inside, depth, owner, group, number } = context;
        let continues = self.last.is_some_and(|last| last.owner == owner && last.kind == kind && kind != Kind::Loose);
        let is_tight = self.last.is_some_and(|last| match kind {
            Kind::Code => continues && !self.blank,
            Kind::Item | Kind::Term | Kind::Definition | Kind::Field => {
                let goes_with = last.kind == kind || (last.kind, kind) == (Kind::Term, Kind::Definition);
                goes_with && last.group == group && (group != 0 || continues)
            }
            _ => false,
        });
        let place = Place { line: self.line, after_gap: !is_tight };
        self.blocks.push(Block { span: self.start as u32..self.text.len() as u32, place });
        let number = number.filter(|_| !continues);
        self.settings.push(BlockContext { element, kind, level, continues, inside, linked: 0, depth, number });
        self.text.push('\n');
        self.blank = false;
        self.last = Some(context);
    }
}

/// How many raw lines end in a text.
pub(super) fn line_ends(text: &[u8]) -> u32 {
    memchr::memchr_iter(b'\n', text).count() as u32
}

/// Whether white space is folded: all but the ideographic space, whose width is taste.
fn is_folded(c: char) -> bool {
    c.is_whitespace() && c != '\u{3000}'
}

/// A text behind the white space that it begins with and that is folded.
fn after_space(text: &str) -> &str {
    let plain = text.bytes().take_while(|byte| matches!(byte, b' ' | b'\t'..=b'\r')).count();
    let rest = &text[plain..];
    match rest.as_bytes().first() {
        Some(byte) if !byte.is_ascii() => rest.trim_start_matches(is_folded),
        _ => rest,
    }
}

/// Where the words that a text begins with end: single spaces between them are as they will be written.
fn end_of_words(text: &str) -> usize {
    // Beyond ASCII, white space begins with one of three bytes.
    let may_be_space = |byte: u8| matches!(byte, b' ' | b'\t'..=b'\r' | 0xC2 | 0xE1 | 0xE2);
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(found) = bytes[at..].iter().position(|&byte| may_be_space(byte)) {
        at += found;
        let goes_on = match bytes[at] {
            b' ' => bytes.get(at + 1).is_some_and(|&next| !may_be_space(next)),
            byte if byte.is_ascii() => false,
            _ => !text[at..].starts_with(is_folded),
        };
        if !goes_on {
            return at;
        }
        at += 1;
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_go_on_over_single_spaces() {
        for (text, words, rest) in [
            ("one two", "one two", ""),
            ("one  two", "one", "  two"),
            ("one ", "one", " "),
            ("one\ntwo", "one", "\ntwo"),
            ("café à la carte", "café à la carte", ""),
            ("tide\u{A0}table", "tide", "\u{A0}table"),
            ("tide \u{2009}table", "tide", " \u{2009}table"),
            ("“tide” — \u{3000}x", "“tide”", " — \u{3000}x"),
            ("— \u{3000}x", "— \u{3000}x", ""),
        ] {
            assert_eq!(text.split_at(end_of_words(text)), (words, rest));
        }
        assert_eq!(after_space(" \t\u{A0}\n x"), "x");
        assert_eq!(after_space("\u{3000}x"), "\u{3000}x");
    }
}
