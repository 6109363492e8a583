//! The unfinished manifest. Rows are appended in path order before what they speak of takes its name, so
//! that a killed run never leaves a file that no journal knows.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};

use crate::manifest::{Header, Row};

/// A journal that is being written.
#[derive(Debug)]
pub struct Journal {
    file: File,
    bytes: u64,
    /// By the start of the output's hash: where the row of the first page with that output starts. A few
    /// bytes a page, whatever the length of its path; the row itself is read back where it is asked for.
    originals: HashMap<u64, u64>,
    superseded: bool,
    /// Whether the file stands at its end; it does not after a row was read back.
    at_end: bool,
}

impl Journal {
    /// Starts a journal in an empty file.
    ///
    /// # Errors
    /// What the operating system said.
    pub fn start(mut file: File, header: &Header) -> io::Result<Journal> {
        let line = line_of(header)?;
        file.write_all(&line)?;
        Ok(Journal { file, bytes: line.len() as u64, originals: HashMap::new(), superseded: false, at_end: true })
    }

    /// Appends a row; it is in the operating system's hands when this returns.
    ///
    /// # Errors
    /// What the operating system said.
    pub fn append(&mut self, row: &Row) -> io::Result<()> {
        let line = line_of(row)?;
        if !self.at_end {
            self.file.seek(SeekFrom::Start(self.bytes))?;
            self.at_end = true;
        }
        self.file.write_all(&line)?;
        if let (Some(out), None) = (&row.out, &row.copy_of) {
            self.originals.entry(start_of_hash(&out.sha256)).or_insert(self.bytes);
        }
        self.bytes += line.len() as u64;
        Ok(())
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
        let Some(&at) = self.originals.get(&start_of_hash(sha256)) else { return Ok(None) };
        let mut line = Vec::new();
        self.at_end = false;
        self.file.seek(SeekFrom::Start(at))?;
        BufReader::new(&mut self.file).read_until(b'\n', &mut line)?;
        let row: Row = serde_json::from_slice(&line)?;
        let is_same = row.out.as_ref().is_some_and(|out| out.sha256 == sha256);
        Ok(is_same.then(|| match row.record {
            Some(record) => format!("{}#{record}", row.path),
            None => row.path,
        }))
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
        self.at_end = false;
        self.file.seek(SeekFrom::Start(0))?;
        let mut lines = BufReader::new((&mut self.file).take(self.bytes)).split(b'\n');
        let mut held: Option<(Option<String>, Vec<u8>)> = None;
        while let Some(line) = lines.next().transpose()? {
            let place = serde_json::from_slice::<Row>(&line).ok().map(|row| format!("{}#{:?}", row.path, row.record));
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
    pub fn sync(&self) -> io::Result<()> {
        self.file.sync_all()
    }
}

fn line_of(value: &impl serde::Serialize) -> io::Result<Vec<u8>> {
    let mut line = serde_json::to_vec(value)?;
    line.push(b'\n');
    Ok(line)
}

fn start_of_hash(sha256: &str) -> u64 {
    u64::from_str_radix(sha256.get(..16).unwrap_or_default(), 16).unwrap_or_default()
}
