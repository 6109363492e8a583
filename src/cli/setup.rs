//! From what was typed to what the pipeline takes.

use dechaff::intake::Intake;
use dechaff::intake::repair::Switches;
use dechaff::intake::site::SiteFrom;
use dechaff::judge::model::Favor;
use dechaff::pipeline::way::{Choices, Way};
use dechaff::rulebook::Rulebook;
use encoding_rs::Encoding;
use globset::{Glob, GlobMatcher, GlobSet, GlobSetBuilder};

use crate::cli::Misuse;
use crate::cli::args::{FavorArg, JudgingArgs};

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
    let charsets = args.charset.iter().map(|given| charset(given)).collect::<Result<_, _>>()?;
    let repairs = args.no_repair.iter().fold(Switches::default(), |switches, repair| switches.without(*repair));
    let intake = Intake { site_from, charsets, repairs };
    let favor = match args.favor {
        FavorArg::Precision => Favor::Precision,
        FavorArg::Balance => Favor::Balance,
        FavorArg::Recall => Favor::Recall,
    };
    Ok(Way::new(rulebook, Choices { off: off(args), favor, intake, named: options(args) }))
}

/// The arguments that judge pages as those of one host.
pub fn for_host(host: &str) -> JudgingArgs {
    JudgingArgs { site: Some(host.into()), ..JudgingArgs::default() }
}

/// The stages that are left out, each once.
fn off(args: &JudgingArgs) -> Vec<String> {
    let mut off = args.off.clone();
    off.extend(args.no_model.then(|| "model".into()));
    off.sort();
    off.dedup();
    off
}

/// The options that change bytes, as they would be typed.
fn options(args: &JudgingArgs) -> Vec<String> {
    let mut options = Vec::new();
    options.extend(off(args).into_iter().map(|stage| format!("--off={stage}")));
    match args.favor {
        FavorArg::Precision => options.push("--favor=precision".into()),
        FavorArg::Balance => {}
        FavorArg::Recall => options.push("--favor=recall".into()),
    }
    options.extend(args.site_from.iter().map(|pattern| format!("--site-from={pattern}")));
    options.extend(args.site.iter().map(|host| format!("--site={host}")));
    let mut repairs: Vec<_> = args.no_repair.iter().map(|repair| format!("--no-repair={repair}")).collect();
    repairs.sort();
    repairs.dedup();
    options.extend(repairs);
    options.extend(args.charset.iter().map(|given| format!("--charset={given}")));
    options
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
