//! `dechaff verify CLEAN`: whether an output folder is what its manifest says.

use std::fmt::Write as _;
use std::io::{self, Write};

use crate::error::printable;
use crate::write::output_dir::GO_ON;
use crate::write::verify;

use crate::cli::args::VerifyArgs;
use crate::cli::{Exit, corpus};

/// Verifies the folder and names what is wrong.
pub(super) fn run(args: &VerifyArgs) -> anyhow::Result<Exit> {
    let (standing, _) = corpus::open(&args.clean)?;
    let verified = verify::verify(&standing)?;
    let mut text = String::new();
    for (path, what) in &verified.faults {
        writeln!(text, "{} {what}", printable(&args.clean.join(path).to_string_lossy()))?;
    }
    let count = verified.faults.len();
    match count {
        0 => writeln!(text, "{} outputs are what the manifest says", verified.outputs)?,
        _ => writeln!(text, "{count} wrong; {} outputs are what the manifest says", verified.outputs)?,
    }
    if count > 0 && standing.is_unfinished() {
        writeln!(text, "the last run was interrupted; {GO_ON}")?;
    }
    io::stdout().write_all(text.as_bytes())?;
    Ok(if count == 0 { Exit::Done } else { Exit::Flawed })
}
