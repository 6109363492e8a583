//! A corpus in numbers, added up row by row: by site, language, rule and status, and how its pages are spread.

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;

use crate::manifest::{BlockCounts, Status, TextCounts};
use crate::report::facts::PageFacts;
use crate::stage::STAGES;
use crate::write::most_cut::MostCut;

/// Bins of shares and of scores: a twentieth each.
pub const BINS: usize = 20;

/// Bins of lengths: each twice as long as the one before; the first is of pages without a word.
pub const LENGTHS: usize = 18;

/// What pages of one kind have in common: how many they are, and how much of them stays.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize)]
pub struct Group {
    /// Pages.
    pub pages: u64,
    /// Lines: the blocks of a page.
    pub lines: TextCounts,
    /// Words.
    pub words: TextCounts,
    /// Characters.
    pub characters: TextCounts,
}

/// What a rule did.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize)]
pub struct RuleCounts {
    /// Pages that it took something of, or kept something on.
    pub pages: u64,
    /// Lines that it dropped.
    pub dropped: u64,
    /// Lines that it cut a part out of.
    pub cut: u64,
    /// Lines that it kept.
    pub kept: u64,
    /// Words that went by it.
    pub words: u64,
}

/// What a stage took.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StageCounts {
    /// Its name.
    pub stage: &'static str,
    /// What it looks for.
    pub about: &'static str,
    /// Lines that it dropped.
    pub lines: u64,
    /// Words that went by it.
    pub words: u64,
}

/// A corpus in numbers.
#[derive(Debug, Clone, Default)]
pub struct Statistics {
    /// All pages.
    pub all: Group,
    /// By what became of them.
    pub by_status: BTreeMap<Status, Group>,
    /// By site; pages of no known site under the empty name.
    pub by_site: HashMap<String, Group>,
    /// By the language of the kept text; where it cannot be told, under the empty name.
    pub by_language: HashMap<String, Group>,
    /// Pages that a filter of documents dropped, by its rule.
    pub by_filter: HashMap<String, Group>,
    /// By rule.
    pub by_rule: HashMap<String, RuleCounts>,
    /// Pages whose text was written, and the words of them that stay.
    pub written: Group,
    /// Bytes that came in.
    pub bytes_in: u64,
    /// Bytes that were written.
    pub bytes_out: u64,
    /// How many pages keep a share of their words: each bin is a twentieth, the last one with its end.
    pub shares: [u64; BINS],
    /// How many pages keep so many words: none, 1, 2-3, 4-7, and so on.
    pub lengths: [u64; LENGTHS],
    /// How many lines the model dropped at a probability that they are the page's own text.
    pub scores: [u64; BINS],
    /// What pages lost, site by site.
    pub cuts: MostCut,
}

impl Group {
    fn add(&mut self, page: &PageFacts) {
        self.pages += 1;
        let BlockCounts { kept, dropped } = page.blocks.unwrap_or(BlockCounts { kept: 0, dropped: 0 });
        let lines = TextCounts { kept: kept.into(), dropped: dropped.into() };
        let counts = [
            (&mut self.lines, lines),
            (&mut self.words, page.words.unwrap_or_default()),
            (&mut self.characters, page.characters.unwrap_or_default()),
        ];
        for (sum, own) in counts {
            sum.kept += own.kept;
            sum.dropped += own.dropped;
        }
    }
}

impl Statistics {
    /// Adds a page. Rows come in path order.
    pub fn add(&mut self, page: &PageFacts) {
        self.all.add(page);
        self.by_status.entry(page.status).or_default().add(page);
        self.bytes_in += page.bytes.unwrap_or_default();
        self.bytes_out += page.output.map_or(0, |output| output.bytes);
        if page.blocks.is_none() {
            return;
        }
        let site = page.site.as_deref().unwrap_or_default();
        entry(&mut self.by_site, site).add(page);
        entry(&mut self.by_language, page.language.as_ref().map_or("", |language| &language.code)).add(page);
        if page.output.is_some() {
            self.written.add(page);
        }
        for filter in page.filters.iter().filter(|_| page.status == Status::Filtered) {
            entry(&mut self.by_filter, &filter.rule).add(page);
        }
        let words = page.words.unwrap_or_default();
        self.shares[bin_of_share(words)] += 1;
        self.lengths[bin_of_length(words.kept)] += 1;
        self.cuts.add(site, words, || page.source());
        self.add_rules(page);
    }

    fn add_rules(&mut self, page: &PageFacts) {
        let mut touched: Vec<&str> = Vec::new();
        for decision in &page.dropped {
            let rule = entry(&mut self.by_rule, &decision.rule);
            rule.dropped += decision.count();
            rule.words += u64::from(decision.words);
            touched.push(&decision.rule);
            if let Some(permille) = decision.permille() {
                self.scores[bin_of_score(permille)] += decision.count();
            }
        }
        for decision in &page.kept_by_rule {
            entry(&mut self.by_rule, &decision.rule).kept += decision.count();
            touched.push(&decision.rule);
        }
        for edit in &page.edits {
            let rule = entry(&mut self.by_rule, &edit.rule);
            rule.cut += 1;
            rule.words += u64::from(edit.words);
            touched.push(&edit.rule);
        }
        touched.sort_unstable();
        touched.dedup();
        for rule in touched {
            entry(&mut self.by_rule, rule).pages += 1;
        }
    }

    /// What each stage took, in the order of the stages; what no stage of this version took stands last.
    pub fn stages(&self) -> Vec<StageCounts> {
        let known = STAGES.iter().map(|stage| (stage.name, stage.about));
        let mut stages: Vec<StageCounts> = known
            .chain([("other", "rules of another version")])
            .map(|(stage, about)| StageCounts { stage, about, lines: 0, words: 0 })
            .collect();
        for (rule, counts) in &self.by_rule {
            let name = stage_of(rule);
            let at = stages.iter().position(|stage| stage.stage == name).unwrap_or(stages.len() - 1);
            stages[at].lines += counts.dropped + counts.cut;
            stages[at].words += counts.words;
        }
        stages
    }
}

/// The stage of a rule, by its address.
pub fn stage_of(rule: &str) -> &str {
    rule.split(['#', '/']).next().unwrap_or_default()
}

/// The bin of a share of words that stay.
pub fn bin_of_share(words: TextCounts) -> usize {
    match words.all() {
        0 => 0,
        all => ((words.kept * BINS as u64 / all) as usize).min(BINS - 1),
    }
}

/// The bin of a number of words.
pub fn bin_of_length(words: u64) -> usize {
    ((u64::BITS - words.leading_zeros()) as usize).min(LENGTHS - 1)
}

/// The bin of a probability.
pub fn bin_of_score(permille: u16) -> usize {
    (usize::from(permille) * BINS / 1000).min(BINS - 1)
}

/// The word that the manifest has for a status.
pub fn word_of(status: Status) -> String {
    let word = serde_json::to_value(status).ok();
    word.and_then(|word| word.as_str().map(str::to_string)).unwrap_or_default()
}

fn entry<'m, V: Default>(map: &'m mut HashMap<String, V>, key: &str) -> &'m mut V {
    if !map.contains_key(key) {
        map.insert(key.into(), V::default());
    }
    map.entry(key.into()).or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bins_have_their_ends() {
        let share = |kept, dropped| bin_of_share(TextCounts { kept, dropped });
        assert_eq!((share(0, 0), share(0, 9), share(1, 19), share(19, 1), share(5, 0)), (0, 0, 1, 19, 19));
        assert_eq!([0, 1, 2, 3, 4, u64::MAX].map(bin_of_length), [0, 1, 2, 2, 3, LENGTHS - 1]);
        assert_eq!([0, 49, 50, 999, 1000].map(bin_of_score), [0, 0, 1, 19, 19]);
    }

    #[test]
    fn rules_belong_to_stages_by_their_address() {
        let stage = ["general/share#bar", "site/a.example#x", "model#score"].map(stage_of);
        assert_eq!(stage, ["general", "site", "model"]);
    }
}
