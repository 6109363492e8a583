//! Finds the files, opens them, and turns bytes into pages. It deletes nothing.

pub mod decode;
pub mod html;
pub mod kind;
pub mod letters;
pub mod lines;
pub mod markdown;
pub mod probe;
pub mod repair;
pub mod site;
pub mod subtitles;

use std::borrow::Cow;
use std::collections::BTreeMap;

use globset::{Glob, GlobMatcher};

use crate::charset::TextEncoding;
use crate::error::{Error, Result};
use crate::manifest::{self, Charset, CharsetSource, Metadata, Share};
use crate::page::{Page, Source};
use crate::settings::ReadingSettings;
use decode::{Decoded, Hints};
use html::Html;
use kind::Kind;
use probe::Probe;
use repair::{Repair, RepairRecord, Repairs, Switches};
use site::{Sidecar, SiteFrom, is_host};

/// What a person has said of how pages are read.
#[derive(Debug, Default, Clone)]
pub struct ParseOptions {
    /// Where in a path the host stands.
    pub site_from: SiteFrom,
    /// The charsets of the files whose path matches; the first one that does.
    pub charsets: Vec<(GlobMatcher, TextEncoding)>,
    /// What a site's other pages are in, by its host, where a survey has found that out.
    pub site_charsets: BTreeMap<String, TextEncoding>,
    /// Which repairs are made.
    pub repairs: Switches,
}

/// A page and what was learned on its way in.
#[derive(Debug)]
pub struct ParsedPage {
    /// The page.
    pub page: Page,
    /// How its bytes were read.
    pub charset: Charset,
    /// The repairs made to its text, by name, with their counts.
    pub repairs: BTreeMap<Cow<'static, str>, u64>,
    /// What an HTML page says of itself.
    pub metadata: Option<Metadata>,
    /// The elements of an HTML page that hold no text of it, by name, with their counts.
    pub non_content_elements: BTreeMap<Cow<'static, str>, u64>,
}

impl ParsedPage {
    /// A page that nothing was read of.
    pub fn without_text(page: Page) -> ParsedPage {
        let charset = Charset {
            name: "UTF-8".into(),
            source: CharsetSource::Utf8,
            confidence: Share::of_permille(0),
            replaced_bytes: 0,
            pieces: Vec::new(),
        };
        ParsedPage { page, charset, repairs: BTreeMap::new(), metadata: None, non_content_elements: BTreeMap::new() }
    }
}

impl ParseOptions {
    /// How these settings say that pages are read.
    ///
    /// # Errors
    /// [`Error::Setting`] with what is wrong with a pattern, a charset or the name of a repair.
    pub fn of(settings: &ReadingSettings) -> Result<ParseOptions> {
        let wrong =
            |name: &'static str, value: &str, expected: String| Error::Setting { name, value: value.into(), expected };
        let site_from = match (&settings.site_from, &settings.site) {
            (Some(pattern), _) => SiteFrom::parse(pattern).map_err(|why| wrong("site-from", pattern, why))?,
            (None, Some(host)) if is_host(host) => SiteFrom::Given(host.to_ascii_lowercase()),
            (None, Some(host)) => return Err(wrong("site", host, "a host, such as www.harbourpost.example".into())),
            (None, None) => SiteFrom::FirstHost,
        };
        let charset = |given: &String| charset(given).map_err(|why| wrong("charset", given, why));
        let charsets = settings.charset.iter().map(charset).collect::<Result<_>>()?;
        let mut repairs = Switches::default();
        for name in &settings.no_repair {
            repairs = repairs.without(name.parse().map_err(|why| wrong("no-repair", name, why))?);
        }
        Ok(ParseOptions { site_from, charsets, repairs, site_charsets: BTreeMap::new() })
    }

    /// The same, knowing what the other pages of sites are in, by host.
    #[must_use]
    pub fn with_site_charsets(&self, site_charsets: BTreeMap<String, TextEncoding>) -> ParseOptions {
        ParseOptions { site_charsets, ..self.clone() }
    }

    /// Looks at a page's bytes before they are decoded: see [`Probe::of`].
    pub fn probe(&self, path: &str, name: &str, bytes: &[u8], sidecar: &Sidecar) -> Probe {
        Probe::of(path, name, bytes, sidecar, &self.site_from)
    }

    /// Turns the bytes of a text or of an HTML page into a page. `charset_of` knows the charsets that rule files give
    /// to hosts.
    pub fn parse<'r>(
        &self,
        source: Source,
        bytes: &[u8],
        sidecar: &Sidecar,
        probe: &Probe,
        charset_of: impl Fn(&str) -> Option<&'r str>,
    ) -> ParsedPage {
        let decoded = self.decode(&source.path, bytes, sidecar, probe, charset_of);
        let charset = Charset {
            name: decoded.charset.into(),
            source: decoded.found_by,
            confidence: Share::of_permille(decoded.sure),
            replaced_bytes: decoded.unreadable,
            pieces: decoded.pieces,
        };
        let mut counts = Repairs::default();
        let named = |counts: &Repairs, levelled: u64, spaces: u64| {
            let levelled = [("spacing", levelled), ("spaces", spaces)].into_iter();
            let repairs = counts.made().chain(levelled.filter(|&(_, count)| count > 0));
            repairs.map(|(name, count)| (Cow::Borrowed(name), count)).collect()
        };
        let Probe { site, url, .. } = probe.clone();
        let read = Read::of(decoded.text, probe);
        if let Read::Html(markup) = &read {
            let mut html = html::read(markup);
            html.repair(&self.repairs_of_html(), &mut counts);
            html.measure();
            let Html { text, blocks, markup, metadata, aside, spaces } = html;
            let page = Page { site, url, text, blocks, markup: Some(Box::new(markup)), ..Page::empty(source) };
            let repairs = named(&counts, 0, spaces);
            return ParsedPage { page, charset, repairs, metadata, non_content_elements: aside };
        }
        let (text, cues) = read.into_text();
        let text = repair::repair(text, &self.repairs, &mut counts);
        let divided = lines::divide(&text);
        let repairs = named(&counts, divided.levelled, divided.spaces);
        let page = Page {
            source,
            site,
            url,
            text: divided.text,
            blocks: divided.blocks,
            columns: divided.columns,
            markup: None,
        };
        let non_content_elements = cues.into_iter().map(|cues| (subtitles::CUES, cues)).collect();
        ParsedPage { page, charset, repairs, metadata: None, non_content_elements }
    }

    /// The repairs that [`ParseOptions::parse`] makes to a text, line by line, with what speaks for each.
    pub fn repairs<'r>(
        &self,
        path: &str,
        bytes: &[u8],
        sidecar: &Sidecar,
        probe: &Probe,
        charset_of: impl Fn(&str) -> Option<&'r str>,
    ) -> Vec<RepairRecord> {
        let text = self.decode(path, bytes, sidecar, probe, charset_of).text;
        match Read::of(text, probe) {
            Read::Html(markup) => html::read(&markup).mended(&self.repairs_of_html()),
            read => repair::explain(&read.into_text().0, &self.repairs),
        }
    }

    /// In HTML a reference that stands in the text was written so: the parser has read the others.
    fn repairs_of_html(&self) -> Switches {
        self.repairs.without(Repair::References)
    }

    fn decode<'b, 'r>(
        &self,
        path: &str,
        bytes: &'b [u8],
        sidecar: &Sidecar,
        probe: &Probe,
        charset_of: impl Fn(&str) -> Option<&'r str>,
    ) -> Decoded<'b> {
        let host = probe.host();
        let by_rule = || TextEncoding::for_label(host.and_then(&charset_of)?);
        let by_person = || self.charset_of_path(path).or_else(by_rule);
        let hints = Hints {
            given: if sidecar.is_utf8 { None } else { by_person() },
            declared: sidecar.charset.as_deref(),
            tld: host.and_then(|host| host.rsplit('.').next()),
            site: host.and_then(|host| self.site_charsets.get(host).copied()),
            language: sidecar.language.as_deref(),
        };
        decode::decode(bytes, &hints)
    }

    fn charset_of_path(&self, path: &str) -> Option<TextEncoding> {
        let path = manifest::to_path(path);
        self.charsets.iter().find(|(glob, _)| glob.is_match(&path)).map(|&(_, charset)| charset)
    }
}

/// A decoded page, as it is read on.
enum Read<'t> {
    Text(Cow<'t, str>),
    Html(Cow<'t, str>),
    Subtitles(subtitles::Subtitles),
}

impl<'t> Read<'t> {
    fn of(text: Cow<'t, str>, probe: &Probe) -> Read<'t> {
        match probe.kind {
            Kind::Html => Read::Html(text),
            Kind::Markdown => Read::Html(markdown::to_html(&text).into()),
            Kind::Subtitles => Read::Subtitles(subtitles::read(&text)),
            Kind::Text | Kind::Empty | Kind::Unread(_) => Read::Text(text),
        }
    }

    /// The text, and the number of the cues that gave it, where they did.
    fn into_text(self) -> (Cow<'t, str>, Option<u64>) {
        match self {
            Read::Text(text) | Read::Html(text) => (text, None),
            Read::Subtitles(read) => (Cow::Owned(read.text), Some(read.cues)),
        }
    }
}

/// What a setting of charsets says: a label for all files, or a glob, `=` and a label.
fn charset(given: &str) -> std::result::Result<(GlobMatcher, TextEncoding), String> {
    let (glob, label) = given.rsplit_once('=').unwrap_or(("**", given));
    let unknown = || {
        format!(
            "‘{label}’ is no charset (a label of the WHATWG Encoding Standard such as windows-1250, or cp437, cp850, cp852, tcvn3, viscii)"
        )
    };
    let charset = TextEncoding::for_label(label).ok_or_else(unknown)?;
    let glob = Glob::new(glob).map_err(|error| error.to_string())?;
    Ok((glob.compile_matcher(), charset))
}
