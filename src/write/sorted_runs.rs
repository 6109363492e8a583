//! Sorts more keys than memory holds: sorted runs in temporary files, merged once.
//!
//! A key is 12 bytes on the disk: a hash, and 32 bits that tell the document that has it.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};

use crate::write::scratch::{Scratch, ScratchFile};

/// How many keys are sorted at a time: 64 MB of them.
const RUN: usize = 4 << 20;

/// How many bytes of each run are read ahead.
const AHEAD: usize = 1 << 16;

/// A hash and what tells its document.
pub type Key = (u64, u32);

/// Keys that come in any order.
pub struct SortedRuns<'f> {
    scratch: Scratch<'f>,
    /// What its files are called, their numbers behind it.
    name: &'static str,
    /// How many keys are sorted at a time.
    size: usize,
    keys: Vec<Key>,
    runs: Vec<ScratchFile<'f>>,
}

impl<'f> SortedRuns<'f> {
    /// No keys yet. Files of this name are taken.
    pub fn new(scratch: Scratch<'f>, name: &'static str) -> SortedRuns<'f> {
        SortedRuns::of_size(scratch, name, RUN)
    }

    fn of_size(scratch: Scratch<'f>, name: &'static str, size: usize) -> SortedRuns<'f> {
        SortedRuns { scratch, name, size, keys: Vec::new(), runs: Vec::new() }
    }

    /// Adds a key.
    ///
    /// # Errors
    /// What the operating system said.
    pub fn add(&mut self, key: Key) -> io::Result<()> {
        self.keys.push(key);
        if self.keys.len() < self.size { Ok(()) } else { self.write_run() }
    }

    fn write_run(&mut self) -> io::Result<()> {
        self.keys.sort_unstable();
        let mut run =
            BufWriter::with_capacity(1 << 20, self.scratch.file(&format!("{}-{}", self.name, self.runs.len()))?);
        for (hash, document) in self.keys.drain(..) {
            run.write_all(&hash.to_le_bytes())?;
            run.write_all(&document.to_le_bytes())?;
        }
        self.runs.push(run.into_inner().map_err(io::IntoInnerError::into_error)?);
        Ok(())
    }

    /// All keys in their order.
    ///
    /// # Errors
    /// What the operating system said.
    pub fn sorted(mut self) -> io::Result<Merged<'f>> {
        self.keys.sort_unstable();
        let mut runs = vec![Run::Memory(std::mem::take(&mut self.keys).into_iter())];
        for mut file in std::mem::take(&mut self.runs) {
            file.seek(SeekFrom::Start(0))?;
            runs.push(Run::File(BufReader::with_capacity(AHEAD, file)));
        }
        let mut merged = Merged { heads: BinaryHeap::new(), runs };
        for run in 0..merged.runs.len() {
            merged.advance(run)?;
        }
        Ok(merged)
    }
}

/// Keys in their order, from several runs.
pub struct Merged<'f> {
    runs: Vec<Run<'f>>,
    /// The next key of each run.
    heads: BinaryHeap<Reverse<(Key, usize)>>,
}

enum Run<'f> {
    Memory(std::vec::IntoIter<Key>),
    File(BufReader<ScratchFile<'f>>),
}

impl Run<'_> {
    fn next(&mut self) -> io::Result<Option<Key>> {
        match self {
            Run::Memory(keys) => Ok(keys.next()),
            Run::File(file) => {
                let mut key = [0; 12];
                match file.read_exact(&mut key) {
                    Ok(()) => {}
                    Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
                    Err(error) => return Err(error),
                }
                let (mut hash, mut document) = ([0; 8], [0; 4]);
                hash.copy_from_slice(&key[..8]);
                document.copy_from_slice(&key[8..]);
                Ok(Some((u64::from_le_bytes(hash), u32::from_le_bytes(document))))
            }
        }
    }
}

impl Merged<'_> {
    fn advance(&mut self, run: usize) -> io::Result<()> {
        if let Some(key) = self.runs[run].next()? {
            self.heads.push(Reverse((key, run)));
        }
        Ok(())
    }
}

impl Iterator for Merged<'_> {
    type Item = io::Result<Key>;

    fn next(&mut self) -> Option<io::Result<Key>> {
        let Reverse((key, run)) = self.heads.pop()?;
        Some(self.advance(run).map(|()| key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_come_sorted_whatever_fits_into_memory() {
        let keys: Vec<Key> =
            (0..1000u32).map(|number| (u64::from(number.wrapping_mul(0x9e37_79b1) % 97), number)).collect();
        let mut expected = keys.clone();
        expected.sort_unstable();
        for size in [1, 7, 100, 999, 1000, 5000] {
            let mut runs = SortedRuns::of_size(Scratch::of(None).unwrap(), "keys", size);
            keys.iter().for_each(|&key| runs.add(key).unwrap());
            assert_eq!(runs.sorted().unwrap().collect::<io::Result<Vec<_>>>().unwrap(), expected, "{size}");
        }
        assert_eq!(SortedRuns::new(Scratch::of(None).unwrap(), "keys").sorted().unwrap().count(), 0);
    }
}
