//! The stack of open elements: what each gives to the text that stands in it, and how far a tag reaches.

use std::ops::{Deref, DerefMut};

use super::attributes::Attributes;
use super::tags::{Flow, Name, Tag};
use super::writer::Start;
use crate::page::markup::{Inside, Kind};

/// An element that is open.
#[derive(Debug)]
pub(super) struct Open {
    pub name: Name,
    pub flow: Flow,
    /// What the text in it is, and where it stands.
    pub kind: Kind,
    pub level: u8,
    pub inside: Inside,
    /// The element that gave the kind, by a number of its own.
    pub owner: u32,
    /// The outermost list or table around, by a number of its own; 0 where there is none.
    pub group: u32,
    /// How many lists it stands in.
    pub lists: u8,
    /// Its index among the elements, once a block stands in it.
    pub element: Option<u32>,
    pub id: Option<String>,
    pub class: Option<String>,
    /// The inline markup that it is, by its number.
    pub inline: Option<u32>,
    /// The marks that stand around it, by their number.
    pub marks: Option<u32>,
    /// Where its text begins, of what is raised and of a formula.
    pub from: Option<Start>,
    /// How many elements of MathML stand in it.
    pub children: u8,
    /// What it closes with, of a part of a formula.
    pub closing: &'static str,
    /// The number of the next item of a list; of an item, its own.
    pub number: Option<i32>,
    /// Whether its items count down.
    pub is_reversed: bool,
    /// Whether what stands in it is no text of the page.
    pub is_aside: bool,
    /// Whether it is of another language than HTML.
    pub is_foreign: bool,
}

impl Open {
    /// An element in another; `number` is its own.
    pub(super) fn within(outer: Option<&Open>, name: Name, tag: Tag, attributes: Attributes, number: u32) -> Open {
        let mut open = Open {
            name,
            flow: tag.flow,
            kind: outer.map_or(Kind::Loose, |outer| outer.kind),
            level: outer.map_or(0, |outer| outer.level),
            inside: outer.map_or(Inside::NOTHING, |outer| outer.inside),
            owner: outer.map_or(0, |outer| outer.owner),
            group: outer.map_or(0, |outer| outer.group),
            lists: outer.map_or(0, |outer| outer.lists),
            element: None,
            id: attributes.id,
            class: attributes.class,
            inline: None,
            marks: None,
            from: None,
            children: 0,
            closing: "",
            number: None,
            is_reversed: attributes.is_reversed,
            is_aside: outer.is_some_and(|outer| outer.is_aside) || matches!(tag.flow, Flow::RawAside | Flow::Aside),
            is_foreign: false,
        };
        let is_list = tag.inside.has(Inside::LIST);
        if is_list {
            open.lists = open.lists.saturating_add(1);
            open.inside = open.inside.without(Inside::ORDERED);
        }
        if open.group == 0 && (is_list || matches!(&*open.name, "table" | "dl" | "select")) {
            open.group = number;
        }
        let kind = match tag.kind {
            // A paragraph of an item, a quote or a definition is part of it.
            Some(Kind::Paragraph) if open.kind != Kind::Loose => None,
            kind => attributes.heading.map(|_| Kind::Heading).or(kind),
        };
        if let Some(kind) = kind {
            open.kind = kind;
            open.owner = number;
            open.level = match kind {
                Kind::Heading => attributes.heading.unwrap_or_else(|| open.name.as_bytes()[1] - b'0'),
                Kind::Item => open.lists,
                _ => 0,
            };
        }
        open.inside |= tag.inside | attributes.inside;
        open
    }

    /// Whether it ends the scope in which its like is looked for (HTML Standard, 13.2.4.2).
    pub(super) fn ends_scope(&self) -> bool {
        self.flow == Flow::Cell
            || self.flow == Flow::Table
            || matches!(&*self.name, "caption" | "template" | "marquee" | "object" | "applet")
            || self.is_foreign && self.is_integration_point()
    }

    /// The same for the parts of a table.
    pub(super) fn ends_table_scope(&self) -> bool {
        self.flow == Flow::Table || &*self.name == "template"
    }

    /// Whether HTML stands in it again, though it is foreign.
    pub(super) fn is_integration_point(&self) -> bool {
        matches!(
            &*self.name,
            "foreignobject" | "desc" | "title" | "mi" | "mo" | "mn" | "ms" | "mtext" | "annotation-xml"
        )
    }
}

/// The open elements, the innermost last.
#[derive(Debug, Default)]
pub(super) struct Stack {
    open: Vec<Open>,
    /// How many of each flow there are: what is not there is not looked for.
    by_flow: [u32; Flow::COUNT],
}

impl Stack {
    pub(super) fn push(&mut self, open: Open) {
        self.by_flow[open.flow as usize] += 1;
        self.open.push(open);
    }

    pub(super) fn pop(&mut self) -> Option<Open> {
        let open = self.open.pop()?;
        self.by_flow[open.flow as usize] -= 1;
        Some(open)
    }

    /// Whether an element of this flow is open.
    pub(super) fn has(&self, flow: Flow) -> bool {
        self.by_flow[flow as usize] > 0
    }

    /// The innermost element that is `wanted`, unless one that is a `boundary` stands before it.
    pub(super) fn find(&self, wanted: impl Fn(&Open) -> bool, boundary: impl Fn(&Open) -> bool) -> Option<usize> {
        for (at, open) in self.open.iter().enumerate().skip(1).rev() {
            if wanted(open) {
                return Some(at);
            }
            if boundary(open) {
                return None;
            }
        }
        None
    }

    /// The innermost element of this flow.
    pub(super) fn innermost(&self, flow: Flow) -> Option<&Open> {
        if !self.has(flow) {
            return None;
        }
        self.open.iter().rev().find(|open| open.flow == flow)
    }

    /// Leaves an element open by its place, and no longer by its name; its inline markup, if it was any.
    pub(super) fn disown(&mut self, at: usize) -> Option<u32> {
        let open = &mut self.open[at];
        self.by_flow[open.flow as usize] -= 1;
        self.by_flow[Flow::Inline as usize] += 1;
        open.flow = Flow::Inline;
        open.name = Name::of("");
        open.inline.take()
    }
}

impl Deref for Stack {
    type Target = [Open];

    fn deref(&self) -> &[Open] {
        &self.open
    }
}

impl DerefMut for Stack {
    fn deref_mut(&mut self) -> &mut [Open] {
        &mut self.open
    }
}
