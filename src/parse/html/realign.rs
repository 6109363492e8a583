//! Moves the places of blocks and inline markup along with a text that was mended.

use std::ops::Range;

use crate::page::Block;
use crate::page::markup::{Inline, InlineKind, Markup};

/// How far apart the two forms of a line may run before they meet again, in characters.
const APART: usize = 16;

/// How many characters have to agree for them to have met.
const AGREE: usize = 3;

/// Sets the spans of blocks, inline markup and cells to where they are in `after`, whose lines are the blocks of
/// `before`, mended.
pub(super) fn realign(before: &str, after: &str, blocks: &mut [Block], markup: &mut Markup) {
    let (mut inline, mut cells) = (0, 0);
    let mut from = 0;
    for (index, (block, line)) in blocks.iter_mut().zip(after.split('\n')).enumerate() {
        let old = block.span.clone();
        let start = from as u32;
        block.span = start..start + line.len() as u32;
        from += line.len() + 1;
        let moved = Moved { old: &before[old.start as usize..old.end as usize], new: line, at: old.start, to: start };
        let mut steps = None;
        let mut set = |span: &mut Range<u32>| *span = moved.span(span, &mut steps);
        while let Some(entry) = markup.inline.get_mut(inline).filter(|entry| entry.span.start < old.end) {
            set(&mut entry.span);
            inline += 1;
        }
        if let Some(row) = markup.rows.get_mut(cells).filter(|row| row.block as usize == index) {
            row.spans.iter_mut().for_each(set);
            cells += 1;
        }
    }
    // What is left of a line break is white space, or it is none: its span is not written.
    let is_blank = |span: &Range<u32>| {
        after.get(span.start as usize..span.end as usize).is_some_and(|text| text.trim().is_empty())
    };
    let stays = |entry: &Inline| !entry.span.is_empty() && (entry.kind != InlineKind::Break || is_blank(&entry.span));
    markup.inline.retain(stays);
}

/// A line before and after, and where it started and starts.
struct Moved<'l> {
    old: &'l str,
    new: &'l str,
    at: u32,
    to: u32,
}

impl Moved<'_> {
    fn span(&self, span: &Range<u32>, steps: &mut Option<Vec<u32>>) -> Range<u32> {
        if self.old == self.new {
            return span.start - self.at + self.to..span.end - self.at + self.to;
        }
        let steps = steps.get_or_insert_with(|| steps_of(self.old, self.new));
        let place = |at: u32| self.to + steps[(at - self.at) as usize];
        place(span.start)..place(span.end)
    }
}

/// For every byte of `old`, and its end, where it is in `new`; what is gone is where the next character is.
fn steps_of(old: &str, new: &str) -> Vec<u32> {
    let mut steps = vec![new.len() as u32; old.len() + 1];
    let (mut a, mut b) = (old.char_indices().peekable(), new.char_indices().peekable());
    while let (Some(&(at, from)), Some(&(to, into))) = (a.peek(), b.peek()) {
        steps[at] = to as u32;
        if from == into {
            a.next();
            b.next();
            continue;
        }
        let (skipped, added) = meeting(&old[at..], &new[to..]);
        for _ in 0..skipped {
            if let Some((at, _)) = a.next() {
                steps[at] = to as u32;
            }
        }
        for _ in 0..added {
            b.next();
        }
    }
    steps
}

/// How many characters of each text go before they agree again; the fewest.
fn meeting(old: &str, new: &str) -> (usize, usize) {
    let chars = |text: &str| text.chars().take(APART + AGREE).collect::<Vec<char>>();
    let (a, b) = (chars(old), chars(new));
    let agree = |i: usize, j: usize| {
        let length = AGREE.min(a.len() - i).min(b.len() - j);
        a[i..i + length] == b[j..j + length] && (length == AGREE || (i + length == a.len() && j + length == b.len()))
    };
    for both in 1..=2 * APART {
        for i in both.saturating_sub(APART)..=both.min(APART) {
            let j = both - i;
            if i <= a.len() && j <= b.len() && agree(i, j) {
                return (i, j);
            }
        }
    }
    (1, 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_found_again_around_what_was_mended() {
        for (old, new, part, expected) in [
            ("the light\u{ad}house keeper", "the lighthouse keeper", "keeper", "keeper"),
            ("a cafÃ© on the quay", "a café on the quay", "quay", "quay"),
            ("cafÃ© crème brÃ»lÃ©e, twice", "café crème brûlée, twice", "brÃ»lÃ©e", "brûlée"),
            ("of\u{fb01}ce hours", "office hours", "hours", "hours"),
        ] {
            let steps = steps_of(old, new);
            let at = old.find(part).unwrap();
            let range = steps[at] as usize..steps[at + part.len()] as usize;
            assert_eq!(&new[range], expected, "{old}");
        }
    }
}
