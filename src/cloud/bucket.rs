//! A bucket whose calls wait for their answers: the one place where blocking code meets the runtime.

use std::fs::File;
use std::future::Future;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt};
use object_store::list::PaginatedListStore;
use object_store::path::Path as Key;
use object_store::{
    Error as StoreError, GetOptions, GetRange, ObjectMeta, ObjectStore, ObjectStoreExt, PutMode, PutOptions,
    PutPayload, UpdateVersion, WriteMultipart,
};
use tokio::runtime::{Builder, Runtime};

use crate::cloud::address::Address;
use crate::error::{Error, Result};

/// Threads of the runtime: they wait for the network, and encrypt.
const THREADS: usize = 4;

/// How often a read is begun whose answer breaks off, after the store's own retries.
const TRIES: u32 = 4;

/// How long a read waits before it is begun again, in milliseconds; twice as long each time.
const WAIT_MS: u64 = 100;

/// Bytes of an object that is written in one request; a larger one goes up in parts.
const ONE_REQUEST: u64 = 8 << 20;

/// Bytes of a part. S3 wants at least 5 MiB of all parts but the last.
const PART: u64 = 8 << 20;

/// The most parts that an object may have: those of S3 are 10,000.
const MOST_PARTS: u64 = 9_000;

/// Parts of an object that are on their way at once.
const PARTS_AT_ONCE: usize = 4;

/// Bytes that one request may write, as S3 says.
const LONGEST_REQUEST: u64 = 5 << 30;

/// Objects that are read, written or removed at once.
pub(super) const AT_ONCE: usize = 16;

/// A bucket.
#[derive(Clone)]
pub struct Bucket {
    pub(super) store: Arc<dyn ObjectStore>,
    pub(super) pages: Option<Arc<dyn PaginatedListStore>>,
    runtime: Arc<Runtime>,
}

impl std::fmt::Debug for Bucket {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Bucket").field(&self.store).finish()
    }
}

/// What is done with an object that has a name already.
#[derive(Debug, Clone)]
pub enum Unless {
    /// It is replaced.
    Nothing,
    /// The name is taken only where nothing has it.
    Exists,
    /// It is replaced where it is still this one.
    Changed(UpdateVersion),
}

impl Bucket {
    /// The bucket of an address.
    ///
    /// # Errors
    /// Where the environment does not name a store that can be reached.
    pub fn of(address: &Address) -> Result<Bucket> {
        let store = address.store()?;
        Bucket::of_store(store.objects, store.pages)
    }

    /// A store that is at hand; `pages` lists it page by page, where it can.
    ///
    /// # Errors
    /// Where the operating system gives no threads.
    pub fn of_store(store: Arc<dyn ObjectStore>, pages: Option<Arc<dyn PaginatedListStore>>) -> Result<Bucket> {
        let runtime = Builder::new_multi_thread().worker_threads(THREADS).enable_all().build();
        let runtime = runtime.map_err(|error| Error::Folders(format!("cannot start {THREADS} threads: {error}")))?;
        Ok(Bucket { store, pages, runtime: Arc::new(runtime) })
    }

    /// Waits for what a future gives.
    pub(super) fn wait<T>(&self, future: impl Future<Output = T>) -> T {
        self.runtime.block_on(future)
    }

    /// Lets a future go on by itself.
    pub(super) fn spawn<T: Send + 'static>(
        &self,
        future: impl Future<Output = T> + Send + 'static,
    ) -> tokio::task::JoinHandle<T> {
        self.runtime.spawn(future)
    }

    /// An object's size and version; `None` where there is none.
    ///
    /// # Errors
    /// Where the store does not answer.
    pub fn head(&self, key: &Key) -> io::Result<Option<ObjectMeta>> {
        present(self.wait(patiently(|| self.store.head(key))))
    }

    /// An object whole; `None` where there is none.
    ///
    /// # Errors
    /// Where the store does not answer.
    pub fn read(&self, key: &Key) -> io::Result<Option<(ObjectMeta, Bytes)>> {
        present(self.wait(patiently(|| async { get(&*self.store, key, GetOptions::default()).await })))
    }

    /// Writes an object in one request; its new version. `None` where another one has its name that may not be replaced.
    ///
    /// # Errors
    /// Where the store does not answer, or refuses it.
    pub fn write(&self, key: &Key, bytes: Bytes, unless: Unless) -> io::Result<Option<UpdateVersion>> {
        self.wait(put(&*self.store, key, bytes, unless)).map_err(io::Error::from)
    }

    /// Writes a file as an object, in parts where it is long; the object's new ETag.
    ///
    /// # Errors
    /// Where the file cannot be read, or the store does not take it. Nothing has changed then.
    pub fn upload(&self, key: &Key, file: &Path) -> io::Result<Option<String>> {
        self.wait(self.send(key, file))
    }

    pub(super) async fn send(&self, key: &Key, file: &Path) -> io::Result<Option<String>> {
        let bytes = std::fs::metadata(file)?.len();
        if bytes <= ONE_REQUEST {
            let written = put(&*self.store, key, Bytes::from(std::fs::read(file)?), Unless::Nothing).await;
            return Ok(written?.and_then(|version| version.e_tag));
        }
        patiently_io(|| upload_parts(&*self.store, key, file, bytes)).await
    }

    /// Reads a whole file to be written in one request.
    ///
    /// # Errors
    /// Where it cannot be read, or is longer than one request may be.
    pub fn whole_file(file: &Path) -> io::Result<Bytes> {
        let bytes = std::fs::metadata(file)?.len();
        match bytes > LONGEST_REQUEST {
            true => Err(io::Error::other(format!(
                "it has {bytes} bytes, and one request writes {LONGEST_REQUEST} at most; clean parts of RAW into folders of \
                 their own (--partition)"
            ))),
            false => std::fs::read(file).map(Bytes::from),
        }
    }

    /// Gives an object a second name, within the store.
    ///
    /// # Errors
    /// Where there is no such object, or the store does not answer.
    pub fn copy(&self, from: &Key, to: &Key) -> io::Result<()> {
        self.wait(patiently(|| self.store.copy(from, to))).map_err(io::Error::from)
    }

    /// Removes objects; those that are gone already are no mistake.
    ///
    /// # Errors
    /// Where the store does not answer.
    pub fn remove(&self, keys: Vec<Key>) -> io::Result<()> {
        if keys.is_empty() {
            return Ok(());
        }
        let removed = self.wait(patiently(|| async {
            let keys = futures_util::stream::iter(keys.clone().into_iter().map(Ok)).boxed();
            let mut removed = self.store.delete_stream(keys);
            loop {
                match removed.try_next().await {
                    Ok(Some(_)) | Err(StoreError::NotFound { .. }) => {}
                    Ok(None) => return Ok(()),
                    Err(error) => return Err(error),
                }
            }
        }));
        removed.map_err(io::Error::from)
    }
}

/// What a read gave; `None` where there is no such object.
fn present<T>(read: object_store::Result<T>) -> io::Result<Option<T>> {
    match read {
        Ok(found) => Ok(Some(found)),
        Err(StoreError::NotFound { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Reads a range of an object, or all of it, and holds the answer to the length that it was announced with.
pub(super) async fn get(
    store: &dyn ObjectStore,
    key: &Key,
    options: GetOptions,
) -> object_store::Result<(ObjectMeta, Bytes)> {
    let answer = store.get_opts(key, options).await?;
    let (meta, expected) = (answer.meta.clone(), answer.range.end - answer.range.start);
    let bytes = answer.bytes().await?;
    match bytes.len() as u64 == expected {
        true => Ok((meta, bytes)),
        false => {
            let why = format!("{key}: {} of {expected} bytes came", bytes.len());
            Err(StoreError::Generic { store: "answer", source: why.into() })
        }
    }
}

/// Reads a range of an object, of the version that is named, where one is.
pub(super) async fn get_range(
    store: &dyn ObjectStore,
    key: &Key,
    range: std::ops::Range<u64>,
    e_tag: Option<String>,
) -> object_store::Result<(ObjectMeta, Bytes)> {
    let options = || GetOptions {
        range: Some(GetRange::Bounded(range.clone())),
        if_match: e_tag.clone(),
        ..GetOptions::default()
    };
    patiently(|| get(store, key, options())).await
}

/// Does something again that failed on its way: what a store refuses stays refused.
pub(super) async fn patiently<T, F: Future<Output = object_store::Result<T>>>(
    mut call: impl FnMut() -> F,
) -> object_store::Result<T> {
    let mut tries = 1;
    loop {
        match call().await {
            Err(StoreError::Generic { .. }) if tries < TRIES => {
                tokio::time::sleep(Duration::from_millis(WAIT_MS << (tries - 1))).await;
                tries += 1;
            }
            done => return done,
        }
    }
}

async fn patiently_io<T, F: Future<Output = io::Result<T>>>(mut call: impl FnMut() -> F) -> io::Result<T> {
    patiently(|| {
        let call = call();
        async { call.await.map_err(|error| StoreError::Generic { store: "upload", source: error.into() }) }
    })
    .await
    .map_err(io::Error::from)
}

async fn put(
    store: &dyn ObjectStore,
    key: &Key,
    bytes: Bytes,
    unless: Unless,
) -> object_store::Result<Option<UpdateVersion>> {
    let mode = match unless {
        Unless::Nothing => PutMode::Overwrite,
        Unless::Exists => PutMode::Create,
        Unless::Changed(version) => PutMode::Update(version),
    };
    let options = || PutOptions { mode: mode.clone(), ..PutOptions::default() };
    let written = patiently(|| store.put_opts(key, PutPayload::from_bytes(bytes.clone()), options()))
        .await
        .map(UpdateVersion::from);
    match written {
        Ok(version) => Ok(Some(version)),
        Err(StoreError::AlreadyExists { .. } | StoreError::Precondition { .. }) => {
            // The answer to a first try may have been lost, and what stands there is what was written by it.
            let there = patiently(|| get(store, key, GetOptions::default())).await;
            match there {
                Ok((meta, there)) if there == bytes => {
                    Ok(Some(UpdateVersion { e_tag: meta.e_tag, version: meta.version }))
                }
                Ok(_) | Err(StoreError::NotFound { .. }) => Ok(None),
                Err(error) => Err(error),
            }
        }
        Err(error) => Err(error),
    }
}

/// Writes a file in parts. What has gone up is given up where one of them fails.
async fn upload_parts(store: &dyn ObjectStore, key: &Key, file: &Path, bytes: u64) -> io::Result<Option<String>> {
    let part = PART.max(bytes.div_ceil(MOST_PARTS)) as usize;
    let mut file = File::open(file)?;
    let mut writer = WriteMultipart::new_with_chunk_size(store.put_multipart(key).await?, part);
    loop {
        if let Err(error) = writer.wait_for_capacity(PARTS_AT_ONCE).await {
            let _ = writer.abort().await;
            return Err(error.into());
        }
        let mut next = Vec::with_capacity(part);
        match file.by_ref().take(part as u64).read_to_end(&mut next) {
            Ok(0) => break,
            Ok(_) => writer.put(Bytes::from(next)),
            Err(error) => {
                let _ = writer.abort().await;
                return Err(error);
            }
        }
    }
    // It gives the parts up itself where it fails.
    Ok(writer.finish().await?.e_tag)
}
