//! The arguments of the main job.

use std::path::{Path, PathBuf};

use crate::read::walk::Partition;

use super::JudgingArgs;
use super::near::NearArgs;
use super::values::{Copies, SummaryArg, partition};
use crate::settings::{Container, OutputMarkup, size};

/// The arguments of the main job.
#[derive(Debug, clap::Args)]
pub(crate) struct CleanArgs {
    /// The folder of scraped pages, or one file; `-` reads one page from stdin; s3://BUCKET/FOLDER (or gs://, az://)
    #[arg(required_unless_present = "jsonl")]
    pub raw: Option<PathBuf>,
    /// The folder to write, created if needed; `-` writes the text of one page to stdout; s3://BUCKET/FOLDER (or gs://, az://)
    pub clean: Option<PathBuf>,
    /// Filter a stream: records from stdin (JSON lines, WARC or WET, compressed or not), JSON lines to stdout in their order
    #[arg(long, conflicts_with_all = ["clean", "dry_run", "prune", "output", "partition", "shard_size", "include", "exclude", "copies", "near_copies", "repeated_passages"])]
    pub jsonl: bool,
    /// Clean and print the summary, but write nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Start over: judge every page again, and replace outputs that were edited since dechaff wrote them
    #[arg(long)]
    pub force: bool,
    /// Remove the outputs of pages that are gone from RAW; without it they stay, and the summary counts them
    #[arg(long)]
    pub prune: bool,
    /// Keep the working folder of a CLEAN in an object store: a run that was interrupted goes on from it, and the next run
    /// reads only what has changed [default: one for each run, removed when it ends]
    #[arg(long, value_name = "DIR", conflicts_with_all = ["jsonl", "dry_run"])]
    pub work_dir: Option<PathBuf>,
    /// Print errors only
    #[arg(short, long)]
    pub quiet: bool,
    /// List every page that was not simply cleaned, with the reason
    #[arg(short, long, conflicts_with_all = ["quiet", "dry_run", "jsonl"])]
    pub verbose: bool,
    /// Print the summary for people, or as one JSON object
    #[arg(long, value_enum, default_value_t, value_name = "FORM", conflicts_with_all = ["quiet", "jsonl"])]
    pub summary: SummaryArg,
    /// Exit with code 1 if any file was skipped
    #[arg(long)]
    pub strict: bool,
    /// Threads to work with [default: one for each core; 16 for each, 256 at most, where RAW is in an object store]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub threads: Option<u16>,
    /// Only files whose path below RAW matches; may be given several times
    #[arg(long, value_name = "GLOB")]
    pub include: Vec<String>,
    /// No files whose path below RAW matches; may be given several times
    #[arg(long, value_name = "GLOB")]
    pub exclude: Vec<String>,
    /// Write a file for each page, or JSON lines or Parquet in compressed shards
    #[arg(long, value_enum, default_value_t, value_name = "FORM")]
    pub output: Container,
    /// Start a new shard after this many bytes of documents, counted before compression
    #[arg(long, value_name = "BYTES", default_value = "256M", value_parser = size)]
    pub shard_size: u64,
    /// Clean only the I-th of N fixed parts of RAW's files, so that an array of jobs covers RAW once
    #[arg(long, value_name = "I/N", value_parser = partition)]
    pub partition: Option<Partition>,
    /// Keep or drop a page whose kept text is an exact copy of an earlier page's
    #[arg(long, value_enum, default_value_t = Copies::Keep, value_name = "WHAT")]
    pub copies: Copies,
    /// Write what filters drop to DIR/rejected.jsonl.zst, with the rule and the measured value
    #[arg(long, value_name = "DIR")]
    pub rejected: Option<PathBuf>,
    /// Write HTML pages in this markup
    #[arg(long, value_enum, default_value_t, value_name = "MARKUP")]
    pub markup: OutputMarkup,
    #[command(flatten)]
    pub near: NearArgs,
    #[command(flatten)]
    pub judging: JudgingArgs,
}

impl CleanArgs {
    /// Whether it reads stdin or writes to stdout, in place of a folder.
    pub(crate) fn is_filter(&self) -> bool {
        let is_stream = |path: &Option<PathBuf>| path.as_deref() == Some(Path::new("-"));
        self.jsonl || is_stream(&self.raw) || is_stream(&self.clean)
    }
}
