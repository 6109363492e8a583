//! Samples of pages, the same for the same seed and the same pages, whatever their order.
//!
//! Each page has a number drawn from the seed and its address; of each stratum the pages with the lowest numbers are
//! candidates (a bottom-k sample). Strata take turns, in an order that is drawn too.

use std::collections::{BTreeMap, HashSet};

use xxhash_rust::xxh3::xxh3_64_with_seed;

use crate::page::Source;
use crate::report::facts::PageFacts;
use crate::report::statistics::word_of;

/// What pages are parted by before they are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strata {
    /// By nothing: every page has the same chance.
    Whole,
    /// By their site.
    Site,
    /// By the rules that took something of them; a page may stand in several.
    Rule,
    /// By what became of them.
    Status,
    /// By the closest call of the line model on them, in tenths.
    Score,
}

/// A page that was drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drawn {
    /// Its address.
    pub source: Source,
    /// The stratum that it was drawn from; empty where there are none.
    pub stratum: String,
}

/// Draws pages while their rows pass by.
#[derive(Debug, Clone)]
pub struct Sampler {
    strata: Strata,
    seed: u64,
    count: usize,
    /// The candidates of the strata that come first, under the number that their order is drawn by.
    candidates: BTreeMap<(u64, String), Lowest>,
}

/// The pages with the lowest numbers.
type Lowest = BTreeMap<(u64, Source), ()>;

impl Sampler {
    /// Draws so many pages.
    pub fn new(strata: Strata, seed: u64, count: usize) -> Sampler {
        Sampler { strata, seed, count, candidates: BTreeMap::new() }
    }

    /// Adds a page. One that has no text of its own is never drawn.
    pub fn add(&mut self, page: &PageFacts) {
        if page.blocks.is_none() || self.count == 0 {
            return;
        }
        let source = page.source();
        // Of several samples by one seed, each draws pages of its own.
        let number = self.number(&format!("{:?}\n{source}", self.strata));
        match self.strata {
            Strata::Whole => self.offer("", number, &source),
            Strata::Site => self.offer(page.site.as_deref().unwrap_or("no known site"), number, &source),
            Strata::Rule => page.rules().into_iter().for_each(|rule| self.offer(rule, number, &source)),
            Strata::Status => self.offer(&word_of(page.status), number, &source),
            Strata::Score => self.offer(&score_range(page.closest_call()), number, &source),
        }
    }

    /// The pages that were drawn, stratum by stratum as they took turns.
    pub fn draw(self) -> Vec<Drawn> {
        let mut strata: Vec<_> =
            self.candidates.into_iter().map(|((_, name), pages)| (name, pages.into_keys())).collect();
        let (mut drawn, mut seen) = (Vec::new(), HashSet::new());
        while drawn.len() < self.count && !strata.is_empty() {
            strata.retain_mut(|(name, pages)| {
                let next = pages.find(|(_, source)| !seen.contains(source));
                let Some((_, source)) = next.filter(|_| drawn.len() < self.count) else { return false };
                seen.insert(source.clone());
                drawn.push(Drawn { source, stratum: name.clone() });
                true
            });
        }
        drawn
    }

    fn number(&self, of: &str) -> u64 {
        xxh3_64_with_seed(of.as_bytes(), self.seed)
    }

    fn offer(&mut self, stratum: &str, number: u64, source: &Source) {
        let key = (self.number(stratum), stratum.to_string());
        // More strata than pages: the last ones get no turn.
        let is_late = self.candidates.len() >= self.count
            && !self.candidates.contains_key(&key)
            && self.candidates.last_key_value().is_some_and(|(last, _)| *last < key);
        if is_late {
            return;
        }
        let lowest = self.candidates.entry(key).or_default();
        let is_wanted =
            lowest.len() < self.count || lowest.last_key_value().is_some_and(|((last, _), ())| *last > number);
        if is_wanted {
            lowest.insert((number, source.clone()), ());
            if lowest.len() > self.count {
                lowest.pop_last();
            }
        }
        if self.candidates.len() > self.count {
            self.candidates.pop_last();
        }
    }
}

/// The tenth that a closest call stands in.
fn score_range(permille: Option<u16>) -> String {
    match permille {
        None => "no score".into(),
        Some(permille) => {
            let tenth = (permille / 100).min(9);
            format!("0.{tenth}-{}", if tenth == 9 { "1.0".into() } else { format!("0.{}", tenth + 1) })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(site: &str, number: usize) -> String {
        format!(
            r#"{{"path":"{site}/{number}.txt","status":"cleaned","site":"{site}","blocks":{{"kept":1,"dropped":1}},"dropped":[{{"blocks":[0,0],"lines":[1,1],"words":3,"rule":"r#{}","evidence":{{"probability":0.{number}}}}}]}}"#,
            number % 4
        )
    }

    fn drawn(strata: Strata, seed: u64, count: usize, lines: &[String]) -> Vec<Drawn> {
        let mut sampler = Sampler::new(strata, seed, count);
        for line in lines {
            sampler.add(&PageFacts::read(line.as_bytes()).unwrap());
        }
        sampler.draw()
    }

    fn lines() -> Vec<String> {
        let sites = [("a.example", 50), ("b.example", 3), ("c.example", 9)];
        sites.iter().flat_map(|(site, pages)| (0..*pages).map(|number| line(site, number))).collect()
    }

    #[test]
    fn the_same_seed_draws_the_same_pages_in_any_order() {
        let (lines, mut turned) = (lines(), lines());
        turned.reverse();
        for strata in [Strata::Whole, Strata::Site, Strata::Rule, Strata::Status, Strata::Score] {
            assert_eq!(drawn(strata, 1, 10, &lines), drawn(strata, 1, 10, &turned), "{strata:?}");
            assert_eq!(drawn(strata, 1, 10, &lines).len(), 10);
            assert_ne!(drawn(strata, 1, 10, &lines), drawn(strata, 2, 10, &lines), "{strata:?}");
        }
    }

    #[test]
    fn strata_take_turns_until_they_are_empty() {
        let drawn = drawn(Strata::Site, 7, 20, &lines());
        let of = |site: &str| drawn.iter().filter(|page| page.stratum == site).count();
        assert_eq!(of("b.example"), 3, "all that there are");
        assert!(of("a.example").abs_diff(of("c.example")) <= 1, "the rest in turns");
    }

    #[test]
    fn there_may_be_more_strata_than_pages() {
        let lines: Vec<String> = (0..100).map(|number| line(&format!("{number}.example"), 1)).collect();
        let drawn = drawn(Strata::Site, 3, 5, &lines);
        let sites: HashSet<_> = drawn.iter().map(|page| &page.stratum).collect();
        assert_eq!(sites.len(), 5);
    }

    #[test]
    fn no_page_is_drawn_twice_though_several_rules_took_of_it() {
        let drawn = drawn(Strata::Rule, 3, 62, &lines());
        let pages: HashSet<_> = drawn.iter().map(|page| &page.source).collect();
        assert_eq!(pages.len(), drawn.len());
        assert_eq!(drawn.len(), 62);
    }
}
