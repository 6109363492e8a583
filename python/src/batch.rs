//! Arrow in, Arrow out: a row for each row, on all cores.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use arrow_array::builder::StringBuilder;
use arrow_array::{ArrayRef, RecordBatch, RecordBatchOptions};
use arrow_buffer::OffsetBuffer;
use arrow_schema::{ArrowError, DataType, Field, Fields, Schema, SchemaRef};
use dechaff::{Cleaner, Input};
use pyo3::exceptions::{PyOverflowError, PyValueError};
use pyo3::prelude::*;
use pyo3_arrow::input::AnyRecordBatch;
use pyo3_arrow::{PyRecordBatch, PyTable};
use rayon::prelude::*;

use crate::columns::Column;
use crate::page::{name_of, reason, reason_of};
use crate::threads;

/// Bytes that a column of strings can hold: its offsets are numbers of 31 bits.
const MOST: usize = i32::MAX as usize;

/// What is cleaned, and what is wanted of it.
pub(crate) struct Wanted<'w> {
    pub(crate) text: &'w str,
    pub(crate) url: Option<&'w str>,
    pub(crate) markdown: bool,
    pub(crate) decisions: bool,
}

/// What became of a batch, or of a table of several.
pub(crate) struct CleanedBatches {
    batches: Vec<RecordBatch>,
    schema: SchemaRef,
    is_table: bool,
}

/// A row that was cleaned.
#[derive(Default)]
struct CleanedRow {
    text: String,
    status: &'static str,
    reason: Option<String>,
    language: Option<String>,
    decisions: Vec<Decided>,
}

struct Decided {
    line: u32,
    text: String,
    kept: bool,
    rule: Option<String>,
    reason: Option<String>,
}

/// Cleans the pages of a batch or a stream of them.
///
/// # Errors
/// Where a column is missing or of another kind, and what Ctrl-C raises.
pub(crate) fn clean(
    py: Python<'_>,
    cleaner: &Cleaner,
    records: AnyRecordBatch,
    wanted: &Wanted<'_>,
) -> PyResult<CleanedBatches> {
    let is_table = matches!(records, AnyRecordBatch::Stream(_));
    let pool = threads::pool()?;
    let schema = Arc::new(schema(wanted));
    let mut batches = Vec::new();
    // A stream may call back into Python, which it does on this thread.
    for batch in records.into_reader()? {
        let batch = batch.map_err(|error| failed(&error))?;
        let pages = Column::of(&batch, wanted.text)?;
        let urls = wanted.url.map(|url| Column::of(&batch, url)).transpose()?;
        let one = |row, stop: &AtomicBool| match stop.load(Ordering::Relaxed) {
            true => CleanedRow::default(),
            false => clean_row(cleaner, &pages, urls.as_ref(), row, wanted),
        };
        let work = |stop: &AtomicBool| {
            let rows: Vec<CleanedRow> = pool
                .install(|| (0..batch.num_rows()).into_par_iter().with_max_len(1).map(|row| one(row, stop)).collect());
            built(&rows, &schema, wanted.decisions)
        };
        batches.push(threads::interruptible(py, work, |_| Ok(()))??);
    }
    Ok(CleanedBatches { batches, schema, is_table })
}

fn clean_row(cleaner: &Cleaner, pages: &Column, urls: Option<&Column>, row: usize, wanted: &Wanted<'_>) -> CleanedRow {
    let Some(bytes) = pages.bytes(row) else {
        return CleanedRow { status: "blank", reason: Some("null".into()), ..CleanedRow::default() };
    };
    let mut input = match std::str::from_utf8(bytes) {
        Ok(text) if pages.is_text() => Input::string(text),
        _ => Input::bytes(bytes),
    };
    if let Some(url) = urls.and_then(|urls| urls.string(row)) {
        input = input.url(url);
    }
    let cleaned = cleaner.clean(input);
    let text = if wanted.markdown { cleaned.markdown() } else { cleaned.text() };
    let decided = |decision: dechaff::Decision<'_>| Decided {
        line: decision.line,
        text: decision.text.to_string(),
        kept: decision.kept,
        rule: decision.rule.map(str::to_string),
        reason: reason(decision.rule.and_then(|rule| cleaner.why(rule)), decision.evidence.as_ref()),
    };
    let decisions = if wanted.decisions { cleaned.decisions() } else { Vec::new() };
    CleanedRow {
        status: name_of(cleaned.status()),
        reason: reason_of(&cleaned),
        language: cleaner.language(&text).map(|language| language.code.into_owned()),
        decisions: decisions.into_iter().map(decided).collect(),
        text,
    }
}

/// The columns that come out.
fn schema(wanted: &Wanted<'_>) -> Schema {
    let mut fields = vec![
        Field::new("text", DataType::Utf8, false),
        Field::new("status", DataType::Utf8, false),
        Field::new("reason", DataType::Utf8, true),
        Field::new("language", DataType::Utf8, true),
    ];
    if wanted.decisions {
        let item = Arc::new(Field::new("item", DataType::Struct(of_decisions()), false));
        fields.push(Field::new("decisions", DataType::List(item), false));
    }
    Schema::new(fields)
}

fn of_decisions() -> Fields {
    Fields::from(vec![
        Field::new("line", DataType::UInt32, false),
        Field::new("text", DataType::Utf8, false),
        Field::new("kept", DataType::Boolean, false),
        Field::new("rule", DataType::Utf8, true),
        Field::new("reason", DataType::Utf8, true),
    ])
}

/// Rows as columns.
fn built(rows: &[CleanedRow], schema: &SchemaRef, with_decisions: bool) -> PyResult<RecordBatch> {
    let decisions = || rows.iter().flat_map(|row| &row.decisions);
    let length = |text: &Option<String>| text.as_ref().map_or(0, String::len);
    let sums = [
        rows.iter().map(|row| row.text.len()).sum::<usize>(),
        decisions().map(|decision| decision.text.len()).sum(),
        decisions().map(|decision| length(&decision.rule)).sum(),
        decisions().map(|decision| length(&decision.reason)).sum(),
    ];
    if let Some(bytes) = sums.into_iter().find(|&bytes| bytes > MOST) {
        return Err(PyOverflowError::new_err(format!(
            "a column of {bytes} bytes of text, where {MOST} are the most: pass smaller batches"
        )));
    }
    let mut texts = StringBuilder::with_capacity(rows.len(), sums[0]);
    let (mut statuses, mut reasons, mut languages) = (StringBuilder::new(), StringBuilder::new(), StringBuilder::new());
    for row in rows {
        texts.append_value(&row.text);
        statuses.append_value(row.status);
        reasons.append_option(row.reason.as_deref());
        languages.append_option(row.language.as_deref());
    }
    let mut columns: Vec<ArrayRef> = vec![
        Arc::new(texts.finish()),
        Arc::new(statuses.finish()),
        Arc::new(reasons.finish()),
        Arc::new(languages.finish()),
    ];
    if with_decisions {
        columns.push(decisions_column(rows)?);
    }
    let options = RecordBatchOptions::new().with_row_count(Some(rows.len()));
    RecordBatch::try_new_with_options(Arc::clone(schema), columns, &options).map_err(|error| failed(&error))
}

fn decisions_column(rows: &[CleanedRow]) -> PyResult<ArrayRef> {
    use arrow_array::{BooleanArray, ListArray, StringArray, StructArray, UInt32Array};
    let all: Vec<&Decided> = rows.iter().flat_map(|row| &row.decisions).collect();
    let lines: UInt32Array = all.iter().map(|decision| Some(decision.line)).collect();
    let texts: StringArray = all.iter().map(|decision| Some(decision.text.as_str())).collect();
    let kept: BooleanArray = all.iter().map(|decision| Some(decision.kept)).collect();
    let rules: StringArray = all.iter().map(|decision| decision.rule.as_deref()).collect();
    let reasons: StringArray = all.iter().map(|decision| decision.reason.as_deref()).collect();
    let columns: Vec<ArrayRef> =
        vec![Arc::new(lines), Arc::new(texts), Arc::new(kept), Arc::new(rules), Arc::new(reasons)];
    let structs = StructArray::try_new(of_decisions(), columns, None).map_err(|error| failed(&error))?;
    let offsets = OffsetBuffer::from_lengths(rows.iter().map(|row| row.decisions.len()));
    let item = Arc::new(Field::new("item", DataType::Struct(of_decisions()), false));
    let list = ListArray::try_new(item, offsets, Arc::new(structs), None).map_err(|error| failed(&error))?;
    Ok(Arc::new(list))
}

fn failed(error: &ArrowError) -> PyErr {
    PyValueError::new_err(error.to_string())
}

impl CleanedBatches {
    /// The result as the library has it that the input came from: pyarrow and polars get their own types, everybody
    /// else an object with Arrow's PyCapsule interface.
    pub(crate) fn like<'py>(self, py: Python<'py>, input: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let module: String = input.get_type().getattr("__module__")?.extract()?;
        let of = |library: &str| module == library || module.starts_with(&format!("{library}."));
        if of("polars") {
            let table = PyTable::try_new(self.batches, self.schema)?.into_pyobject(py)?;
            return py.import("polars")?.getattr("DataFrame")?.call1((table,));
        }
        match (self.is_table, self.batches) {
            (true, batches) => {
                let table = PyTable::try_new(batches, self.schema)?;
                if of("pyarrow") { table.into_pyarrow(py) } else { Ok(table.into_pyobject(py)?.into_any()) }
            }
            (false, mut batches) => {
                let batch = batches.pop().unwrap_or_else(|| RecordBatch::new_empty(self.schema));
                let batch = PyRecordBatch::new(batch);
                if of("pyarrow") { batch.into_pyarrow(py) } else { Ok(batch.into_pyobject(py)?.into_any()) }
            }
        }
    }
}
