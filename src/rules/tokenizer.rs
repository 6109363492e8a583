//! A tokenizer of the user's own (`tokenizer.json`): how many tokens a model would see in a text.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::error::{Error, Result};
use crate::hash::sha256;

/// What a tokenizer is tried on when it is read: a character that no vocabulary has, and one that most have.
const TRIED_ON: &str = "\u{10FFFF} a";

/// A tokenizer, ready to count.
pub struct Tokenizer {
    inner: tokenizers::Tokenizer,
    hash: String,
}

impl Tokenizer {
    /// Reads a `tokenizer.json` as Hugging Face's tokenizers write it.
    ///
    /// # Errors
    /// [`Error::Read`] where it cannot be read; [`Error::Setting`] where it is none, drops merges by chance, or has no
    /// token for what it does not know.
    pub fn read(path: &Path) -> Result<Tokenizer> {
        let wrong =
            |expected: String| Error::Setting { name: "tokenizer", value: path.display().to_string(), expected };
        let bytes = fs::read(path).map_err(|cause| Error::Read { path: path.into(), cause })?;
        let no_tokenizer =
            |cause: &dyn std::fmt::Display| wrong(format!("expected a tokenizer.json, and it is none: {cause}"));
        let form: Value = serde_json::from_slice(&bytes).map_err(|cause| no_tokenizer(&cause))?;
        // A text has one number of tokens.
        if form.pointer("/model/dropout").and_then(Value::as_f64).is_some_and(|dropout| dropout > 0.0) {
            return Err(wrong("its model leaves out merges by chance; expected one whose `dropout` is null".into()));
        }
        let mut inner = tokenizers::Tokenizer::from_bytes(&bytes).map_err(|cause| no_tokenizer(&cause))?;
        inner.with_padding(None);
        inner.with_truncation(None).map_err(|cause| no_tokenizer(&cause))?;
        inner.encode_fast(TRIED_ON, false).map_err(|cause| {
            wrong(format!(
                "it cannot divide every text ({cause}); expected a vocabulary with a token for what is unknown"
            ))
        })?;
        Ok(Tokenizer { inner, hash: sha256(&bytes) })
    }

    /// How many tokens a text has, without those that stand around every text; 0 where it cannot be divided.
    pub fn count(&self, text: &str) -> usize {
        self.inner.encode_fast(text, false).map_or(0, |encoding| encoding.len())
    }

    /// SHA-256 of the file, in hexadecimal.
    pub fn hash(&self) -> &str {
        &self.hash
    }
}

impl std::fmt::Debug for Tokenizer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tokenizer").field("hash", &self.hash).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    fn fixture(name: &str) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tokenizers").join(name)
    }

    #[test]
    fn tokens_are_counted_as_hugging_face_counts_them() {
        for name in ["words.json", "bpe.json"] {
            let tokenizer = Tokenizer::read(&fixture(name)).unwrap();
            let expected = fs::read_to_string(fixture(&format!("{name}.expected.tsv"))).unwrap();
            let mut compared = 0;
            for line in expected.lines() {
                let (count, text) = line.split_once('\t').unwrap();
                assert_eq!(tokenizer.count(text), count.parse::<usize>().unwrap(), "{name}: {text}");
                compared += 1;
            }
            assert!(compared >= 30, "{name}: {compared}");
        }
    }

    #[test]
    fn what_is_no_tokenizer_is_an_error_that_names_the_file() {
        let scratch = tempfile::tempdir().unwrap();
        let file = scratch.path().join("tokenizer.json");
        let whole = fs::read_to_string(fixture("words.json")).unwrap();
        let bpe = fs::read_to_string(fixture("bpe.json")).unwrap();
        for (text, says) in [
            ("", "it is none: EOF"),
            ("{}", "it is none"),
            ("[1, 2]", "it is none"),
            (&whole[..whole.len() / 2], "it is none: EOF"),
            (&whole.replace("\"unk_token\":\"[UNK]\"", "\"unk_token\":\"none\""), "a token for what is unknown"),
            (&bpe.replace("\"dropout\":null", "\"dropout\":0.1"), "expected one whose `dropout` is null"),
        ] {
            fs::write(&file, text).unwrap();
            let told = Tokenizer::read(&file).unwrap_err().to_string();
            assert!(told.contains(says) && told.contains("tokenizer.json"), "{says}: {told}");
        }
        assert!(Tokenizer::read(&scratch.path().join("gone")).is_err());
        for cut in (0..bpe.len()).step_by(101).filter(|&cut| bpe.is_char_boundary(cut)) {
            fs::write(&file, &bpe[..cut]).unwrap();
            assert!(Tokenizer::read(&file).is_err(), "cut at {cut}");
        }
    }
}
