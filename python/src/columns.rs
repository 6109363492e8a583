//! A column of pages, URLs or numbers, whichever of Arrow's forms of strings and bytes it has.

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{Array, ArrayRef, Int64Array, RecordBatch};
use arrow_schema::DataType;
use pyo3::exceptions::{PyKeyError, PyTypeError};
use pyo3::prelude::*;

/// A column of strings or bytes.
pub(crate) struct Column {
    array: ArrayRef,
    /// Whether its values are strings, so that their charset is known.
    is_text: bool,
}

impl Column {
    /// A column by its name.
    ///
    /// # Errors
    /// Where there is none, or it holds something else.
    pub(crate) fn of(batch: &RecordBatch, name: &str) -> PyResult<Column> {
        let array = batch.column_by_name(name).ok_or_else(|| {
            let schema = batch.schema();
            let names: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
            PyKeyError::new_err(format!("there is no column {name}; there are {}", names.join(", ")))
        })?;
        let array = match array.data_type() {
            DataType::Dictionary(_, values) => arrow_cast::cast(array, values).map_err(|error| wrong(name, &error))?,
            _ => array.clone(),
        };
        use DataType::{Binary, BinaryView, LargeBinary, LargeUtf8, Null, Utf8, Utf8View};
        let is_text = match array.data_type() {
            Utf8 | LargeUtf8 | Utf8View => true,
            Binary | LargeBinary | BinaryView | Null => false,
            other => return Err(wrong(name, &format!("it holds {other}, and strings or bytes are wanted"))),
        };
        Ok(Column { array, is_text })
    }

    /// A column of strings.
    ///
    /// # Errors
    /// Where there is none, or it holds something else.
    pub(crate) fn strings(batch: &RecordBatch, name: &str) -> PyResult<Column> {
        let column = Column::of(batch, name)?;
        match column.is_text || column.array.data_type() == &DataType::Null {
            true => Ok(column),
            false => Err(wrong(name, &"it holds bytes, and strings are wanted")),
        }
    }

    /// Whether its values are strings.
    pub(crate) fn is_text(&self) -> bool {
        self.is_text
    }

    /// A value; None where it is null.
    pub(crate) fn bytes(&self, row: usize) -> Option<&[u8]> {
        use DataType::{Binary, BinaryView, LargeBinary, LargeUtf8, Utf8, Utf8View};
        let array = &self.array;
        if array.is_null(row) {
            return None;
        }
        match array.data_type() {
            Utf8 => Some(array.as_string::<i32>().value(row).as_bytes()),
            LargeUtf8 => Some(array.as_string::<i64>().value(row).as_bytes()),
            Utf8View => Some(array.as_string_view().value(row).as_bytes()),
            Binary => Some(array.as_binary::<i32>().value(row)),
            LargeBinary => Some(array.as_binary::<i64>().value(row)),
            BinaryView => Some(array.as_binary_view().value(row)),
            _ => None,
        }
    }

    /// A value of a column of strings; None where it is null.
    pub(crate) fn text(&self, row: usize) -> Option<&str> {
        self.bytes(row).and_then(|bytes| std::str::from_utf8(bytes).ok())
    }

    /// A value as a string.
    pub(crate) fn string(&self, row: usize) -> Option<String> {
        self.bytes(row).map(|bytes| String::from_utf8_lossy(bytes).into_owned())
    }
}

/// A column of whole numbers.
pub(crate) struct Numbers(Int64Array);

impl Numbers {
    /// A column by its name.
    ///
    /// # Errors
    /// Where there is none, or it holds something else.
    pub(crate) fn of(batch: &RecordBatch, name: &str) -> PyResult<Numbers> {
        let array = batch.column_by_name(name).and_then(|array| array.as_primitive_opt::<Int64Type>());
        array.cloned().map(Numbers).ok_or_else(|| wrong(name, &"whole numbers of 64 bits are wanted"))
    }

    /// A value; None where it is null.
    pub(crate) fn value(&self, row: usize) -> Option<i64> {
        self.0.is_valid(row).then(|| self.0.value(row))
    }
}

fn wrong(name: &str, what: &impl std::fmt::Display) -> PyErr {
    PyTypeError::new_err(format!("column {name}: {what}"))
}
