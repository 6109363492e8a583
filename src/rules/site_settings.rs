//! Reads the settings of a site's rule file: the choices of the command line, for the pages of one site.

use serde::Serialize;
use toml::de::DeTable;

use super::diagnostic::nearest;
use super::file::{Reader, list};
use crate::settings::{Bylines, Comments, Favor, SiteSettings, Title};

impl Reader<'_> {
    /// The settings of a file, but for the stages that are off: which names those are is known when all files are read.
    pub(super) fn site_settings(&mut self, table: &DeTable, name: &str) -> SiteSettings {
        SiteSettings {
            favor: self.choice(table, name, "favor", &[Favor::Precision, Favor::Balance, Favor::Recall]),
            comments: self.choice(table, name, "comments", &[Comments::Auto, Comments::Keep, Comments::Drop]),
            title: self.choice(table, name, "title", &[Title::Keep, Title::Drop]),
            bylines: self.choice(table, name, "bylines", &[Bylines::Keep, Bylines::Drop]),
            off: Vec::new(),
        }
    }

    fn choice<T: Copy + Serialize>(&mut self, table: &DeTable, name: &str, key: &str, all: &[T]) -> Option<T> {
        let word = self.text(table, key)?;
        if !name.starts_with("site/") {
            self.complain(word.span(), format!("`{key}` is for site files"), "this file is for every site").help(format!(
                "for all pages: `{key} = \"{word}\"` in dechaff.toml, or --{key} {word}; for one site: in site/HOST.toml",
                word = word.get_ref()
            ));
            return None;
        }
        // A choice is written as one word.
        let names: Vec<_> = all.iter().map(|choice| serde_json::to_value(choice).unwrap_or_default()).collect();
        let names: Vec<&str> = names.iter().filter_map(|name| name.as_str()).collect();
        let found = names.iter().position(|name| name == word.get_ref());
        if found.is_none() {
            let label = match nearest(word.get_ref(), names.iter().copied()) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => "none of them".into(),
            };
            self.complain(word.span(), format!("`{key}` is one of {}", list(&names)), label);
        }
        found.map(|at| all[at])
    }
}
