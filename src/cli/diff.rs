//! `dechaff diff RAW CLEAN`: what was taken from each page, as a unified diff with the rule at each line.
//!
//! Nothing is compared line by line: the manifest says of every line what became of it.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write;

use crate::manifest::{self, Dropped, Lines, Row};
use crate::page::{Block, Page, Source};
use crate::parse::kind::{Kind, kind};
use crate::parse::site::Sidecar;
use crate::read::walk;
use crate::run::page_runner::PageRunner;
use crate::write::output_dir::OutputDir;
use crate::write::output_writer::sha256;
use anstyle::{AnsiColor, Style};
use encoding_rs::Encoding;
use globset::GlobSet;

use crate::cli::args::DiffArgs;
use crate::cli::{Exit, Misuse, setup, since};

const GONE: Style = AnsiColor::Red.on_default();
const NEW: Style = AnsiColor::Green.on_default();
const PLACE: Style = AnsiColor::Cyan.on_default();
const ASIDE: Style = Style::new().dimmed();

/// Lines that stay around those that change.
const CONTEXT: usize = 3;

/// Prints the diff.
pub fn run(args: &DiffArgs) -> anyhow::Result<Exit> {
    let standing = OutputDir::at(&args.clean);
    if standing.header()?.is_none() {
        let why = format!("{} holds no manifest; `dechaff clean` comes first", args.clean.display());
        return Err(Misuse(why).into());
    }
    let wanted = DiffScope {
        include: setup::globs("--include", &args.include)?,
        exclude: setup::globs("--exclude", &args.exclude)?,
    };
    if let Some(other) = &args.against {
        return since::run(args, &standing, other, &wanted);
    }
    let runner = setup::reader(&args.judging.without_learned_stages())?;
    let mut out = anstream::stdout().lock();
    let mut taken: BTreeMap<String, u64> = BTreeMap::new();
    let mut stale = 0;
    for row in standing.earlier().filter_map(|line| line.row()).filter(|row| wanted.has(&row.path)) {
        if row.blocks.is_none() {
            continue;
        }
        if args.stat {
            stat(&row, &mut taken, &mut out)?;
            continue;
        }
        match Diff::of(args, &runner, &standing, &row) {
            Some(diff) => out.write_all(diff.unified()?.as_bytes())?,
            None => {
                stale += 1;
                writeln!(anstream::stderr(), "dechaff: {}: changed since the last run; not shown", row.path)?;
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

/// The pages that are asked for.
pub struct DiffScope {
    include: GlobSet,
    exclude: GlobSet,
}

impl DiffScope {
    /// Whether a page is asked for.
    pub fn has(&self, path: &str) -> bool {
        let path = manifest::to_path(path);
        (self.include.is_empty() || self.include.is_match(&path)) && !self.exclude.is_match(&path)
    }
}

/// A line for a page, and its rules added to those of the others.
fn stat(row: &Row, taken: &mut BTreeMap<String, u64>, out: &mut impl Write) -> anyhow::Result<()> {
    let [kept, gone] = row.blocks.unwrap_or_default();
    for dropped in &row.dropped {
        *taken.entry(dropped.rule.clone()).or_default() += u64::from(dropped.blocks.max(1));
    }
    if gone > 0 {
        writeln!(out, "{gone:>9}  of {} lines: {}", kept + gone, row.path)?;
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
    /// The diff of a page; `None` where its bytes or its output are not those of the row.
    fn of(args: &DiffArgs, runner: &PageRunner, standing: &OutputDir, row: &Row) -> Option<Diff> {
        let file = if args.raw.is_file() { args.raw.clone() } else { args.raw.join(manifest::to_path(&row.path)) };
        let bytes = walk::read(&file, row.bytes?).ok()?;
        let out = row.out.as_ref();
        let text = match out {
            Some(out) => standing.text(&out.path)?,
            None => String::new(),
        };
        if Some(sha256(&bytes)) != row.sha256 || out.is_some_and(|out| sha256(text.as_bytes()) != out.sha256) {
            return None;
        }
        let source = Source { path: row.path.clone(), record: row.record };
        let page = runner.cleaner().parse(source, &bytes, &Sidecar::beside(&file)).page;
        let mut written = Written { lines: text.lines().collect(), at: 0 };
        let raw = raw_lines(row, &bytes);
        let is_markdown = out.is_some_and(|out| out.path.ends_with(".md") && out.path != row.path);
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
            let before = raw.as_ref().and_then(|raw| raw_line(raw, &page, index)).unwrap_or(own);
            match fate(block, &row.dropped) {
                Some(rule) => lines.push(Line::gone(before, rule.to_string().into())),
                None if is_markdown => lines.push(Line { sign: ' ', text: own.into(), because: "".into() }),
                None if out.is_some() => {
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
                    let after = written.take(own.split('\n').count());
                    if after == before.trim_end() {
                        lines.push(Line { sign: ' ', text: after, because: "".into() });
                    } else {
                        let cut = row.dropped.iter().find(|cut| cut.blocks == 0 && cut.lines.first().0 == line);
                        let because = cut.map_or("repaired".into(), |cut| cut.rule.clone().into());
                        lines.push(Line::gone(before, because));
                        lines.push(Line::new(&after));
                    }
                }
                None => lines.push(Line::gone(before, "a copy of another page".into())),
            }
        }
        let after = out.map_or_else(
            || "/dev/null".into(),
            |out| standing.root().join(manifest::to_path(&out.path)).display().to_string(),
        );
        Some(Diff { path: (file.display().to_string(), after), lines })
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
                write!(text, "{style}{}{}{style:#}", line.sign, line.text)?;
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

/// The rule that took a block, if one did.
pub fn fate<'r>(block: &Block, dropped: &'r [Dropped]) -> Option<&'r str> {
    let line = block.place.line;
    let covers = |dropped: &&Dropped| match (dropped.lines, block.place.columns) {
        _ if dropped.blocks == 0 => false,
        (Lines::Whole([first, last]), None) => (first..=last).contains(&line),
        (Lines::Part([of, _, from, to]), Some(columns)) => of == line && (from, to) == columns,
        _ => false,
    };
    dropped.iter().find(covers).map(|dropped| dropped.rule.as_str())
}

/// The raw lines of a plain text, before anything was repaired; `None` where lines are no blocks, or where the
/// page is in several charsets.
fn raw_lines(row: &Row, bytes: &[u8]) -> Option<Vec<String>> {
    let charset = row.charset.as_ref().filter(|charset| charset.pieces.is_empty())?;
    let is_text = matches!(kind(&manifest::to_path(&row.path), bytes), Kind::Text);
    let text = Encoding::for_label(charset.name.as_bytes()).filter(|_| is_text)?.decode(bytes).0;
    Some(text.replace("\r\n", "\n").split(['\n', '\r']).map(str::to_string).collect())
}

/// The raw line that is one block.
fn raw_line<'r>(raw: &'r [String], page: &Page, index: usize) -> Option<&'r str> {
    let place = page.blocks[index].place;
    if place.columns.is_some() {
        return None;
    }
    raw.get(place.line as usize - 1).map(String::as_str)
}
