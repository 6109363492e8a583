//! What the manifest says of documents, as dolma's attributes: files that stand beside shards, a line a document, with spans of
//! its text and a score each. All of it is said of whole documents, so each span is the whole text.

use std::cell::Cell;
use std::collections::{BTreeMap, HashMap};
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::error::{Error, Result, printable};
use crate::hash::sha256;
use crate::manifest::shard::{self, Shard};
use crate::manifest::{FilterValue, Output, Row};
use crate::write::document;
use crate::write::output_dir::OutputDir;
use crate::write::shards::Texts;

/// The level that lines are compressed with: that of shards.
const LEVEL: i32 = 3;

/// What the names of all attributes begin with.
const PREFIX: &str = "dechaff__";

/// What was written.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct AttributeCounts {
    /// Documents.
    pub documents: u64,
    /// Files, as many as there are shards.
    pub files: u64,
}

/// Writes the attributes of all documents of an output folder into another folder: a file for each shard, with its name.
///
/// # Errors
/// Where the folder has no shards, one of them is not as it was written, or the files cannot be written.
pub fn write(standing: &OutputDir, dir: &Path) -> Result<AttributeCounts> {
    let absolute = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.into());
    if absolute(dir).starts_with(absolute(standing.root())) {
        return Err(Error::Folders(format!(
            "{} lies in the folder that was cleaned, which holds outputs alone; choose another folder",
            printable(&dir.to_string_lossy())
        )));
    }
    let manifest = standing.manifest();
    let failed = |cause| Error::Read { path: manifest.clone(), cause };
    let mut lines = BufReader::new(File::open(&manifest).map_err(failed)?);
    let (mut line, mut number) = (Vec::new(), 0);
    let mut open: HashMap<String, OpenShard> = HashMap::new();
    let mut counts = AttributeCounts::default();
    loop {
        line.clear();
        number += 1;
        if lines.read_until(b'\n', &mut line).map_err(failed)? == 0 {
            break;
        }
        let unread = |cause| Error::Manifest { path: manifest.clone(), line: number, cause };
        if number == 1 {
            continue;
        }
        if line.starts_with(shard::BEGINS.as_bytes()) {
            let shard: Shard = serde_json::from_slice(&line).map_err(unread)?;
            if let Some(done) = open.remove(&shard.path) {
                done.finish()?;
                counts.files += 1;
            }
            continue;
        }
        let row: Row = serde_json::from_slice(&line).map_err(unread)?;
        let Some(out) = &row.output else { continue };
        let Some(at) = out.line else {
            return Err(Error::Folders(format!(
                "{} has a file for each page, and attributes stand beside shards: clean with --output jsonl",
                printable(&standing.root().to_string_lossy())
            )));
        };
        let shard = match open.remove(&out.path) {
            Some(shard) => shard,
            None => OpenShard::begin(standing, dir, &out.path)?,
        };
        let shard = open.entry(out.path.clone()).or_insert(shard);
        shard.add(&row, out, at)?;
        counts.documents += 1;
    }
    for (_, left) in open {
        left.finish()?;
        counts.files += 1;
    }
    Ok(counts)
}

/// A shard that is read, and the file of its attributes.
struct OpenShard {
    /// The shard, as it is told.
    shown: String,
    texts: Texts,
    path: PathBuf,
    aside: PathBuf,
    lines: Option<zstd::Encoder<'static, File>>,
}

impl Drop for OpenShard {
    fn drop(&mut self) {
        // What has its name is no longer there.
        let _ = fs::remove_file(&self.aside);
    }
}

impl OpenShard {
    fn begin(standing: &OutputDir, dir: &Path, shard: &str) -> Result<OpenShard> {
        // A manifest is not trusted: what it names is one of our shards, or nothing.
        let named = Shard { path: shard.into(), documents: 0, sha256: String::new() };
        let stem = shard.split('.').next().filter(|_| named.name().is_some()).ok_or_else(|| {
            let manifest = standing.manifest();
            let (manifest, shard) = (printable(&manifest.to_string_lossy()), printable(shard));
            Error::Folders(format!("{manifest} names {shard}, which is no shard of dechaff"))
        })?;
        let shown = standing.root().join(shard);
        let texts = standing.texts(shard).map_err(|cause| Error::Read { path: shown.clone(), cause })?;
        let (path, aside) = (dir.join(format!("{stem}.jsonl.zst")), dir.join(format!(".{stem}.jsonl.zst.new")));
        let begun = fs::create_dir_all(dir).and_then(|()| zstd::Encoder::new(File::create(&aside)?, LEVEL));
        let lines = begun.map_err(|cause| Error::Write { path: aside.clone(), cause })?;
        Ok(OpenShard { shown: printable(&shown.to_string_lossy()), texts, path, aside, lines: Some(lines) })
    }

    fn add(&mut self, row: &Row, out: &Output, at: u64) -> Result<()> {
        let length = Cell::new(None);
        let is_it = |text: &str| {
            let is_it = text.len() as u64 == out.bytes && sha256(text.as_bytes()) == out.sha256;
            length.set(is_it.then(|| text.chars().count()));
            is_it
        };
        if !self.texts.has_at(at, &is_it) {
            return Err(Error::Folders(format!(
                "{}: line {at} is not the text of {}, which the manifest names; `dechaff verify` tells what was touched",
                self.shown,
                printable(&row.source().to_string())
            )));
        }
        let length = length.get().unwrap_or_default();
        let spans = |(name, score): (String, f64)| (name, [(0, length, score)]);
        let line = Line { id: document::id(row), attributes: attributes(row).into_iter().map(spans).collect() };
        let failed = |cause: io::Error| Error::Write { path: self.aside.clone(), cause };
        let mut bytes = serde_json::to_vec(&line).map_err(io::Error::other).map_err(failed)?;
        bytes.push(b'\n');
        self.lines.as_mut().map_or(Ok(()), |lines| lines.write_all(&bytes)).map_err(failed)
    }

    fn finish(mut self) -> Result<()> {
        let Some(lines) = self.lines.take() else { return Ok(()) };
        let done = lines.finish().and_then(|file| file.sync_all()).and_then(|()| fs::rename(&self.aside, &self.path));
        done.map_err(|cause| Error::Write { path: self.path.clone(), cause })
    }
}

/// A line, in dolma's form: each attribute has spans `[start, end, score]`, in characters.
#[derive(Serialize)]
struct Line {
    id: String,
    attributes: BTreeMap<String, [(usize, usize, f64); 1]>,
}

/// What a row says of its document, each with a number.
fn attributes(row: &Row) -> Vec<(String, f64)> {
    let name = |kind: &str, of: &str| {
        let of: String = of.chars().map(|c| if c.is_alphanumeric() { c } else { '_' }).collect();
        format!("{PREFIX}{kind}{of}")
    };
    let mut all = Vec::new();
    if let Some(language) = &row.language {
        let confidence = language.confidence.map_or(1.0, |share| f64::from(share.permille()) / 1000.0);
        all.push((name("language__", &language.code), confidence));
    }
    all.extend(row.measures.iter().map(|(measure, value)| (name("measure__", measure), value.value())));
    for verdict in &row.filters {
        let value = match &verdict.value {
            FilterValue::Number(number) => number.value(),
            FilterValue::Word(_) => 1.0,
        };
        let rule = verdict.rule.replace('#', "__");
        all.push((name("filter__", &rule), value));
    }
    all.extend(
        row.near_copy_of.as_ref().map(|near| (name("near_copy", ""), f64::from(near.jaccard.permille()) / 1000.0)),
    );
    all.extend(row.duplicate_of.as_ref().map(|_| (name("copy", ""), 1.0)));
    all
}
