//! JSON that is not divided into lines: an array whose elements are pages, or objects that are written over several
//! lines. Each is read as a line of JSON lines is.

use crate::read::archive::jsonl::{FIRST, FieldNames, JsonLine, RECORD_SEPARATOR, Tally};
use crate::read::archive::stream::Unpacked;
use crate::read::archive::{Bounds, Reader, Record, RecordBody, Since, told};

/// Divides a file into values: the elements of arrays, and what stands outside of them.
#[derive(Debug, Default)]
pub(super) struct Values {
    number: u64,
    ended: bool,
}

/// How far into a value one has come.
#[derive(Debug, Default)]
struct Scan {
    depth: u64,
    is_string: bool,
    is_escaped: bool,
    /// Whether it is a number or a word, which end where something else begins.
    is_bare: bool,
}

impl Scan {
    /// Reads on. Where the value ends in these bytes.
    fn end(&mut self, bytes: &[u8]) -> Option<usize> {
        for (at, &byte) in bytes.iter().enumerate() {
            match byte {
                _ if self.is_escaped => self.is_escaped = false,
                b'\\' if self.is_string => self.is_escaped = true,
                b'"' if self.is_string => {
                    self.is_string = false;
                    if self.depth == 0 {
                        return Some(at + 1);
                    }
                }
                _ if self.is_string => {}
                _ if self.is_bare && (is_between(byte) || matches!(byte, b'{' | b'"')) => return Some(at),
                b'"' => self.is_string = true,
                b'{' | b'[' => self.depth += 1,
                b'}' | b']' if self.depth <= 1 => return Some(at + 1),
                b'}' | b']' => self.depth -= 1,
                _ if self.depth == 0 => self.is_bare = true,
                _ => {}
            }
        }
        None
    }
}

/// Whether a byte stands between values. The brackets of an array are between its elements.
fn is_between(byte: u8) -> bool {
    byte.is_ascii_whitespace() || matches!(byte, b',' | b'[' | b']' | RECORD_SEPARATOR)
}

/// How many bytes stand before the next value, a mark of order among them.
fn between(bytes: &[u8]) -> usize {
    let marked = if bytes.starts_with(b"\xEF\xBB\xBF") { 3 } else { 0 };
    marked + bytes[marked..].iter().take_while(|&&byte| is_between(byte)).count()
}

impl Reader for Values {
    fn next(&mut self, stream: &mut Unpacked, bounds: &Bounds) -> Option<Record> {
        let since = Since::now(stream);
        while !self.ended {
            stream.consume(between(stream.data()));
            if !stream.data().is_empty() {
                break;
            }
            match stream.more() {
                Ok(more) => self.ended = !more,
                Err(damage) => return Some(self.damaged(told(stream, &damage))),
            }
        }
        let (mut scan, mut value, mut length) = (Scan::default(), Vec::new(), 0);
        while !self.ended {
            let end = scan.end(stream.data());
            let here = end.unwrap_or(stream.data().len());
            length += here as u64;
            if length <= bounds.record {
                value.extend_from_slice(&stream.data()[..here]);
            }
            stream.consume(here);
            if since.is_bomb(stream, bounds) {
                // What follows would begin within a value.
                self.ended = true;
                return Some(self.record(RecordBody::Failed(bounds.bomb())));
            }
            match end.map_or_else(|| stream.more(), |_| Ok(false)) {
                Ok(true) => {}
                Ok(false) => {
                    self.ended = end.is_none();
                    return Some(self.record(match length > bounds.record {
                        true => RecordBody::Failed(bounds.too_long()),
                        false => RecordBody::Page(Box::new(JsonLine(value))),
                    }));
                }
                Err(damage) => return Some(self.damaged(told(stream, &damage))),
            }
        }
        None
    }
}

impl Values {
    fn record(&mut self, matter: RecordBody) -> Record {
        self.number += 1;
        Record { number: self.number, matter }
    }

    /// The record of damage, behind which nobody knows where a value begins.
    fn damaged(&mut self, why: String) -> Record {
        self.ended = true;
        self.record(RecordBody::Failed(why))
    }
}

/// What the first values of a file are: as many as a record may be long, and a few behind the first page.
pub(super) fn first_values(stream: &mut Unpacked, names: &FieldNames, bounds: &Bounds) -> Tally {
    let since = Since::now(stream);
    let (mut tally, mut start, mut limit) = (Tally::default(), 0, bounds.record);
    for _ in 0..FIRST {
        if tally.is_plain() {
            break;
        }
        let may_read = |stream: &Unpacked| stream.data().len() as u64 <= limit && !since.is_bomb(stream, bounds);
        // However much of it is at hand.
        let value = next_value(stream, start, may_read).filter(|&(_, end)| end as u64 <= limit);
        let Some((from, end)) = value else { break };
        tally.add(&stream.data()[from..end], names);
        start = end;
        limit = tally.limit(limit, end);
    }
    tally
}

/// Where in the bytes at hand the next value stands. What is cut off is none.
fn next_value(stream: &mut Unpacked, start: usize, may_read: impl Fn(&Unpacked) -> bool) -> Option<(usize, usize)> {
    let mut start = start;
    loop {
        start += between(&stream.data()[start..]);
        if start < stream.data().len() {
            break;
        }
        if !may_read(stream) || !matches!(stream.more(), Ok(true)) {
            return None;
        }
    }
    let (mut scan, mut seen) = (Scan::default(), start);
    loop {
        match scan.end(&stream.data()[seen..]) {
            Some(end) => return Some((start, seen + end)),
            None => seen = stream.data().len(),
        }
        if !may_read(stream) {
            return None;
        }
        if !matches!(stream.more(), Ok(true)) {
            // A number or a word may be the last one.
            return scan.is_bare.then_some((start, seen));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;
    use crate::read::ReadOptions;

    fn texts(file: &str) -> Vec<Result<String, String>> {
        let mut stream = Unpacked::new(Box::new(Cursor::new(file.as_bytes().to_vec()))).unwrap();
        let mut values = Values::default();
        std::iter::from_fn(|| values.next(&mut stream, &Bounds { record: 99, ..Bounds::default() }))
            .map(|record| match record.matter {
                RecordBody::Page(page) => match page.open(&ReadOptions::default()) {
                    Ok(page) => Ok(String::from_utf8(page.bytes.into_owned()).unwrap()),
                    Err((_, why)) => Err(why),
                },
                RecordBody::Skipped(why) | RecordBody::Failed(why) => Err(why),
            })
            .collect()
    }

    #[test]
    fn elements_and_objects_over_lines_are_pages() {
        for (file, expected) in [
            ("[{\"text\": \"a [1], {2}\"},\n {\"text\":\"b \\\" ]\"}]", vec!["a [1], {2}", "b \" ]"]),
            ("\u{FEFF}{\n  \"text\": \"a\",\n  \"n\": {\"m\": [1, {}]}\n}\n", vec!["a"]),
            ("{\n\"text\":\"a\"}{\n\"text\":\"b\"}", vec!["a", "b"]),
            ("[]", vec![]),
            ("", vec![]),
        ] {
            assert_eq!(
                texts(file),
                expected.into_iter().map(|text| Ok(text.to_string())).collect::<Vec<_>>(),
                "{file}"
            );
        }
    }

    #[test]
    fn what_is_no_page_is_told_and_the_next_element_read() {
        let long = format!("{{\"text\":\"{}\"}}", "long ".repeat(50));
        let read = texts(&format!("[null, 12.5, \"a, b\", {{\"no\":1}}, {long}, {{\"text\":\"a\"}}, {{\"text\":\"cut"));
        assert_eq!(read.len(), 7, "{read:?}");
        assert_eq!(read[5], Ok("a".into()));
        assert!(read[4].as_ref().unwrap_err().contains("longer than 99 bytes"), "{read:?}");
        assert!(read.iter().enumerate().all(|(at, text)| text.is_ok() == (at == 5)), "{read:?}");
    }

    #[test]
    fn json_is_known_by_its_first_pages() {
        for (file, is) in [
            ("[{\"text\":\"a\"}", true),
            ("[\n null, {\"meta\":1}, {\"text\":\"a\"}]", true),
            ("[\"header\", {\"text\":\"a\"}]", true),
            ("[[1,2],{\"text\":\"a\"}]", true),
            ("[null,5,\"x\",{\"text\":\"a\"}]", true),
            ("\u{1E}{\n\"text\":\"a\"}\n\u{1E}{\n\"text\":\"b\"}\n", true),
            ("{\n\"text\":\"a\"}\nThe ferry left at nine.", false),
            ("{\n\"text\":\"a\"}", true),
            ("[1] The first note.", false),
            ("[{\"name\":\"package\"}]", false),
            ("{ \"text\" is how it begins", false),
            ("[[[[", false),
            ("", false),
        ] {
            let mut stream = Unpacked::new(Box::new(Cursor::new(file.as_bytes()))).unwrap();
            let told = first_values(&mut stream, &FieldNames::default(), &Bounds::default());
            assert_eq!(told.is_of_pages(), is, "{file}");
        }
    }
}
