//! A page's site: from a URL that came with the page, else from a folder of its path.

use std::borrow::Cow;
use std::fs;
use std::path::Path;

use regex::Regex;
use serde::{Deserialize, Serialize};

use super::html::head;
use crate::page::{Site, SiteSource};

/// How many of a text's first lines are looked at for front matter.
const FRONT_LINES: usize = 12;

/// How much of a file's start front matter can take, in bytes.
pub const FRONT_BYTES: usize = 4096;

/// Where in a path the host stands.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum SiteFrom {
    /// The first folder that looks like a host.
    #[default]
    FirstHost,
    /// What stands where the pattern says `{host}`: a folder, or a part of a folder's or the file's name.
    Pattern(Vec<Component>),
    /// This host, for every page whose URL says no other.
    Given(String),
}

/// A component of a path pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Component {
    /// A name as it is written.
    Named(String),
    /// `*`: any one component.
    Any,
    /// `{host}`: the host.
    Host,
    /// A name of which only parts are known: `{host}_*.txt`, `crawl-*`.
    Parts(NamePattern),
}

/// A name of which only parts are known.
#[derive(Debug, Clone)]
pub struct NamePattern {
    written: String,
    regex: Regex,
}

impl PartialEq for NamePattern {
    fn eq(&self, other: &NamePattern) -> bool {
        self.written == other.written
    }
}

impl Eq for NamePattern {}

impl NamePattern {
    /// `*` is any run of characters, `{host}` the shortest that fits; everything else is as it is written.
    fn parse(written: &str) -> Option<NamePattern> {
        let parts: Vec<String> =
            written.split(HOST).map(|part| part.split('*').map(regex::escape).collect::<Vec<_>>().join(".*")).collect();
        let regex = Regex::new(&format!("(?s)^{}$", parts.join("(?P<host>.+?)"))).ok()?;
        Some(NamePattern { written: written.into(), regex })
    }

    fn names_host(&self) -> bool {
        self.written.contains(HOST)
    }

    /// The host that a name tells.
    fn host<'n>(&self, name: &'n str) -> Option<&'n str> {
        self.regex.captures(name)?.name("host").map(|host| host.as_str()).filter(|host| is_host(host))
    }
}

/// What stands for the host in a pattern.
const HOST: &str = "{host}";

impl SiteFrom {
    /// Reads a pattern such as `sites/{host}/**` or `{host}_*.txt`.
    ///
    /// # Errors
    /// A sentence that says what is wrong with it.
    pub fn parse(pattern: &str) -> Result<SiteFrom, String> {
        let mut components = Vec::new();
        for part in pattern.trim_start_matches("./").split('/') {
            match part {
                HOST => components.push(Component::Host),
                "*" => components.push(Component::Any),
                "**" => break,
                "" => {
                    return Err(
                        "a part of a pattern is empty; expected a name, `*` or `{host}` between the slashes".into()
                    );
                }
                _ if part.replace(HOST, "").contains(['{', '}', '?']) || part.matches(HOST).count() > 1 => {
                    return Err(format!(
                        "‘{part}’ is not a part of a pattern; expected a name, `*`, `{{host}}`, both within a name as in \
                         `{{host}}_*.txt`, or a final `**`"
                    ));
                }
                _ if part.contains(HOST) || part.contains('*') => {
                    let pattern = NamePattern::parse(part).ok_or_else(|| format!("‘{part}’ is too long"))?;
                    components.push(Component::Parts(pattern));
                }
                _ => components.push(Component::Named(part.into())),
            }
        }
        match components.iter().filter(|part| part.names_host()).count() {
            1 => Ok(SiteFrom::Pattern(components)),
            _ => Err("a pattern names the host once, as `{host}`: sites/{host}/** or {host}_*.txt".into()),
        }
    }

    /// The host that a path tells, if it does.
    fn host(&self, path: &str) -> Option<String> {
        let names = path.split('/').collect::<Vec<_>>();
        let folders = &names[..names.len() - 1];
        match self {
            SiteFrom::FirstHost => {
                folders.iter().find(|folder| looks_like_host(folder)).map(|host| host.to_ascii_lowercase())
            }
            SiteFrom::Pattern(pattern) => {
                // A name that is known in parts may be the file's; a whole one is a folder's.
                let names = if matches!(pattern.last(), Some(Component::Parts(_))) { &names } else { folders };
                let fits =
                    pattern.len() <= names.len() && pattern.iter().zip(names).all(|(part, name)| part.fits(name));
                let at = pattern.iter().position(Component::names_host)?;
                let host = match &pattern[at] {
                    _ if !fits => None,
                    Component::Parts(part) => part.host(names[at]),
                    _ => Some(names[at]),
                };
                host.map(str::to_ascii_lowercase)
            }
            SiteFrom::Given(host) => Some(host.clone()),
        }
    }
}

impl Component {
    fn names_host(&self) -> bool {
        match self {
            Component::Host => true,
            Component::Parts(pattern) => pattern.names_host(),
            Component::Named(_) | Component::Any => false,
        }
    }

    fn fits(&self, name: &str) -> bool {
        match self {
            Component::Named(own) => own == name,
            Component::Any | Component::Host => true,
            Component::Parts(pattern) => pattern.regex.is_match(name),
        }
    }
}

/// What a file beside the page says of it: `page.txt.meta.json`.
#[derive(Debug, Default, Clone, Deserialize, Serialize, PartialEq, Eq)]
pub struct Sidecar {
    /// The page's URL.
    pub url: Option<String>,
    /// The charset it was served as.
    pub charset: Option<String>,
    /// The language it was served as: a BCP 47 tag, such as `hu` or `pt-BR`.
    pub language: Option<String>,
    /// Whether the page is UTF-8 whatever is said of it: a text that came in JSON.
    #[serde(skip)]
    pub is_utf8: bool,
    /// Whether the page is said to be HTML.
    #[serde(skip_deserializing, skip_serializing_if = "ToldMarkup::is_nothing")]
    pub markup: ToldMarkup,
}

/// What is said of a page's markup by what came with it.
#[derive(Debug, Default, Clone, Copy, Serialize, PartialEq, Eq)]
pub enum ToldMarkup {
    /// Nothing: its name and its bytes tell.
    #[default]
    Nothing,
    /// A media type or the name of a field says that it is HTML. It is read so where it has tags.
    DeclaredHtml,
    /// Whoever handed it over knows that it is HTML.
    Html,
    /// Whoever handed it over knows that it is text.
    Text,
}

impl ToldMarkup {
    /// What a media type says, such as `text/html`.
    pub fn of_type(essence: &str) -> ToldMarkup {
        match essence {
            "text/html" | "application/xhtml+xml" => ToldMarkup::DeclaredHtml,
            _ => ToldMarkup::Nothing,
        }
    }

    /// Whether nothing is said.
    fn is_nothing(&self) -> bool {
        *self == ToldMarkup::Nothing
    }

    /// What the name of a field or a column says.
    pub fn of_field(name: &str) -> ToldMarkup {
        if name == "html" { ToldMarkup::DeclaredHtml } else { ToldMarkup::Nothing }
    }
}

impl Sidecar {
    /// What stands behind a page's name in that of its sidecar.
    pub const ENDING: &'static str = ".meta.json";

    /// Reads the sidecar of a page; empty where there is none, or none that can be read.
    pub fn beside(file: &Path) -> Sidecar {
        let Some(name) = file.file_name() else { return Sidecar::default() };
        let mut beside = name.to_os_string();
        beside.push(Sidecar::ENDING);
        Sidecar::of(&fs::read(file.with_file_name(beside)).unwrap_or_default())
    }

    /// The sidecar that a file holds; empty where that is none.
    pub fn of(text: &[u8]) -> Sidecar {
        serde_json::from_slice(text).unwrap_or_default()
    }
}

/// The site of a page, and its URL: by the URL of its sidecar, else by what the page says of itself (the head of HTML,
/// the front matter of plain text), else by its path. Of the bytes no more than the start is looked at: up to
/// [`FRONT_BYTES`] of plain text, up to [`head::LOOKED_AT`] of HTML.
pub fn site(
    path: &str,
    bytes: &[u8],
    is_html: bool,
    sidecar: &Sidecar,
    from: &SiteFrom,
) -> (Option<Site>, Option<String>) {
    let beside = sidecar.url.clone().map(|url| (url, SiteSource::Url));
    let url = beside.or_else(|| match is_html {
        true => head::url(bytes).map(|url| (url, SiteSource::Canonical)),
        false => front_matter_url(bytes).map(|url| (url, SiteSource::Url)),
    });
    by_url_or_path(url, path, from)
}

fn by_url_or_path(url: Option<(String, SiteSource)>, path: &str, from: &SiteFrom) -> (Option<Site>, Option<String>) {
    let by_url = url.as_ref().and_then(|(url, known_by)| Some(Site { host: host_of(url)?, known_by: *known_by }));
    let known_by = if matches!(from, SiteFrom::Given(_)) { SiteSource::Given } else { SiteSource::Path };
    let site = by_url.or_else(|| from.host(path).map(|host| Site { host, known_by }));
    (site, url.map(|(url, _)| url))
}

/// The host of a URL, lower case, without port.
pub fn host_of(url: &str) -> Option<String> {
    let rest = url.split_once("://")?.1;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit('@').next()?.split(':').next()?;
    let host = host.trim_end_matches('.').to_lowercase();
    is_host(&host).then_some(host)
}

/// Whether a name has only characters that hosts have.
pub(super) fn is_host(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '-' | '_'))
}

/// The URL in a text's front matter: a line `URL: …` among the first ones.
fn front_matter_url(bytes: &[u8]) -> Option<String> {
    let start = &bytes[..bytes.len().min(FRONT_BYTES)];
    // The zero bytes of UTF-16 are left out: names and URLs are ASCII in any charset.
    let narrow: Cow<[u8]> = match memchr::memchr(0, start) {
        Some(_) => start.iter().copied().filter(|&byte| byte != 0).collect(),
        None => start.into(),
    };
    narrow.split(|&byte| byte == b'\n').take(FRONT_LINES).find_map(|line| {
        let colon = memchr::memchr(b':', line)?;
        let name = String::from_utf8_lossy(&line[..colon]);
        let name = name.trim().trim_start_matches('\u{FEFF}').to_ascii_lowercase();
        if !["url", "source_url", "source-url", "canonical_url"].contains(&name.as_str()) {
            return None;
        }
        let value = String::from_utf8_lossy(&line[colon + 1..]);
        let value = value.trim();
        (value.starts_with("http://") || value.starts_with("https://")).then(|| value.to_string())
    })
}

/// Endings of files that may look like a top-level domain: a file of many pages is the folder of what is in it.
const FILE_ENDINGS: [&str; 28] = [
    "txt", "html", "htm", "json", "warc", "gz", "zst", "tar", "tgz", "tbz", "txz", "tzst", "zip", "epub", "xz", "zstd",
    "gzip", "jsonl", "ndjson", "csv", "tsv", "wet", "wat", "arc", "mht", "mhtml", "parquet", "xhtml",
];

/// Whether a folder's name is a host's: labels of letters, digits and hyphens between dots, the last one a
/// top-level domain of letters, and not the suffix of a file.
fn looks_like_host(name: &str) -> bool {
    let labels: Vec<&str> = name.split('.').collect();
    let is_label = |label: &&str| {
        !label.is_empty()
            && label.len() <= 63
            && label.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '_')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let Some(top) = labels.last() else { return false };
    let is_top = top.chars().count() >= 2 && (top.chars().all(char::is_alphabetic) || top.starts_with("xn--"));
    labels.len() >= 2
        && labels.iter().all(is_label)
        && is_top
        && !FILE_ENDINGS.iter().any(|ending| ending.eq_ignore_ascii_case(top))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_folder_that_looks_like_a_host_is_the_site() {
        for (path, host) in [
            ("harbourpost.example/2024/a.txt", Some("harbourpost.example")),
            ("crawl/News.Example.ORG/a.txt", Some("news.example.org")),
            ("2024.05/a.txt", None),
            ("harbourpost.example", None),
            ("a.txt/b", None),
            ("xn--bcher-kva.example/a", Some("xn--bcher-kva.example")),
            ("v1.2/docs/a.txt", None),
        ] {
            assert_eq!(SiteFrom::FirstHost.host(path).as_deref(), host, "{path}");
        }
    }

    #[test]
    fn a_pattern_names_the_folder() {
        let from = SiteFrom::parse("sites/{host}/**").unwrap();
        assert_eq!(from.host("sites/localhost/a/b.txt").as_deref(), Some("localhost"));
        assert_eq!(from.host("other/x.example/b.txt"), None);
        assert_eq!(from.host("sites/b.txt"), None);
        for wrong in ["sites/**", "{host}/{host}", "{host}-{host}", "{site}/{host}", "a//{host}", ""] {
            assert!(SiteFrom::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_pattern_names_a_part_of_a_name() {
        for (pattern, path, host) in [
            ("{host}_*.txt", "harbourpost.example_2024_7.txt", Some("harbourpost.example")),
            ("{host}_*.txt", "Harbourpost.Example_7.html", None),
            ("crawl-*/{host}--*", "crawl-7/news.example--a--b.html", Some("news.example")),
            ("{host}_*.txt", "deeper/harbourpost.example_7.txt", None),
            ("www.{host}/**", "www.a.example/b.txt", Some("a.example")),
            ("*_{host}.txt", "2024_01_a.example.txt", Some("a.example")),
            ("{host}_*.txt", "(a_+.txt", None),
        ] {
            assert_eq!(SiteFrom::parse(pattern).unwrap().host(path).as_deref(), host, "{pattern} {path}");
        }
    }

    #[test]
    fn a_url_beats_the_path() {
        let sidecar = Sidecar { url: Some("https://User@News.Example.org:8080/a?b".into()), ..Sidecar::default() };
        let (site, _) = site("other.example/a.txt", b"", false, &sidecar, &SiteFrom::FirstHost);
        assert_eq!(site, Some(Site { host: "news.example.org".into(), known_by: SiteSource::Url }));
    }

    #[test]
    fn front_matter_is_read_and_prose_is_not() {
        for (text, url) in [
            ("Title: x\nURL: https://a.example/b\n\nText", Some("https://a.example/b")),
            ("The URL: it is a name.\n", None),
            ("Text\n\nSee https://a.example/", None),
        ] {
            assert_eq!(front_matter_url(text.as_bytes()).as_deref(), url);
        }
    }
}
