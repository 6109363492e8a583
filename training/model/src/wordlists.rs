//! Reads the word lists beside the model: function words by language, furniture words by concept.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use dechaff::internals::line::fold;
use dechaff::internals::stages::model::facts::hash_words;
use dechaff::internals::stages::model::lexicon::{CONCEPTS, Entry};

/// The entries of both lists, without learned weights, and the concepts' names in their order.
pub fn read(folder: &Path) -> Result<(Vec<Entry>, Vec<String>)> {
    let mut words: BTreeMap<u32, (Option<u8>, bool)> = BTreeMap::new();
    for list in table(&folder.join("function-words.toml"))?.values() {
        for hash in hashes(list.as_str().unwrap_or_default()) {
            words.entry(hash).or_default().1 = true;
        }
    }
    // TOML tables keep no order here; names sorted give the same numbers every time.
    let concepts = table(&folder.join("concepts.toml"))?;
    ensure!(concepts.len() <= CONCEPTS, "{} concepts; {CONCEPTS} at most", concepts.len());
    for (number, lists) in concepts.values().enumerate() {
        for list in lists.as_table().context("a concept is a table of languages")?.values() {
            for hash in hashes(list.as_str().unwrap_or_default()) {
                words.entry(hash).or_default().0.get_or_insert(number as u8);
            }
        }
    }
    let entries = words.into_iter().map(|(hash, (concept, stop))| Entry::new(hash, 0, concept, stop)).collect();
    Ok((entries, concepts.keys().cloned().collect()))
}

fn table(path: &Path) -> Result<BTreeMap<String, toml::Value>> {
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    toml::from_str(&text).with_context(|| format!("in {}", path.display()))
}

/// The hashes of a list of words parted by spaces. A word that is cut in two (`i'm`) is left out unless its script
/// writes no spaces.
fn hashes(list: &str) -> Vec<u32> {
    let mut all = Vec::new();
    for word in list.split_whitespace() {
        let mut hashes = Vec::new();
        let folded = fold(word);
        hash_words(&folded, 0..folded.len(), &mut hashes);
        if hashes.len() == 1 || word.chars().all(|c| c as u32 >= 0xE00) {
            all.extend(hashes);
        }
    }
    all
}
