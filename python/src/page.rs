//! A cleaned page, and what was decided of its blocks.

use std::sync::{Arc, OnceLock};

use dechaff::{Cleaned, Evidence};
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// A page that was cleaned.
#[pyclass(frozen, module = "dechaff")]
pub(crate) struct Page {
    cleaner: Arc<dechaff::Cleaner>,
    cleaned: Cleaned,
    url: Option<String>,
    text: OnceLock<String>,
}

/// What was decided of a block.
#[pyclass(frozen, get_all, module = "dechaff")]
pub(crate) struct Decision {
    /// The block's index, counted from 0.
    block: usize,
    /// The raw line that it begins on, counted from 1.
    line: u32,
    /// Its text, before anything was cut out of it.
    text: String,
    /// Whether it stays.
    kept: bool,
    /// The address of the rule that decided.
    rule: Option<String>,
    /// Why: the rule's own reason, and what made it speak.
    reason: Option<String>,
}

impl Page {
    pub(crate) fn new(cleaner: Arc<dechaff::Cleaner>, cleaned: Cleaned, url: Option<String>) -> Page {
        Page { cleaner, cleaned, url, text: OnceLock::new() }
    }
}

/// The name of a status, as the manifest has it.
pub(crate) fn name_of(status: dechaff::Status) -> &'static str {
    use dechaff::Status::{
        AllDropped, Blank, Cleaned, Duplicate, Failed, Filtered, NearCopy, NoProse, Restored, Skipped,
    };
    match status {
        Cleaned => "cleaned",
        Restored => "restored",
        NoProse => "no_prose",
        AllDropped => "all_dropped",
        Duplicate => "duplicate",
        NearCopy => "near_copy",
        Filtered => "filtered",
        Blank => "blank",
        Skipped => "skipped",
        Failed => "failed",
    }
}

/// Why a page was not read, or which filter drops it.
pub(crate) fn reason_of(cleaned: &Cleaned) -> Option<String> {
    let by_filter = || {
        let filters: Vec<String> = cleaned.filters().iter().map(ToString::to_string).collect();
        (cleaned.status() == dechaff::Status::Filtered).then(|| filters.join("; "))
    };
    cleaned.reason().map(str::to_string).or_else(by_filter)
}

/// What made a rule speak, in words, and why the rule is there.
pub(crate) fn reason(why: Option<&str>, evidence: Option<&Evidence>) -> Option<String> {
    let told = match evidence {
        Some(Evidence::Repeats(block)) => Some(format!("repeats block {block}")),
        Some(Evidence::Recurs([on, of])) => Some(format!("on {on} of {of} pages of the site")),
        Some(Evidence::Documents(on)) => Some(format!("on {on} documents of the corpus")),
        Some(Evidence::Probability(share)) => Some(format!("probability {:.3}", f64::from(share.permille()) / 1000.0)),
        Some(Evidence::Place { own, on, .. }) => {
            Some(format!("its element holds {:.0} % own text, the mean of {on} pages of the site", own.percent()))
        }
        Some(Evidence::Revokes(rule)) => Some(format!("revokes {rule}")),
        _ => None,
    };
    match (why, told) {
        (Some(why), Some(told)) => Some(format!("{why} ({told})")),
        (why, told) => why.map(str::to_string).or(told),
    }
}

#[pymethods]
impl Page {
    /// The clean text; empty where nothing is left.
    #[getter]
    fn text(&self) -> &str {
        self.text.get_or_init(|| self.cleaned.text())
    }

    /// The same as Markdown.
    #[getter]
    fn markdown(&self) -> String {
        self.cleaned.markdown()
    }

    /// What became of the page.
    #[getter]
    fn status(&self) -> &'static str {
        name_of(self.cleaned.status())
    }

    /// Why the page was not read, or which filter drops it.
    #[getter]
    fn reason(&self) -> Option<String> {
        reason_of(&self.cleaned)
    }

    /// The filters that speak against the page, each with what it measured.
    #[getter]
    fn filters(&self) -> Vec<String> {
        self.cleaned.filters().iter().map(ToString::to_string).collect()
    }

    /// The language of the clean text, as ISO 639-3.
    #[getter]
    fn language(&self) -> Option<String> {
        self.cleaner.language(self.text()).map(|language| language.code.into_owned())
    }

    /// The URL that was given.
    #[getter]
    fn url(&self) -> Option<&str> {
        self.url.as_deref()
    }

    /// The host of its site.
    #[getter]
    fn site(&self) -> Option<&str> {
        self.cleaned.site()
    }

    /// The charset that it was read as.
    #[getter]
    fn charset(&self) -> Option<&str> {
        self.cleaned.charset().map(|charset| &*charset.name)
    }

    /// What an HTML page says of itself; what it does not say is None.
    #[getter]
    fn metadata<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let known = self.cleaned.metadata().cloned().unwrap_or_default();
        let metadata = PyDict::new(py);
        metadata.set_item("title", known.title)?;
        metadata.set_item("author", known.author)?;
        metadata.set_item("date", known.date)?;
        metadata.set_item("language", known.language)?;
        metadata.set_item("url", known.url)?;
        metadata.set_item("site_name", known.site_name)?;
        Ok(metadata)
    }

    /// The repairs made to the page's text, by name, with their counts.
    #[getter]
    fn repairs<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let repairs = PyDict::new(py);
        for (name, times) in self.cleaned.repairs() {
            repairs.set_item(&**name, times)?;
        }
        Ok(repairs)
    }

    /// What was decided of each block, in the page's order.
    #[getter]
    fn decisions(&self) -> Vec<Decision> {
        let decisions = self.cleaned.decisions().into_iter();
        let decision = |decision: dechaff::Decision<'_>| Decision {
            block: decision.block,
            line: decision.line,
            text: decision.text.to_string(),
            kept: decision.kept,
            rule: decision.rule.map(str::to_string),
            reason: reason(decision.rule.and_then(|rule| self.cleaner.why(rule)), decision.evidence.as_ref()),
        };
        decisions.map(decision).collect()
    }

    fn __str__(&self) -> &str {
        self.text()
    }

    fn __repr__(&self) -> String {
        let url = self.url.as_deref().map_or(String::new(), |url| format!(" url={url:?}"));
        format!("<dechaff.Page {}{url}, {} characters>", self.status(), self.text().chars().count())
    }
}

#[pymethods]
impl Decision {
    fn __repr__(&self) -> String {
        let (fate, rule) = (if self.kept { "kept" } else { "dropped" }, self.rule.as_deref().unwrap_or("no rule"));
        format!("<dechaff.Decision {fate} by {rule}: {:?}>", self.text)
    }
}
