//! Findings for people.

use std::collections::HashMap;
use std::fmt::Write;

use crate::run::finding::{Kind, Level};
use anstyle::{AnsiColor, Style};

use super::{Findings, level_name};

const ERROR: Style = AnsiColor::Red.on_default().bold();
const WARNING: Style = AnsiColor::Yellow.on_default();

/// How many findings of a kind are listed.
const LISTED: usize = 20;

/// The findings, a line each, and how many there are.
pub fn print(findings: &Findings) -> anyhow::Result<String> {
    let mut text = String::new();
    let mut left_out: HashMap<Kind, usize> = HashMap::new();
    let mut listed: HashMap<Kind, usize> = HashMap::new();
    for (level, finding) in &findings.found {
        let listed = listed.entry(finding.kind).or_default();
        if *listed == LISTED {
            *left_out.entry(finding.kind).or_default() += 1;
            continue;
        }
        *listed += 1;
        let style = if *level == Level::Error { ERROR } else { WARNING };
        let (name, kind) = (level_name(*level), finding.kind);
        write!(text, "{style}{name}{style:#} {kind}: ")?;
        if let Some(page) = &finding.page {
            write!(text, "{}", findings.file(finding).display())?;
            if let Some(record) = page.record {
                write!(text, "#{record}")?;
            }
            if let Some(line) = finding.line {
                write!(text, ":{line}")?;
            }
            write!(text, ": ")?;
        }
        writeln!(text, "{}", finding.message)?;
    }
    let mut left_out: Vec<_> = left_out.into_iter().collect();
    left_out.sort();
    for (kind, count) in left_out {
        writeln!(text, "… and {count} more of {kind}; --report json lists them all")?;
    }
    writeln!(text, "{}", findings.summary())?;
    Ok(text)
}
