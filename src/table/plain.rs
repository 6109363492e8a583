//! The types that columns are worked on in.
//!
//! Texts and bytes are views into the page that they were read from, so that a long value that many rows share takes
//! its memory once, and a dictionary is what it stands for. In a Parquet file both are the same as what they replace.

use std::sync::Arc;

use arrow_schema::{DataType, Field, FieldRef, Fields, Schema, SchemaRef};

/// The plain type of values of a type.
pub fn plain(data_type: &DataType) -> DataType {
    match data_type {
        DataType::Utf8 | DataType::LargeUtf8 => DataType::Utf8View,
        DataType::Binary | DataType::LargeBinary => DataType::BinaryView,
        DataType::Dictionary(_, value) => plain(value),
        DataType::RunEndEncoded(_, value) => plain(value.data_type()),
        DataType::List(field) => DataType::List(plain_field(field)),
        DataType::LargeList(field) => DataType::LargeList(plain_field(field)),
        DataType::FixedSizeList(field, size) => DataType::FixedSizeList(plain_field(field), *size),
        DataType::Map(field, is_sorted) => DataType::Map(plain_field(field), *is_sorted),
        DataType::Struct(fields) => DataType::Struct(plain_fields(fields)),
        other => other.clone(),
    }
}

/// A schema with the plain types of its columns.
pub fn plain_schema(schema: &Schema) -> SchemaRef {
    Arc::new(Schema::new(plain_fields(schema.fields())))
}

fn plain_fields(fields: &Fields) -> Fields {
    fields.iter().map(plain_field).collect()
}

fn plain_field(field: &FieldRef) -> FieldRef {
    let plain = Field::new(field.name(), plain(field.data_type()), field.is_nullable());
    Arc::new(plain.with_metadata(field.metadata().clone()))
}
