//! Where on the page a line stands, and what the page is like.

use super::super::facts::{Facts, LineFacts, Mark};
use super::super::lexicon::CONCEPTS;
use super::{Column, Columns, PAD, PAGE_CONCEPT, is_bullet, level, share};

impl Columns {
    pub(super) fn write_page(&mut self, facts: &Facts, prose: &[u32]) {
        let lines = &facts.lines;
        let count = lines.len() as u32;
        let words: u32 = lines.iter().map(|fact| fact.words).sum();
        let (mut words_before, mut gaps_before) = (0, 0);
        self.write(
            [Column::Line, Column::LineFromEnd, Column::LinePlace, Column::WordPlace, Column::GapsBefore],
            |line| {
                let (fact, number) = (&lines[line], line as u32);
                let word_place = share(words_before, words);
                gaps_before += u32::from(fact.gap > 0);
                words_before += fact.words;
                let from_end = level(count - 1 - number);
                [level(number), from_end, share(number, count), word_place, level(gaps_before)]
            },
        );
        let lines_that = |is: &dyn Fn(&LineFacts) -> bool| lines.iter().filter(|fact| is(fact)).count() as u32;
        self.set_page(Column::PageLines, level(count));
        self.set_page(Column::PageWords, level(words));
        self.set_page(Column::PageProse, share(prose.iter().sum(), words));
        self.set_page(Column::PageProseLines, level(prose.iter().filter(|&&words| words > 0).count() as u32));
        self.set_page(Column::PageBullets, share(lines_that(&is_bullet), count));
        self.set_page(Column::PageMean, level(words * 2 / count));
        self.set_page(Column::PageCapitals, share(lines_that(&|fact| fact.capitals * 3 > fact.words * 2), count));
        self.set_page(Column::PageMoney, level(lines_that(&|fact| fact.count(Mark::Money) > 0)));
        self.set_page(Column::PageNumbers, share(lines_that(&|fact| fact.digits > 0), count));
        self.set_page(Column::PageQuestions, level(lines_that(&|fact| fact.count(Mark::Loud) > 0)));
        self.set_page(Column::PageIndent, share(lines_that(&|fact| fact.indent > 0), count));
        self.write_known(facts);
        self.set_page(Column::PageStops, share(lines.iter().map(|fact| fact.stops).sum(), words));
        let mut spoken = [0; 64];
        for mut concepts in lines.iter().map(|fact| fact.concepts) {
            while concepts != 0 {
                spoken[concepts.trailing_zeros() as usize] += 1;
                concepts &= concepts - 1;
            }
        }
        for (concept, spoken) in spoken.into_iter().enumerate().take(CONCEPTS) {
            let value = level(spoken * 256 / count) & !7;
            if value == 0 {
                continue;
            }
            let start = (PAGE_CONCEPT + concept) * self.stride + PAD;
            self.cells[start..start + lines.len()].fill(value);
        }
    }

    /// Writes how many of a line's terms, and of the page's, have a weight.
    pub fn write_known(&mut self, facts: &Facts) {
        let mut all = 0;
        self.write([Column::KnownShare], |line| {
            let fact = &facts.lines[line];
            all += fact.known;
            [share(fact.known, fact.hashed * 2)]
        });
        self.set_page(Column::PageKnown, share(all, facts.words.len() as u32 * 2));
    }
}
