//! Finds the files, opens them, and turns bytes into pages. It deletes nothing.

pub mod decode;
pub mod kind;
pub mod letters;
pub mod lines;
pub mod repair;
pub mod site;
pub mod walk;

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::manifest::Charset;
use crate::page::{Page, Source};
use site::{Sidecar, SiteFrom};

/// A page and what was learned on its way in.
#[derive(Debug)]
pub struct Taken {
    /// The page.
    pub page: Page,
    /// How its bytes were read.
    pub charset: Charset,
    /// The repairs made to its text, by name, with their counts.
    pub repairs: BTreeMap<Cow<'static, str>, u64>,
}

/// Turns the bytes of a text into a page.
pub fn take(source: Source, bytes: &[u8], sidecar: &Sidecar, site_from: &SiteFrom) -> Taken {
    let text = String::from_utf8_lossy(bytes);
    let (site, url) = site::site(&source.path, &text, sidecar, site_from);
    let divided = lines::divide(&text);
    let mut repairs = BTreeMap::new();
    for (name, count) in [("spacing", divided.levelled), ("spaces", divided.spaces)] {
        if count > 0 {
            repairs.insert(Cow::Borrowed(name), count);
        }
    }
    let charset = Charset { name: "UTF-8".into(), found_by: "utf8".into(), sure: 1000, unreadable_bytes: 0 };
    Taken { page: Page { source, site, url, text: divided.text, blocks: divided.blocks }, charset, repairs }
}
