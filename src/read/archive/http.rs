//! HTTP responses, as archives keep them: head, chunks, and a body that may be compressed itself.

use std::borrow::Cow;
use std::io::{self, Read};

use crate::manifest::Status;
use crate::parse::site::ToldMarkup;
use crate::read::archive::Bounds;

/// A response with a page in it.
#[derive(Debug)]
pub struct Response<'a> {
    /// The page's bytes.
    pub body: Cow<'a, [u8]>,
    /// The charset that its head declares.
    pub charset: Option<String>,
    /// What its head's type says of its markup.
    pub markup: ToldMarkup,
    /// The language that its head declares; none where it names several.
    pub language: Option<String>,
    /// Whether the body was cut short or is damaged, so that it is only what came before.
    pub is_cut: bool,
}

/// The types that a page may come as; where nothing is said, or nothing that tells, the bytes are to tell.
pub(super) const PAGE_TYPES: [&str; 5] =
    ["", "text/html", "text/plain", "application/xhtml+xml", "application/octet-stream"];

/// A type as it is shown, cut where it is long.
pub(super) fn shown(essence: &str) -> String {
    essence.chars().take(80).collect()
}

/// Opens a response.
///
/// # Errors
/// What it is, where it is no page, or what is wrong with it.
pub fn open<'a>(response: &'a [u8], bounds: &Bounds) -> Result<Response<'a>, (Status, String)> {
    let cut = || (Status::Failed, "no HTTP response, or one that is cut short in its head".to_string());
    if !response.starts_with(b"HTTP/") {
        return Err(cut());
    }
    let (mut head, mut body) = response.split_at(head_end(response, 0).ok_or_else(cut)?);
    // What a server says before its answer (`100 Continue`, `103 Early Hints`) is no answer yet.
    while status_of(head).starts_with(b"1") && body.starts_with(b"HTTP/") {
        (head, body) = body.split_at(head_end(body, 0).ok_or_else(cut)?);
    }
    let status = status_of(head);
    if !status.starts_with(b"2") {
        return Err((Status::Skipped, format!("a response of the status {}", String::from_utf8_lossy(status))));
    }
    let field = |wanted: &str| {
        let named = fields(head).find(|(name, _)| name.eq_ignore_ascii_case(wanted.as_bytes()));
        named.map(|(_, value)| String::from_utf8_lossy(value).to_ascii_lowercase())
    };
    let MediaType { essence: kind, charset } = MediaType::of(head);
    if !PAGE_TYPES.contains(&kind.as_str()) {
        return Err((Status::Skipped, format!("a response of the type {}", shown(&kind))));
    }
    let (mut body, mut is_cut) = (Cow::Borrowed(body), false);
    if field("transfer-encoding").is_some_and(|encoding| encoding.contains("chunked"))
        && let Some((whole, has_end)) = without_chunks(&body)
    {
        (body, is_cut) = (Cow::Owned(whole), !has_end);
    }
    for coding in field("content-encoding").unwrap_or_default().rsplit(',') {
        if let Some((plain, is_whole)) = decoded(&body, coding.trim(), bounds).map_err(|why| (Status::Failed, why))? {
            (body, is_cut) = (Cow::Owned(plain), is_cut || !is_whole);
        }
    }
    let language = field("content-language").filter(|language| !language.is_empty() && !language.contains(','));
    Ok(Response { body, charset, markup: ToldMarkup::of_type(&kind), language, is_cut })
}

/// Where a head ends: behind its first blank line. What was looked at before is not looked at again.
pub(super) fn head_end(bytes: &[u8], seen: usize) -> Option<usize> {
    let from = seen.saturating_sub(2);
    memchr::memchr_iter(b'\n', &bytes[from..]).map(|at| from + at).find_map(|at| match &bytes[at + 1..] {
        [b'\n', ..] => Some(at + 2),
        [b'\r', b'\n', ..] => Some(at + 3),
        _ => None,
    })
}

/// The fields of a head, its first line left out. Lines that go on from the one before are left out too: nothing
/// that is read here is ever so long.
pub(super) fn fields(head: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    head.split(|&byte| byte == b'\n').skip(1).filter_map(|line| {
        let colon = memchr::memchr(b':', line)?;
        (!line.starts_with(b" ") && !line.starts_with(b"\t"))
            .then(|| (line[..colon].trim_ascii(), line[colon + 1..].trim_ascii()))
    })
}

/// The status of a response, by the first line of its head.
fn status_of(head: &[u8]) -> &[u8] {
    let mut words = head.split(|&byte| matches!(byte, b' ' | b'\r' | b'\n'));
    words.nth(1).map(|status| &status[..status.len().min(3)]).unwrap_or_default()
}

/// What a head says of the body's type.
#[derive(Debug, Default)]
pub(super) struct MediaType {
    /// Such as `text/html`; empty where the head says nothing, and the bytes are to tell.
    pub essence: String,
    pub charset: Option<String>,
}

impl MediaType {
    /// As the Fetch Standard extracts it: of several the last that can be read counts, with the charset of one before it
    /// of the same essence. As browsers do, an essence ends at the first semicolon, comma or blank, and the types that
    /// say nothing (`*/*`, `unknown/unknown`) are left out.
    fn of(head: &[u8]) -> MediaType {
        let mut told = MediaType::default();
        let all = fields(head).filter(|(name, _)| name.eq_ignore_ascii_case(b"content-type"));
        all.for_each(|(_, value)| told.take(&String::from_utf8_lossy(value)));
        told
    }

    /// The type that one field says.
    pub(super) fn of_value(value: &str) -> MediaType {
        let mut told = MediaType::default();
        told.take(value);
        told
    }

    fn take(&mut self, value: &str) {
        let value = value.to_ascii_lowercase();
        for one in value.split(',').map(str::trim) {
            let (essence, parameters) = one.split_at(one.find([';', ' ', '\t']).unwrap_or(one.len()));
            let essence = essence.trim_matches(['"', '\'']);
            let is_type = essence.split_once('/').is_some_and(|(kind, sort)| !kind.is_empty() && !sort.is_empty());
            if !is_type || ["*/*", "unknown/unknown", "application/unknown"].contains(&essence) {
                continue;
            }
            let charset = charset(parameters);
            if charset.is_some() || essence != self.essence {
                *self = MediaType { essence: essence.to_string(), charset };
            }
        }
    }
}

fn charset(parameters: &str) -> Option<String> {
    parameters.split([';', ' ', '\t']).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        let value = value.trim().trim_matches(['"', '\'']);
        (name.trim() == "charset" && !value.is_empty()).then(|| value.to_string())
    })
}

/// A body without the lengths of its chunks. `None` where it has none: some archives keep the head as it came, and
/// the body as it was meant. A body that ends within a chunk is taken as far as it goes; whether it came to its end.
fn without_chunks(body: &[u8]) -> Option<(Vec<u8>, bool)> {
    let mut whole = Vec::with_capacity(body.len());
    let mut rest = body;
    loop {
        let chunk = chunk_start(rest);
        match chunk {
            None if rest.len() == body.len() => return None,
            None | Some((0, _)) => return Some((whole, chunk.is_some())),
            Some((length, start)) => {
                let end = start.saturating_add(length).min(rest.len());
                whole.extend_from_slice(&rest[start..end]);
                rest = &rest[end..];
                rest = rest.strip_prefix(b"\r\n").or_else(|| rest.strip_prefix(b"\n")).unwrap_or(rest);
            }
        }
    }
}

/// The length of a chunk, and where its bytes begin.
fn chunk_start(bytes: &[u8]) -> Option<(usize, usize)> {
    let end = memchr::memchr(b'\n', &bytes[..bytes.len().min(256)])?;
    let line = std::str::from_utf8(&bytes[..end]).ok()?;
    let digits = line.split(';').next()?.trim();
    Some((usize::from_str_radix(digits, 16).ok()?, end + 1))
}

/// A body without its coding, and whether it came to its end; of one that is cut short or damaged, what came before.
/// `None` where it is not coded, whatever its head says.
fn decoded(body: &[u8], coding: &str, bounds: &Bounds) -> Result<Option<(Vec<u8>, bool)>, String> {
    let is_zlib = matches!(body, [first, second, ..]
        if first & 15 == 8 && (u16::from(*first) << 8 | u16::from(*second)).is_multiple_of(31));
    let reader: Box<dyn Read + '_> = match coding {
        "gzip" | "x-gzip" if body.starts_with(GZIP) => Box::new(Members(flate2::bufread::GzDecoder::new(body))),
        "deflate" if is_zlib => Box::new(flate2::bufread::ZlibDecoder::new(body)),
        "deflate" => Box::new(flate2::bufread::DeflateDecoder::new(body)),
        "br" => Box::new(brotli_decompressor::Decompressor::new(body, 4096)),
        "zstd" if body.starts_with(b"\x28\xB5\x2F\xFD") => {
            Box::new(zstd::stream::read::Decoder::with_buffer(body).map_err(|error| error.to_string())?)
        }
        // Browsers take a body as it is whose coding they do not know: `none`, `utf-8`, `8bit`.
        _ => return Ok(None),
    };
    let most = bounds.record.min((body.len() as u64).saturating_mul(bounds.ratio).max(super::HARMLESS));
    let mut plain = Vec::new();
    match reader.take(most + 1).read_to_end(&mut plain) {
        Ok(_) if plain.len() as u64 <= most => Ok(Some((plain, true))),
        Ok(_) if most == bounds.record => Err(bounds.too_long()),
        Ok(_) => Err(bounds.bomb()),
        // What a server called deflate or br and left as it was is text as often as not.
        Err(_) if coding == "deflate" && plain.is_empty() => Ok(None),
        Err(_) if matches!(coding, "deflate" | "br") && simdutf8::basic::from_utf8(body).is_ok() => Ok(None),
        Err(_) if !plain.is_empty() && plain.len() as u64 <= most => Ok(Some((plain, false))),
        Err(error) => Err(format!("its body is damaged: {}", in_words(&error))),
    }
}

/// What a member of gzip starts with.
const GZIP: &[u8] = b"\x1F\x8B";

/// The members of a gzip body, one after another; other bytes behind them are no part of it.
struct Members<'b>(flate2::bufread::GzDecoder<&'b [u8]>);

impl Read for Members<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let read = self.0.read(buffer)?;
            let rest: &[u8] = self.0.get_ref();
            if read > 0 || buffer.is_empty() || !rest.starts_with(GZIP) {
                return Ok(read);
            }
            self.0 = flate2::bufread::GzDecoder::new(rest);
        }
    }
}

fn in_words(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => "it is cut short".into(),
        _ => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    const BOUNDS: Bounds = Bounds { record: 1 << 20, ratio: 1000 };

    fn body(head: &str, body: &[u8]) -> Vec<u8> {
        let response = [head.replace('\n', "\r\n").as_bytes(), b"\r\n\r\n", body].concat();
        open(&response, &BOUNDS).unwrap_or_else(|error| panic!("{head}: {error:?}")).body.into_owned()
    }

    #[test]
    fn types_are_read_as_browsers_read_them() {
        for (value, essence, charset) in [
            ("text/html; charset=koi8-r", "text/html", Some("koi8-r")),
            ("text/html,text/html", "text/html", None),
            ("text/html;;charset=UTF-8", "text/html", Some("utf-8")),
            ("text/html charset=utf-8", "text/html", Some("utf-8")),
            ("\"text/html; charset=utf-8\"", "text/html", Some("utf-8")),
            ("text/html; charset=koi8-r, text/html", "text/html", Some("koi8-r")),
            ("text/plain\nContent-Type: text/html", "text/html", None),
            ("*/*", "", None),
            ("unknown/unknown", "", None),
            ("nonsense", "", None),
        ] {
            let head = format!("HTTP/1.1 200 OK\nContent-Type: {value}\n\n");
            let told = MediaType::of(head.as_bytes());
            assert_eq!((told.essence.as_str(), told.charset.as_deref()), (essence, charset), "{value}");
        }
    }

    #[test]
    fn a_body_is_what_it_is_whatever_its_head_says() {
        for coding in ["none", "utf-8", "8bit", "identity", "br", "deflate", "gzip", "zstd", ""] {
            assert_eq!(
                body(&format!("HTTP/1.1 200\nContent-Encoding: {coding}"), b"The tide."),
                b"The tide.",
                "{coding}"
            );
        }
    }

    #[test]
    fn members_of_gzip_are_read_and_what_is_behind_them_is_not() {
        let member = |text: &[u8]| {
            let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            encoder.write_all(text).and_then(|()| encoder.finish()).unwrap_or_default()
        };
        for behind in [b"".as_slice(), b"\r\n", b"\0\0\0\0", b"words behind the member"] {
            let packed = [member(b"one, ").as_slice(), &member(b"two"), behind].concat();
            assert_eq!(body("HTTP/1.1 200 OK\nContent-Encoding: gzip", &packed), b"one, two");
        }
    }

    #[test]
    fn of_a_body_that_is_cut_short_what_came_is_kept_and_told() {
        let text = "The tide comes in twice a day, and nobody minds. ".repeat(200);
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::none());
        let packed = encoder.write_all(text.as_bytes()).and_then(|()| encoder.finish()).unwrap_or_default();
        for (head, body) in [
            ("Content-Encoding: gzip", packed[..packed.len() - 3000].to_vec()),
            ("Content-Encoding: gzip", packed[..packed.len() - 4].to_vec()),
            ("Transfer-Encoding: chunked", format!("2000\r\n{}", &text[..5000]).into_bytes()),
        ] {
            let response = [format!("HTTP/1.1 200 OK\r\n{head}\r\n\r\n").as_bytes(), &body].concat();
            let read = open(&response, &BOUNDS).unwrap();
            assert!(read.is_cut && read.body.len() >= 4000 && text.as_bytes().starts_with(&read.body), "{head}");
        }
    }

    #[test]
    fn what_stands_before_the_answer_is_passed_over() {
        let head = "HTTP/1.1 100 Continue\n\nHTTP/1.1 103 Early Hints\nLink: </a.css>\n\nHTTP/1.1 200 OK";
        assert_eq!(body(head, b"The tide."), b"The tide.");
        assert!(open(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200", &BOUNDS).is_err());
    }
}
