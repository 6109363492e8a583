//! The table that documents are written to: the columns that they came with, and behind them what is dechaff's to say.
//!
//! A document is bytes: which table it belongs to, its text, and its other columns as a row of `arrow-row`, which says
//! every value exactly and is read back into columns many rows at a time.

use std::sync::{Arc, LazyLock};

use arrow_array::builder::StringViewBuilder;
use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, RecordBatch, StringViewArray};
use arrow_ipc::convert::try_schema_from_ipc_buffer;
use arrow_row::{RowConverter, Rows, SortField};
use arrow_schema::{DataType, Field, FieldRef, Schema, SchemaRef};
use data_encoding::BASE64;
use parquet::arrow::encode_arrow_schema;

use super::typed::in_words;
use super::{Table, TableRow, plain_schema};

/// What the metadata of a shard's schema call the column of clean texts.
const TEXT_KEY: &str = "dechaff:text";

/// The column of clean texts where the page came with none.
const TEXT: &str = "text";

/// A table that documents are written to.
pub struct ShardTable {
    /// The columns, in their order, with their types.
    pub schema: SchemaRef,
    /// The same in their plain types: what is written and read.
    pub plain: SchemaRef,
    /// The schema as Parquet files have it in their metadata. Documents of one kind have one table.
    pub kind: String,
    /// The column of clean texts.
    pub text: usize,
    /// The columns that are of [`OWN`]; the others came with the page.
    is_own: Vec<bool>,
    converter: RowConverter,
}

/// What dechaff says of a document, in the order of its columns. A page that came with a column of such a name keeps it.
#[derive(Debug, Default)]
pub struct Said<'d> {
    /// What the document is called.
    pub id: &'d str,
    /// The clean text.
    pub text: &'d str,
    /// Its URL.
    pub url: Option<&'d str>,
    /// The path of the file that it came from.
    pub source: &'d str,
    /// When it was fetched or made.
    pub created: Option<&'d str>,
    /// Its site.
    pub site: Option<&'d str>,
    /// Its language.
    pub language: Option<&'d str>,
    /// What became of it.
    pub status: &'d str,
    /// The fields of the line that it was, as an object of JSON.
    pub fields: Option<&'d str>,
    /// The measures of its text, as an object of JSON.
    pub measures: Option<&'d str>,
    /// What filters say of it, as JSON.
    pub filters: Option<&'d str>,
}

/// A column of dechaff's own.
struct Own {
    name: &'static str,
    /// Whether it is there in every document.
    is_always: bool,
    /// Where it is left out.
    belongs: Belongs,
    value: for<'d> fn(&Said<'d>) -> Option<&'d str>,
}

/// Which documents have a column.
#[derive(PartialEq)]
enum Belongs {
    All,
    /// Pages that did not come as a row of a table: those say themselves when they were made.
    Others,
    Lines,
    Tagged,
}

/// The columns of dechaff's own.
const OWN: [Own; 11] = [
    Own { name: "id", is_always: true, belongs: Belongs::All, value: |said| Some(said.id) },
    Own { name: TEXT, is_always: true, belongs: Belongs::All, value: |said| Some(said.text) },
    Own { name: "url", is_always: false, belongs: Belongs::All, value: |said| said.url },
    Own { name: "source", is_always: true, belongs: Belongs::All, value: |said| Some(said.source) },
    Own { name: "created", is_always: false, belongs: Belongs::Others, value: |said| said.created },
    Own { name: "site", is_always: false, belongs: Belongs::All, value: |said| said.site },
    Own { name: "language", is_always: false, belongs: Belongs::All, value: |said| said.language },
    Own { name: "status", is_always: true, belongs: Belongs::All, value: |said| Some(said.status) },
    Own { name: "fields", is_always: false, belongs: Belongs::Lines, value: |said| said.fields },
    Own { name: "measures", is_always: false, belongs: Belongs::Tagged, value: |said| said.measures },
    Own { name: "filters", is_always: false, belongs: Belongs::Tagged, value: |said| said.filters },
];

/// The tables of pages that were no row: with the fields of a line or without, and tagged or not.
static OTHERS: LazyLock<[Result<ShardTable, String>; 4]> = LazyLock::new(|| {
    [(false, false), (false, true), (true, false), (true, true)]
        .map(|(has_fields, is_tagged)| ShardTable::of(None, has_fields, is_tagged))
});

impl ShardTable {
    /// The table of pages that came as rows of another table, or in another way.
    pub(super) fn of(table: Option<&Table>, has_fields: bool, is_tagged: bool) -> Result<ShardTable, String> {
        let is_of = |own: &Own| match own.belongs {
            Belongs::All => true,
            Belongs::Others => table.is_none(),
            Belongs::Lines => has_fields,
            Belongs::Tagged => is_tagged,
        };
        let mut fields: Vec<FieldRef> = table.map(|table| table.schema.fields().to_vec()).unwrap_or_default();
        let mut is_own = vec![false; fields.len()];
        let mut text = table.and_then(|table| table.text);
        if let Some(text) = text {
            fields[text] = text_field(&fields[text]);
        }
        let has_text = text.is_some();
        for own in OWN.iter().filter(|own| is_of(own) && !(has_text && own.name == TEXT)) {
            let field = Arc::new(Field::new(own.name, DataType::Utf8, !own.is_always));
            match fields.iter().position(|field| field.name() == own.name) {
                // What a run tells anew takes the place of what an earlier one told.
                Some(column) if own.belongs == Belongs::Tagged => (fields[column], is_own[column]) = (field, true),
                Some(_) => {}
                None => {
                    text = text.or_else(|| (own.name == TEXT).then_some(fields.len()));
                    fields.push(field);
                    is_own.push(true);
                }
            }
        }
        let text = text.ok_or("no column for the clean text")?;
        let name = fields[text].name().clone();
        let schema = Schema::new(fields).with_metadata([(TEXT_KEY.to_string(), name)].into());
        ShardTable::new(schema, text, is_own)
    }

    /// The table of a page that was no row.
    ///
    /// # Errors
    /// Never, as the types of its columns are what they are.
    pub fn of_others(has_fields: bool, is_tagged: bool) -> Result<&'static ShardTable, String> {
        let made = &OTHERS[usize::from(has_fields) * 2 + usize::from(is_tagged)];
        made.as_ref().map_err(Clone::clone)
    }

    /// The table that a document or a shard names.
    ///
    /// # Errors
    /// Where it was not dechaff who named it.
    pub fn of_kind(kind: &str) -> Result<ShardTable, String> {
        let decoded = BASE64.decode(kind.as_bytes()).map_err(|error| error.to_string())?;
        let schema = try_schema_from_ipc_buffer(&decoded).map_err(in_words)?;
        let name = schema.metadata().get(TEXT_KEY).ok_or("its schema is none of dechaff's")?;
        let text = schema.index_of(name).map_err(in_words)?;
        let mut table = ShardTable::new(schema, text, Vec::new())?;
        // What it was encoded from says it, whoever encodes it.
        table.kind = kind.into();
        Ok(table)
    }

    fn new(schema: Schema, text: usize, is_own: Vec<bool>) -> Result<ShardTable, String> {
        let plain = plain_schema(&schema);
        let others = plain.fields().iter().enumerate().filter(|(column, _)| *column != text);
        let sorted = others.map(|(_, field)| SortField::new(field.data_type().clone())).collect();
        let converter = RowConverter::new(sorted).map_err(in_words)?;
        let kind = encode_arrow_schema(&schema);
        Ok(ShardTable { schema: Arc::new(schema), plain, kind, text, is_own, converter })
    }

    /// Makes a document.
    ///
    /// # Errors
    /// Where a column has a type that cannot be written.
    pub fn pack(&self, row: Option<&TableRow>, said: &Said) -> Result<Vec<u8>, String> {
        let mut columns: Vec<ArrayRef> = Vec::with_capacity(self.schema.fields().len());
        for (column, field) in self.schema.fields().iter().enumerate().filter(|(column, _)| *column != self.text) {
            columns.push(match row.filter(|_| !self.is_own[column]) {
                Some(row) => row.value(column),
                None => {
                    let own = OWN.iter().find(|own| own.name == field.name());
                    let value = own.and_then(|own| (own.value)(said));
                    Arc::new(StringViewArray::from(vec![value]))
                }
            });
        }
        let rows = self.converter.convert_columns(&columns).map_err(in_words)?;
        Ok(document(&self.kind, said.text.as_bytes(), rows.row(0).as_ref()))
    }

    /// Makes columns of documents.
    ///
    /// # Errors
    /// Where they are none of this table's.
    pub fn unpack(&self, documents: &[Vec<u8>]) -> Result<RecordBatch, String> {
        let (mut texts, mut rows) = (StringViewBuilder::new(), Vec::with_capacity(documents.len()));
        let parser = self.converter.parser();
        for document in documents {
            let parts = Parts::of(document).ok_or("a document that is cut short")?;
            texts.append_value(std::str::from_utf8(parts.text).map_err(|error| error.to_string())?);
            rows.push(parser.parse(parts.row));
        }
        let mut columns = self.converter.convert_rows(rows).map_err(in_words)?;
        columns.insert(self.text, Arc::new(texts.finish()));
        RecordBatch::try_new(Arc::clone(&self.plain), columns).map_err(in_words)
    }

    /// The documents that columns were made of, once more.
    ///
    /// # Errors
    /// Where the columns are none of this table's.
    pub fn repack(&self, batch: &RecordBatch) -> Result<Repacked, String> {
        let mut columns = batch.columns().to_vec();
        if columns.len() != self.schema.fields().len() {
            return Err("other columns than its schema says".into());
        }
        let texts = columns.remove(self.text);
        let texts = texts.as_string_view_opt().ok_or("a column of texts that are none")?.clone();
        let rows = self.converter.convert_columns(&columns).map_err(in_words)?;
        Ok(Repacked { texts, rows })
    }
}

/// Documents that were columns.
pub struct Repacked {
    texts: StringViewArray,
    rows: Rows,
}

impl Repacked {
    /// How many.
    pub fn len(&self) -> usize {
        self.texts.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }

    /// One of them.
    pub fn document(&self, at: usize, table: &ShardTable) -> Vec<u8> {
        document(&table.kind, self.texts.value(at).as_bytes(), self.rows.row(at).as_ref())
    }
}

/// The parts of a document.
pub struct Parts<'d> {
    /// Which table it belongs to.
    pub kind: &'d [u8],
    /// Its clean text.
    pub text: &'d [u8],
    /// Its other columns.
    pub row: &'d [u8],
}

impl<'d> Parts<'d> {
    /// Takes a document apart; `None` where it is cut short.
    pub fn of(document: &'d [u8]) -> Option<Parts<'d>> {
        let part = |bytes: &'d [u8]| {
            let (length, rest) = bytes.split_first_chunk()?;
            rest.split_at_checked(usize::try_from(u64::from_le_bytes(*length)).ok()?)
        };
        let (kind, rest) = part(document)?;
        let (text, row) = part(rest)?;
        Some(Parts { kind, text, row })
    }
}

fn document(kind: &str, text: &[u8], row: &[u8]) -> Vec<u8> {
    let mut document = Vec::with_capacity(16 + kind.len() + text.len() + row.len());
    for part in [kind.as_bytes(), text] {
        document.extend_from_slice(&(part.len() as u64).to_le_bytes());
        document.extend_from_slice(part);
    }
    document.extend_from_slice(row);
    document
}

/// The column that clean texts take the place of: its type stays, where it is one of texts.
fn text_field(field: &Field) -> FieldRef {
    let is_text = matches!(field.data_type(), DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View);
    let data_type = if is_text { field.data_type().clone() } else { DataType::Utf8 };
    Arc::new(Field::new(field.name(), data_type, field.is_nullable()))
}
