//! Near copies of rows that an engine moves between machines: what is done to a batch, to the rows of some keys, and to some
//! clusters. Arrow in, Arrow out; all of it is decided in the library.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use arrow_array::builder::{BinaryBuilder, Float64Builder, Int64Builder, StringBuilder};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{DataType, Field, Schema};
use dechaff::cli::near_parts::{ClusteredDocuments, Keyed, Member, NearClusters, NearParts, SketchedText};
use pyo3::exceptions::{PyOSError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyTuple};
use pyo3_arrow::PyTable;
use pyo3_arrow::input::AnyRecordBatch;
use rayon::prelude::*;

use crate::columns::{Column, Numbers};
use crate::{errors, keywords, threads};

/// Bytes of a pair: the numbers of two documents.
const PAIR: usize = 16;

/// Pairs that are handed on at a time: 16 MB of them.
const PAIRS: usize = 1 << 20;

/// Rows of clusters that are handed on at a time: 16 MB of them.
const ROWS: usize = 1 << 20;

/// The search for near copies, by the options of the program. It is pickled as they are.
#[pyclass(frozen, module = "dechaff._dechaff")]
pub(crate) struct NearCopies {
    parts: Arc<NearParts>,
    settings: Py<PyDict>,
}

#[pymethods]
impl NearCopies {
    #[new]
    #[pyo3(signature = (**settings))]
    fn new(py: Python<'_>, settings: Option<Bound<'_, PyDict>>) -> PyResult<NearCopies> {
        let keywords = keywords::of(settings.as_ref())?;
        let parts = NearParts::of(&keywords).map_err(|error| errors::raised(py, &error))?;
        let settings = settings.map_or_else(|| Ok(PyDict::new(py)), |settings| settings.copy())?.unbind();
        Ok(NearCopies { parts: Arc::new(parts), settings })
    }

    /// Sketches a column of texts: `number`, `id`, `length` and `hashes` of each row.
    fn sketch<'py>(&self, py: Python<'py>, batch: AnyRecordBatch, text: &str, id: &str) -> PyResult<Bound<'py, PyAny>> {
        let pool = threads::pool()?;
        let schema = schema(&[
            ("number", DataType::Int64, false),
            ("id", DataType::Utf8, false),
            ("length", DataType::Int64, false),
            ("hashes", DataType::Binary, true),
        ]);
        let mut made = Vec::new();
        for batch in batches(batch)? {
            let (texts, ids) = (Column::of(&batch, text)?, Column::strings(&batch, id)?);
            let sketch = |row: usize, stop: &AtomicBool| match (stop.load(Ordering::Relaxed), texts.string(row)) {
                (false, Some(text)) => self.parts.sketch(&text),
                _ => SketchedText { length: 0, hashes: None },
            };
            let rows = 0..batch.num_rows();
            let work = |stop: &AtomicBool| -> Vec<SketchedText> {
                pool.install(|| rows.into_par_iter().map(|row| sketch(row, stop)).collect())
            };
            let sketched = threads::interruptible(py, work, |_| Ok(()))?;
            let (mut numbers, mut names) = (Int64Builder::new(), StringBuilder::new());
            let (mut lengths, mut hashes) = (Int64Builder::new(), BinaryBuilder::new());
            for (row, text) in sketched.iter().enumerate() {
                let name = ids.text(row).ok_or_else(|| {
                    PyValueError::new_err(format!(
                        "column {id}: row {row} of a batch is null, and near copies are named by ids"
                    ))
                })?;
                numbers.append_value(NearParts::number(name) as i64);
                names.append_value(name);
                lengths.append_value(text.length.into());
                hashes.append_option(text.hashes.as_deref());
            }
            let columns: Vec<ArrayRef> = vec![
                Arc::new(numbers.finish()),
                Arc::new(names.finish()),
                Arc::new(lengths.finish()),
                Arc::new(hashes.finish()),
            ];
            made.push(built(&schema, columns)?);
        }
        table(py, schema, made)
    }

    /// The rows of sketches under each of their keys: `part`, `key`, `id` and `hashes`.
    fn keys<'py>(&self, py: Python<'py>, sketches: AnyRecordBatch, parts: u32) -> PyResult<Bound<'py, PyAny>> {
        let schema = schema(&[
            ("part", DataType::Int64, false),
            ("key", DataType::Int64, false),
            ("id", DataType::Utf8, false),
            ("hashes", DataType::Binary, true),
        ]);
        let mut made = Vec::new();
        for batch in batches(sketches)? {
            let (ids, hashes) = (Column::strings(&batch, "id")?, Column::of(&batch, "hashes")?);
            let (mut of_part, mut of_key) = (Int64Builder::new(), Int64Builder::new());
            let (mut names, mut values) = (StringBuilder::new(), BinaryBuilder::new());
            for row in 0..batch.num_rows() {
                let (id, hashes) = (ids.text(row).unwrap_or_default(), hashes.bytes(row));
                for (at, key) in self.parts.keys(id, hashes).into_iter().enumerate() {
                    of_part.append_value((key % u64::from(parts.max(1))) as i64);
                    of_key.append_value(key as i64);
                    names.append_value(id);
                    values.append_option(hashes.filter(|_| at > 0));
                }
            }
            let columns: Vec<ArrayRef> = vec![
                Arc::new(of_part.finish()),
                Arc::new(of_key.finish()),
                Arc::new(names.finish()),
                Arc::new(values.finish()),
            ];
            made.push(built(&schema, columns)?);
        }
        table(py, schema, made)
    }

    /// Pairs of documents that are alike, among the rows of some keys; in pieces, for `NearClusters.add`.
    fn pairs<'py>(&self, py: Python<'py>, rows: AnyRecordBatch) -> PyResult<Vec<Bound<'py, PyBytes>>> {
        let rows: Vec<KeyedRows> = batches(rows)?.iter().map(KeyedRows::of).collect::<PyResult<_>>()?;
        let pairs = py.detach(|| self.parts.pairs(rows.iter().flat_map(KeyedRows::rows).collect()));
        let pairs = pairs.map_err(|error| PyValueError::new_err(error.to_string()))?;
        let packed = |pairs: &[(u64, u64)]| -> Vec<u8> {
            pairs.iter().flat_map(|(one, other)| [one.to_le_bytes(), other.to_le_bytes()]).flatten().collect()
        };
        Ok(pairs.chunks(PAIRS).map(|pairs| PyBytes::new(py, &packed(pairs))).collect())
    }

    /// The near copies among the rows of some clusters: the id, and what the other columns are called: the one that stays, and
    /// how alike they are.
    fn copies<'py>(
        &self,
        py: Python<'py>,
        rows: AnyRecordBatch,
        id: &str,
        stays: &str,
        jaccard: &str,
    ) -> PyResult<Bound<'py, PyAny>> {
        let schema =
            schema(&[(id, DataType::Utf8, false), (stays, DataType::Utf8, true), (jaccard, DataType::Float64, true)]);
        let rows: Vec<MemberRows> = batches(rows)?.iter().map(MemberRows::of).collect::<PyResult<_>>()?;
        let made = py.detach(|| {
            let (mut ids, mut others, mut shares) = (StringBuilder::new(), StringBuilder::new(), Float64Builder::new());
            for copy in self.parts.copies(rows.iter().flat_map(MemberRows::rows).collect()) {
                ids.append_value(copy.id);
                others.append_value(copy.stays);
                shares.append_value(f64::from(copy.jaccard.permille()) / 1000.0);
            }
            built(&schema, vec![Arc::new(ids.finish()), Arc::new(others.finish()), Arc::new(shares.finish())])
        })?;
        table(py, schema, vec![made])
    }

    fn __getnewargs_ex__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyTuple>, Bound<'py, PyDict>)> {
        Ok((PyTuple::empty(py), self.settings.bind(py).copy()?))
    }
}

/// Rows of some keys.
struct KeyedRows {
    rows: usize,
    keys: Numbers,
    ids: Column,
    hashes: Column,
}

impl KeyedRows {
    fn of(batch: &RecordBatch) -> PyResult<KeyedRows> {
        let (ids, hashes) = (Column::strings(batch, "id")?, Column::of(batch, "hashes")?);
        Ok(KeyedRows { rows: batch.num_rows(), keys: Numbers::of(batch, "key")?, ids, hashes })
    }

    fn rows(&self) -> impl Iterator<Item = Keyed<'_>> {
        (0..self.rows).filter_map(|row| {
            let key = self.keys.value(row)? as u64;
            Some(Keyed { key, id: self.ids.text(row)?, hashes: self.hashes.bytes(row) })
        })
    }
}

/// Rows of some clusters.
struct MemberRows {
    rows: usize,
    clusters: Numbers,
    ids: Column,
    lengths: Numbers,
    hashes: Column,
}

impl MemberRows {
    fn of(batch: &RecordBatch) -> PyResult<MemberRows> {
        let (clusters, lengths) = (Numbers::of(batch, "cluster")?, Numbers::of(batch, "length")?);
        let (ids, hashes) = (Column::strings(batch, "id")?, Column::of(batch, "hashes")?);
        Ok(MemberRows { rows: batch.num_rows(), clusters, ids, lengths, hashes })
    }

    fn rows(&self) -> impl Iterator<Item = Member<'_>> {
        (0..self.rows).filter_map(|row| {
            let length = u32::try_from(self.lengths.value(row)?).ok()?;
            let (cluster, hashes) = (self.clusters.value(row)?, self.hashes.bytes(row)?);
            Some(Member { cluster, id: self.ids.text(row)?, length, hashes })
        })
    }
}

/// The clusters that pairs make, on one machine.
#[pyclass(module = "dechaff._dechaff")]
pub(crate) struct Clusters {
    pairs: Option<NearClusters>,
    found: Option<ClusteredDocuments<'static>>,
}

#[pymethods]
impl Clusters {
    #[new]
    fn new(py: Python<'_>) -> PyResult<Clusters> {
        let pairs = NearClusters::new().map_err(|error| errors::raised(py, &error.into()))?;
        Ok(Clusters { pairs: Some(pairs), found: None })
    }

    /// Adds a piece of `NearCopies.pairs`.
    fn add(&mut self, py: Python<'_>, packed: &[u8]) -> PyResult<()> {
        let joined = self.pairs.as_mut().ok_or_else(|| PyValueError::new_err("the clusters are made already"))?;
        let number = |bytes: &[u8]| bytes.iter().rev().fold(0u64, |number, &byte| number << 8 | u64::from(byte));
        py.detach(|| {
            packed.chunks_exact(PAIR).try_for_each(|pair| {
                let (one, other) = pair.split_at(PAIR / 2);
                joined.add((number(one), number(other)))
            })
        })
        .map_err(failed)
    }

    /// The next documents that are in a pair, `number` and `cluster`; None behind the last one.
    fn next_table<'py>(&mut self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        if let Some(pairs) = self.pairs.take() {
            let clusters = py.detach(|| pairs.clusters()).map_err(failed)?;
            self.found = Some(clusters);
        }
        let Some(found) = self.found.as_mut() else { return Ok(None) };
        let (mut numbers, mut clusters) = (Int64Builder::new(), Int64Builder::new());
        for document in found.take(ROWS) {
            let (number, cluster) = document.map_err(failed)?;
            numbers.append_value(number as i64);
            clusters.append_value(cluster.into());
        }
        let numbers = numbers.finish();
        if numbers.is_empty() {
            return Ok(None);
        }
        let schema = schema(&[("number", DataType::Int64, false), ("cluster", DataType::Int64, false)]);
        let batch = built(&schema, vec![Arc::new(numbers), Arc::new(clusters.finish())])?;
        Ok(Some(table(py, schema, vec![batch])?))
    }
}

fn schema(columns: &[(&str, DataType, bool)]) -> Arc<Schema> {
    let field = |(name, kind, nullable): &(&str, DataType, bool)| Field::new(*name, kind.clone(), *nullable);
    Arc::new(Schema::new(columns.iter().map(field).collect::<Vec<_>>()))
}

fn batches(records: AnyRecordBatch) -> PyResult<Vec<RecordBatch>> {
    records.into_reader()?.map(|batch| batch.map_err(|error| PyValueError::new_err(error.to_string()))).collect()
}

fn built(schema: &Arc<Schema>, columns: Vec<ArrayRef>) -> PyResult<RecordBatch> {
    RecordBatch::try_new(Arc::clone(schema), columns).map_err(|error| PyValueError::new_err(error.to_string()))
}

/// A table of pyarrow, which both engines take.
fn table(py: Python<'_>, schema: Arc<Schema>, batches: Vec<RecordBatch>) -> PyResult<Bound<'_, PyAny>> {
    PyTable::try_new(batches, schema)?.into_pyarrow(py)
}

fn failed(error: std::io::Error) -> PyErr {
    PyOSError::new_err(format!("cannot keep the pairs of near copies: {error}"))
}
