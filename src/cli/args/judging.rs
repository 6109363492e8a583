//! The arguments of everything that reads pages, and of everything that judges them.

use std::path::PathBuf;

use crate::settings::Settings;

/// The arguments of everything that judges pages.
#[derive(Debug, Default, Clone, clap::Args)]
#[command(next_help_heading = "Judging")]
pub(crate) struct JudgingArgs {
    /// Use your own rules from this folder (site/HOST.toml, general/NAME.toml, filters/NAME.toml), on top of the built-in
    /// ones
    #[arg(long, value_name = "DIR")]
    pub rules: Option<PathBuf>,
    #[command(flatten)]
    pub settings: Settings,
    /// Take the URLs of pages from this CSV file: a header `path,url`, then a line for each page, its path below RAW or
    /// archive#record
    #[arg(long, value_name = "FILE", help_heading = "Reading")]
    pub site_map: Option<PathBuf>,
    /// Drop documents whose host or URL stands in this list: a file with one a line, or a folder of UT1; may be given
    /// several times
    #[arg(long, value_name = "PATH", help_heading = "Filtering documents")]
    pub url_list: Vec<PathBuf>,
    /// Tell languages by this model of fastText (lid.176.bin, lid.176.ftz, GlotLID or another supervised one) in place of
    /// dechaff's own
    #[arg(long, value_name = "FILE", help_heading = "Filtering documents")]
    pub lid_model: Option<PathBuf>,
    /// Count tokens by this tokenizer.json: for filters that look at tokens, and with --tag for every document
    #[arg(long, value_name = "FILE", help_heading = "Filtering documents")]
    pub tokenizer: Option<PathBuf>,
    /// Do not use the line model: rules and structure alone decide
    #[arg(long)]
    pub no_model: bool,
    /// Do not look for lines that a site repeats on its pages
    #[arg(long, conflicts_with = "templates")]
    pub no_survey: bool,
    /// Use these site templates: a file made by `dechaff templates build`, or the output folder of an earlier run; no
    /// page's text depends on the other pages of this run then
    #[arg(long, value_name = "FILE")]
    pub templates: Option<PathBuf>,
}

impl JudgingArgs {
    /// Whether a stage is left out.
    pub(crate) fn is_off(&self, stage: &str) -> bool {
        self.settings.is_off(stage) || stage == "recurring" && self.no_survey
    }

    /// The same without the stages that are learned from data.
    pub(crate) fn without_learned_stages(&self) -> JudgingArgs {
        JudgingArgs { no_model: true, no_survey: true, templates: None, ..self.clone() }
    }

    /// Whether a first pass finds out what recurs on each site.
    pub(crate) fn wants_survey(&self) -> bool {
        self.templates.is_none() && !self.is_off("recurring")
    }
}
