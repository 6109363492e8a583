//! What near copies are found by, on the disk: 116 bytes of sketch a document, and 12 bytes of key a band.

use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};

use crate::manifest::Sketch;
use crate::passes::near::NearSettings;
use crate::passes::near::clusters::{self, ClusterCounts, DocumentNumber, Match, Numbered, SketchSource};
use crate::passes::near::sketcher::keys;
use crate::write::scratch::{Scratch, ScratchFile};
use crate::write::sorted_runs::SortedRuns;

/// The sketches of documents in path order, and the keys of their bands.
pub struct NearIndex<'f> {
    settings: NearSettings,
    keys: SortedRuns<'f>,
    sketches: BufWriter<ScratchFile<'f>>,
    documents: Numbered,
}

impl<'f> NearIndex<'f> {
    /// Knows no document yet.
    ///
    /// # Errors
    /// What the operating system said.
    pub fn new(scratch: Scratch<'f>, settings: NearSettings) -> io::Result<NearIndex<'f>> {
        let sketches = BufWriter::with_capacity(1 << 20, scratch.file("near-sketches")?);
        Ok(NearIndex {
            settings,
            keys: SortedRuns::new(scratch, "near-keys"),
            sketches,
            documents: Numbered::default(),
        })
    }

    /// Adds the next document and gives its number; nothing where its sketch has no hashes.
    ///
    /// # Errors
    /// What the operating system said, and where there are more documents than can be numbered.
    pub fn add(&mut self, sketch: &Sketch) -> io::Result<Option<DocumentNumber>> {
        if sketch.hashes.is_empty() {
            return Ok(None);
        }
        let number = self.documents.all;
        self.documents.all = number.checked_add(1).ok_or_else(|| {
            io::Error::other("more than four billion documents: look for near copies in parts, with --partition")
        })?;
        self.sketches.write_all(&sketch.length.to_le_bytes())?;
        self.sketches.write_all(&sketch.hashes)?;
        for key in keys(sketch) {
            self.keys.add((key, number))?;
        }
        Ok(Some(number))
    }

    /// Makes what was added so far documents of earlier corpora, which stay; gives the number behind the last of them.
    pub fn end_of_earlier(&mut self) -> DocumentNumber {
        self.documents.earlier = self.documents.all;
        self.documents.earlier
    }

    /// Finds the near copies.
    ///
    /// # Errors
    /// What the operating system said.
    pub fn find(self) -> io::Result<(Vec<Match>, ClusterCounts)> {
        let file = self.sketches.into_inner().map_err(io::IntoInnerError::into_error)?;
        let size = 4 + self.settings.shape.hashes();
        let mut sketches = SketchFile { file: BufReader::with_capacity(size, file), size };
        clusters::find(&self.settings, self.documents, self.keys.sorted()?, &mut sketches)
    }
}

/// Sketches of one size, one behind the other.
struct SketchFile<'f> {
    file: BufReader<ScratchFile<'f>>,
    size: usize,
}

impl SketchSource for SketchFile<'_> {
    type Error = io::Error;

    fn sketch(&mut self, document: DocumentNumber) -> io::Result<(u32, Vec<u8>)> {
        self.file.seek(SeekFrom::Start(u64::from(document) * self.size as u64))?;
        let mut length = [0; 4];
        let mut hashes = vec![0; self.size - 4];
        self.file.read_exact(&mut length)?;
        self.file.read_exact(&mut hashes)?;
        Ok((u32::from_le_bytes(length), hashes))
    }
}
