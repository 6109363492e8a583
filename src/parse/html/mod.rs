//! Divides an HTML page into blocks in reading order, each with its place among the page's elements.
//!
//! The tokenizer is html5ever's; `tree` keeps the elements that are open, `writer` writes the blocks. Nothing
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
mod tree;
mod writer;

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::BTreeMap;

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{BufferQueue, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts};
use html5ever::tokenizer::{Tag, TagKind};

use crate::manifest::Metadata;
use crate::page::Block;
use crate::page::markup::Markup;
use crate::parse::repair::{self, RepairRecord, Repairs, Switches};
use attributes::Attributes;
use metadata::{Found, LONGEST_JSON};
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

/// Reads a decoded page. Never fails: whatever is wrong with it is read as browsers read it. Takes time and memory
/// linear in the page.
pub fn read(text: &str) -> Html {
    let sink = Sink::default();
    let tokenizer = Tokenizer::new(sink, TokenizerOpts::default());
    let input = BufferQueue::default();
    input.push_back(StrTendril::from_slice(text));
    // The sink asks for no pause, so that one call reads all.
    let _ = tokenizer.feed(&input);
    tokenizer.end();
    tokenizer.sink.page.into_inner().end()
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

/// Takes the tokens of a page.
#[derive(Debug, Default)]
struct Sink {
    page: RefCell<Reader>,
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

impl TokenSink for Sink {
    type Handle = ();

    fn process_token(&self, token: Token, line: u64) -> TokenSinkResult<()> {
        let mut page = self.page.borrow_mut();
        match token {
            Token::CharacterTokens(text) => page.text(&text, line as u32),
            Token::TagToken(tag) if tag.kind == TagKind::StartTag => return page.start(tag),
            Token::TagToken(tag) => page.end_tag(&tag),
            Token::CommentToken(_) => page.comments += 1,
            Token::DoctypeToken(_) | Token::NullCharacterToken | Token::EOFToken | Token::ParseError(_) => {}
        }
        TokenSinkResult::Continue
    }

    fn adjusted_current_node_present_but_not_in_html_namespace(&self) -> bool {
        self.page.borrow().tree.is_in_foreign_element()
    }
}

impl Reader {
    fn text(&mut self, text: &str, line: u32) {
        match &mut self.captured {
            Some(captured) if captured.text.len() + text.len() <= LONGEST_JSON => captured.text.push_str(text),
            Some(_) => {}
            None => self.tree.text(text, line),
        }
    }

    fn start(&mut self, tag: Tag) -> TokenSinkResult<()> {
        let is_foreign = self.tree.is_foreign();
        let attributes = Attributes::of(&tag);
        if matches!(&*tag.name, "meta" | "link" | "html") && !is_foreign {
            self.found.tag(&tag);
        }
        self.tree.start(tag.name.clone(), attributes, tag.self_closing);
        if is_foreign {
            return TokenSinkResult::Continue;
        }
        match &*tag.name {
            "script" => {
                let is_json = |value: &str| value.trim().eq_ignore_ascii_case("application/ld+json");
                if tag.attrs.iter().any(|attribute| &*attribute.name.local == "type" && is_json(&attribute.value)) {
                    self.captured = Some(Captured { is_json: true, text: String::new() });
                }
                TokenSinkResult::RawData(RawKind::ScriptData)
            }
            "style" | "xmp" | "iframe" | "noembed" | "noframes" => TokenSinkResult::RawData(RawKind::Rawtext),
            "title" => {
                self.captured = Some(Captured { is_json: false, text: String::new() });
                TokenSinkResult::RawData(RawKind::Rcdata)
            }
            "textarea" => TokenSinkResult::RawData(RawKind::Rcdata),
            "plaintext" => TokenSinkResult::Plaintext,
            _ => TokenSinkResult::Continue,
        }
    }

    fn end_tag(&mut self, tag: &Tag) {
        match self.captured.take() {
            Some(Captured { is_json: true, text }) => self.found.json(&text),
            Some(Captured { text, .. }) => self.found.title(&text),
            None => {}
        }
        self.tree.end(&tag.name);
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
