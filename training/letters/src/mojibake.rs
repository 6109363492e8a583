//! Measures the repair of mojibake.

use std::path::Path;

use anyhow::Result;

/// Measures it.
pub fn run(_from: &Path, _show: usize) -> Result<()> {
    Ok(())
}

/// Measures harm.
pub fn run_clean(_files: &[&str]) -> Result<()> {
    Ok(())
}
