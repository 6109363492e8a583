//! What is known of a page's bytes before they are decoded: what they are, and whose. It is worked out once and handed
//! on to whoever parses, judges or names the page.

use crate::manifest::{self, Status};
use crate::page::Site;
use crate::parse::kind::{Kind, kind};
use crate::parse::site::{Sidecar, SiteFrom, ToldMarkup, site};

/// What is known of a page's bytes before they are decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probe {
    /// What they are.
    pub kind: Kind,
    /// The site of the page, where it can be told.
    pub site: Option<Site>,
    /// Its URL, where one came with it.
    pub url: Option<String>,
}

impl Probe {
    /// Looks at the start of a page's bytes. `path` tells the site where no URL does; `name` is that of the page's file
    /// without its packing, and empty for a record.
    pub fn of(path: &str, name: &str, bytes: &[u8], sidecar: &Sidecar, from: &SiteFrom) -> Probe {
        let told = sidecar.markup;
        let kind = match (kind(&manifest::to_path(name), bytes, told == ToldMarkup::DeclaredHtml), told) {
            (Kind::Empty, _) => Kind::Empty,
            (_, ToldMarkup::Html) => Kind::Html,
            (_, ToldMarkup::Text) => Kind::Text,
            (kind, ToldMarkup::Nothing | ToldMarkup::DeclaredHtml) => kind,
        };
        let (site, url) = site(path, bytes, kind == Kind::Html, sidecar, from);
        Probe { kind, site, url }
    }

    /// The page's host, where it can be told.
    pub fn host(&self) -> Option<&str> {
        self.site.as_ref().map(|site| site.host.as_str())
    }

    /// Why the bytes are not read as a page, if they are not.
    pub fn unread(&self) -> Option<(Status, &'static str)> {
        match self.kind {
            Kind::Empty => Some((Status::Blank, "")),
            Kind::Unread(what) => Some((Status::Skipped, what)),
            Kind::Text | Kind::Html | Kind::Markdown | Kind::Subtitles => None,
        }
    }

    /// Whether the page is HTML.
    pub fn is_html(&self) -> bool {
        self.kind == Kind::Html
    }

    /// Whether the text of its lines is that of its bytes, but for the charset and repairs.
    pub fn is_text(&self) -> bool {
        self.kind == Kind::Text
    }
}
