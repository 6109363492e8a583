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
            for tree in &self.trees {
                tree.add_scores(columns, block * LANES, scores);
            }
        }
        scores.truncate(columns.lines());
        scores
    }
}

impl Tree {
    /// Adds the tree's scores to those of [`LANES`] lines from `first` on. Written so that the compiler makes
    /// vector code of the inner loops.
    #[inline]
    fn add_scores(&self, columns: &Columns, first: usize, scores: &mut [i32]) {
        let mut leaves = [0u8; LANES];
        for (level, split) in self.splits.iter().enumerate() {
            let values = columns.lanes(usize::from(split.column), split.shift, first);
            let (bit, above) = (1 << level, split.above as i8);
            for (leaf, &value) in leaves.iter_mut().zip(values) {
                // Values are below 64, so that signed bytes, which vector code compares faster, do as well.
                *leaf |= if value as i8 > above { bit } else { 0 };
            }
        }
        for (score, &leaf) in scores.iter_mut().zip(&leaves) {
            *score += i32::from(self.leaves[usize::from(leaf) % LEAVES]);
        }
    }
}
