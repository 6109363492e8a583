//! A store in memory that fails as a network does: answers of 503, bodies that break off, waits, short pages of
//! listings, and a moment from which on nothing comes through.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::stream::BoxStream;
use futures_util::{StreamExt, TryStreamExt};
use object_store::list::{PaginatedListOptions, PaginatedListResult, PaginatedListStore};
use object_store::memory::InMemory;
use object_store::path::Path as Key;
use object_store::{
    CopyOptions, Error, GetOptions, GetResult, GetResultPayload, ListResult, MultipartUpload, ObjectMeta, ObjectStore,
    ObjectStoreExt, PutMultipartOptions, PutOptions, PutPayload, PutResult, Result,
};

/// The object that a run claims a folder by; how often it is renewed depends on time, so that it counts for nothing.
const CLAIM: &str = "claim.json";

/// The store.
#[derive(Debug)]
pub(crate) struct Faulty {
    pub(crate) inner: InMemory,
    /// Of so many requests one is answered with 503; of none, where it is 0.
    pub(crate) fails: u64,
    /// Of so many answers one breaks off in the middle.
    pub(crate) breaks: u64,
    /// A key whose requests are all answered with 503.
    pub(crate) away: Option<&'static str>,
    /// How long each answer takes.
    pub(crate) slow: Duration,
    /// Whether it writes whatever the condition is.
    pub(crate) unconditional: bool,
    /// Keys of a page of a listing.
    pub(crate) page: usize,
    /// Keys that no path can have, and that are listed all the same.
    pub(crate) hostile: Vec<String>,
    pub(crate) requests: AtomicU64,
    /// What went wrong last time: it does not do so twice running, as it would not for a client that has retried already.
    pub(crate) troubled: Mutex<BTreeSet<String>>,
    /// What was written, copied or removed.
    pub(crate) writes: Arc<AtomicI64>,
    /// How many more of those come through.
    pub(crate) left: Arc<AtomicI64>,
    /// Reads by their keys.
    pub(crate) read: Mutex<BTreeMap<String, u64>>,
}

impl Default for Faulty {
    fn default() -> Faulty {
        Faulty {
            inner: InMemory::new(),
            fails: 0,
            breaks: 0,
            away: None,
            slow: Duration::ZERO,
            unconditional: false,
            page: 1000,
            hostile: Vec::new(),
            requests: AtomicU64::new(0),
            troubled: Mutex::default(),
            writes: Arc::new(AtomicI64::new(0)),
            left: Arc::new(AtomicI64::new(i64::MAX)),
            read: Mutex::default(),
        }
    }
}

/// What goes wrong with a request that is answered.
enum Trouble {
    None,
    /// The body breaks off in the middle; every second time whoever reads is not even told.
    Breaks {
        is_told: bool,
    },
}

impl std::fmt::Display for Faulty {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Faulty")
    }
}

impl Faulty {
    /// What was written, copied or removed since somebody asked last.
    pub(crate) fn take_writes(&self) -> i64 {
        self.writes.swap(0, Ordering::SeqCst)
    }

    /// Lets so many more writes through.
    pub(crate) fn allow(&self, writes: i64) {
        self.left.store(writes, Ordering::SeqCst);
    }

    /// What goes wrong with a request.
    async fn trouble(&self, key: &str) -> Result<Trouble> {
        tokio::time::sleep(self.slow).await;
        if self.left.load(Ordering::SeqCst) <= 0 {
            return Err(away());
        }
        let number = self.requests.fetch_add(1, Ordering::SeqCst) + 1;
        let is_turn = |of: u64| of > 0 && number.is_multiple_of(of);
        let mut troubled = self.troubled.lock().unwrap();
        match () {
            () if self.away == Some(key) => {
                Err(Error::Generic { store: "Faulty", source: "503 Service Unavailable".into() })
            }
            () if troubled.remove(key) => Ok(Trouble::None),
            () if is_turn(self.fails) => {
                troubled.insert(key.into());
                Err(Error::Generic { store: "Faulty", source: "503 Slow Down".into() })
            }
            () if is_turn(self.breaks) => {
                troubled.insert(key.into());
                Ok(Trouble::Breaks { is_told: (number / self.breaks).is_multiple_of(2) })
            }
            () => Ok(Trouble::None),
        }
    }

    async fn before_write(&self, key: &Key) -> Result<()> {
        self.trouble(key.as_ref()).await?;
        if key.filename() == Some(CLAIM) {
            return Ok(());
        }
        if self.left.fetch_sub(1, Ordering::SeqCst) <= 0 {
            return Err(away());
        }
        self.writes.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }

    /// All keys below a prefix in the order of a listing.
    async fn keys(&self, prefix: &str) -> Result<BTreeMap<String, Option<ObjectMeta>>> {
        let all: Vec<ObjectMeta> = self.inner.list(None).try_collect().await?;
        let objects = all.into_iter().map(|object| (object.location.to_string(), Some(object)));
        let hostile = self.hostile.iter().map(|key| (key.clone(), None));
        Ok(objects.chain(hostile).filter(|(key, _)| key.starts_with(prefix)).collect())
    }
}

/// The network is gone, and no retry helps.
fn away() -> Error {
    Error::PermissionDenied { path: String::new(), source: "killed".into() }
}

#[async_trait]
impl ObjectStore for Faulty {
    async fn put_opts(&self, key: &Key, payload: PutPayload, options: PutOptions) -> Result<PutResult> {
        self.before_write(key).await?;
        let options = if self.unconditional { PutOptions::default() } else { options };
        self.inner.put_opts(key, payload, options).await
    }

    async fn put_multipart_opts(&self, key: &Key, options: PutMultipartOptions) -> Result<Box<dyn MultipartUpload>> {
        self.before_write(key).await?;
        self.inner.put_multipart_opts(key, options).await
    }

    async fn get_opts(&self, key: &Key, options: GetOptions) -> Result<GetResult> {
        let trouble = self.trouble(key.as_ref()).await?;
        let is_head = options.head;
        let answer = self.inner.get_opts(key, options).await?;
        if is_head {
            return Ok(answer);
        }
        *self.read.lock().unwrap().entry(key.to_string()).or_default() += 1;
        let Trouble::Breaks { is_told } = trouble else { return Ok(answer) };
        let (meta, range, attributes) = (answer.meta.clone(), answer.range.clone(), answer.attributes.clone());
        let bytes = answer.bytes().await?;
        let half = bytes.slice(..bytes.len() / 2);
        let error =
            is_told.then(|| Err(Error::Generic { store: "Faulty", source: "the connection was dropped".into() }));
        let stream = futures_util::stream::iter([Ok(half)].into_iter().chain(error)).boxed();
        let extensions = Default::default();
        Ok(GetResult { payload: GetResultPayload::Stream(stream), meta, range, attributes, extensions })
    }

    async fn get_ranges(&self, key: &Key, ranges: &[Range<u64>]) -> Result<Vec<Bytes>> {
        self.inner.get_ranges(key, ranges).await
    }

    fn delete_stream(&self, keys: BoxStream<'static, Result<Key>>) -> BoxStream<'static, Result<Key>> {
        let (inner, left, writes) = (self.inner.clone(), Arc::clone(&self.left), Arc::clone(&self.writes));
        keys.and_then(move |key| {
            let is_away = match key.filename() {
                Some(CLAIM) => left.load(Ordering::SeqCst) <= 0,
                _ => left.fetch_sub(1, Ordering::SeqCst) <= 0 || writes.fetch_add(1, Ordering::SeqCst) < 0,
            };
            let inner = inner.clone();
            async move { if is_away { Err(away()) } else { inner.delete(&key).await.map(|()| key) } }
        })
        .boxed()
    }

    fn list(&self, prefix: Option<&Key>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.inner.list(prefix)
    }

    async fn list_with_delimiter(&self, prefix: Option<&Key>) -> Result<ListResult> {
        self.inner.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, from: &Key, to: &Key, options: CopyOptions) -> Result<()> {
        self.before_write(to).await?;
        self.inner.copy_opts(from, to, options).await
    }
}

#[async_trait]
impl PaginatedListStore for Faulty {
    async fn list_paginated(&self, prefix: Option<&str>, options: PaginatedListOptions) -> Result<PaginatedListResult> {
        self.trouble(prefix.unwrap_or_default()).await?;
        let after = options.page_token.or(options.offset).unwrap_or_default();
        let size = options.max_keys.unwrap_or(self.page).min(self.page);
        let keys = self.keys(prefix.unwrap_or_default()).await?;
        let mut page: Vec<_> = keys.into_iter().filter(|(key, _)| *key > after).take(size + 1).collect();
        let page_token = if page.len() > size { page.pop().and(page.last().map(|(key, _)| key.clone())) } else { None };
        let object = |(key, object): (String, Option<ObjectMeta>)| match object {
            Some(object) => Ok(object),
            None => Err(Error::InvalidPath { source: Key::parse(key).unwrap_err() }),
        };
        let objects = page.into_iter().map(object).collect::<Result<Vec<_>>>()?;
        let result = ListResult { objects, common_prefixes: Vec::new(), extensions: Default::default() };
        Ok(PaginatedListResult { result, page_token })
    }
}
