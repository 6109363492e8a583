//! What a page or its sidecar says of its charset and its language.
//!
//! The page's own words are looked for as the HTML Standard's prescan does, in the first bytes and
//! without parsing: `<?xml … encoding="…"`, `<meta charset="…">`, and the `http-equiv` form; `<html lang="…">`
//! and `Content-Language`. Whether the bytes agree is for the callers to judge.

use encoding_rs::{UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use crate::charset::TextEncoding;

/// How far into a page a declaration is looked for, in bytes. The HTML Standard has 1,024; pages in
/// the wild put scripts first.
const PRESCANNED: usize = 4096;

/// The charset that is declared: by the label that came with the page, else in the page itself.
pub(super) fn label(bytes: &[u8], beside: Option<&str>) -> Option<TextEncoding> {
    beside.and_then(|label| TextEncoding::for_label_no_replacement(label.as_bytes())).or_else(|| within(bytes))
}

/// The language that an HTML page declares of itself, as a BCP 47 tag: by `<html lang="…">`, else by the first of
/// `<meta http-equiv="Content-Language" content="…">`.
pub(super) fn language(bytes: &[u8]) -> Option<&str> {
    let head = head(bytes)?;
    let of_meta = || {
        let metas = tags(head, b"meta").filter(|meta| position(meta, b"content-language").is_some());
        metas.filter_map(|meta| value_of(meta, b"content")).next()
    };
    let tag = tags(head, b"html").find_map(|html| value_of(html, b"lang")).or_else(of_meta)?;
    std::str::from_utf8(tag.split(|&byte| byte == b',').next()?.trim_ascii()).ok()
}

/// The first bytes of a page that starts with a tag, from there on.
fn head(bytes: &[u8]) -> Option<&[u8]> {
    let head = bytes[..bytes.len().min(PRESCANNED)].trim_ascii_start();
    head.starts_with(b"<").then_some(head)
}

/// The charset that an HTML or XML page declares of itself.
fn within(bytes: &[u8]) -> Option<TextEncoding> {
    let head = head(bytes)?;
    let named = if head.starts_with(b"<?xml") {
        let end = memchr::memmem::find(head, b"?>").unwrap_or(head.len());
        value_of(&head[..end], b"encoding").and_then(TextEncoding::for_label_no_replacement)
    } else {
        None
    };
    let of_meta = |meta| value_of(meta, b"charset").and_then(TextEncoding::for_label_no_replacement);
    let charset = named.or_else(|| tags(head, b"meta").find_map(of_meta))?;
    // As the HTML Standard has it: bytes in which `<meta` could be read are not UTF-16, and
    // x-user-defined means nothing here.
    Some(match charset {
        _ if charset == UTF_16LE || charset == UTF_16BE => UTF_8.into(),
        _ if charset.name() == "x-user-defined" => WINDOWS_1252.into(),
        _ => charset,
    })
}

/// The start tags of this name, each without its brackets and name.
fn tags<'h>(head: &'h [u8], name: &'static [u8]) -> impl Iterator<Item = &'h [u8]> {
    memchr::memchr_iter(b'<', head).map(|at| &head[at + 1..]).filter_map(|tag| {
        let (named, rest) = tag.split_at_checked(name.len())?;
        let is_of_name = named.eq_ignore_ascii_case(name) && !rest.first()?.is_ascii_alphanumeric();
        is_of_name.then(|| &rest[..memchr::memchr(b'>', rest).unwrap_or(rest.len())])
    })
}

/// The value that follows `name =`, in quotes or bare.
fn value_of<'t>(tag: &'t [u8], name: &[u8]) -> Option<&'t [u8]> {
    let mut rest = tag;
    loop {
        rest = &rest[position(rest, name)? + name.len()..];
        let Some(value) = rest.trim_ascii_start().strip_prefix(b"=") else { continue };
        let value = value.trim_ascii_start();
        return match value.first()? {
            quote @ (b'"' | b'\'') => value[1..].split(|byte| byte == quote).next(),
            _ => value.split(|byte| byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'' | b';' | b'/')).next(),
        };
    }
}

/// Where a name stands, whatever its case.
fn position(tag: &[u8], name: &[u8]) -> Option<usize> {
    tag.windows(name.len()).position(|window| window.eq_ignore_ascii_case(name))
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
            assert_eq!(label(page.as_bytes(), None).map(TextEncoding::name), expected, "{page}");
        }
    }

    #[test]
    fn the_language_is_told_by_the_page_or_its_header() {
        let cases: [(&str, Option<&str>); 7] = [
            ("<!doctype html><html class=a lang=hu><title>", Some("hu")),
            (r#"<HTML XML:LANG="pt-BR">"#, Some("pt-BR")),
            (r#"<html><meta http-equiv="Content-Language" content="cs, sk">"#, Some("cs")),
            (r#"<html><meta content="lt" http-equiv=content-language>"#, Some("lt")),
            ("<html><body lang=hu>", None),
            ("A line on <html lang=hu>.", None),
            ("<html lang", None),
        ];
        for (page, expected) in cases {
            assert_eq!(language(page.as_bytes()), expected, "{page}");
        }
    }

    #[test]
    fn a_label_beside_the_page_stands_before_one_within() {
        let page = b"<meta charset=koi8-r>";
        assert_eq!(label(page, Some(" CP1251 ")).map(TextEncoding::name), Some("windows-1251"));
        assert_eq!(label(page, Some("nonsense")).map(TextEncoding::name), Some("KOI8-R"));
    }
}
