//! An object as a file that can be read from any place: blocks of it are asked for as they are needed, the next one
//! ahead of time where it is read on end.

use std::io::{self, Read, Seek, SeekFrom};

use bytes::Bytes;
use object_store::path::Path as Key;
use object_store::{ObjectMeta, UpdateVersion};
use tokio::task::JoinHandle;

use crate::cloud::bucket::{Bucket, get, get_range, patiently};

/// Bytes of an object that come in one answer, all of it: nearly every page is shorter.
const WHOLE: u64 = 1 << 20;

/// Bytes of the first block that is asked for at a place: a directory of a ZIP file, a page of a Parquet column.
const FIRST_BLOCK: u64 = 256 << 10;

/// Bytes of a block that is read on end; each is twice as long as the one before it. At 8 MiB the time that a request
/// takes to begin (some 0.1 s) is a small part of it.
const LONGEST_BLOCK: u64 = 8 << 20;

/// Blocks that are read on end ahead of time have at least so many bytes.
const AHEAD: u64 = 1 << 20;

/// Places that are read on from by turns, as the columns of a Parquet file are: so many blocks are held.
const BLOCKS: usize = 16;

/// An object that is being read.
pub(super) struct ObjectReader {
    bucket: Bucket,
    key: Key,
    /// Its version, once an answer has come: all of it is read of this one.
    meta: Option<ObjectMeta>,
    bytes: u64,
    at: u64,
    /// What is at hand, the block that was read last behind.
    blocks: Vec<Block>,
    ahead: Option<Ahead>,
}

struct Block {
    start: u64,
    bytes: Bytes,
}

impl Block {
    fn end(&self) -> u64 {
        self.start + self.bytes.len() as u64
    }
}

/// A block that is on its way.
struct Ahead {
    start: u64,
    bytes: u64,
    answer: JoinHandle<object_store::Result<(ObjectMeta, Bytes)>>,
}

impl ObjectReader {
    /// Opens an object of about so many bytes, and reads its first block.
    ///
    /// # Errors
    /// Where there is no such object, or the store does not answer.
    pub(super) fn open(bucket: &Bucket, key: Key, expected_bytes: u64) -> io::Result<ObjectReader> {
        let mut reader = ObjectReader {
            bucket: bucket.clone(),
            key,
            meta: None,
            bytes: expected_bytes,
            at: 0,
            blocks: Vec::new(),
            ahead: None,
        };
        let (store, key) = (&reader.bucket.store, &reader.key);
        let (meta, bytes) = match expected_bytes {
            0..=WHOLE => reader.bucket.wait(patiently(|| get(&**store, key, Default::default()))),
            _ => reader.bucket.wait(get_range(&**store, key, 0..FIRST_BLOCK, None)),
        }?;
        reader.bytes = meta.size;
        reader.meta = Some(meta);
        reader.blocks.push(Block { start: 0, bytes });
        Ok(reader)
    }

    /// The version that is read.
    pub(super) fn version(&self) -> UpdateVersion {
        let meta = self.meta.as_ref();
        UpdateVersion {
            e_tag: meta.and_then(|meta| meta.e_tag.clone()),
            version: meta.and_then(|meta| meta.version.clone()),
        }
    }

    /// Has the block at hand, behind all others, that the next byte stands in.
    fn bring(&mut self) -> io::Result<()> {
        let at = self.at;
        if let Some(found) = self.blocks.iter().position(|block| (block.start..block.end()).contains(&at)) {
            let block = self.blocks.remove(found);
            self.blocks.push(block);
            return Ok(());
        }
        let before = self.blocks.iter().position(|block| block.end() == at);
        let length = match before {
            Some(before) => (2 * self.blocks[before].bytes.len() as u64).clamp(FIRST_BLOCK, LONGEST_BLOCK),
            None => FIRST_BLOCK,
        };
        let block = match self.ahead.take_if(|ahead| ahead.start == at) {
            Some(ahead) => self.arrived(ahead)?,
            None => self.ask(at..self.bytes.min(at + length))?,
        };
        if let Some(before) = before {
            self.blocks.remove(before);
        } else if self.blocks.len() == BLOCKS {
            self.blocks.remove(0);
        }
        self.look_ahead(&block);
        self.blocks.push(block);
        Ok(())
    }

    fn ask(&self, range: std::ops::Range<u64>) -> io::Result<Block> {
        let start = range.start;
        let answer = self.bucket.wait(get_range(&*self.bucket.store, &self.key, range, self.version().e_tag));
        Ok(Block { start, bytes: answer?.1 })
    }

    fn arrived(&self, ahead: Ahead) -> io::Result<Block> {
        match self.bucket.wait(ahead.answer) {
            Ok(answer) => Ok(Block { start: ahead.start, bytes: answer?.1 }),
            Err(_) => self.ask(ahead.start..ahead.start + ahead.bytes),
        }
    }

    /// Asks for the block behind one that is read on end.
    fn look_ahead(&mut self, block: &Block) {
        let (start, length) = (block.end(), (2 * block.bytes.len() as u64).min(LONGEST_BLOCK));
        if (block.bytes.len() as u64) < AHEAD || start >= self.bytes || self.ahead.is_some() {
            return;
        }
        let range = start..self.bytes.min(start + length);
        let bytes = range.end - range.start;
        let (store, key, e_tag) = (std::sync::Arc::clone(&self.bucket.store), self.key.clone(), self.version().e_tag);
        let answer = self.bucket.spawn(async move { get_range(&*store, &key, range, e_tag).await });
        self.ahead = Some(Ahead { start, bytes, answer });
    }
}

impl Drop for ObjectReader {
    fn drop(&mut self) {
        if let Some(ahead) = &self.ahead {
            ahead.answer.abort();
        }
    }
}

impl Read for ObjectReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.at >= self.bytes || buffer.is_empty() {
            return Ok(0);
        }
        self.bring()?;
        let Some(block) = self.blocks.last() else { return Ok(0) };
        let from = (self.at - block.start) as usize;
        let data = block.bytes.get(from..).unwrap_or_default();
        let length = data.len().min(buffer.len());
        buffer[..length].copy_from_slice(&data[..length]);
        self.at += length as u64;
        Ok(length)
    }
}

impl Seek for ObjectReader {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let (base, by) = match to {
            SeekFrom::Start(at) => (at, 0),
            SeekFrom::End(by) => (self.bytes, by),
            SeekFrom::Current(by) => (self.at, by),
        };
        let at = base.checked_add_signed(by);
        self.at = at.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "a place before the first byte"))?;
        Ok(self.at)
    }
}
