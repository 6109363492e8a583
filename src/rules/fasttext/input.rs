//! The bytes of a model's file: numbers in the order of little endian, none of them believed before the file is seen to be
//! long enough for it.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::ops::RangeInclusive;
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::hash::hex;

/// Bytes that are taken from the file at once.
const PIECE: usize = 1 << 20;

/// Why a file is no model.
#[derive(Debug)]
pub(super) enum Mistake {
    /// It cannot be read.
    Io(io::Error),
    /// It holds something else than was expected.
    Form {
        /// The byte at fault.
        at: u64,
        /// What was expected there.
        expected: String,
    },
}

type Result<T> = std::result::Result<T, Mistake>;

/// A file that is read once, from its beginning to its end.
pub(super) struct Input<'f> {
    file: Box<dyn Read + 'f>,
    hash: Sha256,
    /// Where the last thing that was read begins.
    began: u64,
    at: u64,
    length: u64,
}

impl<'f> Input<'f> {
    pub(super) fn open(path: &Path) -> io::Result<Input<'static>> {
        let file = File::open(path)?;
        let metadata = file.metadata()?;
        if !metadata.is_file() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is no regular file"));
        }
        Ok(Input::of(BufReader::with_capacity(PIECE, file), metadata.len()))
    }

    /// What comes from a reader that is so many bytes long.
    pub(super) fn of(file: impl Read + 'f, length: u64) -> Input<'f> {
        Input { file: Box::new(file), hash: Sha256::new(), began: 0, at: 0, length }
    }

    /// What is wrong with what was read last.
    pub(super) fn wrong(&self, expected: impl Into<String>) -> Mistake {
        Mistake::Form { at: self.began, expected: expected.into() }
    }

    /// The hash of the whole file, which ends here.
    pub(super) fn finish(mut self) -> Result<String> {
        self.began = self.at;
        match self.at == self.length {
            true => Ok(hex(self.hash)),
            false => Err(self.wrong("the end of the file")),
        }
    }

    /// Makes sure that the file is so many bytes longer.
    pub(super) fn has(&mut self, bytes: Option<u64>, what: &str) -> Result<()> {
        self.began = self.at;
        match bytes.is_some_and(|bytes| bytes <= self.length - self.at) {
            true => Ok(()),
            false => Err(self.wrong(format!("{what}, and the file ends after {} more bytes", self.length - self.at))),
        }
    }

    fn fill(&mut self, bytes: &mut [u8]) -> Result<()> {
        self.has(Some(bytes.len() as u64), &format!("{} more bytes", bytes.len()))?;
        self.file.read_exact(bytes).map_err(Mistake::Io)?;
        self.hash.update(&*bytes);
        self.at += bytes.len() as u64;
        Ok(())
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        let mut bytes = [0; N];
        self.fill(&mut bytes)?;
        Ok(bytes)
    }

    pub(super) fn skip(&mut self, bytes: usize) -> Result<()> {
        (0..bytes).try_for_each(|_| self.byte().map(drop))
    }

    pub(super) fn byte(&mut self) -> Result<u8> {
        self.array().map(|[byte]| byte)
    }

    pub(super) fn number(&mut self) -> Result<i32> {
        self.array().map(i32::from_le_bytes)
    }

    pub(super) fn numbers<const N: usize>(&mut self) -> Result<[i32; N]> {
        let mut numbers = [0; N];
        for number in &mut numbers {
            *number = self.number()?;
        }
        Ok(numbers)
    }

    pub(super) fn long(&mut self) -> Result<i64> {
        self.array().map(i64::from_le_bytes)
    }

    pub(super) fn expect(&mut self, number: i32, what: &str) -> Result<()> {
        match self.number()? == number {
            true => Ok(()),
            false => Err(self.wrong(what)),
        }
    }

    /// A number of 32 bits within a range that begins at 0 or above.
    pub(super) fn count(&mut self, range: RangeInclusive<i32>, what: &str) -> Result<u32> {
        let number = self.number()?;
        let (least, most) = (range.start(), range.end());
        match u32::try_from(number).ok().filter(|_| range.contains(&number)) {
            Some(number) => Ok(number),
            None => Err(self.wrong(format!("{what}, from {least} to {most}, not {number}"))),
        }
    }

    /// A number of 64 bits that counts something.
    pub(super) fn size(&mut self, what: &str) -> Result<usize> {
        let number = self.long()?;
        usize::try_from(number).map_err(|_| self.wrong(format!("{what}, not {number}")))
    }

    pub(super) fn bool(&mut self, what: &str) -> Result<bool> {
        match self.byte()? {
            0 => Ok(false),
            1 => Ok(true),
            other => Err(self.wrong(format!("{what} as 0 or 1, not {other}"))),
        }
    }

    /// Bytes up to a zero, which is taken, too.
    pub(super) fn word(&mut self) -> Result<Vec<u8>> {
        let mut word = Vec::new();
        loop {
            match self.byte()? {
                0 => return Ok(word),
                byte => word.push(byte),
            }
        }
    }

    pub(super) fn bytes(&mut self, count: usize, what: &str) -> Result<Vec<u8>> {
        self.has(Some(count as u64), what)?;
        let mut bytes = vec![0; count];
        self.fill(&mut bytes)?;
        Ok(bytes)
    }

    /// Numbers that are finite.
    pub(super) fn floats(&mut self, count: Option<usize>, what: &str) -> Result<Vec<f32>> {
        self.has(count.and_then(|count| (count as u64).checked_mul(4)), what)?;
        let count = count.unwrap_or_default();
        let mut numbers = Vec::with_capacity(count);
        let mut piece = [0; 4096];
        while numbers.len() < count {
            let length = piece.len().min((count - numbers.len()) * 4);
            let Some(bytes) = piece.get_mut(..length) else { break };
            self.fill(bytes)?;
            let (fours, _) = bytes.as_chunks();
            numbers.extend(fours.iter().map(|four| f32::from_le_bytes(*four)));
        }
        match numbers.iter().all(|number| number.is_finite()) {
            true => Ok(numbers),
            false => Err(self.wrong(format!("{what}, all of them finite"))),
        }
    }
}
