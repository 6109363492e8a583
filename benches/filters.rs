//! How fast filters judge documents, on one thread, and what they see of them.
//!
//! Documents are made up unless `DECHAFF_BENCH_TEXTS` names a file of JSON lines with a `text`. `cargo bench --bench filters
//! -- --words < TEXTS` prints the words and each filter's verdict of every document of stdin, which
//! `benches/peers/filters_agreement.py` compares with datatrove's.

use std::collections::BTreeMap;
use std::io::{BufRead, Write};
use std::{env, fs, io};

use dechaff::internals::filters::{FilterChain, FilterFiles};
use dechaff::internals::rules::RuleSet;
use dechaff::{Document, FilterSettings};
use divan::Bencher;
use divan::counter::BytesCount;
use serde_json::{Value, json};

/// The blocks of datatrove's FineWeb example, in its order.
const FINEWEB: [&str; 4] = ["gopher-repetition", "gopher-quality", "c4-any-end", "fineweb"];

/// All presets, each once.
const PRESETS: [&str; 6] = ["gopher-repetition", "gopher-quality", "c4", "fineweb", "refinedweb", "dclm"];

fn main() {
    match env::args().any(|arg| arg == "--words") {
        true => words().expect("documents on stdin"),
        false => divan::main(),
    }
}

#[divan::bench(args = ["gopher-repetition", "gopher-quality", "c4", "fineweb", "refinedweb", "no-own-text", "length"], sample_count = 10, sample_size = 1)]
fn one_filter(bencher: Bencher, name: &str) {
    judge(bencher, &[name], false);
}

#[divan::bench(sample_count = 10, sample_size = 1)]
fn the_four_of_fineweb(bencher: Bencher) {
    judge(bencher, &FINEWEB, false);
}

/// All published presets in one chain, with tags, so that one that speaks does not end it: every bound of every document.
#[divan::bench(sample_count = 10, sample_size = 1)]
fn all_presets(bencher: Bencher) {
    judge(bencher, &PRESETS, true);
}

/// The same with nothing dropped: all measures of all documents.
#[divan::bench(sample_count = 10, sample_size = 1)]
fn the_four_of_fineweb_tagged(bencher: Bencher) {
    judge(bencher, &FINEWEB, true);
}

fn judge(bencher: Bencher, names: &[&str], tag: bool) {
    let (texts, chain) = (texts(), chain(names, tag));
    let bytes = texts.iter().map(String::len).sum::<usize>();
    bencher.counter(BytesCount::new(bytes)).bench_local(|| {
        for text in &texts {
            divan::black_box(chain.judge(&Document::new(text)));
        }
    });
}

fn chain(names: &[&str], tag: bool) -> FilterChain {
    let mut settings = FilterSettings::default();
    settings.filter = names.iter().map(ToString::to_string).collect();
    settings.tag = tag;
    FilterChain::of(&settings, FilterFiles::default(), &RuleSet::builtin().expect("the built-in rules"))
        .expect("built-in filters")
}

fn texts() -> Vec<String> {
    if let Ok(file) = env::var("DECHAFF_BENCH_TEXTS") {
        return fs::read_to_string(file).expect("a file of JSON lines").lines().map(text_of).collect();
    }
    let sentence = |number: usize| {
        let what = ["otters", "ferry", "harbour", "herring", "engineer", "tide"][number % 6];
        format!("On day {number} the {what} of the island came back to the dock, and nobody knew why it had left. ")
    };
    (0..500).map(|page| (0..60).map(|line| sentence(page * 7 + line) + &"\n".repeat(line % 3)).collect()).collect()
}

fn text_of(line: &str) -> String {
    let record: Value = serde_json::from_str(line).expect("JSON");
    record["text"].as_str().expect("a text").to_string()
}

fn words() -> io::Result<()> {
    let rules = RuleSet::builtin().expect("the built-in rules");
    let filters: Vec<&str> = rules.filters().iter().map(|filter| filter.name.as_str()).collect();
    let chains: Vec<_> = filters.iter().map(|name| (*name, chain(&[name], false))).collect();
    let mut out = io::BufWriter::new(io::stdout().lock());
    for line in io::stdin().lock().lines() {
        let text = text_of(&line?);
        let document = Document::new(&text);
        let verdict = |(name, chain): &(&str, FilterChain)| {
            let dropped_by = chain.judge(&document).verdicts.first().map(|verdict| verdict.rule.clone());
            (name.to_string(), dropped_by)
        };
        let verdicts: BTreeMap<String, Option<String>> = chains.iter().map(verdict).collect();
        let words: Vec<&str> = document.words().collect();
        writeln!(out, "{}", json!({ "words": words, "verdicts": verdicts }))?;
    }
    out.flush()
}
