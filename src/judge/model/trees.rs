//! Oblivious trees over columns of small numbers, in integers.

use super::columns::{Columns, LANES};

/// A question: whether a column's value, some lines away, is above a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Split {
    /// The column.
    pub column: u16,
    /// Which neighbour, 0 for the line itself.
    pub shift: i8,
    /// What the value has to be above of.
    pub above: u8,
}

/// A tree: the same question for all lines at each level, and a score for every row of answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tree {
    /// The questions; the first gives the lowest bit of the leaf's number.
    pub splits: Vec<Split>,
    /// The scores of the leaves.
    pub leaves: Vec<i16>,
}

/// Adds the trees' scores to those of a page's lines. `scores` is as long as the lines rounded up to
/// [`LANES`].
pub fn add_scores(trees: &[Tree], columns: &Columns, scores: &mut [i32]) {
    for (block, scores) in scores.chunks_exact_mut(LANES).enumerate() {
        let first = block * LANES;
        for tree in trees {
            let mut leaf = [0u8; LANES];
            for (level, split) in tree.splits.iter().enumerate() {
                let values = columns.lanes(usize::from(split.column), split.shift, first);
                for (leaf, &value) in leaf.iter_mut().zip(values) {
                    *leaf |= u8::from(value > split.above) << level;
                }
            }
            for (score, &leaf) in scores.iter_mut().zip(&leaf) {
                *score += i32::from(tree.leaves[usize::from(leaf)]);
            }
        }
    }
}
