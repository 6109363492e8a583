//! `dechaff.Cleaner`: rules and settings, compiled once, for pages and batches.

use std::sync::Arc;

use dechaff::Input;
use dechaff::cli::embed;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyString, PyTuple};
use pyo3_arrow::input::AnyRecordBatch;

use crate::batch::{self, Wanted};
use crate::page::Page;
use crate::{errors, keywords, templates};

/// Cleans pages. Immutable, and safe to use from several threads at once.
#[pyclass(frozen, subclass, module = "dechaff")]
pub(crate) struct Cleaner {
    cleaner: Arc<dechaff::Cleaner>,
    settings: Py<PyDict>,
}

#[pymethods]
impl Cleaner {
    #[new]
    #[pyo3(signature = (**settings))]
    fn new(py: Python<'_>, settings: Option<Bound<'_, PyDict>>) -> PyResult<Cleaner> {
        let keywords = keywords::of(settings.as_ref())?;
        let made = py.detach(|| embed::cleaner(&keywords));
        let cleaner = Arc::new(made.map_err(|error| errors::raised(py, &error))?);
        let settings = settings.map_or_else(|| Ok(PyDict::new(py)), |settings| settings.copy())?.unbind();
        Ok(Cleaner { cleaner, settings })
    }

    /// Cleans a page of HTML or text.
    #[pyo3(signature = (page, url=None, *, charset=None, language=None))]
    fn clean(
        &self,
        py: Python<'_>,
        page: &Bound<'_, PyAny>,
        url: Option<String>,
        charset: Option<String>,
        language: Option<String>,
    ) -> PyResult<Page> {
        let text;
        let mut input = if let Ok(bytes) = page.cast::<PyBytes>() {
            Input::bytes(bytes.as_bytes())
        } else if let Ok(string) = page.cast::<PyString>() {
            text = string.to_string_lossy();
            Input::string(&text)
        } else {
            let what = page.get_type().name()?;
            return Err(PyTypeError::new_err(format!("a page is str or bytes, not {what}")));
        };
        if let Some(url) = &url {
            input = input.url(url);
        }
        if let Some(charset) = charset {
            input = input.charset(charset);
        }
        if let Some(language) = language {
            input = input.language(language);
        }
        let cleaned = py.detach(|| self.cleaner.clean(input));
        Ok(Page::new(Arc::clone(&self.cleaner), cleaned, url))
    }

    /// Cleans a column of pages: a row out for each row in.
    #[pyo3(signature = (batch, text="text", url=None, *, markdown=false, decisions=true))]
    fn clean_batch<'py>(
        &self,
        py: Python<'py>,
        batch: Bound<'py, PyAny>,
        text: &str,
        url: Option<&str>,
        markdown: bool,
        decisions: bool,
    ) -> PyResult<Bound<'py, PyAny>> {
        let records: AnyRecordBatch = batch.extract()?;
        let cleaned = batch::clean(py, &self.cleaner, records, &Wanted { text, url, markdown, decisions })?;
        cleaned.like(py, &batch)
    }

    /// Counts a column of pages for what recurs on their sites; each is called by its URL.
    #[pyo3(signature = (batch, text="text", url="url"))]
    fn count_batch(&self, py: Python<'_>, batch: &Bound<'_, PyAny>, text: &str, url: &str) -> PyResult<String> {
        let records: AnyRecordBatch = batch.extract()?;
        let counts = templates::count(py, &self.cleaner, records, text, url)?;
        Ok(py.detach(|| counts.to_text()))
    }

    /// Why the rule of this address is there.
    fn why(&self, rule: &str) -> Option<&str> {
        self.cleaner.why(rule)
    }

    /// The settings that it was made with.
    #[getter]
    fn settings<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        self.settings.bind(py).copy()
    }

    /// A cleaner is shipped by its settings. Files that they name are read again where it arrives.
    fn __getnewargs_ex__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyTuple>, Bound<'py, PyDict>)> {
        Ok((PyTuple::empty(py), self.settings(py)?))
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let set = self.settings.bind(py).iter();
        let set = set.map(|(name, value)| Ok(format!("{}={}", name.str()?, value.repr()?)));
        Ok(format!("dechaff.Cleaner({})", set.collect::<PyResult<Vec<_>>>()?.join(", ")))
    }
}
