//! The elements that are open while a page is read, and what they make of its text.
//!
//! Follows the tree construction of the HTML Standard as far as it tells where text stands: implied end tags,
//! scopes, `head` and `body`, foreign elements. It builds no tree. Misnested formatting is closed rather than
//! cloned, and what stands in a table outside its cells stays where it is: neither changes a page's words. No
//! more than [`DEEPEST`] elements are open at once, as in browsers, so that time is linear in the page's length.

use std::collections::{BTreeMap, HashMap};

use html5ever::LocalName;
use html5ever::tendril::StrTendril;

use super::attributes::Attributes;
use super::tags::{Flow, Tag, tag};
use super::writer::{Context, Writer, line_ends};
use crate::page::markup::{Element, InlineKind, Inside, Kind, Label};

/// How many elements may be open at once; Blink and WebKit have 512 too. Deeper ones are left out, their text stays.
const DEEPEST: usize = 512;

/// What an element is called where its content is set aside, for the account.
pub(super) type Aside = BTreeMap<&'static str, u64>;

/// The open elements, and the page so far.
#[derive(Debug)]
pub(super) struct Tree {
    pub writer: Writer,
    pub elements: Vec<Element>,
    pub labels: Vec<Label>,
    pub targets: Vec<String>,
    /// How many elements were set aside with what they hold, by name.
    pub aside: Aside,
    open: Vec<Open>,
    known_labels: HashMap<Label, u32>,
    rows: Vec<OpenRow>,
    /// Elements that are open but too deep to be noted.
    too_deep: usize,
    /// How many elements of each flow are open: what is not there is not looked for.
    open_by_flow: [u32; Flow::COUNT],
    numbered: u32,
    has_body: bool,
}

#[derive(Debug)]
struct Open {
    name: LocalName,
    flow: Flow,
    /// What stands in it.
    kind: Kind,
    level: u8,
    inside: Inside,
    owner: u32,
    group: u32,
    lists: u8,
    /// Its index among the elements, once a block stands in it.
    element: Option<u32>,
    id: Option<StrTendril>,
    class: Option<StrTendril>,
    /// The inline markup that it is, by its number.
    inline: Option<u32>,
    is_aside: bool,
    is_foreign: bool,
}

/// A table row that is open.
#[derive(Debug, Default)]
struct OpenRow {
    first: usize,
    cells: Vec<usize>,
    headers: usize,
}

/// Names that end foreign content, by the HTML Standard (13.2.6.5).
const BREAKS_OUT: &[&str] = &[
    "b",
    "big",
    "blockquote",
    "body",
    "br",
    "center",
    "code",
    "dd",
    "div",
    "dl",
    "dt",
    "em",
    "embed",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "head",
    "hr",
    "i",
    "img",
    "li",
    "listing",
    "menu",
    "meta",
    "nobr",
    "ol",
    "p",
    "pre",
    "ruby",
    "s",
    "small",
    "span",
    "strong",
    "strike",
    "sub",
    "sup",
    "table",
    "tt",
    "u",
    "ul",
    "var",
];

/// What may stand in `head`.
const IN_HEAD: &[&str] =
    &["base", "basefont", "bgsound", "link", "meta", "title", "noscript", "noframes", "style", "script", "template"];

impl Tree {
    pub fn new() -> Tree {
        let mut tree = Tree {
            writer: Writer::default(),
            elements: Vec::new(),
            labels: Vec::new(),
            targets: Vec::new(),
            aside: Aside::new(),
            open: Vec::new(),
            known_labels: HashMap::new(),
            rows: Vec::new(),
            too_deep: 0,
            open_by_flow: [0; Flow::COUNT],
            numbered: 0,
            has_body: false,
        };
        tree.push("html".into(), tag("html"), Attributes::default());
        tree
    }

    /// Text of the page; `line` is the raw line on which it ends.
    pub fn text(&mut self, text: &str, line: u32) {
        let Some(top) = self.open.last() else { return };
        if top.is_aside {
            return;
        }
        if (!self.has_body || self.is_in_head()) && !text.bytes().all(|byte| byte.is_ascii_whitespace()) {
            self.ensure_body();
        }
        if self.open.last().is_some_and(|top| top.kind == Kind::Code) {
            let mut line = line.saturating_sub(line_ends(text));
            let mut pieces = text.split('\n').peekable();
            while let Some(piece) = pieces.next() {
                self.writer.write_code(piece, line);
                line += 1;
                if pieces.peek().is_some() {
                    self.end_line_of_code();
                }
            }
        } else {
            self.writer.write(text, line);
        }
    }

    /// Whether the elements under way are of another language than HTML.
    pub fn is_foreign(&self) -> bool {
        self.open.last().is_some_and(|top| top.is_foreign && !is_integration_point(&top.name))
    }

    /// Whether the innermost open element is of another language than HTML.
    pub fn is_in_foreign_element(&self) -> bool {
        self.open.last().is_some_and(|top| top.is_foreign)
    }

    /// A start tag.
    pub fn start(&mut self, name: LocalName, attributes: Attributes, closes_itself: bool) {
        if self.is_foreign() {
            let is_html = BREAKS_OUT.contains(&&*name) || (&*name == "font" && attributes.is_styled_font);
            if !is_html {
                return self.start_foreign(name, attributes, closes_itself);
            }
            while self.is_foreign() {
                self.pop();
            }
        }
        let tag = tag(&name);
        self.leave_head_for(&name, tag.flow);
        match tag.flow {
            Flow::Frame => return self.start_frame(name, attributes),
            Flow::Void => return,
            Flow::Break => return self.line_break(),
            _ => {}
        }
        self.make_room_for(&name, tag.flow);
        match tag.flow {
            Flow::Rule => self.end_block(),
            Flow::Foreign => self.start_foreign(name, attributes, closes_itself),
            flow => {
                if flow.divides() {
                    self.end_block();
                }
                let is_raw = matches!(flow, Flow::RawAside | Flow::RawText);
                if self.open.len() >= DEEPEST && !is_raw {
                    self.too_deep += 1;
                    return;
                }
                self.push(name, tag, attributes);
            }
        }
    }

    /// An end tag.
    pub fn end(&mut self, name: &LocalName) {
        let flow = tag(name).flow;
        // One without a start still parts what stands before and after it.
        if flow.divides() {
            self.end_block();
        }
        if self.too_deep > 0 && !matches!(flow, Flow::RawAside | Flow::RawText | Flow::Void | Flow::Rule | Flow::Break)
        {
            self.too_deep -= 1;
            return;
        }
        match flow {
            // Foreign elements are of any name, and flow inline.
            _ if !self.has_open(flow) && !self.has_open(Flow::Foreign) && flow != Flow::Break => {}
            Flow::Frame if &**name == "head" => {
                if self.is_in_head() {
                    self.pop_to(1);
                }
            }
            Flow::Break => self.line_break(),
            Flow::Frame | Flow::Void | Flow::Rule => {}
            Flow::Heading => {
                let open = self.find(|open| open.flow == Flow::Heading, ends_scope);
                self.pop_found(open);
            }
            Flow::Item => {
                let open = self.find(
                    |open| open.flow == Flow::Item,
                    |open| ends_scope(open) || matches!(&*open.name, "ol" | "ul"),
                );
                self.pop_found(open);
            }
            Flow::Table | Flow::TablePart | Flow::Row | Flow::Cell => {
                let open = self.find(|open| open.name == *name, ends_table_scope);
                self.pop_found(open);
            }
            Flow::Formatting => self.end_formatting(name),
            Flow::Inline | Flow::Foreign => {
                let open = self.find(|open| open.name == *name, |open| open.flow.is_special());
                self.pop_found(open);
            }
            _ => {
                let open = self.find(|open| open.name == *name, ends_scope);
                self.pop_found(open);
            }
        }
    }

    /// The end of the page.
    pub fn finish(&mut self) {
        self.pop_to(0);
    }

    fn push(&mut self, name: LocalName, tag: Tag, attributes: Attributes) {
        let divides = tag.flow.divides();
        let outer = self.open.last();
        let mut open = Open {
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
            is_aside: outer.is_some_and(|outer| outer.is_aside),
            is_foreign: false,
            name,
        };
        self.numbered += 1;
        let is_list = tag.inside.has(Inside::LIST);
        if is_list {
            open.lists = open.lists.saturating_add(1);
            open.inside = open.inside.without(Inside::ORDERED);
        }
        if is_list || matches!(&*open.name, "table" | "dl" | "select") && open.group == 0 {
            open.group = if open.group == 0 { self.numbered } else { open.group };
        }
        let kind = match tag.kind {
            // A paragraph of an item, a quote or a definition is part of it.
            Some(Kind::Paragraph) if open.kind != Kind::Loose => None,
            kind => attributes.heading.map(|_| Kind::Heading).or(kind),
        };
        if let Some(kind) = kind {
            open.kind = kind;
            open.owner = self.numbered;
            open.level = match kind {
                Kind::Heading => attributes.heading.unwrap_or_else(|| open.name.as_bytes()[1] - b'0'),
                Kind::Item => open.lists,
                _ => 0,
            };
        }
        open.inside |= tag.inside | attributes.inside;
        if matches!(tag.flow, Flow::RawAside | Flow::Aside) {
            open.is_aside = true;
            self.count_aside(&open.name);
        }
        if !divides && !open.is_aside {
            let link = attributes.href.map(|href| {
                self.targets.push(href.into());
                InlineKind::Link(self.targets.len() as u32 - 1)
            });
            if &*open.name == "a" {
                self.writer.start_link();
            }
            open.inline = link.or(tag.inline).and_then(|kind| self.writer.open(kind));
        }
        self.open_by_flow[tag.flow as usize] += 1;
        match tag.flow {
            Flow::Row => self.rows.push(OpenRow { first: self.writer.blocks.len(), ..OpenRow::default() }),
            Flow::Cell => {
                if let Some(row) = self.rows.last_mut() {
                    row.cells.push(self.writer.blocks.len());
                    row.headers += usize::from(&*open.name == "th");
                }
            }
            _ => {}
        }
        self.open.push(open);
    }

    fn start_foreign(&mut self, name: LocalName, attributes: Attributes, closes_itself: bool) {
        // Graphics are no text, and neither is the source of a formula.
        let is_aside = matches!(&*name, "svg" | "annotation" | "annotation-xml");
        let is_within_aside = self.open.last().is_some_and(|open| open.is_aside);
        if is_aside && !is_within_aside {
            self.count_aside(&name);
        }
        if closes_itself || self.open.len() >= DEEPEST {
            self.too_deep += usize::from(!closes_itself);
            return;
        }
        self.push(name, Tag { flow: Flow::Foreign, inline: None, ..tag("") }, Attributes { href: None, ..attributes });
        if let Some(open) = self.open.last_mut() {
            open.is_foreign = true;
            open.is_aside |= is_aside;
        }
    }

    /// `html`, `head` and `body` are there from the start or once.
    fn start_frame(&mut self, name: LocalName, attributes: Attributes) {
        match &*name {
            "html" => {
                if let Some(html) = self.open.first_mut().filter(|html| html.element.is_none()) {
                    html.id = html.id.take().or(attributes.id);
                    html.class = html.class.take().or(attributes.class);
                    html.inside |= attributes.inside;
                }
            }
            "body" if self.open.len() == 1 => {
                self.has_body = true;
                self.push(name, tag("body"), attributes);
            }
            "head" if self.open.len() == 1 && !self.has_body => self.push(name, tag("head"), attributes),
            _ => {}
        }
    }

    fn is_in_head(&self) -> bool {
        self.open.get(1).is_some_and(|open| &*open.name == "head")
    }

    /// Ends `head`, and begins `body`, before what cannot stand in it.
    fn leave_head_for(&mut self, name: &str, flow: Flow) {
        if self.open.len() > 1 && !self.is_in_head() {
            return;
        }
        let is_aside = self.open.last().is_some_and(|open| open.is_aside);
        if is_aside || flow == Flow::Frame && name != "body" || IN_HEAD.contains(&name) {
            return;
        }
        match flow {
            Flow::Frame => self.pop_to(1),
            _ => self.ensure_body(),
        }
    }

    fn ensure_body(&mut self) {
        if self.is_in_head() {
            self.pop_to(1);
        }
        if self.open.len() == 1 {
            self.has_body = true;
            self.push("body".into(), tag("body"), Attributes::default());
        }
    }

    /// Closes what a start tag of this name ends.
    fn make_room_for(&mut self, name: &LocalName, flow: Flow) {
        match flow {
            Flow::Heading if self.open.last().is_some_and(|open| open.flow == Flow::Heading) => self.pop(),
            Flow::Item | Flow::Definition if self.has_open(flow) => {
                let open = self.find(
                    |open| open.flow == flow,
                    |open| open.flow.is_special() && !matches!(&*open.name, "address" | "div" | "p"),
                );
                self.pop_found(open);
            }
            Flow::Cell | Flow::Row | Flow::TablePart => self.make_room_in_table(flow),
            Flow::Table => {
                let in_row = self.open.last().is_some_and(|open| {
                    matches!(open.flow, Flow::Table | Flow::TablePart | Flow::Row) && &*open.name != "caption"
                });
                if in_row {
                    let open = self.find(|open| open.flow == Flow::Table, |_| false);
                    self.pop_found(open);
                }
            }
            Flow::Formatting if &**name == "a" && self.has_open(flow) => self.end_formatting(name),
            Flow::Boundary if matches!(&**name, "option" | "optgroup") => {
                let ended = if &**name == "option" { &["option"][..] } else { &["option", "optgroup"] };
                while self.open.last().is_some_and(|open| ended.contains(&&*open.name)) {
                    self.pop();
                }
            }
            Flow::Boundary if &**name == "button" => {
                let open = self.find(|open| &*open.name == "button", ends_scope);
                self.pop_found(open);
            }
            _ => {}
        }
        if flow.ends_paragraph() && self.has_open(Flow::Paragraph) {
            let open =
                self.find(|open| open.flow == Flow::Paragraph, |open| ends_scope(open) || &*open.name == "button");
            self.pop_found(open);
        }
    }

    fn make_room_in_table(&mut self, flow: Flow) {
        let Some(table) = self.find(|open| open.flow == Flow::Table, |open| &*open.name == "template") else { return };
        let ends = |open: &Open| match flow {
            Flow::Cell => open.flow == Flow::Cell || &*open.name == "caption",
            Flow::Row => matches!(open.flow, Flow::Row | Flow::Cell) || &*open.name == "caption",
            _ => matches!(open.flow, Flow::Row | Flow::Cell | Flow::TablePart),
        };
        let ended = self.open[table..].iter().position(ends).map(|at| table + at);
        self.pop_found(ended);
        if flow == Flow::Cell && !self.open[table..].iter().any(|open| open.flow == Flow::Row) {
            self.end_block();
            self.push("tr".into(), tag("tr"), Attributes::default());
        }
    }

    /// Ends formatting, though other elements that began within it are open: those stay.
    fn end_formatting(&mut self, name: &LocalName) {
        let Some(at) = self.find(|open| open.name == *name && open.flow == Flow::Formatting, ends_scope) else {
            return;
        };
        if self.open[at + 1..].iter().any(|open| open.flow.is_special()) {
            let open = &mut self.open[at];
            self.open_by_flow[open.flow as usize] -= 1;
            self.open_by_flow[Flow::Inline as usize] += 1;
            open.flow = Flow::Inline;
            // It is still open by its place, and no longer by its name.
            open.name = LocalName::from("");
            if let Some(inline) = open.inline.take() {
                self.writer.close(inline);
            }
            if &**name == "a" {
                self.writer.end_link();
            }
        } else {
            self.pop_to(at);
        }
    }

    fn has_open(&self, flow: Flow) -> bool {
        self.open_by_flow[flow as usize] > 0
    }

    /// The innermost open element that is `wanted`, unless one that is a `boundary` stands before it.
    fn find(&self, wanted: impl Fn(&Open) -> bool, boundary: impl Fn(&Open) -> bool) -> Option<usize> {
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

    fn pop_found(&mut self, at: Option<usize>) {
        if let Some(at) = at {
            self.pop_to(at);
        }
    }

    fn pop(&mut self) {
        self.pop_to(self.open.len().saturating_sub(1));
    }

    /// Closes elements until only `left` are open.
    fn pop_to(&mut self, left: usize) {
        if self.open[left.min(self.open.len())..].iter().any(|open| open.flow.divides()) {
            self.end_block();
        }
        while self.open.len() > left {
            if self.open.last().is_some_and(|open| open.flow == Flow::Row) {
                self.end_row();
            }
            let Some(open) = self.open.pop() else { return };
            self.open_by_flow[open.flow as usize] -= 1;
            if let Some(inline) = open.inline {
                self.writer.close(inline);
            }
            if &*open.name == "a" {
                self.writer.end_link();
            }
        }
    }

    fn end_row(&mut self) {
        let Some(row) = self.rows.pop() else { return };
        if row.cells.len() > 1 && self.writer.blocks.len() > row.first {
            let context = self.context();
            self.writer.join_row(row.first, &row.cells, row.headers == row.cells.len(), context);
        }
    }

    fn line_break(&mut self) {
        let Some(top) = self.open.last() else { return };
        if top.is_aside {
            return;
        }
        if top.kind == Kind::Code {
            self.end_line_of_code();
        } else if !self.writer.line_break() {
            self.end_block();
        }
    }

    fn end_line_of_code(&mut self) {
        let context = self.context();
        self.writer.end_block(context);
    }

    /// Ends the block under way.
    fn end_block(&mut self) {
        if self.writer.has_text() {
            let context = self.context();
            self.writer.end_block(context);
        } else {
            self.writer.skip_block();
        }
    }

    fn context(&mut self) -> Context {
        let block = self.open.iter().rposition(|open| open.flow.divides()).unwrap_or_default();
        let element = self.element(block);
        let open = &self.open[self.open.len() - 1];
        Context {
            element,
            kind: open.kind,
            level: open.level,
            inside: open.inside,
            depth: self.open.len() as u16,
            owner: open.owner,
            group: open.group,
        }
    }

    /// An open element among those that hold blocks: it and what it stands in are noted the first time.
    fn element(&mut self, at: usize) -> u32 {
        let mut first = at + 1;
        while first > 0 && self.open[first - 1].element.is_none() {
            first -= 1;
        }
        let mut parent = first.checked_sub(1).and_then(|at| self.open[at].element);
        for at in first..=at {
            let label = self.label(at);
            let number = self.elements.len() as u32;
            self.elements.push(Element { parent, label, blocks: 0, chars: 0, linked: 0 });
            self.open[at].element = Some(number);
            parent = Some(number);
        }
        parent.unwrap_or_default()
    }

    fn label(&mut self, at: usize) -> u32 {
        let open = &self.open[at];
        let text = |value: &Option<StrTendril>| value.as_deref().unwrap_or_default().to_string();
        let label = Label { tag: open.name.to_string(), id: text(&open.id), class: text(&open.class) };
        let next = self.labels.len() as u32;
        *self.known_labels.entry(label).or_insert_with_key(|label| {
            self.labels.push(label.clone());
            next
        })
    }

    fn count_aside(&mut self, name: &str) {
        const NAMES: [&str; 10] = [
            "script",
            "style",
            "template",
            "title",
            "iframe",
            "noembed",
            "noframes",
            "svg",
            "annotation",
            "annotation-xml",
        ];
        if let Some(name) = NAMES.into_iter().find(|known| *known == name) {
            *self.aside.entry(name).or_default() += 1;
        }
    }
}

/// Whether an element ends the scope in which its like is looked for (HTML Standard, 13.2.4.2).
fn ends_scope(open: &Open) -> bool {
    open.flow == Flow::Cell
        || open.flow == Flow::Table
        || matches!(&*open.name, "caption" | "template" | "marquee" | "object" | "applet")
        || open.is_foreign && is_integration_point(&open.name)
}

fn ends_table_scope(open: &Open) -> bool {
    open.flow == Flow::Table || &*open.name == "template"
}

/// Foreign elements in which HTML stands again.
fn is_integration_point(name: &str) -> bool {
    matches!(name, "foreignobject" | "desc" | "title" | "mi" | "mo" | "mn" | "ms" | "mtext" | "annotation-xml")
}
