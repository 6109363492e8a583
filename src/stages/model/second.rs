//! The columns of the second pass: what the first pass thought of a line's neighbours, of lines like
//! it, and of the page.

use super::columns::{Column, Columns, Groups, level, share};
use super::facts::Facts;
use super::probability;

impl Columns {
    /// Writes the columns of the second pass from the first pass's scores.
    pub fn write_second(&mut self, facts: &Facts, groups: &Groups, scores: &[i32]) {
        let count = facts.lines.len();
        if count == 0 {
            return;
        }
        let odds: Vec<u32> = scores[..count].iter().map(|&score| u32::from(probability::permille(score))).collect();
        let weights: Vec<u32> = facts.lines.iter().map(|fact| fact.words.min(400) + 1).collect();
        for (line, &score) in scores.iter().take(count).enumerate() {
            self.set(Column::First, line, ((score >> 7) + 32).clamp(0, 63) as u8);
        }
        // Sums of weight and of expected own weight up to each line.
        let mut sums = vec![(0u64, 0u64); count + 1];
        for line in 0..count {
            let (all, own) = sums[line];
            sums[line + 1] = (all + u64::from(weights[line]), own + u64::from(weights[line] * odds[line]));
        }
        let between = |from: usize, to: usize| {
            let (all, own) = (sums[to].0 - sums[from].0, sums[to].1 - sums[from].1);
            if all == 0 { 0 } else { 1 + (own * 62 / (all * 1000)) as u8 }
        };
        for line in 0..count {
            self.set(Column::FirstNear, line, between(line.saturating_sub(2), (line + 3).min(count)));
            self.set(Column::FirstBefore8, line, between(line.saturating_sub(8), line));
            self.set(Column::FirstAfter8, line, between(line + 1, (line + 9).min(count)));
            self.set(Column::FirstBefore32, line, between(line.saturating_sub(32), line));
            self.set(Column::FirstAfter32, line, between(line + 1, (line + 33).min(count)));
            self.set(Column::FirstMassBefore, line, (sums[line].1 * 63 / sums[count].1.max(1)) as u8);
        }
        self.set_page(Column::FirstPage, between(0, count));
        for (column, numbers, groups) in [
            (Column::FirstShape, &groups.shape, groups.counts[0]),
            (Column::FirstMasked, &groups.masked, groups.counts[1]),
            (Column::FirstGroup, &groups.group, groups.counts[2]),
        ] {
            let mut means = vec![(0u64, 0u64); groups];
            for line in 0..count {
                let mean = &mut means[numbers[line] as usize];
                mean.0 += u64::from(weights[line]);
                mean.1 += u64::from(weights[line] * odds[line]);
            }
            for line in 0..count {
                let mean = means[numbers[line] as usize];
                self.set(column, line, (mean.1 * 63 / (mean.0 * 1000)) as u8);
            }
        }
        for line in 0..count {
            let twin = groups.twin[line] as usize;
            let value = if twin == line { 0 } else { 1 + (odds[twin] * 62 / 1000) as u8 };
            self.set(Column::FirstTwin, line, value);
        }
        self.write_rank(&odds, &weights);
        self.write_distances(&odds, &weights);
        self.write_likeness(facts, &odds);
        self.write_elements(groups, &odds, &weights);
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
        let mut sum = 0;
        for odds in (0..=1000).rev() {
            above[odds] = (sum * 63 / total) as u8;
            sum += mass[odds];
        }
        for (line, &odds) in odds.iter().enumerate() {
            self.set(Column::FirstRank, line, above[odds as usize]);
        }
        let expected = probability::best_expected(&mass).1;
        self.set_page(Column::FirstExpected, (expected * 63 / 1000) as u8);
    }

    /// How far the nearest long line is that is likely the page's own, above and below.
    fn write_distances(&mut self, odds: &[u32], weights: &[u32]) {
        let likely = |line: usize| odds[line] > 600 && weights[line] > 10;
        let mut since = 62;
        for line in 0..odds.len() {
            self.set(Column::FirstSince, line, level(since).min(63));
            since = if likely(line) { 0 } else { since + 1 };
        }
        let mut till = 62;
        for line in (0..odds.len()).rev() {
            self.set(Column::FirstTill, line, level(till).min(63));
            till = if likely(line) { 0 } else { till + 1 };
        }
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
        // A word of one place has no mean.
        words
            .iter_mut()
            .for_each(|word| word.mean = (1u64 << 40).checked_div(word.mean - 1).map_or(0, |mean| mean + 1));
        for (line, fact) in facts.lines.iter().enumerate() {
            let (mut seen, mut sum) = (0, 0);
            for &number in fact.words_in(&facts.numbers) {
                let word = words[number as usize];
                seen += u32::from(word.mean != 0);
                sum += (u64::from(word.own.saturating_sub(odds[line])) * word.mean) >> 40;
            }
            let value = if seen == 0 { 0 } else { 1 + share(sum as u32, seen * 1000).min(62) };
            self.set(Column::FirstVocabulary, line, value);
        }
    }
}
