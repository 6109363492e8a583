//! The gathered texts: which lines are in the language at all, and how they are drawn at random.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use encoding_rs::WINDOWS_1258;
use icu_normalizer::DecomposingNormalizerBorrowed;

/// The lines of a language that are in that language, as far as can be told: what is not translated is
/// English and has no letters beyond ASCII, or hardly any where the language has no others.
pub fn lines(texts: &Path, split: &str, language: &str) -> Result<Vec<String>> {
    let path = texts.join(split).join(format!("{language}.txt"));
    let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let letters = |line: &str| {
        let (ascii, beyond): (Vec<char>, Vec<char>) =
            line.chars().filter(|c| c.is_alphabetic()).partition(char::is_ascii);
        (ascii.len(), beyond.len())
    };
    let (ascii, beyond) = letters(&text);
    let has_ascii = ascii > beyond / 2;
    let is_foreign = |line: &&str| {
        let (ascii, beyond) = letters(line);
        beyond > 0 && (has_ascii || beyond >= ascii)
    };
    let all = text.lines().count();
    let foreign = text.lines().filter(is_foreign).count();
    let mostly_ascii = foreign * 5 < all * 2;
    Ok(text
        .lines()
        .filter(|line| mostly_ascii || is_foreign(line))
        .filter(|line| !line.contains('\u{FFFD}'))
        .map(str::to_string)
        .collect())
}

/// The languages that a split holds, by name.
pub fn languages(texts: &Path, split: &str) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(texts.join(split))? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        names.extend(name.strip_suffix(".txt").map(str::to_string));
    }
    names.sort();
    Ok(names)
}

/// Numbers that look random and are the same on every run (xorshift64*).
pub struct Dice(pub u64);

impl Dice {
    /// A number below `end`.
    pub fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) as usize % end.max(1)
    }
}

/// Vietnamese as windows-1258 can write it: letters that it lacks are put together of letter and tone.
pub fn with_tones_apart(text: &str) -> String {
    let parts = DecomposingNormalizerBorrowed::new_nfd();
    let composer = icu_normalizer::ComposingNormalizerBorrowed::new_nfc();
    let mut apart = String::with_capacity(text.len());
    let mut buffer = [0; 4];
    for c in text.chars() {
        let one: &str = c.encode_utf8(&mut buffer);
        if !WINDOWS_1258.encode(one).2 {
            apart.push(c);
            continue;
        }
        let is_tone = |c: &char| matches!(c, '\u{300}' | '\u{301}' | '\u{303}' | '\u{309}' | '\u{323}');
        let all = parts.normalize(one);
        let letter: String = all.chars().filter(|c| !is_tone(c)).collect();
        apart.push_str(&composer.normalize(&letter));
        apart.extend(all.chars().filter(is_tone));
    }
    apart
}
