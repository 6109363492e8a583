//! Cutting what trim rules match out of a line.

use std::ops::Range;

use super::Compiled;
use crate::line::{PageFeatures, script};
use crate::marks::{Mark, Marks};

/// Cuts what the rules match out of a line, with the white space that would be left over.
/// A rule that would leave neither letter nor digit does not cut.
pub(super) fn cut<'e>(page: &PageFeatures, marks: &mut Marks, line: usize, rules: impl Iterator<Item = &'e Compiled>) {
    let span = page.lines[line].span.clone();
    let text = page.text(line);
    let mut cuts: Vec<(Range<usize>, Option<u32>)> = marks
        .cuts_of(line)
        .filter(|cut| cut.range.end > span.start && cut.range.start < span.end)
        .map(|cut| {
            let start = cut.range.start.max(span.start) - span.start;
            (start as usize..(cut.range.end.min(span.end) - span.start) as usize, None)
        })
        .collect();
    cuts.sort_by_key(|(range, _)| range.start);
    for rule in rules {
        for range in rule.matcher.parts(page, line) {
            let at = cuts.partition_point(|(cut, _)| cut.start < range.start);
            let is_free = cuts.get(at).is_none_or(|(cut, _)| range.end <= cut.start)
                && (at == 0 || cuts[at - 1].0.end <= range.start);
            if range.is_empty() || !is_free {
                continue;
            }
            cuts.insert(at, (range, Some(rule.number)));
            if !leaves_words(text, &cuts) {
                cuts.remove(at);
            }
        }
    }
    let cores: Vec<Range<usize>> = cuts.iter().map(|(range, _)| range.clone()).collect();
    for (index, (core, number)) in cuts.iter().enumerate() {
        let Some(number) = number else { continue };
        let before = if index == 0 { 0 } else { cores[index - 1].end };
        let after = cores.get(index + 1).map_or(text.len(), |next| next.start);
        let range = with_space(text, core, before, after, index > 0, index + 1 < cores.len());
        marks.cut(line, span.start + range.start as u32..span.start + range.end as u32, Mark::written(*number));
    }
}

/// A cut widened by the white space that would be left over at its edges, within `before..after`:
/// the line's edges, or the cuts beside it.
fn with_space(
    text: &str,
    core: &Range<usize>,
    before: usize,
    after: usize,
    cut_before: bool,
    cut_after: bool,
) -> Range<usize> {
    let start = before + text[before..core.start].trim_end().len();
    let end = after - text[core.end..after].trim_start().len();
    let (touches_start, touches_end) = (start == before, end == after);
    match (touches_start, touches_end) {
        (true, _) if !cut_before => before..end,
        // White space between two cuts goes with the first of them.
        (true, _) => core.start..end,
        (false, true) if !cut_after => start..after,
        (false, true) => core.start..after,
        (false, false) if closes(&text[core.end..]) => start..core.end,
        (false, false) if start < core.start => core.start..end,
        (false, false) => core.clone(),
    }
}

/// Whether the text begins with a mark that no white space stands before.
fn closes(text: &str) -> bool {
    let is_mark = |c| script::ends_sentence(c) || script::parts_sentence(c) || script::is_colon(c);
    text.starts_with(|c| is_mark(c) || matches!(c, ')' | ']' | '…'))
}

fn leaves_words(text: &str, cuts: &[(Range<usize>, Option<u32>)]) -> bool {
    let mut from = 0;
    let mut rest = cuts.iter().map(|(range, _)| range.clone()).chain(std::iter::once(text.len()..text.len()));
    rest.any(|cut| {
        let kept = &text[from..cut.start];
        from = cut.end;
        kept.chars().any(char::is_alphanumeric)
    })
}
