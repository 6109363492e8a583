//! Addresses of folders in object stores, and how their stores are reached.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey};
use object_store::azure::{AzureConfigKey, MicrosoftAzureBuilder};
use object_store::gcp::{GoogleCloudStorageBuilder, GoogleConfigKey};
use object_store::list::PaginatedListStore;
use object_store::path::Path as Key;
use object_store::{ClientConfigKey, ObjectStore, ObjectStoreScheme, RetryConfig};
use url::Url;

use crate::error::{Error, Result};

/// How often a request is sent again after an answer of 5xx, a timeout or a dropped connection. The waits double from
/// 0.1 s to 15 s (`object_store::BackoffConfig`), so that eight of them bridge most of a minute.
const RETRIES: usize = 8;

/// How long a request is sent again, in seconds. Credentials may end meanwhile where it is more than five minutes, as
/// `object_store::RetryConfig` says.
const RETRY_SECONDS: u64 = 180;

/// How long a request may take, all of it, unless the environment says so. The library's 30 seconds are too few where 16
/// uploads of 8 MiB share a line of 20 Mbit/s, which takes 54.
const TIMEOUT: &str = "90 seconds";

/// A store, and what lists it page by page, where that can begin behind any key.
pub(super) struct Store {
    pub objects: Arc<dyn ObjectStore>,
    pub pages: Option<Arc<dyn PaginatedListStore>>,
}

/// The address of a folder in a bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    url: Url,
    scheme: ObjectStoreScheme,
    /// The key that the keys of its files begin with, without the `/` behind it; empty for the whole bucket.
    prefix: String,
}

impl Address {
    /// Reads an address: `s3://bucket/folder`, `gs://bucket/folder`, `az://container/folder`.
    ///
    /// # Errors
    /// Where it is none of an object store, or names no bucket, or has a part that is empty, `.` or `..`.
    pub fn parse(typed: &str) -> Result<Address> {
        let refused = |why: &str| {
            Error::Folders(format!(
                "{}: {why}; expected s3://BUCKET/FOLDER, gs://BUCKET/FOLDER or az://CONTAINER/FOLDER",
                crate::error::printable(typed)
            ))
        };
        let url = Url::parse(typed).map_err(|error| refused(&error.to_string()))?;
        if url.query().is_some() || url.fragment().is_some() {
            return Err(refused("a `?` or `#` in an address of a folder"));
        }
        // What a URL would fold away may have been meant.
        let rest = typed.split_once("://").map_or("", |(_, rest)| rest);
        let parts = || rest.trim_end_matches('/').split('/').skip(1);
        if parts().any(|part| matches!(part, "" | "." | "..")) {
            return Err(refused("a part of the folder is empty, `.` or `..`"));
        }
        match ObjectStoreScheme::parse(&url) {
            Ok((
                scheme @ (ObjectStoreScheme::AmazonS3
                | ObjectStoreScheme::GoogleCloudStorage
                | ObjectStoreScheme::MicrosoftAzure),
                key,
            )) => Ok(Address { url, scheme, prefix: key.to_string() }),
            Ok(_) => Err(refused("no address of an object store")),
            Err(error) => Err(refused(&error.to_string())),
        }
    }

    /// The key of the folder.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// Where the other folder lies below this one, or is the same: its key below this one's.
    pub fn relative(&self, other: &Address) -> Option<String> {
        let bucket = |address: &Address| (address.scheme.clone(), address.url.authority().to_string());
        if bucket(self) != bucket(other) {
            return None;
        }
        let rest = other.prefix.strip_prefix(&self.prefix)?;
        match rest.strip_prefix('/') {
            Some(rest) => Some(rest.into()),
            None => (rest.is_empty() || self.prefix.is_empty()).then(|| rest.into()),
        }
    }

    /// The store that it is in: as the environment says, `AWS_…`, `GOOGLE_…` and `AZURE_…`.
    ///
    /// # Errors
    /// Where the environment does not say enough, or what no store takes.
    pub(super) fn store(&self) -> Result<Store> {
        let failed = |error: object_store::Error| {
            Error::Folders(format!("{self}: {error}; the environment has to name the store and its credentials"))
        };
        // What is there already does the same.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let retry = RetryConfig {
            max_retries: RETRIES,
            retry_timeout: Duration::from_secs(RETRY_SECONDS),
            ..RetryConfig::default()
        };
        let url = self.url.as_str();
        let timeout = |name: &str| std::env::var(name).unwrap_or_else(|_| TIMEOUT.into());
        Ok(match self.scheme {
            ObjectStoreScheme::GoogleCloudStorage => {
                let store = GoogleCloudStorageBuilder::from_env().with_url(url).with_retry(retry);
                let key = GoogleConfigKey::Client(ClientConfigKey::Timeout);
                let store = Arc::new(store.with_config(key, timeout("GOOGLE_TIMEOUT")).build().map_err(failed)?);
                Store { objects: Arc::clone(&store) as _, pages: Some(store) }
            }
            ObjectStoreScheme::MicrosoftAzure => {
                let store = MicrosoftAzureBuilder::from_env().with_url(url).with_retry(retry);
                let key = AzureConfigKey::Client(ClientConfigKey::Timeout);
                // Its listings cannot begin behind a key.
                Store {
                    objects: Arc::new(store.with_config(key, timeout("AZURE_TIMEOUT")).build().map_err(failed)?),
                    pages: None,
                }
            }
            _ => {
                let store = AmazonS3Builder::from_env().with_url(url).with_retry(retry);
                let key = AmazonS3ConfigKey::Client(ClientConfigKey::Timeout);
                let store = Arc::new(store.with_config(key, timeout("AWS_TIMEOUT")).build().map_err(failed)?);
                Store { objects: Arc::clone(&store) as _, pages: Some(store) }
            }
        })
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (scheme, authority) = (self.url.scheme(), self.url.authority());
        match self.prefix.as_str() {
            "" => write!(f, "{scheme}://{authority}"),
            prefix => write!(f, "{scheme}://{authority}/{prefix}"),
        }
    }
}

/// The key of a file below a prefix, by its path in the manifest's notation. What no key can hold (bytes that are no
/// UTF-8, control characters) stands in it as in the manifest: `\xNN`.
pub(super) fn key_of(prefix: &str, path: &str) -> object_store::Result<Key> {
    use std::fmt::Write;
    let mut key = String::with_capacity(prefix.len() + path.len() + 1);
    if !prefix.is_empty() {
        key.push_str(prefix);
        key.push('/');
    }
    key.push_str(&plain(path));
    return Ok(Key::parse(key)?);

    fn plain(path: &str) -> std::borrow::Cow<'_, str> {
        if !path.chars().any(|c| c.is_ascii_control()) {
            return path.into();
        }
        let mut plain = String::with_capacity(path.len());
        for c in path.chars() {
            match c.is_ascii_control() {
                true => {
                    // Writing into a string cannot fail.
                    let _ = write!(plain, "\\x{:02x}", c as u32);
                }
                false => plain.push(c),
            }
        }
        plain.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_bucket_and_a_folder() {
        for (typed, shown, prefix) in [
            ("s3://bucket/raw", "s3://bucket/raw", "raw"),
            ("s3://bucket/raw/", "s3://bucket/raw", "raw"),
            ("s3://bucket", "s3://bucket", ""),
            ("gs://bucket/a/b", "gs://bucket/a/b", "a/b"),
            ("az://container/a", "az://container/a", "a"),
            ("s3://bucket/with%20space", "s3://bucket/with space", "with space"),
        ] {
            let address = Address::parse(typed).unwrap();
            assert_eq!((address.to_string().as_str(), address.prefix()), (shown, prefix));
        }
        for (typed, says) in [
            ("s3:///raw", "expected s3://"),
            ("ftp://host/raw", "expected s3://"),
            ("file:///raw", "no address of an object store"),
            ("s3://bucket/a/../b", "`..`"),
            ("s3://bucket/a//b", "empty"),
            ("s3://bucket/a?b", "`?`"),
        ] {
            let told = Address::parse(typed).unwrap_err().to_string();
            assert!(told.contains(says), "{typed}: {told}");
        }
    }

    #[test]
    fn one_folder_may_lie_in_another() {
        let relative = |one: &str, other: &str| Address::parse(one).unwrap().relative(&Address::parse(other).unwrap());
        assert_eq!(relative("s3://b/raw", "s3://b/raw/clean").as_deref(), Some("clean"));
        assert_eq!(relative("s3://b", "s3://b/clean").as_deref(), Some("clean"));
        assert_eq!(relative("s3://b/raw/", "s3://b/raw").as_deref(), Some(""));
        assert_eq!(relative("s3://b/raw", "s3://b/raw-clean"), None);
        assert_eq!(relative("s3://b/raw", "s3://c/raw/clean"), None);
        assert_eq!(relative("s3://b/raw", "gs://b/raw/clean"), None);
    }

    #[test]
    fn what_no_key_can_hold_is_escaped() {
        assert_eq!(key_of("clean", "a/b.txt").unwrap().as_ref(), "clean/a/b.txt");
        assert_eq!(key_of("", "caf\\xe9\n.txt").unwrap().as_ref(), "caf\\xe9\\x0a.txt");
    }
}
