//! Makes the weights of dechaff's line model from pages with known main content.
//!
//!     cargo run --release -p dechaff-training -- DATA/dev DATA/news=2
//!
//! reads `DATA/dev-pages.jsonl.xz`, `DATA/dev-html.jsonl.xz` and so on, and writes `rules/model/weights.bin`, with `--of html` `rules/model/html.bin`. With `--cross` it writes nothing and reports
//! the figures of held-out folds.

mod ablation;
mod boost;
mod corpus;
mod data;
mod disguise;
mod evaluate;
mod labels;
mod stacking;
mod wordlists;
mod words;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Instant;

use ablation::Worth;
use anyhow::{Context, Result};
use boost::Plan;
use clap::{Parser, ValueEnum};
use corpus::Corpus;
use data::{Set, Track};
use dechaff::internals::stages::closing::Thresholds;
use dechaff::internals::stages::model::lexicon::{Entry, Lexicon};
use dechaff::internals::stages::model::{Cutoff, Model};
use evaluate::{Figures, Judged, Judges, LostEdge, Rules, Trial, Trials, mean, shares};

/// Where to cut text when precision, balance or recall is favoured. Chosen on held-out folds.
const CUTOFFS: [Cutoff; 3] = [
    Cutoff { percent: 100, least: 350, most: 700, recall: 0 },
    Cutoff { percent: 75, least: 165, most: 365, recall: 0 },
    Cutoff { percent: 48, least: 130, most: 350, recall: 0 },
];

/// Where to cut HTML.
const HTML_CUTOFFS: [Cutoff; 3] = [
    Cutoff { percent: 100, least: 350, most: 700, recall: 0 },
    Cutoff { percent: 70, least: 130, most: 350, recall: 0 },
    Cutoff { percent: 60, least: 140, most: 250, recall: 0 },
];

/// Makes the weights of dechaff's line model.
#[derive(Parser)]
struct Arguments {
    /// The sets of pages, each as PREFIX or PREFIX=WORTH: PREFIX-pages.jsonl.xz and PREFIX-html.jsonl.xz; a page of the
    /// set counts as WORTH pages [default: 1].
    #[arg(required = true)]
    sets: Vec<Set>,
    /// Which model to make.
    #[arg(long, value_enum, default_value_t)]
    of: Of,
    /// The folder of the word lists, where the weights are written.
    #[arg(long, default_value = "rules/model")]
    model: PathBuf,
    /// Hold these folds out, one after another, and report how they are judged.
    #[arg(long, value_delimiter = ',', value_name = "FOLDS")]
    cross: Vec<u8>,
    /// Trees of the first pass [default: 100 for text, 200 for HTML].
    #[arg(long)]
    first: Option<usize>,
    /// Trees of the second pass [default: 900 for text, 300 for HTML].
    #[arg(long)]
    second: Option<usize>,
    /// Words by which the first and the last line of a page's own text weigh more than they have.
    #[arg(long, default_value_t = 20.0)]
    edge: f32,
    /// Lines looked at for each tree.
    #[arg(long, default_value_t = 60_000)]
    lines: usize,
    /// Questions looked at for each tree.
    #[arg(long, default_value_t = 90)]
    questions: usize,
    /// Where the random numbers start.
    #[arg(long, default_value_t = 42)]
    seed: u64,
    /// The share of its step that each tree takes [default: 0.06 for text, 0.1 for HTML].
    #[arg(long)]
    rate: Option<f32>,
    /// Says how long the stage takes for a line of the pages' text, and ends.
    #[arg(long)]
    time: bool,
    /// A file to keep the scores of held-out folds in, and to take them from where it exists.
    #[arg(long)]
    keep: Option<PathBuf>,
    /// Of held-out folds, only say what they come to where a number of the stage *closing* is another.
    #[arg(long, requires = "cross", value_name = "NAME=VALUES")]
    closing: Vec<Trials>,
    /// The same of another cut-off: per cent of the best threshold, the least and the most in thousandths, per cent of recall.
    #[arg(long, requires = "cross", value_name = "PERCENT:LEAST:MOST:RECALL", value_parser = cutoff)]
    cutoff: Vec<Cutoff>,
    /// Of held-out folds, also list the first and last lines of own text that go.
    #[arg(long, requires = "cross")]
    edges: bool,
    /// Of held-out folds, only say what the places of sites are worth, on the pages of HTML whose sites have enough.
    #[arg(long, requires = "cross")]
    places: bool,
    /// Of held-out folds, also say what each rule is worth beside the model.
    #[arg(long, requires = "cross")]
    by_rule: bool,
}

/// A cut-off as it is given.
fn cutoff(text: &str) -> Result<Cutoff, String> {
    let numbers: Result<Vec<u16>, _> = text.split(':').map(str::parse).collect();
    match numbers.ok().and_then(|numbers| <[u16; 4]>::try_from(numbers).ok()) {
        Some([percent, least, most, recall]) => Ok(Cutoff { percent, least, most, recall }),
        None => Err("four numbers, as in 80:180:400:0".into()),
    }
}

/// A model.
#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum Of {
    /// That of plain text.
    #[default]
    Text,
    /// That of HTML.
    Html,
}

impl Of {
    /// What it is made of. The first is what it is for.
    fn tracks(self) -> &'static [Track] {
        match self {
            Of::Text => &[Track::Text, Track::Residue, Track::Flat],
            Of::Html => &[Track::Html],
        }
    }

    /// The trees of both passes, and the share of its step that each takes.
    fn size(self) -> (usize, usize, f32) {
        match self {
            Of::Text => (100, 900, 0.06),
            Of::Html => (200, 300, 0.1),
        }
    }

    /// Where it cuts.
    fn cutoffs(self) -> [Cutoff; 3] {
        match self {
            Of::Text => CUTOFFS,
            Of::Html => HTML_CUTOFFS,
        }
    }

    /// The file that holds it.
    fn file_name(self) -> &'static str {
        match self {
            Of::Text => "weights.bin",
            Of::Html => "html.bin",
        }
    }
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let began = Instant::now();
    let mut rows = data::rows(&arguments.sets)?;
    if arguments.time {
        evaluate::time(&rows);
        return Ok(());
    }
    let (tracks, cutoffs) = (arguments.of.tracks(), arguments.of.cutoffs());
    let (listed, concepts) = wordlists::read(&arguments.model)?;
    let mut corpus = Corpus::of(&rows, tracks, &Lexicon::of(&listed), arguments.edge);
    rows.iter_mut().for_each(|row| row.html.clear());
    eprintln!(
        "{} pages, {} terms, {} names, {} listed words, {} concepts; {:.0?}",
        rows.len(),
        corpus.vocabulary.len(),
        corpus.names.len(),
        listed.len(),
        concepts.len(),
        began.elapsed()
    );
    let (first, second, rate) = arguments.of.size();
    let plan = |trees, seed| Plan {
        trees,
        rate: arguments.rate.unwrap_or(rate),
        questions: arguments.questions,
        lines: arguments.lines,
        prior: 20.0,
        seed,
    };
    let plans = [
        plan(arguments.first.unwrap_or(first), arguments.seed),
        plan(arguments.second.unwrap_or(second), arguments.seed + 35),
    ];
    if arguments.cross.is_empty() {
        let [first, second] = stacking::fit(&mut corpus, &plans);
        let lexicon = Lexicon::of(&with_weights(listed, corpus.learned_weights(0)));
        let columns = corpus.columns();
        let bytes = Model { columns, lexicon, first, second, cutoffs }.to_bytes();
        let path = arguments.model.join(arguments.of.file_name());
        std::fs::write(&path, &bytes).with_context(|| format!("cannot write {}", path.display()))?;
        eprintln!("{} bytes in {}; {:.0?}", bytes.len(), path.display(), began.elapsed());
        return Ok(());
    }
    let scores = stacking::cross(&mut corpus, &plans, &arguments.cross, arguments.keep.as_deref())?;
    let folds = arguments.cross.iter().fold(0, |folds, fold| folds | 1 << fold);
    let rules = Rules::new()?;
    let sets = || arguments.sets.iter().enumerate();
    for (pass, scores) in ["first", "second"].into_iter().zip(&scores) {
        for track in tracks.iter().flat_map(|&track| [Some(track), track.disguised()]).flatten() {
            for (number, set) in sets() {
                let trial = Trial::of(&corpus, track, number, folds, |page| &scores[&page]);
                if !arguments.closing.is_empty() || !arguments.cutoff.is_empty() {
                    if pass == "second" && !track.is_disguise() {
                        println!("{}, {track:?}, {} pages", set.name, trial.len());
                        report_trials(&trial, &rules, &arguments.closing, cutoffs[1], &arguments.cutoff)?;
                    }
                    continue;
                }
                println!("{pass} pass, {}, {track:?}, {} pages\n      {}", set.name, trial.len(), trial.sweep());
                if arguments.places && pass == "second" && !track.is_disguise() {
                    let (placed, pages) = trial.on_sites(|page| &scores[&page]);
                    println!(
                        "{pages} pages of {} on sites with enough pages; by themselves, then by their places",
                        set.name
                    );
                    report(&trial.only(&placed), &rules, cutoffs, &arguments.cross);
                    report(&placed, &rules, cutoffs, &arguments.cross);
                    continue;
                }
                if pass == "second" {
                    report(&trial, &rules, cutoffs, &arguments.cross);
                    if arguments.edges && !track.is_disguise() {
                        report_edges(&trial, &rules, cutoffs[1]);
                    }
                    if arguments.by_rule && !track.is_disguise() {
                        report_worths(&trial, &rules, cutoffs[1]);
                    }
                }
            }
        }
    }
    eprintln!("{:.0?}", began.elapsed());
    Ok(())
}

/// Prints the figures of the rules, the model and both.
fn report(trial: &Trial, rules: &Rules, cutoffs: [Cutoff; 3], folds: &[u8]) {
    for judges in [Judges::Rules, Judges::Model, Judges::Both, Judges::Bare] {
        for (favor, cutoff) in ["precision", "balance", "recall"].into_iter().zip(cutoffs) {
            if matches!(judges, Judges::Rules | Judges::Bare) && favor != "balance" {
                continue;
            }
            let pages = trial.judged_by(judges, rules, cutoff);
            let mean_of = |wanted: &dyn Fn(u8, &str) -> bool| {
                let wanted = pages.iter().filter(|page| wanted(page.fold, page.kind));
                mean(&wanted.map(|page| page.figures).collect::<Vec<_>>())
            };
            let unwanted: Vec<f64> = pages.iter().filter_map(|page| page.unwanted).collect();
            let without = unwanted.iter().sum::<f64>() / unwanted.len().max(1) as f64;
            let [precision, recall, f1] = mean_of(&|_, _| true);
            let by_fold = folds.iter().map(|&fold| format!("{:.4}", mean_of(&|own, _| own == fold)[2]));
            let by_fold = by_fold.collect::<Vec<_>>().join(" ");
            let [first, last, half_lost] = edges_of(&pages);
            println!(
                "  {judges:?}, {favor}: P {precision:.4} R {recall:.4} F1 {f1:.4} [{by_fold}] without {without:.3} \
                 first {first:.3} last {last:.3} half-lost {half_lost:.4}"
            );
            if favor == "balance" {
                let mut kinds: Vec<&str> = pages.iter().map(|page| page.kind).collect();
                kinds.sort_unstable();
                kinds.dedup();
                let by_kind = kinds.iter().map(|&kind| format!("{kind} {:.3}", mean_of(&|_, own| own == kind)[2]));
                println!("      {}", by_kind.collect::<Vec<_>>().join(" "));
                println!("      {}", by_language(&pages));
            }
        }
    }
}

/// Prints what pages come to with the numbers of the stage *closing* that ship, and with each other value of one of them.
fn report_trials(trial: &Trial, rules: &Rules, trials: &[Trials], cutoff: Cutoff, cutoffs: &[Cutoff]) -> Result<()> {
    let mut names = vec!["as it ships".to_owned()];
    let mut variants = vec![(cutoff, Thresholds::default())];
    for &other in cutoffs {
        names.push(format!("{} % within {} and {}, recall {}", other.percent, other.least, other.most, other.recall));
        variants.push((other, Thresholds::default()));
    }
    for trials in trials {
        for &value in &trials.values {
            names.push(format!("{}={value}", trials.name));
            variants.push((cutoff, trials.thresholds(value).map_err(anyhow::Error::msg)?));
        }
    }
    let pages = trial.closed_by(rules, &variants);
    for (at, name) in names.iter().enumerate() {
        let [precision, recall, f1] = mean(&pages.iter().map(|page| page[at].0).collect::<Vec<_>>());
        let [first, last, half_lost] = shares(&pages.iter().filter_map(|page| page[at].1).collect::<Vec<_>>());
        println!(
            "      {name}: P {precision:.4} R {recall:.4} F1 {f1:.4} first {first:.3} last {last:.3} half-lost {half_lost:.4}"
        );
    }
    Ok(())
}

fn edges_of(pages: &[Judged]) -> [f64; 3] {
    shares(&pages.iter().filter_map(|page| page.edges).collect::<Vec<_>>())
}

/// Prints the edges of own text that go, one a line.
fn report_edges(trial: &Trial, rules: &Rules, cutoff: Cutoff) {
    for LostEdge { page, edge, rule, permille, text } in trial.lost_edges(rules, cutoff) {
        let text: String = text.chars().take(120).collect();
        println!("      lost {edge}: {rule} {permille:4} {page}: {text}");
    }
}

/// F1 by language, of those with some pages.
fn by_language(pages: &[Judged]) -> String {
    const LEAST: usize = 4;
    let mut languages: BTreeMap<&str, Vec<Figures>> = BTreeMap::new();
    for page in pages {
        languages.entry(page.language).or_default().push(page.figures);
    }
    let told = languages.iter().filter(|(_, pages)| pages.len() >= LEAST);
    let figures = told.map(|(language, pages)| format!("{language} {:.3} ({})", mean(pages)[2], pages.len()));
    figures.collect::<Vec<_>>().join(" ")
}

/// Prints the rules from the one that costs most to the one that gains most.
fn report_worths(trial: &Trial, rules: &Rules, cutoff: Cutoff) {
    let mut worths: Vec<_> = trial.worths(rules, cutoff).into_iter().collect();
    worths.sort_by(|(_, one), (_, other)| one.gain.total_cmp(&other.gain));
    for (address, Worth { pages, gain }) in worths {
        println!("      {gain:+8.3} on {pages:4} pages: {address}");
    }
}

/// The listed words with their learned weights, and the terms that have a weight alone.
fn with_weights(listed: Vec<Entry>, weights: impl Iterator<Item = (u32, i8)>) -> Vec<Entry> {
    let mut entries = listed;
    let known = entries.len();
    let places: std::collections::HashMap<u32, usize> = (0..known).map(|place| (entries[place].hash, place)).collect();
    for (hash, weight) in weights {
        match places.get(&hash) {
            Some(&place) => entries[place].weight = weight,
            None => entries.push(Entry { hash, weight, class: 0 }),
        }
    }
    entries
}
