//! `dechaff check RAW [CLEAN]`: what is wrong, for a build that should fail then.

use std::collections::HashMap;
use std::io::Write;

use clap::ValueEnum;

use crate::run::check::{self, CheckOptions};
use crate::run::finding::{Finding, Kind, Level};

use crate::cli::args::{CheckArgs, ReportArg};
use crate::cli::findings::{Findings, github, json, sarif, text};
use crate::cli::{Exit, setup};
use crate::settings::Container;
use crate::write::output_dir::OutputDir;

/// Looks at the folders and prints what was found.
pub(super) fn run(args: &CheckArgs) -> anyhow::Result<Exit> {
    // Text is compared with text and documents with documents: what the run has written is what a run would write again.
    let header = args.clean.as_deref().map(|clean| OutputDir::at(clean).header()).transpose()?.flatten();
    let options = header.map(|header| header.options).unwrap_or_default();
    let named = options.iter().find_map(|option| option.strip_prefix("--output="));
    let output = named.and_then(|name| Container::from_str(name, false).ok()).unwrap_or_default();
    let mut look = CheckOptions {
        raw: args.raw.clone(),
        clean: args.clean.clone(),
        threads: args.threads.map_or(0, usize::from),
        include: setup::globs("--include", &args.include)?,
        exclude: setup::globs("--exclude", &args.exclude)?,
        survey: args.judging.wants_survey(),
        budget: args.budget,
        runner: setup::runner(&args.judging, args.markup, output)?,
    };
    let looked = check::check(&mut look)?;
    // The last word on a kind is the one that counts.
    let levels: HashMap<Kind, Level> = args.level.iter().copied().collect();
    let level = |finding: &Finding| levels.get(&finding.kind).copied().unwrap_or(finding.kind.info().level);
    let mut found: Vec<(Level, Finding)> =
        looked.findings.into_iter().map(|finding| (level(&finding), finding)).collect();
    found.retain(|(level, _)| *level == Level::Error || *level == Level::Warn && !args.quiet);
    found.sort_by_key(|(level, _)| *level);
    let findings = Findings { found, files: looked.files, raw: &args.raw, clean: args.clean.as_deref() };
    let printed = match args.report {
        ReportArg::Text => text::print(&findings, args.verbose)?,
        ReportArg::Json => json::print(&findings)?,
        ReportArg::Github => github::print(&findings)?,
        ReportArg::Sarif => sarif::print(&findings)?,
    };
    anstream::stdout().write_all(printed.as_bytes())?;
    Ok(if findings.count(Level::Error) > 0 { Exit::Flawed } else { Exit::Done })
}
