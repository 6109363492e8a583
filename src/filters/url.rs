//! The filter of URLs: documents of hosts and pages that stand in a list go.

use xxhash_rust::xxh3::Xxh3;

use crate::filters::{Document, DocumentFilter, Verdict};
use crate::manifest::FilterValue;
use crate::rules::url_list::{Address, UrlList};

/// Drops documents whose URL stands in a list.
#[derive(Debug)]
pub(super) struct UrlFilter {
    lists: Vec<UrlList>,
}

impl UrlFilter {
    /// A filter of these lists.
    pub(super) fn new(lists: Vec<UrlList>) -> UrlFilter {
        UrlFilter { lists }
    }
}

impl DocumentFilter for UrlFilter {
    fn name(&self) -> &str {
        "url-list"
    }

    fn rules(&self) -> Vec<(String, String)> {
        let rule = |list: &UrlList| {
            (format!("url-list#{}", list.name), format!("Its host or its URL stands in the list {}.", list.name))
        };
        self.lists.iter().map(rule).collect()
    }

    fn check(&self, document: &Document) -> Option<Verdict> {
        let address = Address::of(document.url()?)?;
        self.lists.iter().find_map(|list| {
            let entry = list.entry_for(&address)?;
            Some(Verdict::of(format!("url-list#{}", list.name), FilterValue::Word(entry)))
        })
    }

    fn key(&self) -> String {
        let mut hash = Xxh3::new();
        for list in &self.lists {
            let (hosts, pages) = list.hashes();
            hash.update(format!("{} {} {}\n", list.name, hosts.len(), pages.len()).as_bytes());
            for entry in hosts.iter().chain(pages) {
                hash.update(&entry.to_le_bytes());
            }
        }
        format!("{:032x}", hash.digest128())
    }
}
