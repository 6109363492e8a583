//! `dechaff diff --against MANIFEST`: what became of a corpus since another run, so that a change of rules can be
//! reviewed like code. The pages that differ most stand first.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write;
use std::path::Path;

use crate::error::Error;
use crate::manifest::{self, Dropped, FILE_NAME, Lines, Row};
use crate::page::{Block, Source};
use crate::parse::site::Sidecar;
use crate::read::walk;
use crate::run::page_runner::PageRunner;
use crate::write::output_dir::OutputDir;
use crate::write::previous_rows::PreviousRows;
use anstyle::{AnsiColor, Style};

use crate::cli::args::DiffArgs;
use crate::cli::diff::DiffScope;
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
    /// Raw lines that only this run drops, each with the rule.
    dropped: Vec<(u32, String)>,
    /// Raw lines that only the other run dropped, each with the rule.
    kept: Vec<(u32, String)>,
}

#[derive(Default)]
struct Sums {
    pages: u64,
    only_here: u64,
    only_there: u64,
    other_bytes: u64,
    dropped: u64,
    kept: u64,
    /// By rule: lines newly dropped, lines newly kept.
    rules: BTreeMap<String, (u64, u64)>,
}

/// Compares the two runs.
pub fn run(args: &DiffArgs, standing: &OutputDir, other: &Path, wanted: &DiffScope) -> anyhow::Result<Exit> {
    let other = if other.is_dir() { other.join(FILE_NAME) } else { other.into() };
    std::fs::metadata(&other).map_err(|cause| Error::Read { path: other.clone(), cause })?;
    let mut before = PreviousRows::open(&other, Path::new(""));
    let (mut sums, mut changed) = (Sums::default(), Vec::new());
    let mut gone = 0;
    let runner = setup::reader(&args.judging.without_learned_stages())?;
    for line in standing.earlier().filter(|line| wanted.has(&line.path)) {
        let old = before.row_of(&line.path, line.record, |row| gone += u64::from(wanted.has(&row.path)));
        sums.pages += 1;
        let (Some(old), Some(new)) = (old, line.row()) else {
            sums.only_here += 1;
            continue;
        };
        let Some(old) = old.row() else { continue };
        if old.sha256 != new.sha256 {
            sums.other_bytes += 1;
        } else if let Some(page) = Changed::of(new, &old)
            && let texts = texts(&page.row, args, &runner)
            && let Some(page) = page.without_blanks(&texts)
        {
            sums.add(&page);
            changed.push(page);
        }
    }
    sums.only_there = gone + before.filter(|row| wanted.has(&row.path)).count() as u64;
    changed.sort_by(|a, b| b.count().cmp(&a.count()).then_with(|| a.row.path.cmp(&b.row.path)));
    let mut text = sums.told(changed.len())?;
    if !args.stat {
        for page in changed.iter().take(PAGES) {
            page.describe(&mut text, args, &runner)?;
        }
        if changed.len() > PAGES {
            writeln!(text, "\n… and {} pages more", changed.len() - PAGES)?;
        }
    }
    anstream::stdout().write_all(text.as_bytes())?;
    Ok(Exit::Done)
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
        ] {
            if count > 0 {
                writeln!(text, "  {count} {what}")?;
            }
        }
        let mut rules: Vec<_> = self.rules.iter().collect();
        rules.sort_by_key(|(rule, (dropped, kept))| (std::cmp::Reverse(dropped + kept), *rule));
        for (rule, (dropped, kept)) in rules {
            writeln!(text, "  {GONE}-{dropped:<7}{GONE:#} {KEPT}+{kept:<7}{KEPT:#} {rule}")?;
        }
        Ok(text)
    }
}

impl Changed {
    /// How two runs differ on a page; `None` where they do not.
    fn of(row: Row, old: &Row) -> Option<Changed> {
        let (now, before) = (lines(&row.dropped), lines(&old.dropped));
        let only = |these: &BTreeMap<(u32, u32), String>, those: &BTreeMap<(u32, u32), String>| {
            let only = these.iter().filter(|(place, _)| !those.contains_key(place));
            only.map(|((line, _), rule)| (*line, rule.clone())).collect::<Vec<_>>()
        };
        let (dropped, kept) = (only(&now, &before), only(&before, &now));
        (!dropped.is_empty() || !kept.is_empty()).then_some(Changed { row, dropped, kept })
    }

    /// Leaves the blank lines out that a range of lines takes in.
    fn without_blanks(mut self, texts: &BTreeMap<u32, String>) -> Option<Changed> {
        if !texts.is_empty() {
            self.dropped.retain(|(line, _)| texts.contains_key(line));
            self.kept.retain(|(line, _)| texts.contains_key(line));
        }
        (self.count() > 0).then_some(self)
    }

    fn count(&self) -> usize {
        self.dropped.len() + self.kept.len()
    }

    fn describe(&self, text: &mut String, args: &DiffArgs, runner: &PageRunner) -> anyhow::Result<()> {
        let (path, blocks) = (&self.row.path, self.row.blocks.unwrap_or_default());
        writeln!(
            text,
            "\n{path}: {} lines newly dropped, {} newly kept; {} of {} stay",
            self.dropped.len(),
            self.kept.len(),
            blocks[0],
            blocks[0] + blocks[1]
        )?;
        let shown = texts(&self.row, args, runner);
        let both = [('-', GONE, &self.dropped, ""), ('+', KEPT, &self.kept, "was ")];
        for (sign, style, lines, was) in both {
            for (line, rule) in lines.iter().take(LINES) {
                let words = shown.get(line).map_or("", String::as_str);
                writeln!(text, "  {style}{sign} {line:>5}  {words}{style:#}  [{was}{rule}]")?;
            }
            if lines.len() > LINES {
                writeln!(text, "  {sign}        … and {} more", lines.len() - LINES)?;
            }
        }
        Ok(())
    }
}

/// The text of a page's lines, where its bytes are still at hand.
fn texts(row: &Row, args: &DiffArgs, runner: &PageRunner) -> BTreeMap<u32, String> {
    let file = if args.raw.is_file() { args.raw.clone() } else { args.raw.join(manifest::to_path(&row.path)) };
    let Ok(bytes) = walk::read(&file, row.bytes.unwrap_or_default()) else { return BTreeMap::new() };
    let source = Source { path: row.path.clone(), record: row.record };
    let page = runner.cleaner().parse(source, &bytes, &Sidecar::beside(&file)).page;
    let of_line = |(index, block): (usize, &Block)| (block.place.line, page.text_of(index).to_string());
    page.blocks.iter().enumerate().map(of_line).collect()
}

/// The raw lines, and columns where only a part went, that are gone, each with its rule.
fn lines(dropped: &[Dropped]) -> BTreeMap<(u32, u32), String> {
    let place = |dropped: &Dropped| -> Vec<(u32, u32)> {
        match dropped.lines {
            Lines::Whole(_) => whole(dropped.lines).map(|line| (line, 0)).collect(),
            Lines::Part([line, _, column, _]) => vec![(line, column)],
        }
    };
    dropped.iter().flat_map(|dropped| place(dropped).into_iter().map(|at| (at, dropped.rule.clone()))).collect()
}

fn whole(lines: Lines) -> std::ops::RangeInclusive<u32> {
    match lines {
        Lines::Whole([first, last]) => first..=last,
        Lines::Part([line, ..]) => line..=line,
    }
}
