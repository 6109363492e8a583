//! The elements that are open while a page is read, and what they make of its text.
//!
//! Follows the tree construction of the HTML Standard as far as it tells where text stands: implied end tags,
//! scopes, `head` and `body`, foreign elements. It builds no tree. Misnested formatting is closed rather than
//! cloned, and what stands in a table outside its cells stays where it is: neither changes a page's words. No
//! more than [`DEEPEST`] elements are open at once, as in browsers, so that time is linear in the page's length.

mod phrases;
mod rows;

use std::collections::BTreeMap;

use super::attributes::Attributes;
use super::elements::Elements;
use super::phrases::marks;
use super::stack::{Open, Stack};
use super::tags::{Flow, Name, Tag, breaks_out, stands_in_head};
use super::tokens::{RawLines, StartTag};
use super::writer::{Context, Start, Writer, line_ends};
use crate::page::markup::{InlineKind, Kind};
use rows::OpenRow;

/// How many elements may be open at once; Blink and WebKit have 512 too. Deeper ones are left out, their text stays.
const DEEPEST: usize = 512;

/// What an element is called where its content is set aside, for the account.
pub(super) type Aside = BTreeMap<&'static str, u64>;

/// The open elements, and the page so far.
#[derive(Debug)]
pub(super) struct Tree {
    pub writer: Writer,
    pub elements: Elements,
    pub targets: Vec<String>,
    /// How many elements were set aside with what they hold, by name.
    pub aside: Aside,
    open: Stack,
    rows: Vec<OpenRow>,
    /// For each open table, how many rows below each column is taken by a cell above.
    taken: Vec<Vec<u8>>,
    /// Where the last formula ended.
    formula_end: Option<Start>,
    /// Elements that are open but too deep to be noted.
    too_deep: usize,
    numbered: u32,
    has_body: bool,
}

impl Tree {
    pub(super) fn new() -> Tree {
        let mut tree = Tree {
            writer: Writer::default(),
            elements: Elements::default(),
            targets: Vec::new(),
            aside: Aside::new(),
            open: Stack::default(),
            rows: Vec::new(),
            taken: Vec::new(),
            formula_end: None,
            too_deep: 0,
            numbered: 0,
            has_body: false,
        };
        tree.push_implied("html");
        tree
    }

    /// Text of the page; `lines` tells the raw line on which it ends.
    pub(super) fn text(&mut self, text: &str, lines: &mut RawLines) {
        let Some(top) = self.open.last() else { return };
        if top.is_aside {
            return;
        }
        if (!self.has_body || self.is_in_head()) && !text.bytes().all(|byte| byte.is_ascii_whitespace()) {
            self.ensure_body();
        }
        if self.open.last().is_some_and(|top| top.kind == Kind::Code) {
            let mut line = lines.here().saturating_sub(line_ends(text.as_bytes()));
            let mut pieces = text.split('\n').peekable();
            while let Some(piece) = pieces.next() {
                self.writer.write_code(piece, line);
                line += 1;
                if pieces.peek().is_some() {
                    self.end_line_of_code();
                }
            }
        } else {
            self.writer.write(text, lines);
        }
    }

    /// Whether text is set aside where it comes.
    pub(super) fn is_aside(&self) -> bool {
        self.open.last().is_none_or(|top| top.is_aside)
    }

    /// Whether the elements under way are of another language than HTML.
    pub(super) fn is_foreign(&self) -> bool {
        self.open.last().is_some_and(|top| top.is_foreign && !top.is_integration_point())
    }

    /// Whether the innermost open element is of another language than HTML.
    pub(super) fn is_in_foreign_element(&self) -> bool {
        self.open.last().is_some_and(|top| top.is_foreign)
    }

    /// A start tag.
    pub(super) fn start(&mut self, name: Name, tag: &StartTag) {
        let closes_itself = tag.closes_itself;
        if self.is_foreign() {
            let is_html = breaks_out(&name) || (&*name == "font" && Attributes::of(tag).is_styled_font);
            if !is_html {
                // Where text is set aside nobody asks what its elements are called.
                let attributes = if self.is_aside() { Attributes::default() } else { Attributes::of(tag) };
                return self.start_foreign(name, attributes, closes_itself);
            }
            while self.is_foreign() {
                self.pop();
            }
        }
        let attributes = Attributes::of(tag);
        let tag = self.tag_of(&name, &attributes);
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

    /// What an element is by its name and its attributes: a template that is a shadow tree is shown, and a button that opens
    /// a part of the page is that part's heading.
    fn tag_of(&self, name: &Name, attributes: &Attributes) -> Tag {
        let tag = name.tag();
        match &**name {
            "template" if attributes.is_shadow_root => Tag { flow: Flow::Block, ..tag },
            "button" => {
                let outer = self.open.last().map_or(Kind::Loose, |open| open.kind);
                let is_label = matches!(outer, Kind::Heading | Kind::Term);
                Tag { kind: tag.kind.filter(|_| !is_label && !attributes.expands), ..tag }
            }
            _ => tag,
        }
    }

    /// An end tag.
    pub(super) fn end(&mut self, name: &Name) {
        let is_shadow_root = &**name == "template" && !self.open.has(Flow::Aside);
        let flow = if is_shadow_root { Flow::Block } else { name.tag().flow };
        // One without a start still parts what stands before and after it.
        if flow.divides() {
            self.end_block();
        }
        if &**name == "ruby" && self.open.has(Flow::Aside) {
            self.end_reading();
        }
        if self.too_deep > 0 && !matches!(flow, Flow::RawAside | Flow::RawText | Flow::Void | Flow::Rule | Flow::Break)
        {
            self.too_deep -= 1;
            return;
        }
        match flow {
            // Foreign elements are of any name, and flow inline.
            _ if !self.open.has(flow) && !self.open.has(Flow::Foreign) && flow != Flow::Break => {}
            Flow::Frame if &**name == "head" => {
                if self.is_in_head() {
                    self.pop_to(1);
                }
            }
            Flow::Break => self.line_break(),
            Flow::Frame | Flow::Void | Flow::Rule => {}
            Flow::Heading => {
                let open = self.open.find(|open| open.flow == Flow::Heading, Open::ends_scope);
                self.pop_found(open);
            }
            Flow::Item => {
                let open = self.open.find(
                    |open| open.flow == Flow::Item,
                    |open| open.ends_scope() || matches!(&*open.name, "ol" | "ul"),
                );
                self.pop_found(open);
            }
            Flow::Table | Flow::TablePart | Flow::Row | Flow::Cell => {
                let open = self.open.find(|open| open.name == *name, Open::ends_table_scope);
                self.pop_found(open);
            }
            Flow::Formatting => self.end_formatting(name),
            Flow::Inline | Flow::Foreign => {
                let open = self.open.find(|open| open.name == *name, |open| open.flow.is_special());
                self.pop_found(open);
            }
            _ => {
                let open = self.open.find(|open| open.name == *name, Open::ends_scope);
                self.pop_found(open);
            }
        }
    }

    /// The end of the page.
    pub(super) fn finish(&mut self) {
        self.pop_to(0);
    }

    /// An element that the page does not write.
    fn push_implied(&mut self, name: &str) {
        self.push_known(Name::of(name), Attributes::default());
    }

    fn push_known(&mut self, name: Name, attributes: Attributes) {
        let tag = name.tag();
        self.push(name, tag, attributes);
    }

    fn push(&mut self, name: Name, tag: Tag, mut attributes: Attributes) {
        self.numbered += 1;
        let href = attributes.href.take();
        let (span, number) = (attributes.span, attributes.number);
        let repeats_formula = attributes.is_drawn_formula && self.formula_end.is_some_and(|end| self.writer.is_at(end));
        let mut open = Open::within(self.open.last(), name, tag, attributes, self.numbered);
        open.is_aside |= repeats_formula;
        self.count_item(&mut open, number);
        if matches!(tag.flow, Flow::RawAside | Flow::Aside) {
            self.count_aside(&open.name);
        }
        if !tag.flow.divides() && !open.is_aside {
            let link = href.map(|href| {
                self.targets.push(href);
                InlineKind::Link(self.targets.len() as u32 - 1)
            });
            if &*open.name == "a" {
                self.writer.start_link();
            }
            open.inline = link.or(tag.inline).and_then(|kind| self.writer.open(kind));
            let quotes = || self.open.iter().filter(|open| &*open.name == "q").count();
            let signs = marks(&open.name, quotes);
            open.marks = signs.and_then(|marks| self.writer.open_marks(marks));
            open.from = (&*open.name == "sup").then(|| self.writer.here());
        }
        match tag.flow {
            Flow::Row => self.rows.push(OpenRow { first: self.writer.blocks.len(), ..OpenRow::default() }),
            Flow::Table => self.taken.push(Vec::new()),
            Flow::Cell => {
                let first = self.writer.blocks.len();
                if let Some(row) = self.rows.last_mut() {
                    let cell = row.place(first, span, self.taken.last_mut());
                    row.cells.push(cell);
                    row.headers += usize::from(&*open.name == "th");
                }
            }
            _ => {}
        }
        self.open.push(open);
    }

    /// `html`, `head` and `body` are there from the start or once.
    fn start_frame(&mut self, name: Name, attributes: Attributes) {
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
                self.push_known(name, attributes);
            }
            "head" if self.open.len() == 1 && !self.has_body => self.push_known(name, attributes),
            _ => {}
        }
    }

    fn is_in_head(&self) -> bool {
        self.open.get(1).is_some_and(|open| open.flow == Flow::Frame && &*open.name == "head")
    }

    /// Ends `head`, and begins `body`, before what cannot stand in it.
    fn leave_head_for(&mut self, name: &str, flow: Flow) {
        if self.open.len() > 1 && !self.is_in_head() {
            return;
        }
        let is_aside = self.open.last().is_some_and(|open| open.is_aside);
        if is_aside || flow == Flow::Frame && name != "body" || stands_in_head(name) {
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
            self.push_implied("body");
        }
    }

    /// Closes what a start tag of this name ends.
    fn make_room_for(&mut self, name: &Name, flow: Flow) {
        match flow {
            Flow::Heading if self.open.last().is_some_and(|open| open.flow == Flow::Heading) => self.pop(),
            Flow::Item | Flow::Definition if self.open.has(flow) => {
                let open = self.open.find(
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
                    let open = self.open.find(|open| open.flow == Flow::Table, |_| false);
                    self.pop_found(open);
                }
            }
            Flow::Formatting if &**name == "a" && self.open.has(flow) => self.end_formatting(name),
            Flow::Boundary if matches!(&**name, "option" | "optgroup") => {
                let ended = if &**name == "option" { &["option"][..] } else { &["option", "optgroup"] };
                while self.open.last().is_some_and(|open| ended.contains(&&*open.name)) {
                    self.pop();
                }
            }
            Flow::Aside if matches!(&**name, "rt" | "rp") => self.end_reading(),
            Flow::Boundary if &**name == "button" => {
                let open = self.open.find(|open| &*open.name == "button", Open::ends_scope);
                self.pop_found(open);
            }
            _ => {}
        }
        if flow.ends_paragraph() && self.open.has(Flow::Paragraph) {
            let open = self
                .open
                .find(|open| open.flow == Flow::Paragraph, |open| open.ends_scope() || &*open.name == "button");
            self.pop_found(open);
        }
    }

    /// Ends formatting, though other elements that began within it are open: those stay.
    fn end_formatting(&mut self, name: &Name) {
        let Some(at) = self.open.find(|open| open.name == *name && open.flow == Flow::Formatting, Open::ends_scope)
        else {
            return;
        };
        if self.open[at + 1..].iter().any(|open| open.flow.is_special()) {
            if let Some(inline) = self.open.disown(at) {
                self.writer.close(inline);
            }
            if &**name == "a" {
                self.writer.end_link();
            }
        } else {
            self.pop_to(at);
        }
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
            if let Some(from) = open.from.filter(|_| &*open.name == "sup") {
                self.writer.raise(from);
            }
            if let Some(marks) = open.marks {
                self.writer.close_marks(marks);
            }
            if let Some(inline) = open.inline {
                self.writer.close(inline);
            }
            match &*open.name {
                "a" => self.writer.end_link(),
                "math" => self.formula_end = Some(self.writer.here()),
                "table" => drop(self.taken.pop()),
                _ if !open.closing.is_empty() => self.writer.write_sign(open.closing),
                _ => {}
            }
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
        let element = self.elements.of(&mut self.open, block);
        let open = &self.open[self.open.len() - 1];
        Context {
            element,
            kind: open.kind,
            level: open.level,
            inside: open.inside,
            depth: self.open.len() as u16,
            owner: open.owner,
            group: open.group,
            number: self.open.innermost(Flow::Item).and_then(|item| item.number),
        }
    }

    fn count_aside(&mut self, name: &str) {
        const NAMES: [&str; 11] = [
            "rt",
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
