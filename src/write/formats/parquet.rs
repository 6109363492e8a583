//! Shards of Parquet, compressed with Zstandard, with statistics of every page.
//!
//! A shard has the columns of its documents: those that came with other columns go into another shard. Which table they
//! make, and what a document is, is in [`crate::table::shard`].

use std::fs::File;
use std::io;
use std::sync::Arc;

use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder,
};
use parquet::arrow::arrow_writer::ArrowWriterOptions;
use parquet::arrow::{ARROW_SCHEMA_META_KEY, ArrowWriter};
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use parquet::schema::types::ColumnPath;

use crate::manifest::Row;
use crate::settings::Container;
use crate::table::shard::{Parts, Repacked, Said, ShardTable};
use crate::write::document::{self, Passed};
use crate::write::formats::{ShardFormat, ShardReader, ShardWriter};
use crate::write::shards::Hashed;

/// How hard Zstandard tries: its own default, and that of the shards of JSON lines.
const LEVEL: i32 = 3;

/// Bytes of documents that are written to pages at once, and how many documents.
const BATCH: (usize, usize) = (4 << 20, 1024);

/// Bytes of documents that make a row group: what is read at once by those who read row groups whole, and what a writer
/// holds in memory, compressed.
const ROW_GROUP: usize = 64 << 20;

/// How many values are put to a page before its size is looked at, so that pages of long texts stay near a mebibyte.
const PAGE_STEP: usize = 64;

/// Parquet, a row a document.
#[derive(Debug)]
pub struct Parquet;

impl ShardFormat for Parquet {
    fn container(&self) -> Container {
        Container::Parquet
    }

    fn ending(&self) -> &'static str {
        "parquet"
    }

    fn pack(&self, row: &Row, text: &str, passed: &Passed) -> io::Result<Vec<u8>> {
        let has_fields = !passed.fields.is_empty();
        let table = match passed.row {
            Some(row) => row.table().shard(passed.is_tagged).map(|table| &**table),
            None => ShardTable::of_others(has_fields, passed.is_tagged),
        };
        let (id, status) = (document::id(row), serde_json::to_value(row.status)?);
        let fields = (passed.row.is_none() && has_fields).then(|| document::object(passed)).transpose()?;
        let (measures, filters) = match passed.is_tagged {
            true => (Some(serde_json::to_string(&row.measures)?), Some(serde_json::to_string(&row.filters)?)),
            false => (None, None),
        };
        let said = Said {
            id: &id,
            text,
            url: row.url.as_deref(),
            source: &row.path,
            created: passed.created,
            site: row.site.as_deref(),
            language: row.language.as_ref().map(|language| &*language.code),
            status: status.as_str().unwrap_or_default(),
            fields: fields.as_deref(),
            measures: measures.as_deref(),
            filters: filters.as_deref(),
        };
        table.and_then(|table| table.pack(passed.row, &said)).map_err(io::Error::other)
    }

    fn kind<'d>(&self, document: &'d [u8]) -> &'d [u8] {
        Parts::of(document).map_or(&[], |parts| parts.kind)
    }

    fn writer(&self, file: Hashed, kind: &[u8]) -> io::Result<Box<dyn ShardWriter>> {
        let table = table_of(kind)?;
        let text = ColumnPath::from(table.schema.field(table.text).name().as_str());
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::try_new(LEVEL)?))
            // No two texts are the same.
            .set_column_dictionary_enabled(text, false)
            .set_write_batch_size(PAGE_STEP)
            .set_key_value_metadata(Some(vec![KeyValue::new(ARROW_SCHEMA_META_KEY.to_string(), table.kind.clone())]))
            .build();
        // What is written are the plain types; which ones they stand for is said above.
        let options = ArrowWriterOptions::new().with_properties(properties).with_skip_arrow_metadata(true);
        let rows = ArrowWriter::try_new_with_options(file, Arc::clone(&table.plain), options)?;
        Ok(Box::new(Writer { table, rows, batch: Vec::new(), batch_bytes: 0, group_bytes: 0 }))
    }

    fn reader(&self, file: File) -> io::Result<Box<dyn ShardReader>> {
        Documents::of(file).map(|documents| Box::new(documents) as Box<dyn ShardReader>)
    }

    fn has_text(&self, document: &[u8], is_it: &dyn Fn(&str) -> bool) -> bool {
        Parts::of(document).is_some_and(|parts| std::str::from_utf8(parts.text).is_ok_and(is_it))
    }
}

fn table_of(kind: &[u8]) -> io::Result<ShardTable> {
    let kind = std::str::from_utf8(kind).map_err(io::Error::other)?;
    ShardTable::of_kind(kind).map_err(io::Error::other)
}

struct Writer {
    table: ShardTable,
    rows: ArrowWriter<Hashed>,
    batch: Vec<Vec<u8>>,
    batch_bytes: usize,
    group_bytes: usize,
}

impl Writer {
    fn write_batch(&mut self) -> io::Result<()> {
        if !self.batch.is_empty() {
            let batch = self.table.unpack(&self.batch).map_err(io::Error::other)?;
            self.rows.write(&batch)?;
            self.batch.clear();
            self.batch_bytes = 0;
        }
        Ok(())
    }
}

impl ShardWriter for Writer {
    fn put(&mut self, document: &[u8]) -> io::Result<()> {
        let length = document.len() - self.table.kind.len();
        self.batch.push(document.to_vec());
        self.batch_bytes += length;
        self.group_bytes += length;
        if self.batch_bytes >= BATCH.0 || self.batch.len() >= BATCH.1 || self.group_bytes >= ROW_GROUP {
            self.write_batch()?;
        }
        if self.group_bytes >= ROW_GROUP {
            self.rows.flush()?;
            self.group_bytes = 0;
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> io::Result<Hashed> {
        self.write_batch()?;
        Ok(self.rows.into_inner()?)
    }
}

/// The documents of a shard.
struct Documents {
    table: ShardTable,
    batches: ParquetRecordBatchReader,
    batch: Option<Repacked>,
    at: usize,
}

impl Documents {
    fn of(file: File) -> io::Result<Documents> {
        let found = ArrowReaderMetadata::load(&file, ArrowReaderOptions::new().with_skip_arrow_metadata(true))?;
        let said = found.metadata().file_metadata().key_value_metadata().into_iter().flatten();
        let kind = said.filter(|said| said.key == ARROW_SCHEMA_META_KEY).find_map(|said| said.value.as_deref());
        let table = table_of(kind.unwrap_or_default().as_bytes())?;
        let options = ArrowReaderOptions::new().with_schema(Arc::clone(&table.plain));
        let metadata = ArrowReaderMetadata::try_new(Arc::clone(found.metadata()), options)?;
        let rows = found.metadata().file_metadata().num_rows().max(1) as usize;
        let bytes: i64 = found.metadata().row_groups().iter().map(|group| group.total_byte_size()).sum();
        let batch_rows = (BATCH.0 / (bytes.max(1) as usize / rows).max(1)).clamp(1, BATCH.1);
        let batches = ParquetRecordBatchReaderBuilder::new_with_metadata(file, metadata).with_batch_size(batch_rows);
        Ok(Documents { table, batches: batches.build()?, batch: None, at: 0 })
    }
}

impl ShardReader for Documents {
    fn next(&mut self) -> Option<Vec<u8>> {
        self.skip().then(|| self.batch.as_ref().map(|batch| batch.document(self.at - 1, &self.table))).flatten()
    }

    fn skip(&mut self) -> bool {
        while self.batch.as_ref().is_none_or(|batch| self.at == batch.len()) {
            let more = self.batches.next().and_then(Result::ok).and_then(|batch| self.table.repack(&batch).ok());
            let Some(more) = more else { return false };
            (self.batch, self.at) = (Some(more), 0);
        }
        self.at += 1;
        true
    }
}
