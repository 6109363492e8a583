//! Bodies of responses, as archives keep them: in the codings that their heads say, in others, or in none of them.
//!
//! Crawlers undo some codings and leave the head as it was, servers apply them twice or in another order than they say. So
//! the bytes tell before the head does: gzip and Zstandard begin as nothing else, and chunks have lengths that agree.
//! Deflate and brotli show in nothing, and are undone only where the head says so.

use std::borrow::Cow;
use std::io::{self, Read};

use crate::parse::kind::is_binary;
use crate::read::archive::http::without_line_ends;
use crate::read::archive::{Bounds, HARMLESS};

/// How many codings are undone, one within another: two of the body, two of its way here, and as many that nothing tells of.
const MOST_CODINGS: usize = 8;

/// What a member of gzip starts with, the only method that there is among it (RFC 1952, 2.3.1).
const GZIP: &[u8] = b"\x1F\x8B\x08";

/// What a frame of Zstandard starts with (RFC 8878, 3.1.1).
const ZSTANDARD: &[u8] = b"\x28\xB5\x2F\xFD";

/// How much of a body is looked at to see whether it is text, in bytes.
const LOOKED_AT: usize = 4096;

/// A body without a coding, and whether it came to its end.
type Undone = (Vec<u8>, bool);

/// A body without its codings, of which `codings` are told, the outermost first; and whether it was cut short or is damaged,
/// so that it is only what came before.
///
/// # Errors
/// What is wrong with it, where nothing of it can be read or it is longer than the bounds allow.
pub(super) fn plain<'b>(
    body: &'b [u8],
    mut codings: Vec<String>,
    bounds: &Bounds,
) -> Result<(Cow<'b, [u8]>, bool), String> {
    let (mut body, mut is_cut) = (Cow::Borrowed(body), false);
    for _ in 0..MOST_CODINGS {
        let Some((inner, is_whole)) = undone(&body, &mut codings, bounds)? else { break };
        (body, is_cut) = (Cow::Owned(inner), is_cut || !is_whole);
    }
    Ok((body, is_cut))
}

/// Undoes one coding, and takes it off those that are told. `None` where the body is in none.
fn undone(body: &[u8], codings: &mut Vec<String>, bounds: &Bounds) -> Result<Option<Undone>, String> {
    let start = without_line_ends(body);
    if start.starts_with(GZIP) {
        return unpacked(Box::new(Members(flate2::bufread::GzDecoder::new(start))), start, bounds).map(Some);
    }
    if start.starts_with(ZSTANDARD) {
        let frames = zstd::stream::read::Decoder::with_buffer(start).map_err(|error| error.to_string())?;
        return unpacked(Box::new(frames), start, bounds).map(Some);
    }
    let chunked = codings.iter().position(|coding| coding == "chunked");
    if let Some(undone) = without_chunks(body, chunked.is_some(), bounds) {
        chunked.map(|at| codings.remove(at));
        return Ok(Some(undone));
    }
    while let Some(at) = codings.iter().position(|coding| coding == "deflate" || coding == "br") {
        let coding = codings.remove(at);
        if let Some(undone) = without_coding(body, &coding, bounds)? {
            return Ok(Some(undone));
        }
    }
    // Browsers take a body as it is whose coding they do not know: `none`, `utf-8`, `8bit`.
    Ok(None)
}

/// A body without a coding that its bytes do not show; `None` where it is not coded, whatever its head says.
fn without_coding(body: &[u8], coding: &str, bounds: &Bounds) -> Result<Option<Undone>, String> {
    let is_text = !is_binary(&body[..body.len().min(LOOKED_AT)]);
    // By chance, a text may be read as such bytes.
    if body.is_empty() || is_text && simdutf8::basic::from_utf8(body).is_ok() {
        return Ok(None);
    }
    let is_zlib = matches!(body, [first, second, ..]
        if first & 15 == 8 && (u16::from(*first) << 8 | u16::from(*second)).is_multiple_of(31));
    let reader: Box<dyn Read + '_> = match coding {
        "deflate" if is_zlib => Box::new(flate2::bufread::ZlibDecoder::new(body)),
        "deflate" => Box::new(flate2::bufread::DeflateDecoder::new(body)),
        _ => Box::new(brotli_decompressor::Decompressor::new(body, 4096)),
    };
    match unpacked(reader, body, bounds) {
        // What a server left as it was is text as often as not, in whatever charset. What unpacks becomes longer.
        Ok((plain, false)) if is_text && plain.len() < body.len() => Ok(None),
        Err(_) if is_text => Ok(None),
        read => read.map(Some),
    }
}

/// What comes of packed bytes; of those that are cut short or damaged, what came before.
fn unpacked(reader: Box<dyn Read + '_>, packed: &[u8], bounds: &Bounds) -> Result<Undone, String> {
    let most = bounds.record.min((packed.len() as u64).saturating_mul(bounds.ratio).max(HARMLESS));
    let mut plain = Vec::new();
    let read = reader.take(most + 1).read_to_end(&mut plain);
    match read {
        _ if plain.len() as u64 > most && most == bounds.record => Err(bounds.too_long()),
        _ if plain.len() as u64 > most => Err(bounds.bomb()),
        Ok(_) => Ok((plain, true)),
        Err(_) if !plain.is_empty() => Ok((plain, false)),
        Err(error) => Err(format!("its body is damaged: {}", in_words(&error))),
    }
}

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

/// The longest line of a chunk's length, in bytes: extensions may stand behind it.
const LONGEST_LENGTH: usize = 256;

/// The shortest chunk of which the line behind it shows that it is one, in bytes: in a list of small numbers one may well be
/// followed by another after so many bytes.
const TELLING_CHUNK: usize = 16;

/// A body without the lengths of its chunks (RFC 9112, 7.1). `None` where it has none: some archives keep the head as it
/// came, and the body as it was meant. A body that ends within a chunk is taken as far as it goes, if chunks are told of;
/// behind a length that is wrong the rest stays as it is. Where nothing tells of chunks, all of it has to agree.
fn without_chunks(body: &[u8], is_told: bool, bounds: &Bounds) -> Option<Undone> {
    let mut whole = Vec::new();
    let mut rest = without_line_ends(body);
    let (mut chunks, mut longest) = (0, 0);
    loop {
        let are_chunks = is_told && longest >= TELLING_CHUNK;
        let (length, data) = match chunk(rest) {
            Some(chunk) => chunk,
            // It ends where a chunk would begin, or within the line of its length.
            None if are_chunks && is_start_of_length(rest) => return Some((whole, false)),
            None => return are_chunks.then(|| (with(whole, rest), false)),
        };
        match data.split_at_checked(length) {
            Some((_, behind)) if length == 0 => {
                let is_end = behind.trim_ascii().is_empty();
                return (is_end && (chunks > 0 || is_told) || is_told && chunks > 0)
                    .then(|| (whole, is_end || is_trailer(behind)));
            }
            Some((data, behind)) => {
                let next = without_line_ends(behind);
                if next.len() == behind.len() && !next.is_empty() {
                    return are_chunks.then(|| (with(whole, rest), false));
                }
                whole.extend_from_slice(data);
                (rest, chunks, longest) = (next, chunks + 1, longest.max(length));
            }
            // It ends within a chunk. A word of the letters A to F alone is the first line of a text.
            None => {
                let line = &rest[..rest.len() - data.len()];
                let is_length = line.ends_with(b"\r\n") && line.iter().any(u8::is_ascii_digit);
                let is_cut = is_told && length as u64 <= bounds.record && (chunks > 0 || is_length);
                return is_cut.then(|| (with(whole, data), false));
            }
        }
    }
}

fn with(mut whole: Vec<u8>, rest: &[u8]) -> Vec<u8> {
    whole.extend_from_slice(rest);
    whole
}

/// The length of a chunk, and the bytes behind its line. Some servers write `0x` before it.
fn chunk(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let end = memchr::memchr(b'\n', &bytes[..bytes.len().min(LONGEST_LENGTH)])?;
    let digits = bytes[..end].split(|&byte| byte == b';').next()?.trim_ascii();
    let digits = std::str::from_utf8(digits).ok()?;
    let digits = digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")).unwrap_or(digits);
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    let length = usize::from_str_radix(digits, 16).ok().filter(|_| is_number)?;
    Some((length, &bytes[end + 1..]))
}

/// Whether what stands behind the last chunk are fields, as of a head.
fn is_trailer(bytes: &[u8]) -> bool {
    let is_field = |line: &[u8]| {
        let name = line.split(|&byte| byte == b':').next().unwrap_or_default();
        name.len() < line.len() && !name.iter().any(u8::is_ascii_whitespace)
    };
    bytes.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii).filter(|line| !line.is_empty()).all(is_field)
}

/// Whether these are all that is there of the line of a length.
fn is_start_of_length(bytes: &[u8]) -> bool {
    bytes.len() < LONGEST_LENGTH && bytes.trim_ascii_end().iter().all(u8::is_ascii_hexdigit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::archive::http;
    use std::io::Write;

    const BOUNDS: Bounds = Bounds { record: 1 << 20, ratio: 1000 };

    /// A page of several lines, long enough for chunks.
    const PAGE: &str = "<p>The tide comes in twice a day.\r\n<p>Nobody minds, and the gulls do not mind either.\r\n";

    fn opened(head: &str, body: &[u8]) -> (Vec<u8>, bool) {
        let response = [b"HTTP/1.1 200 OK\r\n", head.replace('\n', "\r\n").as_bytes(), b"\r\n\r\n", body].concat();
        let read = http::open(&response, &BOUNDS).unwrap_or_else(|error| panic!("{head}: {error:?}"));
        (read.body.into_owned(), read.is_cut)
    }

    fn body(head: &str, body: &[u8]) -> Vec<u8> {
        opened(head, body).0
    }

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(text).and_then(|()| encoder.finish()).unwrap_or_default()
    }

    fn deflate(text: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(text).and_then(|()| encoder.finish()).unwrap_or_default()
    }

    /// Chunks of forty bytes, whose lengths are written so.
    fn chunked_as(text: &[u8], length: impl Fn(usize) -> String) -> Vec<u8> {
        let chunk = |part: &[u8]| [format!("{}\r\n", length(part.len())).as_bytes(), part, b"\r\n"].concat();
        let chunks: Vec<u8> = text.chunks(40).flat_map(chunk).collect();
        [chunks.as_slice(), b"0\r\n\r\n"].concat()
    }

    fn chunked(text: &[u8]) -> Vec<u8> {
        chunked_as(text, |length| format!("{length:x}"))
    }

    #[test]
    fn codings_are_undone_in_whatever_order_they_came() {
        let page = PAGE.as_bytes();
        for (head, coded) in [
            ("Transfer-Encoding: chunked", chunked(page)),
            ("Transfer-Encoding: chunked", [b"\r\n", chunked(page).as_slice()].concat()),
            ("Transfer-Encoding: chunked", chunked(&chunked(page))),
            ("Transfer-Encoding: chunked", chunked_as(page, |length| format!("0x{length:X}"))),
            ("Transfer-Encoding: chunked", chunked_as(page, |length| format!("{length:x}  ; a=b"))),
            ("Content-Type: text/html", chunked(page)),
            ("Transfer-Encoding: chunked\nContent-Encoding: gzip", chunked(&gzip(page))),
            ("Transfer-Encoding: chunked\nContent-Encoding: gzip", gzip(&chunked(page))),
            ("Transfer-Encoding: chunked\nContent-Encoding: gzip", gzip(page)),
            ("Transfer-Encoding: chunked\nContent-Encoding: deflate", chunked(&deflate(page))),
            ("Transfer-Encoding: gzip, chunked", chunked(&gzip(page))),
            ("Transfer-Encoding: gzip\nTransfer-Encoding: chunked", chunked(&gzip(page))),
            ("Content-Encoding: gzip;q=1.0", gzip(page)),
            ("Content-Encoding: \"gzip\"", gzip(page)),
            ("Content-Encoding: identity\nContent-Encoding: gzip", gzip(page)),
            ("Content-Encoding: gzip, gzip", gzip(&gzip(page))),
            ("Content-Encoding: deflate", deflate(page)),
            ("Content-Encoding: none", gzip(page)),
            ("Content-Encoding: utf-8", gzip(page)),
            ("Content-Encoding: deflate", gzip(page)),
            ("Content-Encoding: br", gzip(page)),
            ("Content-Type: text/html", gzip(page)),
            ("Content-Encoding: gzip", [b"\r\n", gzip(page).as_slice()].concat()),
        ] {
            assert_eq!(opened(head, &coded), (page.to_vec(), false), "{head}: {coded:?}");
        }
    }

    #[test]
    fn what_is_not_in_chunks_stays_whole() {
        let long = "The gulls do not mind. ".repeat(9);
        for text in [
            format!("deadbeef\r\n{long}"),
            format!("cafe\r\n{long}"),
            format!("add\r\n{}", long.repeat(30)),
            format!("1984\n{long}"),
            format!("20\r\n{long}"),
            "1\r\n2\r\n3\r\n4\r\n5\r\n6\r\n".to_string(),
            "0\r\nis where they begin to count".to_string(),
            "0".to_string(),
            "1\r\n2\r\n".to_string(),
            PAGE.to_string(),
        ] {
            for head in ["Transfer-Encoding: chunked", "Content-Type: text/plain"] {
                assert_eq!(opened(head, text.as_bytes()), (text.clone().into_bytes(), false), "{head}: {text}");
            }
        }
        assert_eq!(opened("Transfer-Encoding: chunked", b"0\r\n\r\n"), (Vec::new(), false));
        // Koi8-r under a coding that it is not in.
        let koi8 = b"\xF0\xC1\xD2\xCF\xCD \xCF\xD4\xC8\xCF\xC4\xC9\xD4 \xD7 \xC4\xC5\xD7\xD1\xD4\xD8.\n".repeat(9);
        for coding in ["br", "deflate", "gzip", "zstd"] {
            assert_eq!(opened(&format!("Content-Encoding: {coding}"), &koi8), (koi8.clone(), false), "{coding}");
        }
    }

    #[test]
    fn behind_a_wrong_length_the_rest_stays_as_it_is() {
        let page = PAGE.repeat(3);
        let mut coded = chunked(page.as_bytes());
        // The second length: `28` becomes `27`.
        coded[4 + 40 + 2 + 1] = b'7';
        let (read, is_cut) = opened("Transfer-Encoding: chunked", &coded);
        assert!(is_cut && read.starts_with(&page.as_bytes()[..40]), "{}", String::from_utf8_lossy(&read));
        assert!(read.ends_with(b"0\r\n\r\n"), "{}", String::from_utf8_lossy(&read));
    }

    #[test]
    fn a_body_is_what_it_is_whatever_its_head_says() {
        for coding in ["none", "utf-8", "8bit", "identity", "br", "deflate", "gzip", "zstd", ""] {
            assert_eq!(body(&format!("Content-Encoding: {coding}"), b"The tide."), b"The tide.", "{coding}");
        }
    }

    #[test]
    fn members_of_gzip_are_read_and_what_is_behind_them_is_not() {
        for behind in [b"".as_slice(), b"\r\n", b"\0\0\0\0", b"words behind the member"] {
            let packed = [gzip(b"one, ").as_slice(), &gzip(b"two"), behind].concat();
            assert_eq!(body("Content-Encoding: gzip", &packed), b"one, two");
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
            let read = http::open(&response, &BOUNDS).unwrap();
            assert!(read.is_cut && read.body.len() >= 4000 && text.as_bytes().starts_with(&read.body), "{head}");
        }
    }
}
