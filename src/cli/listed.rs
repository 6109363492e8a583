//! `--verbose`: every page that was not simply cleaned, with the reason, as the manifest says.

use std::io::{self, Write};
use std::path::Path;

use crate::manifest::Status;
use crate::page::Source;
use crate::write::output_dir::OutputDir;

/// Prints the pages, in path order.
pub(super) fn print(clean: &Path) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    for row in OutputDir::at(clean).earlier().filter_map(|line| line.row()) {
        if row.status == Status::Cleaned {
            continue;
        }
        let page = Source { path: row.path, record: row.record };
        let status = serde_json::to_value(row.status)?;
        let status = status.as_str().unwrap_or_default();
        match (row.reason, row.near_copy_of) {
            (Some(why), _) => writeln!(out, "{page}: {status}: {why}")?,
            (None, Some(near)) if row.status == Status::NearCopy => writeln!(out, "{page}: {status}: {near}")?,
            _ if row.filters.is_empty() => writeln!(out, "{page}: {status}")?,
            _ => {
                let rules: Vec<String> = row.filters.iter().map(ToString::to_string).collect();
                writeln!(out, "{page}: {status}: {}", rules.join(", "))?;
            }
        }
    }
    Ok(())
}
