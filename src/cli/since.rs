//! `dechaff diff --against MANIFEST`: what became of a corpus since another run, so that a change of rules can be
//! reviewed like code. The pages that differ most stand first.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufReader, Write};
use std::path::Path;

use crate::error::Error;
use crate::manifest::{BlockCounts, FILE_NAME, FilterVerdict, Row, Rows, Status};
use crate::page::{Page, Source};
use crate::read::arrivals::PageOpener;
use crate::write::output_dir::OutputDir;
use crate::write::previous_rows::PreviousRows;
use anstyle::{AnsiColor, Style};

use crate::cli::args::DiffArgs;
use crate::cli::diff::DiffScope;
use crate::cli::reopened::Reopened;
use crate::cli::{Exit, setup};

const GONE: Style = AnsiColor::Red.on_default();
const KEPT: Style = AnsiColor::Green.on_default();

/// Pages whose lines are printed.
const PAGES: usize = 20;

/// Lines that are printed of a page.
const LINES: usize = 12;

/// A page on which the two runs differ.
struct Changed {
    row: Row,
    /// What only this run takes, with the rule.
    dropped: Vec<(Part, String)>,
    /// What only the other run took, with the rule.
    kept: Vec<(Part, String)>,
    /// What filters made of the document, where the two runs differ.
    document: DocumentChange,
}

/// What filters of documents made of a page, in this run and in the other one.
#[derive(Debug, Default, PartialEq, Eq)]
struct DocumentChange {
    dropped_by: Option<FilterVerdict>,
    was_dropped_by: Option<FilterVerdict>,
}

/// A block, or the characters of a block that were cut out of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Part {
    block: u32,
    characters: Option<[u32; 2]>,
}

#[derive(Default)]
struct Sums {
    pages: u64,
    only_here: u64,
    only_there: u64,
    other_bytes: u64,
    other_blocks: u64,
    dropped: u64,
    kept: u64,
    /// By rule: lines newly dropped, lines newly kept.
    rules: BTreeMap<String, (u64, u64)>,
    /// By rule of a filter: documents newly dropped, documents newly kept.
    filters: BTreeMap<String, (u64, u64)>,
}

/// Compares the two runs.
pub(super) fn run(args: &DiffArgs, standing: &OutputDir, other: &Path, wanted: &DiffScope) -> anyhow::Result<Exit> {
    let other = if other.is_dir() { other.join(FILE_NAME) } else { other.into() };
    let file = File::open(&other).map_err(|cause| Error::Read { path: other.clone(), cause })?;
    Rows::read(&other, BufReader::new(file))?;
    let mut before = PreviousRows::of_manifest(&other)?;
    let (mut sums, mut changed) = (Sums::default(), Vec::new());
    let mut gone = 0;
    for line in standing.earlier().filter(|line| wanted.has(&line.path)) {
        let old = before.row_of(&line.path, line.record, |row| gone += u64::from(wanted.has(&row.path)));
        sums.pages += 1;
        let (Some(old), Some(new)) = (old, line.row()) else {
            sums.only_here += 1;
            continue;
        };
        let Some(old) = old.row() else { continue };
        let all = |row: &Row| row.blocks.map(BlockCounts::all);
        if old.sha256 != new.sha256 {
            sums.other_bytes += 1;
        } else if all(&old) != all(&new) {
            sums.other_blocks += 1;
        } else if let Some(page) = Changed::of(new, &old) {
            sums.add(&page);
            changed.push(page);
        }
    }
    sums.only_there = gone + before.filter(|row| wanted.has(&row.path)).count() as u64;
    changed.sort_by(|a, b| b.count().cmp(&a.count()).then_with(|| a.row.path.cmp(&b.row.path)));
    let mut text = sums.told(changed.len())?;
    if !args.stat {
        let shown = &changed[..changed.len().min(PAGES)];
        let pages = reopened(shown, args)?;
        for page in shown {
            page.describe(&mut text, pages.get(&page.row.source()))?;
        }
        if changed.len() > PAGES {
            writeln!(text, "\n… and {} pages more", changed.len() - PAGES)?;
        }
    }
    anstream::stdout().write_all(text.as_bytes())?;
    Ok(Exit::Done)
}

/// The pages whose bytes are still at hand, opened in the order of their addresses.
fn reopened(changed: &[Changed], args: &DiffArgs) -> anyhow::Result<BTreeMap<Source, Page>> {
    let runner = setup::reader_of_run(&args.judging, &args.clean)?;
    let mut opener = PageOpener::new(&args.raw, runner.read_options());
    let rows: BTreeMap<Source, &Row> = changed.iter().map(|page| (page.row.source(), &page.row)).collect();
    let pages = rows.into_iter().filter_map(|(source, row)| {
        let page = Reopened::of(row, &mut opener, &runner).ok()?.page;
        Some((source, page))
    });
    Ok(pages.collect())
}

impl Sums {
    fn add(&mut self, page: &Changed) {
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
    }

    fn told(&self, changed: usize) -> Result<String, std::fmt::Error> {
        let mut text = String::new();
        writeln!(
            text,
            "{changed} of {} pages differ: {} lines newly dropped, {} newly kept",
            self.pages, self.dropped, self.kept
        )?;
        for (count, what) in [
            (self.only_here, "pages are new"),
            (self.only_there, "pages are gone"),
            (self.other_bytes, "pages came in with other bytes and are not compared"),
            (self.other_blocks, "pages were divided into other blocks and are not compared"),
        ] {
            if count > 0 {
                writeln!(text, "  {count} {what}")?;
            }
        }
        if !self.filters.is_empty() {
            let sum = |of: fn(&(u64, u64)) -> u64| self.filters.values().map(of).sum::<u64>();
            writeln!(
                text,
                "documents: {} newly dropped by filters, {} newly kept",
                sum(|rule| rule.0),
                sum(|rule| rule.1)
            )?;
        }
        by_rule(&mut text, &self.filters)?;
        by_rule(&mut text, &self.rules)?;
        Ok(text)
    }
}

/// What each rule newly drops and keeps, the one that changed most first.
fn by_rule(text: &mut String, rules: &BTreeMap<String, (u64, u64)>) -> std::fmt::Result {
    let mut rules: Vec<_> = rules.iter().collect();
    rules.sort_by_key(|(rule, (dropped, kept))| (std::cmp::Reverse(dropped + kept), *rule));
    for (rule, (dropped, kept)) in rules {
        writeln!(text, "  {GONE}-{dropped:<7}{GONE:#} {KEPT}+{kept:<7}{KEPT:#} {rule}")?;
    }
    Ok(())
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

    fn count(&self) -> usize {
        self.dropped.len() + self.kept.len()
    }

    fn describe(&self, text: &mut String, page: Option<&Page>) -> std::fmt::Result {
        let (kept, all) = self.row.blocks.map_or((0, 0), |blocks| (blocks.kept, blocks.all()));
        writeln!(
            text,
            "\n{}: {} lines newly dropped, {} newly kept; {kept} of {all} stay",
            self.row.source(),
            self.dropped.len(),
            self.kept.len(),
        )?;
        if let Some(verdict) = &self.document.dropped_by {
            writeln!(text, "  {GONE}- the document{GONE:#}  [{verdict}]")?;
        }
        if let Some(verdict) = &self.document.was_dropped_by {
            writeln!(text, "  {KEPT}+ the document{KEPT:#}  [was {verdict}]")?;
        }
        let both = [('-', GONE, &self.dropped, ""), ('+', KEPT, &self.kept, "was ")];
        for (sign, style, parts, was) in both {
            for (part, rule) in parts.iter().take(LINES) {
                let (line, words) = page.map_or((String::new(), ""), |page| part.shown(page));
                writeln!(text, "  {style}{sign} {line:>5}  {words}{style:#}  [{was}{rule}]")?;
            }
            if parts.len() > LINES {
                writeln!(text, "  {sign}        … and {} more", parts.len() - LINES)?;
            }
        }
        Ok(())
    }
}

impl DocumentChange {
    fn of(row: &Row, old: &Row) -> DocumentChange {
        let dropped_by = |row: &Row| row.filters.first().filter(|_| row.status == Status::Filtered).cloned();
        let (dropped_by, was_dropped_by) = (dropped_by(row), dropped_by(old));
        match dropped_by.as_ref().map(|verdict| &verdict.rule) == was_dropped_by.as_ref().map(|verdict| &verdict.rule) {
            true => DocumentChange::default(),
            false => DocumentChange { dropped_by, was_dropped_by },
        }
    }
}

impl Part {
    /// Its raw line and its words.
    fn shown(self, page: &Page) -> (String, &str) {
        let Some(block) = page.blocks.get(self.block as usize) else { return (String::new(), "") };
        let text = page.text_of(self.block as usize);
        let at = |characters: u32| text.char_indices().nth(characters as usize).map_or(text.len(), |(at, _)| at);
        let words = self.characters.map_or(text, |[from, to]| &text[at(from)..at(to).max(at(from))]);
        (block.place.line.to_string(), words)
    }
}

/// What is gone of a page, each with its rule.
fn taken(row: &Row) -> BTreeMap<Part, String> {
    let blocks = row.dropped.iter().flat_map(|dropped| {
        let [first, last] = dropped.blocks;
        (first..=last).map(|block| (Part { block, characters: None }, dropped.rule.clone()))
    });
    let edits = row.edits.iter();
    let parts = edits.map(|edit| (Part { block: edit.block, characters: Some(edit.characters) }, edit.rule.clone()));
    blocks.chain(parts).collect()
}
