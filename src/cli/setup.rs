//! From what was typed to what the pipeline takes.

use std::path::Path;

use crate::parse::ParseOptions;
use crate::parse::repair::Switches;
use crate::parse::site::SiteFrom;
use crate::read::ReadOptions;
use crate::read::archive::Bounds;
use crate::read::archive::jsonl::FieldNames;
use crate::render::{Container, OutputMarkup};
use crate::rules::RuleSet;
use crate::run::cleaner::{Choices, Cleaner};
use crate::run::stage_list;
use crate::run::survey::Files;
use crate::stages::bylines::Bylines;
use crate::stages::comments::Comments;
use crate::stages::model::Favor;
use encoding_rs::Encoding;
use globset::{Glob, GlobMatcher, GlobSet, GlobSetBuilder};

use crate::cli::args::{BylinesArg, CommentsArg, FavorArg, JudgingArgs, MarkupArg, OutputArg, ReadingArgs, SurveyArgs};
use crate::cli::{Misuse, templates};

/// How pages are read and judged.
pub fn cleaner(args: &JudgingArgs) -> anyhow::Result<Cleaner> {
    cleaner_to(args, OutputArg::Files)
}

fn cleaner_to(args: &JudgingArgs, output: OutputArg) -> anyhow::Result<Cleaner> {
    let site_from = match (&args.reading.site_from, &args.reading.site) {
        (Some(pattern), _) => {
            SiteFrom::parse(pattern).map_err(|why| Misuse(format!("--site-from {pattern}: {why}")))?
        }
        (None, Some(host)) => SiteFrom::Given(host.to_ascii_lowercase()),
        (None, None) => SiteFrom::FirstHost,
    };
    let rules = RuleSet::load(args.rules.as_deref())?;
    let charsets = args.reading.charset.iter().map(|given| charset(given)).collect::<Result<_, _>>()?;
    let repairs = args.reading.no_repair.iter().fold(Switches::default(), |switches, repair| switches.without(*repair));
    let (fields, bounds) = (fields(&args.reading), bounds(&args.reading));
    let parse_options = ParseOptions { site_from, charsets, repairs, ..ParseOptions::default() };
    let read_options = ReadOptions { fields, bounds };
    let favor = match args.favor {
        FavorArg::Precision => Favor::Precision,
        FavorArg::Balance => Favor::Balance,
        FavorArg::Recall => Favor::Recall,
    };
    let comments = match args.comments {
        CommentsArg::Auto => None,
        CommentsArg::Keep => Some(Comments::Keep),
        CommentsArg::Drop => Some(Comments::Drop),
    };
    let bylines = match args.bylines {
        BylinesArg::Keep => Bylines::Keep,
        BylinesArg::Drop => Bylines::Drop,
    };
    let stages = stage_list::Choices { off: off(args), favor, comments, bylines };
    let form = match output {
        OutputArg::Files => Container::Text,
        OutputArg::Jsonl => Container::Lines,
    };
    let mut cleaner =
        Cleaner::new(rules, Choices { stages, parse_options, read_options, form, named: options(args, output) });
    if let Some(file) = args.templates.as_deref().filter(|_| !args.is_off("recurring")) {
        cleaner.know(templates::read(file)?);
    }
    Ok(cleaner)
}

/// How pages are read, judged and written.
pub fn cleaning_cleaner(judging: &JudgingArgs, markup: MarkupArg, output: OutputArg) -> anyhow::Result<Cleaner> {
    let mut cleaner = cleaner_to(judging, output)?;
    cleaner.write_as(match markup {
        MarkupArg::Text => OutputMarkup::Text,
        MarkupArg::Markdown => OutputMarkup::Markdown,
    });
    Ok(cleaner)
}

/// The arguments that judge pages as those of one host.
pub fn for_host(host: &str) -> JudgingArgs {
    let reading = ReadingArgs { site: Some(host.into()), ..ReadingArgs::default() };
    JudgingArgs { reading, ..JudgingArgs::default() }
}

/// How pages are read for a survey: with these rules, and judged by nothing else.
pub fn survey_cleaner(args: &SurveyArgs, rules: Option<&Path>) -> anyhow::Result<Cleaner> {
    let (reading, rules) = (args.reading.clone(), rules.map(Path::to_path_buf));
    cleaner(&JudgingArgs { reading, rules, ..JudgingArgs::default() })
}

/// The files of a survey.
pub fn survey_files(args: &SurveyArgs) -> anyhow::Result<Files> {
    Ok(Files {
        raw: args.raw.clone(),
        include: globs("--include", &args.include)?,
        exclude: globs("--exclude", &args.exclude)?,
        threads: args.threads.map_or(0, usize::from),
    })
}

/// The stages that are left out, each once.
fn off(args: &JudgingArgs) -> Vec<String> {
    let mut off = args.off.clone();
    off.extend(args.no_model.then(|| "model".into()));
    off.extend(args.no_survey.then(|| "recurring".into()));
    off.sort();
    off.dedup();
    off
}

/// The options that change bytes, as they would be typed.
fn options(args: &JudgingArgs, output: OutputArg) -> Vec<String> {
    let mut options = Vec::new();
    options.extend(off(args).into_iter().map(|stage| format!("--off={stage}")));
    match args.favor {
        FavorArg::Precision => options.push("--favor=precision".into()),
        FavorArg::Balance => {}
        FavorArg::Recall => options.push("--favor=recall".into()),
    }
    match args.comments {
        CommentsArg::Auto => {}
        CommentsArg::Keep => options.push("--comments=keep".into()),
        CommentsArg::Drop => options.push("--comments=drop".into()),
    }
    match args.bylines {
        BylinesArg::Keep => {}
        BylinesArg::Drop => options.push("--bylines=drop".into()),
    }
    options.extend(args.reading.site_from.iter().map(|pattern| format!("--site-from={pattern}")));
    options.extend(args.reading.site.iter().map(|host| format!("--site={host}")));
    let mut repairs: Vec<_> = args.reading.no_repair.iter().map(|repair| format!("--no-repair={repair}")).collect();
    repairs.sort();
    repairs.dedup();
    options.extend(repairs);
    options.extend(args.reading.charset.iter().map(|given| format!("--charset={given}")));
    let (fields, known) = (fields(&args.reading), FieldNames::default());
    for (option, name, known) in [
        ("--text-field", fields.text, known.text),
        ("--id-field", fields.id, known.id),
        ("--url-field", fields.url, known.url),
    ] {
        options.extend((name != known).then(|| format!("{option}={name}")));
    }
    options.extend((output == OutputArg::Jsonl).then(|| "--output=jsonl".into()));
    options
}

/// The fields of JSON lines that are read.
fn fields(args: &ReadingArgs) -> FieldNames {
    let known = FieldNames::default();
    FieldNames {
        text: args.text_field.clone().unwrap_or(known.text),
        id: args.id_field.clone().unwrap_or(known.id),
        url: args.url_field.clone().unwrap_or(known.url),
    }
}

/// What a record may take.
fn bounds(args: &ReadingArgs) -> Bounds {
    let known = Bounds::default();
    Bounds { record: args.max_record.unwrap_or(known.record), ratio: args.max_ratio.unwrap_or(known.ratio) }
}

/// What `--charset` says: a label for all files, or a glob, `=` and a label.
fn charset(given: &str) -> Result<(GlobMatcher, &'static Encoding), Misuse> {
    let (glob, label) = given.rsplit_once('=').unwrap_or(("**", given));
    let wrong = |why: String| Misuse(format!("--charset {given}: {why}"));
    let unknown = || {
        wrong(format!("‘{label}’ is no charset label of the WHATWG Encoding Standard (windows-1250, iso-8859-2, …)"))
    };
    let charset = Encoding::for_label(label.as_bytes()).ok_or_else(unknown)?;
    let glob = Glob::new(glob).map_err(|error| wrong(error.to_string()))?;
    Ok((glob.compile_matcher(), charset))
}

/// A set of globs over paths below RAW.
pub fn globs(option: &str, patterns: &[String]) -> anyhow::Result<GlobSet> {
    let mut set = GlobSetBuilder::new();
    for pattern in patterns {
        set.add(Glob::new(pattern).map_err(|error| Misuse(format!("{option} {pattern}: {error}")))?);
    }
    Ok(set.build()?)
}
