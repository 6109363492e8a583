//! Gradient boosting of oblivious trees: every level of a tree asks one question of all lines.
//!
//! Such trees (as in CatBoost) are judged by many lines at once without a branch, and they overfit
//! little. Lines are sampled by the size of their gradients (minimal variance sampling, Ibragimov and
//! Gusev 2019).

use std::ops::Range;

use dechaff::internals::stages::model::columns::LEVELS;
use dechaff::internals::stages::model::probability;
use dechaff::internals::stages::model::trees::{DEPTH, Forest, LEAVES, Leaves, Split, Tree};
use rayon::prelude::*;

/// All pages' columns one after another, padded between pages.
pub struct Table {
    /// One column a feature.
    pub columns: Vec<Vec<u8>>,
}

/// A question that may be asked: a column, and of which neighbour.
pub type Question = (u16, i8);

/// How to train.
#[derive(Debug, Clone)]
pub struct Plan {
    /// How many trees.
    pub trees: usize,
    /// The share of its step that each tree takes.
    pub rate: f32,
    /// Questions looked at for each tree.
    pub questions: usize,
    /// Lines looked at for each tree.
    pub lines: usize,
    /// Weight of the prior that a leaf says nothing.
    pub prior: f32,
    /// Where the random numbers start.
    pub seed: u64,
}

/// Scores per logit.
const UNIT: f32 = probability::UNIT as f32;

/// No more lines than about this are trained on.
const MOST_LINES: usize = 200_000;

/// A small random generator (xorshift64*).
pub struct Random(u64);

impl Random {
    /// Numbers that depend on a seed alone.
    pub fn new(seed: u64) -> Random {
        let mut random = Random((seed + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15));
        (0..8).for_each(|_| _ = random.next());
        random
    }

    /// The next 32 bits.
    pub fn next(&mut self) -> u32 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 32) as u32
    }

    /// A number from 0 to 1.
    pub fn unit(&mut self) -> f32 {
        self.next() as f32 / u32::MAX as f32
    }
}

/// The leaf that a row falls into.
fn leaf(table: &Table, splits: &[Split], row: u32) -> usize {
    splits.iter().enumerate().fold(0, |leaf, (level, split)| {
        let value = table.columns[split.column as usize][(row as usize).wrapping_add_signed(isize::from(split.shift))];
        leaf | usize::from(value > split.above) << level
    })
}

/// The scores of some rows.
pub fn predict(forest: &Forest, table: &Table, rows: Range<usize>) -> Vec<i32> {
    rows.into_par_iter()
        .map(|row| {
            let scores = forest.trees.iter().map(|tree| tree.leaves.score(leaf(table, &tree.splits, row as u32)));
            forest.bias + scores.sum::<i32>()
        })
        .collect()
}

/// Trains on some rows of the table.
pub fn train(
    table: &Table,
    rows: &[u32],
    labels: &[f32],
    weights: &[f32],
    questions: &[Question],
    plan: &Plan,
) -> Forest {
    let mut random = Random::new(plan.seed);
    // Most lines are a word or two of a menu and weigh next to nothing: a part of them stands for the rest.
    let least = threshold(weights, MOST_LINES.min(weights.len()));
    let kept: Vec<usize> = (0..rows.len()).filter(|&row| random.unit() * least < weights[row]).collect();
    let rows: Vec<u32> = kept.iter().map(|&row| rows[row]).collect();
    let labels: Vec<f32> = kept.iter().map(|&row| labels[row]).collect();
    let weights: Vec<f32> = kept.iter().map(|&row| weights[row].max(least)).collect();
    let mean_weight = weights.iter().sum::<f32>() / weights.len() as f32;
    let weights: Vec<f32> = weights.iter().map(|weight| weight / mean_weight).collect();
    let mean =
        labels.iter().zip(&weights).map(|(label, weight)| label * weight).sum::<f32>() / weights.iter().sum::<f32>();
    let bias = (mean / (1.0 - mean)).ln();
    let mut scores = vec![bias; rows.len()];
    let mut trees = Vec::with_capacity(plan.trees);
    let (mut slopes, mut curves) = (vec![0f32; rows.len()], vec![0f32; rows.len()]);
    for _ in 0..plan.trees {
        slopes.par_iter_mut().zip(&mut curves).enumerate().for_each(|(row, (slope, curve))| {
            let probability = 1.0 / (1.0 + (-scores[row]).exp());
            *slope = weights[row] * (probability - labels[row]);
            *curve = weights[row] * probability * (1.0 - probability);
        });
        // Lines whose gradient is small are looked at seldom, and count for more when they are.
        let sizes: Vec<f32> =
            slopes.iter().zip(&curves).map(|(slope, curve)| (slope * slope + 0.3 * curve * curve).sqrt()).collect();
        let cut = threshold(&sizes, plan.lines);
        let mut chosen = Vec::with_capacity(plan.lines + plan.lines / 4);
        let mut gradients = Vec::with_capacity(plan.lines + plan.lines / 4);
        for (row, &size) in sizes.iter().enumerate() {
            let chance = (size / cut).min(1.0);
            if random.unit() < chance {
                chosen.push(rows[row]);
                gradients.push((slopes[row] / chance, curves[row] / chance));
            }
        }
        let mut asked: Vec<Question> = Vec::with_capacity(plan.questions);
        for _ in 0..plan.questions {
            asked.push(questions[random.next() as usize % questions.len()]);
        }
        asked.sort_unstable();
        asked.dedup();
        let values: Vec<Vec<u8>> = asked
            .par_iter()
            .map(|&(column, shift)| {
                let column = &table.columns[column as usize];
                chosen.iter().map(|&row| column[(row as usize).wrapping_add_signed(isize::from(shift))]).collect()
            })
            .collect();
        let mut leaves = vec![0u8; chosen.len()];
        let mut splits = [Split::default(); DEPTH];
        for (level, split) in splits.iter_mut().enumerate() {
            let count = 1 << level;
            let best = values
                .par_iter()
                .enumerate()
                .map(|(question, values)| {
                    let mut sums = vec![(0f32, 0f32); count * LEVELS];
                    for ((&value, &leaf), gradient) in values.iter().zip(&leaves).zip(&gradients) {
                        let sum = &mut sums[usize::from(leaf) * LEVELS + usize::from(value & 63)];
                        sum.0 += gradient.0;
                        sum.1 += gradient.1;
                    }
                    let totals: Vec<(f32, f32)> = sums
                        .chunks(LEVELS)
                        .map(|sums| sums.iter().fold((0.0, 0.0), |total, sum| (total.0 + sum.0, total.1 + sum.1)))
                        .collect();
                    let mut below = vec![(0f32, 0f32); count];
                    let mut best = (f32::MIN, question, 0u8);
                    for above in 0..LEVELS as u8 - 1 {
                        let mut gain = 0.0;
                        for leaf in 0..count {
                            let sum = sums[leaf * LEVELS + usize::from(above)];
                            let low = &mut below[leaf];
                            low.0 += sum.0;
                            low.1 += sum.1;
                            let high = (totals[leaf].0 - low.0, totals[leaf].1 - low.1);
                            gain += low.0 * low.0 / (low.1 + plan.prior) + high.0 * high.0 / (high.1 + plan.prior);
                        }
                        if gain > best.0 {
                            best = (gain, question, above);
                        }
                    }
                    best
                })
                .reduce(|| (f32::MIN, usize::MAX, 0), |a, b| if b.0 > a.0 || b.0 == a.0 && b.1 < a.1 { b } else { a });
            let (_, question, above) = best;
            for (leaf, &value) in leaves.iter_mut().zip(&values[question]) {
                *leaf |= u8::from(value > above) << level;
            }
            *split = Split { column: asked[question].0, shift: asked[question].1, above };
        }
        // The leaves' values are settled on all lines.
        let places: Vec<u8> = rows.par_iter().map(|&row| leaf(table, &splits, row) as u8).collect();
        let mut sums = [(0f64, 0f64); LEAVES];
        for (row, &place) in places.iter().enumerate() {
            sums[usize::from(place)].0 += f64::from(slopes[row]);
            sums[usize::from(place)].1 += f64::from(curves[row]);
        }
        let leaves = Leaves::of(&sums.map(|(slope, curve)| {
            let score = -plan.rate * slope as f32 / (curve as f32 + plan.prior) * UNIT;
            (score / Leaves::STEP as f32).round() as i8
        }));
        scores
            .par_iter_mut()
            .zip(&places)
            .for_each(|(score, &place)| *score += leaves.score(usize::from(place)) as f32 / UNIT);
        trees.push(Tree { splits, leaves });
    }
    Forest { bias: (bias * UNIT).round() as i32, trees }
}

/// The size at which a line is always looked at, so that about `wanted` lines are; found on a part of them.
fn threshold(sizes: &[f32], wanted: usize) -> f32 {
    let stride = (sizes.len() / 8192).max(1);
    let sizes: Vec<f32> = sizes.iter().step_by(stride).copied().collect();
    let wanted = (wanted / stride) as f64;
    let (mut low, mut high) = (0f32, sizes.iter().copied().fold(1e-6, f32::max) * sizes.len() as f32);
    for _ in 0..40 {
        let middle = (low + high) / 2.0;
        let expected: f64 = sizes.iter().map(|&size| f64::from((size / middle).min(1.0))).sum();
        if expected > wanted { low = middle } else { high = middle }
    }
    high.max(1e-12)
}
