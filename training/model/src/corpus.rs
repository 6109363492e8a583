//! All pages, read and laid out for training: who has seen which fold is settled here.
//!
//! A set of folds is a bit mask. What a model that stands for the folds outside of a set says of a page must
//! come from word weights that have not seen the page either: they are learned without the set and without the
//! page's own fold.

use std::collections::HashMap;
use std::sync::Arc;

use dechaff::internals::line::PageFeatures;
use dechaff::internals::stages::model::columns::{self, Column, Columns, Groups};
use dechaff::internals::stages::model::dom_features::DomFeatures;
use dechaff::internals::stages::model::facts::{Facts, for_each_term};
use dechaff::internals::stages::model::lexicon::Lexicon;
use dechaff::internals::stages::model::trees::Forest;
use rayon::prelude::*;

use crate::boost::{self, Plan, Question, Random, Table};
use crate::data::{Row, Sample, Track};
use crate::disguise::disguise;
use crate::words;

/// A term is learned where this many sites use it; fewer where names of elements need room beside them.
const SITES: usize = 10;
const SITES_BESIDE_NAMES: usize = 14;

/// A name of elements is learned where this many sites use it.
const NAME_SITES: usize = 7;

/// The names of this many elements around a block teach what the names say.
const NAMES_UP: usize = 12;

/// What a disguised copy of a page weighs beside the page.
const COPY_WORTH: f32 = 0.4;

/// What a page's second flattening weighs beside the first.
const FLAT_WORTH: f32 = 0.5;

/// No page weighs more than this many times its own text: pages that are nearly all furniture would rule the rest.
const MOST_WORTH: f32 = 6.0;

/// A page as it is trained on.
pub struct Page {
    /// The page, its labels and its score; a page and its copy share it.
    pub sample: Arc<Sample>,
    /// Which flattening, or a disguise.
    pub track: Track,
    /// The facts of its lines.
    pub facts: Facts,
    columns: Columns,
    groups: Groups,
    terms: Vec<Vec<u32>>,
    places: Option<DomFeatures>,
    /// The names of the elements around each line.
    names: Vec<Vec<u32>>,
    knows_names: bool,
    /// What a line weighs: its words' part in the page's F1.
    weights: Vec<f32>,
    first_row: usize,
}

/// All pages.
pub struct Corpus {
    /// The pages.
    pub pages: Vec<Page>,
    /// The hashes of the terms that have a weight, ascending.
    pub vocabulary: Vec<u32>,
    /// The hashes of the names of elements that have a weight, ascending.
    pub names: Vec<u32>,
    table: Table,
    term_weights: HashMap<u8, Vec<i8>>,
    name_weights: HashMap<u8, Vec<i8>>,
}

impl Corpus {
    /// Reads, labels and disguises all pages, as each of these tracks has them.
    pub fn of(rows: &[Row], tracks: &[Track], lexicon: &Lexicon, edge: f32) -> Corpus {
        let tasks: Vec<(usize, Track)> =
            (0..rows.len()).flat_map(|row| tracks.iter().map(move |&track| (row, track))).collect();
        let mut pages: Vec<Page> = tasks
            .par_iter()
            .flat_map_iter(|&(row, track)| {
                let sample = Arc::new(Sample::of(&rows[row], track));
                let facts = Facts::of(&PageFeatures::of(&sample.page), lexicon);
                let copy = track.disguised().map(|track| {
                    let disguised = disguise(&facts, &mut Random::new(row as u64));
                    let knows_names = row % 2 == 0;
                    let worth = COPY_WORTH * sample.worth;
                    Page { knows_names, ..Page::of(Arc::clone(&sample), track, disguised, worth, edge) }
                });
                let worth = if track == Track::Flat { FLAT_WORTH } else { 1.0 } * sample.worth;
                [Some(Page::of(sample, track, facts, worth, edge)), copy].into_iter().flatten()
            })
            .collect();
        let sites = if columns_of(tracks) == columns::COLUMNS { SITES_BESIDE_NAMES } else { SITES };
        let teachers = || pages.iter().filter(|page| page.track.disguised().is_some());
        let vocabulary =
            words::vocabulary(teachers().map(|page| (page.sample.domain.as_str(), page.terms.as_slice())), sites);
        let names =
            words::vocabulary(teachers().map(|page| (page.sample.domain.as_str(), page.names.as_slice())), NAME_SITES);
        pages.par_iter_mut().for_each(|page| page.number_terms(&vocabulary, &names));
        let term_weights = learn_weights(&pages, vocabulary.len(), |page| &page.terms);
        let name_weights = learn_weights(&pages, names.len(), |page| &page.names);
        let mut next = columns::PAD;
        for page in &mut pages {
            page.first_row = next;
            next += page.columns.lines() + columns::PAD;
        }
        let table = Table { columns: vec![vec![0; next]; columns_of(tracks)] };
        let mut corpus = Corpus { pages, vocabulary, names, table, term_weights, name_weights };
        corpus.copy_columns(0..corpus.columns());
        corpus
    }

    /// How many columns the pages have.
    pub fn columns(&self) -> usize {
        self.table.columns.len()
    }

    /// The hashes of terms and names with their weights, learned without some folds.
    pub fn learned_weights(&self, without: u8) -> impl Iterator<Item = (u32, i8)> {
        let of = |hashes: &'_ [u32], weights: &'_ [i8]| {
            hashes.iter().copied().zip(weights.iter().copied()).collect::<Vec<_>>()
        };
        let terms = of(&self.vocabulary, &self.term_weights[&without]);
        terms.into_iter().chain(of(&self.names, &self.name_weights[&without]))
    }

    /// The questions that a tree may ask, in the first pass or in the second.
    pub fn questions(&self, second: bool) -> Vec<Question> {
        (0..self.columns())
            .filter(|&column| second || !columns::is_second(column))
            .filter(|&column| self.table.columns[column].iter().any(|&value| value != 0))
            .flat_map(|column| {
                let reach = columns::reach(column);
                // The line itself is asked as often as some of its neighbours.
                (-reach..=reach).chain((0..reach.min(3)).map(|_| 0)).map(move |shift| (column as u16, shift))
            })
            .collect()
    }

    /// Scores the words by weights that have seen neither these folds nor the page's own.
    pub fn know_words(&mut self, without: u8) {
        let cells = &mut self.table.columns[Column::WordScore.place()];
        for page in &self.pages {
            let weights = &self.term_weights[&(without | 1 << page.sample.fold)];
            let cells = &mut cells[page.first_row..page.first_row + page.columns.lines()];
            for (cell, terms) in cells.iter_mut().zip(&page.terms) {
                let weight = terms.iter().map(|&term| i32::from(weights[term as usize])).sum();
                *cell = columns::word_score(weight, terms.len() as u32);
            }
        }
        if self.columns() == columns::COLUMNS {
            let (names, name_weights) = (&self.names, &self.name_weights);
            self.pages.par_iter_mut().for_each(|page| {
                let weights = &name_weights[&(without | 1 << page.sample.fold)];
                let knows_names = page.knows_names;
                let weigh = |name: u32| {
                    let place = names.binary_search(&name).ok().filter(|_| knows_names)?;
                    Some(i32::from(weights[place]))
                };
                if let (Some(markup), Some(places)) = (&page.sample.page.markup, &page.places) {
                    page.columns.write_names(markup, places, weigh);
                }
            });
            self.copy_columns(Column::NameOwn.place()..Column::NameKnown.place() + 1);
        }
    }

    /// Tells the second pass what the first one said of every page.
    pub fn hear_first<'s>(&mut self, first: impl Fn(usize) -> &'s [i32] + Sync) {
        self.pages.par_iter_mut().enumerate().for_each(|(number, page)| {
            page.columns.write_second(&page.facts, &page.groups, first(number));
        });
        let second: Vec<usize> = (0..self.columns()).filter(|&column| columns::is_second(column)).collect();
        second.chunk_by(|one, other| one + 1 == *other).for_each(|run| self.copy_columns(run[0]..run[0] + run.len()));
    }

    /// Trains on all folds but these.
    pub fn train(&self, without: u8, questions: &[Question], plan: &Plan) -> Forest {
        let (mut rows, mut labels, mut weights) = (Vec::new(), Vec::new(), Vec::new());
        for page in self.pages.iter().filter(|page| without >> page.sample.fold & 1 == 0) {
            for line in (0..page.columns.lines()).filter(|&line| page.weights[line] > 0.0) {
                rows.push((page.first_row + line) as u32);
                labels.push(page.sample.labels[line]);
                weights.push(page.weights[line]);
            }
        }
        boost::train(&self.table, &rows, &labels, &weights, questions, plan)
    }

    /// The scores of the pages of these folds, by the page's number.
    pub fn predict(&self, forest: &Forest, folds: u8) -> Vec<(usize, Vec<i32>)> {
        (0..self.pages.len())
            .filter(|&page| folds >> self.pages[page].sample.fold & 1 != 0)
            .map(|number| {
                let page = &self.pages[number];
                let rows = page.first_row..page.first_row + page.columns.lines();
                (number, boost::predict(forest, &self.table, rows))
            })
            .collect()
    }

    fn copy_columns(&mut self, which: std::ops::Range<usize>) {
        let pages = &self.pages;
        self.table.columns[which.clone()].par_iter_mut().zip(which).for_each(|(cells, column)| {
            for page in pages {
                let column = page.columns.column(column);
                cells[page.first_row..page.first_row + column.len()].copy_from_slice(column);
            }
        });
    }
}

impl Page {
    fn of(sample: Arc<Sample>, track: Track, facts: Facts, worth: f32, edge: f32) -> Page {
        // A flattened page may look like HTML; what learns from text sees it as text.
        let markup = sample.page.markup.as_deref().filter(|_| columns_of(&[track]) == columns::COLUMNS);
        let reading = PageFeatures::of(&sample.page);
        let places = markup.map(|markup| DomFeatures::of(markup, &reading));
        let (columns, groups) = Columns::of(&facts, markup.zip(places.as_ref()), columns_of(&[track]));
        let names = match (markup, &places) {
            (Some(markup), Some(places)) if !track.is_disguise() => {
                let of_line = |element: u32| {
                    let labels = markup.ancestors(element).take(NAMES_UP);
                    let labels = labels.map(|element| markup.elements[element as usize].label);
                    let mut names: Vec<u32> = labels.flat_map(|label| places.terms_of(label).to_vec()).collect();
                    names.sort_unstable();
                    names.dedup();
                    names
                };
                markup.settings.iter().map(|setting| of_line(setting.element)).collect()
            }
            _ => vec![Vec::new(); facts.lines.len()],
        };
        let terms = match track.is_disguise() {
            true => vec![Vec::new(); facts.lines.len()],
            false => {
                let of_line = |words: &[u32]| {
                    let mut terms = Vec::with_capacity(2 * words.len() + 1);
                    for_each_term(words, |term| terms.push(term));
                    terms
                };
                facts.lines.iter().map(|fact| of_line(fact.words_in(&facts.words))).collect()
            }
        };
        let words: Vec<f32> = sample.words.iter().map(|words| words.len() as f32).collect();
        let own: f32 = words.iter().zip(&sample.labels).map(|(words, label)| words * label).sum();
        let reference: u32 = sample.reference.iter().sum();
        // The slope of the page's F1 along a line's probability goes with its words over this.
        let scale = 2.0 / (own + reference as f32).max(60.0);
        let mut weights: Vec<f32> = words
            .iter()
            .zip(&sample.title)
            .map(|(words, &title)| if title { 0.0 } else { (words + 1.0) * scale })
            .collect();
        // Readers miss the first and the last line of a text more than its words' part in F1 says.
        let is_own = |line: &usize| sample.labels[*line] >= 0.5 && words[*line] > 0.0 && !sample.title[*line];
        let edges = [(0..words.len()).find(is_own), (0..words.len()).rfind(is_own)];
        edges.into_iter().flatten().for_each(|line| weights[line] += edge * scale);
        let all: f32 = weights.iter().sum();
        let worth = worth * (MOST_WORTH / all).min(1.0);
        weights.iter_mut().for_each(|weight| *weight *= worth);
        let knows_names = true;
        Page { sample, track, facts, columns, groups, terms, places, names, knows_names, weights, first_row: 0 }
    }

    /// Turns the hashes of terms and names into numbers of their vocabularies, and writes how many terms are known.
    fn number_terms(&mut self, vocabulary: &[u32], names: &[u32]) {
        let number = |hashes: &mut Vec<u32>, vocabulary: &[u32]| {
            let known = hashes.iter().filter_map(|hash| vocabulary.binary_search(hash).ok());
            *hashes = known.map(|number| number as u32).collect();
            hashes.sort_unstable();
        };
        for (fact, terms) in self.facts.lines.iter_mut().zip(&mut self.terms) {
            number(terms, vocabulary);
            fact.known = terms.len() as u32;
        }
        self.names.iter_mut().for_each(|of_line| number(of_line, names));
        self.columns.write_known(&self.facts);
    }
}

/// How many columns pages of these tracks have.
fn columns_of(tracks: &[Track]) -> usize {
    let is_html = tracks.iter().any(|track| matches!(track, Track::Html | Track::BlindHtml));
    if is_html { columns::COLUMNS } else { columns::TEXT_COLUMNS }
}

/// Learns the weights of terms or names without every set of up to three folds.
fn learn_weights(
    pages: &[Page],
    vocabulary: usize,
    terms: impl Fn(&Page) -> &[Vec<u32>] + Sync,
) -> HashMap<u8, Vec<i8>> {
    let sets: Vec<u8> = (0..32u8).filter(|set| set.count_ones() <= 3).collect();
    sets.into_par_iter()
        .map(|without| {
            let bags: Vec<words::Bags> = pages
                .iter()
                .filter(|page| page.track.disguised().is_some() && without >> page.sample.fold & 1 == 0)
                .map(|page| words::Bags { lines: terms(page), labels: &page.sample.labels, weights: &page.weights })
                .collect();
            (without, words::learn(&bags, vocabulary))
        })
        .collect()
}
