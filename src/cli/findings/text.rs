//! Findings for people: `path:line:` first, as compilers print them, and at the end what to run next.

use std::collections::HashMap;
use std::fmt::Write;

use anstyle::{AnsiColor, Style};

use super::{Findings, level_name};
use crate::run::finding::{Finding, Kind, Level};

const ERROR: Style = AnsiColor::Red.on_default().bold();
const WARNING: Style = AnsiColor::Yellow.on_default();

/// How many findings of a kind are listed, unless all are asked for.
const LISTED: usize = 20;

/// The findings, a line each, how many there are, and what to do.
pub(crate) fn print(findings: &Findings, is_verbose: bool) -> anyhow::Result<String> {
    let mut text = String::new();
    let mut left_out: HashMap<Kind, usize> = HashMap::new();
    let mut listed: HashMap<Kind, usize> = HashMap::new();
    for (level, finding) in &findings.found {
        let listed = listed.entry(finding.kind).or_default();
        if *listed == LISTED && !is_verbose {
            *left_out.entry(finding.kind).or_default() += 1;
            continue;
        }
        *listed += 1;
        write!(text, "{}", findings.file(finding).display())?;
        if let Some(record) = finding.page.as_ref().and_then(|page| page.record) {
            write!(text, "#{record}")?;
        }
        if let Some(line) = finding.line {
            write!(text, ":{line}")?;
        }
        let style = if *level == Level::Error { ERROR } else { WARNING };
        writeln!(text, ": {style}{}{style:#} {}: {}", level_name(*level), finding.kind, finding.message)?;
    }
    let mut left_out: Vec<_> = left_out.into_iter().collect();
    left_out.sort();
    for (kind, count) in left_out {
        writeln!(text, "… and {count} more of {kind}; --verbose lists them all")?;
    }
    writeln!(text, "{}", findings.summary())?;
    if findings.files == 0 {
        writeln!(
            text,
            "  {} holds no file that this check reads; see --include and --exclude",
            findings.raw.display()
        )?;
    }
    let mut steps: Vec<String> = findings.found.iter().filter_map(|(_, finding)| next(findings, finding)).collect();
    // The gravest come first; each step is said once, with the first page that asks for it.
    let mut said = Vec::new();
    steps.retain(|step| {
        let what = step.split('`').next().unwrap_or_default().to_string();
        let is_new = !said.contains(&what);
        said.push(what);
        is_new
    });
    for step in steps {
        writeln!(text, "  {step}")?;
    }
    Ok(text)
}

/// What to do about a finding.
fn next(findings: &Findings, finding: &Finding) -> Option<String> {
    let folders = match findings.clean {
        Some(clean) => format!("{} {}", findings.raw.display(), clean.display()),
        None => format!("{} CLEAN", findings.raw.display()),
    };
    match finding.kind {
        Kind::Missing | Kind::Stale => {
            Some(format!("to clean what has changed: `dechaff clean {folders}`, with the options of this check"))
        }
        Kind::Edited => Some(format!(
            "to write edited outputs again: `dechaff clean {folders}`; move what you want to keep out of them first"
        )),
        Kind::Failed => Some("to leave a page out: `--exclude GLOB`".into()),
        Kind::Lost | Kind::Budget => {
            let page = findings.file(finding);
            Some(format!("to see which rule took each line: `dechaff explain {}`", page.display()))
        }
        Kind::UnusedRule => Some("to see what a rule matches: `dechaff rules list`".into()),
        _ => None,
    }
}
