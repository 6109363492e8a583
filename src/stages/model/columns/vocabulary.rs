//! How much a line's words are those of the page's prose, and of the lines around it.

use super::super::facts::Facts;
use super::{Column, Columns, share};

impl Columns {
    /// How much a line's words are those of the page's prose, and of the lines around it.
    pub(super) fn write_vocabulary(&mut self, facts: &Facts, prose: &[u32]) {
        #[derive(Clone, Copy)]
        struct Word {
            lines: u16,
            prose: u16,
            last_line: u32,
        }
        let mut words = vec![Word { lines: 0, prose: 0, last_line: u32::MAX }; facts.distinct.len()];
        self.write([Column::NearWords], |line| {
            let (fact, own) = (&facts.lines[line], u16::from(prose[line] > 0));
            let line = line as u32;
            let mut near = 0;
            for &number in fact.words_in(&facts.numbers) {
                let word = &mut words[number as usize];
                if word.last_line != line {
                    // Up to eight lines above; no line is as far away as the one that was never seen.
                    near += u32::from(line.wrapping_sub(word.last_line.wrapping_add(1)) < 8 && word.lines > 0);
                    word.last_line = line;
                    word.lines = word.lines.saturating_add(1);
                    word.prose = word.prose.saturating_add(own);
                }
            }
            [share(near, fact.hashed)]
        });
        let prose_lines = prose.iter().filter(|&&words| words > 0).count() as u32;
        // What a word adds to four sums, each of sixteen bits, in a line that is not prose and in one that is: that it
        // counts, that other prose has it, how much of it, that no other line has it.
        let adds: Vec<[u64; 2]> = words
            .iter()
            .map(|word| {
                // Words that a third of the prose has are its function words.
                if u32::from(word.prose) * 3 > prose_lines && prose_lines > 5 {
                    return [0; 2];
                }
                [0, 1].map(|own| {
                    let elsewhere = u64::from(word.prose.saturating_sub(own));
                    1 | u64::from(elsewhere > 0) << 16 | elsewhere.min(8) << 32 | u64::from(word.lines == 1) << 48
                })
            })
            .collect();
        self.write([Column::InProse, Column::InProseMean, Column::Rare], |line| {
            let (fact, own) = (&facts.lines[line], usize::from(prose[line] > 0));
            let (mut content, mut in_prose, mut depth, mut rare) = (0u32, 0u32, 0u32, 0u32);
            // So few words that no sum runs over.
            for words in fact.words_in(&facts.numbers).chunks(4096) {
                let sums: u64 = words.iter().map(|&word| adds[word as usize][own]).sum();
                let sum = |of: u32| (sums >> (16 * of)) as u32 & 0xFFFF;
                (content, in_prose, depth, rare) = (content + sum(0), in_prose + sum(1), depth + sum(2), rare + sum(3));
            }
            let of_content = |part: u32| if content > 0 { 1 + share(part, content).min(62) } else { 0 };
            let mean = (depth * 8).checked_div(content).unwrap_or(0).min(63) as u8;
            [of_content(in_prose), mean, of_content(rare)]
        });
    }
}
