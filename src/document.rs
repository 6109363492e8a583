//! A page as it comes in, and what became of it.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use crate::filters::Filtered;
use crate::line::Size;
use crate::manifest::{self, Charset, FilterVerdict, Metadata, Quantity, Status};
use crate::marks::{Marks, Verdict};
use crate::page::{Page, Source};
use crate::parse::ParsedPage;
use crate::parse::site::{Sidecar, ToldMarkup};
use crate::render;
use crate::rules::RuleSet;

/// A page's bytes, and what is known of them beside.
///
/// ```
/// use dechaff::Input;
///
/// let html = Input::html(b"<p>\xc7a va bien.").charset("windows-1252").url("https://quai.example/");
/// let text = Input::text("The tide is high at noon.");
/// let either = Input::bytes(b"text or HTML, in any charset");
/// # let _ = (html, text, either);
/// ```
#[derive(Debug, Clone)]
pub struct Input<'a> {
    bytes: Cow<'a, [u8]>,
    hints: Sidecar,
}

impl<'a> Input<'a> {
    /// A page of HTML, in any charset.
    pub fn html(bytes: impl Into<Cow<'a, [u8]>>) -> Input<'a> {
        Input { bytes: bytes.into(), hints: Sidecar { markup: ToldMarkup::Html, ..Sidecar::default() } }
    }

    /// A page of plain text, one block a line.
    pub fn text(text: &'a str) -> Input<'a> {
        let hints = Sidecar { is_utf8: true, markup: ToldMarkup::Text, ..Sidecar::default() };
        Input { bytes: Cow::Borrowed(text.as_bytes()), hints }
    }

    /// A page that is HTML or text, which its characters tell. What it says of its own charset does not count.
    pub fn string(text: &'a str) -> Input<'a> {
        let hints = Sidecar { is_utf8: true, ..Sidecar::default() };
        Input { bytes: Cow::Borrowed(text.as_bytes()), hints }
    }

    /// A page that is HTML or text, which its bytes tell, in any charset.
    pub fn bytes(bytes: impl Into<Cow<'a, [u8]>>) -> Input<'a> {
        Input { bytes: bytes.into(), hints: Sidecar::default() }
    }

    /// Says at which URL the page was found: its host is the page's site.
    #[must_use]
    pub fn url(mut self, url: impl Into<String>) -> Input<'a> {
        self.hints.url = Some(url.into());
        self
    }

    /// Says in which charset the page was served: a label of the Encoding Standard. It counts as far as the bytes agree.
    #[must_use]
    pub fn charset(mut self, label: impl Into<String>) -> Input<'a> {
        self.hints.charset = Some(label.into());
        self
    }

    /// Says in which language the page was served: a BCP 47 tag.
    #[must_use]
    pub fn language(mut self, tag: impl Into<String>) -> Input<'a> {
        self.hints.language = Some(tag.into());
        self
    }

    pub(crate) fn raw(&self) -> &[u8] {
        &self.bytes
    }

    pub(crate) fn hints(&self) -> &Sidecar {
        &self.hints
    }
}

/// A page that was cleaned: its blocks with what was decided of each, and what was learned on the way.
#[derive(Debug)]
pub struct Cleaned {
    pub(crate) parsed: ParsedPage,
    /// How much text each block has.
    pub(crate) sizes: Vec<Size>,
    pub(crate) marks: Marks,
    pub(crate) status: Status,
    reason: Option<&'static str>,
    rules: Option<Arc<RuleSet>>,
    filtered: Filtered,
}

/// What was decided of a block: a line of plain text, or a paragraph, heading, cell or list item of HTML.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Decision<'c> {
    /// The block's index, counted from 0 over all blocks of the page.
    pub block: usize,
    /// The raw line that it begins on, counted from 1.
    pub line: u32,
    /// Its text, repaired and with normalized white space, before anything is cut out of it.
    pub text: &'c str,
    /// Whether it stays.
    pub kept: bool,
    /// The address of the rule that decided; `None` where no rule spoke and the block stays.
    pub rule: Option<&'c str>,
    /// What made the rule speak, where its own wording or shape does not say it all.
    pub evidence: Option<manifest::Evidence>,
}

impl Cleaned {
    pub(crate) fn new(
        parsed: ParsedPage,
        sizes: Vec<Size>,
        marks: Marks,
        status: Status,
        rules: Arc<RuleSet>,
    ) -> Cleaned {
        Cleaned { parsed, sizes, marks, status, reason: None, rules: Some(rules), filtered: Filtered::default() }
    }

    /// A page that was not read.
    pub(crate) fn unread(status: Status, reason: &'static str) -> Cleaned {
        let source = Source { path: String::new(), record: None };
        let page = Page::empty(source);
        let reason = (!reason.is_empty()).then_some(reason);
        let (parsed, marks) = (ParsedPage::without_text(page), Marks::new(0));
        Cleaned { parsed, sizes: Vec::new(), marks, status, reason, rules: None, filtered: Filtered::default() }
    }

    /// The same, with what filters say of it.
    pub(crate) fn filtered(self, filtered: Filtered) -> Cleaned {
        let status = if filtered.is_dropped { Status::Filtered } else { self.status };
        Cleaned { status, filtered, ..self }
    }

    /// The clean text: the blocks that stay, in their order. Empty where nothing does.
    pub fn text(&self) -> String {
        match self.is_empty() {
            true => String::new(),
            false => render::text::text(&self.parsed.page, &self.marks),
        }
    }

    /// The same as Markdown, with headings, lists, tables, code, emphasis and links. Of plain text it is [`Cleaned::text`].
    pub fn markdown(&self) -> String {
        match (self.is_empty(), &self.parsed.page.markup) {
            (false, Some(_)) => render::markdown::markdown(&self.parsed.page, &self.marks),
            _ => self.text(),
        }
    }

    /// What was decided of each block, in the page's order: every block is there once.
    pub fn decisions(&self) -> Vec<Decision<'_>> {
        let page = &self.parsed.page;
        let decision = |(block, at): (usize, &crate::page::Block)| {
            let verdict = self.marks.verdict(block);
            let mark = match verdict {
                Verdict::Undecided => None,
                Verdict::Keep(mark) | Verdict::Drop(mark) => Some(mark),
            };
            Decision {
                block,
                line: at.place.line,
                text: page.text_of(block),
                kept: verdict.stays(),
                rule: mark.and_then(|mark| Some(self.rules.as_ref()?.address_of(mark.rule))),
                evidence: mark
                    .zip(self.rules.as_ref())
                    .and_then(|(mark, rules)| render::account::evidence(mark, &|rule| rules.address_of(rule))),
            }
        };
        page.blocks.iter().enumerate().map(decision).collect()
    }

    /// What became of the page.
    pub fn status(&self) -> Status {
        self.status
    }

    /// Why the page was not read, if it was not.
    pub fn reason(&self) -> Option<&str> {
        self.reason
    }

    /// The filters that speak against the document: the one that drops it, whose text is still at hand; where documents
    /// are tagged, every one.
    pub fn filters(&self) -> &[FilterVerdict] {
        &self.filtered.verdicts
    }

    /// The measures of the clean text, by name, where documents are tagged.
    pub fn measures(&self) -> &BTreeMap<Cow<'static, str>, Quantity> {
        &self.filtered.measures
    }

    /// What an HTML page says of itself: title, author, date, language, URL.
    pub fn metadata(&self) -> Option<&Metadata> {
        self.parsed.metadata.as_ref()
    }

    /// The charset that the page was read as; `None` where it was not read.
    pub fn charset(&self) -> Option<&Charset> {
        self.rules.is_some().then_some(&self.parsed.charset)
    }

    /// The repairs made to the page's text, by name, with their counts.
    pub fn repairs(&self) -> &BTreeMap<Cow<'static, str>, u64> {
        &self.parsed.repairs
    }

    /// The host of the page's site: of its URL, else of its canonical link.
    pub fn site(&self) -> Option<&str> {
        self.parsed.page.site.as_ref().map(|site| site.host.as_str())
    }

    fn is_empty(&self) -> bool {
        self.parsed.page.blocks.is_empty()
    }
}
