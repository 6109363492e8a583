//! Makes the weights of the line model from pages with known main content.

mod boost;
mod data;
mod disguise;
mod labels;
mod wordlists;
mod words;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use anyhow::Result;
use boost::{Plan, Question, Random, Table};
use clap::Parser;
use data::{Sample, Track};
use dechaff::judge::model::columns::{self, Columns, Column, Groups};
use dechaff::judge::model::facts::{Facts, for_each_term};
use dechaff::judge::model::lexicon::Lexicon;
use dechaff::judge::model::probability;
use dechaff::judge::model::trees::Forest;
use dechaff::line::Reading;
use rayon::prelude::*;

#[derive(Parser)]
struct Arguments {
    /// The pages: JSONL, packed with xz or not.
    data: PathBuf,
    /// The folder of the word lists.
    #[arg(long, default_value = "rules/model")]
    rules: PathBuf,
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
    /// What a disguised copy of a page weighs.
    #[arg(long, default_value_t = 0.4)]
    copies: f32,
    /// Dump of columns for other tools.
    #[arg(long)]
    dump: Option<PathBuf>,
    /// Trees of the second pass; 0 leaves it out.
    #[arg(long, default_value_t = 0)]
    second: usize,
    /// Scores of the first pass, to be kept and used again.
    #[arg(long)]
    cache: Option<PathBuf>,
}

struct Prepared {
    sample: Arc<Sample>,
    track: Track,
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
        report(&format!("{track:?} perfect"), &of, |at, block| of[at].labels[block] >= 0.45);
    }
    eprintln!("labels {:.1?}", began.elapsed());
    let (entries, concepts) = wordlists::read(&arguments.rules)?;
    eprintln!("{} listed words, {} concepts", entries.len(), concepts.len());
    let lexicon = Lexicon::of(&entries);
    let copies = arguments.copies;
    let mut pages: Vec<Prepared> = samples
        .into_par_iter()
        .enumerate()
        .flat_map_iter(|(number, sample)| {
            let (sample, facts) = { let facts = Facts::of(&Reading::of(&sample.page), &lexicon); (Arc::new(sample), facts) };
            let blind = (sample.track == Track::Text && copies > 0.0).then(|| {
                let mut random = Random(0x9E37_79B9_7F4A_7C15 ^ (number as u64 + 1) << 20);
                (0..8).for_each(|_| drop(random.next()));
                prepare(sample.clone(), Track::Blind, disguise::disguise(&facts, &mut random), copies)
            });
            let seen = match sample.track { Track::Text => 1.0, _ => 1.0 };
            [Some(prepare(sample.clone(), sample.track, facts, seen)), blind].into_iter().flatten()
        })
        .collect();
    pages.par_iter_mut().filter(|page| page.track != Track::Blind).for_each(|page| {
        page.bags = page
            .facts
            .lines
            .iter()
            .map(|fact| {
                let mut terms = Vec::new();
                for_each_term(fact.words_in(&page.facts.words), |term| terms.push(term));
                terms
            })
            .collect();
    });
    let vocabulary = words::vocabulary(
        pages.iter().filter(|page| page.track == Track::Text).map(|page| (page.sample.domain.as_str(), page.bags.as_slice())),
        arguments.domains,
    );
    eprintln!("{} terms, {:.1?}", vocabulary.len(), began.elapsed());
    pages.par_iter_mut().filter(|page| page.track != Track::Blind).for_each(|page| {
        for bag in &mut page.bags {
            *bag = bag.iter().filter_map(|word| vocabulary.binary_search(word).ok()).map(|word| word as u32).collect();
            bag.sort_unstable();
        }
        // Known shares do not depend on the fold.
        let all: usize = page.bags.iter().map(Vec::len).sum();
        let known: Vec<u8> =
            page.bags.iter().zip(&page.facts.lines).map(|(bag, fact)| columns::share(bag.len() as u32, fact.hashed * 2)).collect();
        page.columns.column_mut(Column::KnownShare as usize).copy_from_slice(&known);
        page.columns.column_mut(Column::PageKnown as usize).fill(columns::share(all as u32, page.facts.words.len() as u32 * 2));
    });
    let mut bench = Bench::new(pages, vocabulary.len());
    eprintln!("word models {:.1?}", began.elapsed());
    let plan = Plan {
        trees: arguments.trees,
        depth: arguments.depth,
        rate: arguments.rate,
        questions: arguments.questions,
        sample: arguments.sample,
        prior: arguments.prior,
        seed: 42,
    };
    // First pass: without each pair of folds that a second pass will need, and without each fold.
    let cached = arguments.cache.as_ref().filter(|path| path.exists());
    let mut first: HashMap<(u8, usize), Vec<i32>> = HashMap::new();
    if let Some(path) = cached {
        first = serde_json::from_reader::<_, Vec<((u8, usize), Vec<i32>)>>(std::io::BufReader::new(std::fs::File::open(path)?))?.into_iter().collect();
    } else {
        let mut sets: Vec<u8> = Vec::new();
        for &k in &arguments.folds {
            for m in 0..5 {
                let set = 1 << k | 1 << m;
                if !sets.contains(&set) && (arguments.second > 0 || m == k) {
                    sets.push(set);
                }
            }
        }
        for set in sets {
            bench.set_words(set);
            let forest = bench.train(set, &bench.questions(false, &arguments.without), &plan);
            for (page, scores) in bench.predict(&forest, set) {
                first.insert((set, page), scores);
            }
            eprintln!("first pass without {set:05b}: {:.1?}", began.elapsed());
            if set.count_ones() == 1 {
                bench.sweep(set, |page| &first[&(set, page)]);
            }
        }
        if let Some(path) = &arguments.cache {
            let entries: Vec<_> = first.iter().collect();
            serde_json::to_writer(std::io::BufWriter::new(std::fs::File::create(path)?), &entries)?;
        }
    }
    let singles: u8 = arguments.folds.iter().map(|fold| 1 << fold).sum();
    eprintln!("first pass:");
    bench.sweep(singles, |page| &first[&(1 << bench.pages[page].sample.fold, page)]);
    if arguments.second == 0 {
        return Ok(());
    }
    let mut second: HashMap<usize, Vec<i32>> = HashMap::new();
    for &fold in &arguments.folds {
        bench.set_words(1 << fold);
        bench.set_first(|page, own| &first[&(1 << fold | 1 << own, page)]);
        let plan = Plan { trees: arguments.second, seed: 77, ..plan.clone() };
        let forest = bench.train(1 << fold, &bench.questions(true, &arguments.without), &plan);
        second.extend(bench.predict(&forest, 1 << fold));
        eprintln!("second pass, fold {fold}: {:.1?}", began.elapsed());
        bench.sweep(1 << fold, |page| &second[&page]);
        if fold == arguments.folds[0] {
            let mut uses = vec![0u32; columns::COLUMNS];
            forest.trees.iter().flat_map(|tree| &tree.splits).for_each(|split| uses[split.column as usize] += 1);
            let mut order: Vec<usize> = (0..uses.len()).collect();
            order.sort_by_key(|&column| std::cmp::Reverse(uses[column]));
            let top: Vec<String> = order.iter().take(50).map(|&column| format!("{} {}", columns::name(column), uses[column])).collect();
            eprintln!("{}", top.join(", "));
        }
    }
    eprintln!("second pass:");
    bench.sweep(singles, |page| &second[&page]);
    if let Some(path) = &arguments.dump {
        let rows: Vec<_> = second.iter().map(|(&page, scores)| {
            let page = &bench.pages[page];
            serde_json::json!({"row": page.sample.row, "id": page.sample.page.source.path, "kind": page.sample.kind, "fold": page.sample.fold,
                "text": page.track == Track::Text, "scores": scores, "labels": page.sample.labels,
                "lines": (0..scores.len()).map(|line| page.sample.page.text_of(line)).collect::<Vec<_>>()})
        }).collect();
        serde_json::to_writer(std::io::BufWriter::new(std::fs::File::create(path)?), &rows)?;
    }
    Ok(())
}

struct Bench {
    pages: Vec<Prepared>,
    table: Table,
    word_models: HashMap<u8, Vec<f32>>,
}

impl Bench {
    fn new(mut pages: Vec<Prepared>, vocabulary: usize) -> Bench {
        let masks: Vec<u8> = (0..32u8).filter(|mask| mask.count_ones() <= 3).collect();
        let sets: Vec<Vec<words::Bags>> = masks
            .iter()
            .map(|mask| {
                pages
                    .iter()
                    .filter(|page| page.track == Track::Text && mask >> page.sample.fold & 1 == 0)
                    .map(|page| words::Bags { lines: &page.bags, labels: &page.sample.labels, weights: &page.weights })
                    .collect()
            })
            .collect();
        let word_models = masks.iter().copied().zip(words::learn_all(&sets, vocabulary)).collect();
        drop(sets);
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
        Bench { pages, table, word_models }
    }

    fn questions(&self, second: bool, without: &[String]) -> Vec<Question> {
        (0..columns::COLUMNS)
            .filter(|&column| second || !(columns::SECOND..columns::SECOND_END).contains(&column))
            .filter(|&column| !without.iter().any(|without| columns::name(column).contains(without.as_str())))
            .filter(|&column| self.table.columns[column].iter().any(|&value| value != 0))
            .flat_map(|column| {
                let reach = columns::reach(column);
                // The line itself is asked as often as some of its neighbours.
                (-reach..=reach).chain((0..reach.min(3)).map(|_| 0)).map(move |shift| (column as u16, shift))
            })
            .collect()
    }

    /// Sets the word scores to those of models that have seen neither the folds of `without` nor the page's own.
    fn set_words(&mut self, without: u8) {
        for page in &self.pages {
            let model = &self.word_models[&(without | 1 << page.sample.fold)];
            let cells = &mut self.table.columns[Column::WordScore as usize][page.first_row..][..page.columns.lines()];
            if page.track == Track::Blind {
                cells.fill(columns::word_score(0, 0));
                continue;
            }
            for (cell, bag) in cells.iter_mut().zip(&page.bags) {
                let weight: i32 =
                    bag.iter().map(|&word| (model[word as usize] * 8.0).round().clamp(-127.0, 127.0) as i32).sum();
                *cell = columns::word_score(weight, bag.len() as u32);
            }
        }
    }

    fn set_first<'a>(&mut self, first: impl Fn(usize, u8) -> &'a Vec<i32> + Sync) {
        self.pages.par_iter_mut().enumerate().for_each(|(number, page)| {
            let scores = first(number, page.sample.fold);
            page.columns.write_second(&page.facts, &page.groups, scores);
        });
        let pages = &self.pages;
        self.table.columns.par_iter_mut().enumerate().skip(columns::SECOND).take(columns::SECOND_END - columns::SECOND).for_each(
            |(column, cells)| {
                for page in pages {
                    cells[page.first_row..page.first_row + page.columns.lines()].copy_from_slice(page.columns.column(column));
                }
            },
        );
    }

    fn train(&self, without: u8, questions: &[Question], plan: &Plan) -> Forest {
        let (mut rows, mut labels, mut weights) = (Vec::new(), Vec::new(), Vec::new());
        for page in self.pages.iter().filter(|page| without >> page.sample.fold & 1 == 0) {
            for line in 0..page.columns.lines() {
                if page.weights[line] > 0.0 {
                    rows.push((page.first_row + line) as u32);
                    labels.push(page.sample.labels[line]);
                    weights.push(page.weights[line]);
                }
            }
        }
        boost::train(&self.table, &rows, &labels, &weights, None, questions, plan)
    }

    /// The scores of the pages of some folds.
    fn predict(&self, forest: &Forest, folds: u8) -> Vec<(usize, Vec<i32>)> {
        (0..self.pages.len())
            .filter(|&page| folds >> self.pages[page].sample.fold & 1 != 0)
            .map(|page| {
                let rows: Vec<u32> =
                    (0..self.pages[page].columns.lines()).map(|line| (self.pages[page].first_row + line) as u32).collect();
                (page, boost::predict(forest, &self.table, &rows))
            })
            .collect()
    }

    /// The figures at several thresholds, and with a threshold for every page.
    fn sweep<'a>(&self, folds: u8, scores: impl Fn(usize) -> &'a Vec<i32> + Sync) {
        for track in [Track::Text, Track::Residue, Track::Blind] {
            let of: Vec<usize> = (0..self.pages.len())
                .filter(|&page| self.pages[page].track == track && folds >> self.pages[page].sample.fold & 1 != 0)
                .collect();
            if of.is_empty() {
                continue;
            }
            let mut line = format!("  {track:?}:");
            for percent in [15, 20, 25, 30, 35, 40, 45] {
                let figures: Vec<[f64; 3]> = of
                    .par_iter()
                    .map(|&page| self.pages[page].sample.score(|block| probability::permille(scores(page)[block]) >= percent * 10))
                    .collect();
                let [_, r, f] = mean(&figures);
                line += &format!(" {percent}:{f:.4}/{r:.3}");
            }
            eprintln!("{line}");
            let mut line = "    by page:".to_owned();
            for factor in [50u32, 60, 70, 80, 90, 100, 110] {
                let figures: Vec<[f64; 3]> = of
                    .par_iter()
                    .map(|&page| {
                        let threshold = self.page_threshold(page, scores(page)) * factor / 100;
                        self.pages[page].sample.score(|block| u32::from(probability::permille(scores(page)[block])) >= threshold)
                    })
                    .collect();
                let [_, r, f] = mean(&figures);
                line += &format!(" {factor}:{f:.4}/{r:.3}");
            }
            eprintln!("{line}");
            if folds.count_ones() > 1 {
                let samples: Vec<&Sample> = of.iter().map(|&page| self.pages[page].sample.as_ref()).collect();
                let keep: Vec<Vec<bool>> = of
                    .iter()
                    .map(|&page| {
                        let threshold = self.page_threshold(page, scores(page)) * 80 / 100;
                        scores(page).iter().map(|&score| u32::from(probability::permille(score)) >= threshold).collect()
                    })
                    .collect();
                report("    by page 80", &samples, |at, block| keep[at][block]);
            }
        }
    }

    fn page_threshold(&self, page: usize, scores: &[i32]) -> u32 {
        let mut mass = [0u64; 1001];
        for (line, &score) in scores.iter().enumerate() {
            mass[probability::permille(score) as usize] += self.pages[page].sample.words[line].len() as u64;
        }
        u32::from(probability::best_expected(&mass).0)
    }
}

fn prepare(sample: Arc<Sample>, track: Track, facts: Facts, worth: f32) -> Prepared {
    let (columns, groups) = Columns::of(&facts);
    let reference: u32 = sample.reference.iter().sum();
    let words: Vec<f32> = sample.words.iter().map(|words| words.len() as f32).collect();
    let own: f32 = words.iter().zip(&sample.labels).map(|(words, label)| words * label).sum();
    let scale = 2.0 / (own + reference as f32).max(60.0);
    let mut weights: Vec<f32> =
        words.iter().zip(&sample.title).map(|(words, &title)| if title { 0.0 } else { (words + 1.0) * scale }).collect();
    let all: f32 = weights.iter().sum();
    let worth = 100.0 * worth * (6.0 / all).min(1.0);
    weights.iter_mut().for_each(|weight| *weight *= worth);
    Prepared { sample, track, facts, columns, groups, bags: Vec::new(), weights, first_row: 0 }
}

fn mean(figures: &[[f64; 3]]) -> [f64; 3] {
    let mut mean = [0.0; 3];
    for figure in figures {
        (0..3).for_each(|at| mean[at] += figure[at] / figures.len() as f64);
    }
    mean
}

fn report(name: &str, samples: &[&Sample], keep: impl Fn(usize, usize) -> bool + Sync) {
    let figures: Vec<[f64; 3]> = samples.par_iter().enumerate().map(|(at, sample)| sample.score(|block| keep(at, block))).collect();
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

