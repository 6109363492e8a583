//! The unfinished manifest. Rows are appended in path order before what they speak of takes its name, so
//! that a killed run never leaves a file that no journal knows.

use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};

use crate::manifest::row_summary::{RowLine, RowSummary};
use crate::manifest::shard::Shard;
use crate::manifest::{Header, Row};
use crate::write::originals::Originals;
use crate::write::root_dir::OutputFile;

/// How many bytes of rows that were there before may wait to be written.
const WAITING_BYTES: usize = 1 << 16;

/// A journal that is being written.
#[derive(Debug)]
pub struct Journal {
    file: OutputFile,
    /// How long it is, with what waits.
    bytes: u64,
    /// Rows of pages that stay as an earlier run left them. Its manifest knows them, so that nothing is lost
    /// if they are never written.
    waiting: Vec<u8>,
    /// Where the row of the first page with each output starts; the row itself is read back where it is asked for.
    originals: Originals,
    superseded: bool,
    /// Whether the file stands at its end; it does not after a row was read back.
    at_end: bool,
}

impl Journal {
    /// Starts a journal in an empty file.
    ///
    /// # Errors
    /// What the operating system said.
    pub fn start(mut file: OutputFile, header: &Header) -> io::Result<Journal> {
        let line = line_of(header)?;
        file.write_all(&line)?;
        Ok(Journal {
            file,
            bytes: line.len() as u64,
            waiting: Vec::new(),
            originals: Originals::new(),
            superseded: false,
            at_end: true,
        })
    }

    /// Appends a row; it is in the operating system's hands when this returns.
    ///
    /// # Errors
    /// What the operating system said.
    pub fn append(&mut self, row: &Row) -> io::Result<()> {
        let line = line_of(row)?;
        let original = row.output.as_ref().filter(|_| row.duplicate_of.is_none());
        self.add(&line, original.map(|out| out.sha256.as_str()));
        self.flush()
    }

    /// Appends a row that an earlier run wrote, as it stands.
    ///
    /// # Errors
    /// What the operating system said.
    pub fn repeat(&mut self, line: &[u8], told: &RowSummary) -> io::Result<()> {
        let original = told.output.as_ref().filter(|_| told.duplicate_of.is_none());
        self.add(line, original.map(|out| &*out.sha256));
        if self.waiting.len() < WAITING_BYTES { Ok(()) } else { self.flush() }
    }

    /// Names a shard that is whole and waits for its name.
    ///
    /// # Errors
    /// What the operating system said.
    pub fn name_shard(&mut self, shard: &Shard) -> io::Result<()> {
        self.add(&line_of(shard)?, None);
        self.flush()
    }

    /// Appends a row that takes the place of the last one.
    ///
    /// # Errors
    /// What the operating system said.
    pub fn supersede(&mut self, row: &Row) -> io::Result<()> {
        self.superseded = true;
        self.append(row)
    }

    /// The first page with the same output, if there is one.
    ///
    /// # Errors
    /// What the operating system said.
    pub fn original_of(&mut self, sha256: &str) -> io::Result<Option<String>> {
        let Some(at) = self.originals.place_of(sha256) else { return Ok(None) };
        self.flush()?;
        let mut line = Vec::new();
        self.at_end = false;
        self.file.seek(SeekFrom::Start(at))?;
        BufReader::new(&mut self.file).read_until(b'\n', &mut line)?;
        let told = RowSummary::read(&line);
        Ok(told.filter(|told| told.output.as_ref().is_some_and(|out| *out.sha256 == *sha256)).map(|told| told.name()))
    }

    /// Whether a row was superseded, so that the journal has to be copied without the row it replaced.
    pub fn has_superseded_rows(&self) -> bool {
        self.superseded
    }

    /// Copies the journal without superseded rows.
    ///
    /// # Errors
    /// What the operating system said.
    pub fn copy_standing(&mut self, to: &mut impl Write) -> io::Result<()> {
        self.flush()?;
        self.at_end = false;
        self.file.seek(SeekFrom::Start(0))?;
        let mut lines = BufReader::new((&mut self.file).take(self.bytes)).split(b'\n');
        let mut held: Option<(Option<Place>, Vec<u8>)> = None;
        while let Some(line) = lines.next().transpose()? {
            let place = RowLine::of(line.clone()).map(|row| (row.path, row.record));
            if let Some((held_place, held_line)) = held.take()
                && (held_place.is_none() || held_place != place)
            {
                to.write_all(&held_line)?;
                to.write_all(b"\n")?;
            }
            held = Some((place, line));
        }
        if let Some((_, line)) = held {
            to.write_all(&line)?;
            to.write_all(b"\n")?;
        }
        Ok(())
    }

    /// Waits until the journal is on the disk.
    ///
    /// # Errors
    /// What the operating system said.
    pub fn sync(&mut self) -> io::Result<()> {
        self.flush()?;
        self.file.sync()
    }

    /// Hands everything that waits to the operating system.
    ///
    /// # Errors
    /// What the operating system said.
    pub fn flush(&mut self) -> io::Result<()> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        if !self.at_end {
            self.file.seek(SeekFrom::End(0))?;
            self.at_end = true;
        }
        self.file.write_all(&self.waiting)?;
        self.waiting.clear();
        Ok(())
    }

    fn add(&mut self, line: &[u8], original: Option<&str>) {
        if let Some(sha256) = original {
            self.originals.note(sha256, self.bytes);
        }
        self.waiting.extend_from_slice(line);
        self.bytes += line.len() as u64;
    }
}

/// A page's path and record.
type Place = (String, Option<u64>);

/// Room for a row in bytes: most have less, and grow no further.
const ROOM: usize = 1 << 14;

fn line_of(value: &impl serde::Serialize) -> io::Result<Vec<u8>> {
    let mut line = Vec::with_capacity(ROOM);
    serde_json::to_writer(&mut line, value)?;
    line.push(b'\n');
    Ok(line)
}
