//! What the markup of an HTML page tells of its blocks: their kind, the elements they stand in, and the inline
//! markup within them.
//!
//! Plain text has none of it: [`super::Page::markup`] is `None` there.

use std::ops::{BitOr, BitOrAssign, Range};

use super::Block;

/// The markup of a page, as far as it holds blocks.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Markup {
    /// One entry a block: where it stands.
    pub settings: Vec<BlockContext>,
    /// The elements that hold blocks, parents before their children.
    pub elements: Vec<Element>,
    /// What the elements are called; elements of the same name, id and classes share one.
    pub labels: Vec<Label>,
    /// Emphasis, code, links and line breaks within blocks, ascending by their start; what is outside stands
    /// before what is inside.
    pub inline: Vec<Inline>,
    /// Where links lead, as written in the page.
    pub targets: Vec<String>,
    /// The cells of table rows, ascending by block.
    pub rows: Vec<Cells>,
    /// What the page's head says that it is.
    pub declared: Declared,
}

/// What a page says of itself where readers do not see it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Declared {
    /// Its titles as Open Graph, JSON-LD and the element `title` give them, each once; the site's name may be part of one.
    pub titles: Vec<String>,
    /// The name of its site.
    pub site_name: Option<String>,
    /// What it is.
    pub kind: PageKind,
}

/// What a page says that it is: `og:type`, else the type of its JSON-LD.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[repr(u8)]
pub enum PageKind {
    /// It says nothing, or what no other kind stands for.
    #[default]
    Unknown,
    /// A page of a site with nothing more said: `website`.
    Site,
    /// A list of other pages.
    List,
    /// A product or an offer.
    Product,
    /// A thread of a forum, a question with answers.
    Thread,
    /// An article, and not of the news.
    Article,
    /// An article of the news.
    News,
}

/// Where a block stands in an HTML page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BlockContext {
    /// The innermost block element that holds it, by its index in [`Markup::elements`].
    pub element: u32,
    /// What it is.
    pub kind: Kind,
    /// A heading's level, 1 to 6; how many lists an item stands in; 1 for a row of nothing but table headers; else 0.
    pub level: u8,
    /// Whether it belongs to the same element as the block before it: the next line of code, what follows a
    /// double line break, the second paragraph of an item or a quote.
    pub continues: bool,
    /// What it stands in, at any depth.
    pub inside: Inside,
    /// How many of its characters, white space left out, are in links.
    pub linked: u32,
    /// How many elements it stands in.
    pub depth: u16,
    /// The number of an item of an ordered list, at its first block.
    pub number: Option<i32>,
}

/// What a block is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Kind {
    /// Text in no element that says what it is: in a `div`, a `section`, a table cell.
    Loose,
    /// `p`.
    Paragraph,
    /// `h1` to `h6`, and what has the role.
    Heading,
    /// `li`.
    Item,
    /// A table row of short cells, joined by ` | `.
    Row,
    /// `blockquote`, its paragraphs too.
    Quote,
    /// A line of `pre`: white space is kept, a block is a line.
    Code,
    /// `figcaption`, `caption`, `legend`.
    Caption,
    /// `dt`.
    Term,
    /// `dd`.
    Definition,
    /// `button`, `option`, `textarea`.
    Field,
}

impl Kind {
    /// Its name, for people.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Loose => "loose",
            Kind::Paragraph => "paragraph",
            Kind::Heading => "heading",
            Kind::Item => "item",
            Kind::Row => "row",
            Kind::Quote => "quote",
            Kind::Code => "code",
            Kind::Caption => "caption",
            Kind::Term => "term",
            Kind::Definition => "definition",
            Kind::Field => "field",
        }
    }
}

/// A set of things that a block stands in, by element or by ARIA role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Inside(u32);

impl Inside {
    /// `nav`, role `navigation`, `menu`, `menubar`.
    pub const NAV: Inside = Inside(1);
    /// `header`, role `banner`.
    pub const HEADER: Inside = Inside(1 << 1);
    /// `footer`, role `contentinfo`.
    pub const FOOTER: Inside = Inside(1 << 2);
    /// `aside`, role `complementary`.
    pub const ASIDE: Inside = Inside(1 << 3);
    /// `article`, role `article`.
    pub const ARTICLE: Inside = Inside(1 << 4);
    /// `main`, role `main`.
    pub const MAIN: Inside = Inside(1 << 5);
    /// `form`, `search`, role `search` and `form`.
    pub const FORM: Inside = Inside(1 << 6);
    /// What is not shown: the attribute `hidden`, `display: none` or `visibility: hidden` in the attribute `style`,
    /// a closed `dialog`.
    pub const HIDDEN: Inside = Inside(1 << 7);
    /// `aria-hidden="true"`: shown, but not read aloud.
    pub const UNSPOKEN: Inside = Inside(1 << 8);
    /// `noscript`.
    pub const NOSCRIPT: Inside = Inside(1 << 9);
    /// What stands in for media: inside `video`, `audio`, `canvas`, `object`.
    pub const FALLBACK: Inside = Inside(1 << 10);
    /// `ul`, `ol`, `menu`, `dir`.
    pub const LIST: Inside = Inside(1 << 11);
    /// The innermost list is an `ol`.
    pub const ORDERED: Inside = Inside(1 << 12);
    /// `table`.
    pub const TABLE: Inside = Inside(1 << 13);
    /// `blockquote`.
    pub const QUOTE: Inside = Inside(1 << 14);
    /// `figure`.
    pub const FIGURE: Inside = Inside(1 << 15);
    /// `dialog`, role `dialog` and `alertdialog`.
    pub const DIALOG: Inside = Inside(1 << 16);
    /// `details`.
    pub const DETAILS: Inside = Inside(1 << 17);
    /// `select`.
    pub const SELECT: Inside = Inside(1 << 18);
    /// `section`.
    pub const SECTION: Inside = Inside(1 << 19);

    /// Whether it holds all of `other`.
    pub fn has(self, other: Inside) -> bool {
        self.0 & other.0 == other.0
    }

    /// Whether it holds any of `other`.
    pub fn has_any(self, other: Inside) -> bool {
        self.0 & other.0 != 0
    }

    /// The same without `other`.
    #[must_use]
    pub fn without(self, other: Inside) -> Inside {
        Inside(self.0 & !other.0)
    }

    /// The set as bits, the lowest being [`Inside::NAV`]'s.
    pub fn bits(self) -> u32 {
        self.0
    }

    /// Nothing.
    pub const NOTHING: Inside = Inside(0);

    /// Both sets together, where a constant is wanted.
    #[must_use]
    pub const fn and(self, other: Inside) -> Inside {
        Inside(self.0 | other.0)
    }
}

impl BitOr for Inside {
    type Output = Inside;

    fn bitor(self, other: Inside) -> Inside {
        self.and(other)
    }
}

impl BitOrAssign for Inside {
    fn bitor_assign(&mut self, other: Inside) {
        *self = self.and(other);
    }
}

/// An element that holds blocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Element {
    /// The element it stands in; `None` for the outermost.
    pub parent: Option<u32>,
    /// What it is called, by its index in [`Markup::labels`].
    pub label: u32,
    /// How many blocks stand in it, at any depth.
    pub blocks: u32,
    /// Their characters, white space left out.
    pub chars: u32,
    /// How many of these are in links.
    pub linked: u32,
}

/// What an element is called.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Label {
    /// The tag's name, lower case.
    pub tag: String,
    /// The attribute `id`; empty where there is none.
    pub id: String,
    /// The attribute `class`, as written; empty where there is none.
    pub class: String,
}

/// Inline markup within a block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inline {
    /// Its bytes in [`super::Page::text`].
    pub span: Range<u32>,
    /// What it is.
    pub kind: InlineKind,
}

/// What inline markup is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InlineKind {
    /// `em`, `i`.
    Emphasis,
    /// `strong`, `b`.
    Strong,
    /// `code`, `kbd`, `samp`, `tt`.
    Code,
    /// `a` with a target, by its index in [`Markup::targets`].
    Link(u32),
    /// A line break: its span is the space that stands for it.
    Break,
}

/// The cells of a table row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cells {
    /// The row's block.
    pub block: u32,
    /// Each cell's bytes in [`super::Page::text`], in their order; empty cells too.
    pub spans: Vec<Range<u32>>,
}

impl Markup {
    /// What an element is called.
    pub fn label(&self, element: u32) -> &Label {
        &self.labels[self.elements[element as usize].label as usize]
    }

    /// An element and those it stands in, from the inside out.
    pub fn ancestors(&self, element: u32) -> impl Iterator<Item = u32> {
        std::iter::successors(Some(element), |&element| self.elements[element as usize].parent)
    }

    /// The blocks of each element and all in it, from the first to one past the last.
    pub fn spans(&self) -> Vec<(usize, usize)> {
        let mut spans = vec![(usize::MAX, 0); self.elements.len()];
        for (block, setting) in self.settings.iter().enumerate() {
            let span = &mut spans[setting.element as usize];
            *span = (span.0.min(block), block + 1);
        }
        for element in (0..spans.len()).rev() {
            if let Some(parent) = self.elements[element].parent {
                let (first, after) = spans[element];
                let parent = &mut spans[parent as usize];
                *parent = (parent.0.min(first), parent.1.max(after));
            }
        }
        spans.iter_mut().for_each(|span| span.0 = span.0.min(span.1));
        spans
    }

    /// Whether each element stands in one that is called so, or is it; `None` where none is. The frame of the
    /// page is called whatever it likes.
    pub fn inside_named(&self, is_named: impl Fn(&Label) -> bool) -> Option<Vec<bool>> {
        let is_frame = |label: &Label| matches!(label.tag.as_str(), "html" | "body" | "main" | "article");
        let named: Vec<bool> = self.labels.iter().map(|label| !is_frame(label) && is_named(label)).collect();
        if !named.contains(&true) {
            return None;
        }
        let mut inside = vec![false; self.elements.len()];
        for (index, element) in self.elements.iter().enumerate() {
            let is_outer = element.parent.is_some_and(|parent| inside[parent as usize]);
            inside[index] = is_outer || named[element.label as usize];
        }
        Some(inside)
    }

    /// Counts the characters of blocks and elements, and how many are in links.
    pub(crate) fn measure(&mut self, text: &str, blocks: &[Block]) {
        let mut inline = 0;
        for (block, setting) in blocks.iter().zip(&mut self.settings) {
            let mut linked_to = block.span.start;
            setting.linked = 0;
            while let Some(entry) = self.inline.get(inline).filter(|entry| entry.span.start < block.span.end) {
                inline += 1;
                if matches!(entry.kind, InlineKind::Link(_)) {
                    let from = entry.span.start.max(linked_to);
                    linked_to = entry.span.end.max(from);
                    setting.linked += solid(&text[from as usize..linked_to as usize]);
                }
            }
            let element = &mut self.elements[setting.element as usize];
            element.blocks += 1;
            element.chars += solid(&text[block.span.start as usize..block.span.end as usize]);
            element.linked += setting.linked;
        }
        // An element stands behind the one that it is in.
        for index in (0..self.elements.len()).rev() {
            let Element { parent, blocks, chars, linked, .. } = self.elements[index];
            if let Some(parent) = parent {
                let parent = &mut self.elements[parent as usize];
                (parent.blocks, parent.chars, parent.linked) =
                    (parent.blocks + blocks, parent.chars + chars, parent.linked + linked);
            }
        }
    }

    /// The path of an element for people: its innermost `parts` elements, `div#page>main>ul.tags>li`.
    pub fn path(&self, element: u32, parts: usize) -> String {
        let labels: Vec<&Label> = self.ancestors(element).take(parts).map(|element| self.label(element)).collect();
        let mut path = String::with_capacity(PATH_BYTES);
        for (at, label) in labels.into_iter().rev().enumerate() {
            if at > 0 {
                path.push('>');
            }
            label.write_selector(&mut path);
        }
        path
    }
}

/// The bytes that most paths have room in.
const PATH_BYTES: usize = 96;

/// How many characters of a text are no white space.
fn solid(text: &str) -> u32 {
    let is_space = |byte: u8| byte == b' ' || byte.wrapping_sub(b'\t') < 5;
    match text.is_ascii() {
        true => text.bytes().filter(|&byte| !is_space(byte)).count() as u32,
        false => text.chars().filter(|c| !c.is_whitespace()).count() as u32,
    }
}

impl Label {
    /// The words of its classes.
    pub fn classes(&self) -> impl Iterator<Item = &str> {
        self.class.split_ascii_whitespace()
    }

    /// Appends the label as a selector: its tag with its id, else with its first class.
    fn write_selector(&self, to: &mut String) {
        to.push_str(&self.tag);
        let (sign, name) = match (self.id.split_ascii_whitespace().next(), self.classes().next()) {
            (Some(id), _) => ("#", id),
            (None, Some(class)) => (".", class),
            (None, None) => return,
        };
        to.push_str(sign);
        to.push_str(name);
    }
}
