//! The texts that filters drop, with the reason, where somebody wants them: JSON lines in `DIR/rejected.jsonl.zst`.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::error::{Error, Result, printable};

/// The level that lines are compressed with: that of shards.
const LEVEL: i32 = 3;

/// Writes a file of dropped documents, which has its name when the run is whole.
pub struct RejectedWriter {
    path: PathBuf,
    aside: PathBuf,
    lines: zstd::Encoder<'static, File>,
}

impl RejectedWriter {
    /// Starts the file. `part` names the part of the input that the run reads, where it is one of several. A run that
    /// reads some of the pages does not replace what another run has written.
    ///
    /// # Errors
    /// Where it cannot be written, or would have to be replaced.
    pub fn create(dir: &Path, part: Option<&str>, is_selection: bool) -> Result<RejectedWriter> {
        let failed = |cause| Error::Write { path: dir.into(), cause };
        fs::create_dir_all(dir).map_err(failed)?;
        let part = part.map(|part| format!("-{part}")).unwrap_or_default();
        let path = dir.join(format!("rejected{part}.jsonl.zst"));
        if is_selection && path.exists() {
            return Err(Error::Folders(format!(
                "{} holds what an earlier run dropped, and this run reads some of the pages only; choose another folder \
                for --rejected",
                printable(&path.to_string_lossy())
            )));
        }
        let aside = dir.join(format!(".rejected{part}.jsonl.zst.new"));
        let lines = File::create(&aside).and_then(|file| zstd::Encoder::new(file, LEVEL));
        let lines = lines.map_err(|cause| Error::Write { path: aside.clone(), cause })?;
        Ok(RejectedWriter { path, aside, lines })
    }

    /// Adds the line of a document.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn add(&mut self, line: &[u8]) -> Result<()> {
        self.lines.write_all(line).map_err(|cause| Error::Write { path: self.path.clone(), cause })
    }

    /// Gives the file its name.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn finish(self) -> Result<()> {
        let RejectedWriter { path, aside, lines } = self;
        let done = || -> io::Result<()> {
            lines.finish()?.sync_all()?;
            fs::rename(&aside, &path)
        };
        done().map_err(|cause| Error::Write { path: path.clone(), cause })
    }
}
