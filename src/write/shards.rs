//! Shards: the lines of many pages in compressed files of about one size, each whole or not there.
//!
//! A shard is written in the inner folder and takes its name when it is full, or when the run ends; a killed run
//! leaves none unfinished. What shards a run has written stands in a list beside it, each before it takes its name,
//! so that the next run knows which are its own to replace.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::hash::hex;

/// The list of shards, in the inner folder.
const LIST: &str = "shards.jsonl";

/// How hard Zstandard tries: its own default.
const LEVEL: i32 = 3;

/// The shards of a run.
#[derive(Debug)]
pub struct Shards {
    root: PathBuf,
    inner: PathBuf,
    /// Unpacked bytes that fill a shard.
    full_at: u64,
    /// Shards of earlier runs.
    earlier: Vec<Shard>,
    /// Shards of this run that have their names.
    written: Vec<Shard>,
    open: Option<Open>,
}

/// A shard that was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Shard {
    path: String,
    sha256: String,
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

/// Reads the texts of a shard's documents, one line after the other.
pub struct Texts {
    lines: BufReader<zstd::Decoder<'static, BufReader<File>>>,
    read: u64,
}

impl Texts {
    /// Opens a shard.
    ///
    /// # Errors
    /// What the operating system said.
    pub fn open(path: &Path) -> io::Result<Texts> {
        let decoder = zstd::Decoder::new(File::open(path)?)?;
        Ok(Texts { lines: BufReader::new(decoder), read: 0 })
    }

    /// The text of a document, by its line; lines are asked for in their order. `None` where there is none.
    pub fn at(&mut self, line: u64) -> Option<String> {
        #[derive(Deserialize)]
        struct Document {
            text: String,
        }
        let mut json = Vec::new();
        while self.read < line {
            json.clear();
            self.read += 1;
            if self.lines.read_until(b'\n', &mut json).ok()? == 0 {
                return None;
            }
        }
        serde_json::from_slice::<Document>(&json).ok().map(|document| document.text)
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

impl Shards {
    /// Knows the shards of earlier runs in a folder; where `full_at` is `None`, no more are written.
    pub fn open(root: &Path, inner: &Path, full_at: u64) -> Shards {
        let list = fs::read_to_string(inner.join(LIST)).unwrap_or_default();
        let earlier = list.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
        Shards { root: root.into(), inner: inner.into(), full_at, earlier, written: Vec::new(), open: None }
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

    /// Gives the last shard its name and removes those of earlier runs that this one has not written again.
    ///
    /// # Errors
    /// What the operating system said.
    pub fn finish(mut self) -> io::Result<()> {
        self.close()?;
        for shard in &self.earlier {
            let target = self.root.join(&shard.path);
            let is_gone = is_name(&shard.path) && self.written.iter().all(|written| written.path != shard.path);
            if is_gone && hash_of(&target).is_ok_and(|hash| hash == shard.sha256) {
                fs::remove_file(target)?;
            }
        }
        match self.written.is_empty() {
            true if self.earlier.is_empty() => Ok(()),
            true => fs::remove_file(self.inner.join(LIST)),
            false => {
                let aside = self.inner.join("shards.new");
                let mut list = BufWriter::new(File::create(&aside)?);
                for shard in &self.written {
                    serde_json::to_writer(&mut list, shard)?;
                    list.write_all(b"\n")?;
                }
                list.flush()?;
                fs::rename(aside, self.inner.join(LIST))
            }
        }
    }

    fn name(&self) -> String {
        format!("part-{:05}.jsonl.zst", self.written.len())
    }

    fn aside(&self) -> PathBuf {
        self.inner.join("new").join("shard")
    }

    fn begin(&self) -> io::Result<Open> {
        let target = self.root.join(self.name());
        if let Ok(hash) = hash_of(&target)
            && !self.earlier.iter().any(|shard| shard.path == self.name() && shard.sha256 == hash)
        {
            let why = format!(
                "{} exists and no run of dechaff is known to have written it; move it away or choose \
                another folder",
                target.display()
            );
            return Err(io::Error::new(io::ErrorKind::AlreadyExists, why));
        }
        let file = Hashed { file: BufWriter::new(File::create(self.aside())?), hash: Sha256::new() };
        Ok(Open { encoder: zstd::stream::write::Encoder::new(file, LEVEL)?, lines: 0, bytes: 0 })
    }

    fn close(&mut self) -> io::Result<()> {
        let Some(open) = self.open.take() else { return Ok(()) };
        let mut hashed = open.encoder.finish()?;
        hashed.file.flush()?;
        let shard = Shard { path: self.name(), sha256: hex(hashed.hash) };
        let mut list = OpenOptions::new().create(true).append(true).open(self.inner.join(LIST))?;
        list.write_all(format!("{}\n", serde_json::to_string(&shard)?).as_bytes())?;
        fs::rename(self.aside(), self.root.join(&shard.path))?;
        self.written.push(shard);
        Ok(())
    }
}

/// Whether a name in the list is one that a run can have given: the list is not trusted.
fn is_name(path: &str) -> bool {
    let number = path.strip_prefix("part-").and_then(|rest| rest.strip_suffix(".jsonl.zst"));
    number.is_some_and(|number| number.len() >= 5 && number.bytes().all(|byte| byte.is_ascii_digit()))
}

struct Hashed {
    file: BufWriter<File>,
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

fn hash_of(path: &Path) -> io::Result<String> {
    let mut file = File::open(path)?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 64 << 10];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(hex(hash)),
            read => hash.update(&buffer[..read]),
        }
    }
}
