//! Writes a file whole or not at all.

use std::fs;
use std::path::Path;

use crate::error::{Error, Result};

/// Writes bytes to a file of this name, in place of one that is there.
///
/// # Errors
/// Where it cannot be written; what stood there is left as it was then.
pub fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let failed = |cause| Error::Write { path: path.into(), cause };
    let name = path.file_name().ok_or_else(|| failed(std::io::ErrorKind::IsADirectory.into()))?;
    let mut aside = std::ffi::OsString::from(".");
    aside.push(name);
    aside.push(format!(".{}", std::process::id()));
    let aside = path.with_file_name(aside);
    fs::write(&aside, bytes).and_then(|()| fs::rename(&aside, path)).map_err(|cause| {
        let _ = fs::remove_file(&aside);
        failed(cause)
    })
}
