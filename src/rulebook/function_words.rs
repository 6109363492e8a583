//! The function words of languages: the words that sentences have and menus have not.

use std::collections::{BTreeMap, HashSet};
use std::sync::LazyLock;

/// The function words of one language, folded.
pub type FunctionWords = HashSet<Box<str>, xxhash_rust::xxh3::Xxh3DefaultBuilder>;

/// The function words of a language by its ISO 639-1 code; `None` where nobody has written them down.
pub fn of(language: &str) -> Option<&'static FunctionWords> {
    static WORDS: LazyLock<BTreeMap<String, FunctionWords>> = LazyLock::new(|| {
        let text = include_str!("../../rules/model/function-words.toml");
        let lists: BTreeMap<String, String> = toml::from_str(text).unwrap_or_default();
        let words = |list: String| list.split_whitespace().map(Into::into).collect();
        lists.into_iter().map(|(language, list)| (language, words(list))).collect()
    });
    WORDS.get(language)
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_list_is_read() {
        assert!(super::of("en").unwrap().contains("the"));
        assert!(super::of("de").unwrap().contains("und"));
        assert!(super::of("xx").is_none());
    }
}
