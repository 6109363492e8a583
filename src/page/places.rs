//! Where on the pages of a site something stands: the names of the elements around it, without what changes from page
//! to page. Teasers are new every day, and the box that they stand in is not.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use xxhash_rust::xxh3::xxh3_64;

use super::Page;
use super::markup::{Label, Markup};

/// The most characters of an id or class that somebody has thought of; what is longer was made by a machine, anew with
/// every change of the site. The longest that the names of elements teach the model has 33.
const NAME_CHARS: usize = 40;

/// Elements of a place that people are shown: more do not fit into a line.
const SHOWN_ELEMENTS: usize = 4;

/// Classes by which a rule names an element: whoever reads the rule wants to see what it is about.
const SELECTOR_CLASSES: usize = 2;

/// A place: a hash over the names of an element and of those around it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PagePlace(pub u64);

impl Serialize for PagePlace {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{self:?}"))
    }
}

impl<'de> Deserialize<'de> for PagePlace {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<PagePlace, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        let number = u64::from_str_radix(&text, 16).ok().filter(|_| text.len() == 16);
        number.map(PagePlace).ok_or_else(|| de::Error::custom(format!("‘{text}’ is no place: 16 hexadecimal digits")))
    }
}

impl fmt::Debug for PagePlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

/// What is known of a place by the site's pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlaceShare {
    /// How much of what stands there is own text of its page, in thousandths: the mean over the pages.
    pub own: u16,
    /// How many pages have it.
    pub on: u32,
}

/// What is known of the places of sites, by host.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KnownPlaces {
    sites: HashMap<String, HashMap<PagePlace, PlaceShare>>,
}

impl KnownPlaces {
    /// Adds a site.
    pub fn add(&mut self, host: &str, shares: impl Iterator<Item = (PagePlace, PlaceShare)>) {
        let shares: HashMap<_, _> = shares.collect();
        if !shares.is_empty() {
            self.sites.insert(host.into(), shares);
        }
    }

    /// What is known of where each block of a page stands; `None` where nothing is.
    pub fn of(&self, page: &Page) -> Option<Vec<Option<PlaceShare>>> {
        let (site, markup) = (page.site.as_ref()?, page.markup.as_deref()?);
        let shares = self.sites.get(&site.host)?;
        let places = markup.places();
        let share = |element: u32| shares.get(&places[element as usize]).copied();
        Some(markup.settings.iter().map(|setting| share(setting.element)).collect())
    }
}

impl Markup {
    /// The place of each element.
    pub fn places(&self) -> Vec<PagePlace> {
        let labels: Vec<u64> = self.labels.iter().map(|label| xxh3_64(stable(label).as_bytes())).collect();
        let mut places: Vec<PagePlace> = Vec::with_capacity(self.elements.len());
        // An element stands behind the one that it is in.
        for element in &self.elements {
            let around = element.parent.and_then(|parent| places.get(parent as usize)).map_or(0, |place| place.0);
            let mut both = [0; 16];
            both[..8].copy_from_slice(&around.to_le_bytes());
            both[8..].copy_from_slice(&labels[element.label as usize].to_le_bytes());
            places.push(PagePlace(xxh3_64(&both)));
        }
        places
    }
}

/// A place's innermost elements for people, by their lasting names: `div#side>ul.teasers>li`.
pub fn shown(markup: &Markup, element: u32) -> String {
    let inner: Vec<String> =
        markup.ancestors(element).take(SHOWN_ELEMENTS).map(|element| stable(markup.label(element))).collect();
    inner.into_iter().rev().collect::<Vec<_>>().join(">")
}

/// The innermost element of what [`shown`] says that has a name of its own, as a rule's `within` takes it: by its id, or
/// by its first classes.
pub fn selector(shown: &str) -> Option<String> {
    let of_element = |element: &str| {
        let (head, classes) = element.split_once('.').unwrap_or((element, ""));
        let is_plain = |name: &&str| !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || "-_".contains(c));
        match head.split_once('#') {
            Some((tag, id)) => is_plain(&id).then(|| format!("{tag}#{id}")),
            None => {
                let classes: Vec<&str> = classes.split('.').filter(is_plain).take(SELECTOR_CLASSES).collect();
                (!classes.is_empty()).then(|| format!("{head}.{}", classes.join(".")))
            }
        }
    };
    shown.rsplit('>').find_map(of_element)
}

/// An element's tag, with the ids and classes that do not change from page to page: in any order, since programs write
/// them in any.
fn stable(label: &Label) -> String {
    let mut classes: Vec<&str> = names(&label.class).collect();
    classes.sort_unstable();
    let ids = names(&label.id).map(|id| format!("#{id}"));
    let classes = classes.into_iter().map(|class| format!(".{class}"));
    std::iter::once(label.tag.clone()).chain(ids).chain(classes).collect()
}

/// The words of an attribute that somebody has thought of: a number in one is mostly the page's own, or a build's.
fn names(attribute: &str) -> impl Iterator<Item = &str> {
    let is_made = |name: &str| name.len() > NAME_CHARS || name.bytes().any(|byte| byte.is_ascii_digit());
    attribute.split_ascii_whitespace().filter(move |name| !is_made(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::markup::Element;

    fn markup(labels: &[(&str, &str, &str)]) -> Markup {
        let label =
            |&(tag, id, class): &(&str, &str, &str)| Label { tag: tag.into(), id: id.into(), class: class.into() };
        let element = |number: usize| Element {
            parent: number.checked_sub(1).map(|parent| parent as u32),
            label: number as u32,
            blocks: 0,
            chars: 0,
            linked: 0,
        };
        Markup {
            labels: labels.iter().map(label).collect(),
            elements: (0..labels.len()).map(element).collect(),
            ..Markup::default()
        }
    }

    #[test]
    fn a_place_is_known_again_whatever_number_its_elements_have() {
        let one = markup(&[("div", "post-17", "wide story"), ("ul", "", "teasers t-93ab")]);
        let other = markup(&[("div", "post-18", "story wide"), ("ul", "", "teasers")]);
        assert_eq!(one.places(), other.places());
        let elsewhere = markup(&[("div", "", "story wide"), ("ul", "", "tags")]);
        assert_eq!(one.places()[0], elsewhere.places()[0]);
        assert_ne!(one.places()[1], elsewhere.places()[1]);
        let outside = markup(&[("ul", "", "teasers")]);
        assert_ne!(one.places()[1], outside.places()[0]);
    }

    #[test]
    fn a_place_is_shown_by_its_lasting_names() {
        let page = markup(&[("div", "side", "wide box-3"), ("ul", "list-9", ""), ("li", "", "")]);
        assert_eq!(shown(&page, 2), "div#side.wide>ul>li");
        assert_eq!(selector("div#side.wide>ul>li").as_deref(), Some("div#side"));
        assert_eq!(selector("main>ul.tags.md:wide.box.list>li").as_deref(), Some("ul.tags.box"));
        assert_eq!(selector("div>p"), None);
        assert_eq!(selector("div.[&>p]:wide>p"), None);
    }
}
