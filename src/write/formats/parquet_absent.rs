//! Parquet, in a build that does not write it: nothing is packed, and shards of an earlier run are not read.

use std::fs::File;
use std::io;

use crate::manifest::Row;
use crate::settings::Container;
use crate::table::ABSENT;
use crate::write::document::Passed;
use crate::write::formats::{ShardFormat, ShardReader, ShardWriter};
use crate::write::shards::Hashed;

/// The format that this build does not have.
#[derive(Debug)]
pub struct Parquet;

impl ShardFormat for Parquet {
    fn container(&self) -> Container {
        Container::Parquet
    }

    fn ending(&self) -> &'static str {
        "parquet"
    }

    fn pack(&self, _: &Row, _: &str, _: &Passed) -> io::Result<Vec<u8>> {
        Err(absent())
    }

    fn writer(&self, _: Hashed, _: &[u8]) -> io::Result<Box<dyn ShardWriter>> {
        Err(absent())
    }

    fn reader(&self, _: File) -> io::Result<Box<dyn ShardReader>> {
        Err(absent())
    }

    fn has_text(&self, _: &[u8], _: &dyn Fn(&str) -> bool) -> bool {
        false
    }
}

fn absent() -> io::Error {
    io::Error::new(io::ErrorKind::Unsupported, ABSENT)
}
