//! Two passes, the second trained on what the first says of pages that it has not seen.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufReader, BufWriter};
use std::path::Path;

use anyhow::Result;
use dechaff::internals::stages::model::trees::Forest;
use serde::{Deserialize, Serialize};

use crate::boost::Plan;
use crate::corpus::Corpus;

/// Scores by the number of the page.
pub type Scores = HashMap<usize, Vec<i32>>;

/// What forests said of the folds that they have not seen, by the set of these folds: a file of it spares training again
/// where only what judges beside the model has changed.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Kept {
    first: HashMap<u8, Scores>,
    second: HashMap<u8, Scores>,
}

const FOLDS: u8 = 5;

/// Trains both passes on all pages.
pub fn fit(corpus: &mut Corpus, plans: &[Plan; 2]) -> [Forest; 2] {
    let questions = corpus.questions(false);
    let mut heard = Scores::new();
    for fold in 0..FOLDS {
        corpus.know_words(1 << fold);
        let forest = corpus.train(1 << fold, &questions, &plans[0]);
        heard.extend(corpus.predict(&forest, 1 << fold));
        eprintln!("first pass without fold {fold}");
    }
    corpus.know_words(0);
    let first = corpus.train(0, &questions, &plans[0]);
    corpus.hear_first(|page| &heard[&page]);
    let second = corpus.train(0, &corpus.questions(true), &plans[1]);
    [first, second]
}

/// The scores of both passes on folds held out one after another.
///
/// For a fold held out, the second pass is trained on what first passes without that fold and without the page's
/// own say of it.
pub fn cross(corpus: &mut Corpus, plans: &[Plan; 2], folds: &[u8], keep: Option<&Path>) -> Result<[Scores; 2]> {
    let mut sets: Vec<u8> =
        folds.iter().flat_map(|&held| (0..FOLDS).map(move |other| 1 << held | 1 << other)).collect();
    if plans[1].trees == 0 {
        sets.retain(|set| set.count_ones() == 1);
    }
    sets.sort_unstable();
    sets.dedup();
    let mut kept: Kept = match keep.filter(|path| path.exists()) {
        Some(path) => serde_json::from_reader(BufReader::new(File::open(path)?))?,
        None => Kept::default(),
    };
    let questions = corpus.questions(false);
    for set in sets {
        kept.first.entry(set).or_insert_with(|| {
            corpus.know_words(set);
            let forest = corpus.train(set, &questions, &plans[0]);
            eprintln!("first pass without folds {set:05b}");
            corpus.predict(&forest, set).into_iter().collect()
        });
    }
    for &fold in folds {
        let held = 1 << fold;
        if plans[1].trees > 0 && !kept.second.contains_key(&held) {
            corpus.know_words(held);
            let own: Vec<u8> = corpus.pages.iter().map(|page| held | 1 << page.sample.fold).collect();
            corpus.hear_first(|page| &kept.first[&own[page]][&page]);
            let forest = corpus.train(held, &corpus.questions(true), &plans[1]);
            kept.second.insert(held, corpus.predict(&forest, held).into_iter().collect());
            eprintln!("second pass without fold {fold}");
        }
    }
    if let Some(path) = keep {
        serde_json::to_writer(BufWriter::new(File::create(path)?), &kept)?;
    }
    let of_held = |by_set: &HashMap<u8, Scores>| {
        folds.iter().filter_map(|&fold| by_set.get(&(1 << fold))).flat_map(|scores| scores.clone()).collect::<Scores>()
    };
    let heard = of_held(&kept.first);
    Ok(if plans[1].trees > 0 { [heard, of_held(&kept.second)] } else { [heard.clone(), heard] })
}
