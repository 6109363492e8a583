//! From what was typed to what the pipeline takes.

use std::sync::Arc;

use dechaff::intake::site::SiteFrom;
use dechaff::judge::closing::Closing;
use dechaff::judge::furniture::Furniture;
use dechaff::judge::headline::Headline;
use dechaff::judge::teasers::Teasers;
use dechaff::judge::written::WrittenStage;
use dechaff::manifest::{FORM, Header};
use dechaff::pipeline::lineup::Lineup;
use dechaff::pipeline::way::Way;
use dechaff::rulebook::Rulebook;
use dechaff::stage::Stage;
use globset::{Glob, GlobSet, GlobSetBuilder};

use crate::cli::Misuse;
use crate::cli::args::JudgingArgs;

/// How pages are read and judged.
pub fn way(args: &JudgingArgs) -> anyhow::Result<Way> {
    let site_from = match (&args.site_from, &args.site) {
        (Some(pattern), _) => {
            SiteFrom::parse(pattern).map_err(|why| Misuse(format!("--site-from {pattern}: {why}")))?
        }
        (None, Some(host)) => SiteFrom::Given(host.to_ascii_lowercase()),
        (None, None) => SiteFrom::FirstHost,
    };
    let rulebook = Arc::new(Rulebook::load(args.rules.as_deref())?);
    let header = Header {
        manifest: FORM,
        dechaff: env!("CARGO_PKG_VERSION").into(),
        rules: rulebook.hash_all(),
        model: None,
        options: options(args),
    };
    let general = rulebook.hash_general();
    Ok(Way { header, lineup: lineup(args, &rulebook), rulebook, general, site_from })
}

/// The stages that take part.
fn lineup(args: &JudgingArgs, rulebook: &Arc<Rulebook>) -> Lineup {
    let mut stages: Vec<Box<dyn Stage>> = vec![
        Box::new(WrittenStage::site(Arc::clone(rulebook))),
        Box::new(WrittenStage::general(Arc::clone(rulebook))),
        Box::new(Headline::new()),
        Box::new(Furniture::new()),
        Box::new(Teasers::new()),
        Box::new(Closing::new()),
    ];
    stages.retain(|stage| !args.off.iter().any(|off| off == stage.name()));
    Lineup::new(stages)
}

/// The options that change bytes, as they would be typed.
fn options(args: &JudgingArgs) -> Vec<String> {
    let mut options = Vec::new();
    let mut off = args.off.clone();
    off.sort();
    off.dedup();
    options.extend(off.into_iter().map(|stage| format!("--off={stage}")));
    options.extend(args.site_from.iter().map(|pattern| format!("--site-from={pattern}")));
    options.extend(args.site.iter().map(|host| format!("--site={host}")));
    options
}

/// A set of globs over paths below RAW.
pub fn globs(option: &str, patterns: &[String]) -> anyhow::Result<GlobSet> {
    let mut set = GlobSetBuilder::new();
    for pattern in patterns {
        set.add(Glob::new(pattern).map_err(|error| Misuse(format!("{option} {pattern}: {error}")))?);
    }
    Ok(set.build()?)
}
