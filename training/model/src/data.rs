//! The pages to learn from, and the score that a choice of their lines would get.

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use anyhow::{Context, Result, ensure};
use dechaff::internals::line::titles::without_site_name;
use dechaff::internals::line::{PageFeatures, fold};
use dechaff::internals::page::markup::{BlockContext, Kind};
use dechaff::internals::page::{Page, Source};
use dechaff::internals::parse::ParseOptions;
use dechaff::internals::parse::site::Sidecar;
use dechaff::internals::render::language::language;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::labels;

/// A row of the data.
#[derive(Debug, Deserialize)]
pub struct Row {
    /// Its name.
    pub id: String,
    /// The site; folds are split by it.
    pub domain: String,
    /// What kind of page it is.
    pub page_type: String,
    /// The part of the data it belongs to, 0 to 4.
    pub fold: u8,
    /// The page's title, where known.
    #[serde(default)]
    pub title: Option<String>,
    /// The page's own text.
    pub main_content: String,
    /// Snippets of what is not the page's own.
    #[serde(default)]
    pub without: Vec<String>,
    /// All of the page's text.
    pub text_all: String,
    /// What a first extractor took for the page's own text.
    pub text_main: String,
    /// Where the reference is from, of pages of several sources.
    #[serde(default)]
    pub source: Option<String>,
    /// The page itself.
    #[serde(skip)]
    pub html: String,
    /// The set it belongs to, by its number.
    #[serde(skip)]
    pub set: usize,
    /// How many pages it counts as.
    #[serde(skip)]
    pub worth: f32,
}

/// A set of pages: two files, and how many pages each of its pages counts as.
#[derive(Debug, Clone)]
pub struct Set {
    /// What its files are called before `-pages.jsonl.xz` and `-html.jsonl.xz`.
    prefix: PathBuf,
    /// Its name, for the report.
    pub name: String,
    /// What one of its pages weighs.
    worth: f32,
}

/// What the part of a set weighs whose text two extractors agree on: it is theirs, and no person has read it.
const AGREED_WORTH: f32 = 0.5;

impl FromStr for Set {
    type Err = String;

    /// `PREFIX` or `PREFIX=WORTH`.
    fn from_str(text: &str) -> Result<Set, String> {
        let (prefix, worth) = match text.rsplit_once('=') {
            Some((prefix, worth)) => {
                let number = worth.parse().ok().filter(|worth| *worth >= 0.0);
                (prefix, number.ok_or_else(|| format!("{worth:?} is no weight, as in news=1.5"))?)
            }
            None => (text, 1.0),
        };
        let prefix = PathBuf::from(prefix);
        let name = prefix.file_name().ok_or("a set has a name")?.to_string_lossy().into_owned();
        Ok(Set { prefix, name, worth })
    }
}

impl Set {
    /// The file of one of its two parts.
    fn file(&self, part: &str) -> PathBuf {
        let mut name = self.prefix.clone().into_os_string();
        name.push(format!("-{part}.jsonl.xz"));
        name.into()
    }
}

/// Which flattening of a page was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Track {
    /// All of the page's text.
    Text,
    /// What a first extractor left.
    Residue,
    /// The blocks of the page itself as lines: a second way to flatten it.
    Flat,
    /// All of the page's text in a disguise: no word is known.
    Blind,
    /// The page itself.
    Html,
    /// The page itself in a disguise.
    BlindHtml,
}

impl Track {
    /// What a disguised copy of it is, where it has one.
    pub fn disguised(self) -> Option<Track> {
        match self {
            Track::Text => Some(Track::Blind),
            Track::Html => Some(Track::BlindHtml),
            Track::Residue | Track::Flat | Track::Blind | Track::BlindHtml => None,
        }
    }

    /// Whether it is in a disguise.
    pub fn is_disguise(self) -> bool {
        matches!(self, Track::Blind | Track::BlindHtml)
    }
}

/// A page to learn from.
#[derive(Debug)]
pub struct Sample {
    /// What kind of page it is.
    pub kind: String,
    /// The language of its own text, as the program tells it; empty where it cannot.
    pub language: String,
    /// The site.
    pub domain: String,
    /// The fold.
    pub fold: u8,
    /// The set, by its number.
    pub set: usize,
    /// How many pages it counts as.
    pub worth: f32,
    /// The page.
    pub page: Page,
    /// For every block the share of its words that are the page's own text.
    pub labels: Vec<f32>,
    /// Whether a block is the page's title and the reference leaves it out: sources differ on whether it belongs to the
    /// text, so that it is no furniture either.
    pub title: Vec<bool>,
    /// For every block its words' numbers, to be scored.
    pub words: Vec<Vec<u32>>,
    /// How often each word stands in the reference.
    pub reference: Vec<u32>,
    /// Snippets of what is not the page's own, in lower case.
    without: Vec<String>,
    /// The lines of the reference that the page's text really has, as words with a space between; empty where there are
    /// too few to tell its edges.
    own_lines: Vec<String>,
    /// The words of every block, with a space between; empty where the edges cannot be told.
    joined: Vec<String>,
}

/// Reads the rows of all sets, with their HTML.
///
/// # Errors
/// Where a file cannot be read, a page lacks its HTML, or a site stands in several folds: a fold held out would be known.
pub fn rows(sets: &[Set]) -> Result<Vec<Row>> {
    #[derive(Deserialize)]
    struct Html {
        id: String,
        html: String,
    }
    let mut all = Vec::new();
    for (number, set) in sets.iter().enumerate() {
        let (path, html) = (set.file("pages"), set.file("html"));
        let mut pages: HashMap<String, String> =
            read::<Html>(&html)?.into_iter().map(|page| (page.id, page.html)).collect();
        for mut row in read::<Row>(&path)? {
            row.html = pages.remove(&row.id).with_context(|| format!("{} has no page {}", html.display(), row.id))?;
            let is_agreed = row.source.as_deref().is_some_and(|source| source.ends_with("(agreed)"));
            (row.set, row.worth) = (number, if is_agreed { set.worth * AGREED_WORTH } else { set.worth });
            all.push(row);
        }
    }
    let mut folds: HashMap<&str, u8> = HashMap::new();
    for row in &all {
        let fold = *folds.entry(&row.domain).or_insert(row.fold);
        ensure!(fold == row.fold, "{} stands in the folds {fold} and {}", row.domain, row.fold);
    }
    Ok(all)
}

fn read<T: DeserializeOwned>(path: &Path) -> Result<Vec<T>> {
    let file = File::open(path).with_context(|| format!("cannot open {}", path.display()))?;
    let reader: Box<dyn Read> = match path.extension().is_some_and(|extension| extension == "xz") {
        true => Box::new(liblzma::read::XzDecoder::new(file)),
        false => Box::new(file),
    };
    BufReader::new(reader)
        .lines()
        .map(|line| serde_json::from_str(&line?).with_context(|| format!("in {}", path.display())))
        .collect()
}

/// Splits a text into words as the score does: runs of letters, digits and underscores, lower case.
pub fn score_words(text: &str) -> impl Iterator<Item = String> + '_ {
    text.split(|c: char| !(c.is_alphanumeric() || c == '_')).filter(|word| !word.is_empty()).map(str::to_lowercase)
}

/// The page that the program would make of a text.
pub fn page_of(id: &str, text: &str) -> Page {
    let source = Source { path: format!("{id}.txt"), record: None };
    let (options, sidecar) = (ParseOptions::default(), Sidecar::default());
    let probe = options.probe(&source.path, &source.path, text.as_bytes(), &sidecar);
    options.parse(source, text.as_bytes(), &sidecar, &probe, |_| None).page
}

/// The blocks of a page as lines, with its blank lines between them.
fn flattened(page: &Page) -> String {
    let mut text = String::new();
    for (number, block) in page.blocks.iter().enumerate() {
        if number > 0 {
            text.push_str(if block.place.after_gap { "\n\n" } else { "\n" });
        }
        text.push_str(page.text_of(number));
    }
    text
}

/// The folded lines that may be a row's title: what the data, the head of its HTML and its headings of the first level
/// say, and these without the site's name.
fn titles(row: &Row) -> HashSet<String> {
    let html = page_of(&row.id, &row.html);
    let markup = html.markup.as_deref();
    let declared = markup.map(|markup| markup.declared.titles.clone()).unwrap_or_default();
    let headings = markup.into_iter().flat_map(|markup| {
        let is_title = |setting: &BlockContext| setting.kind == Kind::Heading && setting.level == 1;
        let blocks = markup.settings.iter().enumerate().filter(move |(_, setting)| is_title(setting));
        blocks.map(|(block, _)| html.text_of(block).to_owned()).collect::<Vec<_>>()
    });
    let all: Vec<String> = row.title.clone().into_iter().chain(declared).chain(headings).collect();
    let bare = all.iter().flat_map(|title| without_site_name(title).map(str::to_owned)).collect::<Vec<_>>();
    all.iter().chain(&bare).map(|title| fold(title)).filter(|title| !title.is_empty()).collect()
}

/// The reference's lines as `score` reads them for its edges.
fn own_lines(row: &Row) -> Vec<String> {
    let given = joined_words(&row.text_all);
    let is_line = |line: &&str| score_words(line).count() >= 3 || line.chars().count() > 20;
    let lines = row.main_content.split('\n').filter(is_line).map(joined_words);
    let lines: Vec<String> = lines.filter(|line| !line.is_empty() && given.contains(line.as_str())).collect();
    if lines.len() < 3 { Vec::new() } else { lines }
}

fn joined_words(text: &str) -> String {
    score_words(text).collect::<Vec<_>>().join(" ")
}

impl Sample {
    /// Divides and labels one flattening of a row.
    pub fn of(row: &Row, track: Track) -> Sample {
        let page = match track {
            Track::Text | Track::Blind => page_of(&row.id, &row.text_all),
            Track::Residue => page_of(&row.id, &row.text_main),
            Track::Flat => page_of(&row.id, &flattened(&page_of(&row.id, &row.html))),
            Track::Html | Track::BlindHtml => page_of(&row.id, &row.html),
        };
        let mut numbers: HashMap<String, u32> = HashMap::new();
        let mut number = |word: String| {
            let next = numbers.len() as u32;
            *numbers.entry(word).or_insert(next)
        };
        let reference_lines: Vec<Vec<u32>> =
            row.main_content.lines().map(|line| score_words(line).map(&mut number).collect()).collect();
        let words: Vec<Vec<u32>> =
            (0..page.blocks.len()).map(|block| score_words(page.text_of(block)).map(&mut number).collect()).collect();
        let mut reference = vec![0; numbers.len()];
        reference_lines.iter().flatten().for_each(|&word| reference[word as usize] += 1);
        let labels = labels::align(&words, &reference_lines);
        let titles = titles(row);
        let reading = PageFeatures::of(&page);
        let title =
            (0..page.blocks.len()).map(|block| labels[block] < 0.5 && titles.contains(reading.folded(block))).collect();
        let own_lines = own_lines(row);
        Sample {
            kind: row.page_type.clone(),
            language: language(&row.main_content).map(|language| language.code.into_owned()).unwrap_or_default(),
            domain: row.domain.clone(),
            fold: row.fold,
            set: row.set,
            worth: row.worth,
            joined: if own_lines.is_empty() {
                Vec::new()
            } else {
                (0..page.blocks.len()).map(|block| joined_words(page.text_of(block))).collect()
            },
            own_lines,
            page,
            labels,
            title,
            words,
            reference,
            without: row.without.iter().map(|snippet| snippet.to_lowercase()).collect(),
        }
    }

    /// The share of the snippets of what should go that stay; `None` where none are known.
    pub fn unwanted(&self, keep: impl Fn(usize) -> bool) -> Option<f64> {
        let kept = (0..self.words.len()).filter(|&block| keep(block)).map(|block| self.page.text_of(block));
        let text = kept.collect::<Vec<_>>().join("\n").to_lowercase();
        let found = self.without.iter().filter(|snippet| text.contains(snippet.as_str())).count();
        (!self.without.is_empty()).then(|| found as f64 / self.without.len() as f64)
    }

    /// Whether the first line of the page's own text stays, the last one, and whether half of it is gone; `None` where
    /// the reference has too few lines that the page has.
    pub fn edges(&self, keep: impl Fn(usize) -> bool) -> Option<[bool; 3]> {
        let (first, last) = (self.own_lines.first()?, self.own_lines.last()?);
        let kept = (0..self.words.len()).filter(|&block| keep(block) && !self.joined[block].is_empty());
        let text = kept.map(|block| self.joined[block].as_str()).collect::<Vec<_>>().join(" ");
        let length = |line: &String| line.chars().count();
        let all: usize = self.own_lines.iter().map(length).sum();
        let found: usize = self.own_lines.iter().filter(|line| text.contains(line.as_str())).map(length).sum();
        Some([text.contains(first), text.contains(last), found * 2 < all])
    }

    /// The blocks that hold the first and the last line of the page's own text, where `keep` loses them; each is the
    /// last block of the line that goes.
    pub fn lost_edges(&self, keep: impl Fn(usize) -> bool) -> [Option<usize>; 2] {
        let Some([is_first, is_last, _]) = self.edges(&keep) else { return [None, None] };
        let lost = |line: Option<&String>| {
            let line = line?;
            (0..self.words.len()).rfind(|&block| {
                let text = &self.joined[block];
                !keep(block) && !text.is_empty() && (line.contains(text) || text.contains(line.as_str()))
            })
        };
        [lost(self.own_lines.first()).filter(|_| !is_first), lost(self.own_lines.last()).filter(|_| !is_last)]
    }

    /// Precision, recall and F1 of the words where the blocks of `keep` are kept.
    pub fn score(&self, keep: impl Fn(usize) -> bool) -> [f64; 3] {
        let mut counts = vec![0u32; self.reference.len()];
        let (mut kept, mut both) = (0u32, 0u32);
        for (block, words) in self.words.iter().enumerate() {
            if keep(block) {
                for &word in words {
                    kept += 1;
                    counts[word as usize] += 1;
                    both += u32::from(counts[word as usize] <= self.reference[word as usize]);
                }
            }
        }
        let reference: u32 = self.reference.iter().sum();
        if reference == 0 {
            return if kept == 0 { [1.0; 3] } else { [0.0; 3] };
        }
        if kept == 0 || both == 0 {
            return [0.0; 3];
        }
        let (precision, recall) = (f64::from(both) / f64::from(kept), f64::from(both) / f64::from(reference));
        [precision, recall, 2.0 * precision * recall / (precision + recall)]
    }
}
