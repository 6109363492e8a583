//! Counts pairs of letters and writes the statistics.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use dechaff::internals::parse::letters::{self, CLASSES, Class, Language};

use crate::texts;

/// The languages that the statistics are of, and how many symbols of their own each may have.
const LANGUAGES: [(&str, usize); 52] = [
    ("ar", 70),
    ("az", 50),
    ("be", 56),
    ("bg", 56),
    ("ca", 50),
    ("cs", 50),
    ("cy", 50),
    ("da", 50),
    ("de", 50),
    ("el", 60),
    ("en", 50),
    ("eo", 50),
    ("es", 50),
    ("et", 50),
    ("eu", 50),
    ("fa", 70),
    ("fi", 50),
    ("fr", 50),
    ("ga", 50),
    ("gd", 50),
    ("gl", 50),
    ("gn", 50),
    ("he", 56),
    ("hr", 50),
    ("hu", 50),
    ("hy", 84),
    ("id", 48),
    ("is", 50),
    ("it", 50),
    ("ja", 96),
    ("kab", 50),
    ("ko", 24),
    ("lt", 50),
    ("lv", 50),
    ("mk", 56),
    ("nb", 50),
    ("nl", 50),
    ("pl", 50),
    ("pt", 50),
    ("ro", 50),
    ("ru", 58),
    ("sk", 50),
    ("sl", 50),
    ("sq", 50),
    ("sr", 60),
    ("sv", 50),
    ("szl", 50),
    ("th", 96),
    ("tr", 50),
    ("uk", 58),
    ("uz", 50),
    ("vi", 100),
];

/// The languages of ideographs, counted by the ideograph rather than the pair.
const IDEOGRAPHIC: [&str; 4] = ["ja", "ko", "zh-hans", "zh-hant"];

/// How many of the most frequent ideographs or syllables are kept.
const FREQUENT: usize = 1200;

/// How many characters of running text, and how many of listed words, a language is made to weigh.
const WEIGHT: f64 = 2_000_000.0;

/// Reads the texts of all languages and writes their statistics.
pub fn run(from: &Path, out: &Path) -> Result<()> {
    let chinese = [("zh-hans", 24), ("zh-hant", 24)];
    let mut languages = Vec::new();
    for (name, most) in LANGUAGES.into_iter().chain(chinese) {
        languages.push(train(from, name, most)?);
    }
    let data = letters::write(&languages);
    fs::write(out, &data).with_context(|| format!("cannot write {}", out.display()))?;
    println!("{} languages, {} bytes", languages.len(), data.len());
    Ok(())
}

fn train(from: &Path, name: &str, most: usize) -> Result<Language> {
    let mut lines = texts::lines(from, "train", name)?;
    let mut words = words(from, name)?;
    if name == "vi" {
        // In windows-1258 most tones stand after their letter.
        lines.extend(lines.clone().iter().map(|line| texts::with_tones_apart(line)));
        words.extend(words.clone().iter().map(|(word, count)| (texts::with_tones_apart(word), *count)));
    }
    let mut seen: BTreeMap<char, f64> = BTreeMap::new();
    let text_length: f64 = lines.iter().map(|line| line.chars().count() as f64).sum();
    let words_length: f64 = words.iter().map(|(word, count)| word.chars().count() as f64 * count).sum();
    let text_weight = WEIGHT / text_length;
    let words_weight = if words_length > 0.0 { WEIGHT / words_length } else { 0.0 };
    for c in lines.iter().flat_map(|line| line.chars()) {
        *seen.entry(letters::lower(c)).or_default() += text_weight;
    }
    for (word, count) in &words {
        for c in word.chars() {
            *seen.entry(letters::lower(c)).or_default() += count * words_weight;
        }
    }
    let ideographic = IDEOGRAPHIC.contains(&name);
    let latin: f64 = ('a'..='z').filter_map(|c| seen.get(&c)).sum();
    let beyond: f64 = seen.iter().filter(|&(&c, _)| !c.is_ascii() && c.is_alphabetic()).map(|(_, count)| count).sum();
    let is_latin = latin > beyond;
    let mut own: Vec<(char, f64)> = seen
        .iter()
        .filter(|&(&c, &count)| {
            count >= 12.0
                && match letters::class_of(c) {
                    Class::Ascii => is_latin,
                    Class::Space | Class::Digit | Class::Broken | Class::Emoji | Class::Drawn => false,
                    Class::Ideograph => name == "ja" && ('\u{3001}'..'\u{3100}').contains(&c),
                    _ => true,
                }
        })
        .map(|(&c, &count)| (c, count))
        .collect();
    own.sort_by(|a, b| b.1.total_cmp(&a.1));
    own.truncate(most);
    let mut own: Vec<char> = own.into_iter().map(|(c, _)| c).collect();
    own.sort_unstable();
    let mut frequent: Vec<(char, u64)> = Vec::new();
    if ideographic {
        frequent = seen
            .iter()
            .filter(|&(&c, _)| letters::class_of(c) == Class::Ideograph && !own.contains(&c))
            .map(|(&c, &count)| (c, (count * 16.0) as u64))
            .filter(|&(_, count)| count > 0)
            .collect();
        frequent.sort_by_key(|&(_, count)| std::cmp::Reverse(count));
        frequent.truncate(FREQUENT);
    }
    let bare = Language::trained(name, own.clone(), &vec![0; (CLASSES + own.len()).pow(2)], &[]);
    let width = CLASSES + own.len();
    let mut counts = vec![0.0; width * width];
    let mut count = |text: &str, weight: f64| {
        let mut last = Class::Space as usize;
        for c in text.chars().chain([' ']) {
            let symbol = usize::from(bare.symbol(letters::lower(c)));
            counts[last * width + symbol] += weight;
            last = symbol;
        }
    };
    for line in &lines {
        count(line, text_weight);
    }
    for (word, times) in &words {
        count(word, times * words_weight);
    }
    let counts: Vec<u64> = counts.into_iter().map(|count: f64| count.round() as u64).collect();
    println!("{name}: {} symbols, {} ideographs, text {text_length}", width, frequent.len());
    Ok(Language::trained(name, own, &counts, &frequent))
}

/// The words of a language with their counts; none where there is no list.
fn words(from: &Path, name: &str) -> Result<Vec<(String, f64)>> {
    let path = from.join("words").join(format!("{name}.tsv"));
    if !path.exists() {
        return Ok(Vec::new());
    }
    let text = fs::read_to_string(path)?;
    Ok(text
        .lines()
        .filter_map(|line| line.split_once('\t'))
        .filter_map(|(word, count)| Some((word.to_string(), count.parse().ok()?)))
        .collect())
}
