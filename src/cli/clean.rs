//! `dechaff RAW CLEAN`, the main job.

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Instant;

use crate::manifest::Status;
use crate::run::{self, Job};
use clap::CommandFactory;
use clap::error::ErrorKind;

use crate::cli::args::{Args, CleanArgs, Copies};
use crate::cli::progress::Progress;
use crate::cli::{Exit, listed, setup, summary};

/// Cleans a folder and prints the summary.
pub fn run(args: &CleanArgs) -> anyhow::Result<Exit> {
    let (Some(raw), Some(clean)) = (args.raw.clone(), args.clean.clone()) else {
        let message = "the output folder is missing: dechaff RAW CLEAN (or `dechaff -` to read one page from stdin)";
        let _ = Args::command().error(ErrorKind::MissingRequiredArgument, message).print();
        return Ok(Exit::Misused);
    };
    let mut job = Job {
        raw,
        clean,
        threads: args.threads.map_or(0, usize::from),
        dry_run: args.dry_run,
        force: args.force,
        write_copies: args.copies == Copies::Keep,
        include: setup::globs("--include", &args.include)?,
        exclude: setup::globs("--exclude", &args.exclude)?,
        part: args.partition,
        shard_bytes: args.shard_size,
        survey: args.judging.wants_survey(),
        runner: setup::runner(&args.judging, args.markup, args.output)?,
    };
    let progress = Progress::new(&job, interrupts()?, args.quiet);
    let began = Instant::now();
    let outcome = run::run(&mut job, &progress);
    progress.clear();
    let outcome = outcome?;
    if !args.quiet {
        io::stdout().write_all(summary::of(&outcome, &job, began.elapsed()).as_bytes())?;
    }
    if args.verbose {
        listed::print(&job.clean)?;
    }
    let report = &outcome.report;
    for ((_, why), example) in report.not_read.iter().filter(|((status, _), _)| args.quiet && *status == Status::Failed)
    {
        writeln!(io::stderr(), "dechaff: {}: {why}{}", example.first, more(example.times))?;
    }
    // The process ends: taking rules and tables apart would be time for nothing.
    std::mem::forget(job);
    Ok(match () {
        () if outcome.interrupted => Exit::Interrupted,
        () if report.with(Status::Failed) > 0 => Exit::Flawed,
        () if args.strict && report.with(Status::Skipped) + report.with(Status::Blank) > 0 => Exit::Flawed,
        () => Exit::Done,
    })
}

fn more(times: u64) -> String {
    if times > 1 { format!(" (and {} more)", times - 1) } else { String::new() }
}

/// Counts interrupts: the first one ends the run in order, the second one at once.
fn interrupts() -> anyhow::Result<Arc<AtomicU32>> {
    let count = Arc::new(AtomicU32::new(0));
    let seen = Arc::clone(&count);
    ctrlc::set_handler(move || {
        if seen.fetch_add(1, Ordering::SeqCst) > 0 {
            std::process::exit(Exit::Interrupted as i32);
        }
    })?;
    Ok(count)
}
