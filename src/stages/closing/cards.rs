//! Gives parts of entries back where the entries stay: the date of a post in an index of posts, the time of an entry of a
//! live blog, the one title of many that the model doubted.
//!
//! Entries are elements of one name side by side. What stands at the same place in each of them is of one kind.

use std::collections::HashMap;

use super::{ASIDE, Thresholds, score};
use crate::line::PageFeatures;
use crate::marks::{Marks, StageRule};
use crate::page::markup::{Kind, Markup};

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
    let blocks: Vec<Option<(u32, Place)>> = (0..page.len())
        .map(|block| {
            let setting = &markup.settings[block];
            let mut way = 0u64;
            for element in markup.ancestors(setting.element).take(LEVELS) {
                let list = lists[element as usize];
                if counts[list] >= thresholds.siblings {
                    return Some((element, (list, way, setting.kind)));
                }
                way = way.rotate_left(9) ^ crate::line::key(&markup.label(element).tag);
            }
            None
        })
        .collect();
    let mut entries: HashMap<u32, bool> = HashMap::new();
    let mut places: HashMap<Place, [usize; 2]> = HashMap::new();
    for (block, (entry, place)) in blocks.iter().enumerate().filter_map(|(block, at)| Some((block, (*at)?))) {
        let stays = marks.stays(block);
        *entries.entry(entry).or_default() |= stays;
        let [staying, all] = places.entry(place).or_default();
        (*staying, *all) = (*staying + usize::from(stays), *all + 1);
    }
    let mut lists_staying: HashMap<usize, [usize; 2]> = HashMap::new();
    for (&entry, &stays) in &entries {
        let [staying, all] = lists_staying.entry(lists[entry as usize]).or_default();
        (*staying, *all) = (*staying + usize::from(stays), *all + 1);
    }
    let most =
        |[staying, all]: [usize; 2]| staying >= thresholds.siblings && staying * 100 >= all * thresholds.sibling_share;
    let is_found = |block: &usize| {
        let (Some((entry, place)), Some(score)) = (blocks[*block], score(marks.verdict(*block))) else { return false };
        let (setting, line) = (&markup.settings[*block], &page.lines[*block]);
        let is_plain =
            !setting.inside.has_any(ASIDE) && setting.kind != Kind::Field && setting.linked * 2 <= line.chars;
        let is_date = is_plain && line.digits > 0 && line.words <= DATE_WORDS && score >= thresholds.date_score;
        let stays = entries[&entry] && most(lists_staying[&place.0]);
        stays && (is_date || score >= thresholds.sibling_score && most(places[&place]) && is_plain)
    };
    let found: Vec<usize> = (0..page.len()).filter(is_found).collect();
    found.into_iter().for_each(|block| marks.revoke(block, &ENTRY));
}

/// For every element the number of its list: the elements beside it of its tag and first class; and how many each has.
fn lists(markup: &Markup) -> (Vec<usize>, Vec<usize>) {
    let mut numbers: HashMap<(u32, &str, &str), usize> = HashMap::new();
    let mut counts = Vec::new();
    let number = |element: &crate::page::markup::Element| {
        let label = &markup.labels[element.label as usize];
        let name =
            (element.parent.map_or(0, |parent| parent + 1), label.tag.as_str(), label.classes().next().unwrap_or(""));
        let number = *numbers.entry(name).or_insert_with(|| {
            counts.push(0);
            counts.len() - 1
        });
        counts[number] += 1;
        number
    };
    let of_elements = markup.elements.iter().map(number).collect();
    (of_elements, counts)
}
