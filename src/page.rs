//! A page: its text as one string, divided into blocks. Read-only once intake has made it.
//!
//! This room holds no judgement and no derived facts; those are in [`crate::line`] and
//! [`crate::marks`].

pub mod markup;
mod part;
pub mod places;

use std::fmt;
use std::ops::Range;

use markup::Markup;

/// Where a page came from.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Source {
    /// The file's path below the input folder, `/` between components, in the manifest's notation:
    /// bytes that are not UTF-8 stand as `\xNN`, a backslash as `\\`.
    pub path: String,
    /// Which record of a file of many pages: the line of JSON lines, counted from 1; the byte at which a WARC record
    /// begins. `None` where the file is the page.
    pub record: Option<u64>,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.record {
            Some(record) => write!(f, "{}#{record}", self.path),
            None => f.write_str(&self.path),
        }
    }
}

/// The site a page belongs to, and how that is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// The host, lower case, without port: `news.example.org`.
    pub host: String,
    /// What told the host.
    pub known_by: SiteSource,
}

/// What told a page's site.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SiteSource {
    /// A URL that came with the page: the site map, its record, a sidecar file or front matter.
    Url,
    /// What an HTML page says of itself: its canonical link or `og:url`.
    Canonical,
    /// A folder of its path.
    Path,
    /// The person who ran dechaff said so.
    Given,
}

/// One page, decoded, repaired and divided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Where it came from.
    pub source: Source,
    /// The site it belongs to, where known.
    pub site: Option<Site>,
    /// Its URL, where one came with it.
    pub url: Option<String>,
    /// The kept characters of all blocks, one block a line, no blank lines.
    pub text: String,
    /// The blocks in reading order; their spans ascend and do not overlap.
    pub blocks: Vec<Block>,
    /// Of the blocks that are only a part of their raw line, where they stand in it.
    pub columns: Columns,
    /// What the markup of an HTML page tells of its blocks; `None` for plain text.
    pub markup: Option<Box<Markup>>,
}

impl Page {
    /// A page of which nothing is known but where it came from.
    pub fn empty(source: Source) -> Page {
        let (text, blocks, columns) = (String::new(), Vec::new(), Columns::default());
        Page { source, site: None, url: None, text, blocks, columns, markup: None }
    }

    /// The text of a block, leading indentation included, without line end.
    pub fn text_of(&self, block: usize) -> &str {
        let span = &self.blocks[block].span;
        &self.text[span.start as usize..span.end as usize]
    }
}

/// The columns of the few blocks of a page that are only a part of their raw line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Columns(Vec<(u32, (u32, u32))>);

impl Columns {
    /// The columns of a block (characters of its raw line, counted from 1, last included); `None` where it is the whole
    /// line.
    pub fn of(&self, block: usize) -> Option<(u32, u32)> {
        let at = self.0.binary_search_by_key(&block, |&(block, _)| block as usize).ok()?;
        Some(self.0[at].1)
    }

    /// Those of a block behind all that have some.
    pub fn push(&mut self, block: usize, columns: (u32, u32)) {
        self.0.push((block as u32, columns));
    }

    /// Those of some blocks, which are counted from the first of them.
    pub fn part(&self, blocks: Range<usize>) -> Columns {
        let first = self.0.partition_point(|&(block, _)| (block as usize) < blocks.start);
        let some = self.0[first..].iter().take_while(|&&(block, _)| (block as usize) < blocks.end);
        Columns(some.map(|&(block, columns)| (block - blocks.start as u32, columns)).collect())
    }
}

/// A piece of a page that is kept or dropped as one: a line of plain text; a paragraph, heading, list item, table
/// row or line of code of HTML.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// Its bytes in [`Page::text`].
    pub span: Range<u32>,
    /// Where it stood in the source.
    pub place: Place,
}

/// Where a block stood in its source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The raw line, counted from 1; that of its first word, where it takes several. Raw lines end at LF, CRLF or CR.
    pub line: u32,
    /// Whether a blank line, or the start of the page, stands before it.
    pub after_gap: bool,
}
