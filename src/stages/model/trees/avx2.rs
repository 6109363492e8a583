//! Sums of trees by AVX2: thirty-two lines to a register, a leaf's score looked up by shuffles of bytes.

use std::arch::x86_64::{__m128i, __m256i};

use pulp::NullaryFnOnce;
use pulp::x86::V3;

use super::super::columns::{Columns, LANES};
use super::{DEPTH, LEAVES, Leaves, Tree};

/// So many trees are summed in 16 bits.
const TREES: usize = (u16::MAX / u8::MAX as u16) as usize;

/// Lines of a register of bytes.
const WIDTH: usize = 32;

/// The sums of [`LANES`] lines, for each register of lines those that unpacking puts low and high.
type Sums = [[__m256i; 2]; LANES / WIDTH];

/// Adds the trees' scores of a page's lines.
pub(super) fn add_scores(simd: V3, trees: &[Tree], columns: &Columns, scores: &mut [i32]) {
    simd.vectorize(Addition { simd, trees, columns, scores });
}

struct Addition<'a> {
    simd: V3,
    trees: &'a [Tree],
    columns: &'a Columns,
    scores: &'a mut [i32],
}

impl NullaryFnOnce for Addition<'_> {
    type Output = ();

    // What is not inlined here is not compiled for AVX2: closures may not be.
    #[inline(always)]
    fn call(self) {
        let Addition { simd, trees, columns, scores } = self;
        let zeros = [[simd.avx._mm256_setzero_si256(); 2]; LANES / WIDTH];
        let mut sums = vec![zeros; scores.len() / LANES];
        for trees in trees.chunks(TREES) {
            sums.fill(zeros);
            for tree in trees {
                add_tree(simd, tree, columns, &mut sums);
            }
            for (scores, sums) in scores.chunks_exact_mut(LANES).zip(&sums) {
                add_sums(sums, trees.len(), scores);
            }
        }
    }
}

#[inline(always)]
fn add_tree(simd: V3, tree: &Tree, columns: &Columns, sums: &mut [Sums]) {
    let mut asked = [[].as_slice(); DEPTH];
    for (asked, split) in asked.iter_mut().zip(&tree.splits) {
        *asked = columns.all_lanes(usize::from(split.column), split.shift, sums.len());
    }
    for (block, sums) in sums.iter_mut().enumerate() {
        for (half, sums) in sums.iter_mut().enumerate() {
            let mut answers = [simd.avx._mm256_setzero_si256(); DEPTH];
            for level in 0..DEPTH {
                let values = asked[level][block].as_chunks::<WIDTH>().0[half];
                let above = simd.avx._mm256_set1_epi8(tree.splits[level].above as i8);
                // Values are below 64, so that signed bytes do as well.
                answers[level] = simd.avx2._mm256_cmpgt_epi8(pulp::cast(values), above);
            }
            let leaves = look_up(simd, &tree.leaves.above_least, &answers);
            let zero = simd.avx._mm256_setzero_si256();
            sums[0] = simd.avx2._mm256_add_epi16(sums[0], simd.avx2._mm256_unpacklo_epi8(leaves, zero));
            sums[1] = simd.avx2._mm256_add_epi16(sums[1], simd.avx2._mm256_unpackhi_epi8(leaves, zero));
        }
    }
}

/// Adds the sums of so many trees to the scores of their lines.
fn add_sums(sums: &Sums, trees: usize, scores: &mut [i32]) {
    let zero = i32::from(Leaves::ZERO) * trees as i32;
    // Unpacking takes the lines of a register by eights, in this order.
    const ORDER: [[usize; 2]; 2] = [[0, 16], [8, 24]];
    for (scores, sums) in scores.chunks_exact_mut(WIDTH).zip(sums) {
        for (&sum, order) in sums.iter().zip(ORDER) {
            let sum: [[u16; 8]; 2] = pulp::cast(sum);
            for (sum, from) in sum.iter().zip(order) {
                for (score, &sum) in scores[from..from + 8].iter_mut().zip(sum) {
                    *score += (i32::from(sum) - zero) * Leaves::STEP;
                }
            }
        }
    }
}

/// Each line's leaf. The first four answers choose a byte of sixteen, which is what a shuffle does; the
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
