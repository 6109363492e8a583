//! CSV and TSV: a row a page, its text in a named column, its other columns passed through as strings.
//!
//! Rows are divided by `csv-core`, which reads them as spreadsheets write them: quotes, doubled quotes and line ends
//! within quotes. The first row names the columns.

use std::borrow::Cow;
use std::sync::{Arc, OnceLock};

use csv_core::{ReadRecordResult, Reader as CsvCore, ReaderBuilder};
use serde_json::value::RawValue;

use crate::manifest::Status;
use crate::parse::site::{Sidecar, ToldMarkup};
use crate::read::ReadOptions;
use crate::read::archive::jsonl::{Fields, OTHER_TEXTS};
use crate::read::archive::stream::Unpacked;
use crate::read::archive::{Bounds, RawDocument, Reader, Record, RecordBody, RecordPage, Since, told};

/// Separators that a header may have, the likeliest first where several stand in it equally often.
const SEPARATORS: [u8; 3] = [b',', b';', b'\t'];

/// How much of a file is looked at for its separator, in bytes.
const HEADER_BYTES: usize = 4096;

/// Divides a file into rows.
pub(super) struct Rows {
    core: CsvCore,
    header: Option<Arc<Vec<String>>>,
    row: u64,
    ended: bool,
}

/// A row, as fields one behind the other.
#[derive(Debug)]
struct Row {
    header: Arc<Vec<String>>,
    bytes: Vec<u8>,
    ends: Vec<usize>,
    /// The fields but for the page's as JSON strings, made when the row is opened.
    values: OnceLock<Vec<Option<Box<RawValue>>>>,
}

/// What reading a row came to.
enum Read {
    Row(Vec<u8>, Vec<usize>),
    Failed(String),
    End,
}

impl Rows {
    /// Rows of a file, whose separator its first line tells.
    pub(super) fn of(stream: &mut Unpacked) -> Box<dyn Reader> {
        // Damage is met again, and told, by whoever reads on.
        let _ = stream.at_least(HEADER_BYTES);
        let start = &stream.data()[..stream.data().len().min(HEADER_BYTES)];
        let line = start.split(|&byte| byte == b'\n' || byte == b'\r').next().unwrap_or_default();
        let times = |separator: u8| line.iter().filter(|&&byte| byte == separator).count();
        let mut separator = SEPARATORS[0];
        for other in SEPARATORS {
            if times(other) > times(separator) {
                separator = other;
            }
        }
        if stream.data().starts_with(b"\xEF\xBB\xBF") {
            stream.consume(3);
        }
        let core = ReaderBuilder::new().delimiter(separator).build();
        Box::new(Rows { core, header: None, row: 0, ended: false })
    }

    /// Reads the next row, whatever it is for.
    fn read(&mut self, stream: &mut Unpacked, bounds: &Bounds) -> Read {
        let since = Since::now(stream);
        let (mut bytes, mut ends) = (vec![0; 1024], vec![0; 16]);
        let (mut written, mut fields, mut length) = (0, 0, 0_u64);
        loop {
            if stream.data().is_empty() && !self.ended {
                match stream.more() {
                    Ok(true) => {}
                    Ok(false) => self.ended = true,
                    Err(damage) => {
                        let why = told(stream, &damage);
                        self.ended = !stream.pass_damage();
                        self.core.reset();
                        return Read::Failed(why);
                    }
                }
            }
            let input = if self.ended { &[] } else { stream.data() };
            let (result, used, wrote, ended) = self.core.read_record(input, &mut bytes[written..], &mut ends[fields..]);
            stream.consume(used);
            (written, fields, length) = (written + wrote, fields + ended, length + wrote as u64);
            if since.is_bomb(stream, bounds) {
                self.ended = !stream.leave_member();
                self.core.reset();
                return Read::Failed(bounds.bomb());
            }
            match result {
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull if length > bounds.record => written = 0,
                ReadRecordResult::OutputFull => bytes.resize(bytes.len() * 2, 0),
                ReadRecordResult::OutputEndsFull => ends.resize(ends.len() * 2, 0),
                ReadRecordResult::Record if length > bounds.record => return Read::Failed(bounds.too_long()),
                ReadRecordResult::Record => {
                    // Rows wait for their turn, and those that a survey looks at for its end.
                    bytes.truncate(written);
                    bytes.shrink_to_fit();
                    ends.truncate(fields);
                    ends.shrink_to_fit();
                    return Read::Row(bytes, ends);
                }
                ReadRecordResult::End => return Read::End,
            }
        }
    }
}

impl Reader for Rows {
    fn next(&mut self, stream: &mut Unpacked, bounds: &Bounds) -> Option<Record> {
        if self.header.is_none() {
            match self.read(stream, bounds) {
                Read::Row(bytes, ends) => {
                    let names = Row::new(Arc::default(), bytes, ends);
                    let name = |at: usize| Some(String::from_utf8_lossy(names.field(at)?).trim().to_string());
                    self.header = Some(Arc::new((0..).map_while(name).collect()));
                }
                Read::Failed(why) => {
                    self.row += 1;
                    return Some(Record { number: self.row, matter: RecordBody::Failed(why) });
                }
                Read::End => return None,
            }
        }
        let header = Arc::clone(self.header.as_ref()?);
        let matter = match self.read(stream, bounds) {
            Read::Row(bytes, ends) => RecordBody::Page(Box::new(Row::new(header, bytes, ends))),
            Read::Failed(why) => RecordBody::Failed(why),
            Read::End => return None,
        };
        self.row += 1;
        Some(Record { number: self.row, matter })
    }
}

impl Row {
    fn new(header: Arc<Vec<String>>, bytes: Vec<u8>, ends: Vec<usize>) -> Row {
        Row { header, bytes, ends, values: OnceLock::new() }
    }

    fn field(&self, at: usize) -> Option<&[u8]> {
        let end = *self.ends.get(at)?;
        let start = if at == 0 { 0 } else { self.ends[at - 1] };
        self.bytes.get(start..end)
    }

    /// A field as a JSON string. There is nothing in a string that JSON cannot say.
    fn value(&self, at: usize) -> Option<Box<RawValue>> {
        serde_json::value::to_raw_value(&String::from_utf8_lossy(self.field(at)?)).ok()
    }

    fn named(&self, name: &str) -> Option<Cow<'_, str>> {
        let at = self.header.iter().position(|column| column == name)?;
        self.field(at).filter(|field| !field.is_empty()).map(String::from_utf8_lossy)
    }

    /// The column that holds the page.
    fn text_column(&self, text: &str) -> Result<usize, String> {
        let column = |name: &str| self.header.iter().position(|column| column == name);
        std::iter::once(text).chain(OTHER_TEXTS).find_map(column).ok_or_else(|| {
            let columns = self.header.join("`, `");
            format!("no column `{text}` with a page in it; there are `{columns}`, and --text-field names one of them")
        })
    }
}

impl RecordPage for Row {
    fn bytes(&self) -> u64 {
        self.bytes.len() as u64
    }

    fn open(&self, options: &ReadOptions) -> Result<RawDocument<'_>, (Status, String)> {
        let failed = |why: String| (Status::Failed, why);
        let names = &options.fields;
        let column = self.text_column(&names.text).map_err(failed)?;
        let text = self.field(column).ok_or_else(|| {
            let (there, columns) = (self.ends.len(), self.header.len());
            failed(format!("the row has {there} of {columns} columns, and none for `{}`", self.header[column]))
        })?;
        let values = || (0..self.ends.len()).map(|at| if at == column { None } else { self.value(at) }).collect();
        let values = self.values.get_or_init(values);
        let passed =
            self.header.iter().zip(values).map(|(name, value)| (Cow::Borrowed(name.as_str()), value.as_deref()));
        let fields = Fields { all: passed.collect() };
        let is_utf8 = simdutf8::basic::from_utf8(text).is_ok();
        let url = self.named(&names.url).map(Cow::into_owned);
        let markup = ToldMarkup::of_field(&self.header[column]);
        let sidecar = Sidecar { url, is_utf8, markup, ..Sidecar::default() };
        let id = self.named(&names.id).map(|id| Cow::Owned(id.into_owned()));
        Ok(RawDocument { bytes: Cow::Borrowed(text), sidecar, id, fields, ..RawDocument::default() })
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    fn pages(text: &'static str) -> Vec<Result<(Option<String>, String), String>> {
        let mut stream = Unpacked::new(Box::new(Cursor::new(text.as_bytes()))).unwrap();
        let mut rows = Rows::of(&mut stream);
        let mut pages = Vec::new();
        while let Some(record) = rows.next(&mut stream, &Bounds::default()) {
            pages.push(match record.matter {
                RecordBody::Page(page) => page
                    .open(&ReadOptions::default())
                    .map_err(|(_, why)| why)
                    .map(|page| (page.id.map(Cow::into_owned), String::from_utf8_lossy(&page.bytes).into_owned())),
                RecordBody::Skipped(why) | RecordBody::Failed(why) => Err(why),
            });
        }
        pages
    }

    #[test]
    fn rows_are_divided_as_spreadsheets_write_them() {
        for (file, expected) in [
            (
                "id,text\n1,one\n2,\"two, \"\"quoted\"\"\nand a line\"\n",
                vec![("1", "one"), ("2", "two, \"quoted\"\nand a line")],
            ),
            ("id;text\r\n1;ein Satz, mit Komma\r\n", vec![("1", "ein Satz, mit Komma")]),
            ("\u{FEFF}id\ttext\n1\tno line end", vec![("1", "no line end")]),
            ("text,id\n", vec![]),
        ] {
            let expected: Vec<_> =
                expected.into_iter().map(|(id, text)| Ok((Some(id.to_string()), text.to_string()))).collect();
            assert_eq!(pages(file), expected, "{file}");
        }
    }

    #[test]
    fn a_row_without_the_column_says_which_columns_there_are() {
        let why = pages("name,body\na,b\n").remove(0).unwrap_err();
        assert!(why.contains("`name`, `body`") && why.contains("--text-field"), "{why}");
        let why = pages("id,text\n1,a\n2\n").remove(1).unwrap_err();
        assert!(why.contains("1 of 2 columns"), "{why}");
    }

    #[test]
    fn a_row_that_is_too_long_is_passed_over_and_the_next_one_read() {
        let file = format!("id,text\n1,{}\n2,short\n", "long ".repeat(2000));
        let mut stream = Unpacked::new(Box::new(Cursor::new(file.into_bytes()))).unwrap();
        let mut rows = Rows::of(&mut stream);
        let bounds = Bounds { record: 1000, ..Bounds::default() };
        assert!(matches!(rows.next(&mut stream, &bounds).unwrap().matter, RecordBody::Failed(_)));
        assert!(matches!(rows.next(&mut stream, &bounds).unwrap().matter, RecordBody::Page(_)));
        assert!(rows.next(&mut stream, &bounds).is_none());
    }
}
