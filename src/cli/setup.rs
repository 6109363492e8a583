//! From what was typed to what the pipeline takes.

use dechaff::intake::site::SiteFrom;
use dechaff::pipeline::way::{Choices, Way};
use dechaff::rulebook::Rulebook;
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
    let rulebook = Rulebook::load(args.rules.as_deref())?;
    Ok(Way::new(rulebook, Choices { off: args.off.clone(), site_from, named: options(args) }))
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
