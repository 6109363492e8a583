//! CLEAN in a bucket: brought into a working folder of this machine before a run, and back after it.
//!
//! The run itself knows the working folder alone. What is brought is what earlier runs wrote there: the manifest, the
//! rows of a run that was killed while it wrote into the bucket, and the outputs that they name. How it goes back is in
//! [`publish`](super::publish).

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use futures_util::StreamExt;
use object_store::UpdateVersion;
use object_store::path::Path as Key;
use sha2::{Digest, Sha256};

use crate::cloud::address::{Address, key_of};
use crate::cloud::bucket::{AT_ONCE, Bucket, get, get_range, patiently};
use crate::cloud::claim::{Claim, Pace, Taken};
use crate::cloud::index::Index;
use crate::cloud::listing::{self, Listed};
use crate::error::{Error, Result};
use crate::hash::hex;
use crate::manifest::FILE_NAME;
use crate::manifest::relative_path::RelativePath;
use crate::manifest::row_summary::RowSummary;
use crate::manifest::shard::{self, Shard};
use crate::write::output_dir::INNER;
use crate::write::output_writer::{PASSAGES, SAMPLES, TEMPLATES, merge_rows};
use crate::write::root_dir::{Entry, RootDir};

/// Bytes of an object that are asked for at once while it is brought.
const BLOCK: u64 = 8 << 20;

/// The rows of all outputs that stand in the bucket or are on their way there.
pub(super) const INTERRUPTED: &str = ".dechaff/interrupted.jsonl";

/// The manifest of a run whose outputs have all arrived.
pub(super) const FINISHED: &str = ".dechaff/finished.jsonl";

/// Where shards wait for their names, each called by its hash.
pub(super) const WAITING: &str = ".dechaff/new";

/// The rows that the bucket knows, in the working folder.
pub(super) const EARLIER: &str = "bucket-earlier.jsonl";

/// The names of objects that no run has written, in the working folder.
const FOREIGN: &str = "bucket-foreign.txt";

/// What a run finds out that the next one may use.
pub(super) const KEPT: [&str; 3] = [TEMPLATES, SAMPLES, PASSAGES];

/// An output folder of a bucket, claimed for a run.
#[derive(Debug)]
pub struct BucketOutput {
    pub(super) bucket: Bucket,
    pub(super) address: Address,
    pub(super) dir: RootDir,
    pub(super) folder: PathBuf,
    pub(super) index: Index,
    /// The manifest's version as it was when the run began.
    pub(super) manifest: Option<UpdateVersion>,
    /// What lies in the inner folder of the bucket, by its path below CLEAN.
    pub(super) unfinished: BTreeSet<String>,
    pub(super) claim: Claim,
    /// The working folder, where it goes with the run.
    _temporary: Option<tempfile::TempDir>,
}

/// What is asked and told while a bucket's folder is brought.
pub struct Watch<'w> {
    /// Whether to stop.
    pub stop: &'w dyn Fn() -> bool,
    /// Told where another run's claim is watched, and for how long.
    pub waiting: &'w dyn Fn(Duration),
}

/// The objects below a prefix: size and ETag by the key below it.
type There = BTreeMap<String, (u64, Option<String>)>;

impl BucketOutput {
    /// Claims a folder of a bucket and brings what a run needs of it into a working folder: `work_dir`, which is kept, or
    /// one that goes with the run.
    ///
    /// # Errors
    /// Where another run holds the folder, the store does not answer, or the working folder cannot be used.
    pub fn open(
        bucket: Bucket,
        address: Address,
        work_dir: Option<&Path>,
        pace: Pace,
        watch: &Watch,
    ) -> Result<BucketOutput> {
        let read = |cause| Error::Read { path: address.to_string().into(), cause };
        let write = |cause| Error::Write { path: address.to_string().into(), cause };
        let temporary = match work_dir {
            Some(_) => None,
            None => Some(
                tempfile::Builder::new()
                    .prefix("dechaff-")
                    .tempdir()
                    .map_err(|cause| Error::Write { path: std::env::temp_dir(), cause })?,
            ),
        };
        let folder =
            work_dir.or(temporary.as_ref().map(tempfile::TempDir::path)).unwrap_or(Path::new(".")).to_path_buf();
        Index::check(&folder, &address.to_string())?;
        let key = key_of(address.prefix(), &format!("{INNER}/claim.json")).map_err(|error| write(error.into()))?;
        let claim = match Claim::take(&bucket, key, pace, watch.stop, watch.waiting).map_err(write)? {
            Taken::Ours(claim) => claim,
            Taken::Held => return Err(Error::Locked { path: address.to_string().into() }),
        };
        let index = Index::open(&folder, &address.to_string())?;
        let dir = RootDir::open(&folder).map_err(|cause| Error::Write { path: folder.clone(), cause })?;
        let mut output = BucketOutput {
            bucket,
            address: address.clone(),
            dir,
            folder,
            index,
            manifest: None,
            unfinished: BTreeSet::new(),
            claim,
            _temporary: temporary,
        };
        output.bring(watch.stop).map_err(read)?;
        Ok(output)
    }

    /// The working folder, which the run takes for CLEAN.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Whether the working folder stays when the run is over.
    pub fn is_kept(&self) -> bool {
        self._temporary.is_none()
    }

    fn bring(&mut self, stop: &dyn Fn() -> bool) -> io::Result<()> {
        let there = self.list(stop)?;
        let e_tag = |path: &str| there.get(path).and_then(|(_, e_tag)| e_tag.as_deref());
        self.unfinished = there.keys().filter(|path| is_unfinished(path)).cloned().collect();
        let manifest = self.bucket.head(&self.key(FILE_NAME)?)?;
        self.manifest = manifest.map(|meta| UpdateVersion { e_tag: meta.e_tag, version: meta.version });
        match [FILE_NAME, INTERRUPTED, FINISHED].iter().all(|name| self.index.is_as_listed(name, e_tag(name))) {
            true => self.bring_changes(&there, stop)?,
            false => self.bring_all(&there, stop)?,
        }
        self.hold_names(&there)
    }

    /// Holds the names of objects that no run has written, by empty files: a run takes none of them then.
    fn hold_names(&self, there: &There) -> io::Result<()> {
        let ours = self.index.paths().map(plain_key).collect::<io::Result<BTreeSet<String>>>()?;
        let list = self.folder.join(inner(FOREIGN));
        let before = fs::read_to_string(&list).unwrap_or_default();
        for path in before.lines().filter(|path| !there.contains_key(*path)) {
            let path = RelativePath::of(path).ok();
            if let Some(path) = path.filter(|path| self.dir.entry(path).is_ok_and(|entry| entry == Entry::File(0))) {
                self.dir.remove(&path)?;
            }
        }
        let mut held = BufWriter::new(File::create(&list)?);
        for path in there.keys().filter(|path| !is_inner(path) && !ours.contains(*path)) {
            // A name that no file can have is none that a run may want.
            if RelativePath::of(path).is_ok_and(|path| self.dir.open_or_create_file(&path).is_ok()) {
                writeln!(held, "{path}")?;
            }
        }
        held.flush()
    }

    fn list(&self, stop: &dyn Fn() -> bool) -> io::Result<There> {
        let (mut there, prefix) = (There::new(), self.address.prefix());
        listing::list(&self.bucket, prefix, stop, |listed| {
            // What no run can have named is none of ours.
            let Listed::Object(object) = listed else { return };
            let key = object.location.to_string();
            let below = if prefix.is_empty() { Some(key.as_str()) } else { below(&key, prefix) };
            if let Some(path) = below {
                there.insert(path.into(), (object.size, object.e_tag));
            }
        })?;
        Ok(there)
    }

    /// Brings what others have changed since this working folder was left.
    fn bring_changes(&mut self, there: &There, stop: &dyn Fn() -> bool) -> io::Result<()> {
        let known: Vec<String> = self.index.paths().filter(|path| !is_inner(path)).map(str::to_string).collect();
        let mut changed = Vec::new();
        for path in known {
            let key = plain_key(&path)?;
            match there.get(&key) {
                Some((_, e_tag)) if self.index.is_as_listed(&path, e_tag.as_deref()) => {}
                Some((bytes, _)) => changed.push((path.clone(), path, *bytes)),
                None => {
                    if let Ok(gone) = RelativePath::of(&path) {
                        let _ = self.dir.remove(&gone);
                    }
                    self.index.forget(&path)?;
                }
            }
        }
        self.fetch(changed, stop)
    }

    /// Brings everything that earlier runs wrote.
    fn bring_all(&mut self, there: &There, stop: &dyn Fn() -> bool) -> io::Result<()> {
        self.empty()?;
        let size = |path: &str| there.get(path).map(|(bytes, _)| *bytes);
        let mut first = Vec::new();
        for path in [FILE_NAME, INTERRUPTED, FINISHED].into_iter().map(str::to_string).chain(KEPT.map(inner)) {
            first.extend(size(&path).map(|bytes| (path.clone(), path, bytes)));
        }
        self.fetch(first, stop)?;
        self.merge_earlier()?;
        let (mut files, mut shards) = (BTreeSet::new(), BTreeSet::new());
        for name in [FILE_NAME, FINISHED] {
            self.each_line(name, |line| {
                if let Some(shard) = shard_of(line) {
                    shards.insert((name == FINISHED, shard.path, shard.sha256));
                }
            })?;
        }
        self.each_line(&inner(EARLIER), |line| files.extend(output_of(line).map(|(path, _)| path)))?;
        let mut outputs = Vec::new();
        for path in files {
            let bytes = plain_key(&path).ok().and_then(|key| size(&key));
            outputs.extend(bytes.map(|bytes| (path.clone(), path, bytes)));
        }
        for (waits, path, sha256) in shards {
            let waiting = format!("{WAITING}/{sha256}");
            if let Some(bytes) = size(&waiting).filter(|_| waits) {
                // Here it waits under its own name.
                outputs.push((waiting, format!("{WAITING}/{path}"), bytes));
            }
            outputs.extend(size(&path).map(|bytes| (path.clone(), path, bytes)));
        }
        outputs.dedup();
        self.fetch(outputs, stop)?;
        self.forget_what_did_not_arrive()
    }

    /// Leaves rows of a killed run out whose outputs never came into the bucket: whoever reads a part of the pages would
    /// take over that they stand there.
    fn forget_what_did_not_arrive(&self) -> io::Result<()> {
        let (all, aside) = (self.folder.join(INTERRUPTED), self.folder.join(inner("bucket-both.jsonl")));
        if !all.exists() {
            return Ok(());
        }
        let mut arrived = BufWriter::new(File::create(&aside)?);
        let mut written = Ok(());
        self.each_line(INTERRUPTED, |line| {
            let is_there = output_of(line)
                .is_none_or(|(path, sha256)| self.index.get(&path).is_some_and(|known| known.sha256 == sha256));
            if is_there && written.is_ok() {
                written = arrived.write_all(line).and_then(|()| arrived.write_all(b"\n"));
            }
        })?;
        written?;
        arrived.flush()?;
        fs::rename(aside, all)
    }

    /// Removes what another state of the bucket has left in the working folder.
    fn empty(&mut self) -> io::Result<()> {
        self.index.clear(&self.address.to_string())?;
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            match entry.file_type()?.is_dir() {
                true if entry.file_name() == INNER => {}
                true => fs::remove_dir_all(entry.path())?,
                false => fs::remove_file(entry.path())?,
            }
        }
        for entry in fs::read_dir(self.folder.join(INNER))? {
            let entry = entry?;
            match entry.file_type()?.is_dir() {
                true => fs::remove_dir_all(entry.path())?,
                false if entry.path() == self.index.file() => {}
                false => fs::remove_file(entry.path())?,
            }
        }
        Ok(())
    }

    /// Puts the rows that the bucket knows together: those of its manifest, and of runs that were killed.
    fn merge_earlier(&self) -> io::Result<()> {
        let open = |name: &str| File::open(self.folder.join(name)).or_else(or_empty);
        let (both, all) = (self.folder.join(inner("bucket-both.jsonl")), self.folder.join(inner(EARLIER)));
        merge(open(FILE_NAME)?, open(INTERRUPTED)?, &both)?;
        merge(File::open(&both)?, open(FINISHED)?, &all)?;
        fs::remove_file(both)
    }

    /// Calls for each line of a file of the working folder; for none, where there is no such file.
    pub(super) fn each_line(&self, name: &str, mut line: impl FnMut(&[u8])) -> io::Result<()> {
        let file = match File::open(self.folder.join(name)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            file => file?,
        };
        for read in BufReader::with_capacity(1 << 16, file).split(b'\n') {
            line(&read?);
        }
        Ok(())
    }

    /// Brings objects, by their paths in the bucket, to paths of the working folder.
    fn fetch(&mut self, objects: Vec<(String, String, u64)>, stop: &dyn Fn() -> bool) -> io::Result<()> {
        let prefix = self.address.prefix().to_string();
        let mut objects = objects.into_iter().filter_map(|(from, to, bytes)| {
            // A manifest is not trusted.
            let to = RelativePath::of(&to).ok()?;
            Some((key_of(&prefix, &from).ok()?, from, to, bytes))
        });
        loop {
            let lot: Vec<_> = objects.by_ref().take(16 * AT_ONCE).collect();
            if lot.is_empty() {
                return Ok(());
            }
            if stop() {
                return Err(listing::stopped());
            }
            let (bucket, dir) = (&self.bucket, &self.dir);
            let brought = lot.into_iter().map(|(key, from, to, bytes)| async move {
                let mut file = BufWriter::new(dir.create_file(&to)?);
                let (e_tag, sha256) = download(bucket, &key, bytes, &mut file).await?;
                file.flush()?;
                Ok::<_, io::Error>((from, e_tag, sha256))
            });
            let brought: Vec<_> = bucket.wait(futures_util::stream::iter(brought).buffer_unordered(AT_ONCE).collect());
            for object in brought {
                match object {
                    Ok((path, e_tag, sha256)) => self.index.note(&path, e_tag.as_deref(), sha256)?,
                    // It went since it was listed.
                    Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                    Err(error) => return Err(error),
                }
            }
        }
    }

    /// The key of a file of CLEAN.
    pub(super) fn key(&self, path: &str) -> io::Result<Key> {
        Ok(key_of(self.address.prefix(), path)?)
    }
}

/// Writes an object; its ETag and the hash of its bytes.
async fn download(bucket: &Bucket, key: &Key, bytes: u64, to: &mut impl Write) -> io::Result<(Option<String>, String)> {
    let (store, mut hash) = (&*bucket.store, Sha256::new());
    let (meta, first) = match bytes <= BLOCK {
        true => patiently(|| get(store, key, Default::default())).await?,
        false => get_range(store, key, 0..BLOCK, None).await?,
    };
    let mut at = first.len() as u64;
    hash.update(&first);
    to.write_all(&first)?;
    while at < meta.size {
        let (_, next) = get_range(store, key, at..meta.size.min(at + BLOCK), meta.e_tag.clone()).await?;
        at += next.len() as u64;
        hash.update(&next);
        to.write_all(&next)?;
    }
    Ok((meta.e_tag, hex(hash)))
}

/// Merges the rows of two files into a third.
pub(super) fn merge(old: File, young: File, to: &Path) -> io::Result<()> {
    let mut merged = BufWriter::new(File::create(to)?);
    merge_rows(old, young, &mut merged)?;
    merged.flush()
}

/// No rows, where there is no file of them.
pub(super) fn or_empty(error: io::Error) -> io::Result<File> {
    match error.kind() {
        io::ErrorKind::NotFound => tempfile::tempfile(),
        _ => Err(error),
    }
}

/// The shard that a line of a manifest names.
pub(super) fn shard_of(line: &[u8]) -> Option<Shard> {
    let named: Option<Shard> = line.starts_with(shard::BEGINS.as_bytes()).then(|| serde_json::from_slice(line).ok())?;
    named.filter(|shard| shard.name().is_some())
}

/// The file of its own that a row names, and its hash.
pub(super) fn output_of(line: &[u8]) -> Option<(String, String)> {
    let output = RowSummary::read(line)?.output.filter(|output| output.line.is_none())?;
    Some((output.path.to_string(), output.sha256.to_string()))
}

/// A file of the inner folder.
pub(super) fn inner(name: &str) -> String {
    format!("{INNER}/{name}")
}

fn is_inner(path: &str) -> bool {
    path == FILE_NAME || below(path, INNER).is_some()
}

/// Whether it is there for a run that is not over.
fn is_unfinished(path: &str) -> bool {
    path == INTERRUPTED || path == FINISHED || below(path, WAITING).is_some()
}

fn below<'p>(path: &'p str, folder: &str) -> Option<&'p str> {
    path.strip_prefix(folder)?.strip_prefix('/')
}

/// A path as it stands in a key below the prefix.
fn plain_key(path: &str) -> io::Result<String> {
    Ok(key_of("", path)?.to_string())
}
