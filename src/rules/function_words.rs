//! The function words of languages: the words that sentences have and menus have not.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use xxhash_rust::xxh3::xxh3_64;

use crate::line::ByKey;

/// The function words of all languages in `rules/model/function-words.toml`.
struct FunctionWords {
    /// The languages' ISO 639-1 codes; a language's number is its place here.
    languages: Vec<String>,
    /// For every word, by the hash of it in lower case, the numbers of its languages as bits.
    words: ByKey<u64>,
}

static EMBEDDED: LazyLock<FunctionWords> = LazyLock::new(|| {
    let text = include_str!("../../rules/model/function-words.toml");
    let lists: BTreeMap<String, String> = toml::from_str(text).unwrap_or_default();
    let mut words = ByKey::<u64>::default();
    for (number, list) in lists.values().enumerate() {
        list.split_whitespace().for_each(|word| *words.entry(xxh3_64(word.as_bytes())).or_default() |= 1 << number);
    }
    FunctionWords { languages: lists.into_keys().collect(), words }
});

/// The words of a text, and how many of them are function words of which language.
#[derive(Debug)]
pub struct Counts {
    /// All words.
    pub words: u32,
    of: [u32; u64::BITS as usize],
}

impl Counts {
    /// Counts the words of a text.
    pub fn of(text: &str) -> Counts {
        let mut counts = Counts { words: 0, of: [0; 64] };
        let is_between = |byte: &u8| byte.is_ascii() && !byte.is_ascii_alphanumeric();
        for run in text.to_ascii_lowercase().as_bytes().split(is_between) {
            if run.is_ascii() {
                counts.add(run);
            } else if let Ok(run) = str::from_utf8(run) {
                let lower = run.to_lowercase();
                lower.split(|c: char| !c.is_alphanumeric()).for_each(|word| counts.add(word.as_bytes()));
            }
        }
        counts
    }

    fn add(&mut self, word: &[u8]) {
        if word.is_empty() {
            return;
        }
        self.words += 1;
        let mut languages = EMBEDDED.words.get(&xxh3_64(word)).copied().unwrap_or_default();
        while languages != 0 {
            self.of[languages.trailing_zeros() as usize] += 1;
            languages &= languages - 1;
        }
    }

    /// How many are function words of a language, by its ISO 639-1 code; none where nobody has written them down.
    pub fn of_language(&self, language: &str) -> u32 {
        EMBEDDED.languages.iter().position(|code| code == language).map_or(0, |number| self.of[number])
    }

    /// The language with the most function words, and how many it has of them and the next one has.
    pub fn most(&self) -> Option<(&'static str, u32, u32)> {
        let (best, &most) = self.of.iter().enumerate().max_by_key(|(_, count)| **count)?;
        let next = self.of.iter().enumerate().filter(|(number, _)| *number != best).map(|(_, count)| *count).max()?;
        EMBEDDED.languages.get(best).map(|language| (language.as_str(), most, next))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn function_words_are_counted_by_language() {
        let counts = Counts::of("The ferry and the tide: die Flut und DAS Boot");
        assert_eq!((counts.words, counts.of_language("en"), counts.of_language("de")), (10, 3, 3));
        assert_eq!(counts.of_language("xx"), 0);
        assert_eq!(Counts::of("the and which").most(), Some(("en", 3, 0)));
    }
}
