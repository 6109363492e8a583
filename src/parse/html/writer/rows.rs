//! Joins the blocks of a table row's cells, where every cell is short.

use std::ops::Range;

use super::{Context, Writer};
use crate::page::markup::{Cells, InlineKind, Kind};

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
pub(crate) struct Cell {
    pub first: usize,
    pub columns: u8,
    pub columns_before: u8,
}

impl Writer {
    /// Joins the blocks of a row's cells, each given by its first block, where every cell is short. `row` is what
    /// the row itself stands in.
    pub(crate) fn join_row(&mut self, first: usize, cells: &[Cell], is_header: bool, row: Context) {
        let ends = cells.iter().map(|cell| cell.first).skip(1).chain([self.blocks.len()]);
        let spans: Vec<Range<usize>> = cells.iter().zip(ends).map(|(cell, to)| cell.first..to).collect();
        let blocks = self.blocks.len() - first;
        let follows_row = self.rows.last().is_some_and(|above| above.block as usize + 1 == first);
        let is_same_table = follows_row && self.row_group == row.group;
        // A cell over all columns is a row of the table that it stands in.
        let is_whole_row = is_same_table && blocks == 1 && cells.iter().any(|cell| cell.columns > 1);
        let starts = cells.first().is_some_and(|cell| cell.first == first);
        let filled = spans.iter().filter(|cell| !cell.is_empty()).count();
        if filled < 2 && !is_whole_row || !starts || !spans.iter().all(|cell| self.fits_cell(cell.clone())) {
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
}
