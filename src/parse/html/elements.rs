//! The elements that hold blocks: noted when the first block stands in them, so that most elements of a page, which
//! hold none, cost nothing.

use std::hash::{BuildHasher, RandomState};

use xxhash_rust::xxh3::xxh3_64_with_seed;

use super::stack::Open;
use crate::line::ByKey;
use crate::page::markup::{Element, Label};

/// The elements noted so far.
#[derive(Debug)]
pub(super) struct Elements {
    pub elements: Vec<Element>,
    pub labels: Vec<Label>,
    /// The labels by a hash that no page can foresee.
    known: ByKey<u32>,
    seed: u64,
    /// The label that is looked for, as one string.
    sought: String,
}

impl Default for Elements {
    fn default() -> Elements {
        let (elements, labels, known, sought) = Default::default();
        Elements { elements, labels, known, sought, seed: RandomState::new().hash_one(0) }
    }
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
        let (id, class) = (open.id.as_deref().unwrap_or_default(), open.class.as_deref().unwrap_or_default());
        let tag = &*open.name;
        self.sought.clear();
        for part in [tag, "\0", id, "\0", class] {
            self.sought.push_str(part);
        }
        let is_it = |label: &Label| label.tag == tag && label.id == id && label.class == class;
        let next = self.labels.len() as u32;
        let key = xxh3_64_with_seed(self.sought.as_bytes(), self.seed);
        let known = *self.known.entry(key).or_insert(next);
        match self.labels.get(known as usize) {
            Some(label) if is_it(label) => return known,
            // Two labels of one hash: nobody will see them.
            Some(_) => {
                if let Some(at) = self.labels.iter().position(is_it) {
                    return at as u32;
                }
            }
            None => {}
        }
        self.labels.push(Label { tag: tag.into(), id: id.into(), class: class.into() });
        next
    }
}
