//! What differs between two runs over the same pages: blocks and parts of blocks that only one of them takes.

use std::collections::BTreeMap;

use crate::manifest::{BlockCounts, FilterValue, FilterVerdict, Row, Status};
use crate::write::previous_rows::PreviousRows;

/// A page on which two runs differ.
#[derive(Debug, Clone)]
pub struct Changed {
    /// Its row in the run that is looked at.
    pub row: Row,
    /// What only this run takes, with the rule.
    pub dropped: Vec<(Part, String)>,
    /// What only the other run took, with the rule.
    pub kept: Vec<(Part, String)>,
    /// What filters made of the document, where the two runs differ.
    pub document: DocumentChange,
}

/// What filters of documents made of a page, in this run and in the other one; nothing where they agree.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DocumentChange {
    /// What drops it now.
    pub dropped_by: Option<FilterVerdict>,
    /// What dropped it in the other run.
    pub was_dropped_by: Option<FilterVerdict>,
}

/// A block, or the characters of a block that were cut out of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Part {
    /// The block.
    pub block: u32,
    /// The characters.
    pub characters: Option<[u32; 2]>,
}

/// Two runs compared.
#[derive(Debug, Clone, Default)]
pub struct Changes {
    /// Pages of this run.
    pub pages: u64,
    /// Pages on which the runs differ.
    pub changed: u64,
    /// Pages that the other run did not know.
    pub only_here: u64,
    /// Pages that this run does not know.
    pub only_there: u64,
    /// Pages that came in with other bytes, which are not compared.
    pub other_bytes: u64,
    /// Pages that were divided into other blocks, which are not compared.
    pub other_blocks: u64,
    /// Lines that only this run takes.
    pub dropped: u64,
    /// Lines that only the other run took.
    pub kept: u64,
    /// By rule: lines newly dropped, lines newly kept.
    pub rules: BTreeMap<String, (u64, u64)>,
    /// By rule of a filter: documents newly dropped, documents newly kept.
    pub filters: BTreeMap<String, (u64, u64)>,
    /// The pages that differ most, the most first; in path order among equals.
    pub most: Vec<Changed>,
}

impl Changes {
    /// Compares the rows of a run with those of another, and remembers so many of the pages that differ most.
    pub fn between(
        now: PreviousRows,
        mut before: PreviousRows,
        wanted: impl Fn(&str) -> bool,
        remembered: usize,
    ) -> Changes {
        let mut changes = Changes::default();
        let mut gone = 0;
        for line in now.filter(|line| wanted(&line.path)) {
            let old = before.row_of(&line.path, line.record, |row| gone += u64::from(wanted(&row.path)));
            changes.pages += 1;
            let (Some(old), Some(new)) = (old, line.row()) else {
                changes.only_here += 1;
                continue;
            };
            let Some(old) = old.row() else { continue };
            let all = |row: &Row| row.blocks.map(BlockCounts::all);
            if old.sha256 != new.sha256 {
                changes.other_bytes += 1;
            } else if all(&old) != all(&new) {
                changes.other_blocks += 1;
            } else if let Some(page) = Changed::of(new, &old) {
                changes.add(page, remembered);
            }
        }
        changes.only_there = gone + before.filter(|row| wanted(&row.path)).count() as u64;
        changes
    }

    fn add(&mut self, page: Changed, remembered: usize) {
        self.changed += 1;
        self.dropped += page.dropped.len() as u64;
        self.kept += page.kept.len() as u64;
        for (_, rule) in &page.dropped {
            self.rules.entry(rule.clone()).or_default().0 += 1;
        }
        for (_, rule) in &page.kept {
            self.rules.entry(rule.clone()).or_default().1 += 1;
        }
        if let Some(verdict) = &page.document.dropped_by {
            self.filters.entry(verdict.rule.clone()).or_default().0 += 1;
        }
        if let Some(verdict) = &page.document.was_dropped_by {
            self.filters.entry(verdict.rule.clone()).or_default().1 += 1;
        }
        let at = self.most.partition_point(|other| other.count() >= page.count());
        if at < remembered {
            self.most.insert(at, page);
            self.most.truncate(remembered);
        }
    }

    /// The rules, those that changed most first, with lines newly dropped and newly kept.
    pub fn by_rule(&self) -> Vec<(&str, u64, u64)> {
        most_first(&self.rules)
    }

    /// The rules of filters, those that changed most first, with documents newly dropped and newly kept.
    pub fn by_filter(&self) -> Vec<(&str, u64, u64)> {
        most_first(&self.filters)
    }

    /// What could not be compared, and how many pages: in words.
    pub fn not_compared(&self) -> Vec<(u64, &'static str)> {
        let counts = [
            (self.only_here, "pages are new"),
            (self.only_there, "pages are gone"),
            (self.other_bytes, "pages came in with other bytes and are not compared"),
            (self.other_blocks, "pages were divided into other blocks and are not compared"),
        ];
        counts.into_iter().filter(|(count, _)| *count > 0).collect()
    }
}

impl Changed {
    /// How two runs differ on a page; `None` where they do not.
    fn of(row: Row, old: &Row) -> Option<Changed> {
        let (now, before) = (taken(&row), taken(old));
        let only = |these: &BTreeMap<Part, String>, those: &BTreeMap<Part, String>| {
            let only = these.iter().filter(|(part, _)| !those.contains_key(part));
            only.map(|(part, rule)| (*part, rule.clone())).collect::<Vec<_>>()
        };
        let (dropped, kept) = (only(&now, &before), only(&before, &now));
        let document = DocumentChange::of(&row, old);
        let differs = !dropped.is_empty() || !kept.is_empty() || document != DocumentChange::default();
        differs.then_some(Changed { row, dropped, kept, document })
    }

    /// How many lines differ.
    pub fn count(&self) -> usize {
        self.dropped.len() + self.kept.len()
    }
}

impl DocumentChange {
    fn of(row: &Row, old: &Row) -> DocumentChange {
        let dropped_by = |row: &Row| match (row.status, &row.near_copy_of) {
            (Status::Filtered, _) => row.filters.first().cloned(),
            (Status::NearCopy, Some(near)) => {
                Some(FilterVerdict::of(near.rule.clone(), FilterValue::Word(near.name().into_owned())))
            }
            _ => None,
        };
        let (dropped_by, was_dropped_by) = (dropped_by(row), dropped_by(old));
        match dropped_by.as_ref().map(|verdict| &verdict.rule) == was_dropped_by.as_ref().map(|verdict| &verdict.rule) {
            true => DocumentChange::default(),
            false => DocumentChange { dropped_by, was_dropped_by },
        }
    }
}

fn most_first(rules: &BTreeMap<String, (u64, u64)>) -> Vec<(&str, u64, u64)> {
    let mut rules: Vec<_> = rules.iter().map(|(rule, (dropped, kept))| (rule.as_str(), *dropped, *kept)).collect();
    rules.sort_by_key(|(rule, dropped, kept)| (std::cmp::Reverse(dropped + kept), *rule));
    rules
}

/// What is gone of a page, each with its rule.
fn taken(row: &Row) -> BTreeMap<Part, String> {
    let blocks = row.dropped.iter().flat_map(|dropped| {
        let [first, last] = dropped.blocks;
        (first..=last).map(|block| (Part { block, characters: None }, dropped.rule.to_string()))
    });
    let edits = row.edits.iter();
    let parts = edits.map(|edit| (Part { block: edit.block, characters: Some(edit.characters) }, edit.rule.clone()));
    blocks.chain(parts).collect()
}
