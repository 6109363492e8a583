//! The last layer of a model: from the vector of a text to its likeliest label.

use super::matrix::Matrix;

/// What fastText adds before it takes a logarithm, which all its probabilities show.
const ADDED: f32 = 1e-5;

/// Where fastText's table of the sigmoid ends: beyond it, it is 0 or 1.
const TABLE_ENDS: f32 = 8.0;

/// How many steps the table has from one end to the other.
const TABLE_STEPS: f32 = 512.0;

/// How the products of labels become probabilities.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Loss {
    /// Labels stand in a tree by how frequent they are.
    HierarchicalSoftmax,
    /// Each label by itself: negative sampling, or one against all.
    Sigmoid,
    /// All labels together are 1.
    Softmax,
}

#[derive(Debug)]
pub(super) struct Output {
    labels: Matrix,
    loss: Loss,
    /// The two nodes below each inner node of the tree; nodes below the number of labels are labels.
    tree: Vec<[usize; 2]>,
}

impl Output {
    /// The layer whose labels have these vectors, and stood so often in what the model was trained on.
    pub(super) fn new(labels: Matrix, loss: Loss, counts: &[i64]) -> Output {
        let tree = if loss == Loss::HierarchicalSoftmax { tree(counts) } else { Vec::new() };
        Output { labels, loss, tree }
    }

    /// The likeliest label and its probability; none where no number comes out. Of labels that are alike the last, as in
    /// fastText: its table of the sigmoid has few steps.
    pub(super) fn likeliest(&self, text: &[f32]) -> Option<(usize, f32)> {
        let (label, log) = match self.loss {
            Loss::HierarchicalSoftmax => self.likeliest_leaf(text)?,
            Loss::Sigmoid => self.largest(text, |products| products.iter_mut().for_each(|x| *x = sigmoid(*x)))?,
            Loss::Softmax => self.largest(text, softmax)?,
        };
        let probability = log.exp().min(1.0);
        probability.is_finite().then_some((label, probability))
    }

    fn largest(&self, text: &[f32], activate: impl Fn(&mut [f32])) -> Option<(usize, f32)> {
        let mut products: Vec<f32> = (0..self.labels.len()).map(|label| self.labels.product(label, text)).collect();
        activate(&mut products);
        let logs = products.into_iter().map(|number| (number + ADDED).ln()).enumerate();
        logs.filter(|(_, log)| log.is_finite()).reduce(|best, next| if next.1 >= best.1 { next } else { best })
    }

    /// The leaf of the tree whose path is likeliest.
    fn likeliest_leaf(&self, text: &[f32]) -> Option<(usize, f32)> {
        let labels = self.labels.len();
        let mut best: Option<(usize, f32)> = None;
        let mut open = vec![((labels + self.tree.len()).checked_sub(1)?, 0.0_f32)];
        while let Some((node, log)) = open.pop() {
            if best.is_some_and(|(_, most)| log < most) || log.is_nan() {
                continue;
            }
            let Some(inner) = node.checked_sub(labels) else {
                if best.is_none_or(|(_, most)| log >= most) {
                    best = Some((node, log));
                }
                continue;
            };
            let [left, right] = *self.tree.get(inner)?;
            let turns_right = 1.0 / (1.0 + (-self.labels.product(inner, text)).exp());
            open.push((right, log + (turns_right + ADDED).ln()));
            open.push((left, log + (1.0 - turns_right + ADDED).ln()));
        }
        best
    }
}

/// The tree of labels that fastText builds: the two rarest nodes are joined until one is left. Labels come by their counts,
/// the most frequent first.
fn tree(counts: &[i64]) -> Vec<[usize; 2]> {
    let mut joined: Vec<[usize; 2]> = Vec::new();
    let mut sums: Vec<i64> = Vec::new();
    let (mut leaves, mut next) = (counts.len(), 0);
    while joined.len() + 1 < counts.len() {
        let mut sum = 0_i64;
        let mut rarest = || {
            let leaf = leaves.checked_sub(1).map(|leaf| (leaf, counts[leaf]));
            let node = sums.get(next).map(|&sum| (counts.len() + next, sum));
            let (taken, count) = match (leaf, node) {
                (Some(leaf), Some(node)) if leaf.1 >= node.1 => node,
                (Some(leaf), _) => leaf,
                (None, node) => node?,
            };
            if taken < counts.len() {
                leaves -= 1
            } else {
                next += 1
            }
            sum = sum.saturating_add(count);
            Some(taken)
        };
        let (Some(left), Some(right)) = (rarest(), rarest()) else { break };
        joined.push([left, right]);
        sums.push(sum);
    }
    joined
}

fn softmax(products: &mut [f32]) {
    let most = products.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    products.iter_mut().for_each(|x| *x = (*x - most).exp());
    let all: f32 = products.iter().sum();
    products.iter_mut().for_each(|x| *x /= all);
}

/// The sigmoid as fastText's table has it.
fn sigmoid(x: f32) -> f32 {
    if x < -TABLE_ENDS {
        return 0.0;
    }
    if x > TABLE_ENDS {
        return 1.0;
    }
    let step = ((x + TABLE_ENDS) * TABLE_STEPS / TABLE_ENDS / 2.0).floor();
    let at = step * 2.0 * TABLE_ENDS / TABLE_STEPS - TABLE_ENDS;
    1.0 / (1.0 + (-at).exp())
}
