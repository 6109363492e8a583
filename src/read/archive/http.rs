//! HTTP responses, as archives keep them: their heads. What their bodies are in is for `body` to undo.

mod body;

use std::borrow::Cow;

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
    // A blank line too many may stand before it.
    let response = without_line_ends(response);
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
    let (body, is_cut) = body::plain(body, codings(head), bounds).map_err(|why| (Status::Failed, why))?;
    let language = field("content-language").filter(|language| !language.is_empty() && !language.contains(','));
    Ok(Response { body, charset, markup: ToldMarkup::of_type(&kind), language, is_cut })
}

/// The codings that a head says its body is in, the outermost first: those of its way here, then its own.
fn codings(head: &[u8]) -> Vec<String> {
    let of = |wanted: &'static [u8]| {
        let named = fields(head).filter(move |(name, _)| name.eq_ignore_ascii_case(wanted));
        let values: Vec<_> = named.map(|(_, value)| String::from_utf8_lossy(value).to_ascii_lowercase()).collect();
        let all = values.join(",");
        // Weights belong to what a browser asks for; some servers answer with them.
        let name =
            |coding: &str| coding.split(';').next().unwrap_or_default().trim().trim_matches(['"', '\'']).to_string();
        all.rsplit(',').map(name).filter(|name| !name.is_empty()).collect::<Vec<_>>()
    };
    [of(b"transfer-encoding"), of(b"content-encoding")].concat()
}

/// The bytes behind the line ends that they begin with.
pub(super) fn without_line_ends(bytes: &[u8]) -> &[u8] {
    let ends = bytes.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
    &bytes[ends..]
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
        for one in value.split(',').map(str::trim_ascii) {
            let (essence, parameters) = one.split_at(one.find([';', ' ', '\t']).unwrap_or(one.len()));
            let essence = essence.trim_matches(['"', '\'']);
            let is_type = essence.split_once('/').is_some_and(|(kind, sort)| is_token(kind) && is_token(sort));
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

/// Whether a type or a subtype can be read (MIME Sniffing Standard, 3.1: HTTP token code points). Of one that cannot, browsers
/// look at the bytes.
fn is_token(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}

fn charset(parameters: &str) -> Option<String> {
    parameters.split([';', ' ', '\t']).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        let value = value.trim().trim_matches(['"', '\'']);
        (name.trim() == "charset" && !value.is_empty()).then(|| value.to_string())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

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
            ("text\\/html", "", None),
            ("text/html:charset=utf-8", "", None),
            ("text/html=", "", None),
            ("text/html\u{A0}", "", None),
            ("text/html;=, text/[html]", "text/html", None),
        ] {
            let head = format!("HTTP/1.1 200 OK\nContent-Type: {value}\n\n");
            let told = MediaType::of(head.as_bytes());
            assert_eq!((told.essence.as_str(), told.charset.as_deref()), (essence, charset), "{value}");
        }
    }

    #[test]
    fn what_stands_before_the_answer_is_passed_over() {
        let head = "HTTP/1.1 100 Continue\n\nHTTP/1.1 103 Early Hints\nLink: </a.css>\n\nHTTP/1.1 200 OK";
        assert_eq!(body(head, b"The tide."), b"The tide.");
        assert!(open(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200", &BOUNDS).is_err());
    }
}
