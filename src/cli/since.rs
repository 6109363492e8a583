//! `dechaff diff --against MANIFEST`: what became of a corpus since another run, so that a change of rules can be
//! reviewed like code. The pages that differ most stand first.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufReader, Write};
use std::path::Path;

use crate::error::Error;
use crate::manifest::{FILE_NAME, Row, Rows};
use crate::page::{Page, Source};
use crate::read::arrivals::PageOpener;
use crate::report::changes::{Changed, Changes, Part};
use crate::write::output_dir::OutputDir;
use crate::write::previous_rows::PreviousRows;
use anstyle::{AnsiColor, Style};

use crate::cli::args::DiffArgs;
use crate::cli::diff::DiffScope;
use crate::cli::reopened::Reopened;
use crate::cli::visible::harmless;
use crate::cli::{Exit, setup};

const GONE: Style = AnsiColor::Red.on_default();
const KEPT: Style = AnsiColor::Green.on_default();

/// Pages whose lines are printed.
const PAGES: usize = 20;

/// Lines that are printed of a page.
const LINES: usize = 12;

/// Compares the two runs.
pub(super) fn run(args: &DiffArgs, standing: &OutputDir, other: &Path, wanted: &DiffScope) -> anyhow::Result<Exit> {
    let before = rows_of(other)?;
    let changes = Changes::between(standing.earlier(), before, |path| wanted.has(path), PAGES);
    let mut text = told(&changes)?;
    if !args.stat {
        let pages = reopened(&changes.most, args)?;
        for page in &changes.most {
            describe(page, &mut text, pages.get(&page.row.source()))?;
        }
        if changes.changed > PAGES as u64 {
            writeln!(text, "\n… and {} pages more", changes.changed - PAGES as u64)?;
        }
    }
    anstream::stdout().write_all(text.as_bytes())?;
    Ok(Exit::Done)
}

/// The rows of another run, by its manifest or its output folder.
///
/// # Errors
/// Where there is no manifest of a form that is known.
pub(super) fn rows_of(other: &Path) -> anyhow::Result<PreviousRows> {
    let other = if other.is_dir() { other.join(FILE_NAME) } else { other.into() };
    let file = File::open(&other).map_err(|cause| Error::Read { path: other.clone(), cause })?;
    Rows::read(&other, BufReader::new(file))?;
    Ok(PreviousRows::of_manifest(&other)?)
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

/// The numbers of a comparison.
fn told(changes: &Changes) -> Result<String, std::fmt::Error> {
    let mut text = String::new();
    writeln!(
        text,
        "{} of {} pages differ: {} lines newly dropped, {} newly kept",
        changes.changed, changes.pages, changes.dropped, changes.kept
    )?;
    for (count, what) in changes.not_compared() {
        writeln!(text, "  {count} {what}")?;
    }
    let filters = changes.by_filter();
    if !filters.is_empty() {
        let sum = |of: fn(&(&str, u64, u64)) -> u64| filters.iter().map(of).sum::<u64>();
        let (dropped, kept) = (sum(|rule| rule.1), sum(|rule| rule.2));
        writeln!(text, "documents: {dropped} newly dropped by filters, {kept} newly kept")?;
    }
    for (rule, dropped, kept) in filters.into_iter().chain(changes.by_rule()) {
        writeln!(text, "  {GONE}-{dropped:<7}{GONE:#} {KEPT}+{kept:<7}{KEPT:#} {rule}")?;
    }
    Ok(text)
}

fn describe(changed: &Changed, text: &mut String, page: Option<&Page>) -> std::fmt::Result {
    let (kept, all) = changed.row.blocks.map_or((0, 0), |blocks| (blocks.kept, blocks.all()));
    writeln!(
        text,
        "\n{}: {} lines newly dropped, {} newly kept; {kept} of {all} stay",
        changed.row.source(),
        changed.dropped.len(),
        changed.kept.len(),
    )?;
    if let Some(verdict) = &changed.document.dropped_by {
        writeln!(text, "  {GONE}- the document{GONE:#}  [{verdict}]")?;
    }
    if let Some(verdict) = &changed.document.was_dropped_by {
        writeln!(text, "  {KEPT}+ the document{KEPT:#}  [was {verdict}]")?;
    }
    let both = [('-', GONE, &changed.dropped, ""), ('+', KEPT, &changed.kept, "was ")];
    for (sign, style, parts, was) in both {
        for (part, rule) in parts.iter().take(LINES) {
            let (line, words) = page.map_or((String::new(), ""), |page| shown(*part, page));
            writeln!(text, "  {style}{sign} {line:>5}  {}{style:#}  [{was}{rule}]", harmless(words))?;
        }
        if parts.len() > LINES {
            writeln!(text, "  {sign}        … and {} more", parts.len() - LINES)?;
        }
    }
    Ok(())
}

/// The raw line of a part, and its words.
fn shown(part: Part, page: &Page) -> (String, &str) {
    let Some(block) = page.blocks.get(part.block as usize) else { return (String::new(), "") };
    let text = page.text_of(part.block as usize);
    let at = |characters: u32| text.char_indices().nth(characters as usize).map_or(text.len(), |(at, _)| at);
    let words = part.characters.map_or(text, |[from, to]| &text[at(from)..at(to).max(at(from))]);
    (block.place.line.to_string(), words)
}
