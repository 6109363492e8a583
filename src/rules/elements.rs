//! Elements that well-known programs write around what is no text, by the ids and classes that these programs give them.

use std::sync::LazyLock;

use serde::Deserialize;

use super::within::Within;
use crate::line::{ByKey, key};
use crate::page::markup::Label;

/// The elements of `rules/elements.toml`.
#[derive(Debug, Default)]
pub struct KnownElements {
    /// By the key of their id; those without one by the key of their first class.
    by_id: ByKey<Vec<Within>>,
    by_class: ByKey<Vec<Within>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    elements: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    /// What stands in them, for readers of the file.
    #[serde(rename = "what")]
    _what: String,
    of: Vec<String>,
}

impl KnownElements {
    /// Those that are embedded in the binary.
    pub fn embedded() -> &'static KnownElements {
        static EMBEDDED: LazyLock<KnownElements> =
            LazyLock::new(|| KnownElements::read(include_str!("../../rules/elements.toml")).unwrap_or_default());
        &EMBEDDED
    }

    fn read(text: &str) -> Result<KnownElements, String> {
        let file: File = toml::from_str(text).map_err(|error| error.to_string())?;
        let mut known = KnownElements::default();
        for selector in file.elements.into_iter().flat_map(|entry| entry.of) {
            let within = Within::parse(&selector)?;
            let (list, name) = match within.key() {
                (Some(id), _) => (&mut known.by_id, id),
                (None, Some(class)) => (&mut known.by_class, class),
                (None, None) => return Err(format!("`{selector}` has neither an id nor a class")),
            };
            list.entry(key(name)).or_default().push(within);
        }
        Ok(known)
    }

    /// Whether an element of this name is one of them.
    pub fn has(&self, label: &Label) -> bool {
        let fits =
            |known: Option<&Vec<Within>>| known.is_some_and(|known| known.iter().any(|within| within.fits(label)));
        !label.id.is_empty() && fits(self.by_id.get(&key(&label.id)))
            || label.classes().any(|class| fits(self.by_class.get(&key(class))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn label(id: &str, class: &str) -> Label {
        Label { tag: "div".into(), id: id.into(), class: class.into() }
    }

    #[test]
    fn the_list_is_well_formed_and_names_each_element_once() {
        let text = include_str!("../../rules/elements.toml");
        KnownElements::read(text).unwrap();
        let file: File = toml::from_str(text).unwrap();
        let mut all: Vec<String> = file.elements.into_iter().flat_map(|entry| entry.of).collect();
        all.sort();
        let count = all.len();
        all.dedup();
        assert_eq!(all.len(), count);
    }

    #[test]
    fn an_element_is_known_by_its_id_or_by_all_its_classes() {
        let known = KnownElements::embedded();
        for (id, class, expected) in [
            ("onetrust-consent-sdk", "", true),
            ("", "wide sharedaddy", true),
            ("", "widget BlogArchive", true),
            ("", "BlogArchive", false),
            ("", "widget", false),
            ("cookie-notice", "", true),
            ("", "cookie-notice-text", false),
        ] {
            assert_eq!(known.has(&label(id, class)), expected, "{id} {class}");
        }
    }

    #[test]
    fn what_is_no_name_is_refused() {
        for wrong in ["nav", "..x", "ul > li"] {
            let text = format!("[[elements]]\nwhat = \"x\"\nof = [{wrong:?}]");
            assert!(KnownElements::read(&text).is_err(), "{wrong}");
        }
    }
}
