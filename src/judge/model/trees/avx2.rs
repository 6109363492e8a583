//! Sums of trees by AVX2: thirty-two lines to a register, a leaf's score looked up by shuffles of bytes.

use std::arch::x86_64::{__m128i, __m256i};

use pulp::x86::V3;

use super::super::columns::{Columns, LANES};
use super::{DEPTH, LEAVES, Leaves, Tree};

/// So many trees are summed in 16 bits.
const TREES: usize = i16::MAX as usize / Leaves::MOST as usize;

/// Lines of a register of bytes.
const WIDTH: usize = 32;

/// Adds the trees' scores of a page's lines, [`LANES`] of them at a time.
pub(super) fn add_scores(simd: V3, trees: &[Tree], columns: &Columns, scores: &mut [i32]) {
    simd.vectorize(
        #[inline(always)]
        || {
            for (block, scores) in scores.chunks_exact_mut(LANES).enumerate() {
                for trees in trees.chunks(TREES) {
                    add_few(simd, trees, columns, block * LANES, scores);
                }
            }
        },
    );
}

#[inline(always)]
fn add_few(simd: V3, trees: &[Tree], columns: &Columns, first: usize, scores: &mut [i32]) {
    // Of each register of lines the sums of eight and eight of them: unpacking takes them in this order.
    const ORDER: [[usize; 2]; 2] = [[0, 16], [8, 24]];
    let mut sums = [[simd.avx._mm256_setzero_si256(); 2]; LANES / WIDTH];
    for tree in trees {
        let answers = answers(simd, tree, columns, first);
        for (sums, answers) in sums.iter_mut().zip(&answers) {
            let low = look_up(simd, &tree.leaves.low, answers);
            let high = look_up(simd, &tree.leaves.high, answers);
            let scores = [simd.avx2._mm256_unpacklo_epi8(low, high), simd.avx2._mm256_unpackhi_epi8(low, high)];
            for (sum, score) in sums.iter_mut().zip(scores) {
                *sum = simd.avx2._mm256_add_epi16(*sum, score);
            }
        }
    }
    for (scores, sums) in scores.chunks_exact_mut(WIDTH).zip(sums) {
        for (sum, order) in sums.into_iter().zip(ORDER) {
            let sum: [[i16; 8]; 2] = pulp::cast(sum);
            for (sum, from) in sum.iter().zip(order) {
                scores[from..from + 8].iter_mut().zip(sum).for_each(|(score, &sum)| *score += i32::from(sum));
            }
        }
    }
}

/// For each register of lines the answers to a tree's questions: all bits of a byte, or none.
#[inline(always)]
fn answers(simd: V3, tree: &Tree, columns: &Columns, first: usize) -> [[__m256i; DEPTH]; LANES / WIDTH] {
    let mut answers = [[simd.avx._mm256_setzero_si256(); DEPTH]; LANES / WIDTH];
    for (level, split) in tree.splits.iter().enumerate() {
        let values = columns.lanes(usize::from(split.column), split.shift, first);
        let above = simd.avx._mm256_set1_epi8(split.above as i8);
        for (answers, values) in answers.iter_mut().zip(values.as_chunks::<WIDTH>().0) {
            // Values are below 64, so that signed bytes do as well.
            answers[level] = simd.avx2._mm256_cmpgt_epi8(pulp::cast(*values), above);
        }
    }
    answers
}

/// One byte of each line's leaf. The first four answers choose a byte of sixteen, which is what a shuffle does; the
/// last two choose among four such choices.
#[inline(always)]
fn look_up(simd: V3, leaves: &[u8; LEAVES], answers: &[__m256i; DEPTH]) -> __m256i {
    let mut place = simd.avx._mm256_setzero_si256();
    for (level, &answer) in answers[..4].iter().enumerate() {
        let bit = simd.avx2._mm256_and_si256(answer, simd.avx._mm256_set1_epi8(1 << level));
        place = simd.avx2._mm256_or_si256(place, bit);
    }
    let mut choices = [place; LEAVES / 16];
    for (choice, sixteen) in choices.iter_mut().zip(leaves.as_chunks::<16>().0) {
        let table: __m128i = pulp::cast(*sixteen);
        *choice = simd.avx2._mm256_shuffle_epi8(simd.avx2._mm256_broadcastsi128_si256(table), place);
    }
    let low = simd.avx2._mm256_blendv_epi8(choices[0], choices[1], answers[4]);
    let high = simd.avx2._mm256_blendv_epi8(choices[2], choices[3], answers[4]);
    simd.avx2._mm256_blendv_epi8(low, high, answers[5])
}
