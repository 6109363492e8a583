//! What a page says of itself: `meta` elements, Open Graph, JSON-LD, and its `head`.

use serde_json::Value;

use super::attributes::Asked;
use super::tokens::StartTag;
use crate::manifest::Metadata;
use crate::page::markup::{Declared, PageKind};

/// The longest value that is taken, in bytes: longer ones are no title and no name.
const LONGEST: usize = 1000;

/// The most JSON-LD that is read at once, in bytes.
pub(super) const LONGEST_JSON: usize = 1 << 20;

/// What was found so far; of each thing, the best source's first word.
#[derive(Debug, Default)]
pub(super) struct Found {
    title: Offered,
    author: Offered,
    date: Offered,
    language: Offered,
    url: Offered,
    site_name: Offered,
    /// All titles that were offered, each once.
    titles: Vec<String>,
    kind: PageKind,
}

/// Titles that are remembered at most: a list of articles has many headlines, and none is its title.
const MOST_TITLES: usize = 8;

#[derive(Debug, Default)]
struct Offered(Option<(u8, String)>);

impl Offered {
    /// Takes a value from a source of this rank, 0 being the best.
    fn take(&mut self, rank: u8, value: &str) {
        let is_better = self.0.as_ref().is_none_or(|(known, _)| rank < *known);
        if is_better && value.len() <= LONGEST && value.chars().any(char::is_alphanumeric) {
            let words: Vec<&str> = value.split_whitespace().collect();
            self.0 = Some((rank, words.join(" ")));
        }
    }

    fn end(self) -> Option<String> {
        self.0.map(|(_, value)| value)
    }
}

impl Found {
    /// Reads a start tag: `html`, `meta` or `link`.
    pub(super) fn tag(&mut self, tag: &StartTag) {
        let value = |name| tag.value(name);
        match tag.name {
            "html" => self.language.take(0, value(Asked::Lang).or_else(|| value(Asked::XmlLang)).unwrap_or_default()),
            "link" => {
                let is_canonical = value(Asked::Rel)
                    .is_some_and(|rel| rel.split_ascii_whitespace().any(|rel| rel.eq_ignore_ascii_case("canonical")));
                if let (true, Some(href)) = (is_canonical, value(Asked::Href)) {
                    self.url.take(0, href);
                }
            }
            _ => {
                let name = value(Asked::Property).or_else(|| value(Asked::Name)).or_else(|| value(Asked::Itemprop));
                let name = name.or_else(|| value(Asked::HttpEquiv));
                if let (Some(name), Some(content)) = (name, value(Asked::Content)) {
                    self.meta(&name.trim().to_ascii_lowercase(), content);
                }
            }
        }
    }

    /// The text of `title`.
    pub(super) fn title(&mut self, title: &str) {
        self.offer_title(4, title);
    }

    fn offer_title(&mut self, rank: u8, title: &str) {
        self.title.take(rank, title);
        let title = title.split_whitespace().collect::<Vec<_>>().join(" ");
        if title.len() <= LONGEST
            && !title.is_empty()
            && self.titles.len() < MOST_TITLES
            && !self.titles.contains(&title)
        {
            self.titles.push(title);
        }
    }

    /// What a type of Open Graph or schema.org stands for; of several the one that says most.
    fn offer_kind(&mut self, name: &str) {
        let kind = match name {
            "website" | "WebSite" => PageKind::Site,
            "CollectionPage" | "ItemList" | "SearchResultsPage" | "ProductGroup" => PageKind::List,
            "Product" | "product" | "og:product" | "product.item" => PageKind::Product,
            "DiscussionForumPosting" | "QAPage" | "Question" => PageKind::Thread,
            "article" | "Article" | "BlogPosting" | "TechArticle" | "RunSummary" => PageKind::Article,
            name if name.ends_with("NewsArticle") || name == "LiveBlogPosting" => PageKind::News,
            _ => PageKind::Unknown,
        };
        if kind as u8 > self.kind as u8 {
            self.kind = kind;
        }
    }

    /// A script of JSON-LD. What is no JSON says nothing.
    pub(super) fn json(&mut self, text: &str) {
        if let Ok(value) = serde_json::from_str::<Value>(text) {
            self.thing(&value, 0);
        }
    }

    /// What was found, `None` where nothing was, and what the judges may know of it.
    pub(super) fn end(self) -> (Option<Metadata>, Declared) {
        let Found { title, author, date, language, url, site_name, titles, kind } = self;
        let metadata = Metadata {
            title: title.end(),
            author: author.end(),
            date: date.end(),
            language: language.end(),
            url: url.end(),
            site_name: site_name.end(),
        };
        let declared = Declared { titles, site_name: metadata.site_name.clone(), kind };
        ((metadata != Metadata::default()).then_some(metadata), declared)
    }

    fn meta(&mut self, name: &str, content: &str) {
        match name {
            "og:title" => self.offer_title(0, content),
            "og:type" => self.offer_kind(content.trim()),
            "twitter:title" | "dc.title" | "dcterms.title" => self.offer_title(2, content),
            // A link to a profile is no name.
            "author" | "article:author" | "dc.creator" | "dcterms.creator" | "parsely-author" | "sailthru.author"
                if !content.contains("://") =>
            {
                self.author.take(u8::from(name != "author"), content);
            }
            "article:published_time" | "og:published_time" => self.date.take(0, content),
            "datepublished" | "date" | "dc.date" | "dc.date.issued" | "dcterms.created" | "dcterms.date"
            | "pubdate" | "publish-date" | "parsely-pub-date" | "sailthru.date" => self.date.take(2, content),
            "content-language" | "dc.language" | "dcterms.language" => self.language.take(2, content),
            "og:locale" => self.language.take(3, &content.replace('_', "-")),
            "og:url" => self.url.take(1, content),
            "og:site_name" => self.site_name.take(0, content),
            "application-name" => self.site_name.take(2, content),
            _ => {}
        }
    }

    /// A thing of schema.org, or a list or graph of them.
    fn thing(&mut self, value: &Value, depth: usize) {
        if let Value::Array(things) = value {
            if depth < 4 {
                things.iter().for_each(|thing| self.thing(thing, depth + 1));
            }
            return;
        }
        if let Some(graph) = value.get("@graph").filter(|_| depth < 4) {
            self.thing(graph, depth + 1);
        }
        let types: Vec<&str> = match &value["@type"] {
            Value::String(one) => vec![one],
            Value::Array(several) => several.iter().filter_map(Value::as_str).collect(),
            _ => return,
        };
        let is_work = |kind: &&str| {
            let endings = ["Article", "Posting", "Report", "Review", "Recipe", "Story", "Question", "Book"];
            endings.iter().any(|ending| kind.ends_with(ending))
        };
        let text = |name: &str| value[name].as_str().unwrap_or_default();
        types.iter().for_each(|name| self.offer_kind(name));
        if types.iter().any(is_work) {
            self.offer_title(1, text("headline"));
            self.offer_title(3, text("name"));
            self.author.take(2, &names(&value["author"]));
            self.date.take(1, text("datePublished"));
            self.language.take(1, text("inLanguage"));
            self.site_name.take(1, &names(&value["publisher"]));
        } else if types.contains(&"WebPage") {
            self.date.take(3, text("datePublished"));
            self.language.take(1, text("inLanguage"));
        } else if types.contains(&"WebSite") {
            self.site_name.take(1, text("name"));
        }
    }
}

/// The names of people or organizations: a name, a thing with one, or a list of these.
fn names(value: &Value) -> String {
    match value {
        Value::String(name) if !name.contains("://") => name.clone(),
        Value::Object(thing) => thing.get("name").and_then(Value::as_str).unwrap_or_default().to_string(),
        Value::Array(several) => {
            let names: Vec<String> = several.iter().map(names).filter(|name| !name.is_empty()).collect();
            names.join(", ")
        }
        _ => String::new(),
    }
}
