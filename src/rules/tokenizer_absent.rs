//! The tokenizer of a build without the feature `tokenizer`: there is none.

use std::path::Path;

use crate::error::{Error, Result};

/// What a build without tokenizers says where it is asked for one.
const ABSENT: &str = "this dechaff was built without tokenizers; the releases and the Python package (pip install dechaff) have \
    them, and so has a build with `--features tokenizer`";

/// A tokenizer: there is none in a build without them.
#[derive(Debug)]
pub enum Tokenizer {}

impl Tokenizer {
    /// Says how to get a build with tokenizers.
    ///
    /// # Errors
    /// [`Error::Setting`], always.
    pub fn read(path: &Path) -> Result<Tokenizer> {
        Err(Error::Setting { name: "tokenizer", value: path.display().to_string(), expected: ABSENT.into() })
    }

    /// How many tokens a text has.
    pub fn count(&self, _: &str) -> usize {
        match *self {}
    }

    /// SHA-256 of the file, in hexadecimal.
    pub fn hash(&self) -> &str {
        match *self {}
    }
}
