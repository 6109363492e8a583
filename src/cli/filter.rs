//! `dechaff -`: one page from stdin, its clean text to stdout.

use std::io::{self, Read, Write};

use dechaff::intake::site::Sidecar;
use dechaff::manifest::{Row, Status};

use crate::cli::args::CleanArgs;
use crate::cli::{Exit, Misuse, setup};

/// Cleans the page.
pub fn run(args: &CleanArgs) -> anyhow::Result<Exit> {
    if let Some(clean) = &args.clean {
        let why = format!("`dechaff -` writes to stdout and takes no output folder, but {} was given", clean.display());
        return Err(Misuse(why).into());
    }
    let way = setup::cleaning_way(args)?;
    let mut bytes = Vec::new();
    io::stdin().read_to_end(&mut bytes)?;
    let row = Row::new("-".into(), None, Status::Skipped);
    let (finished, text) = way.clean(row, &bytes, &Sidecar::default());
    if let Some(why) = finished.row.why {
        writeln!(io::stderr(), "dechaff: stdin was not read as a page: {why}")?;
        return Ok(Exit::Flawed);
    }
    io::stdout().write_all(text.unwrap_or_default().as_bytes())?;
    Ok(Exit::Done)
}
