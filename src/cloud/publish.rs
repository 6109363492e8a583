//! From the working folder into the bucket: what is new or different goes up, and the manifest last.
//!
//! A bucket renames nothing, so that the order of the steps has to do what renames do on a disk. Whenever a run is
//! killed, the bucket holds the earlier manifest or the new one, and knows every output that it holds:
//!
//! 1. `.dechaff/interrupted.jsonl`: the rows of all outputs, those that are there and those that will be.
//! 2. Outputs take their names. Shards wait in `.dechaff/new/`, since many rows of the earlier manifest speak of one.
//! 3. `.dechaff/finished.jsonl`: the new manifest. From here on the next run would go on with it.
//! 4. Shards are copied to their names, within the store.
//! 5. `manifest.jsonl`, on the condition that it is the one that was read when the run began.
//! 6. Outputs that the run has let go are removed, and then what steps 1 to 3 made.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::PathBuf;

use futures_util::StreamExt;
use object_store::path::Path as Key;
use sha2::{Digest, Sha256};

use crate::cloud::bucket::{AT_ONCE, Bucket, Unless};
use crate::cloud::listing::stopped;
use crate::cloud::output::{
    BucketOutput, EARLIER, FINISHED, INTERRUPTED, KEPT, WAITING, inner, merge, or_empty, output_of, shard_of,
};
use crate::error::{Error, Result};
use crate::hash::hex;
use crate::manifest::FILE_NAME;
use crate::manifest::relative_path::RelativePath;

/// What was written into the bucket.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Published {
    /// Outputs that were new or different.
    pub written: u64,
    /// Outputs that are gone.
    pub removed: u64,
}

/// An output that goes up.
struct Upload {
    path: String,
    sha256: String,
    is_shard: bool,
}

impl BucketOutput {
    /// Brings the working folder's outputs and manifest into the bucket, once a run has come to its end. `sent` is told how
    /// many outputs have gone up, and of how many.
    ///
    /// # Errors
    /// Where the store does not take them, another run has written the manifest or taken the claim over, or `stop` says
    /// so. The bucket holds the earlier manifest then, and the next run goes on.
    pub fn publish(&mut self, stop: &dyn Fn() -> bool, sent: &dyn Fn(u64, u64)) -> Result<Published> {
        let path: PathBuf = self.address.to_string().into();
        match self.steps(stop, sent) {
            Ok(published) => Ok(published),
            Err(Failed::Io(cause)) => Err(Error::Write { path, cause }),
            Err(Failed::Overtaken) => {
                let why = "another run has written here since this one began; its manifest stands as it was written, so run \
                           again";
                Err(Error::Write { path, cause: io::Error::other(why) })
            }
        }
    }

    fn steps(&mut self, stop: &dyn Fn() -> bool, sent: &dyn Fn(u64, u64)) -> std::result::Result<Published, Failed> {
        let uploads = self.uploads()?;
        let removals = self.removals()?;
        let manifest = hash_of(&self.folder.join(FILE_NAME))?;
        let is_known = |index: &crate::cloud::index::Index, path: &str, sha256: &str| {
            index.get(path).is_some_and(|known| known.sha256 == sha256)
        };
        self.upload_kept()?;
        let is_same = is_known(&self.index, FILE_NAME, &manifest);
        if uploads.is_empty() && removals.is_empty() && is_same && self.unfinished.is_empty() {
            return Ok(Published::default());
        }
        self.go_on(stop)?;
        self.announce()?;
        self.upload(&uploads, stop, sent)?;
        self.go_on(stop)?;
        if !removals.is_empty() || uploads.iter().any(|upload| upload.is_shard) {
            self.put_file(FINISHED, FILE_NAME)?;
            self.unfinished.insert(FINISHED.into());
            self.name_shards(&uploads)?;
        }
        // Nobody is asked to stop from here on: it is a matter of moments.
        self.go_on(&|| false)?;
        if !is_known(&self.index, FILE_NAME, &manifest) {
            self.put_manifest(manifest)?;
        }
        fs::copy(self.folder.join(FILE_NAME), self.folder.join(inner(EARLIER)))?;
        self.clear_up(&removals)?;
        Ok(Published { written: uploads.len() as u64, removed: removals.len() as u64 })
    }

    /// Whether the run may go on.
    fn go_on(&self, stop: &dyn Fn() -> bool) -> std::result::Result<(), Failed> {
        match () {
            () if self.claim.is_lost() => Err(Failed::Overtaken),
            () if stop() => Err(Failed::Io(stopped())),
            () => Ok(()),
        }
    }

    /// The outputs of the new manifest that the bucket does not hold as they are here.
    fn uploads(&self) -> io::Result<Vec<Upload>> {
        let mut wanted = Vec::new();
        self.each_line(FILE_NAME, |line| match shard_of(line) {
            Some(shard) => wanted.push(Upload { path: shard.path, sha256: shard.sha256, is_shard: true }),
            None => wanted.extend(output_of(line).map(|(path, sha256)| Upload { path, sha256, is_shard: false })),
        })?;
        let is_in_the_bucket =
            |upload: &Upload| self.index.get(&upload.path).is_some_and(|known| known.sha256 == upload.sha256);
        wanted.retain(|upload| !is_in_the_bucket(upload));
        // A row may speak of an output that somebody has edited, or that is gone.
        for upload in &mut wanted {
            let here =
                RelativePath::of(&upload.path).map_err(io::Error::other).and_then(|path| self.dir.open_file(&path));
            upload.sha256 = match here {
                Ok(file) => hash(file)?,
                Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
                Err(error) => return Err(error),
            };
        }
        wanted.retain(|upload| !upload.sha256.is_empty() && !is_in_the_bucket(upload));
        Ok(wanted)
    }

    /// The outputs of the bucket that the run has let go: they are here no more.
    fn removals(&self) -> io::Result<Vec<String>> {
        let known = self.index.paths().filter(|path| *path != FILE_NAME && !path.starts_with(&inner("")));
        let is_gone = |path: &&str| RelativePath::of(path).is_ok_and(|path| !self.folder.join(path.as_path()).exists());
        Ok(known.filter(is_gone).map(str::to_string).collect())
    }

    /// Writes what the run has found out that the next one may use.
    fn upload_kept(&mut self) -> io::Result<()> {
        for name in KEPT.map(inner) {
            let Ok(sha256) = hash_of(&self.folder.join(&name)) else { continue };
            if self.index.get(&name).is_none_or(|known| known.sha256 != sha256) {
                self.put_file(&name, &name)?;
            }
        }
        Ok(())
    }

    /// Has the bucket know what is on its way.
    fn announce(&mut self) -> io::Result<()> {
        let earlier = self.folder.join(inner(EARLIER));
        let (manifest, both) = (self.folder.join(FILE_NAME), self.folder.join(inner("bucket-both.jsonl")));
        merge(File::open(&earlier).or_else(or_empty)?, File::open(manifest)?, &both)?;
        fs::rename(&both, &earlier)?;
        self.unfinished.insert(INTERRUPTED.into());
        self.put_file(INTERRUPTED, &inner(EARLIER))
    }

    /// Writes a file of the working folder as an object.
    fn put_file(&mut self, path: &str, file: &str) -> io::Result<()> {
        let file = self.folder.join(file);
        let sha256 = hash_of(&file)?;
        let e_tag = self.bucket.upload(&self.key(path)?, &file)?;
        self.index.note(path, e_tag.as_deref(), sha256)
    }

    /// Writes outputs, several at once.
    fn upload(
        &mut self,
        uploads: &[Upload],
        stop: &dyn Fn() -> bool,
        sent: &dyn Fn(u64, u64),
    ) -> std::result::Result<(), Failed> {
        for (number, lot) in uploads.chunks(4 * AT_ONCE).enumerate() {
            self.go_on(stop)?;
            sent((number * 4 * AT_ONCE) as u64, uploads.len() as u64);
            let target = |upload: &Upload| match upload.is_shard {
                true => format!("{WAITING}/{}", upload.sha256),
                false => upload.path.clone(),
            };
            let targets: Vec<(String, Key)> =
                lot.iter().map(|upload| Ok((target(upload), self.key(&target(upload))?))).collect::<io::Result<_>>()?;
            let bucket = &self.bucket;
            let on_their_way = lot.iter().zip(&targets).map(|(upload, (path, key))| {
                let file = RelativePath::of(&upload.path).map(|path| self.folder.join(path.as_path()));
                async move {
                    let e_tag = bucket.send(key, &file.map_err(io::Error::other)?).await?;
                    Ok::<_, io::Error>((upload, path, e_tag))
                }
            });
            let arrived: Vec<_> =
                bucket.wait(futures_util::stream::iter(on_their_way).buffer_unordered(AT_ONCE).collect());
            for one in arrived {
                let (upload, path, e_tag) = one?;
                match upload.is_shard {
                    true => drop(self.unfinished.insert(path.clone())),
                    false => self.index.note(path, e_tag.as_deref(), upload.sha256.clone())?,
                }
            }
        }
        Ok(())
    }

    fn name_shards(&mut self, uploads: &[Upload]) -> io::Result<()> {
        for shard in uploads.iter().filter(|upload| upload.is_shard) {
            let key = self.key(&shard.path)?;
            self.bucket.copy(&self.key(&format!("{WAITING}/{}", shard.sha256))?, &key)?;
            let e_tag = self.bucket.head(&key)?.and_then(|meta| meta.e_tag);
            self.index.note(&shard.path, e_tag.as_deref(), shard.sha256.clone())?;
        }
        Ok(())
    }

    fn put_manifest(&mut self, sha256: String) -> std::result::Result<(), Failed> {
        let bytes = Bucket::whole_file(&self.folder.join(FILE_NAME))?;
        let unless = self.manifest.clone().map_or(Unless::Exists, Unless::Changed);
        let written = self.bucket.write(&self.key(FILE_NAME)?, bytes, unless)?.ok_or(Failed::Overtaken)?;
        self.index.note(FILE_NAME, written.e_tag.as_deref(), sha256)?;
        self.manifest = Some(written);
        Ok(())
    }

    /// Removes what the run has let go, and what was there for a run that is not over: the finished manifest last.
    fn clear_up(&mut self, removals: &[String]) -> io::Result<()> {
        let finished = self.unfinished.remove(FINISHED);
        let unfinished: Vec<String> = std::mem::take(&mut self.unfinished).into_iter().collect();
        let last = finished.then(|| FINISHED.to_string());
        for gone in [removals, &unfinished, last.as_slice()] {
            self.bucket.remove(gone.iter().map(|path| self.key(path)).collect::<io::Result<_>>()?)?;
            for path in gone {
                self.index.forget(path)?;
            }
        }
        Ok(())
    }
}

/// Why a run cannot go on.
enum Failed {
    Io(io::Error),
    /// Another run has written here.
    Overtaken,
}

impl From<io::Error> for Failed {
    fn from(error: io::Error) -> Failed {
        Failed::Io(error)
    }
}

fn hash_of(file: &std::path::Path) -> io::Result<String> {
    hash(File::open(file)?)
}

fn hash(mut file: File) -> io::Result<String> {
    let (mut hash, mut buffer) = (Sha256::new(), vec![0; 64 << 10]);
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(hex(hash)),
            read => hash.update(&buffer[..read]),
        }
    }
}
