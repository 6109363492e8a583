//! The elements that hold blocks: noted when the first block stands in them, so that most elements of a page, which
//! hold none, cost nothing.

use std::collections::HashMap;

use super::stack::Open;
use crate::page::markup::{Element, Label};

/// The elements noted so far.
#[derive(Debug, Default)]
pub(super) struct Elements {
    pub elements: Vec<Element>,
    pub labels: Vec<Label>,
    known: HashMap<Label, u32>,
}

impl Elements {
    /// The index of the open element at `at`; it and what it stands in are noted the first time.
    pub(super) fn of(&mut self, open: &mut [Open], at: usize) -> u32 {
        let first = open[..=at].iter().rposition(|open| open.element.is_some()).map_or(0, |noted| noted + 1);
        let mut innermost = first.checked_sub(1).and_then(|at| open[at].element);
        for open in &mut open[first..=at] {
            let label = self.label(open);
            let number = self.elements.len() as u32;
            self.elements.push(Element { parent: innermost, label, blocks: 0, chars: 0, linked: 0 });
            open.element = Some(number);
            innermost = Some(number);
        }
        innermost.unwrap_or_default()
    }

    fn label(&mut self, open: &Open) -> u32 {
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        let label = Label { tag: open.name.to_string(), id: text(&open.id), class: text(&open.class) };
        let next = self.labels.len() as u32;
        *self.known.entry(label).or_insert_with_key(|label| {
            self.labels.push(label.clone());
            next
        })
    }
}
