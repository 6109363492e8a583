//! The pages at the ends of the distributions: few, and one click away in the report.

use crate::page::Source;
use crate::report::facts::PageFacts;

/// Pages at an end.
const PAGES: usize = 6;

/// Words that a page needs for its share to mean something: of one with ten words, a menu is most.
const WORDS_FOR_A_SHARE: u64 = 50;

/// The outliers of a corpus.
#[derive(Debug, Clone, Default)]
pub struct Outliers {
    /// Pages of at least fifty words that keep the smallest share of them.
    pub least_kept: Extremes,
    /// Pages that keep most words.
    pub longest: Extremes,
    /// Pages with the closest call: the line that the model was nearest to keep, and dropped.
    pub closest: Extremes,
}

/// The pages with the highest of some number, the highest first; the earlier page goes first among equals.
#[derive(Debug, Clone, Default)]
pub struct Extremes {
    pages: Vec<(u64, Source)>,
}

impl Outliers {
    /// Adds a page.
    pub fn add(&mut self, page: &PageFacts) {
        let words = page.words.unwrap_or_default();
        if words.all() >= WORDS_FOR_A_SHARE {
            self.least_kept.offer(words.dropped * 1_000_000 / words.all(), page);
        }
        self.longest.offer(words.kept, page);
        self.closest.offer(page.closest_call().map_or(0, u64::from), page);
    }

    /// All of them.
    pub fn all(&self) -> impl Iterator<Item = &Source> {
        [&self.least_kept, &self.longest, &self.closest].into_iter().flat_map(Extremes::sources)
    }
}

impl Extremes {
    /// The pages, in their order.
    pub fn sources(&self) -> impl Iterator<Item = &Source> {
        self.pages.iter().map(|(_, source)| source)
    }

    fn offer(&mut self, number: u64, page: &PageFacts) {
        let at = self.pages.partition_point(|(other, _)| *other >= number);
        if number > 0 && at < PAGES {
            self.pages.insert(at, (number, page.source()));
            self.pages.truncate(PAGES);
        }
    }
}
