//! The laws of packed files and records, on archives that something was done to.

#[path = "../fuzz/src/archive_laws.rs"]
mod archive_laws;

use std::io::{Read, Write};

use proptest::prelude::*;
use proptest::sample::Index;

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn lines() -> Vec<Vec<u8>> {
    let line = |number: usize| {
        let text = "The gull took the sandwich, and nobody was surprised. ".repeat(number % 5 + 1);
        format!("{{\"id\":{number},\"text\":\"{text}\",\"n\":[1,2.5,{{}}]}}\n").into_bytes()
    };
    (0..12).map(line).collect()
}

fn records() -> Vec<Vec<u8>> {
    let record = |number: usize| {
        let body = "A gull is counted if it is seen twice.\r\n".repeat(number + 1);
        let chunked = format!("{:x}\r\n{body}\r\n0\r\n\r\n", body.len());
        let (coding, body) = if number.is_multiple_of(2) { ("chunked", chunked) } else { ("identity", body) };
        let block = format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: {coding}\r\nContent-Type: text/plain\r\n\r\n{body}");
        let (kind, length) = (["response", "request", "conversion"][number % 3], block.len());
        format!("WARC/1.0\r\nWARC-Type: {kind}\r\nContent-Length: {length}\r\n\r\n{block}\r\n\r\n").into_bytes()
    };
    (0..9).map(record).collect()
}

fn rows() -> Vec<Vec<u8>> {
    let row = |number: usize| format!("{number},\"The tide, \"\"high\"\" at\n{number} o'clock.\"\r\n").into_bytes();
    std::iter::once(b"id,text\n".to_vec()).chain((1..9).map(row)).collect()
}

fn elements() -> Vec<Vec<u8>> {
    let element = |number: usize| {
        let before = if number == 0 { "[" } else { "," };
        format!("{before}{{\"id\":{number},\n\"text\":\"The [gull] took {{it}}.\\\"\",\"n\":[1,{{}}]}}\n").into_bytes()
    };
    (0..9).map(element).chain([b"]".to_vec()]).collect()
}

fn arc() -> Vec<Vec<u8>> {
    let first = b"filedesc://a.arc 0.0.0.0 20080101120000 text/plain 69\n1 0 Invented\n\n".to_vec();
    let record = |number: usize| {
        let body = "A gull is counted if it is seen twice.\r\n".repeat(number + 1);
        let block = format!("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n{body}");
        format!("http://a.example/{number} 192.0.2.1 20080101120000 text/plain {}\n{block}\n", block.len()).into_bytes()
    };
    std::iter::once(first).chain((0..6).map(record)).collect()
}

fn tar() -> Vec<Vec<u8>> {
    let mut tar = tar::Builder::new(Vec::new());
    for number in 0..6 {
        let mut header = tar::Header::new_gnu();
        let text = match number {
            5 => lines().concat(),
            _ => "A gull is counted if it is seen twice.\n".repeat(number * 5 + 1).into_bytes(),
        };
        header.set_size(text.len() as u64);
        let name = format!("{}/{number}.{}", "long".repeat(number * 10 + 1), if number == 5 { "jsonl" } else { "txt" });
        tar.append_data(&mut header, name, &text[..]).unwrap();
    }
    tar.into_inner().unwrap().chunks(1024).map(<[u8]>::to_vec).collect()
}

fn zip() -> Vec<Vec<u8>> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for number in 0..6 {
        zip.start_file(format!("a/{number}.txt"), zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all("A gull is counted if it is seen twice.\n".repeat(number * 5 + 1).as_bytes()).unwrap();
    }
    vec![zip.finish().unwrap().into_inner()]
}

#[cfg(feature = "parquet")]
fn parquet() -> Vec<Vec<u8>> {
    use arrow_array::{ArrayRef, RecordBatch, StringArray};
    use parquet::arrow::ArrowWriter;
    use parquet::basic::Compression;
    use parquet::file::properties::WriterProperties;
    let text = |number: usize| "A gull is counted if it is seen twice.\n".repeat(number * 5 + 1);
    let column = |value: fn(usize) -> Option<String>| -> ArrayRef {
        std::sync::Arc::new((0..9).map(value).collect::<StringArray>())
    };
    let texts: ArrayRef = std::sync::Arc::new((0..9).map(|number| Some(text(number))).collect::<StringArray>());
    let urls = column(|number| (number % 3 > 0).then(|| format!("https://gulls.example/{number}")));
    let batch = RecordBatch::try_from_iter([("url", urls), ("text", texts)]).unwrap();
    let properties = WriterProperties::builder().set_max_row_group_row_count(Some(4));
    let properties = properties.set_compression(Compression::SNAPPY).build();
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    vec![bytes]
}

#[cfg(not(feature = "parquet"))]
fn parquet() -> Vec<Vec<u8>> {
    vec![b"PAR1".to_vec()]
}

/// Archives of each kind, in each packing.
fn archives() -> Vec<(&'static str, Vec<u8>)> {
    let mut archives = Vec::new();
    for (name, records) in [
        ("a.jsonl", lines()),
        ("a.csv", rows()),
        ("a.warc", records()),
        ("a.json", elements()),
        ("a.arc", arc()),
        ("a.tar", tar()),
        ("a.zip", zip()),
        ("a.parquet", parquet()),
    ] {
        let plain = records.concat();
        let (mut bzip2, mut xz) = (Vec::new(), Vec::new());
        bzip2::read::BzEncoder::new(&plain[..], bzip2::Compression::fast()).read_to_end(&mut bzip2).unwrap();
        liblzma::read::XzEncoder::new(&plain[..], 6).read_to_end(&mut xz).unwrap();
        let members = |pack: fn(&[u8]) -> Vec<u8>| records.iter().flat_map(|record| pack(record)).collect::<Vec<u8>>();
        let zstd: fn(&[u8]) -> Vec<u8> = |bytes| zstd::encode_all(bytes, 3).unwrap();
        for bytes in [members(gzip), gzip(&plain), members(zstd), zstd(&plain), bzip2, xz, plain] {
            archives.push((name, bytes));
        }
    }
    archives
}

#[derive(Debug, Clone)]
enum Harm {
    Cut(Index, Index),
    Flip(Index, u8),
    Put(Index, Vec<u8>),
    Repeat(Index, Index),
}

fn harm() -> impl Strategy<Value = Harm> {
    prop_oneof![
        (any::<Index>(), any::<Index>()).prop_map(|(from, to)| Harm::Cut(from, to)),
        (any::<Index>(), 1u8..).prop_map(|(at, mask)| Harm::Flip(at, mask)),
        (any::<Index>(), proptest::collection::vec(any::<u8>(), 1..40)).prop_map(|(at, bytes)| Harm::Put(at, bytes)),
        (any::<Index>(), any::<Index>()).prop_map(|(from, to)| Harm::Repeat(from, to)),
    ]
}

fn done_to(bytes: &mut Vec<u8>, harm: &Harm) {
    if bytes.is_empty() {
        return;
    }
    let range = |from: &Index, to: &Index, length: usize| {
        let (from, to) = (from.index(length), to.index(length));
        from.min(to)..from.max(to)
    };
    match harm {
        Harm::Cut(from, to) => {
            bytes.drain(range(from, to, bytes.len()));
        }
        Harm::Flip(at, mask) => {
            let at = at.index(bytes.len());
            bytes[at] ^= mask;
        }
        Harm::Put(at, more) => {
            let at = at.index(bytes.len());
            bytes.splice(at..at, more.iter().copied());
        }
        Harm::Repeat(from, to) => {
            let range = range(from, to, bytes.len());
            let piece = bytes[range.clone()].to_vec();
            bytes.splice(range.end..range.end, piece);
        }
    }
}

/// A page whose bytes look like JSON of two bytes a letter, and is none, is opened as it came.
#[test]
fn a_charset_that_was_only_supposed_changes_nothing() {
    let text: Vec<u8> =
        "[ The tide \u{D7FF} was late.\n".repeat(9000).encode_utf16().flat_map(u16::to_le_bytes).collect();
    for page in [&b"[\0\0\0\x06]"[..], b"{\0\x1C\0\0\0", b"\0[\0\xD8", b"\xFF\xFE[\0\0\xD8", &text] {
        archive_laws::unpacking_holds(page);
        archive_laws::dividing_from_any_place_holds("a.zip", page);
        archive_laws::unpacking_holds(&gzip(page));
    }
}

/// Whatever byte is damaged, what is read does not depend on the pieces that the file comes in.
#[test]
fn a_byte_of_a_short_archive_may_be_any_other() {
    for (name, bytes) in archives().into_iter().filter(|(_, bytes)| bytes.len() < 600) {
        for at in 0..bytes.len() {
            for mask in [1, 0x40, 0xFF] {
                let mut harmed = bytes.clone();
                harmed[at] ^= mask;
                archive_laws::dividing_from_any_place_holds(name, &harmed);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn harm_to_an_archive_stops_nothing(
        which in any::<Index>(),
        harms in proptest::collection::vec(harm(), 0..3),
    ) {
        let mut archives = archives();
        let (name, mut bytes) = archives.swap_remove(which.index(archives.len()));
        harms.iter().for_each(|harm| done_to(&mut bytes, harm));
        archive_laws::dividing_from_any_place_holds(name, &bytes);
        archive_laws::dividing_holds("a", &bytes);
        archive_laws::unpacking_holds(&bytes);
    }

    #[test]
    fn harm_to_a_response_stops_nothing(
        coding in prop_oneof![Just("gzip"), Just("deflate"), Just("br"), Just("zstd"), Just("identity"), Just("x")],
        chunked in any::<bool>(),
        harms in proptest::collection::vec(harm(), 0..3),
    ) {
        let body = gzip("A gull is counted if it is seen twice.\n".repeat(40).as_bytes());
        let encoding = if chunked { "Transfer-Encoding: chunked\r\n" } else { "" };
        let head = format!("HTTP/1.1 200 OK\r\nContent-Encoding: {coding}\r\n{encoding}\r\n");
        let mut response = [head.as_bytes(), format!("{:x}\r\n", body.len()).as_bytes(), &body, b"\r\n0\r\n\r\n"].concat();
        harms.iter().for_each(|harm| done_to(&mut response, harm));
        archive_laws::responses_hold(&response);
    }

    #[test]
    fn harm_to_a_saved_page_stops_nothing(
        encoding in prop_oneof![Just("quoted-printable"), Just("base64"), Just("8bit"), Just("x")],
        harms in proptest::collection::vec(harm(), 0..3),
    ) {
        let head = "MIME-Version: 1.0\r\nSnapshot-Content-Location: https://a.example/\r\n\
                    Content-Type: multipart/related; type=\"text/html\"; boundary=\"--tide\"\r\n\r\n";
        let part = "Content-Type: text/html; charset=windows-1252\r\nContent-Location: https://a.example/\r\n";
        let body = "<p>A gull is counted =\r\nif it is =80 seen twice.</p>\r\n".repeat(9);
        let page = format!("{head}----tide\r\n{part}Content-Transfer-Encoding: {encoding}\r\n\r\n{body}\r\n----tide--\r\n");
        let mut page = page.into_bytes();
        harms.iter().for_each(|harm| done_to(&mut page, harm));
        archive_laws::saved_pages_hold(&page);
    }
}
