//! Where the blocks of an HTML page stand, as columns: kinds, links, the sizes of the elements around, their names.
//!
//! Elements are looked at as far as [`UP`] levels above a block; names all the way up. Plain text has no such
//! columns.

use std::borrow::Cow;
use std::ops::Range;

use super::columns::{Column, Columns, Groups, level, share, word_score};
use super::facts::{Facts, hash_bytes, hash_words};
use super::numbering::Numbering;
use crate::line::titles;
use crate::line::{PageFeatures, fold};
use crate::page::markup::{BlockContext, Element, Inside, Kind, Markup};
use crate::stages::links::{self, Links};

/// How many elements around a block are looked at one by one.
pub const UP: usize = 4;

/// Names of an element that are looked at, at most: parts of its id and its classes.
const TERMS: usize = 40;

/// The share, in tenths, of a page's prose that its main element holds at least.
const MAIN_TENTHS: u32 = 6;

/// What markup says of a page's blocks beyond what it holds itself.
#[derive(Debug, Default, Clone)]
pub struct DomFeatures {
    /// For every label the hashes of its names.
    label_terms: Vec<Range<u32>>,
    terms: Vec<u32>,
    /// For every block the elements around it, from the inside out; the outermost stands for what is missing.
    up: Vec<[u32; UP]>,
    /// For every block what links it is made of.
    links: Vec<Links>,
    /// The declared titles' words, hashed, and the blocks that say one.
    title_words: Vec<u32>,
    titles: Vec<usize>,
}

impl DomFeatures {
    /// Reads the names and links off a page's markup.
    pub fn of(markup: &Markup, page: &PageFeatures) -> DomFeatures {
        let mut places = DomFeatures { links: links::of_blocks(markup, page), ..DomFeatures::default() };
        places.read_titles(markup, page);
        for label in &markup.labels {
            let first = places.terms.len();
            places.terms.push(hash_name(b't', label.tag.as_bytes()));
            for name in label.id.split_ascii_whitespace().chain(label.classes()) {
                push_names(name, &mut places.terms);
            }
            places.terms.truncate(first + TERMS);
            places.terms[first..].sort_unstable();
            let mut last = first;
            for at in first + 1..places.terms.len() {
                if places.terms[at] != places.terms[last] {
                    last += 1;
                    places.terms[last] = places.terms[at];
                }
            }
            places.terms.truncate(last + 1);
            places.label_terms.push(first as u32..places.terms.len() as u32);
        }
        let outwards = |element: u32| {
            let mut up = [element; UP];
            for step in 1..UP {
                up[step] = markup.elements[up[step - 1] as usize].parent.unwrap_or(up[step - 1]);
            }
            up
        };
        places.up = markup.settings.iter().map(|setting| outwards(setting.element)).collect();
        places
    }

    /// Looks for the blocks that say a declared title, the site's name left aside.
    fn read_titles(&mut self, markup: &Markup, page: &PageFeatures) {
        let titles = &markup.declared.titles;
        let keys: Vec<u64> = titles::declared(markup).collect();
        let says_title = |block: &usize| keys.contains(&page.lines[*block].key);
        self.titles = (0..page.len()).filter(says_title).collect();
        for title in titles {
            let folded = fold(title);
            hash_words(&folded, 0..folded.len(), &mut self.title_words);
        }
        self.title_words.sort_unstable();
        self.title_words.dedup();
    }

    /// The hashed names of a label: its tag, the words of its id and its classes, and these as they are.
    pub fn terms_of(&self, label: u32) -> &[u32] {
        let terms = &self.label_terms[label as usize];
        &self.terms[terms.start as usize..terms.end as usize]
    }
}

/// Appends a name as it is and, where it is made of several, its words: `post-body`, `postBody`.
fn push_names(name: &str, terms: &mut Vec<u32>) {
    let lower = match name.bytes().any(|byte| byte.is_ascii_uppercase()) {
        true => Cow::Owned(name.to_ascii_lowercase()),
        false => Cow::Borrowed(name),
    };
    terms.push(hash_name(b'n', lower.as_bytes()));
    let bytes = name.as_bytes();
    let mut start = 0;
    for at in 0..=bytes.len() {
        let is_word = |byte: u8| byte.is_ascii_alphabetic() || byte >= 0x80;
        let ends = at == bytes.len()
            || !is_word(bytes[at])
            || at > start && bytes[at].is_ascii_uppercase() && bytes[at - 1].is_ascii_lowercase();
        if ends {
            if at - start >= 2 {
                terms.push(hash_name(b'w', &lower.as_bytes()[start..at]));
            }
            start = if at < bytes.len() && is_word(bytes[at]) { at } else { at + 1 };
        }
    }
}

fn hash_name(kind: u8, name: &[u8]) -> u32 {
    hash_bytes(name, 0, name.len()).rotate_left(7) ^ u32::from(kind).wrapping_mul(0x85EB_CA6B)
}

/// What is summed up of each element and all in it.
#[derive(Clone, Copy, Default)]
struct Sums {
    words: u32,
    prose: u32,
}

/// For every element a number that it shares with those of its name beside it, and how many numbers there are.
fn sibling_numbers(elements: &[Element]) -> (Vec<u32>, usize) {
    let mut numbering = Numbering::for_at_most(elements.len());
    let number = |element: &Element| {
        let parent = element.parent.map_or(0, |parent| parent + 1);
        numbering.number(parent.wrapping_mul(0x9E37_79B1).rotate_left(13) ^ element.label)
    };
    let numbers = elements.iter().map(number).collect();
    (numbers, numbering.count())
}

impl Columns {
    /// Writes what markup says, all but the scores of names.
    pub fn write_places(&mut self, facts: &Facts, markup: &Markup, places: &DomFeatures, groups: &mut Groups) {
        let elements = &markup.elements;
        if facts.lines.is_empty() || elements.is_empty() {
            return;
        }
        let mut sums = vec![Sums::default(); elements.len()];
        for (fact, setting) in facts.lines.iter().zip(&markup.settings) {
            let sum = &mut sums[setting.element as usize];
            sum.words += fact.words;
            sum.prose += if fact.is_prose() { fact.words } else { 0 };
        }
        for element in (0..elements.len()).rev() {
            if let Some(parent) = elements[element].parent {
                let Sums { words, prose } = sums[element];
                let parent = &mut sums[parent as usize];
                (parent.words, parent.prose) = (parent.words + words, parent.prose + prose);
            }
        }
        let all = elements.iter().zip(&sums).filter(|(element, _)| element.parent.is_none());
        let prose: u32 = all.map(|(_, sums)| sums.prose).sum();
        self.write_settings(facts, markup);
        for line in 0..facts.lines.len() {
            for (step, &element) in places.up[line].iter().enumerate() {
                let (sums, element) = (sums[element as usize], &elements[element as usize]);
                self.set_step(Column::UpLinks0, step, line, share(element.linked, element.chars));
                self.set_step(Column::UpChars0, step, line, level(element.chars / 4));
                self.set_step(Column::UpBlocks0, step, line, level(element.blocks));
                self.set_step(Column::UpProse0, step, line, share(sums.prose, prose));
                self.set_step(Column::UpDensity0, step, line, share(sums.prose, sums.words));
            }
        }
        self.write_main(markup, &sums, prose);
        self.write_siblings(facts, markup, places, &sums, groups);
        self.write_page_places(markup);
        self.write_links(facts, markup, places);
        self.write_titles(facts, places);
        groups.up.clone_from(&places.up);
        groups.parents = elements.iter().map(|element| element.parent).collect();
        groups.element = markup.settings.iter().map(|setting| setting.element).collect();
    }

    fn set_step(&mut self, first: Column, step: usize, line: usize, value: u8) {
        self.column_mut(first.place() + step)[line] = value;
    }

    fn write_settings(&mut self, facts: &Facts, markup: &Markup) {
        const FLAGS: [(Inside, Column); 17] = [
            (Inside::NAV, Column::InNav),
            (Inside::HEADER, Column::InHeader),
            (Inside::FOOTER, Column::InFooter),
            (Inside::ASIDE, Column::InAside),
            (Inside::ARTICLE, Column::InArticle),
            (Inside::MAIN, Column::InMain),
            (Inside::FORM, Column::InForm),
            (Inside::HIDDEN, Column::InHidden),
            (Inside::UNSPOKEN, Column::InUnspoken),
            (Inside::NOSCRIPT.and(Inside::FALLBACK), Column::InNoscript),
            (Inside::LIST, Column::InList),
            (Inside::TABLE, Column::InTable),
            (Inside::QUOTE, Column::InQuote),
            (Inside::FIGURE, Column::InFigure),
            (Inside::DIALOG, Column::InDialog),
            (Inside::DETAILS, Column::InDetails),
            (Inside::SECTION, Column::InSection),
        ];
        let (mut since, mut above) = (62, 0);
        for (line, (fact, setting)) in facts.lines.iter().zip(&markup.settings).enumerate() {
            self.set(Column::Kind, line, setting.kind as u8);
            self.set(Column::KindLevel, line, setting.level.min(63));
            self.set(Column::Continues, line, u8::from(setting.continues));
            self.set(Column::Depth, line, level(u32::from(setting.depth)));
            for (flags, column) in FLAGS {
                if setting.inside.has_any(flags) {
                    self.set(column, line, 1);
                }
            }
            let solid = fact.chars.saturating_sub(fact.words.saturating_sub(1)).max(setting.linked);
            let links = if setting.linked == 0 { 0 } else { 1 + share(setting.linked, solid).min(62) };
            self.set(Column::LinkShare, line, links);
            self.set(Column::Unlinked, line, level((solid - setting.linked) / 4));
            if setting.kind == Kind::Heading {
                (since, above) = (0, setting.level);
            }
            self.set(Column::SinceHeading, line, level(since).min(63));
            self.set(Column::HeadingAbove, line, above.min(63));
            since += 1;
        }
    }

    /// Writes how each block stands to the page's main element: the innermost one with most of the prose.
    fn write_main(&mut self, markup: &Markup, sums: &[Sums], prose: u32) {
        let elements = &markup.elements;
        let holds_most = |element: &usize| sums[*element].prose * 10 >= prose * MAIN_TENTHS;
        let Some(main) = (0..elements.len()).rev().find(holds_most).filter(|_| prose > 0) else { return };
        let mut on_path = vec![false; elements.len()];
        markup.ancestors(main as u32).for_each(|element| on_path[element as usize] = true);
        // Levels below the main element, plus one; levels beside the path to it.
        let (mut below, mut beside) = (vec![0u32; elements.len()], vec![0u32; elements.len()]);
        for element in 0..elements.len() {
            let parent = elements[element].parent.map(|parent| parent as usize);
            let below_parent = parent.map_or(0, |parent| below[parent]);
            if element == main {
                below[element] = 1;
            } else if below_parent > 0 {
                below[element] = below_parent + 1;
            } else if !on_path[element] {
                beside[element] = 1 + parent.map_or(0, |parent| beside[parent]);
            }
        }
        for (line, setting) in markup.settings.iter().enumerate() {
            self.set(Column::MainBelow, line, level(below[setting.element as usize]));
            self.set(Column::MainBeside, line, level(beside[setting.element as usize]));
        }
    }

    /// Writes how many elements of one name stand side by side, and what blocks in elements of one name are like.
    fn write_siblings(
        &mut self,
        facts: &Facts,
        markup: &Markup,
        places: &DomFeatures,
        sums: &[Sums],
        groups: &mut Groups,
    ) {
        let elements = &markup.elements;
        let (siblings, count) = sibling_numbers(elements);
        let mut counts = vec![(0u32, 0u32); count];
        for (&number, sums) in siblings.iter().zip(sums) {
            let (count, words) = &mut counts[number as usize];
            (*count, *words) = (*count + 1, *words + sums.words);
        }
        let all: u32 = facts.lines.iter().map(|fact| fact.words).sum();
        let mut numbering = Numbering::for_at_most(facts.lines.len());
        groups.named = places
            .up
            .iter()
            .map(|up| {
                let [own, parent] = [0, 1].map(|step: usize| elements[up[step] as usize].label);
                numbering.number(own.wrapping_mul(0x85EB_CA6B).rotate_left(11) ^ parent)
            })
            .collect();
        groups.names = numbering.count();
        // Blocks, words, words of prose, characters in links.
        let mut named_sums = vec![[0u32; 4]; groups.names];
        for (line, &named) in groups.named.iter().enumerate() {
            let (fact, setting) = (&facts.lines[line], &markup.settings[line]);
            let prose = if fact.is_prose() { fact.words } else { 0 };
            let sum = &mut named_sums[named as usize];
            *sum = [sum[0] + 1, sum[1] + fact.words, sum[2] + prose, sum[3] + setting.linked];
        }
        for (line, up) in places.up.iter().enumerate() {
            for step in 0..3 {
                let (count, words) = counts[siblings[up[step] as usize] as usize];
                self.set_step(Column::Siblings0, step, line, level(count));
                self.set_step(Column::Side0, step, line, share(words, all));
            }
            let [blocks, words, prose, linked] = named_sums[groups.named[line] as usize];
            self.set(Column::NamedBlocks, line, level(blocks));
            self.set(Column::NamedProse, line, share(prose, words));
            self.set(Column::NamedLinks, line, share(linked, words * 5));
        }
    }

    /// Writes what links a block is made of, and how many of the elements beside those around it hold a date, or a block
    /// that is one link to another page of the site.
    fn write_links(&mut self, facts: &Facts, markup: &Markup, places: &DomFeatures) {
        let elements = &markup.elements;
        let (mut dated, mut linked) = (vec![false; elements.len()], vec![false; elements.len()]);
        for (line, (fact, setting)) in facts.lines.iter().zip(&markup.settings).enumerate() {
            let links = places.links[line];
            self.set(Column::OwnLink, line, links as u8);
            dated[setting.element as usize] |= fact.dated;
            linked[setting.element as usize] |= links == Links::Page;
        }
        for element in (0..elements.len()).rev() {
            if let Some(parent) = elements[element].parent {
                dated[parent as usize] |= dated[element];
                linked[parent as usize] |= linked[element];
            }
        }
        let (numbers, count) = sibling_numbers(elements);
        let mut sums = vec![[0u32; 3]; count];
        for (element, &number) in numbers.iter().enumerate() {
            let sum = &mut sums[number as usize];
            *sum = [sum[0] + 1, sum[1] + u32::from(dated[element]), sum[2] + u32::from(linked[element])];
        }
        for (line, up) in places.up.iter().enumerate() {
            for step in 0..3 {
                let [count, dated, linked] = sums[numbers[up[step] as usize] as usize];
                if count > 1 {
                    self.set_step(Column::SideDates0, step, line, share(dated, count));
                    self.set_step(Column::SideLinks0, step, line, share(linked, count));
                }
            }
        }
    }

    /// Writes how each block stands to the declared title: which side of it, how far below, how many of its words it shares.
    fn write_titles(&mut self, facts: &Facts, places: &DomFeatures) {
        let mut since = None;
        for (line, fact) in facts.lines.iter().enumerate() {
            let side = if places.titles.contains(&line) {
                since = Some(0);
                2
            } else if let Some(since) = &mut since {
                *since += 1;
                3
            } else {
                u8::from(!places.titles.is_empty())
            };
            self.set(Column::TitleSide, line, side);
            self.set(Column::SinceTitle, line, since.map_or(63, |since: u32| level(since).min(62)));
            let words = fact.words_in(&facts.words);
            let shared = words.iter().filter(|word| places.title_words.binary_search(word).is_ok()).count();
            self.set(Column::TitleWords, line, share(shared as u32, words.len() as u32));
        }
    }

    fn write_page_places(&mut self, markup: &Markup) {
        let blocks = markup.settings.len() as u32;
        let that =
            |is: &dyn Fn(&BlockContext) -> bool| markup.settings.iter().filter(|setting| is(setting)).count() as u32;
        let roots = || markup.elements.iter().filter(|element| element.parent.is_none());
        let (chars, linked) = roots().fold((0, 0), |sum, root| (sum.0 + root.chars, sum.1 + root.linked));
        let is_article = |element: &&Element| markup.labels[element.label as usize].tag == "article";
        let articles = markup.elements.iter().filter(is_article).count() as u32;
        self.set_page(Column::PageDeclared, markup.declared.kind as u8 * 8);
        self.set_page(Column::PageLinks, share(linked, chars));
        self.set_page(Column::PageArticles, level(articles * 4));
        self.set_page(Column::PageMain, share(that(&|setting| setting.inside.has(Inside::MAIN)), blocks));
        self.set_page(Column::PageParagraphs, share(that(&|setting| setting.kind == Kind::Paragraph), blocks));
        self.set_page(Column::PageTables, share(that(&|setting| setting.inside.has(Inside::TABLE)), blocks));
    }

    /// Writes what the names of the elements around each block speak for, by the weight of each hashed name.
    pub fn write_names(&mut self, markup: &Markup, places: &DomFeatures, weigh: impl Fn(u32) -> Option<i32>) {
        // The sum of the names' weights, and how many have one.
        let labels: Vec<(i32, u32)> = (0..markup.labels.len() as u32)
            .map(|label| {
                let known = places.terms_of(label).iter().filter_map(|&term| weigh(term));
                known.fold((0, 0), |(sum, count), weight| (sum + weight, count + 1))
            })
            .collect();
        let add = |one: (i32, u32), other: (i32, u32)| (one.0 + other.0, one.1 + other.1);
        let mut path = vec![((0, 0), 32u8, 32u8); markup.elements.len()];
        for (index, element) in markup.elements.iter().enumerate() {
            let own = labels[element.label as usize];
            let score = word_score(own.0, own.1);
            let (sum, worst, best) = element.parent.map_or(((0, 0), 32, 32), |parent| path[parent as usize]);
            path[index] = (add(sum, own), worst.min(score), best.max(score));
        }
        for (line, up) in places.up.iter().enumerate() {
            let label = |step: usize| labels[markup.elements[up[step] as usize].label as usize];
            let (own, near) = (label(0), add(label(0), add(label(1), label(2))));
            let (all, worst, best) = path[up[0] as usize];
            self.set(Column::NameOwn, line, word_score(own.0, own.1));
            self.set(Column::NameNear, line, word_score(near.0, near.1));
            self.set(Column::NameAll, line, word_score(all.0, all.1));
            self.set(Column::NameWorst, line, worst);
            self.set(Column::NameBest, line, best);
            self.set(Column::NameKnown, line, level(all.1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_known_by_their_words_however_they_are_joined() {
        let terms = |name: &str| {
            let mut terms = Vec::new();
            push_names(name, &mut terms);
            terms
        };
        let [body, post] = [hash_name(b'w', b"body"), hash_name(b'w', b"post")];
        for name in ["post-body", "postBody", "Post_body", "post12body", "post__body--"] {
            let terms = terms(name);
            assert!(terms.contains(&body) && terms.contains(&post) && terms.len() == 3, "{name}");
        }
        assert_ne!(terms("nav")[0], hash_name(b't', b"nav"), "a class is not a tag");
        assert_eq!(terms("é").len(), 2);
    }
}
