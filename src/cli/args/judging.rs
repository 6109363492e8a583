//! The arguments of everything that reads pages, and of everything that judges them.

use std::path::PathBuf;

use crate::parse::repair::Repair;
use crate::stage::STAGES;

use super::values::{BylinesArg, CommentsArg, FavorArg, repair, size};

/// The arguments of everything that reads pages.
#[derive(Debug, Default, Clone, clap::Args)]
#[command(next_help_heading = "Reading")]
pub struct ReadingArgs {
    /// Where in a path the host stands: 'sites/{host}/**' [default: the first folder that looks like a host]
    #[arg(long, value_name = "PATTERN")]
    pub site_from: Option<String>,
    /// The host whose rules apply where no URL says another
    #[arg(long, value_name = "HOST", conflicts_with = "site_from")]
    pub site: Option<String>,
    /// The charset of all files, or of those that match: 'old/**=windows-1250'; may be given several times
    #[arg(long, value_name = "[GLOB=]LABEL")]
    pub charset: Vec<String>,
    /// The field of JSON lines that holds the page [default: text, else html or raw_content]
    #[arg(long, value_name = "NAME")]
    pub text_field: Option<String>,
    /// The field of JSON lines that names the page [default: id]
    #[arg(long, value_name = "NAME")]
    pub id_field: Option<String>,
    /// The field of JSON lines that holds the page's URL [default: url, else that of metadata]
    #[arg(long, value_name = "NAME")]
    pub url_field: Option<String>,
    /// The longest record of an archive, or compressed page, that is read [default: 64M]
    #[arg(long, value_name = "BYTES", value_parser = size)]
    pub max_record: Option<u64>,
    /// How many times its packed size a record of more than 1M may unpack to [default: 1000]
    #[arg(long, value_name = "TIMES", value_parser = clap::value_parser!(u64).range(1..))]
    pub max_ratio: Option<u64>,
    /// A repair to leave out: line-ends, references, mojibake, c1, controls, invisibles, ligatures or nfc
    #[arg(long, value_name = "REPAIR", value_parser = repair)]
    pub no_repair: Vec<Repair>,
}

/// The arguments of everything that judges pages.
#[derive(Debug, Default, Clone, clap::Args)]
#[command(next_help_heading = "Judging")]
pub struct JudgingArgs {
    /// A folder with rules of your own (site/HOST.toml, general/NAME.toml), on top of the built-in ones
    #[arg(long, value_name = "DIR")]
    pub rules: Option<PathBuf>,
    #[command(flatten)]
    pub reading: ReadingArgs,
    /// What the line model favours: fewer lines of furniture, the best of both, or fewer lines of the text lost
    #[arg(long, value_enum, default_value_t, value_name = "WHAT")]
    pub favor: FavorArg,
    /// What becomes of readers' comments: on auto the line model decides, which drops those below an article and keeps a
    /// forum's posts; keep and drop take all that stand under a heading for comments, a forum's replies too
    #[arg(long, value_enum, default_value_t, value_name = "WHAT")]
    pub comments: CommentsArg,
    /// What becomes of names and dates between a title and its text
    #[arg(long, value_enum, default_value_t, value_name = "WHAT")]
    pub bylines: BylinesArg,
    /// Leave the line model out: rules and structure alone
    #[arg(long)]
    pub no_model: bool,
    /// A stage to leave out; may be given several times
    #[arg(long, value_name = "STAGE", value_parser = STAGES.map(|stage| stage.name))]
    pub off: Vec<String>,
    /// Do not look for lines that a site repeats
    #[arg(long, conflicts_with = "templates")]
    pub no_survey: bool,
    /// What is known of sites: a file made by `dechaff templates build`, or the output folder of an earlier run; nothing
    /// is surveyed then, and no page's text depends on what other pages there are
    #[arg(long, value_name = "FILE")]
    pub templates: Option<PathBuf>,
}

impl JudgingArgs {
    /// Whether a stage is left out.
    pub fn is_off(&self, stage: &str) -> bool {
        self.off.iter().any(|off| off == stage) || stage == "recurring" && self.no_survey
    }

    /// The same without the stages that are learned from data.
    pub fn without_learned_stages(&self) -> JudgingArgs {
        JudgingArgs { no_model: true, no_survey: true, templates: None, ..self.clone() }
    }

    /// Whether a first pass finds out what recurs on each site.
    pub fn wants_survey(&self) -> bool {
        self.templates.is_none() && !self.is_off("recurring")
    }
}
