//! Errors of the library as exceptions of Python, which `dechaff/errors.py` defines.

use std::path::PathBuf;

use dechaff::cli::Misuse;
use pyo3::prelude::*;

/// An error as an exception, with the path at fault where there is one.
pub(crate) fn raised(py: Python<'_>, error: &anyhow::Error) -> PyErr {
    let (class, path) = match error.downcast_ref::<dechaff::Error>() {
        Some(dechaff::Error::Rules(_)) => ("RulesError", None),
        Some(dechaff::Error::Setting { .. } | dechaff::Error::SiteMap(_)) => ("SettingError", None),
        Some(error) => ("FolderError", path_of(error)),
        None if error.is::<Misuse>() => ("SettingError", None),
        None => ("Error", None),
    };
    exception(py, class, &format!("{error:#}"), path)
}

/// An exception of this class. Where the package is broken, what is wrong with it is raised.
fn exception(py: Python<'_>, class: &str, reason: &str, path: Option<PathBuf>) -> PyErr {
    let made = py
        .import("dechaff.errors")
        .and_then(|errors| errors.getattr(class))
        .and_then(|class| class.call1((reason, path.map(|path| path.to_string_lossy().into_owned()))));
    made.map_or_else(|error| error, PyErr::from_value)
}

fn path_of(error: &dechaff::Error) -> Option<PathBuf> {
    use dechaff::Error::{Locked, Manifest, Read, TooLong, Write};
    match error {
        Read { path, .. } | Write { path, .. } | TooLong { path, .. } | Locked { path } | Manifest { path, .. } => {
            Some(path.clone())
        }
        _ => None,
    }
}
