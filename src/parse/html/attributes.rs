//! What the attributes of an element tell of where its text stands.

use std::sync::LazyLock;

use memchr::memmem::Finder;

use super::tags::role;
use super::tokens::StartTag;
use crate::page::markup::Inside;

/// The class of a drawn formula.
const DRAWN: &str = "katex-html";

/// The attributes that count.
#[derive(Debug, Default)]
pub(super) struct Attributes {
    pub id: Option<String>,
    pub class: Option<String>,
    /// Where a link leads; none for links within the page or to a script.
    pub href: Option<String>,
    /// What its role or its being hidden adds to where it stands.
    pub inside: Inside,
    /// The level of what has the role of a heading.
    pub heading: Option<u8>,
    /// Whether it is a `template` whose content is the shadow tree of the element around it: browsers show it.
    pub is_shadow_root: bool,
    /// Whether it shows or hides another element, as the head of an accordion does, or is called so.
    pub expands: bool,
    /// Whether it draws a formula that stands before it in MathML, as KaTeX does.
    pub is_drawn_formula: bool,
    /// Whether it is the source of a formula, in TeX.
    pub is_tex: bool,
    /// The number of an item, or of the first one of a list.
    pub number: Option<i32>,
    /// Whether a list counts down.
    pub is_reversed: bool,
    /// How many columns and rows a cell takes.
    pub span: [u8; 2],
    /// Whether it is a `font` with colour, face or size.
    pub is_styled_font: bool,
}

/// An attribute that somebody asks for: for what stands here, for metadata (`meta`, `link`, `html`), or for the type of a
/// script. All others are passed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    Id,
    Rel,
    Face,
    Href,
    Lang,
    Name,
    Open,
    Role,
    Size,
    Type,
    Class,
    Color,
    Start,
    Style,
    Value,
    Hidden,
    Colspan,
    Content,
    Rowspan,
    Encoding,
    Itemprop,
    Property,
    Reversed,
    XmlLang,
    AriaLevel,
    HttpEquiv,
    Shadowroot,
    AriaHidden,
    AriaControls,
    AriaExpanded,
    Toggle,
    Shadowrootmode,
}

impl Asked {
    /// The attribute of a name in lower case, where somebody asks for it.
    pub(super) fn of(name: &[u8]) -> Option<Asked> {
        Some(match name {
            b"id" => Asked::Id,
            b"rel" => Asked::Rel,
            b"face" => Asked::Face,
            b"href" => Asked::Href,
            b"lang" => Asked::Lang,
            b"name" => Asked::Name,
            b"open" => Asked::Open,
            b"role" => Asked::Role,
            b"size" => Asked::Size,
            b"type" => Asked::Type,
            b"class" => Asked::Class,
            b"color" => Asked::Color,
            b"start" => Asked::Start,
            b"style" => Asked::Style,
            b"value" => Asked::Value,
            b"hidden" => Asked::Hidden,
            b"colspan" => Asked::Colspan,
            b"content" => Asked::Content,
            b"rowspan" => Asked::Rowspan,
            b"encoding" => Asked::Encoding,
            b"itemprop" => Asked::Itemprop,
            b"property" => Asked::Property,
            b"reversed" => Asked::Reversed,
            b"xml:lang" => Asked::XmlLang,
            b"aria-level" => Asked::AriaLevel,
            b"http-equiv" => Asked::HttpEquiv,
            b"shadowroot" => Asked::Shadowroot,
            b"aria-hidden" => Asked::AriaHidden,
            b"aria-controls" => Asked::AriaControls,
            b"aria-expanded" => Asked::AriaExpanded,
            b"data-toggle" | b"data-bs-toggle" => Asked::Toggle,
            b"shadowrootmode" => Asked::Shadowrootmode,
            _ => return None,
        })
    }
}

impl Attributes {
    pub(super) fn of(tag: &StartTag) -> Attributes {
        let mut found = Attributes { span: [1, 1], ..Attributes::default() };
        let (mut is_heading, mut level, mut is_undecided) = (false, 2, false);
        for (name, value) in tag.attributes() {
            match name {
                Asked::Id if !value.is_empty() => found.id = Some(value.into()),
                Asked::Class if !value.is_empty() => {
                    found.is_drawn_formula = is_drawn(value);
                    found.expands |= tag.name == "button" && is_of_accordion(value);
                    found.class = Some(value.into());
                }
                Asked::Encoding if tag.name == "annotation" => {
                    found.is_tex = value.to_ascii_lowercase().contains("tex")
                }
                Asked::Start if tag.name == "ol" => found.number = value.trim().parse().ok(),
                Asked::Value if tag.name == "li" => found.number = value.trim().parse().ok(),
                Asked::Reversed if tag.name == "ol" => found.is_reversed = true,
                Asked::Colspan => found.span[0] = span(value),
                Asked::Rowspan => found.span[1] = span(value),
                Asked::Href if tag.name == "a" => found.href = Some(value.into()),
                Asked::Role => {
                    is_heading = value.trim() == "heading";
                    let mut roles = value.split_ascii_whitespace().filter_map(role);
                    found.inside |= roles.next().unwrap_or_default();
                }
                Asked::AriaLevel => level = value.trim().parse().unwrap_or(2),
                Asked::AriaHidden if value.trim().eq_ignore_ascii_case("true") => found.inside |= Inside::UNSPOKEN,
                Asked::Hidden => found.inside |= Inside::HIDDEN,
                Asked::Style if hides(value) => found.inside |= Inside::HIDDEN,
                Asked::Shadowrootmode | Asked::Shadowroot => found.is_shadow_root = matches!(value, "open" | "closed"),
                Asked::AriaExpanded | Asked::AriaControls => found.expands = true,
                Asked::Toggle if value == "collapse" => found.expands = true,
                Asked::Open => is_undecided = true,
                Asked::Color | Asked::Face | Asked::Size => found.is_styled_font = true,
                _ => {}
            }
        }
        if tag.name == "dialog" && !is_undecided {
            found.inside |= Inside::HIDDEN;
        }
        found.heading = is_heading.then_some(u8::clamp(level, 1, 6));
        found
    }
}

/// Whether the classes of an element are those of a drawn formula.
fn is_drawn(classes: &str) -> bool {
    static NAME: LazyLock<Finder> = LazyLock::new(|| Finder::new(DRAWN));
    classes.len() >= DRAWN.len()
        && NAME.find(classes.as_bytes()).is_some()
        && classes.split_ascii_whitespace().any(|class| class == DRAWN)
}

/// Whether the classes of a button say that it is the head of an accordion: `accordion-button`, `faq__question`.
fn is_of_accordion(classes: &str) -> bool {
    const WORDS: [&str; 7] = ["accordion", "accordeon", "akkordeon", "acc", "faq", "faqs", "collapsible"];
    let mut words = classes.split(|c: char| !c.is_ascii_alphabetic());
    words.any(|word| WORDS.iter().any(|known| word.eq_ignore_ascii_case(known)))
}

/// How many columns or rows a cell takes: no table of text has more than so many.
fn span(value: &str) -> u8 {
    value.trim().parse().unwrap_or(1).clamp(1, 60)
}

/// Whether a style hides: `display: none` or `visibility: hidden`.
fn hides(style: &str) -> bool {
    style.split(';').filter_map(|declaration| declaration.split_once(':')).any(|(property, value)| {
        let value = value.trim();
        let value = value.strip_suffix("!important").unwrap_or(value).trim_end();
        let is =
            |name: &str, hiding: &str| property.trim().eq_ignore_ascii_case(name) && value.eq_ignore_ascii_case(hiding);
        is("display", "none") || is("visibility", "hidden")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_head_of_an_accordion_is_told_by_a_word_of_its_classes() {
        for (classes, expected) in [
            ("accordion-button collapsed", true),
            ("faq__question", true),
            ("wide acc__btn", true),
            ("Accordion", true),
            ("accept", false),
            ("btn btn-primary", false),
        ] {
            assert_eq!(is_of_accordion(classes), expected, "{classes}");
        }
    }

    #[test]
    fn styles_hide_by_display_or_visibility() {
        for (style, expected) in [
            ("display:none", true),
            ("color: red; DISPLAY : None !important", true),
            ("visibility: hidden;", true),
            ("display: block; overflow: hidden", false),
            ("", false),
        ] {
            assert_eq!(hides(style), expected, "{style}");
        }
    }
}
