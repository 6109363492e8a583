//! Gives parts of entries back where the entries stay: the date of a post in an index of posts, the time of an entry of a
//! live blog, the one title of many that the model doubted.
//!
//! Entries are elements of one name side by side. What stands at the same place in each of them is of one kind.

use std::collections::HashMap;
use std::hash::BuildHasherDefault;

use super::{ASIDE, Thresholds, score};
use crate::line::{ByKey, PageFeatures};
use crate::marks::{Marks, StageRule};
use crate::page::markup::{Element, Kind, Markup};

pub(super) const ENTRY: StageRule = StageRule {
    address: "closing#entry",
    why: "A date in an entry that stays, or what stays in most other entries of its list, which the model had dropped.",
};

/// How many elements above a block its entry is sought.
const LEVELS: usize = 4;

/// Words of a date with what stands beside it, at most.
const DATE_WORDS: u32 = 12;

/// Where a block stands: its list of entries, the way from the entry to the block, and what it is.
type Place = (usize, u64, Kind);

pub(super) fn cards(page: &PageFeatures, thresholds: &Thresholds, marks: &mut Marks) {
    let Some(markup) = page.page.markup.as_deref() else { return };
    let (lists, counts) = lists(markup);
    let tags: Vec<u64> = markup.labels.iter().map(|label| crate::line::key(&label.tag)).collect();
    let blocks: Vec<Option<(u32, Place)>> = (0..page.len())
        .map(|block| {
            let setting = &markup.settings[block];
            let mut way = 0u64;
            for element in markup.ancestors(setting.element).take(LEVELS) {
                let list = lists[element as usize];
                if counts[list] >= thresholds.siblings {
                    return Some((element, (list, way, setting.kind)));
                }
                way = way.rotate_left(9) ^ tags[markup.elements[element as usize].label as usize];
            }
            None
        })
        .collect();
    // For every element whether it is an entry, and one of which something stays.
    let mut entries: Vec<Option<bool>> = vec![None; markup.elements.len()];
    let mut places: HashMap<Place, [usize; 2]> = HashMap::new();
    for (block, (entry, place)) in blocks.iter().enumerate().filter_map(|(block, at)| Some((block, (*at)?))) {
        let stays = marks.stays(block);
        *entries[entry as usize].get_or_insert_default() |= stays;
        let [staying, all] = places.entry(place).or_default();
        (*staying, *all) = (*staying + usize::from(stays), *all + 1);
    }
    let mut lists_staying = vec![[0, 0]; counts.len()];
    for (entry, stays) in entries.iter().enumerate().filter_map(|(entry, stays)| Some((entry, (*stays)?))) {
        let [staying, all] = &mut lists_staying[lists[entry]];
        (*staying, *all) = (*staying + usize::from(stays), *all + 1);
    }
    let most =
        |[staying, all]: [usize; 2]| staying >= thresholds.siblings && staying * 100 >= all * thresholds.sibling_share;
    let is_plain = |block: usize| {
        let setting = &markup.settings[block];
        !setting.inside.has_any(ASIDE) && setting.kind != Kind::Field && setting.linked * 2 <= page.lines[block].chars
    };
    let is_as_in_most = |block: usize, place: Place, score: u16| {
        score >= thresholds.sibling_score && most(places[&place]) && is_plain(block)
    };
    // Of an entry in which the model was sure of nothing, the last of a live blog, what stays in most others is enough.
    let likely = (0..page.len()).filter_map(|block| {
        let ((entry, place), score) = (blocks[block]?, score(marks.verdict(block))?);
        is_as_in_most(block, place, score).then_some(entry)
    });
    let likely: Vec<u32> = likely.collect();
    likely.into_iter().for_each(|entry| entries[entry as usize] = Some(true));
    let is_found = |block: &usize| {
        let (Some((entry, place)), Some(score)) = (blocks[*block], score(marks.verdict(*block))) else { return false };
        let line = &page.lines[*block];
        let is_date = is_plain(*block) && line.digits > 0 && line.words <= DATE_WORDS && score >= thresholds.date_score;
        let is_heading = markup.settings[*block].kind == Kind::Heading && score >= thresholds.entry_heading_score;
        let stays = entries[entry as usize] == Some(true) && most(lists_staying[place.0]);
        stays && (is_date || is_heading || is_as_in_most(*block, place, score))
    };
    let found: Vec<usize> = (0..page.len()).filter(is_found).collect();
    found.into_iter().for_each(|block| marks.revoke(block, &ENTRY));
}

/// Two numbers as one key: every pair has its own.
fn mixed(one: u32, other: u32) -> u64 {
    let both = (u64::from(one) << 32 | u64::from(other)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    both ^ both >> 32
}

/// For every element the number of its list: the elements beside it of its tag and first class; and how many each has.
fn lists(markup: &Markup) -> (Vec<usize>, Vec<usize>) {
    let mut names: HashMap<(&str, &str), u32> = HashMap::with_capacity(markup.labels.len());
    let mut name_of_labels = Vec::with_capacity(markup.labels.len());
    for label in &markup.labels {
        let next = names.len() as u32;
        name_of_labels.push(*names.entry((&label.tag, label.classes().next().unwrap_or(""))).or_insert(next));
    }
    let mut numbers = ByKey::<usize>::with_capacity_and_hasher(markup.elements.len(), BuildHasherDefault::new());
    let mut counts = Vec::new();
    let number = |element: &Element| {
        let parent = element.parent.map_or(0, |parent| parent + 1);
        let number = *numbers.entry(mixed(parent, name_of_labels[element.label as usize])).or_insert_with(|| {
            counts.push(0);
            counts.len() - 1
        });
        counts[number] += 1;
        number
    };
    let of_elements = markup.elements.iter().map(number).collect();
    (of_elements, counts)
}
