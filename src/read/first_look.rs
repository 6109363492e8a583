//! The site of a file that has not been read whole.

use crate::manifest;
use crate::page::Source;
use crate::parse::html::head;
use crate::parse::kind::{has_tags, is_html, is_named_html};
use crate::parse::site::{FRONT_BYTES, SiteFrom, site};
use crate::read::ReadOptions;
use crate::read::archive;
use crate::read::walk::Entry;

/// What is known of the site of a file that has not been read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FirstLook {
    /// The host of its page.
    Host(String),
    /// Nothing tells its host.
    Unknown,
    /// Its pages have to be unpacked first.
    Packed,
}

/// The host of a file that has not been read: as [`site`] tells it, from no more than the file's start.
pub fn site_of_file(entry: &Entry, from: &SiteFrom, options: &ReadOptions) -> FirstLook {
    // A file that cannot be read is reported where it is read whole.
    let is_named_html = is_named_html(&manifest::to_path(&entry.path));
    let wants_more = |start: &[u8]| is_named_html || is_html(start);
    let start = entry.file.start(FRONT_BYTES, head::LOOKED_AT, wants_more).unwrap_or_default();
    if archive::is_wanted(&entry.path, &start) {
        return FirstLook::Packed;
    }
    let mut sidecar = entry.sidecar().unwrap_or_default();
    let source = Source { path: entry.path.clone(), record: None };
    if let Some(url) = options.site_map.as_ref().and_then(|map| map.url(&source)) {
        sidecar.url = Some(url.into());
    }
    let is_html = is_html(&start) || is_named_html && has_tags(&start);
    match site(&entry.path, &start, is_html, &sidecar, from) {
        (Some(site), _) => FirstLook::Host(site.host),
        (None, _) => FirstLook::Unknown,
    }
}
