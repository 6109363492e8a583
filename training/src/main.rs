//! Makes the weights of the line model from pages with known main content.

mod boost;
mod data;
mod labels;
mod words;

use std::path::PathBuf;
use std::time::Instant;

use anyhow::Result;
use boost::{Plan, Question, Random, Table};
use clap::Parser;
use data::{Sample, Track};
use dechaff::judge::model::columns::{self, Columns, Column, Groups};
use dechaff::judge::model::facts::Facts;
use dechaff::judge::model::lexicon::Lexicon;
use dechaff::line::Reading;
use rayon::prelude::*;

#[derive(Parser)]
struct Arguments {
    /// The pages: JSONL, packed with xz or not.
    data: PathBuf,
    /// The folds to hold out, one after another.
    #[arg(long, value_delimiter = ',', default_value = "0,1,2,3,4")]
    folds: Vec<u8>,
    #[arg(long, default_value_t = 300)]
    trees: usize,
    #[arg(long, default_value_t = 6)]
    depth: usize,
    #[arg(long, default_value_t = 0.1)]
    rate: f32,
    #[arg(long, default_value_t = 120)]
    questions: usize,
    #[arg(long, default_value_t = 60000)]
    sample: usize,
    #[arg(long, default_value_t = 20.0)]
    prior: f32,
    /// Columns to leave out, by a part of their name.
    #[arg(long, value_delimiter = ',')]
    without: Vec<String>,
    #[arg(long, default_value_t = 6)]
    domains: usize,
    /// Dump of columns for other tools.
    #[arg(long)]
    dump: Option<PathBuf>,
}

struct Prepared {
    sample: Sample,
    facts: Facts,
    columns: Columns,
    groups: Groups,
    bags: Vec<Vec<u32>>,
    weights: Vec<f32>,
    first_row: usize,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let began = Instant::now();
    let rows = data::rows(&arguments.data)?;
    let tasks: Vec<(usize, Track)> =
        (0..rows.len()).flat_map(|row| [(row, Track::Text), (row, Track::Residue)]).collect();
    let samples: Vec<Sample> = tasks.par_iter().map(|&(row, track)| Sample::of(&rows[row], row, track)).collect();
    for track in [Track::Text, Track::Residue] {
        let of: Vec<&Sample> = samples.iter().filter(|sample| sample.track == track).collect();
        report(&format!("{track:?} input"), &of, |_, _| true);
        report(&format!("{track:?} perfect"), &of, |sample, block| sample.labels[block] >= 0.45);
    }
    eprintln!("labels {:.1?}", began.elapsed());
    let lexicon = Lexicon::of(&[]);
    let mut pages: Vec<Prepared> = samples.into_par_iter().map(|sample| prepare(sample, &lexicon)).collect();
    let vocabulary = words::vocabulary(
        pages.iter().filter(|page| page.sample.track == Track::Text).map(|page| (page.sample.domain.as_str(), page.facts.words.as_slice())),
        arguments.domains,
    );
    eprintln!("{} words, {:.1?}", vocabulary.len(), began.elapsed());
    pages.par_iter_mut().for_each(|page| {
        let words = &page.facts.words;
        page.bags = page
            .facts
            .lines
            .iter()
            .map(|fact| {
                let mut bag: Vec<u32> =
                    fact.words_in(words).iter().filter_map(|word| vocabulary.binary_search(word).ok()).map(|word| word as u32).collect();
                bag.sort_unstable();
                bag
            })
            .collect();
    });
    // Known shares do not depend on the fold.
    for page in &mut pages {
        let all: usize = page.bags.iter().map(Vec::len).sum();
        let known: Vec<u8> = page.bags.iter().zip(&page.facts.lines).map(|(bag, fact)| columns::share(bag.len() as u32, fact.hashed)).collect();
        page.columns.column_mut(Column::KnownShare as usize).copy_from_slice(&known);
        page.columns.column_mut(Column::PageKnown as usize).fill(columns::share(all as u32, page.facts.words.len() as u32));
    }
    // Word models without each pair of folds.
    let pairs: Vec<(u8, u8)> = (0..5).flat_map(|a| (a..5).map(move |b| (a, b))).collect();
    let sets: Vec<Vec<words::Bags>> = pairs
        .iter()
        .map(|&(a, b)| {
            pages
                .iter()
                .filter(|page| page.sample.track == Track::Text && page.sample.fold != a && page.sample.fold != b)
                .map(|page| words::Bags { lines: &page.bags, labels: &page.sample.labels, weights: &page.weights })
                .collect()
        })
        .collect();
    let word_models = words::learn_all(&sets, vocabulary.len());
    drop(sets);
    let word_model = |a: u8, b: u8| &word_models[pairs.iter().position(|&pair| pair == (a.min(b), a.max(b))).expect("a pair")];
    eprintln!("word models {:.1?}", began.elapsed());

    let mut next = columns::PAD;
    for page in &mut pages {
        page.first_row = next;
        next += page.columns.lines() + columns::PAD;
    }
    let mut table = Table { columns: vec![vec![0; next]; columns::COLUMNS], rows: Vec::new() };
    table.columns.par_iter_mut().enumerate().for_each(|(column, cells)| {
        for page in &pages {
            cells[page.first_row..page.first_row + page.columns.lines()].copy_from_slice(page.columns.column(column));
        }
    });
    let questions: Vec<Question> = (0..columns::COLUMNS)
        .filter(|&column| !(columns::SECOND..columns::SECOND_END).contains(&column))
        .filter(|&column| !arguments.without.iter().any(|without| columns::name(column).contains(without.as_str())))
        .filter(|&column| {
            let cells = &table.columns[column];
            cells.iter().any(|&value| value != 0)
        })
        .flat_map(|column| {
            let reach = columns::reach(column);
            // The line itself is asked as often as all its neighbours on one side.
            (-reach..=reach).chain((0..reach.min(3)).map(|_| 0)).map(move |shift| (column as u16, shift))
        })
        .collect();
    eprintln!("{} questions, table of {} rows, {:.1?}", questions.len(), next, began.elapsed());
    let mut all_scores: Vec<Vec<i32>> = pages.iter().map(|page| vec![0; page.columns.lines()]).collect();
    for &fold in &arguments.folds {
        for page in &pages {
            let model = word_model(fold, page.sample.fold);
            let cells = &mut table.columns[Column::WordScore as usize][page.first_row..][..page.columns.lines()];
            for (cell, bag) in cells.iter_mut().zip(&page.bags) {
                let weight: i32 = bag.iter().map(|&word| (model[word as usize] * 8.0).round().clamp(-127.0, 127.0) as i32).sum();
                *cell = columns::word_score(weight, bag.len() as u32);
            }
        }
        let (mut rows, mut labels, mut weights) = (Vec::new(), Vec::new(), Vec::new());
        for page in pages.iter().filter(|page| page.sample.fold != fold) {
            for line in 0..page.columns.lines() {
                if page.weights[line] > 0.0 {
                    rows.push((page.first_row + line) as u32);
                    labels.push(page.sample.labels[line]);
                    weights.push(page.weights[line]);
                }
            }
        }
        let plan = Plan {
            trees: arguments.trees,
            depth: arguments.depth,
            rate: arguments.rate,
            questions: arguments.questions,
            sample: arguments.sample,
            prior: arguments.prior,
            seed: 42,
        };
        let forest = boost::train(&table, &rows, &labels, &weights, None, &questions, &plan);
        let held: Vec<usize> = (0..pages.len()).filter(|&page| pages[page].sample.fold == fold).collect();
        for &page in &held {
            let rows: Vec<u32> = (0..pages[page].columns.lines()).map(|line| (pages[page].first_row + line) as u32).collect();
            all_scores[page] = boost::predict(&forest, &table, &rows);
        }
        eprintln!("fold {fold}: {} rows, {:.1?}", rows.len(), began.elapsed());
        sweep(&pages, &all_scores, &[fold], false);
        if fold == arguments.folds[0] {
            let mut uses = vec![0u32; columns::COLUMNS];
            forest.trees.iter().flat_map(|tree| &tree.splits).for_each(|split| uses[split.column as usize] += 1);
            let mut order: Vec<usize> = (0..uses.len()).collect();
            order.sort_by_key(|&column| std::cmp::Reverse(uses[column]));
            let top: Vec<String> = order.iter().take(60).map(|&column| format!("{} {}", columns::name(column), uses[column])).collect();
            eprintln!("{}", top.join(", "));
        }
    }
    sweep(&pages, &all_scores, &arguments.folds, true);
    Ok(())
}

fn prepare(sample: Sample, lexicon: &Lexicon) -> Prepared {
    let facts = Facts::of(&Reading::of(&sample.page), lexicon);
    let (columns, groups) = Columns::of(&facts);
    let reference: u32 = sample.reference.iter().sum();
    let words: Vec<f32> = sample.words.iter().map(|words| words.len() as f32).collect();
    let own: f32 = words.iter().zip(&sample.labels).map(|(words, label)| words * label).sum();
    let scale = 2.0 / (own + reference as f32).max(60.0);
    let mut weights: Vec<f32> =
        words.iter().zip(&sample.title).map(|(words, &title)| if title { 0.0 } else { (words + 1.0) * scale }).collect();
    let all: f32 = weights.iter().sum();
    if all > 6.0 {
        weights.iter_mut().for_each(|weight| *weight *= 6.0 / all);
    }
    if sample.track == Track::Residue {
        weights.iter_mut().for_each(|weight| *weight *= 0.5);
    }
    weights.iter_mut().for_each(|weight| *weight *= 100.0);
    Prepared { sample, facts, columns, groups, bags: Vec::new(), weights, first_row: 0 }
}

fn mean(figures: &[[f64; 3]]) -> [f64; 3] {
    let mut mean = [0.0; 3];
    for figure in figures {
        (0..3).for_each(|at| mean[at] += figure[at] / figures.len() as f64);
    }
    mean
}

fn report(name: &str, samples: &[&Sample], keep: impl Fn(&Sample, usize) -> bool + Sync) {
    let figures: Vec<[f64; 3]> = samples.par_iter().map(|sample| sample.score(|block| keep(sample, block))).collect();
    let [p, r, f] = mean(&figures);
    let mut kinds: Vec<&str> = samples.iter().map(|sample| sample.kind.as_str()).collect();
    kinds.sort_unstable();
    kinds.dedup();
    let by_kind: Vec<String> = kinds
        .iter()
        .map(|kind| {
            let of: Vec<[f64; 3]> =
                samples.iter().zip(&figures).filter(|(sample, _)| sample.kind == *kind).map(|(_, figure)| *figure).collect();
            format!("{kind} {:.3}", mean(&of)[2])
        })
        .collect();
    eprintln!("{name}: P {p:.4} R {r:.4} F1 {f:.4}  {}", by_kind.join(" "));
}

/// The figures at several thresholds.
fn sweep(pages: &[Prepared], scores: &[Vec<i32>], folds: &[u8], kinds: bool) {
    for track in [Track::Text, Track::Residue] {
        let of: Vec<usize> = (0..pages.len())
            .filter(|&page| pages[page].sample.track == track && folds.contains(&pages[page].sample.fold))
            .collect();
        let mut line = format!("  {track:?}:");
        let mut best = (0.0, 0.0);
        for percent in [20, 25, 30, 35, 40, 45, 50, 55] {
            let probability = percent as f32 / 100.0;
            let threshold = ((probability / (1.0 - probability)).ln() * boost::UNIT) as i32;
            let figures: Vec<[f64; 3]> =
                of.par_iter().map(|&page| pages[page].sample.score(|block| scores[page][block] >= threshold)).collect();
            let [_, r, f] = mean(&figures);
            line += &format!(" {percent}:{f:.4}/{r:.3}");
            if f > best.0 {
                best = (f, probability);
            }
        }
        eprintln!("{line}");
        if kinds {
            let samples: Vec<&Sample> = of.iter().map(|&page| &pages[page].sample).collect();
            let threshold = ((best.1 / (1.0 - best.1)).ln() * f64::from(boost::UNIT) as f32) as i32;
            let index: std::collections::HashMap<*const Sample, usize> =
                of.iter().map(|&page| (&pages[page].sample as *const Sample, page)).collect();
            let index: std::collections::HashMap<usize, usize> = index.into_iter().map(|(at, page)| (at as usize, page)).collect();
            report("  best", &samples, |sample, block| {
                scores[index[&(sample as *const Sample as usize)]][block] >= threshold
            });
        }
    }
}
