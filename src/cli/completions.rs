//! `dechaff completions SHELL`: what a shell needs to complete the command line.

use std::io::{self, Write};

use clap::CommandFactory;

use crate::cli::Exit;
use crate::cli::args::{Args, CompletionsArgs};

/// Prints the completions.
pub(super) fn run(args: &CompletionsArgs) -> anyhow::Result<Exit> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Args::command(), "dechaff", &mut script);
    io::stdout().write_all(&script)?;
    Ok(Exit::Done)
}
