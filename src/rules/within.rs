//! Where in an HTML page a rule looks: elements, by tag, id and class.
//!
//! `within = "nav, footer, .share, div#side"`: a line's element, or one that it stands in, is one of these. Each is
//! a tag, an id and classes in the notation of CSS, of which all must fit; combinators and attributes are left to
//! browsers. A page of plain text has no elements, so that nothing there is within one.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::page::markup::{Label, Markup};

/// Elements, of which a line has to stand in one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Within {
    selectors: Vec<Selector>,
}

/// One kind of element.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
struct Selector {
    tag: Option<String>,
    id: Option<String>,
    classes: Vec<String>,
}

impl Within {
    /// Reads a list of selectors.
    ///
    /// # Errors
    /// A sentence that says what is wrong with it.
    pub fn parse(text: &str) -> Result<Within, String> {
        let selectors = text.split(',').map(|selector| Selector::parse(selector.trim())).collect::<Result<_, _>>()?;
        Ok(Within { selectors })
    }

    /// The id, or else the first class, that the first of the elements has.
    pub(super) fn key(&self) -> (Option<&str>, Option<&str>) {
        let first = self.selectors.first();
        (first.and_then(|first| first.id.as_deref()), first.and_then(|first| first.classes.first().map(String::as_str)))
    }

    /// Whether a block stands in one of the elements.
    pub fn holds(&self, markup: &Markup, block: usize) -> bool {
        let element = markup.settings[block].element;
        markup.ancestors(element).any(|element| self.fits(markup.label(element)))
    }

    /// Whether an element of this name is one of them.
    pub fn fits(&self, label: &Label) -> bool {
        self.selectors.iter().any(|selector| selector.fits(label))
    }
}

impl Selector {
    fn parse(text: &str) -> Result<Selector, String> {
        let is_part = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_');
        let mut selector = Selector::default();
        let mut rest = text;
        while let Some(mark) = rest.chars().next() {
            let name = rest.trim_start_matches(['#', '.']);
            let end = name.find(|c| !is_part(c)).unwrap_or(name.len());
            let marks = rest.len() - name.len();
            if end == 0 || marks > 1 {
                return Err(format!("`{text}` is not an element such as `nav`, `#side`, `.share` or `div.share`"));
            }
            let word = name[..end].to_string();
            match mark {
                '#' => selector.id = Some(word),
                '.' => selector.classes.push(word),
                _ => selector.tag = Some(word.to_ascii_lowercase()),
            }
            rest = &name[end..];
        }
        if selector == Selector::default() {
            return Err("an element is missing between two commas, or there is none at all".into());
        }
        Ok(selector)
    }

    fn fits(&self, label: &Label) -> bool {
        self.tag.as_ref().is_none_or(|tag| *tag == label.tag)
            && self.id.as_ref().is_none_or(|id| *id == label.id)
            && self.classes.iter().all(|class| label.classes().any(|known| known == class))
    }
}

impl fmt::Display for Within {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, Selector { tag, id, classes }) in self.selectors.iter().enumerate() {
            f.write_str(if index > 0 { ", " } else { "" })?;
            f.write_str(tag.as_deref().unwrap_or_default())?;
            id.iter().try_for_each(|id| write!(f, "#{id}"))?;
            classes.iter().try_for_each(|class| write!(f, ".{class}"))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn selectors_are_read_and_written_alike() {
        for text in ["nav", "nav, footer, .share", "div#side.wide.left, #x"] {
            assert_eq!(Within::parse(text).unwrap().to_string(), text);
        }
        for wrong in ["", "nav,,a", "ul > li", "a:hover", "[role=x]", "..x", "*"] {
            assert!(Within::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn all_parts_of_a_selector_must_fit() {
        let label = Label { tag: "div".into(), id: "side".into(), class: "share wide".into() };
        for (text, fits) in [
            ("div", true),
            ("DIV.wide", true),
            ("#side.share", true),
            ("ul, .wide", true),
            ("div.narrow", false),
            ("span.share", false),
            (".sha", false),
        ] {
            assert_eq!(Within::parse(text).unwrap().fits(&label), fits, "{text}");
        }
    }
}
