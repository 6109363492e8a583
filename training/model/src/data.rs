//! The pages to learn from, and the score that a choice of their lines would get.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use anyhow::{Context, Result};
use dechaff::internals::line::{PageFeatures, fold};
use dechaff::internals::page::{Page, Source};
use dechaff::internals::parse::ParseOptions;
use dechaff::internals::parse::site::Sidecar;
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
    /// The page itself.
    #[serde(skip)]
    pub html: String,
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
    /// The site.
    pub domain: String,
    /// The fold.
    pub fold: u8,
    /// The page.
    pub page: Page,
    /// For every block the share of its words that are the page's own text.
    pub labels: Vec<f32>,
    /// Whether a block is the page's title.
    pub title: Vec<bool>,
    /// For every block its words' numbers, to be scored.
    pub words: Vec<Vec<u32>>,
    /// How often each word stands in the reference.
    pub reference: Vec<u32>,
    /// Snippets of what is not the page's own, in lower case.
    without: Vec<String>,
}

/// Reads the rows of a JSONL file, packed with xz or not.
pub fn rows(path: &Path) -> Result<Vec<Row>> {
    read(path)
}

/// Reads the pages themselves from a JSONL file of their names and their HTML, and puts them into the rows.
pub fn read_html(path: &Path, rows: &mut [Row]) -> Result<()> {
    #[derive(Deserialize)]
    struct Html {
        id: String,
        html: String,
    }
    let mut pages: HashMap<String, String> = read::<Html>(path)?.into_iter().map(|page| (page.id, page.html)).collect();
    for row in rows {
        row.html = pages.remove(&row.id).with_context(|| format!("{} has no page {}", path.display(), row.id))?;
    }
    Ok(())
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
        let folded_title = fold(row.title.as_deref().unwrap_or(""));
        let reading = PageFeatures::of(&page);
        let title = (0..page.blocks.len())
            .map(|block| !folded_title.is_empty() && reading.folded(block) == folded_title)
            .collect();
        Sample {
            kind: row.page_type.clone(),
            domain: row.domain.clone(),
            fold: row.fold,
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
