//! What recurs on the sites of batches of pages: counted apart, merged in any order, settled once.

use std::sync::atomic::{AtomicBool, Ordering};

use dechaff::cli::embed::TemplateCounts;
use dechaff::{Cleaner, Input};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3_arrow::input::AnyRecordBatch;
use rayon::prelude::*;

use crate::columns::Column;
use crate::threads;

/// Counts the pages of a batch or a stream of them, each called by its URL. Rows without a page or a URL are passed over.
///
/// # Errors
/// Where a column is missing or of another kind, and what Ctrl-C raises.
pub(crate) fn count(
    py: Python<'_>,
    cleaner: &Cleaner,
    records: AnyRecordBatch,
    text: &str,
    url: &str,
) -> PyResult<TemplateCounts> {
    let pool = threads::pool()?;
    let mut counts = TemplateCounts::default();
    for batch in records.into_reader()? {
        let batch = batch.map_err(|error| PyValueError::new_err(error.to_string()))?;
        let (pages, urls) = (Column::of(&batch, text)?, Column::of(&batch, url)?);
        let add = |mut counts: TemplateCounts, row: usize, stop: &AtomicBool| {
            if let (false, Some(bytes), Some(url)) = (stop.load(Ordering::Relaxed), pages.bytes(row), urls.string(row))
            {
                let input = match std::str::from_utf8(bytes) {
                    Ok(text) if pages.is_text() => Input::string(text),
                    _ => Input::bytes(bytes),
                };
                counts.add(cleaner, &url, &input.url(&url));
            }
            counts
        };
        let work = |stop: &AtomicBool| {
            pool.install(|| {
                let rows = (0..batch.num_rows()).into_par_iter();
                rows.fold(TemplateCounts::default, |counts, row| add(counts, row, stop)).reduce(
                    TemplateCounts::default,
                    |mut one, other| {
                        one.merge(other);
                        one
                    },
                )
            })
        };
        counts.merge(threads::interruptible(py, work, |_| Ok(()))?);
    }
    Ok(counts)
}

/// Several counts as one.
#[pyfunction]
pub(crate) fn merge_template_counts(py: Python<'_>, counts: Vec<String>) -> PyResult<String> {
    py.detach(|| Ok(merged(&counts)?.to_text()))
}

/// What recurs on each site by all of these counts.
#[pyfunction]
pub(crate) fn build_templates(py: Python<'_>, counts: Vec<String>) -> PyResult<String> {
    py.detach(|| Ok(merged(&counts)?.templates()))
}

fn merged(counts: &[String]) -> PyResult<TemplateCounts> {
    let mut merged = TemplateCounts::default();
    for text in counts {
        merged.merge(TemplateCounts::from_text(text).map_err(PyValueError::new_err)?);
    }
    Ok(merged)
}
