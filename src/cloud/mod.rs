//! Object stores: RAW and CLEAN as objects below a prefix of a bucket (`s3://`, `gs://`, `az://`).
//!
//! Everything asynchronous stays in here, on a small runtime that a [`bucket::Bucket`] owns; whoever calls is blocked.
//! RAW is read as it is needed ([`objects`]). CLEAN is a folder of this machine for as long as the run lasts, with all
//! its guarantees, and [`output`] brings it from the bucket and back. `docs/decisions/15-buckets-by-a-folder.md` says why.

pub mod address;
pub mod bucket;
pub mod claim;
mod index;
mod listing;
pub mod objects;
pub mod output;
pub mod publish;
mod reader;
