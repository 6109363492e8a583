//! The output folder that a command reads: one that a run has written.

use std::path::Path;

use crate::manifest::Header;
use crate::write::output_dir::OutputDir;

use crate::cli::Misuse;

/// Opens an output folder, and reads the first line of its manifest.
///
/// # Errors
/// Where there is no manifest, or none of a form that is known.
pub(super) fn open(clean: &Path) -> anyhow::Result<(OutputDir, Header)> {
    let standing = OutputDir::at(clean);
    match standing.header()? {
        Some(header) => Ok((standing, header)),
        None => Err(Misuse(standing.without_manifest()).into()),
    }
}
