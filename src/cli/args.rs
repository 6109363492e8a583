//! The command line's grammar and its help.

use std::path::{Path, PathBuf};

use clap::{Parser, Subcommand, ValueEnum};
use dechaff::intake::repair::{REPAIRS, Repair};
use dechaff::intake::walk::Part;
use dechaff::pipeline::finding::{Kind, Level};
use dechaff::stage::STAGES;

const ABOUT: &str = "Turns a folder of scraped text into a corpus: strips menus, teasers, share bars and other \
boilerplate, keeps one of each repeated headline, repairs the encoding, and writes clean text with a manifest that \
says of every line why it stayed or went.";

const AFTER_HELP: &str = "\
What is read:
  plain text, HTML and XHTML in any charset, whatever the file is called; JSON lines, WARC and WET, each record a page; all
  of them as they are or compressed (gzip, Zstandard, bzip2, xz). What a file is, is known by its content, then by its
  name; MHTML, images and other files are listed in the manifest as skipped.

What is written:
  CLEAN/same/path.txt for every page (page.html.txt, or page.html.md by --format markdown; archive/ID.txt for a record),
  or, with --to jsonl, CLEAN/part-00000.jsonl.zst and so on; and CLEAN/manifest.jsonl with a line for every page. Files in
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
  warn   emptied, guarded, no-text, unreadable, copy, unused-rule

Exit codes:
  0    no errors
  1    errors were found
  2    wrong usage, or rules that hold mistakes";

const LEARN_HELP: &str = "\
Of each site up to 128 pages are looked at, copies counted once; a site needs 5. What turns from page to page (teasers,
the titles of neighbours) is counted, but no rules are made of it: they would be stale tomorrow.";

const KNOWLEDGE_HELP: &str = "\
Shards that are cleaned with the merged knowledge give the texts of the whole:
  dechaff knowledge count shard1 -o 1.tally
  dechaff knowledge count shard2 -o 2.tally
  dechaff knowledge settle 1.tally 2.tally -o sites.knowledge
  dechaff shard1 clean1 --knowledge sites.knowledge";

/// What was typed.
#[derive(Debug, Parser)]
#[command(name = "dechaff", version, about = ABOUT, after_help = AFTER_HELP)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true, disable_help_subcommand = true)]
#[command(
    override_usage = "dechaff [OPTIONS] RAW CLEAN\n       dechaff [OPTIONS] - < PAGE > TEXT\n       dechaff [OPTIONS] --jsonl < RECORDS > JSONL\n       dechaff COMMAND …"
)]
pub struct Args {
    /// What to do; cleaning, where nothing is named.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// The options of the main job.
    #[command(flatten)]
    pub clean: CleanArgs,
}

/// The subcommands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Clean a folder of pages (what `dechaff RAW CLEAN` is short for)
    #[command(after_help = AFTER_HELP)]
    Clean(CleanArgs),
    /// Say what is wrong with a corpus, and write nothing: for a build that should fail then
    #[command(after_help = CHECK_HELP)]
    Check(CheckArgs),
    /// Print what was taken from each page and by which rule, or what a change of rules did to a corpus
    Diff(DiffArgs),
    /// Hold an output folder to its manifest: every hash, files without a row, rows without a file
    Verify(VerifyArgs),
    /// Write a dechaff.toml to start from
    Init(InitArgs),
    /// Print completions for a shell
    Completions(CompletionsArgs),
    /// Print the man page
    Man,
    /// Print every line of a page with its fate, the rule that decided, and the reason
    Explain(ExplainArgs),
    /// List, test and start rules
    Rules(RulesArgs),
    /// Print what each site repeats on its pages, and make rules of it
    #[command(after_help = LEARN_HELP)]
    Learn(LearnArgs),
    /// Keep what is known of sites: for streams, shards and runs where a new page must change no other
    #[command(after_help = KNOWLEDGE_HELP)]
    Knowledge(KnowledgeArgs),
}

/// The arguments of `check`.
#[derive(Debug, clap::Args)]
pub struct CheckArgs {
    /// The folder of scraped pages
    pub raw: PathBuf,
    /// The folder that `dechaff clean` has written; without it the pages alone are looked at
    pub clean: Option<PathBuf>,
    /// How findings are printed
    #[arg(long = "format", value_enum, default_value_t, value_name = "FORMAT")]
    pub findings: FindingsArg,
    /// What HTML pages are written as: what `dechaff clean --format` was told
    #[arg(long = "written-as", value_enum, default_value_t, value_name = "FORMAT")]
    pub format: FormatArg,
    /// How many of a hundred lines a page may lose [default: any number]
    #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(u8).range(1..=100))]
    pub budget: Option<u8>,
    /// How grave a kind of finding is: 'copy=off', 'guarded=error'; may be given several times
    #[arg(long, value_name = "KIND=LEVEL", value_parser = level)]
    pub level: Vec<(Kind, Level)>,
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

/// How findings are printed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum FindingsArg {
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
pub struct DiffArgs {
    /// The folder of scraped pages
    pub raw: PathBuf,
    /// The folder that `dechaff clean` has written
    pub clean: PathBuf,
    /// Only counts: a line a page, then a line a rule
    #[arg(long)]
    pub stat: bool,
    /// Another run's manifest: print what became of the corpus since then, the pages that differ most first
    #[arg(long, value_name = "MANIFEST")]
    pub against: Option<PathBuf>,
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
pub struct VerifyArgs {
    /// The folder that `dechaff clean` has written
    pub clean: PathBuf,
}

/// The arguments of `init`.
#[derive(Debug, clap::Args)]
pub struct InitArgs {
    /// The folder of scraped pages
    #[arg(default_value = "raw", value_name = "RAW")]
    pub pages: PathBuf,
    /// The folder to write
    #[arg(default_value = "clean", value_name = "CLEAN")]
    pub output: PathBuf,
    /// Print the JSON Schema of dechaff.toml, and write nothing
    #[arg(long)]
    pub schema: bool,
}

/// The arguments of `completions`.
#[derive(Debug, clap::Args)]
pub struct CompletionsArgs {
    /// The shell
    pub shell: clap_complete::Shell,
}

/// The arguments of `learn`.
#[derive(Debug, clap::Args)]
pub struct LearnArgs {
    #[command(flatten)]
    pub survey: SurveyArgs,
    /// Add what was learned to DIR/site/HOST.toml, as rules that are proven first
    #[arg(long)]
    pub write: bool,
    /// The folder of your rules: what they cover already is not written again
    #[arg(long, value_name = "DIR", default_value = "rules")]
    pub rules: PathBuf,
}

/// The arguments of everything that surveys a folder.
#[derive(Debug, clap::Args)]
pub struct SurveyArgs {
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
    pub reading: ReadingArgs,
}

/// The arguments of `knowledge`.
#[derive(Debug, clap::Args)]
pub struct KnowledgeArgs {
    #[command(subcommand)]
    pub command: KnowledgeCommand,
}

/// The subcommands of `knowledge`.
#[derive(Debug, Subcommand)]
pub enum KnowledgeCommand {
    /// Count a folder's pages and write the tally
    Count(Box<CountArgs>),
    /// Merge tallies into one; their order does not matter
    Merge(MergeArgs),
    /// Settle tallies: write what recurs on each site, for `dechaff --knowledge FILE`
    Settle(MergeArgs),
}

/// The arguments of `knowledge count`.
#[derive(Debug, clap::Args)]
pub struct CountArgs {
    #[command(flatten)]
    pub survey: SurveyArgs,
    /// A folder with rules of your own: the charsets that they give to sites count here
    #[arg(long, value_name = "DIR")]
    pub rules: Option<PathBuf>,
    /// The file to write
    #[arg(short, long, value_name = "TALLY")]
    pub output: PathBuf,
}

/// The arguments of `knowledge merge` and `knowledge settle`.
#[derive(Debug, clap::Args)]
pub struct MergeArgs {
    /// Tallies made by `knowledge count` or `knowledge merge`
    #[arg(required = true, value_name = "TALLY")]
    pub tallies: Vec<PathBuf>,
    /// The file to write
    #[arg(short, long, value_name = "FILE")]
    pub output: PathBuf,
}

/// The arguments of `explain`.
#[derive(Debug, clap::Args)]
pub struct ExplainArgs {
    /// The page; `-` for stdin; a record by its address: crawl.warc.gz#4711
    pub page: PathBuf,
    /// Only lines with this fate
    #[arg(long, value_enum, value_name = "FATE")]
    pub only: Option<Fate>,
    /// Only lines that this rule spoke on, though others may have decided
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
pub enum Fate {
    /// It stays
    Kept,
    /// It goes
    Dropped,
}

/// The arguments of `rules`.
#[derive(Debug, clap::Args)]
pub struct RulesArgs {
    #[command(subcommand)]
    pub command: RulesCommand,
}

/// The subcommands of `rules`.
#[derive(Debug, Subcommand)]
pub enum RulesCommand {
    /// List all rules: address, what it matches, why
    List(RulesListArgs),
    /// Hold every rule to its examples, and every page of a rule file to its notation
    Test(RulesTestArgs),
    /// Start a rule file for a site
    New(RulesNewArgs),
}

/// The arguments of `rules list`.
#[derive(Debug, clap::Args)]
pub struct RulesListArgs {
    /// Say how many lines each rule took, by this run's manifest
    #[arg(long, value_name = "FILE")]
    pub manifest: Option<PathBuf>,
    /// Only rules of your own that took nothing
    #[arg(long)]
    pub never_hit: bool,
    #[command(flatten)]
    pub judging: JudgingArgs,
}

/// The arguments of `rules test`.
#[derive(Debug, clap::Args)]
pub struct RulesTestArgs {
    /// Name what passes too
    #[arg(short, long)]
    pub verbose: bool,
    #[command(flatten)]
    pub judging: JudgingArgs,
}

/// The arguments of `rules new`.
#[derive(Debug, clap::Args)]
pub struct RulesNewArgs {
    /// The site's host: news.example.org
    pub host: String,
    /// Pages of the site, to start from what is in them
    pub pages: Vec<PathBuf>,
    /// The folder of your rules
    #[arg(long, value_name = "DIR", default_value = "rules")]
    pub rules: PathBuf,
}

/// The arguments of the main job.
#[derive(Debug, clap::Args)]
pub struct CleanArgs {
    /// The folder of scraped pages, or one file; `-` reads one page from stdin and writes its text to stdout
    #[arg(required_unless_present = "jsonl")]
    pub raw: Option<PathBuf>,
    /// The folder to write; it is made if need be
    pub clean: Option<PathBuf>,
    /// Be a filter: records from stdin (JSON lines, WARC or WET, compressed or not), JSON lines to stdout in their order
    #[arg(long, conflicts_with_all = ["clean", "dry_run", "to", "shard", "shard_size", "include", "exclude", "copies"])]
    pub jsonl: bool,
    /// Judge everything and print the summary, but write nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Judge every page anew, whatever an earlier run has left
    #[arg(long)]
    pub force: bool,
    /// Print errors only
    #[arg(short, long)]
    pub quiet: bool,
    /// Exit with 1 if anything was skipped
    #[arg(long)]
    pub strict: bool,
    /// Threads to work with [default: one for each core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub threads: Option<u16>,
    /// Only files whose path below RAW matches; may be given several times
    #[arg(long, value_name = "GLOB")]
    pub include: Vec<String>,
    /// No files whose path below RAW matches; may be given several times
    #[arg(long, value_name = "GLOB")]
    pub exclude: Vec<String>,
    /// How to write: a file of text a page, or JSON lines in compressed shards
    #[arg(long, value_enum, default_value_t, value_name = "FORM")]
    pub to: To,
    /// How much of JSON lines goes into one shard, before it is compressed
    #[arg(long, value_name = "BYTES", default_value = "256M", value_parser = size)]
    pub shard_size: u64,
    /// Only the I-th of N fixed parts of RAW's files, so that an array of jobs covers it once
    #[arg(long, value_name = "I/N", value_parser = part)]
    pub shard: Option<Part>,
    /// What to do with a page whose kept text is an exact copy of an earlier page's
    #[arg(long, value_enum, default_value_t = Copies::Keep, value_name = "WHAT")]
    pub copies: Copies,
    /// What HTML pages are written as
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    pub format: FormatArg,
    #[command(flatten)]
    pub judging: JudgingArgs,
}

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
    #[arg(long, conflicts_with = "knowledge")]
    pub no_survey: bool,
    /// What is known of sites: a file made by `dechaff knowledge settle`, or the output folder of an earlier run; nothing
    /// is surveyed then, and no page's text depends on what other pages there are
    #[arg(long, value_name = "FILE")]
    pub knowledge: Option<PathBuf>,
}

impl JudgingArgs {
    /// Whether a stage is left out.
    pub fn is_off(&self, stage: &str) -> bool {
        self.off.iter().any(|off| off == stage) || stage == "recurring" && self.no_survey
    }

    /// The same without the stages that are learned from data.
    pub fn without_learned_stages(&self) -> JudgingArgs {
        JudgingArgs { no_model: true, no_survey: true, knowledge: None, ..self.clone() }
    }

    /// Whether a first pass finds out what recurs on each site.
    pub fn wants_survey(&self) -> bool {
        self.knowledge.is_none() && !self.is_off("recurring")
    }
}

impl CleanArgs {
    /// Whether what is cleaned comes from stdin.
    pub fn reads_stdin(&self) -> bool {
        self.jsonl || self.raw.as_deref() == Some(Path::new("-"))
    }
}

/// A size in bytes: `4096`, `64K`, `64M`, `1G`.
fn size(text: &str) -> Result<u64, String> {
    let digits = text.trim_end_matches(|c: char| !c.is_ascii_digit());
    let shift = match text[digits.len()..].to_ascii_uppercase().as_str() {
        "" | "B" => 0,
        "K" | "KB" | "KIB" => 10,
        "M" | "MB" | "MIB" => 20,
        "G" | "GB" | "GIB" => 30,
        _ => return Err("expected a number of bytes, such as 4096, 64K, 64M or 1G".into()),
    };
    let bytes = digits.parse::<u64>().ok().and_then(|number| number.checked_mul(1 << shift)).filter(|&bytes| bytes > 0);
    bytes.ok_or_else(|| "expected a number of bytes above 0, such as 4096, 64K, 64M or 1G".into())
}

/// A part of the input: `3/8`.
fn part(text: &str) -> Result<Part, String> {
    let numbers = text.split_once('/').and_then(|(index, of)| Some((index.parse().ok()?, of.parse().ok()?)));
    numbers.and_then(|(index, of)| Part::new(index, of)).ok_or_else(|| {
        "expected I/N, such as 3/8 for the third of eight parts; I counts from 1 to N, or from 0, as your array does"
            .into()
    })
}

/// Reads what `--level` says.
fn level(given: &str) -> Result<(Kind, Level), String> {
    let (kind, level) = given.split_once('=').ok_or("expected a kind, `=` and a level: copy=off")?;
    Ok((kind.parse()?, level.parse()?))
}

/// Checks the name of a repair.
fn repair(name: &str) -> Result<Repair, String> {
    let known = || REPAIRS.map(|about| about.name).join(", ");
    name.parse().map_err(|_| format!("there is no such repair; there are {}", known()))
}

/// What the line model favours.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum FavorArg {
    /// Rather lose a line of the text than keep one of the furniture
    Precision,
    /// The best F1
    #[default]
    Balance,
    /// Rather keep a line of the furniture than lose one of the text
    Recall,
}

/// What becomes of readers' comments.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum CommentsArg {
    /// The line model decides
    #[default]
    Auto,
    /// They stay
    Keep,
    /// They go
    Drop,
}

/// What becomes of names and dates between a title and its text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum BylinesArg {
    /// They stay
    #[default]
    Keep,
    /// They go
    Drop,
}

/// In which form pages are written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum To {
    /// CLEAN/same/path.txt
    #[default]
    Text,
    /// CLEAN/part-00000.jsonl.zst, in the layout of dolma
    Jsonl,
}

/// What HTML pages are written as.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum FormatArg {
    /// Plain text: page.html.txt
    #[default]
    Text,
    /// Headings, lists, tables, code, emphasis and links: page.html.md
    Markdown,
}

/// What to do with exact copies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Copies {
    /// Write them, marked in the manifest
    Keep,
    /// List them in the manifest, but write no text
    Drop,
}
