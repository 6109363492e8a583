//! The output folder of a run: its lock, its temporaries, and how a run that was killed is taken over.
//!
//! Everything unfinished lives in `.dechaff/`. A run writes `journal.jsonl` there. When every page is in it, it is
//! called `finished.jsonl`: from then on the run counts, and what is left to do can be done again by the next one.

use std::collections::HashSet;
use std::fs::{File, TryLockError};
use std::io::{self, BufWriter, Write};
use std::path::Path;

use xxhash_rust::xxh3::xxh3_64;

use crate::error::{Error, Result};
use crate::hash::sha256;
use crate::manifest::Header;
use crate::manifest::relative_path::RelativePath;
use crate::manifest::row_summary::RowLine;
use crate::manifest::shard::Shard;
use crate::write::committer::{Committer, Removal};
use crate::write::formats::ShardFormat;
use crate::write::output_dir::{self, OutputDir, ShardState, inner};
use crate::write::previous_rows::PreviousRows;
use crate::write::root_dir::{Entry, OutputFile, RootDir};
use crate::write::shards;

/// The file in [the inner folder](crate::write::output_dir::INNER) that holds what the last run knew of sites.
pub const TEMPLATES: &str = "templates.jsonl";

/// The file in [the inner folder](crate::write::output_dir::INNER) that says by which pages it is known.
pub const SAMPLES: &str = "samples.jsonl";

/// The file in [the inner folder](crate::write::output_dir::INNER) that holds the passages that the last run dropped.
pub const PASSAGES: &str = "passages.txt";

/// The text of a page that waits to be committed.
#[derive(Debug)]
pub enum Pending {
    /// A file under a temporary name.
    TempFile(RelativePath),
    /// A document of a shard.
    Document {
        /// The format that it is packed for.
        format: &'static dyn ShardFormat,
        /// The document.
        packed: Vec<u8>,
    },
}

/// An output folder, held against other runs.
#[derive(Debug)]
pub struct OutputWriter {
    standing: OutputDir,
    /// Where the input lies below the output, if it does: nothing is written there.
    pub(super) forbidden: Option<std::path::PathBuf>,
    _lock: OutputFile,
}

impl OutputWriter {
    /// Creates and locks an output folder, and takes over what a killed run left. People are told another name of it,
    /// where it stands for a folder elsewhere.
    ///
    /// # Errors
    /// Where the folder cannot be made or written, another run holds it, or its manifest is none of ours.
    pub fn open(root: &Path, name: Option<&Path>, forbidden: Option<std::path::PathBuf>) -> Result<OutputWriter> {
        OutputDir::at(root).header()?;
        let failed = |cause| Error::Write { path: root.into(), cause };
        let mut dir = RootDir::create(root).map_err(failed)?.called(name);
        let lock = dir.hold(&inner("new")).and_then(|()| dir.open_or_create_file(&inner("lock")));
        let lock = lock.map_err(failed)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(Error::Locked { path: root.into() }),
            Err(TryLockError::Error(cause)) => return Err(failed(cause)),
        }
        take_over(&dir).map_err(failed)?;
        Ok(OutputWriter { standing: OutputDir::of(root, Some(dir)), forbidden, _lock: lock })
    }

    /// Writes a page's text under a temporary name.
    ///
    /// # Errors
    /// Where it cannot be written; nothing is left behind then.
    pub fn put_aside(&self, ticket: u64, bytes: &[u8]) -> Result<RelativePath> {
        let (dir, path) = (self.standing.dir()?, inner(&format!("new/{ticket}")));
        dir.write(&path, bytes).map_err(|cause| {
            let _ = dir.remove(&path);
            write_error(&dir.shown(&path), cause)
        })?;
        Ok(path)
    }

    /// Removes the texts that wait to be committed.
    ///
    /// # Errors
    /// Where that cannot be done.
    pub fn clear_pending(&self) -> Result<()> {
        let dir = self.standing.dir()?;
        remove_pending(dir).map_err(|cause| write_error(&dir.shown(&inner("new")), cause))
    }

    /// What earlier runs left.
    pub fn standing(&self) -> &OutputDir {
        &self.standing
    }

    /// Keeps something that the run found out beside the manifest, under a name in [the inner folder](crate::write::output_dir::INNER).
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn keep(&self, name: &str, text: &str) -> Result<()> {
        let (dir, path) = (self.standing.dir()?, inner(name));
        let aside = inner(&format!("new/{name}"));
        dir.replace(&path, &aside, text.as_bytes()).map_err(|cause| write_error(&dir.shown(&path), cause))
    }

    /// Starts the journal of a run. Shards, where it writes any, are full at `shard_bytes`.
    ///
    /// # Errors
    /// Where it cannot be written, or a shard was edited that this run would replace.
    pub fn committer<'f>(&'f self, header: &Header, shard_bytes: u64, removal: Removal<'f>) -> Result<Committer<'f>> {
        let dir = self.standing.dir()?;
        let edited = self.standing.shards().iter().find(|(_, state)| *state == ShardState::Edited);
        if let (Some((shard, _)), false) = (edited, removal.overwrite_edited) {
            return Err(Error::Folders(format!(
                "{} was edited since dechaff wrote it; move it away, or let --force replace it",
                crate::error::printable(&self.standing.root().join(&shard.path).to_string_lossy())
            )));
        }
        let ignore = inner(".gitignore");
        dir.write(&ignore, b"*\n").map_err(|cause| write_error(&dir.shown(&ignore), cause))?;
        Committer::start(self, dir, header, shard_bytes, removal)
    }
}

/// Ends a run that was killed after its last page, and sets the journal of one that was killed before aside, so that
/// its outputs stay known.
fn take_over(dir: &RootDir) -> io::Result<()> {
    if dir.open_file(&inner("finished.jsonl")).is_ok() {
        let rows = |name: &RelativePath| dir.open_file(name).ok();
        let earlier = PreviousRows::new(rows(&output_dir::manifest()), rows(&inner("interrupted.jsonl")));
        let old_shards: Vec<Shard> = rows(&output_dir::manifest()).into_iter().flat_map(shards::named_in).collect();
        roll_forward(dir, &old_shards, Written::all_of(earlier))?;
    }
    remove_pending(dir)?;
    let (journal, interrupted) = (inner("journal.jsonl"), inner("interrupted.jsonl"));
    let Ok(young) = dir.open_file(&journal) else { return Ok(()) };
    match dir.open_file(&interrupted) {
        Err(_) => dir.rename(&journal, &interrupted),
        Ok(old) => {
            let both = inner("interrupted.new");
            let mut merged = BufWriter::new(dir.create_file(&both)?);
            merge_rows(old, young, &mut merged)?;
            merged.flush()?;
            dir.rename(&both, &interrupted)?;
            dir.remove(&journal)
        }
    }
}

/// Writes the rows of two journals, or of a manifest and a journal, as one: of each page the youngest row, and older ones
/// that name other outputs.
///
/// # Errors
/// What the operating system said.
pub fn merge_rows(old: File, young: File, merged: &mut impl Write) -> io::Result<()> {
    let mut pages = PreviousRows::new(Some(old), Some(young));
    while let Some(page) = pages.next_page() {
        for row in distinct(page.older, &page.line).iter().rev().chain([&page.line]) {
            merged.write_all(&row.line)?;
        }
    }
    Ok(())
}

fn remove_pending(dir: &RootDir) -> io::Result<()> {
    for left in dir.names(&inner("new"))? {
        dir.remove(&inner(&format!("new/{}", left.to_string_lossy())))?;
    }
    Ok(())
}

/// The rows that name other outputs than younger ones do.
fn distinct(older: Vec<RowLine>, youngest: &RowLine) -> Vec<RowLine> {
    let mut known: Vec<Written> = Written::of(youngest).into_iter().collect();
    let mut rows = Vec::new();
    for row in older {
        if let Some(written) = Written::of(&row).filter(|written| !known.contains(written)) {
            known.push(written);
            rows.push(row);
        }
    }
    rows
}

/// Does what is left to do when `finished.jsonl` has its name: shards take theirs, what nobody wants any more goes, and
/// the manifest takes its name last. Done again, it does the rest.
pub(super) fn roll_forward(
    dir: &RootDir,
    old_shards: &[Shard],
    orphans: impl Iterator<Item = Written>,
) -> io::Result<()> {
    let finished = inner("finished.jsonl");
    let new_shards: Vec<Shard> = shards::named_in(dir.open_file(&finished)?).collect();
    for shard in &new_shards {
        if let (Some(aside), Some(name)) = (shards::aside(shard), shard.name())
            && dir.open_file(&aside).is_ok()
        {
            dir.rename(&aside, &name)?;
        }
    }
    for shard in old_shards.iter().filter(|old| new_shards.iter().all(|new| new.path != old.path)) {
        if let Some(name) = shard.name()
            && dir.open_file(&name).and_then(shards::hash_of).is_ok_and(|hash| hash == shard.sha256)
        {
            dir.remove(&name)?;
        }
    }
    let mut orphans = orphans.peekable();
    if orphans.peek().is_some() {
        let rows = PreviousRows::new(dir.open_file(&finished).ok(), None);
        let wanted: HashSet<u64> = Written::all_of(rows).map(|out| xxh3_64(out.path.as_bytes())).collect();
        for out in orphans.filter(|out| !wanted.contains(&xxh3_64(out.path.as_bytes()))) {
            let Ok(path) = RelativePath::of(&out.path) else { continue };
            if dir.read(&path).is_ok_and(|bytes| sha256(&bytes) == out.sha256) {
                dir.remove(&path)?;
            }
            // A run killed before the output had its name, or after it lost it, leaves the folder that was made for it.
            if matches!(dir.entry(&path), Ok(Entry::Nothing)) {
                dir.remove_empty_folders(&path);
            }
        }
    }
    match dir.remove(&inner("interrupted.jsonl")) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    dir.rename(&finished, &output_dir::manifest())
}

pub(super) fn write_error(path: &Path, cause: io::Error) -> Error {
    Error::Write { path: path.into(), cause }
}

/// An output that a run wrote, or was about to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Written {
    pub path: String,
    pub bytes: u64,
    pub sha256: String,
}

impl Written {
    /// The file of its own that a row tells of; documents of a shard have none.
    pub(super) fn of(line: &RowLine) -> Option<Written> {
        let out = line.told()?.output.filter(|out| out.line.is_none())?;
        Some(Written { path: out.path.to_string(), bytes: out.bytes, sha256: out.sha256.to_string() })
    }

    /// The files that rows tell of, younger and older ones.
    pub(super) fn all_of(mut rows: PreviousRows) -> impl Iterator<Item = Written> {
        std::iter::from_fn(move || rows.next_page())
            .flat_map(|page| std::iter::once(page.line).chain(page.older))
            .filter_map(|row| Written::of(&row))
    }
}
