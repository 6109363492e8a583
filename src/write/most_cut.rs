//! The pages that lost much more than their neighbours: by words, above the median of their site.
//!
//! A share says little: of ten pages that lost everything, nine are error pages. A page that lost three hundred words
//! where its site's pages lose forty is one to read.

use std::collections::HashMap;

use crate::manifest::TextCounts;
use crate::page::Source;

/// Pages that are remembered of each site: what else a site has lost is most likely the same fault.
const OF_A_SITE: usize = 3;

/// Pages of a site whose losses are remembered one by one. Of a larger site every second page counts, then every
/// fourth, and so on.
const MEASURED: usize = 1024;

/// Sites that are told apart; the pages of later ones are measured together.
const SITES: usize = 100_000;

/// Pages that a site needs to be measured by its own; those of smaller ones are measured by all pages.
const PAGES_OF_A_SITE: u64 = 5;

/// What pages lost, site by site, in bounded memory.
#[derive(Debug, Default, Clone)]
pub struct MostCut {
    sites: HashMap<String, SiteLosses>,
    all: Losses,
}

/// A page that lost more words than the median page of its site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CutPage {
    /// Its address.
    pub source: Source,
    /// Its words.
    pub words: TextCounts,
    /// The words that the median page of its site lost.
    pub median: u64,
}

impl CutPage {
    /// The words that it lost above the median.
    pub fn above(&self) -> u64 {
        self.words.dropped.saturating_sub(self.median)
    }
}

#[derive(Debug, Default, Clone)]
struct SiteLosses {
    losses: Losses,
    /// The pages that lost most, the worst first; the earlier page goes first among equals.
    worst: Vec<(Source, TextCounts)>,
}

#[derive(Debug, Default, Clone)]
struct Losses {
    /// Words lost, of every `stride`-th page.
    measured: Vec<u32>,
    /// Pages so far.
    pages: u64,
    /// How often the measures were thinned out: each time every second one went.
    thinned: u32,
}

impl MostCut {
    /// Adds a page. Pages come in the same order in every run.
    pub fn add(&mut self, site: &str, words: TextCounts, source: impl FnOnce() -> Source) {
        self.all.add(words.dropped);
        let is_known = self.sites.contains_key(site);
        let site = if is_known || self.sites.len() < SITES { site } else { "" };
        match self.sites.get_mut(site) {
            Some(losses) => losses.add(words, source),
            None => self.sites.entry(site.into()).or_default().add(words, source),
        }
    }

    /// The pages that lost most words above the median of their site, at most `count`, the worst first.
    pub fn worst(&self, count: usize) -> Vec<CutPage> {
        let of_all = self.all.median();
        let mut pages: Vec<CutPage> = self
            .sites
            .values()
            .flat_map(|site| {
                let median = if site.losses.pages < PAGES_OF_A_SITE { of_all } else { site.losses.median() };
                site.worst.iter().map(move |(page, words)| CutPage { source: page.clone(), words: *words, median })
            })
            .filter(|page| page.above() > 0)
            .collect();
        pages.sort_by(|a, b| b.above().cmp(&a.above()).then_with(|| a.source.cmp(&b.source)));
        pages.truncate(count);
        pages
    }
}

impl SiteLosses {
    fn add(&mut self, words: TextCounts, source: impl FnOnce() -> Source) {
        self.losses.add(words.dropped);
        let at = self.worst.partition_point(|(_, other)| other.dropped >= words.dropped);
        if at < OF_A_SITE && words.dropped > 0 {
            self.worst.insert(at, (source(), words));
            self.worst.truncate(OF_A_SITE);
        }
    }
}

impl Losses {
    fn add(&mut self, dropped: u64) {
        if self.pages.is_multiple_of(1 << self.thinned) {
            self.measured.push(u32::try_from(dropped).unwrap_or(u32::MAX));
        }
        self.pages += 1;
        if self.measured.len() > MEASURED {
            let mut at = 0;
            self.measured.retain(|_| {
                at += 1;
                at % 2 == 1
            });
            self.thinned += 1;
        }
    }

    /// The lower median of what pages lost.
    fn median(&self) -> u64 {
        let mut measured = self.measured.clone();
        measured.sort_unstable();
        measured.get(measured.len().saturating_sub(1) / 2).copied().unwrap_or_default().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(cut: &mut MostCut, site: &str, name: &str, dropped: u64) {
        cut.add(site, TextCounts { kept: 100, dropped }, || Source { path: name.into(), record: None });
    }

    #[test]
    fn a_page_is_measured_by_the_pages_of_its_site() {
        let mut cut = MostCut::default();
        for number in 0..9 {
            page(&mut cut, "menus.example", &format!("menus/{number}"), 500);
            page(&mut cut, "plain.example", &format!("plain/{number}"), 20);
        }
        page(&mut cut, "plain.example", "plain/odd", 300);
        page(&mut cut, "menus.example", "menus/odd", 560);
        let worst = cut.worst(10);
        let told: Vec<_> = worst.iter().map(|page| (page.source.path.as_str(), page.above())).collect();
        assert_eq!(told, [("plain/odd", 280), ("menus/odd", 60)], "a menu on every page is no news");
        page(&mut cut, "alone.example", "alone", 900);
        assert_eq!(cut.worst(1)[0].source.path, "alone", "a site of one page is measured by all pages");
    }

    #[test]
    fn a_large_site_is_measured_by_a_part_of_its_pages() {
        let mut cut = MostCut::default();
        for number in 0..50_000 {
            page(&mut cut, "large.example", &format!("{number}"), number % 101);
        }
        let site = &cut.sites["large.example"].losses;
        assert!(site.measured.len() <= MEASURED);
        assert!((45..=55).contains(&site.median()), "{}", site.median());
    }
}
