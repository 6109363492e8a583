//! The module `dechaff._dechaff`: what the Python package is made of. All judging is the library's; here are the ways in
//! and out.

mod batch;
mod cleaner;
mod columns;
mod errors;
mod folder;
mod keywords;
mod near;
mod page;
mod templates;
mod threads;

use std::ffi::OsString;

use pyo3::prelude::*;

/// Runs the program with these words, the first of which is its own name; its exit code.
#[pyfunction]
fn run_program(py: Python<'_>, words: Vec<OsString>) -> u8 {
    py.detach(|| dechaff::cli::run_typed(words) as u8)
}

#[pymodule]
fn _dechaff(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    module.add_class::<cleaner::Cleaner>()?;
    module.add_class::<page::Page>()?;
    module.add_class::<page::Decision>()?;
    module.add_class::<folder::Summary>()?;
    module.add_class::<near::NearCopies>()?;
    module.add_class::<near::Clusters>()?;
    module.add_function(wrap_pyfunction!(folder::clean_folder, module)?)?;
    module.add_function(wrap_pyfunction!(templates::merge_template_counts, module)?)?;
    module.add_function(wrap_pyfunction!(templates::build_templates, module)?)?;
    module.add_function(wrap_pyfunction!(run_program, module)?)?;
    Ok(())
}
