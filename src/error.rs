//! Every way in which the library can fail, each with the place at fault.
//!
//! Judging cannot fail; only intake, rulebook, render and the manifest touch the outside world and
//! return these.

use std::io;
use std::path::PathBuf;

/// What went wrong, and where.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file or folder could not be read.
    #[error("cannot read {}: {cause}", printable(&path.to_string_lossy()))]
    Read {
        /// The file or folder at fault.
        path: PathBuf,
        /// What the operating system said.
        cause: io::Error,
    },
    /// A file or folder could not be written.
    #[error("cannot write {}: {cause}", printable(&path.to_string_lossy()))]
    Write {
        /// The file or folder at fault.
        path: PathBuf,
        /// What the operating system said.
        cause: io::Error,
    },
    /// A page is longer than spans of 32 bits can address.
    #[error("{}: a page of {bytes} bytes; pages of up to 4 GiB are read", printable(&path.to_string_lossy()))]
    TooLong {
        /// The file at fault.
        path: PathBuf,
        /// Its length in bytes.
        bytes: u64,
    },
    /// Another run holds the output folder.
    #[error("{} is in use by another run of dechaff; wait for it to end, or choose another folder", printable(&path.to_string_lossy()))]
    Locked {
        /// The output folder.
        path: PathBuf,
    },
    /// The two folders of a run cannot be used together.
    #[error("{0}")]
    Folders(String),
    /// A manifest holds a line that is none.
    #[error("{}:{line} is no line of a dechaff manifest ({cause}); move the file away or choose another folder", printable(&path.to_string_lossy()))]
    Manifest {
        /// The manifest.
        path: PathBuf,
        /// The line at fault, counted from 1.
        line: u64,
        /// What the parser said.
        cause: serde_json::Error,
    },
    /// A setting has a value that it cannot have.
    #[error("--{name}={value}: {expected}")]
    Setting {
        /// The setting, as the command line names it.
        name: &'static str,
        /// Its value.
        value: String,
        /// What is wrong with it, and what is expected.
        expected: String,
    },
    /// A site map holds mistakes: each on a line of its own, with the file and the line that it stands on.
    #[error("{0}")]
    SiteMap(String),
    /// Rule files hold mistakes: all of them, each with its place, ready to print.
    #[error("{0}")]
    Rules(String),
}

/// The library's result.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// What went wrong, for a row that names the path already.
    pub fn cause(&self) -> String {
        match self {
            Error::Read { cause, .. } => format!("cannot be read: {cause}"),
            other => other.to_string(),
        }
    }
}

/// A name as it may be shown: control characters, and those that turn the direction of writing, stand as escapes.
pub(crate) fn printable(name: &str) -> String {
    let is_shown = |c: char| {
        !c.is_control() && !matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let mut shown = String::with_capacity(name.len());
    for c in name.chars() {
        if is_shown(c) { shown.push(c) } else { shown.extend(c.escape_default()) }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::printable;

    #[test]
    fn nothing_in_a_name_reaches_the_terminal_as_a_command() {
        assert_eq!(printable("a\u{1b}[2Jb\n\u{202e}c é"), "a\\u{1b}[2Jb\\n\\u{202e}c é");
    }
}
