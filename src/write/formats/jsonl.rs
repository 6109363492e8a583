//! Shards of JSON lines, compressed with Zstandard.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};

use serde_json::value::RawValue;

use crate::manifest::Row;
use crate::settings::Container;
use crate::write::document::{self, Passed};
use crate::write::formats::{ShardFormat, ShardReader, ShardWriter};
use crate::write::shards::Hashed;

/// How hard Zstandard tries: its own default.
const LEVEL: i32 = 3;

/// JSON lines in the layout of dolma.
#[derive(Debug)]
pub struct Jsonl;

impl ShardFormat for Jsonl {
    fn container(&self) -> Container {
        Container::Jsonl
    }

    fn ending(&self) -> &'static str {
        "jsonl.zst"
    }

    fn pack(&self, row: &Row, text: &str, passed: &Passed) -> io::Result<Vec<u8>> {
        document::line(row, text, passed)
    }

    fn writer(&self, file: Hashed, _: &[u8]) -> io::Result<Box<dyn ShardWriter>> {
        Ok(Box::new(Writer(zstd::stream::write::Encoder::new(file, LEVEL)?)))
    }

    fn reader(&self, file: File) -> io::Result<Box<dyn ShardReader>> {
        Ok(Box::new(Lines { lines: BufReader::new(zstd::Decoder::new(file)?), line: Vec::new() }))
    }

    fn has_text(&self, document: &[u8], is_it: &dyn Fn(&str) -> bool) -> bool {
        // The text stands where the page's did: `--text-field` says where. What is no string is not looked into.
        let fields: BTreeMap<Cow<str>, &RawValue> = serde_json::from_slice(document).unwrap_or_default();
        fields.values().any(|value| serde_json::from_str::<String>(value.get()).is_ok_and(|text| is_it(&text)))
    }
}

struct Writer(zstd::stream::write::Encoder<'static, Hashed>);

impl ShardWriter for Writer {
    fn put(&mut self, document: &[u8]) -> io::Result<()> {
        self.0.write_all(document)
    }

    fn finish(self: Box<Self>) -> io::Result<Hashed> {
        self.0.finish()
    }
}

/// The lines of a shard.
struct Lines {
    lines: BufReader<zstd::Decoder<'static, BufReader<File>>>,
    line: Vec<u8>,
}

impl ShardReader for Lines {
    fn next(&mut self) -> Option<Vec<u8>> {
        self.skip().then(|| std::mem::take(&mut self.line))
    }

    fn skip(&mut self) -> bool {
        self.line.clear();
        self.lines.read_until(b'\n', &mut self.line).is_ok_and(|read| read > 0)
    }
}
