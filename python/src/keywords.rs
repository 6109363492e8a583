//! Keyword arguments of Python as the options of the program.

use std::ffi::OsString;
use std::path::PathBuf;

use dechaff::cli::embed::{Keyword, Values};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyString};

/// Keywords, those that are None left out.
pub(crate) fn of(settings: Option<&Bound<'_, PyDict>>) -> PyResult<Vec<Keyword>> {
    let mut keywords = Vec::new();
    for (name, value) in settings.into_iter().flatten() {
        if !value.is_none() {
            let name: String = name.extract()?;
            let values = values(&name, &value)?;
            keywords.push(Keyword { name, values });
        }
    }
    Ok(keywords)
}

fn values(name: &str, value: &Bound<'_, PyAny>) -> PyResult<Values> {
    if let Ok(flag) = value.cast::<PyBool>() {
        return Ok(Values::Flag(flag.is_true()));
    }
    if let Some(one) = scalar(value)? {
        return Ok(Values::One(one));
    }
    if let Ok(pairs) = value.cast::<PyDict>() {
        // As a table of dechaff.toml: `charset={"old/**": "windows-1250"}`.
        let pair = |(key, value): (Bound<'_, PyAny>, Bound<'_, PyAny>)| {
            let mut pair: OsString = key.extract::<String>()?.into();
            pair.push("=");
            pair.push(required(name, &value)?);
            Ok(pair)
        };
        return Ok(Values::Many(pairs.iter().map(pair).collect::<PyResult<_>>()?));
    }
    let items = value.try_iter().map_err(|_| wrong(name, value))?;
    Ok(Values::Many(items.map(|item| required(name, &item?)).collect::<PyResult<_>>()?))
}

fn required(name: &str, value: &Bound<'_, PyAny>) -> PyResult<OsString> {
    scalar(value)?.ok_or_else(|| wrong(name, value))
}

/// A string, a number or a path, as it would be typed.
fn scalar(value: &Bound<'_, PyAny>) -> PyResult<Option<OsString>> {
    if let Ok(text) = value.cast::<PyString>() {
        return Ok(Some(text.extract()?));
    }
    if value.is_instance_of::<PyInt>() || value.is_instance_of::<PyFloat>() {
        return Ok(Some(value.str()?.extract()?));
    }
    match value.hasattr("__fspath__")? {
        true => Ok(Some(value.extract::<PathBuf>()?.into_os_string())),
        false => Ok(None),
    }
}

fn wrong(name: &str, value: &Bound<'_, PyAny>) -> PyErr {
    let what = value.get_type().name().map_or_else(|_| "something else".into(), |name| name.to_string());
    PyTypeError::new_err(format!("{name} is a string, a number, a path, a bool or a list of them, not {what}"))
}
