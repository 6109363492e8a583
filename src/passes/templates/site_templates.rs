//! What is known of sites once their tallies are settled, and the form in which tallies and knowledge are
//! written down: a first line that says what follows, then a line of JSON a site, by host.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::charset::TextEncoding;
use crate::hash::sha256;
use crate::page::places::{KnownPlaces, PagePlace, PlaceShare};
use crate::passes::templates::edge::{Edge, Side, Slot};
use crate::passes::templates::finalize::{RUN_LINES, settle};
use crate::passes::templates::fingerprint::LineFingerprint;
use crate::passes::templates::stats::{SiteStats, SurveyStats};
use crate::passes::{CorpusPass, SeenPage};

/// What recurs on each site.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct SiteTemplates {
    /// By host; a site with too few pages is not among them.
    #[doc(hidden)]
    pub sites: BTreeMap<String, SiteTemplate>,
}

/// What recurs on one site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SiteTemplate {
    /// How many pages were looked at, copies counted once.
    pub pages: u32,
    /// What recurs at their head, from the first line on.
    pub head: TemplateEdge,
    /// What recurs at their tail, from the last line up.
    pub tail: TemplateEdge,
    /// Runs of lines that recur inside the text: every three lines that stand together.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub inside: Vec<KnownRun>,
    /// How much own text stands where on its HTML pages, by the model's word on each page by itself.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub places: Vec<KnownPlace>,
    /// The charset that most of its pages are in that are not in UTF-8, by its WHATWG name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub charset: Option<String>,
}

/// What recurs at one edge of a site's pages.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TemplateEdge {
    /// The template: lines of a large share of the pages.
    pub lines: Vec<Known>,
    /// Lines of some pages that stand between lines of the template.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub between: Vec<KnownBetween>,
    /// Lines of some pages that follow on the template's last line.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub beyond: Vec<Known>,
    /// Gaps in the template whose content changes from page to page.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub slots: Vec<KnownSlot>,
}

/// A line that recurs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Known {
    /// Its sign.
    pub line: LineFingerprint,
    /// How many pages it stands on, in this place.
    pub on: u32,
    /// Its levelled text, or the start of it.
    pub text: String,
}

/// A line that stands between lines of a template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KnownBetween {
    /// The line of the template that is nearer to the edge.
    pub after: LineFingerprint,
    /// Its own sign.
    pub line: LineFingerprint,
    /// How many pages it stands on, in this place.
    pub on: u32,
    /// Its levelled text, or the start of it.
    pub text: String,
}

/// A gap in a template whose content changes from page to page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KnownSlot {
    /// The line nearer to the edge.
    pub after: LineFingerprint,
    /// The line farther from it.
    pub before: LineFingerprint,
    /// How many pages have it.
    pub on: u32,
    /// How many lines it holds at most.
    pub longest: u32,
}

/// Lines that stand together inside the text of many pages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KnownRun {
    /// How many pages have them.
    pub on: u32,
    /// Their signs and levelled texts.
    pub lines: [(LineFingerprint, String); RUN_LINES],
}

/// A place on several HTML pages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KnownPlace {
    /// The hash of the names of its elements.
    pub place: PagePlace,
    /// How many pages have it.
    pub on: u32,
    /// How much of what stands there is own text, in thousandths: the mean over the pages.
    pub own: u16,
    /// Its innermost elements.
    pub path: String,
}

impl CorpusPass for SiteTemplates {
    type Sketch = SurveyStats;

    fn add(tally: &mut SurveyStats, page: &SeenPage) {
        tally.count(page);
    }

    fn merge(tally: &mut SurveyStats, other: SurveyStats) {
        tally.merge(other);
    }

    fn finish(tally: &SurveyStats) -> SiteTemplates {
        let settled = |(host, tally): (&String, &SiteStats)| Some((host.clone(), settle(tally)?));
        SiteTemplates { sites: tally.sites.iter().filter_map(settled).collect() }
    }
}

impl SiteTemplates {
    /// The charset that a site's pages are in, by host, where it is known.
    pub fn charsets(&self) -> BTreeMap<String, TextEncoding> {
        let known = self.sites.iter().filter_map(|(host, site)| Some((host, site.charset.as_deref()?)));
        known.filter_map(|(host, label)| Some((host.clone(), TextEncoding::for_label(label)?))).collect()
    }

    /// What is known of the places of each site.
    pub fn places(&self) -> KnownPlaces {
        let mut places = KnownPlaces::default();
        for (host, site) in &self.sites {
            let share = |known: &KnownPlace| (known.place, PlaceShare { own: known.own.min(1000), on: known.on });
            places.add(host, site.places.iter().map(share));
        }
        places
    }

    /// The hash of what is known of each site, by host.
    pub fn hashes(&self) -> BTreeMap<String, String> {
        self.sites.iter().map(|(host, site)| (host.clone(), site.hash())).collect()
    }

    /// The hash of all that is known.
    pub fn hash(&self) -> String {
        let hashes = self.hashes();
        sha256(hashes.iter().map(|(host, hash)| format!("{host} {hash}\n")).collect::<String>().as_bytes())
    }

    /// The form in which it is written down.
    pub fn to_text(&self) -> String {
        to_text(TEMPLATES, &self.sites)
    }

    /// Reads what [`SiteTemplates::to_text`] wrote.
    ///
    /// # Errors
    /// A sentence that says what is wrong, the line's number first.
    pub fn from_text(text: &str) -> Result<SiteTemplates, String> {
        Ok(SiteTemplates { sites: from_text(TEMPLATES, text)? })
    }
}

impl SiteTemplate {
    /// The hash of what is known of the site.
    pub fn hash(&self) -> String {
        sha256(line_of(self).as_bytes())
    }
}

impl SurveyStats {
    /// The form in which it is written down.
    pub fn to_text(&self) -> String {
        to_text(TALLY, &self.sites)
    }

    /// Reads what [`SurveyStats::to_text`] wrote.
    ///
    /// # Errors
    /// A sentence that says what is wrong, the line's number first.
    pub fn from_text(text: &str) -> Result<SurveyStats, String> {
        Ok(SurveyStats { sites: from_text(TALLY, text)? })
    }
}

impl TemplateEdge {
    pub(super) fn edge(&self, side: Side) -> Edge {
        let by_key = |known: &[Known]| known.iter().map(|known| (known.line.key(), known.on)).collect();
        let mut edge = Edge::of(side, by_key(&self.lines));
        edge.between = self.between.iter().map(|known| ((known.after, known.line), known.on)).collect();
        edge.beyond = by_key(&self.beyond);
        for slot in &self.slots {
            edge.add_slot(slot.after, slot.before, Slot { on: slot.on, longest: slot.longest });
        }
        edge
    }
}

/// What a file holds.
const TALLY: &str = "tally";
const TEMPLATES: &str = "knowledge";

/// What a file holds, for people.
fn in_words(holds: &str) -> &str {
    match holds {
        TALLY => "counts of pages (templates scan)",
        TEMPLATES => "site templates (templates build)",
        other => other,
    }
}

/// The version of the form. Another one is refused: the signs of lines may mean something else there.
const FORM: u32 = 2;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    /// What the file holds.
    holds: String,
    form: u32,
    /// The version of dechaff that wrote it.
    dechaff: String,
}

#[derive(Serialize, Deserialize)]
struct Line<T> {
    site: String,
    #[serde(flatten)]
    of: T,
}

fn to_text<T: Serialize>(holds: &str, sites: &BTreeMap<String, T>) -> String {
    let mut text = line_of(&Header { holds: holds.into(), form: FORM, dechaff: env!("CARGO_PKG_VERSION").into() });
    for (site, of) in sites {
        text.push_str(&line_of(&Line { site: site.clone(), of }));
    }
    text
}

fn from_text<T: DeserializeOwned>(holds: &str, text: &str) -> Result<BTreeMap<String, T>, String> {
    let mut lines = text.lines();
    let header: Header = serde_json::from_str(lines.next().unwrap_or_default())
        .map_err(|_| format!("not a file of {}: the first line does not say so", in_words(holds)))?;
    if header.holds != holds {
        let (there, expected) = (in_words(&header.holds), in_words(holds));
        let advice = match holds {
            TEMPLATES => "`dechaff templates build` makes them of counts",
            _ => "`dechaff templates scan` makes them of pages",
        };
        return Err(format!("this file holds {there}; expected {expected}: {advice}"));
    }
    if header.form != FORM {
        return Err(format!("form {}, and this dechaff reads form {FORM}; make it anew", header.form));
    }
    let site = |(index, line): (usize, &str)| match serde_json::from_str::<Line<T>>(line) {
        Ok(line) => Ok((line.site, line.of)),
        Err(error) => Err(format!("line {}: {error}", index + 2)),
    };
    lines.enumerate().map(site).collect()
}

fn line_of(value: &impl Serialize) -> String {
    // Strings, numbers and lists of them: there is nothing that JSON cannot say.
    serde_json::to_string(value).unwrap_or_default() + "\n"
}
