//! What recurs on a site as people read it, and as rules can say it: the lines as they are written, the pages they
//! stand on, and whether a rule could take them without taking anything else.
//!
//! A tally knows lines by their signs. For this the pages are seen once more, one by one.

use std::collections::{BTreeMap, BTreeSet};

use regex::Regex;

use crate::line::titles;
use crate::line::{LineEnd, PageFeatures};
use crate::marks::{Evidence, Mark, Marks, RuleId, Verdict};
use crate::passes::templates::fingerprint::{LineFingerprint, pattern};
use crate::passes::templates::learned_places::{Candidates, LearnedPlace};
use crate::passes::templates::recurring::{HEAD, RecurringStage, TAIL};
use crate::passes::templates::site_templates::{SiteTemplate, SiteTemplates};
use crate::rules::Part;
use crate::stage::Stage;

/// Example pages that are named for a line.
pub const EXAMPLES: usize = 3;

/// The fewest words of a sentence that is taken for the beginning of a page's text.
const TEXT_WORDS: u32 = 8;

/// Where on its pages something recurs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Where {
    /// At the head.
    Head,
    /// Inside the text.
    Inside,
    /// At the tail.
    Tail,
}

/// What was learned of a site.
#[derive(Debug)]
pub struct Learned {
    /// How many pages were looked at, copies counted once.
    pub pages: u32,
    /// What recurs, in the order in which it stands on a page.
    pub finds: Vec<Find>,
    /// Elements that hardly hold own text, the one on most pages first.
    pub places: Vec<LearnedPlace>,
}

/// Something that recurs.
#[derive(Debug, Clone)]
pub struct Find {
    /// Where it stands.
    pub place: Where,
    /// On how many pages.
    pub on: u32,
    /// Its lines: several for a run inside the text. Each in the ways in which it is written, the most frequent
    /// way first.
    pub lines: Vec<Vec<String>>,
    /// Whether a large share of the pages have it, so that a rule for it is worth having; else it is one of
    /// many that take turns.
    pub is_template: bool,
    /// The first pages by path that have it.
    pub examples: Vec<String>,
    /// What a rule for it would have to say.
    pub rule: Wording,
}

/// What a rule for a find would have to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wording {
    /// Nothing: there is one already.
    Written,
    /// That a line of these words stands in this part of the page, or anywhere.
    Equals(Option<Part>),
    /// That a line of this look does.
    Regex(Option<Part>, String),
    /// That a run from the first line to the last one goes.
    Run,
    /// Nothing can be said that would not take lines of the text too.
    Ambiguous,
}

/// Sees the pages of a site.
pub struct Learning {
    known: SiteTemplate,
    stage: RecurringStage,
    lines: BTreeMap<(Where, LineFingerprint), Sighting>,
    runs: BTreeMap<Vec<LineFingerprint>, Sighting>,
    /// What stays on the pages, and in which parts of them.
    stays: BTreeMap<String, BTreeSet<Part>>,
    /// The same of lines with numbers, as they are written.
    numbers_stay: BTreeMap<String, BTreeSet<Part>>,
    /// What stands over the text of a page, where its title is. A rule that takes such a line from other pages would
    /// take a short page's own title, since on a short page every line stands at the tail.
    titles: BTreeSet<String>,
    places: Candidates,
}

#[derive(Default)]
struct Sighting {
    on: u32,
    /// Where it stood, added up, and how often.
    places: (usize, usize),
    /// How it is written where no rule drops it, and where one does.
    ways: BTreeMap<Vec<String>, u32>,
    covered: BTreeMap<Vec<String>, u32>,
    folded: BTreeSet<String>,
    pages: BTreeSet<String>,
    is_beyond_part: bool,
}

impl Learning {
    /// Sees pages of a site of which this is known.
    pub fn of(host: &str, known: SiteTemplate) -> Learning {
        let stage = RecurringStage::new(&SiteTemplates { sites: BTreeMap::from([(host.into(), known.clone())]) });
        let (lines, runs) = (BTreeMap::new(), BTreeMap::new());
        let places = Candidates::of(&known);
        Learning {
            known,
            stage,
            lines,
            runs,
            stays: BTreeMap::new(),
            numbers_stay: BTreeMap::new(),
            titles: BTreeSet::new(),
            places,
        }
    }

    /// Sees a page that written rules have marked; of an HTML page, by the probability of each block that it is own text.
    pub fn see(&mut self, page: &PageFeatures, written: &Marks, own: Option<&[u16]>) {
        if let Some(own) = own {
            self.places.see(page, written, own);
        }
        let mut recurring = Marks::new(page.len());
        self.stage.judge(page, &mut recurring);
        let signs: Vec<LineFingerprint> = (0..page.len()).map(|block| LineFingerprint::of(page, block)).collect();
        let name = page.page.source.to_string();
        let text = text_start(page);
        let mut block = 0;
        while block < page.len() {
            let is_over_text = |place: &Where| *place == Where::Tail && block < text;
            let Some((place, on)) = place(recurring.verdict(block)).filter(|(place, _)| !is_over_text(place)) else {
                if block < text && titles::WORDS.contains(&page.lines[block].words) && written.stays(block) {
                    self.titles.insert(page.folded(block).to_string());
                }
                if written.stays(block) {
                    self.see_rest(page, block);
                }
                block += 1;
                continue;
            };
            let end = match place {
                Where::Inside => (block..page.len())
                    .find(|&next| self::place(recurring.verdict(next)).is_none_or(|(place, _)| place != Where::Inside))
                    .unwrap_or(page.len()),
                _ => block + 1,
            };
            let sighting = match place {
                Where::Inside => self.runs.entry(signs[block..end].to_vec()).or_default(),
                _ => self.lines.entry((place, signs[block])).or_default(),
            };
            sighting.on = sighting.on.max(on);
            let from_edge = if place == Where::Tail { page.len() - block } else { block };
            sighting.places = (sighting.places.0 + from_edge, sighting.places.1 + 1);
            let is_covered = (block..end).all(|line| !written.stays(line));
            let ways = if is_covered { &mut sighting.covered } else { &mut sighting.ways };
            *ways.entry((block..end).map(|line| page.text(line).to_string()).collect()).or_default() += 1;
            if !is_covered {
                sighting.folded.insert(page.folded(block).to_string());
            }
            sighting.is_beyond_part |= part(place).is_some_and(|part| !part.holds(block, page.len()));
            sighting.pages.insert(name.clone());
            if sighting.pages.len() > EXAMPLES {
                sighting.pages.pop_last();
            }
            block = end;
        }
    }

    /// What has been learned.
    pub fn end(self) -> Learned {
        let mut finds = Vec::new();
        let edges = [(Where::Head, &self.known.head), (Where::Tail, &self.known.tail)];
        let template: BTreeSet<(Where, LineFingerprint)> = edges
            .into_iter()
            .flat_map(|(place, edge)| edge.lines.iter().map(move |known| (place, known.line)))
            .collect();
        for (&(place, sign), sighting) in &self.lines {
            let is_template = template.contains(&(place, sign));
            let distance = sighting.places.0 * 100 / sighting.places.1.max(1);
            let order = if place == Where::Tail { usize::MAX - distance } else { distance };
            finds.push((place, order, sighting.find(place, is_template, self.wording(place, sighting))));
        }
        for sighting in self.runs.values() {
            let wording = if sighting.ways.is_empty() { Wording::Written } else { Wording::Run };
            finds.push((Where::Inside, sighting.places.0, sighting.find(Where::Inside, true, wording)));
        }
        finds.sort_by(|one, other| (one.0, one.1, &one.2.lines).cmp(&(other.0, other.1, &other.2.lines)));
        let finds = finds.into_iter().map(|(_, _, find)| find).collect();
        Learned { pages: self.known.pages, finds, places: self.places.end() }
    }

    fn see_rest(&mut self, page: &PageFeatures, block: usize) {
        let parts = Part::ALL.into_iter().filter(|part| part.holds(block, page.len()));
        if page.lines[block].digits > 0 {
            self.numbers_stay.entry(page.text(block).to_string()).or_default().extend(parts.clone());
        }
        self.stays.entry(page.folded(block).to_string()).or_default().extend(parts);
    }

    fn wording(&self, place: Where, sighting: &Sighting) -> Wording {
        if sighting.ways.is_empty() {
            return Wording::Written;
        }
        let ways: Vec<String> = sighting.ways().into_iter().flatten().collect();
        if sighting.folded.iter().any(|text| self.titles.contains(text)) {
            return Wording::Ambiguous;
        }
        let regex = pattern(&ways).and_then(|pattern| Some((Regex::new(&pattern).ok()?, pattern)));
        let stays_in: BTreeSet<Part> = match &regex {
            Some((regex, _)) => {
                let hit = self.numbers_stay.iter().filter(|(text, _)| regex.is_match(text));
                hit.flat_map(|(_, parts)| parts.iter().copied()).collect()
            }
            None => sighting.folded.iter().filter_map(|text| self.stays.get(text)).flatten().copied().collect(),
        };
        let within = match part(place) {
            Some(part) if !sighting.is_beyond_part && !stays_in.contains(&part) => Some(part),
            _ if stays_in.is_empty() => None,
            _ => return Wording::Ambiguous,
        };
        match regex {
            Some((_, pattern)) => Wording::Regex(within, pattern),
            None => Wording::Equals(within),
        }
    }
}

impl Sighting {
    fn find(&self, place: Where, is_template: bool, rule: Wording) -> Find {
        let ways = self.ways();
        let lines = match place {
            Where::Inside => ways.into_iter().next().unwrap_or_default().into_iter().map(|line| vec![line]).collect(),
            _ => vec![ways.into_iter().flatten().collect()],
        };
        Find { place, on: self.on, lines, is_template, examples: self.pages.iter().cloned().collect(), rule }
    }

    /// The ways in which it is written, the most frequent one first.
    fn ways(&self) -> Vec<Vec<String>> {
        let mut ways: Vec<_> = if self.ways.is_empty() { &self.covered } else { &self.ways }.iter().collect();
        ways.sort_by(|one, other| other.1.cmp(one.1).then(one.0.cmp(other.0)));
        ways.into_iter().map(|(way, _)| way.clone()).collect()
    }
}

/// The first block of a page's text: its first sentence of some length, or what comes after its first line.
fn text_start(page: &PageFeatures) -> usize {
    let is_sentence = |block: &usize| {
        let line = &page.lines[*block];
        line.end == LineEnd::Sentence && line.words >= TEXT_WORDS
    };
    (0..page.len()).find(is_sentence).unwrap_or(1)
}

fn part(place: Where) -> Option<Part> {
    match place {
        Where::Head => Some(Part::Head),
        Where::Tail => Some(Part::Tail),
        Where::Inside => None,
    }
}

fn place(verdict: Verdict) -> Option<(Where, u32)> {
    match verdict {
        Verdict::Drop(Mark { rule: RuleId::Judge(rule), because: Evidence::Recurs { on, .. } }) => match *rule {
            HEAD => Some((Where::Head, on)),
            TAIL => Some((Where::Tail, on)),
            _ => Some((Where::Inside, on)),
        },
        _ => None,
    }
}
