//! Cutting what trim rules match out of a line.

use std::collections::BTreeMap;
use std::ops::Range;

use super::Compiled;
use crate::line::{PageFeatures, script};
use crate::marks::{Mark, Marks};

/// Cuts what the rules match out of a line, with the white space that would be left over.
/// A rule that would leave neither letter nor digit does not cut.
pub(super) fn cut<'e>(page: &PageFeatures, marks: &mut Marks, line: usize, rules: impl Iterator<Item = &'e Compiled>) {
    let span = page.lines[line].span.clone();
    let text = page.text(line);
    let of_line = marks.cuts_of(line).filter(|cut| cut.range.end > span.start && cut.range.start < span.end);
    let mut cuts: BTreeMap<usize, (Range<usize>, Option<u32>)> = of_line
        .map(|cut| {
            let start = (cut.range.start.max(span.start) - span.start) as usize;
            (start, (start..(cut.range.end.min(span.end) - span.start) as usize, None))
        })
        .collect();
    let mut left: Option<usize> = None;
    for rule in rules {
        for range in rule.matcher.parts(page, line) {
            let last = cuts.range(..range.end).next_back();
            if range.is_empty() || last.is_some_and(|(_, (cut, _))| range.start < cut.end) {
                continue;
            }
            let all = || signs(text) - cuts.values().map(|(cut, _)| signs(&text[cut.clone()])).sum::<usize>();
            let own = signs(&text[range.clone()]);
            let rest = *left.get_or_insert_with(all);
            if rest > own {
                left = Some(rest - own);
                cuts.insert(range.start, (range, Some(rule.number)));
            }
        }
    }
    let cuts: Vec<(Range<usize>, Option<u32>)> = cuts.into_values().collect();
    for (index, (core, number)) in cuts.iter().enumerate() {
        let Some(number) = number else { continue };
        let before = if index == 0 { 0 } else { cuts[index - 1].0.end };
        let after = cuts.get(index + 1).map_or(text.len(), |(next, _)| next.start);
        let range = with_space(text, core, before, after, index > 0, index + 1 < cuts.len());
        marks.cut(line, span.start + range.start as u32..span.start + range.end as u32, Mark::written(*number));
    }
}

/// Letters and digits of a text.
fn signs(text: &str) -> usize {
    text.chars().filter(|c| c.is_alphanumeric()).count()
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
