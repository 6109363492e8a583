//! `dechaff diff RAW CLEAN`: what was taken from each page, as a unified diff with the rule at each line.
//!
//! Nothing is compared line by line: the manifest says of every line what became of it.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write;

use crate::manifest::row_summary::RowSummary;
use crate::manifest::{self, Row, Status};
use crate::read::arrivals::PageOpener;
use crate::rules::notation;
use crate::settings::OutputMarkup;
use crate::write::output_dir::OutputDir;
use anstyle::{AnsiColor, Style};
use globset::GlobSet;

use crate::cli::args::DiffArgs;
use crate::cli::reopened::Reopened;
use crate::cli::visible::as_printed;
use crate::cli::{Exit, corpus, reopened, setup, since};

const GONE: Style = AnsiColor::Red.on_default();
const NEW: Style = AnsiColor::Green.on_default();
const PLACE: Style = AnsiColor::Cyan.on_default();
const ASIDE: Style = Style::new().dimmed();

/// Lines that stay around those that change.
const CONTEXT: usize = 3;

/// Prints the diff.
pub(super) fn run(args: &DiffArgs) -> anyhow::Result<Exit> {
    let (standing, _) = corpus::open(&args.clean)?;
    let wanted = DiffScope {
        include: setup::globs("--include", &args.include)?,
        exclude: setup::globs("--exclude", &args.exclude)?,
    };
    if let Some(other) = &args.against {
        return since::run(args, &standing, other, &wanted);
    }
    let runner = setup::reader_of_run(&args.judging, &args.clean)?;
    let mut opener = PageOpener::new(&args.raw, runner.read_options());
    let mut out = anstream::stdout().lock();
    let mut taken: BTreeMap<String, u64> = BTreeMap::new();
    let mut stale = 0;
    for line in standing.earlier().filter(|line| wanted.has(&line.path)) {
        let Some(row) = line.row().filter(|row| row.blocks.is_some() && is_asked_for(row, args)) else {
            continue;
        };
        if args.stat {
            stat(&row, &mut taken, &mut out)?;
            continue;
        }
        let output = RowSummary::of(&row).output;
        // A shard's lines are held to the manifest by `dechaff verify`.
        let is_edited = output.is_some_and(|output| output.line.is_none() && !standing.holds(&output));
        let reopened = match is_edited {
            true => Err(format!("{}: its output was edited since the last run; not shown", row.source())),
            false => Reopened::of(&row, &mut opener, &runner),
        };
        match reopened {
            Ok(page) => out.write_all(Diff::of(args, &standing, &row, &page).unified()?.as_bytes())?,
            Err(why) => {
                stale += 1;
                writeln!(anstream::stderr(), "dechaff: {why}")?;
            }
        }
    }
    let mut rules: Vec<_> = taken.into_iter().collect();
    rules.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    for (rule, times) in rules {
        writeln!(out, "{times:>9}  {rule}")?;
    }
    Ok(if stale == 0 { Exit::Done } else { Exit::Flawed })
}

/// Why a page that was judged has no text.
fn why_unwritten(row: &Row) -> String {
    match (&row.near_copy_of, row.filters.first(), &row.duplicate_of) {
        (Some(near), _, _) if row.status == Status::NearCopy => near.to_string(),
        (_, Some(verdict), _) => verdict.to_string(),
        (.., Some(original)) => format!("a copy of {original}"),
        _ => "a copy of another page".into(),
    }
}

/// The pages that are asked for.
pub(super) struct DiffScope {
    include: GlobSet,
    exclude: GlobSet,
}

impl DiffScope {
    /// Whether a page is asked for.
    pub(super) fn has(&self, path: &str) -> bool {
        let path = manifest::to_path(path);
        (self.include.is_empty() || self.include.is_match(&path)) && !self.exclude.is_match(&path)
    }
}

/// Whether a page is of the site, and lost something by the rule, that were asked for.
fn is_asked_for(row: &Row, args: &DiffArgs) -> bool {
    let rules = row.dropped.iter().map(|dropped| &*dropped.rule).chain(row.edits.iter().map(|edit| &*edit.rule));
    args.rule.as_ref().is_none_or(|rule| rules.into_iter().any(|own| own == rule))
        && args.of_site.as_ref().is_none_or(|host| row.site.as_ref() == Some(host))
}

/// A line for a page, and its rules added to those of the others.
fn stat(row: &Row, taken: &mut BTreeMap<String, u64>, out: &mut impl Write) -> anyhow::Result<()> {
    let rules = row.dropped.iter().map(|dropped| (&*dropped.rule, u64::from(dropped.count())));
    for (rule, times) in rules.chain(row.edits.iter().map(|edit| (&*edit.rule, 1))) {
        *taken.entry(rule.to_string()).or_default() += times;
    }
    if let Some(verdict) = row.filters.first().filter(|_| row.status == Status::Filtered) {
        *taken.entry(verdict.rule.clone()).or_default() += 1;
        writeln!(out, "      all  {}: dropped by {verdict}", row.source())?;
    }
    if let Some(near) = row.near_copy_of.as_ref().filter(|_| row.status == Status::NearCopy) {
        *taken.entry(near.rule.clone()).or_default() += 1;
        writeln!(out, "      all  {}: {near}", row.source())?;
    }
    if let Some(blocks) = row.blocks.filter(|blocks| blocks.dropped > 0) {
        writeln!(out, "{:>9}  of {} lines: {}", blocks.dropped, blocks.all(), row.source())?;
    }
    Ok(())
}

/// A page before and after.
struct Diff {
    path: (String, String),
    lines: Vec<Line>,
}

/// A line of a diff, and what became of it.
struct Line {
    sign: char,
    text: String,
    /// The rule that took it, or what mended it.
    because: Cow<'static, str>,
}

impl Diff {
    /// The diff of a page by the verdicts of its row.
    fn of(args: &DiffArgs, standing: &OutputDir, row: &Row, reopened: &Reopened) -> Diff {
        let page = &reopened.page;
        let rules = rules_of_blocks(row, page.blocks.len());
        let is_written = reopened.written.is_some();
        let text = reopened.written.as_ref().filter(|(_, markup)| *markup == OutputMarkup::Text);
        let mut written = Written { lines: text.map_or("", |(text, _)| text).lines().collect(), at: 0 };
        let raw = reopened.raw_lines(row);
        let mut lines = Vec::new();
        let (mut line_before, mut gap_since) = (0, None);
        for (index, block) in page.blocks.iter().enumerate() {
            let line = block.place.line;
            // Of a page with markup, or in several charsets, the blocks are shown and not the raw lines.
            for _ in if raw.is_some() { line_before + 1..line } else { 0..0 } {
                gap_since.get_or_insert(lines.len());
                lines.push(Line::gone("", "".into()));
            }
            line_before = line.max(line_before);
            let own = page.text_of(index);
            let before = raw.as_ref().and_then(|raw| reopened::raw_line(raw, page, index)).unwrap_or(own);
            if let Some(rule) = rules[index] {
                lines.push(Line::gone(before, rule.to_string().into()));
                continue;
            }
            if !is_written {
                lines.push(Line::gone(before, why_unwritten(row).into()));
                continue;
            }
            let after = match text {
                None => notation::remains(page, &reopened.marks, index),
                Some(_) => {
                    if written.takes_gap() {
                        match gap_since.and_then(|at| lines.get_mut(at)) {
                            Some(blank) => blank.sign = ' ',
                            None if raw.is_none() => {
                                lines.push(Line { sign: ' ', text: "".into(), because: "".into() })
                            }
                            None => lines.push(Line::new("")),
                        }
                    }
                    gap_since = None;
                    written.take(own.split('\n').count())
                }
            };
            if after == before.trim_end() {
                lines.push(Line { sign: ' ', text: after, because: "".into() });
            } else {
                let cut = row.edits.iter().find(|edit| edit.block as usize == index);
                let because = cut.map_or("repaired".into(), |cut| cut.rule.clone().into());
                lines.push(Line::gone(before, because));
                lines.push(Line::new(&after));
            }
        }
        let raw_name = if args.raw.is_dir() { args.raw.join(manifest::to_path(&row.path)) } else { args.raw.clone() };
        let record = row.record.map(|record| format!("#{record}")).unwrap_or_default();
        let output = row.output.as_ref().map_or_else(
            || "/dev/null".into(),
            |output| {
                let line = output.line.map(|line| format!("#{line}")).unwrap_or_default();
                format!("{}{line}", standing.root().join(manifest::to_path(&output.path)).display())
            },
        );
        Diff { path: (format!("{}{record}", raw_name.display()), output), lines }
    }

    /// The diff as it is printed; nothing where nothing changed.
    fn unified(&self) -> Result<String, std::fmt::Error> {
        let mut text = String::new();
        let changed: Vec<usize> = (0..self.lines.len()).filter(|&at| self.lines[at].sign != ' ').collect();
        let mut hunks: Vec<(usize, usize)> = Vec::new();
        for at in changed {
            let (from, to) = (at.saturating_sub(CONTEXT), (at + CONTEXT + 1).min(self.lines.len()));
            match hunks.last_mut() {
                Some(last) if from <= last.1 => last.1 = to,
                _ => hunks.push((from, to)),
            }
        }
        if !hunks.is_empty() {
            writeln!(text, "--- {}\n+++ {}", self.path.0, self.path.1)?;
        }
        for (from, to) in hunks {
            let of = |lines: &[Line], other: char| lines.iter().filter(|line| line.sign != other).count();
            let range = |other| {
                let (before, own) = (of(&self.lines[..from], other), of(&self.lines[from..to], other));
                format!("{},{own}", if own == 0 { before } else { before + 1 })
            };
            writeln!(text, "{PLACE}@@ -{} +{} @@{PLACE:#}", range('+'), range('-'))?;
            for line in &self.lines[from..to] {
                let style = match line.sign {
                    '-' => GONE,
                    '+' => NEW,
                    _ => Style::new(),
                };
                write!(text, "{style}{}{}{style:#}", line.sign, as_printed(&line.text))?;
                match &*line.because {
                    "" => writeln!(text)?,
                    because => writeln!(text, "{ASIDE}  [{because}]{ASIDE:#}")?,
                }
            }
        }
        Ok(text)
    }
}

impl Line {
    fn gone(text: &str, because: Cow<'static, str>) -> Line {
        Line { sign: '-', text: text.into(), because }
    }

    fn new(text: &str) -> Line {
        Line { sign: '+', text: text.into(), because: "".into() }
    }
}

/// The lines of an output, as they are passed.
struct Written<'t> {
    lines: Vec<&'t str>,
    at: usize,
}

impl Written<'_> {
    fn takes_gap(&mut self) -> bool {
        let is_gap = self.lines.get(self.at).is_some_and(|line| line.is_empty());
        self.at += usize::from(is_gap);
        is_gap
    }

    fn take(&mut self, count: usize) -> String {
        let end = (self.at + count).min(self.lines.len());
        let taken = self.lines[self.at.min(end)..end].join("\n");
        self.at = end;
        taken
    }
}

/// The rule that took each block, where one did.
fn rules_of_blocks(row: &Row, blocks: usize) -> Vec<Option<&str>> {
    let mut rules = vec![None; blocks];
    for dropped in &row.dropped {
        let [first, last] = dropped.blocks.map(|block| block as usize);
        rules.iter_mut().take(last + 1).skip(first).for_each(|rule| *rule = Some(&*dropped.rule));
    }
    rules
}
