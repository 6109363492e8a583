//! What a person types and sees: one file a subcommand. The only room that writes to the terminal.

mod args;
mod check;
mod clean;
mod completions;
mod diff;
mod explain;
mod filter;
mod findings;
mod init;
mod last_run;
mod learn;
mod man;
mod progress;
mod reopened;
mod rules;
mod settings;
mod setup;
mod since;
mod summary;
mod templates;
mod verify;

use std::ffi::OsString;
use std::io::{self, Write};
use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory, Parser};

use args::{Args, Command, renamed};

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
    let typed: Vec<OsString> = std::env::args_os().collect();
    let exit = match settings::with_settings(typed.clone(), &Args::command()) {
        Ok(words) => match Args::try_parse_from(words) {
            Ok(args) => ended(run(args)),
            Err(error) => not_parsed(&error, &typed),
        },
        Err(error) => ended(Err(error)),
    };
    ExitCode::from(exit as u8)
}

/// Prints what the command line's parser says: help that was asked for, or what is wrong with the arguments.
fn not_parsed(error: &clap::Error, typed: &[OsString]) -> Exit {
    let is_help = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
    let _ = match renamed_option(error, typed) {
        Some(message) => Args::command().error(error.kind(), message).print(),
        None => error.print(),
    };
    if is_help { Exit::Done } else { Exit::Misused }
}

/// What to type in place of an option's old name.
fn renamed_option(error: &clap::Error, typed: &[OsString]) -> Option<String> {
    let Some(ContextValue::String(option)) = error.get(ContextKind::InvalidArg) else { return None };
    let command = if typed.get(1).is_some_and(|word| word == "check") { "check" } else { "clean" };
    let (new, values) = renamed::new_name(command, option.strip_prefix("--")?)?;
    Some(format!("{option} is called --{new} now; write --{new} {values}"))
}

fn run(args: Args) -> anyhow::Result<Exit> {
    match args.command {
        Some(Command::Clean(clean)) if clean.reads_stdin() => filter::run(&clean),
        Some(Command::Clean(clean)) => clean::run(&clean),
        Some(Command::Check(args)) => check::run(&args),
        Some(Command::Diff(args)) => diff::run(&args),
        Some(Command::Verify(args)) => verify::run(&args),
        Some(Command::Init(args)) => init::run(&args),
        Some(Command::Completions(args)) => completions::run(&args),
        Some(Command::Man) => man::run(),
        Some(Command::Learn(args)) => learn::run(&args),
        Some(Command::Templates(args)) => templates::run(&args),
        Some(Command::Explain(explain)) => explain::run(&explain),
        Some(Command::Rules(rules)) => rules::run(&rules),
        None if args.clean.reads_stdin() => filter::run(&args.clean),
        None => clean::run(&args.clean),
    }
}

/// How the program ends; what went wrong is told on the way.
fn ended(done: anyhow::Result<Exit>) -> Exit {
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
    use crate::error::Error;
    match error.downcast_ref::<Error>() {
        Some(Error::Folders(_) | Error::Rules(_) | Error::Manifest { .. }) => Exit::Misused,
        _ => Exit::Flawed,
    }
}

/// Whether whoever read our output has closed it: nothing to tell anybody then.
fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}
