//! Learns a weight for every word that enough sites use: how much it speaks for or against a line.

use std::collections::{BTreeMap, HashMap, HashSet};

/// The lines of a page as a bag of words each.
pub struct Bags<'a> {
    /// The words of each line, as numbers of the vocabulary.
    pub lines: &'a [Vec<u32>],
    /// The share of each line that is the page's own text.
    pub labels: &'a [f32],
    /// What each line weighs.
    pub weights: &'a [f32],
}

/// The terms that stand on pages of at least `domains` sites, by hash, ascending.
pub fn vocabulary<'a>(pages: impl Iterator<Item = (&'a str, &'a [Vec<u32>])>, domains: usize) -> Vec<u32> {
    let mut by_domain: BTreeMap<&str, HashSet<u32>> = BTreeMap::new();
    for (domain, lines) in pages {
        by_domain.entry(domain).or_default().extend(lines.iter().flatten());
    }
    let mut counts: HashMap<u32, usize> = HashMap::new();
    for terms in by_domain.values() {
        for &term in terms {
            *counts.entry(term).or_default() += 1;
        }
    }
    let mut terms: Vec<u32> =
        counts.into_iter().filter(|&(term, count)| term != 0 && count >= domains).map(|(term, _)| term).collect();
    terms.sort_unstable();
    terms
}

/// Learns the weights by logistic regression (AdaGrad) on bags of words; the score of a line is
/// the sum of its words' weights over the root of their number plus three.
pub fn learn(pages: &[Bags], vocabulary: usize) -> Vec<i8> {
    let epochs = 4;
    let (rate, decay) = (0.15f32, 2e-4f32);
    let mut weights = vec![0f32; vocabulary];
    let mut squares = vec![1e-2f32; vocabulary];
    let (mut bias, mut bias_square) = (0f32, 1e-2f32);
    for _ in 0..epochs {
        // Pages of one site stand together in the data: a stride spreads them.
        let stride = 7919;
        for step in 0..pages.len() {
            let page = &pages[step * stride % pages.len()];
            for ((line, &label), &weight) in page.lines.iter().zip(page.labels).zip(page.weights) {
                if line.is_empty() || weight == 0.0 {
                    continue;
                }
                let scale = 1.0 / ((line.len() + 3) as f32).sqrt();
                let score = bias + scale * line.iter().map(|&word| weights[word as usize]).sum::<f32>();
                let slope = (100.0 * weight).min(4.0) * (1.0 / (1.0 + (-score).exp()) - label);
                for &word in line {
                    let word = word as usize;
                    let slope = slope * scale + decay * weights[word];
                    squares[word] += slope * slope;
                    weights[word] -= rate * slope / squares[word].sqrt();
                }
                bias_square += slope * slope;
                bias -= 0.05 * slope / bias_square.sqrt();
            }
        }
    }
    // Eighths of a logit. A term that says next to nothing still counts as known.
    weights
        .into_iter()
        .map(|weight| match (weight * 8.0).round().clamp(-127.0, 127.0) as i8 {
            0 if weight < 0.0 => -1,
            0 => 1,
            weight => weight,
        })
        .collect()
}
