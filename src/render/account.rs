//! The account of a page's blocks: which stay, which are gone, and by whose word.

use std::ops::Range;

use crate::line::Size;
use crate::manifest;
use crate::manifest::{BlockCounts, BlockRange, Decision, Edit, Lines, Row, Share, TextCounts};
use crate::marks::{Cut, Evidence, Mark, Marks, RuleId, Verdict};
use crate::page::{Block, Page};
use crate::render::kept::pieces;

/// Writes the account into a page's row. `sizes` are those of the page's blocks; `address` names the rules.
pub fn account<'a>(page: &Page, sizes: &[Size], marks: &Marks, address: &impl Fn(RuleId) -> &'a str, row: &mut Row) {
    let mut index = 0;
    let (mut words, mut characters) = (TextCounts::default(), TextCounts::default());
    let mut counts = BlockCounts { kept: 0, dropped: 0 };
    while index < page.blocks.len() {
        let verdict = marks.verdict(index);
        let first = index;
        while index + 1 < page.blocks.len() && marks.verdict(index + 1) == verdict && joins(&page.blocks[index..]) {
            index += 1;
        }
        let blocks = [first as u32, index as u32];
        let lines = lines(&page.blocks[first], &page.blocks[index]);
        let own = &sizes[first..=index];
        let own_words = own.iter().map(|size| size.words).sum();
        let of = |counts: &mut TextCounts, count: u64| {
            *if verdict.stays() { &mut counts.kept } else { &mut counts.dropped } += count;
        };
        of(&mut words, u64::from(own_words));
        of(&mut characters, own.iter().map(|size| u64::from(size.chars)).sum());
        let decision = |mark: Mark| {
            let (rule, evidence) = (address(mark.rule).into(), evidence(mark, address));
            Decision { blocks, lines, words: own_words, rule, evidence, path: path(page, first) }
        };
        match verdict {
            Verdict::Undecided => row.kept.push(BlockRange { blocks, lines }),
            Verdict::Keep(mark) => row.kept_by_rule.push(decision(mark)),
            Verdict::Drop(mark) => row.dropped.push(decision(mark)),
        }
        *if verdict.stays() { &mut counts.kept } else { &mut counts.dropped } += blocks[1] - blocks[0] + 1;
        index += 1;
    }
    row.blocks = Some(counts);
    let kept: Vec<Cut> = marks.cuts().into_iter().filter(|cut| marks.stays(cut.block as usize)).collect();
    for cuts in kept.chunk_by(|one, other| one.block == other.block) {
        let span = &page.blocks[cuts[0].block as usize].span;
        let left = |cuts: &[Cut]| -> Size {
            let shown = |(piece, instead): (Range<u32>, &str)| {
                page.text[piece.start as usize..piece.end as usize].to_string() + instead
            };
            Size::of(&pieces(span.clone(), cuts).map(shown).collect::<String>())
        };
        for (at, cut) in cuts.iter().enumerate() {
            let gone = left(&cuts[..at]).without(left(&cuts[..=at]));
            words.drop(gone.words.into());
            characters.drop(gone.chars.into());
            row.edits.push(edit(page, cut, gone.words, address));
        }
    }
    (row.words, row.characters) = (Some(words), Some(characters));
}

/// The account of a cut.
fn edit<'a>(page: &Page, cut: &Cut, words: u32, address: &impl Fn(RuleId) -> &'a str) -> Edit {
    let block = &page.blocks[cut.block as usize];
    let chars = |from: u32, to: u32| page.text[from as usize..to as usize].chars().count() as u32;
    let start = chars(block.span.start, cut.range.start);
    let end = start + chars(cut.range.start, cut.range.end);
    let (line, before) = (block.place.line, block.place.columns.map_or(1, |(from, _)| from));
    Edit {
        block: cut.block,
        characters: [start, end],
        lines: Lines::Part([line, line, before + start, (before + end).saturating_sub(1)]),
        words,
        rule: address(cut.mark.rule).into(),
        replacement: cut.replacement.as_deref().map(str::to_string),
        evidence: evidence(cut.mark, address),
        path: path(page, cut.block as usize),
    }
}

/// How many elements of a path are named, from the inside out.
const PATH: usize = 4;

fn path(page: &Page, block: usize) -> Option<String> {
    page.markup.as_ref().map(|markup| markup.path(markup.settings[block].element, PATH))
}

/// Whether the second block goes into one range with the first: whole raw lines with whole ones, parts with parts.
fn joins(blocks: &[Block]) -> bool {
    blocks[0].place.columns.is_some() == blocks[1].place.columns.is_some()
}

fn lines(first: &Block, last: &Block) -> Lines {
    match (first.place.columns, last.place.columns) {
        (Some((from, _)), Some((_, to))) => Lines::Part([first.place.line, last.place.line, from, to]),
        _ => Lines::Whole([first.place.line, last.place.line]),
    }
}

fn evidence<'a>(mark: Mark, address: &impl Fn(RuleId) -> &'a str) -> Option<manifest::Evidence> {
    Some(match mark.because {
        Evidence::Matched => return None,
        Evidence::Repeats { block } => manifest::Evidence::Repeats(block),
        Evidence::Recurs { on, of } => manifest::Evidence::Recurs([on, of]),
        Evidence::Score { permille } => manifest::Evidence::Probability(Share::of_permille(permille)),
        Evidence::Revokes(rule) => manifest::Evidence::Revokes(address(rule).into()),
    })
}
