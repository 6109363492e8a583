//! Foreign elements, formulas, readings and the numbers of items.

use super::super::phrases;
use super::super::stack::Open;
use super::super::tags::{Flow, INLINE, Name, Tag};
use super::{Attributes, DEEPEST, Tree};

impl Tree {
    pub(super) fn start_foreign(&mut self, name: Name, attributes: Attributes, closes_itself: bool) {
        // Graphics are no text. The source of a formula, in TeX, tells more than its parts and stands for them.
        let is_within_aside = self.open.last().is_some_and(|open| open.is_aside);
        let is_source = &*name == "annotation" && attributes.is_tex && !is_within_aside && self.take_back_formula();
        let is_aside = matches!(&*name, "svg" | "annotation" | "annotation-xml") && !is_source;
        if is_aside && !is_within_aside {
            self.count_aside(&name);
        }
        if closes_itself || self.open.len() >= DEEPEST {
            self.too_deep += usize::from(!closes_itself);
            return;
        }
        let operator = self.open.last_mut().and_then(|parent| {
            parent.children = parent.children.saturating_add(1);
            phrases::operator(&parent.name, parent.children)
        });
        if let Some(operator) = operator.filter(|_| !is_within_aside) {
            self.writer.write_sign(operator);
        }
        // What is raised or divided may be a sum.
        let is_part = operator.is_some() && &*name == "mrow" && !is_within_aside;
        if is_part {
            self.writer.write_sign("(");
        }
        let from = (&*name == "math" && !is_within_aside).then(|| self.writer.here());
        self.push(name, Tag { flow: Flow::Foreign, inline: None, ..INLINE }, Attributes { href: None, ..attributes });
        if let Some(open) = self.open.last_mut() {
            open.is_foreign = true;
            open.is_aside |= is_aside;
            (open.from, open.closing) = (from, if is_part { ")" } else { "" });
        }
    }

    /// Takes back what a formula's parts gave, so that its source can stand for them.
    fn take_back_formula(&mut self) -> bool {
        let formula = self.open.iter().rev().find(|open| &*open.name == "math").and_then(|open| open.from);
        formula.is_some_and(|from| self.writer.take_back(from))
    }

    /// Gives an item its number, and an ordered list the one of its first item.
    pub(super) fn count_item(&mut self, open: &mut Open, number: Option<i32>) {
        match &*open.name {
            "ol" => open.number = Some(number.unwrap_or(1)),
            "li" => {
                let list = self.open.iter_mut().rev().find(|open| matches!(&*open.name, "ol" | "ul" | "menu" | "dir"));
                if let Some((list, next)) = list.and_then(|list| list.number.map(|next| (list, next))) {
                    let own = number.unwrap_or(next);
                    let step = if list.is_reversed { -1 } else { 1 };
                    (open.number, list.number) = (Some(own), Some(own.saturating_add(step)));
                }
            }
            _ => {}
        }
    }

    /// Ends the reading of a word, whose end tag may be left out.
    pub(super) fn end_reading(&mut self) {
        let is_reading = |open: &Open| matches!(&*open.name, "rt" | "rp");
        let open = self.open.find(is_reading, |open| open.flow.divides());
        self.pop_found(open);
    }
}
