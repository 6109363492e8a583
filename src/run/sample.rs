//! What first passes have looked at, remembered so that a site is not counted again while the pages that were
//! looked at are the same.
//!
//! A site's sample is a hash over the chosen pages and all that they are read by. It stands beside a hash of
//! what came of it: were one of the two files older than the other, they would not fit together.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_64;

use crate::passes::templates::site_templates::{SiteTemplate, SiteTemplates};

/// The samples of a first pass, by host.
#[derive(Debug, Default)]
pub struct Samples {
    sites: BTreeMap<String, Line>,
}

/// The bytes of pages that a first pass has read whole, by a hash of the path and half their SHA-256: a run need
/// not read them again to tell that they are as they were. Pages with something beside them are left out.
#[derive(Debug, Default)]
pub struct SeenPages {
    pages: HashMap<u64, u128>,
}

impl SeenPages {
    /// Notes a page.
    pub fn note(&mut self, path: &str, sha256: &str) {
        self.pages.extend(half(sha256).map(|half| (xxh3_64(path.as_bytes()), half)));
    }

    /// Adds the pages of another.
    pub fn extend(&mut self, other: SeenPages) {
        self.pages.extend(other.pages);
    }

    /// Whether a page was read.
    pub fn has(&self, path: &str) -> bool {
        !self.pages.is_empty() && self.pages.contains_key(&xxh3_64(path.as_bytes()))
    }

    /// Whether a page has this SHA-256.
    pub fn is_as_it_was(&self, path: &str, sha256: &str) -> bool {
        let seen = self.pages.get(&xxh3_64(path.as_bytes()));
        seen.is_some_and(|seen| half(sha256) == Some(*seen))
    }
}

fn half(sha256: &str) -> Option<u128> {
    u128::from_str_radix(sha256.get(..32)?, 16).ok()
}

/// What an earlier first pass has found out.
#[derive(Debug, Default)]
pub struct Remembered {
    samples: Samples,
    templates: SiteTemplates,
    hashes: BTreeMap<String, String>,
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Line {
    site: String,
    /// The hash of the pages looked at.
    sample: String,
    /// The hash of what is known by them; `None` where they are too few.
    templates: Option<String>,
}

impl Samples {
    /// Notes what came of a site's sample.
    pub fn note(&mut self, host: &str, sample: String, known: Option<&SiteTemplate>) {
        let line = Line { site: host.into(), sample, templates: known.map(SiteTemplate::hash) };
        self.sites.insert(host.into(), line);
    }

    /// The form in which they are written down: a line of JSON a site.
    pub fn to_text(&self) -> String {
        // Strings: there is nothing that JSON cannot say.
        self.sites.values().map(|line| serde_json::to_string(line).unwrap_or_default() + "\n").collect()
    }

    /// Reads what [`Samples::to_text`] wrote. What is no line of it is as good as forgotten.
    fn from_text(text: &str) -> Samples {
        let lines = text.lines().filter_map(|line| serde_json::from_str::<Line>(line).ok());
        Samples { sites: lines.map(|line| (line.site.clone(), line)).collect() }
    }
}

impl Remembered {
    /// What two files of an earlier run say; nothing where one of them cannot be read.
    pub fn from_texts(samples: &str, templates: &str) -> Remembered {
        let templates = SiteTemplates::from_text(templates).unwrap_or_default();
        Remembered { samples: Samples::from_text(samples), hashes: templates.hashes(), templates }
    }

    /// Whether anything is remembered of a site.
    pub fn has(&self, host: &str) -> bool {
        self.samples.sites.contains_key(host)
    }

    /// What is known of a site by this sample: `Some(None)` where its pages are too few, `None` where another
    /// sample was looked at.
    pub fn known(&self, host: &str, sample: &str) -> Option<Option<&SiteTemplate>> {
        let line = self.samples.sites.get(host).filter(|line| line.sample == sample)?;
        match &line.templates {
            None => Some(None),
            Some(hash) => (self.hashes.get(host)? == hash).then(|| self.templates.sites.get(host)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::passes::templates::site_templates::TemplateEdge;

    #[test]
    fn knowledge_of_another_time_is_not_taken_for_what_came_of_a_sample() {
        let site = |pages| SiteTemplate {
            pages,
            head: TemplateEdge::default(),
            tail: TemplateEdge::default(),
            inside: Vec::new(),
            places: Vec::new(),
            charset: None,
        };
        let written = |pages| SiteTemplates { sites: [("a.example".to_string(), site(pages))].into() }.to_text();
        let mut samples = Samples::default();
        samples.note("a.example", "1".into(), Some(&site(5)));
        samples.note("b.example", "2".into(), None);
        let text = samples.to_text();
        let remembered = Remembered::from_texts(&text, &written(5));
        assert_eq!(remembered.known("a.example", "1"), Some(Some(&site(5))));
        assert_eq!(remembered.known("a.example", "2"), None, "another sample");
        assert_eq!(remembered.known("b.example", "2"), Some(None), "too few pages");
        assert_eq!(remembered.known("c.example", "1"), None, "a new site");
        assert_eq!(Remembered::from_texts(&text, &written(6)).known("a.example", "1"), None, "knowledge is younger");
        assert_eq!(Remembered::from_texts(&text, "").known("a.example", "1"), None, "knowledge is gone");
    }
}
