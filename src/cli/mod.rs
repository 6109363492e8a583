//! What a person types and sees: one file a subcommand. The only room that writes to the terminal.

mod addresses;
mod args;
mod attributes;
#[cfg(feature = "cloud")]
mod buckets;
#[cfg(not(feature = "cloud"))]
#[path = "buckets_absent.rs"]
mod buckets;
mod check;
mod clean;
mod completions;
mod corpus;
mod diff;
pub mod embed;
mod explain;
mod filter;
mod findings;
mod init;
mod last_run;
mod learn;
mod listed;
mod man;
mod mistyped;
pub mod near_parts;
mod progress;
mod reopened;
mod report;
mod rules;
mod sample;
mod schema;
mod settings;
mod setup;
mod signals;
mod since;
mod stats;
mod summary;
mod templates;
mod verify;
mod visible;

use std::ffi::OsString;
use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;

use args::{Args, ColorArg, Command};

/// How the program ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// What was asked for is done.
    Done = 0,
    /// Something could not be read or written, or a check found what it looks for.
    Flawed = 1,
    /// Wrong usage, or rules that hold mistakes. Nothing was written.
    Misused = 2,
    /// Stopped by Ctrl-C.
    Interrupted = 130,
    /// Stopped by a request to terminate.
    Terminated = 143,
}

/// Runs the program with what was typed.
pub fn main() -> ExitCode {
    ExitCode::from(run_typed(std::env::args_os().collect()) as u8)
}

/// Runs the program with these words, the first of which is its own name.
pub fn run_typed(typed: Vec<OsString>) -> Exit {
    if let Err(error) = signals::Signals::listen() {
        let _ = writeln!(io::stderr(), "dechaff: cannot listen for signals: {error}");
    }
    let (typed, notes) = args::renamed::with_new_names(typed);
    for note in notes {
        let _ = writeln!(io::stderr(), "dechaff: {note}");
    }
    match settings::with_settings(typed.clone()) {
        Ok(words) => match Args::try_parse_from(&words) {
            Ok(args) => ended(run(args, &words), &words),
            Err(error) => mistyped::not_parsed(&error, &typed),
        },
        Err(error) => ended(Err(error), &typed),
    }
}

fn run(args: Args, words: &[OsString]) -> anyhow::Result<Exit> {
    color(args.color).write_global();
    let clean = match &args.command {
        None => Some(&args.clean),
        Some(Command::Clean(clean)) => Some(clean),
        Some(_) => None,
    };
    addresses::hold_to_folders(words, clean.is_some_and(|clean| clean.is_filter()))?;
    match args.command {
        Some(Command::Clean(clean)) if clean.is_filter() => filter::run(&clean),
        Some(Command::Clean(clean)) => clean::run(&clean),
        Some(Command::Check(args)) => check::run(&args),
        Some(Command::Diff(args)) => diff::run(&args),
        Some(Command::Report(args)) => report::run(&args),
        Some(Command::Sample(args)) => sample::run(&args),
        Some(Command::Stats(args)) => stats::run(&args),
        Some(Command::Verify(args)) => verify::run(&args),
        Some(Command::Attributes(args)) => attributes::run(&args),
        Some(Command::Init(args)) => init::run(&args),
        Some(Command::Schema(args)) => schema::run(&args),
        Some(Command::Completions(args)) => completions::run(&args),
        Some(Command::Man) => man::run(),
        Some(Command::Learn(args)) => learn::run(&args),
        Some(Command::Templates(args)) => templates::run(&args),
        Some(Command::Explain(explain)) => explain::run(&explain),
        Some(Command::Rules(rules)) => rules::run(&rules),
        None => {
            mistyped::hold_to_commands(&args.clean)?;
            if args.clean.is_filter() { filter::run(&args.clean) } else { clean::run(&args.clean) }
        }
    }
}

fn color(arg: ColorArg) -> anstream::ColorChoice {
    match arg {
        ColorArg::Auto => anstream::ColorChoice::Auto,
        ColorArg::Always => anstream::ColorChoice::Always,
        ColorArg::Never => anstream::ColorChoice::Never,
    }
}

/// How the program ends; what went wrong is told on the way, with the argument that named it.
fn ended(done: anyhow::Result<Exit>, words: &[OsString]) -> Exit {
    done.unwrap_or_else(|error| {
        if !is_broken_pipe(&error) {
            let argument = error.downcast_ref().and_then(|error| mistyped::argument_not_there(error, words));
            let argument = argument.map(|argument| format!("\n  {argument}")).unwrap_or_default();
            let _ = writeln!(io::stderr(), "dechaff: {error:#}{argument}");
        }
        match error.downcast_ref::<Misuse>() {
            Some(_) => Exit::Misused,
            None => exit_of(&error),
        }
    })
}

/// A mistake in what was typed, in words that say what to type instead.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Misuse(pub String);

fn exit_of(error: &anyhow::Error) -> Exit {
    use crate::error::Error;
    match error.downcast_ref::<Error>() {
        Some(
            Error::Folders(_) | Error::Rules(_) | Error::SiteMap(_) | Error::Manifest { .. } | Error::Setting { .. },
        ) => Exit::Misused,
        _ => Exit::Flawed,
    }
}

/// Whether whoever read our output has closed it: nothing to tell anybody then.
fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}
