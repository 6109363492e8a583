//! What the elements of HTML mean for the division into blocks.

use std::ops::Deref;

use crate::page::markup::{InlineKind, Inside, Kind};

/// What is known of an element by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tag {
    /// How it behaves among other elements.
    pub flow: Flow,
    /// What its blocks are; `None` where that is for what it stands in to say.
    pub kind: Option<Kind>,
    /// What its blocks stand in.
    pub inside: Inside,
    /// The inline markup that it is, links apart.
    pub inline: Option<InlineKind>,
}

/// How an element behaves among others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Flow {
    /// Part of a line: it divides nothing.
    Inline,
    /// The same, and its end tag need not match what is open inside it.
    Formatting,
    /// Divides blocks, and ends an open paragraph.
    Block,
    /// Divides blocks, and may stand in a paragraph.
    Boundary,
    /// `h1` to `h6`.
    Heading,
    /// `li`.
    Item,
    /// `dt`, `dd`.
    Definition,
    /// `p`.
    Paragraph,
    /// `table`.
    Table,
    /// `tbody`, `thead`, `tfoot`, `caption`, `colgroup`.
    TablePart,
    /// `tr`.
    Row,
    /// `td`, `th`.
    Cell,
    /// `html`, `body`, `head`: there once, whatever the page says.
    Frame,
    /// Has no content and no end.
    Void,
    /// Has no content, and divides blocks.
    Rule,
    /// `br`.
    Break,
    /// What it holds is not text of the page: set aside, and counted by name. Its content is no markup.
    RawAside,
    /// The same, with markup inside.
    Aside,
    /// `svg`, `math`, and what stands in them: elements of another language.
    Foreign,
    /// `textarea`, `xmp`: text of the page in which tags mean nothing.
    RawText,
}

impl Flow {
    /// How many flows there are.
    pub(super) const COUNT: usize = Flow::RawText as usize + 1;

    /// Whether it divides blocks.
    pub(super) fn divides(self) -> bool {
        !matches!(
            self,
            Flow::Inline | Flow::Formatting | Flow::Void | Flow::Break | Flow::RawAside | Flow::Aside | Flow::Foreign
        )
    }

    /// Whether a start tag of it ends an open paragraph.
    pub(super) fn ends_paragraph(self) -> bool {
        matches!(
            self,
            Flow::Block | Flow::Heading | Flow::Item | Flow::Definition | Flow::Paragraph | Flow::Table | Flow::Rule
        )
    }

    /// Whether the end tag of another element does not reach through it.
    pub(super) fn is_special(self) -> bool {
        !matches!(self, Flow::Inline | Flow::Formatting | Flow::Foreign)
    }
}

/// The name of an element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Name {
    /// One that means something, by its place in the table.
    Known(u8),
    /// Any other.
    Other(Box<str>),
}

impl Name {
    pub(super) fn of(name: &str) -> Name {
        match KEYS.binary_search(&key(name.as_bytes())) {
            Ok(at) if name.len() < KEY_BYTES || TAGS[at].0 == name => Name::Known(at as u8),
            _ => Name::Other(name.into()),
        }
    }

    /// What an element of this name means; unknown ones are inline.
    pub(super) fn tag(&self) -> Tag {
        match self {
            Name::Known(at) => TAGS[*at as usize].1,
            Name::Other(_) => INLINE,
        }
    }
}

impl Deref for Name {
    type Target = str;

    fn deref(&self) -> &str {
        match self {
            Name::Known(at) => TAGS[*at as usize].0,
            Name::Other(name) => name,
        }
    }
}

/// What a landmark role, or another that tells of a block's place, adds to where it stands.
pub(super) fn role(role: &str) -> Option<Inside> {
    Some(match role {
        "navigation" | "menu" | "menubar" | "tablist" | "toolbar" => Inside::NAV,
        "banner" => Inside::HEADER,
        "contentinfo" => Inside::FOOTER,
        "complementary" => Inside::ASIDE,
        "main" => Inside::MAIN,
        "article" => Inside::ARTICLE,
        "search" | "form" => Inside::FORM,
        "dialog" | "alertdialog" => Inside::DIALOG,
        _ => return None,
    })
}

/// Whether a start tag of this name ends foreign content (HTML Standard, 13.2.6.5).
pub(super) fn breaks_out(name: &str) -> bool {
    #[rustfmt::skip]
    let breaks_out = matches!(
        name,
        "b" | "big" | "blockquote" | "body" | "br" | "center" | "code" | "dd" | "div" | "dl" | "dt" | "em" | "embed" | "h1"
            | "h2" | "h3" | "h4" | "h5" | "h6" | "head" | "hr" | "i" | "img" | "li" | "listing" | "menu" | "meta" | "nobr"
            | "ol" | "p" | "pre" | "ruby" | "s" | "small" | "span" | "strong" | "strike" | "sub" | "sup" | "table" | "tt"
            | "u" | "ul" | "var"
    );
    breaks_out
}

/// Whether an element of this name may stand in `head`.
pub(super) fn stands_in_head(name: &str) -> bool {
    matches!(
        name,
        "base"
            | "basefont"
            | "bgsound"
            | "link"
            | "meta"
            | "title"
            | "noscript"
            | "noframes"
            | "style"
            | "script"
            | "template"
    )
}

/// The bytes of a key: its length and the name's first bytes, by which all names of the table differ.
const KEY_BYTES: usize = size_of::<u64>();

/// A number that orders names by their length and then by their bytes.
const fn key(name: &[u8]) -> u64 {
    let (mut key, mut at) = (if name.len() < 255 { name.len() as u64 } else { 255 }, 0);
    while at < KEY_BYTES - 1 {
        key = key << 8 | if at < name.len() { name[at] as u64 } else { 0 };
        at += 1;
    }
    key
}

/// The keys of the names of the table.
const KEYS: [u64; TAGS.len()] = {
    let (mut keys, mut at) = ([0; TAGS.len()], 0);
    while at < keys.len() {
        keys[at] = key(TAGS[at].0.as_bytes());
        at += 1;
    }
    keys
};

/// What elements mean that are merely part of a line.
pub(super) const INLINE: Tag = Tag { flow: Flow::Inline, kind: None, inside: Inside::NOTHING, inline: None };

const fn flow(flow: Flow) -> Tag {
    Tag { flow, ..INLINE }
}

const fn block(inside: Inside) -> Tag {
    Tag { flow: Flow::Block, inside, ..INLINE }
}

/// A block element that what stands in it does not inherit a kind through.
const fn region(inside: Inside) -> Tag {
    Tag { flow: Flow::Block, kind: Some(Kind::Loose), inside, inline: None }
}

const fn of_kind(flow: Flow, kind: Kind) -> Tag {
    Tag { flow, kind: Some(kind), ..INLINE }
}

const fn formatting(inline: InlineKind) -> Tag {
    Tag { flow: Flow::Formatting, inline: Some(inline), ..INLINE }
}

const fn boundary(inside: Inside) -> Tag {
    Tag { flow: Flow::Boundary, inside, ..INLINE }
}

/// The elements that are not merely inline, and those that pages are full of, by length and name.
const TAGS: [(&str, Tag); 130] = [
    ("a", flow(Flow::Formatting)),
    ("b", formatting(InlineKind::Strong)),
    ("g", INLINE),
    ("i", formatting(InlineKind::Emphasis)),
    ("p", of_kind(Flow::Paragraph, Kind::Paragraph)),
    ("q", INLINE),
    ("s", flow(Flow::Formatting)),
    ("u", flow(Flow::Formatting)),
    ("br", flow(Flow::Break)),
    ("dd", of_kind(Flow::Definition, Kind::Definition)),
    ("dl", region(Inside::NOTHING)),
    ("dt", of_kind(Flow::Definition, Kind::Term)),
    ("em", formatting(InlineKind::Emphasis)),
    ("h1", of_kind(Flow::Heading, Kind::Heading)),
    ("h2", of_kind(Flow::Heading, Kind::Heading)),
    ("h3", of_kind(Flow::Heading, Kind::Heading)),
    ("h4", of_kind(Flow::Heading, Kind::Heading)),
    ("h5", of_kind(Flow::Heading, Kind::Heading)),
    ("h6", of_kind(Flow::Heading, Kind::Heading)),
    ("hr", flow(Flow::Rule)),
    ("li", of_kind(Flow::Item, Kind::Item)),
    ("ol", region(Inside::LIST.and(Inside::ORDERED))),
    // Readings of a word, and the brackets around them, would run into the word.
    ("rp", flow(Flow::Aside)),
    ("rt", flow(Flow::Aside)),
    ("td", of_kind(Flow::Cell, Kind::Loose)),
    ("th", of_kind(Flow::Cell, Kind::Loose)),
    ("tr", flow(Flow::Row)),
    ("tt", formatting(InlineKind::Code)),
    ("ul", region(Inside::LIST)),
    ("big", flow(Flow::Formatting)),
    ("col", flow(Flow::Void)),
    ("del", INLINE),
    ("dir", region(Inside::LIST)),
    ("div", block(Inside::NOTHING)),
    ("img", flow(Flow::Void)),
    ("ins", INLINE),
    ("kbd", Tag { inline: Some(InlineKind::Code), ..INLINE }),
    ("nav", region(Inside::NAV)),
    ("pre", of_kind(Flow::Block, Kind::Code)),
    ("sub", INLINE),
    ("sup", INLINE),
    ("svg", flow(Flow::Foreign)),
    ("use", INLINE),
    ("var", INLINE),
    ("wbr", flow(Flow::Void)),
    ("xmp", of_kind(Flow::RawText, Kind::Code)),
    ("abbr", INLINE),
    ("area", flow(Flow::Void)),
    ("base", flow(Flow::Void)),
    ("body", flow(Flow::Frame)),
    ("cite", INLINE),
    ("code", formatting(InlineKind::Code)),
    ("font", flow(Flow::Formatting)),
    ("form", region(Inside::FORM)),
    ("head", flow(Flow::Frame)),
    ("html", flow(Flow::Frame)),
    ("link", flow(Flow::Void)),
    ("main", region(Inside::MAIN)),
    ("mark", INLINE),
    ("math", flow(Flow::Foreign)),
    ("menu", region(Inside::LIST)),
    ("meta", flow(Flow::Void)),
    ("nobr", flow(Flow::Formatting)),
    ("path", INLINE),
    ("rect", INLINE),
    ("ruby", INLINE),
    ("samp", Tag { inline: Some(InlineKind::Code), ..INLINE }),
    ("span", INLINE),
    ("time", INLINE),
    ("aside", region(Inside::ASIDE)),
    ("audio", boundary(Inside::FALLBACK)),
    ("embed", flow(Flow::Void)),
    ("frame", flow(Flow::Void)),
    ("image", flow(Flow::Void)),
    ("input", flow(Flow::Void)),
    ("label", INLINE),
    ("param", flow(Flow::Void)),
    ("small", flow(Flow::Formatting)),
    ("style", flow(Flow::RawAside)),
    ("table", Tag { flow: Flow::Table, kind: Some(Kind::Loose), inside: Inside::TABLE, inline: None }),
    ("tbody", flow(Flow::TablePart)),
    ("tfoot", flow(Flow::TablePart)),
    ("thead", flow(Flow::TablePart)),
    ("title", flow(Flow::RawAside)),
    ("track", flow(Flow::Void)),
    ("video", boundary(Inside::FALLBACK)),
    ("applet", boundary(Inside::FALLBACK)),
    ("button", of_kind(Flow::Boundary, Kind::Field)),
    ("canvas", boundary(Inside::FALLBACK)),
    ("center", block(Inside::NOTHING)),
    ("circle", INLINE),
    ("dialog", region(Inside::DIALOG)),
    ("figure", region(Inside::FIGURE)),
    ("footer", region(Inside::FOOTER)),
    ("header", region(Inside::HEADER)),
    ("hgroup", block(Inside::NOTHING)),
    ("iframe", flow(Flow::RawAside)),
    ("keygen", flow(Flow::Void)),
    ("legend", of_kind(Flow::Boundary, Kind::Caption)),
    ("object", boundary(Inside::FALLBACK)),
    ("option", of_kind(Flow::Boundary, Kind::Field)),
    ("script", flow(Flow::RawAside)),
    ("search", region(Inside::FORM)),
    ("select", boundary(Inside::SELECT)),
    ("source", flow(Flow::Void)),
    ("strike", flow(Flow::Formatting)),
    ("strong", formatting(InlineKind::Strong)),
    ("address", block(Inside::NOTHING)),
    ("article", region(Inside::ARTICLE)),
    ("bgsound", flow(Flow::Void)),
    ("caption", of_kind(Flow::TablePart, Kind::Caption)),
    ("details", block(Inside::DETAILS)),
    ("listing", of_kind(Flow::Block, Kind::Code)),
    ("marquee", boundary(Inside::NOTHING)),
    ("noembed", flow(Flow::RawAside)),
    ("picture", INLINE),
    ("section", region(Inside::SECTION)),
    ("summary", block(Inside::NOTHING)),
    ("basefont", flow(Flow::Void)),
    ("colgroup", flow(Flow::TablePart)),
    ("fieldset", block(Inside::NOTHING)),
    ("frameset", boundary(Inside::NOTHING)),
    ("noframes", flow(Flow::RawAside)),
    ("noscript", boundary(Inside::NOSCRIPT)),
    ("optgroup", boundary(Inside::NOTHING)),
    ("template", flow(Flow::Aside)),
    ("textarea", of_kind(Flow::RawText, Kind::Field)),
    ("plaintext", of_kind(Flow::Block, Kind::Code)),
    ("blockquote", Tag { flow: Flow::Block, kind: Some(Kind::Quote), inside: Inside::QUOTE, inline: None }),
    ("figcaption", of_kind(Flow::Block, Kind::Caption)),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_element_of_the_table_is_found() {
        for (name, expected) in TAGS {
            assert_eq!((&*Name::of(name), Name::of(name).tag()), (name, expected));
        }
        assert_eq!((&*Name::of("no-such-element"), Name::of("no-such-element").tag()), ("no-such-element", INLINE));
    }
}
