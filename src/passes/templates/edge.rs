//! One edge of a site's pages, their head or their tail: what recurs there, and how far it reaches into a page.
//!
//! A page is walked from its edge inwards, from one line of the template to the next. What the template does not
//! know may stand between two of its lines; the walk ends where too much of it does, or running prose. So a
//! label that stands at the edge of every page goes there, and stays where an article uses it.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use crate::line::ByKey;
use crate::passes::templates::fingerprint::LineFingerprint;

/// Lines unknown to the template that may stand between two of its lines: a headline and a byline, mostly.
pub(super) const UNKNOWN: usize = 2;

/// Lines between two lines of the template at most, known to recur or not: a submenu, a list of teasers.
const REACH: usize = 60;

/// Lines beyond the template that are looked at for a list of teasers that nothing closes.
const OPEN_REACH: usize = 30;

/// Lines that stand together, cut off from the edge by lines that stay, from which they are more than a
/// heading of the text that happens to recur. A date line or a bar of entries goes alone.
const ISLAND_LINES: usize = 3;

/// Which edge of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    /// Its first lines.
    Head,
    /// Its last lines.
    Tail,
}

/// What recurs at one edge.
#[derive(Debug)]
pub(super) struct Edge {
    side: Side,
    /// The template: lines of a large share of the pages, and on how many they stand.
    pub lines: ByKey<u32>,
    /// Lines of some pages that stand between lines of the template, each with the line of the template before it:
    /// a headline that is a teaser elsewhere stands under another line there.
    pub between: HashMap<(LineFingerprint, LineFingerprint), u32>,
    /// Lines that may stand between any lines of the template, while it is being learned.
    pub anywhere: ByKey<u32>,
    /// Lines of some pages that follow on the template's last line.
    pub beyond: ByKey<u32>,
    /// Gaps in the template whose content changes from page to page, by the lines around them.
    slots: HashMap<(LineFingerprint, LineFingerprint), Slot>,
    /// The longest slot after a line.
    reach: ByKey<u32>,
}

/// A gap in the template whose content changes from page to page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Slot {
    /// How many pages have it.
    pub on: u32,
    /// How many lines it holds at most.
    pub longest: u32,
}

/// How far a walk came.
#[derive(Debug, Default)]
pub(super) struct Walked {
    /// The lines that recur, and on how many pages, ascending by line.
    pub recurring: Vec<(usize, u32)>,
    /// The gaps that were crossed: the lines around them, and what stands in them.
    pub gaps: Vec<(LineFingerprint, LineFingerprint, Range<usize>)>,
    /// The first line that is not reached.
    pub end: usize,
}

impl Edge {
    /// A template of these lines, and nothing yet between them.
    pub(super) fn of(side: Side, lines: ByKey<u32>) -> Edge {
        Edge {
            side,
            lines,
            between: HashMap::new(),
            anywhere: ByKey::default(),
            beyond: ByKey::default(),
            slots: HashMap::new(),
            reach: ByKey::default(),
        }
    }

    /// Whether the same is known.
    pub(super) fn is_like(&self, other: &Edge) -> bool {
        self.lines == other.lines && self.between == other.between && self.slots == other.slots
    }

    /// Adds a gap whose content changes.
    pub(super) fn add_slot(&mut self, after: LineFingerprint, before: LineFingerprint, slot: Slot) {
        let reach = self.reach.entry(after.key()).or_default();
        *reach = slot.longest.max(*reach);
        self.slots.insert((after, before), slot);
    }

    /// The gaps whose content changes, by the lines around them.
    pub(super) fn slots(&self) -> BTreeMap<(LineFingerprint, LineFingerprint), Slot> {
        self.slots.iter().map(|(around, slot)| (*around, *slot)).collect()
    }

    /// Walks a page from this edge; `signs` has the edge's own line first. `unknown` is [`UNKNOWN`], but for
    /// the first look at a site.
    pub(super) fn walk(&self, signs: &[LineFingerprint], unknown: usize) -> Walked {
        let mut walked = Walked::default();
        let mut after = LineFingerprint::EDGE;
        // What a page begins with before any template is its title, though it may be a teaser elsewhere.
        let mut title: &[LineFingerprint] = &[];
        let mut island = Island { start: 0, is_cut_off: false };
        while let Some(next) = self.next(&signs[walked.end..], after, unknown).map(|steps| walked.end + steps) {
            let gap = walked.end..next;
            if after == LineFingerprint::EDGE && self.side == Side::Head {
                title = &signs[gap.clone()];
            }
            let slot = self.slots.get(&(after, signs[next])).filter(|slot| gap.len() <= slot.longest as usize);
            for block in gap.clone() {
                let between = self.between.get(&(after, signs[block])).copied();
                match between.or(slot.map(|slot| slot.on)).filter(|_| !title.contains(&signs[block])) {
                    Some(on) => walked.recurring.push((block, on)),
                    None => {
                        island.close(&mut walked.recurring, signs);
                        island = Island { start: walked.recurring.len(), is_cut_off: true };
                    }
                }
            }
            walked.recurring.push((next, self.lines[&signs[next].key()]));
            if !gap.is_empty() {
                walked.gaps.push((after, signs[next], gap));
            }
            after = signs[next];
            walked.end = next + 1;
        }
        if !island.is_cut_off && walked.end > 0 {
            let beyond = signs[walked.end..].iter().map_while(|sign| self.beyond.get(&sign.key()));
            walked.recurring.extend((walked.end..).zip(beyond.copied()).take(OPEN_REACH));
        }
        island.close(&mut walked.recurring, signs);
        walked
    }

    /// The lines after the template that may belong to a list that nothing closes.
    pub(super) fn open_end<'s>(&self, signs: &'s [LineFingerprint], walked: &Walked) -> &'s [LineFingerprint] {
        let end = walked.end + OPEN_REACH;
        &signs[walked.end..end.min(signs.len())]
    }

    /// How many lines on the next line of the template stands that can be reached.
    fn next(&self, signs: &[LineFingerprint], after: LineFingerprint, unknown: usize) -> Option<usize> {
        let longest_slot = self.reach.get(&after.key()).map_or(0, |longest| *longest as usize);
        let mut strange = 0;
        for (steps, sign) in signs.iter().enumerate().take(REACH.max(longest_slot) + 1) {
            if self.lines.contains_key(&sign.key()) {
                let in_slot = || self.slots.get(&(after, *sign)).is_some_and(|slot| steps <= slot.longest as usize);
                if strange <= unknown || in_slot() {
                    return Some(steps);
                }
            }
            let is_known = self.lines.contains_key(&sign.key())
                || self.between.contains_key(&(after, *sign))
                || self.anywhere.contains_key(&sign.key());
            if !is_known {
                strange += 1;
                if sign.is_prose() || strange > unknown && steps >= longest_slot {
                    return None;
                }
            }
        }
        None
    }
}

/// A stretch of recurring lines.
struct Island {
    /// Its first entry in the list of recurring lines.
    start: usize,
    /// Whether lines that stay stand between it and the edge.
    is_cut_off: bool,
}

impl Island {
    /// Gives the stretch back where it is too little to be told from headings of the text.
    fn close(&self, recurring: &mut Vec<(usize, u32)>, signs: &[LineFingerprint]) {
        if self.is_cut_off && recurring.len() - self.start < ISLAND_LINES {
            let stays = |&(block, _): &(usize, u32)| signs[block].is_dated() || signs[block].is_bar();
            let plain: Vec<_> = recurring.split_off(self.start).into_iter().filter(stays).collect();
            recurring.extend(plain);
        }
    }
}
