//! The output folder: its lock, its temporaries, what an earlier run left in it, and how a page takes its
//! final name.
//!
//! Everything unfinished lives in `.dechaff/`. A file that no manifest knows is left alone; one that an
//! earlier run wrote is replaced, or removed when its source is gone and its hash still matches.

use std::cmp::Ordering;
use std::collections::HashSet;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

use serde::Deserialize;
use sha2::{Digest, Sha256};
use xxhash_rust::xxh3::xxh3_64;

use crate::error::{Error, Result};
use crate::manifest::{self, FILE_NAME, Header, Row, Rows, Status};
use crate::render::journal::Journal;
use crate::render::shards::Shards;
use crate::render::whole;

/// The folder in the output folder where everything unfinished lives.
pub const INNER: &str = ".dechaff";

/// The file in [`INNER`] that holds what the last run knew of sites.
pub const KNOWLEDGE: &str = "knowledge.jsonl";

/// The text of a page that waits to be committed.
#[derive(Debug)]
pub enum Kept {
    /// A file under a temporary name.
    Aside(PathBuf),
    /// A line of a shard.
    Line(Vec<u8>),
}

/// An output folder, held against other runs.
#[derive(Debug)]
pub struct Folder {
    root: PathBuf,
    inner: PathBuf,
    /// Where the input lies, if it lies inside the output: nothing is written there.
    forbidden: Option<PathBuf>,
    _lock: File,
}

impl Folder {
    /// Creates and locks an output folder, and takes over what a killed run left.
    ///
    /// # Errors
    /// Where the folder cannot be made or written, another run holds it, or its manifest is none of ours.
    pub fn open(root: &Path, forbidden: Option<PathBuf>) -> Result<Folder> {
        let manifest = root.join(FILE_NAME);
        if manifest.exists() {
            let file = File::open(&manifest).map_err(|cause| Error::Read { path: manifest.clone(), cause })?;
            Rows::read(&manifest, BufReader::new(file))?;
        }
        let inner = root.join(INNER);
        fs::create_dir_all(inner.join("new")).map_err(|cause| write_error(&inner, cause))?;
        let lock_path = inner.join("lock");
        let lock = OpenOptions::new().create(true).truncate(false).write(true).open(&lock_path);
        let lock = lock.map_err(|cause| write_error(&lock_path, cause))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(Error::Locked { path: root.into() }),
            Err(TryLockError::Error(cause)) => return Err(write_error(&lock_path, cause)),
        }
        let folder = Folder { root: root.into(), inner, forbidden, _lock: lock };
        folder.take_over().map_err(|cause| write_error(&folder.inner, cause))?;
        Ok(folder)
    }

    /// Writes a page's text under a temporary name.
    ///
    /// # Errors
    /// Where it cannot be written; nothing is left behind then.
    pub fn put_aside(&self, ticket: u64, bytes: &[u8]) -> Result<PathBuf> {
        let path = self.inner.join("new").join(ticket.to_string());
        fs::write(&path, bytes).map_err(|cause| {
            let _ = fs::remove_file(&path);
            write_error(&path, cause)
        })?;
        Ok(path)
    }

    /// Keeps what the run knows of sites, for whoever explains its pages.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn keep_knowledge(&self, text: &[u8]) -> Result<()> {
        whole::write(&self.inner.join(KNOWLEDGE), text)
    }

    /// Starts the journal of a run. Shards, where it writes any, are full at `shard_bytes`.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn committer(&self, header: &Header, shard_bytes: u64) -> Result<Committer<'_>> {
        fs::write(self.inner.join(".gitignore"), "*\n").map_err(|cause| write_error(&self.inner, cause))?;
        let path = self.journal();
        let file = OpenOptions::new().create(true).truncate(true).read(true).write(true).open(&path);
        let journal = file.and_then(|file| Journal::start(file, header)).map_err(|cause| write_error(&path, cause))?;
        Ok(Committer {
            folder: self,
            journal,
            earlier: Earlier::open(&self.root.join(FILE_NAME), &self.interrupted()),
            shards: Shards::open(&self.root, &self.inner, shard_bytes),
            contested: HashSet::new(),
            orphans: Vec::new(),
            last_parent: None,
        })
    }

    fn journal(&self) -> PathBuf {
        self.inner.join("journal.jsonl")
    }

    fn interrupted(&self) -> PathBuf {
        self.inner.join("interrupted.jsonl")
    }

    /// Clears the temporaries of a killed run and sets its journal aside, so that its outputs stay known.
    fn take_over(&self) -> io::Result<()> {
        for left in fs::read_dir(self.inner.join("new"))? {
            fs::remove_file(left?.path())?;
        }
        let (journal, interrupted) = (self.journal(), self.interrupted());
        if !journal.exists() {
            return Ok(());
        }
        if interrupted.exists() {
            let both = self.inner.join("interrupted.new");
            let mut merged = BufWriter::new(File::create(&both)?);
            for row in Earlier::open(&interrupted, &journal) {
                serde_json::to_writer(&mut merged, &row)?;
                merged.write_all(b"\n")?;
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
    folder: &'f Folder,
    journal: Journal,
    earlier: Earlier,
    shards: Shards,
    /// Hashes of output paths that differ from their source's, so that a later source may want the same.
    contested: HashSet<u64>,
    /// What earlier runs wrote for sources that are gone.
    orphans: Vec<Known>,
    last_parent: Option<PathBuf>,
}

impl Committer<'_> {
    /// Commits one page: its row into the journal, then its text under its final name. What cannot be done
    /// turns the row into a failed one, which is returned.
    ///
    /// # Errors
    /// Where the journal itself cannot be written: the run cannot go on.
    pub fn commit(&mut self, mut row: Row, kept: Option<Kept>, drop_copies: bool) -> Result<Row> {
        let (aside, line) = match kept {
            Some(Kept::Aside(aside)) => (Some(aside), None),
            Some(Kept::Line(line)) => (None, Some(line)),
            None => (None, None),
        };
        let known = self.pass_over_to(&row);
        let ours = known.and_then(|known| known.out);
        let mut target = None;
        if let (Some(out), Some(aside)) = (row.out.clone(), &aside) {
            match self.prepare(&row, &out, ours.as_ref(), aside) {
                Ok(path) => target = Some(path),
                Err(why) => fail(&mut row, why),
            }
        }
        if let Some(out) = &row.out {
            row.copy_of = self.journal.original_of(&out.sha256).map_err(|cause| self.journal_error(cause))?;
        }
        if drop_copies && row.copy_of.is_some() {
            row.out = None;
            target = None;
        }
        if let (Some(out), Some(line)) = (&mut row.out, line) {
            let placed = self.shards.put(&line).map_err(|cause| write_error(&self.folder.root, cause))?;
            (out.path, out.line) = (placed.path, Some(placed.line));
        }
        let written = row.out.as_ref().map(|out| &out.path);
        if let Some(ours) = ours.filter(|ours| Some(&ours.path) != written) {
            self.orphans.push(Known { path: row.path.clone(), record: row.record, out: Some(ours) });
        }
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

    /// Ends the run: removes what is left of sources that are gone, and gives the manifest its name.
    ///
    /// # Errors
    /// Where the manifest cannot be written.
    pub fn finish(mut self) -> Result<()> {
        self.orphans.extend(self.earlier.by_ref());
        self.remove_orphans();
        let folder = self.folder;
        let done = |journal: &mut Journal| -> io::Result<()> {
            if journal.has_superseded_rows() {
                let copy = folder.inner.join("journal.new");
                let mut file = BufWriter::new(File::create(&copy)?);
                journal.copy_standing(&mut file)?;
                file.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
                fs::rename(copy, folder.journal())?;
            } else {
                journal.sync()?;
            }
            fs::rename(folder.journal(), folder.root.join(FILE_NAME))?;
            match fs::remove_file(folder.interrupted()) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
                _ => Ok(()),
            }
        };
        self.shards.finish().map_err(|cause| write_error(&folder.root, cause))?;
        done(&mut self.journal).map_err(|cause| write_error(&folder.root.join(FILE_NAME), cause))
    }

    /// Checks that a page may take its name, and makes the folder it goes into.
    fn prepare(
        &mut self,
        row: &Row,
        out: &manifest::Output,
        ours: Option<&KnownOutput>,
        aside: &Path,
    ) -> std::result::Result<PathBuf, String> {
        let target = self.folder.root.join(manifest::to_path(&out.path));
        let name = xxh3_64(out.path.as_bytes());
        if self.contested.contains(&name) {
            return Err(format!(
                "{} is already the name of another page's output; rename one of the sources",
                out.path
            ));
        }
        if out.path != row.path {
            // Another source may be called what this output is called; path order brings it later.
            self.contested.insert(name);
        }
        if self.folder.forbidden.as_ref().is_some_and(|input| target.starts_with(input)) {
            return Err(format!("{} lies inside the input folder, where nothing is written", target.display()));
        }
        let parent = target.parent().unwrap_or(&self.folder.root).to_path_buf();
        if self.last_parent.as_ref() != Some(&parent) {
            fs::create_dir_all(&parent).map_err(|cause| format!("cannot make {}: {cause}", parent.display()))?;
            self.last_parent = Some(parent);
        }
        match fs::symlink_metadata(&target) {
            Err(_) => Ok(target),
            Ok(meta) if meta.is_dir() => Err(format!("{} is a folder", target.display())),
            Ok(_) if ours.is_some_and(|ours| ours.path == out.path) => Ok(target),
            Ok(_) if same_bytes(&target, aside) => Ok(target),
            Ok(_) => Err(format!(
                "{} exists and no run of dechaff is known to have written it; move it away or choose another folder",
                target.display()
            )),
        }
    }

    /// What earlier runs know of this page; what they know of pages before it is orphaned.
    fn pass_over_to(&mut self, row: &Row) -> Option<Known> {
        loop {
            match self.earlier.peek().map(|known| known.place_cmp(row))? {
                Ordering::Less => {
                    let orphan = self.earlier.next()?;
                    self.orphans.push(orphan);
                }
                Ordering::Equal => return self.earlier.next(),
                Ordering::Greater => return None,
            }
        }
    }

    fn remove_orphans(&mut self) {
        let wanted: HashSet<String> = match self.orphans.iter().any(|orphan| orphan.out.is_some()) {
            true => Earlier::open(&self.folder.journal(), Path::new(""))
                .filter_map(|known| known.out.map(|out| out.path))
                .collect(),
            false => HashSet::new(),
        };
        for out in self.orphans.drain(..).filter_map(|orphan| orphan.out) {
            let target = self.folder.root.join(manifest::to_path(&out.path));
            let is_inside =
                manifest::to_path(&out.path).components().all(|part| matches!(part, std::path::Component::Normal(_)));
            let is_ours = || fs::read(&target).is_ok_and(|bytes| sha256(&bytes) == out.sha256);
            if is_inside && !wanted.contains(&out.path) && is_ours() && fs::remove_file(&target).is_ok() {
                remove_empty_parents(&target, &self.folder.root);
            }
        }
    }

    fn journal_error(&self, cause: io::Error) -> Error {
        write_error(&self.folder.journal(), cause)
    }
}

/// SHA-256 of some bytes, in hexadecimal.
pub fn sha256(bytes: &[u8]) -> String {
    let mut hex = String::with_capacity(64);
    for byte in Sha256::digest(bytes) {
        for half in [byte >> 4, byte & 15] {
            hex.push(char::from_digit(u32::from(half), 16).unwrap_or('0'));
        }
    }
    hex
}

fn fail(row: &mut Row, why: String) {
    let mut failed = Row::new(std::mem::take(&mut row.path), row.record, Status::Failed);
    failed.why = Some(why);
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

/// What an earlier run's row says of its output; the rest of the row is not read.
#[derive(Debug, Clone, Deserialize, serde::Serialize)]
struct Known {
    path: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    record: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    out: Option<KnownOutput>,
}

#[derive(Debug, Clone, Deserialize, serde::Serialize)]
struct KnownOutput {
    path: String,
    sha256: String,
}

impl Known {
    fn place_cmp(&self, row: &Row) -> Ordering {
        manifest::path_cmp(&self.path, &row.path).then(self.record.cmp(&row.record))
    }
}

/// The rows of the last manifest and of a killed run's journal, merged in path order; where both know a
/// page, the journal is the younger. A line that is no row (a killed run's last one) is passed over.
#[derive(Debug)]
struct Earlier {
    manifest: KnownRows,
    journal: KnownRows,
    peeked: Option<Option<Known>>,
}

impl Earlier {
    fn open(manifest: &Path, journal: &Path) -> Earlier {
        Earlier { manifest: KnownRows::open(manifest), journal: KnownRows::open(journal), peeked: None }
    }

    fn peek(&mut self) -> Option<&Known> {
        if self.peeked.is_none() {
            self.peeked = Some(self.merge());
        }
        self.peeked.as_ref()?.as_ref()
    }

    fn merge(&mut self) -> Option<Known> {
        let order = match (&self.manifest.head, &self.journal.head) {
            (Some(old), Some(young)) => manifest::path_cmp(&old.path, &young.path).then(old.record.cmp(&young.record)),
            (Some(_), None) => Ordering::Less,
            (None, _) => Ordering::Greater,
        };
        match order {
            Ordering::Less => self.manifest.take(),
            Ordering::Greater => self.journal.take(),
            Ordering::Equal => {
                self.manifest.take();
                self.journal.take()
            }
        }
    }
}

impl Iterator for Earlier {
    type Item = Known;

    fn next(&mut self) -> Option<Known> {
        self.peeked.take().unwrap_or_else(|| self.merge())
    }
}

#[derive(Debug)]
struct KnownRows {
    lines: Option<BufReader<File>>,
    head: Option<Known>,
}

impl KnownRows {
    fn open(path: &Path) -> KnownRows {
        let mut rows = KnownRows { lines: File::open(path).ok().map(BufReader::new), head: None };
        rows.take();
        rows
    }

    fn take(&mut self) -> Option<Known> {
        let taken = self.head.take();
        let mut line = Vec::new();
        while let Some(lines) = &mut self.lines {
            line.clear();
            match lines.read_until(b'\n', &mut line) {
                Ok(0) | Err(_) => break,
                Ok(_) => {}
            }
            if let Ok(known) = serde_json::from_slice(&line) {
                self.head = Some(known);
                break;
            }
        }
        taken
    }
}
