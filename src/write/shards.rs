//! Shards: the lines of many pages in compressed files of about one size.
//!
//! A run writes its shards in the inner folder, and they take their names together when it ends: until then those of
//! the earlier run stand, and their lines are copied where their pages have not changed. The journal names each shard
//! with its hash.

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};

use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::hash::hex;
use crate::manifest::relative_path::RelativePath;
use crate::manifest::shard::{BEGINS, Shard};
use crate::write::output_dir::{OutputDir, ShardState, inner};
use crate::write::root_dir::{Entry, OutputFile, RootDir};

/// How hard Zstandard tries: its own default.
const LEVEL: i32 = 3;

/// The shards that the lines of a manifest name.
pub(super) fn named_in(manifest: File) -> impl Iterator<Item = Shard> {
    let lines = BufReader::with_capacity(1 << 16, manifest).split(b'\n').map_while(Result::ok);
    lines.filter(|line| line.starts_with(BEGINS.as_bytes())).filter_map(|line| serde_json::from_slice(&line).ok())
}

/// The shards of a run.
#[derive(Debug)]
pub struct Shards<'f> {
    standing: &'f OutputDir,
    dir: &'f RootDir,
    /// Unpacked bytes that fill a shard.
    full_at: u64,
    /// The shard of an earlier run that is being copied from.
    source: Option<(String, Lines)>,
    /// How many shards of this run are full.
    count: usize,
    /// Those of them that the journal does not name yet.
    closed: Vec<Shard>,
    open: Option<Open>,
}

struct Open {
    encoder: zstd::stream::write::Encoder<'static, Hashed>,
    lines: u64,
    bytes: u64,
}

impl std::fmt::Debug for Open {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Open").field("lines", &self.lines).field("bytes", &self.bytes).finish_non_exhaustive()
    }
}

/// Reads the lines of a shard, one after the other.
struct Lines {
    lines: BufReader<zstd::Decoder<'static, BufReader<File>>>,
    read: u64,
}

impl std::fmt::Debug for Lines {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Lines").field("read", &self.read).finish_non_exhaustive()
    }
}

impl Lines {
    fn new(file: File) -> io::Result<Lines> {
        Ok(Lines { lines: BufReader::new(zstd::Decoder::new(file)?), read: 0 })
    }

    /// A line by its number; they are asked for in their order. `None` where there is none.
    fn at(&mut self, line: u64) -> Option<Vec<u8>> {
        if line <= self.read {
            return None;
        }
        let mut json = Vec::new();
        while self.read < line {
            json.clear();
            self.read += 1;
            if self.lines.read_until(b'\n', &mut json).ok()? == 0 {
                return None;
            }
        }
        Some(json)
    }
}

/// Reads the texts of a shard's documents, one line after the other.
pub struct Texts(Lines);

impl Texts {
    pub(super) fn new(file: File) -> io::Result<Texts> {
        Lines::new(file).map(Texts)
    }

    /// The text of a document, by its line; lines are asked for in their order. `None` where there is none.
    pub fn at(&mut self, line: u64) -> Option<String> {
        #[derive(Deserialize)]
        struct Document {
            text: String,
        }
        serde_json::from_slice::<Document>(&self.0.at(line)?).ok().map(|document| document.text)
    }
}

/// A line's place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed {
    /// The shard's path below the output folder.
    pub path: String,
    /// The line in it, counted from 1.
    pub line: u64,
}

impl<'f> Shards<'f> {
    /// Shards that are full at so many unpacked bytes.
    pub(super) fn new(standing: &'f OutputDir, dir: &'f RootDir, full_at: u64) -> Shards<'f> {
        Shards { standing, dir, full_at, source: None, count: 0, closed: Vec::new(), open: None }
    }

    /// Adds a line.
    ///
    /// # Errors
    /// What the operating system said; what is unfinished is given up then.
    pub fn put(&mut self, line: &[u8]) -> io::Result<Placed> {
        let path = self.name();
        let mut open = match self.open.take() {
            Some(open) => open,
            None => self.begin()?,
        };
        open.encoder.write_all(line)?;
        open.lines += 1;
        open.bytes += line.len() as u64;
        let placed = Placed { path, line: open.lines };
        let is_full = open.bytes >= self.full_at;
        self.open = Some(open);
        if is_full {
            self.close()?;
        }
        Ok(placed)
    }

    /// Copies a line of a shard that an earlier run wrote; `None` where it cannot be had. Lines are asked for in their
    /// order, so that each shard is read once.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn copy(&mut self, shard: &str, line: u64) -> io::Result<Option<Placed>> {
        if self.source.as_ref().is_none_or(|(open, _)| open != shard) {
            let known = self.standing.shards().iter().find(|(known, _)| known.path == *shard);
            // An edited one is copied from where the run was told to start over: what it holds is not lost.
            let is_there = known.is_some_and(|(_, state)| *state != ShardState::Missing);
            let path = RelativePath::of(shard).ok().filter(|_| is_there);
            let lines = path.and_then(|path| self.dir.open_file(&path).and_then(Lines::new).ok());
            self.source = lines.map(|lines| (shard.to_string(), lines));
        }
        match self.source.as_mut().and_then(|(_, lines)| lines.at(line)) {
            Some(line) => self.put(&line).map(Some),
            None => Ok(None),
        }
    }

    /// The shards that have become full since this was asked.
    pub fn take_closed(&mut self) -> Vec<Shard> {
        std::mem::take(&mut self.closed)
    }

    /// Ends the last shard.
    ///
    /// # Errors
    /// What the operating system said.
    pub fn close(&mut self) -> io::Result<()> {
        let Some(open) = self.open.take() else { return Ok(()) };
        let mut hashed = open.encoder.finish()?;
        hashed.file.flush()?;
        hashed.file.get_ref().sync()?;
        self.closed.push(Shard { path: self.name(), documents: open.lines, sha256: hex(hashed.hash) });
        self.count += 1;
        Ok(())
    }

    fn name(&self) -> String {
        format!("part-{:05}.jsonl.zst", self.count)
    }

    fn begin(&self) -> io::Result<Open> {
        let name = RelativePath::of(&self.name()).map_err(io::Error::other)?;
        let is_ours = self.standing.shards().iter().any(|(shard, _)| shard.path == name.as_str());
        if !is_ours && self.dir.entry(&name)? != Entry::Nothing {
            let why = format!(
                "{} exists and no run of dechaff is known to have written it; move it away or choose another folder",
                crate::error::printable(&self.dir.shown(&name).to_string_lossy())
            );
            return Err(io::Error::new(io::ErrorKind::AlreadyExists, why));
        }
        let file = self.dir.create_file(&inner(&format!("new/{name}")))?;
        let file = Hashed { file: BufWriter::new(file), hash: Sha256::new() };
        Ok(Open { encoder: zstd::stream::write::Encoder::new(file, LEVEL)?, lines: 0, bytes: 0 })
    }
}

struct Hashed {
    file: BufWriter<OutputFile>,
    hash: Sha256,
}

impl Write for Hashed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.hash.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

pub(super) fn hash_of(mut file: File) -> io::Result<String> {
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 64 << 10];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(hex(hash)),
            read => hash.update(&buffer[..read]),
        }
    }
}
/// Where a shard waits for the end of the run.
pub(super) fn aside(shard: &Shard) -> Option<RelativePath> {
    shard.name().map(|name| inner(&format!("new/{name}")))
}
