//! Oblivious trees over columns of small numbers, in integers.
//!
//! A tree asks all lines the same questions, so that many lines are judged at once without a branch. Where the machine
//! has AVX2 (`avx2`), leaves are looked up by shuffles too; the sums are the same.

#[cfg(target_arch = "x86_64")]
mod avx2;

use std::array;

use wide::u8x16;

use super::columns::{Columns, LANES, LEVELS};

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
///
/// Leaves are numbered here by the questions that are answered with no: a set bit is a no. They are held in the form that
/// is looked up fastest: one byte of sixteen is chosen by the first four answers, and what the last two change about it
/// is told by exclusive or.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Leaves {
    /// Where both of the last two answers are yes; what changes where the fifth is no; where the sixth is; and what
    /// changes once more where both are. Each above the least leaf.
    choices: [[u8; SIXTEEN]; LEAVES / SIXTEEN],
    /// The least leaf, [`Leaves::ZERO`] added.
    least: u8,
    /// How much the greatest leaf is above it.
    range: u8,
}

/// Leaves that the first four answers choose from.
const SIXTEEN: usize = 16;

impl Leaves {
    /// A leaf's unit in scores: scores are of 1/1024 logits, leaves of 1/512. A leaf reaches a quarter of a logit, which
    /// few would exceed, and is rounded by a thousandth.
    pub const STEP: i32 = 2;

    /// What stands for 0.
    const ZERO: u8 = 128;

    /// Leaves of so many steps.
    pub fn of(steps: &[i8; LEAVES]) -> Leaves {
        // Sixteen at a time: a run begins with the leaves of a thousand trees.
        let [neither, sixth, fifth, both] = array::from_fn(|quarter| {
            let above = steps.as_chunks::<SIXTEEN>().0[quarter].map(i8::cast_unsigned);
            let by_noes = u128::from_le_bytes(above).swap_bytes().to_le_bytes();
            u8x16::new(by_noes) ^ u8x16::splat(Leaves::ZERO)
        });
        let least = both.min(fifth).min(sixth.min(neither)).reduce_min();
        let most = both.max(fifth).max(sixth.max(neither)).reduce_max();
        let [both, fifth, sixth, neither] = [both, fifth, sixth, neither].map(|leaves| leaves - u8x16::splat(least));
        let changes = [both, both ^ fifth, both ^ sixth, both ^ fifth ^ sixth ^ neither];
        Leaves { choices: changes.map(u8x16::to_array), least, range: most - least }
    }

    /// The leaves by the answers that are no, each above the least one.
    fn by_noes(&self) -> [u8; LEAVES] {
        let [both, fifth, sixth, neither] = self.choices;
        let mut leaves = [0; LEAVES];
        for place in 0..SIXTEEN {
            leaves[place] = both[place];
            leaves[SIXTEEN + place] = both[place] ^ fifth[place];
            leaves[2 * SIXTEEN + place] = both[place] ^ sixth[place];
            leaves[3 * SIXTEEN + place] = both[place] ^ fifth[place] ^ sixth[place] ^ neither[place];
        }
        leaves
    }

    /// The least leaf's steps.
    fn least(&self) -> i32 {
        i32::from(self.least) - i32::from(Leaves::ZERO)
    }

    /// The steps of a leaf.
    pub fn steps(&self, leaf: usize) -> i8 {
        let noes = LEAVES - 1 - leaf % LEAVES;
        let [both, fifth, sixth, neither] = self.choices.map(|choice| choice[noes % SIXTEEN]);
        let change = match noes / SIXTEEN {
            0 => 0,
            1 => fifth,
            2 => sixth,
            _ => fifth ^ sixth ^ neither,
        };
        self.least.wrapping_add(both ^ change).wrapping_sub(Leaves::ZERO).cast_signed()
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
        let (scores_by_noes, least) = (tree.leaves.by_noes(), tree.leaves.least());
        for (block, scores) in scores.chunks_exact_mut(LANES).enumerate() {
            // Written so that the compiler makes vector code of the inner loop.
            let mut noes = [0u8; LANES];
            for (level, (split, values)) in tree.splits.iter().zip(asked).enumerate() {
                let (bit, above) = (1 << level, split.above.min(LEVELS as u8) as i8);
                let values: &[u8; LANES] = &values[block];
                for (noes, &value) in noes.iter_mut().zip(values) {
                    // Values are below 64, so that signed bytes, which vector code compares faster, do as well.
                    *noes |= if value as i8 > above { 0 } else { bit };
                }
            }
            for (score, &noes) in scores.iter_mut().zip(&noes) {
                *score += (least + i32::from(scores_by_noes[usize::from(noes) % LEAVES])) * Leaves::STEP;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::columns::PAD;
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
    fn leaves_are_read_as_they_were_given() {
        let (forest, _) = random(1);
        for steps in forest.trees.iter().map(|tree| std::array::from_fn(|leaf| tree.leaves.steps(leaf))).chain([
            [0; LEAVES],
            [i8::MIN; LEAVES],
            std::array::from_fn(|leaf| if leaf == 5 { i8::MAX } else { i8::MIN }),
        ]) {
            let leaves = Leaves::of(&steps);
            assert_eq!(std::array::from_fn(|leaf| leaves.steps(leaf)), steps);
            let by_noes: [i32; LEAVES] =
                std::array::from_fn(|leaf| i32::from(leaves.by_noes()[LEAVES - 1 - leaf]) + leaves.least());
            assert_eq!(by_noes, steps.map(i32::from));
        }
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
            let lanes: &[[u8; LANES]] = columns.all_lanes(usize::from(split.column), split.shift, 2);
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
