//! `dechaff attributes CLEAN -o DIR`: dolma's attributes of the documents of a cleaned folder.

use std::io::{self, Write};

use crate::report::figures::plural;
use crate::write::attributes::{self, AttributeCounts};
use crate::write::output_dir::GO_ON;

use crate::cli::args::AttributesArgs;
use crate::cli::{Exit, Misuse, corpus};

/// Writes them.
pub(super) fn run(args: &AttributesArgs) -> anyhow::Result<Exit> {
    let (standing, _) = corpus::open(&args.clean)?;
    if standing.is_unfinished() {
        return Err(Misuse(format!("the last run into {} was interrupted; {GO_ON}", args.clean.display())).into());
    }
    let AttributeCounts { documents, files } = attributes::write(&standing, &args.output)?;
    let (documents, files) = (plural(documents, "document", "documents"), plural(files, "file", "files"));
    writeln!(io::stdout(), "Attributes of {documents} in {files}")?;
    Ok(Exit::Done)
}
