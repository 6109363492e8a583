//! Parquet: a row a page, its text in a named column, its other columns passed through with their types.
//!
//! Row groups are read one after the other, and of each a few rows at a time, page by page: memory grows with neither.
//! The footer stands at the end, so that the file is read from any place: see [`super::seekable`].

use std::borrow::Cow;
use std::io::{self, BufReader, Read, SeekFrom};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use arrow_array::RecordBatch;
use arrow_schema::{DataType, Schema};
use bytes::Bytes;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder,
};
use parquet::basic::ConvertedType;
use parquet::errors::ParquetError;
use parquet::file::reader::{ChunkReader, Length};
use serde_json::value::RawValue;

use crate::manifest::Status;
use crate::parse::site::{Sidecar, ToldMarkup};
use crate::read::ReadOptions;
use crate::read::archive::jsonl::{FieldNames, Fields, OTHER_TEXTS};
use crate::read::archive::seekable::seekable;
use crate::read::archive::stream::{ReadSeek, Unpacked};
use crate::read::archive::{Bounds, Opening, RawDocument, Reader, Record, RecordBody, RecordPage};
use crate::table::{Table, TableRow, plain_schema};

/// About how many bytes of rows are decoded at once: more is no faster.
const BATCH_BYTES: u64 = 1 << 20;

/// How many rows are decoded at once, at most: the reader's own default.
const BATCH_ROWS: u64 = 1024;

/// Where the text of a page goes whose own column is not there.
const TEXT: &str = "text";

/// A reader of the rows of a file, or of what is wrong with it.
pub(super) fn reader(stream: &mut Unpacked, opening: &Opening) -> Box<dyn Reader> {
    let is_encrypted = stream.data().starts_with(b"PARE");
    let is_pointer = stream.data().starts_with(b"version https://git-lfs");
    let unopened = |why: String, is_unreadable| Box::new(Unopened { why: Some(why), is_unreadable });
    if is_encrypted {
        return unopened("it is encrypted, which dechaff does not read; write it anew without".into(), false);
    }
    if is_pointer {
        return unopened("a pointer of Git LFS and not the file itself; `git lfs pull` gets that".into(), false);
    }
    let file = match seekable(stream, &opening.options.bounds, "a Parquet file") {
        Ok(file) => SharedFile::of(file),
        Err(why) => return unopened(why, stream.is_unreadable()),
    };
    match file {
        Err(error) => unopened(format!("cannot be read: {error}"), true),
        Ok(file) => match Rows::of(file.clone(), opening.options) {
            Ok(rows) => Box::new(rows),
            Err(why) => unopened(why, file.is_unreadable()),
        },
    }
}

/// A file that could not be opened.
struct Unopened {
    /// Why, until that is told.
    why: Option<String>,
    is_unreadable: bool,
}

impl Reader for Unopened {
    fn next(&mut self, _: &mut Unpacked, _: &Bounds) -> Option<Record> {
        Some(Record { number: 1, matter: RecordBody::Failed(self.why.take()?) })
    }

    fn is_unreadable(&self) -> bool {
        self.is_unreadable
    }
}

/// Divides a file into rows.
struct Rows {
    file: SharedFile,
    metadata: ArrowReaderMetadata,
    mask: ProjectionMask,
    columns: Arc<Columns>,
    /// The next row group.
    group: usize,
    /// How many rows stand before what comes next, and up to the end of the row group that is being read.
    row: u64,
    group_end: u64,
    /// How many bytes of columns a row of it takes, about.
    row_bytes: u64,
    batches: Option<ParquetRecordBatchReader>,
    batch: Option<Arc<RecordBatch>>,
    /// The next row of the batch.
    at: usize,
}

/// What stands in which of the columns that are read.
struct Columns {
    table: Arc<Table>,
    texts: Vec<usize>,
    id: Option<usize>,
    url: Option<usize>,
    /// What dolma and datatrove keep the URL in.
    metadata: Option<usize>,
}

/// A row.
struct Row {
    row: TableRow,
    columns: Arc<Columns>,
    bytes: u64,
    /// The columns as JSON, made when the row is opened.
    values: OnceLock<Vec<Box<RawValue>>>,
}

impl Rows {
    fn of(file: SharedFile, options: &ReadOptions) -> Result<Rows, String> {
        let metadata = guarded(|| ArrowReaderMetadata::load(&file, ArrowReaderOptions::new()))?;
        let metadata = metadata.map_err(|error| file.told(&error))?;
        let schema = metadata.schema();
        let texts: Vec<&str> =
            std::iter::once(&*options.fields.text).chain(OTHER_TEXTS).filter(|name| holds_text(schema, name)).collect();
        if texts.is_empty() {
            return Err(missing(schema, &options.fields));
        }
        let wanted = |name: &str| {
            let names = &options.fields;
            texts.contains(&name) || [&names.id, &names.url, "metadata"].contains(&name)
        };
        let passes_all = options.passes_json || options.passes_columns;
        let all = schema.fields().iter().enumerate();
        let roots: Vec<usize> =
            all.filter(|(_, field)| passes_all || wanted(field.name())).map(|(column, _)| column).collect();
        let mask = ProjectionMask::roots(metadata.parquet_schema(), roots.iter().copied());
        // Its months, days and milliseconds have no type of Arrow's that takes all three.
        let leaves = metadata.parquet_schema().columns();
        let mut read = leaves.iter().enumerate().filter(|(leaf, _)| mask.leaf_included(*leaf));
        if let Some((_, interval)) = read.find(|(_, column)| column.converted_type() == ConvertedType::INTERVAL) {
            return Err(format!(
                "the column `{}` is of Parquet's type INTERVAL, which does not pass through; write it as another type, or \
                leave it out",
                interval.path()
            ));
        }
        let schema = Arc::new(schema.project(&roots).map_err(|error| error.to_string())?.with_metadata([].into()));
        let columns = Arc::new(Columns::of(&schema, &texts, &options.fields));
        let plain = ArrowReaderOptions::new().with_schema(plain_schema(metadata.schema()));
        let metadata = guarded(|| ArrowReaderMetadata::try_new(Arc::clone(metadata.metadata()), plain))?;
        let metadata = metadata.map_err(|error| file.told(&error))?;
        Ok(Rows {
            file,
            metadata,
            mask,
            columns,
            group: 0,
            row: 0,
            group_end: 0,
            row_bytes: 0,
            batches: None,
            batch: None,
            at: 0,
        })
    }

    /// Opens the next row group; `None` where there is none.
    fn open_group(&mut self, bounds: &Bounds) -> Option<Result<ParquetRecordBatchReader, String>> {
        let metadata = self.metadata.metadata();
        let group = metadata.row_groups().get(self.group)?;
        let rows = u64::try_from(group.num_rows()).unwrap_or_default();
        let read = group.columns().iter().enumerate().filter(|(leaf, _)| self.mask.leaf_included(*leaf));
        let (mut unpacked, mut packed) = (0_u64, 0_u64);
        for (_, column) in read {
            unpacked = unpacked.saturating_add(u64::try_from(column.uncompressed_size()).unwrap_or_default());
            packed = packed.saturating_add(u64::try_from(column.compressed_size()).unwrap_or_default());
        }
        self.group_end = self.row.saturating_add(rows);
        self.row_bytes = unpacked / rows.max(1);
        self.group += 1;
        if !bounds.allow(unpacked, packed) {
            return Some(Err(bounds.bomb()));
        }
        let batch_rows = (BATCH_BYTES / self.row_bytes.max(1)).clamp(1, BATCH_ROWS);
        let (file, metadata) = (self.file.clone(), self.metadata.clone());
        let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(file, metadata)
            .with_row_groups(vec![self.group - 1])
            .with_projection(self.mask.clone())
            .with_batch_size(batch_rows as usize);
        let built = guarded(|| builder.build());
        Some(built.and_then(|built| built.map_err(|error| self.file.told(&error))))
    }

    /// Gets more rows, or what is wrong with them; `None` at the end.
    fn more(&mut self, bounds: &Bounds) -> Option<Result<(), String>> {
        while self.row == self.group_end {
            (self.batches, self.batch) = (None, None);
            match self.open_group(bounds)? {
                // Nothing is lost with a row group that has no rows.
                _ if self.row == self.group_end => {}
                Ok(batches) => self.batches = Some(batches),
                Err(why) => return Some(Err(why)),
            }
        }
        let batches = self.batches.as_mut()?;
        let cut_short = "fewer came than the file says".to_string();
        Some(match guarded(|| batches.next()) {
            Ok(Some(Ok(batch))) if batch.num_rows() > 0 => {
                (self.batch, self.at) = (Some(Arc::new(batch)), 0);
                Ok(())
            }
            Ok(Some(Ok(_)) | None) => Err(cut_short),
            Ok(Some(Err(error))) => Err(self.file.told(&ParquetError::from(error))),
            Err(why) => Err(why),
        })
    }
}

impl Reader for Rows {
    fn next(&mut self, _: &mut Unpacked, bounds: &Bounds) -> Option<Record> {
        loop {
            if let Some(batch) =
                self.batch.as_ref().filter(|batch| self.at < batch.num_rows() && self.row < self.group_end)
            {
                let row = TableRow::new(Arc::clone(&self.columns.table), Arc::clone(batch), self.at);
                let columns = Arc::clone(&self.columns);
                self.at += 1;
                self.row += 1;
                let length = columns.text(&row).map_or(0, |(_, text)| text.len() as u64);
                let matter = match length > bounds.record {
                    true => RecordBody::Failed(bounds.too_long()),
                    false => {
                        let bytes = length.max(self.row_bytes.min(bounds.record));
                        RecordBody::Page(Box::new(Row { row, columns, bytes, values: OnceLock::new() }))
                    }
                };
                return Some(Record { number: self.row, matter });
            }
            if let Err(why) = self.more(bounds)? {
                let (first, last) = (self.row + 1, self.group_end);
                let goes_on = match self.group < self.metadata.metadata().num_row_groups() {
                    true => "; the next row group is gone on at",
                    false => "",
                };
                let why = format!("rows {first} to {last}, a row group's, are not read: {why}{goes_on}");
                (self.row, self.batches, self.batch) = (self.group_end, None, None);
                return Some(Record { number: first, matter: RecordBody::Failed(why) });
            }
        }
    }

    fn is_unreadable(&self) -> bool {
        self.file.is_unreadable()
    }
}

impl Columns {
    fn of(schema: &Arc<Schema>, texts: &[&str], names: &FieldNames) -> Columns {
        let column = |name: &str| schema.fields().iter().position(|field| field.name() == name);
        let text = [&names.text, TEXT].into_iter().find(|name| holds_text(schema, name)).and_then(column);
        Columns {
            table: Arc::new(Table::new(Arc::clone(schema), text)),
            texts: texts.iter().filter_map(|name| column(name)).collect(),
            id: column(&names.id),
            url: column(&names.url),
            metadata: column("metadata"),
        }
    }

    /// The column of a row's page, and its bytes.
    fn text<'r>(&self, row: &'r TableRow) -> Option<(usize, &'r [u8])> {
        self.texts.iter().find_map(|&column| Some((column, row.bytes(column)?)))
    }
}

impl RecordPage for Row {
    fn bytes(&self) -> u64 {
        self.bytes
    }

    fn open(&self, options: &ReadOptions) -> Result<RawDocument<'_>, (Status, String)> {
        let failed = |why: String| (Status::Failed, why);
        let schema = &self.row.table().schema;
        let (column, text) = self.columns.text(&self.row).ok_or_else(|| {
            let names: Vec<_> = self.columns.texts.iter().map(|&column| schema.field(column).name().as_str()).collect();
            failed(format!("the row has no page: `{}` is null", names.join("` and `")))
        })?;
        let url = self.columns.url.and_then(|column| self.row.name(column)).or_else(|| {
            let metadata = self.columns.metadata?;
            self.row.text_within(metadata, "url").map(str::to_string)
        });
        let id = self.columns.id.and_then(|column| self.row.name(column)).map(Cow::Owned);
        let markup = ToldMarkup::of_field(schema.field(column).name());
        let is_utf8 = simdutf8::basic::from_utf8(text).is_ok();
        let sidecar = Sidecar { url, is_utf8, markup, ..Sidecar::default() };
        let fields = match options.passes_json {
            true => self.fields().map_err(failed)?,
            false => Fields::default(),
        };
        let row = options.passes_columns.then_some(&self.row);
        Ok(RawDocument { bytes: Cow::Borrowed(text), sidecar, id, fields, row, ..RawDocument::default() })
    }
}

impl Row {
    fn fields(&self) -> Result<Fields<'_>, String> {
        let values = match self.values.get() {
            Some(values) => values,
            None => {
                let made = self.row.fields()?;
                self.values.get_or_init(|| made)
            }
        };
        let table = self.row.table();
        let named = table.schema.fields().iter().zip(values).enumerate();
        let all = named.map(|(column, (field, value))| {
            (Cow::Borrowed(field.name().as_str()), (Some(column) != table.text).then_some(&**value))
        });
        Ok(Fields { all: all.collect() })
    }
}

impl std::fmt::Debug for Row {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.row.fmt(f)
    }
}

/// Whether a column holds texts, or bytes that may be one.
fn holds_text(schema: &Schema, name: &str) -> bool {
    let is_text =
        |data_type: &DataType| matches!(crate::table::plain(data_type), DataType::Utf8View | DataType::BinaryView);
    schema.fields().iter().find(|field| field.name() == name).is_some_and(|field| is_text(field.data_type()))
}

fn missing(schema: &Schema, names: &FieldNames) -> String {
    let text = &names.text;
    let found = schema.fields().iter().find(|field| field.name() == text);
    let columns: Vec<_> = schema.fields().iter().map(|field| field.name().as_str()).collect();
    let columns = format!("there are `{}`, and --text-field names one of them", columns.join("`, `"));
    match found {
        Some(field) => format!("the column `{text}` holds {} and not text; {columns}", field.data_type()),
        None => format!("no column `{text}` with pages in it; {columns}"),
    }
}

/// What a decoder of foreign bytes comes to. It is not to end the run where they surprise it.
fn guarded<T>(decode: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(decode)).map_err(|_| "Parquet is damaged where its reader does not expect it".into())
}

/// A file that is read from several places by turns.
#[derive(Clone)]
struct SharedFile {
    file: Arc<Mutex<Box<dyn ReadSeek>>>,
    length: u64,
    /// Whether its bytes did not come.
    is_unreadable: Arc<AtomicBool>,
}

/// A place in it.
struct Place {
    file: SharedFile,
    at: u64,
}

impl SharedFile {
    fn of(mut file: Box<dyn ReadSeek>) -> io::Result<SharedFile> {
        let length = file.seek(SeekFrom::End(0))?;
        Ok(SharedFile { file: Arc::new(Mutex::new(file)), length, is_unreadable: Arc::default() })
    }

    fn read_at(&self, at: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let read = file.seek(SeekFrom::Start(at)).and_then(|_| file.read(buffer));
        if read.as_ref().is_err_and(|error| error.raw_os_error().is_some()) {
            self.is_unreadable.store(true, Ordering::Relaxed);
        }
        read
    }

    fn is_unreadable(&self) -> bool {
        self.is_unreadable.load(Ordering::Relaxed)
    }

    /// What is wrong, in words.
    fn told(&self, error: &ParquetError) -> String {
        let why = match error {
            ParquetError::General(why) | ParquetError::EOF(why) | ParquetError::ArrowError(why) => why.clone(),
            ParquetError::NYI(why) => return format!("Parquet has something in it that dechaff cannot read: {why}"),
            ParquetError::External(cause) => cause.to_string(),
            other => other.to_string(),
        };
        match self.is_unreadable() {
            true => format!("cannot be read: {why}"),
            false => format!("Parquet is damaged or cut short: {why}"),
        }
    }
}

impl Read for Place {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read_at(self.at, buffer)?;
        self.at += read as u64;
        Ok(read)
    }
}

impl Length for SharedFile {
    fn len(&self) -> u64 {
        self.length
    }
}

impl ChunkReader for SharedFile {
    type T = BufReader<Place>;

    fn get_read(&self, start: u64) -> Result<BufReader<Place>, ParquetError> {
        Ok(BufReader::new(Place { file: self.clone(), at: start }))
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes, ParquetError> {
        // A file that is damaged asks for more than there is.
        if start.checked_add(length as u64).is_none_or(|end| end > self.length) {
            return Err(ParquetError::EOF(format!("{length} bytes at byte {start} of {}", self.length)));
        }
        let mut bytes = Vec::with_capacity(length);
        self.get_read(start)?.take(length as u64).read_to_end(&mut bytes)?;
        match bytes.len() == length {
            true => Ok(bytes.into()),
            false => Err(ParquetError::EOF(format!("{length} bytes at byte {start}, of which {} came", bytes.len()))),
        }
    }
}
