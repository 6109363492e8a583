//! The line model: a probability for every block that it is the page's own text, from the text alone.
//!
//! A page is read into facts a line ([`facts`]), the facts into columns of small numbers ([`columns`]),
//! the columns into a score a line by two forests of oblivious trees ([`trees`]); the second sees what the
//! first said of the line's neighbours and of lines like it (`second`). All of it is integer arithmetic.
//! How the numbers come about is the business of the `training` member of the workspace.

pub mod columns;
pub mod dom_features;
pub mod facts;
pub mod lexicon;
mod numbering;
pub mod probability;
mod second;
mod stage;
pub mod trees;
mod weights;

use std::sync::LazyLock;

use crate::line::PageFeatures;
use crate::page::Page;
use crate::page::places::{KnownPlaces, PlaceShare};
use columns::Columns;
use dom_features::DomFeatures;
use facts::Facts;
use lexicon::Lexicon;
pub use stage::ModelStage;
use trees::Forest;

/// The bytes of the embedded model of plain text.
pub const WEIGHTS: &[u8] = include_bytes!("../../../rules/model/weights.bin");

/// The bytes of the embedded model of HTML.
pub const HTML_WEIGHTS: &[u8] = include_bytes!("../../../rules/model/html.bin");

/// The most blocks of a page that are judged at once. What is known of a block takes 300 to 500 bytes, so a longer page
/// would take memory without bound. Three times the longest page that the model has learned from.
const LONGEST: usize = 1 << 15;

/// What the place of a line weighs beside the line itself, in hundredths: so much of its log-odds, counted from those of
/// [`PLACE_NEUTRAL`], is added to the line's. On the 91 pages of `dev` and `news` whose sites have five, held out: F1
/// +0.0054 and +0.0006, recall as it was. With 40 from a neutral 300 the same, with 0.009 of recall lost on `dev`.
const PLACE_WEIGHT: i32 = 80;

/// The share of own text, in thousandths, of a place that says nothing: pages cut between 130 and 350.
const PLACE_NEUTRAL: u16 = 200;

/// What a place says counts as this at most, either way, in log-odds: past it a share is as good as none or all.
const PLACE_MOST: i32 = 3 * probability::UNIT;

/// The model's numbers.
#[derive(Debug, Clone)]
pub struct Model {
    /// How many columns it looks at: those of text, or all.
    pub columns: usize,
    /// What it knows of words.
    pub lexicon: Lexicon,
    /// The first pass.
    pub first: Forest,
    /// The second pass.
    pub second: Forest,
    /// Where to cut, by [`Favor`](crate::settings::Favor).
    pub cutoffs: [Cutoff; 3],
}

/// Where to cut, in thousandths of a probability.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cutoff {
    /// The share, in per cent, of the page's threshold of the best expected F1.
    pub percent: u16,
    /// The threshold is at least this.
    pub least: u16,
    /// The threshold is at most this.
    pub most: u16,
    /// The share, in per cent, of the page's own words that is expected to stay at least: the threshold gives way for it.
    pub recall: u16,
}

/// What the model says of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scores {
    /// For every block the probability, in thousandths, that it is the page's own text.
    pub permille: Vec<u16>,
    /// The words of the page at each probability.
    mass: Box<[u64; 1001]>,
    /// What is known of where blocks stand, ascending by block; empty where nothing is.
    placed: Vec<Placed>,
}

/// A block whose place on the site's other pages is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Placed {
    block: usize,
    /// What the model says of the block by its page alone, in thousandths.
    alone: u16,
    share: PlaceShare,
}

impl Model {
    /// The model of plain text that is part of the program.
    pub fn of_text() -> &'static Model {
        static MODEL: LazyLock<Model> =
            LazyLock::new(|| Model::from_bytes(WEIGHTS).expect("the embedded model is whole"));
        &MODEL
    }

    /// The model of HTML that is part of the program.
    pub fn of_html() -> &'static Model {
        static MODEL: LazyLock<Model> =
            LazyLock::new(|| Model::from_bytes(HTML_WEIGHTS).expect("the embedded model is whole"));
        &MODEL
    }

    /// The model of a page's kind.
    pub fn of(page: &Page) -> &'static Model {
        match page.markup {
            Some(_) => Model::of_html(),
            None => Model::of_text(),
        }
    }

    /// Judges all blocks of a page, a very long one part by part, as if each were a page.
    pub fn judge(&self, page: &PageFeatures) -> Scores {
        self.judge_on_site(page, &KnownPlaces::default())
    }

    /// The same, and what is known of the places of the page's site has a say.
    pub fn judge_on_site(&self, page: &PageFeatures, places: &KnownPlaces) -> Scores {
        self.judge_by_parts(page, places, LONGEST)
    }

    fn judge_by_parts(&self, page: &PageFeatures, places: &KnownPlaces, longest: usize) -> Scores {
        if page.len() <= longest {
            return self.judge_whole(page, places);
        }
        let permille = Vec::with_capacity(page.len());
        let mut scores = Scores { permille, mass: Box::new([0; 1001]), placed: Vec::new() };
        for start in (0..page.len()).step_by(longest) {
            let part = page.page.part(start..page.len().min(start + longest));
            let of_part = self.judge_whole(&PageFeatures::of(&part), places);
            scores.permille.extend_from_slice(&of_part.permille);
            scores.mass.iter_mut().zip(*of_part.mass).for_each(|(all, more)| *all += more);
            let placed = of_part.placed.into_iter().map(|placed| Placed { block: start + placed.block, ..placed });
            scores.placed.extend(placed);
        }
        scores
    }

    /// What is for HTML sees nothing of the markup where there is none.
    fn judge_whole(&self, page: &PageFeatures, places: &KnownPlaces) -> Scores {
        let facts = Facts::of(page, &self.lexicon);
        let markup = page.page.markup.as_deref().filter(|_| self.columns == columns::COLUMNS);
        let markup = markup.map(|markup| (markup, DomFeatures::of(markup, page)));
        let seen = markup.as_ref().map(|(markup, places)| (*markup, places));
        let (mut columns, groups) = Columns::of(&facts, seen, self.columns);
        if let Some((markup, places)) = &markup {
            let weigh = |name| self.lexicon.find(name).map(|entry| i32::from(entry.weight));
            columns.write_names(markup, places, weigh);
        }
        let first = self.first.scores(&columns);
        columns.write_second(&facts, &groups, &first);
        let known = places.of(page.page).unwrap_or_default();
        Scores::on_site(&self.second.scores(&columns), &facts, &known)
    }
}

impl Scores {
    /// What scores mean for a page.
    pub fn of(scores: &[i32], facts: &Facts) -> Scores {
        Scores::on_site(scores, facts, &[])
    }

    /// The same where something is known of the places of the page's blocks.
    pub fn on_site(scores: &[i32], facts: &Facts, known: &[Option<PlaceShare>]) -> Scores {
        let mut permille: Vec<u16> = scores.iter().copied().map(probability::permille).collect();
        let (mut placed, neutral) = (Vec::new(), probability::score(PLACE_NEUTRAL));
        for ((block, score), share) in scores.iter().enumerate().zip(known) {
            let (Some(share), Some(now)) = (share, permille.get_mut(block)) else { continue };
            let says = (probability::score(share.own) - neutral).clamp(-PLACE_MOST, PLACE_MOST);
            placed.push(Placed { block, alone: *now, share: *share });
            *now = probability::permille(score.saturating_add(says * PLACE_WEIGHT / 100));
        }
        follow_neighbours(&mut permille, facts);
        let mut mass = Box::new([0; 1001]);
        for (&permille, fact) in permille.iter().zip(&facts.lines) {
            mass[usize::from(permille)] += u64::from(fact.words);
        }
        Scores { permille, mass, placed }
    }

    /// The probability under which a line of this page goes.
    pub fn threshold(&self, cutoff: Cutoff) -> u16 {
        let best = u32::from(probability::best_expected(&self.mass).0);
        let threshold = ((best * u32::from(cutoff.percent) / 100) as u16).clamp(cutoff.least, cutoff.most);
        threshold.min(probability::expected_recall(&self.mass, cutoff.recall))
    }
}

/// A line without a word, such as the rule under a table's head, weighs nothing in training: it is as likely as the
/// less likely of the two lines with words around it.
fn follow_neighbours(permille: &mut [u16], facts: &Facts) {
    let mut from = 0;
    for words in facts.lines.chunk_by(|one, other| (one.words == 0) == (other.words == 0)) {
        let range = from..from + words.len();
        from = range.end;
        if words[0].words == 0 {
            let above = range.start.checked_sub(1).map(|line| permille[line]);
            let below = permille.get(range.end).copied();
            if let Some(least) = above.into_iter().chain(below).min() {
                permille[range].fill(least);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::Source;
    use crate::parse::ParseOptions;
    use crate::parse::site::Sidecar;

    fn read(path: &str, text: &str) -> Page {
        let source = Source { path: path.into(), record: None };
        let (options, sidecar) = (ParseOptions::default(), Sidecar::default());
        let probe = options.probe(path, path, text.as_bytes(), &sidecar);
        options.parse(source, text.as_bytes(), &sidecar, &probe, |_| None).page
    }

    /// Sections of equal content, each judged as a page, are judged as such a page is.
    #[test]
    fn a_page_longer_than_is_judged_at_once_is_judged_part_by_part() {
        let section = "<nav><a href=/a>Ferries</a> <a href=/b>Tides</a></nav><h1>The ferry</h1>\
                       <p>The <a href=/c>ferry</a> leaves at nine, and <b>nobody</b> was late for it that day.</p>\
                       <table><tr><td>Nine<td>Ten</table><ul><li>One gull<li>Two gulls</ul>";
        let nowhere = KnownPlaces::default();
        for html in [true, false] {
            let read = |text: &str| read(if html { "page.html" } else { "page.txt" }, text);
            let section =
                if html { section.to_string() } else { "The ferry\nTides\n\nThe ferry leaves at nine.\n".into() };
            let one = read(&section);
            let (model, all) = (Model::of(&one), read(&section.repeat(3)));
            assert_eq!(all.blocks.len(), 3 * one.blocks.len());
            let scores = model.judge_by_parts(&PageFeatures::of(&all), &nowhere, one.blocks.len());
            let expected: Vec<u16> = (0..3)
                .flat_map(|part| {
                    let part = all.part(part * one.blocks.len()..(part + 1) * one.blocks.len());
                    model.judge_whole(&PageFeatures::of(&part), &nowhere).permille
                })
                .collect();
            assert_eq!(scores.permille, expected);
            if !html {
                // Elements have the sizes that they have on the whole page; text has nothing of the kind.
                assert_eq!(
                    scores.permille[..one.blocks.len()],
                    model.judge_whole(&PageFeatures::of(&one), &nowhere).permille
                );
            }
            assert_eq!(scores.permille.len(), all.blocks.len());
            let mass = |scores: &Scores| scores.mass.iter().sum::<u64>();
            assert_eq!(mass(&scores), mass(&model.judge_whole(&PageFeatures::of(&all), &nowhere)));
        }
    }
}
