//! A part of a page as a page of its own, for those who cannot hold all that they know of a very long one at once.

use std::collections::HashMap;
use std::ops::Range;

use super::markup::{Cells, Element, Inline, InlineKind, Markup};
use super::{Block, Page};

impl Page {
    /// Some of its blocks, with the elements that these stand in, whose sizes are still those on the whole page.
    /// Takes time and memory by the part, whatever the length of the page, where the blocks of a part stand in
    /// elements of their own.
    pub(crate) fn part(&self, range: Range<usize>) -> Page {
        let blocks = &self.blocks[range.clone()];
        let start = blocks.first().map_or(0, |block| block.span.start);
        let end = blocks.last().map_or(start, |block| block.span.end);
        let moved = |span: &Range<u32>| span.start - start..span.end - start;
        Page {
            source: self.source.clone(),
            site: self.site.clone(),
            url: self.url.clone(),
            text: self.text[start as usize..end as usize].to_string(),
            blocks: blocks.iter().map(|block| Block { span: moved(&block.span), place: block.place }).collect(),
            columns: self.columns.part(range.clone()),
            markup: self.markup.as_ref().map(|markup| Box::new(markup.part(range, start..end))),
        }
    }
}

impl Markup {
    fn part(&self, range: Range<usize>, text: Range<u32>) -> Markup {
        let mut settings = self.settings[range.clone()].to_vec();
        let kept = self.elements_around(settings.iter().map(|setting| setting.element));
        let place = |old: u32| kept.binary_search(&old).unwrap_or_default() as u32;
        settings.iter_mut().for_each(|setting| setting.element = place(setting.element));
        let mut labels = Numbers::default();
        let element = |&old: &u32| {
            let element = self.elements[old as usize];
            Element { parent: element.parent.map(place), label: labels.number(element.label), ..element }
        };
        let elements = kept.iter().map(element).collect();
        let mut targets = Numbers::default();
        let moved = |span: &Range<u32>| {
            let within = |at: u32| at.clamp(text.start, text.end) - text.start;
            within(span.start)..within(span.end)
        };
        let first = self.inline.partition_point(|inline| inline.span.start < text.start);
        let inline = self.inline[first..].iter().take_while(|inline| inline.span.start < text.end).map(|inline| {
            let kind = match inline.kind {
                InlineKind::Link(target) => InlineKind::Link(targets.number(target)),
                other => other,
            };
            Inline { span: moved(&inline.span), kind }
        });
        let inline = inline.collect();
        let first = self.rows.partition_point(|row| (row.block as usize) < range.start);
        let rows = self.rows[first..].iter().take_while(|row| (row.block as usize) < range.end);
        let rows = rows
            .map(|row| Cells { block: row.block - range.start as u32, spans: row.spans.iter().map(moved).collect() });
        Markup {
            settings,
            elements,
            labels: labels.of(&self.labels),
            inline,
            targets: targets.of(&self.targets),
            rows: rows.collect(),
            declared: self.declared.clone(),
        }
    }

    /// These elements and all that they stand in, each once, in their order.
    fn elements_around(&self, elements: impl Iterator<Item = u32>) -> Vec<u32> {
        let mut kept = std::collections::HashSet::new();
        for element in elements {
            for around in self.ancestors(element) {
                if !kept.insert(around) {
                    break;
                }
            }
        }
        let mut kept: Vec<u32> = kept.into_iter().collect();
        kept.sort_unstable();
        kept
    }
}

/// New numbers for things that a part keeps of a list, in the order in which they come.
#[derive(Default)]
struct Numbers {
    new: HashMap<u32, u32>,
    old: Vec<u32>,
}

impl Numbers {
    fn number(&mut self, old: u32) -> u32 {
        *self.new.entry(old).or_insert_with(|| {
            self.old.push(old);
            self.old.len() as u32 - 1
        })
    }

    fn of<T: Clone>(&self, all: &[T]) -> Vec<T> {
        self.old.iter().filter_map(|&old| all.get(old as usize).cloned()).collect()
    }
}
