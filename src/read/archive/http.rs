//! HTTP responses, as archives keep them: head, chunks, and a body that may be compressed itself.

use std::borrow::Cow;
use std::io::{self, Read};

use crate::manifest::Status;
use crate::read::archive::Bounds;

/// A response with a page in it.
#[derive(Debug)]
pub struct Response<'a> {
    /// The page's bytes.
    pub body: Cow<'a, [u8]>,
    /// The charset that its head declares.
    pub charset: Option<String>,
    /// The language that its head declares; none where it names several.
    pub language: Option<String>,
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
    let end = head_end(response, 0).ok_or_else(cut)?;
    let (head, body) = response.split_at(end);
    let status =
        head.split(|&byte| byte == b' ').nth(1).map(|status| &status[..status.len().min(3)]).unwrap_or_default();
    if !status.starts_with(b"2") {
        return Err((Status::Skipped, format!("a response of the status {}", String::from_utf8_lossy(status))));
    }
    let field = |wanted: &str| {
        let named = fields(head).find(|(name, _)| name.eq_ignore_ascii_case(wanted.as_bytes()));
        named.map(|(_, value)| String::from_utf8_lossy(value).to_ascii_lowercase())
    };
    let content_type = field("content-type").unwrap_or_default();
    let (kind, parameters) = content_type.split_once(';').unwrap_or((&content_type, ""));
    let kind = kind.trim();
    if !["", "text/html", "text/plain", "application/xhtml+xml", "application/octet-stream"].contains(&kind) {
        let kind: String = kind.chars().take(80).collect();
        return Err((Status::Skipped, format!("a response of the type {kind}")));
    }
    let mut body = Cow::Borrowed(body);
    if field("transfer-encoding").is_some_and(|encoding| encoding.contains("chunked"))
        && let Some(whole) = without_chunks(&body)
    {
        body = Cow::Owned(whole);
    }
    for coding in field("content-encoding").unwrap_or_default().rsplit(',') {
        if let Some(plain) = decoded(&body, coding.trim(), bounds).map_err(|why| (Status::Failed, why))? {
            body = Cow::Owned(plain);
        }
    }
    let language = field("content-language").filter(|language| !language.is_empty() && !language.contains(','));
    Ok(Response { body, charset: charset(parameters), language })
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

fn charset(parameters: &str) -> Option<String> {
    parameters.split(';').find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        let value = value.trim().trim_matches(['"', '\'']);
        (name.trim() == "charset" && !value.is_empty()).then(|| value.to_string())
    })
}

/// A body without the lengths of its chunks. `None` where it has none: some archives keep the head as it came, and
/// the body as it was meant. A body that ends within a chunk is taken as far as it goes.
fn without_chunks(body: &[u8]) -> Option<Vec<u8>> {
    let mut whole = Vec::with_capacity(body.len());
    let mut rest = body;
    loop {
        let chunk = chunk_start(rest);
        match chunk {
            None if rest.len() == body.len() => return None,
            None | Some((0, _)) => return Some(whole),
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

/// A body without its coding. `None` where it is not coded, whatever its head says.
fn decoded(body: &[u8], coding: &str, bounds: &Bounds) -> Result<Option<Vec<u8>>, String> {
    let is_zlib = matches!(body, [first, second, ..]
        if first & 15 == 8 && (u16::from(*first) << 8 | u16::from(*second)).is_multiple_of(31));
    let reader: Box<dyn Read + '_> = match coding {
        "gzip" | "x-gzip" if body.starts_with(b"\x1F\x8B") => Box::new(flate2::bufread::MultiGzDecoder::new(body)),
        "deflate" if is_zlib => Box::new(flate2::bufread::ZlibDecoder::new(body)),
        "deflate" => Box::new(flate2::bufread::DeflateDecoder::new(body)),
        "br" => Box::new(brotli_decompressor::Decompressor::new(body, 4096)),
        "zstd" if body.starts_with(b"\x28\xB5\x2F\xFD") => {
            Box::new(zstd::stream::read::Decoder::with_buffer(body).map_err(|error| error.to_string())?)
        }
        "" | "identity" | "gzip" | "x-gzip" | "zstd" => return Ok(None),
        other => return Err(format!("a body in the coding {other}, which is not known")),
    };
    let most = bounds.record.min((body.len() as u64).saturating_mul(bounds.ratio).max(super::HARMLESS));
    let mut plain = Vec::new();
    match reader.take(most + 1).read_to_end(&mut plain) {
        Ok(_) if plain.len() as u64 <= most => Ok(Some(plain)),
        Ok(_) if most == bounds.record => Err(bounds.too_long()),
        Ok(_) => Err(bounds.bomb()),
        // What a server called deflate and did not deflate is text as often as not.
        Err(_) if coding == "deflate" && plain.is_empty() => Ok(None),
        Err(error) => Err(format!("its body is damaged: {}", in_words(&error))),
    }
}

fn in_words(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => "it is cut short".into(),
        _ => error.to_string(),
    }
}
