//! Where a line stands to the prose of its page.

use super::super::facts::Facts;
use super::{Column, Columns, level, share};

impl Columns {
    pub(super) fn write_prose(&mut self, facts: &Facts, prose: &[u32]) {
        let count = prose.len();
        let total: u32 = prose.iter().sum();
        // The longest stretch of prose, at most three other lines between.
        let (mut best, mut best_words) = (0..0, 0);
        let (mut start, mut end, mut words) = (0, 0, 0);
        let mut run_words = vec![0u32; count];
        let mut stretches = Vec::new();
        for (line, &prose) in prose.iter().enumerate() {
            if prose == 0 {
                continue;
            }
            if words > 0 && line - end > 4 {
                stretches.push((start..end, words));
                words = 0;
            }
            if words == 0 {
                start = line;
            }
            words += prose;
            end = line + 1;
        }
        if words > 0 {
            stretches.push((start..end, words));
        }
        for (stretch, words) in stretches {
            run_words[stretch.clone()].fill(words);
            if words > best_words {
                (best, best_words) = (stretch, words);
            }
        }
        let (mut since, mut above, mut before) = (u32::MAX, 0, 0);
        self.write(
            [
                Column::SinceProse,
                Column::ProseAbove,
                Column::ProseBeforeShare,
                Column::RunSide,
                Column::RunDistance,
                Column::OwnRunWords,
            ],
            |line| {
                let far = if since == u32::MAX { 63 } else { level(since).min(62) };
                let (words_above, words_before) = (level(above), share(before, total));
                before += prose[line];
                if prose[line] > 0 {
                    (since, above) = (0, prose[line]);
                } else {
                    since = since.saturating_add(1);
                }
                let (side, distance) = if best_words == 0 {
                    (0, 0)
                } else if line < best.start {
                    (1, best.start - line)
                } else if line < best.end {
                    (2, 0)
                } else {
                    (3, line + 1 - best.end)
                };
                [far, words_above, words_before, side, level(distance as u32), level(run_words[line])]
            },
        );
        self.set_page(Column::RunShare, share(best_words, facts.lines.iter().map(|fact| fact.words).sum()));
        let (mut till, mut below) = (u32::MAX, 0);
        self.write_backwards([Column::TillProse, Column::ProseBelow], |line| {
            let values = [if till == u32::MAX { 63 } else { level(till).min(62) }, level(below)];
            if prose[line] > 0 {
                (till, below) = (0, prose[line]);
            } else {
                till = till.saturating_add(1);
            }
            values
        });
    }
}
