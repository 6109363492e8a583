//! The columns of the second pass: what the first pass thought of a line's neighbours, of lines like
//! it, and of the page.

use super::columns::{Column, Columns, Groups, level, share};
use super::facts::Facts;
use super::probability;

/// So many words of a line count: one that is longer says no more.
const MOST_WORDS: u32 = 400;

/// The most lines above or below that are looked at together.
const WIDEST: usize = 32;

/// What to multiply by for the mean over so many, in units of 2^-40, rounded up; 0 over none.
const fn mean_over(count: u64) -> u64 {
    match (1u64 << 40).checked_div(count) {
        Some(mean) => mean + 1,
        None => 0,
    }
}

/// [`mean_over`] few.
static MEANS: [u64; 64] = {
    let mut means = [0; 64];
    let mut count = 0;
    while count < means.len() {
        means[count] = mean_over(count as u64);
        count += 1;
    }
    means
};

impl Columns {
    /// Writes the columns of the second pass from the first pass's scores.
    pub fn write_second(&mut self, facts: &Facts, groups: &Groups, scores: &[i32]) {
        let count = facts.lines.len();
        if count == 0 {
            return;
        }
        let odds: Vec<u32> = scores[..count].iter().map(|&score| u32::from(probability::permille(score))).collect();
        let weights: Vec<u32> = facts.lines.iter().map(|fact| fact.words.min(MOST_WORDS) + 1).collect();
        self.write([Column::First], |line| [((scores[line] >> 7) + 32).clamp(0, 63) as u8]);
        self.write_near(&odds, &weights);
        self.write_groups(groups, &odds, &weights);
        self.write_rank(&odds, &weights);
        self.write_distances(&odds, &weights);
        self.write_likeness(facts, &odds);
        self.write_elements(groups, &odds, &weights);
    }

    /// Writes how much of what stands near each line is likely the page's own, and of what stands above it.
    fn write_near(&mut self, odds: &[u32], weights: &[u32]) {
        let count = odds.len();
        // Sums of weight and of expected own weight up to each line.
        let mut sums = Vec::with_capacity(count + 1);
        let (mut all, mut own) = (0u64, 0u64);
        sums.push((all, own));
        for (&odds, &weight) in odds.iter().zip(weights) {
            (all, own) = (all + u64::from(weight), own + u64::from(weight * odds));
            sums.push((all, own));
        }
        // Windows are so small that thirty-two bits, which are divided faster, hold all products.
        const { assert!((2 * WIDEST as u64) * (MOST_WORDS as u64 + 1) * 1000 * 62 <= u32::MAX as u64) };
        let between = |from: usize, to: usize| {
            let (all, own) = ((sums[to].0 - sums[from].0) as u32, (sums[to].1 - sums[from].1) as u32);
            (own * 62).checked_div(all * 1000).map_or(0, |share| 1 + share as u8)
        };
        // The share above never falls, so that it is counted up and not divided.
        let (mut above, whole) = (0u8, own.max(1));
        self.write(
            [
                Column::FirstNear,
                Column::FirstBefore8,
                Column::FirstAfter8,
                Column::FirstBefore32,
                Column::FirstAfter32,
                Column::FirstMassBefore,
            ],
            |line| {
                while sums[line].1 * 63 >= (u64::from(above) + 1) * whole {
                    above += 1;
                }
                [
                    between(line.saturating_sub(2), (line + 3).min(count)),
                    between(line.saturating_sub(8), line),
                    between(line + 1, (line + 9).min(count)),
                    between(line.saturating_sub(WIDEST), line),
                    between(line + 1, (line + 1 + WIDEST).min(count)),
                    above,
                ]
            },
        );
        self.set_page(Column::FirstPage, if all == 0 { 0 } else { 1 + (own * 62 / (all * 1000)) as u8 });
    }

    /// Writes the means over the lines of each one's shape, of its masked key and of its group, and its twin's odds.
    fn write_groups(&mut self, groups: &Groups, odds: &[u32], weights: &[u32]) {
        let means = |numbers: &[u32], count: usize| -> Vec<u8> {
            let mut sums = vec![(0u64, 0u64); count];
            for ((&number, &odds), &weight) in numbers.iter().zip(odds).zip(weights) {
                let (all, own) = &mut sums[number as usize];
                (*all, *own) = (*all + u64::from(weight), *own + u64::from(weight * odds));
            }
            sums.iter().map(|(all, own)| (own * 63).checked_div(all * 1000).unwrap_or(0) as u8).collect()
        };
        let [shapes, masked, of_groups] = groups.counts;
        let shapes = means(&groups.shape, shapes);
        let masked = means(&groups.masked, masked);
        let of_groups = means(&groups.group, of_groups);
        self.write([Column::FirstShape, Column::FirstMasked, Column::FirstGroup, Column::FirstTwin], |line| {
            let twin = groups.twin[line] as usize;
            [
                shapes[groups.shape[line] as usize],
                masked[groups.masked[line] as usize],
                of_groups[groups.group[line] as usize],
                if twin == line { 0 } else { 1 + (odds[twin] * 62 / 1000) as u8 },
            ]
        });
    }

    /// Writes the means over the elements around each line, and over the lines in elements of the same names.
    fn write_elements(&mut self, groups: &Groups, odds: &[u32], weights: &[u32]) {
        if groups.up.is_empty() {
            return;
        }
        let mean = |(all, own): (u64, u64)| if all == 0 { 0 } else { (own * 63 / (all * 1000)) as u8 };
        let mut elements = vec![(0u64, 0u64); groups.parents.len()];
        let mut names = vec![(0u64, 0u64); groups.names];
        for (line, (&odds, &weight)) in odds.iter().zip(weights).enumerate() {
            for sum in [&mut elements[groups.element[line] as usize], &mut names[groups.named[line] as usize]] {
                sum.0 += u64::from(weight);
                sum.1 += u64::from(weight * odds);
            }
        }
        for element in (0..elements.len()).rev() {
            if let Some(parent) = groups.parents[element] {
                let (all, own) = elements[element];
                let parent = &mut elements[parent as usize];
                (parent.0, parent.1) = (parent.0 + all, parent.1 + own);
            }
        }
        for (line, up) in groups.up.iter().enumerate() {
            for (step, &element) in up.iter().enumerate() {
                let column = Column::FirstUp0.place() + step;
                self.column_mut(column)[line] = mean(elements[element as usize]);
            }
            self.set(Column::FirstNamed, line, mean(names[groups.named[line] as usize]));
        }
    }

    /// The share of the page's words that are likelier the page's own than the line, and the share
    /// that a best choice would keep.
    fn write_rank(&mut self, odds: &[u32], weights: &[u32]) {
        let mut mass = [0u64; 1001];
        for (&odds, &weight) in odds.iter().zip(weights) {
            mass[odds as usize] += u64::from(weight);
        }
        let total: u64 = mass.iter().sum();
        let mut above = [0u8; 1001];
        // The share never falls, so that it is counted up and not divided.
        let (mut sum, mut share) = (0, 0u8);
        for (above, mass) in above.iter_mut().zip(&mass).rev() {
            while sum * 63 >= (u64::from(share) + 1) * total {
                share += 1;
            }
            *above = share;
            sum += mass;
        }
        self.write([Column::FirstRank], |line| [above[odds[line] as usize]]);
        let expected = probability::best_expected(&mass).1;
        self.set_page(Column::FirstExpected, (expected * 63 / 1000) as u8);
    }

    /// How far the nearest long line is that is likely the page's own, above and below.
    fn write_distances(&mut self, odds: &[u32], weights: &[u32]) {
        let likely = |line: usize| odds[line] > 600 && weights[line] > 10;
        let mut since = 62;
        self.write([Column::FirstSince], |line| {
            let value = level(since).min(63);
            since = if likely(line) { 0 } else { since + 1 };
            [value]
        });
        let mut till = 62;
        self.write_backwards([Column::FirstTill], |line| {
            let value = level(till).min(63);
            till = if likely(line) { 0 } else { till + 1 };
            [value]
        });
    }

    /// How much a line's words are those of other lines that are likely the page's own.
    fn write_likeness(&mut self, facts: &Facts, odds: &[u32]) {
        /// A word's sum of odds, and what to multiply by for the mean over all its places but one, in units of 2^-40.
        #[derive(Clone, Copy, Default)]
        struct Word {
            own: u32,
            mean: u64,
        }
        let mut words = vec![Word::default(); facts.distinct.len()];
        for (fact, &odds) in facts.lines.iter().zip(odds) {
            for &number in fact.words_in(&facts.numbers) {
                let word = &mut words[number as usize];
                word.own += odds;
                word.mean += 1;
            }
        }
        for word in &mut words {
            let others = word.mean - 1;
            word.mean = MEANS.get(others as usize).copied().unwrap_or_else(|| mean_over(others));
        }
        self.write([Column::FirstVocabulary], |line| {
            let (mut seen, mut sum) = (0, 0);
            for &number in facts.lines[line].words_in(&facts.numbers) {
                let word = words[number as usize];
                seen += u32::from(word.mean != 0);
                sum += (u64::from(word.own.saturating_sub(odds[line])) * word.mean) >> 40;
            }
            [if seen == 0 { 0 } else { 1 + share(sum as u32, seen * 1000).min(62) }]
        });
    }
}
