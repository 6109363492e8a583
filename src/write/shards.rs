//! Shards: the documents of many pages in files of about one size.
//!
//! A run writes its shards in the inner folder, and they take their names together when it ends: until then those of
//! the earlier run stand, and their documents are copied where their pages have not changed. The journal names each
//! shard with its hash. What stands in a shard, and how, is its [format](crate::write::formats)'s affair.

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};

use sha2::{Digest, Sha256};

use crate::hash::hex;
use crate::manifest::relative_path::RelativePath;
use crate::manifest::shard::{BEGINS, Shard};
use crate::write::formats::{self, ShardFormat, ShardReader, ShardWriter};
use crate::write::output_dir::{OutputDir, ShardState, inner};
use crate::write::root_dir::{Entry, OutputFile, RootDir};

/// The shards that the lines of a manifest name.
pub(super) fn named_in(manifest: File) -> impl Iterator<Item = Shard> {
    let lines = BufReader::with_capacity(1 << 16, manifest).split(b'\n').map_while(Result::ok);
    lines.filter(|line| line.starts_with(BEGINS.as_bytes())).filter_map(|line| serde_json::from_slice(&line).ok())
}

/// How many shards are written to, or copied from, by turns: a row group of each is held in memory. Where documents are of
/// more kinds, their shards are smaller.
const MOST_OPEN: usize = 8;

/// The shards of a run.
#[derive(Debug)]
pub struct Shards<'f> {
    standing: &'f OutputDir,
    dir: &'f RootDir,
    /// Bytes of documents that fill a shard.
    full_at: u64,
    /// The shards of an earlier run that are being copied from, the one asked last behind.
    sources: Vec<(String, Documents)>,
    /// How many shards of this run were begun.
    count: usize,
    /// Those of them that are full, and that the journal does not name yet.
    closed: Vec<Shard>,
    /// One of each format and kind at most, the one last put into behind: what is copied stays in the format that it has.
    open: Vec<Open>,
}

struct Open {
    format: &'static dyn ShardFormat,
    kind: Vec<u8>,
    writer: Box<dyn ShardWriter>,
    path: String,
    documents: u64,
    bytes: u64,
}

impl std::fmt::Debug for Open {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Open").field("path", &self.path).field("documents", &self.documents).finish_non_exhaustive()
    }
}

/// Reads the documents of a shard, one after the other.
struct Documents {
    format: &'static dyn ShardFormat,
    reader: Box<dyn ShardReader>,
    read: u64,
}

impl std::fmt::Debug for Documents {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Documents").field("format", &self.format).field("read", &self.read).finish_non_exhaustive()
    }
}

impl Documents {
    fn new(name: &str, file: File) -> io::Result<Documents> {
        let format = formats::of_name(name).ok_or_else(|| io::Error::other("no format of shards has this ending"))?;
        Ok(Documents { format, reader: format.reader(file)?, read: 0 })
    }

    /// A document by its number, counted from 1; they are asked for in their order. `None` where there is none.
    fn at(&mut self, number: u64) -> Option<Vec<u8>> {
        if number <= self.read {
            return None;
        }
        while self.read + 1 < number {
            self.read += 1;
            if !self.reader.skip() {
                return None;
            }
        }
        self.read += 1;
        self.reader.next()
    }
}

/// Reads the texts of a shard's documents, one after the other.
pub struct Texts(Documents);

impl Texts {
    pub(super) fn new(name: &str, file: File) -> io::Result<Texts> {
        Documents::new(name, file).map(Texts)
    }

    /// Whether the text of a document, by its line, is one that is looked for; lines are asked for in their order.
    pub fn has_at(&mut self, line: u64, is_it: &dyn Fn(&str) -> bool) -> bool {
        self.0.at(line).is_some_and(|document| self.0.format.has_text(&document, is_it))
    }
}

/// A document's place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed {
    /// The shard's path below the output folder.
    pub path: String,
    /// Which document of it, counted from 1.
    pub line: u64,
}

impl<'f> Shards<'f> {
    /// Shards that are full at so many bytes of documents.
    pub(super) fn new(standing: &'f OutputDir, dir: &'f RootDir, full_at: u64) -> Shards<'f> {
        Shards { standing, dir, full_at, sources: Vec::new(), count: 0, closed: Vec::new(), open: Vec::new() }
    }

    /// Adds a document.
    ///
    /// # Errors
    /// What the operating system said; what is unfinished is given up then.
    pub fn put(&mut self, format: &'static dyn ShardFormat, document: &[u8]) -> io::Result<Placed> {
        let kind = format.kind(document);
        let is_its = |open: &Open| open.format.container() == format.container() && open.kind == kind;
        let mut open = match self.open.iter().position(is_its) {
            Some(at) => self.open.remove(at),
            None => self.begin(format, kind)?,
        };
        open.writer.put(document)?;
        open.documents += 1;
        open.bytes += (document.len() - kind.len()) as u64;
        let placed = Placed { path: open.path.clone(), line: open.documents };
        match open.bytes >= self.full_at {
            true => self.end(open)?,
            false => self.open.push(open),
        }
        Ok(placed)
    }

    /// Copies a document of a shard that an earlier run wrote; `None` where it cannot be had. Documents are asked for in
    /// their order, so that each shard is read once.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn copy(&mut self, shard: &str, line: u64) -> io::Result<Option<Placed>> {
        let open = self.sources.iter().position(|(open, _)| open == shard);
        let mut source = open.map(|at| self.sources.remove(at));
        if source.is_none() {
            let known = self.standing.shards().iter().find(|(known, _)| known.path == *shard);
            // An edited one is copied from where the run was told to start over: what it holds is not lost.
            let is_there = known.is_some_and(|(_, state)| *state != ShardState::Missing);
            let path = RelativePath::of(shard).ok().filter(|_| is_there);
            let file = path.and_then(|path| self.dir.open_file(&path).ok());
            let documents = file.and_then(|file| Documents::new(shard, file).ok());
            source = documents.map(|documents| (shard.to_string(), documents));
        }
        let document = source.as_mut().and_then(|(_, from)| Some((from.at(line)?, from.format)));
        self.sources.extend(source);
        if self.sources.len() > MOST_OPEN {
            self.sources.remove(0);
        }
        match document {
            Some((document, format)) => self.put(format, &document).map(Some),
            None => Ok(None),
        }
    }

    /// The shards that have become full since this was asked.
    pub fn take_closed(&mut self) -> Vec<Shard> {
        std::mem::take(&mut self.closed)
    }

    /// Ends what is open.
    ///
    /// # Errors
    /// What the operating system said.
    pub fn close(&mut self) -> io::Result<()> {
        let mut open = std::mem::take(&mut self.open);
        open.sort_by(|one, other| one.path.cmp(&other.path));
        open.into_iter().try_for_each(|open| self.end(open))
    }

    fn end(&mut self, open: Open) -> io::Result<()> {
        let mut hashed = open.writer.finish()?;
        hashed.file.flush()?;
        hashed.file.get_ref().sync()?;
        self.closed.push(Shard { path: open.path, documents: open.documents, sha256: hex(hashed.hash) });
        Ok(())
    }

    fn begin(&mut self, format: &'static dyn ShardFormat, kind: &[u8]) -> io::Result<Open> {
        if self.open.len() == MOST_OPEN {
            let longest_ago = self.open.remove(0);
            self.end(longest_ago)?;
        }
        let path = format!("part-{:05}.{}", self.count, format.ending());
        let name = RelativePath::of(&path).map_err(io::Error::other)?;
        let is_ours = self.standing.shards().iter().any(|(shard, _)| shard.path == name.as_str());
        if !is_ours && self.dir.entry(&name)? != Entry::Nothing {
            let why = format!(
                "{} exists and no run of dechaff is known to have written it; move it away or choose another folder",
                crate::error::printable(&self.dir.shown(&name).to_string_lossy())
            );
            return Err(io::Error::new(io::ErrorKind::AlreadyExists, why));
        }
        let file = self.dir.create_file(&inner(&format!("new/{name}")))?;
        let writer = format.writer(Hashed { file: BufWriter::new(file), hash: Sha256::new() }, kind)?;
        self.count += 1;
        Ok(Open { format, kind: kind.to_vec(), writer, path, documents: 0, bytes: 0 })
    }
}

/// A file of the output folder whose bytes are hashed as they are written.
pub struct Hashed {
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
