//! What the attributes of an element tell of where its text stands.

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
    /// Whether it shows or hides another element, as the head of an accordion does.
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

/// The name of an attribute that somebody asks for: for what stands here, for metadata (`meta`, `link`, `html`), or for the
/// type of a script. All others are passed over.
pub(super) fn asked_for(name: &[u8]) -> Option<&'static str> {
    Some(match name {
        b"id" => "id",
        b"rel" => "rel",
        b"face" => "face",
        b"href" => "href",
        b"lang" => "lang",
        b"name" => "name",
        b"open" => "open",
        b"role" => "role",
        b"size" => "size",
        b"type" => "type",
        b"class" => "class",
        b"color" => "color",
        b"start" => "start",
        b"style" => "style",
        b"value" => "value",
        b"hidden" => "hidden",
        b"colspan" => "colspan",
        b"content" => "content",
        b"rowspan" => "rowspan",
        b"encoding" => "encoding",
        b"itemprop" => "itemprop",
        b"property" => "property",
        b"reversed" => "reversed",
        b"xml:lang" => "xml:lang",
        b"aria-level" => "aria-level",
        b"http-equiv" => "http-equiv",
        b"shadowroot" => "shadowroot",
        b"aria-hidden" => "aria-hidden",
        b"aria-controls" => "aria-controls",
        b"aria-expanded" => "aria-expanded",
        b"shadowrootmode" => "shadowrootmode",
        _ => return None,
    })
}

impl Attributes {
    pub(super) fn of(tag: &StartTag) -> Attributes {
        let mut found = Attributes { span: [1, 1], ..Attributes::default() };
        let (mut is_heading, mut level, mut is_undecided) = (false, 2, false);
        for (name, value) in tag.attributes() {
            match name {
                "id" if !value.is_empty() => found.id = Some(value.into()),
                "class" if !value.is_empty() => {
                    found.is_drawn_formula =
                        value.contains(DRAWN) && value.split_ascii_whitespace().any(|class| class == DRAWN);
                    found.class = Some(value.into());
                }
                "encoding" if tag.name == "annotation" => found.is_tex = value.to_ascii_lowercase().contains("tex"),
                "start" if tag.name == "ol" => found.number = value.trim().parse().ok(),
                "value" if tag.name == "li" => found.number = value.trim().parse().ok(),
                "reversed" if tag.name == "ol" => found.is_reversed = true,
                "colspan" => found.span[0] = span(value),
                "rowspan" => found.span[1] = span(value),
                "href" if tag.name == "a" => found.href = Some(value.into()),
                "role" => {
                    is_heading = value.trim() == "heading";
                    let mut roles = value.split_ascii_whitespace().filter_map(role);
                    found.inside |= roles.next().unwrap_or_default();
                }
                "aria-level" => level = value.trim().parse().unwrap_or(2),
                "aria-hidden" if value.trim().eq_ignore_ascii_case("true") => found.inside |= Inside::UNSPOKEN,
                "hidden" => found.inside |= Inside::HIDDEN,
                "style" if hides(value) => found.inside |= Inside::HIDDEN,
                "shadowrootmode" | "shadowroot" => found.is_shadow_root = matches!(value, "open" | "closed"),
                "aria-expanded" | "aria-controls" => found.expands = true,
                "open" => is_undecided = true,
                "color" | "face" | "size" => found.is_styled_font = true,
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

/// How many columns or rows a cell takes: no table of text has more than so many.
fn span(value: &str) -> u8 {
    value.trim().parse().unwrap_or(1).clamp(1, 60)
}

/// Whether a style hides: `display: none` or `visibility: hidden`.
fn hides(style: &str) -> bool {
    style.split(';').filter_map(|declaration| declaration.split_once(':')).any(|(property, value)| {
        let value = value.trim().trim_end_matches("!important").trim_end();
        let is =
            |name: &str, hiding: &str| property.trim().eq_ignore_ascii_case(name) && value.eq_ignore_ascii_case(hiding);
        is("display", "none") || is("visibility", "hidden")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

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
