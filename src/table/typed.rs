//! A row with its columns.

use std::fmt;
use std::sync::{Arc, OnceLock};

use arrow_array::cast::AsArray;
use arrow_array::temporal_conversions::{
    timestamp_ms_to_datetime, timestamp_ns_to_datetime, timestamp_s_to_datetime, timestamp_us_to_datetime,
};
use arrow_array::types::{
    TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType,
};
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_json::writer::{NullableEncoder, make_encoder};
use arrow_json::{Encoder, EncoderFactory, EncoderOptions};
use arrow_row::{RowConverter, SortField};
use arrow_schema::{ArrowError, DataType, FieldRef, SchemaRef, TimeUnit};
use parquet::arrow::encode_arrow_schema;
use serde_json::value::RawValue;

use super::plain;
use super::shard::ShardTable;

/// What all rows of a file have in common.
pub struct Table {
    /// The columns, in their order, with the types that the file gives them.
    pub schema: SchemaRef,
    /// The column that clean texts take the place of.
    pub text: Option<usize>,
    /// The columns as Parquet files have them in their metadata: of the same columns, the same.
    encoded: String,
    /// The tables that its rows are written to: without what filters say, and with it.
    shards: [OnceLock<Result<Arc<ShardTable>, String>>; 2],
}

/// A row.
pub struct TableRow {
    table: Arc<Table>,
    batch: Arc<RecordBatch>,
    at: usize,
}

impl Table {
    /// A table of these columns.
    pub fn new(schema: SchemaRef, text: Option<usize>) -> Table {
        let encoded = encode_arrow_schema(&schema);
        Table { schema, text, encoded, shards: Default::default() }
    }

    /// The table that its rows are written to.
    ///
    /// # Errors
    /// Where a column has a type that cannot be written.
    pub fn shard(&self, is_tagged: bool) -> Result<&Arc<ShardTable>, String> {
        let slot = &self.shards[usize::from(is_tagged)];
        let made = slot.get_or_init(|| ShardTable::of(Some(self), false, is_tagged).map(Arc::new));
        made.as_ref().map_err(Clone::clone)
    }
}

impl TableRow {
    /// A row of a batch, whose columns are those of the table in their plain types.
    pub fn new(table: Arc<Table>, batch: Arc<RecordBatch>, at: usize) -> TableRow {
        TableRow { table, batch, at }
    }

    /// What it has in common with other rows of its file.
    pub fn table(&self) -> &Table {
        &self.table
    }

    /// The value of a column, as a column of one row.
    pub(super) fn value(&self, column: usize) -> ArrayRef {
        self.batch.column(column).slice(self.at, 1)
    }

    /// The bytes of a text, or what else is kept as bytes; `None` where the column is null, or holds something else.
    pub fn bytes(&self, column: usize) -> Option<&[u8]> {
        bytes(self.batch.column(column), self.at)
    }

    /// A text within a column of fields.
    pub fn text_within(&self, column: usize, field: &str) -> Option<&str> {
        let within = self.batch.column(column).as_struct_opt()?;
        let found = within.column_by_name(field).filter(|_| within.is_valid(self.at))?;
        std::str::from_utf8(bytes(found, self.at)?).ok()
    }

    /// A text, or a whole number as it is written.
    pub fn name(&self, column: usize) -> Option<String> {
        let array = self.batch.column(column);
        match array.data_type() {
            DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => {
                self.bytes(column).map(|bytes| String::from_utf8_lossy(bytes).into_owned())
            }
            number if number.is_integer() && array.is_valid(self.at) => self.json(column).ok().flatten(),
            _ => None,
        }
    }

    /// The columns but for that of the text as JSON, with their names.
    ///
    /// # Errors
    /// Where a column has a type that JSON cannot say.
    pub fn fields(&self) -> Result<Vec<Box<RawValue>>, String> {
        let columns = 0..self.batch.num_columns();
        let value = |column| {
            let value = self.json(column)?.unwrap_or_else(|| "null".into());
            RawValue::from_string(value).map_err(|error| error.to_string())
        };
        columns
            .map(|column| if Some(column) == self.table.text { Ok(RawValue::NULL.to_owned()) } else { value(column) })
            .collect()
    }

    /// The value of a column as JSON; `None` where it is null.
    fn json(&self, column: usize) -> Result<Option<String>, String> {
        let array = self.batch.column(column).slice(self.at, 1);
        let field = &self.batch.schema_ref().fields()[column];
        let options = EncoderOptions::default().with_explicit_nulls(true).with_encoder_factory(Arc::new(InUtc));
        let mut encoder = make_encoder(field, &array, &options).map_err(in_words)?;
        if encoder.is_null(0) {
            return Ok(None);
        }
        let mut json = Vec::new();
        encoder.encode(0, &mut json);
        String::from_utf8(json).map(Some).map_err(|error| error.to_string())
    }

    /// Bytes that differ where anything but the text does: names, types or values.
    pub fn digest(&self) -> Vec<u8> {
        let columns = (0..self.batch.num_columns()).filter(|column| Some(*column) != self.table.text);
        let (mut fields, mut values) = (Vec::new(), Vec::new());
        for column in columns {
            fields.push(SortField::new(plain(self.table.schema.field(column).data_type())));
            values.push(self.value(column));
        }
        let mut digest = self.table.encoded.clone().into_bytes();
        let rows = RowConverter::new(fields).and_then(|converter| converter.convert_columns(&values));
        if let (Ok(rows), false) = (rows, values.is_empty()) {
            digest.extend_from_slice(rows.row(0).as_ref());
        }
        digest
    }
}

impl fmt::Debug for TableRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TableRow").field("schema", &self.table.schema).field("at", &self.at).finish_non_exhaustive()
    }
}

/// Writes times that have a zone in UTC: the instant is the same, whatever is known of the zone where it is read.
#[derive(Debug)]
struct InUtc;

/// Times, and what makes words of one.
struct Times<'a> {
    values: &'a [i64],
    in_words: fn(i64) -> Option<String>,
}

impl EncoderFactory for InUtc {
    fn make_default_encoder<'a>(
        &self,
        _: &'a FieldRef,
        array: &'a dyn Array,
        _: &'a EncoderOptions,
    ) -> Result<Option<NullableEncoder<'a>>, ArrowError> {
        let DataType::Timestamp(unit, Some(_)) = array.data_type() else { return Ok(None) };
        let times = match unit {
            TimeUnit::Second => Times {
                values: array.as_primitive::<TimestampSecondType>().values(),
                in_words: |time| Some(format!("{:?}Z", timestamp_s_to_datetime(time)?)),
            },
            TimeUnit::Millisecond => Times {
                values: array.as_primitive::<TimestampMillisecondType>().values(),
                in_words: |time| Some(format!("{:?}Z", timestamp_ms_to_datetime(time)?)),
            },
            TimeUnit::Microsecond => Times {
                values: array.as_primitive::<TimestampMicrosecondType>().values(),
                in_words: |time| Some(format!("{:?}Z", timestamp_us_to_datetime(time)?)),
            },
            TimeUnit::Nanosecond => Times {
                values: array.as_primitive::<TimestampNanosecondType>().values(),
                in_words: |time| Some(format!("{:?}Z", timestamp_ns_to_datetime(time)?)),
            },
        };
        Ok(Some(NullableEncoder::new(Box::new(times), array.nulls().cloned())))
    }
}

impl Encoder for Times<'_> {
    fn encode(&mut self, at: usize, json: &mut Vec<u8>) {
        match (self.in_words)(self.values[at]) {
            Some(time) => json.extend_from_slice(format!("\"{time}\"").as_bytes()),
            // A time that no calendar has.
            None => json.extend_from_slice(self.values[at].to_string().as_bytes()),
        }
    }
}

fn bytes(array: &ArrayRef, at: usize) -> Option<&[u8]> {
    if !array.is_valid(at) {
        return None;
    }
    match array.data_type() {
        DataType::Utf8View => Some(array.as_string_view().value(at).as_bytes()),
        DataType::Utf8 => Some(array.as_string::<i32>().value(at).as_bytes()),
        DataType::LargeUtf8 => Some(array.as_string::<i64>().value(at).as_bytes()),
        DataType::BinaryView => Some(array.as_binary_view().value(at)),
        DataType::Binary => Some(array.as_binary::<i32>().value(at)),
        DataType::LargeBinary => Some(array.as_binary::<i64>().value(at)),
        _ => None,
    }
}

pub(super) fn in_words(error: ArrowError) -> String {
    error.to_string()
}
