//! The site of a file that has not been read whole.

use std::fs;
use std::io::Read;

use crate::page::Source;
use crate::parse::html::head;
use crate::parse::kind::is_html;
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
    let mut start = Vec::with_capacity(FRONT_BYTES);
    // A file that cannot be read is reported where it is read whole.
    let _ = fs::File::open(&entry.file).and_then(|mut file| {
        file.by_ref().take(FRONT_BYTES as u64).read_to_end(&mut start)?;
        if is_html(&start) {
            file.take((head::LOOKED_AT - FRONT_BYTES) as u64).read_to_end(&mut start)?;
        }
        Ok(())
    });
    if archive::is_wanted(&entry.path, &start) {
        return FirstLook::Packed;
    }
    let mut sidecar = entry.sidecar();
    let source = Source { path: entry.path.clone(), record: None };
    if let Some(url) = options.site_map.as_ref().and_then(|map| map.url(&source)) {
        sidecar.url = Some(url.into());
    }
    match site(&entry.path, &start, is_html(&start), &sidecar, from) {
        (Some(site), _) => FirstLook::Host(site.host),
        (None, _) => FirstLook::Unknown,
    }
}
