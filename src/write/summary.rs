//! What a whole run did, added up row by row in bounded memory: the matter of the summary.

use std::collections::{BTreeMap, HashMap};

use crate::manifest::row_summary::RowSummary;
use crate::manifest::{BlockCounts, Status};
use crate::page::Source;
use crate::write::most_cut::MostCut;
use crate::write::output_name::TAKEN;

/// How many of each list of examples are kept.
const LISTED: usize = 10;

/// A run, added up.
#[derive(Debug, Default, Clone)]
pub struct RunSummary {
    /// How many pages have each status.
    pub pages: BTreeMap<Status, u64>,
    /// How many of them stand as an earlier run left them.
    pub again: u64,
    /// Bytes of all pages that were read.
    pub bytes_in: u64,
    /// Bytes of all texts that were written.
    pub bytes_out: u64,
    /// Blocks that stay.
    pub kept: u64,
    /// Blocks that are gone.
    pub dropped: u64,
    /// Blocks (and parts of blocks) that each rule took.
    pub by_rule: HashMap<String, u64>,
    /// Words that stay.
    pub words_kept: u64,
    /// Words that are gone.
    pub words_dropped: u64,
    /// What pages lost, site by site.
    pub cuts: MostCut,
    /// The first ten pages that the guard gave their prose back, and the first ten of which nothing is left.
    pub to_look_at: BTreeMap<Status, Vec<String>>,
    /// Why pages were skipped or failed, how often, and the first one by path.
    pub not_read: BTreeMap<(Status, String), Example>,
    /// Exact copies of another page's kept text.
    pub copies: u64,
    /// Near copies of another page's kept text, where they are looked for.
    pub near_copies: u64,
    /// What was found on the way, where near copies are looked for.
    pub near: Option<NearSummary>,
    /// Documents that each filter's rule dropped.
    pub filtered: BTreeMap<String, u64>,
    /// Bytes that could not be read, in all pages.
    pub unreadable_bytes: u64,
    /// Pages that were judged and belong to no known site.
    pub without_site: u64,
}

/// How near copies were found.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct NearSummary {
    /// Pairs of documents that were compared by their whole sketches.
    pub compared: u64,
    /// Of these, pairs that were alike.
    pub alike: u64,
    /// Documents that stay in place of others.
    pub clusters: u64,
    /// Documents of earlier corpora that were compared with.
    pub earlier: u64,
    /// Documents of the run that are alike one of these.
    pub of_earlier: u64,
    /// How many documents the largest of them stands for, itself included.
    pub largest: u64,
    /// Which it is.
    pub largest_is: Option<String>,
    /// Buckets and clusters that were too large to compare each document with each.
    pub capped: u64,
}

/// How often something happened, and where first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Example {
    /// How often.
    pub times: u64,
    /// The first page by path.
    pub first: String,
}

impl RunSummary {
    /// Adds a page. Rows come in path order.
    pub fn add(&mut self, row: &RowSummary) {
        *self.pages.entry(row.status).or_default() += 1;
        self.bytes_in += row.bytes.unwrap_or_default();
        self.bytes_out += row.output.as_ref().map_or(0, |out| out.bytes);
        self.copies += u64::from(row.duplicate_of.is_some());
        self.near_copies += u64::from(row.near_copy_of.is_some());
        self.unreadable_bytes += row.charset.as_ref().map_or(0, |charset| charset.replaced_bytes);
        for filter in row.filters.iter().filter(|_| row.status == Status::Filtered) {
            *self.filtered.entry(filter.rule.to_string()).or_default() += 1;
        }
        if let Some(why) = &row.reason {
            let example = Example { times: 0, first: row.name() };
            self.not_read.entry((row.status, general_cause(why, &row.path))).or_insert(example).times += 1;
        }
        // Most rules come many times in a row.
        let of_one_rule = row.dropped.chunk_by(|one, other| one.rule == other.rule);
        let dropped = of_one_rule
            .map(|dropped| (&*dropped[0].rule, dropped.iter().map(|dropped| u64::from(dropped.count())).sum::<u64>()));
        for (rule, times) in dropped.chain(row.edits.iter().map(|edit| (&*edit.rule, 1))) {
            match self.by_rule.get_mut(rule) {
                Some(sum) => *sum += times,
                None => {
                    self.by_rule.insert(rule.to_string(), times);
                }
            }
        }
        if let Some(BlockCounts { kept, dropped }) = row.blocks {
            self.kept += u64::from(kept);
            self.dropped += u64::from(dropped);
            self.without_site += u64::from(row.site.is_none());
        }
        if let Some(words) = row.words {
            self.words_kept += words.kept;
            self.words_dropped += words.dropped;
            self.cuts.add(row.site.as_deref().unwrap_or_default(), words, || Source {
                path: row.path.to_string(),
                record: row.record,
            });
        }
        if matches!(row.status, Status::Restored | Status::AllDropped) {
            let pages = self.to_look_at.entry(row.status).or_default();
            if pages.len() < LISTED {
                pages.push(row.name());
            }
        }
    }

    /// How many pages have a status.
    pub fn with(&self, status: Status) -> u64 {
        self.pages.get(&status).copied().unwrap_or_default()
    }

    /// How many pages were met.
    pub fn all(&self) -> u64 {
        self.pages.values().sum()
    }

    /// How many texts were judged.
    pub fn judged(&self) -> u64 {
        let judged = [
            Status::Cleaned,
            Status::Restored,
            Status::NoProse,
            Status::AllDropped,
            Status::Duplicate,
            Status::NearCopy,
            Status::Filtered,
        ];
        judged.into_iter().map(|status| self.with(status)).sum()
    }

    /// The rules that took most, at most `count`, ordered by what they took, then by address.
    pub fn strongest_rules(&self, count: usize) -> Vec<(&str, u64)> {
        let mut rules: Vec<_> = self.by_rule.iter().map(|(rule, &times)| (rule.as_str(), times)).collect();
        rules.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
        rules.truncate(count);
        rules
    }
}

/// A cause without the page's own name in it, so that causes can be counted. One that names another page, too, is the
/// page's alone: both names are what a person needs.
fn general_cause(why: &str, path: &str) -> String {
    if why.contains(TAKEN) { why.into() } else { why.replace(path, "…") }
}
