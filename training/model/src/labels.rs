//! Labels the lines of a page by aligning their words with the page's main content.
//!
//! Three neighbouring words are one sign; the longest common subsequence of the two strings of signs
//! says which words belong together. What stands in another order in the reference is found after that
//! among the reference's words that are still free.

use std::collections::HashMap;

/// For every line the share of its words that stand in the reference, in order.
pub fn align(lines: &[Vec<u32>], reference: &[Vec<u32>]) -> Vec<f32> {
    let words: Vec<u32> = lines.iter().flatten().copied().collect();
    let reference_words: Vec<u32> = reference.iter().flatten().copied().collect();
    let mut covered = vec![false; words.len()];
    let mut taken = vec![false; reference_words.len()];
    for (at, other) in common(&signs(&words), &signs(&reference_words)) {
        let width = 3.min(words.len()).min(reference_words.len());
        covered[at..at + width].fill(true);
        taken[other..other + width].fill(true);
    }
    let mut starts = Vec::with_capacity(lines.len() + 1);
    let mut start = 0;
    for line in lines {
        starts.push(start);
        start += line.len();
    }
    starts.push(start);
    let mut labels: Vec<f32> = (0..lines.len())
        .map(|line| {
            let own = &covered[starts[line]..starts[line + 1]];
            own.iter().filter(|&&covered| covered).count() as f32 / own.len().max(1) as f32
        })
        .collect();
    let mut free: HashMap<[u32; 3], u32> = HashMap::new();
    for (sign, taken) in reference_words.windows(3).zip(taken.windows(3)) {
        if !taken.contains(&true) {
            *free.entry([sign[0], sign[1], sign[2]]).or_default() += 1;
        }
    }
    let mut free_lines: HashMap<&[u32], u32> = HashMap::new();
    let mut at = 0;
    for line in reference {
        if !line.is_empty() && !taken[at..at + line.len()].contains(&true) {
            *free_lines.entry(line).or_default() += 1;
        }
        at += line.len();
    }
    for line in 0..lines.len() {
        if labels[line] >= 0.5 || lines[line].is_empty() {
            continue;
        }
        if lines[line].len() >= 4 {
            let signs: Vec<[u32; 3]> = lines[line].windows(3).map(|sign| [sign[0], sign[1], sign[2]]).collect();
            let found = signs.iter().filter(|sign| free.get(*sign).is_some_and(|&count| count > 0)).count();
            if found * 10 >= signs.len() * 7 {
                for sign in &signs {
                    if let Some(count) = free.get_mut(sign) {
                        *count = count.saturating_sub(1);
                    }
                }
                labels[line] = (found + 2) as f32 / lines[line].len() as f32;
            }
        } else if let Some(count) = free_lines.get_mut(lines[line].as_slice()).filter(|count| **count > 0) {
            let near = line.saturating_sub(2)..(line + 3).min(lines.len());
            if near.filter(|&near| near != line).any(|near| labels[near] >= 0.5) {
                *count -= 1;
                labels[line] = 1.0;
            }
        }
    }
    labels
}

/// Numbers runs of three words; runs of one where there are fewer.
fn signs(words: &[u32]) -> Vec<[u32; 3]> {
    match words.len() {
        0..3 => words.iter().map(|&word| [word, u32::MAX, u32::MAX]).collect(),
        _ => words.windows(3).map(|run| [run[0], run[1], run[2]]).collect(),
    }
}

/// The pairs of a longest common subsequence: Hyyrö's bit-parallel algorithm (2004), with its rows kept
/// so that the way back can be walked.
fn common(left: &[[u32; 3]], right: &[[u32; 3]]) -> Vec<(usize, usize)> {
    let width = right.len().div_ceil(64);
    let mut places: HashMap<[u32; 3], Vec<usize>> = HashMap::new();
    for (at, sign) in right.iter().enumerate() {
        places.entry(*sign).or_default().push(at);
    }
    let rows: Vec<usize> = (0..left.len()).filter(|&at| places.contains_key(&left[at])).collect();
    let mut state = vec![u64::MAX; width];
    let mut history = Vec::with_capacity(rows.len() * width);
    let mut matches = vec![0u64; width];
    for &row in &rows {
        let places = &places[&left[row]];
        places.iter().for_each(|&at| matches[at / 64] |= 1 << (at % 64));
        let mut carry = false;
        for (word, &matched) in state.iter_mut().zip(&matches) {
            let both = *word & matched;
            let (sum, first) = word.overflowing_add(both);
            let (sum, second) = sum.overflowing_add(u64::from(carry));
            carry = first || second;
            *word = sum | (*word - both);
        }
        history.extend_from_slice(&state);
        places.iter().for_each(|&at| matches[at / 64] = 0);
    }
    let bit = |row: usize, at: usize| history[row * width + at / 64] >> (at % 64) & 1 != 0;
    let (mut row, mut at) = (rows.len(), right.len());
    let mut pairs = Vec::new();
    while row > 0 && at > 0 {
        if bit(row - 1, at - 1) {
            at -= 1;
        } else {
            row -= 1;
            if row == 0 || bit(row - 1, at - 1) {
                at -= 1;
                pairs.push((rows[row], at));
            }
        }
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_the_reference_are_labelled_in_and_out_of_order() {
        let reference = vec![vec![1, 2, 3, 4], vec![5, 6, 7, 8, 9], vec![20, 21, 22, 23, 24]];
        let lines = vec![
            vec![20, 21, 22, 23, 24],
            vec![50, 51, 52],
            vec![1, 2, 3, 4],
            vec![2, 60, 61, 3],
            vec![5, 6, 7, 8, 9, 70, 71, 72, 73, 74],
        ];
        assert_eq!(align(&lines, &reference), [1.0, 0.0, 1.0, 0.0, 0.5]);
    }
}
