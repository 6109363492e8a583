//! Divides an HTML page into blocks in reading order, each with its place among the page's elements.
//!
//! `tokens` divides the page into tags and text; `tree` keeps the elements that are open, `writer` writes the blocks. Nothing
//! is judged: what is hidden, in `noscript` or in a menu is a block like any other, and its [`BlockContext`] says so.
//! Scripts, styles and templates are no text of the page: they are set aside, and counted.
//!
//! [`BlockContext`]: crate::page::markup::BlockContext

mod attributes;
mod elements;
pub mod head;
mod metadata;
mod phrases;
mod realign;
mod stack;
mod tags;
mod tokens;
mod tree;
mod writer;

use std::borrow::Cow;
use std::collections::BTreeMap;

use html5gum::State;

use crate::manifest::Metadata;
use crate::page::Block;
use crate::page::markup::Markup;
use crate::parse::repair::{self, RepairRecord, Repairs, Switches};
use attributes::Asked;
use metadata::{Found, LONGEST_JSON};
use tags::Name;
use tokens::{RawLines, StartTag};
use tree::Tree;

/// An HTML page, read.
#[derive(Debug, Default)]
pub struct Html {
    /// The blocks' text, one block a line.
    pub text: String,
    /// The blocks, in their order.
    pub blocks: Vec<Block>,
    /// Where each stands among the elements.
    pub markup: Markup,
    /// What the page says of itself.
    pub metadata: Option<Metadata>,
    /// How many elements were set aside with what they hold, by name, and comments.
    pub aside: BTreeMap<Cow<'static, str>, u64>,
    /// Kinds of space (NBSP and its like) that became a plain one.
    pub spaces: u64,
}

/// Whether an element of this name, in small letters, is one of HTML.
pub fn is_element(name: &str) -> bool {
    matches!(tags::Name::of(name), tags::Name::Known(_))
}

/// Reads a decoded page. Never fails: whatever is wrong with it is read as browsers read it. Takes time and memory
/// linear in the page.
pub fn read(text: &str) -> Html {
    let mut page = Reader::default();
    tokens::read(text, &mut page);
    page.end()
}

impl Html {
    /// Mends the text of the blocks; what stands where moves with it.
    pub fn repair(&mut self, switches: &Switches, counts: &mut Repairs) {
        let text = std::mem::take(&mut self.text);
        self.text = match repair::repair(Cow::Borrowed(&text), switches, counts) {
            Cow::Borrowed(_) => text,
            Cow::Owned(mended) => {
                realign::realign(&text, &mended, &mut self.blocks, &mut self.markup);
                mended
            }
        };
    }

    /// The repairs that [`Html::repair`] would make, by raw line, with what speaks for each.
    pub fn mended(&self, switches: &Switches) -> Vec<RepairRecord> {
        let mut mended = repair::explain(&self.text, switches);
        for repair in &mut mended {
            let block = self.blocks.get(repair.line as usize - 1);
            repair.line = block.map_or(repair.line, |block| u64::from(block.place.line));
        }
        mended
    }

    /// Counts the characters of blocks and elements, and how many are in links, when the text is what it will be.
    pub fn measure(&mut self) {
        self.markup.measure(&self.text, &self.blocks);
    }
}

/// The page under way.
#[derive(Debug)]
struct Reader {
    tree: Tree,
    found: Found,
    comments: u64,
    /// The text of a `title` or of a script of JSON-LD that is being read.
    captured: Option<Captured>,
}

#[derive(Debug)]
struct Captured {
    is_json: bool,
    text: String,
}

impl Default for Reader {
    fn default() -> Reader {
        Reader { tree: Tree::new(), found: Found::default(), comments: 0, captured: None }
    }
}

impl Reader {
    /// Whether text is wanted where it comes.
    fn takes_text(&self) -> bool {
        self.captured.is_some() || !self.tree.is_aside()
    }

    /// Whether the innermost open element is of another language than HTML.
    fn is_in_foreign_element(&self) -> bool {
        self.tree.is_in_foreign_element()
    }

    /// Text; `lines` tells the raw line on which it ends.
    fn text(&mut self, text: &str, lines: &mut RawLines) {
        match &mut self.captured {
            Some(captured) if captured.text.len() + text.len() <= LONGEST_JSON => captured.text.push_str(text),
            Some(_) => {}
            None => self.tree.text(text, lines),
        }
    }

    fn comment(&mut self) {
        self.comments += 1;
    }

    /// A start tag; how what follows it is read, where that is not as usual.
    fn start(&mut self, tag: &StartTag) -> Option<State> {
        let is_foreign = self.tree.is_foreign();
        if matches!(tag.name, "meta" | "link" | "html") && !is_foreign {
            self.found.tag(tag);
        }
        self.tree.start(Name::of(tag.name), tag);
        if is_foreign {
            return None;
        }
        match tag.name {
            "script" => {
                let is_json = |value: &str| value.trim().eq_ignore_ascii_case("application/ld+json");
                if tag.value(Asked::Type).is_some_and(is_json) {
                    self.captured = Some(Captured { is_json: true, text: String::new() });
                }
                Some(State::ScriptData)
            }
            "style" | "xmp" | "iframe" | "noembed" | "noframes" => Some(State::RawText),
            "title" => {
                self.captured = Some(Captured { is_json: false, text: String::new() });
                Some(State::RcData)
            }
            "textarea" => Some(State::RcData),
            "plaintext" => Some(State::PlainText),
            _ => None,
        }
    }

    fn end_tag(&mut self, name: &str) {
        match self.captured.take() {
            Some(Captured { is_json: true, text }) => self.found.json(&text),
            Some(Captured { text, .. }) => self.found.title(&text),
            None => {}
        }
        self.tree.end(&Name::of(name));
    }

    fn end(mut self) -> Html {
        self.tree.finish();
        let Tree { writer, elements, targets, aside, .. } = self.tree;
        let comments = (self.comments > 0).then_some((Cow::Borrowed("comment"), self.comments));
        let aside = aside.into_iter().map(|(name, count)| (Cow::Borrowed(name), count));
        let (metadata, declared) = self.found.end();
        Html {
            text: writer.text,
            blocks: writer.blocks,
            markup: Markup {
                settings: writer.settings,
                elements: elements.elements,
                labels: elements.labels,
                inline: writer.inline,
                targets,
                rows: writer.rows,
                declared,
            },
            metadata,
            aside: aside.chain(comments).collect(),
            spaces: writer.spaces,
        }
    }
}
