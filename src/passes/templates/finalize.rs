//! From what was counted on a site to what recurs there.
//!
//! The template of an edge is found by itself: starting from all lines that stand on a large share of the
//! pages, the pages are walked, lines that the walk does not meet on as large a share are struck out, and
//! that is done again until nothing changes.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use crate::line::ByKey;
use crate::page::places::PagePlace;
use crate::passes::templates::edge::{Edge, Side, Slot, UNKNOWN, Walked};
use crate::passes::templates::fingerprint::LineFingerprint;
use crate::passes::templates::site_templates::{
    Known, KnownBetween, KnownPlace, KnownRun, KnownSlot, SiteTemplate, TemplateEdge,
};
use crate::passes::templates::stats::{PageFingerprint, SiteStats};

/// Pages that a site needs before the survey speaks. On fewer, what two or three articles of a series, or of
/// one author, have in common is a large share.
pub const LEAST_PAGES: usize = 5;

/// Pages that a line of a template stands on at least, however few there are. mdream asks for 3.
const LEAST_ON: usize = 4;

/// A line of a template stands at its edge on one page in this many at least. mdream asks for half of them
/// wherever a line stands; what hangs together with the page's edge may be rarer, so that a site of two or
/// three designs is served.
const EDGE_SHARE: usize = 3;

/// A run of lines inside the text stands on one page in this many at least: mdream's half.
const INSIDE_SHARE: usize = 2;

/// Lines of a run inside the text at least.
pub(super) const RUN_LINES: usize = 3;

/// Bytes of such a run at least: mdream's 12 tokens, at five letters each.
const RUN_BYTES: usize = 60;

/// A line between lines of the template stands there on one page in this many at least.
const BETWEEN_SHARE: usize = 20;

/// The pages that such a line stands on at least.
const BETWEEN_LEAST: usize = 3;

/// A line that follows on the template without an end of its own stands there on one page in this many, at the tail.
const BEYOND_TAIL_SHARE: usize = 10;

/// The same at the head, where the text's own first line stands.
const BEYOND_HEAD_SHARE: usize = 5;

/// Of the lines in a gap so many in a hundred stand on other pages too where its content is dealt out anew to
/// every page. Of a gap that holds headlines or bylines nearly none does.
const DEALT_PERCENT: usize = 40;

/// A page is a copy of another if so many in a hundred of its lines of prose stand there.
const COPY_PERCENT: usize = 90;

/// How often a template is walked and struck at most; 2 or 3 times nearly always do.
const ROUNDS: usize = 8;

/// Lines unknown to the template that the first look crosses: nothing is known yet of what recurs in gaps.
const FIRST_UNKNOWN: usize = 30;

/// What recurs on a site; `None` where too few pages were counted.
pub(super) fn settle(tally: &SiteStats) -> Option<SiteTemplate> {
    // By their content: of two pages that are copies the same one is left out, whatever they are called.
    let mut pages: Vec<_> = tally.pages.iter().collect();
    pages.sort_by_key(|((rank, content), _)| (*content, *rank));
    let pages = without_copies(pages.into_iter().map(|(_, page)| page));
    if pages.len() < LEAST_PAGES {
        return None;
    }
    let on = pages_by_line(pages.iter().map(|page| page.signs.as_slice()));
    let head: Vec<Vec<LineFingerprint>> = pages.iter().map(|page| page.signs.clone()).collect();
    let tail: Vec<Vec<LineFingerprint>> = head.iter().map(|signs| signs.iter().rev().copied().collect()).collect();
    let (head_edge, tail_edge) = (template(&head, &on, Side::Head), template(&tail, &on, Side::Tail));
    let runs = runs(&head, &tail, &head_edge, &tail_edge, tally);
    Some(SiteTemplate {
        pages: pages.len() as u32,
        head: written(&head_edge, &head, tally),
        tail: written(&tail_edge, &tail, tally),
        inside: runs,
        places: places(&pages, tally),
        charset: charset(tally),
    })
}

/// The places that enough of the pages have.
fn places(pages: &[&PageFingerprint], tally: &SiteStats) -> Vec<KnownPlace> {
    let mut shares = BTreeMap::<PagePlace, (u32, u32)>::new();
    for sketch in pages.iter().flat_map(|page| &page.places) {
        let (on, own) = shares.entry(sketch.place).or_default();
        (*on, *own) = (*on + 1, *own + u32::from(sketch.own));
    }
    let known = |(place, (on, own)): (PagePlace, (u32, u32))| {
        let path = tally.place_names.get(&place).map_or("", |name| name).into();
        (on as usize >= LEAST_ON).then(|| KnownPlace { place, on, own: (own / on) as u16, path })
    };
    shares.into_iter().filter_map(known).collect()
}

/// The charset that most of the pages are in that are not in UTF-8, if there are enough of them.
fn charset(tally: &SiteStats) -> Option<String> {
    let mut pages_in = BTreeMap::<&str, usize>::new();
    for charset in tally.pages.values().filter_map(|page| page.charset.as_deref()) {
        *pages_in.entry(charset).or_default() += 1;
    }
    let all: usize = pages_in.values().sum();
    let (charset, most) = pages_in.into_iter().max_by_key(|(_, pages)| *pages)?;
    (most >= LEAST_ON && most * 3 >= all * 2).then(|| charset.into())
}

/// The pages in their order, those left out that are copies of one before them.
fn without_copies<'t>(pages: impl Iterator<Item = &'t PageFingerprint>) -> Vec<&'t PageFingerprint> {
    let mut kept: Vec<(&PageFingerprint, BTreeSet<LineFingerprint>)> = Vec::new();
    for page in pages {
        let prose: BTreeSet<LineFingerprint> = page.signs.iter().copied().filter(|sign| sign.is_prose()).collect();
        let is_copy = kept.iter().any(|(other, others)| match prose.is_empty() {
            true => page.signs == other.signs,
            false => prose.intersection(others).count() * 100 >= prose.len() * COPY_PERCENT,
        });
        if !is_copy {
            kept.push((page, prose));
        }
    }
    kept.into_iter().map(|(page, _)| page).collect()
}

/// On how many pages each line stands.
fn pages_by_line<'s>(pages: impl Iterator<Item = &'s [LineFingerprint]>) -> ByKey<u32> {
    let mut on = ByKey::<u32>::default();
    for signs in pages {
        let once: BTreeSet<LineFingerprint> = signs.iter().copied().collect();
        once.into_iter().for_each(|sign| *on.entry(sign.key()).or_default() += 1);
    }
    on
}

fn at_least(mut on: ByKey<u32>, least: usize) -> ByKey<u32> {
    on.retain(|_, on| *on as usize >= least);
    on
}

/// The template of one edge; `pages` have that edge's line first.
fn template(pages: &[Vec<LineFingerprint>], anywhere: &ByKey<u32>, side: Side) -> Edge {
    let least = (pages.len().div_ceil(EDGE_SHARE)).max(LEAST_ON);
    // As long as gaps are being learned, what recurs anywhere may stand in them: else a gap that holds one rare line
    // would not be seen, and the others in it would seem rare too.
    let mut edge = Edge::of(side, at_least(anywhere.clone(), least));
    edge.anywhere = at_least(anywhere.clone(), 2);
    let mut unknown = FIRST_UNKNOWN;
    for _ in 0..ROUNDS {
        let walks: Vec<Walked> = pages.iter().map(|signs| edge.walk(signs, unknown)).collect();
        let met: Vec<Vec<LineFingerprint>> =
            pages.iter().zip(&walks).map(|(signs, walked)| met(&edge, signs, walked)).collect();
        let mut next = Edge::of(side, at_least(pages_by_line(met.iter().map(Vec::as_slice)), least));
        fill_gaps(&mut next, pages, &walks, anywhere, side);
        next.anywhere = std::mem::take(&mut edge.anywhere);
        let is_settled = unknown == UNKNOWN && next.is_like(&edge);
        (edge, unknown) = (next, UNKNOWN);
        if is_settled {
            break;
        }
    }
    edge.anywhere.clear();
    edge.beyond = beyond(&edge, pages, side);
    edge
}

/// The lines of the template that a walk met.
fn met(edge: &Edge, signs: &[LineFingerprint], walked: &Walked) -> Vec<LineFingerprint> {
    signs[..walked.end].iter().copied().filter(|sign| edge.lines.contains_key(&sign.key())).collect()
}

/// Learns what stands between the lines of a template.
fn fill_gaps(edge: &mut Edge, pages: &[Vec<LineFingerprint>], walks: &[Walked], anywhere: &ByKey<u32>, side: Side) {
    let mut on = BTreeMap::<(LineFingerprint, LineFingerprint), u32>::new();
    for (signs, walked) in pages.iter().zip(walks) {
        let in_gap = |(after, _, gap): &(LineFingerprint, LineFingerprint, Range<usize>)| {
            let after = *after;
            signs[gap.clone()].iter().map(move |sign| (after, *sign)).collect::<Vec<_>>()
        };
        let once: BTreeSet<(LineFingerprint, LineFingerprint)> = walked.gaps.iter().flat_map(in_gap).collect();
        once.into_iter().for_each(|line| *on.entry(line).or_default() += 1);
    }
    // A headline stands in a gap of its own page's head, and among the teasers of others: at the head only what
    // recurs in the same gap counts, and nothing else goes. What stands between lines of the tail is no page's own,
    // wherever else it stands.
    let recurs = |line: &(LineFingerprint, LineFingerprint)| match side {
        Side::Head => on.get(line).is_some_and(|on| *on >= 2),
        Side::Tail => anywhere.get(&line.1.key()).is_some_and(|on| *on >= 2),
    };
    struct Gap {
        lengths: Vec<usize>,
        pages: BTreeSet<usize>,
        recurring: Vec<(LineFingerprint, LineFingerprint)>,
    }
    let mut gaps = BTreeMap::<(LineFingerprint, LineFingerprint), Gap>::new();
    for (page, (signs, walked)) in pages.iter().zip(walks).enumerate() {
        for (after, before, lines) in &walked.gaps {
            let none = || Gap { lengths: Vec::new(), pages: BTreeSet::new(), recurring: Vec::new() };
            let gap = gaps.entry((*after, *before)).or_insert_with(none);
            gap.lengths.push(lines.len());
            gap.pages.insert(page);
            gap.recurring.extend(signs[lines.clone()].iter().map(|sign| (*after, *sign)).filter(recurs));
        }
    }
    let mut dealt = BTreeSet::<(LineFingerprint, LineFingerprint)>::new();
    for ((after, before), mut gap) in gaps {
        let lines: usize = gap.lengths.iter().sum();
        let is_on_enough = gap.pages.len() >= pages.len().div_ceil(EDGE_SHARE).max(LEAST_ON);
        // What comes again and again on one page is the frame of its own entries: posts of a thread, say.
        let is_once = gap.lengths.len() <= gap.pages.len() * 3 / 2;
        if !is_on_enough || !is_once || gap.recurring.len() * 100 < lines * DEALT_PERCENT {
            continue;
        }
        dealt.extend(gap.recurring);
        if side == Side::Tail {
            gap.lengths.sort_unstable();
            let longest = gap.lengths[(gap.lengths.len() * 9).div_ceil(10) - 1] as u32;
            edge.add_slot(after, before, Slot { on: gap.pages.len() as u32, longest });
        }
    }
    let least = (pages.len() / BETWEEN_SHARE).max(BETWEEN_LEAST);
    let lines = &edge.lines;
    let recurs = |line: &(LineFingerprint, LineFingerprint), on: u32| on as usize >= least || dealt.contains(line);
    let between = on.into_iter().filter(|(line, on)| !lines.contains_key(&line.1.key()) && recurs(line, *on));
    edge.between = between.collect();
}

/// Lines of some pages that follow on the template's last line, with nothing of the template after them.
fn beyond(edge: &Edge, pages: &[Vec<LineFingerprint>], side: Side) -> ByKey<u32> {
    let after: Vec<&[LineFingerprint]> = pages
        .iter()
        .map(|signs| match edge.walk(signs, UNKNOWN) {
            walked if walked.end > 0 => edge.open_end(signs, &walked),
            _ => &[],
        })
        .collect();
    let near = pages_by_line(after.iter().copied());
    let run = |lines: &&[LineFingerprint]| lines.iter().take_while(|sign| near[&sign.key()] >= 2).count();
    let runs: Vec<&[LineFingerprint]> = after.iter().map(|lines| &lines[..run(lines)]).collect();
    let on = pages_by_line(runs.iter().copied());
    // Teasers dealt out anew to every page are few times seen each, but nearly every page has some.
    let is_dealt = side == Side::Tail && runs.iter().filter(|run| !run.is_empty()).count() * 2 >= pages.len();
    let share = if side == Side::Tail { BEYOND_TAIL_SHARE } else { BEYOND_HEAD_SHARE };
    let least = pages.len().div_ceil(share).max(LEAST_ON) as u32;
    let sentences: BTreeSet<u64> =
        runs.iter().flat_map(|run| run.iter()).filter(|sign| sign.is_sentence()).map(|sign| sign.key()).collect();
    let mut beyond = on;
    beyond.retain(|key, on| *on >= least || is_dealt && *on >= 2 && !sentences.contains(key));
    beyond
}

/// Runs of lines that stand together inside the text of many pages.
fn runs(
    head: &[Vec<LineFingerprint>],
    tail: &[Vec<LineFingerprint>],
    head_edge: &Edge,
    tail_edge: &Edge,
    tally: &SiteStats,
) -> Vec<KnownRun> {
    let least = (head.len().div_ceil(INSIDE_SHARE)).max(LEAST_ON) as u32;
    let mut on = BTreeMap::<[LineFingerprint; RUN_LINES], u32>::new();
    for (signs, reversed) in head.iter().zip(tail) {
        let mut at_edge = vec![false; signs.len()];
        head_edge.walk(signs, UNKNOWN).recurring.iter().for_each(|(block, _)| at_edge[*block] = true);
        let walked = tail_edge.walk(reversed, UNKNOWN);
        walked.recurring.iter().for_each(|(block, _)| at_edge[signs.len() - 1 - block] = true);
        let windows = signs.windows(RUN_LINES).zip(at_edge.windows(RUN_LINES));
        let inside = windows.filter(|(_, at_edge)| !at_edge.iter().any(|at_edge| *at_edge));
        let once: BTreeSet<[LineFingerprint; RUN_LINES]> = inside.filter_map(|(run, _)| run.try_into().ok()).collect();
        once.into_iter().for_each(|run| *on.entry(run).or_default() += 1);
    }
    let is_long =
        |run: &[LineFingerprint; RUN_LINES]| run.iter().map(|&sign| tally.text(sign).len()).sum::<usize>() >= RUN_BYTES;
    on.into_iter()
        .filter(|(run, on)| *on >= least && is_long(run))
        .map(|(run, on)| KnownRun { on, lines: run.map(|line| (line, tally.text(line).into())) })
        .collect()
}

/// An edge as it is written down, its lines in the order in which they stand.
fn written(edge: &Edge, pages: &[Vec<LineFingerprint>], tally: &SiteStats) -> TemplateEdge {
    let mut places = BTreeMap::<u64, (u64, u64)>::new();
    for signs in pages {
        for (sign, place) in signs.iter().zip(0..) {
            let (sum, times) = places.entry(sign.key()).or_default();
            (*sum, *times) = (*sum + place, *times + 1);
        }
    }
    let signs: BTreeMap<u64, LineFingerprint> = pages.iter().flatten().map(|sign| (sign.key(), *sign)).collect();
    let known = |lines: &ByKey<u32>| {
        let mut known: Vec<Known> = lines
            .iter()
            .filter_map(|(key, &on)| signs.get(key).map(|&line| Known { line, on, text: tally.text(line).into() }))
            .collect();
        known.sort_by_key(|known| {
            let (sum, times) = places.get(&known.line.key()).copied().unwrap_or((0, 1));
            (sum * 100 / times.max(1), known.line)
        });
        known
    };
    let between: BTreeMap<(LineFingerprint, LineFingerprint), u32> =
        edge.between.iter().map(|(line, on)| (*line, *on)).collect();
    TemplateEdge {
        lines: known(&edge.lines),
        between: between
            .into_iter()
            .map(|((after, line), on)| KnownBetween { after, line, on, text: tally.text(line).into() })
            .collect(),
        beyond: known(&edge.beyond),
        slots: edge
            .slots()
            .into_iter()
            .map(|((after, before), slot)| KnownSlot { after, before, on: slot.on, longest: slot.longest })
            .collect(),
    }
}
