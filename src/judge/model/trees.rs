//! Oblivious trees over columns of small numbers, in integers.

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
    pub leaves: [i16; LEAVES],
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
        for (block, scores) in scores.chunks_exact_mut(LANES).enumerate() {
            let mut fours = self.trees.chunks_exact(4);
            for four in fours.by_ref() {
                let leaves = [0, 1, 2, 3].map(|tree: usize| four[tree].leaves_of(columns, block * LANES));
                for (lane, score) in scores.iter_mut().enumerate() {
                    let of = |tree: usize| i32::from(four[tree].leaves[usize::from(leaves[tree][lane]) % LEAVES]);
                    *score += of(0) + of(1) + of(2) + of(3);
                }
            }
            for tree in fours.remainder() {
                let leaves = tree.leaves_of(columns, block * LANES);
                for (score, &leaf) in scores.iter_mut().zip(&leaves) {
                    *score += i32::from(tree.leaves[usize::from(leaf) % LEAVES]);
                }
            }
        }
        scores.truncate(columns.lines());
        scores
    }
}

impl Tree {
    /// The leaves that [`LANES`] lines from `first` on fall into. Written so that the compiler makes vector code of
    /// the inner loop.
    #[inline]
    fn leaves_of(&self, columns: &Columns, first: usize) -> [u8; LANES] {
        let mut leaves = [0u8; LANES];
        for (level, split) in self.splits.iter().enumerate() {
            let values = columns.lanes(usize::from(split.column), split.shift, first);
            let (bit, above) = (1 << level, split.above as i8);
            for (leaf, &value) in leaves.iter_mut().zip(values) {
                // Values are below 64, so that signed bytes, which vector code compares faster, do as well.
                *leaf |= if value as i8 > above { bit } else { 0 };
            }
        }
        leaves
    }
}
