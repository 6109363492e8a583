//! What a person types and sees: one file a subcommand. The only room that writes to the terminal.

mod args;
mod clean;
mod explain;
mod filter;
mod knowledge;
mod learn;
mod progress;
mod rules;
mod setup;
mod summary;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;
use clap::error::ErrorKind;

use args::{Args, Command};

/// How the program ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// What was asked for is done.
    Done = 0,
    /// Something could not be read or written, or a check found what it looks for.
    Flawed = 1,
    /// Wrong usage, or rules that hold mistakes. Nothing was written.
    Misused = 2,
    /// Stopped by Ctrl-C or a termination signal.
    Interrupted = 130,
}

/// Runs the program.
pub fn main() -> ExitCode {
    let exit = match Args::try_parse() {
        Ok(args) => run(args),
        Err(error) => {
            let asked_for = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
            let _ = error.print();
            if asked_for { Exit::Done } else { Exit::Misused }
        }
    };
    ExitCode::from(exit as u8)
}

fn run(args: Args) -> Exit {
    let done = match args.command {
        Some(Command::Clean(clean)) if clean.reads_stdin() => filter::run(&clean),
        Some(Command::Clean(clean)) => clean::run(&clean),
        Some(Command::Learn(args)) => learn::run(&args),
        Some(Command::Knowledge(args)) => knowledge::run(&args),
        Some(Command::Explain(explain)) => explain::run(&explain),
        Some(Command::Rules(rules)) => rules::run(&rules),
        None if args.clean.reads_stdin() => filter::run(&args.clean),
        None => clean::run(&args.clean),
    };
    done.unwrap_or_else(|error| {
        if !is_broken_pipe(&error) {
            let _ = writeln!(io::stderr(), "dechaff: {error:#}");
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
    use dechaff::error::Error;
    match error.downcast_ref::<Error>() {
        Some(Error::Folders(_) | Error::Rules(_) | Error::Manifest { .. }) => Exit::Misused,
        _ => Exit::Flawed,
    }
}

/// Whether whoever read our output has closed it: nothing to tell anybody then.
fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}
