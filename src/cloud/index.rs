//! What a bucket is known to hold, by path: so that only what differs is read and written.
//!
//! It stands in the working folder as lines of JSON, one for each object that was read or written, and is added to as
//! things happen: a run that is killed loses nothing of it.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result, printable};
use crate::write::output_dir::INNER;

/// The file's name, in [the inner folder](INNER).
const NAME: &str = "bucket.jsonl";

/// The first line.
#[derive(Serialize, Deserialize)]
struct Header {
    /// The address of the folder.
    bucket: String,
}

/// A line: what stands in the bucket under a path.
#[derive(Serialize, Deserialize)]
struct Line {
    path: String,
    #[serde(flatten)]
    object: Option<Known>,
}

/// An object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Known {
    /// Its ETag, without quotes: a listing and an answer may quote it or not.
    pub e_tag: String,
    /// SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
}

/// The index of a working folder.
#[derive(Debug)]
pub(super) struct Index {
    file: PathBuf,
    log: BufWriter<File>,
    known: BTreeMap<String, Known>,
}

impl Index {
    /// Looks whether a folder can be the working folder of a bucket, and writes nothing.
    ///
    /// # Errors
    /// Where it holds something and is no working folder, or that of another bucket.
    pub(super) fn check(dir: &Path, address: &str) -> Result<()> {
        Index::read(dir, address).map(drop)
    }

    /// Begins an index, or goes on with the one that stands in a folder.
    ///
    /// # Errors
    /// Those of [`Index::check`], and where the folder cannot be written.
    pub(super) fn open(dir: &Path, address: &str) -> Result<Index> {
        let failed = |cause| Error::Write { path: dir.into(), cause };
        let known = Index::read(dir, address)?;
        std::fs::create_dir_all(dir.join(INNER)).map_err(failed)?;
        Index::begin(dir.join(INNER).join(NAME), address, known).map_err(failed)
    }

    fn read(dir: &Path, address: &str) -> Result<BTreeMap<String, Known>> {
        let failed = |cause| Error::Read { path: dir.into(), cause };
        let refused = |why: &str| {
            let shown = printable(&dir.to_string_lossy());
            Err(Error::Folders(format!("--work-dir {shown}: {why}; name an empty folder, or one that does not exist")))
        };
        let file = match File::open(dir.join(INNER).join(NAME)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return match std::fs::read_dir(dir) {
                    Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(BTreeMap::new()),
                    Err(error) => Err(failed(error)),
                    Ok(mut names) => match names.next() {
                        None => Ok(BTreeMap::new()),
                        Some(_) => refused("it is not empty, and no run has made it a working folder"),
                    },
                };
            }
            file => file.map_err(failed)?,
        };
        let mut lines = BufReader::new(file).lines();
        let header = lines.next().and_then(io::Result::ok).and_then(|line| serde_json::from_str(&line).ok());
        match header {
            Some(Header { bucket }) if bucket == address => Ok(known_of(lines)),
            Some(Header { bucket }) => refused(&format!("it is the working folder of {}", printable(&bucket))),
            None => refused("its index cannot be read"),
        }
    }

    /// Writes an index anew: what it says counts once.
    fn begin(file: PathBuf, address: &str, known: BTreeMap<String, Known>) -> io::Result<Index> {
        let aside = file.with_extension("new");
        let mut log = BufWriter::new(File::create(&aside)?);
        add(&mut log, &Header { bucket: address.into() })?;
        for (path, object) in &known {
            add(&mut log, &Line { path: path.clone(), object: Some(object.clone()) })?;
        }
        log.flush()?;
        std::fs::rename(&aside, &file)?;
        let log = BufWriter::new(OpenOptions::new().append(true).open(&file)?);
        Ok(Index { file, log, known })
    }

    /// Forgets everything.
    ///
    /// # Errors
    /// What the operating system said.
    pub(super) fn clear(&mut self, address: &str) -> io::Result<()> {
        *self = Index::begin(self.file.clone(), address, BTreeMap::new())?;
        Ok(())
    }

    /// The file that it stands in.
    pub(super) fn file(&self) -> &Path {
        &self.file
    }

    /// What stands under a path.
    pub(super) fn get(&self, path: &str) -> Option<&Known> {
        self.known.get(path)
    }

    /// Whether a listing shows what is known: an ETag, or nothing.
    pub(super) fn is_as_listed(&self, path: &str, e_tag: Option<&str>) -> bool {
        self.known.get(path).map(|known| known.e_tag.as_str()) == e_tag.map(|e_tag| e_tag.trim_matches('"'))
    }

    /// All paths.
    pub(super) fn paths(&self) -> impl Iterator<Item = &str> {
        self.known.keys().map(String::as_str)
    }

    /// Notes an object that was read or written.
    ///
    /// # Errors
    /// What the operating system said.
    pub(super) fn note(&mut self, path: &str, e_tag: Option<&str>, sha256: String) -> io::Result<()> {
        let known = Known { e_tag: e_tag.unwrap_or_default().trim_matches('"').into(), sha256 };
        add(&mut self.log, &Line { path: path.into(), object: Some(known.clone()) })?;
        self.known.insert(path.into(), known);
        self.log.flush()
    }

    /// Notes that an object is gone.
    ///
    /// # Errors
    /// What the operating system said.
    pub(super) fn forget(&mut self, path: &str) -> io::Result<()> {
        add(&mut self.log, &Line { path: path.into(), object: None })?;
        self.known.remove(path);
        self.log.flush()
    }
}

fn known_of(lines: impl Iterator<Item = io::Result<String>>) -> BTreeMap<String, Known> {
    let mut known = BTreeMap::new();
    // A killed run's last line may be none.
    for line in lines.map_while(io::Result::ok).filter_map(|line| serde_json::from_str::<Line>(&line).ok()) {
        match line.object {
            Some(object) => known.insert(line.path, object),
            None => known.remove(&line.path),
        };
    }
    known
}

fn add(log: &mut impl Write, line: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer(&mut *log, line)?;
    log.write_all(b"\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_noted_is_known_to_the_next_run() {
        let dir = tempfile::tempdir().unwrap();
        let mut index = Index::open(dir.path(), "s3://bucket/clean").unwrap();
        index.note("a.txt", Some("\"one\""), "11".into()).unwrap();
        index.note("b.txt", Some("two"), "22".into()).unwrap();
        index.note("a.txt", Some("three"), "33".into()).unwrap();
        index.forget("b.txt").unwrap();
        drop(index);
        // Killed in the middle of a line.
        let file = dir.path().join(INNER).join(NAME);
        let text = std::fs::read_to_string(&file).unwrap();
        std::fs::write(&file, text + "{\"path\":\"c.t").unwrap();
        let index = Index::open(dir.path(), "s3://bucket/clean").unwrap();
        assert_eq!(index.paths().collect::<Vec<_>>(), ["a.txt"]);
        assert!(index.is_as_listed("a.txt", Some("\"three\"")) && index.is_as_listed("b.txt", None));
        let told = Index::open(dir.path(), "s3://other/clean").unwrap_err().to_string();
        assert!(told.contains("the working folder of s3://bucket/clean"), "{told}");
    }

    #[test]
    fn a_folder_of_somebody_elses_is_no_working_folder() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("letter.txt"), "Dear").unwrap();
        let told = Index::open(dir.path(), "s3://bucket/clean").unwrap_err().to_string();
        assert!(told.contains("not empty"), "{told}");
        assert_eq!(std::fs::read_to_string(dir.path().join("letter.txt")).unwrap(), "Dear");
    }
}
