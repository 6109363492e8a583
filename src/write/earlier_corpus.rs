//! A corpus of an earlier run, for near copies to be compared with: the sketches that stand in its manifest.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::error::{Error, Result, printable};
use crate::manifest::row_summary::{OutputSummary, Text};
use crate::manifest::{Sketch, SketchShape, escape, shard};
use crate::page::Source;
use crate::write::output_dir::{GO_ON, OutputDir};

/// An output folder of an earlier run, whose documents have sketches of one shape.
#[derive(Debug)]
pub struct EarlierCorpus {
    /// The folder, as it was named.
    pub name: String,
    manifest: PathBuf,
    shape: SketchShape,
}

/// A document of an earlier corpus.
#[derive(Debug)]
pub struct EarlierDocument {
    /// Its page.
    pub source: Source,
    /// What it is compared by.
    pub sketch: Sketch,
}

impl EarlierCorpus {
    /// Reads the manifest of an output folder through: every document has to have a sketch of this shape.
    ///
    /// # Errors
    /// Where the folder is none of an earlier run, that run has not come to its end, or its documents cannot be compared; each
    /// with what is to be done.
    pub fn open(folder: &Path, shape: SketchShape) -> Result<EarlierCorpus> {
        let shown = printable(&folder.to_string_lossy());
        let refuse = |why: String| Err(Error::Folders(format!("cannot compare with an earlier corpus: {why}")));
        if !folder.is_dir() {
            return refuse(format!("there is no folder {shown}; name the output folder of an earlier run"));
        }
        let output = OutputDir::at(folder);
        if output.header()?.is_none() {
            return refuse(output.without_manifest());
        }
        if output.is_unfinished() {
            return refuse(format!("the last run into {shown} was interrupted; {GO_ON}"));
        }
        // As people write it, whatever the system's separators are.
        let name = escape(&folder.components().collect::<PathBuf>());
        let corpus = EarlierCorpus { name, manifest: output.manifest(), shape };
        corpus.documents()?.try_for_each(|document| document.map(drop))?;
        Ok(corpus)
    }

    /// Its documents with their sketches, in path order: what has a text, and no others.
    ///
    /// # Errors
    /// Where the manifest cannot be opened.
    pub fn documents(&self) -> Result<impl Iterator<Item = Result<EarlierDocument>>> {
        let path = &self.manifest;
        let file = File::open(path).map_err(|cause| Error::Read { path: path.clone(), cause })?;
        let (mut lines, mut number, mut line) = (BufReader::with_capacity(1 << 16, file), 0, Vec::new());
        Ok(std::iter::from_fn(move || {
            loop {
                line.clear();
                number += 1;
                match lines.read_until(b'\n', &mut line) {
                    Ok(0) => return None,
                    Ok(_) if number == 1 || line.starts_with(shard::BEGINS.as_bytes()) => {}
                    Ok(_) => match self.document(&line, number) {
                        Ok(None) => {}
                        Ok(Some(document)) => return Some(Ok(document)),
                        Err(error) => return Some(Err(error)),
                    },
                    Err(cause) => return Some(Err(Error::Read { path: path.clone(), cause })),
                }
            }
        }))
    }

    /// The document of a row; nothing, where it has no text.
    fn document(&self, line: &[u8], number: u64) -> Result<Option<EarlierDocument>> {
        let row: SketchedRow = serde_json::from_slice(line).map_err(|cause| Error::Manifest {
            path: self.manifest.clone(),
            line: number,
            cause,
        })?;
        if row.output.is_none_or(|out| out.bytes == 0) {
            return Ok(None);
        }
        let source = Source { path: row.path.to_string(), record: row.record };
        match row.sketch.as_deref().ok_or(Unfit::Absent).and_then(|text| fit(text, self.shape)) {
            Ok(sketch) => Ok(Some(EarlierDocument { source, sketch })),
            Err(unfit) => {
                let (manifest, page) = (self.manifest.to_string_lossy(), source.to_string());
                let (manifest, page) = (printable(&manifest), printable(&page));
                Err(Error::Folders(format!(
                    "cannot compare with an earlier corpus: {manifest}, line {number} ({page}): {}",
                    unfit.told(self.shape)
                )))
            }
        }
    }
}

/// What is read of a row.
#[derive(Deserialize)]
struct SketchedRow<'l> {
    #[serde(borrow)]
    path: Text<'l>,
    #[serde(default)]
    record: Option<u64>,
    #[serde(borrow, default)]
    output: Option<OutputSummary<'l>>,
    #[serde(borrow, default)]
    sketch: Option<Text<'l>>,
}

/// Why a document cannot be compared.
enum Unfit {
    /// It has no sketch.
    Absent,
    /// Its sketch is of another version.
    OtherVersion,
    /// Its sketch has another shape.
    OtherShape(SketchShape),
    /// Its sketch cannot be read.
    Damaged,
}

/// The sketch that a text is, if it can be compared with those of a shape.
fn fit(text: &str, wanted: SketchShape) -> std::result::Result<Sketch, Unfit> {
    match Sketch::form_of(text) {
        None => Err(Unfit::Damaged),
        Some((version, _)) if version != Sketch::VERSION => Err(Unfit::OtherVersion),
        Some((_, shape)) if shape != wanted => Err(Unfit::OtherShape(shape)),
        Some(_) => text.parse().map_err(|_| Unfit::Damaged),
    }
}

impl Unfit {
    /// What is wrong, and what is to be done.
    fn told(&self, SketchShape { words, bands, rows }: SketchShape) -> String {
        let anew =
            "clean that corpus again with --near-copies keep or drop; rows of pages that are gone go with --prune";
        match self {
            Unfit::Absent => format!("the document has no sketch: {anew}"),
            Unfit::OtherVersion => {
                format!(
                    "the document's sketch was made by another version of dechaff, and this one's are others: {anew}"
                )
            }
            Unfit::Damaged => format!("the document's sketch is damaged: {anew}"),
            Unfit::OtherShape(other) => format!(
                "the document was sketched with --near-words {} --near-bands {}x{}, and this run sketches with --near-words \
                {words} --near-bands {bands}x{rows}; give this run those of the earlier one",
                other.words, other.bands, other.rows
            ),
        }
    }
}
