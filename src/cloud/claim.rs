//! Who writes into a folder of a bucket: an object that only one run at a time can make, and that it renews for as long
//! as it lives.
//!
//! A run that was killed renews it no more. The next one watches it for a while, and takes it over where nothing has
//! moved. No clock is asked: those of two machines may differ.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use object_store::path::Path as Key;
use object_store::{ObjectStore, ObjectStoreExt, PutMode, PutOptions, PutPayload, UpdateVersion};

use crate::cloud::bucket::{Bucket, Unless};
use crate::cloud::listing::stopped;

/// How often a claim is renewed, and for how long it is watched.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// Time from one renewal to the next.
    pub renewal: Duration,
    /// Renewals that have to be missing before the claim of another run is taken over.
    pub missing: u32,
}

impl Default for Pace {
    /// Every 20 seconds, and three of them: a store that is slow for half a minute loses nobody a claim.
    fn default() -> Pace {
        Pace { renewal: Duration::from_secs(20), missing: 3 }
    }
}

/// What is said of a store that replaces what it was told not to replace.
const UNCONDITIONAL: &str = "the store takes no conditional requests (If-None-Match), so that two runs could write here at \
                             once; clean into a folder and copy that";

/// A claim that is held. It is given back when it is dropped.
#[derive(Debug)]
pub(super) struct Claim {
    bucket: Bucket,
    key: Key,
    version: Arc<Mutex<UpdateVersion>>,
    is_lost: Arc<AtomicBool>,
    renewal: Option<tokio::task::JoinHandle<()>>,
}

/// What came of trying to take a claim.
pub(super) enum Taken {
    /// It is held.
    Ours(Claim),
    /// Another run holds it.
    Held,
}

impl Claim {
    /// Takes the claim of a folder. `watching` is told before a claim is watched that another run has made.
    ///
    /// # Errors
    /// Where the store does not answer, or `stop` says so.
    pub(super) fn take(
        bucket: &Bucket,
        key: Key,
        pace: Pace,
        stop: &dyn Fn() -> bool,
        watching: &dyn Fn(Duration),
    ) -> io::Result<Taken> {
        let run = random();
        let version = loop {
            if let Some(version) = bucket.write(&key, text(run, 0), Unless::Exists)? {
                break version;
            }
            let Some((meta, _)) = bucket.read(&key)? else { continue };
            watching(pace.renewal * pace.missing);
            match watch(bucket, &key, meta.e_tag.as_deref(), pace, stop)? {
                Watched::Gone => {}
                Watched::Renewed => return Ok(Taken::Held),
                Watched::Still => {
                    let seen = UpdateVersion { e_tag: meta.e_tag, version: meta.version };
                    match bucket.write(&key, text(run, 0), Unless::Changed(seen))? {
                        Some(version) => break version,
                        None => return Ok(Taken::Held),
                    }
                }
            }
        };
        // A store that does not look at conditions would let another run take it, too.
        if bucket.write(&key, text(run, u64::MAX), Unless::Exists)?.is_some() {
            bucket.remove(vec![key])?;
            return Err(io::Error::new(io::ErrorKind::Unsupported, UNCONDITIONAL));
        }
        let mut claim = Claim {
            bucket: bucket.clone(),
            key,
            version: Arc::new(Mutex::new(version)),
            is_lost: Arc::new(AtomicBool::new(false)),
            renewal: None,
        };
        claim.renewal = Some(claim.renew(run, pace));
        Ok(Taken::Ours(claim))
    }

    fn renew(&self, run: u64, pace: Pace) -> tokio::task::JoinHandle<()> {
        let (store, key) = (Arc::clone(&self.bucket.store), self.key.clone());
        let (version, is_lost) = (Arc::clone(&self.version), Arc::clone(&self.is_lost));
        self.bucket.spawn(async move {
            for number in 1u64.. {
                tokio::time::sleep(pace.renewal).await;
                let held = version.lock().unwrap_or_else(PoisonError::into_inner).clone();
                match renewed(&*store, &key, text(run, number), held).await {
                    Ok(renewed) => *version.lock().unwrap_or_else(PoisonError::into_inner) = renewed,
                    Err(object_store::Error::Precondition { .. } | object_store::Error::NotFound { .. }) => {
                        is_lost.store(true, Ordering::SeqCst);
                        return;
                    }
                    // It may be there again the next time.
                    Err(_) => {}
                }
            }
        })
    }

    /// Whether another run has taken it over, or somebody has removed it.
    pub(super) fn is_lost(&self) -> bool {
        self.is_lost.load(Ordering::SeqCst)
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        if let Some(renewal) = self.renewal.take() {
            renewal.abort();
            // One that was under way would make the object again.
            let _ = self.bucket.wait(renewal);
        }
        if !self.is_lost() {
            // Where that fails, the next run watches it and takes it over.
            let _ = self.bucket.remove(vec![self.key.clone()]);
        }
    }
}

async fn renewed(
    store: &dyn ObjectStore,
    key: &Key,
    text: Bytes,
    held: UpdateVersion,
) -> object_store::Result<UpdateVersion> {
    let options = PutOptions { mode: PutMode::Update(held), ..PutOptions::default() };
    match store.put_opts(key, PutPayload::from_bytes(text.clone()), options).await {
        // The answer to a first try may have been lost.
        Err(error @ object_store::Error::Precondition { .. }) => match store.get(key).await {
            Ok(there) => {
                let meta = there.meta.clone();
                match there.bytes().await? == text {
                    true => Ok(UpdateVersion { e_tag: meta.e_tag, version: meta.version }),
                    false => Err(error),
                }
            }
            Err(_) => Err(error),
        },
        written => written.map(UpdateVersion::from),
    }
}

/// What became of a claim while it was watched.
enum Watched {
    /// The run that made it renewed it.
    Renewed,
    /// Nobody did, for as long as a run that lives would take to.
    Still,
    /// It was given back.
    Gone,
}

fn watch(bucket: &Bucket, key: &Key, e_tag: Option<&str>, pace: Pace, stop: &dyn Fn() -> bool) -> io::Result<Watched> {
    /// Whoever presses Ctrl-C does not wait for a renewal: `stop` is asked so often before each.
    const QUESTIONS: u32 = 20;
    for _ in 0..pace.missing {
        for _ in 0..QUESTIONS {
            if stop() {
                return Err(stopped());
            }
            bucket.wait(async { tokio::time::sleep(pace.renewal / QUESTIONS).await });
        }
        match bucket.head(key)? {
            None => return Ok(Watched::Gone),
            Some(now) if now.e_tag.as_deref() != e_tag => return Ok(Watched::Renewed),
            Some(_) => {}
        }
    }
    Ok(Watched::Still)
}

/// What stands in a claim. It differs each time, so that its ETag does.
fn text(run: u64, renewal: u64) -> Bytes {
    let text = format!(
        "{{\"run\":\"{run:016x}\",\"renewal\":{renewal},\"about\":\"A run of dechaff writes here. One that was killed is \
         replaced by the next run.\"}}\n"
    );
    Bytes::from(text)
}

/// A number that no other run has.
fn random() -> u64 {
    use std::hash::{BuildHasher, Hasher};
    let mut hasher = std::hash::RandomState::new().build_hasher();
    hasher.write_u32(std::process::id());
    hasher.finish()
}
