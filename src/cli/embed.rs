//! The program's options as keywords, for who calls it from another language: a cleaner, or the main job, made of the
//! same words that stand in `dechaff.toml` and held to the same grammar. Nothing here listens for signals or prints a
//! summary; whoever calls does.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Instant;

use clap::{Arg, ArgAction, Args, Command, FromArgMatches};

use crate::cleaner::Cleaner;
use crate::cli::args::{CleanArgs, JudgingArgs};
use crate::cli::buckets::{Buckets, Ears};
use crate::cli::progress::Progress;
use crate::cli::signals::Signals;
use crate::cli::{Misuse, addresses, clean, setup, summary};
use crate::document::Input;
use crate::passes::CorpusPass;
use crate::passes::templates::site_templates::SiteTemplates;
use crate::passes::templates::stats::SurveyStats;
use crate::rules::diagnostic::nearest;
use crate::run::{self, Outcome, RunObserver};

/// Options of the program that say how it talks to a person, or that it reads and writes streams.
const NOT_OPTIONS: [&str; 7] = ["help", "version", "raw", "clean", "jsonl", "quiet", "verbose"];

/// An option by its name, `off` or `max_record`, with its values; a flag is set by none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keyword {
    /// The name, with `_` or `-` between its words.
    pub name: String,
    /// The values, as they would be typed.
    pub values: Values,
}

/// The values of an option.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Values {
    /// Those of a flag: whether it is set.
    Flag(bool),
    /// A value.
    One(OsString),
    /// Values of an option that may be given several times.
    Many(Vec<OsString>),
}

/// The rules, settings and templates that these options name, as a cleaner.
///
/// # Errors
/// Where there is no such option, where it cannot have such a value, and where a file of rules or templates cannot be
/// read or holds mistakes.
pub fn cleaner(keywords: &[Keyword]) -> anyhow::Result<Cleaner> {
    let grammar = JudgingArgs::augment_args(Command::new("dechaff"));
    let matches = parsed(grammar, keywords, Vec::new())?;
    let judging = JudgingArgs::from_arg_matches(&matches)?;
    if judging.site_map.is_some() {
        let why = "site_map names the pages of a folder, and a cleaner knows no folder; give each page its url";
        return Err(Misuse(why.into()).into());
    }
    setup::cleaner(&judging, setup::settings(&judging))
}

/// What was counted of pages, for what recurs on their sites: `dechaff templates` for pages that come one by one.
#[derive(Debug, Default)]
pub struct TemplateCounts {
    stats: SurveyStats,
}

impl TemplateCounts {
    /// Counts a page. Its name, a URL mostly, tells it from the other pages of its site; of the same name it counts once.
    pub fn add(&mut self, cleaner: &Cleaner, name: &str, input: &Input) {
        cleaner.count(&mut self.stats, name, input);
    }

    /// Adds what was counted elsewhere, in any order.
    pub fn merge(&mut self, other: TemplateCounts) {
        SiteTemplates::merge(&mut self.stats, other.stats);
    }

    /// The form in which `dechaff templates scan` writes it down.
    pub fn to_text(&self) -> String {
        self.stats.to_text()
    }

    /// Reads what [`TemplateCounts::to_text`] wrote.
    ///
    /// # Errors
    /// A sentence that says what is wrong, the line's number first.
    pub fn from_text(text: &str) -> Result<TemplateCounts, String> {
        Ok(TemplateCounts { stats: SurveyStats::from_text(text)? })
    }

    /// What recurs on each site, as `dechaff templates build` writes it down.
    pub fn templates(&self) -> String {
        SiteTemplates::finish(&self.stats).to_text()
    }
}

/// How a run of the main job ended.
#[derive(Debug)]
pub struct FolderRun {
    /// What became of the pages.
    pub outcome: Outcome,
    /// The same in words, as the program prints it.
    pub summary: String,
}

/// Does what `dechaff RAW CLEAN` does, with a bar on the terminal where it is `shown`.
///
/// # Errors
/// Those of [`cleaner`], and those of [`run::run`].
pub fn clean_folder(
    raw: PathBuf,
    clean: PathBuf,
    keywords: &[Keyword],
    shown: bool,
    watch: &dyn RunObserver,
) -> anyhow::Result<FolderRun> {
    let folders = vec!["--".into(), raw.clone().into_os_string(), clean.clone().into_os_string()];
    let grammar = CleanArgs::augment_args(Command::new("dechaff"));
    let matches = parsed(grammar.clone(), keywords, folders)?;
    addresses::hold(&grammar, &matches, true)?;
    let args = CleanArgs::from_arg_matches(&matches)?;
    if args.is_filter() {
        return Err(Misuse("`-` is stdin or stdout, and no folder; a folder of this name is `./-`".into()).into());
    }
    let mut job = clean::job(&args, raw.into(), clean)?;
    let began = Instant::now();
    // What is said of a claim or a working folder is for a person at a terminal.
    let ears = Ears { stop: &|| watch.wants_to_stop(), tell: &|_| {}, sent: &|_, _| {} };
    let mut buckets = Buckets::open(&mut job, args.work_dir.as_deref(), &ears)?;
    let progress = Progress::new(&job, Signals::unheard(), !shown);
    let outcome = run::run(&mut job, &Both { bar: &progress, watch });
    progress.clear();
    let outcome = outcome?;
    buckets.publish(!outcome.interrupted, &ears)?;
    let summary = summary::of(args.summary, &outcome, &job, began.elapsed());
    Ok(FolderRun { outcome, summary })
}

/// The bar, and who watches.
struct Both<'w> {
    bar: &'w Progress,
    watch: &'w dyn RunObserver,
}

impl RunObserver for Both<'_> {
    fn page(&self, is_record: bool) {
        self.bar.page(is_record);
        self.watch.page(is_record);
    }

    fn wants_to_stop(&self) -> bool {
        self.watch.wants_to_stop()
    }
}

/// Keywords, as the command line's parser reads them.
pub(super) fn parsed(grammar: Command, keywords: &[Keyword], more: Vec<OsString>) -> anyhow::Result<clap::ArgMatches> {
    let mut words: Vec<OsString> = vec!["dechaff".into()];
    for keyword in keywords {
        words.extend(typed(&grammar, keyword)?);
    }
    words.extend(more);
    Ok(grammar.try_get_matches_from(words).map_err(|error| Misuse(in_short(&error)))?)
}

/// A keyword as it would be typed.
fn typed(grammar: &Command, keyword: &Keyword) -> Result<Vec<OsString>, Misuse> {
    let name = keyword.name.replace('_', "-");
    let options = || grammar.get_arguments().filter_map(Arg::get_long).filter(|long| !NOT_OPTIONS.contains(long));
    let arg = grammar.get_arguments().find(|arg| arg.get_long() == Some(&name) && options().any(|long| long == name));
    let Some(arg) = arg else {
        let mut names: Vec<String> = options().map(|long| long.replace('-', "_")).collect();
        names.sort();
        let meant = nearest(&keyword.name, names.iter().map(String::as_str));
        let meant = meant.map_or(String::new(), |meant| format!("did you mean {meant}? "));
        return Err(Misuse(format!("there is no option {}; {meant}there are {}", keyword.name, names.join(", "))));
    };
    let with_value = |value: &OsString| [format!("--{name}=").into(), value.clone()].into_iter().collect::<OsString>();
    match (arg.get_action(), &keyword.values) {
        (ArgAction::SetTrue, Values::Flag(true)) => Ok(vec![format!("--{name}").into()]),
        (ArgAction::SetTrue, Values::Flag(false)) => Ok(Vec::new()),
        (ArgAction::SetTrue, _) => Err(Misuse(format!("{} is True or False", keyword.name))),
        (_, Values::One(value)) => Ok(vec![with_value(value)]),
        (ArgAction::Append, Values::Many(values)) => Ok(values.iter().map(with_value).collect()),
        (ArgAction::Append, _) => Err(Misuse(format!("{} is a string or a list of them", keyword.name))),
        _ => Err(Misuse(format!("{} is a string or a number", keyword.name))),
    }
}

/// What the parser says, without its hints for who types.
fn in_short(error: &clap::Error) -> String {
    let text = error.to_string();
    let told = text.lines().take_while(|line| !line.starts_with("Usage:") && !line.starts_with("For more information"));
    let told: Vec<&str> = told.map(str::trim).filter(|line| !line.is_empty()).collect();
    told.join(" ").trim_start_matches("error: ").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keyword(name: &str, values: Values) -> Keyword {
        Keyword { name: name.into(), values }
    }

    #[test]
    fn keywords_are_the_names_of_the_command_line_and_mistakes_name_what_there_is() {
        let many = Values::Many(vec!["teasers".into(), "headline".into()]);
        let set = [
            keyword("favor", Values::One("recall".into())),
            keyword("off", many),
            keyword("no_model", Values::Flag(true)),
            keyword("no-survey", Values::Flag(false)),
            keyword("max_record", Values::One("4K".into())),
        ];
        let made = cleaner(&set).unwrap();
        let options = ["--favor=recall", "--max-record=4096", "--off=headline", "--off=model", "--off=teasers"];
        assert_eq!(made.settings().options(), options);
        for (wrong, says) in [
            (keyword("favour", Values::One("recall".into())), "did you mean favor"),
            (keyword("favor", Values::One("recal".into())), "recall"),
            (keyword("no_model", Values::One("yes".into())), "True or False"),
            (keyword("jsonl", Values::Flag(true)), "no option jsonl"),
            (keyword("favor", Values::Many(vec!["recall".into()])), "a string or a number"),
            (keyword("rules", Values::One("no-such-folder".into())), "no-such-folder"),
            (keyword("site_map", Values::One("map.csv".into())), "give each page its url"),
        ] {
            let told = cleaner(&[wrong]).unwrap_err().to_string();
            assert!(told.contains(says) && !told.contains('\n'), "{told}");
        }
    }
}
