//! The command line's grammar and its help.

mod clean;
mod corpus;
mod judging;
mod near;
pub(super) mod renamed;
mod values;

use std::path::PathBuf;

use crate::read::walk::Partition;
use crate::run::finding::{Kind, Level};
use crate::settings::{OutputMarkup, ReadingSettings};
use clap::{Parser, Subcommand, ValueEnum};

pub(super) use clean::CleanArgs;
pub(super) use corpus::{GroupArg, ReportArgs, SampleArgs, StatsArgs};
pub(super) use judging::JudgingArgs;
pub(super) use near::NearArgs;
use values::level;
pub(super) use values::{ColorArg, Copies, SchemaArg, SummaryArg};

const ABOUT: &str = "Turns a folder of scraped text into a corpus: strips menus, teasers, share bars and other \
boilerplate, keeps one of each repeated headline, repairs the encoding, and writes clean text with a manifest that \
says of every line why it stayed or went.";

const AFTER_HELP: &str = "\
What is read:
  a page a file: plain text, HTML, Markdown (.md), subtitles (.srt, .vtt) and MHTML, in any charset;
  many pages a file: JSON lines, JSON arrays and objects, CSV and TSV, Parquet, WARC, WET and ARC, tar and ZIP (a member a
  page), EPUB (a chapter a page);
  all of them as they are or compressed (gzip, Zstandard, bzip2, xz). What a file is, is known by its content, then by its
  name; office documents, images, source code and other files are listed in the manifest as skipped.

What is written:
  CLEAN/same/path.txt for every page (page.html.txt, or page.html.md with --markup markdown; archive/ID.txt for a record),
  or, with --output jsonl or parquet, CLEAN/part-00000.jsonl.zst or .parquet and so on; and CLEAN/manifest.jsonl with a line for every page. Files in
  CLEAN that no run of dechaff wrote are left alone.

Exit codes:
  0    done (empty, binary and unsupported files are skipped, which is no failure)
  1    something could not be read or written; with --strict, anything was skipped
  2    wrong usage, or rules or settings that hold mistakes; nothing was written
  130  interrupted; what is finished is kept, and the next run goes on from there

Settings:
  a dechaff.toml, found upwards from the working directory, holds what need not be typed; `dechaff init` writes one";

const CHECK_HELP: &str = "\
Findings, and how grave they are unless --level or dechaff.toml says otherwise:
  error  failed, missing, stale, edited, lost (much more than in the last manifest), budget
  warn   all-dropped, restored, no-prose, unreadable, duplicate, filtered, unused-rule

Exit codes:
  0    no errors
  1    errors were found
  2    wrong usage, or rules that hold mistakes";

const REPORT_HELP: &str = "\
The report is one file that needs no network. Its pages can be reviewed by keys; what was judged wrong becomes rules:
  dechaff report clean raw -o report.html
  dechaff rules new --from review.jsonl --rules my-rules";

const SAMPLE_HELP: &str = "\
The same seed and the same pages give the same sample. `dechaff explain RAW/PAGE` shows a page line by line:
  dechaff sample clean -n 20 --seed 1 --by site
  dechaff explain raw/harbourpost.example/2024/gull-census.txt";

const LEARN_HELP: &str = "\
Of each site up to 128 pages are looked at, copies counted once; a site needs 5. What turns from page to page (teasers,
the titles of neighbours) is counted, but no rules are made of it: they would be stale tomorrow.";

const KNOWLEDGE_HELP: &str = "\
Shards that are cleaned with the merged templates give the texts of the whole:
  dechaff templates scan shard1 -o 1.tally
  dechaff templates scan shard2 -o 2.tally
  dechaff templates build 1.tally 2.tally -o sites.templates
  dechaff shard1 clean1 --templates sites.templates";

/// What was typed.
#[derive(Debug, Parser)]
#[command(name = "dechaff", version, about = ABOUT, after_help = AFTER_HELP)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
#[command(
    override_usage = "dechaff [OPTIONS] RAW CLEAN\n       dechaff [OPTIONS] PAGE -\n       dechaff [OPTIONS] - < PAGE > TEXT\n       dechaff [OPTIONS] --jsonl < RECORDS > JSONL\n       dechaff COMMAND …"
)]
pub(super) struct Args {
    /// What to do; cleaning, where nothing is named.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// Colour what is printed
    #[arg(long, global = true, value_enum, default_value_t, value_name = "WHEN")]
    pub color: ColorArg,
    /// The options of the main job.
    #[command(flatten)]
    pub clean: CleanArgs,
}

/// The subcommands.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Clean a folder of pages (what `dechaff RAW CLEAN` is short for)
    #[command(after_help = AFTER_HELP)]
    Clean(CleanArgs),
    /// Check a cleaned folder against its pages, rules and manifest; write nothing
    #[command(after_help = CHECK_HELP)]
    Check(CheckArgs),
    /// Show what was removed from each page, by which rule; or what a change of rules did
    Diff(DiffArgs),
    /// Write a report that opens in a browser: numbers, charts, and pages before and after
    #[command(after_help = REPORT_HELP)]
    Report(ReportArgs),
    /// Print addresses of pages worth reading, drawn from a cleaned folder
    #[command(after_help = SAMPLE_HELP)]
    Sample(SampleArgs),
    /// Print a cleaned folder in numbers: pages, words and characters by site, language, rule and status
    Stats(StatsArgs),
    /// Check an output folder against its manifest: hashes, files without a row, rows without a file
    Verify(VerifyArgs),
    /// Write what the manifest says of documents beside their shards, as dolma's attributes: languages, measures, verdicts, copies
    Attributes(AttributesArgs),
    /// Write a dechaff.toml with the folders and options of a corpus
    Init(InitArgs),
    /// Print the JSON Schema of a file that dechaff reads or writes
    Schema(SchemaArgs),
    /// Print completions for a shell
    Completions(CompletionsArgs),
    /// Print the man page
    Man,
    /// Show each line of a page: whether it stays, which rule decided, and why
    Explain(ExplainArgs),
    /// List rules, test them, or start a rule file for a site
    Rules(RulesArgs),
    /// Show what each site repeats on its pages, and write rules for it
    #[command(after_help = LEARN_HELP)]
    Learn(LearnArgs),
    /// Build and reuse site templates: for streams, shards, and runs where a new page must change no other
    #[command(after_help = KNOWLEDGE_HELP)]
    Templates(TemplatesArgs),
}

/// The arguments of `check`.
#[derive(Debug, clap::Args)]
pub(super) struct CheckArgs {
    /// The folder of scraped pages
    pub raw: PathBuf,
    /// The folder that `dechaff clean` wrote; without it, only the pages are checked
    pub clean: Option<PathBuf>,
    /// Print findings in this format
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    pub report: ReportArg,
    /// The markup that `dechaff clean` wrote HTML pages in
    #[arg(long, value_enum, default_value_t, value_name = "MARKUP")]
    pub markup: OutputMarkup,
    /// Report pages that lose more than this share of their lines [default: any share]
    #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(u8).range(1..=100))]
    pub budget: Option<u8>,
    /// Set the level of a kind of finding: 'duplicate=off', 'restored=error'; may be given several times
    #[arg(long, value_name = "KIND=LEVEL", value_parser = level)]
    pub level: Vec<(Kind, Level)>,
    /// List every finding; without it, 20 of each kind
    #[arg(short, long)]
    pub verbose: bool,
    /// Print errors only, no warnings
    #[arg(short, long, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Threads to work with [default: one for each core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub threads: Option<u16>,
    /// Only files whose path below RAW matches; may be given several times
    #[arg(long, value_name = "GLOB")]
    pub include: Vec<String>,
    /// No files whose path below RAW matches; may be given several times
    #[arg(long, value_name = "GLOB")]
    pub exclude: Vec<String>,
    #[command(flatten)]
    pub judging: JudgingArgs,
}

/// The format of a report of findings.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum ReportArg {
    /// For people
    #[default]
    Text,
    /// One JSON object with all findings
    Json,
    /// Annotations of GitHub Actions
    Github,
    /// SARIF 2.1.0, for code scanning
    Sarif,
}

/// The arguments of `diff`.
#[derive(Debug, clap::Args)]
pub(super) struct DiffArgs {
    /// The folder of scraped pages
    pub raw: PathBuf,
    /// The folder that `dechaff clean` has written
    pub clean: PathBuf,
    /// Print counts only: a line for each page, then a line for each rule
    #[arg(long)]
    pub stat: bool,
    /// Compare with another run's manifest; print the pages that differ most first
    #[arg(long, value_name = "MANIFEST")]
    pub against: Option<PathBuf>,
    /// Only pages that this rule took something of: model#score, general/share#bar
    #[arg(long, value_name = "ADDRESS", conflicts_with = "against")]
    pub rule: Option<String>,
    /// Only pages of this site
    #[arg(long, value_name = "HOST", conflicts_with = "against")]
    pub of_site: Option<String>,
    /// Only pages whose path below RAW matches; may be given several times
    #[arg(long, value_name = "GLOB")]
    pub include: Vec<String>,
    /// No pages whose path below RAW matches; may be given several times
    #[arg(long, value_name = "GLOB")]
    pub exclude: Vec<String>,
    #[command(flatten)]
    pub judging: JudgingArgs,
}

/// The arguments of `verify`.
#[derive(Debug, clap::Args)]
pub(super) struct VerifyArgs {
    /// The folder that `dechaff clean` has written
    pub clean: PathBuf,
}

/// The arguments of `attributes`.
#[derive(Debug, clap::Args)]
pub(super) struct AttributesArgs {
    /// The folder that `dechaff clean --output jsonl` has written
    pub clean: PathBuf,
    /// The folder to write: a file for each shard, with its name
    #[arg(short, long, value_name = "DIR")]
    pub output: PathBuf,
}

/// The arguments of `init`.
#[derive(Debug, clap::Args)]
pub(super) struct InitArgs {
    /// The folder of scraped pages
    #[arg(default_value = "raw", value_name = "RAW")]
    pub pages: PathBuf,
    /// The folder to write
    #[arg(default_value = "clean", value_name = "CLEAN")]
    pub output: PathBuf,
}

/// The arguments of `schema`.
#[derive(Debug, clap::Args)]
pub(super) struct SchemaArgs {
    /// The file that the schema describes
    #[arg(value_enum, value_name = "FILE")]
    pub of: SchemaArg,
}

/// The arguments of `completions`.
#[derive(Debug, clap::Args)]
pub(super) struct CompletionsArgs {
    /// The shell
    pub shell: clap_complete::Shell,
}

/// The arguments of `learn`.
#[derive(Debug, clap::Args)]
pub(super) struct LearnArgs {
    #[command(flatten)]
    pub survey: SurveyArgs,
    /// Write what was learned to DIR/site/HOST.toml, as rules that are tested first
    #[arg(long)]
    pub write: bool,
    /// The folder of your rules; what they drop already is not written again
    #[arg(long, value_name = "DIR", default_value = "rules")]
    pub rules: PathBuf,
}

/// The arguments of everything that surveys a folder.
#[derive(Debug, clap::Args)]
pub(super) struct SurveyArgs {
    /// The folder of scraped pages
    pub raw: PathBuf,
    /// Threads to work with [default: one for each core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub threads: Option<u16>,
    /// Only files whose path below RAW matches; may be given several times
    #[arg(long, value_name = "GLOB")]
    pub include: Vec<String>,
    /// No files whose path below RAW matches; may be given several times
    #[arg(long, value_name = "GLOB")]
    pub exclude: Vec<String>,
    #[command(flatten)]
    pub reading: ReadingSettings,
    /// Take the URLs of pages from this CSV file: a header `path,url`, then a line for each page, its path below RAW or
    /// archive#record
    #[arg(long, value_name = "FILE", help_heading = "Reading")]
    pub site_map: Option<PathBuf>,
}

/// The arguments of `templates`.
#[derive(Debug, clap::Args)]
pub(super) struct TemplatesArgs {
    #[command(subcommand)]
    pub command: TemplatesCommand,
}

/// The subcommands of `templates`.
#[derive(Debug, Subcommand)]
pub(super) enum TemplatesCommand {
    /// Count what the pages of a folder repeat, and write the counts
    Scan(Box<ScanArgs>),
    /// Merge counts into one file; their order does not matter
    Merge(MergeArgs),
    /// Build templates from counts: what recurs on each site, for `dechaff --templates FILE`
    Build(MergeArgs),
}

/// The arguments of `templates scan`.
#[derive(Debug, clap::Args)]
pub(super) struct ScanArgs {
    #[command(flatten)]
    pub survey: SurveyArgs,
    /// A folder with your own rules: the charsets that they set for sites are used
    #[arg(long, value_name = "DIR")]
    pub rules: Option<PathBuf>,
    /// Count only the I-th of N fixed parts of RAW's files: those that `dechaff RAW CLEAN --partition I/N` cleans
    #[arg(long, value_name = "I/N", value_parser = values::partition)]
    pub partition: Option<Partition>,
    /// The file to write
    #[arg(short, long, value_name = "TALLY")]
    pub output: PathBuf,
}

/// The arguments of `templates merge` and `templates build`.
#[derive(Debug, clap::Args)]
pub(super) struct MergeArgs {
    /// Tallies made by `templates scan` or `templates merge`
    #[arg(required = true, value_name = "TALLY")]
    pub tallies: Vec<PathBuf>,
    /// The file to write
    #[arg(short, long, value_name = "FILE")]
    pub output: PathBuf,
}

/// The arguments of `explain`.
#[derive(Debug, clap::Args)]
pub(super) struct ExplainArgs {
    /// The page; `-` for stdin; a record by its address, crawl.warc.gz#4711
    pub page: PathBuf,
    /// Show only lines that stay, or only lines that go
    #[arg(long, value_enum, value_name = "FATE")]
    pub only: Option<Fate>,
    /// Show only lines that this rule matches, whichever rule decided
    #[arg(long, value_name = "ADDRESS")]
    pub rule: Option<String>,
    /// Print JSON
    #[arg(long, conflicts_with = "as_test")]
    pub json: bool,
    /// Print the page as a `[[test]]` page for a rule file
    #[arg(long)]
    pub as_test: bool,
    #[command(flatten)]
    pub judging: JudgingArgs,
}

/// What becomes of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Fate {
    /// It stays
    Kept,
    /// It goes
    Dropped,
}

/// The arguments of `rules`.
#[derive(Debug, clap::Args)]
pub(super) struct RulesArgs {
    #[command(subcommand)]
    pub command: RulesCommand,
}

/// The subcommands of `rules`.
#[derive(Debug, Subcommand)]
pub(super) enum RulesCommand {
    /// List all rules with their address, what they match, and why
    List(RulesListArgs),
    /// Test every rule on its examples, and every page of a rule file
    Test(RulesTestArgs),
    /// Start a rule file for a site, or write rules from a review
    New(RulesNewArgs),
}

/// The arguments of `rules list`.
#[derive(Debug, clap::Args)]
pub(super) struct RulesListArgs {
    /// Count the lines that each rule dropped or kept, in this manifest
    #[arg(long, value_name = "FILE")]
    pub manifest: Option<PathBuf>,
    /// List only your own rules that matched nothing
    #[arg(long)]
    pub never_hit: bool,
    #[command(flatten)]
    pub judging: JudgingArgs,
}

/// The arguments of `rules test`.
#[derive(Debug, clap::Args)]
pub(super) struct RulesTestArgs {
    /// List what passes, too
    #[arg(short, long)]
    pub verbose: bool,
    #[command(flatten)]
    pub judging: JudgingArgs,
}

/// The arguments of `rules new`.
#[derive(Debug, clap::Args)]
pub(super) struct RulesNewArgs {
    /// The site's host: news.example.org
    #[arg(required_unless_present = "from")]
    pub host: Option<String>,
    /// Pages of the site: lines that stay on several are listed, and the first becomes a test
    pub pages: Vec<PathBuf>,
    /// Write rules for the lines that a review judged wrong: the review.jsonl of `dechaff report`
    #[arg(long, value_name = "REVIEW", conflicts_with_all = ["host", "pages"])]
    pub from: Option<PathBuf>,
    /// The folder of your rules
    #[arg(long, value_name = "DIR", default_value = "rules")]
    pub rules: PathBuf,
}
