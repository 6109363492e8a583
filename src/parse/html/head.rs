//! The URL that an HTML page gives itself, found by a look at its head without parsing it.

use std::borrow::Cow;

use html_escape::decode_html_entities;

/// How much of a page's start is looked at, in bytes: scripts and styles may stand before the links.
pub const LOOKED_AT: usize = 256 << 10;

/// The page's canonical link, else its `og:url`; absolute ones alone, since others name no host.
pub fn url(bytes: &[u8]) -> Option<String> {
    let head = &bytes[..bytes.len().min(LOOKED_AT)];
    // The zero bytes of UTF-16 are left out: the tags are ASCII in any charset.
    let narrow: Cow<[u8]> = match memchr::memchr(0, head) {
        Some(_) => head.iter().copied().filter(|&byte| byte != 0).collect(),
        None => head.into(),
    };
    let mut open_graph = None;
    for at in memchr::memchr_iter(b'<', &narrow) {
        let rest = &narrow[at + 1..];
        if names(rest, b"link") {
            let tag = to_end(rest);
            if value(tag, b"rel").is_some_and(|rel| rel.trim_ascii().eq_ignore_ascii_case(b"canonical"))
                && let Some(url) = absolute(value(tag, b"href"))
            {
                return Some(url);
            }
        } else if open_graph.is_none() && names(rest, b"meta") {
            let tag = to_end(rest);
            let name = value(tag, b"property").or_else(|| value(tag, b"name"));
            if name.is_some_and(|name| name.trim_ascii().eq_ignore_ascii_case(b"og:url")) {
                open_graph = absolute(value(tag, b"content"));
            }
        } else if names(rest, b"body") {
            break;
        }
    }
    open_graph
}

fn names(rest: &[u8], name: &[u8]) -> bool {
    let is_end = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'/' | b'>');
    rest.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name))
        && rest.get(name.len()).is_some_and(is_end)
}

fn to_end(rest: &[u8]) -> &[u8] {
    &rest[..memchr::memchr(b'>', rest).unwrap_or(rest.len())]
}

/// The value of an attribute, in quotes or bare.
fn value<'t>(tag: &'t [u8], name: &[u8]) -> Option<&'t [u8]> {
    let starts = |&at: &usize| {
        tag[at..].len() > name.len()
            && tag[at..at + name.len()].eq_ignore_ascii_case(name)
            && at
                .checked_sub(1)
                .is_some_and(|before| matches!(tag[before], b' ' | b'\t' | b'\n' | b'\r' | b'"' | b'\'' | b'/'))
    };
    (0..tag.len()).filter(starts).find_map(|at| {
        let rest = tag[at + name.len()..].trim_ascii_start().strip_prefix(b"=")?.trim_ascii_start();
        match rest.first()? {
            quote @ (b'"' | b'\'') => rest[1..].split(|byte| byte == quote).next(),
            _ => rest.split(u8::is_ascii_whitespace).next(),
        }
    })
}

fn absolute(url: Option<&[u8]>) -> Option<String> {
    let url = String::from_utf8_lossy(url?.trim_ascii()).into_owned();
    let start = url.get(..8).unwrap_or(&url).to_ascii_lowercase();
    (start.starts_with("http://") || start.starts_with("https://")).then(|| decode_html_entities(&url).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_canonical_link_is_found_before_open_graph() {
        for (page, expected) in [
            ("<link rel=canonical href=https://a.example/x>", Some("https://a.example/x")),
            (
                "<meta property='og:url' content='https://b.example/'><LINK HREF=\"https://a.example/?p=1&amp;q\" REL=\"canonical\"/>",
                Some("https://a.example/?p=1&q"),
            ),
            ("<meta content='https://b.example/' property=og:url>", Some("https://b.example/")),
            ("<link rel=canonical href=/x><meta name=og:url content=http://c.example>", Some("http://c.example")),
            ("<link rel=stylesheet href=https://a.example/x>", None),
            ("<body><link rel=canonical href=https://a.example/x>", None),
            ("<link rel=canonical data-href=https://a.example/x", None),
        ] {
            assert_eq!(url(page.as_bytes()).as_deref(), expected, "{page}");
        }
        let wide: Vec<u8> =
            "<link rel=canonical href=https://a.example/>".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(url(&wide).as_deref(), Some("https://a.example/"));
    }

    #[test]
    fn half_a_tag_harms_nothing() {
        for page in ["<link", "<link rel=canonical href", "<meta property=\"og:url", "<", "<link rel=canonical href='"]
        {
            assert_eq!(url(page.as_bytes()), None, "{page}");
        }
    }
}
