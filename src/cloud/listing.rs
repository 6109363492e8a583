//! What is in a bucket below a prefix, page by page.

use std::io;

use futures_util::TryStreamExt;
use object_store::list::{PaginatedListOptions, PaginatedListStore};
use object_store::path::{Error as PathError, Path as Key};
use object_store::{Error as StoreError, ObjectMeta};

use crate::cloud::bucket::{Bucket, patiently};

/// Keys of a page; no store gives more.
const PAGE: usize = 1000;

/// How a page is cut down that holds a key which is no path, until that key is alone on its page.
const CUT: usize = 8;

/// What a listing holds.
#[derive(Debug)]
pub(super) enum Listed {
    /// An object.
    Object(ObjectMeta),
    /// A key that is no path, and why.
    Refused(String, &'static str),
}

/// Lists what is below a prefix.
///
/// # Errors
/// Where the store does not answer, or `stop` says so.
pub(super) fn list(
    bucket: &Bucket,
    prefix: &str,
    stop: &dyn Fn() -> bool,
    mut take: impl FnMut(Listed),
) -> io::Result<()> {
    match &bucket.pages {
        Some(pages) => bucket.wait(by_pages(&**pages, prefix, stop, &mut take)),
        None => bucket.wait(as_a_stream(bucket, prefix, stop, &mut take)),
    }
}

async fn by_pages(
    pages: &dyn PaginatedListStore,
    prefix: &str,
    stop: &dyn Fn() -> bool,
    take: &mut dyn FnMut(Listed),
) -> io::Result<()> {
    let prefix = (!prefix.is_empty()).then(|| format!("{prefix}/"));
    let (mut offset, mut token, mut size) = (None, None, PAGE);
    loop {
        if stop() {
            return Err(stopped());
        }
        let options = || PaginatedListOptions {
            offset: offset.clone(),
            page_token: token.clone(),
            max_keys: Some(size),
            ..PaginatedListOptions::default()
        };
        match patiently(|| pages.list_paginated(prefix.as_deref(), options())).await {
            Ok(page) => {
                page.result.objects.into_iter().for_each(|object| take(Listed::Object(object)));
                if page.page_token.is_none() {
                    return Ok(());
                }
                (token, size) = (page.page_token, PAGE);
            }
            // A key that is no path takes its whole page with it.
            Err(StoreError::InvalidPath { .. }) if size > 1 => size /= CUT.min(size),
            Err(StoreError::InvalidPath { source }) => {
                let (key, why) = refused(source)?;
                take(Listed::Refused(key.clone(), why));
                (offset, token, size) = (Some(key), None, PAGE);
            }
            Err(error) => return Err(error.into()),
        }
    }
}

async fn as_a_stream(
    bucket: &Bucket,
    prefix: &str,
    stop: &dyn Fn() -> bool,
    take: &mut dyn FnMut(Listed),
) -> io::Result<()> {
    let prefix = (!prefix.is_empty()).then(|| Key::parse(prefix)).transpose().map_err(StoreError::from)?;
    let mut objects = bucket.store.list(prefix.as_ref());
    loop {
        if stop() {
            return Err(stopped());
        }
        match objects.try_next().await {
            Ok(Some(object)) => take(Listed::Object(object)),
            Ok(None) => return Ok(()),
            Err(StoreError::InvalidPath { source }) => {
                let (key, why) = refused(source)?;
                let why = format!("{}: {why}; rename or remove this object", crate::error::printable(&key));
                return Err(io::Error::other(why));
            }
            Err(error) => return Err(error.into()),
        }
    }
}

/// The key that is no path, and why it is none.
fn refused(error: PathError) -> io::Result<(String, &'static str)> {
    match error {
        PathError::EmptySegment { path } => Ok((path, "a part of its key is empty")),
        PathError::BadSegment { path, .. } => {
            Ok((path, "a part of its key is `.` or `..`, or holds a control character"))
        }
        error => Err(io::Error::other(error)),
    }
}

/// What is said where somebody has stopped the run.
pub(super) fn stopped() -> io::Error {
    io::Error::new(io::ErrorKind::Interrupted, "stopped")
}
