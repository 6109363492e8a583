//! The arguments of what looks at a cleaned folder as a whole.

use std::path::PathBuf;

use clap::ValueEnum;

use super::JudgingArgs;
use super::values::whole_number;
use crate::report::sample::Strata;

/// The arguments of `sample`.
#[derive(Debug, clap::Args)]
pub(crate) struct SampleArgs {
    /// The folder that `dechaff clean` has written
    pub clean: PathBuf,
    /// How many pages
    #[arg(short = 'n', long, value_name = "N", default_value_t = 20, value_parser = whole_number::<usize>)]
    pub count: usize,
    /// Another seed draws other pages
    #[arg(long, value_name = "NUMBER", default_value_t = 1, value_parser = whole_number::<u64>)]
    pub seed: u64,
    /// Draw from each group in turn, and print the group behind a tab
    #[arg(long, value_enum, default_value_t, value_name = "GROUP", hide_default_value = true)]
    pub by: StrataArg,
}

/// What a sample is drawn by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum StrataArg {
    /// No groups: every page has the same chance
    #[default]
    None,
    /// The site
    Site,
    /// The rules that took something of a page
    Rule,
    /// What became of the page
    Status,
    /// The closest call: the highest probability of a line that the model dropped
    Score,
}

impl From<StrataArg> for Strata {
    fn from(by: StrataArg) -> Strata {
        match by {
            StrataArg::None => Strata::Whole,
            StrataArg::Site => Strata::Site,
            StrataArg::Rule => Strata::Rule,
            StrataArg::Status => Strata::Status,
            StrataArg::Score => Strata::Score,
        }
    }
}

/// The arguments of `report`.
#[derive(Debug, clap::Args)]
pub(crate) struct ReportArgs {
    /// The folder that `dechaff clean` has written
    pub clean: PathBuf,
    /// The folder of scraped pages; without it, the report has numbers and no pages
    pub raw: Option<PathBuf>,
    /// The file to write
    #[arg(short, long, value_name = "FILE")]
    pub output: PathBuf,
    /// How many pages are drawn, in addition to the most cut ones and the outliers
    #[arg(short = 'n', long, value_name = "N", default_value_t = 200, value_parser = whole_number::<usize>)]
    pub count: usize,
    /// Another seed draws other pages
    #[arg(long, value_name = "NUMBER", default_value_t = 1, value_parser = whole_number::<u64>)]
    pub seed: u64,
    /// Draw from each group in turn [default: a part of the pages by each]
    #[arg(long, value_enum, value_name = "GROUP")]
    pub by: Option<StrataArg>,
    /// Show only what changed since another run: its manifest, or its output folder
    #[arg(long, value_name = "OLD", conflicts_with = "by")]
    pub against: Option<PathBuf>,
    #[command(flatten)]
    pub judging: JudgingArgs,
}

/// The arguments of `stats`.
#[derive(Debug, clap::Args)]
pub(crate) struct StatsArgs {
    /// The folder that `dechaff clean` has written
    pub clean: PathBuf,
    /// Print this table alone, with all its rows
    #[arg(long, value_enum, value_name = "TABLE")]
    pub by: Option<GroupArg>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// What pages are counted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum GroupArg {
    /// The site
    Site,
    /// The language of the kept text
    Language,
    /// The filter of documents that dropped it
    Filter,
    /// The rule
    Rule,
    /// What became of the page
    Status,
}

impl GroupArg {
    /// Its name.
    pub(crate) fn word(self) -> &'static str {
        match self {
            GroupArg::Site => "site",
            GroupArg::Language => "language",
            GroupArg::Filter => "filter",
            GroupArg::Rule => "rule",
            GroupArg::Status => "status",
        }
    }
}
