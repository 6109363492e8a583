//! `dechaff templates`: surveys whose result is kept, so that cleaning needs one pass and a new page changes no
//! other.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use crate::error::Error;
use crate::passes::CorpusPass;
use crate::passes::templates::site_templates::SiteTemplates;
use crate::passes::templates::stats::SurveyStats;
use crate::run::survey::{self, Files};
use crate::write::atomic;
use crate::write::output_dir::INNER;
use crate::write::output_writer::TEMPLATES;

use crate::cli::args::{MergeArgs, ScanArgs, TemplatesArgs, TemplatesCommand};
use crate::cli::{Exit, Misuse, setup};

/// Runs a subcommand of `templates`.
pub(super) fn run(args: &TemplatesArgs) -> anyhow::Result<Exit> {
    match &args.command {
        TemplatesCommand::Scan(args) => scan(args),
        TemplatesCommand::Merge(args) => write(&args.output, &merged(args)?.to_text()),
        TemplatesCommand::Build(args) => build(args),
    }
}

/// Reads settled knowledge: a file of it, or an output folder, whose last run has kept what it knew.
pub(super) fn read(path: &Path) -> anyhow::Result<SiteTemplates> {
    let file = if path.is_dir() { path.join(INNER).join(TEMPLATES) } else { path.to_path_buf() };
    let text = fs::read_to_string(&file).map_err(|cause| Error::Read { path: file.clone(), cause })?;
    Ok(SiteTemplates::from_text(&text).map_err(|why| Misuse(format!("{}: {why}", file.display())))?)
}

fn scan(args: &ScanArgs) -> anyhow::Result<Exit> {
    let runner = setup::survey_reader(&args.survey, args.rules.as_deref())?;
    let files = Files { part: args.partition, ..setup::survey_files(&args.survey)? };
    let tally = survey::count(&runner, &files)?;
    write(&args.output, &tally.to_text())
}

fn build(args: &MergeArgs) -> anyhow::Result<Exit> {
    let tally = merged(args)?;
    let templates = SiteTemplates::finish(&tally);
    let (known, all) = (templates.sites.len(), tally.sites.len());
    write(&args.output, &templates.to_text())?;
    if known < all {
        let too_few = format!(
            "{known} of {all} sites are known; the others have fewer than {} different pages\n",
            crate::passes::templates::LEAST_PAGES
        );
        io::stdout().write_all(too_few.as_bytes())?;
    }
    Ok(Exit::Done)
}

fn merged(args: &MergeArgs) -> anyhow::Result<SurveyStats> {
    let mut merged = SurveyStats::default();
    for path in &args.tallies {
        let text = fs::read_to_string(path).map_err(|cause| Error::Read { path: path.clone(), cause })?;
        let tally = SurveyStats::from_text(&text).map_err(|why| Misuse(format!("{}: {why}", path.display())))?;
        SiteTemplates::merge(&mut merged, tally);
    }
    Ok(merged)
}

fn write(path: &Path, text: &str) -> anyhow::Result<Exit> {
    atomic::write(path, text.as_bytes())?;
    Ok(Exit::Done)
}
