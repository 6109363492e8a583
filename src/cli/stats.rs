//! `dechaff stats CLEAN`: a corpus in numbers, by site, language, rule and status.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::io::{self, Write};

use crate::error::printable;
use crate::report::facts::PageFacts;
use crate::report::figures::{number, percent};
use crate::report::statistics::{Group, RuleCounts, Statistics, word_of};
use serde_json::{Value, json};

use crate::cli::args::{GroupArg, StatsArgs};
use crate::cli::{Exit, corpus};

/// Rows of a table where all tables are printed.
const ROWS: usize = 10;

/// Prints the numbers.
pub(super) fn run(args: &StatsArgs) -> anyhow::Result<Exit> {
    let (standing, _) = corpus::open(&args.clean)?;
    let mut statistics = Statistics::default();
    for line in standing.earlier() {
        if let Some(page) = PageFacts::read(&line.line) {
            statistics.add(&page);
        }
    }
    let text = match args.json {
        true => serde_json::to_string_pretty(&as_json(&statistics, args.by))? + "\n",
        false => tables(&statistics, args.by)?,
    };
    io::stdout().write_all(text.as_bytes())?;
    Ok(Exit::Done)
}

/// A table: what is counted, its columns, and its rows with their name last.
struct Table {
    by: GroupArg,
    columns: &'static [&'static str],
    rows: Vec<(Vec<String>, String)>,
}

const GROUP_COLUMNS: [&str; 6] = ["pages", "words in", "words kept", "kept", "characters kept", "lines dropped"];
const RULE_COLUMNS: [&str; 5] = ["lines dropped", "cut", "kept", "words", "pages"];

fn tables(statistics: &Statistics, by: Option<GroupArg>) -> Result<String, std::fmt::Error> {
    let mut text = String::new();
    let all =
        Table { by: GroupArg::Status, columns: &GROUP_COLUMNS, rows: vec![group_row(&statistics.all, "all".into())] };
    if by.is_none() {
        all.write(&mut text, "", usize::MAX)?;
    }
    let statuses = statistics.by_status.iter().map(|(status, group)| group_row(group, word_of(*status))).collect();
    let tables = [
        Table { by: GroupArg::Status, columns: &GROUP_COLUMNS, rows: statuses },
        Table { by: GroupArg::Site, columns: &GROUP_COLUMNS, rows: groups(&statistics.by_site, "no known site") },
        Table { by: GroupArg::Language, columns: &GROUP_COLUMNS, rows: groups(&statistics.by_language, "not told") },
        Table { by: GroupArg::Filter, columns: &GROUP_COLUMNS, rows: groups(&statistics.by_filter, "") },
        Table { by: GroupArg::Rule, columns: &RULE_COLUMNS, rows: rules(&statistics.by_rule) },
    ];
    for table in tables {
        match by {
            None if table.rows.is_empty() => {}
            None => {
                text.push('\n');
                table.write(&mut text, table.by.word(), ROWS)?;
            }
            Some(by) if by == table.by => table.write(&mut text, by.word(), usize::MAX)?,
            Some(_) => {}
        }
    }
    Ok(text)
}

impl Table {
    fn write(&self, text: &mut String, name: &str, most: usize) -> std::fmt::Result {
        let shown = &self.rows[..self.rows.len().min(most)];
        let width = |column: usize| {
            let cells = shown.iter().map(|(cells, _)| cells[column].len());
            cells.chain([self.columns[column].len()]).max().unwrap_or_default()
        };
        let widths: Vec<usize> = (0..self.columns.len()).map(width).collect();
        for (column, width) in self.columns.iter().zip(&widths) {
            write!(text, "{column:>width$}  ")?;
        }
        writeln!(text, "{name}")?;
        for (cells, name) in shown {
            for (cell, width) in cells.iter().zip(&widths) {
                write!(text, "{cell:>width$}  ")?;
            }
            writeln!(text, "{}", printable(name))?;
        }
        if self.rows.len() > shown.len() {
            writeln!(text, "… and {} more: --by {}", number((self.rows.len() - shown.len()) as u64), self.by.word())?;
        }
        Ok(())
    }
}

fn group_row(group: &Group, name: String) -> (Vec<String>, String) {
    let cells = vec![
        number(group.pages),
        number(group.words.all()),
        number(group.words.kept),
        percent(group.words.kept, group.words.all()),
        number(group.characters.kept),
        number(group.lines.dropped),
    ];
    (cells, name)
}

/// The groups with most words first.
fn groups(groups: &HashMap<String, Group>, without: &str) -> Vec<(Vec<String>, String)> {
    let mut sorted: Vec<_> = groups.iter().collect();
    sorted.sort_by(|(a, one), (b, other)| other.words.all().cmp(&one.words.all()).then(a.cmp(b)));
    let name = |name: &str| if name.is_empty() { without.to_string() } else { name.to_string() };
    sorted.into_iter().map(|(key, group)| group_row(group, name(key))).collect()
}

/// The rules that took most words first.
fn rules(rules: &HashMap<String, RuleCounts>) -> Vec<(Vec<String>, String)> {
    let mut sorted: Vec<_> = rules.iter().collect();
    sorted.sort_by(|(a, one), (b, other)| (other.words, other.kept).cmp(&(one.words, one.kept)).then(a.cmp(b)));
    let row = |(name, rule): (&String, &RuleCounts)| {
        let cells = [rule.dropped, rule.cut, rule.kept, rule.words, rule.pages].map(number);
        (cells.to_vec(), name.clone())
    };
    sorted.into_iter().map(row).collect()
}

fn as_json(statistics: &Statistics, by: Option<GroupArg>) -> Value {
    let statuses: HashMap<_, _> =
        statistics.by_status.iter().map(|(status, group)| (word_of(*status), group)).collect();
    let mut all = json!({
        "all": statistics.all,
        "written": statistics.written,
        "bytes": { "read": statistics.bytes_in, "written": statistics.bytes_out },
        "status": statuses,
        "site": statistics.by_site,
        "language": statistics.by_language,
        "filter": statistics.by_filter,
        "rule": statistics.by_rule,
        "stages": statistics.stages(),
    });
    match by {
        None => all,
        Some(by) => all[by.word()].take(),
    }
}
