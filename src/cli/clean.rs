//! `dechaff RAW CLEAN`, the main job.

use std::io::{self, Write};
use std::path::PathBuf;
use std::time::Instant;

use crate::error::printable;
use crate::manifest::Status;
use crate::read::raw_folder::RawFolder;
use crate::run::{self, Job};
use clap::CommandFactory;
use clap::error::ErrorKind;

use crate::cli::args::{Args, CleanArgs, Copies};
use crate::cli::buckets::{Buckets, Ears};
use crate::cli::progress::{Progress, Uploads};
use crate::cli::signals::Signals;
use crate::cli::{Exit, listed, setup, summary};

/// Cleans a folder and prints the summary.
pub(super) fn run(args: &CleanArgs) -> anyhow::Result<Exit> {
    let (Some(raw), Some(clean)) = (args.raw.clone(), args.clean.clone()) else {
        let message = "the output folder is missing: dechaff RAW CLEAN (or `dechaff -` to read one page from stdin)";
        let _ = Args::command().error(ErrorKind::MissingRequiredArgument, message).print();
        return Ok(Exit::Misused);
    };
    let mut job = job(args, raw.into(), clean)?;
    let signals = Signals::for_a_run();
    let began = Instant::now();
    let stop = || signals.code().is_some();
    let tell = |note: &str| {
        let _ = writeln!(io::stderr(), "dechaff: {note}");
    };
    let uploads = Uploads::new(args.quiet);
    let ears = Ears { stop: &stop, tell: &tell, sent: &|done, all| uploads.sent(done, all) };
    let mut buckets = match Buckets::open(&mut job, args.work_dir.as_deref(), &ears) {
        Err(_) if stop() => return Ok(stopped_by(signals)),
        buckets => buckets?,
    };
    let progress = Progress::new(&job, signals, args.quiet);
    let outcome = run::run(&mut job, &progress);
    progress.clear();
    let outcome = outcome?;
    let published = buckets.publish(!outcome.interrupted, &ears);
    uploads.clear();
    match published {
        Err(_) if stop() => return Ok(stopped_by(signals)),
        published => published?,
    }
    if !args.quiet {
        io::stdout().write_all(summary::of(args.summary, &outcome, &job, began.elapsed()).as_bytes())?;
    }
    if args.verbose {
        listed::print(&job.clean)?;
    }
    let report = &outcome.report;
    for ((_, why), example) in report.not_read.iter().filter(|((status, _), _)| args.quiet && *status == Status::Failed)
    {
        let (page, why) = (printable(&example.first), printable(why));
        writeln!(io::stderr(), "dechaff: {page}: {why}{}", more(example.times))?;
    }
    // The process ends: taking rules and tables apart would be time for nothing.
    std::mem::forget(job);
    Ok(match signals.code() {
        Some(_) => stopped_by(signals),
        None if report.with(Status::Failed) + outcome.unread.edited > 0 => Exit::Flawed,
        None if args.strict && report.with(Status::Skipped) + report.with(Status::Blank) > 0 => Exit::Flawed,
        None => Exit::Done,
    })
}

fn stopped_by(signals: &Signals) -> Exit {
    match signals.code() {
        Some(143) => Exit::Terminated,
        _ => Exit::Interrupted,
    }
}

fn more(times: u64) -> String {
    if times > 1 { format!(" (and {} more)", times - 1) } else { String::new() }
}

/// What was typed, as a job.
pub(super) fn job(args: &CleanArgs, raw: RawFolder, clean: PathBuf) -> anyhow::Result<Job> {
    Ok(Job {
        raw,
        clean,
        clean_name: None,
        threads: args.threads.map_or(0, usize::from),
        dry_run: args.dry_run,
        force: args.force,
        prune: args.prune,
        write_copies: args.copies == Copies::Keep,
        near_copies: args.near.job(),
        include: setup::globs("--include", &args.include)?,
        exclude: setup::globs("--exclude", &args.exclude)?,
        part: args.partition,
        rejected: args.rejected.clone(),
        shard_bytes: args.shard_size,
        survey: args.judging.wants_survey(),
        runner: setup::runner(&args.judging, args.markup, args.output)?,
    })
}
