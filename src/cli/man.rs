//! `dechaff man`: the man page, with every subcommand.

use std::io::{self, Write};

use clap::{Command, CommandFactory};
use clap_mangen::Man;
use clap_mangen::roff::{Roff, roman};

use crate::cli::Exit;
use crate::cli::args::Args;

/// Prints the man page.
pub(super) fn run() -> anyhow::Result<Exit> {
    let mut command = Args::command();
    command.build();
    let mut page = Vec::new();
    Man::new(command.clone()).render(&mut page)?;
    for subcommand in command.get_subcommands() {
        describe(subcommand, &mut page)?;
    }
    io::stdout().write_all(&page)?;
    Ok(Exit::Done)
}

/// A section for a subcommand, and one for each of its own.
fn describe(command: &Command, page: &mut Vec<u8>) -> anyhow::Result<()> {
    let name = command.get_bin_name().unwrap_or(command.get_name()).to_uppercase();
    let about = command.get_about().map(ToString::to_string).unwrap_or_default();
    Roff::new().control("SH", [name.as_str()]).text([roman(about)]).to_writer(page)?;
    let man = Man::new(command.clone());
    man.render_synopsis_section(page)?;
    if command.get_arguments().next().is_some() {
        man.render_options_section(page)?;
    }
    for subcommand in command.get_subcommands() {
        describe(subcommand, page)?;
    }
    Ok(())
}
