//! The output folder: its lock, its temporaries, what an earlier run left in it, and how a page takes its
//! final name.
//!
//! Everything unfinished lives in `.dechaff/`. A file that no manifest knows is left alone; one that an
//! earlier run wrote is replaced, or removed when its source is gone and its hash still matches.

use std::collections::HashSet;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use xxhash_rust::xxh3::xxh3_64;

use crate::error::{Error, Result};
use crate::hash::sha256;
use crate::manifest::row_summary::{RowLine, RowSummary};
use crate::manifest::{self, Header, Row, Status};
use crate::write::atomic;
use crate::write::journal::Journal;
use crate::write::output_dir::OutputDir;
use crate::write::output_name::TAKEN;
use crate::write::previous_rows::PreviousRows;
use crate::write::shards::Shards;

/// The file in [the inner folder](crate::write::output_dir::INNER) that holds what the last run knew of sites.
pub const TEMPLATES: &str = "templates.jsonl";

/// The text of a page that waits to be committed.
#[derive(Debug)]
pub enum Pending {
    /// A file under a temporary name.
    TempFile(PathBuf),
    /// A line of a shard.
    JsonLine(Vec<u8>),
}

/// The file in [the inner folder](crate::write::output_dir::INNER) that says by which pages it is known.
pub const SAMPLES: &str = "samples.jsonl";

/// An output folder, held against other runs.
#[derive(Debug)]
pub struct OutputWriter {
    standing: OutputDir,
    /// Where the input lies, if it lies inside the output: nothing is written there.
    forbidden: Option<PathBuf>,
    _lock: File,
}

impl OutputWriter {
    /// Creates and locks an output folder, and takes over what a killed run left.
    ///
    /// # Errors
    /// Where the folder cannot be made or written, another run holds it, or its manifest is none of ours.
    pub fn open(root: &Path, forbidden: Option<PathBuf>) -> Result<OutputWriter> {
        let standing = OutputDir::at(root);
        standing.header()?;
        let inner = standing.inner("");
        fs::create_dir_all(inner.join("new")).map_err(|cause| write_error(&inner, cause))?;
        let lock_path = standing.inner("lock");
        let lock = OpenOptions::new().create(true).truncate(false).write(true).open(&lock_path);
        let lock = lock.map_err(|cause| write_error(&lock_path, cause))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(Error::Locked { path: root.into() }),
            Err(TryLockError::Error(cause)) => return Err(write_error(&lock_path, cause)),
        }
        let folder = OutputWriter { standing, forbidden, _lock: lock };
        folder.take_over().map_err(|cause| write_error(&inner, cause))?;
        Ok(folder)
    }

    /// Writes a page's text under a temporary name.
    ///
    /// # Errors
    /// Where it cannot be written; nothing is left behind then.
    pub fn put_aside(&self, ticket: u64, bytes: &[u8]) -> Result<PathBuf> {
        let path = self.standing.inner("new").join(ticket.to_string());
        fs::write(&path, bytes).map_err(|cause| {
            let _ = fs::remove_file(&path);
            write_error(&path, cause)
        })?;
        Ok(path)
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
        atomic::write(&self.standing.inner(name), text.as_bytes())
    }

    /// Starts the journal of a run. Shards, where it writes any, are full at `shard_bytes`.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn committer(&self, header: &Header, shard_bytes: u64) -> Result<Committer<'_>> {
        let ignore = self.standing.inner(".gitignore");
        fs::write(&ignore, "*\n").map_err(|cause| write_error(&ignore, cause))?;
        let path = self.standing.journal();
        let file = OpenOptions::new().create(true).truncate(true).read(true).write(true).open(&path);
        let journal = file.and_then(|file| Journal::start(file, header)).map_err(|cause| write_error(&path, cause))?;
        Ok(Committer {
            folder: self,
            journal,
            earlier: self.standing.earlier(),
            shards: Shards::open(self.standing.root(), &self.standing.inner(""), shard_bytes),
            contested: HashSet::new(),
            own_names: Vec::new(),
            orphans: Vec::new(),
            written: None,
            last_parent: None,
        })
    }

    /// Clears the temporaries of a killed run and sets its journal aside, so that its outputs stay known.
    fn take_over(&self) -> io::Result<()> {
        for left in fs::read_dir(self.standing.inner("new"))? {
            fs::remove_file(left?.path())?;
        }
        let (journal, interrupted) = (self.standing.journal(), self.standing.interrupted());
        if !journal.exists() {
            return Ok(());
        }
        if interrupted.exists() {
            let both = self.standing.inner("interrupted.new");
            let mut merged = BufWriter::new(File::create(&both)?);
            for row in PreviousRows::open(&interrupted, &journal) {
                merged.write_all(&row.line)?;
            }
            merged.flush()?;
            fs::rename(both, interrupted)?;
            fs::remove_file(journal)
        } else {
            fs::rename(journal, interrupted)
        }
    }
}

/// Gives pages their final names, in path order, and writes the journal.
#[derive(Debug)]
pub struct Committer<'f> {
    folder: &'f OutputWriter,
    journal: Journal,
    earlier: PreviousRows,
    shards: Shards,
    /// Hashes of output paths that differ from their source's, so that a later source may want the same.
    contested: HashSet<u64>,
    /// Sources whose outputs have their own name, as far as a later source's name may begin with theirs: `page.txt`,
    /// until all that could be called `page.txt.gz` have come.
    own_names: Vec<String>,
    /// What earlier runs wrote for sources that are gone.
    orphans: Vec<Written>,
    /// Hashes of the paths of all outputs that earlier runs wrote; read when it is asked for first.
    written: Option<HashSet<u64>>,
    last_parent: Option<PathBuf>,
}

impl Committer<'_> {
    /// Commits one page: its row into the journal, then its text under its final name. What cannot be done
    /// turns the row into a failed one, which is returned.
    ///
    /// # Errors
    /// Where the journal itself cannot be written: the run cannot go on.
    pub fn commit(&mut self, mut row: Row, kept: Option<Pending>, drop_copies: bool) -> Result<Row> {
        let (aside, line) = match kept {
            Some(Pending::TempFile(aside)) => (Some(aside), None),
            Some(Pending::JsonLine(line)) => (None, Some(line)),
            None => (None, None),
        };
        let ours = self.pass_over_to(&row.path, row.record).as_ref().and_then(Written::of);
        let mut target = None;
        if let (Some(out), Some(aside)) = (row.output.clone(), &aside) {
            match self.prepare(&row.path, &out.path, ours.as_ref(), aside) {
                Ok(path) => target = Some(path),
                Err(why) => fail(&mut row, why),
            }
        }
        if let Some(out) = &row.output {
            row.duplicate_of = self.journal.original_of(&out.sha256).map_err(|cause| self.journal_error(cause))?;
        }
        if drop_copies && row.duplicate_of.is_some() {
            row.output = None;
            row.status = Status::Duplicate;
            target = None;
        }
        if let (Some(out), Some(line)) = (&mut row.output, line) {
            let placed = self.shards.put(&line).map_err(|cause| write_error(self.folder.standing.root(), cause))?;
            (out.path, out.line) = (placed.path, Some(placed.line));
        }
        let written = row.output.as_ref().map(|out| &out.path);
        self.orphans.extend(ours.filter(|ours| Some(&ours.path) != written));
        self.journal.append(&row).map_err(|cause| self.journal_error(cause))?;
        match (aside, target) {
            (Some(aside), Some(target)) => {
                if let Err(cause) = fs::rename(&aside, &target) {
                    let _ = fs::remove_file(&aside);
                    fail(&mut row, format!("cannot write {}: {cause}", target.display()));
                    self.journal.supersede(&row).map_err(|cause| self.journal_error(cause))?;
                }
            }
            (Some(aside), None) => {
                let _ = fs::remove_file(aside);
            }
            _ => {}
        }
        Ok(row)
    }

    /// Commits one page whose row and output stay as an earlier run left them. What hangs on other pages is
    /// settled anew: whose copy it is, and whether its output's name is still its own. The row, where that
    /// changed it.
    ///
    /// # Errors
    /// Where the journal itself cannot be written, or the row to be changed is none: the run cannot go on.
    pub fn recommit(&mut self, line: &RowLine, told: &RowSummary, drop_copies: bool) -> Result<Option<Row>> {
        let ours = self.pass_over_to(&line.path, line.record).as_ref().and_then(Written::of);
        let claimed = match &told.output {
            Some(out) => self.claim(&line.path, &out.path).map(|_| ()),
            None => Ok(()),
        };
        let duplicate_of = match (&claimed, &told.output) {
            (Ok(()), Some(out)) => self.journal.original_of(&out.sha256).map_err(|cause| self.journal_error(cause))?,
            _ => None,
        };
        let drops = drop_copies && duplicate_of.is_some();
        if claimed.is_ok() && !drops && duplicate_of.as_deref() == told.duplicate_of.as_deref() {
            self.journal.repeat(&line.line, told).map_err(|cause| self.journal_error(cause))?;
            return Ok(None);
        }
        let edited = || Error::Folders(format!("the manifest's row of {} was edited; --force starts over", line.path));
        let mut row = line.row().ok_or_else(edited)?;
        row.duplicate_of = duplicate_of;
        if let Err(why) = claimed {
            fail(&mut row, why);
        }
        if drops {
            row.output = None;
            row.status = Status::Duplicate;
        }
        self.orphans.extend(ours.filter(|_| row.output.is_none()));
        self.journal.append(&row).map_err(|cause| self.journal_error(cause))?;
        Ok(Some(row))
    }

    /// Ends the run: removes what is left of sources that are gone, and gives the manifest its name.
    ///
    /// # Errors
    /// Where the manifest cannot be written.
    pub fn finish(mut self) -> Result<()> {
        self.orphans.extend(self.earlier.by_ref().filter_map(|gone| Written::of(&gone)));
        self.journal.flush().map_err(|cause| self.journal_error(cause))?;
        self.remove_orphans();
        let folder = self.folder;
        let done = |journal: &mut Journal| -> io::Result<()> {
            if journal.has_superseded_rows() {
                let copy = folder.standing.inner("journal.new");
                let mut file = BufWriter::new(File::create(&copy)?);
                journal.copy_standing(&mut file)?;
                file.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
                fs::rename(copy, folder.standing.journal())?;
            } else {
                journal.sync()?;
            }
            // In this order a kill between the two leaves nothing older than the manifest that looks younger.
            match fs::remove_file(folder.standing.interrupted()) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
            fs::rename(folder.standing.journal(), folder.standing.manifest())
        };
        self.shards.finish().map_err(|cause| write_error(folder.standing.root(), cause))?;
        done(&mut self.journal).map_err(|cause| write_error(&folder.standing.manifest(), cause))
    }

    /// Checks that a page may take its name, and makes the folder it goes into.
    fn prepare(
        &mut self,
        source: &str,
        out: &str,
        ours: Option<&Written>,
        aside: &Path,
    ) -> std::result::Result<PathBuf, String> {
        let target = self.claim(source, out)?;
        let parent = target.parent().unwrap_or(self.folder.standing.root()).to_path_buf();
        if self.last_parent.as_ref() != Some(&parent) {
            fs::create_dir_all(&parent).map_err(|cause| format!("cannot make {}: {cause}", parent.display()))?;
            self.last_parent = Some(parent);
        }
        match fs::symlink_metadata(&target) {
            Err(_) => Ok(target),
            Ok(meta) if meta.is_dir() => Err(format!("{} is a folder", target.display())),
            Ok(_) if ours.is_some_and(|ours| ours.path == out) => Ok(target),
            Ok(_) if same_bytes(&target, aside) || self.was_written_for_another(out) => Ok(target),
            Ok(_) => Err(format!(
                "{} exists and no run of dechaff is known to have written it; move it away or choose another folder",
                target.display()
            )),
        }
    }

    /// Checks that an output's name is no other page's, and lies where it may.
    fn claim(&mut self, source: &str, out: &str) -> std::result::Result<PathBuf, String> {
        let name = xxh3_64(out.as_bytes());
        self.own_names.retain(|own| source.starts_with(own.as_str()));
        if self.contested.contains(&name) || self.own_names.iter().any(|own| own == out && own != source) {
            return Err(format!(
                "{out} {TAKEN}, and {source} would be written there too; rename one \
                 of the sources"
            ));
        }
        if out == source {
            self.own_names.push(out.into());
        } else {
            // Another source may be called what this output is called; path order brings it later.
            self.contested.insert(name);
        }
        let target = self.folder.standing.root().join(manifest::to_path(out));
        if self.folder.forbidden.as_ref().is_some_and(|input| target.starts_with(input)) {
            return Err(format!("{} lies inside the input folder, where nothing is written", target.display()));
        }
        Ok(target)
    }

    /// Whether an earlier run wrote this output for another page: for `page.txt`, where `page` wants its name
    /// now, or the other way round.
    fn was_written_for_another(&mut self, out: &str) -> bool {
        let names = || {
            self.folder.standing.earlier().filter_map(|row| Written::of(&row)).map(|out| xxh3_64(out.path.as_bytes()))
        };
        self.written.get_or_insert_with(|| names().collect()).contains(&xxh3_64(out.as_bytes()))
    }

    /// What earlier runs know of this page; what they know of pages before it is orphaned.
    fn pass_over_to(&mut self, path: &str, record: Option<u64>) -> Option<RowLine> {
        let orphans = &mut self.orphans;
        self.earlier.row_of(path, record, |gone| orphans.extend(Written::of(&gone)))
    }

    fn remove_orphans(&mut self) {
        let wanted: HashSet<String> = match self.orphans.is_empty() {
            true => HashSet::new(),
            false => {
                let standing = PreviousRows::open(&self.folder.standing.journal(), Path::new(""));
                standing.filter_map(|row| Written::of(&row)).map(|out| out.path).collect()
            }
        };
        for out in self.orphans.drain(..) {
            let target = self.folder.standing.root().join(manifest::to_path(&out.path));
            let is_inside =
                manifest::to_path(&out.path).components().all(|part| matches!(part, std::path::Component::Normal(_)));
            let is_ours = || fs::read(&target).is_ok_and(|bytes| sha256(&bytes) == out.sha256);
            if is_inside && !wanted.contains(&out.path) && is_ours() && fs::remove_file(&target).is_ok() {
                remove_empty_parents(&target, self.folder.standing.root());
            }
        }
    }

    fn journal_error(&self, cause: io::Error) -> Error {
        write_error(&self.folder.standing.journal(), cause)
    }
}

fn fail(row: &mut Row, why: String) {
    let mut failed = Row::new(std::mem::take(&mut row.path), row.record, Status::Failed);
    failed.reason = Some(why);
    failed.bytes = row.bytes;
    failed.sha256 = row.sha256.take();
    *row = failed;
}

fn write_error(path: &Path, cause: io::Error) -> Error {
    Error::Write { path: path.into(), cause }
}

fn same_bytes(one: &Path, other: &Path) -> bool {
    let bytes = |path: &Path| fs::metadata(path).ok().filter(fs::Metadata::is_file).map(|meta| meta.len());
    bytes(one) == bytes(other) && fs::read(one).ok() == fs::read(other).ok()
}

fn remove_empty_parents(file: &Path, root: &Path) {
    let parents = file.ancestors().skip(1).take_while(|parent| *parent != root && parent.starts_with(root));
    for parent in parents {
        if fs::remove_dir(parent).is_err() {
            return;
        }
    }
}

/// An output that an earlier run wrote.
#[derive(Debug)]
struct Written {
    path: String,
    sha256: String,
}

impl Written {
    /// The file of its own that a row tells of; documents of a shard have none.
    fn of(line: &RowLine) -> Option<Written> {
        let out = line.told()?.output.filter(|out| out.line.is_none())?;
        Some(Written { path: out.path.to_string(), sha256: out.sha256.to_string() })
    }
}
