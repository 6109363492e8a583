//! Supervised models of fastText (Joulin et al. 2016), dense (`.bin`) and quantized (`.ftz`): which label a text has.
//!
//! The crates that read such files do not fit: `fasttext` 0.8 is unsafe, and `fasttext-pure-rs` 0.1 panics on damaged files,
//! refuses those over 1 GB and hashes runs of words otherwise than fastText.
//!
//! The answers are those of fastText 0.9. Whatever a file holds, reading it ends with a model or with an error that says
//! at which byte something else was expected, and its memory grows with the length of the file and no faster.

mod input;
mod matrix;
mod output;
mod vocabulary;

use std::path::Path;

use crate::error::{Error, Result};
use input::{Input, Mistake};
use matrix::Matrix;
use output::{Loss, Output};
use vocabulary::Vocabulary;

/// What the file of a model begins with.
const MAGIC: i32 = 793_712_314;

/// The version of the format that fastText writes since 0.1 of 2017.
const VERSION: i32 = 12;

/// The kind of model that has labels; the others are vectors of words.
const SUPERVISED: i32 = 3;

/// The longest vector of a model, in numbers. The models of fastText.cc have 300.
const DIMENSIONS: i32 = 1 << 16;

/// The longest group of letters, and the longest run of words, that a model has rows for. Models that tell languages have groups
/// of up to 6 letters; what a text costs grows with both.
const LONGEST: i32 = 255;

/// A model that tells the label of a text.
#[derive(Debug)]
pub struct FastText {
    vocabulary: Vocabulary,
    input: Matrix,
    output: Output,
    hash: String,
}

/// What a model says of a text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Prediction<'m> {
    /// The label, without `__label__`.
    pub label: &'m str,
    /// How likely it is, from 0 to 1.
    pub probability: f32,
}

/// How a model was trained, as far as it matters to who asks it.
struct Args {
    dimensions: usize,
    word_ngrams: usize,
    loss: Loss,
    buckets: u32,
    shortest: usize,
    longest: usize,
}

impl FastText {
    /// Reads a model.
    ///
    /// # Errors
    /// [`Error::Read`] where it cannot be read; [`Error::Setting`] with the place where it is no supervised model of fastText.
    pub fn read(path: &Path) -> Result<FastText> {
        let opened = Input::open(path).map_err(|cause| Error::Read { path: path.into(), cause })?;
        FastText::of(opened).map_err(|mistake| match mistake {
            Mistake::Io(cause) => Error::Read { path: path.into(), cause },
            Mistake::Form { at, expected } => Error::Setting {
                name: "lid-model",
                value: path.display().to_string(),
                expected: format!(
                    "byte {at}: expected {expected}; the file is a supervised model of fastText, .bin or .ftz"
                ),
            },
        })
    }

    /// Reads a model that is in memory; `None` where it is none.
    pub fn of_bytes(bytes: &[u8]) -> Option<FastText> {
        FastText::of(Input::of(bytes, bytes.len() as u64)).ok()
    }

    fn of(mut input: Input) -> std::result::Result<FastText, Mistake> {
        let args = Args::read(&mut input)?;
        let vocabulary = Vocabulary::read(&mut input, &args)?;
        let is_quantized = input.bool("whether the vectors of words are quantized")?;
        if vocabulary.is_pruned() && !is_quantized {
            return Err(input.wrong("quantized vectors behind a vocabulary that is pruned"));
        }
        let rows = Matrix::read(&mut input, is_quantized, args.dimensions)?;
        if rows.len() < vocabulary.rows() {
            let wanted = format!("a vector for each of {} words and groups, not {}", vocabulary.rows(), rows.len());
            return Err(input.wrong(wanted));
        }
        let is_quantized = input.bool("whether the vectors of labels are quantized")? && is_quantized;
        let labels = Matrix::read(&mut input, is_quantized, args.dimensions)?;
        if labels.len() != vocabulary.labels().len() {
            let wanted = format!("a vector for each of {} labels, not {}", vocabulary.labels().len(), labels.len());
            return Err(input.wrong(wanted));
        }
        let output = Output::new(labels, args.loss, vocabulary.label_counts());
        Ok(FastText { vocabulary, input: rows, output, hash: input.finish()? })
    }

    /// The likeliest label of a text; `None` where the text holds no word. The whole text is one line, as `predict` of
    /// fastText wants it: line ends part words.
    pub fn predict(&self, text: &str) -> Option<Prediction<'_>> {
        let mut sum = vec![0.0; self.input.dimensions()];
        let mut count = 0_u32;
        self.vocabulary.each_row(text, |row| {
            self.input.add_row(row, &mut sum);
            count += 1;
        })?;
        // What holds nothing that the model knows has no vector, and no label.
        if count == 0 {
            return None;
        }
        sum.iter_mut().for_each(|number| *number *= 1.0 / count as f32);
        let (label, probability) = self.output.likeliest(&sum)?;
        Some(Prediction { label: self.vocabulary.labels().get(label)?, probability })
    }

    /// The labels, without `__label__`.
    pub fn labels(&self) -> impl Iterator<Item = &str> {
        self.vocabulary.labels().iter().map(String::as_str)
    }

    /// SHA-256 of the file, in hexadecimal.
    pub fn hash(&self) -> &str {
        &self.hash
    }
}

impl Args {
    fn read(input: &mut Input) -> std::result::Result<Args, Mistake> {
        input.expect(MAGIC, "the mark of a model of fastText, 793712314")?;
        input.expect(VERSION, "version 12 of the format")?;
        let dimensions = input.count(1..=DIMENSIONS, "the length of a vector")?;
        let [_window, _epochs, _least_count, _negatives] = input.numbers()?;
        let word_ngrams = input.count(0..=LONGEST, "the longest run of words")?;
        let loss = match input.number()? {
            1 => Loss::HierarchicalSoftmax,
            2 | 4 => Loss::Sigmoid,
            3 => Loss::Softmax,
            other => return Err(input.wrong(format!("a loss from 1 to 4, not {other}"))),
        };
        input.expect(SUPERVISED, "a model with labels (supervised)")?;
        let buckets = input.count(0..=i32::MAX, "the number of buckets")?;
        let shortest = input.number()?.max(0);
        let longest = input.number()?.max(0);
        if longest > LONGEST {
            return Err(input.wrong(format!("groups of at most {LONGEST} letters, not {longest}")));
        }
        let _rate = input.number()?;
        input.skip(8)?;
        Ok(Args {
            dimensions: dimensions as usize,
            word_ngrams: word_ngrams as usize,
            loss,
            buckets,
            shortest: shortest as usize,
            longest: longest as usize,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::PathBuf;

    use super::*;

    /// Models that fastText made of sentences of our own, and what it says of lines: see `tests/lid/make.py`.
    fn fixture(name: &str) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lid").join(name)
    }

    const MODELS: [&str; 3] = ["softmax.bin", "ova.bin", "hs-pruned.ftz"];

    #[test]
    fn labels_and_probabilities_are_those_of_fasttext() {
        for name in MODELS {
            let model = FastText::read(&fixture(name)).unwrap();
            let expected = fs::read_to_string(fixture(&format!("{name}.expected.tsv"))).unwrap();
            let mut compared = 0;
            for line in expected.lines() {
                let [label, probability, text] = line.splitn(3, '\t').collect::<Vec<_>>().try_into().unwrap();
                let told = model.predict(text).unwrap_or(Prediction { label: "", probability: 0.0 });
                assert_eq!(told.label, label, "{name}: {text}");
                let distance = (told.probability - probability.parse::<f32>().unwrap()).abs();
                assert!(distance <= 1e-4, "{name}: {text}: {} and not {probability}", told.probability);
                compared += 1;
            }
            assert!(compared >= 30, "{name}: {compared}");
        }
    }

    #[test]
    fn a_file_that_is_cut_or_damaged_anywhere_is_an_error_or_a_model() {
        let scratch = tempfile::tempdir().unwrap();
        let file = scratch.path().join("model.bin");
        for name in ["softmax.bin", "hs-pruned.ftz"] {
            let whole = fs::read(fixture(name)).unwrap();
            for cut in (0..whole.len()).step_by(211) {
                fs::write(&file, &whole[..cut]).unwrap();
                let told = FastText::read(&file).unwrap_err().to_string();
                assert!(told.contains("model.bin") && told.contains("expected"), "{name} cut at {cut}: {told}");
            }
            for at in (0..whole.len()).step_by(23).chain(0..200) {
                for byte in [0, 1, 0x7f, 0x80, 0xff] {
                    let mut damaged = whole.clone();
                    damaged[at] = byte;
                    if let Some(model) = FastText::of_bytes(&damaged) {
                        model.predict("The ferry leaves at nine.");
                    }
                }
            }
        }
    }

    #[test]
    fn what_is_no_model_is_told_with_its_place() {
        let scratch = tempfile::tempdir().unwrap();
        let file = scratch.path().join("model.bin");
        let whole = fs::read(fixture("softmax.bin")).unwrap();
        let changed = |at: usize, number: i32| {
            let mut bytes = whole.clone();
            bytes[at..at + 4].copy_from_slice(&number.to_le_bytes());
            bytes
        };
        let longer = [&whole[..], b"more"].concat();
        for (bytes, says) in [
            (b"PK\x03\x04 and more".to_vec(), "byte 0: expected the mark of a model of fastText"),
            (changed(4, 11), "byte 4: expected version 12"),
            (changed(8, -1), "byte 8: expected the length of a vector"),
            (changed(32, 9), "a loss from 1 to 4, not 9"),
            (changed(36, 1), "a model with labels"),
            (changed(64, i32::MAX), "2147483647 words and labels together"),
            (
                [&changed(64, i32::MAX)[..68], &(i32::MAX - 7).to_le_bytes(), &whole[72..]].concat(),
                "2147483647 entries",
            ),
            (longer, "the end of the file"),
            (Vec::new(), "byte 0: expected 4 more bytes"),
        ] {
            fs::write(&file, bytes).unwrap();
            let told = FastText::read(&file).unwrap_err().to_string();
            assert!(told.contains(says), "{says}: {told}");
        }
        assert!(FastText::read(scratch.path()).is_err());
    }
}
