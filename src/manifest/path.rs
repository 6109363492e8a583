//! Paths in the manifest's notation, and their order.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// Compares two paths in the manifest's notation by component, byte-wise: the order of every run.
pub fn path_cmp(a: &str, b: &str) -> Ordering {
    let bytes = |path| unescape(path).into_owned();
    match a.contains('\\') || b.contains('\\') {
        false => components(a.as_bytes()).cmp(components(b.as_bytes())),
        true => components(&bytes(a)).cmp(components(&bytes(b))),
    }
}

/// A path's bytes with `/` lowered below every other byte, so that a folder's pages stand together.
fn components(path: &[u8]) -> impl Iterator<Item = u8> {
    path.iter().map(|&byte| if byte == b'/' { 0 } else { byte })
}

/// A relative path in the manifest's notation: UTF-8 as it is, other bytes as `\xNN`, a backslash doubled.
pub fn escape(path: &Path) -> String {
    let mut escaped = String::new();
    for chunk in os_bytes(path.as_os_str()).utf8_chunks() {
        escaped.push_str(&chunk.valid().replace('\\', "\\\\"));
        for byte in chunk.invalid() {
            escaped.push_str(&format!("\\x{byte:02x}"));
        }
    }
    escaped
}

/// The bytes of a path in the manifest's notation. What is no escape is taken as it is.
pub fn unescape(path: &str) -> Cow<'_, [u8]> {
    if !path.contains('\\') {
        return Cow::Borrowed(path.as_bytes());
    }
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let code = match tail {
            [b'x', high, low, ..] if first == b'\\' => hex(*high).zip(hex(*low)).map(|(high, low)| high << 4 | low),
            _ => None,
        };
        rest = match (first, tail, code) {
            (_, _, Some(code)) => {
                bytes.push(code);
                &tail[3..]
            }
            (b'\\', [b'\\', after @ ..], _) => {
                bytes.push(b'\\');
                after
            }
            _ => {
                bytes.push(first);
                tail
            }
        };
    }
    Cow::Owned(bytes)
}

fn hex(digit: u8) -> Option<u8> {
    (digit as char).to_digit(16).map(|value| value as u8)
}

#[cfg(unix)]
fn os_bytes(name: &OsStr) -> Cow<'_, [u8]> {
    Cow::Borrowed(std::os::unix::ffi::OsStrExt::as_bytes(name))
}

#[cfg(not(unix))]
fn os_bytes(name: &OsStr) -> Cow<'_, [u8]> {
    Cow::Owned(name.to_string_lossy().replace('\\', "/").into_bytes())
}

/// The relative path that stands in the manifest as `escaped`.
#[cfg(unix)]
pub fn to_path(escaped: &str) -> PathBuf {
    PathBuf::from(<OsStr as std::os::unix::ffi::OsStrExt>::from_bytes(&unescape(escaped)))
}

/// The relative path that stands in the manifest as `escaped`.
#[cfg(not(unix))]
pub fn to_path(escaped: &str) -> PathBuf {
    PathBuf::from(String::from_utf8_lossy(&unescape(escaped)).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn path_order_is_by_component() {
        for (less, more) in [("a/z", "a.txt"), ("a", "a-b"), ("a/b/c", "a/b.txt"), ("\\x41", "B"), ("x", "\\xff")] {
            assert_eq!(path_cmp(less, more), Ordering::Less, "{less} < {more}");
            assert_eq!(path_cmp(more, less), Ordering::Greater, "{more} > {less}");
        }
        assert_eq!(path_cmp("a/b", "a/b"), Ordering::Equal);
    }

    #[cfg(unix)]
    #[test]
    fn names_that_are_not_utf8_survive_the_escape() {
        use std::os::unix::ffi::OsStrExt;
        for name in [&b"plain"[..], b"caf\xe9.txt", b"back\\slash", b"\\x41", b"\xff\xfe"] {
            let path = Path::new(OsStr::from_bytes(name));
            assert_eq!(to_path(&escape(path)), path);
        }
        assert_eq!(escape(Path::new(OsStr::from_bytes(b"caf\xe9"))), "caf\\xe9");
    }
}
