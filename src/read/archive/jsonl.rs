//! JSON lines: one page a line, its text in a field, its other fields passed through as they stand.

use std::borrow::Cow;
use std::fmt;

use encoding_rs::UTF_8;
use serde::de::{DeserializeSeed, Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use crate::manifest::Status;
use crate::parse::decode::join_surrogates;
use crate::parse::site::{Sidecar, ToldMarkup};
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
pub(super) struct JsonLine(pub(super) Vec<u8>);

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
                let line = whole(content(&stream.data()[..end]));
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
                    let line = whole(content(stream.data()));
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

/// What stands before each text of a sequence of JSON texts (RFC 7464, 2.2).
pub(super) const RECORD_SEPARATOR: u8 = 0x1E;

/// A line without white space around it, nor a byte order mark, which files put one behind another have within, nor the
/// separator of a sequence of JSON texts.
fn content(line: &[u8]) -> &[u8] {
    let line = line.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(line).trim_ascii();
    line.strip_prefix(&[RECORD_SEPARATOR]).unwrap_or(line).trim_ascii()
}

/// The line as UTF-8, where pairs of surrogates stand for characters in it.
fn whole(line: &[u8]) -> Vec<u8> {
    match join_surrogates(line) {
        Some(joined) if joined.lone == 0 => joined.bytes,
        _ => line.to_vec(),
    }
}

/// How many lines or values are looked at to see whether a file is JSON with pages in it.
pub(super) const FIRST: usize = 64;

/// How much is looked at behind a page, in bytes: what is unpacked ahead of its record counts for none of them, and a bomb
/// may stand there.
const BEHIND_PAGE: u64 = 64 << 10;

/// What the first lines or values of a file are.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Tally {
    pages: usize,
    /// Objects, those with a page among them.
    objects: usize,
    /// What is no JSON. Values of JSON that are no objects speak for nothing: texts are numbered, too.
    others: usize,
}

impl Tally {
    /// How many more objects than others, with a page among them, are enough to look no further.
    const PLENTY: usize = 3;

    /// Counts a line or a value.
    pub(super) fn add(&mut self, value: &[u8], names: &FieldNames) {
        self.pages += usize::from(open(value, names).is_ok());
        match value.first() {
            Some(b'{') if is_json(value) => self.objects += 1,
            // One that is cut short or damaged.
            Some(b'{') => {}
            _ if is_json(value) => {}
            _ => self.others += 1,
        }
    }

    /// Whether there are pages in what is objects for the most part: a text may begin with one, or quote some.
    pub(super) fn is_of_pages(&self) -> bool {
        self.pages > 0 && self.objects > self.others
    }

    /// Whether the rest would hardly say anything else.
    pub(super) fn is_plain(&self) -> bool {
        self.pages > 0 && self.objects >= self.others + Tally::PLENTY
    }

    /// How far one looks on, in bytes from the start of what is at hand, where one has come to here.
    pub(super) fn limit(&self, limit: u64, here: usize) -> u64 {
        if self.has_page() { limit.min(here as u64 + BEHIND_PAGE) } else { limit }
    }

    /// Whether there is a page at all.
    pub(super) fn has_page(&self) -> bool {
        self.pages > 0
    }
}

/// What the first lines of a file are: as many as a record may be long, and a few behind the first page.
pub(super) fn first_lines(stream: &mut Unpacked, names: &FieldNames, bounds: &Bounds) -> Tally {
    let since = Since::now(stream);
    let (mut tally, mut limit) = (Tally::default(), bounds.record);
    let (mut start, mut seen, mut lines) = (0, 0, 0);
    while lines < FIRST && !tally.is_plain() {
        let end = memchr::memchr(b'\n', &stream.data()[seen..]).map(|at| seen + at);
        seen = end.unwrap_or(stream.data().len());
        // However much of it is at hand.
        if seen as u64 > limit || end.is_none() && since.is_bomb(stream, bounds) {
            return tally;
        }
        if end.is_none() && matches!(stream.more(), Ok(true)) {
            continue;
        }
        let line = content(&stream.data()[start..seen]);
        if !line.is_empty() {
            lines += 1;
            tally.add(&whole(line), names);
        }
        if end.is_none() {
            return tally;
        }
        (start, seen) = (seen + 1, seen + 1);
        limit = tally.limit(limit, start);
    }
    tally
}

/// Whether a line is one value of JSON and nothing else.
pub(super) fn is_json(line: &[u8]) -> bool {
    serde_json::from_slice::<&RawValue>(line).is_ok()
}

/// Opens a line as a page.
pub(super) fn open<'a>(line: &'a [u8], names: &FieldNames) -> Result<RawDocument<'a>, String> {
    let line = simdutf8::basic::from_utf8(line).map_err(|_| "not UTF-8, as JSON has to be")?;
    let read = |has_surrogates| {
        let mut json = serde_json::Deserializer::from_str(line);
        let read = LineSeed { text: &names.text, has_surrogates }.deserialize(&mut json)?;
        json.end().map(|()| read)
    };
    // What is no character is rare, and shows in an error.
    let read = read(false).or_else(|error| if may_have_surrogates(line) { read(true) } else { Err(error) });
    let (fields, text) = read.map_err(|error| in_words(&error))?;
    let (name, text) = match text {
        Some(text) => (names.text.as_str(), text),
        None => other_text(&fields).ok_or_else(|| missing(&names.text))?,
    };
    let url = fields.string(&names.url).or_else(|| fields.url_of_metadata());
    let charset = Some(UTF_8.name().to_string()).filter(|_| simdutf8::basic::from_utf8(&text).is_err());
    let markup = ToldMarkup::of_field(name);
    let url = url.map(Cow::into_owned);
    let sidecar = Sidecar { url, is_utf8: true, charset, markup, ..Sidecar::default() };
    Ok(RawDocument { bytes: text, sidecar, id: fields.string(&names.id), fields, ..RawDocument::default() })
}

fn other_text<'a>(fields: &Fields<'a>) -> Option<(&'static str, Cow<'a, [u8]>)> {
    OTHER_TEXTS.iter().find_map(|&name| text_with_surrogates(fields.value(name)?).ok()?.map(|text| (name, text)))
}

/// Whether a line may hold an escape for half a character: `\ud83d` without its other half, as texts have it that were
/// cut within an emoji.
fn may_have_surrogates(line: &str) -> bool {
    [b"\\ud", b"\\uD"].iter().any(|start| memchr::memmem::find(line.as_bytes(), *start).is_some())
}

/// The bytes of a string, those of surrogates that stand alone among them; nothing for null.
fn text_with_surrogates(value: &RawValue) -> serde_json::Result<Option<Cow<'_, [u8]>>> {
    match serde_json::from_str::<Text>(value.get()) {
        Err(_) if value.get().starts_with('"') => {
            serde_json::from_str::<StringBytes>(value.get()).map(|bytes| Some(Cow::Owned(bytes.0)))
        }
        text => Ok(text?.0.map(into_bytes)),
    }
}

/// The bytes of a string, whatever surrogates stand in it.
struct StringBytes(Vec<u8>);

impl StringBytes {
    /// The string, with U+FFFD for surrogates that stand alone: names and keys are no text that is counted.
    fn into_string(self) -> String {
        let bytes = join_surrogates(&self.0).map_or(self.0, |joined| joined.bytes);
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

impl<'de> Deserialize<'de> for StringBytes {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<StringBytes, D::Error> {
        struct BytesVisitor;
        impl Visitor<'_> for BytesVisitor {
            type Value = StringBytes;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_bytes<E>(self, bytes: &[u8]) -> Result<StringBytes, E> {
                Ok(StringBytes(bytes.to_vec()))
            }
        }
        json.deserialize_bytes(BytesVisitor)
    }
}

fn into_bytes(text: Cow<'_, str>) -> Cow<'_, [u8]> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.as_bytes()),
        Cow::Owned(text) => Cow::Owned(text.into_bytes()),
    }
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
            b'"' => match serde_json::from_str::<Text>(value) {
                Ok(text) => text.0,
                Err(_) => Some(Cow::Owned(serde_json::from_str::<StringBytes>(value).ok()?.into_string())),
            },
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
    /// Whether the text, or the name of a field, may hold what is no character.
    has_surrogates: bool,
}

impl LineSeed<'_> {
    /// The name of the next field.
    fn name<'a, M: MapAccess<'a>>(&self, map: &mut M) -> Result<Option<Cow<'a, str>>, M::Error> {
        match self.has_surrogates {
            true => Ok(map.next_key::<StringBytes>()?.map(|name| Cow::Owned(name.into_string()))),
            false => Ok(map.next_key::<Text>()?.and_then(|name| name.0)),
        }
    }
}

impl<'a> DeserializeSeed<'a> for LineSeed<'_> {
    type Value = (Fields<'a>, Option<Cow<'a, [u8]>>);

    fn deserialize<D: Deserializer<'a>>(self, json: D) -> Result<Self::Value, D::Error> {
        json.deserialize_map(self)
    }
}

impl<'a> Visitor<'a> for LineSeed<'_> {
    type Value = (Fields<'a>, Option<Cow<'a, [u8]>>);

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<M: MapAccess<'a>>(self, mut map: M) -> Result<Self::Value, M::Error> {
        let mut fields = Fields { all: Vec::with_capacity(8) };
        let mut text = None;
        while let Some(name) = self.name(&mut map)? {
            if name != self.text {
                fields.all.push((name, Some(map.next_value()?)));
            } else if text.is_none() {
                text = match self.has_surrogates {
                    true => text_with_surrogates(map.next_value()?).map_err(M::Error::custom)?,
                    false => map.next_value::<Text>()?.0.map(into_bytes),
                };
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

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Option<(Vec<u8>, Option<String>)> {
        let read = open(line.as_bytes(), &FieldNames::default()).ok()?;
        Some((read.bytes.into_owned(), read.sidecar.charset))
    }

    #[test]
    fn half_a_character_is_read_as_what_decoding_counts() {
        let utf8 = Some("UTF-8".to_string());
        assert_eq!(read(r#"{"text":"cut \ud83d","n":1}"#), Some((b"cut \xED\xA0\xBD".to_vec(), utf8.clone())));
        assert_eq!(read(r#"{"html":"\uDC80 é"}"#), Some((b"\xED\xB2\x80 \xC3\xA9".to_vec(), utf8)));
        assert_eq!(read(r#"{"text":"\ud83d\ude00","other":"\ud83d"}"#), Some(("😀".as_bytes().to_vec(), None)));
        assert_eq!(read(r#"{"text":"\ud83d" nonsense}"#), None);
    }

    #[test]
    fn half_a_character_in_a_name_loses_no_record() {
        let line = r#"{"id":"\ud800","text":"The tide.","k\ud800":1,"\ud83d\ude00":"\udc00"}"#;
        let page = open(line.as_bytes(), &FieldNames::default()).unwrap();
        assert_eq!((&*page.bytes, page.id.as_deref()), (&b"The tide."[..], Some("\u{FFFD}")));
        let names: Vec<&str> = page.fields.all.iter().map(|(name, _)| &**name).collect();
        assert_eq!(names, ["id", "text", "k\u{FFFD}", "😀"]);
    }

    #[test]
    fn marks_and_surrogates_within_a_line_are_no_part_of_it() {
        assert_eq!(content(b"\xEF\xBB\xBF {} \r"), b"{}");
        assert_eq!(content(b"\x1E{} \r"), b"{}");
        assert_eq!(whole(b"\xED\xA0\xBD\xED\xB8\x80"), "😀".as_bytes());
        assert_eq!(whole(b"\xED\xA0\xBD"), b"\xED\xA0\xBD");
    }

    #[test]
    fn a_file_is_json_lines_if_most_of_its_first_lines_are() {
        use std::io::Cursor;
        let page = "{\"text\":\"a\"}\n";
        let prose = "The ferry left at nine.\n";
        for (file, is) in [
            (page.to_string(), true),
            (format!("null\n\"header\"\n5\n[1,2]\n{page}"), true),
            (format!("# written by hand\n{page}{page}"), true),
            (format!("\u{1E}{page}\u{1E}{page}"), true),
            (format!("{{\"meta\":1}}\n{page}"), true),
            (format!("{page}{{\"text\":\"cut"), true),
            (format!("{page}{page}{{\"text\":\"cut"), true),
            (format!("{page}{prose}"), false),
            (format!("{page}{}", prose.repeat(30)), false),
            (format!("{}{page}", prose.repeat(30)), false),
            (format!("{{\"title\":\"Ferry\"}}\n{page}{}", prose.repeat(30)), false),
            ("{\"meta\":1}\n{\"meta\":2}\n".to_string(), false),
            (format!("1\n2\n3\n{prose}"), false),
            (String::new(), false),
        ] {
            let mut stream = Unpacked::new(Box::new(Cursor::new(file.clone().into_bytes()))).unwrap();
            let told = first_lines(&mut stream, &FieldNames::default(), &Bounds::default());
            assert_eq!(told.is_of_pages(), is, "{file}");
        }
    }
}
