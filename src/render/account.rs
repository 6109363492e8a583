//! The account of a page's blocks: which raw lines stay, which are gone, and by whose word.

use crate::manifest::{Dropped, Lines, Reason, Row, Vouched};
use crate::marks::{Cut, Evidence, Mark, Marks, RuleId, Verdict};
use crate::page::{Block, Page};

/// Writes the account into a page's row. `address` names the rules.
pub fn account<'a>(page: &Page, marks: &Marks, address: &impl Fn(RuleId) -> &'a str, row: &mut Row) {
    let mut index = 0;
    let (mut kept, mut gone) = (0, 0);
    while index < page.blocks.len() {
        let verdict = marks.verdict(index);
        let first = index;
        while index + 1 < page.blocks.len() && marks.verdict(index + 1) == verdict && joins(&page.blocks[index..]) {
            index += 1;
        }
        let lines = lines(&page.blocks[first], &page.blocks[index]);
        let blocks = (index - first + 1) as u32;
        match verdict {
            Verdict::Undecided => row.kept.push(lines),
            Verdict::Keep(mark) => {
                let (rule, because) = name(mark, address);
                row.vouched.push(Vouched { lines, path: path(page, first), blocks, rule, because });
            }
            Verdict::Drop(mark) => {
                let (rule, because) = name(mark, address);
                row.dropped.push(Dropped { lines, path: path(page, first), blocks, rule, because });
            }
        }
        *if verdict.stays() { &mut kept } else { &mut gone } += blocks;
        index += 1;
    }
    row.blocks = Some([kept, gone]);
    let cuts = marks.cuts();
    let standing: Vec<&Cut> = cuts.iter().filter(|cut| marks.stays(cut.block as usize)).collect();
    if !standing.is_empty() {
        row.dropped.extend(standing.into_iter().map(|cut| {
            let (rule, because) = name(cut.mark, address);
            Dropped { lines: columns(page, cut), path: path(page, cut.block as usize), blocks: 0, rule, because }
        }));
        row.dropped.sort_by_key(|dropped| dropped.lines.first());
    }
}

/// How many elements of a path are named, from the inside out.
const PATH: usize = 4;

fn path(page: &Page, block: usize) -> Option<String> {
    page.markup.as_ref().map(|markup| markup.path(markup.settings[block].element, PATH))
}

/// Whether the second block goes into one range with the first. Parts of one raw line stand for themselves.
fn joins(blocks: &[Block]) -> bool {
    blocks[0].place.columns.is_none() && blocks[1].place.columns.is_none()
}

fn lines(first: &Block, last: &Block) -> Lines {
    match first.place.columns {
        Some((from, to)) => Lines::Part([first.place.line, first.place.line, from, to]),
        None => Lines::Whole([first.place.line, last.place.line]),
    }
}

fn columns(page: &Page, cut: &Cut) -> Lines {
    let block = &page.blocks[cut.block as usize];
    let chars = |from: u32, to: u32| page.text[from as usize..to as usize].chars().count() as u32;
    let before = block.place.columns.map_or(1, |(from, _)| from) + chars(block.span.start, cut.range.start);
    let last = before + chars(cut.range.start, cut.range.end).saturating_sub(1);
    Lines::Part([block.place.line, block.place.line, before, last])
}

fn name<'a>(mark: Mark, address: &impl Fn(RuleId) -> &'a str) -> (String, Option<Reason>) {
    let because = match mark.because {
        Evidence::Matched => None,
        Evidence::Repeats { line } => Some(Reason::Repeats(line)),
        Evidence::Recurs { on, of } => Some(Reason::Recurs([on, of])),
        Evidence::Score { permille } => Some(Reason::Score(permille)),
        Evidence::Revokes(rule) => Some(Reason::Revokes(address(rule).into())),
    };
    (address(mark.rule).into(), because)
}
