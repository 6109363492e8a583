//! A path below a folder, checked once: it cannot lead out of it.
//!
//! Whatever a manifest, a journal or an archive calls a file goes through this type before a file is touched.

use std::ffi::OsStr;
use std::fmt;
use std::path::{Component, Path, PathBuf};

use crate::manifest::to_path;

/// A path of plain names, in the notation of the manifest and as the file system takes it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RelativePath {
    escaped: String,
    path: PathBuf,
}

/// A path that would lead out of its folder, or that no file can have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no path below a folder")]
pub struct LeadsOutside(pub String);

impl RelativePath {
    /// Checks a path in the manifest's notation.
    ///
    /// # Errors
    /// Where it is empty or absolute, has `.` or `..` or an empty part in it, or holds a NUL.
    pub fn of(escaped: &str) -> Result<RelativePath, LeadsOutside> {
        let path = to_path(escaped);
        let is_plain = |part: Component| matches!(part, Component::Normal(_));
        // Components leave `.` and doubled slashes out, so that the path put together again shows them.
        let again: PathBuf = path.components().collect();
        let bytes = path.as_os_str().as_encoded_bytes();
        let is_inside = !bytes.is_empty()
            && !bytes.contains(&0)
            && path.components().all(is_plain)
            && again.as_os_str() == path.as_os_str();
        if is_inside { Ok(RelativePath { escaped: escaped.into(), path }) } else { Err(LeadsOutside(escaped.into())) }
    }

    /// The path as the file system takes it.
    pub fn as_path(&self) -> &Path {
        &self.path
    }

    /// The path in the manifest's notation.
    pub fn as_str(&self) -> &str {
        &self.escaped
    }

    /// Its last name.
    pub fn file_name(&self) -> &OsStr {
        self.path.file_name().unwrap_or_default()
    }

    /// The names of the folders that it leads through, the outermost first.
    pub fn folders(&self) -> impl Iterator<Item = &OsStr> {
        let parent = self.path.parent().unwrap_or(Path::new(""));
        parent.components().map(Component::as_os_str)
    }
}

impl fmt::Display for RelativePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.escaped)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_names_lead_down() {
        for path in ["a", "a/b.txt", "caf\\xe9/x", "back\\\\slash", "..a", "a..", ".hidden", "ünï"] {
            assert_eq!(RelativePath::of(path).map(|path| path.as_str().to_string()).as_deref(), Ok(path));
        }
        for path in [
            "",
            ".",
            "..",
            "../victim",
            "a/../b",
            "/etc/passwd",
            "a/./b",
            "a//b",
            "a/",
            "\\x2e\\x2e/x",
            "a\0b",
            "\\x00",
        ] {
            assert!(RelativePath::of(path).is_err(), "{path}");
        }
    }
}
