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

use encoding_rs::Encoding;
use globset::GlobMatcher;

use crate::manifest::{self, Charset};
use crate::page::{Page, Source};
use decode::{Decoded, Hints};
use repair::{Mended, Repairs, Switches};
use site::{Sidecar, SiteFrom};

/// What a person has said of how pages are read.
#[derive(Debug, Default)]
pub struct Intake {
    /// Where in a path the host stands.
    pub site_from: SiteFrom,
    /// The charsets of the files whose path matches; the first one that does.
    pub charsets: Vec<(GlobMatcher, &'static Encoding)>,
    /// What a site's other pages are in, by its host, where a survey has found that out.
    pub site_charsets: BTreeMap<String, &'static Encoding>,
    /// Which repairs are made.
    pub repairs: Switches,
}

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

impl Intake {
    /// Turns the bytes of a text into a page. `charset_of` knows the charsets that rule files give to hosts.
    pub fn take<'r>(
        &self,
        source: Source,
        bytes: &[u8],
        sidecar: &Sidecar,
        charset_of: impl Fn(&str) -> Option<&'r str>,
    ) -> Taken {
        let decoded = self.decode(&source.path, bytes, sidecar, charset_of);
        let charset = Charset {
            name: decoded.charset.into(),
            found_by: decoded.found_by,
            sure: decoded.sure,
            unreadable_bytes: decoded.unreadable,
            pieces: decoded.pieces,
        };
        let mut counts = Repairs::default();
        let text = repair::repair(decoded.text, &self.repairs, &mut counts);
        let (site, url) = site::site(&source.path, &text, sidecar, &self.site_from);
        let divided = lines::divide(&text);
        let levelled = [("spacing", divided.levelled), ("spaces", divided.spaces)].into_iter();
        let repairs = counts.made().chain(levelled.filter(|&(_, count)| count > 0));
        let repairs = repairs.map(|(name, count)| (Cow::Borrowed(name), count)).collect();
        Taken { page: Page { source, site, url, text: divided.text, blocks: divided.blocks }, charset, repairs }
    }

    /// The repairs that [`Intake::take`] makes to a text, line by line, with what speaks for each.
    pub fn mended<'r>(
        &self,
        path: &str,
        bytes: &[u8],
        sidecar: &Sidecar,
        charset_of: impl Fn(&str) -> Option<&'r str>,
    ) -> Vec<Mended> {
        repair::explain(&self.decode(path, bytes, sidecar, charset_of).text, &self.repairs)
    }

    fn decode<'b, 'r>(
        &self,
        path: &str,
        bytes: &'b [u8],
        sidecar: &Sidecar,
        charset_of: impl Fn(&str) -> Option<&'r str>,
    ) -> Decoded<'b> {
        let (site, _) = site::site(path, "", sidecar, &self.site_from);
        let host = site.as_ref().map(|site| site.host.as_str());
        let by_rule = || Encoding::for_label(host.and_then(&charset_of)?.as_bytes());
        let hints = Hints {
            given: self.charset_of_path(path).or_else(by_rule),
            declared: sidecar.charset.as_deref(),
            tld: host.and_then(|host| host.rsplit('.').next()),
            site: host.and_then(|host| self.site_charsets.get(host).copied()),
            language: sidecar.language.as_deref(),
        };
        decode::decode(bytes, &hints)
    }

    fn charset_of_path(&self, path: &str) -> Option<&'static Encoding> {
        let path = manifest::to_path(path);
        self.charsets.iter().find(|(glob, _)| glob.is_match(&path)).map(|&(_, charset)| charset)
    }
}
