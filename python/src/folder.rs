//! `dechaff.clean_folder`: what the program does, with its summary as an object.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use dechaff::cli::embed::{self, FolderRun};
use dechaff::internals::run::RunObserver;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict};

use crate::page::name_of;
use crate::{errors, keywords, threads};

/// What became of a folder.
#[pyclass(frozen, get_all, module = "dechaff")]
pub(crate) struct Summary {
    /// How many pages were met.
    pages: u64,
    /// How many pages have each status.
    statuses: BTreeMap<&'static str, u64>,
    /// How many stand as an earlier run left them.
    unchanged: u64,
    /// Blocks that stay.
    kept: u64,
    /// Blocks that are gone.
    dropped: u64,
    /// Bytes that were read.
    bytes_in: u64,
    /// Bytes of text that were written.
    bytes_out: u64,
    /// Why pages were skipped or failed: status, reason, the first page by path, how often.
    not_read: Vec<(&'static str, String, String, u64)>,
    /// The summary that the program prints.
    text: String,
}

#[pymethods]
impl Summary {
    fn __str__(&self) -> &str {
        &self.text
    }

    fn __repr__(&self) -> String {
        format!("<dechaff.Summary {} pages, {} blocks kept, {} dropped>", self.pages, self.kept, self.dropped)
    }
}

/// Counts pages, and hears that the run shall stop.
struct Watch<'w> {
    pages: &'w AtomicU64,
    stop: &'w AtomicBool,
}

impl RunObserver for Watch<'_> {
    fn page(&self, _: bool) {
        self.pages.fetch_add(1, Ordering::Relaxed);
    }

    fn wants_to_stop(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}

/// Cleans a folder of pages into another.
#[pyfunction]
#[pyo3(signature = (raw, clean, *, progress=None, **settings))]
pub(crate) fn clean_folder(
    py: Python<'_>,
    raw: PathBuf,
    clean: PathBuf,
    progress: Option<Bound<'_, PyAny>>,
    settings: Option<Bound<'_, PyDict>>,
) -> PyResult<Summary> {
    let keywords = keywords::of(settings.as_ref())?;
    let (is_shown, told) = match progress {
        None => (false, None),
        Some(progress) => match progress.cast::<PyBool>() {
            Ok(shown) => (shown.is_true(), None),
            Err(_) if progress.is_callable() => (false, Some(progress.unbind())),
            Err(_) => {
                return Err(PyTypeError::new_err("progress is True, False or a function that is told how many pages"));
            }
        },
    };
    let pages = AtomicU64::new(0);
    let tell = |py: Python<'_>| match &told {
        Some(told) => told.call1(py, (pages.load(Ordering::Relaxed),)).map(drop),
        None => Ok(()),
    };
    let work = |stop: &AtomicBool| {
        let watch = Watch { pages: &pages, stop };
        embed::clean_folder(raw, clean, &keywords, is_shown, &watch)
    };
    let run = threads::interruptible(py, work, tell)?.map_err(|error| errors::raised(py, &error))?;
    tell(py)?;
    Ok(summary(run))
}

fn summary(run: FolderRun) -> Summary {
    let report = run.outcome.report;
    let not_read = report.not_read.iter();
    Summary {
        pages: report.all(),
        statuses: report.pages.iter().map(|(status, pages)| (name_of(*status), *pages)).collect(),
        unchanged: report.again,
        kept: report.kept,
        dropped: report.dropped,
        bytes_in: report.bytes_in,
        bytes_out: report.bytes_out,
        not_read: not_read
            .map(|((status, why), example)| (name_of(*status), why.clone(), example.first.clone(), example.times))
            .collect(),
        text: run.summary,
    }
}
