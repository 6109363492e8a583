//! JSON lines: one page a line, its text in a field, its other fields passed through as they stand.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use crate::manifest::Status;
use crate::parse::site::Sidecar;
use crate::read::ReadOptions;
use crate::read::archive::stream::Unpacked;
use crate::read::archive::{Bounds, RawDocument, Reader, Record, RecordBody, RecordPage, Since, told};

/// The names of the fields that are read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldNames {
    /// The page's text.
    pub text: String,
    /// What the page is called.
    pub id: String,
    /// Its URL.
    pub url: String,
}

/// Where a page is looked for in a line without the text's own field: NeMo Curator and RedPajama call it so.
pub const OTHER_TEXTS: [&str; 2] = ["html", "raw_content"];

impl Default for FieldNames {
    fn default() -> FieldNames {
        FieldNames { text: "text".into(), id: "id".into(), url: "url".into() }
    }
}

/// The fields of a line, in their order, as they stand.
#[derive(Debug, Default)]
pub struct Fields<'a> {
    /// Names and values; no value where the page's text stood.
    pub all: Vec<(Cow<'a, str>, Option<&'a RawValue>)>,
}

/// Divides a file into lines.
#[derive(Debug, Default)]
pub(super) struct Lines {
    line: u64,
    ended: bool,
}

/// A line of JSON.
#[derive(Debug)]
struct JsonLine(Vec<u8>);

impl RecordPage for JsonLine {
    fn bytes(&self) -> u64 {
        self.0.len() as u64
    }

    fn open(&self, options: &ReadOptions) -> Result<RawDocument<'_>, (Status, String)> {
        open(&self.0, &options.fields).map_err(|why| (Status::Failed, why))
    }
}

impl Reader for Lines {
    fn next(&mut self, stream: &mut Unpacked, bounds: &Bounds) -> Option<Record> {
        let since = Since::now(stream);
        let mut seen = 0;
        while !self.ended {
            if let Some(end) = memchr::memchr(b'\n', &stream.data()[seen..]).map(|at| seen + at) {
                self.line += 1;
                let line = content(&stream.data()[..end], self.line == 1).to_vec();
                stream.consume(end + 1);
                seen = 0;
                if line.is_empty() {
                    continue;
                }
                return Some(self.record(match line.len() as u64 > bounds.record {
                    true => RecordBody::Failed(bounds.too_long()),
                    false => RecordBody::Page(Box::new(JsonLine(line))),
                }));
            }
            seen = stream.data().len();
            let is_bomb = since.is_bomb(stream, bounds);
            if is_bomb || seen as u64 > bounds.record {
                self.line += 1;
                let why = if is_bomb { bounds.bomb() } else { bounds.too_long() };
                self.pass_line(stream, bounds, since, is_bomb);
                return Some(self.record(RecordBody::Failed(why)));
            }
            match stream.more() {
                Ok(true) => {}
                Ok(false) => {
                    self.ended = true;
                    self.line += 1;
                    let line = content(stream.data(), self.line == 1).to_vec();
                    return (!line.is_empty()).then(|| self.record(RecordBody::Page(Box::new(JsonLine(line)))));
                }
                Err(damage) => {
                    self.line += 1;
                    let why = told(stream, &damage);
                    self.ended = !stream.pass_damage();
                    return Some(self.record(RecordBody::Failed(why)));
                }
            }
        }
        None
    }
}

impl Lines {
    fn record(&self, matter: RecordBody) -> Record {
        Record { number: self.line, matter }
    }

    /// Passes over the rest of a line that is not read.
    fn pass_line(&mut self, stream: &mut Unpacked, bounds: &Bounds, since: Since, mut is_bomb: bool) {
        loop {
            if is_bomb {
                self.ended = !stream.leave_member();
                return;
            }
            if let Some(end) = memchr::memchr(b'\n', stream.data()) {
                return stream.consume(end + 1);
            }
            stream.consume(stream.data().len());
            match stream.more() {
                Ok(true) => {}
                Ok(false) => return self.ended = true,
                Err(_) => return self.ended = !stream.pass_damage(),
            }
            is_bomb = since.is_bomb(stream, bounds);
        }
    }
}

fn content(line: &[u8], is_first: bool) -> &[u8] {
    let line = if is_first { line.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(line) } else { line };
    line.trim_ascii()
}

/// Whether a file that is not named so is JSON lines: its first line is an object with a page in it.
pub(super) fn looks_like_it(stream: &mut Unpacked, names: &FieldNames, bounds: &Bounds) -> bool {
    let since = Since::now(stream);
    let mut seen = 0;
    loop {
        let first = content(stream.data(), true).first();
        if first.is_some_and(|first| *first != b'{') {
            return false;
        }
        let end = memchr::memchr(b'\n', &stream.data()[seen..]).map(|at| seen + at);
        seen = stream.data().len();
        let is_blank = |end: usize| content(&stream.data()[..end], true).is_empty();
        let more = match end {
            Some(end) if !is_blank(end) => return is_page(&stream.data()[..end], names),
            _ if seen as u64 > bounds.record || since.is_bomb(stream, bounds) => return false,
            _ => stream.more(),
        };
        if !matches!(more, Ok(true)) {
            return is_page(stream.data(), names);
        }
    }
}

fn is_page(line: &[u8], names: &FieldNames) -> bool {
    open(content(line, true), names).is_ok()
}

/// Opens a line as a page.
fn open<'a>(line: &'a [u8], names: &FieldNames) -> Result<RawDocument<'a>, String> {
    let line = simdutf8::basic::from_utf8(line).map_err(|_| "not UTF-8, as JSON has to be")?;
    let mut json = serde_json::Deserializer::from_str(line);
    let read = LineSeed { text: &names.text }.deserialize(&mut json);
    let (fields, text) = read.and_then(|read| json.end().map(|()| read)).map_err(|error| in_words(&error))?;
    let text = match text {
        Some(text) => text,
        None => other_text(&fields).ok_or_else(|| missing(&names.text))?,
    };
    let url = fields.string(&names.url).or_else(|| fields.url_of_metadata());
    let sidecar = Sidecar { url: url.map(Cow::into_owned), is_utf8: true, ..Sidecar::default() };
    let bytes = match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.as_bytes()),
        Cow::Owned(text) => Cow::Owned(text.into_bytes()),
    };
    Ok(RawDocument { bytes, sidecar, id: fields.string(&names.id), fields, ..RawDocument::default() })
}

fn other_text<'a>(fields: &Fields<'a>) -> Option<Cow<'a, str>> {
    OTHER_TEXTS.iter().find_map(|name| {
        let value = fields.value(name)?;
        serde_json::from_str::<Text>(value.get()).ok()?.0
    })
}

fn missing(text: &str) -> String {
    let others = OTHER_TEXTS.map(|name| format!("`{name}`")).join(" or ");
    format!("no field `{text}` with a page in it, nor {others}; --text-field names another")
}

fn in_words(error: &serde_json::Error) -> String {
    let why = error.to_string();
    let why = why.rsplit_once(" at line ").map_or(why.as_str(), |(why, _)| why);
    format!("not read as JSON: {why}, at byte {}", error.column())
}

impl<'a> Fields<'a> {
    /// The value of a field, as it stands.
    pub fn value(&self, name: &str) -> Option<&'a RawValue> {
        self.all.iter().find(|(known, _)| known == name).and_then(|(_, value)| *value)
    }

    /// A string, or a number as it is written.
    pub fn string(&self, name: &str) -> Option<Cow<'a, str>> {
        let value = self.value(name)?.get();
        match value.as_bytes().first()? {
            b'"' => serde_json::from_str::<Text>(value).ok()?.0,
            b'-' | b'0'..=b'9' => Some(Cow::Borrowed(value)),
            _ => None,
        }
    }

    /// The URL that dolma and datatrove keep among their metadata.
    fn url_of_metadata(&self) -> Option<Cow<'a, str>> {
        #[derive(Deserialize)]
        struct Metadata<'a> {
            #[serde(borrow, default)]
            url: Option<Cow<'a, str>>,
        }
        serde_json::from_str::<Metadata>(self.value("metadata")?.get()).ok()?.url
    }
}

struct LineSeed<'n> {
    text: &'n str,
}

impl<'a> DeserializeSeed<'a> for LineSeed<'_> {
    type Value = (Fields<'a>, Option<Cow<'a, str>>);

    fn deserialize<D: Deserializer<'a>>(self, json: D) -> Result<Self::Value, D::Error> {
        json.deserialize_map(self)
    }
}

impl<'a> Visitor<'a> for LineSeed<'_> {
    type Value = (Fields<'a>, Option<Cow<'a, str>>);

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<M: MapAccess<'a>>(self, mut map: M) -> Result<Self::Value, M::Error> {
        let mut fields = Fields { all: Vec::with_capacity(8) };
        let mut text = None;
        while let Some(Text(Some(name))) = map.next_key()? {
            if name != self.text {
                fields.all.push((name, Some(map.next_value()?)));
            } else if text.is_none() {
                text = map.next_value::<Text>()?.0;
                fields.all.push((name, None));
            } else {
                return Err(M::Error::custom(format!("the field `{name}` twice")));
            }
        }
        Ok((fields, text))
    }
}

/// A string, borrowed where it holds no escapes, or null.
struct Text<'a>(Option<Cow<'a, str>>);

impl<'a> Deserialize<'a> for Text<'a> {
    fn deserialize<D: Deserializer<'a>>(json: D) -> Result<Text<'a>, D::Error> {
        struct TextVisitor;
        impl<'a> Visitor<'a> for TextVisitor {
            type Value = Text<'a>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string in the text's field")
            }

            fn visit_borrowed_str<E>(self, text: &'a str) -> Result<Text<'a>, E> {
                Ok(Text(Some(Cow::Borrowed(text))))
            }

            fn visit_str<E>(self, text: &str) -> Result<Text<'a>, E> {
                Ok(Text(Some(Cow::Owned(text.into()))))
            }

            fn visit_unit<E>(self) -> Result<Text<'a>, E> {
                Ok(Text(None))
            }
        }
        json.deserialize_any(TextVisitor)
    }
}
