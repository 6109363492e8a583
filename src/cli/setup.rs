//! From what was typed to what a run takes.

use std::path::Path;

use globset::{Glob, GlobSet, GlobSetBuilder};

use crate::cleaner::Cleaner;
use crate::cli::args::{JudgingArgs, SurveyArgs};
use crate::cli::{Misuse, templates};
use crate::read::site_map::SiteMap;
use crate::run::page_runner::PageRunner;
use crate::run::survey::Files;
use crate::settings::{Container, OutputMarkup, Settings};

/// The settings that were typed.
pub(super) fn settings(args: &JudgingArgs) -> Settings {
    let mut settings = args.settings.clone();
    settings.off.extend(args.no_model.then(|| "model".into()));
    settings.off.extend(args.no_survey.then(|| "recurring".into()));
    settings
}

/// What cleans pages as was typed.
pub(super) fn cleaner(args: &JudgingArgs, settings: Settings) -> anyhow::Result<Cleaner> {
    let mut builder = Cleaner::builder().settings(settings);
    if let Some(dir) = &args.rules {
        builder = builder.rules_dir(dir)?;
    }
    for list in &args.url_list {
        builder = builder.url_list(list)?;
    }
    if let Some(model) = &args.lid_model {
        builder = builder.lid_model(model)?;
    }
    if let Some(tokenizer) = &args.tokenizer {
        builder = builder.tokenizer(tokenizer)?;
    }
    let cleaner = builder.build()?;
    Ok(match args.templates.as_deref().filter(|_| !args.is_off("recurring")) {
        Some(file) => cleaner.with_templates(templates::read(file)?),
        None => cleaner,
    })
}

/// What finds, reads, judges and names the pages of a run.
pub(super) fn runner(args: &JudgingArgs, markup: OutputMarkup, output: Container) -> anyhow::Result<PageRunner> {
    let mut settings = settings(args);
    (settings.markup, settings.output) = (markup, output);
    let site_map = args.site_map.as_deref().map(SiteMap::read).transpose()?;
    let mut runner = PageRunner::new(cleaner(args, settings)?);
    if let Some(map) = site_map {
        runner.use_site_map(map);
    }
    Ok(runner)
}

/// The same for pages whose text is not written.
pub(super) fn reader(args: &JudgingArgs) -> anyhow::Result<PageRunner> {
    runner(args, OutputMarkup::Text, Container::Files)
}

/// What reads the pages of an output folder again: as its last run did, which may have known the charsets of sites.
/// Nothing is learned.
pub(super) fn reader_of_run(args: &JudgingArgs, clean: &Path) -> anyhow::Result<PageRunner> {
    let mut runner = reader(&args.without_learned_stages())?;
    if let Ok(templates) = templates::read(clean) {
        runner.use_templates(templates);
    }
    Ok(runner)
}

/// The arguments that judge pages as those of one host.
pub(super) fn for_host(host: &str) -> JudgingArgs {
    let mut args = JudgingArgs::default();
    args.settings.reading.site = Some(host.into());
    args
}

/// How pages are read for a survey: with these rules, and judged by nothing else.
pub(super) fn survey_reader(args: &SurveyArgs, rules: Option<&Path>) -> anyhow::Result<PageRunner> {
    let (rules, site_map) = (rules.map(Path::to_path_buf), args.site_map.clone());
    let mut judging = JudgingArgs { rules, site_map, ..JudgingArgs::default() };
    judging.settings.reading = args.reading.clone();
    reader(&judging)
}

/// The files of a survey.
pub(super) fn survey_files(args: &SurveyArgs) -> anyhow::Result<Files> {
    Ok(Files {
        raw: args.raw.clone(),
        include: globs("--include", &args.include)?,
        exclude: globs("--exclude", &args.exclude)?,
        part: None,
        threads: args.threads.map_or(0, usize::from),
    })
}

/// A set of globs over paths below RAW.
pub(super) fn globs(option: &str, patterns: &[String]) -> anyhow::Result<GlobSet> {
    let mut set = GlobSetBuilder::new();
    for pattern in patterns {
        set.add(Glob::new(pattern).map_err(|error| Misuse(format!("{option} {pattern}: {error}")))?);
    }
    Ok(set.build()?)
}
