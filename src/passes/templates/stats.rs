//! What is counted: of each site a bounded number of pages, each as the signs of its lines.
//!
//! A tally is a set of pages; merging is the union cut back to the least, so that neither the order of
//! pages nor the way they are dealt out to threads and shards can be seen in it.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::{Xxh3, xxh3_64};

use crate::line::PageFeatures;
use crate::page::Source;
use crate::page::places::{PagePlace, shown as shown_place};
use crate::passes::SeenPage;
use crate::passes::templates::fingerprint::{LineFingerprint, levelled};

/// Pages that are looked at on one site: those with the least hash of their path. A line that half of a
/// site's pages carry is then found on 64 ± 6 of 128 (one standard deviation); what is lost are lines of few
/// pages, which the survey is not after.
pub const PAGES: usize = 128;

/// Lines that are looked at on one page, half of them from its start and half from its end. What stands in the
/// middle of a longer page is not surveyed.
pub const LINES: usize = 512;

/// Places of a page that are looked at: those with most words. Of the 1,842 pages of `dev` and `news` 7 in a hundred have
/// more than 256, and one in a hundred more than 562.
pub const PLACES: usize = 512;

/// Characters of a line that are kept to show people. What is longer is told by its start.
const SHOWN_CHARS: usize = 60;

/// What was counted, by site.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SurveyStats {
    /// The pages of each host.
    pub sites: BTreeMap<String, SiteStats>,
}

/// What was counted on one site.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub struct SiteStats {
    /// At most [`PAGES`], by the hash of their path.
    pub(super) pages: BTreeMap<(u64, u64), PageFingerprint>,
    /// The levelled text of every line of theirs.
    pub(super) texts: BTreeMap<LineFingerprint, Box<str>>,
    /// The names of every place of theirs.
    pub(super) place_names: BTreeMap<PagePlace, Box<str>>,
}

/// A page as it is compared with others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PageFingerprint {
    /// Its source, to show people.
    pub name: String,
    /// The signs of its lines.
    pub signs: Vec<LineFingerprint>,
    /// The charset that it was read in, where that is not UTF-8.
    pub charset: Option<String>,
    /// What stands where on an HTML page, ascending by place.
    pub places: Vec<PlaceSketch>,
}

/// What stands at one place of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PlaceSketch {
    pub place: PagePlace,
    /// How much of it is own text, in thousandths of its words.
    pub own: u16,
}

/// The charset that says nothing of a site: detection is not asked where a page is valid.
const UTF_8: &str = "UTF-8";

/// The place of a page in the order by which a site's pages are chosen.
pub fn rank(source: &Source) -> u64 {
    match source.record {
        None => xxh3_64(source.path.as_bytes()),
        Some(_) => xxh3_64(source.to_string().as_bytes()),
    }
}

impl SurveyStats {
    /// Counts a page; one without a site is passed over.
    pub(super) fn count(&mut self, seen: &SeenPage) {
        let page = seen.features;
        let Some(site) = &page.page.site else { return };
        if page.is_empty() {
            return;
        }
        if !self.sites.contains_key(&site.host) {
            self.sites.insert(site.host.clone(), SiteStats::default());
        }
        if let Some(tally) = self.sites.get_mut(&site.host) {
            tally.count(seen, (seen.charset != UTF_8).then(|| seen.charset.into()));
        }
    }

    /// Adds another tally.
    pub(super) fn merge(&mut self, from: SurveyStats) {
        for (host, tally) in from.sites {
            self.sites.entry(host).or_default().merge(tally);
        }
    }
}

impl SiteStats {
    fn count(&mut self, seen: &SeenPage, charset: Option<String>) {
        let page = seen.features;
        let rank = rank(&page.page.source);
        if self.pages.len() >= PAGES && self.pages.last_key_value().is_some_and(|((last, _), _)| *last < rank) {
            return;
        }
        let all: Vec<LineFingerprint> = (0..page.len()).map(|block| LineFingerprint::of(page, block)).collect();
        let mut content = Xxh3::new();
        all.iter().for_each(|sign| content.update(&sign.key().to_le_bytes()));
        let mut signs = all;
        let left_out = (signs.len() > LINES).then(|| LINES / 2..signs.len() - LINES / 2);
        for block in (0..signs.len()).filter(|block| left_out.as_ref().is_none_or(|out| !out.contains(block))) {
            self.texts.entry(signs[block]).or_insert_with(|| shown(levelled(page, block)));
        }
        if let Some(out) = left_out {
            signs.splice(out, [LineFingerprint::unlike(rank)]);
        }
        let places = seen.own.map(|own| self.count_places(page, own)).unwrap_or_default();
        let name = page.page.source.to_string();
        self.pages.insert((rank, content.digest()), PageFingerprint { name, signs, charset, places });
        self.cut_back();
    }

    /// What stands where on a page, by the probability of each block.
    fn count_places(&mut self, page: &PageFeatures, own: &[u16]) -> Vec<PlaceSketch> {
        let Some(markup) = page.page.markup.as_deref() else { return Vec::new() };
        let places = markup.places();
        // The words of a place, those of them that are own text in thousandths, and an element of it.
        let mut counts = BTreeMap::<PagePlace, (u64, u64, u32)>::new();
        for ((line, setting), &own) in page.lines.iter().zip(&markup.settings).zip(own) {
            if line.words > 0 {
                let (words, all_own, _) =
                    counts.entry(places[setting.element as usize]).or_insert((0, 0, setting.element));
                *words += u64::from(line.words);
                *all_own += u64::from(line.words) * u64::from(own);
            }
        }
        let mut most: Vec<_> = counts.into_iter().collect();
        most.sort_by_key(|&(place, (words, ..))| (Reverse(words), place));
        most.truncate(PLACES);
        for &(place, (.., element)) in &most {
            self.place_names.entry(place).or_insert_with(|| shown_place(markup, element).into());
        }
        let mut places: Vec<PlaceSketch> =
            most.into_iter().map(|(place, (words, own, _))| PlaceSketch { place, own: (own / words) as u16 }).collect();
        places.sort_by_key(|sketch| sketch.place);
        places
    }

    fn merge(&mut self, from: SiteStats) {
        self.pages.extend(from.pages);
        for (sign, text) in from.texts {
            self.texts.entry(sign).or_insert(text);
        }
        for (place, name) in from.place_names {
            self.place_names.entry(place).or_insert(name);
        }
        self.cut_back();
    }

    /// Forgets what is beyond the number of pages.
    fn cut_back(&mut self) {
        if self.pages.len() <= PAGES {
            return;
        }
        while self.pages.len() > PAGES {
            self.pages.pop_last();
        }
        let known: BTreeSet<LineFingerprint> =
            self.pages.values().flat_map(|page| page.signs.iter().copied()).collect();
        self.texts.retain(|sign, _| known.contains(sign));
        let places = self.pages.values().flat_map(|page| page.places.iter().map(|sketch| sketch.place));
        let places: BTreeSet<PagePlace> = places.collect();
        self.place_names.retain(|place, _| places.contains(place));
    }

    /// The text that stands for a sign.
    pub(super) fn text(&self, sign: LineFingerprint) -> &str {
        self.texts.get(&sign).map_or("", |text| text)
    }
}

fn shown(text: String) -> Box<str> {
    match text.char_indices().nth(SHOWN_CHARS) {
        None => text.into(),
        Some((end, _)) => format!("{}…", &text[..end]).into(),
    }
}

/// A site's tally as it is written down: the lines once, and pages as places in that list.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    lines: Vec<(LineFingerprint, Box<str>)>,
    pages: Vec<WrittenPage>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    places: Vec<(PagePlace, Box<str>)>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenPage {
    page: String,
    rank: u64,
    content: u64,
    lines: Vec<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    charset: Option<String>,
    /// Places of the list of places, and how much of what stands there is own text, in thousandths.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    places: Vec<(u32, u16)>,
}

impl From<SiteStats> for Written {
    fn from(tally: SiteStats) -> Written {
        let signs: BTreeSet<LineFingerprint> =
            tally.pages.values().flat_map(|page| page.signs.iter().copied()).collect();
        let place: BTreeMap<LineFingerprint, u32> = signs.iter().copied().zip(0..).collect();
        let places: BTreeSet<PagePlace> =
            tally.pages.values().flat_map(|page| page.places.iter().map(|sketch| sketch.place)).collect();
        let number: BTreeMap<PagePlace, u32> = places.iter().copied().zip(0..).collect();
        let page = |(&(rank, content), sketch): (&(u64, u64), &PageFingerprint)| WrittenPage {
            page: sketch.name.clone(),
            rank,
            content,
            lines: sketch.signs.iter().map(|sign| place[sign]).collect(),
            charset: sketch.charset.clone(),
            places: sketch.places.iter().map(|sketch| (number[&sketch.place], sketch.own)).collect(),
        };
        let name = |&place: &PagePlace| (place, tally.place_names.get(&place).cloned().unwrap_or_default());
        Written {
            lines: signs.iter().map(|&sign| (sign, tally.text(sign).into())).collect(),
            pages: tally.pages.iter().map(page).collect(),
            places: places.iter().map(name).collect(),
        }
    }
}

impl TryFrom<Written> for SiteStats {
    type Error = String;

    fn try_from(written: Written) -> Result<SiteStats, String> {
        let mut tally = SiteStats::default();
        for page in written.pages {
            let sign = |place: u32| written.lines.get(place as usize).map(|(sign, _)| *sign);
            let signs: Option<Vec<LineFingerprint>> = page.lines.into_iter().map(sign).collect();
            let signs = signs.ok_or_else(|| format!("{} has a line that is not in the list of lines", page.page))?;
            let sketch = |(place, own): (u32, u16)| {
                written.places.get(place as usize).map(|&(place, _)| PlaceSketch { place, own: own.min(1000) })
            };
            let places: Option<Vec<PlaceSketch>> = page.places.into_iter().map(sketch).collect();
            let places =
                places.ok_or_else(|| format!("{} has a place that is not in the list of places", page.page))?;
            tally.pages.insert(
                (page.rank, page.content),
                PageFingerprint { name: page.page, signs, charset: page.charset, places },
            );
        }
        tally.place_names = written.places.into_iter().collect();
        tally.texts = written.lines.into_iter().filter(|(_, text)| !text.is_empty()).collect();
        tally.cut_back();
        Ok(tally)
    }
}
