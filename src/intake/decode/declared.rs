//! What a page or its sidecar says of its charset.
//!
//! The page's own words are looked for as the HTML Standard's prescan does, in the first bytes and
//! without parsing: `<?xml … encoding="…"`, `<meta charset="…">`, and the `http-equiv` form. Whether
//! the bytes agree is for the callers to judge.

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// How far into a page a declaration is looked for, in bytes. The HTML Standard has 1,024; pages in
/// the wild put scripts first.
const PRESCANNED: usize = 4096;

/// The charset that is declared: by the label that came with the page, else in the page itself.
pub fn label(bytes: &[u8], beside: Option<&str>) -> Option<&'static Encoding> {
    beside.and_then(|label| Encoding::for_label_no_replacement(label.trim().as_bytes())).or_else(|| within(bytes))
}

/// The charset that an HTML or XML page declares of itself.
fn within(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = &bytes[..bytes.len().min(PRESCANNED)];
    let start = head.iter().position(|byte| !byte.is_ascii_whitespace())?;
    if head[start] != b'<' {
        return None;
    }
    let named = if head[start..].starts_with(b"<?xml") {
        let end = memchr::memmem::find(&head[start..], b"?>").map_or(head.len(), |end| start + end);
        value_of(&head[start..end], b"encoding")
    } else {
        None
    };
    let charset = named.or_else(|| metas(&head[start..]).find_map(|meta| value_of(meta, b"charset")))?;
    // As the HTML Standard has it: bytes in which `<meta` could be read are not UTF-16, and
    // x-user-defined means nothing here.
    Some(match charset {
        _ if charset == UTF_16LE || charset == UTF_16BE => UTF_8,
        _ if charset.name() == "x-user-defined" => WINDOWS_1252,
        _ => charset,
    })
}

/// The `<meta …>` tags, each without its brackets.
fn metas(head: &[u8]) -> impl Iterator<Item = &[u8]> {
    memchr::memchr_iter(b'<', head)
        .map(|at| &head[at + 1..])
        .filter(|tag| tag.len() > 5 && tag[..4].eq_ignore_ascii_case(b"meta") && !tag[4].is_ascii_alphanumeric())
        .map(|tag| &tag[4..memchr::memchr(b'>', tag).unwrap_or(tag.len())])
}

/// The charset whose label follows `name =`, in quotes or bare.
fn value_of(tag: &[u8], name: &[u8]) -> Option<&'static Encoding> {
    let is_name = |window: &[u8]| window.eq_ignore_ascii_case(name);
    let at = tag.windows(name.len()).position(is_name)? + name.len();
    let value = tag[at..].trim_ascii_start().strip_prefix(b"=")?.trim_ascii_start();
    let value = match value.first()? {
        quote @ (b'"' | b'\'') => value[1..].split(|byte| byte == quote).next()?,
        _ => value.split(|byte| byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'' | b';' | b'/')).next()?,
    };
    Encoding::for_label_no_replacement(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn declarations_are_found_where_html_and_xml_put_them() {
        let cases: [(&str, Option<&str>); 9] = [
            ("<!doctype html><meta charset=koi8-r><title>", Some("KOI8-R")),
            ("<html><META CHARSET = 'latin1' />", Some("windows-1252")),
            (r#"<meta http-equiv="Content-Type" content="text/html; charset=ISO-8859-2">"#, Some("ISO-8859-2")),
            (r#"<?xml version="1.0" encoding="windows-1251"?><a/>"#, Some("windows-1251")),
            ("<meta charset=utf-16>", Some("UTF-8")),
            ("<meta charset=no-such-thing>", None),
            ("<metadata charset=koi8-r>", None),
            ("A line on <meta charset=koi8-r>.", None),
            ("<meta charset", None),
        ];
        for (page, expected) in cases {
            assert_eq!(label(page.as_bytes(), None).map(Encoding::name), expected, "{page}");
        }
    }

    #[test]
    fn a_label_beside_the_page_stands_before_one_within() {
        let page = b"<meta charset=koi8-r>";
        assert_eq!(label(page, Some(" CP1251 ")).map(Encoding::name), Some("windows-1251"));
        assert_eq!(label(page, Some("nonsense")).map(Encoding::name), Some("KOI8-R"));
    }
}
