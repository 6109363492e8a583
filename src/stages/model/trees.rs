//! Oblivious trees over columns of small numbers, in integers.
//!
//! A tree asks all lines the same questions, so that many lines are judged at once without a branch. Where the machine
//! has AVX2 (`avx2`), leaves are looked up by shuffles too; the sums are the same.

#[cfg(target_arch = "x86_64")]
mod avx2;

use super::columns::{Columns, LANES};

/// A question: whether a column's value, some lines away, is above a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Split {
    /// The column.
    pub column: u16,
    /// Which neighbour, 0 for the line itself.
    pub shift: i8,
    /// What the value has to be above of.
    pub above: u8,
}

/// Questions of a tree.
pub const DEPTH: usize = 6;
/// Leaves of a tree.
pub const LEAVES: usize = 1 << DEPTH;

/// A tree: the same question for all lines at each level, and a score for every row of answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tree {
    /// The questions; the first gives the lowest bit of the leaf's number.
    pub splits: [Split; DEPTH],
    /// The scores of the leaves.
    pub leaves: Leaves,
}

/// The scores of a tree's leaves, a byte each, in units of [`Leaves::STEP`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Leaves {
    /// Each with [`Leaves::ZERO`] added.
    above_least: [u8; LEAVES],
}

impl Leaves {
    /// A leaf's unit in scores: scores are of 1/1024 logits, leaves of 1/512. A leaf reaches a quarter of a logit, which
    /// few would exceed, and is rounded by a thousandth.
    pub const STEP: i32 = 2;

    /// What stands for 0.
    const ZERO: u8 = 128;

    /// Leaves of so many steps.
    pub fn of(steps: &[i8; LEAVES]) -> Leaves {
        let mut above_least = [0; LEAVES];
        let above = |step: &i8| step.cast_unsigned().wrapping_add(Leaves::ZERO);
        above_least.iter_mut().zip(steps).for_each(|(to, step)| *to = above(step));
        Leaves { above_least }
    }

    /// The steps of a leaf.
    pub fn steps(&self, leaf: usize) -> i8 {
        self.above_least[leaf % LEAVES].wrapping_sub(Leaves::ZERO).cast_signed()
    }

    /// The score of a leaf.
    #[inline]
    pub fn score(&self, leaf: usize) -> i32 {
        i32::from(self.steps(leaf)) * Leaves::STEP
    }
}

/// Trees whose scores add up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Forest {
    /// The score where no tree has spoken.
    pub bias: i32,
    /// The trees.
    pub trees: Vec<Tree>,
}

impl Forest {
    /// The scores of a page's lines, in 1/[`super::probability::UNIT`] logits.
    pub fn scores(&self, columns: &Columns) -> Vec<i32> {
        let mut scores = vec![self.bias; columns.lines().next_multiple_of(LANES)];
        self.add_scores(columns, &mut scores);
        scores.truncate(columns.lines());
        scores
    }

    #[cfg(target_arch = "x86_64")]
    fn add_scores(&self, columns: &Columns, scores: &mut [i32]) {
        match pulp::x86::V3::try_new() {
            Some(simd) => avx2::add_scores(simd, &self.trees, columns, scores),
            None => add_scores(&self.trees, columns, scores),
        }
    }

    #[cfg(not(target_arch = "x86_64"))]
    fn add_scores(&self, columns: &Columns, scores: &mut [i32]) {
        add_scores(&self.trees, columns, scores);
    }
}

/// Adds the trees' scores of a page's lines, [`LANES`] of them at a time, on any machine.
fn add_scores(trees: &[Tree], columns: &Columns, scores: &mut [i32]) {
    let blocks = scores.len() / LANES;
    for tree in trees {
        let asked = tree.splits.map(|split| columns.all_lanes(usize::from(split.column), split.shift, blocks));
        for (block, scores) in scores.chunks_exact_mut(LANES).enumerate() {
            // Written so that the compiler makes vector code of the inner loop.
            let mut leaves = [0u8; LANES];
            for (level, (split, values)) in tree.splits.iter().zip(asked).enumerate() {
                let (bit, above) = (1 << level, split.above as i8);
                for (leaf, &value) in leaves.iter_mut().zip(&values[block]) {
                    // Values are below 64, so that signed bytes, which vector code compares faster, do as well.
                    *leaf |= if value as i8 > above { bit } else { 0 };
                }
            }
            for (score, &leaf) in scores.iter_mut().zip(&leaves) {
                *score += tree.leaves.score(usize::from(leaf));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::columns::{LEVELS, PAD};
    use super::*;

    /// A forest and a page's columns that follow no pattern.
    fn random(lines: usize) -> (Forest, Columns) {
        let mut state = 0x2545_F491_4F6C_DD1Du64;
        let mut below = move |bound: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as usize % bound
        };
        let count = 9;
        let mut columns = Columns::zeros(lines, count);
        for column in 0..count {
            columns.column_mut(column).iter_mut().for_each(|value| *value = below(LEVELS) as u8);
        }
        let tree = |below: &mut dyn FnMut(usize) -> usize| {
            let splits = [(); DEPTH].map(|()| Split {
                column: below(count) as u16,
                shift: below(2 * PAD + 1) as i8 - PAD as i8,
                above: below(LEVELS) as u8,
            });
            Tree { splits, leaves: Leaves::of(&[(); LEAVES].map(|()| below(256) as u8 as i8)) }
        };
        (Forest { bias: -37, trees: (0..600).map(|_| tree(&mut below)).collect() }, columns)
    }

    #[test]
    fn every_machine_comes_to_the_same_sums() {
        for lines in [0, 1, 63, 64, 65, 300] {
            let (forest, columns) = random(lines);
            let mut plain = vec![forest.bias; lines.next_multiple_of(LANES)];
            add_scores(&forest.trees, &columns, &mut plain);
            assert_eq!(forest.scores(&columns), plain[..lines]);
        }
    }

    #[test]
    fn sums_are_those_of_leaves_found_one_question_at_a_time() {
        let (forest, columns) = random(70);
        let answer = |split: &Split, line: usize| {
            let lanes = columns.all_lanes(usize::from(split.column), split.shift, 2);
            lanes[line / LANES][line % LANES] > split.above
        };
        let sum = |line: usize| {
            let leaf = |tree: &Tree| {
                (0..DEPTH).map(|level| usize::from(answer(&tree.splits[level], line)) << level).sum::<usize>()
            };
            forest.trees.iter().map(|tree| tree.leaves.score(leaf(tree))).sum::<i32>() + forest.bias
        };
        assert_eq!(forest.scores(&columns), (0..70).map(sum).collect::<Vec<_>>());
    }
}
