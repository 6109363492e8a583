//! The account of a page's blocks: which stay, which are gone, and by whose word.

use std::borrow::Cow;
use std::ops::Range;

use crate::line::Size;
use crate::manifest;
use crate::manifest::{BlockCounts, BlockRange, Decision, Edit, Lines, Row, Share, TextCounts};
use crate::marks::{Cut, Evidence, Mark, Marks, RuleId, Verdict};
use crate::page::Page;
use crate::render::kept::pieces;

/// Writes the account into a page's row. `sizes` are those of the page's blocks; `address` names the rules.
pub fn account<'a>(page: &Page, sizes: &[Size], marks: &Marks, address: &impl Fn(RuleId) -> &'a str, row: &mut Row) {
    let mut index = 0;
    let (mut words, mut characters) = (TextCounts::default(), TextCounts::default());
    let mut counts = BlockCounts { kept: 0, dropped: 0 };
    while index < page.blocks.len() {
        let verdict = marks.verdict(index);
        let first = index;
        while index + 1 < page.blocks.len() && marks.verdict(index + 1) == verdict && joins(page, index, index + 1) {
            index += 1;
        }
        let blocks = [first as u32, index as u32];
        let lines = lines(page, first, index);
        let own = &sizes[first..=index];
        let own_words = own.iter().map(|size| size.words).sum();
        let of = |counts: &mut TextCounts, count: u64| {
            *if verdict.stays() { &mut counts.kept } else { &mut counts.dropped } += count;
        };
        of(&mut words, u64::from(own_words));
        of(&mut characters, own.iter().map(|size| u64::from(size.chars)).sum());
        let decision = |mark: Mark| {
            // Most decisions are of rules whose addresses are part of the program.
            let rule = match mark.rule {
                RuleId::Judge(rule) => Cow::Borrowed(rule.address),
                written => Cow::Owned(address(written).to_string()),
            };
            Decision {
                blocks,
                lines,
                words: own_words,
                rule,
                evidence: evidence(mark, address),
                path: path(page, first),
            }
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
        let block = &page.blocks[cuts[0].block as usize];
        let (mut chars, mut counted) = (0, block.span.start);
        for (at, cut) in cuts.iter().enumerate() {
            let gone = gone_by(page, &block.span, cuts, at);
            words.drop(gone.words.into());
            characters.drop(gone.chars.into());
            let mut count = |to: u32| {
                chars += page.text[counted as usize..to as usize].chars().count() as u32;
                counted = to;
                chars
            };
            let range = [count(cut.range.start), count(cut.range.end)];
            row.edits.push(edit(page, cut, range, gone.words, address));
        }
    }
    (row.words, row.characters) = (Some(words), Some(characters));
}

/// How far from a cut its words are looked at, in bytes on each side, up to white space: so that a line of many cuts
/// takes no more time a cut than one of few.
const AROUND: usize = 1024;

/// What one cut of a block takes away, those before it being made already.
fn gone_by(page: &Page, block: &Range<u32>, cuts: &[Cut], at: usize) -> Size {
    let range = &cuts[at].range;
    let is_cut = |place: usize| {
        let before = cuts[..at].partition_point(|cut| cut.range.start as usize <= place);
        before > 0 && place < cuts[before - 1].range.end as usize
    };
    let (start, end) = (range.start as usize, range.end as usize);
    let from = page.text.floor_char_boundary(start.saturating_sub(AROUND)).max(block.start as usize);
    let to = page.text.ceil_char_boundary((end + AROUND).min(page.text.len())).min(block.end as usize);
    let is_gap = |(_, c): &(usize, char)| c.is_whitespace();
    let from = match page.text[from..start].char_indices().filter(is_gap).find(|(gap, _)| !is_cut(from + gap)) {
        Some((gap, _)) if from > block.start as usize => from + gap,
        _ => from,
    };
    let to = match page.text[end..to].char_indices().rev().find(is_gap) {
        Some((gap, _)) if to < block.end as usize => end + gap,
        _ => to,
    };
    let first = cuts[..at].partition_point(|cut| cut.range.end as usize <= from);
    let left = |cuts: &[Cut]| -> Size {
        let shown = |(piece, instead): (Range<u32>, &str)| {
            page.text[piece.start as usize..piece.end as usize].to_string() + instead
        };
        Size::of(&pieces(from as u32..to as u32, cuts).map(shown).collect::<String>())
    };
    left(&cuts[first..at]).without(left(&cuts[first..=at]))
}

/// The account of a cut, which takes these characters of its block.
fn edit<'a>(page: &Page, cut: &Cut, [start, end]: [u32; 2], words: u32, address: &impl Fn(RuleId) -> &'a str) -> Edit {
    let block = &page.blocks[cut.block as usize];
    let (line, before) = (block.place.line, page.columns.of(cut.block as usize).map_or(1, |(from, _)| from));
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
fn joins(page: &Page, first: usize, second: usize) -> bool {
    page.columns.of(first).is_some() == page.columns.of(second).is_some()
}

fn lines(page: &Page, first: usize, last: usize) -> Lines {
    let line = |block: usize| page.blocks[block].place.line;
    match (page.columns.of(first), page.columns.of(last)) {
        (Some((from, _)), Some((_, to))) => Lines::Part([line(first), line(last), from, to]),
        _ => Lines::Whole([line(first), line(last)]),
    }
}

/// What made a rule speak, as it is written down; `address` names rules.
pub(crate) fn evidence<'a>(mark: Mark, address: &impl Fn(RuleId) -> &'a str) -> Option<manifest::Evidence> {
    Some(match mark.because {
        Evidence::Matched => return None,
        Evidence::Repeats { block } => manifest::Evidence::Repeats(block),
        Evidence::Recurs { on, of } => manifest::Evidence::Recurs([on, of]),
        Evidence::Documents { on } => manifest::Evidence::Documents(on),
        Evidence::Score { permille } => manifest::Evidence::Probability(Share::of_permille(permille)),
        Evidence::Place { permille, own, on } => {
            manifest::Evidence::Place { own: Share::of_permille(own), on, probability: Share::of_permille(permille) }
        }
        Evidence::Revokes(rule) => manifest::Evidence::Revokes(address(rule).into()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::{Place, Source};

    /// What is cut out of a line is counted the same whether all of the line is looked at or what stands around the cut.
    #[test]
    fn a_cut_of_a_long_line_takes_what_is_missing_of_the_whole() {
        let text = "Write to gull@ferry.example, or (by day) to tern@ferry.example: nobody will mind. ".repeat(120);
        let source = Source { path: "page.txt".into(), record: None };
        let place = Place { line: 1, after_gap: true };
        let block = crate::page::Block { span: 0..text.len() as u32, place };
        let page = Page { text, blocks: vec![block], ..Page::empty(source) };
        static RULE: crate::marks::StageRule = crate::marks::StageRule { address: "test#cut", why: "cuts" };
        let cuts: Vec<Cut> = page
            .text
            .match_indices("@ferry.example")
            .enumerate()
            .map(|(number, (at, found))| Cut {
                block: 0,
                range: [at as u32 - 4, at as u32][number % 2]..(at + found.len()) as u32,
                mark: Mark::judged(&RULE),
                replacement: (number % 3 == 0).then(|| "⟨email⟩".into()),
            })
            .collect();
        let left = |cuts: &[Cut]| {
            let shown = |(piece, instead): (Range<u32>, &str)| {
                page.text[piece.start as usize..piece.end as usize].to_string() + instead
            };
            Size::of(&pieces(0..page.text.len() as u32, cuts).map(shown).collect::<String>())
        };
        let mut words = 0;
        for at in 0..cuts.len() {
            let gone = gone_by(&page, &page.blocks[0].span, &cuts, at);
            assert_eq!(gone, left(&cuts[..at]).without(left(&cuts[..=at])), "{at}");
            words += gone.words;
        }
        assert!(words > 0 && page.text.len() > 4 * AROUND);
    }
}
