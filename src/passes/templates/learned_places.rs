//! The elements of a site that hardly hold own text, as people read them and as rules can name them.

use std::collections::{BTreeMap, BTreeSet};

use crate::line::PageFeatures;
use crate::marks::Marks;
use crate::page::markup::Markup;
use crate::page::places;
use crate::passes::templates::learned::EXAMPLES;
use crate::passes::templates::site_templates::SiteTemplate;
use crate::rules::within::Within;

/// So much of what stands in an element that is named is own text at most, in thousandths. Of places with less, blocks
/// dropped unseen are own text in one word of a hundred on 42 sites of news.
const OWN: u64 = 100;

/// From this probability on, in thousandths, a line is own text for sure enough that no rule may take it.
const SURE: u16 = 500;

/// The most words of a line that a rule for an element takes: what is longer than a teaser with its first paragraph may
/// be text that somebody has put there.
pub(super) const MOST_WORDS: u32 = 100;

/// Lines of an element that are shown.
const LINES: usize = 3;

/// An element that hardly holds own text.
#[derive(Debug)]
pub struct LearnedPlace {
    /// Its name: `aside.related`.
    pub selector: String,
    /// How many of the pages looked at have it.
    pub on: u32,
    /// How much of what stands in it is own text, in thousandths of its words.
    pub own: u16,
    /// Lines that stand in it, at most three.
    pub lines: Vec<String>,
    /// The first pages by path that have it.
    pub examples: Vec<String>,
    /// What a rule for it would do.
    pub rule: PlaceRule,
}

/// What a rule for an element would do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlaceRule {
    /// Nothing: there is one already.
    Written,
    /// Take what is furniture.
    Fits,
    /// Take own text of some page too.
    TakesText,
}

/// Elements that may be such, and what was seen of them.
pub(super) struct Candidates {
    seen: BTreeMap<String, (Within, Sighting)>,
}

#[derive(Default)]
struct Sighting {
    on: u32,
    words: u64,
    /// In thousandths.
    own: u64,
    /// Whether written rules leave a line.
    left: bool,
    /// Whether a rule would take own text.
    has_text: bool,
    lines: BTreeSet<String>,
    pages: BTreeSet<String>,
    /// The candidates that it always stands in.
    around: Option<BTreeSet<String>>,
}

impl Candidates {
    /// The elements that the survey knows to hold little own text and that have a name.
    pub(super) fn of(known: &SiteTemplate) -> Candidates {
        let poor = known.places.iter().filter(|place| u64::from(place.own) <= OWN);
        let selectors = poor.filter_map(|place| places::selector(&place.path));
        let seen = selectors.filter_map(|selector| {
            let within = Within::parse(&selector).ok()?;
            Some((selector, (within, Sighting::default())))
        });
        Candidates { seen: seen.collect() }
    }

    /// Sees a page that written rules have marked, by the probability of each block.
    pub(super) fn see(&mut self, page: &PageFeatures, written: &Marks, own: &[u16]) {
        let Some(markup) = page.page.markup.as_deref() else { return };
        let places: Vec<(String, Vec<bool>)> =
            self.seen.iter().map(|(selector, (within, _))| (selector.clone(), inside(markup, within))).collect();
        for ((own_selector, inside), (within, sighting)) in places.iter().zip(self.seen.values_mut()) {
            for element in markup.elements.iter().filter(|element| within.fits(&markup.labels[element.label as usize]))
            {
                let is_around = |inside: &[bool]| element.parent.is_some_and(|parent| inside[parent as usize]);
                let around = places.iter().filter(|(selector, inside)| selector != own_selector && is_around(inside));
                let around: BTreeSet<String> = around.map(|(selector, _)| selector.clone()).collect();
                match &mut sighting.around {
                    Some(always) => always.retain(|selector| around.contains(selector)),
                    none => *none = Some(around),
                }
            }
            let blocks = markup.settings.iter().zip(own).enumerate();
            let blocks = blocks.filter(|(_, (setting, _))| inside[setting.element as usize]);
            let mut is_here = false;
            for (block, (_, &own)) in blocks.filter(|&(block, _)| page.lines[block].words > 0) {
                let words = u64::from(page.lines[block].words);
                (sighting.words, sighting.own) = (sighting.words + words, sighting.own + words * u64::from(own));
                sighting.left |= written.stays(block);
                let is_taken = page.lines[block].words <= MOST_WORDS;
                sighting.has_text |= is_taken && own >= SURE;
                if is_taken && u64::from(own) <= OWN && sighting.lines.len() < LINES {
                    sighting.lines.insert(page.text(block).to_string());
                }
                is_here = true;
            }
            if is_here {
                sighting.on += 1;
                sighting.pages.insert(page.page.source.to_string());
                if sighting.pages.len() > EXAMPLES {
                    sighting.pages.pop_last();
                }
            }
        }
    }

    /// Those that were seen to hold as little as was known, the one on most pages first. What always stands in another
    /// one is told with it.
    pub(super) fn end(mut self) -> Vec<LearnedPlace> {
        self.seen.retain(|_, (_, sighting)| {
            sighting.own.checked_div(sighting.words).is_some_and(|own| own <= OWN) && !sighting.lines.is_empty()
        });
        let fits = |sighting: &Sighting| !sighting.has_text;
        let known: BTreeMap<String, bool> =
            self.seen.iter().map(|(selector, (_, sighting))| (selector.clone(), fits(sighting))).collect();
        self.seen.retain(|_, (_, sighting)| {
            let mut around = sighting.around.iter().flatten();
            !around.any(|other| known.get(other).is_some_and(|other| *other || !fits(sighting)))
        });
        let learned = |(selector, (_, sighting)): (String, (Within, Sighting))| {
            let own = sighting.own.checked_div(sighting.words)?;
            Some(LearnedPlace {
                selector,
                on: sighting.on,
                own: own as u16,
                lines: sighting.lines.into_iter().collect(),
                examples: sighting.pages.into_iter().collect(),
                rule: match (sighting.left, sighting.has_text) {
                    (false, _) => PlaceRule::Written,
                    (true, false) => PlaceRule::Fits,
                    (true, true) => PlaceRule::TakesText,
                },
            })
        };
        let mut places: Vec<LearnedPlace> = self.seen.into_iter().filter_map(learned).collect();
        places.sort_by(|one, other| other.on.cmp(&one.on).then(one.selector.cmp(&other.selector)));
        places
    }
}

/// Which elements of a page are, or stand in, one of these.
fn inside(markup: &Markup, within: &Within) -> Vec<bool> {
    let fits: Vec<bool> = markup.labels.iter().map(|label| within.fits(label)).collect();
    let mut inside: Vec<bool> = Vec::with_capacity(markup.elements.len());
    for element in &markup.elements {
        let around = element.parent.and_then(|parent| inside.get(parent as usize)).copied().unwrap_or_default();
        inside.push(around || fits[element.label as usize]);
    }
    inside
}
