//! Rows and cells of tables: what a start tag ends, and which columns a cell takes.

use super::super::stack::Open;
use super::super::tags::Flow;
use super::super::writer::Cell;
use super::Tree;

/// Columns of a table that may be taken by a cell above; no table of text has more.
const MOST_COLUMNS: usize = 250;

/// A table row that is open.
#[derive(Debug, Default)]
pub(super) struct OpenRow {
    pub first: usize,
    pub cells: Vec<Cell>,
    pub headers: usize,
    /// The column that the next cell takes.
    pub column: usize,
}

impl OpenRow {
    /// Finds the columns of the next cell, beside those that cells above take; `span` is how many columns and rows it takes.
    pub(super) fn place(&mut self, first: usize, span: [u8; 2], taken: Option<&mut Vec<u8>>) -> Cell {
        let mut cell = Cell { first, columns: span[0], columns_before: 0 };
        let Some(taken) = taken else { return cell };
        while let Some(rows) = taken.get_mut(self.column).filter(|rows| **rows > 0) {
            *rows -= 1;
            self.column += 1;
            cell.columns_before += 1;
        }
        let end = self.column + usize::from(span[0]);
        if taken.len() < end && end <= MOST_COLUMNS {
            taken.resize(end, 0);
        }
        for column in self.column..end {
            if let Some(rows) = taken.get_mut(column) {
                *rows = span[1] - 1;
            }
        }
        self.column = end;
        cell
    }
}

impl Tree {
    pub(super) fn make_room_in_table(&mut self, flow: Flow) {
        let Some(table) = self.open.find(|open| open.flow == Flow::Table, |open| &*open.name == "template") else {
            return;
        };
        let ends = |open: &Open| match flow {
            Flow::Cell => open.flow == Flow::Cell || &*open.name == "caption",
            Flow::Row => matches!(open.flow, Flow::Row | Flow::Cell) || &*open.name == "caption",
            _ => matches!(open.flow, Flow::Row | Flow::Cell | Flow::TablePart),
        };
        let ended = self.open[table..].iter().position(ends).map(|at| table + at);
        self.pop_found(ended);
        if flow == Flow::Cell && !self.open[table..].iter().any(|open| open.flow == Flow::Row) {
            self.end_block();
            self.push_implied("tr");
        }
    }

    pub(super) fn end_row(&mut self) {
        let Some(row) = self.rows.pop() else { return };
        if self.writer.blocks.len() > row.first {
            let context = self.context();
            self.writer.join_row(row.first, &row.cells, row.headers == row.cells.len(), context);
        }
    }
}
