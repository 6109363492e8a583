//! Writes the text of an HTML page block by block: white space is folded as a browser shows it, rows are joined,
//! and inline markup is noted.
//!
//! Where a block begins and ends, and what it stands in, is for [`super::tree`] to say.

use std::cmp::Reverse;
use std::ops::Range;

use crate::page::markup::{BlockContext, Cells, Inline, InlineKind, Inside, Kind};
use crate::page::{Block, Place};

use super::phrases::{Marks, raised};

/// The most characters of a cell in a row that is joined: longer ones hold prose, and are judged by themselves.
const LONGEST_CELL: usize = 200;

/// The most entries of a list in a cell that are joined, and their characters: two times of opening, three names.
const MOST_ENTRIES: usize = 4;
const LONGEST_LIST: usize = 80;

/// What parts two cells of a row, and two entries of a list in one.
const CELLS: &str = " | ";
const ENTRIES: &str = ", ";

/// A cell of a row: its first block, how many columns it takes, and how many before it cells of rows above do.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cell {
    pub first: usize,
    pub columns: u8,
    pub columns_before: u8,
}

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
    pub fn has_text(&self) -> bool {
        self.text.len() > self.start
    }

    /// Writes text, its white space folded; `line` is the raw line on which it ends.
    pub fn write(&mut self, text: &str, line: u32) {
        let mut rest = text;
        loop {
            let word = rest.trim_start_matches(is_folded);
            if word.len() < rest.len() {
                self.space = self.space.max(Space::Plain);
                let space = &rest[..rest.len() - word.len()];
                if !space.is_ascii() {
                    self.spaces += space.chars().filter(|c| !c.is_ascii()).count() as u64;
                }
            }
            if word.is_empty() {
                return;
            }
            let end = next_space(word);
            if !self.has_text() {
                self.line = line.saturating_sub(line_ends(word));
            }
            self.begin_word();
            self.text.push_str(&word[..end]);
            rest = &word[end..];
        }
    }

    /// Writes code up to the next end of line, which is left to the caller; white space stays.
    pub fn write_code(&mut self, text: &str, line: u32) {
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
    pub fn line_break(&mut self) -> bool {
        if self.space == Space::Break {
            return false;
        }
        self.space = Space::Break;
        true
    }

    /// A link begins: one that another ended right before is shown apart from it.
    pub fn start_link(&mut self) {
        if self.link_end == self.text.len() && self.has_text() {
            self.space = self.space.max(Space::Plain);
        }
    }

    /// A link has ended.
    pub fn end_link(&mut self) {
        self.link_end = self.text.len();
    }

    /// Opens inline markup; the number closes it. `None` where too much is open already.
    pub fn open(&mut self, kind: InlineKind) -> Option<u32> {
        if self.open.len() >= DEEPEST_INLINE {
            return None;
        }
        self.numbered += 1;
        self.open.push((self.numbered, kind, self.text.len() as u32));
        Some(self.numbered)
    }

    /// Closes inline markup.
    pub fn close(&mut self, number: u32) {
        if let Some(at) = self.open.iter().rposition(|&(open, ..)| open == number) {
            let (_, kind, from) = self.open.remove(at);
            self.note(kind, from);
        }
    }

    /// Opens marks around text; the number closes them. `None` where too much is open already.
    pub fn open_marks(&mut self, marks: Marks) -> Option<u32> {
        if self.marks.len() >= DEEPEST_INLINE {
            return None;
        }
        self.numbered += 1;
        self.marks.push(OpenMarks { number: self.numbered, marks, is_written: false });
        Some(self.numbered)
    }

    /// Closes marks: where no word has come since, there are none.
    pub fn close_marks(&mut self, number: u32) {
        if let Some(at) = self.marks.iter().rposition(|open| open.number == number) {
            let open = self.marks.remove(at);
            if open.is_written {
                self.text.push_str(open.marks.1);
            }
        }
    }

    /// Where the next word will stand.
    pub fn here(&self) -> Start {
        Start { at: self.text.len(), space: self.space }
    }

    /// Whether no text has come since a place.
    pub fn is_at(&self, place: Start) -> bool {
        self.text.len() == place.at
    }

    /// Takes back what was written since a place; `false` where a block has ended since.
    pub fn take_back(&mut self, place: Start) -> bool {
        let is_same_block = place.at >= self.start;
        if is_same_block {
            self.text.truncate(place.at);
            self.inline.truncate(self.inline.partition_point(|inline| (inline.span.start as usize) < place.at));
            self.space = place.space;
        }
        is_same_block
    }

    /// Writes a sign right behind what was written.
    pub fn write_sign(&mut self, sign: &str) {
        if self.has_text() {
            self.text.push_str(sign);
            self.space = Space::None;
        }
    }

    /// Raises what was written since a place, where it is a number.
    pub fn raise(&mut self, place: Start) {
        let Some(new) = self.text.get(place.at..).filter(|_| place.at >= self.start).and_then(raised) else { return };
        let old = self.text.split_off(place.at);
        let moved = |at: u32| {
            let within = (at as usize).saturating_sub(place.at);
            let chars = old.char_indices().take_while(|(from, _)| *from < within).count();
            let bytes: usize = new.chars().take(chars).map(char::len_utf8).sum();
            (place.at + bytes) as u32
        };
        for inline in &mut self.inline[self.first_inline..] {
            for at in [&mut inline.span.start, &mut inline.span.end] {
                if *at as usize > place.at {
                    *at = moved(*at);
                }
            }
        }
        if self.link_end > place.at {
            self.link_end = moved(self.link_end as u32) as usize;
        }
        self.text.push_str(&new);
    }

    /// Ends the block under way.
    pub fn end_block(&mut self, context: Context) {
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
    pub fn skip_block(&mut self) {
        self.space = Space::None;
    }

    /// Joins the blocks of a row's cells, each given by its first block, where every cell is short. `row` is what
    /// the row itself stands in.
    pub fn join_row(&mut self, first: usize, cells: &[Cell], is_header: bool, row: Context) {
        let ends = cells.iter().map(|cell| cell.first).skip(1).chain([self.blocks.len()]);
        let spans: Vec<Range<usize>> = cells.iter().zip(ends).map(|(cell, to)| cell.first..to).collect();
        let blocks = self.blocks.len() - first;
        let follows_row = self.rows.last().is_some_and(|above| above.block as usize + 1 == first);
        let is_same_table = follows_row && self.row_group == row.group;
        // A cell over all columns is a row of the table that it stands in.
        let is_whole_row = is_same_table && blocks == 1 && cells.iter().any(|cell| cell.columns > 1);
        let starts = cells.first().is_some_and(|cell| cell.first == first);
        if blocks < 2 && !is_whole_row || !starts || !spans.iter().all(|cell| self.fits_cell(cell.clone())) {
            return;
        }
        let from = self.blocks[first].span.start;
        let mut shift = 0;
        let mut inline = self.inline.partition_point(|inline| inline.span.start < from);
        let mut joined = String::new();
        let mut row_cells = Cells { block: first as u32, spans: Vec::with_capacity(cells.len()) };
        for (blocks, cell) in spans.into_iter().zip(cells) {
            let empty = from + joined.len() as u32;
            row_cells.spans.extend(std::iter::repeat_n(empty..empty, usize::from(cell.columns_before)));
            let mut own: Option<Range<u32>> = None;
            for block in blocks {
                let span = self.blocks[block].span.clone();
                let parting = if own.is_some() { ENTRIES } else { CELLS };
                if !joined.is_empty() {
                    joined.push_str(parting);
                    // A line end stood between the two.
                    shift += parting.len() as u32 - 1;
                }
                while let Some(entry) = self.inline.get_mut(inline).filter(|entry| entry.span.start < span.end) {
                    entry.span = entry.span.start + shift..entry.span.end + shift;
                    inline += 1;
                }
                joined.push_str(&self.text[span.start as usize..span.end as usize]);
                own = Some(own.map_or(span.start + shift, |own| own.start)..span.end + shift);
            }
            let end = from + joined.len() as u32;
            row_cells.spans.push(own.unwrap_or(end..end));
            row_cells.spans.extend(std::iter::repeat_n(end..end, usize::from(cell.columns) - 1));
        }
        self.text.truncate(from as usize);
        self.text.push_str(&joined);
        self.blocks.truncate(first + 1);
        self.settings.truncate(first + 1);
        self.blocks[first].span = from..self.text.len() as u32;
        self.text.push('\n');
        self.begin_block();
        self.blocks[first].place.after_gap = !is_same_table;
        let setting = &mut self.settings[first];
        (setting.kind, setting.level, setting.element) = (Kind::Row, u8::from(is_header), row.element);
        (setting.continues, setting.number) = (false, None);
        self.rows.push(row_cells);
        self.row_group = row.group;
        self.last = Some(Context { kind: Kind::Row, ..row });
    }

    /// Whether the blocks of a cell are few and short enough to stand in a row: a text, or a list of some entries.
    fn fits_cell(&self, cell: Range<usize>) -> bool {
        let length = |block: usize| {
            let span = &self.blocks[block].span;
            self.text[span.start as usize..span.end as usize].chars().count()
        };
        let all_of = |kinds: &[Kind]| cell.clone().all(|block| kinds.contains(&self.settings[block].kind));
        match cell.len() {
            0 => true,
            1 if all_of(&[Kind::Loose, Kind::Paragraph]) => length(cell.start) <= LONGEST_CELL,
            1..=MOST_ENTRIES => {
                let Some(first) = self.blocks.get(cell.start) else { return false };
                let is_linked = self.inline.iter().rev().take_while(|inline| inline.span.end > first.span.start);
                all_of(&[Kind::Item])
                    && cell.clone().map(length).sum::<usize>() <= LONGEST_LIST
                    && !{ is_linked }.any(|inline| matches!(inline.kind, InlineKind::Link(_)))
            }
            _ => false,
        }
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
        let place = Place { line: self.line, columns: None, after_gap: !is_tight };
        self.blocks.push(Block { span: self.start as u32..self.text.len() as u32, place });
        let number = number.filter(|_| !continues);
        self.settings.push(BlockContext { element, kind, level, continues, inside, linked: 0, depth, number });
        self.text.push('\n');
        self.blank = false;
        self.last = Some(context);
    }
}

/// How many raw lines end in a text.
pub(super) fn line_ends(text: &str) -> u32 {
    memchr::memchr_iter(b'\n', text.as_bytes()).count() as u32
}

/// Whether white space is folded: all but the ideographic space, whose width is taste.
fn is_folded(c: char) -> bool {
    c.is_whitespace() && c != '\u{3000}'
}

/// Where the next white space stands that is folded.
fn next_space(text: &str) -> usize {
    for (at, &byte) in text.as_bytes().iter().enumerate() {
        // Beyond ASCII, white space begins with one of three bytes.
        let is_space = match byte {
            b' ' | b'\t'..=b'\r' => true,
            0xC2 | 0xE1 | 0xE2 => text[at..].starts_with(is_folded),
            _ => false,
        };
        if is_space {
            return at;
        }
    }
    text.len()
}
