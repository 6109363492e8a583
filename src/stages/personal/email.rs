//! Mail addresses.

use std::ops::Range;

/// Endings of files that are named like an address: `logo@2x.png`.
const FILES: [&str; 10] = ["png", "jpg", "jpeg", "gif", "webp", "svg", "css", "js", "ico", "pdf"];

/// The addresses of a text.
pub(super) fn find(text: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    let mut from = 0;
    memchr::memchr_iter(b'@', text.as_bytes()).filter_map(move |at| {
        let range = address(text, from, at)?;
        from = range.end;
        Some(range)
    })
}

fn address(text: &str, from: usize, at: usize) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let local = bytes[from..at].iter().rev().take_while(|byte| is_local(**byte)).count();
    let mut start = at - local;
    // Marks that stand before an address, as before any word.
    while start < at && matches!(bytes[start], b'.' | b'\'' | b'/' | b'=' | b'*' | b'&' | b'?' | b'{' | b'|' | b'`') {
        start += 1;
    }
    let own = &text[start..at];
    let before = text[..start].chars().next_back();
    if own.is_empty()
        || own.ends_with('.')
        || own.contains("..")
        || before.is_some_and(|c| c == '@' || c.is_alphanumeric())
    {
        return None;
    }
    let host =
        bytes[at + 1..].iter().take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.')).count();
    let host = text[at + 1..at + 1 + host].trim_end_matches(['.', '-']);
    let end = at + 1 + host.len();
    let (name, top) = host.rsplit_once('.')?;
    let is_label = |label: &str| !label.is_empty() && !label.starts_with('-') && !label.ends_with('-');
    let is_top = top.len() >= 2 && top.bytes().all(|byte| byte.is_ascii_alphabetic()) || top.starts_with("xn--");
    if !is_top || FILES.contains(&top.to_ascii_lowercase().as_str()) || !name.split('.').all(is_label) {
        return None;
    }
    // `git@host:path` is the address of a repository.
    let mut behind = text[end..].chars();
    let is_path =
        behind.next() == Some(':') && behind.next().is_some_and(|c| c.is_alphanumeric() || matches!(c, '/' | '~'));
    (!is_path && !text[end..].starts_with('@')).then_some(start..end)
}

fn is_local(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b".!#$%&'*+/=?^_`{|}~-".contains(&byte)
}
