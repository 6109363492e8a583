//! The words and labels that a model knows, and the rows of its matrix that a text's words stand for.

use std::collections::HashMap;

use super::Args;
use super::input::{Input, Mistake};

/// What stands for the end of a line among the words.
const LINE_END: &[u8] = b"</s>";

/// What labels begin with.
const LABEL: &str = "__label__";

/// The prime and the first value of the hash FNV-1a of 32 bits.
const FNV: (u32, u32) = (16_777_619, 2_166_136_261);

/// What the hash of a run of words is multiplied by before the next word.
const RUN_OF_WORDS: u64 = 116_049_371;

/// Bytes that an entry takes at least: an empty word, its count and its kind.
const ENTRY: u64 = 1 + 8 + 1;

#[derive(Debug)]
pub(super) struct Vocabulary {
    words: HashMap<Box<[u8]>, u32>,
    labels: Vec<String>,
    label_counts: Vec<i64>,
    buckets: Buckets,
    shortest: usize,
    longest: usize,
    word_ngrams: usize,
    /// How many words there are; behind their rows stand those of buckets.
    word_rows: usize,
}

/// Where the groups of letters and the runs of words have their rows.
#[derive(Debug)]
enum Buckets {
    /// A row for each hash.
    All(u32),
    /// Rows for those that are left, of so many.
    Pruned(u32, HashMap<u32, u32>),
    /// They have none.
    None,
}

impl Vocabulary {
    pub(super) fn read(input: &mut Input, args: &Args) -> Result<Vocabulary, Mistake> {
        let entries = input.count(0..=i32::MAX, "the number of words and labels")?;
        let word_rows = input.count(0..=i32::MAX, "the number of words")?;
        let label_count = input.count(1..=i32::MAX, "the number of labels")?;
        if word_rows.checked_add(label_count) != Some(entries) {
            return Err(input.wrong(format!("{entries} words and labels together, not {word_rows} and {label_count}")));
        }
        let _tokens = input.long()?;
        let pruned = input.long()?;
        input.has(Some(u64::from(entries) * ENTRY), &format!("{entries} entries of words and labels"))?;
        let mut words = HashMap::with_capacity(word_rows as usize);
        for number in 0..word_rows {
            words.insert(entry(input, 0)?.0.into(), number);
        }
        let (mut labels, mut label_counts) = (Vec::new(), Vec::new());
        for _ in 0..label_count {
            let (label, count) = entry(input, 1)?;
            let label = String::from_utf8_lossy(&label).into_owned();
            labels.push(label.strip_prefix(LABEL).map_or(label.clone(), str::to_string));
            label_counts.push(count);
        }
        let buckets = Buckets::read(input, pruned, args.buckets)?;
        let (shortest, longest, word_ngrams) = (args.shortest, args.longest, args.word_ngrams);
        let word_rows = word_rows as usize;
        Ok(Vocabulary { words, labels, label_counts, buckets, shortest, longest, word_ngrams, word_rows })
    }

    pub(super) fn is_pruned(&self) -> bool {
        matches!(self.buckets, Buckets::Pruned(..))
    }

    /// How many rows the matrix of words has at least.
    pub(super) fn rows(&self) -> usize {
        let uses_buckets = self.longest > 0 || self.word_ngrams > 1;
        self.word_rows
            + match &self.buckets {
                Buckets::All(count) if uses_buckets => *count as usize,
                Buckets::Pruned(_, left) => left.values().max().map_or(0, |last| *last as usize + 1),
                _ => 0,
            }
    }

    pub(super) fn labels(&self) -> &[String] {
        &self.labels
    }

    /// How often each label stood in what the model was trained on.
    pub(super) fn label_counts(&self) -> &[i64] {
        &self.label_counts
    }

    /// Shows the row of each word, of the groups of letters in it, and of runs of words; `None` where there is no word.
    pub(super) fn each_row(&self, text: &str, mut show: impl FnMut(usize)) -> Option<()> {
        let mut hashes = Vec::new();
        let mut spelled = Vec::new();
        let mut has_words = false;
        let words = text.as_bytes().split(|byte| b" \n\r\t\x0b\x0c\0".contains(byte)).filter(|word| !word.is_empty());
        for word in words.chain([LINE_END]) {
            let known = self.words.get(word);
            if known.is_none() && word.starts_with(LABEL.as_bytes()) {
                continue;
            }
            if let Some(&row) = known {
                show(row as usize);
            }
            if word != LINE_END {
                spelled.clear();
                spelled.extend_from_slice(b"<");
                spelled.extend_from_slice(word);
                spelled.extend_from_slice(b">");
                self.each_group(&spelled, &mut show);
            }
            if self.word_ngrams > 1 {
                hashes.push(extended(hash(FNV.1, word)));
            }
            if word == LINE_END {
                break;
            }
            has_words = true;
        }
        self.each_run(&hashes, &mut show);
        has_words.then_some(())
    }

    /// Shows the rows of the groups of letters of a word between its marks.
    fn each_group(&self, word: &[u8], show: &mut impl FnMut(usize)) {
        let is_first = |byte: u8| byte & 0xC0 != 0x80;
        for start in (0..word.len()).filter(|&start| is_first(word[start])) {
            let (mut group, mut letters) = (FNV.1, 0);
            for (at, &byte) in word.iter().enumerate().skip(start) {
                letters += usize::from(is_first(byte));
                if letters > self.longest {
                    break;
                }
                group = hash(group, &[byte]);
                let ends = word.get(at + 1).is_none_or(|&next| is_first(next));
                let is_mark = letters == 1 && (start == 0 || at + 1 == word.len());
                if ends && letters >= self.shortest && !is_mark {
                    self.show_bucket(u64::from(group), show);
                }
            }
        }
    }

    /// Shows the rows of runs of two words and more.
    fn each_run(&self, hashes: &[u64], show: &mut impl FnMut(usize)) {
        for start in 0..hashes.len() {
            let run = &hashes[start..hashes.len().min(start.saturating_add(self.word_ngrams))];
            let mut hash = run.first().copied().unwrap_or_default();
            for &word in run.iter().skip(1) {
                hash = hash.wrapping_mul(RUN_OF_WORDS).wrapping_add(word);
                self.show_bucket(hash, show);
            }
        }
    }

    fn show_bucket(&self, hash: u64, show: &mut impl FnMut(usize)) {
        let row = match &self.buckets {
            Buckets::All(count) => Some((hash % u64::from(*count)) as u32),
            Buckets::Pruned(count, left) => left.get(&((hash % u64::from(*count)) as u32)).copied(),
            Buckets::None => None,
        };
        if let Some(row) = row {
            show(self.word_rows + row as usize);
        }
    }
}

impl Buckets {
    fn read(input: &mut Input, pruned: i64, count: u32) -> Result<Buckets, Mistake> {
        if pruned < 0 {
            return Ok(if count == 0 { Buckets::None } else { Buckets::All(count) });
        }
        input.has((pruned as u64).checked_mul(8), &format!("{pruned} entries of groups of letters"))?;
        let mut left = HashMap::with_capacity(pruned as usize);
        for _ in 0..pruned {
            let bucket = input.count(0..=i32::MAX, "the hash of a group of letters")?;
            left.insert(bucket, input.count(0..=i32::MAX, "the row of a group of letters")?);
        }
        Ok(if count == 0 || left.is_empty() { Buckets::None } else { Buckets::Pruned(count, left) })
    }
}

/// A word or a label, and its count.
fn entry(input: &mut Input, kind: u8) -> Result<(Vec<u8>, i64), Mistake> {
    let word = input.word()?;
    let count = input.long()?;
    match input.byte()? {
        byte if byte == kind => Ok((word, count)),
        other => Err(input.wrong(format!("a word (0), behind all words a label (1), not {other}"))),
    }
}

/// FNV-1a as fastText computes it: bytes are numbers with a sign.
fn hash(hash: u32, bytes: &[u8]) -> u32 {
    bytes.iter().fold(hash, |hash, &byte| (hash ^ byte as i8 as u32).wrapping_mul(FNV.0))
}

/// The hash of a word in a run of words: a number of 32 bits with a sign.
fn extended(hash: u32) -> u64 {
    hash as i32 as i64 as u64
}
